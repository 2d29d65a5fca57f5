# SPDX-License-Identifier: Apache-2.0
"""scs-0213, scs-0214: labels, zones and redundancy of nodes (documents: scs-0213-v1, scs-0214-v2).

How roles and zones are read: docs/standards/scs-0214.md#roles-and-zones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_scs.base.shell import Placeholder, command, quote
from pytest_scs.base.words import shown, some
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided, show
from pytest_scs.standards.kaas.model import Node

REGION: Final = "topology.kubernetes.io/region"
ZONE: Final = "topology.kubernetes.io/zone"

#: A node with one of these labels, whatever its value, is part of the control plane.
CONTROL_PLANE: Final = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")

#: What the two labels were called before Kubernetes 1.17.
_OLD: Final = {
    REGION: "failure-domain.beta.kubernetes.io/region",
    ZONE: "failure-domain.beta.kubernetes.io/zone",
}
_RULES: Final = {REGION: "scs-0214/region_label", ZONE: "scs-0214/zone_label"}

#: Nodes in the table that goes with the output.
_SHOWN: Final = 200

_NODES: Final = "nodes"
_HOSTED: Final = "control plane is not part of the cluster; see the declaration"


def is_control_plane(node: Node) -> bool:
    """Whether a node says of itself that it is part of the control plane."""
    return any(label in node.labels for label in CONTROL_PLANE)


def check_labels(nodes: Sequence[Node]) -> Iterator[Observation]:
    """Every node MUST have the labels of its region and its zone, with values.

    Source: scs-0214-v2 (docs/standards/scs-0214.md#scs-0214-x-node-labels). DEV-0214-2: no other testcase reads them.
    """
    if not nodes:
        yield Undecided(_NODES, "the cluster has none")
    for node in nodes:
        for label in (REGION, ZONE):
            if not node.labels.get(label):
                yield _missing(node, label)
    yield from _zones_in_two_regions(nodes)
    yield from table(nodes)


def check_control_plane_zones(nodes: Sequence[Node]) -> Iterator[Observation]:
    """The nodes of the control plane SHOULD be spread over several failure zones.

    Source: scs-0214-v2 (docs/standards/scs-0214.md#scs-0214-x-control-plane-zones).
    """
    members = [node for node in nodes if is_control_plane(node)]
    if not members:
        yield Undecided("control plane", _HOSTED)
    elif len(members) < 2:
        yield Finding(
            resource="control plane",
            rule="scs-0214/control_plane_zones",
            title="its nodes are spread over zones",
            expected="at least 2 nodes in at least 2 zones",
            observed=f"1 node, {shown(members[0].name)}",
            hint="create the cluster with 3 control-plane nodes, each in another zone",
        )
        yield Remark("the retired script of the official suite failed single nodes, too", "control plane", "DEV-0214-3")
    else:
        yield from _spread("control plane", "scs-0214/control_plane_zones", members)


def check_worker_zones(nodes: Sequence[Node]) -> Iterator[Observation]:
    """Workers are RECOMMENDED to be spread over several failure zones.

    Source: scs-0214-v2 (docs/standards/scs-0214.md#scs-0214-x-worker-zones).
    """
    members = [node for node in nodes if not is_control_plane(node)]
    if len(members) < 2:
        found = f"the only worker is {show(members[0].name)}" if members else "the cluster has no workers"
        yield Undecided("workers", f"{found}, so there is nothing to spread")
    else:
        yield from _spread("workers", "scs-0214/worker_zones", members)


def check_control_plane_redundancy(nodes: Sequence[Node]) -> Iterator[Observation]:
    """At least two nodes of the control plane are ready (scs-0213-v1, a draft).

    Source: docs/standards/scs-0213.md#scs-0213-x-control-plane-redundancy.
    """
    members = [node for node in nodes if is_control_plane(node)]
    ready = [node for node in members if node.ready]
    if not members:
        yield Undecided("control plane", _HOSTED)
    elif len(ready) < 2:
        others = some([node.name for node in members if not node.ready])
        yield Finding(
            resource="control plane",
            rule="scs-0213/control_plane_redundancy",
            title="several of its nodes are ready",
            expected="at least 2 nodes that are ready",
            observed=f"{len(ready)} of {len(members)}{f'; not ready: {others}' if others else ''}",
            hint=command(["kubectl", "describe", "node"], *[node.name for node in members if not node.ready][:10])
            if others
            else "create the cluster with 3 control-plane nodes",
        )
    elif len(ready) == 2:
        yield Remark(
            "2 nodes give no quorum gain over 1: without one of them etcd stops; 3 are better", "control plane"
        )


def table(nodes: Sequence[Node]) -> Iterator[Remark]:
    """What the cluster shows of the distribution of its nodes, a line a node, beside the declaration (DEV-0214-1).

    It stays out of public reports: names of nodes and their places are nobody's business there.
    """
    for node in nodes[:_SHOWN]:
        role = "control plane" if is_control_plane(node) else "worker"
        places = f"region {_place(node, REGION)}, zone {_place(node, ZONE)}"
        prefix, separator, _ = node.provider_id.partition("://")
        provider = f"providerID {shown(prefix)}://" if separator else "no providerID"
        yield Remark(f"{role}, {places}, {provider}", f"node {node.name}", public=False)
    if len(nodes) > _SHOWN:
        yield Remark(f"{len(nodes) - _SHOWN} more are not listed", _NODES, public=False)
    yield from _machines(nodes)


def _machines(nodes: Sequence[Node]) -> Iterator[Remark]:
    """What systemUUID says of machines: equal ones are a fault of images, different ones prove nothing."""
    by_uuid = defaultdict(list)
    for node in nodes:
        if uuid := node.info.get("systemUUID", "").strip().lower():
            by_uuid[uuid].append(node.name)
    for names in by_uuid.values():
        if len(names) > 1:
            text = f"{some(names)} have the same systemUUID, which is a fault of a shared machine image"
            yield Remark(text, _NODES, public=False)
    known = sum(map(len, by_uuid.values()))
    if known and known == len(by_uuid):
        text = f"systemUUID of {known} of {len(nodes)} is distinct, which proves nothing about physical machines"
        yield Remark(text, _NODES, public=False)


def _missing(node: Node, label: str) -> Finding:
    old = node.labels.get(_OLD[label])
    observed = "an empty value" if label in node.labels else show(None)
    return Finding(
        resource=f"node {node.name}",
        rule=_RULES[label],
        title=f"{label} {'empty' if label in node.labels else 'missing'}",
        expected="a label with a value",
        observed=f"{observed}; {_OLD[label]} is {show(old)}, which does not count since Kubernetes 1.17"
        if old
        else observed,
        hint=f"{command(['kubectl', 'label', '--overwrite', 'node'], node.name)} {label}={_value(label, old)}",
        deviation="DEV-0214-2",
    )


def _value(label: str, old: str | None) -> str:
    return quote(old) if old else Placeholder("ITS_ZONE" if label == ZONE else "ITS_REGION")


def _place(node: Node, label: str) -> str:
    return shown(node.labels.get(label) or "not set")


def _zones_in_two_regions(nodes: Sequence[Node]) -> Iterator[Observation]:
    regions = defaultdict(set)
    for node in nodes:
        region, zone = node.labels.get(REGION), node.labels.get(ZONE)
        if region and zone:
            regions[zone].add(region)
    for zone, found in sorted(regions.items()):
        if len(found) > 1:
            yield Remark(f"occurs in several regions: {some(sorted(found))}", f"zone {zone}")


def _spread(resource: str, rule: str, members: Sequence[Node]) -> Iterator[Observation]:
    """Nodes, at least two, are in at least two zones; the zone of each has to be known."""
    unknown = [node.name for node in members if not (node.labels.get(REGION) and node.labels.get(ZONE))]
    if unknown:
        yield Undecided(resource, f"the zone of {some(unknown)} is not known: {REGION} or {ZONE} is missing")
        return
    places = sorted({(node.labels[REGION], node.labels[ZONE]) for node in members})
    if len(places) < 2:
        region, zone = places[0]
        yield Finding(
            resource=resource,
            rule=rule,
            title="their nodes are spread over zones" if resource == "workers" else "its nodes are spread over zones",
            expected="nodes in at least 2 zones",
            observed=f"{len(members)} nodes in zone {show(zone)} of region {show(region)}",
            hint="let new nodes start in another failure zone, and give them its label",
        )
