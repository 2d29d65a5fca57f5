# SPDX-License-Identifier: Apache-2.0
"""What comes from the nodes of the demo cluster: what containers print, and what kubelets say of themselves."""

from __future__ import annotations

from werkzeug.wrappers import Response

from pytest_scs.demo.kubernetes.wire import Call, RefusedError, not_found, reply, text

_NOT_HERE = {
    "exec": "the demo cluster executes no commands in containers",
    "attach": "the demo cluster has no terminals of containers; see what they printed with kubectl logs",
    "portforward": "the demo cluster forwards no ports: what containers do is acted, and nobody listens",
    "proxy": "the demo cluster forwards no requests: what containers do is acted, and nobody listens",
}


def refuse(call: Call) -> Response:
    """Nothing of what needs a container that runs: what containers do here is acted, and nothing is executed."""
    if call.state.find(call.kind.key, call.name.split(":")[0], call.namespace) is None:
        raise not_found(call)
    raise RefusedError(501, _NOT_HERE[call.subresource], "NotImplemented")


def log(call: Call) -> Response:
    """What a container has printed."""
    pod = call.state.find("pods", call.name, call.namespace)
    if pod is None:
        raise not_found(call)
    names = [one["name"] for part in ("initContainers", "containers") for one in pod["spec"].get(part) or ()]
    name = call.query.get("container") or (pod["spec"]["containers"][0]["name"] if len(names) == 1 else "")
    if not name:
        listed = " ".join(names)
        message = f"a container name must be specified for pod {call.name}, choose one of: [{listed}]"
        raise RefusedError(400, message)
    if name not in names:
        raise RefusedError(400, f"container {name} is not valid for pod {call.name}")
    printed = call.state.logs.get((pod["metadata"].get("uid", ""), name))
    if printed is None:
        statuses = (pod.get("status") or {}).get("containerStatuses") or ()
        waits = next((one["state"].get("waiting") for one in statuses if one["name"] == name), None) or {}
        reason = waits.get("reason", "ContainerCreating")
        message = f'container "{name}" in pod "{call.name}" is waiting to start: {reason}'
        raise RefusedError(400, message)
    lines = printed.splitlines(keepends=True)
    last = call.query.get("tailLines", "")
    limit = call.query.get("limitBytes", "")
    shown = "".join(lines[-int(last) :] if last.isdigit() and int(last) else [] if last == "0" else lines)
    return text(shown[: int(limit)] if limit.isdigit() else shown)


def proxy(call: Call) -> Response:
    """What a kubelet answers through the API server."""
    name = call.name.partition(":")[0]
    node = call.state.find("nodes", name)
    if node is None:
        raise not_found(call)
    settings = call.state.kubelets.get(name)
    if settings is None:
        addresses = (node.get("status") or {}).get("addresses") or ()
        host = next((one.get("address") for one in addresses if one.get("type") == "InternalIP"), name)
        message = f"error trying to reach service: dial tcp {host}:10250: connect: connection refused"
        raise RefusedError(503, message)
    if call.tail == "configz":
        return reply({"kubeletconfig": settings})
    if call.tail == "healthz":
        return text("ok")
    return text("404 page not found\n", 404)
