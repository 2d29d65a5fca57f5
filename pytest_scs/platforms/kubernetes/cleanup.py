# SPDX-License-Identifier: Apache-2.0
"""What crashed runs left in a cluster, and its removal, for ``scs cleanup``."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import logging
import os
import threading
from typing import TYPE_CHECKING

from pytest_scs.base.errors import InputError
from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.cleaning import is_older, latest_creation, let_requests_end, say, wanted_run
from pytest_scs.platforms.kubernetes.cleanup_command import cleanup_command
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings

if TYPE_CHECKING:
    from pytest_scs.platforms.kubernetes.belongings import Belonging
    from pytest_scs.platforms.kubernetes.client import Client
    from pytest_scs.platforms.kubernetes.leftovers import Leftovers
    from pytest_scs.platforms.kubernetes.suite_leftovers import SuiteLeftovers

#: Seconds to repeat what fails for a while.
_DEADLINE = 60


@dataclasses.dataclass(frozen=True, slots=True)
class _Order:
    """What is asked for: in which cluster, of which run, how old, and whether it is to be removed."""

    client: Client
    context: str
    command: str
    run: str | None
    limit: dt.datetime | None
    delete: bool
    force: bool


def clean_up_cluster(arguments: argparse.Namespace) -> int:
    """List the leftovers and, if asked to, remove them; 1 if something is still there that should not be."""
    run, limit = wanted_run(arguments.run_id), latest_creation(arguments.older_than)
    client, context, command = _connect(arguments)
    order = _Order(client, context, command, run, limit, arguments.delete, arguments.force)
    try:
        return _clean_up(order)
    except Inconclusive as error:
        raise InputError(f"cluster {context}: {error}") from None
    finally:
        client.close()


def _clean_up(order: _Order) -> int:
    from pytest_scs.evidence import journal, journal_file
    from pytest_scs.platforms.kubernetes.closing import LATENESS
    from pytest_scs.platforms.kubernetes.journaling import account_of, own_runs
    from pytest_scs.platforms.kubernetes.leftovers import find_leftovers

    for damaged in journal_file.damaged_journals():
        say(damaged)
    if order.delete:
        journal_file.remove_empty_journals()
        let_requests_end(own_runs(order.client), LATENESS)
    left = find_leftovers(order.client)
    running = {past.run for past in journal.past_runs() if past.running} - {order.run}
    proven = [*left.belongings, *(_insisted(left.doubtful) if order.force else ())]
    wanted = [one for one in proven if order.run in (None, one.run) and is_older(one.created, order.limit)]
    found = [one for one in wanted if one.run not in running]
    suite, problems = _suite_leftovers(order, left)
    _tell(order, left, running, found, bool(suite))
    failed = bool(found) and order.delete and not _remove(order.client, found)
    failed = _remove_suite(order, suite) or failed
    problems += left.unlisted
    if order.delete and not failed and not problems and order.limit is None:
        judged = {order.run} if order.run else journal.known_runs()
        account = account_of(order.client)
        for one in judged - {thing.run for thing in proven if thing not in found} - running:
            for past in [past for past in journal.past_runs() if past.run == one and past.account == account]:
                journal.note_nothing_left(one, past.subject, account)
    return 1 if failed or problems else 0


def _insisted(doubtful: list[Belonging]) -> list[Belonging]:
    """What has nothing but a name, and is taken for ours because a user insists."""
    from pytest_scs.platforms.kubernetes.belongings import PROBE_NAMESPACE

    return [dataclasses.replace(one, claimed=True) for one in doubtful if not PROBE_NAMESPACE.fullmatch(one.name)]


def _suite_leftovers(order: _Order, left: Leftovers) -> tuple[SuiteLeftovers | None, list[str]]:
    """What the e2e suite left, unless one run of ours is asked for; and the problems with that."""
    from pytest_scs.platforms.kubernetes.suite_leftovers import SuiteLeftovers

    if order.run:
        return None, []
    try:
        return SuiteLeftovers(order.client), []
    except Inconclusive as error:
        say(f"ERROR: what is left of the e2e suite cannot be told: {error}")
        return None, [str(error)]


def _tell(order: _Order, left: Leftovers, running: set[str], found: list[Belonging], suite: bool) -> None:
    """Print what was found, a line each, and what to do."""
    from pytest_scs.platforms.kubernetes.leftovers import lines_about_doubtful, lines_about_other_accounts

    for problem in left.unlisted:
        say(f"ERROR: {problem}")
    for one in sorted(running & {thing.run for thing in left.belongings if order.run is None}):
        say(f"run {one} is still in progress on this machine and left alone (--run={one} includes it)")
    strangers = list(lines_about_other_accounts(order.client, order.context, order.run))
    doubtful = [] if order.force or order.run else list(lines_about_doubtful(left.doubtful))
    for line in (*doubtful, *left.foreign, *strangers):
        say(line)
    for thing in found:
        say(f"{thing}{f', created {thing.created}' if thing.created else ''}")
    if not found:
        seen = left.belongings or left.unlisted or left.foreign or doubtful or strangers or suite
        say(f"cluster {order.context}: {'there is nothing to remove' if seen else 'nothing is left of any run'}")
    elif not order.delete:
        which = f" --run={order.run}" if order.run else ""
        say(f"{len(found)} left; remove them with: {order.command}{which} --delete")


def _remove(client: Client, found: list[Belonging]) -> bool:
    """Remove what was found; whether all of it is gone."""
    from pytest_scs.evidence.progress import keep_telling, waiting_for
    from pytest_scs.platforms.kubernetes.removal import remove_belongings

    left = list(found)

    def removed(thing: Belonging) -> None:
        say(f"removed {thing}")
        left.remove(thing)

    over = threading.Event()
    keep_telling(
        lambda passed: waiting_for(f"the removal of what is left ({len(left)})" if left else "", passed), say, over
    )
    try:
        problems = remove_belongings(client, found, removed)
    finally:
        over.set()
    for problem in problems:
        say(f"ERROR: {problem}")
    return not problems


def _remove_suite(order: _Order, suite: SuiteLeftovers | None) -> bool:
    """List what the e2e suite left, and remove it if that is forced; whether something stayed that was to go."""
    if not suite:
        return False
    forced = order.delete and order.force
    if suite.running:
        say(
            f"the e2e suite runs in namespace {', '.join(suite.running)}: what its tests make ({len(suite.namespaces)} "
            "namespaces at present) is left alone"
        )
        return forced
    if not forced:
        for line in suite.lines():
            say(line)
        say(f"these may be somebody else's; if they are not, remove them with: {order.command} --delete --force")
        return False
    failed = False
    for line in suite.remove():
        say(line)
        failed = failed or line.startswith("ERROR")
    return failed


def _connect(arguments: argparse.Namespace) -> tuple[Client, str, str]:
    """A client of the cluster, its context, and the command with which it was named; raises InputError."""
    from pytest_scs.platforms.kubernetes.client import Client
    from pytest_scs.platforms.kubernetes.kubeconfig import find_clusters, is_embedded, secrets_of
    from pytest_scs.platforms.kubernetes.preflight import refusal

    file, context = arguments.kubeconfig, arguments.kube_context
    if file and is_embedded(file):
        raise InputError(f"--kubeconfig: {file} is made anew for every run; there is nothing to clean up")
    logging.getLogger("urllib3").addHandler(logging.NullHandler())
    settings = KubernetesSettings(
        files=(file,) if file else (),
        contexts=(context,) if context else (),
        kubeconfig=os.environ.get("KUBECONFIG", ""),
    )
    (access,) = find_clusters(settings)
    arguments.redact.add(secrets_of(access))
    client = Client(access, _DEADLINE, conceal=arguments.redact.add)
    if refused := refusal(client):
        raise InputError(f"cluster {access.name}: {arguments.redact(str(refused))}")
    return client, access.name, cleanup_command(settings.files, access.name, access.origin)
