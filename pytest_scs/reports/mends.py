# SPDX-License-Identifier: Apache-2.0
"""How to mend what a testcase found: one command for an offender, one loop for many that are mended alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from pytest_scs.base.shell import for_each, loop, script_loop
from pytest_scs.core.findings import Finding

#: From this number of offenders on, those that the same command mends share a loop.
MANY = 5


@dataclasses.dataclass(frozen=True, slots=True)
class SharedMend:
    """What mends many offenders: a command on each of ``ids``, or, without ids, the same words for all of them."""

    body: str
    ids: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def line(self) -> str:
        """One line that does all of it."""
        return loop(self.body, self.ids) if self.ids else self.body

    @property
    def script(self) -> str:
        """The same as part of a script, readable also with thousands of ids."""
        return script_loop(self.body, self.ids) if self.ids else self.body


def shared_mends(findings: Iterable[Finding]) -> list[SharedMend]:
    """The mends that many of the findings share, in the order of the first finding of each."""
    groups: dict[tuple[str, bool], list[Finding]] = {}
    for finding in findings:
        if finding.hint:
            body = for_each(finding.hint, finding.resource_id) if finding.resource_id else None
            groups.setdefault((body or finding.hint, body is not None), []).append(finding)
    return [
        SharedMend(body, tuple(dict.fromkeys(one.resource_id for one in alike)) if looped else (), tuple(alike))
        for (body, looped), alike in groups.items()
        if len(alike) >= MANY
    ]


def shared_by(mends: Sequence[SharedMend]) -> set[int]:
    """The findings (by their ``id()``) that need no mend of their own any more."""
    return {id(finding) for mend in mends for finding in mend.findings}
