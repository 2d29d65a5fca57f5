# SPDX-License-Identifier: Apache-2.0
"""Volumes and network policies tried out in a demo cluster that behaves, or does not."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided
from pytest_scs.core.subject import Subject
from pytest_scs.demo.kubernetes import data, writing
from pytest_scs.demo.kubernetes.server import DemoCluster
from pytest_scs.demo.kubernetes.state import ClusterState, Fault
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.kubernetes import polling
from pytest_scs.platforms.kubernetes.belongings import MANAGED_BY
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.janitor import Janitor
from pytest_scs.platforms.kubernetes.kubeconfig import Access
from pytest_scs.platforms.kubernetes.listings import nodes
from pytest_scs.platforms.kubernetes.probes import pods, policy, volume
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings
from pytest_scs.standards.kaas.policy_probe import PolicyEnforcement, check_enforcement
from pytest_scs.standards.kaas.volumes import VolumeRoundtrip, check_not_node_bound, check_read_write_once

RUN = "1a2b3c4d"
LOCAL = "rancher.io/local-path"


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(polling, "FIRST", 0.02)
    monkeypatch.setattr(polling, "LONGEST", 0.1)
    monkeypatch.setattr(policy, "LOOK", 0.05)
    monkeypatch.setattr(policy, "STEADY", 0.2)
    monkeypatch.setattr(policy, "ENFORCED", 1.5)
    monkeypatch.setattr(volume, "BIND", 1.5)
    monkeypatch.setattr(volume, "CLASSLESS", 0.3)
    monkeypatch.setattr(pods, "READY", 1.5)
    monkeypatch.setattr(pods, "TROUBLE", 0.3)


@pytest.fixture
def state() -> ClusterState:
    return data.conformant(dt.datetime.now(dt.UTC))


@pytest.fixture
def cancelled() -> threading.Event:
    return threading.Event()


@pytest.fixture
def tried(state: ClusterState, cancelled: threading.Event) -> Iterator[Callable[..., Any]]:
    """Runs a probe in the cluster and checks that nothing of it is left."""
    with DemoCluster(state) as cluster:
        client = Client(Access("testcluster", cluster.kubeconfig(), "a test"), deadline=1)
        janitor = Janitor(client, RUN, Journal(RUN, "testcluster"), cancelled)

        def run(probe: Callable[[Probing], Any], **settings: Any) -> Any:
            inventory = Inventory(Subject("kubernetes", "testcluster"), "")
            inventory.sections["nodes"] = nodes.SECTION.read(client) if nodes.SECTION.read else []
            return probe(Probing(client, janitor, inventory, KubernetesSettings(**settings), client.access, cancelled))

        yield run
        assert janitor.close(time.monotonic() + 5) == []
        assert state.created(MANAGED_BY) == []
        assert not any("claimRef" in one["spec"] for one in state.all("persistentvolumes"))


def both(seen: dict[str, Any]) -> tuple[list[Observation], list[Observation]]:
    roundtrip = VolumeRoundtrip.from_plain(seen)
    return list(check_read_write_once(roundtrip)), list(check_not_node_bound(roundtrip))


def default_class(state: ClusterState, provisioner: str = "", binding: str = "", reclaim: str = "") -> None:
    (one,) = (
        one
        for one in state.storage_classes
        if (one["metadata"].get("annotations") or {}).get("storageclass.kubernetes.io/is-default-class") == "true"
    )
    one.update({"provisioner": provisioner} if provisioner else {})
    one.update({"volumeBindingMode": binding} if binding else {})
    one.update({"reclaimPolicy": reclaim} if reclaim else {})


@pytest.mark.parametrize("binding", ["Immediate", "WaitForFirstConsumer"])
def test_network_volume_is_written_read_again_and_read_elsewhere(
    state: ClusterState, tried: Callable[..., Any], binding: str
) -> None:
    default_class(state, binding=binding)
    seen = tried(volume.probe)
    again, elsewhere = both(seen)
    assert again == []
    assert [type(one) for one in elsewhere] == [Remark]
    assert seen["written"]["node"] != seen["elsewhere"]["node"] != ""


def test_volume_that_its_class_keeps_is_gone_as_well(state: ClusterState, tried: Callable[..., Any]) -> None:
    default_class(state, reclaim="Retain")
    assert both(tried(volume.probe))[0] == []


def test_local_volume_is_bound_to_its_node(state: ClusterState, tried: Callable[..., Any]) -> None:
    default_class(state, LOCAL, "WaitForFirstConsumer")
    again, elsewhere = both(tried(volume.probe))
    assert again == []
    assert [one.rule for one in elsewhere if isinstance(one, Finding)] == ["scs-0211/not_bound_to_node"]


def test_second_node_is_one_of_the_volumes_zone(state: ClusterState, tried: Callable[..., Any]) -> None:
    state.zonal_volumes = True
    seen = tried(volume.probe)
    zones = {one["metadata"]["name"]: one["metadata"]["labels"]["topology.kubernetes.io/zone"] for one in state.nodes}
    if seen["elsewhere"]["outcome"] == "done":
        assert zones[seen["elsewhere"]["node"]] == zones[seen["written"]["node"]]
    else:
        assert "node affinity asks for topology.kubernetes.io/zone" in seen["elsewhere"]["said"]


def test_volume_that_forgets_is_no_volume(state: ClusterState, tried: Callable[..., Any]) -> None:
    state.forgetful = True
    again, elsewhere = both(tried(volume.probe))
    assert [one.rule for one in again if isinstance(one, Finding)] == ["scs-0211/pod_reads_again"]
    assert [type(one) for one in elsewhere] == [Undecided]


def test_claim_without_a_default_class_is_not_bound(state: ClusterState, tried: Callable[..., Any]) -> None:
    state.storage_classes.clear()
    again, elsewhere = both(tried(volume.probe))
    (finding,) = (one for one in again if isinstance(one, Finding))
    assert finding.rule == "scs-0211/claim_is_bound"
    assert "no class was given to it; last events: FailedBinding: no persistent volumes available" in finding.observed
    assert [type(one) for one in elsewhere] == [Undecided]


@pytest.mark.parametrize("binding", ["Immediate", "WaitForFirstConsumer"])
@pytest.mark.parametrize("fault", ["stuck", "broken"])
def test_provisioner_that_does_nothing_is_a_violation_with_its_events(
    state: ClusterState, tried: Callable[..., Any], binding: str, fault: str
) -> None:
    default_class(state, binding=binding)
    getattr(state, fault).add("claim")
    again, _ = both(tried(volume.probe))
    (finding,) = (one for one in again if isinstance(one, Finding))
    assert finding.rule == "scs-0211/claim_is_bound"
    assert "last events: " in finding.observed
    assert ("ProvisioningFailed" if fault == "broken" else "ExternalProvisioning") in finding.observed


@pytest.mark.parametrize("turned", [False, True])
def test_what_tells_most_stands_first_among_events(
    state: ClusterState, tried: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, turned: bool
) -> None:
    """A report cuts long lines in their middle, and what a cluster says of its own is the longest."""
    told = [
        {"type": "Normal", "reason": "WaitForFirstConsumer", "message": "m", "lastTimestamp": "2026-11-01T10:00:00Z"},
        {"type": "Warning", "reason": "ProvisioningFailed", "message": "m", "lastTimestamp": "2026-11-01T10:00:01Z"},
        {"type": "Normal", "reason": "Provisioning", "message": "m", "eventTime": "2026-11-01T10:00:02.000001Z"},
        {"type": "Normal", "reason": "ExternalProvisioning", "message": "m", "lastTimestamp": "2026-11-01T10:00:09Z"},
    ]
    monkeypatch.setattr(volume.pods, "events_about", lambda *_: told[::-1] if turned else told)
    state.stuck.add("claim")
    default_class(state, binding="Immediate")
    (finding,) = (one for one in both(tried(volume.probe))[0] if isinstance(one, Finding))
    assert "last events: ProvisioningFailed: m; ExternalProvisioning: m; Provisioning: m" in finding.observed
    assert "WaitForFirstConsumer" not in finding.observed


def test_claim_that_waits_for_a_pod_without_node_decides_nothing(
    state: ClusterState, tried: Callable[..., Any]
) -> None:
    default_class(state, binding="WaitForFirstConsumer")
    state.unschedulable = "0/3 nodes are available: 3 node(s) were unschedulable."
    for found in both(tried(volume.probe)):
        (one,) = found
        assert isinstance(one, Undecided)
        assert "0/3 nodes are available: 3 node(s) were unschedulable." in one.reason


def test_pod_without_node_decides_nothing_about_a_bound_claim(state: ClusterState, tried: Callable[..., Any]) -> None:
    default_class(state, binding="Immediate")
    state.unschedulable = "0/3 nodes are available."
    again, _ = both(tried(volume.probe))
    assert [type(one) for one in again] == [Undecided]
    assert "FailedScheduling: 0/3 nodes are available." in str(again[0])


def test_image_that_is_not_there_decides_nothing(state: ClusterState, tried: Callable[..., Any]) -> None:
    state.missing_images.append("agnhost")
    (one,) = both(tried(volume.probe))[0]
    assert isinstance(one, Undecided)
    assert "its image cannot be had" in one.reason
    assert "--scs-probe-image" in one.reason
    assert one.kind is CauseKind.OUTAGE


def test_image_of_the_user_is_taken(state: ClusterState, tried: Callable[..., Any]) -> None:
    state.missing_images.append("registry.k8s.io")
    tried(volume.probe, probe_image="mirror.example/agnhost:1")
    images = {one.item["spec"]["containers"][0]["image"] for one in state.events if one.resource == "pods"}
    assert images == {"mirror.example/agnhost:1"}


@pytest.mark.parametrize(
    ("resource", "words", "kind"),
    [
        ("pods", 'pods "scs-writer" is forbidden: exceeded quota: all', CauseKind.QUOTA),
        ("pods", "admission webhook denied the request: no", CauseKind.PERMISSION),
        ("persistentvolumeclaims", "exceeded quota: storage", CauseKind.QUOTA),
        ("namespaces", "no namespaces for you", CauseKind.PERMISSION),
    ],
)
def test_what_is_not_admitted_decides_nothing(
    state: ClusterState, tried: Callable[..., Any], resource: str, words: str, kind: CauseKind
) -> None:
    state.denials[resource] = words
    with pytest.raises(Inconclusive) as caught:
        tried(volume.probe)
    assert words in str(caught.value)
    assert caught.value.kind is kind


def test_log_that_cannot_be_read_decides_nothing(state: ClusterState, tried: Callable[..., Any]) -> None:
    state.faults.append(Fault("GET", r"/log(\?|$)", status=500))
    (one,) = both(tried(volume.probe))[0]
    assert isinstance(one, Undecided)
    assert "the log of pod scs-reader cannot be read" in one.reason


def test_one_node_is_not_enough_to_tell(state: ClusterState, tried: Callable[..., Any]) -> None:
    del state.nodes[1:]
    state.nodes[0]["spec"].pop("taints", None)
    again, elsewhere = both(tried(volume.probe))
    assert again == []
    assert [str(one).rpartition(": ")[2] for one in elsewhere] == ["the cluster has only one node"]


@pytest.mark.parametrize("probe", [volume.probe, policy.probe])
def test_interrupted_probe_goes_home(
    state: ClusterState, tried: Callable[..., Any], cancelled: threading.Event, probe: Callable[[Probing], Any]
) -> None:
    state.stuck |= {"claim", "pod"}
    threading.Timer(0.4, cancelled.set).start()
    with pytest.raises(Inconclusive) as caught:
        tried(probe)
    assert caught.value.kind is CauseKind.INTERRUPTED


def policies(seen: dict[str, Any]) -> list[Observation]:
    return list(check_enforcement(PolicyEnforcement.from_plain(seen)))


def test_policies_that_are_enforced_pass(tried: Callable[..., Any]) -> None:
    seen = tried(policy.probe)
    assert [(one["direction"], one["rule"]) for one in seen["steps"]] == [
        ("ingress", "deny"),
        ("ingress", "allow"),
        ("egress", "deny"),
        ("egress", "allow"),
    ]
    assert policies(seen) == []


def test_policies_that_are_ignored_are_violations(state: ClusterState, tried: Callable[..., Any]) -> None:
    state.network_policies = False
    found = policies(tried(policy.probe))
    assert [one.rule for one in found if isinstance(one, Finding)] == [
        "scs-0219/ingress_denied",
        "scs-0219/egress_denied",
    ]


def test_policy_that_is_not_admitted_decides_nothing(state: ClusterState, tried: Callable[..., Any]) -> None:
    state.denials["networkpolicies.networking.k8s.io"] = "no policies here"
    found = policies(tried(policy.probe))
    assert {type(one) for one in found} == {Undecided}
    assert "no policies here" in str(found[0])


def test_policies_of_others_decide_nothing(
    state: ClusterState, tried: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = policy._Trial._become

    def become(trial: Any, *, connected: bool) -> bool:
        found = state.all("networkpolicies.networking.k8s.io")
        with state.lock:
            allows = [one for one in found if one["metadata"]["name"] == "scs-allow-ingress"]
            for one in allows:  # somebody forbids it all the same
                denies = {
                    "podSelector": {"matchLabels": {"pytest-scs/direction": "ingress"}},
                    "policyTypes": ["Ingress"],
                }
                found.append({"metadata": one["metadata"] | {"name": "default-deny"}, "spec": denies})
                found.remove(one)
        return original(trial, connected=connected)

    monkeypatch.setattr(policy._Trial, "_become", become)
    found = policies(tried(policy.probe))
    assert not any(isinstance(one, Finding) for one in found)
    assert "the namespace also has the policies default-deny" in str(found[0])


def _sidecar(item: dict[str, Any]) -> None:
    item["spec"]["containers"].insert(0, {"name": "istio-proxy", "image": "registry.k8s.io/pause:3.10"})


def _host_network(item: dict[str, Any]) -> None:
    item["spec"]["hostNetwork"] = True


def _other_labels(item: dict[str, Any]) -> None:
    item["metadata"]["labels"].pop("pytest-scs/role", None)


def _always_ready(item: dict[str, Any]) -> None:
    item["spec"]["containers"][0].pop("readinessProbe", None)


def _seldom_asked(item: dict[str, Any]) -> None:
    item["spec"]["containers"][0].get("readinessProbe", {})["periodSeconds"] = 60


def _other_program(item: dict[str, Any]) -> None:
    item["spec"]["containers"][0]["args"] = ["netexec", "--http-port=8080", "--udp-port=-1"]


def _open_policy(item: dict[str, Any]) -> None:
    item["spec"]["ingress"] = item["spec"]["egress"] = [{}]


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        ("pods", _sidecar, "put containers into pod scs-ingress-server: istio-proxy"),
        ("pods", _host_network, "put pod scs-ingress-server into the network of its node"),
        ("pods", _other_labels, "changed the labels of pod scs-ingress-server"),
        ("pods", _always_ready, "changed the readiness probe of pod scs-ingress-client"),
        ("pods", _seldom_asked, "changed the readiness probe of pod scs-ingress-client"),
        ("pods", _other_program, "changed the command of pod scs-ingress-server"),
        ("networkpolicies.networking.k8s.io", _open_policy, "changed the policy scs-deny-ingress"),
    ],
)
def test_what_a_webhook_changed_is_no_violation(
    state: ClusterState,
    tried: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    change: Callable[[dict[str, Any]], None],
    words: str,
) -> None:
    admit = writing.admit

    def mutate(call: Any, item: dict[str, Any], old: Any = None) -> None:
        if old is None and call.kind.key == kind:
            change(item)
        admit(call, item, old)

    monkeypatch.setattr(writing, "admit", mutate)
    monkeypatch.setattr(policy, "ENFORCED", 0.3)
    monkeypatch.setattr(pods, "READY", 10)
    state.network_policies = False
    state.admission_plugins.discard("PodSecurity")
    found = policies(tried(policy.probe))
    assert {type(one) for one in found} == {Undecided}
    assert words in str(found[0])


def test_containers_of_others_in_a_pod_do_not_count() -> None:
    running = {"name": "a-sidecar", "state": {"running": {}}}
    done = {"name": "main", "state": {"terminated": {"exitCode": 0}}}
    pod = {"status": {"phase": "Running", "containerStatuses": [running, done]}}
    assert pods.ended(pod) == {"exitCode": 0}
    assert pods.has_run(pod)
    assert not pods.runs(pod)
    pod["status"]["containerStatuses"] = [{**done, "name": "a-sidecar"}, {**running, "name": "main"}]
    assert pods.runs(pod)
    assert not pods.has_run(pod)


OTHER = {"name": "other", "namespace": "default", "uid": "1"}


@pytest.mark.parametrize(
    ("probe", "path", "body"),
    [
        (volume.probe, "/persistentvolumeclaims/", {"kind": "ConfigMap", "metadata": OTHER}),
        (
            volume.probe,
            "/persistentvolumeclaims/",
            {"kind": "PersistentVolumeClaim", "metadata": OTHER, "status": {"phase": "Pending"}},
        ),
        (volume.probe, "/pods/[^/]*$", {"kind": "Pod", "metadata": OTHER, "status": {"phase": "Succeeded"}}),
        (volume.probe, "/log", {"kind": "Status"}),
        (policy.probe, "/pods/[^/]*$", {"kind": "Pod", "metadata": OTHER, "status": {"phase": "Running"}}),
    ],
)
def test_answers_about_something_else_decide_nothing(
    state: ClusterState, tried: Callable[..., Any], probe: Any, path: str, body: dict[str, Any]
) -> None:
    state.faults.append(Fault("GET", path, status=200, body=json.dumps(body)))
    if path != "/log":
        with pytest.raises(Inconclusive, match="answered with"):
            tried(probe)
    else:
        assert {type(one) for one in both(tried(probe))[0]} == {Undecided}


TIMED_OUT = 'Readiness probe failed: command timed out: "/agnhost connect" timed out after 5s'
REFUSED = "Readiness probe failed: TIMEOUT"


@pytest.mark.parametrize(
    ("rule", "obeyed", "told", "decided"),
    [
        ("deny", True, [TIMED_OUT], False),
        ("deny", True, ["Readiness probe errored: rpc error"], False),
        ("deny", True, [TIMED_OUT, REFUSED], True),
        ("deny", True, [], True),
        ("deny", False, [TIMED_OUT], True),
        ("allow", False, [TIMED_OUT, REFUSED], False),
        ("allow", False, [REFUSED], True),
        ("allow", True, [TIMED_OUT], True),
    ],
)
def test_a_program_that_was_not_executed_is_no_connection_that_failed(
    monkeypatch: pytest.MonkeyPatch, rule: str, obeyed: bool, told: list[str], decided: bool
) -> None:
    monkeypatch.setattr(pods, "events_about", lambda *about: [{"message": one, "count": 2} for one in told])
    trial = policy._Trial(cast("Probing", FakeProbing()), "scs-0219-x", "ingress")
    with contextlib.nullcontext() if decided else pytest.raises(Inconclusive, match="could not execute the program"):
        trial._require_executed(rule, (0, 0), obeyed=obeyed)


class FakeProbing:
    """What a probe needs that asks nobody."""

    def patiently(self, seconds: float) -> float:
        return seconds


def test_one_direction_that_cannot_be_tried_leaves_the_other_its_verdict(
    state: ClusterState, tried: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    admit = writing.admit

    def refuse(call: Any, item: dict[str, Any], old: Any = None) -> None:
        if call.kind.key == "pods" and item["metadata"]["name"] == "scs-egress-client":
            item["spec"]["containers"][0]["command"] = ["/no-such-program"]
        admit(call, item, old)

    monkeypatch.setattr(writing, "admit", refuse)
    state.network_policies = False
    found = policies(tried(policy.probe))
    assert [one.rule for one in found if isinstance(one, Finding)] == ["scs-0219/ingress_denied"]
    assert [
        str(one) for one in found if isinstance(one, Undecided) and "deny egress: pod scs-egress-client" in str(one)
    ]


def test_pods_that_do_not_connect_without_policies_decide_nothing(
    state: ClusterState, tried: Callable[..., Any]
) -> None:
    state.stuck.add("readiness")
    with pytest.raises(Inconclusive, match="do not connect without any policy of ours"):
        tried(policy.probe)


def test_server_that_dies_meanwhile_decides_nothing(
    state: ClusterState, tried: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = policy._Trial._become

    def become(trial: Any, *, connected: bool) -> bool:
        if not connected:
            with state.lock:
                state.pods[:] = [one for one in state.pods if one["metadata"]["name"] != "scs-ingress-server"]
        return original(trial, connected=connected)

    monkeypatch.setattr(policy._Trial, "_become", become)
    found = policies(tried(policy.probe))
    assert {type(one) for one in found} == {Undecided}
