# SPDX-License-Identifier: Apache-2.0
"""From what the user asked for to the expected testcases: scope versions, targets, derived markers, order."""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pytest_scs.base.datafiles import current
from pytest_scs.base.errors import InputError
from pytest_scs.base.language import ENGLISH, Language
from pytest_scs.base.paths import SCOPES
from pytest_scs.base.words import check_single, did_you_mean
from pytest_scs.core.scope import CERTIFIABLE, TARGETS, Module, Scope, Testcase, standard_of
from pytest_scs.core.scope_file import load_scope

_PREFIX = "scs-compatible-"


@dataclasses.dataclass(frozen=True, slots=True)
class ChosenVersion:
    """A scope version to judge. ``decisive``: a FAIL in its target ``main`` fails the run."""

    scope: Scope
    name: str
    code: str
    decisive: bool

    @property
    def certifiable(self) -> bool:
        """Whether a subject can be certified for it on the reference date."""
        return self.scope.official and self.code in CERTIFIABLE

    @property
    def label(self) -> str:
        """How users write it: ``iaas-v5.1``."""
        return version_label(self.scope.path, self.name)

    @property
    def title(self) -> str:
        """How people read it: ``SCS-compatible IaaS v5.1``; a scope of one version may have it in its name."""
        return self.titled(ENGLISH)

    def titled(self, language: Language) -> str:
        """The same in a language."""
        name = language.text(self.scope.name)
        return name if self.name in self.scope.name.split() else f"{name} {self.name}"


@dataclasses.dataclass(frozen=True, slots=True)
class Membership:
    """One reason why a testcase is expected: a version includes a module that lists it in a target."""

    version: ChosenVersion
    module: Module
    target: str
    parameters: Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Expected:
    """A testcase that is to get a verdict in this run, and all reasons why."""

    testcase: Testcase
    memberships: tuple[Membership, ...]

    @property
    def id(self) -> str:
        """The testcase's id."""
        return self.testcase.id

    @property
    def decisive(self) -> bool:
        """Whether its FAIL fails the run: it is in ``main`` of a version that decides."""
        return any(member.target == "main" and member.version.decisive for member in self.memberships)

    @property
    def standard(self) -> str:
        """``scs-0103``; ``other`` where neither the testcase nor its modules say one (see :func:`standard_of`)."""
        number = standard_of(self.testcase, [member.module for member in self.memberships])
        return f"scs-{number}" if number else "other"

    @property
    def standard_name(self) -> str:
        """The standard's name as a module gives it: one of a version that decides, where there is one.

        Without the standard's number, which some modules repeat there.
        """
        name = next((m.module.name for m in self.memberships if m.version.decisive), self.memberships[0].module.name)
        return re.sub(r"^scs-\d{4}(?:-\w+)?: *(?=\S)", "", name)

    @property
    def modules(self) -> frozenset[str]:
        """Ids of the modules through which it was selected."""
        return frozenset(member.module.id for member in self.memberships)

    def parameters(self, name: str) -> tuple[str, ...]:
        """The values of a scope parameter for this testcase, each once."""
        values = (member.parameters.get(name) for member in self.memberships)
        return tuple(dict.fromkeys(value for value in values if value))

    def markers(self) -> dict[str, str]:
        """The derived markers of the testcase, name -> explanation for ``pytest --markers``."""
        found = {mark(self.standard): f"testcases of {self.standard}"}
        for member in self.memberships:
            layer = short_name(member.version.scope.path)
            found[mark(layer)] = f"testcases of {member.version.scope.name}"
            found[mark(member.module.id)] = f"testcases of module {member.module.id} ({member.module.name})"
            found[mark(member.version.label)] = f"testcases of {member.version.title}"
            found[mark(member.target)] = f"testcases in target {member.target}"
        found[mark(self.testcase.cost)] = f"testcases of cost class {self.testcase.cost}"
        return found


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
    """All that is to be judged: versions in the user's order, targets, and the expected testcases in scope order."""

    date: dt.date
    versions: tuple[ChosenVersion, ...]
    targets: tuple[str, ...]
    expected: Mapping[str, Expected]

    @property
    def scopes(self) -> list[Scope]:
        """The scopes of the chosen versions, each once; a report document is written for each."""
        return list({version.scope.uuid: version.scope for version in self.versions}.values())

    def members(self, version: ChosenVersion, target: str) -> list[Expected]:
        """The expected testcases of one target of one version."""
        return [
            entry
            for entry in self.expected.values()
            if any(member.version is version and member.target == target for member in entry.memberships)
        ]

    def groups(self) -> list[tuple[str, str, list[Expected]]]:
        """The expected testcases grouped by standard: (``scs-0103``, its name, testcases), sorted by number."""
        by_standard: dict[str, list[Expected]] = {}
        for entry in self.expected.values():
            by_standard.setdefault(entry.standard, []).append(entry)
        return [
            (standard, _name(entries), entries) for standard, entries in sorted(by_standard.items(), key=_number_first)
        ]


