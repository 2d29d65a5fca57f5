# SPDX-License-Identifier: Apache-2.0
"""scs-0210: how old a version of Kubernetes may be (document: scs-0210-v2, "Decision").

One evaluation has the findings of both judges. All times are UTC, and all reasons are reported, not only the first.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided
from pytest_scs.core.judge import Judge
from pytest_scs.standards.dates import add_months
from pytest_scs.standards.kaas.version_data import Cve, Release, VersionData
from pytest_scs.standards.kaas.versions import Branch, RunningVersion, Version, read_git_version

_DAY: Final = dt.timedelta(days=1)
#: "1 month", "2 weeks" and "2 days" as the official suite counts them (scs-0210-v2; DEV-0210-6).
MONTH: Final = 31 * _DAY
CRITICAL_LIMIT: Final = 14 * _DAY
CRITICAL_WISH: Final = 2 * _DAY
#: As old may version data be for a PASS without doubt, and with a warning (docs/standards/scs-0210.md#age-of-the-data).
FRESH: Final = 14 * _DAY
USABLE: Final = 31 * _DAY
#: An end of life is announced as many days before; one that was reached within as many may have been postponed.
SOON: Final = 30
#: With fewer branches in support the official suite warns, or gives up (DEV-0210-2).
_BRANCHES_WANTED: Final = 3
_BRANCHES_NEEDED: Final = 2

CLUSTER: Final = "cluster"


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """A version of Kubernetes that runs on ``resource``, judged with some data at some instant."""

    resource: str
    version: Version
    data: VersionData
    now: dt.datetime

    @property
    def newer(self) -> list[Release]:
        """The later releases of its branch that are out, ascending."""
        known = self.data.of_branch(self.version.branch)
        return [one for one in known if one.version > self.version and one.published <= self.now]

    def age(self, release: Release) -> dt.timedelta:
        """How long a release has been out."""
        return self.now - release.published

    def fixes(self) -> dict[Release, list[Cve]]:
        """Which critical CVEs each later release is the first one to be without."""
        found: dict[Release, list[Cve]] = defaultdict(list)
        for cve in self.data.cves:
            if cve.critical and cve.affects(self.version):
                first = next((one for one in self.newer if not cve.affects(one.version)), None)
                if first is not None:
                    found[first].append(cve)
        return found

    @property
    def upgrade(self) -> str:
        """How to get to the newest release of the branch."""
        newest = self.newer[-1].version if self.newer else self.version
        return f"upgrade to {newest} or newer; with kubeadm: kubeadm upgrade apply {newest}"


def check_version_policy(text: str, data: VersionData, now: dt.datetime) -> Iterator[Observation]:
    """A cluster's version MUST not lag behind the patches of its branch, nor miss the fix of a critical CVE.

    ``text`` is ``gitVersion`` of ``/version``. Source: scs-0210-v2, "Decision" (docs/standards/scs-0210.md#decision).
    """
    running = read_git_version(text)
    yield from explain_version(CLUSTER, text, running)
    if running is not None and (version := running.compared) is not None:
        if data.origin and not data.kept_by_us:
            yield Remark(f"judged by version data of {data.day}: {data.origin}", CLUSTER, public=False)
        yield from explain_official_table(data, version.branch, now)
        yield from judge_version(Case(CLUSTER, version, data, now))


def explain_version(resource: str, text: str, running: RunningVersion | None) -> Iterator[Observation]:
    """What there is to say of how a version is written (docs/standards/scs-0210.md#version-of-the-cluster)."""
    if running is None:
        reason = f"its version {text!r} is none of Kubernetes, such as v1.36.3"
        yield Undecided(resource, reason, kind=CauseKind.MALFORMED)
    elif running.compared is None:
        reason = f"pre-release version: {text} comes before the first release of {running.version.branch}"
        yield Undecided(resource, reason)
    elif running.pre_release:
        yield Remark(f"{text} is a pre-release version, judged as {running.compared}", resource)
    if running is not None and running.compared is not None and running.suffix.startswith("-"):
        yield Remark(f"the official suite cannot read the version {text} and gives ABORT", resource, "DEV-0210-7")


def explain_official_table(data: VersionData, branch: Branch, now: dt.datetime) -> Iterator[Observation]:
    """What the official suite would say because of its data, where that does not decide here."""
    table = data.official
    if branch not in table.ends and not _before_all(branch, data):
        text = f"the official suite's table of {table.copied_at} lacks {branch}: it calls it ended, and gives FAIL"
        yield Remark(text, CLUSTER, "DEV-0210-1")
    supported = sum(now < _midnight(end) for end in table.ends.values())
    if supported < _BRANCHES_NEEDED:
        text = f"the official suite's table of {table.copied_at} has {supported} branches in support: it gives ABORT"
        yield Remark(text, CLUSTER, "DEV-0210-2")
    elif supported < _BRANCHES_WANTED:
        text = f"the official suite's table of {table.copied_at} has {supported} branches in support: it warns"
        yield Remark(text, CLUSTER, "DEV-0210-2", public=False)
    if data.odd_records:
        names = ", ".join(data.odd_records[:3])
        yield Remark(f"the official suite cannot read the record of {names}, and gives ABORT", CLUSTER, "DEV-0210-8")


def judge_version(case: Case) -> Iterator[Observation]:
    """Findings, warnings and doubts about one version; ABORT where the data are too old for a PASS."""
    yield from with_trust(_judged(case), case.data, case.now, case.resource)


def _judged(case: Case) -> Iterator[Observation]:
    branch, known = case.version.branch, case.data.branches
    if branch > max(known):
        yield Remark(f"branch {branch} is newer than the data set of {case.data.day}", case.resource)
    elif branch not in known and not _before_all(branch, case.data):
        yield Undecided(case.resource, f"the version data of {case.data.day} lack branch {branch}")
    elif branch in known and not (releases := case.data.of_branch(branch)):
        yield Undecided(case.resource, f"the version data of {case.data.day} know no release of branch {branch}")
    elif branch in known and case.version > releases[-1].version:
        yield Remark(f"{case.version} is newer than the data set of {case.data.day}", case.resource)
    yield from _end_of_life(case)
    official = [cve for cve in case.data.cves if cve.critical and cve.official and cve.affects(case.version)]
    fixes = case.fixes()
    for release in case.newer:
        yield from _critical(case, release, fixes.get(release, []), official)
        yield from _outdated(case, release)


def _critical(case: Case, release: Release, fixed: Sequence[Cve], official: Sequence[Cve]) -> Iterator[Observation]:
    """A release that fixes a critical CVE MUST be offered within two weeks, and should be within two days.

    To the official suite any newer release will do, once the version is affected at all (DEV-0210-3), and only CVEs of
    the product ``Kubernetes`` that their publisher rated (DEV-0210-9).
    """
    age = case.age(release)
    if age > CRITICAL_LIMIT and (fixed or official):
        basis = Basis.BOTH if fixed and official else Basis.TEXT if fixed else Basis.OFFICIAL
        row = {Basis.BOTH: "", Basis.TEXT: "DEV-0210-9", Basis.OFFICIAL: "DEV-0210-3"}[basis]
        named = ", ".join(map(str, fixed or official))
        does = f"fixes {named}" if fixed else f"is newer, and {case.version} has {named}"
        yield Finding(
            resource=case.resource,
            rule="scs-0210/critical_fix_offered",
            title="the fix of a critical CVE is offered within 14 days",
            expected=f"{release.version} or newer (published {_when(case, release)}; limit 14 days), which {does}",
            observed=str(case.version),
            hint=case.upgrade,
            basis=basis,
            deviation=row,
        )
    elif age > CRITICAL_WISH and fixed:
        named = ", ".join(map(str, fixed))
        text = (
            f"runs {case.version}; {release.version}, published {_when(case, release)}, fixes {named}: it should be "
            f"offered within 2 days, and must be within 14"
        )
        yield Remark(text, case.resource)


def _outdated(case: Case, release: Release) -> Iterator[Observation]:
    """The newest patch MUST be offered within a month: 31 days, or by the text the calendar month (DEV-0210-6)."""
    official = case.age(release) > MONTH
    text = case.now >= end_of_months(release.published, 1)
    if not official and not text:
        return
    basis = Basis.BOTH if official and text else Basis.OFFICIAL if official else Basis.TEXT
    limit = "1 month" if basis is Basis.TEXT else "31 days"
    yield Finding(
        resource=case.resource,
        rule="scs-0210/patch_offered",
        title="a patch release is offered within 1 month",
        expected=f"{release.version} or newer (published {_when(case, release)}; limit {limit})",
        observed=str(case.version),
        hint=case.upgrade,
        basis=basis,
        deviation="" if basis is Basis.BOTH else "DEV-0210-6",
    )


def _end_of_life(case: Case) -> Iterator[Observation]:
    """A branch beyond its end of life: FAIL by the official suite, and by the text no more than a warning.

    The official suite has dates of its own, and counts the day itself as over (DEV-0210-4, DEV-0210-5). A branch that
    its table lacks is judged by the real date (DEV-0210-1).
    """
    branch, today = case.version.branch, case.now.date()
    dates = case.data.branches.get(branch)
    official = case.data.official.ends.get(branch)
    if dates is None and official is None:
        if _before_all(branch, case.data):
            yield _ended(case, None, "DEV-0210-4")
            yield Remark(f"Kubernetes {branch} reached end of life before all branches in the data set", case.resource)
        return
    real = dates.eol if dates else official
    official = official or real
    over = real is not None and case.now >= _midnight(real) + _DAY
    if official is not None and case.now >= _midnight(official):
        row = "DEV-0210-5" if today == official and not over else "DEV-0210-4"
        yield _perhaps_postponed(case, official) or _ended(case, official, row)
    if over:
        yield Remark(f"Kubernetes {branch} reached end of life on {real}", case.resource, "DEV-0210-4")
    elif ahead := [day for day in (official, real) if day is not None and 0 <= (day - today).days <= SOON]:
        yield Remark(f"Kubernetes {branch} reaches end of life on {min(ahead)}", case.resource)


def _ended(case: Case, day: dt.date | None, row: str) -> Finding:
    branch = case.version.branch
    supported = [str(dates.branch) for dates in case.data.branches.values() if _supported(case, dates.branch)]
    return Finding(
        resource=case.resource,
        rule="scs-0210/branch_supported",
        title=f"Kubernetes {branch} reached end of life" + (f" on {day}" if day else ""),
        expected=f"a branch in support{': ' if supported else ''}{', '.join(supported)}",
        observed=str(case.version),
        hint="upgrade to the next branch, one minor version after the other; with kubeadm: kubeadm upgrade plan",
        basis=Basis.OFFICIAL,
        deviation=row,
    )


def _perhaps_postponed(case: Case, day: dt.date) -> Undecided | None:
    """Doubt about an end of life that was reached lately, by data that are too old for knowing of its postponement."""
    if case.now - case.data.generated_at <= USABLE or (case.now.date() - day).days >= SOON:
        return None
    reason = (
        f"Kubernetes {case.version.branch} was to reach end of life on {day}, by version data of {case.data.day}; "
        f'it may have been postponed: run "scs data refresh"'
    )
    return Undecided(case.resource, reason, Basis.OFFICIAL)


def with_trust(
    found: Iterable[Observation], data: VersionData, now: dt.datetime, resource: str
) -> Iterator[Observation]:
    """What was found, and whether the data are new enough for a judge that has no violation to say PASS.

    Source: docs/standards/scs-0210.md#age-of-the-data (DEV-0210-12).
    """
    findings = []
    for one in found:
        if isinstance(one, Finding):
            findings.append(one)
        yield one
    content = [judge for judge in Judge if not any(finding.basis.concerns(judge) for finding in findings)]
    age = now - data.generated_at
    if not content or age <= FRESH:
        return
    if age <= USABLE:
        yield Remark(f"data set is {age.days} days old; a critical patch may be missing", resource)
    elif data.trusted_when_old:
        text = f"version data is {age.days} days old ({data.day}); a patch may be missing (--scs-allow-stale-data)"
        yield Remark(text, resource, "DEV-0210-12")
    else:
        basis = Basis.BOTH if len(content) == len(Judge) else Basis.only(content[0])
        reason = f'version data is {age.days} days old ({data.day}); run "scs data refresh"'
        yield Undecided(resource, reason, basis, kind=CauseKind.NOT_GIVEN)


def check_critical_within_two_days(text: str, data: VersionData, now: dt.datetime) -> Iterator[Observation]:
    """The fix of a critical CVE is preferably offered within two days (RECOMMENDED).

    Source: scs-0210-v2, "Decision" (docs/standards/scs-0210.md#critical).
    """
    running = read_git_version(text)
    yield from explain_version(CLUSTER, text, running)
    if running is not None and (version := running.compared) is not None:
        case = Case(CLUSTER, version, data, now)
        yield from with_trust(_late_fixes(case), data, now, CLUSTER)


def _late_fixes(case: Case) -> Iterator[Observation]:
    for release, cves in sorted(case.fixes().items(), key=lambda item: item[0].version):
        if case.age(release) > CRITICAL_WISH:
            yield Finding(
                resource=case.resource,
                rule="scs-0210/critical_fix_offered_soon",
                title="the fix of a critical CVE is offered within 2 days",
                expected=f"{release.version} or newer (published {_when(case, release)}; limit 2 days), "
                f"which fixes {', '.join(map(str, cves))}",
                observed=str(case.version),
                hint=case.upgrade,
            )


def end_of_months(moment: dt.datetime, months: int) -> dt.datetime:
    """The end (midnight UTC) of the same day some calendar months later, clipped to the last day of that month."""
    return _midnight(add_months(moment.astimezone(dt.UTC).date(), months)) + _DAY


def is_over(branch: Branch, data: VersionData, now: dt.datetime) -> bool:
    """Whether a branch is beyond its end of life; that day itself is still in."""
    dates = data.branches.get(branch)
    if dates is None:
        return _before_all(branch, data)
    return now >= _midnight(dates.eol) + _DAY


def _supported(case: Case, branch: Branch) -> bool:
    return case.data.branches[branch].released <= case.now.date() and not is_over(branch, case.data, case.now)


def _before_all(branch: Branch, data: VersionData) -> bool:
    return branch < min(data.branches)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


def _when(case: Case, release: Release) -> str:
    """The day of a publication, and how long ago that is."""
    about = "" if release.exact else "about "
    return f"{about}{release.published.date()}, {case.age(release).days} days ago"
