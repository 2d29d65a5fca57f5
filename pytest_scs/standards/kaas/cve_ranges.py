# SPDX-License-Identifier: Apache-2.0
"""Which releases a CVE record calls affected, and how grave it is (docs/standards/scs-0210.md#critical)."""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pytest_scs.base.fields import is_number
from pytest_scs.base.value_words import value_in_words
from pytest_scs.standards.kaas.versions import Branch, Version

_log = logging.getLogger(__name__)

#: The product as the official suite wants it, and the components that make a version of Kubernetes; kubectl does not.
OFFICIAL_PRODUCT: Final = "Kubernetes"
_PRODUCTS: Final = frozenset(
    {"kubernetes", "kubelet", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"}
)
_SCORES: Final = ("cvssV2_0", "cvssV3_0", "cvssV3_1", "cvssV4_0")

_FULL: Final = re.compile(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:(?:-(?:alpha|beta|rc)|\+)[0-9A-Za-z.+-]*)?", re.ASCII)
_WHOLE_BRANCH: Final = re.compile(r"v?(\d{1,9})\.(\d{1,9})(\.[xX*])?", re.ASCII)
_FROM_THE_FIRST: Final = frozenset({"", "0", "0.0.0", "*", "unspecified"})
_BETWEEN: Final = re.compile(r"(\S+?)\s*-\s*(v?\d\S*)", re.ASCII)
_UP_TO: Final = re.compile(r"(<=|<|prior\s+to|before)\s*(\S+)", re.IGNORECASE)

_FIRST: Final = Version(0, 0, 0)


@dataclasses.dataclass(frozen=True, slots=True)
class Range:
    """Releases from ``introduced`` on, up to but without ``fixed``, or up to ``last_affected``; without either, all."""

    introduced: Version
    fixed: Version | None = None
    last_affected: Version | None = None

    def __contains__(self, version: object) -> bool:
        if not isinstance(version, Version) or version < self.introduced:
            return False
        if self.fixed is not None and version >= self.fixed:
            return False
        return self.last_affected is None or version <= self.last_affected

    def reaches(self, branch: Branch) -> bool:
        """Whether it may hold a release of a branch."""
        if self.introduced.branch > branch:
            return False
        if self.fixed is not None and self.fixed <= (*branch, 0):
            return False
        return self.last_affected is None or self.last_affected.branch >= branch

    @property
    def empty(self) -> bool:
        """Whether its end lies before its beginning."""
        if self.fixed is not None and self.fixed <= self.introduced:
            return True
        return self.last_affected is not None and self.last_affected < self.introduced


@dataclasses.dataclass(frozen=True, slots=True)
class CveRecord:
    """What counts of a CVE record: its gravest score, by whom and in which CVSS version, and what it affects.

    ``official``: the official suite would count it (DEV-0210-9); ``by_others``: its publisher gave no score, and others
    did.
    """

    identity: str
    score: float
    cvss: str
    official: bool
    ranges: tuple[Range, ...]
    by_others: bool = False


def read_record(record: Mapping[str, Any]) -> CveRecord | None:
    """What counts of a record in CVE format 5; None if it is rejected, without a score, or about something else.

    Raises ValueError, in words, for what is no such record. An entry of its ranges that cannot be read is left out.
    """
    identity = _text(_mapping(record.get("cveMetadata"), "cveMetadata"), "cveId")
    if not re.fullmatch(r"CVE-\d{4}-\d{4,19}", identity, re.ASCII):
        raise ValueError(f"cveId: expected the id of a CVE, got {value_in_words(identity)}")
    if record["cveMetadata"].get("state") == "REJECTED":
        return None
    containers = _mapping(record.get("containers"), "containers")
    publisher = _mapping(containers.get("cna"), "containers.cna")
    affected = _products(publisher)
    ranges = read_ranges(version for entry in affected for version in _versions(entry))
    rated = highest_score([publisher])
    by_others = rated is None
    rated = rated or highest_score(one for one in _sequence(containers.get("adp")) if isinstance(one, Mapping))
    if rated is None or not ranges:
        return None
    literal = any(entry.get("product") == OFFICIAL_PRODUCT for entry in affected)
    return CveRecord(identity, *rated, literal and not by_others, ranges, by_others)


def highest_score(containers: Iterable[Mapping[str, Any]]) -> tuple[float, str] | None:
    """The highest CVSS base score in parts of a record, and its CVSS version; None if there is none."""
    found = []
    for container in containers:
        for metric in _sequence(container.get("metrics")):
            for key in _SCORES if isinstance(metric, Mapping) else ():
                rating = metric.get(key)
                score = rating.get("baseScore") if isinstance(rating, Mapping) else None
                if isinstance(score, float | int) and is_number(score) and 0 <= score <= 10:
                    found.append((float(score), key.removeprefix("cvssV").replace("_", ".")))
    return max(found, default=None)


def read_ranges(entries: Iterable[Mapping[str, Any]]) -> tuple[Range, ...]:
    """The ranges that the entries ``versions`` of a record call affected, without those that cannot be read."""
    found = []
    for entry in entries:
        if entry.get("status") == "affected":
            if one := read_range(entry):
                found.append(one)
            else:
                _log.debug("a range of a CVE record that cannot be read: %s", entry)
    return tuple(dict.fromkeys(found))


def stops_the_official_suite(record: Mapping[str, Any]) -> bool:
    """Whether the official suite gives up at a record (DEV-0210-8): ``lessThan: 1.29.*``, bounds in the wrong order."""
    containers = record.get("containers")
    publisher = containers.get("cna") if isinstance(containers, Mapping) else None
    if not isinstance(publisher, Mapping):
        return False
    literal = [entry for entry in _products(publisher) if entry.get("product") == OFFICIAL_PRODUCT]
    return any(_is_odd(version) for entry in literal for version in _versions(entry))


def _is_odd(entry: Mapping[str, Any]) -> bool:
    if entry.get("status") != "affected":
        return False
    if any(str(entry.get(key, "")).endswith(".*") for key in _UPPER):
        return True
    bounds = [_full(str(entry.get(key, ""))) for key in ("version", *_UPPER)]
    lower, *upper = bounds
    return lower is not None and any(bound is not None and bound < lower for bound in upper)


_UPPER: Final = ("lessThan", "lessThanOrEqual")
_BOUNDS: Final = ("version", *_UPPER)


def read_range(entry: Mapping[str, Any]) -> Range | None:
    """What one entry ``versions`` of a CVE record covers; None if that cannot be read, or ends before it begins.

    Source: docs/standards/scs-0210.md#ranges.
    """
    values = [entry.get(key) for key in _BOUNDS]
    if not all(value is None or isinstance(value, str) for value in values):
        return None
    version, below, last = (None if value is None else value.strip() for value in values)
    if below is not None and last is not None:
        return None
    if below is None and last is None:
        found = _of_one(version or "")
    else:
        lower = _lower(version or "")
        found = None if lower is None else _up_to(lower, below or last or "", included=below is None)
    return None if found is None or found.empty else found


def _of_one(text: str) -> Range | None:
    """What a version alone stands for."""
    if full := _full(text):
        return Range(full, last_affected=full)
    if match := _WHOLE_BRANCH.fullmatch(text):
        lower = Version(int(match[1]), int(match[2]), 0)
        return Range(lower, fixed=_next_branch(lower))
    if match := _BETWEEN.fullmatch(text):
        lower_bound = _lower(match[1])
        return None if lower_bound is None else _up_to(lower_bound, match[2], included=True)
    if match := _UP_TO.fullmatch(text):
        return _up_to(_FIRST, match[2], included=match[1] == "<=")
    return None


def _lower(text: str) -> Version | None:
    """A lower bound, which is included; None if it cannot be read."""
    if text.lower() in _FROM_THE_FIRST:
        return _FIRST
    if full := _full(text):
        return full
    match = _WHOLE_BRANCH.fullmatch(text)
    return Version(int(match[1]), int(match[2]), 0) if match else None


def _up_to(lower: Version, text: str, *, included: bool) -> Range | None:
    """A range that ends with a version or branch, or before it."""
    if text == "*":
        return Range(lower)
    if full := _full(text):
        return Range(lower, last_affected=full) if included else Range(lower, fixed=full)
    match = _WHOLE_BRANCH.fullmatch(text)
    if match is None:
        return None
    begin = Version(int(match[1]), int(match[2]), 0)
    # ``lessThan: 1.29.*`` is how the format of records writes "all of 1.29"; ``lessThan: 1.29`` ends before 1.29.0.
    return Range(lower, fixed=_next_branch(begin) if included or match[3] else begin)


def _full(text: str) -> Version | None:
    match = _FULL.fullmatch(text)
    return Version(int(match[1]), int(match[2]), int(match[3])) if match else None


def _next_branch(version: Version) -> Version:
    return Version(version.major, version.minor + 1, 0)


def _products(container: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries ``affected`` that are about Kubernetes itself."""
    entries = [entry for entry in _sequence(container.get("affected")) if isinstance(entry, Mapping)]
    return [entry for entry in entries if str(entry.get("product", "")).strip().lower() in _PRODUCTS]


def _versions(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (version for version in _sequence(entry.get("versions")) if isinstance(version, Mapping))


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{where}: expected an object, got {value_in_words(value)}")
    return value


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""
