# SPDX-License-Identifier: Apache-2.0
"""``scs scopes diff``: what a certified cloud or cluster must still do for the next version, in lines and as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.core.scope import TARGETS, Module
from pytest_scs.core.scope_changes import ChangedModule, ChangedTestcase, ScopeChanges, TargetChanges, changes_between
from pytest_scs.core.selection import ChosenVersion, select

#: In whatever target: as many ids of a module are written out.
_SHOWN = 8


def one_version(name: str, date: dt.date) -> ChosenVersion:
    """The version that a name stands for; raises InputError for an unknown one, and for a scope with several."""
    versions = select([name], date, TARGETS, Path.cwd()).versions
    if len(versions) > 1:
        known = ", ".join(one.label for one in versions)
        raise InputError(f"scopes: diff compares two versions, and {name!r} has several in force; name one: {known}")
    return versions[0]


def lines(old: ChosenVersion, new: ChosenVersion) -> Iterator[str]:
    """What differs, for people."""
    changes = changes_between(old, new)
    main = changes.targets["main"]
    if not main.new and not main.dropped:
        yield ""
        yield f"Nothing differs in main: {_number(main.same)} in both."
    else:
        yield from _target_lines(f"To be met in addition ({len(main.new)})", main.new, "main")
        yield from _target_lines(f"No longer demanded ({len(main.dropped)})", main.dropped, "main")
        yield ""
        yield f"Demanded by both: {_number(main.same)}."
    for target in TARGETS[1:]:
        # What moved to or from main stands above.
        came, went = (
            tuple(one for one in part if one.other != "main")
            for part in (changes.targets[target].new, changes.targets[target].dropped)
        )
        yield from _target_lines(f"New in {target}, which does not decide ({len(came)})", came, target)
        yield from _target_lines(f"No longer in {target} ({len(went)})", went, target)
    yield from _module_lines(changes)
    if changes.declared:
        yield ""
        yield "Testcases declared otherwise:"
        for identity, what in changes.declared.items():
            yield f"  {identity}: {', '.join(what)}"


def _number(count: int) -> str:
    return f"{count} testcase{'s' if count != 1 else ''}"


def _target_lines(head: str, changed: tuple[ChangedTestcase, ...], target: str) -> Iterator[str]:
    if changed:
        yield ""
        yield f"{head}:"
    for one in changed:
        through = ", ".join(module.id for module in one.modules)
        other = f"; in {one.other} of the other version" if one.other else ""
        yield f"  {one.testcase.id}: {one.testcase.cost}; {target} through {through}{other}"
        yield from (f"      {text}" for text in (one.testcase.description, one.testcase.url) if text)


def _module_lines(changes: ScopeChanges) -> Iterator[str]:
    if changes.modules:
        yield ""
        yield "Modules:"
    for change in changes.modules:
        module = change.after or change.before
        if module is None:
            continue
        link = f"; {module.url}" if module.url else ""
        yield f"  {_movement(change)} {module.name}{link}"
        if change.before and change.after:
            yield from (f"      + {text}" for text in _cut(change.added))
            yield from (f"      - {text}" for text in _cut(change.dropped))
        for name, (before, after) in change.parameters.items():
            yield f"      {name}: {before or 'nothing'} -> {after or 'nothing'}"


def _cut(ids: tuple[str, ...]) -> Iterator[str]:
    yield from ids[:_SHOWN]
    if len(ids) > _SHOWN:
        yield f"{len(ids) - _SHOWN} more"


def _movement(change: ChangedModule) -> str:
    """``+ scs-0123-v2:``, ``- scs-0123-v1:``, ``scs-0123-v1 -> scs-0123-v2:``."""
    if change.before is None and change.after:
        return f"+ {change.after.id}:"
    if change.after is None and change.before:
        return f"- {change.before.id}:"
    pair = [one.id for one in (change.before, change.after) if one]
    return f"{' -> '.join(dict.fromkeys(pair))}:"


def as_json(old: ChosenVersion, new: ChosenVersion) -> dict[str, Any]:
    """What differs, for programs."""
    changes = changes_between(old, new)
    return {
        "targets": {target: _target_as_json(found) for target, found in changes.targets.items()},
        "modules": [
            {
                "before": _module_as_json(change.before),
                "after": _module_as_json(change.after),
                "added": list(change.added),
                "dropped": list(change.dropped),
                "parameters": {name: list(pair) for name, pair in change.parameters.items()},
            }
            for change in changes.modules
        ],
        "declared_otherwise": {identity: list(what) for identity, what in changes.declared.items()},
    }


def _target_as_json(changes: TargetChanges) -> dict[str, Any]:
    return {
        "new": [_testcase_as_json(one) for one in changes.new],
        "dropped": [_testcase_as_json(one) for one in changes.dropped],
        "same": changes.same,
    }


def _testcase_as_json(one: ChangedTestcase) -> dict[str, Any]:
    return {
        "id": one.testcase.id,
        "description": one.testcase.description,
        "url": one.testcase.url,
        "cost": one.testcase.cost,
        "modules": [module.id for module in one.modules],
        "other_target": one.other or None,
    }


def _module_as_json(module: Module | None) -> dict[str, str] | None:
    return {"id": module.id, "name": module.name, "url": module.url} if module else None