def _name(entries: Sequence[Expected]) -> str:
    """The name of their standard; several versions of it may be judged at once, and those that decide go first."""
    deciding = (entry for entry in entries if any(member.version.decisive for member in entry.memberships))
    return next(deciding, entries[0]).standard_name


def select(specs: Sequence[str], date: dt.date, targets: Sequence[str], base: Path) -> Selection:
    """Resolve ``--scs-scope`` values to a selection; ``base`` is the folder relative file names start from.

    Raises InputError for an unknown scope or version, a broken scope file, or a selection without any testcase.
    """
    loaded: dict[Path, Scope] = {}
    versions: dict[tuple[str, str], ChosenVersion] = {}
    for spec in specs:
        path, wanted = _resolve(spec, base)
        scope = loaded.get(path) or loaded.setdefault(path, load_scope(path))
        for version in _versions(spec, scope, wanted, date):
            key = (scope.uuid, version.name)
            if key not in versions or version.decisive:
                versions[key] = version
    chosen = tuple(versions.values())
    expected = dict(_expected(chosen, targets))
    if not expected:
        labels = ", ".join(version.label for version in chosen)
        raise InputError(f"no testcase in target {', '.join(targets)} of {labels}; try --scs-target=all")
    return Selection(date, chosen, tuple(targets), expected)


def _number_first(group: tuple[str, list[Expected]]) -> tuple[bool, str]:
    return group[0] == "other", group[0]


def bundled_scopes() -> dict[str, Path]:
    """Short name -> path of the scope files that come with the plugin, or of the user's newer copies of them.

    A file about one version (``iaas-v6``) is not among them where the scope itself (``iaas``) has that version: it was
    written as long as there was none.
    """
    found = {short_name(path): current(path) for path in sorted(SCOPES.glob("*.yaml"))}
    return {short: path for short, path in found.items() if not _has_version(found, short)}


def known_scopes(more: Iterable[Scope] = ()) -> dict[str, Scope]:
    """UUID -> scope: the bundled ones, and ``more``, which take their place; raises InputError."""
    bundled = (load_scope(path) for path in bundled_scopes().values())
    return {scope.uuid: scope for scope in (*bundled, *more)}


def _has_version(scopes: Mapping[str, Path], label: str) -> bool:
    """Whether one of some scope files has the version with this label."""
    wanted = {short: label.removeprefix(f"{short}-") for short in scopes if label.startswith(f"{short}-")}
    return any(version in load_scope(scopes[short]).versions for short, version in wanted.items())


def version_label(path: Path, version: str) -> str:
    """How users write a version of a scope file: ``iaas-v5.1``, and ``iaas-v6`` of ``iaas-v6.yaml``."""
    short = short_name(path)
    return short if short.endswith(f"-{version}") else f"{short}-{version}"


def short_name(path: Path) -> str:
    """``iaas`` for ``scs-compatible-iaas.yaml``: the stem without the common prefix."""
    return path.stem.removeprefix(_PREFIX)


def mark(name: str) -> str:
    """A marker name: everything that is no letter or digit becomes ``_`` (``scs-0100-v3.1`` -> ``scs_0100_v3_1``)."""
    return re.sub(r"\W", "_", name)


