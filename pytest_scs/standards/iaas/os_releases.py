# SPDX-License-Identifier: Apache-2.0
"""Releases of Ubuntu and Debian: codenames, and which ones scs-0104-v2 asks for.

The data are bundled and age: see :attr:`OsReleases.stale_from` (docs/standards/scs-0104.md#release-data).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pytest_scs.base import datafiles, yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.standards.dates import add_months

#: The bundled data.
FILE: Final = Path(__file__).parent / "data" / "os-releases.yaml"

#: After so many months the data must not make anybody fail: newer releases are likely.
USEFUL_MONTHS: Final = 24

_UBUNTU_LTS = re.compile(r"[0-9][02468]\.04")
_DEBIAN = re.compile(r"[0-9]{1,2}")


@dataclasses.dataclass(frozen=True, slots=True)
class Release:
    """A release; ``released`` is None where no presence rule demands it, or it is still to come."""

    version: str
    codename: str
    released: dt.date | None


@dataclasses.dataclass(frozen=True, slots=True)
class OsReleases:
    """What is known of a day, ``as_of``; the releases of a distribution (``ubuntu``, ``debian``) oldest first."""

    as_of: dt.date
    releases: Mapping[str, Sequence[Release]]

    @property
    def stale_from(self) -> dt.date:
        """The first day on which the data are too old to demand anything."""
        return add_months(self.as_of, USEFUL_MONTHS) + dt.timedelta(days=1)

    def codename(self, distro: str, version: str) -> str | None:
        """The codename of a release; None where it is not known."""
        return next((entry.codename for entry in self.releases.get(distro, ()) if entry.version == version), None)

    def is_codename(self, word: str) -> bool:
        """Whether a release of any distribution has this codename."""
        return any(entry.codename == word for entries in self.releases.values() for entry in entries)

    def accepted(self, distro: str, today: dt.date, *, previous: bool = False) -> tuple[str, ...]:
        """The versions that count as the latest (or the previous) one on a day, newest first; empty if none is known.

        A new release is due on 30 April of its year (Ubuntu) or a month after its release (Debian). From its release to
        that day it counts as the latest as well as its predecessor does.
        """
        released = [entry for entry in self.releases[distro] if entry.released and entry.released <= today]
        due = sum(_due(distro, entry.released) <= today for entry in released if entry.released)
        if not due:
            return ()
        back = int(previous)
        # from the newest release back to the newest one that is due
        positions = range(len(released) - 1, due - 2, -1)
        return tuple(released[position - back].version for position in positions if position >= back)

    def is_newer(self, distro: str, version: str) -> bool:
        """Whether this could be a release that came out after the data were gathered."""
        form = _UBUNTU_LTS if distro == "ubuntu" else _DEBIAN
        newest = [entry.version for entry in self.releases[distro] if entry.released][-1]
        return form.fullmatch(version) is not None and float(version) > float(newest)


@functools.cache
def bundled_releases() -> OsReleases:
    """The data that come with the package, or the user's newer copy of them; raises InputError for a damaged one."""
    return parse_releases(datafiles.text_of(FILE, "release data"), str(datafiles.current(FILE)))


def parse_releases(text: str, place: str) -> OsReleases:
    """The releases in a file of ours; raises InputError naming the place for what is none."""
    documents = yamlfile.load_documents(text, place)
    document = documents[0] if len(documents) == 1 else None
    if not isinstance(document, dict) or type(document.get("as_of")) is not dt.date:
        raise InputError(f"{place}: it is no file of releases: the day under the key 'as_of' is missing")
    return OsReleases(
        document["as_of"],
        {distro: _releases(document.get(distro), f"{place}, {distro}") for distro in ("ubuntu", "debian")},
    )


def _releases(entries: object, place: str) -> tuple[Release, ...]:
    if not isinstance(entries, list):
        raise InputError(f"{place}: expected a list of releases")
    found = []
    for number, entry in enumerate(entries, 1):
        known = entry if isinstance(entry, dict) else {}
        version, codename, released = known.get("version"), known.get("codename"), known.get("released")
        if not (isinstance(version, str) and isinstance(codename, str) and type(released) in (dt.date, type(None))):
            raise InputError(f"{place}, entry {number}: expected version and codename as text, and released as a date")
        found.append(Release(version, codename, released))
    if not any(release.released for release in found):
        raise InputError(f"{place}: no release has a date")
    return tuple(found)


def _due(distro: str, released: dt.date) -> dt.date:
    """The day from which a release has to be offered."""
    return dt.date(released.year, 4, 30) if distro == "ubuntu" else add_months(released, 1)
