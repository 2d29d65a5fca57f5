# SPDX-License-Identifier: Apache-2.0
"""What the actions on folders of reports have in common: where the reports lie, which scopes and groups are known."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import why_unwritable, write_atomically
from pytest_scs.base.words import printable
from pytest_scs.commands.arguments import file_name
from pytest_scs.core.lifetime import read_span
from pytest_scs.core.scope import Scope
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import known_scopes


def add_places(action: Any) -> None:
    """Add the arguments that say where the reports lie, and which scopes are known beside ours."""
    action.add_argument(
        "places",
        nargs="+",
        type=file_name,
        metavar="DIR",
        help="folder of reports, whatever wrote them, or a report",
    )
    action.add_argument(
        "--scs-scope",
        action="append",
        default=[],
        type=file_name,
        metavar="FILE",
        help="scope file of your own, so that reports on it have a verdict, too; may be given several times",
    )


def add_groups(action: Any) -> None:
    """Add the arguments that say which subjects belong together."""
    action.add_argument(
        "--group",
        action="append",
        default=[],
        metavar="NAME=SUBJECT",
        help="a subject of a group, of which the worst member is shown; once for each of its subjects",
    )
    action.add_argument(
        "--scs-config",
        type=file_name,
        metavar="FILE",
        help="configuration whose [groups] and [certificates] are shown (TOML)",
    )


def fleet_of(arguments: argparse.Namespace) -> tuple[Any, Any, dict[str, Scope]]:
    """The score cards of all reports at the places, the reports, and the scopes that are known; raises InputError."""
    from pytest_scs.pipeline.due import DEFAULT, DueWithin
    from pytest_scs.pipeline.scorecard.scorecard import fleet

    typed = getattr(arguments, "due_within", None)
    span = read_span(typed, "--due-within") if typed is not None else None
    within = DEFAULT if span is None else DueWithin(span, span)
    groups, scopes = groups_of(arguments), scopes_of(arguments.scs_scope)
    held = certificates_of(arguments, scopes)
    store = reports_in(arguments.places)
    warn_of_strangers(arguments, [one.document.subject for one in store.reports])
    return dataclasses.replace(fleet(store.reports, scopes, now(), groups, within), **held), store, scopes


def now() -> dt.datetime:
    """The time that counts, in UTC without zone, as reports have it."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def reports_in(places: Sequence[Path]) -> Any:
    """The reports at some places; raises InputError where there is nothing at all."""
    from pytest_scs.pipeline.report_store import read_store

    store = read_store(places)
    if not store.reports and not store.unreadable:
        where = ", ".join(map(str, places))
        raise InputError(f"{where}: there is no report (*.yaml, *.json); name a folder with reports, or a report")
    return store


def scopes_of(files: Iterable[Path]) -> dict[str, Scope]:
    """UUID -> scope: those that come with the plugin and those of some files; raises InputError."""
    return known_scopes(load_scope(path) for path in files)


def groups_of(arguments: argparse.Namespace) -> dict[str, list[str]]:
    """Name -> subjects of the groups of the configuration and the command line; raises InputError."""
    from pytest_scs.pipeline.configuration import read_configuration

    groups = {name: list(subjects) for name, subjects in read_configuration(arguments.scs_config).groups.items()}
    for text in arguments.group:
        name, _, subject = text.partition("=")
        if not name.strip() or not subject.strip():
            raise InputError(f"--group: {text!r} is no NAME=SUBJECT, such as prod=prod1; give it once for each subject")
        if "," in subject:
            each = " ".join(f"--group={name}={one.strip()}" for one in subject.split(",") if one.strip())
            raise InputError(f"--group: {text!r} has several subjects; give the option once for each: {each}")
        members = groups.setdefault(name.strip(), [])
        if subject.strip() not in members:
            members.append(subject.strip())
    return groups


def warn_of_strangers(arguments: argparse.Namespace, subjects: Iterable[str]) -> None:
    """Say on standard error which names of groups and certificates look mistyped, given the subjects of reports.

    That there is no report of somebody yet is no mistake, and the overview says so.
    """
    from pytest_scs.pipeline.strangers import strangers_in

    typed: dict[str, list[str]] = {}
    for text in arguments.group:
        name, _, subject = text.partition("=")
        typed.setdefault(name.strip(), []).append(subject.strip())
    for one in strangers_in(arguments.scs_config, subjects, typed):
        if one.near:
            print(f"scs: warning: {printable(str(one))}", file=sys.stderr)


def certificates_of(arguments: argparse.Namespace, scopes: Mapping[str, Scope]) -> dict[str, Any]:
    """The fields ``certificates`` and ``monitor`` of a fleet, by the configuration; raises InputError."""
    from pytest_scs.pipeline.configuration import read_configuration
    from pytest_scs.pipeline.scorecard.certificates import certificates_of as certificates_in

    configuration = read_configuration(arguments.scs_config)
    try:
        found = certificates_in(configuration.certificates, scopes)
    except InputError as error:
        raise InputError(f"{arguments.scs_config}: {error}") from None
    return {"certificates": found, "monitor": configuration.monitor}


def complain(lines: Iterable[str]) -> int:
    """Tell on standard error what could not be read or written; how many lines that were."""
    told = [f"scs: {printable(line)}" for line in lines]
    for line in told:
        print(line, file=sys.stderr)
    return len(told)


def write_file(path: Path, text: str, what: str) -> None:
    """Write a file whole, and say so; raises InputError."""
    try:
        write_atomically(path, text)
    except OSError as error:
        raise InputError(f"cannot write {what} {path}: {why_unwritable(error)}") from None
    print(printable(f"{what}: {path}"))
