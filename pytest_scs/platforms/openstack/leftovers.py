# SPDX-License-Identifier: Apache-2.0
"""What earlier runs left in a cloud: found by the run ids that things carry, and by the journals on this machine."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator
from typing import Any

from pytest_scs.base.shell import command
from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.journal import Past, past_runs
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.journaling import account_of, claim, claims, own_runs
from pytest_scs.platforms.openstack.kinds import KINDS, OWN_KEYS, Kind
from pytest_scs.platforms.openstack.listed import resources_of_runs
from pytest_scs.platforms.openstack.proof import NotOurs, proved
from pytest_scs.platforms.openstack.resource import TEMPEST_NAME, Resource
from pytest_scs.platforms.openstack.sweep import attached_to, lines_about_unproved

#: Characters of a text out of a journal in a message.
_LONGEST = 60


@dataclasses.dataclass(frozen=True, slots=True)
class Leftovers:
    """What is left in a project, and a line for each kind or thing of which that cannot be told.

    ``foreign``: a line for each thing that a journal names although nothing else says that a run made it, and for each
    that has the name of a run's and nothing else of it.
    """

    resources: list[Resource]
    unlisted: list[str]
    foreign: list[str]


def find_leftovers(client: Client, cloud: str, runs: Collection[str]) -> Leftovers:
    """Everything in the project that a run made.

    Names that a program like Tempest made prove nothing by themselves: they count for ``runs``, which are known here.
    """
    unmarked: list[Resource] = []
    found, unlisted = _carrying_a_run(client, cloud, runs, unmarked)
    try:
        # Where nobody vouches for the run, a name is no reason to take away what somebody put on such a network.
        programs = [one for one in found if TEMPEST_NAME.fullmatch(one.name) and one.run in runs]
        known = {one.id for one in found}
        found += [one for one in attached_to(client, programs) if one.id not in known]
    except Inconclusive as error:
        unlisted.append(f"what hangs on it cannot be listed: {error}")
    seen = {(one.kind.name, one.id) for one in found}
    foreign: list[str] = []
    for past in own_runs(client, cloud):
        for line in past.present:
            claimed = claim(past, line)
            if claimed is None:
                foreign.append(
                    _left_alone(past, f"{_shown(line['kind'])} {_shown(line['name'])} ({_shown(line['id'])})")
                )
            elif (claimed.kind.name, claimed.id) not in seen:
                try:
                    found.append(proved(client, claimed))
                except NotOurs:
                    foreign.append(_left_alone(past, str(claimed)))
                except Inconclusive as error:
                    if not isinstance(error, Refused) or error.status != 404:
                        unlisted.append(f"whether {claimed} is left cannot be told: {error}")
    told = {one.id for one in unmarked if any(one.id in line for line in foreign)}
    foreign += [_named_like_ours(one) for one in unmarked if one.id not in told]
    return Leftovers(found, unlisted, foreign)


def _named_like_ours(resource: Resource) -> str:
    """What to do about what may be a copy that a run had made, and was killed before it could give it metadata."""
    look = command(["openstack", resource.kind.name, "delete"], resource.id)
    return (
        f"{resource} is called like a copy that a run had made, but neither its metadata nor a journal says so: left "
        f"alone; if you do not need it: {look}"
    )


def _left_alone(past: Past, what: str) -> str:
    keys = f"; see {OWN_KEYS}" if what.startswith("ec2-credential ") else ""
    return f"journal {past.path} names {what}, but nothing else says that this run made it: left alone{keys}"


def _shown(text: str) -> str:
    """A text out of a journal, on one line."""
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")


def lines_about_appeared(client: Client, cloud: str, runs: Collection[str], found: Collection[str]) -> Iterator[str]:
    """A line for each thing that came up while a program ran here and cannot be proved to be of it.

    ``found``: ids of what was proved. Raises Inconclusive if a kind cannot be listed.
    """
    for past in own_runs(client, cloud):
        for before in past.programs if past.run in runs and not past.running else ():
            for line in lines_about_unproved(client, before):
                if not any(f"({identity})" in line for identity in found):
                    yield f"not removed: {line}"


def _carrying_a_run(
    client: Client, cloud: str, runs: Collection[str], unmarked: list[Resource]
) -> tuple[list[Resource], list[str]]:
    """What carries the id of a run, and a line for each kind that cannot be listed; ``unmarked`` gets what may."""
    found: list[Resource] = []
    unlisted: list[str] = []
    access = client.access()
    vouched = claims(own_runs(client, cloud))
    expected = {kind for kind, _ in vouched}
    for kind in KINDS.values():
        # A domain manager has no project, so there is nothing in it.
        if not kind.named or (kind.by_programs and not runs):
            continue
        if kind.held_by == "project" and not access.project_id:
            continue
        # What a cloud does not offer cannot have been left there.
        try:
            if client.offers(kind.service):
                found += resources_of_runs(client, kind, runs, vouched, unmarked)
        except Inconclusive as error:
            refused = isinstance(error, Refused) and error.status in (403, 404)
            if refused and kind.name not in expected and not _manages(access, kind):
                continue  # who may not even list them has hardly made any, and no journal says so
            unlisted.append(f"what is left of kind {kind.name} cannot be listed: {error}")
    return found, unlisted


def _manages(access: Any, kind: Kind) -> bool:
    """Whether the token is one to manage what belongs to a domain: that of a domain's manager."""
    return kind.held_by == "domain" and bool(access.domain_id)


def lines_about_other_accounts(client: Client, cloud: str, run: str | None) -> Iterator[str]:
    """A line for each journal of another account that was called like this cloud; of all runs, or of one.

    What it tells would be wrong here, and only the account it was written with can remove what it names.
    """
    account = account_of(client)
    advice = "clean up with the clouds.yaml of then, or delete that file if that user or project is gone"
    for past in past_runs(cloud):
        if past.account != account and past.untidy and not past.running and run in (None, past.run):
            another = f"is of another user or project than {cloud} is now"
            yield f"journal {past.path} {another if past.account else 'does not say whose it is'}; {advice}"


def lines_about_uncertain(client: Client, cloud: str, run: str | None) -> Iterator[str]:
    """A line for each thing without a name of which nobody knows whether it was created; of all runs, or of one."""
    for past in own_runs(client, cloud):
        for line in past.uncertain if run in (None, past.run) and not past.running else ():
            if (claimed := claim(past, line)) and not claimed.kind.named:
                yield (
                    f"run {past.run} may have made an {line['kind']} at {line['at'][:16]} UTC; nothing tells it from "
                    f"others, so look yourself: {OWN_KEYS}"
                )
