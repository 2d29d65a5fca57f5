# SPDX-License-Identifier: Apache-2.0
"""What the demo cluster answers to who reads: version, discovery, lists in pages, what the server says of itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_scs.demo.kubernetes import data, resources
from pytest_scs.demo.kubernetes.state import ClusterState


@pytest.mark.parametrize("path", ["/version", "/version/"])
def test_the_version_is_answered_with_and_without_a_slash_and_to_everybody(ask: Any, ask_as: Any, path: str) -> None:
    assert json.loads(ask.raw(path).data)["gitVersion"] == f"v{data.NEWEST}"
    assert json.loads(ask_as("stranger").raw(path).data) == ask.state.version


def test_the_typed_models_of_the_client_take_what_is_answered(ask: Any) -> None:
    assert ask.VersionApi.get_code().minor == "36"
    assert len(ask.CoreV1Api.list_node().items) == 9
    assert ask.StorageV1Api.list_storage_class().items[0].provisioner == "cinder.csi.openstack.org"
    assert len(ask.CertificatesV1Api.list_certificate_signing_request().items) == 9
    assert {pod.spec.node_name for pod in ask.CoreV1Api.list_pod_for_all_namespaces().items} >= {"etcd-1", "worker-1"}
    assert len(ask.RbacAuthorizationV1Api.list_cluster_role().items) == 5


def test_lists_come_in_pages(ask: Any) -> None:
    found: list[str] = []
    options: dict[str, Any] = {"limit": 4}
    for left in (5, 1, None):
        page = ask("CoreV1Api", "list_node", **options)
        assert page["kind"] == "NodeList"
        assert page["metadata"].get("remainingItemCount") == left
        found += [node["metadata"]["name"] for node in page["items"]]
        options["_continue"] = page["metadata"].get("continue")
    assert options["_continue"] is None
    assert found == [node["metadata"]["name"] for node in ask.state.nodes]


def test_a_page_may_have_expired(ask: Any) -> None:
    ask.state.expire_after = 1
    page = ask("CoreV1Api", "list_node", limit=4)
    status = ask.refused("CoreV1Api", "list_node", limit=4, _continue=page["metadata"]["continue"])
    assert (status["code"], status["reason"]) == (410, "Expired")
    assert len(ask("CoreV1Api", "list_node")["items"]) == 9


def test_a_page_may_be_shorter_than_was_asked_for(ask: Any) -> None:
    ask.state.page_size = 2
    assert len(ask("CoreV1Api", "list_node", limit=500)["items"]) == 2


def test_a_token_for_no_page_is_refused(ask: Any) -> None:
    status = ask.refused("CoreV1Api", "list_node", limit=1, _continue="garbage")
    assert (status["code"], status["reason"]) == (400, "BadRequest")


@pytest.mark.parametrize(
    ("selectors", "number"),
    [
        ({"label_selector": "node-role.kubernetes.io/control-plane"}, 3),
        ({"label_selector": "!node-role.kubernetes.io/control-plane"}, 6),
        ({"label_selector": "topology.kubernetes.io/zone=zone-a"}, 3),
        ({"label_selector": "topology.kubernetes.io/zone!=zone-a"}, 6),
        ({"label_selector": "topology.kubernetes.io/zone in (zone-a, zone-b)"}, 6),
        ({"label_selector": "topology.kubernetes.io/zone notin (zone-a,zone-b),kubernetes.io/os=linux"}, 3),
        ({"field_selector": "metadata.name=worker-1"}, 1),
        ({"field_selector": "metadata.name!=worker-1"}, 8),
    ],
)
def test_selectors_select(ask: Any, selectors: dict[str, str], number: int) -> None:
    assert len(ask("CoreV1Api", "list_node", **selectors)["items"]) == number


def test_a_selector_that_is_none_is_refused(ask: Any) -> None:
    status = ask.refused("CoreV1Api", "list_node", field_selector="x")
    assert status["message"] == "invalid selector: 'x'; can't understand 'x'"


def test_what_is_not_there_is_not_found_in_the_words_of_the_api(ask: Any) -> None:
    status = ask.refused("CoreV1Api", "read_node", "nope")
    assert (status["code"], status["message"]) == (404, 'nodes "nope" not found')
    assert status["details"] == {"name": "nope", "kind": "nodes"}
    status = ask.refused("RbacAuthorizationV1Api", "read_cluster_role", "nope")
    assert status["message"] == 'clusterroles.rbac.authorization.k8s.io "nope" not found'
    for path in ("/nothing", "/apis/nothing.example.org", "/apis/nothing.example.org/v1", "/apis/nothing.io/v1/x"):
        assert (ask.raw(path).status, ask.raw(path).data) == (404, b"404 page not found\n")
    for path in ("/api/v1/nothings", "/api/v1/nodes/worker-1/nothing"):
        status = json.loads(ask.raw(path).data)
        assert (status["code"], status["message"]) == (404, "the server could not find the requested resource")
    status = json.loads(ask.raw("/api/v1/nodes", "PUT").data)
    assert (status["code"], status["reason"]) == (405, "MethodNotAllowed")


def test_discovery_shows_what_is_there_and_no_more(ask: Any) -> None:
    groups = {group["name"]: group for group in ask("ApisApi", "get_api_versions")["groups"]}
    assert [one["version"] for one in groups["gateway.networking.k8s.io"]["versions"]] == ["v1", "v1beta1"]
    listed = json.loads(ask.raw("/apis/policy.networking.k8s.io/v1alpha1").data)["resources"]
    assert [one["name"] for one in listed] == ["adminnetworkpolicies", "baselineadminnetworkpolicies"]
    assert ask("CoreV1Api", "get_api_resources")["groupVersion"] == "v1"
    assert ask("CoreApi", "get_api_versions")["versions"] == ["v1"]
    ask.state.resources = [one for one in ask.state.resources if one not in resources.GATEWAY]
    assert "gateway.networking.k8s.io" not in {group["name"] for group in ask("ApisApi", "get_api_versions")["groups"]}
    assert ask.raw("/apis/gateway.networking.k8s.io/v1/gatewayclasses").status == 404


def test_discovery_is_aggregated_for_who_asks_for_it(ask: Any) -> None:
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    found = json.loads(ask.raw("/apis", accept=accept).data)
    assert found["kind"] == "APIGroupDiscoveryList"
    group = next(one for one in found["items"] if one["metadata"]["name"] == "storage.k8s.io")
    listed = group["versions"][0]["resources"]
    assert {"StorageClass", "CSIDriver"} <= {one["responseKind"]["kind"] for one in listed}
    core = json.loads(ask.raw("/api", accept=accept).data)["items"][0]["versions"][0]["resources"]
    pods = next(one for one in core if one["resource"] == "pods")
    assert "log" in {part["subresource"] for part in pods["subresources"]}


def test_the_server_shows_its_flags_as_json_and_as_text(ask: Any) -> None:
    for version in ("v1beta1", "v1alpha1"):
        response = ask.raw("/flagz", accept=f"application/json;v={version};g=config.k8s.io;as=Flagz")
        body = json.loads(response.data)
        assert (body["kind"], body["apiVersion"]) == ("Flagz", f"config.k8s.io/{version}")
        assert body["flags"]["max-requests-inflight"] == "800"
    assert b"\nmax-requests-inflight 800\n" in ask.raw("/flagz", accept="*/*").data
    assert ask.raw("/flagz", accept="application/json").status == 406
    ask.state.flags = None
    assert ask.raw("/flagz").status == 404


def test_the_server_counts(ask: Any) -> None:
    lines = ask.raw("/metrics").data.decode().splitlines()
    seats = [line for line in lines if line.startswith("apiserver_flowcontrol_nominal_limit_seats{")]
    assert 1100 <= sum(int(line.split()[-1]) for line in seats) <= 1110
    plugins = [line for line in lines if line.startswith("apiserver_admission_controller_admission_duration_seconds_c")]
    assert [line.partition('name="')[2].partition('"')[0] for line in plugins] == [
        "EventRateLimit",
        "NodeRestriction",
        "PodSecurity",
    ]
    ask.state.metrics = None
    assert ask.raw("/metrics").status == 404


def test_priority_and_fairness_shows_in_headers_but_of_what_takes_long(ask: Any) -> None:
    names = ("X-Kubernetes-PF-FlowSchema-UID", "X-Kubernetes-PF-PriorityLevel-UID")
    assert all(name in ask.raw("/version").headers for name in names)
    assert not any(name in ask.raw("/api/v1/nodes/worker-1/proxy/configz").headers for name in names)
    ask.state.fairness = False
    assert not any(name in ask.raw("/version").headers for name in names)


def test_kubelets_show_their_settings_through_the_server(ask: Any) -> None:
    response = ask.CoreV1Api.connect_get_node_proxy_with_path("worker-1", "configz", _preload_content=False)
    settings = json.loads(response.data)["kubeletconfig"]
    assert settings["authentication"]["anonymous"] == {"enabled": False}
    assert ask.raw("/api/v1/nodes/worker-1/proxy/nothing").status == 404
    ask.state.kubelets["worker-1"] = None
    status = json.loads(ask.raw("/api/v1/nodes/worker-1/proxy/configz").data)
    assert status["code"] == 503
    assert status["message"].startswith("error trying to reach service: dial tcp 127.10.0.")
    assert ask.raw("/api/v1/nodes/nope/proxy/configz").status == 404


def test_odd_objects_are_answered_as_they_are(ask: Any, cluster_state: ClusterState) -> None:
    cluster_state.nodes[:] = [
        {"metadata": {"name": "bare"}},
        {"metadata": {"name": "nulls", "labels": None}, "spec": None, "status": {"nodeInfo": None}},
        {"metadata": None},
    ]
    bare, nulls, none = ask("CoreV1Api", "list_node")["items"]
    assert bare["metadata"]["uid"]
    assert (nulls["metadata"]["labels"], nulls["spec"], none) == (None, None, {"metadata": None})
    assert ask("CoreV1Api", "list_node", label_selector="a=b")["items"] == []


def test_whether_it_is_healthy_is_told_to_everybody(ask_as: Any) -> None:
    for path in ("/healthz", "/livez", "/readyz"):
        assert ask_as("stranger").raw(path).data == b"ok"
