# SPDX-License-Identifier: Apache-2.0
"""Removing what a run of the e2e suite made: its namespace, its cluster role, and namespaces that its tests left.

Never with ``sonobuoy delete --all``, which removes the test namespaces of others as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pytest_scs.base.words import shown
from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.kubernetes.belongings import items_in, metadata_of, part_of
from pytest_scs.platforms.kubernetes.client import Client, Refused
from pytest_scs.platforms.kubernetes.runners.bench import Bench, ask, complaint
from pytest_scs.platforms.kubernetes.runners.neighbours import Neighbours
from pytest_scs.platforms.kubernetes.runners.scene import HYDROPHONE, SONOBUOY, Scene

#: Seconds that pods are given to end.
_GRACE = 5

#: Namespaces of other suites that are named.
_NAMED = 3

#: Seconds between two looks at what is to vanish.
_LOOK = 2.0

#: The cluster roles and bindings of a run, by runner: the name with the namespace in it.
_ROLES = {"sonobuoy": "sonobuoy-serviceaccount-{}", "hydrophone": "conformance-serviceaccount:{}"}
_BINDINGS = {"sonobuoy": "sonobuoy-serviceaccount-{}", "hydrophone": "conformance-serviceaccount-role:{}"}

#: What the suite makes for the whole cluster, and how it is listed: API class, method, name for kubectl.
_CLUSTER_WIDE = (
    ("AdmissionregistrationV1Api", "list_validating_webhook_configuration", "validatingwebhookconfiguration"),
    ("AdmissionregistrationV1Api", "list_mutating_webhook_configuration", "mutatingwebhookconfiguration"),
    ("ApiextensionsV1Api", "list_custom_resource_definition", "customresourcedefinition"),
    ("SchedulingV1Api", "list_priority_class", "priorityclass"),
)


def cluster_names(runner: str, namespace: str) -> list[tuple[str, str]]:
    """What a run makes outside of its namespace, as kubectl's kind and name."""
    return [
        ("clusterrolebinding", _BINDINGS[runner].format(namespace)),
        ("clusterrole", _ROLES[runner].format(namespace)),
    ]


def remove_run(bench: Bench, runner: str, command: Sequence[str]) -> dict[tuple[str, str], str]:
    """Remove a run's namespace and cluster role with the runner's own ``command``, and by hand what that leaves.

    A run that was told to end has less time, and is removed by hand at once. Returns what is still there, as kubectl's
    kind and name, and why; whoever keeps the ledger of the run tries again at its end.
    """
    patience = bench.limits.farewell if bench.cancelled.is_set() else bench.limits.delete
    until = time.monotonic() + patience
    said = ""
    if not bench.cancelled.is_set():
        try:
            answer = ask(bench, command, patience)
            said = complaint(bench, answer.errors) if answer.code else ""
        except Inconclusive as error:
            said = str(error)
        until = max(until, time.monotonic() + bench.limits.farewell)
    problems = _remove_roles(bench.client, runner, bench.call.namespace)
    if reason := _remove_namespace(bench, until):
        problems["namespace", bench.call.namespace] = reason
    return {thing: f"{reason} ({runner}: {said})" if said else reason for thing, reason in problems.items()}


def remove_test_namespaces(bench: Bench, neighbours: Neighbours, destroyed: set[str]) -> list[str]:
    """Remove the namespaces that the tests of a run left; a line for each that is still there."""
    patience = bench.limits.farewell if bench.cancelled.is_set() else bench.limits.delete
    try:
        ours, doubtful = neighbours.sort(destroyed)
    except Inconclusive as error:
        return [f"namespaces of tests cannot be listed ({error}): kubectl get namespaces -l e2e-run"]
    for one in ours:
        _delete(bench.client, "CoreV1Api", "delete_namespace", one.name)
    left = {one.name for one in ours}
    until = time.monotonic() + patience

    def some_left() -> bool:
        left.intersection_update(one.name for one in neighbours.sort(destroyed)[0])
        return bool(left)

    _wait_while(some_left, until)
    others = sorted(neighbours.others)
    where = ", ".join(others[:_NAMED]) + (f" and {len(others) - _NAMED} more" if len(others) > _NAMED else "")
    return [
        *(
            f"namespace {name} of a test of the e2e suite is still there: kubectl delete namespace {name}"
            for name in sorted(left)
        ),
        *(
            f"namespace {one.name} is of this run of the e2e suite or of another one (namespace {where}); "
            f"look at it, then: kubectl delete namespace {one.name}"
            for one in doubtful
        ),
    ]


