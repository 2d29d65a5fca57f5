# SPDX-License-Identifier: Apache-2.0
"""Image specs: the YAML files by which scope versions say which images scs-0104-v1 is about.

Source: scs-0104-v1, "Standard images YAML"; docs/standards/scs-0104.md#image-lists.

The official files are bundled, so that no run depends on the network; they are found by the base name of their URL.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from pytest_scs.base import datafiles, yamlfile
from pytest_scs.base.errors import InputError

_BUNDLED: Final = {
    "scs-0104-v1-images.yaml": "image-spec-v4.yaml",
    "scs-0104-v1-images-v5.yaml": "image-spec-v5.yaml",
}


class ImageSpecUnknown(Exception):
    """The content of an image spec cannot be known; the text says why."""


class Status(enum.StrEnum):
    """Whether an image of the entry has to exist."""

    MANDATORY = "mandatory"
    RECOMMENDED = "recommended"
    OPTIONAL = "optional"


@dataclasses.dataclass(frozen=True, slots=True)
class ImageEntry:
    """One entry: the image of a name or, with ``scheme``, the class of images whose names match.

    ``sources`` are the permitted prefixes of ``image_source``.
    """

    name: str
    sources: tuple[str, ...]
    status: Status = Status.OPTIONAL
    scheme: re.Pattern[str] | None = None

    @property
    def wanted(self) -> str:
        """What it looks for, for messages."""
        return f"a name matching {self.scheme.pattern}" if self.scheme else f"the name {self.name!r}"

    def selects(self, name: str | None) -> bool:
        """Whether its rule on the source is about an image of this name; a scheme may be followed by anything."""
        if name is None:
            return False
        return self.scheme.match(name) is not None if self.scheme else name == self.name

    def names(self, name: str | None) -> bool:
        """Whether an image of this name is the image it demands; a scheme must match all of it (DEV-0104-4)."""
        if name is None:
            return False
        return self.scheme.fullmatch(name) is not None if self.scheme else name == self.name


@dataclasses.dataclass(frozen=True, slots=True)
class ImageSpec:
    """An image spec and where it comes from; ``problem`` says why its content is not known, if so."""

    reference: str
    entries: tuple[ImageEntry, ...] = ()
    problem: str = ""


def load_image_spec(reference: str) -> ImageSpec:
    """The image spec behind the scope parameter ``image_spec``: an official URL, or the path of a local file.

    Raises ImageSpecUnknown for any other URL, which is never fetched, and for files that cannot be read or are no image
    specs.
    """
    if "://" in reference:
        base_name = reference.partition("?")[0].rpartition("/")[2]
        if base_name not in _BUNDLED:
            raise ImageSpecUnknown(
                f"no copy of the image spec {reference} is bundled; download it and give its path as image_spec"
            )
        return dataclasses.replace(_bundled(_BUNDLED[base_name]), reference=reference)
    try:
        document = yamlfile.load(Path(reference), "image spec")
    except (InputError, ValueError) as error:
        raise ImageSpecUnknown(str(error)) from None
    return ImageSpec(reference, _entries(document, reference))


def load_image_specs(references: Iterable[str]) -> tuple[ImageSpec, ...]:
    """The image specs behind some references; those that cannot be known carry a ``problem`` instead of entries."""
    specs = []
    for reference in references:
        try:
            specs.append(load_image_spec(reference))
        except ImageSpecUnknown as error:
            specs.append(ImageSpec(reference, problem=str(error)))
    return tuple(specs)


@functools.cache
def _bundled(file_name: str) -> ImageSpec:
    file = Path(__file__).parent / "data" / file_name
    try:
        text = datafiles.text_of(file, "image spec")
    except InputError as error:
        raise ImageSpecUnknown(str(error)) from None
    return ImageSpec(file_name, parse_image_spec(text, str(datafiles.current(file))))


def parse_image_spec(text: str, place: str) -> tuple[ImageEntry, ...]:
    """The entries of an image spec; raises ImageSpecUnknown naming the place for what is none."""
    try:
        documents = yamlfile.load_documents(text, place)
    except InputError as error:
        raise ImageSpecUnknown(str(error)) from None
    return _entries(documents[0] if len(documents) == 1 else None, place)


def _entries(document: Any, place: str) -> tuple[ImageEntry, ...]:
    images = document.get("images") if isinstance(document, dict) else None
    if not isinstance(images, list):
        raise ImageSpecUnknown(f"{place} is no image spec: a list under the key 'images' is missing")
    return tuple(_entry(entry, f"{place}, entry {number}") for number, entry in enumerate(images, 1))


def _entry(entry: Any, place: str) -> ImageEntry:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise ImageSpecUnknown(f"{place}: expected a mapping with a name")
    sources = entry.get("source")
    sources = [sources] if isinstance(sources, str) else sources
    if not isinstance(sources, list) or not sources or not all(isinstance(source, str) for source in sources):
        raise ImageSpecUnknown(f"{place}: expected 'source' to be a URL prefix or a list of some")
    try:
        status = Status(entry.get("status", Status.OPTIONAL))
        scheme = re.compile(entry["name_scheme"]) if entry.get("name_scheme") else None
    except (re.error, TypeError, ValueError) as error:
        raise ImageSpecUnknown(f"{place}: {error}") from None
    return ImageEntry(entry["name"], tuple(sources), status, scheme)
