# SPDX-License-Identifier: Apache-2.0
"""What crashed runs left in a cloud, and its removal, for ``scs cleanup``."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime as dt
import logging
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pytest_scs.base.errors import InputError
from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.cleaning import is_older, latest_creation, let_requests_end, say, wanted_run
from pytest_scs.platforms.openstack.settings import DEMO_CLOUDS

if TYPE_CHECKING:
    from pytest_scs.base.redact import Redactor
    from pytest_scs.platforms.openstack.client import Client
    from pytest_scs.platforms.openstack.resource import Resource


def clean_up_cloud(arguments: argparse.Namespace) -> int:
    """List the leftovers and, if asked to, remove them; 1 if something is still there that should not be."""
    cloud, run_id, limit = arguments.os_cloud, wanted_run(arguments.run_id), latest_creation(arguments.older_than)
    client = _connect(cloud, arguments.redact)
    from pytest_scs.evidence import journal, journal_file
    from pytest_scs.platforms.openstack.closing import LATENESS
    from pytest_scs.platforms.openstack.journaling import account_of, own_runs

    for damaged in journal_file.damaged_journals():
        say(damaged)
    if arguments.delete:
        journal_file.remove_empty_journals()
        let_requests_end(own_runs(client, cloud), LATENESS)
    state = _look(client, cloud, run_id, limit)
    _tell(client, cloud, run_id, state, delete=arguments.delete)
    failed = bool(state.found) and arguments.delete and not _remove(client, cloud, state.found)
    judged = {run_id} if run_id else journal.known_runs()
    unlisted = [*state.unlisted, *_tell_what_appeared(client, cloud, judged, {one.id for one in state.everything})]
    if arguments.delete and not failed and not unlisted and limit is None:
        for one in (
            judged - {resource.run for resource in state.everything if resource not in state.found} - state.running
        ):
            journal.note_nothing_left(one, cloud, account_of(client))
    return 1 if failed or unlisted else 0


@dataclasses.dataclass(frozen=True, slots=True)
class _State:
    """What is in the cloud: everything that looks like a run's, what of it is proven, and what is to be removed."""

    everything: list[Resource]
    proven: list[Resource]
    found: list[Resource]
    running: set[str]
    unlisted: list[str]
    foreign: list[str]


def _look(client: Client, cloud: str, run_id: str | None, limit: dt.datetime | None) -> _State:
    from pytest_scs.evidence.journal import past_runs
    from pytest_scs.platforms.openstack.journaling import claims, own_runs
    from pytest_scs.platforms.openstack.leftovers import find_leftovers

    own = own_runs(client, cloud)
    running = {past.run for past in past_runs(cloud) if past.running} - {run_id}
    # What has nothing but a name needs somebody who vouches for it: a journal that has this name, or the user.
    named = {run_id} if run_id else set()
    programs = {past.run for past in own if past.programs} | named
    left = find_leftovers(client, cloud, programs)
    claimed = claims(own)
    proven = [one for one in left.resources if _proves_itself(one) or _vouched(one, claimed, programs, named)]
    found = [one for one in proven if _wanted(one, run_id, limit) and one.run not in running]
    return _State(left.resources, proven, found, running, left.unlisted, left.foreign)


def _tell(client: Client, cloud: str, run_id: str | None, state: _State, *, delete: bool) -> None:
    """Print what was found, a line each, and what to do."""
    from pytest_scs.platforms.openstack.leftovers import lines_about_other_accounts, lines_about_uncertain

    for problem in state.unlisted:
        say(f"ERROR: {problem}")
    for one in sorted(state.running & {resource.run for resource in state.everything}):
        say(f"run {one} is still in progress on this machine and left alone (--run={one} includes it)")
    for resource in state.everything:
        if resource not in state.proven and run_id is None:
            say(f"{resource} looks like ours, but only its name says so: --run={resource.run} includes it")
    strangers = list(lines_about_other_accounts(client, cloud, run_id))
    for line in (*lines_about_uncertain(client, cloud, run_id), *state.foreign, *strangers):
        say(line)
    for resource in state.found:
        say(f"{resource}{f', created {resource.created}' if resource.created else ''}")
    if not state.found:
        seen = state.everything or state.unlisted or state.foreign or strangers
        say(f"cloud {cloud}: {'there is nothing to remove' if seen else 'nothing is left of any run'}")
    elif not delete:
        say(f"{len(state.found)} left; remove them with: scs cleanup --os-cloud={cloud} --delete")


