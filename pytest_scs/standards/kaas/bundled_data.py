# SPDX-License-Identifier: Apache-2.0
"""The data files about clusters: what is known of Kubernetes' releases (docs/standards/scs-0210.md#data)."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pytest_scs.base import datafiles, yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import FormError
from pytest_scs.base.paths import SCOPES
from pytest_scs.base.strict_json import NoStrictJson, read_json
from pytest_scs.standards.datum import Content, Datum, Source
from pytest_scs.standards.kaas.version_data import VersionData, from_plain, to_plain
from pytest_scs.standards.kaas.version_policy import USABLE
from pytest_scs.standards.scope_data import scope_reader

#: The bundled set of version data.
VERSIONS_FILE: Final = Path(__file__).parent / "data" / "k8s-versions.json"

_WHAT: Final = "Kubernetes version data"
_WEBSITE: Final = "https://raw.githubusercontent.com/kubernetes/website/main/"
_STANDARDS: Final = "https://raw.githubusercontent.com/SovereignCloudStack/standards/main/"
_FEED: Final = "https://kubernetes.io/docs/reference/issues-security/official-cve-feed/index.json"

#: Where each part of a newer set is; the releases may have another name, or be those of endoflife.date.
RELEASES: Final = Source("https://api.github.com/repos/kubernetes/kubernetes/releases?per_page=100", "releases")
RELEASES_AS_JSON: Final = Source("", "releases.json")
TAGS: Final = Source("", "releases/kubernetes.json")
SCHEDULE: Final = Source(_WEBSITE + "data/releases/schedule.yaml", "data/releases/schedule.yaml")
ENDS: Final = Source(_WEBSITE + "data/releases/eol.yaml", "data/releases/eol.yaml")
CVE_INDEX: Final = Source(_FEED, "index.json")
OFFICIAL_TABLE: Final = Source(
    _STANDARDS + "Tests/kaas/scs_0210_version_policy/k8s-eol-data.yml",
    "Tests/kaas/scs_0210_version_policy/k8s-eol-data.yml",
)


def cve_source(identity: str) -> Source:
    """Where the record of a CVE is: one request each online, one file each in a folder."""
    return Source(f"https://cveawg.mitre.org/api/cve/{identity}", f"{identity}.json")


def parse_versions(text: str, name: str) -> VersionData:
    """The set in a file of ours; raises InputError, in one line, for anything else."""
    try:
        return from_plain(read_json(text), "it")
    except (NoStrictJson, FormError) as error:
        raise InputError(f"{name}: {error}") from None


def load_versions(path: Path) -> VersionData:
    """The set in a file that a user names (``--scs-k8s-data``); raises InputError."""
    return parse_versions(yamlfile.read_text(path, _WHAT), str(path))


def user_copy() -> Path:
    """The copy that ``scs data refresh`` keeps: in the folder of caches, unless the variable names another folder."""
    if os.environ.get(datafiles.VARIABLE):
        return datafiles.user_folder() / VERSIONS_FILE.name
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(caches, "pytest-scs", VERSIONS_FILE.name)


def current_versions() -> tuple[VersionData, bool]:
    """The set that is used where none is named: the user's copy if it is newer, else the bundled one; which it is.

    Raises InputError for a damaged copy.
    """
    bundled = load_versions(VERSIONS_FILE)
    path = user_copy()
    if not path.exists():
        return bundled, False
    try:
        copied = load_versions(path)
    except InputError as error:
        raise InputError(f"{error}; delete it, or write it anew: scs data refresh kubernetes") from None
    return (copied, True) if is_newer(copied, bundled) else (bundled, False)


def is_newer(one: VersionData, other: VersionData) -> bool:
    """Whether a set knows more: by its own age, else by that of the official suite's table in it."""
    return (one.generated_at, one.official.copied_at) > (other.generated_at, other.official.copied_at)


