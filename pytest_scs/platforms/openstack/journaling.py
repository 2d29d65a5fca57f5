# SPDX-License-Identifier: Apache-2.0
"""What OpenStack adds to the journal: which account a client has, which runs were made with it, and what they claim.

A journal is a file that anybody may have written. What it claims counts only where it is the run's own by its name, and
is looked at in the cloud before it is touched (see ``proof``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from pytest_scs.evidence.journal import Past, past_runs
from pytest_scs.platforms.openstack.kinds import KINDS
from pytest_scs.platforms.openstack.resource import Resource, bucket_name

if TYPE_CHECKING:
    from pytest_scs.platforms.openstack.client import Client


def account_of(client: Client) -> str:
    """Who creates something with a client, and where: the ids of the user, of the project, and of the domain.

    A token is for a project or else for a domain, so one of the two is empty. Raises Inconclusive if the client cannot
    log in.
    """
    access = client.access()
    return f"{access.user_id}/{access.project_id or ''}/{access.domain_id or ''}"


def teller(client: Client) -> Callable[[], str]:
    """What tells a journal the account of a client once it is needed."""
    return lambda: account_of(client)


def own_runs(client: Client, cloud: str) -> list[Past]:
    """The runs that this machine has a journal of, with this client's account; raises Inconclusive if it has none."""
    account = account_of(client)
    return [past for past in past_runs(cloud) if past.account == account]


def claim(past: Past, line: Mapping[str, str]) -> Resource | None:
    """What a line of a journal says the run made, or was about to; None if it cannot be the run's.

    Its name has to carry the run of that journal, and its id has to be one that a cloud gives: no line can lead to
    anything else.
    """
    kind = KINDS.get(line["kind"])
    if kind is None:
        return None
    resource = Resource(
        kind, line["name"], line["id"], past.began, line["key"], mark=line["mark"], bare=bool(line["bare"])
    )
    if not resource.standard or resource.run != past.run:
        return None
    if kind.name == "bucket":
        return resource if resource.id in ("", bucket_name(resource.standard, resource.run)) else None
    return resource if not resource.id or kind.is_id(resource.id) else None


def claims(runs: Iterable[Past]) -> dict[tuple[str, str], bool]:
    """What journals say was made or about to be: kind and name, and whether it was made without metadata."""
    found: dict[tuple[str, str], bool] = {}
    for past in runs:
        for line in (*past.present, *past.uncertain):
            if claimed := claim(past, line):
                key = (claimed.kind.name, claimed.name)
                found[key] = found.get(key, False) or claimed.bare
    return found
