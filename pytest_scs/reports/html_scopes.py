# SPDX-License-Identifier: Apache-2.0
"""The table of a scope, as the compliance monitor has it: what its versions are made of, and which are in force."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from typing import Final
from urllib.parse import urlsplit

from pytest_scs.base.language import Language
from pytest_scs.core.scope import Inclusion, Module, Scope

#: In place of what a version does not say.
_NOTHING: Final = "\N{EN DASH}"


@dataclasses.dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter with which a version includes a module; ``url`` is its value where that is a link, else empty."""

    name: str
    value: str
    url: str


@dataclasses.dataclass(frozen=True, slots=True)
class ModuleRow:
    """A module; ``identity`` is empty where it says nothing to people. A cell is None where the version lacks it."""

    identity: str
    name: str
    url: str
    cells: list[list[Parameter] | None]


@dataclasses.dataclass(frozen=True, slots=True)
class ScopeTable:
    """A scope on a day: a column for each version that its timeline lists then."""

    title: str
    url: str
    versions: list[str]
    states: list[str]
    stable: list[str]
    modules: list[ModuleRow]


def scope_table(scope: Scope, date: dt.date, words: Language) -> ScopeTable:
    """The table of a scope on a date (docs/standards/framework.md#timeline)."""
    codes = scope.validity(date)
    versions = [scope.versions[name] for name in codes]
    modules = {one.module.id: one.module for version in versions for one in version.includes}
    included = [{one.module.id: _parameters(one, scope) for one in version.includes} for version in versions]
    since = [str(version.stabilized_at) if version.stabilized_at else "" for version in versions]
    # Files in groups do not say since when a version is stable.
    stable = [
        day or (words.phrase("yes") if one.stable else _NOTHING) for day, one in zip(since, versions, strict=True)
    ]
    return ScopeTable(
        title=words.text(scope.name),
        url=_link(scope.url),
        versions=list(codes),
        states=[state[:1].upper() + state[1:] for state in map(words.text, codes.values())],
        stable=stable,
        modules=[
            _row(module, [found.get(identity) for found in included], words) for identity, module in modules.items()
        ],
    )


def _row(module: Module, cells: list[list[Parameter] | None], words: Language) -> ModuleRow:
    identity = module.id if module.id.startswith("scs-") else ""
    return ModuleRow(identity, words.text(module.name), _link(module.url), cells)


def _parameters(inclusion: Inclusion, scope: Scope) -> list[Parameter]:
    """Files that lie beside that of the scope are named without their folder, which is nobody's business."""
    folder = f"{scope.path.parent}{os.sep}"
    found = {name: value.removeprefix(folder) for name, value in inclusion.parameters.items()}
    return [Parameter(name, value, _link(value)) for name, value in found.items()]


def _link(url: str) -> str:
    """A link; nothing but the web."""
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""
