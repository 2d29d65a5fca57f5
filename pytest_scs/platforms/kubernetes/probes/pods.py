# SPDX-License-Identifier: Apache-2.0
"""Pods of probes: what they look like, how they are waited for, and what went wrong with one that did not run."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pytest_scs.base.words import shown
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.phase import doing
from pytest_scs.platforms.kubernetes.belongings import metadata_of, name_of, uid_of
from pytest_scs.platforms.kubernetes.client import Answer, Refused
from pytest_scs.platforms.kubernetes.making import NotMade
from pytest_scs.platforms.kubernetes.probes.images import PROGRAM, executing
from pytest_scs.platforms.kubernetes.probing import Probing

#: Seconds that a pod has to run, or to come to its end.
READY = 300

#: Seconds after which a kubelet's trouble with an image or a container is not going to pass.
TROUBLE = 60

#: Who runs in pods: nobody. The image's own user is root, which the pod security level "restricted" forbids.
USER = 65534

#: The container that is ours. A cluster may put others beside it, as service meshes do.
MAIN = "main"

#: Events, and characters of each, in a text; and bytes of a log.
_EVENTS = 3
_SHOWN = 300
LOG = 4096

#: What a waiting container says that has nothing to do with the volumes and networks which are tried out.
_IMAGE = frozenset(
    (
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImageInspectError",
        "RegistryUnavailable",
    )
)
_CONTAINER = frozenset(
    ("CreateContainerConfigError", "CreateContainerError", "RunContainerError", "CrashLoopBackOff", "StartError")
)


@dataclasses.dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps a pod from running: ``what`` in a few words and ``kind``; ``at_once``: no waiting helps for long."""

    what: str
    kind: CauseKind
    at_once: bool = False


