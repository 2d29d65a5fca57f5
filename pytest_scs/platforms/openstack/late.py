# SPDX-License-Identifier: Apache-2.0
"""What earlier runs asked for without an answer and did not find at their end: it may be there by now."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.journal import Journal, Past, note_nothing_left, past_runs
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.journaling import account_of, claim, claims, teller
from pytest_scs.platforms.openstack.kinds import KINDS
from pytest_scs.platforms.openstack.listed import resources_of_runs
from pytest_scs.platforms.openstack.removal import Lent, remove_resources
from pytest_scs.platforms.openstack.resource import Resource


def remove_late(client: Client, cloud: str, run: str, until: float | None = None) -> list[str]:
    """Look again for it, remove it and close the journals of these runs; ``run`` is the present one.

    What a journal calls unfound is removed only if it carries the id of that run in its name, and in its metadata where
    it has any. ``until``, on the monotonic clock, ends it. Only the journals of this machine are asked, so that mostly
    no request is sent. Returns a line for each resource that is still there.
    """
    problems: list[str] = []
    earlier = [past for past in past_runs(cloud) if past.run != run and not (past.running or past.untidy)]
    for past in earlier:
        try:
            if past.nothing_left or past.account != account_of(client):
                continue
            found = list(_found(client, past))
        except Inconclusive:
            continue  # the next run looks again
        for one in found:
            Journal(past.run, cloud).sign(teller(client)).write("created", kind=one.kind.name, name=one.name, id=one.id)
        left = remove_resources(client, found, lambda one: None, _no_key, until)
        problems += left
        if not left:
            note_nothing_left(past.run, cloud, past.account)
    return problems


def _no_key(bucket: Resource) -> Lent:
    raise Inconclusive("nothing tells it from others")


def _found(client: Client, past: Past) -> Iterator[Resource]:
    """What came into being after all; raises Inconclusive if that cannot be told."""
    vouched = claims([past])
    for line in past.unfound:
        wanted = claim(past, line)
        if wanted is None and line["kind"] not in KINDS:
            raise Inconclusive("a kind of thing that is not known here")
        if wanted is None:
            continue  # no line of a run: whatever it names is somebody's
        if not wanted.kind.named:
            raise Inconclusive("nothing tells it from others")
        for one in resources_of_runs(client, wanted.kind, vouched=vouched):
            if one.name == wanted.name:
                yield one
