# SPDX-License-Identifier: Apache-2.0
"""What kubectl asks of a cluster in everyday commands: protobuf bodies, tables, OpenAPI, patches, scaling."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_scs.demo.kubernetes import patches, protobuf
from pytest_scs.demo.kubernetes.fields import fields_of, message_of


def encoded(fields: list[tuple[int, int | bytes]]) -> bytes:
    """A protobuf message of numbers and bytes."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value % (1 << 64))
        else:
            out += varint(number << 3 | 2) + varint(len(value)) + value
    return out


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def envelope(version: str, kind: str, *fields: tuple[int, int | bytes]) -> bytes:
    meta = encoded([(1, version.encode()), (2, kind.encode())])
    return b"k8s\x00" + encoded([(1, meta), (2, encoded(list(fields))), (3, b""), (4, b"")])


def metadata(name: str) -> tuple[int, bytes]:
    """As Go writes it: what is zero is there as well."""
    return 1, encoded([(1, name.encode()), (2, b""), (3, b""), (7, 0), (8, b"")])


def test_an_object_in_protobuf_is_what_it_is_in_json() -> None:
    labels = encoded([(1, b"app"), (2, b"web")])
    seconds = encoded([(1, 1700000000), (2, 0)])
    limit = encoded([(1, b"cpu"), (2, encoded([(1, b"500m")]))])
    port = encoded([(1, b"http"), (3, 8080)])
    probe = encoded([(1, encoded([(2, encoded([(1, b"/"), (2, encoded([(1, 1), (2, 0), (3, b"http")]))]))])), (2, 5)])
    container = encoded([(1, b"c"), (2, b"nginx"), (6, port), (8, encoded([(1, limit)])), (10, probe)])
    volume = encoded([(1, b"v"), (2, encoded([(2, encoded([(1, b"")]))]))])
    spec = encoded([(1, volume), (2, container), (4, 0), (9, b""), (11, 0)])
    meta = encoded([(1, b"p"), (8, seconds), (11, labels)])
    found = protobuf.decode(envelope("v1", "Pod", (1, meta), (2, spec), (3, b""), (999, b"new")))
    assert found["metadata"] == {
        "name": "p",
        "creationTimestamp": "2023-11-14T22:13:20Z",
        "labels": {"app": "web"},
    }
    assert found.keys() == {"apiVersion", "kind", "metadata", "spec"}
    assert found["spec"]["volumes"] == [{"name": "v", "emptyDir": {}}]
    assert found["spec"]["terminationGracePeriodSeconds"] == 0
    assert "serviceAccount" not in found["spec"]
    assert "hostNetwork" not in found["spec"]
    (one,) = found["spec"]["containers"]
    assert one["ports"] == [{"name": "http", "containerPort": 8080}]
    assert one["resources"] == {"limits": {"cpu": "500m"}}
    assert one["livenessProbe"] == {"httpGet": {"path": "/", "port": "http"}, "initialDelaySeconds": 5}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"k8s",
        b"k9s\x00",
        b"k8s\x00\xff",
        b"k8s\x00" + b"\xff" * 20,
        b"k8s\x00\x0a\x7f",
        b"k8s\x00\x0b",
        envelope("v1", "Namespace", (1, 7)),
        envelope("v1", "Namespace", (1, encoded([(1, b"\xff\xfe")]))),
        envelope("v1", "Namespace", (1, encoded([(8, encoded([(1, 1 << 62)]))]))),
        envelope("example.com/v1", "Nobody"),
    ],
)
def test_what_is_no_protobuf_object_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises((ValueError, LookupError)):
        protobuf.decode(data)


def test_every_field_of_the_table_has_a_form() -> None:
    seen, todo = set(), [message_of(kind) or "" for kind in ("Pod", "Deployment", "Role", "Ingress", "DeleteOptions")]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for field in fields_of(name).values():
            kind = field.kind.removeprefix("items:")
            assert kind in protobuf.FORMS or fields_of(kind) is not None
            todo.extend([] if kind in protobuf.FORMS else [kind])
    assert len(seen) > 100


def send(ask: Any, path: str, body: bytes, method: str = "POST", kind: str = protobuf.MEDIA_TYPE) -> Any:
    pool = ask.client.rest_client.pool_manager
    url = ask.configuration.host + path
    response = pool.request(method, url, body=body, headers={"Content-Type": kind}, retries=False)
    return response.status, json.loads(response.data)


def test_kubectl_creates_by_protobuf(ask: Any) -> None:
    status, found = send(ask, "/api/v1/namespaces", envelope("v1", "Namespace", metadata("x"), (2, b""), (3, b"")))
    assert (status, found["metadata"]["name"], found["status"]) == (201, "x", {"phase": "Active"})
    asked = encoded([(1, encoded([(2, b"create"), (5, b"pods")]))])
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    body = envelope("authorization.k8s.io/v1", "SelfSubjectAccessReview", (1, b""), (2, asked), (3, b""))
    status, found = send(ask, path, body)
    assert (status, found["status"]["allowed"]) == (201, True)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"k8s\x00\xff", protobuf.MEDIA_TYPE, 400),
        (envelope("v1", "Nobody"), protobuf.MEDIA_TYPE, 415),
        (b"{}", "text/plain", 415),
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"metadata: {name: y}", "application/yaml", 201),
        (b"a: [", "application/yaml", 400),
    ],
)
def test_bodies_that_are_no_objects_are_refused(body: bytes, kind: str, status: int, ask: Any) -> None:
    assert send(ask, "/api/v1/namespaces", body, kind=kind)[0] == status


