# SPDX-License-Identifier: Apache-2.0
"""What is asked of a cluster before any testcase (docs/standards/framework.md#preflight-of-a-cluster).

At most four requests, and one for each 500 nodes. What one right is missing for is refused where it is read, and only
its testcases have no verdict.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes.client import Client, Refused
from pytest_scs.platforms.kubernetes.credential import ends_too_soon, is_over
from pytest_scs.platforms.kubernetes.exec_plugin import PluginFailed
from pytest_scs.platforms.kubernetes.explain import place_of

#: The first version with the API that says who we are.
OLDEST = (1, 28)

# Namespaces of the runners' own, and the label of ours.
_LEFT = ("sonobuoy", "conformance")
_LABEL = ("app.kubernetes.io/managed-by", "pytest-scs")

_ANONYMOUS = "system:anonymous"

#: Nodes that several conformance tests need.
NODES = 2


def refusal(client: Client, say: Callable[[str], None] = lambda line: None) -> Cause | None:
    """Why the cluster cannot be judged at all; None if it can.

    ``say`` takes lines for the terminal: there, and nowhere else, it is said which host and port do not answer, what a
    credential plug-in complains of, and since when a rejected credential is over.
    """
    found = _refusal(client, say)
    if found and found.kind is CauseKind.AUTHENTICATION and (over := is_over(client.access, dt.datetime.now(dt.UTC))):
        say(over)
    return found


def _refusal(client: Client, say: Callable[[str], None]) -> Cause | None:
    try:
        version = client.get("VersionApi", "get_code").get("gitVersion")
    except Inconclusive as error:
        if isinstance(error, Refused) and error.status == 401:
            return Cause("credentials rejected (401)", CauseKind.AUTHENTICATION)
        if not isinstance(error, Refused) or error.status != 403:
            complaint = error.complaint if isinstance(error, PluginFailed) else ""
            say(f"{place_of(client.server)}: {error}{f': {complaint}' if complaint else ''}")
            return Cause(f"cannot reach API server: {error}", error.kind)
        version = None
    found = re.match(r"v?(\d+)\.(\d+)", version if isinstance(version, str) else "")
    if found and (int(found[1]), int(found[2])) < OLDEST:
        say(
            f"its version is {found[0]}, older than {OLDEST[0]}.{OLDEST[1]}: what takes newer APIs cannot be decided, "
            "and says so"
        )
    return _unknown_to(client)


def _unknown_to(client: Client) -> Cause | None:
    """Why the cluster does not know us; None if it does, or says nothing about it."""
    try:
        review = client.get("AuthenticationV1Api", "create_self_subject_review", _body("SelfSubjectReview"))
    except Refused as error:
        if error.status == 404:
            return _unknown_to_old(client)
        return _rejected(error)
    except Inconclusive as error:
        return Cause(f"cannot reach API server: {error}", error.kind)
    status = review.get("status")
    user = status.get("userInfo") if isinstance(status, dict) else None
    if isinstance(user, dict) and user.get("username") == _ANONYMOUS:
        return Cause(
            f"credentials rejected: the API server takes us for {_ANONYMOUS}; what the user of the kubeconfig has "
            "is unknown to it",
            CauseKind.AUTHENTICATION,
        )
    return None


def _unknown_to_old(client: Client) -> Cause | None:
    attributes = {"verb": "list", "resource": "nodes"}
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    try:
        client.call("AuthorizationV1Api", "create_self_subject_access_review", body)
    except Refused as error:
        return _rejected(error)
    except Inconclusive as error:
        return Cause(f"cannot reach API server: {error}", error.kind)
    return None


def _rejected(error: Refused) -> Cause | None:
    """What it means that a review is refused; some clusters allow them to nobody, and that is no rejection."""
    if error.status == 401:
        return Cause("credentials rejected (401)", CauseKind.AUTHENTICATION)
    return None if error.status in (403, 404) else Cause(f"cannot use API server: {error}", error.kind)


def notices(client: Client, seconds: float, now: dt.datetime) -> Iterator[str]:
    """What to know before something is run in the cluster for up to so many seconds: credential, nodes, leftovers."""
    if soon := ends_too_soon(client.access, now, seconds):
        yield f"a run may take {seconds / 3600:g} h; {soon}"
    try:
        ready = sum(map(_is_usable, client.list("CoreV1Api", "list_node")))
        if ready < NODES:
            yield f"{ready} of its nodes can take pods, and several tests of the e2e suite need {NODES} (ready, Linux)"
        left = [name for one in client.list("CoreV1Api", "list_namespace") if (name := _left(one))]
        if left:
            yield f"namespaces of other or earlier runs are there: {', '.join(left[:8])}; see: scs cleanup"
    except Inconclusive:
        # Who lacks the right hears of it where that matters.
        return


def _is_usable(node: dict[str, Any]) -> bool:
    spec, status = (part if isinstance(part := node.get(key), dict) else {} for key in ("spec", "status"))
    conditions, taints = status.get("conditions"), spec.get("taints")
    ready = any(
        isinstance(one, dict) and one.get("type") == "Ready" and one.get("status") == "True"
        for one in (conditions if isinstance(conditions, list) else ())
    )
    tainted = any(
        isinstance(one, dict) and one.get("effect") in ("NoSchedule", "NoExecute")
        for one in (taints if isinstance(taints, list) else ())
    )
    info = status.get("nodeInfo")
    system = info.get("operatingSystem") if isinstance(info, dict) else None
    return ready and not tainted and not spec.get("unschedulable") and system in (None, "", "linux")


def _left(namespace: dict[str, Any]) -> str:
    metadata = namespace.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    labels, name = metadata.get("labels"), metadata.get("name")
    ours = isinstance(labels, dict) and labels.get(_LABEL[0]) == _LABEL[1]
    return name if isinstance(name, str) and (ours or name in _LEFT) else ""


def _body(kind: str) -> dict[str, str]:
    return {"apiVersion": "authentication.k8s.io/v1", "kind": kind}
