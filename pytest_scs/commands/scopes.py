# SPDX-License-Identifier: Apache-2.0
"""``scs scopes``: what there is to be judged by, since when and until when it counts, and what it demands; offline."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import cut, printable
from pytest_scs.commands import scopes_diff
from pytest_scs.commands.run_words import reworded
from pytest_scs.core.scope import TARGETS, Scope
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import (
    ChosenVersion,
    Expected,
    Selection,
    bundled_scopes,
    select,
    short_name,
    version_label,
)
from pytest_scs.core.validity import validity_of, warnings_about
from pytest_scs.reports.html_words import VALIDITY


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    sub = commands.add_parser(
        "scopes",
        help="list scopes, their versions and testcases, and compare versions",
        usage="scs scopes [SCOPE ...] [--date DATE] [--json]\n       scs scopes diff OLD NEW [--date DATE] [--json]",
        description="List the versions of all scopes with their validity, and how many testcases they demand; of the "
        "scopes that are named, each testcase. With diff, say what somebody who meets OLD must do for NEW. "
        "Contacts nothing.",
        epilog="examples: scs scopes; scs scopes iaas-v5.1; scs scopes diff iaas-v5.1 iaas-next",
    )
    sub.add_argument("scopes", nargs="*", metavar="SCOPE", help="as for scs run: iaas, iaas-v5.1, FILE.yaml@v5.1")
    sub.add_argument("--date", metavar="DATE", help="validity on this day, YYYY-MM-DD (default: today, UTC)")
    sub.add_argument("--json", action="store_true", help="print JSON for programs")
    sub.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List versions, or testcases, or differences; raises InputError for a scope that nobody knows."""
    date = _date(arguments.date)
    names = arguments.scopes
    try:
        if names[:1] == ["diff"]:
            return _diff(names[1:], date, as_json=arguments.json)
        if names:
            return _show(select(names, date, TARGETS, Path.cwd()), as_json=arguments.json)
    except InputError as error:
        text = reworded(str(error)).removeprefix("SCOPE: ")
        raise InputError(text if text.startswith("scopes: ") else f"scopes: {text}") from None
    return _list([load_scope(path) for path in bundled_scopes().values()], date, as_json=arguments.json)


def _date(text: str | None) -> dt.date:
    if text is None:
        return dt.datetime.now(dt.UTC).date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"scopes: --date: {cut(text, 40)!r} is not a date; write YYYY-MM-DD") from None


def _list(scopes: Sequence[Scope], date: dt.date, *, as_json: bool) -> int:
    """Print a line for each version of each scope."""
    versions = {
        scope.uuid: [ChosenVersion(scope, name, scope.code(name, date), decisive=True) for name in scope.versions]
        for scope in scopes
    }
    if as_json:
        shown = [
            {**_scope_as_json(scope), "versions": list(map(_as_json_on(date), versions[scope.uuid]))}
            for scope in scopes
        ]
        _print_json({"date": str(date), "scopes": shown})
        return 0
    width = max(len(one.label) for listed in versions.values() for one in listed)
    print(f"On {date} (UTC):")
    for scope in scopes:
        print()
        print(printable(f"{short_name(scope.path)}: {scope.name}{'' if scope.official else ', not official'}"))
        for one in versions[scope.uuid]:
            print(printable(f"  {one.label:{width}}  {_validity(one, date)}; {_counts(one)}"))
    codes = {one.code: None for listed in versions.values() for one in listed}
    print()
    for code in codes:
        print(f"{code}: {VALIDITY[code]}")
    print("recommended, preview: do not decide about a certificate.")
    warn([one for listed in versions.values() for one in listed if one.code != "deprecated"], date)
    return 0


def _show(selection: Selection, *, as_json: bool) -> int:
    """Print all testcases of some versions, by standard as the plan of a run."""
    if as_json:
        testcases = [_testcase_as_json(entry) for entry in selection.expected.values()]
        versions = [
            {"scope": _scope_as_json(one.scope), **_as_json_on(selection.date)(one)} for one in selection.versions
        ]
        _print_json({"date": str(selection.date), "versions": versions, "testcases": testcases})
        return 0
    for one in selection.versions:
        print(printable(f"{one.label}: {one.title}, {_validity(one, selection.date)}; {_counts(one)}"))
    for standard, name, entries in selection.groups():
        print()
        print(printable(f"{standard} {name}"))
        for entry in entries:
            print(printable(f"  {entry.id}: {'; '.join([entry.testcase.cost, *_why(entry)])}"))
            if entry.testcase.description:
                print(printable(f"      {entry.testcase.description}"))
    print("\nWhat a testcase looks at: scs explain TESTCASE")
    warn(selection.versions, selection.date)
    return 0


