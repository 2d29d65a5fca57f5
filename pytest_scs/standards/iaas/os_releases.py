# SPDX-License-Identifier: Apache-2.0
"""Releases of Ubuntu (long-term support) and Debian: codenames, and which ones scs-0104-v2 asks for.

The data are bundled and age: see :attr:`OsReleases.stale_from` (docs/standards/scs-0104.md#release-data).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Final

from pytest_scs.base import yamlfile
from pytest_scs.standards.dates import add_months

#: After so many months the data must not make anybody fail: newer releases are likely.
USEFUL_MONTHS: Final = 24

_UBUNTU_LTS = re.compile(r"[0-9][02468]\.04")
_DEBIAN = re.compile(r"[0-9]{1,2}")


@dataclasses.dataclass(frozen=True, slots=True)
class Release:
    """A release; ``released`` is None where it is of no importance, or still to come."""

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
    """The data that come with the package."""
    name = "os-releases.yaml"
    (document,) = yamlfile.load_documents(
        (resources.files("pytest_scs.standards.iaas") / "data" / name).read_text("utf-8"), name
    )
    releases = {
        distro: tuple(Release(entry["version"], entry["codename"], entry.get("released")) for entry in document[distro])
        for distro in ("ubuntu", "debian")
    }
    return OsReleases(document["as_of"], releases)


def _due(distro: str, released: dt.date) -> dt.date:
    """The day from which a release has to be offered."""
    return dt.date(released.year, 4, 30) if distro == "ubuntu" else add_months(released, 1)
