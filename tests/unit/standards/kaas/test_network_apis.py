# SPDX-License-Identifier: Apache-2.0
"""scs-0219: policies of administrators, ingress classes, Gateway API; and how discovery is read."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.fields import FormError
from pytest_scs.core.findings import Finding, Remark, Undecided
from pytest_scs.standards.kaas import network_apis as standard
from pytest_scs.standards.kaas.network_model import (
    GATEWAY_GROUP,
    POLICY_GROUP,
    ApiGroup,
    DaemonSet,
    GatewayClass,
    IngressClass,
    groups_of_discovery,
    resources_of_version,
    slim_daemon_set,
    slim_gateway_class,
    slim_ingress_class,
    versions_of_groups,
)

CILIUM = [DaemonSet("kube-system", "kube-proxy"), DaemonSet("kube-system", "cilium")]
OLD = ["adminnetworkpolicies", "baselineadminnetworkpolicies"]
GATEWAY = ["gatewayclasses", "gateways", "httproutes"]


def group(name: str, **versions: list[str] | None) -> ApiGroup:
    """A group with resources by version; None stands for a version that the server does not know now."""
    plain = [{"version": one, "resources": found or [], "stale": found is None} for one, found in versions.items()]
    return ApiGroup.from_plain({"name": name, "versions": plain})


class TestAdminNetworkPolicy:
    @pytest.mark.parametrize(
        "versions",
        [
            {"v1alpha1": OLD},
            {"v1alpha2": ["clusternetworkpolicies"]},
            {"v1alpha2": ["clusternetworkpolicies"], "v1alpha1": OLD[:1]},
        ],
    )
    def test_served_resources_and_a_known_plugin_conform(self, versions: dict[str, list[str]]) -> None:
        groups = [group("example.org", v1=["things"]), group(POLICY_GROUP, **versions)]
        [remark] = standard.check_admin_network_policy(groups, CILIUM)
        assert isinstance(remark, Remark)
        assert "network plugin Cilium (daemon set kube-system/cilium)" in remark.text

    @pytest.mark.parametrize(
        ("groups", "words"),
        [
            ([], "the group is not there"),
            ([group(POLICY_GROUP, v1alpha1=OLD[:1])], "v1alpha1: adminnetworkpolicies"),
            ([group(POLICY_GROUP, v1alpha1=[])], "v1alpha1: nothing"),
        ],
    )
    def test_what_is_not_served_is_a_finding(self, groups: list[ApiGroup], words: str) -> None:
        [found] = standard.check_admin_network_policy(groups, CILIUM)
        assert isinstance(found, Finding)
        assert (found.rule, found.deviation) == ("scs-0219/admin_network_policies", "DEV-0219-4")
        assert found.observed == words

    def test_a_group_that_the_server_does_not_know_now_leaves_it_open(self) -> None:
        [found] = standard.check_admin_network_policy([group(POLICY_GROUP, v1alpha1=None)], CILIUM)
        assert isinstance(found, Undecided)

    @pytest.mark.parametrize("daemon_sets", [[], [DaemonSet("kube-system", "kube-router")]])
    def test_resources_without_a_plugin_that_serves_them_prove_little(self, daemon_sets: list[DaemonSet]) -> None:
        [found] = standard.check_admin_network_policy([group(POLICY_GROUP, v1alpha1=OLD)], daemon_sets)
        assert isinstance(found, Undecided)
        assert "proves little" in found.reason

    @pytest.mark.parametrize(
        ("name", "plugin"),
        [
            ("cilium", "Cilium"),
            ("calico-node", "Calico"),
            ("antrea-agent", "Antrea"),
            ("kube-ovn-cni", "Kube-OVN"),
            ("ovs-ovn", "Kube-OVN"),
            ("ovnkube-node", "OVN-Kubernetes"),
            ("governor", ""),
            ("kube-flannel-ds", ""),
        ],
    )
    def test_plugins_are_known_by_their_daemon_sets(self, name: str, plugin: str) -> None:
        assert list(standard.plugins([DaemonSet("kube-system", name)])) == ([plugin] if plugin else [])


class TestIngressClass:
    @staticmethod
    def ingress(name: str, value: str | None = "true", **spec: Any) -> IngressClass:
        marks = None if value is None else {"ingressclass.kubernetes.io/is-default-class": value}
        return IngressClass.from_plain(
            slim_ingress_class({"metadata": {"name": name, "annotations": marks}, "spec": spec})
        )

    def test_a_default_class_conforms(self) -> None:
        classes = [self.ingress("nginx", controller="k8s.io/ingress-nginx"), self.ingress("other", None)]
        [remark] = standard.check_ingress_class(classes)
        assert str(remark) == "ingress class nginx: is the default, served by k8s.io/ingress-nginx"

    def test_several_default_classes_conform_with_a_remark(self) -> None:
        remarks = list(standard.check_ingress_class([self.ingress("a"), self.ingress("b")]))
        assert [type(one) for one in remarks] == [Remark] * 3

    @pytest.mark.parametrize("value", [None, "false", ""])
    def test_no_default_class_may_be_an_option(self, value: str | None) -> None:
        for classes, words in (([], "there are none"), ([self.ingress("a", value)], "none of a is the default")):
            [found] = standard.check_ingress_class(classes)
            assert isinstance(found, Undecided)
            assert found.reason == f"{words}; may be an option at order time"


class TestGatewayApi:
    @staticmethod
    def gateway_class(name: str, accepted: str | None = "True") -> GatewayClass:
        conditions = None if accepted is None else [{"type": "Accepted", "status": accepted}, {"type": "Other"}]
        entry = {
            "metadata": {"name": name},
            "spec": {"controllerName": "io.cilium/gateway-controller"},
            "status": {"conditions": conditions},
        }
        return GatewayClass.from_plain(slim_gateway_class(entry))

    def test_a_complete_api_with_an_accepted_class_conforms(self) -> None:
        groups = [group(GATEWAY_GROUP, v1=[*GATEWAY, "grpcroutes"], v1beta1=GATEWAY)]
        [remark] = standard.check_gateway_api(groups, [self.gateway_class("a"), self.gateway_class("b", "False")])
        assert str(remark) == "gateway class a: is accepted by io.cilium/gateway-controller"

    def test_an_older_version_alone_is_remarked(self) -> None:
        found = list(standard.check_gateway_api([group(GATEWAY_GROUP, v1beta1=GATEWAY)], [self.gateway_class("a")]))
        assert [type(one) for one in found] == [Remark, Remark]
        assert "complete in v1beta1 only, not in v1" in str(found[0])

    @pytest.mark.parametrize("versions", [{"v1": GATEWAY[:2]}, {"v1": GATEWAY[:2], "v1beta1": GATEWAY[2:]}, {"v1": []}])
    def test_resources_that_are_not_in_one_version_are_a_finding(self, versions: dict[str, list[str]]) -> None:
        [found] = standard.check_gateway_api([group(GATEWAY_GROUP, **versions)], [self.gateway_class("a")])
        assert isinstance(found, Finding)
        assert found.rule == "scs-0219/gateway_resources"

    @pytest.mark.parametrize(
        ("classes", "words"),
        [
            ([], "(there is none)"),
            (["False"], "(Accepted of c0: False)"),
            ([None, "Unknown"], "c0: not set, c1: Unknown"),
        ],
    )
    def test_a_class_that_nobody_accepts_leaves_it_open(self, classes: list[str | None], words: str) -> None:
        found = [self.gateway_class(f"c{number}", accepted) for number, accepted in enumerate(classes)]
        [undecided] = standard.check_gateway_api([group(GATEWAY_GROUP, v1=GATEWAY)], found)
        assert isinstance(undecided, Undecided)
        assert undecided.reason.startswith("the API is there, no controller accepts a class")
        assert words in undecided.reason

    def test_an_absent_api_may_be_an_option(self) -> None:
        [found] = standard.check_gateway_api([group(POLICY_GROUP, v1alpha1=OLD)], [])
        assert isinstance(found, Undecided)
        assert found.reason.endswith("may be an installable option")

    def test_a_group_that_the_server_does_not_know_now_leaves_it_open(self) -> None:
        [found] = standard.check_gateway_api([group(GATEWAY_GROUP, v1=None)], [])
        assert isinstance(found, Undecided)


class TestDiscovery:
    AGGREGATED: Any = {
        "kind": "APIGroupDiscoveryList",
        "items": [
            {"metadata": None, "versions": 7},
            "no group",
            {"metadata": {"name": "apps"}, "versions": [{"version": None}]},
            {
                "metadata": {"name": GATEWAY_GROUP},
                "versions": [
                    {
                        "version": "v1",
                        "resources": [{"resource": "gateways", "subresources": [{"subresource": "status"}]}],
                        "freshness": "Current",
                    },
                    {"version": "v1beta1", "freshness": "Stale"},
                ],
            },
        ],
    }

    def test_aggregated_discovery_tells_the_wanted_groups_whatever_is_odd_in_others(self) -> None:
        [found] = groups_of_discovery(self.AGGREGATED, [GATEWAY_GROUP])
        assert found == {
            "name": GATEWAY_GROUP,
            "versions": [
                {"version": "v1", "resources": ["gateways"], "stale": False},
                {"version": "v1beta1", "resources": [], "stale": True},
            ],
        }
        assert ApiGroup.from_plain(found).versions[1].stale

    @pytest.mark.parametrize("odd", [None, 1, "x", {}, {"name": 7, "metadata": {}}, {"metadata": {"name": None}}])
    def test_a_group_without_a_name_may_be_the_one_that_is_missing(self, odd: Any) -> None:
        with pytest.raises(FormError):
            groups_of_discovery({"items": [odd, {"metadata": {"name": GATEWAY_GROUP}}]})
        with pytest.raises(FormError):
            versions_of_groups({"groups": [{"name": POLICY_GROUP}, odd]})
        every = [{"metadata": {"name": name}} for name in (GATEWAY_GROUP, POLICY_GROUP)]
        assert len(groups_of_discovery({"items": [odd, *every]})) == 2

    def test_a_plain_list_tells_versions_and_then_resources(self) -> None:
        document = {"groups": [{"name": "apps"}, {"name": POLICY_GROUP, "versions": [{"version": "v1alpha1"}]}]}
        assert versions_of_groups(document) == [(POLICY_GROUP, ["v1alpha1"])]
        resources = {"resources": [{"name": "adminnetworkpolicies"}, {"name": "adminnetworkpolicies/status"}]}
        assert resources_of_version(resources) == ["adminnetworkpolicies"]
        assert resources_of_version({"resources": None}) == []
        with pytest.raises(FormError):
            resources_of_version({"kind": "Status"})

    @pytest.mark.parametrize("document", [{}, {"items": None}, {"items": {}}, {"items": []}, {"groups": []}])
    def test_what_is_no_discovery_is_refused(self, document: dict[str, Any]) -> None:
        with pytest.raises(FormError):
            groups_of_discovery(document)
        with pytest.raises(FormError):
            versions_of_groups(document)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.sampled_from([GATEWAY_GROUP, "v1", ""]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["items", "groups", "metadata", "name", "versions", "version", "resources"]),
                    inner,
                    max_size=4,
                )
            ),
        )
    )
    def test_any_answer_is_read_or_refused(self, document: Any) -> None:
        for read in (groups_of_discovery, versions_of_groups, resources_of_version):
            if isinstance(document, dict):
                with contextlib.suppress(FormError):
                    read(document)


def test_names_of_daemon_sets_are_kept() -> None:
    entry = {"metadata": {"name": "cilium", "namespace": "kube-system", "uid": "1"}, "spec": {}}
    assert str(DaemonSet.from_plain(slim_daemon_set(entry))) == "kube-system/cilium"
    with pytest.raises(FormError):
        DaemonSet.from_plain(slim_daemon_set({"metadata": {"name": "cilium"}}))
