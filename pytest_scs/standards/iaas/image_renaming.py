# SPDX-License-Identifier: Apache-2.0
"""Names of images that were renamed when a newer build took over: base name and build mark.

Source: scs-0102-v1 and -v2, "Image updating" ("e.g. build date or patch level attached");
docs/standards/scs-0102.md#renamed-images.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Final

from pytest_scs.standards.dates import parse_day, parse_official, parse_text
from pytest_scs.standards.iaas.image_rules import name_of, text_of
from pytest_scs.standards.iaas.model import Image

#: Marks that tell that an image is old, but not which build it is.
WORDS: Final = frozenset({"old", "prev"})

#: Glance takes no longer names; what else is in an evidence file is not taken apart.
_LONGEST_NAME: Final = 255

_SEPARATORS: Final = "-_"
_BRACKETS: Final = frozenset({"()", "[]"})
#: A date, possibly with a serial behind it.
_DATED = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})(?:[-._][0-9]+)?")
_VERSION = re.compile(r"[vr]?([0-9]+(?:[.-][0-9]+)*)")


@dataclasses.dataclass(frozen=True, slots=True)
class Renaming:
    """What the name of a renamed image is made of: ``base`` is the name it had, ``mark`` tells the build."""

    base: str
    mark: str


def renaming(image: Image, exists: Callable[[str], bool]) -> Renaming | None:
    """How an image was renamed; None where its name is no base name and build mark.

    ``exists`` tells whether an image of a name is there; of several base names that fit, the longest is meant.
    """
    name = name_of(image) or ""
    if len(name) > _LONGEST_NAME:
        return None
    for end in range(len(name) - 1, 0, -1):
        if _separates(name[end]) and exists(name[:end]):
            mark = attached(name[end:])
            if mark and is_build_mark(mark, image):
                return Renaming(name[:end], mark)
    return None


def attached(rest: str) -> str:
    """What is attached to a base name by blanks, ``-`` or ``_``, without brackets around it; empty if nothing is."""
    rest = rest.rstrip()
    start = 0
    while start < len(rest) and _separates(rest[start]):
        start += 1
    mark = rest[start:] if start else ""
    return mark[1:-1] if len(mark) > 2 and mark[0] + mark[-1] in _BRACKETS else mark


def is_build_mark(mark: str, image: Image) -> bool:
    """Whether this tells builds of one image apart: a date, a version or build number, a patch level, old or prev.

    The image's own ``os_version`` tells products apart, not builds, unless it is the build date.
    """
    if mark in WORDS:
        return True
    day = _day_of(mark)
    built = parse_official(image["image_build_date"])
    if day and built and day == f"{built:%Y-%m-%d}":
        return True
    version = _VERSION.fullmatch(mark)
    own = (text_of(image, "os_version") or "").strip()
    if own and own in (mark, version[1] if version else mark):
        return False
    patch_level = (text_of(image, "patchlevel") or "").strip()
    return bool(day or version) or (patch_level != "" and mark == patch_level)


def plain_name(image: Image) -> str:
    """The name without white space at its end and without a mark that can be nothing else: a date, old or prev.

    Empty for an image without name.
    """
    name = (name_of(image) or "").rstrip()
    if len(name) > _LONGEST_NAME:
        return name
    for end in range(1, len(name)):
        if _separates(name[end]) and not _separates(name[end - 1]):
            mark = attached(name[end:])
            if (mark in WORDS or _day_of(mark)) and is_build_mark(mark, image):
                return name[:end]
    return name


def officially_marked(image: Image) -> bool:
    """Whether the last word of the name is a mark that the official suite knows: old, prev or a date."""
    word = (name_of(image) or "").rpartition(" ")[2]
    return word in WORDS or (len(word.replace("-", "")) == len("YYYYMMDD") and _day_of(word) != "")


def recommended_name(image: Image, base: str) -> str:
    """What scs-0102 recommends to call a renamed image: the base name, a blank, and its build date as ``YYYYMMDD``."""
    built = parse_text(image["image_build_date"]) or parse_official(image["image_build_date"])
    return f"{base} {built:%Y%m%d}" if built else f"{base} YYYYMMDD"


def _separates(character: str) -> bool:
    return character in _SEPARATORS or character.isspace()


def _day_of(mark: str) -> str:
    """The day that a mark is about, as YYYY-MM-DD; empty if it is none of the calendar."""
    dated = _DATED.fullmatch(mark)
    day = f"{dated[1]}-{dated[3]}-{dated[4]}" if dated else ""
    return day if parse_day(day) else ""
