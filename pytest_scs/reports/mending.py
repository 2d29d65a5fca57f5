# SPDX-License-Identifier: Apache-2.0
"""All there is to do about a subject: by standard, each mend once, however many testcases and offenders ask for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator

from pytest_scs.base.shell import for_each, is_command, loop, script_loop
from pytest_scs.core.findings import Finding
from pytest_scs.core.results import Run, SubjectRun
from pytest_scs.core.verdict import Verdict
from pytest_scs.platforms.registry import platforms


@dataclasses.dataclass(frozen=True, slots=True)
class Mend:
    """One thing to do.

    ``body`` is a command on ``"$id"`` for each of ``ids``; without ids it is a whole command or, if it is no
    ``command``, words for people. ``findings`` are what it mends, ``testcases`` the ids of those that found them.
    ``decisive``: one of these fails the run.
    """

    body: str
    ids: tuple[str, ...]
    command: bool
    findings: tuple[Finding, ...]
    testcases: tuple[str, ...]
    decisive: bool

    @property
    def line(self) -> str:
        """One line that does all of it."""
        if len(self.ids) == 1:
            return self.findings[0].hint
        return loop(self.body, self.ids) if self.ids else self.body

    @property
    def script(self) -> str:
        """The same as part of a script, readable also with thousands of ids."""
        return script_loop(self.body, self.ids) if len(self.ids) > 1 else self.line


@dataclasses.dataclass(frozen=True, slots=True)
class StandardMends:
    """What is to be done for one ``standard`` (``scs-0102``), which ``name`` explains."""

    standard: str
    name: str
    mends: tuple[Mend, ...]

    @property
    def commands(self) -> list[Mend]:
        """Those that are commands."""
        return [mend for mend in self.mends if mend.command]

    @property
    def words(self) -> list[Mend]:
        """Those that no command can do."""
        return [mend for mend in self.mends if not mend.command]


@dataclasses.dataclass(slots=True)
class _Group:
    """Findings that the same mend mends, and the first standard among whose testcases they were found."""

    standard: str
    found: list[tuple[Finding, str, bool]] = dataclasses.field(default_factory=list)


def mends_by_standard(run: Run, subject_run: SubjectRun) -> list[StandardMends]:
    """The mends of everything the judge of the run counts as violated; standards and mends in the order of the page.

    A mend that several standards ask for stands where it is asked for first, for all of them.
    """
    programs = _programs(subject_run.subject.platform)
    groups: dict[tuple[str, bool], _Group] = {}
    names: dict[str, str] = {}
    for standard, name, finding, testcase, decisive in _found(run, subject_run):
        names[standard] = name
        body = for_each(finding.hint, finding.resource_id) if finding.resource_id else None
        if body and not is_command(body, programs):
            body = None
        group = groups.setdefault((body or finding.hint, body is not None), _Group(standard))
        group.found.append((finding, testcase, decisive))
    mends: dict[str, list[Mend]] = {}
    for (body, looped), group in groups.items():
        mends.setdefault(group.standard, []).append(_mend(body, looped, group, programs))
    return [StandardMends(standard, names[standard], tuple(alike)) for standard, alike in mends.items()]


def _found(run: Run, subject_run: SubjectRun) -> Iterator[tuple[str, str, Finding, str, bool]]:
    """Standard, its name, finding, testcase and whether that is decisive; decisive testcases first in each standard."""
    for standard, name, entries in run.selection.groups():
        for entry in sorted(entries, key=lambda entry: not entry.decisive):
            if run.concerns(subject_run, entry):
                result = subject_run.results[entry.id]
                if result.verdict(run.judge) is Verdict.FAIL:
                    for finding in result.violations(run.judge):
                        if finding.hint:
                            yield standard, name, finding, entry.id, entry.decisive


def _mend(body: str, looped: bool, group: _Group, programs: Collection[str]) -> Mend:
    findings = tuple(finding for finding, _, _ in group.found)
    return Mend(
        body=body,
        ids=tuple(dict.fromkeys(finding.resource_id for finding in findings)) if looped else (),
        command=looped or is_command(body, programs),
        findings=findings,
        testcases=tuple(dict.fromkeys(testcase for _, testcase, _ in group.found)),
        decisive=any(decisive for _, _, decisive in group.found),
    )


def _programs(platform: str) -> frozenset[str]:
    return next((known.programs for known in platforms() if known.name == platform), frozenset())
