# SPDX-License-Identifier: Apache-2.0
"""What Kubernetes adds to the journal: which account a client has, which runs were made with it, and what they claim.

A journal is a file that anybody may have written. What it claims counts only where it has a name that only runs give,
and is looked at in the cluster before it is touched (see ``belongings``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pytest_scs.evidence.journal import Past, past_runs
from pytest_scs.platforms.kubernetes.belongings import PROBE_NAMESPACE, Belonging, has_name_of_ours, kind_named

if TYPE_CHECKING:
    from pytest_scs.platforms.kubernetes.client import Client


def account_of(client: Client) -> str:
    """Who creates something with a client, and where: the API server's address and the user it knows us as.

    Servers before 1.28 do not say who we are; then it is the user of the kubeconfig. Raises Inconclusive if the server
    cannot be asked.
    """
    from pytest_scs.platforms.kubernetes.client import Refused

    try:
        review = client.get("AuthenticationV1Api", "create_self_subject_review", {"kind": "SelfSubjectReview"})
    except Refused as error:
        if error.status not in (403, 404, 405):
            raise
        return f"{client.server} kubeconfig:{_entry(client)}"
    status = review.get("status")
    info = status.get("userInfo") if isinstance(status, Mapping) else None
    name = info.get("username") if isinstance(info, Mapping) else None
    return f"{client.server} {name if isinstance(name, str) else ''}"


def _entry(client: Client) -> str:
    """The user's name in the kubeconfig."""
    contexts = client.access.config.get("contexts") or [{}]
    context = contexts[0].get("context") or {}
    return str(context.get("user") or "")


def teller(client: Client) -> Callable[[], str]:
    """What tells a journal the account of a client once it is needed."""
    return lambda: account_of(client)


def own_runs(client: Client) -> list[Past]:
    """The runs that this machine has a journal of, with this client's account, whatever the cluster was called."""
    account = account_of(client)
    return [past for past in past_runs() if past.account == account]


def claim(past: Past, line: Mapping[str, str]) -> Belonging | None:
    """What a line of a journal says the run made, or was about to; None if it cannot be the run's.

    A namespace of a probe has to carry the run of that journal in its name, and a volume needs its uid: no line can
    lead to anything else.
    """
    kind = kind_named(line["kind"])
    if kind is None:
        return None
    claimed = Belonging(kind, line["name"], line["id"], past.run, claimed=True)
    if kind.name == "persistentvolume":
        return claimed if claimed.uid else None
    if not has_name_of_ours(kind, claimed.name):
        return None
    match = PROBE_NAMESPACE.fullmatch(claimed.name)
    return None if match and match["run"] != past.run else claimed