def test_lists_and_objects_are_shown_as_tables(ask: Any) -> None:
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    for path in ("/api/v1/nodes", "/api/v1/nodes/worker-1"):
        found = json.loads(ask.raw(path, Accept=accept).data)
        assert found["kind"] == "Table"
        titles = [column["name"] for column in found["columnDefinitions"]]
        assert titles == ["Name", "Status", "Roles", "Version", "Age"]
        rows = {row["cells"][0]: row["cells"][1:] for row in found["rows"]}
        assert rows["worker-1"][:2] == ["Ready", "<none>"]
        assert rows["worker-1"][3] == "30d"
        assert all("resourceVersion" in row["object"]["metadata"] for row in found["rows"])


def test_openapi_says_that_fields_are_checked_by_the_server(ask: Any) -> None:
    places = json.loads(ask.raw("/openapi/v3").data)["paths"]
    found = json.loads(ask.raw(places["apis/apps/v1"]["serverRelativeURL"]).data)
    patch = found["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert {"dryRun", "fieldValidation"} <= {one["name"] for one in patch["parameters"]}
    assert patch["x-kubernetes-group-version-kind"] == {"group": "apps", "version": "v1", "kind": "Deployment"}
    schemas = found["components"]["schemas"]
    reference = schemas["io.k8s.api.apps.v1.Deployment"]["properties"]["spec"]["allOf"][0]["$ref"]
    assert schemas[reference.rpartition("/")[2]]["properties"]["replicas"] == {"type": "integer", "format": "int64"}
    assert ask.raw("/openapi/v3/apis/nobody/v1").status == 404


def test_a_strategic_patch_merges_lists_by_name() -> None:
    old = {"containers": [{"name": "a", "image": "1", "args": ["x"]}, {"name": "b"}], "finalizers": ["f", "g"]}
    change = {
        "containers": [{"name": "a", "image": "2"}, {"name": "b", "$patch": "delete"}, {"name": "c"}],
        "$setElementOrder/containers": [{"name": "a"}],
        "$deleteFromPrimitiveList/finalizers": ["g"],
    }
    assert patches.changed(old, change, strategic=True) == {
        "containers": [{"name": "a", "image": "2", "args": ["x"]}, {"name": "c"}],
        "finalizers": ["f"],
    }
    plain = patches.changed(old, {"containers": [{"name": "a"}]}, strategic=False)
    assert plain["containers"] == [{"name": "a"}]


def test_what_is_applied_is_created_or_changed(ask: Any) -> None:
    path, kind = "/api/v1/namespaces/default/configmaps/c?fieldManager=me", "application/apply-patch+yaml"
    for number in ("1", "2"):
        body = f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c}}, data: {{a: '{number}'}}}}".encode()
        status, found = send(ask, path, body, "PATCH", kind)
        assert status in (200, 201)
        assert found["data"] == {"a": number}


def test_a_deployment_has_the_pods_that_are_wanted(ask: Any) -> None:
    template = {"metadata": {"labels": {"app": "d"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    spec = {"selector": {"matchLabels": {"app": "d"}}, "template": template}
    ask("AppsV1Api", "create_namespaced_deployment", "default", {"metadata": {"name": "d"}, "spec": spec})
    place = "/apis/apps/v1/namespaces/default/deployments/d/scale"
    for wanted in (3, 1):
        body = json.dumps({"spec": {"replicas": wanted}}).encode()
        status, found = send(ask, place, body, "PATCH", "application/merge-patch+json")
        assert (status, found["kind"], found["status"]["replicas"]) == (200, "Scale", wanted)
        pods = ask("CoreV1Api", "list_namespaced_pod", "default", label_selector="app=d")["items"]
        assert len(pods) == wanted
    assert ask.until(lambda: ask("CoreV1Api", "list_namespaced_pod", "default")["items"][0]["status"]["phase"])
    ask("AppsV1Api", "delete_namespaced_deployment", "d", "default")
    ask.until(lambda: not ask("CoreV1Api", "list_namespaced_pod", "default")["items"])


def test_no_command_is_executed_and_the_answer_says_so(ask: Any) -> None:
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    ask("CoreV1Api", "create_namespaced_pod", "default", pod)
    status, found = send(ask, "/api/v1/namespaces/default/pods/p/exec?command=ls", b"")
    assert (status, found["message"]) == (501, "the demo cluster executes no commands in containers")
    for part in ("attach", "portforward", "proxy"):
        status, found = send(ask, f"/api/v1/namespaces/default/pods/p/{part}", b"")
        assert (status, found["reason"]) == (501, "NotImplemented"), part
    status, found = send(ask, "/api/v1/namespaces/default/pods/nosuch/exec?command=ls", b"")
    assert (status, found["message"]) == (404, 'pods "nosuch" not found')


def test_who_watches_for_the_whole_list_is_told_when_it_is_complete(ask: Any) -> None:
    query = (
        "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=0.1"
    )
    lines = [json.loads(line) for line in ask.raw(f"/api/v1/namespaces?{query}").data.splitlines()]
    assert [line["type"] for line in lines[:-1]] == ["ADDED"] * (len(lines) - 1)
    assert lines[-1]["type"] == "BOOKMARK"
    assert lines[-1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