def pod(
    probing: Probing,
    arguments: Sequence[str],
    *,
    claim: str = "",
    node: str = "",
    labels: Mapping[str, str] | None = None,
    ready_if: Sequence[str] = (),
) -> dict[str, Any]:
    """The content of a pod that executes agnhost with these arguments, as the level "restricted" permits it.

    ``claim`` is mounted at ``/data``, ``node`` is the only one it may run on. With ``ready_if``, arguments as well, the
    pod stays, and is ready as long as these succeed.
    """
    container = _container(executing(probing.settings.probe_image), arguments)
    if ready_if:
        container["readinessProbe"] = {
            "exec": {"command": [PROGRAM, *ready_if]},
            "periodSeconds": 1,
            "timeoutSeconds": 5,
            "failureThreshold": 1,
            "successThreshold": 1,
        }
    spec: dict[str, Any] = {**_SPEC, "containers": [container]}
    if claim:
        spec["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]
        container["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
    if node:
        spec["affinity"] = {"nodeAffinity": _only(node)}
    return {"metadata": {"labels": dict(labels or {})}, "spec": spec}


#: What every pod of ours has in its specification.
_SPEC: Final[Mapping[str, Any]] = {
    "restartPolicy": "Never",
    "automountServiceAccountToken": False,
    "enableServiceLinks": False,
    "terminationGracePeriodSeconds": 1,
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "securityContext": {
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "fsGroup": USER,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
}


def _container(image: str, arguments: Sequence[str]) -> dict[str, Any]:
    return {
        "name": MAIN,
        "image": image,
        "command": [PROGRAM],
        "args": list(arguments),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"cpu": "200m", "memory": "128Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }


def _only(node: str) -> dict[str, Any]:
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    return {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}


def start(probing: Probing, namespace: str, name: str, content: Mapping[str, Any]) -> None:
    """Create a pod; raises Inconclusive with the cluster's words where it is not admitted."""
    try:
        probing.janitor.create("pod", namespace, name, content)
    except NotMade as error:
        raise not_admitted("a pod", error) from None


def not_admitted(what: str, error: NotMade) -> Inconclusive:
    """What a cluster's refusal to make something means."""
    quota = "exceeded quota" in error.message
    kind = CauseKind.QUOTA if quota else CauseKind.PERMISSION if error.status == 403 else error.kind
    return Inconclusive(f"{what} was not admitted: {shown(error.message or error.reason, _SHOWN)}", kind)


def look(probing: Probing, namespace: str, name: str) -> dict[str, Any]:
    """A pod as it is; raises Inconclusive."""
    return own(probing.client.call("CoreV1Api", "read_namespaced_pod", name, namespace), "Pod", namespace, name)


def own(answer: Answer, kind: str, namespace: str, name: str) -> dict[str, Any]:
    """What was asked for, of this kind and name; raises Inconclusive where something else was answered.

    What has other metadata says nothing of what we made. ``namespace`` is empty for what lies in none.
    """
    found = answer.of_kind(kind)
    metadata = metadata_of(found)
    if (name_of(found), metadata.get("namespace") or "") != (name, namespace) or not uid_of(found):
        raise Inconclusive(f"the API server answered with another {kind} than {name}", CauseKind.MALFORMED)
    return found


def phase(found: Mapping[str, Any]) -> str:
    """The phase of a pod."""
    return str(_status(found).get("phase") or "")


def node_of(found: Mapping[str, Any]) -> str:
    """The node that a pod was given to; empty if to none yet."""
    spec = found.get("spec")
    return str(spec.get("nodeName") or "") if isinstance(spec, Mapping) else ""


def is_ready(found: Mapping[str, Any]) -> bool:
    """Whether a pod is ready."""
    return condition(found, "Ready").get("status") == "True"


def condition(found: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """A condition of a pod; empty if it has none of this type."""
    conditions = _status(found).get("conditions")
    entries = conditions if isinstance(conditions, list) else ()
    return next((one for one in entries if isinstance(one, Mapping) and one.get("type") == kind), {})


def ended(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """How our container of a pod ended: ``exitCode``, ``reason``, ``message``; empty if it has not."""
    end = _container_state(found).get("terminated")
    return end if isinstance(end, Mapping) else {}


def has_run(found: Mapping[str, Any]) -> bool:
    """Whether a pod came to its end, good or bad, as far as it is ours."""
    return phase(found) in ("Succeeded", "Failed") or bool(ended(found))


def runs(found: Mapping[str, Any]) -> bool:
    """Whether our container of a pod runs."""
    return phase(found) == "Running" and not has_run(found)


def added(found: Mapping[str, Any]) -> list[str]:
    """The containers of a pod that somebody put into it beside ours, by name."""
    spec = found.get("spec")
    parts = [spec.get(key) for key in ("initContainers", "containers")] if isinstance(spec, Mapping) else []
    names = [one.get("name") for part in parts if isinstance(part, list) for one in part if isinstance(one, Mapping)]
    return [str(name) for name in names if name != MAIN]


def changed(found: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """What somebody changed in our container of a pod, in words; empty if it does what was ``asked`` for.

    Its image may come from another place, and limits may be others: so clusters do.
    """
    (wanted,) = asked["spec"]["containers"]
    spec = found.get("spec")
    containers = spec.get("containers") if isinstance(spec, Mapping) else None
    entries = containers if isinstance(containers, list) else ()
    ours = next((one for one in entries if isinstance(one, Mapping) and one.get("name") == MAIN), {})
    if any(ours.get(key) != wanted[key] for key in ("command", "args")):
        return f"something in the cluster changed the command of pod {name_of(found)}"
    probe, wished = ours.get("readinessProbe") or {}, wanted.get("readinessProbe") or {}
    same = isinstance(probe, Mapping) and all(probe.get(key) == value for key, value in wished.items())
    return "" if same else f"something in the cluster changed the readiness probe of pod {name_of(found)}"


def trouble(found: Mapping[str, Any]) -> Trouble | None:
    """What keeps a pod from running, as far as that says nothing about volumes; None if nothing is known to."""
    waiting = _container_state(found).get("waiting")
    reason = str(waiting.get("reason") or "") if isinstance(waiting, Mapping) else ""
    message = str(waiting.get("message") or "") if isinstance(waiting, Mapping) else ""
    said = f": {shown(message, _SHOWN)}" if message else ""
    if reason in _IMAGE:
        return Trouble(f"its image cannot be had ({reason}{said}); see --scs-probe-image", CauseKind.OUTAGE, True)
    if reason in _CONTAINER:
        return Trouble(f"its container cannot be started ({reason}{said})", CauseKind.OUTAGE, True)
    end = ended(found)
    if end.get("reason") in ("StartError", "ContainerCannotRun") or end.get("exitCode") in (126, 127, 128):
        said = f": {shown(str(end.get('message')), _SHOWN)}" if end.get("message") else ""
        return Trouble(f"its image has no program {PROGRAM}{said}; see --scs-probe-image", CauseKind.NOT_GIVEN, True)
    if phase(found) == "Failed" and not end:
        status = _status(found)
        return Trouble(f"it was ended: {status.get('reason')}: {status.get('message')}", CauseKind.OUTAGE, True)
    scheduled = condition(found, "PodScheduled")
    if scheduled.get("status") == "False":
        return Trouble(f"no node takes it: {shown(str(scheduled.get('message')), _SHOWN)}", CauseKind.UNDECIDABLE)
    return None


class Patience:
    """Waits for a pod, and gives up early where a kubelet's trouble does not pass."""

    def __init__(self, probing: Probing) -> None:
        self._seconds = probing.patiently(TROUBLE)
        self._since: float | None = None

    def is_over(self, found: Mapping[str, Any]) -> bool:
        """Whether there is no use in waiting for a pod any longer."""
        problem = trouble(found)
        if problem is None or not problem.at_once:
            self._since = None
            return False
        if has_run(found):
            return True
        self._since = self._since if self._since is not None else time.monotonic()
        return time.monotonic() - self._since >= self._seconds


def wait_until_ready(probing: Probing, namespace: str, name: str) -> dict[str, Any]:
    """A pod once it runs; raises Inconclusive if it does not."""
    patience = Patience(probing)
    seconds = probing.patiently(READY)
    doing(f"pod {name}: to run", seconds)
    found = probing.janitor.wait(
        lambda: look(probing, namespace, name),
        lambda seen: runs(seen) or has_run(seen) or patience.is_over(seen),
        seconds,
    )
    if not runs(found):
        raise not_running(probing, namespace, name, found)
    return found


def not_running(probing: Probing, namespace: str, name: str, found: Mapping[str, Any]) -> Inconclusive:
    """Why a pod does not run, with the last events about it."""
    problem = trouble(found)
    what = problem.what if problem else f"it is {phase(found) or 'not there'}"
    if not problem and phase(found) == "Running" and ended(found):
        what = "its program has ended"
    events = "" if problem and problem.at_once and ": " in problem.what else last_events(probing, namespace, name)
    text = f"pod {name} does not run: {what}{'; ' if events else ''}{events}"
    return Inconclusive(text, problem.kind if problem else CauseKind.TIMEOUT)


def last_events(probing: Probing, namespace: str, *names: str) -> str:
    """The last events about things of a namespace in one bounded line, warnings and newest first; never raises.

    What tells most stands first, as lines of a report are shortened in their middle.
    """
    found = [one for name in names for one in events_about(probing, namespace, name)]
    if not found:
        return "no events tell more"
    found.sort(key=lambda one: (one.get("type") == "Warning", _time(one)), reverse=True)
    told = dict.fromkeys(f"{one.get('reason')}: {shown(str(one.get('message')).strip(), _SHOWN)}" for one in found)
    return f"last events: {'; '.join([*told][:_EVENTS])}"


def events_about(probing: Probing, namespace: str, name: str) -> list[dict[str, Any]]:
    """The events about something in a namespace; none if they cannot be read."""
    try:
        selector = f"involvedObject.name={name}"
        found = probing.client.list("CoreV1Api", "list_namespaced_event", namespace, field_selector=selector)
    except Inconclusive:
        return []
    return [one for one in found if _concerned(one) == name]


def _concerned(event: Mapping[str, Any]) -> Any:
    about = event.get("involvedObject")
    return about.get("name") if isinstance(about, Mapping) else None


def _time(event: Mapping[str, Any]) -> str:
    times = [event.get(key) for key in ("lastTimestamp", "eventTime", "firstTimestamp")]
    return next((one for one in times if isinstance(one, str)), "")


def log_of(probing: Probing, namespace: str, name: str) -> str:
    """The log of a pod that has run; raises Inconclusive."""
    try:
        return probing.client.call("CoreV1Api", "read_namespaced_pod_log", name, namespace, limit_bytes=LOG).text
    except Inconclusive as error:
        raise Inconclusive(f"the log of pod {name} cannot be read: {error}", error.kind) from None


def remove(probing: Probing, namespace: str, name: str) -> None:
    """Delete a pod and wait until it is gone; raises Inconclusive if it stays."""

    def gone() -> bool:
        try:
            probing.client.call("CoreV1Api", "delete_namespaced_pod", name, namespace)
            look(probing, namespace, name)
        except Refused as error:
            if error.status == 404:
                return True
            if error.status != 409:
                raise
        return False

    if not probing.janitor.wait(gone, bool, probing.patiently(READY)):
        raise Inconclusive(f"pod {name} does not end: {last_events(probing, namespace, name)}", CauseKind.TIMEOUT)


def _status(found: Mapping[str, Any]) -> Mapping[str, Any]:
    status = found.get("status")
    return status if isinstance(status, Mapping) else {}


def _container_state(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The state of our container; empty if it has none yet."""
    statuses = _status(found).get("containerStatuses")
    entries = statuses if isinstance(statuses, list) else ()
    ours = next((one for one in entries if isinstance(one, Mapping) and one.get("name") == MAIN), {})
    state = ours.get("state")
    return state if isinstance(state, Mapping) else {}
