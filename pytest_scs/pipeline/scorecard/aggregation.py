# SPDX-License-Identifier: Apache-2.0
"""From the results of a subject to the result of a scope, by the rule of the compliance monitor.

See docs/standards/framework.md#combining-verdicts. Pure: no files, no clock.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from pytest_scs.core.scope import CERTIFIABLE, Scope
from pytest_scs.core.selection import version_label
from pytest_scs.core.verdict import Verdict, combine

#: What the monitor writes after the name of a version, by its validity code.
SUFFIXES: Final[Mapping[str, str]] = {"effective": "", "draft": "*", "warn": "†", "deprecated": "††"}

#: Worst first: by this the worst member of a group is found; None is a subject without any result that counts.
GROUP_ORDER: Final = (Verdict.FAIL, Verdict.MISS, None, Verdict.ABORT, Verdict.PASS)

#: In place of the names of versions where there are none.
NOTHING: Final = "\N{EN DASH}"

# Of equal results the one that is worth less stands for a group.
_WORTH: Final = ("deprecated", "warn", "draft", "effective")


@dataclasses.dataclass(frozen=True, slots=True)
class VersionState:
    """What the results say about a version of a scope that its timeline lists.

    ``code`` is its validity, ``verdict`` that of its target ``main``, ``targets`` those of all its targets, and
    ``numbers`` how many testcases of ``main`` have each verdict.
    """

    name: str
    label: str
    code: str
    verdict: Verdict
    targets: Mapping[str, Verdict]
    numbers: Mapping[Verdict, int]

    @property
    def marked(self) -> str:
        """Its name as the monitor writes it: ``v4†``."""
        return self.name + SUFFIXES.get(self.code, "")


@dataclasses.dataclass(frozen=True, slots=True)
class ScopeState:
    """The result of a subject in a scope.

    ``listed`` are all versions of the timeline on that day, ``relevant`` those that were looked at until one does not
    fail, ``passed`` those of them that do not fail. ``result`` is None where nothing counts.
    """

    listed: tuple[VersionState, ...] = ()
    relevant: tuple[VersionState, ...] = ()
    passed: tuple[VersionState, ...] = ()
    result: Verdict | None = None
    validity: str = "deprecated"
    official: bool = False

    @property
    def passed_text(self) -> str:
        """The versions that do not fail, as the monitor's overview has them: ``v5.1``; a dash for none."""
        return ", ".join(one.marked for one in self.passed) or NOTHING

    @property
    def symbol(self) -> str:
        """The monitor's symbol."""
        if self.result in (None, Verdict.FAIL) or self.validity == "deprecated":
            return "🛑"
        if self.result is Verdict.MISS or self.validity == "warn":
            return "🟧"
        return "✅" if self.result is Verdict.PASS else "✅*"

    @property
    def text(self) -> str:
        """What stands in a cell of the monitor's overview: ``✅ v5.1``, and a dash for none."""
        return f"{self.symbol} {self.passed_text}"

    @property
    def ready(self) -> tuple[VersionState, ...]:
        """The versions that the subject is ready to be certified for: everything in ``main`` is PASS."""
        if not self.official:
            return ()
        return tuple(one for one in self.listed if one.code in CERTIFIABLE and one.verdict is Verdict.PASS)


def scope_state(scope: Scope, verdicts: Mapping[str, Verdict], date: dt.date, *, drafts: bool = False) -> ScopeState:
    """The result in a scope on a date, from the verdicts that count then; testcases without one are missing.

    With ``drafts`` versions that nobody can be certified for yet are looked at, too.
    """
    listed = tuple(_version(scope, name, code, verdicts) for name, code in scope.validity(date).items())
    if not any(testcase in scope.testcases for testcase in verdicts):
        return ScopeState(listed, official=scope.official)
    relevant: list[VersionState] = []
    winner: VersionState | None = None
    for version in listed:
        if version.code == "draft" and not drafts:
            continue
        relevant.append(version)
        if version.code != "draft" and version.verdict is not Verdict.FAIL:
            winner = version
            break
    return ScopeState(
        listed=listed,
        relevant=tuple(relevant),
        passed=tuple(one for one in relevant if one.verdict is not Verdict.FAIL),
        result=relevant[-1].verdict if relevant else None,
        validity=winner.code if winner else "deprecated",
        official=scope.official,
    )


def _version(scope: Scope, name: str, code: str, verdicts: Mapping[str, Verdict]) -> VersionState:
    targets = {
        target: [verdicts.get(testcase, Verdict.MISS) for testcase in ids]
        for target, ids in scope.versions[name].targets().items()
    }
    main = targets.get("main", [])
    return VersionState(
        name=name,
        label=version_label(scope.path, name),
        code=code,
        verdict=combine(main),
        targets={target: combine(found) for target, found in targets.items()},
        numbers={verdict: main.count(verdict) for verdict in Verdict},
    )


Member = TypeVar("Member")


def worst(members: Iterable[tuple[Member, ScopeState]]) -> tuple[Member, ScopeState]:
    """The member that stands for its group; of several the first. Raises ValueError where there is none."""

    def rank(member: tuple[Member, ScopeState]) -> tuple[int, int]:
        state = member[1]
        worth = _WORTH.index(state.validity) if state.validity in _WORTH else 0
        return GROUP_ORDER.index(state.result), worth

    return min(members, key=rank)
