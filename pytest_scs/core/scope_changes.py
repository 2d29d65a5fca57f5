# SPDX-License-Identifier: Apache-2.0
"""What one version of a scope demands otherwise than another one: testcases by target, and modules."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence

from pytest_scs.core.scope import TARGETS, Inclusion, Module, Testcase
from pytest_scs.core.selection import ChosenVersion


@dataclasses.dataclass(frozen=True, slots=True)
class ChangedTestcase:
    """A testcase that came into a target or left it.

    ``modules`` are those through which the version demands it that has it there; ``other`` is the target in which the
    other version has it, empty where that does not demand it at all.
    """

    testcase: Testcase
    modules: tuple[Module, ...]
    other: str


@dataclasses.dataclass(frozen=True, slots=True)
class ChangedModule:
    """A module that came (``before`` is None), went (``after`` is None), or follows another one of its kind.

    With the same module on both sides, its testcases or parameters are others. ``added`` and ``dropped`` are ids in
    whatever target; ``parameters`` is name -> (before, after) of those that differ.
    """

    before: Module | None
    after: Module | None
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    parameters: Mapping[str, tuple[str | None, str | None]]


@dataclasses.dataclass(frozen=True, slots=True)
class TargetChanges:
    """What came into a target, what left it, and how many testcases are in it in both versions."""

    new: tuple[ChangedTestcase, ...]
    dropped: tuple[ChangedTestcase, ...]
    same: int


@dataclasses.dataclass(frozen=True, slots=True)
class ScopeChanges:
    """All differences: by target, the modules, and testcases that are declared otherwise (id -> what differs)."""

    targets: Mapping[str, TargetChanges]
    modules: tuple[ChangedModule, ...]
    declared: Mapping[str, tuple[str, ...]]


def changes_between(old: ChosenVersion, new: ChosenVersion) -> ScopeChanges:
    """What has to be done for ``new`` by somebody who meets ``old``, and what is no longer demanded."""
    before, after = _Side.of(old), _Side.of(new)
    targets = {target: _target_changes(before, after, target) for target in TARGETS}
    common = [identity for identity in new.scope.testcases if before.target(identity) and after.target(identity)]
    declared = {identity: _differences(old, new, identity) for identity in common}
    return ScopeChanges(
        targets, tuple(_module_changes(old, new)), {identity: what for identity, what in declared.items() if what}
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Side:
    """A version, with the testcases of each target, and the modules by target and testcase."""

    version: ChosenVersion
    targets: Mapping[str, frozenset[str]]
    modules: Mapping[tuple[str, str], list[Module]]

    @classmethod
    def of(cls, version: ChosenVersion) -> _Side:
        modules: dict[tuple[str, str], list[Module]] = {}
        declared = version.scope.versions[version.name]
        for inclusion in declared.includes:
            for target, ids in inclusion.module.targets.items():
                for identity in dict.fromkeys(ids):
                    modules.setdefault((target, identity), []).append(inclusion.module)
        return cls(version, {target: frozenset(ids) for target, ids in declared.targets().items()}, modules)

    def target(self, testcase: str) -> str:
        """The first target in which the version has a testcase; empty if it has it nowhere."""
        return next((target for target in TARGETS if testcase in self.targets.get(target, ())), "")

    def changed(self, other: _Side, target: str) -> tuple[ChangedTestcase, ...]:
        """The testcases of a target that the other version has not there, in the order of the scope file."""
        ids = self.targets.get(target, frozenset()) - other.targets.get(target, frozenset())
        return tuple(
            ChangedTestcase(testcase, tuple(self.modules[target, identity]), other.target(identity))
            for identity, testcase in self.version.scope.testcases.items()
            if identity in ids
        )


def _target_changes(before: _Side, after: _Side, target: str) -> TargetChanges:
    both = before.targets.get(target, frozenset()) & after.targets.get(target, frozenset())
    return TargetChanges(after.changed(before, target), before.changed(after, target), len(both))


def _differences(old: ChosenVersion, new: ChosenVersion, identity: str) -> tuple[str, ...]:
    """What the two files say otherwise about a testcase, as far as a verdict or its life depends on it."""
    before, after = old.scope.testcases[identity], new.scope.testcases[identity]
    pairs = (
        ("lifetime", before.lifetime or "week", after.lifetime or "week"),
        ("cost", before.cost, after.cost),
    )
    return tuple(f"{name} {one} -> {other}" for name, one, other in pairs if one != other)


def _module_changes(old: ChosenVersion, new: ChosenVersion) -> list[ChangedModule]:
    before, after = ({one.module.id: one for one in v.scope.versions[v.name].includes} for v in (old, new))
    gone = [one for identity, one in before.items() if identity not in after]
    found = []
    for identity, one in after.items():
        former = before.get(identity) or _predecessor(one.module, gone)
        if former in gone:
            gone.remove(former)
        change = _module_change(former, one)
        if former is None or former.module.id != identity or change.added or change.dropped or change.parameters:
            found.append(change)
    return [*found, *(_module_change(one, None) for one in gone)]


def _predecessor(module: Module, gone: Sequence[Inclusion]) -> Inclusion | None:
    """The module that one replaces: another version of the same part of the same standard."""
    return next((one for one in gone if _kind(one.module.id) == _kind(module.id)), None)


def _kind(identity: str) -> str:
    """``scs-0102-v-rec`` of ``scs-0102-v1-rec`` and of ``scs-0102-v2.1-rec``: the id without the number."""
    return re.sub(r"-v\d+(?:[.-]\d+)*(?![\w.])", "-v", identity)


def _module_change(before: Inclusion | None, after: Inclusion | None) -> ChangedModule:
    had, has = _ids(before), _ids(after)
    parameters = [dict(one.parameters) if one else {} for one in (before, after)]
    differing = sorted(
        name for name in {**parameters[0], **parameters[1]} if parameters[0].get(name) != parameters[1].get(name)
    )
    return ChangedModule(
        before.module if before else None,
        after.module if after else None,
        tuple(identity for identity in has if identity not in had),
        tuple(identity for identity in had if identity not in has),
        {name: (parameters[0].get(name), parameters[1].get(name)) for name in differing},
    )


def _ids(inclusion: Inclusion | None) -> dict[str, None]:
    targets = inclusion.module.targets if inclusion else {}
    return dict.fromkeys(identity for ids in targets.values() for identity in ids)
