# SPDX-License-Identifier: Apache-2.0
"""Which pod of the demo cluster reaches which other one, by its network policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_scs.demo.kubernetes.state import ClusterState, Object

_POLICIES = "networkpolicies.networking.k8s.io"


def pods_at(state: ClusterState, host: str, namespace: str) -> Iterator[Object]:
    """The running pods behind an address: a pod's own, or name or address of a service."""
    service = _service(state, host, namespace)
    for pod in state.pods:
        status = pod.get("status") or {}
        if status.get("phase") != "Running":
            continue
        if status.get("podIP") == host:
            yield pod
        elif service and pod["metadata"].get("namespace") == service["metadata"]["namespace"]:
            wanted = service["spec"].get("selector") or {}
            if wanted and wanted.items() <= (pod["metadata"].get("labels") or {}).items():
                yield pod


def _service(state: ClusterState, host: str, namespace: str) -> Object | None:
    name, _, rest = host.partition(".")
    place = rest.split(".")[0] or namespace
    for service in state.all("services"):
        metadata = service["metadata"]
        if service["spec"].get("clusterIP") == host or (metadata["name"] == name and metadata["namespace"] == place):
            return service
    return None


def connects(state: ClusterState, source: Object, target: Object, port: int) -> bool:
    """Whether the policies let a pod open a connection to a port of another one."""
    if not state.network_policies:
        return True
    return _lets(state, source, target, port, "Egress") and _lets(state, target, source, port, "Ingress")


def _lets(state: ClusterState, own: Object, peer: Object, port: int, direction: str) -> bool:
    """Whether the policies of one end let the other one through; without any for this direction all may pass."""
    concerned = False
    for policy in state.all(_POLICIES):
        spec = policy.get("spec") or {}
        types = spec.get("policyTypes") or (["Ingress", "Egress"] if "egress" in spec else ["Ingress"])
        here = policy["metadata"].get("namespace") == own["metadata"].get("namespace")
        if not here or direction not in types or not selects(spec.get("podSelector"), _labels(own)):
            continue
        concerned = True
        key = "from" if direction == "Ingress" else "to"
        for rule in spec.get(direction.lower()) or ():
            if _port(rule, port) and _peer(state, policy, rule.get(key), peer):
                return True
    return not concerned


def _port(rule: dict[str, Any], port: int) -> bool:
    ports = rule.get("ports")
    return not ports or any(one.get("port") in (None, port) for one in ports)


def _peer(state: ClusterState, policy: Object, peers: list[dict[str, Any]] | None, pod: Object) -> bool:
    if not peers:
        return True
    namespace = pod["metadata"].get("namespace", "")
    for peer in peers:
        block = peer.get("ipBlock")
        if block:
            if block.get("cidr") == "0.0.0.0/0":
                return True
            continue
        if peer.get("namespaceSelector") is None:
            if namespace != policy["metadata"].get("namespace"):
                continue
        else:
            found = state.find("namespaces", namespace)
            if found is None or not selects(peer["namespaceSelector"], _labels(found)):
                continue
        if selects(peer.get("podSelector"), _labels(pod)):
            return True
    return False


def _labels(item: Object) -> dict[str, str]:
    return item["metadata"].get("labels") or {}


def selects(selector: dict[str, Any] | None, labels: dict[str, str]) -> bool:
    """Whether a label selector of the API, which is everything if it is empty, selects these labels."""
    selector = selector or {}
    if not (selector.get("matchLabels") or {}).items() <= labels.items():
        return False
    return all(matches(term, labels) for term in selector.get("matchExpressions") or ())


def matches(term: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether labels fulfil a term with an operator."""
    key, values = term.get("key", ""), term.get("values") or ()
    if term.get("operator") == "In":
        return labels.get(key) in values
    if term.get("operator") == "NotIn":
        return labels.get(key) not in values
    return (key in labels) is (term.get("operator") == "Exists")