def dump_versions(data: VersionData) -> str:
    """The text of a file of ours: an entry of a list a line, so that people and differences can read it."""
    lines = []
    for key, value in to_plain(data).items():
        if isinstance(value, list) and value:
            entries = ",\n  ".join(json.dumps(entry) for entry in value)
            lines.append(f" {json.dumps(key)}: [\n  {entries}\n ]")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def describe(data: VersionData) -> Content:
    """What a set says, item by item."""
    return dict(_items(data))


def _items(data: VersionData) -> Iterator[tuple[str, str]]:
    for dates in data.branches.values():
        maintenance = f", maintenance from {dates.maintenance}" if dates.maintenance else ""
        yield f"branch {dates.branch}", f"released {dates.released}{maintenance}, end of life {dates.eol}"
    for release in data.releases:
        about = "" if release.exact else "about "
        yield f"release {release.version}", f"published {about}{release.published_at.date()}"
    for branch, day in data.official.ends.items():
        yield f"official table, {branch}", f"end of life {day}"
    for cve in data.cves:
        yield cve.identity, f"score {cve.score:g}, {len(cve.affected)} ranges"


class VersionDatum(Datum):
    """The version data among the data files: they say themselves of which day they are, and are copied elsewhere."""

    @property
    def copy(self) -> Path:
        """Where the user's copy is, or would be."""
        return user_copy()

    def as_copy(self, text: str, day: dt.date, source: str) -> str:
        """The text as it is: it says itself of which instant it is, and where it came from."""
        return text

    @property
    def path(self) -> Path:
        """The file that is read."""
        return self.copy if self.copied else self.bundled

    @property
    def copied(self) -> bool:
        """Whether that is a copy of the user's: one that is newer than the bundled file, or damaged."""
        try:
            return current_versions()[1]
        except InputError:
            return True

    @property
    def day(self) -> dt.date:
        """The day of the data that are read; raises InputError for a damaged copy."""
        return current_versions()[0].day

    @property
    def summary(self) -> str:
        """Which branches and releases these data know, and how long they do for a PASS; raises InputError."""
        data = current_versions()[0]
        first, last = min(data.branches), max(data.branches)
        newest = ", ".join(str(found[-1].version) for branch in data.branches if (found := data.of_branch(branch)))
        until = (data.generated_at + USABLE).date()
        return (
            f"branches {first} to {last}, {len(data.releases)} releases (newest {newest}), CVEs: {len(data.cves)}; "
            f"enough for a PASS until {until}"
        )

    def content(self) -> Content:
        """What these data say; raises InputError."""
        return describe(current_versions()[0])


VERSIONS: Final = VersionDatum(
    "kubernetes",
    "Kubernetes' releases, ends of life and CVEs",
    VERSIONS_FILE,
    dt.date(2026, 4, 16),
    lambda text: describe(parse_versions(text, VERSIONS_FILE.name)),
    (RELEASES, SCHEDULE, ENDS, CVE_INDEX),
    facts=True,
)

_KAAS: Final = "1fffebe6-fd4b-44d3-a36c-fc58b4bb0180"
_LOOKED_UP: Final = dt.date(2026, 8, 21)

#: Every data file about clusters.
DATA: Final[Sequence[Datum]] = (
    Datum(
        "scope-kaas",
        "official scope file, SCS-compatible KaaS",
        SCOPES / "scs-compatible-kaas.yaml",
        _LOOKED_UP,
        scope_reader("scs-compatible-kaas.yaml", _KAAS),
        (Source(_STANDARDS + "Tests/scs-compatible-kaas.yaml", "Tests/scs-compatible-kaas.yaml"),),
    ),
    Datum(
        "scope-beyond-kaas",
        "what the official suite does not test of clusters",
        SCOPES / "beyond-kaas.yaml",
        dt.date(2026, 11, 27),
        scope_reader("beyond-kaas.yaml"),
    ),
    VERSIONS,
)