def cluster_wide(client: Client) -> set[tuple[str, str]]:
    """What looks as if the suite had made it for the whole cluster, as kubectl's kind and name; marks of nodes, too."""
    found: set[tuple[str, str]] = set()
    for api, method, kind in _CLUSTER_WIDE:
        found |= {(kind, name) for one in _listed(client, api, method) if _of_suite(name := _name(one))}
    for node in _listed(client, "CoreV1Api", "list_node"):
        name = _name(node)
        labels = part_of(metadata_of(node), "labels")
        found |= {(f"label on node {name}", key) for key in labels if "e2e" in key}
        taints = [str(one.get("key")) for one in items_in(part_of(node, "spec"), "taints")]
        found |= {(f"taint on node {name}", key) for key in taints if "e2e" in key}
    return found


def cluster_wide_lines(before: set[tuple[str, str]], after: set[tuple[str, str]]) -> list[str]:
    """A line for each thing of the whole cluster that a run left; nobody deletes it unasked."""
    return [f"{kind} {name} is left of the e2e suite: {_command(kind, name)}" for kind, name in sorted(after - before)]


def _command(kind: str, name: str) -> str:
    what, _, node = kind.partition(" on node ")
    if node:
        return f"kubectl {what} node {node} {name}-"
    return f"kubectl delete {kind} {name}"


def _of_suite(name: str) -> bool:
    return "e2e" in name or name.endswith(".example.com")


def _remove_roles(client: Client, runner: str, namespace: str) -> dict[tuple[str, str], str]:
    problems = {}
    for kind, name in cluster_names(runner, namespace):
        method = "delete_cluster_role" if kind == "clusterrole" else "delete_cluster_role_binding"
        if error := _delete(client, "RbacAuthorizationV1Api", method, name):
            problems[kind, name] = error
    return problems


def _remove_namespace(bench: Bench, until: float) -> str:
    """Remove the namespace of a run, the pod of the suite first, which else goes on creating things.

    Returns why it is still there, empty if it is not.
    """
    name, client = bench.call.namespace, bench.client
    scene = Scene(client, name)
    try:
        if not scene.exists():
            return ""
        for place in (SONOBUOY, HYDROPHONE):
            for pod in scene.pods(place):
                _delete(client, "CoreV1Api", "delete_namespaced_pod", _name(pod), name, grace_period_seconds=_GRACE)
    except Inconclusive:
        pass  # the namespace takes them along
    error = _delete(client, "CoreV1Api", "delete_namespace", name)
    if not _wait_while(scene.exists, until):
        return ""
    return error or _condition(client, name) or "its removal takes long"


def _condition(client: Client, name: str) -> str:
    """What keeps a namespace from vanishing, in the cluster's words; empty if it does not say."""
    try:
        status = part_of(client.get("CoreV1Api", "read_namespace", name), "status")
    except Inconclusive:
        return ""
    bad = [one for one in items_in(status, "conditions") if one.get("status") == "True"]
    return "; ".join(shown(str(one.get("message") or one.get("reason"))) for one in bad[:2])


def _wait_while(there: Callable[[], bool], until: float) -> bool:
    """Wait until it is not there; True if it still is, or nobody can tell."""
    while True:
        try:
            if not there():
                return False
        except Inconclusive:
            pass  # the API server may be back before the time is over
        if time.monotonic() + _LOOK > until:
            return True
        time.sleep(_LOOK)


def _delete(client: Client, api: str, method: str, *arguments: Any, **options: Any) -> str:
    """Delete something; empty if it is, or will be, gone, else why not."""
    try:
        client.call(api, method, *arguments, **options)
    except Refused as error:
        # 409: it is being removed already.
        return "" if error.status in (404, 409) else str(error)
    except Inconclusive as error:
        return str(error)
    return ""


def _listed(client: Client, api: str, method: str) -> list[dict[str, Any]]:
    try:
        return client.list(api, method)
    except Inconclusive:
        return []


def _name(content: Mapping[str, Any]) -> str:
    metadata = content.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return name if isinstance(name, str) else ""