def _diff(names: Sequence[str], date: dt.date, *, as_json: bool) -> int:
    """Print what somebody who meets one version must do for another one."""
    if len(names) != 2:
        raise InputError(
            f"scopes: diff takes two versions, found {len(names)}; example: scs scopes diff iaas-v5.1 iaas-next"
        )
    old, new = (scopes_diff.one_version(name, date) for name in names)
    if as_json:
        _print_json(
            {"date": str(date), "from": _as_json_on(date)(old), "to": _as_json_on(date)(new)}
            | scopes_diff.as_json(old, new)
        )
        return 0
    heads = [f"{one.title} ({one.label}, {_validity(one, date)})" for one in (old, new)]
    print(printable(f"From {heads[0]} to {heads[1]}, on {date}:"))
    for line in scopes_diff.lines(old, new):
        print(printable(line))
    warn([new], date)
    return 0


def warn(versions: Sequence[ChosenVersion], date: dt.date) -> None:
    """Say on standard error what speaks against choosing some versions on a date."""
    sys.stdout.flush()
    for one in versions:
        for text in warnings_about(one.scope, one.name, date):
            print(printable(f"WARNING: {one.label} is {text}"), file=sys.stderr)


def _validity(one: ChosenVersion, date: dt.date) -> str:
    """``effective since 2024-12-19, until 2027-01-01``."""
    validity = validity_of(one.scope, one.name, date)
    since = f" since {validity.since}" if validity.since else ""
    until = f", from {validity.until} {validity.then}" if validity.until else ""
    return f"{validity.code}{since}{until}"


def _counts(one: ChosenVersion) -> str:
    """``54 testcases in main, 16 in recommended, 9 in preview``."""
    targets = one.scope.versions[one.name].targets()
    main = len(targets.get("main", ()))
    rest = [f"{len(targets[target])} in {target}" for target in TARGETS[1:] if targets.get(target)]
    return ", ".join([f"{main} testcase{'s' if main != 1 else ''} in main", *rest])


def _why(entry: Expected) -> Iterator[str]:
    for one in entry.memberships:
        yield f"{one.version.label} {one.target} through {one.module.id}"


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=True))


def _scope_as_json(scope: Scope) -> dict[str, Any]:
    return {
        "scope": short_name(scope.path),
        "uuid": scope.uuid,
        "name": scope.name,
        "url": scope.url,
        "official": scope.official,
    }


def _as_json_on(date: dt.date) -> Any:
    """What makes a version JSON, with its validity on a date."""

    def as_json(one: ChosenVersion) -> dict[str, Any]:
        version = one.scope.versions[one.name]
        validity = validity_of(one.scope, one.name, date)
        targets = version.targets()
        return {
            "label": version_label(one.scope.path, one.name),
            "version": one.name,
            "validity": validity.code,
            "since": str(validity.since) if validity.since else None,
            "until": str(validity.until) if validity.until else None,
            "then": validity.then or None,
            "certifiable": one.certifiable,
            "stable": version.stable,
            "stabilized_at": str(version.stabilized_at) if version.stabilized_at else None,
            "testcases": {target: len(targets.get(target, ())) for target in TARGETS},
            "warnings": warnings_about(one.scope, one.name, date),
        }

    return as_json


def _testcase_as_json(entry: Expected) -> dict[str, Any]:
    testcase = entry.testcase
    return {
        "id": testcase.id,
        "description": testcase.description,
        "url": testcase.url,
        "standard": entry.standard,
        "cost": testcase.cost,
        "lifetime": testcase.lifetime or "week",
        "manual": testcase.manual,
        "demanded_by": [
            {"version": one.version.label, "target": one.target, "module": one.module.id} for one in entry.memberships
        ],
    }