def known_markers() -> dict[str, str]:
    """All markers that the bundled scope files can derive, for ``pytest --markers``."""
    found: dict[str, str] = {}
    for path in bundled_scopes().values():
        scope = load_scope(path)
        versions = tuple(ChosenVersion(scope, name, "effective", True) for name in scope.versions)
        for _, entry in _expected(versions, TARGETS):
            found.update(entry.markers())
    return dict(sorted(found.items()))


def outside_targets(selection: Selection) -> set[str]:
    """The markers of testcases in the chosen versions that the chosen targets leave out."""
    everything = _expected(selection.versions, TARGETS)
    return {name for identity, entry in everything if identity not in selection.expected for name in entry.markers()}


def _resolve(spec: str, base: Path) -> tuple[Path, str | None]:
    """Path and version (None: all in force) of one ``--scs-scope`` value."""
    if not Path(base, spec.rpartition("@")[0] or spec).exists():
        check_single("--scs-scope", spec)
    name, at, version = spec.rpartition("@")
    if not at or "/" in version or version.endswith((".yaml", ".yml")):
        # No version; an @ further ahead belongs to the path (Jenkins has workspaces named job@2).
        name, version = spec, ""
    if name.endswith((".yaml", ".yml")) or "/" in name:
        # Not Path.resolve(), which raises RuntimeError for links in a circle.
        return Path(os.path.realpath(base / os.path.expanduser(name))), version or None
    bundled = bundled_scopes()
    for short, path in bundled.items():
        if spec == short:
            # The name of a file about one version names that version, in force or not.
            return path, next((name for name in load_scope(path).versions if version_label(path, name) == spec), None)
    for short, path in bundled.items():
        if spec.startswith(short + "-"):
            return path, spec.removeprefix(short + "-")
    known = known_labels()
    hint = did_you_mean(spec, known)
    raise InputError(f"--scs-scope: unknown scope {spec!r}{hint}; known: {', '.join(known)}, or a FILE.yaml@VERSION")


def known_labels() -> list[str]:
    """What can be judged of the bundled scope files, as users write it: a scope, and each of its versions."""
    bundled = bundled_scopes()
    return list(
        dict.fromkeys(label for short, path in bundled.items() for label in (short, *_labels(load_scope(path))))
    )


def _labels(scope: Scope) -> list[str]:
    return [version_label(scope.path, version) for version in scope.versions]


def _versions(spec: str, scope: Scope, wanted: str | None, date: dt.date) -> Iterator[ChosenVersion]:
    if wanted is not None:
        if wanted not in scope.versions:
            # What can be typed, although only its end may be mistyped.
            start = spec.removesuffix(wanted)
            close = difflib.get_close_matches(wanted, list(scope.versions), n=1)
            suggestion = f"; did you mean {start + close[0]!r}? Known:" if close else "; known:"
            known = ", ".join(f"{start}{version}" for version in scope.versions)
            raise InputError(f"--scs-scope: {spec!r}: {scope.name} has no version {wanted!r}{suggestion} {known}")
        yield ChosenVersion(scope, wanted, scope.code(wanted, date), decisive=True)
        return
    listed = scope.validity(date)
    if not listed:
        example = _labels(scope)[0]
        raise InputError(f"--scs-scope: no version of {scope.name} is in force on {date}; name one, e.g. {example}")
    # A draft that is judged along informs; it must not fail a subject that meets every version it can be certified for.
    certifiable = any(code in CERTIFIABLE for code in listed.values())
    for name, code in listed.items():
        yield ChosenVersion(scope, name, code, decisive=code in CERTIFIABLE or not certifiable)


def _expected(versions: Sequence[ChosenVersion], targets: Sequence[str]) -> Iterator[tuple[str, Expected]]:
    reasons: dict[str, list[Membership]] = {}
    declared: dict[str, Testcase] = {}
    for version in versions:
        for identity, testcase in version.scope.testcases.items():
            declared.setdefault(identity, testcase)
        for inclusion in version.scope.versions[version.name].includes:
            for target, ids in inclusion.module.targets.items():
                if target in targets:
                    for identity in ids:
                        member = Membership(version, inclusion.module, target, inclusion.parameters)
                        reasons.setdefault(identity, []).append(member)
    for identity, testcase in declared.items():
        if identity in reasons:
            yield identity, Expected(testcase, tuple(reasons[identity]))
