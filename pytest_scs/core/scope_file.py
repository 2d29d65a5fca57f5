# SPDX-License-Identifier: Apache-2.0
"""Loading and validating a scope file: whatever is wrong is one line with file, line, place and cause.

Two forms are read: with modules and targets, and with groups in their place (:mod:`pytest_scs.core.scope_groups`).
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_scs.base import yamlfile
from pytest_scs.base.words import did_you_mean
from pytest_scs.base.yamlwalk import Place, Walker, kind_of
from pytest_scs.core.lifetime import PERIODS
from pytest_scs.core.scope import CODES, TARGETS, Inclusion, Module, Scope, Testcase, Version
from pytest_scs.core.scope_groups import Groups

_TOP_REQUIRED = ("uuid", "name", "url", "versions", "scripts", "timeline")
_TOP = (*_TOP_REQUIRED, "prerequisite", "variables")
_SCRIPT = ("executable", "env", "args", "testcases")
_SCRIPT_OF_GROUPS = ("executable", "args", "testcases")
_TESTCASE = ("id", "lifetime", "section", "description", "url")
_MODULE = ("id", "name", "url", "parameters", "targets")
_TIMELINE = ("date", "versions")
_VERSION = ("version", "include", "stabilized_at", "targets")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def load_scope(path: Path) -> Scope:
    """Read a scope file in the official format or the announced one (docs/standards/framework.md#scope-files).

    Raises InputError for anything that is not such a file: unknown keyword, duplicate id, dangling reference, groups in
    a circle, bad date, no YAML, a YAML bomb.
    """
    return _scope(path, yamlfile.read_text(path, "scope file"))


@functools.lru_cache(maxsize=32)  # YAML takes a hundred times as long as reading the text again
def _scope(path: Path, text: str) -> Scope:
    return _Reader(path, yamlfile.only_document(text, path, "scope file")).scope()


class _Reader(Walker):
    """Walks the loaded YAML; keeps the place of what it looks at, for the error message."""

    def __init__(self, path: Path, data: Any) -> None:
        super().__init__(path, "scope file")
        self.data = data

    def scope(self) -> Scope:
        # Which of the two it is says the keyword beside ``scripts``: modules, or groups.
        grouped = isinstance(self.data, dict) and "groups" in self.data
        if grouped and "modules" in self.data:
            self.fail(("groups",), "a scope file has modules or groups, not both")
        parts = "groups" if grouped else "modules"
        top = self.mapping(self.data, (), (*_TOP, parts), (*_TOP_REQUIRED, parts))
        uuid = self.text(top["uuid"], ("uuid",))
        if not _UUID.fullmatch(uuid):
            self.fail(("uuid",), f"must be a UUID in lower case, found {uuid!r}")
        testcases = self.testcases(top["scripts"], _SCRIPT_OF_GROUPS if grouped else _SCRIPT)
        if grouped:
            groups = Groups(self, top["groups"], testcases)
            versions = groups.versions(top["versions"])
            modules = groups.modules
        else:
            modules = self.modules(top["modules"], testcases)
            versions = self.versions(top["versions"], modules)
        if not versions:
            self.fail(("versions",), "must list at least one version")
        return Scope(
            path=self.path,
            uuid=uuid,
            name=self.text(top["name"], ("name",)),
            url=self.text(top["url"], ("url",)),
            testcases=testcases,
            modules=modules,
            versions=versions,
            timeline=self.timeline(top["timeline"], versions),
            variables=self.variables(top.get("variables")),
        )

    def variables(self, items: Any) -> tuple[str, ...]:
        if items is None:
            return ()
        found = []
        for number, item in enumerate(self.sequence(items, ("variables",))):
            # Either a name, or a name with what is known of it.
            names = item if isinstance(item, dict) else (item,)
            found += [self.text(name, ("variables", number)) for name in names]
        return tuple(found)

    def testcases(self, scripts: Any, keywords: Sequence[str]) -> dict[str, Testcase]:
        found: dict[str, Testcase] = {}
        for number, item in enumerate(self.sequence(scripts, ("scripts",))):
            place: Place = ("scripts", number)
            script = self.mapping(item, place, keywords, ("testcases",))
            for index, entry in enumerate(self.sequence(script["testcases"], (*place, "testcases"))):
                where: Place = (*place, "testcases", index)
                raw = self.mapping(entry, where, _TESTCASE, ("id",))
                identity = self.text(raw["id"], (*where, "id"))
                if identity in found:
                    self.fail((*where, "id"), f"testcase {identity!r} is declared twice")
                lifetime = raw.get("lifetime")
                if lifetime is not None and lifetime not in PERIODS:
                    self.fail((*where, "lifetime"), f"unknown lifetime {lifetime!r}; allowed: {', '.join(PERIODS)}")
                found[identity] = Testcase(
                    id=identity,
                    description=" ".join(str(raw.get("description") or "").split()),
                    url=str(raw.get("url") or ""),
                    lifetime=lifetime,
                    section=str(raw["section"]) if raw.get("section") else None,
                    manual=not script.get("executable"),
                )
        return found

    def modules(self, items: Any, testcases: Mapping[str, Testcase]) -> dict[str, Module]:
        found: dict[str, Module] = {}
        for number, item in enumerate(self.sequence(items, ("modules",))):
            place: Place = ("modules", number)
            raw = self.mapping(item, place, _MODULE, ("id",))
            identity = self.text(raw["id"], (*place, "id"))
            if identity in found:
                self.fail((*place, "id"), f"module {identity!r} is declared twice")
            targets: dict[str, list[str]] = {}
            declared = raw.get("targets") or {}
            if not isinstance(declared, dict):
                self.fail((*place, "targets"), f"must be a mapping, found {kind_of(declared)}")
            for target, ids in declared.items():
                if target not in TARGETS:
                    hint = did_you_mean(str(target), TARGETS) or f"; allowed: {', '.join(TARGETS)}"
                    self.fail((*place, "targets", str(target)), f"unknown target {target!r}{hint}")
                where: Place = (*place, "targets", str(target))
                targets[str(target)] = [str(entry) for entry in self.sequence(ids, where)]
                for index, entry in enumerate(targets[str(target)]):
                    if entry not in testcases:
                        hint = did_you_mean(entry, testcases)
                        self.fail((*where, index), f"testcase {entry!r} is not declared under scripts{hint}")
            name = str(raw.get("name") or identity)
            found[identity] = Module(identity, " ".join(name.split()), str(raw.get("url") or ""), targets)
        return found

    def versions(self, items: Any, modules: Mapping[str, Module]) -> dict[str, Version]:
        found: dict[str, Version] = {}
        for number, item in enumerate(self.sequence(items, ("versions",))):
            place: Place = ("versions", number)
            raw = self.mapping(item, place, _VERSION, ("version", "include"))
            name = self.text(raw["version"], (*place, "version"))
            if name in found:
                self.fail((*place, "version"), f"version {name!r} is declared twice")
            stable = raw.get("stabilized_at")
            includes = [
                self.inclusion(entry, (*place, "include", index), modules)
                for index, entry in enumerate(self.sequence(raw["include"], (*place, "include")))
            ]
            stabilized_at = None if stable is None else self.date(stable, (*place, "stabilized_at"))
            found[name] = Version(name, stabilized_at, includes)
        return found

    def inclusion(self, entry: Any, place: Place, modules: Mapping[str, Module]) -> Inclusion:
        parameters: dict[str, str] = {}
        reference = entry
        if isinstance(entry, dict):
            raw = self.mapping(entry, place, ("ref", "parameters"), ("ref",))
            reference = raw["ref"]
            values = raw.get("parameters") or {}
            if not isinstance(values, dict):
                self.fail((*place, "parameters"), f"must be a mapping, found {kind_of(values)}")
            parameters = {str(key): self.beside(str(value)) for key, value in values.items()}
        name = self.text(reference, place)
        if name not in modules:
            self.fail(place, f"module {name!r} is not declared{did_you_mean(name, modules)}")
        return Inclusion(modules[name], parameters)

    def beside(self, value: str) -> str:
        """A parameter that names a file does so from the scope file's folder, not from where pytest was started."""
        path = self.path.parent / value
        return str(path) if "://" not in value and path.is_file() else value

    def timeline(self, items: Any, versions: Mapping[str, Version]) -> dict[dt.date, dict[str, str]]:
        found: dict[dt.date, dict[str, str]] = {}
        for number, item in enumerate(self.sequence(items, ("timeline",))):
            place: Place = ("timeline", number)
            raw = self.mapping(item, place, _TIMELINE, _TIMELINE)
            date = self.date(raw["date"], (*place, "date"))
            if date in found:
                self.fail((*place, "date"), f"date {date} occurs twice")
            listed = raw["versions"]
            if not isinstance(listed, dict):
                self.fail((*place, "versions"), f"must be a mapping, found {kind_of(listed)}")
            # As in ``versions``: YAML takes an unquoted 5.1 for a number.
            listed = {str(version): code for version, code in listed.items()}
            for version, code in listed.items():
                where: Place = (*place, "versions", version)
                if version not in versions:
                    hint = did_you_mean(version, versions)
                    self.fail(where, f"version {version!r} is not declared{hint}")
                if code not in CODES:
                    self.fail(where, f"unknown validity {code!r}; allowed: {', '.join(CODES)}")
            found[date] = listed
        return found
