# SPDX-License-Identifier: Apache-2.0
"""What the cluster shows of a run of the e2e suite: its pods, what happened to them, its log, its test namespaces."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pytest_scs.base.words import shown
from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.runners.suite_log import SuiteLog

#: Labels of a namespace that a test of the suite works in; the second one's value is that of one process of the suite.
E2E_LABELS = "e2e-framework,e2e-run"
E2E_RUN = "e2e-run"

#: Bytes of the log that are read at once, and of its end.
_LOG = 32 << 20

_SHORT = 1 << 16

#: Events that are named.
_EVENTS = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where the pod of the suite is to be found: by label or name, and in which of its containers the suite is."""

    selector: Mapping[str, str]
    container: str


#: The pod that sonobuoy's aggregator makes, and the aggregator's own.
SONOBUOY = Place({"label_selector": "sonobuoy-plugin=e2e"}, "e2e")
AGGREGATOR = Place({"label_selector": "sonobuoy-component=aggregator"}, "kube-sonobuoy")
HYDROPHONE = Place({"field_selector": "metadata.name=e2e-conformance-test"}, "conformance-container")


class Scene:
    """One namespace of a cluster, in which the suite runs."""

    def __init__(self, client: Client, namespace: str) -> None:
        self.client = client
        self.namespace = namespace

    def pods(self, place: Place) -> list[dict[str, Any]]:
        """The pods there; raises Inconclusive."""
        return self.client.list("CoreV1Api", "list_namespaced_pod", self.namespace, **place.selector)

    def events(self) -> str:
        """The last warnings in the namespace, in words; empty if there are none or they cannot be read."""
        try:
            events = self.client.list("CoreV1Api", "list_namespaced_event", self.namespace)
        except Inconclusive:
            return ""
        texts = [_event(event) for event in sorted(events, key=_when) if event.get("type") != "Normal"]
        last = list(dict.fromkeys(reversed([text for text in texts if text])))[:_EVENTS]
        return "; ".join(reversed(last))

    def exists(self) -> bool:
        """Whether the namespace is there; raises Inconclusive."""
        selector = f"metadata.name={self.namespace}"
        return bool(self.client.list("CoreV1Api", "list_namespace", field_selector=selector))


class LogFollower:
    """Follows the log of the suite's container, a part at a time."""

    def __init__(self, scene: Scene, place: Place, log: SuiteLog, keep: Callable[[str], None]) -> None:
        """``keep`` takes each line as it is, for the file of the run."""
        self._scene = scene
        self._place = place
        self._log = log
        self._keep = keep
        self._last = ""
        self._read_at: float | None = None

    def look(self, pods: Iterable[Mapping[str, Any]]) -> None:
        """Read what has come since; what cannot be read now is read the next time, or not at all."""
        for pod in pods:
            name = _text(pod, "metadata", "name")
            if name and container_state(pod, self._place.container) in ("running", "terminated"):
                self._read(name)

    def _read(self, pod: str) -> None:
        since: dict[str, Any] = (
            {} if self._read_at is None else {"since_seconds": math.ceil(time.monotonic() - self._read_at) + 5}
        )
        asked_at = time.monotonic()
        try:
            answer = self._scene.client.call(
                "CoreV1Api",
                "read_namespaced_pod_log",
                pod,
                self._scene.namespace,
                container=self._place.container,
                timestamps=True,
                limit_bytes=_LOG,
                **since,
            )
        except Inconclusive:
            return
        self._read_at = asked_at
        for line in answer.text.splitlines():
            stamp, _, text = line.partition(" ")
            # Parts overlap; stamps of one container are of one length, so they sort as texts.
            if stamp > self._last:
                self._last = stamp
                self._keep(text)
                self._log.take(text)


def pod_log(scene: Scene, pod: Mapping[str, Any], place: Place, lines: int) -> str:
    """The last lines of a pod's log; empty if it cannot be read."""
    try:
        return scene.client.call(
            "CoreV1Api",
            "read_namespaced_pod_log",
            _text(pod, "metadata", "name"),
            scene.namespace,
            container=place.container,
            tail_lines=lines,
            limit_bytes=_SHORT,
        ).text
    except Inconclusive:
        return ""


def is_alive(pod: Mapping[str, Any]) -> bool:
    """Whether a pod still works, or did what it was to do: not deleted, evicted, or on a node that is lost."""
    return not _text(pod, "metadata", "deletionTimestamp") and _text(pod, "status", "phase") not in (
        "Failed",
        "Unknown",
    )


def has_begun(pod: Mapping[str, Any]) -> bool:
    """Whether the containers of a pod have been started."""
    return _text(pod, "status", "phase") in ("Running", "Succeeded", "Failed")


def container_state(pod: Mapping[str, Any], name: str) -> str:
    """``waiting``, ``running`` or ``terminated``; empty if it is not known."""
    for status in _statuses(pod):
        if status.get("name") == name and isinstance(status.get("state"), Mapping):
            return next(iter(status["state"]), "")
    return ""


def condition(pod: Mapping[str, Any]) -> str:
    """What keeps a pod, in words: ``pending: ImagePullBackOff (Back-off pulling image ...)``."""
    phase = _text(pod, "status", "phase").lower() or "unknown"
    for status in _statuses(pod):
        state = status.get("state")
        for kind in ("waiting", "terminated"):
            detail = state.get(kind) if isinstance(state, Mapping) else None
            if isinstance(detail, Mapping) and detail.get("reason") not in (None, "Completed", "PodInitializing"):
                return f"{phase}: {_with_message(detail)}"
    for one in _listed(pod, "status", "conditions"):
        if one.get("status") == "False" and one.get("type") == "PodScheduled":
            return f"{phase}: {_with_message(one)}"
    reason = _text(pod, "status", "reason")
    return f"{phase}: {reason}" if reason else phase


def _with_message(detail: Mapping[str, Any]) -> str:
    reason, message = detail.get("reason"), detail.get("message")
    text = shown(reason) if isinstance(reason, str) else "no reason given"
    return f"{text} ({shown(message)})" if isinstance(message, str) and message else text


def _statuses(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*_listed(pod, "status", "initContainerStatuses"), *_listed(pod, "status", "containerStatuses")]


def _event(event: Mapping[str, Any]) -> str:
    return _with_message(event) if event.get("reason") else ""


def _when(event: Mapping[str, Any]) -> str:
    times = (event.get("lastTimestamp"), event.get("eventTime"), event.get("firstTimestamp"))
    return next((one for one in times if isinstance(one, str)), "")


def _listed(content: Any, *keys: str) -> list[Mapping[str, Any]]:
    for key in keys:
        content = content.get(key) if isinstance(content, Mapping) else None
    return [one for one in content if isinstance(one, Mapping)] if isinstance(content, list) else []


def _text(content: Any, *keys: str) -> str:
    """A text in nested objects; empty for whatever else is there."""
    for key in keys:
        content = content.get(key) if isinstance(content, Mapping) else None
    return content if isinstance(content, str) else ""
