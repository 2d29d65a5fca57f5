# SPDX-License-Identifier: Apache-2.0
"""The report that programs read, as data; its JSON Schema (docs/report.schema.json) is made from these classes.

A field may be added, none is renamed or gets another meaning without another number in ``format``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Basis
from pytest_scs.core.judge import Judge
from pytest_scs.core.verdict import Verdict

#: Number of the form of the report.
FORMAT: Final = 1

Text = str
Instant = Annotated[str, "time in UTC, ISO 8601"]
Day = Annotated[str, "date, YYYY-MM-DD"]
Seconds = Annotated[float, "seconds"]


@dataclasses.dataclass(frozen=True, slots=True)
class ToolEntry:
    """The program that wrote the report."""

    name: str
    version: str


@dataclasses.dataclass(frozen=True, slots=True)
class CauseEntry:
    """Why there is no verdict: a kind to count by, a text to read."""

    kind: CauseKind
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class CommonCauseEntry:
    """One cause with all testcases that have no verdict because of it."""

    verdict: Annotated[Verdict, "ABORT or MISS"]
    kind: CauseKind
    text: str
    testcases: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class FindingEntry:
    """One violation of one rule by one resource."""

    rule: Annotated[str, "id of the rule, stable: scs-0102/image_source"]
    title: Annotated[str, "the rule in words"]
    resource: Annotated[str, "what violates it, in words"]
    resource_id: Annotated[str, "its id; empty where it has none"]
    expected: str
    observed: str
    hint: Annotated[str, "a command, or a sentence, that says how to mend it"]
    basis: Annotated[Basis, "who counts it: both judges, or one of them"]
    deviation: Annotated[str, "row of the differences between the judges, DEV-0102-3; empty for none"]
    counts: Annotated[bool, "whether the judge of this run counts it"]


@dataclasses.dataclass(frozen=True, slots=True)
class UndecidedEntry:
    """One resource that could not be judged, and why."""

    resource: Annotated[str, "empty for the testcase as a whole"]
    resource_id: str
    reason: str
    kind: CauseKind
    basis: Basis


@dataclasses.dataclass(frozen=True, slots=True)
class MembershipEntry:
    """A target of a scope version that contains the testcase, and the module through which it does."""

    version: Annotated[str, "label of the version: iaas-v5.1"]
    target: str
    module: str


@dataclasses.dataclass(frozen=True, slots=True)
class WaiverEntry:
    """Why a FAIL does not fail the run."""

    expires: Annotated[str, "the last day on which it counts, in UTC"]
    reason: Annotated[str, "empty, as the rest, where the report is for everybody"]
    owner: str
    ticket: str
    approved_by: str


@dataclasses.dataclass(frozen=True, slots=True)
class ResultEntry:
    """The verdict on one testcase, with all that supports it."""

    testcase: Annotated[str, "id of the testcase in the scope file"]
    standard: Annotated[str, "scs-0103; other where the testcase is of none"]
    standard_name: str
    description: str
    url: str
    decisive: Annotated[bool, "whether its FAIL fails the run"]
    manual: Annotated[bool, "whether people have to answer it"]
    memberships: tuple[MembershipEntry, ...]
    verdict: Annotated[Verdict, "by the judge of this run"]
    official: Annotated[Verdict, "by the official suite"]
    text: Annotated[Verdict, "by the text of the standard"]
    cause: Annotated[CauseEntry | None, "set for ABORT and MISS"]
    findings: tuple[FindingEntry, ...]
    waived: Annotated[tuple[WaiverEntry, ...], "what keeps a FAIL from failing the run"]
    undecided: tuple[UndecidedEntry, ...]
    warnings: tuple[str, ...]
    examined: Annotated[Mapping[str, int], "kind of object -> how many were examined"]
    requests: Annotated[int | None, "requests it took; testcases that read the same share them"]
    duration_seconds: Seconds
    attested: Annotated[str, "where people decided: when they answered"]
    as_of: Annotated[str, "where the verdict is about another time than that of the run: when, in UTC"]
    details: Annotated[str, "the traceback of an exception that nobody foresaw"]


@dataclasses.dataclass(frozen=True, slots=True)
class NeededEntry:
    """A declaration that a certificate needs along with the testcases."""

    standard: Annotated[str, "what it is known by: a standard, or the manual check itself"]
    testcase: Annotated[str, "the manual check that asks for it"]
    state: Annotated[str, "what is known of it, in words"]


@dataclasses.dataclass(frozen=True, slots=True)
class VersionEntry:
    """The verdict on one target of one scope version."""

    scope: Annotated[str, "name of the scope"]
    scope_uuid: str
    official: Annotated[bool, "whether there are certificates for the scope"]
    version: str
    label: Annotated[str, "iaas-v5.1"]
    title: Annotated[str, "SCS-compatible IaaS v5.1"]
    code: Annotated[str, "its validity on the reference date: effective, warn, draft, deprecated, not yet in force"]
    target: str
    decisive: Annotated[bool, "whether a FAIL in it fails the run"]
    complete: Annotated[bool, "whether every testcase of it was chosen; else this is no verdict on the version"]
    verdict: Annotated[Verdict, "by the judge of this run"]
    by: Annotated[Mapping[Judge, Verdict], "by each judge"]
    counts: Annotated[Mapping[Verdict, int], "number of testcases by verdict"]
    ready_to_certify: Annotated[bool | None, "null where that is no question: no certificate, or not all was chosen"]
    remark: Annotated[str, "what the verdict is good for, in words"]
    needed: Annotated[tuple[NeededEntry, ...], "declarations needed for a certificate, where one can be had"]
    testcases: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class ReadingEntry:
    """How the evidence was read."""

    read_at: Annotated[str, "time in UTC, ISO 8601; empty where nothing was read"]
    seconds: Annotated[float | None, "seconds"]
    requests: Annotated[Mapping[str, int], "requests by service or host"]
    requests_total: int
    probe_seconds: Annotated[Mapping[str, float], "probe -> seconds it took"]


@dataclasses.dataclass(frozen=True, slots=True)
class SubjectEntry:
    """All that is known of one subject."""

    platform: Annotated[str, "openstack, kubernetes"]
    name: Annotated[str, "what the user calls it"]
    report_name: Annotated[str, "its name for the compliance monitor"]
    versions: tuple[VersionEntry, ...]
    causes: tuple[CommonCauseEntry, ...]
    warnings: tuple[str, ...]
    reading: ReadingEntry
    results: tuple[ResultEntry, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class RunEntry:
    """What was judged, when, by whom, and how far."""

    judged_at: Instant
    reference_date: Day
    judge: Annotated[Judge, "whose reading decides"]
    targets: tuple[str, ...]
    verdict: Annotated[Verdict, "of all decisive testcases on all subjects"]
    chosen: Annotated[int, "testcases that were chosen"]
    expected: Annotated[int, "testcases that the scope versions contain in these targets"]
    partial: Annotated[bool, "whether filters left testcases out"]
    interrupted: Annotated[bool, "whether the run did not come to its end"]
    problems: Annotated[tuple[str, ...], "what kept the run from being complete"]
    left_incomplete: Annotated[tuple[str, ...], "what was created and could not be removed"]


@dataclasses.dataclass(frozen=True, slots=True)
class MachineReport:
    """One run of pytest-scs: what was judged, and what came out."""

    format: Annotated[Literal[1], "number of the form of this report"]
    tool: ToolEntry
    packages: Annotated[Mapping[str, str], "package -> version that was used"]
    data_as_of: Annotated[Mapping[str, str], "data file -> day it is of"]
    run: RunEntry
    subjects: tuple[SubjectEntry, ...]


def plain(value: Any) -> Any:
    """The entry as JSON's types; what UTF-8 has no spelling for is replaced."""
    if isinstance(value, str):
        # Of an enumeration the value, and not its name; half characters may come from a subject.
        text = str(value)
        return text if text.isprintable() else text.encode("utf-8", "replace").decode("utf-8")
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {plain(key): plain(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
