# SPDX-License-Identifier: Apache-2.0
"""Creating things in a cluster, so that a request whose answer was lost neither makes two nor loses one.

Names are unique: a repeated request is answered that the name is taken, and then what has it is looked at.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes.belongings import run_of_labels
from pytest_scs.platforms.kubernetes.client import Client, Refused
from pytest_scs.platforms.kubernetes.kinds import Kind
from pytest_scs.platforms.kubernetes.polling import looks, may_pass

#: What an API server says, with the status 500, where a webhook that has to be asked about all new things is away.
_WEBHOOK = "failed calling webhook"

#: Statuses of answers to requests that were certainly not carried out.
_NOT_CARRIED_OUT = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422, 429})


class NotMade(Refused):
    """A cluster refused to make something: it is certainly not there."""


class MayBeMade(Inconclusive):
    """There was no usable answer to a request that was to make something: it may be there, or come.

    ``several``: there were more such requests than one, so that it may come once more when it was removed.
    """

    several = False


def make(
    client: Client, kind: Kind, body: Mapping[str, Any], namespace: str, run: str, cancelled: threading.Event
) -> tuple[dict[str, Any], bool]:
    """Create something, in a namespace where its kind lies in one; returns it as it was stored.

    And whether an earlier request for it may still be carried out, once the name is free again. What fails for a while
    is repeated within the client's deadline. Raises NotMade and MayBeMade, and Inconclusive before the first request if
    the run was interrupted.
    """
    where = [namespace] if kind.namespaced else []
    name = str(body["metadata"]["name"])
    sent = 0
    problem: Inconclusive = Inconclusive("nothing was tried")
    try:
        for _ in looks(client.deadline, cancelled):
            try:
                return _checked(client.get(kind.api, kind.create, *where, body), name), sent > 0
            except Inconclusive as error:
                problem = error
                if isinstance(error, Refused) and error.reason == "AlreadyExists":
                    return _found(client, kind, where, name, run), True
                certain = _is_certain(error)
                sent += not certain
                if not may_pass(error) or (certain and _WEBHOOK in str(error)):
                    break
    except NotMade:
        raise
    except Inconclusive as error:
        problem = error
    if sent:
        doubtful = MayBeMade(str(problem), problem.kind)
        doubtful.several = sent > 1
        raise doubtful from None
    if isinstance(problem, Refused):
        raise NotMade(problem.status, problem.reason, problem.message, problem.headers) from None
    raise problem


def _is_certain(error: Inconclusive) -> bool:
    """Whether a request was certainly not carried out, as its answer tells."""
    if not isinstance(error, Refused):
        return False
    return error.status in _NOT_CARRIED_OUT or _WEBHOOK in error.message


def _found(client: Client, kind: Kind, where: list[str], name: str, run: str) -> dict[str, Any]:
    """What has the name that is taken: ours, if an earlier request has made it."""
    found = client.get(kind.api, kind.read, name, *where)
    if run_of_labels(found) != run:
        raise NotMade(409, "AlreadyExists", f"{kind.name} {name} is there already, and not of this run", {})
    return found


def _checked(found: dict[str, Any], name: str) -> dict[str, Any]:
    metadata = found.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("name") != name or not isinstance(metadata.get("uid"), str):
        raise MayBeMade(
            f"the API server answered the creation of {name} with something else than that", CauseKind.MALFORMED
        )
    return found
