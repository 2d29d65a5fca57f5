# SPDX-License-Identifier: Apache-2.0
"""Which test namespaces in a cluster are those of this run of the e2e suite, and which may be somebody else's.

The suite labels the namespaces of its tests, but nothing in them says from where they were made. What was there before
the run is not its own, nor is what comes of the same process of a suite later; what else is new is, unless a second
suite runs in the cluster meanwhile. Then only those are, of whose process the log of this run names another namespace.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.runners.scene import E2E_LABELS, E2E_RUN, HYDROPHONE, SONOBUOY


@dataclasses.dataclass(frozen=True, slots=True)
class E2eNamespace:
    """A namespace in which a test works: ``run`` is the id of the suite's process that made it."""

    name: str
    uid: str
    run: str


def test_namespaces(client: Client) -> list[E2eNamespace]:
    """The namespaces of tests that are there; raises Inconclusive."""
    return [
        E2eNamespace(metadata["name"], str(metadata.get("uid") or ""), str(metadata["labels"].get(E2E_RUN) or ""))
        for one in client.list("CoreV1Api", "list_namespace", label_selector=E2E_LABELS)
        if (metadata := _metadata(one))
    ]


class Neighbours:
    """Watches a run's surroundings from before its start to after its end."""

    def __init__(self, client: Client, namespace: str) -> None:
        """Look at what is there before; raises Inconclusive."""
        self._client = client
        self._namespace = namespace
        self._before = {one.uid: one.run for one in test_namespaces(client)}
        self._seen: dict[str, set[str]] = {}
        #: The namespaces in which other suites were seen.
        self.others: set[str] = set()
        self.look()

    @property
    def before(self) -> dict[str, str]:
        """The ids of the test namespaces that were there before, each with that of its suite's process."""
        return dict(self._before)

    def remember(self, before: Mapping[str, str]) -> None:
        """Take what was there before from an earlier round or process."""
        self._before = dict(before)

    def look(self) -> None:
        """Look at what is there now; what cannot be seen is not known."""
        try:
            for one in test_namespaces(self._client):
                self._seen.setdefault(one.run, set()).add(one.name)
            self.others |= set(self._suites()) - {self._namespace}
        except Inconclusive:
            return

    def sort(self, destroyed: set[str]) -> tuple[list[E2eNamespace], list[E2eNamespace]]:
        """The new test namespaces that are there: those of this run, and those that may be somebody else's.

        ``destroyed`` are the namespaces that the log of this run names. Raises Inconclusive.
        """
        self.look()
        ours: list[E2eNamespace] = []
        doubtful: list[E2eNamespace] = []
        for one in test_namespaces(self._client):
            if one.uid in self._before or one.run in self._before.values():
                continue
            known = not self.others or bool(self._seen.get(one.run, set()) & destroyed)
            (ours if known else doubtful).append(one)
        return ours, doubtful

    def _suites(self) -> list[str]:
        """The namespaces in which a pod of the suite is."""
        return [
            metadata["namespace"]
            for place in (SONOBUOY, HYDROPHONE)
            for pod in self._client.list("CoreV1Api", "list_pod_for_all_namespaces", **place.selector)
            if (metadata := _metadata(pod)) and isinstance(metadata.get("namespace"), str)
        ]


def _metadata(content: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of an object with a name and labels; empty for what has none."""
    metadata = content.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        return {}
    return {**metadata, "labels": metadata["labels"] if isinstance(metadata.get("labels"), dict) else {}}
