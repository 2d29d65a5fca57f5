# SPDX-License-Identifier: Apache-2.0
"""The kubelets of the demo cluster: a pod that has a node is started, looked after, and ended."""

from __future__ import annotations

import re
from typing import Any

from pytest_scs.demo.kubernetes import volumes
from pytest_scs.demo.kubernetes.changes import later, remove, report, stamp, touch
from pytest_scs.demo.kubernetes.programs import Outcome, probe, run
from pytest_scs.demo.kubernetes.state import ClusterState, Object

PODS = "pods"
#: Seconds between two looks at what waits, and at whether a container is ready (really a second at least).
PAUSE = 0.05
_BROKEN = "CreateContainerError"


def alive(state: ClusterState, pod: Object) -> bool:
    """Whether a pod is there, and to stay."""
    return any(one is pod for one in state.pods) and "deletionTimestamp" not in pod["metadata"]


def claims_of(state: ClusterState, pod: Object) -> dict[str, Object | None]:
    """The claims a pod mounts, by name; None for one that is not there."""
    names = [(one.get("persistentVolumeClaim") or {}).get("claimName") for one in pod["spec"].get("volumes") or ()]
    return {name: state.find(volumes.CLAIMS, name, pod["metadata"]["namespace"]) for name in names if name}


def place(state: ClusterState, pod: Object, node: Object) -> None:
    """Give a pod to a node, whose kubelet starts it."""
    if not alive(state, pod):
        return
    name = node["metadata"]["name"]
    pod["spec"]["nodeName"] = name
    pod["status"]["conditions"] = [{"type": "PodScheduled", "status": "True"}]
    pod["status"]["containerStatuses"] = [
        _container(one, {"waiting": {"reason": "ContainerCreating"}}) for one in pod["spec"]["containers"]
    ]
    touch(state, PODS, pod)
    own = pod["metadata"]
    report(state, PODS, pod, "Scheduled", f"Successfully assigned {own['namespace']}/{own['name']} to {name}")
    later(state, "pod", lambda: _start(state, pod), lambda: _fail_to_start(state, pod))


def _container(container: dict[str, Any], state: dict[str, Any], *, ready: bool = False) -> dict[str, Any]:
    """The status of a container."""
    found = {"name": container["name"], "image": container.get("image", ""), "imageID": "", "restartCount": 0}
    return {**found, "ready": ready, "started": ready, "state": state, "lastState": {}}


def _fail_to_start(state: ClusterState, pod: Object) -> None:
    _wait(state, pod, _BROKEN, "failed to create containerd container: no space left on device")
    report(state, PODS, pod, "Failed", f"Error: {_BROKEN}", bad=True)


def _wait(state: ClusterState, pod: Object, reason: str, message: str) -> None:
    waiting = {"waiting": {"reason": reason, "message": message}}
    pod["status"]["containerStatuses"] = [_container(one, waiting) for one in pod["spec"]["containers"]]
    touch(state, PODS, pod)


def _start(state: ClusterState, pod: Object) -> None:
    """Pull images, mount volumes, start the containers."""
    if not alive(state, pod):
        return
    if holder := _holder(state, pod):
        if pod["metadata"]["uid"] not in state.attaching:
            words = f'Multi-Attach error for volume "{holder}" Volume is already used by another pod'
            report(state, PODS, pod, "FailedAttachVolume", words, bad=True)
        state.attaching.add(pod["metadata"]["uid"])
        state.timeline.later(PAUSE, lambda: _start(state, pod))
        return
    state.attaching.discard(pod["metadata"]["uid"])
    containers = [*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]]
    for container in containers:
        image = str(container.get("image"))
        if any(re.search(pattern, image) for pattern in state.missing_images):
            _pull_fails(state, pod, image)
            return
    if state.forgetful:
        for claim in claims_of(state, pod).values():
            state.contents[(claim or {"spec": {}})["spec"].get("volumeName", "")] = {}
    _running(state, pod)
    for container in pod["spec"].get("initContainers") or ():
        outcome = _execute(state, pod, container)
        if outcome.code:
            _ended(state, pod, [Outcome(outcome.code, "")] * len(pod["spec"]["containers"]))
            return
    outcomes = [_execute(state, pod, one) for one in pod["spec"]["containers"]]
    if any(_ready_by(one) for one in pod["spec"]["containers"]):
        _look(state, pod)
    if all(outcome.code is not None for outcome in outcomes):
        seconds = max(outcome.seconds for outcome in outcomes) + state.delays.get("program", 0.0)
        if "program" not in state.stuck:
            state.timeline.later(seconds, lambda: _ended(state, pod, outcomes))


def _ready_by(container: dict[str, Any]) -> list[str]:
    """The command that says whether a container is ready; empty if there is none."""
    action = (container.get("readinessProbe") or {}).get("exec") or {}
    return list(action.get("command") or ())


