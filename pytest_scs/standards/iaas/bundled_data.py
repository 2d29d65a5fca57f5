# SPDX-License-Identifier: Apache-2.0
"""The data files about clouds: where newer ones are found, and how they are read (docs/standards/framework.md)."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from pytest_scs.base.errors import InputError
from pytest_scs.base.paths import SCOPES
from pytest_scs.standards.datum import Content, Datum, Source
from pytest_scs.standards.iaas import image_spec, os_releases, tempest_list, tls_profile
from pytest_scs.standards.iaas.image_spec import ImageSpecUnknown
from pytest_scs.standards.scope_data import scope_reader

_FOLDER: Final = Path(__file__).parent / "data"
_STANDARDS: Final = "https://raw.githubusercontent.com/SovereignCloudStack/standards/main/"
_DISTRO_INFO: Final = "https://salsa.debian.org/debian/distro-info-data/-/raw/main/"

_UBUNTU: Final = re.compile(r"(?P<version>\d{1,2}\.\d{2})(?P<lts> LTS)?")
_DEBIAN: Final = re.compile(r"(?P<version>\d{1,2}(?:\.\d)?)")
_CODENAME: Final = re.compile(r"[a-z]+")


def read_images(text: str, name: str) -> Content:
    """What an image list says of each image; raises InputError for what is none, or an empty one."""
    try:
        entries = image_spec.parse_image_spec(text, name)
    except ImageSpecUnknown as error:
        raise InputError(str(error)) from None
    if not entries:
        raise InputError(f"{name}: it lists no image")
    return {
        entry.name: "; ".join(
            [entry.status, *([f"names matching {entry.scheme.pattern}"] if entry.scheme else []), *entry.sources]
        )
        for entry in entries
    }


def read_releases(text: str) -> Content:
    """What is known of each release; raises InputError for another form."""
    known = os_releases.parse_releases(text, "releases")
    return {
        f"{distro} {entry.version}": f"{entry.codename}, released {entry.released}"
        if entry.released
        else entry.codename
        for distro, entries in known.releases.items()
        for entry in entries
    }


def convert_releases(texts: Sequence[str], day: dt.date) -> str:
    """Our file out of the lists of releases that Debian keeps of both distributions, ``ubuntu.csv`` and ``debian.csv``.

    Only long-term support of Ubuntu, and Debian's releases, get a date: no other has to be offered. ``day`` becomes
    the day of the data. Raises InputError for what is no such list.
    """
    lines = [f"as_of: {day}"]
    for distro, form, text in zip(("ubuntu", "debian"), (_UBUNTU, _DEBIAN), texts, strict=True):
        lines += ["", f"{distro}:", *_releases(f"{distro}.csv", form, text)]
    return "\n".join(lines) + "\n"


def _releases(name: str, form: re.Pattern[str], text: str) -> list[str]:
    rows = csv.DictReader(text.splitlines(), restval="")
    if not {"version", "series", "release"} <= set(rows.fieldnames or ()):
        raise InputError(f"{name}: it is no list of releases: its first line lacks version, series or release")
    found: list[tuple[float, str]] = []
    for number, row in enumerate(rows, 2):
        match = form.fullmatch(row["version"].strip())
        if not match:
            continue  # Debian's unstable has no version, and the first releases had others
        codename = row["series"].strip()
        if not _CODENAME.fullmatch(codename):
            raise InputError(f"{name}:{number}: the series {codename[:60]!r} is no codename")
        dated = match.groupdict().get("lts", "yes")
        try:
            released = dt.date.fromisoformat(row["release"].strip()) if dated and row["release"].strip() else None
        except ValueError:
            raise InputError(f"{name}:{number}: {row['release'][:60]!r} is no date YYYY-MM-DD") from None
        when = f", released: {released}" if released else ""
        entry = f'  - {{version: "{match["version"]}", codename: "{codename}"{when}}}'
        found.append((float(match["version"]), entry))
    if not found:
        raise InputError(f"{name}: it lists no release")
    return [entry for _, entry in sorted(found)]


def read_tests(text: str) -> Content:
    """The path of each prescribed test; raises InputError for what is no such list."""
    found = tempest_list.parse_list(text)
    return {f"test {test.uuid}": f"{test.path} {','.join(test.attributes)}".rstrip() for test in found}


def convert_tests(texts: Sequence[str], _: dt.date) -> str:
    """Our list out of the official one, of ids as Tempest writes them; raises InputError for anything else in it."""
    lines = []
    for number, line in enumerate(texts[0].splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        test = tempest_list.parse_id(line)
        if test is None:
            raise InputError(f"the list of Tempest tests, line {number}: {line[:60]!r} is no id of a test")
        lines.append(" ".join([test.uuid, test.path, ",".join(test.attributes)]).rstrip())
    return "\n".join(lines) + "\n"


def _of_profile(text: str) -> Content:
    return {"level": tls_profile.LEVEL} if text else {}


def _standards(path: str) -> tuple[Source, ...]:
    return (Source(_STANDARDS + path, path),)


def _images_reader(name: str) -> Callable[[str], Content]:
    return lambda text: read_images(text, name)


_IAAS: Final = "50393e6f-2ae1-4c5c-a62c-3b75f2abef3f"
_LOOKED_UP: Final = dt.date(2026, 8, 21)

#: Every data file about clouds.
DATA: Final[Sequence[Datum]] = (
    Datum(
        "scope-iaas",
        "official scope file, SCS-compatible IaaS",
        SCOPES / "scs-compatible-iaas.yaml",
        _LOOKED_UP,
        scope_reader("scs-compatible-iaas.yaml", _IAAS),
        _standards("Tests/scs-compatible-iaas.yaml"),
    ),
    Datum(
        "scope-iaas-v6",
        "draft of SCS-compatible IaaS v6",
        SCOPES / "iaas-v6.yaml",
        dt.date(2026, 11, 26),
        scope_reader("iaas-v6.yaml"),
        note="draft as of 2026-09; ids of scs-0104-v2 are ours; not for the official monitor",
    ),
    Datum(
        "scope-beyond",
        "what the official suite does not test",
        SCOPES / "beyond.yaml",
        dt.date(2026, 11, 26),
        scope_reader("beyond.yaml"),
    ),
    Datum(
        "images-v4",
        "image list of scope v4",
        _FOLDER / "image-spec-v4.yaml",
        _LOOKED_UP,
        _images_reader("scs-0104-v1-images.yaml"),
        _standards("Tests/iaas/scs-0104-v1-images.yaml"),
    ),
    Datum(
        "images-v5",
        "image list of scopes v5.1 and next",
        _FOLDER / "image-spec-v5.yaml",
        _LOOKED_UP,
        _images_reader("scs-0104-v1-images-v5.yaml"),
        _standards("Tests/iaas/scs-0104-v1-images-v5.yaml"),
    ),
    Datum(
        "releases",
        "releases and codenames of Ubuntu and Debian",
        os_releases.FILE,
        dt.date(2026, 8, 1),
        read_releases,
        (
            Source(_DISTRO_INFO + "ubuntu.csv", "ubuntu.csv"),
            Source(_DISTRO_INFO + "debian.csv", "debian.csv"),
        ),
        convert_releases,
    ),
    Datum(
        "tempest",
        "list of Tempest tests",
        tempest_list.FILE,
        _LOOKED_UP,
        read_tests,
        _standards("Tests/iaas/scs_0128_e2e_testing/tempest-tests-non-admin.lst"),
        convert_tests,
    ),
    Datum(
        "tls-profile",
        "TLS profile of Mozilla, version 5.7",
        _FOLDER / "tls-profile-5.7.json",
        _LOOKED_UP,
        _of_profile,
    ),
)
