# SPDX-License-Identifier: Apache-2.0
"""What comes, changes and goes in the demo cluster, and what its controllers do about it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import kubernetes.watch
import pytest

SPACE = "scs-test"
SAFE = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def container(*args: str, image: str = "registry.example.org/agnhost:2", **more: Any) -> dict[str, Any]:
    return {
        "name": "main",
        "image": image,
        "command": ["/agnhost"],
        "args": list(args),
        "securityContext": SAFE,
        **more,
    }


@pytest.fixture
def space(ask: Any) -> Any:
    """The API, with a namespace that has its service account."""
    ask("CoreV1Api", "create_namespace", {"metadata": {"name": SPACE, "labels": {"made-by": "test"}}})
    ask.until(lambda: ask("CoreV1Api", "list_namespaced_service_account", SPACE)["items"])
    return ask


@pytest.fixture
def run(space: Any) -> Callable[..., dict[str, Any]]:
    """Create a pod and wait until it has ended or is ready, or has another reason to be looked at."""

    def start(name: str, *args: str, until: Any = None, labels: Any = None, **spec: Any) -> dict[str, Any]:
        containers = spec.pop("containers", None) or [container(*args)]
        pod = {"metadata": {"name": name, "labels": labels or {}}}
        pod["spec"] = {"restartPolicy": "Never", "containers": containers, **spec}
        space("CoreV1Api", "create_namespaced_pod", SPACE, pod)
        enough = until or (lambda one: one["status"]["phase"] != "Pending" and one["spec"]["containers"][0] is not None)

        def look() -> Any:
            found = space("CoreV1Api", "read_namespaced_pod", name, SPACE)
            return found if enough(found) else None

        return dict(space.until(look))

    return start


def ended(pod: dict[str, Any]) -> bool:
    return pod["status"]["phase"] in ("Succeeded", "Failed")


def waits(reason: str) -> Callable[[dict[str, Any]], bool]:
    def test(pod: dict[str, Any]) -> bool:
        statuses = pod["status"].get("containerStatuses") or [{"state": {}}]
        return (statuses[0]["state"].get("waiting") or {}).get("reason") == reason

    return test


def unscheduled(pod: dict[str, Any]) -> bool:
    return any(one.get("reason") == "Unschedulable" for one in pod["status"]["conditions"])


def log(space: Any, name: str, **options: Any) -> str:
    return str(space.CoreV1Api.read_namespaced_pod_log(name, SPACE, _preload_content=False, **options).data.decode())


def claim(space: Any, name: str = "data", **spec: Any) -> None:
    body = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec}
    space("CoreV1Api", "create_namespaced_persistent_volume_claim", SPACE, {"metadata": {"name": name}, "spec": body})


def mounting(name: str = "data") -> dict[str, Any]:
    volume = {"name": "v", "persistentVolumeClaim": {"claimName": name}}
    return {"volumes": [volume]}


def storing(*args: str) -> dict[str, Any]:
    return container(*args, volumeMounts=[{"name": "v", "mountPath": "/data"}])


def gone(space: Any) -> None:
    """Wait until the namespace is no longer there."""
    space.until(lambda: SPACE not in {one["metadata"]["name"] for one in space("CoreV1Api", "list_namespace")["items"]})


def reasons(space: Any) -> list[str]:
    return [event["reason"] for event in space("CoreV1Api", "list_namespaced_event", SPACE)["items"]]


def test_a_namespace_gets_its_label_and_its_service_account(space: Any) -> None:
    made = space("CoreV1Api", "read_namespace", SPACE)
    assert made["metadata"]["labels"] == {"kubernetes.io/metadata.name": SPACE, "made-by": "test"}
    assert made["status"] == {"phase": "Active"}
    assert space.state.created({"made-by": "test"}) == [("namespaces", "", SPACE)]
    status = space.refused("CoreV1Api", "create_namespace", {"metadata": {"name": SPACE}})
    assert (status["code"], status["reason"]) == (409, "AlreadyExists")
    assert status["message"] == f'namespaces "{SPACE}" already exists'


def test_a_namespace_without_its_service_account_takes_no_pods(ask: Any) -> None:
    ask.state.stuck.add("serviceaccount")
    ask("CoreV1Api", "create_namespace", {"metadata": {"name": SPACE}})
    body = {"metadata": {"name": "p"}, "spec": {"containers": [container("pause")]}}
    assert ask.refused("CoreV1Api", "create_namespaced_pod", SPACE, body)["message"] == (
        f'pods "p" is forbidden: error looking up service account {SPACE}/default: serviceaccount "default" not found'
    )


def test_a_namespace_goes_with_all_it_has(space: Any, run: Any) -> None:
    claim(space)
    run("p", "pause", containers=[storing("pause")], **mounting())
    space.state.delays["namespace"] = 0.05
    answer = space("CoreV1Api", "delete_namespace", SPACE)
    assert answer["status"] == {"phase": "Terminating"}
    body = {"metadata": {"name": "late"}}
    status = space.refused("CoreV1Api", "create_namespaced_config_map", SPACE, body)
    assert status["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    gone(space)
    assert space.refused("CoreV1Api", "read_namespace", SPACE)["code"] == 404
    space.state.catch_up()
    left = [(key, item["metadata"]["name"]) for key, items in space.state.objects.items() for item in items]
    assert not [name for _, name in left if name.startswith(("pvc-", "p.", "data"))]
    assert (space.state.logs, space.state.contents) == ({}, {})


def test_a_namespace_may_hang_and_say_why(space: Any) -> None:
    space.state.stuck.add("namespace")
    space("CoreV1Api", "delete_namespace", SPACE)
    found = space("CoreV1Api", "read_namespace", SPACE)["status"]
    assert found["phase"] == "Terminating"
    assert found["conditions"][0]["type"] == "NamespaceDeletionDiscoveryFailure"


def test_a_finalizer_holds_a_namespace_until_it_is_taken_off(space: Any) -> None:
    body = {"metadata": {"name": "held", "finalizers": ["example.org/hold"]}}
    space("CoreV1Api", "create_namespaced_config_map", SPACE, body)
    space("CoreV1Api", "delete_namespace", SPACE)
    found = space.until(lambda: space("CoreV1Api", "read_namespace", SPACE)["status"].get("conditions"))
    assert found[0]["type"] == "NamespaceContentRemaining"
    space("CoreV1Api", "patch_namespaced_config_map", "held", SPACE, {"metadata": {"finalizers": None}})
    gone(space)


def test_a_pod_runs_where_it_may(run: Any, space: Any) -> None:
    pod = run("p", "pause")
    assert pod["status"]["phase"] == "Running"
    assert pod["spec"]["nodeName"].startswith("worker-")
    pinned = {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["worker-3"]}]}]
        }
    }
    assert run("q", "pause", affinity={"nodeAffinity": pinned})["spec"]["nodeName"] == "worker-3"
    assert run("r", "pause", nodeSelector={"kubernetes.io/hostname": "worker-2"})["spec"]["nodeName"] == "worker-2"
    everywhere = [{"operator": "Exists"}]
    place = {"kubernetes.io/hostname": "etcd-1"}
    assert run("s", "pause", nodeSelector=place, tolerations=everywhere)["spec"]["nodeName"] == "etcd-1"
    assert "Scheduled" in reasons(space)


def test_a_pod_that_fits_nowhere_says_why_until_it_fits(run: Any, space: Any) -> None:
    pod = run("p", "pause", until=unscheduled, nodeSelector={"disk": "fast"})
    assert pod["status"]["conditions"][0]["message"] == (
        "0/9 nodes are available: 6 node(s) had untolerated taint(s), "
        "3 node(s) didn't match Pod's node affinity/selector."
    )
    assert reasons(space).count("FailedScheduling") == 1
    space("CoreV1Api", "patch_node", "worker-2", {"metadata": {"labels": {"disk": "fast"}}})
    space.until(lambda: space("CoreV1Api", "read_namespaced_pod", "p", SPACE)["status"]["phase"] == "Running")
    space.state.unschedulable = "0/9 nodes are available: 9 Insufficient cpu."
    pod = run("q", "pause", until=unscheduled)
    assert pod["status"]["conditions"][0]["message"] == space.state.unschedulable


def test_cordoned_and_lost_nodes_take_no_pods(run: Any, space: Any) -> None:
    space("CoreV1Api", "patch_node", "worker-1", {"spec": {"unschedulable": True}})
    ready = next(one for one in space.state.find("nodes", "worker-2")["status"]["conditions"] if one["type"] == "Ready")
    ready["status"] = "Unknown"
    assert {run(name, "pause")["spec"]["nodeName"] for name in ("p", "q")} == {"worker-3"}


def test_an_image_that_is_not_there_is_not_pulled(run: Any, space: Any) -> None:
    space.state.missing_images.append("agnhost")
    space.state.delays["back-off"] = 0.05
    pod = run("p", "pause", until=waits("ErrImagePull"))
    assert pod["status"]["phase"] == "Pending"
    found = space.refused("CoreV1Api", "read_namespaced_pod_log", "p", SPACE)
    assert found["message"] == 'container "main" in pod "p" is waiting to start: ErrImagePull'
    space.until(lambda: waits("ImagePullBackOff")(space("CoreV1Api", "read_namespaced_pod", "p", SPACE)))
    assert {"Failed", "BackOff"} <= set(reasons(space))


def test_a_pod_may_be_stuck_or_fail_to_start(run: Any, space: Any) -> None:
    space.state.stuck.add("pod")
    assert run("p", "pause", until=waits("ContainerCreating"))["status"]["phase"] == "Pending"
    space.state.stuck.clear()
    space.state.broken.add("pod")
    assert run("q", "pause", until=waits("CreateContainerError"))["status"]["phase"] == "Pending"


def test_a_program_ends_with_a_code_and_a_log(run: Any, space: Any) -> None:
    script = "set -e; echo one; echo two && exit 3"
    shell = {"name": "main", "image": "busybox", "command": ["sh", "-c", script], "securityContext": SAFE}
    pod = run("p", until=ended, containers=[{**shell, "terminationMessagePolicy": "FallbackToLogsOnError"}])
    end = pod["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (pod["status"]["phase"], end["exitCode"], end["message"]) == ("Failed", 3, "one\ntwo\n")
    assert (log(space, "p"), log(space, "p", tail_lines=1), log(space, "p", limit_bytes=2)) == (
        "one\ntwo\n",
        "two\n",
        "on",
    )
    pod = run(
        "again",
        until=lambda one: one["status"].get("containerStatuses", [{}])[0].get("restartCount"),
        containers=[shell],
        restartPolicy="Always",
    )
    assert pod["status"]["phase"] == "Running"
    assert waits("CrashLoopBackOff")(pod)
    unknown = {**shell, "command": ["frobnicate"]}
    end = run("q", until=ended, containers=[unknown])["status"]["containerStatuses"][0]["state"]["terminated"]
    assert end["exitCode"] == 127


def test_pods_are_deleted_with_what_they_held(run: Any, space: Any) -> None:
    run("p", "pause")
    space.state.delays["pod-deletion"] = 0.05
    assert "deletionTimestamp" in space("CoreV1Api", "delete_namespaced_pod", "p", SPACE)["metadata"]
    assert space("CoreV1Api", "read_namespaced_pod", "p", SPACE)
    space.until(lambda: not space("CoreV1Api", "list_namespaced_pod", SPACE)["items"])
    run("q", "pause", labels={"a": "b"})
    run("r", "pause")
    space.state.delays.clear()
    space("CoreV1Api", "delete_collection_namespaced_pod", SPACE, label_selector="a=b")
    space.until(lambda: len(space("CoreV1Api", "list_namespaced_pod", SPACE)["items"]) == 1)
    space.state.stuck.add("pod-deletion")
    space("CoreV1Api", "delete_namespaced_pod", "r", SPACE)
    assert space("CoreV1Api", "list_namespaced_pod", SPACE)["items"]
    space("CoreV1Api", "delete_namespaced_pod", "r", SPACE, grace_period_seconds=0)
    assert not space("CoreV1Api", "list_namespaced_pod", SPACE)["items"]


def test_a_deletion_may_be_meant_for_another_object_of_the_name(space: Any) -> None:
    body = {"preconditions": {"uid": "another"}}
    status = space.refused("CoreV1Api", "delete_namespace", SPACE, body=body)
    assert (status["code"], status["reason"]) == (409, "Conflict")
    assert "Precondition failed: UID in precondition: another, UID in object meta: " in status["message"]
    assert space("CoreV1Api", "delete_namespace", SPACE, dry_run="All")["status"]["phase"] == "Active"


def test_a_claim_waits_for_its_pod_and_keeps_what_is_written(run: Any, space: Any) -> None:
    claim(space)
    found = space("CoreV1Api", "read_namespaced_persistent_volume_claim", "data", SPACE)
    assert (found["status"]["phase"], found["spec"]["storageClassName"]) == ("Pending", "cinder")
    assert reasons(space) == ["WaitForFirstConsumer"]
    writer = run("writer", until=ended, containers=[storing("mounttest", "--new_file_0644=/data/f")], **mounting())
    assert writer["status"]["phase"] == "Succeeded"
    found = space("CoreV1Api", "read_namespaced_persistent_volume_claim", "data", SPACE)
    assert found["status"]["phase"] == "Bound"
    assert found["metadata"]["annotations"]["volume.kubernetes.io/selected-node"] == writer["spec"]["nodeName"]
    volume = space("CoreV1Api", "read_persistent_volume", found["spec"]["volumeName"])
    assert volume["spec"]["csi"]["driver"] == "cinder.csi.openstack.org"
    assert "nodeAffinity" not in volume["spec"]
    reader = [storing("mounttest", "--file_content=/data/f")]
    elsewhere = {"kubernetes.io/hostname": "worker-3"}
    run("reader", until=ended, containers=reader, nodeSelector=elsewhere, **mounting())
    assert log(space, "reader") == 'content of file "/data/f": mount-tester new file\n\n'
    space.state.forgetful = True
    assert run("later", until=ended, containers=reader, **mounting())["status"]["phase"] == "Failed"
    assert log(space, "later").startswith('error reading file content for "/data/f": open /data/f: no such file')


def test_a_volume_in_use_on_one_node_is_waited_for_on_another(run: Any, space: Any) -> None:
    claim(space)
    first = run("first", containers=[storing("pause")], **mounting())
    other = "worker-1" if first["spec"]["nodeName"] != "worker-1" else "worker-2"
    place = {"kubernetes.io/hostname": other}
    run("second", until=waits("ContainerCreating"), containers=[storing("pause")], nodeSelector=place, **mounting())
    space.until(lambda: "FailedAttachVolume" in reasons(space))
    space("CoreV1Api", "delete_namespaced_pod", "first", SPACE)
    space.until(lambda: space("CoreV1Api", "read_namespaced_pod", "second", SPACE)["status"]["phase"] == "Running")


def test_a_volume_of_a_node_binds_its_pods_to_it(run: Any, space: Any) -> None:
    space.state.storage_classes[0]["provisioner"] = "rancher.io/local-path"
    claim(space)
    first = run("first", containers=[storing("pause")], **mounting())
    volume = space("CoreV1Api", "list_persistent_volume")["items"][0]
    assert volume["spec"]["hostPath"]["path"].startswith("/opt/volumes/pvc-")
    term = volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"][0]["matchExpressions"][0]
    assert (term["key"], term["values"]) == ("kubernetes.io/hostname", [first["spec"]["nodeName"]])
    other = next(name for name in ("worker-1", "worker-2") if name != first["spec"]["nodeName"])
    place = {"kubernetes.io/hostname": other}
    pod = run("second", until=unscheduled, containers=[storing("pause")], nodeSelector=place, **mounting())
    assert "1 node(s) had volume node affinity conflict" in pod["status"]["conditions"][0]["message"]


def test_a_volume_may_belong_to_a_zone(run: Any, space: Any) -> None:
    space.state.zonal_volumes = True
    claim(space)
    run("p", containers=[storing("pause")], nodeSelector={"kubernetes.io/hostname": "worker-2"}, **mounting())
    spec = space("CoreV1Api", "list_persistent_volume")["items"][0]["spec"]
    term = spec["nodeAffinity"]["required"]["nodeSelectorTerms"][0]["matchExpressions"][0]
    assert (term["key"], term["values"]) == ("topology.kubernetes.io/zone", ["zone-b"])


def test_a_claim_may_stay_without_a_volume(run: Any, space: Any) -> None:
    classes = space.state.storage_classes
    classes[0]["volumeBindingMode"] = "Immediate"
    space.state.broken.add("claim")
    claim(space)
    space.until(lambda: "ProvisioningFailed" in reasons(space))
    space.state.stuck.add("claim")
    claim(space, "other")
    classes[0]["provisioner"] = "kubernetes.io/no-provisioner"
    claim(space, "never")
    classes.clear()
    claim(space, "classless")
    claim(space, "typo", storageClassName="typo")
    phases = space("CoreV1Api", "list_namespaced_persistent_volume_claim", SPACE)["items"]
    assert {one["status"]["phase"] for one in phases} == {"Pending"}
    messages = [event["message"] for event in space("CoreV1Api", "list_namespaced_event", SPACE)["items"]]
    assert 'storageclass.storage.k8s.io "typo" not found' in messages
    pod = run("p", until=unscheduled, containers=[storing("pause")], **mounting("nope"))
    assert pod["status"]["conditions"][0]["message"] == 'persistentvolumeclaim "nope" not found'


def test_a_claim_goes_when_no_pod_uses_it_and_its_volume_with_it(run: Any, space: Any) -> None:
    claim(space)
    run("p", containers=[storing("pause")], **mounting())
    assert (
        "deletionTimestamp"
        in space("CoreV1Api", "delete_namespaced_persistent_volume_claim", "data", SPACE)["metadata"]
    )
    assert space("CoreV1Api", "list_persistent_volume")["items"]
    space("CoreV1Api", "delete_namespaced_pod", "p", SPACE)
    space.until(lambda: not space("CoreV1Api", "list_persistent_volume")["items"])
    space.state.storage_classes[0]["reclaimPolicy"] = "Retain"
    claim(space, "kept")
    run("q", until=ended, containers=[storing("mounttest")], **mounting("kept"))
    space("CoreV1Api", "delete_namespaced_persistent_volume_claim", "kept", SPACE)
    space.until(lambda: not space("CoreV1Api", "list_namespaced_persistent_volume_claim", SPACE)["items"])
    volume = space("CoreV1Api", "list_persistent_volume")["items"][0]
    assert volume["status"]["phase"] == "Released"
    body = {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}
    space("CoreV1Api", "patch_persistent_volume", volume["metadata"]["name"], body)
    space.until(lambda: not space("CoreV1Api", "list_persistent_volume")["items"])


def policy(space: Any, name: str, selector: dict[str, str], **rules: Any) -> None:
    types = [key.capitalize() for key in ("ingress", "egress") if key in rules]
    spec = {"podSelector": {"matchLabels": selector}, "policyTypes": types}
    spec |= {key: value for key, value in rules.items() if value}
    body = {"metadata": {"name": name}, "spec": spec}
    space("NetworkingV1Api", "create_namespaced_network_policy", SPACE, body)


def ready(space: Any, expected: bool) -> None:
    """Wait until the client is ready, or no longer."""

    def look() -> bool:
        pod = space("CoreV1Api", "read_namespaced_pod", "client", SPACE)
        found = next(one for one in pod["status"]["conditions"] if one["type"] == "Ready")
        return bool(found["status"] == str(expected) and pod["status"]["containerStatuses"][0]["ready"] is expected)

    space.until(look)


def test_policies_are_enforced_in_both_directions(run: Any, space: Any) -> None:
    address = run("server", "netexec", "--http-port=8080", labels={"role": "server"})["status"]["podIP"]
    probe = {"exec": {"command": ["/agnhost", "connect", f"{address}:8080", "--timeout=2s"]}, "periodSeconds": 1}
    run("client", containers=[container("pause", readinessProbe=probe)], labels={"role": "client"})
    ready(space, True)
    policy(space, "deny", {"role": "server"}, ingress=None)
    ready(space, False)
    assert "Unhealthy" in reasons(space)
    peer = [{"podSelector": {"matchLabels": {"role": "client"}}}]
    policy(space, "allow", {"role": "server"}, ingress=[{"from": peer, "ports": [{"port": 8080}]}])
    ready(space, True)
    policy(space, "deny-out", {"role": "client"}, egress=None)
    ready(space, False)
    everybody = [
        {"namespaceSelector": {}, "podSelector": {"matchExpressions": [{"key": "role", "operator": "Exists"}]}}
    ]
    policy(space, "allow-out", {"role": "client"}, egress=[{"to": everybody}])
    ready(space, True)
    space("NetworkingV1Api", "delete_namespaced_network_policy", "allow", SPACE)
    ready(space, False)
    space.state.network_policies = False
    ready(space, True)


def test_a_connection_needs_somebody_who_listens(run: Any, space: Any) -> None:
    address = run("server", "netexec", labels={"role": "server"})["status"]["podIP"]
    body = {"metadata": {"name": "web"}, "spec": {"selector": {"role": "server"}, "ports": [{"port": 8080}]}}
    space("CoreV1Api", "create_namespaced_service", SPACE, body)
    outcomes = {}
    for number, target in enumerate((f"{address}:8080", f"{address}:9", "10.1.2.3:8080", "web:8080", "nope:8080")):
        pod = run(f"client-{number}", "connect", target, until=ended)
        outcomes[target] = (pod["status"]["phase"], log(space, f"client-{number}"))
    assert list(outcomes.values()) == [
        ("Succeeded", ""),
        ("Failed", "REFUSED\n"),
        ("Failed", "TIMEOUT\n"),
        ("Succeeded", ""),
        ("Failed", "DNS: lookup failed\n"),
    ]


def test_pod_security_is_enforced_by_the_label_of_the_namespace_or_everywhere(space: Any) -> None:
    bare = {"name": "main", "image": "pause"}

    def refusal(**spec: Any) -> str:
        body = {"metadata": {"name": "p"}, "spec": {"containers": [bare], **spec}}
        return str(space.refused("CoreV1Api", "create_namespaced_pod", SPACE, body, dry_run="All")["message"])

    assert refusal(hostPID=True) == (
        'pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)'
    )
    enforce = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    space("CoreV1Api", "patch_namespace", SPACE, enforce)
    assert refusal() == (
        'pods "p" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false '
        '(container "main" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities '
        '(container "main" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container '
        '"main" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "main" must set '
        'securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
    )
    fine = {"metadata": {"name": "p"}, "spec": {"containers": [container("pause")]}}
    assert space("CoreV1Api", "create_namespaced_pod", SPACE, fine, dry_run="All")["status"]["phase"] == "Pending"
    space.state.admission_plugins.discard("PodSecurity")
    loose = {"metadata": {"name": "p"}, "spec": {"hostPID": True, "containers": [bare]}}
    assert space("CoreV1Api", "create_namespaced_pod", SPACE, loose, dry_run="All")["spec"]["hostPID"] is True
    assert not space.state.find("pods", "p", SPACE)


def test_what_is_not_as_it_should_be_is_invalid(space: Any) -> None:
    status = space.refused("CoreV1Api", "create_namespace", {"metadata": {"name": "No_Name"}})
    assert (status["code"], status["reason"]) == (422, "Invalid")
    assert status["message"].startswith('Namespace "No_Name" is invalid: metadata.name: Invalid value: "No_Name": a ')
    status = space.refused(
        "CoreV1Api", "create_namespaced_pod", SPACE, {"metadata": {"name": "p"}, "spec": {"containers": []}}
    )
    assert status["message"] == 'Pod "p" is invalid: spec.containers: Required value'
    assert space.refused("CoreV1Api", "create_namespaced_config_map", "nope", {"metadata": {"name": "c"}})[
        "message"
    ] == ('namespaces "nope" not found')
    body = {"metadata": {"name": "c", "namespace": "default"}}
    assert space.refused("CoreV1Api", "create_namespaced_config_map", SPACE, body)["code"] == 400


def test_a_webhook_may_refuse(space: Any) -> None:
    space.state.denials["pods"] = "no pods today"
    body = {"metadata": {"name": "p"}, "spec": {"containers": [container("pause")]}}
    status = space.refused("CoreV1Api", "create_namespaced_pod", SPACE, body)
    assert status["message"] == 'admission webhook "deny.example.org" denied the request: no pods today'
    assert status["code"] == 403


def test_objects_are_patched_and_replaced(space: Any) -> None:
    made = space(
        "CoreV1Api", "create_namespaced_config_map", SPACE, {"metadata": {"generateName": "c-"}, "data": {"a": "1"}}
    )
    name = made["metadata"]["name"]
    assert name.startswith("c-")
    assert len(name) > 2
    changed = space("CoreV1Api", "patch_namespaced_config_map", name, SPACE, {"data": {"a": None, "b": "2"}})
    assert changed["data"] == {"b": "2"}
    steps = [{"op": "add", "path": "/data/c~1d", "value": "3"}, {"op": "test", "path": "/data/b", "value": "2"}]
    assert space("CoreV1Api", "patch_namespaced_config_map", name, SPACE, steps)["data"] == {"b": "2", "c/d": "3"}
    wrong = [{"op": "remove", "path": "/data/nope"}]
    assert space.refused("CoreV1Api", "patch_namespaced_config_map", name, SPACE, wrong)["code"] == 422
    status = space.refused("CoreV1Api", "replace_namespaced_config_map", name, SPACE, made)
    assert (status["code"], status["reason"]) == (409, "Conflict")
    del made["metadata"]["resourceVersion"]
    assert space("CoreV1Api", "replace_namespaced_config_map", name, SPACE, made)["data"] == {"a": "1"}
    assert space("CoreV1Api", "delete_namespaced_config_map", name, SPACE)["status"] == "Success"
    assert space.refused("CoreV1Api", "delete_namespaced_config_map", name, SPACE)["code"] == 404


def test_the_status_is_a_part_of_its_own(space: Any) -> None:
    body = {"metadata": {"labels": {"x": "y"}}, "status": {"nodeInfo": {"osImage": "none"}}}
    changed = space("CoreV1Api", "patch_node", "worker-1", body)
    assert changed["metadata"]["labels"]["x"] == "y"
    assert changed["status"]["nodeInfo"]["osImage"] != "none"
    changed = space("CoreV1Api", "patch_node_status", "worker-1", body)
    assert changed["status"]["nodeInfo"]["osImage"] == "none"


def test_who_watches_sees_it(space: Any) -> None:
    since = space("CoreV1Api", "list_namespaced_config_map", SPACE)["metadata"]["resourceVersion"]

    def act() -> None:
        other = space("CoreV1Api", "create_namespaced_config_map", SPACE, {"metadata": {"name": "c"}})
        space("CoreV1Api", "patch_namespaced_config_map", "c", SPACE, {"data": {"a": "b"}})
        space("CoreV1Api", "delete_namespaced_config_map", other["metadata"]["name"], SPACE)

    thread = threading.Thread(target=act)
    thread.start()
    seen = []
    watch = kubernetes.watch.Watch()
    for event in watch.stream(
        space.CoreV1Api.list_namespaced_config_map, SPACE, resource_version=since, timeout_seconds=10
    ):
        seen.append((event["type"], event["raw_object"]["metadata"]["name"]))
        if event["type"] == "DELETED":
            watch.stop()
    thread.join()
    assert seen == [("ADDED", "c"), ("MODIFIED", "c"), ("DELETED", "c")]


def test_a_watch_begins_with_what_is_there_and_ends_with_its_time(space: Any) -> None:
    response = space.raw("/api/v1/nodes?watch=1&timeoutSeconds=0&fieldSelector=metadata.name%3Dworker-1")
    lines = [json.loads(line) for line in response.data.splitlines()]
    assert [(line["type"], line["object"]["metadata"]["name"]) for line in lines] == [("ADDED", "worker-1")]
    space.state.forgotten = space.state.revision
    status = json.loads(space.raw("/api/v1/nodes?watch=1&resourceVersion=5").data)
    assert (status["code"], status["message"]) == (410, f"too old resource version: 5 ({space.state.revision})")