def _vouched(resource: Resource, claimed: Mapping[tuple[str, str], bool], programs: set[str], named: set[str]) -> bool:
    """Whether a journal names what has nothing but a name, or has a program that gives such names, or the user does."""
    if (resource.kind.name, resource.name) in claimed or resource.run in named:
        return True
    return resource.run in programs and not resource.standard


def _proves_itself(resource: Resource) -> bool:
    """Whether a run's metadata are on it, or a journal has it; what merely hangs on something has no name of a run."""
    return not resource.kind.named or bool(resource.kind.metadata and resource.standard)


def _remove(client: Client, cloud: str, found: list[Resource]) -> bool:
    """Remove what was found; whether all of it is gone."""
    from pytest_scs.evidence.journal import Journal, note_gone
    from pytest_scs.evidence.progress import keep_telling, waiting_for
    from pytest_scs.platforms.openstack.janitor import lend_key
    from pytest_scs.platforms.openstack.journaling import teller
    from pytest_scs.platforms.openstack.removal import remove_resources

    left = [str(one) for one in found]

    def removed(resource: Resource) -> None:
        say(f"removed {resource}")
        with contextlib.suppress(ValueError):  # EC2 credentials that were lent were not found
            left.remove(str(resource))
        if not resource.kind.named:  # only the journal tells of it, and would do so again
            note_gone(teller(client), cloud, resource.run, resource.kind.name, resource.name, resource.id)

    over = threading.Event()
    keep_telling(
        lambda passed: waiting_for(f"the removal of what is left ({len(left)})" if left else "", passed), say, over
    )
    try:
        problems = remove_resources(
            client, found, removed, lambda bucket: lend_key(client, Journal(bucket.run, cloud), bucket)
        )
    finally:
        over.set()
    for problem in problems:
        say(f"ERROR: {problem}")
    return not problems


def _tell_what_appeared(client: Client, cloud: str, runs: set[str], found: set[str]) -> list[str]:
    """Print a line for each thing; returns the problems with that."""
    from pytest_scs.platforms.openstack.leftovers import lines_about_appeared

    try:
        for line in lines_about_appeared(client, cloud, runs, found):
            say(line)
    except Inconclusive as error:
        say(f"ERROR: {error}")
        return [str(error)]
    return []


def _connect(cloud: str, redact: Redactor) -> Client:
    from pytest_scs.platforms.openstack.authentication import authenticate
    from pytest_scs.platforms.openstack.client import Client
    from pytest_scs.platforms.openstack.config import check_embedded, find_cloud, secrets_of

    if cloud in DEMO_CLOUDS:
        check_embedded(cloud)
        raise InputError(f"--os-cloud: {cloud} is made anew for every run; there is nothing to clean up")
    # What libraries log would stand beside our own words.
    for library in ("keystoneauth", "openstack", "urllib3"):
        logging.getLogger(library).addHandler(logging.NullHandler())
    region = find_cloud(cloud)
    redact.add(secrets_of(region))
    try:
        client = Client(region, deadline=60)
        redact.add([authenticate(client).access.auth_token])
    except Exception as error:  # SDKs raise what they like
        raise InputError(f"cloud {cloud}: {redact(str(error))}") from None
    return client


def _wanted(resource: Resource, run_id: str | None, limit: dt.datetime | None) -> bool:
    if run_id and resource.run != run_id:
        return False
    return is_older(resource.created, limit)
