# SPDX-License-Identifier: Apache-2.0
"""What killed runs of the e2e suite left in a cluster, whoever started them: listed, and removed if that is forced.

Nothing tells from where a test namespace was made, so it may be somebody else's: removed is only what a user has seen
listed and insists on, and nothing while the suite runs somewhere in the cluster.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.kubernetes.belongings import items_in, metadata_of, name_of, part_of
from pytest_scs.platforms.kubernetes.client import Client, Refused
from pytest_scs.platforms.kubernetes.polling import looks
from pytest_scs.platforms.kubernetes.removal import DELETION, what_holds
from pytest_scs.platforms.kubernetes.runners.neighbours import E2eNamespace, test_namespaces
from pytest_scs.platforms.kubernetes.runners.scene import HYDROPHONE, SONOBUOY
from pytest_scs.platforms.kubernetes.runners.tidying import cluster_wide

#: How what is there for the whole cluster is deleted: the client's class and method, by kubectl's kind.
_DELETIONS = {
    "validatingwebhookconfiguration": (
        "AdmissionregistrationV1Api",
        "delete_validating_webhook_configuration",
    ),
    "mutatingwebhookconfiguration": ("AdmissionregistrationV1Api", "delete_mutating_webhook_configuration"),
    "customresourcedefinition": ("ApiextensionsV1Api", "delete_custom_resource_definition"),
    "priorityclass": ("SchedulingV1Api", "delete_priority_class"),
}


def running_suites(client: Client) -> list[str]:
    """The namespaces in which the e2e suite runs at present; raises Inconclusive."""
    return sorted(
        {
            str(metadata_of(pod).get("namespace"))
            for place in (SONOBUOY, HYDROPHONE)
            for pod in client.list("CoreV1Api", "list_pod_for_all_namespaces", **place.selector)
            if part_of(pod, "status").get("phase") in ("Pending", "Running")
        }
    )


class SuiteLeftovers:
    """Test namespaces, and what is there for the whole cluster."""

    def __init__(self, client: Client) -> None:
        """Look; raises Inconclusive."""
        self._client = client
        self.running = running_suites(client)
        self.namespaces: list[E2eNamespace] = test_namespaces(client)
        self.wide = sorted(cluster_wide(client))

    def __bool__(self) -> bool:
        return bool(self.namespaces or self.wide)

    def lines(self) -> Iterator[str]:
        """A line for each thing."""
        for one in self.namespaces:
            yield f"namespace {one.name} is of a test of the e2e suite"
        for kind, name in self.wide:
            yield f"{kind} {name} may be left of the e2e suite"

    def remove(self) -> Iterator[str]:
        """Remove all of it; a line for each thing, which begins with ERROR where it is still there."""
        for kind, name in self.wide:
            what, _, node = kind.partition(" on node ")
            try:
                self._unmark(node, what, name) if node else self._call(*_DELETIONS[what], name)
                yield f"removed {kind} {name}"
            except Inconclusive as error:
                yield f"ERROR: {kind} {name} could not be removed: {error}"
        yield from self._remove_namespaces()

    def _remove_namespaces(self) -> Iterator[str]:
        waiting: dict[str, E2eNamespace] = {}
        for one in self.namespaces:
            options = {"preconditions": {"uid": one.uid}, "propagationPolicy": "Background"}
            try:
                self._call("CoreV1Api", "delete_namespace", one.name, body=options)
                waiting[one.uid] = one
            except Inconclusive as error:
                yield f"ERROR: namespace {one.name} could not be removed: {error}"
        for _ in looks(DELETION * self._client.patience if waiting else 0, threading.Event()):
            try:
                there = {one.uid for one in test_namespaces(self._client)}
            except Inconclusive:
                continue
            for uid in [uid for uid in waiting if uid not in there]:
                yield f"removed namespace {waiting.pop(uid).name}"
            if not waiting:
                return
        for one in waiting.values():
            yield f"ERROR: namespace {one.name} is still there: {self._why(one.name)}"

    def _why(self, name: str) -> str:
        try:
            return what_holds(self._client.get("CoreV1Api", "read_namespace", name)) or "its removal takes long"
        except Inconclusive as error:
            return str(error)

    def _unmark(self, node: str, what: str, key: str) -> None:
        """Take a label or a taint off a node."""
        if what == "label":
            self._client.call("CoreV1Api", "patch_node", node, {"metadata": {"labels": {key: None}}})
            return
        found = self._client.get("CoreV1Api", "read_node", node)
        taints = [one for one in items_in(part_of(found, "spec"), "taints") if one.get("key") != key]
        # With the version that was read: a taint that came up meanwhile is not to be lost.
        version = {"name": name_of(found), "resourceVersion": metadata_of(found).get("resourceVersion")}
        self._client.call("CoreV1Api", "patch_node", node, {"metadata": version, "spec": {"taints": taints}})

    def _call(self, api: str, method: str, *arguments: Any, **options: Any) -> None:
        try:
            self._client.call(api, method, *arguments, **options)
        except Refused as error:
            # 409: it is being removed already.
            if error.status not in (404, 409):
                raise