def _look(state: ClusterState, pod: Object) -> None:
    """Find out whether a running pod is ready, and do it again now and then."""
    if not alive(state, pod) or pod["status"].get("phase") != "Running":
        return
    changed = False
    for container, status in zip(pod["spec"]["containers"], pod["status"]["containerStatuses"], strict=True):
        command = _ready_by(container)
        if not command or "readiness" in state.stuck:
            continue
        outcome = probe(state, pod, container, command)
        ready = outcome.code == 0
        changed = changed or status["ready"] is not ready
        status["ready"] = ready
        if changed and not ready:
            report(state, PODS, pod, "Unhealthy", f"Readiness probe failed: {outcome.log}", bad=True)
    if changed:
        verdict = str(all(status["ready"] for status in pod["status"]["containerStatuses"]))
        for condition in pod["status"]["conditions"]:
            if condition["type"] in ("Ready", "ContainersReady"):
                condition["status"] = verdict
        touch(state, PODS, pod)
    state.timeline.later(state.delays.get("readiness", PAUSE), lambda: _look(state, pod))


def _holder(state: ClusterState, pod: Object) -> str:
    """The volume of a claim for one node that another node still holds; empty if there is none."""
    for name, claim in claims_of(state, pod).items():
        if claim is None or "ReadWriteMany" in claim["spec"]["accessModes"]:
            continue
        for other in state.pods:
            used = other is not pod and other["metadata"].get("namespace") == pod["metadata"]["namespace"]
            if used and (other.get("status") or {}).get("containerStatuses") and name in claims_of(state, other):
                ended = other["status"].get("phase") in ("Succeeded", "Failed")
                if not ended and other["spec"].get("nodeName") != pod["spec"]["nodeName"]:
                    return str(claim["spec"].get("volumeName"))
    return ""


def _pull_fails(state: ClusterState, pod: Object, image: str) -> None:
    words = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": not found'
    _wait(state, pod, "ErrImagePull", words)
    report(state, PODS, pod, "Failed", f'Failed to pull image "{image}": {words}', bad=True)
    report(state, PODS, pod, "Failed", "Error: ErrImagePull", bad=True)

    def back_off() -> None:
        if alive(state, pod):
            _wait(state, pod, "ImagePullBackOff", f'Back-off pulling image "{image}": ErrImagePull: {words}')
            report(state, PODS, pod, "BackOff", f'Back-off pulling image "{image}"')

    state.timeline.later(state.delays.get("back-off", 0.0), back_off)


def _execute(state: ClusterState, pod: Object, container: dict[str, Any]) -> Outcome:
    """Start a container's program; its log is there from now on."""
    outcome = run(state, pod, container)
    state.logs[pod["metadata"]["uid"], container["name"]] = outcome.log
    return outcome


def _running(state: ClusterState, pod: Object) -> None:
    number = next(state.numbers)
    address = f"10.244.{number // 250 % 250}.{number % 250 + 2}"
    started = {"running": {"startedAt": stamp(state)}}
    node = state.find("nodes", pod["spec"]["nodeName"]) or {}
    statuses = [_container(one, started, ready=not _ready_by(one)) for one in pod["spec"]["containers"]]
    host = next((one["address"] for one in (node.get("status") or {}).get("addresses") or ()), "")
    pod["status"] |= {
        "phase": "Running",
        "podIP": address,
        "podIPs": [{"ip": address}],
        "hostIP": host,
        "startTime": stamp(state),
        "conditions": [
            {"type": "PodScheduled", "status": "True"},
            {"type": "Initialized", "status": "True"},
            {"type": "ContainersReady", "status": str(all(one["ready"] for one in statuses))},
            {"type": "Ready", "status": str(all(one["ready"] for one in statuses))},
        ],
        "containerStatuses": statuses,
    }
    touch(state, PODS, pod)
    report(state, PODS, pod, "Started", "Started container")


def _ended(state: ClusterState, pod: Object, outcomes: list[Outcome]) -> None:
    """All programs of a pod have ended."""
    if not alive(state, pod):
        return
    policy = pod["spec"].get("restartPolicy") or "Always"
    failed = any(outcome.code for outcome in outcomes)
    statuses = []
    for container, outcome in zip(pod["spec"]["containers"], outcomes, strict=True):
        lines = outcome.log.encode()[-2048:].decode(errors="ignore")
        end = {"exitCode": outcome.code, "reason": "Error" if outcome.code else "Completed", "finishedAt": stamp(state)}
        if container.get("terminationMessagePolicy") == "FallbackToLogsOnError" and outcome.code and lines:
            end["message"] = lines
        statuses.append(_container(container, {"terminated": end}))
    phase = "Failed" if failed else "Succeeded"
    if policy == "Always" or (policy == "OnFailure" and failed):
        phase = "Running"
        for status in statuses:
            waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container"}}
            status |= {"lastState": status["state"], "state": waiting, "restartCount": 1}
    conditions = [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "False"}]
    pod["status"] |= {"phase": phase, "containerStatuses": statuses, "conditions": conditions}
    touch(state, PODS, pod)


def terminate(state: ClusterState, pod: Object, *, at_once: bool) -> None:
    """End a pod that is to be deleted, and take it out."""
    if at_once or not (pod.get("spec") or {}).get("nodeName"):
        _gone(state, pod)
        return
    later(state, "pod-deletion", lambda: _gone(state, pod))


def _gone(state: ClusterState, pod: Object) -> None:
    remove(state, PODS, pod)
    uid = pod["metadata"].get("uid", "")
    for key in [key for key in state.logs if key[0] == uid]:
        del state.logs[key]
    state.attaching.discard(uid)
