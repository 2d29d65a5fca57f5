# SPDX-License-Identifier: Apache-2.0
"""scs-0213, scs-0214: labels, zones and redundancy of nodes, also of odd ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Finding, Observation, Remark, Undecided
from pytest_scs.standards.kaas import node_distribution as standard
from pytest_scs.standards.kaas.model import Node, slim_node

REGION = "topology.kubernetes.io/region"
ZONE = "topology.kubernetes.io/zone"
ROLE = "node-role.kubernetes.io/control-plane"


def node(name: str, zone: str | None = "a", region: str | None = "r", *, role: str = "", **more: Any) -> Node:
    """A node as the API shows it; None leaves a label out. ``more`` goes into its status."""
    labels = {key: value for key, value in ((ZONE, zone), (REGION, region)) if value is not None}
    if role:
        labels[role] = ""
    labels |= more.pop("labels", {})
    spec = {"providerID": more.pop("provider", "openstack:///1")}
    status = {"conditions": [{"type": "Ready", "status": more.pop("ready", "True")}], **more}
    return Node.from_plain(slim_node({"metadata": {"name": name, "labels": labels}, "spec": spec, "status": status}))


def control(name: str, zone: str | None = "a", region: str | None = "r", **more: Any) -> Node:
    return node(name, zone, region, role=ROLE, **more)


def of(kind: type, observations: Any) -> list[Any]:
    return [one for one in observations if isinstance(one, kind)]


def public(observations: Any) -> list[Observation]:
    return [one for one in observations if not isinstance(one, Remark) or one.public]


class TestLabels:
    def test_nodes_with_both_labels_conform(self) -> None:
        assert public(standard.check_labels([node("n1"), control("n2", "b")])) == []

    def test_each_missing_label_is_a_finding_that_names_node_and_label(self) -> None:
        nodes = [node("n1"), node("worker-2", None), node("n3", "a", None), node("n4", None, None)]
        found = of(Finding, standard.check_labels(nodes))
        assert [(one.resource, one.rule, one.title) for one in found] == [
            ("node worker-2", "scs-0214/zone_label", f"{ZONE} missing"),
            ("node n3", "scs-0214/region_label", f"{REGION} missing"),
            ("node n4", "scs-0214/region_label", f"{REGION} missing"),
            ("node n4", "scs-0214/zone_label", f"{ZONE} missing"),
        ]
        assert {one.deviation for one in found} == {"DEV-0214-2"}
        assert str(found[0]).startswith(f"node worker-2: {ZONE} missing")
        assert found[0].hint == f"kubectl label --overwrite node worker-2 {ZONE}=ITS_ZONE"

    def test_a_label_without_value_is_not_enough(self) -> None:
        [found] = of(Finding, standard.check_labels([node("n1", "")]))
        assert (found.title, found.observed) == (f"{ZONE} empty", "an empty value")

    def test_the_old_label_is_a_hint_only(self) -> None:
        old = {"failure-domain.beta.kubernetes.io/zone": "z 1"}
        [found] = of(Finding, standard.check_labels([node("n1", None, labels=old)]))
        assert "failure-domain.beta.kubernetes.io/zone is 'z 1', which does not count" in found.observed
        assert found.hint.endswith(f" {ZONE}='z 1'")

    def test_a_cluster_without_nodes_is_no_evidence(self) -> None:
        [found] = standard.check_labels([])
        assert isinstance(found, Undecided)

    def test_a_zone_in_two_regions_is_a_warning(self) -> None:
        nodes = [node("n1", "a", "r1"), node("n2", "a", "r2"), node("n3", "b", "r2")]
        [remark] = public(standard.check_labels(nodes))
        assert str(remark) == "zone a: occurs in several regions: r1, r2"

    @given(st.lists(st.tuples(st.sampled_from([None, "", "a", "b"]), st.sampled_from([None, "", "r"])), max_size=6))
    def test_every_node_is_judged_by_its_own_labels_alone(self, labels: list[tuple[str | None, str | None]]) -> None:
        nodes = [node(f"n{number}", zone, region) for number, (zone, region) in enumerate(labels)]
        found = of(Finding, standard.check_labels(nodes))
        alone = [finding for one in nodes for finding in of(Finding, standard.check_labels([one]))]
        assert found == alone
        assert len(found) == sum((not zone) + (not region) for zone, region in labels)


@pytest.mark.parametrize(
    "odd",
    [
        {"metadata": {"name": "odd"}},
        {"metadata": {"name": "odd", "labels": None}, "spec": None, "status": None},
        {"metadata": {"name": "odd", "labels": {ZONE: None}}, "spec": {"taints": None}, "status": {"nodeInfo": None}},
        {
            "metadata": {"name": "odd", "labels": {}},
            "spec": {"taints": [{"key": None}], "podCIDRs": None},
            "status": {"conditions": [{"type": "Ready"}], "nodeInfo": {"systemUUID": None}, "addresses": [{}]},
        },
    ],
)
def test_an_odd_node_disturbs_no_other(odd: dict[str, Any]) -> None:
    nodes = [node("n1"), Node.from_plain(slim_node(odd)), node("n2", "b")]
    assert {one.resource for one in of(Finding, standard.check_labels(nodes))} == {"node odd"}
    [undecided] = standard.check_worker_zones(nodes)
    assert isinstance(undecided, Undecided)
    assert "the zone of odd is not known" in undecided.reason
    assert list(standard.check_control_plane_zones([*nodes, control("c1"), control("c2", "b")])) == []


class TestControlPlaneZones:
    @pytest.mark.parametrize(
        "members",
        [
            [control("c1"), control("c2", "b")],
            [control("c1"), control("c2", "b"), control("c3", "b")],
            [control("c1", "a", "r1"), control("c2", "a", "r2")],
            [node("c1", role="node-role.kubernetes.io/master"), control("c2", "b")],
        ],
    )
    def test_several_zones_conform(self, members: list[Node]) -> None:
        assert list(standard.check_control_plane_zones([*members, node("w1", None)])) == []

    def test_one_zone_is_a_finding(self) -> None:
        [found] = standard.check_control_plane_zones([control("c1"), control("c2"), node("w1", "b")])
        assert isinstance(found, Finding)
        assert (found.resource, found.rule) == ("control plane", "scs-0214/control_plane_zones")
        assert found.observed == "2 nodes in zone 'a' of region 'r'"

    @pytest.mark.parametrize("zone", ["a", None])
    def test_a_single_node_is_a_finding_whatever_its_labels(self, zone: str | None) -> None:
        found, remark = standard.check_control_plane_zones([control("c1", zone)])
        assert isinstance(found, Finding)
        assert found.observed == "1 node, c1"
        assert isinstance(remark, Remark)
        assert remark.deviation == "DEV-0214-3"

    @pytest.mark.parametrize("members", [[control("c1"), control("c2", None)], [control("c1"), control("c2", "b", "")]])
    def test_a_node_without_labels_leaves_it_open(self, members: list[Node]) -> None:
        [found] = standard.check_control_plane_zones(members)
        assert isinstance(found, Undecided)
        assert "the zone of c2 is not known" in found.reason

    def test_a_hosted_control_plane_is_not_seen(self) -> None:
        for check in (standard.check_control_plane_zones, standard.check_control_plane_redundancy):
            [found] = check([node("w1"), node("w2", "b")])
            assert isinstance(found, Undecided)
            assert found.reason == "control plane is not part of the cluster; see the declaration"


class TestWorkerZones:
    def test_several_zones_conform(self) -> None:
        assert list(standard.check_worker_zones([node("w1"), node("w2", "b"), control("c1", None)])) == []

    def test_one_zone_is_a_finding(self) -> None:
        [found] = standard.check_worker_zones([node("w1"), node("w2"), control("c1", "b")])
        assert isinstance(found, Finding)
        assert (found.resource, found.rule) == ("workers", "scs-0214/worker_zones")

    @pytest.mark.parametrize(
        ("nodes", "words"),
        [
            ([control("c1"), control("c2")], "the cluster has no workers"),
            ([control("c1"), node("w1")], "the only worker is 'w1'"),
            ([], "the cluster has no workers"),
            ([node("w1"), node("w2", None)], "the zone of w2 is not known"),
        ],
    )
    def test_what_cannot_be_spread_is_no_verdict(self, nodes: list[Node], words: str) -> None:
        [found] = standard.check_worker_zones(nodes)
        assert isinstance(found, Undecided)
        assert words in found.reason


class TestRedundancy:
    def test_three_ready_nodes_conform(self) -> None:
        assert list(standard.check_control_plane_redundancy([control(name) for name in "abc"])) == []

    def test_two_ready_nodes_conform_with_a_remark(self) -> None:
        [remark] = standard.check_control_plane_redundancy([control("a"), control("b"), control("c", ready="False")])
        assert isinstance(remark, Remark)
        assert "no quorum gain" in remark.text

    @pytest.mark.parametrize("ready", ["False", "Unknown"])
    def test_nodes_that_are_not_ready_do_not_count(self, ready: str) -> None:
        [found] = standard.check_control_plane_redundancy([control("a"), control("b", ready=ready), node("w1")])
        assert isinstance(found, Finding)
        assert found.observed == "1 of 2; not ready: b"
        assert found.hint == "kubectl describe node b"

    def test_a_single_node_is_a_finding(self) -> None:
        [found] = standard.check_control_plane_redundancy([control("a")])
        assert isinstance(found, Finding)
        assert found.observed == "1 of 1"


class TestTable:
    def test_it_says_where_each_node_is_and_stays_private(self) -> None:
        nodes = [
            control("c1", nodeInfo={"systemUUID": "AB"}),
            node("w1", None, nodeInfo={"systemUUID": "cd"}, provider="kind"),
        ]
        remarks = list(standard.table(nodes))
        assert [str(one) for one in remarks] == [
            "node c1: control plane, region r, zone a, providerID openstack://",
            "node w1: worker, region r, zone not set, no providerID",
            "nodes: systemUUID of 2 of 2 is distinct, which proves nothing about physical machines",
        ]
        assert not any(one.public for one in remarks)

    def test_machines_that_are_one_are_told(self) -> None:
        nodes = [node(name, nodeInfo={"systemUUID": uuid}) for name, uuid in (("a", "X"), ("b", "x "), ("c", "y"))]
        [*_, remark] = standard.table(nodes)
        assert str(remark) == "nodes: a, b have the same systemUUID, which is a fault of a shared machine image"

    def test_nothing_is_said_of_machines_that_tell_nothing(self) -> None:
        assert [one.resource for one in standard.table([node("a"), node("b")])] == ["node a", "node b"]

    def test_a_large_cluster_does_not_fill_pages(self) -> None:
        remarks = list(standard.table([node(f"n{number}") for number in range(1000)]))
        assert len(remarks) == 201
        assert str(remarks[-1]) == "nodes: 800 more are not listed"
