# SPDX-License-Identifier: Apache-2.0
"""What OpenStack adds to the journal: which account a client has, and which runs were made with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pytest_scs.evidence.journal import Past, past_runs

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
