# SPDX-License-Identifier: Apache-2.0
"""Scope files in the announced form: nested groups of testcases in place of modules with targets.

A version names one group, and everything reached from it is its target ``main``; there is no other target. What that
group includes directly are the modules of the version (docs/standards/framework.md#scope-files).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pytest_scs.base.words import did_you_mean
from pytest_scs.base.yamlwalk import Place, Walker
from pytest_scs.core.scope import Inclusion, Module, Testcase, Version

_GROUP = ("id", "name", "url", "include")
_VERSION = ("version", "attn", "test")

#: Groups in groups, so many levels; files of people have three.
MAX_DEPTH: Final = 40

#: As many testcases may be reached from groups, all in all: a small file can name the same ones again and again.
MAX_REACHED: Final = 1_000_000


@dataclasses.dataclass(frozen=True, slots=True)
class _Group:
    """A group as the file has it, and where: ``include`` are ids of testcases and groups."""

    id: str
    name: str
    url: str
    include: Sequence[str]
    place: Place


class Groups:
    """The groups of a file, checked; ``modules`` are those that became modules of a version."""

    def __init__(self, walker: Walker, items: Any, testcases: Mapping[str, Testcase]) -> None:
        """Raises InputError for what is wrong in ``items``, the value of the keyword ``groups``."""
        self.modules: dict[str, Module] = {}
        self._walker = walker
        self._testcases = testcases
        self._groups: dict[str, _Group] = {}
        for number, item in enumerate(walker.sequence(items, ("groups",))):
            group = self._group(item, ("groups", number))
            self._groups[group.id] = group
        for group in self._groups.values():
            self._check_references(group)
        self._reached: dict[str, tuple[str, ...]] = {}
        self._levels: dict[str, int] = {}
        self._count = 0
        for group in self._groups.values():
            self._reach(group, ())

    def _group(self, item: Any, place: Place) -> _Group:
        walker = self._walker
        raw = walker.mapping(item, place, _GROUP, ("id",))
        identity = walker.text(raw["id"], (*place, "id"))
        if identity in self._groups:
            walker.fail((*place, "id"), f"group {identity!r} is declared twice")
        if identity in self._testcases:
            walker.fail((*place, "id"), f"{identity!r} is a testcase under scripts already; a group needs another id")
        include = walker.sequence([] if raw.get("include") is None else raw["include"], (*place, "include"))
        ids = [walker.text(entry, (*place, "include", index)) for index, entry in enumerate(include)]
        name = " ".join(str(raw.get("name") or identity).split())
        return _Group(identity, name, str(raw.get("url") or ""), ids, place)

    def _check_references(self, group: _Group) -> None:
        for index, entry in enumerate(group.include):
            if entry not in self._groups and entry not in self._testcases:
                hint = did_you_mean(entry, [*self._groups, *self._testcases])
                where = (*group.place, "include", index)
                self._walker.fail(where, f"{entry!r} is neither a group nor a testcase under scripts{hint}")

    def _reach(self, group: _Group, above: tuple[str, ...]) -> tuple[str, ...]:
        """Ids of the testcases in a group and in those it includes, depth first, each once."""
        if group.id in self._reached:
            return self._reached[group.id]
        path = (*above, group.id)
        found: dict[str, None] = {}
        levels = 1
        for index, entry in enumerate(group.include):
            where = (*group.place, "include", index)
            if entry in self._testcases:
                found[entry] = None
                continue
            if entry in path:
                circle = " > ".join([*path[path.index(entry) :], entry])
                self._walker.fail(where, f"groups include each other in a circle: {circle}")
            if len(path) < MAX_DEPTH:
                found.update(dict.fromkeys(self._reach(self._groups[entry], path)))
            levels = max(levels, 1 + self._levels.get(entry, MAX_DEPTH))
            if levels > MAX_DEPTH:
                self._walker.fail(where, f"groups are nested deeper than {MAX_DEPTH} levels")
        self._count += len(found)
        if self._count > MAX_REACHED:
            self._walker.fail(group.place, f"more than {MAX_REACHED} testcases are reached from groups, all in all")
        self._levels[group.id] = levels
        self._reached[group.id] = tuple(found)
        return self._reached[group.id]

    def versions(self, items: Any) -> dict[str, Version]:
        """The versions in ``items``, the value of the keyword ``versions``; raises InputError."""
        walker = self._walker
        found: dict[str, Version] = {}
        for number, item in enumerate(walker.sequence(items, ("versions",))):
            place: Place = ("versions", number)
            raw = walker.mapping(item, place, _VERSION, ("version", "test"))
            name = walker.text(raw["version"], (*place, "version"))
            if name in found:
                walker.fail((*place, "version"), f"version {name!r} is declared twice")
            attn = 0 if raw.get("attn") is None else raw["attn"]
            if type(attn) is not int or attn < 0:
                walker.fail((*place, "attn"), f"must be a whole number from 0, found {attn!r}")
            group = self._tested(raw["test"], (*place, "test"))
            found[name] = Version(name, None, [Inclusion(module, {}) for module in self._modules(group)], attn)
        order = {identity: number for number, identity in enumerate(self._groups)}
        self.modules = dict(sorted(self.modules.items(), key=lambda entry: order[entry[0]]))
        return found

    def _tested(self, reference: Any, place: Place) -> _Group:
        identity = self._walker.text(reference, place)
        if identity in self._testcases:
            self._walker.fail(place, f"{identity!r} is a testcase; a version names a group")
        if identity not in self._groups:
            self._walker.fail(place, f"group {identity!r} is not declared{did_you_mean(identity, self._groups)}")
        return self._groups[identity]

    def _modules(self, group: _Group) -> Iterator[Module]:
        """The modules of a version that names a group.

        Those are the groups in it, and itself for the testcases it includes itself.
        """
        own = tuple(dict.fromkeys(entry for entry in group.include if entry in self._testcases))
        for entry in dict.fromkeys(group.include):
            if entry in self._groups:
                yield self._module(self._groups[entry], self._reached[entry])
            elif entry == own[0]:
                yield self._module(group, own)

    def _module(self, group: _Group, ids: Sequence[str]) -> Module:
        module = Module(group.id, group.name, group.url, {"main": ids} if ids else {})
        known = self.modules.get(group.id)
        # A group can be one version's and part of another's: what has more testcases is the whole of it.
        if known is None or len(known.targets.get("main", ())) < len(ids):
            self.modules[group.id] = module
        return module
