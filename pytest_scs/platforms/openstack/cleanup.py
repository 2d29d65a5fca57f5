# SPDX-License-Identifier: Apache-2.0
"""What crashed runs left in a cloud, and its removal, for ``scs cleanup``."""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import re
from typing import TYPE_CHECKING

from pytest_scs.base.errors import InputError
from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.openstack.settings import DEMO_CLOUDS

if TYPE_CHECKING:
    from pytest_scs.platforms.openstack.client import Client
    from pytest_scs.platforms.openstack.removal import Resource

_UNITS = {"m": 60, "h": 3600, "d": 86400}


def clean_up_cloud(arguments: argparse.Namespace) -> int:
    """List the leftovers and, if asked to, remove them; 1 if something is still there that should not be."""
    cloud, run_id, limit = arguments.os_cloud, _run_id(arguments.run_id), _age(arguments.older_than)
    client = _connect(cloud)
    from pytest_scs.evidence import journal
    from pytest_scs.platforms.openstack import journaling, leftovers

    account = journaling.account_of(client)
    running = {past.run for past in journal.past_runs(cloud) if past.running} - {run_id}
    # A run that is known here, or named, vouches for what has nothing but a name.
    runs = {*journal.known_runs(), *([run_id] if run_id else [])}
    left = leftovers.find_leftovers(client, cloud, runs)
    everything, unlisted = left.resources, left.unlisted
    proven = [one for one in everything if one.run in runs or _proves_itself(one)]
    found = [one for one in proven if _wanted(one, run_id, limit) and one.run not in running]
    for problem in unlisted:
        print(f"ERROR: {problem}")
    for one in sorted(running & {resource.run for resource in everything}):
        print(f"run {one} is still in progress on this machine and left alone (--run={one} includes it)")
    for resource in everything:
        if resource not in proven and run_id is None:
            print(f"{resource} looks like ours, but only its name says so: --run={resource.run} includes it")
    strangers = list(leftovers.lines_about_other_accounts(client, cloud, run_id))
    for line in (*leftovers.lines_about_uncertain(client, cloud, run_id), *strangers):
        print(line)
    for resource in found:
        print(f"{resource}{f', created {resource.created}' if resource.created else ''}")
    if not found:
        seen = everything or unlisted or strangers
        print(f"cloud {cloud}: {'there is nothing to remove' if seen else 'nothing is left of any run'}")
    elif not arguments.delete:
        print(f"{len(found)} left; remove them with: scs cleanup --os-cloud={cloud} --delete")
    failed = bool(found) and arguments.delete and not _remove(client, cloud, found)
    judged = {run_id} if run_id else runs
    unlisted += _tell_what_appeared(client, cloud, judged, {one.id for one in everything})
    if arguments.delete and not failed and not unlisted and limit is None:
        for one in judged - {resource.run for resource in everything if resource not in found} - running:
            journal.note_nothing_left(one, cloud, account)
    return 1 if failed or unlisted else 0


def _proves_itself(resource: Resource) -> bool:
    """Whether a run's metadata are on it, or a journal has it; what merely hangs on something has no name of a run."""
    return not resource.kind.named or bool(resource.kind.metadata and resource.standard)


def _remove(client: Client, cloud: str, found: list[Resource]) -> bool:
    """Remove what was found; whether all of it is gone."""
    from pytest_scs.evidence.journal import Journal, note_gone
    from pytest_scs.platforms.openstack.janitor import lend_key
    from pytest_scs.platforms.openstack.journaling import teller
    from pytest_scs.platforms.openstack.removal import remove_resources

    def removed(resource: Resource) -> None:
        print(f"removed {resource}")
        if not resource.kind.named:  # only the journal tells of it, and would do so again
            note_gone(teller(client), cloud, resource.run, resource.kind.name, resource.name, resource.id)

    problems = remove_resources(
        client, found, removed, lambda bucket: lend_key(client, Journal(bucket.run, cloud), bucket)
    )
    for problem in problems:
        print(f"ERROR: {problem}")
    return not problems


def _tell_what_appeared(client: Client, cloud: str, runs: set[str], found: set[str]) -> list[str]:
    """Print a line for each thing; returns the problems with that."""
    from pytest_scs.platforms.openstack.leftovers import lines_about_appeared

    try:
        for line in lines_about_appeared(client, cloud, runs, found):
            print(line)
    except Inconclusive as error:
        print(f"ERROR: {error}")
        return [str(error)]
    return []


def _run_id(wanted: str | None) -> str | None:
    if wanted is not None and not re.fullmatch(r"[0-9a-f]{8}", wanted):
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
    from pytest_scs.platforms.openstack.client import Client
    from pytest_scs.platforms.openstack.config import check_embedded, find_cloud

    if cloud in DEMO_CLOUDS:
        check_embedded(cloud)
        raise InputError(f"--os-cloud: {cloud} is made anew for every run; there is nothing to clean up")
    # What libraries log would stand beside our own words.
    for library in ("keystoneauth", "openstack", "urllib3"):
        logging.getLogger(library).addHandler(logging.NullHandler())
    region = find_cloud(cloud)
    try:
        client = Client(region, deadline=60)
        client.access()
    except Exception as error:  # SDKs raise what they like
        raise InputError(f"cloud {cloud}: {error}") from None
    return client


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
