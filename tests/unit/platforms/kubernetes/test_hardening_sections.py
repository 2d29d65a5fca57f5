# SPDX-License-Identifier: Apache-2.0
"""What is read and tried about robustness and hardening: what is kept, what is secret, and what goes wrong."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from api_server import ApiServer, access_to, answer, drip, refusal
from own_addresses import take_external_address

from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.core.subject import Subject
from pytest_scs.demo.kubernetes import data
from pytest_scs.demo.kubernetes.server import DemoCluster
from pytest_scs.demo.kubernetes.state import Account, ClusterState, Fault
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.journal import Journal
from pytest_scs.evidence.limit import Limit
from pytest_scs.platforms.kubernetes import bounds, polling, ports, visible
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.janitor import MANAGED_BY, Janitor
from pytest_scs.platforms.kubernetes.kubeconfig import Access
from pytest_scs.platforms.kubernetes.listings import (
    api_server_flags,
    api_server_metrics,
    certificate_requests,
    control_plane_pods,
    credential,
    flow_control,
    nodes,
)
from pytest_scs.platforms.kubernetes.probes import (
    access_reviews,
    event_trial,
    external_ports,
    kubelet_settings,
    node_restriction,
    pod_security,
    service_account_token,
    tls_endpoints,
)
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings
from pytest_scs.platforms.kubernetes.spread import spread
from pytest_scs.standards.kaas import component_flags
from pytest_scs.standards.kaas.unseen import Unseen

if TYPE_CHECKING:
    from tls_server import Authority

RUN = "1a2b3c4d"
SEATS = "apiserver_flowcontrol_nominal_limit_seats"
PLUGINS = "apiserver_admission_controller_admission_duration_seconds"

Probe = Callable[[Probing], Any]


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(polling, "FIRST", 0.02)
    monkeypatch.setattr(polling, "LONGEST", 0.1)


@pytest.fixture
def answers() -> Iterator[Callable[[dict[str, bytes]], Client]]:
    """A client of a server without TLS that gives these answers by path."""
    with contextlib.ExitStack() as stack:

        def start(by_path: dict[str, bytes]) -> Client:
            server = stack.enter_context(ApiServer(None, lambda line: by_path[line.split("?")[0]]))
            return Client(access_to(server.url), deadline=0)

        yield start


@pytest.fixture
def state() -> ClusterState:
    return data.conformant(dt.datetime.now(dt.UTC))


@pytest.fixture
def concealed() -> list[object]:
    return []


@pytest.fixture
def tried(state: ClusterState, concealed: list[object]) -> Iterator[Callable[..., Any]]:
    """Runs a probe in a demo cluster, after listings that it needs, and checks that nothing of it is left."""
    with DemoCluster(state) as cluster:

        def run(probe: Probe, *needs: Any, token: bool = False) -> Any:
            cancelled = threading.Event()
            config = cluster.kubeconfig(token=token)
            client = Client(Access("testcluster", config, "a test"), deadline=0)
            janitor = Janitor(client, RUN, Journal(RUN, "testcluster"), cancelled)
            inventory = Inventory(Subject("kubernetes", "testcluster"), "")
            for section in needs or (nodes.SECTION,):
                try:
                    inventory.sections[section.name] = section.read(client)
                except Inconclusive as error:
                    inventory.errors[section.name] = Cause(str(error), error.kind)
            settings = KubernetesSettings()
            probing = Probing(
                client,
                janitor,
                inventory,
                settings,
                client.access,
                cancelled,
                conceal=lambda some: concealed.extend(some),
            )
            try:
                return probe(probing)
            finally:
                assert janitor.close(time.monotonic() + 5) == []
                assert state.created(MANAGED_BY) == []

        yield run


# Listings


def test_flags_are_asked_for_in_both_forms_at_once(answers: Any) -> None:
    always = dict.fromkeys(component_flags._ALWAYS_SHOWN, "")
    flags = always | {"authorization-mode": "[Node,RBAC]", "token-auth-file": "", "oidc-client-id": "secret-client"}
    client = answers({"GET /flagz": answer({"kind": "Flagz", "flags": flags})})
    assert api_server_flags.SECTION.read is not None
    found = api_server_flags.SECTION.read(client)
    shown = {name: [""] for name in always} | {"authorization-mode": ["[Node,RBAC]"], "token-auth-file": [""]}
    assert found == [{"flags": shown}]
    loaded = api_server_flags.SECTION.loaded(found)
    assert (loaded.name, loaded.effective) == ("API server", True)


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (refusal(404), CauseKind.UNDECIDABLE, "does not show its flags (404)"),
        (refusal(406, "only text/plain"), CauseKind.UNDECIDABLE, "does not show its flags (406)"),
        (refusal(403, "no"), CauseKind.PERMISSION, "403"),
        (refusal(503, "later"), CauseKind.OUTAGE, "503"),
        (answer(b"flagz: for people"), CauseKind.MALFORMED, "JSON"),
    ],
)
def test_flags_that_are_not_shown(answers: Any, said: bytes, kind: CauseKind, words: str) -> None:
    assert api_server_flags.SECTION.read is not None
    with pytest.raises(Inconclusive) as caught:
        api_server_flags.SECTION.read(answers({"GET /flagz": said}))
    assert caught.value.kind is kind
    assert words in str(caught.value)


def test_seats_without_end_are_no_number(answers: Any) -> None:
    text = f'{SEATS}{{priority_level="system"}} 1e999'
    with pytest.raises(Inconclusive, match="seats that are no number"):
        api_server_metrics.read_metrics(answers({"GET /metrics": answer(text.encode())}))


def test_of_metrics_two_series_are_kept(answers: Any) -> None:
    text = "\n".join(
        [
            f"# HELP {SEATS} about",
            f'{SEATS}{{priority_level="system"}} 74',
            f'{SEATS}{{priority_level="work\\"load"}} 9',
            f'{SEATS}{{priority_level="workload-low"}} 2.45e+02',
            f'{PLUGINS}_count{{name="PodSecurity",operation="CREATE",rejected="false",type="validate"}} 3',
            f'{PLUGINS}_count{{operation="CREATE",name="PodSecurity",rejected="true"}} 3',
            f'{PLUGINS}_count{{plugin_name="Nobody"}} 3',
            f'{PLUGINS}_bucket{{name="EventRateLimit",le="1"}} 3',
            'apiserver_request_total{name="secret"} 1',
        ]
    )
    client = answers({"GET /metrics": answer(text.encode())})
    found = api_server_metrics.read_metrics(client)
    assert found == {"admission_plugins": ["PodSecurity"], "seats": {"system": 74.0, "workload-low": 245.0}}
    assert api_server_metrics.SECTION.loaded([found]).seats == {"system": 74.0, "workload-low": 245.0}


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (refusal(404), CauseKind.UNDECIDABLE, "does not show metrics (404)"),
        (refusal(403, "no"), CauseKind.PERMISSION, "403"),
        (answer(b"up 1"), CauseKind.UNDECIDABLE, "say nothing about admission and fairness"),
        (answer(f'{SEATS}{{priority_level="a"}} 1.2.3'.encode()), CauseKind.MALFORMED, "no number"),
    ],
)
def test_metrics_that_tell_nothing(answers: Any, said: bytes, kind: CauseKind, words: str) -> None:
    with pytest.raises(Inconclusive) as caught:
        api_server_metrics.read_metrics(answers({"GET /metrics": said}))
    assert (caught.value.kind, words in str(caught.value)) == (kind, True)


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"X_Kubernetes_Pf_Flowschema_Uid": "1", "X_Kubernetes_PF_PriorityLevel_UID": "2"}, True),
        ({"X_Kubernetes_Pf_Flowschema_Uid": "1"}, False),
        ({}, False),
    ],
)
def test_headers_of_fairness(answers: Any, headers: dict[str, str], named: bool) -> None:
    assert flow_control.SECTION.read is not None
    client = answers({"GET /version": answer({}, 200, **headers)})
    assert flow_control.SECTION.read(client) == [{"named": named}]


def test_a_certificate_that_cannot_be_read_is_left_out_of_requests(answers: Any) -> None:
    request = {
        "metadata": {"name": "csr-1", "creationTimestamp": "2026-06-01T00:00:00Z"},
        "spec": {"signerName": "kubernetes.io/kubelet-serving", "username": "system:node:w1", "request": "AAAA"},
        "status": {"certificate": "bm90aGluZw=="},
    }
    assert certificate_requests.SECTION.read is not None
    path = "GET /apis/certificates.k8s.io/v1/certificatesigningrequests"
    [found] = certificate_requests.SECTION.read(answers({path: answer({"metadata": {}, "items": [request]})}))
    assert found == {
        "name": "csr-1",
        "signer": "kubernetes.io/kubelet-serving",
        "requestor": "system:node:w1",
        "created": "2026-06-01T00:00:00Z",
        "decided": False,
    }


# Our credential


@pytest.mark.parametrize(
    ("user", "info", "method"),
    [
        ({"token": "a"}, {"username": "system:serviceaccount:x:y"}, "service-account token"),
        ({"token": "a"}, {"username": "system:bootstrap:abc"}, "bootstrap token"),
        ({"token": "a"}, {"username": "jane"}, "token"),
        ({"exec": {"command": "x"}}, {"username": "jane"}, "token of a credential plug-in"),
        (
            {"token": "a"},
            {"username": "x", "extra": {"authentication.kubernetes.io/credential-id": ["X509SHA256=1"]}},
            "client certificate",
        ),
        ({}, {"username": "system:anonymous"}, "unknown"),
        ({}, {}, "unknown"),
    ],
)
def test_how_we_are_authenticated(user: dict[str, Any], info: dict[str, Any], method: str) -> None:
    class Asked:
        access = access_to("https://10.0.0.1:6443", user=user)
        server = "https://10.0.0.1:6443"

        def call(self, *_: object) -> Any:
            return type("Answer", (), {"mapping": {"status": {"userInfo": info}}})

    assert credential.SECTION.read is not None
    [found] = credential.SECTION.read(Asked())
    assert found == {"method": method, "scheme": "https", "authorities": []}
    credential.SECTION.loaded([found])


def test_of_certificates_only_dates_and_issuer_are_kept(tried: Any, state: ClusterState) -> None:
    [found] = tried(lambda probing: credential.SECTION.read(probing.client))  # type: ignore[misc]
    assert found["method"] == "client certificate"
    assert set(found["certificate"]) == {"not_before", "not_after", "issuer"}
    assert [set(one) for one in found["authorities"]] == [{"not_before", "not_after", "issuer"}]
    assert state.accounts["admin"].name not in json.dumps(found)


def test_certificates_that_cannot_be_read_are_no_end() -> None:
    broken = {"client-certificate-data": "bm90aGluZw==", "client-key-data": "eA=="}

    class Asked:
        access = access_to("https://10.0.0.1:6443", user=broken, **{"certificate-authority-data": "%%%"})
        server = "https://10.0.0.1:6443"

        def call(self, *_: object) -> Any:
            return type("Answer", (), {"mapping": {"status": {"userInfo": {"username": "x"}}}})

    assert credential.SECTION.read is not None
    [found] = credential.SECTION.read(Asked())
    assert found["certificate_problem"] == found["authorities_problem"] == "the certificate cannot be read"
    loaded = credential.SECTION.loaded([found])
    assert isinstance(loaded.certificate, Unseen)
    assert isinstance(loaded.authorities, Unseen)


# Probes


def test_a_token_is_concealed_and_not_recorded(tried: Any, concealed: list[object], state: ClusterState) -> None:
    found = tried(service_account_token.SECTION.probe)
    assert found["authenticated"] is True
    assert found["user"] == found["expected"]
    [token] = concealed
    assert str(token) not in json.dumps(found)


def test_no_token_no_verdict(tried: Any, state: ClusterState) -> None:
    state.faults.append(Fault("POST", "/serviceaccounts/scs-probe/token", status=403))
    with pytest.raises(Inconclusive) as caught:
        tried(service_account_token.SECTION.probe)
    assert caught.value.kind is CauseKind.PERMISSION


def test_pods_are_tried_and_never_created(tried: Any, state: ClusterState) -> None:
    state.pod_security = "privileged"
    found = tried(pod_security.SECTION.probe)
    assert found["labelled"]["status"] == 403
    assert "violates PodSecurity" in found["labelled"]["message"]
    assert found["unlabelled"] == {"status": 201, "message": ""}
    made = [path for method, path, _ in state.requests if method == "POST" and path.partition("?")[0].endswith("/pods")]
    assert len(made) == 2
    assert all("dryRun=All" in path for path in made)


@pytest.mark.parametrize(("status", "kind"), [(403, CauseKind.PERMISSION), (503, CauseKind.OUTAGE)])
def test_pods_that_may_not_be_tried(tried: Any, state: ClusterState, status: int, kind: CauseKind) -> None:
    words = '{"kind": "Status", "message": "pods is forbidden: User \\"x\\" cannot create resource \\"pods\\""}'
    state.faults.append(Fault("POST", "/pods[?]", status=status, body=words))
    with pytest.raises(Inconclusive) as caught:
        tried(pod_security.SECTION.probe)
    assert caught.value.kind is kind


def test_a_node_that_labels_itself(tried: Any, state: ClusterState) -> None:
    assert tried(node_restriction.SECTION.probe)["status"] == 403
    state.admission_plugins.discard("NodeRestriction")
    assert tried(node_restriction.SECTION.probe) == {"status": 200, "message": ""}
    # Something in between drops the headers: it was we who were allowed to do it.
    admin = {"kind": "SelfSubjectReview", "status": {"userInfo": {"username": "kubernetes-admin"}}}
    for body, words in ((admin, "took us for kubernetes-admin, not for system:node:"), ({}, "cannot be told")):
        state.faults.append(Fault("POST", "/selfsubjectreviews", status=200, body=json.dumps(body), times=1))
        with pytest.raises(Inconclusive, match=words):
            tried(node_restriction.SECTION.probe)
    assert not any("node-restriction" in key for node in state.nodes for key in node["metadata"]["labels"])
    words = '{"kind": "Status", "message": "users \\"system:node:a\\" is forbidden: User \\"x\\" cannot impersonate"}'
    state.faults.append(Fault("PATCH", "/nodes/", status=403, body=words))
    with pytest.raises(Inconclusive, match="it may not be tried") as caught:
        tried(node_restriction.SECTION.probe)
    assert caught.value.kind is CauseKind.PERMISSION
    state.nodes.clear()
    with pytest.raises(Inconclusive, match="there is no node"):
        tried(node_restriction.SECTION.probe)


def test_reviews_without_nodes(tried: Any, state: ClusterState) -> None:
    assert "no relationship found" in tried(access_reviews.SECTION.probe)["node"]["reason"]
    state.nodes.clear()
    assert set(tried(access_reviews.SECTION.probe)) == {"own", "nobody"}


def test_an_event_is_created_only_where_nothing_better_tells(tried: Any, state: ClusterState) -> None:
    needs = (control_plane_pods.SECTION, api_server_flags.SECTION, api_server_metrics.SECTION)

    def events() -> int:
        return len([path for method, path, _ in state.requests if method == "POST" and path.endswith("/events")])

    tried(event_trial.SECTION.probe, *needs)
    assert events() == 0
    state.pods.clear()
    state.flags = None
    assert "EventRateLimit" in tried(event_trial.SECTION.probe, *needs)["plugins"]
    state.admission_plugins.discard("EventRateLimit")
    before = events()
    assert "EventRateLimit" not in tried(event_trial.SECTION.probe, *needs)["plugins"]
    assert events() == before + 3
    state.metrics = None
    assert tried(event_trial.SECTION.probe, *needs) == {"plugins": []}
    assert events() == before + 3


def test_a_kubelet_is_asked_again_once_and_the_others_all_the_same(tried: Any, state: ClusterState) -> None:
    state.faults.append(Fault("GET", "/nodes/worker-1/proxy/configz", status=502, times=1))
    state.faults.append(Fault("GET", "/nodes/worker-2/proxy/configz", status=504))
    state.faults.append(Fault("GET", "/nodes/worker-3/proxy/configz", status=403))
    state.kubelets["etcd-1"] = {"authentication": []}
    found = {one["node"]: one for one in tried(kubelet_settings.SECTION.probe)["kubelets"]}
    assert len(found) == len(state.nodes)
    kinds = {name: one["kind"] for name, one in found.items() if "problem" in one}
    assert kinds == {"worker-2": "timeout", "worker-3": "permission", "etcd-1": "malformed answer"}
    asked = [path for _, path, _ in state.requests if "configz" in path]
    assert len([path for path in asked if "worker-2" in path]) == 2
    assert len([path for path in asked if "worker-3" in path]) == 1


def test_kubelets_that_are_not_reached_in_time_are_said_so(
    tried: Any, state: ClusterState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "NODES", 0)
    found = tried(kubelet_settings.SECTION.probe)["kubelets"]
    assert {one["problem"] for one in found} == {"it was not reached within 0 s"}


# Ports


@contextlib.contextmanager
def listening(address: str, port: int) -> Iterator[None]:
    """Somebody who lets everybody in."""
    try:
        listener = socket.create_server((address, port), backlog=64)
    except OSError:
        pytest.skip(f"port {port} of {address} is taken")
    with listener:
        yield


def test_open_ports_of_external_addresses(tried: Any, state: ClusterState) -> None:
    address = take_external_address(state, "worker-2")
    with listening(address, 10257), listening(address, 2379):
        found = tried(external_ports.SECTION.probe)
    opened = {one["node"]: [port["port"] for port in one["open"]] for one in found["nodes"]}
    assert opened.pop("worker-2") == [2379, 10257]
    assert set(map(tuple, opened.values())) == {()}
    assert found["own"] == ["127.0.0.1"]
    assert not any(one["problem"] for one in found["nodes"])


def test_who_lets_everybody_in_everywhere_is_not_the_node(tried: Any, state: ClusterState) -> None:
    address = take_external_address(state, "worker-1")
    with listening(address, 10250), listening(address, external_ports.NOBODY):
        found = tried(external_ports.SECTION.probe)
    [one] = [one for one in found["nodes"] if one["node"] == "worker-1"]
    assert one["open"] == []
    assert "something in between answers for it" in one["problem"]


def test_no_way_to_an_address_is_no_closed_port(
    tried: Any, state: ClusterState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_way(*_: object) -> None:
        raise ports.NoWay

    monkeypatch.setattr(ports, "connect", no_way)
    found = tried(external_ports.SECTION.probe)
    assert all("no way to its external address" in one["problem"] for one in found["nodes"])


def test_through_a_proxy_no_port_is_tried(tried: Any, state: ClusterState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "behind_proxy", lambda client: True)
    found = tried(external_ports.SECTION.probe)
    assert found["proxy"] is True
    assert {one["problem"] for one in found["nodes"]} == {"not tried"}
    with pytest.raises(Inconclusive, match="reached through a proxy"):
        tried(tls_endpoints.SECTION.probe)


@pytest.mark.parametrize(
    ("cluster", "environment", "behind"),
    [
        ({}, {}, False),
        ({"proxy-url": "http://proxy:3128"}, {}, True),
        ({}, {"HTTPS_PROXY": "http://proxy:3128"}, True),
        ({}, {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "10.0.0.1"}, False),
    ],
)
def test_a_proxy_is_noticed(
    cluster: dict[str, str], environment: dict[str, str], behind: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    client = Client(access_to("https://10.0.0.1:6443", **cluster), deadline=0)
    assert ports.behind_proxy(client) is behind


@pytest.mark.parametrize(
    ("said", "judged"),
    [
        (b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n", "refused"),
        (b"HTTP/1.1 301 Moved\r\nLocation: https://a/version\r\n\r\n", "refused"),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://a/version\r\n\r\n", "unclear"),
        (b"HTTP/1.1 426 Upgrade Required\r\n\r\n", "refused"),
        (b"HTTP/1.1 200 OK\r\n\r\n{}", "served"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "served"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "unclear"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "no HTTP"),
        (b"", "no HTTP"),
    ],
)
def test_what_a_port_answers_without_tls(said: bytes, judged: str) -> None:
    with ApiServer(None, lambda line: [said] if said else b"") as server:
        port = int(server.url.rpartition(":")[2])
        assert ports.plain_answer("127.0.0.1", port, 0.2) == judged
        [seen] = server.seen
        assert "authorization" not in seen.headers


def test_an_answer_that_drips_has_an_end() -> None:
    with ApiServer(None, lambda line: drip(b"HTTP/1.1 200 OK\r\n" + b"x" * 5000)) as server:
        assert ports.plain_answer("127.0.0.1", int(server.url.rpartition(":")[2]), 0.5) == "served"


def test_the_certificate_of_a_server_is_read_whoever_signed_it(authority: Authority) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue("127.0.0.1"))
    with ApiServer(context, lambda line: answer()) as server:
        client = Client(access_to(server.url, **{"tls-server-name": "kubernetes"}), deadline=0)
        host, port, name = ports.server_address(client)
        assert (host, name) == ("127.0.0.1", "kubernetes")
        assert set(ports.certificate(host, port, name, 3)) == {"not_before", "not_after", "issuer"}


def test_no_handshake_is_an_outage() -> None:
    with ApiServer(None, lambda line: b"") as server, pytest.raises(Inconclusive, match="no TLS handshake") as caught:
        ports.certificate("127.0.0.1", int(server.url.rpartition(":")[2]), "x", 0.2)
    assert caught.value.kind is CauseKind.OUTAGE
    with pytest.raises(Inconclusive, match="it lets nobody in"):
        ports.certificate("127.0.0.1", 1, "x", 30)


def test_kubelets_out_of_reach_are_counted(tried: Any, state: ClusterState) -> None:
    found = tried(tls_endpoints.SECTION.probe)
    assert found["kubelets"] == []
    assert found["unreachable"] == len(state.nodes)
    assert found["server"]["plain"] in ("refused", "no HTTP")
    assert set(found["server"]["certificate"]) == {"not_before", "not_after", "issuer"}


# What several of them use


def test_many_things_are_done_a_few_at_once() -> None:
    running, most = 0, 0
    lock = threading.Lock()

    def work(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1
        return number * number

    found = spread(work, range(40), 4, Limit.of(10), threading.Event())
    assert found == {number: number * number for number in range(40)}
    assert most <= 4


def test_a_mistake_is_raised_and_an_interruption_ends_it() -> None:
    def wrong(number: int) -> int:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        spread(wrong, range(3), 2, Limit.of(10), threading.Event())
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(Inconclusive) as caught:
        spread(int, range(3), 2, Limit.of(10), cancelled)
    assert caught.value.kind is CauseKind.INTERRUPTED
    assert spread(int, range(3), 2, Limit.of(0), threading.Event()) == {}


def test_evidence_that_is_not_there_has_its_reason() -> None:
    inventory = Inventory(Subject("kubernetes", "c"), "")
    inventory.errors["flow_control"] = Cause("no right", CauseKind.PERMISSION)
    fixture = visible.if_seen(flow_control.SECTION)
    assert fixture.name == "flow_control_if_seen"
    assert fixture.make(inventory) == Unseen("no right", CauseKind.PERMISSION)
    inventory.errors["flow_control"] = Cause("interrupted", CauseKind.INTERRUPTED)
    with pytest.raises(Inconclusive, match="interrupted"):
        fixture.make(inventory)
    inventory.refusal = Cause("credentials rejected (401)", CauseKind.AUTHENTICATION)
    with pytest.raises(Inconclusive, match="401"):
        visible.CONTROL_PLANE.make(inventory)


def test_a_service_account_is_known_by_its_name(tried: Any, state: ClusterState) -> None:
    state.accounts["admin"] = Account("system:serviceaccount:kube-system:admin", ("kubeadm:cluster-admins",))
    [found] = tried(lambda probing: credential.SECTION.read(probing.client), token=True)  # type: ignore[misc]
    assert found["method"] == "service-account token"
    assert "certificate" not in found
