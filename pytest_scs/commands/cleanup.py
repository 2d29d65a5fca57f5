# SPDX-License-Identifier: Apache-2.0
"""``scs cleanup``: what crashed runs left in a cloud, and its removal."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pytest_scs.errors import Inconclusive, InputError
from pytest_scs.sources import DEMO_CLOUDS

if TYPE_CHECKING:
    from pytest_scs.openstack.client import Client
    from pytest_scs.openstack.removal import Resource

_UNITS = {"m": 60, "h": 3600, "d": 86400}


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    sub = commands.add_parser(
        "cleanup",
        help="list or remove what crashed runs left in a cloud",
        description="List what crashed conformance runs left in a cloud, by the run ids in names and metadata. Nothing "
        "is removed without --delete, and nothing that carries no run id is ever touched. Names made by Tempest count "
        "for runs that were started on this machine, or are named with --run.",
    )
    sub.add_argument("--os-cloud", required=True, metavar="NAME", help="cloud in clouds.yaml")
    sub.add_argument("--delete", action="store_true", help="remove what is listed")
    sub.add_argument("--run", dest="run_id", metavar="ID", help="only what this run made (eight hexadecimal digits)")
    sub.add_argument("--older-than", metavar="AGE", help="only what is older, e.g. 30m, 6h, 2d")
    sub.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List the leftovers and, if asked to, remove them; 1 if something is still there that should not be."""
    from pytest_scs.openstack import journal

    cloud, run_id, limit = arguments.os_cloud, _run_id(arguments.run_id), _age(arguments.older_than)
    client = _connect(cloud)
    unlisted: list[str] = []
    # Names that a program like Tempest made prove nothing by themselves; a run that is known here, or named, does.
    runs = {*journal.known(), *([run_id] if run_id else [])}
    everything = list(_leftovers(client, runs, unlisted))
    found = [one for one in everything if _wanted(one, run_id, limit)]
    for problem in unlisted:
        print(f"ERROR: {problem}")
    for resource in found:
        print(f"{resource}{f', created {resource.created}' if resource.created else ''}")
    failed = False
    if not found:
        print(f"cloud {cloud}: nothing is left of any run")
    elif not arguments.delete:
        print(f"{len(found)} left; remove them with: scs cleanup --os-cloud={cloud} --delete")
    else:
        failed = _remove(client, found)
    judged = [run for run in journal.known() if run_id in (None, run)]
    _note(client, cloud, judged, {one.id for one in everything}, unlisted)
    if arguments.delete and not failed and not unlisted:
        kept = {one.run for one in everything if one not in found}
        for run in judged:
            if run not in kept:
                journal.forget(run, cloud)
    return 1 if failed or unlisted else 0


def _remove(client: Client, found: list[Resource]) -> bool:
    """Remove what was found; whether something is still there."""
    from pytest_scs.openstack.removal import remove

    problems = remove(client, found, lambda resource: print(f"removed {resource}"))
    for problem in problems:
        print(f"ERROR: {problem}")
    return bool(problems)


def _note(client: Client, cloud: str, runs: list[str], found: set[str], unlisted: list[str]) -> None:
    """Print what appeared since a program was started here and cannot be proved to be of it."""
    from pytest_scs.openstack import journal, sweep

    for run in runs:
        started = [event for event in journal.read(run) if (event["event"], event["cloud"]) == ("program", cloud)]
        for event in started:
            try:
                lines = sweep.unproven(client, event["before"])
            except Inconclusive as error:
                unlisted.append(str(error))
                print(f"ERROR: {error}")
                return
            for line in lines:
                if not any(f"({identity})" in line for identity in found):
                    print(f"not removed: {line}")


def _run_id(wanted: str | None) -> str | None:
    if wanted and not re.fullmatch(r"[0-9a-f]{8}", wanted):
        raise InputError(f"--run: {wanted!r} is no run id; it has eight hexadecimal digits")
    return wanted


def _age(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,6})([mhd])", text)
    if not match:
        raise InputError(f"--older-than: {text!r} is no age; write for example 30m, 6h or 2d")
    return dt.datetime.now(dt.UTC) - dt.timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def _connect(cloud: str) -> Client:
    from pytest_scs.openstack.client import Client
    from pytest_scs.openstack.config import find_cloud

    if cloud in DEMO_CLOUDS:
        raise InputError(f"--os-cloud: {cloud} is made anew for every run; there is nothing to clean up")
    region = find_cloud(cloud)
    try:
        client = Client(region, deadline=60)
        client.access()
    except Exception as error:  # SDKs raise what they like
        raise InputError(f"cloud {cloud}: {error}") from None
    return client


def _leftovers(client: Client, runs: set[str], unlisted: list[str]) -> Iterator[Resource]:
    """What carries a run id, by kind, and what hangs on it; what cannot be listed is noted in ``unlisted``."""
    from pytest_scs.openstack.kinds import KINDS
    from pytest_scs.openstack.removal import TEMPEST_NAME, named
    from pytest_scs.openstack.sweep import attached

    found: list[Resource] = []
    for kind in KINDS.values():
        if kind.by_programs and not runs:
            continue
        # What a cloud does not offer cannot have been left there.
        try:
            if client.offers(kind.service):
                found += named(client, kind, runs)
        except Inconclusive as error:
            unlisted.append(f"what is left of kind {kind.name} cannot be listed: {error}")
    known = {one.id for one in found}
    try:
        holders = [one for one in found if TEMPEST_NAME.fullmatch(one.name) and one.run in runs]
        found += [one for one in attached(client, holders) if one.id not in known]
    except Inconclusive as error:
        unlisted.append(f"what hangs on it cannot be listed: {error}")
    yield from found


def _wanted(resource: Resource, run_id: str | None, limit: dt.datetime | None) -> bool:
    if run_id and resource.run != run_id:
        return False
    if limit is None:
        return True
    try:
        created = dt.datetime.fromisoformat(resource.created.replace("Z", "+00:00"))
    except ValueError:
        return False  # of unknown age: leave it
    return (created if created.tzinfo else created.replace(tzinfo=dt.UTC)) < limit
