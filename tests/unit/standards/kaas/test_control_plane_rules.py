# SPDX-License-Identifier: Apache-2.0
"""Rules about the API server and etcd: by every kind of evidence, and where there is none."""

from __future__ import annotations

import dataclasses

import pytest
from control_plane_cases import HIDDEN, NO_RIGHT, SERVERS, Told, etcd_pod, plane, server_pod

from pytest_scs.core.cause import CauseKind
from pytest_scs.standards.kaas.admission import (
    Attempt,
    EventTrial,
    FlowControl,
    check_event_rate_limit,
    check_fairness,
    check_node_restriction,
)
from pytest_scs.standards.kaas.api_server_limits import check_min_request_timeout, check_request_limits
from pytest_scs.standards.kaas.component_flags import ComponentFlags
from pytest_scs.standards.kaas.control_plane import ControlPlane
from pytest_scs.standards.kaas.etcd import check_compaction, check_isolated, check_tls
from pytest_scs.standards.kaas.model import Node
from pytest_scs.standards.kaas.unseen import Unseen

SERVER = "API server"
NO_FLAGS = "there is no pod kube-apiserver with a command line in kube-system; cannot read api_server_flags: 403"
NOT_TRIED = Unseen("not tried: no right to", CauseKind.PERMISSION)


def node(name: str, *addresses: str, control_plane: bool = False) -> Node:
    labels = {"node-role.kubernetes.io/control-plane": ""} if control_plane else {}
    plain = {"name": name, "labels": labels, "addresses": [{"type": "InternalIP", "address": a} for a in addresses]}
    return Node.from_plain(plain)


# Limits of requests


def test_limits_are_found_by_flags_of_every_api_server() -> None:
    seen = plane(
        server_pod("api-1", max_requests_inflight="800", max_mutating_requests_inflight="300"),
        server_pod("api-2", max_requests_inflight="0", max_mutating_requests_inflight="0"),
        shown={"max-requests-inflight": "0"},
    )
    told = Told.by(check_request_limits(seen))
    assert told.offenders == [("pod api-2", "request_limit_set", "0"), ("pod api-2", "request_limit_set", "0")]
    assert [finding.title for finding in told.findings] == [
        "--max-requests-inflight limits concurrent requests",
        "--max-mutating-requests-inflight limits concurrent requests",
    ]
    assert told.remarks == []


@pytest.mark.parametrize("shown", [{}, {"max_requests_inflight": "400", "max_mutating_requests_inflight": "200"}])
def test_a_default_limits_but_is_said_to_be_one(shown: dict[str, str]) -> None:
    told = Told.by(check_request_limits(plane(shown=shown)))
    assert told.verdict == "PASS"
    assert told.remarks == [
        "API server: --max-requests-inflight: default value, 400",
        "API server: --max-mutating-requests-inflight: default value, 200",
    ]


def test_without_flags_the_seats_tell() -> None:
    told = Told.by(check_request_limits(plane(high=98, low=504)))
    assert (told.verdict, told.undecided) == ("PASS", [])
    assert told.remarks == ["API server: metrics: the seats of all priority levels are 602, the sum of both limits"]
    assert Told.by(check_request_limits(plane(exempt=0))).offenders == [(SERVER, "request_limit_set", "0 (metrics)")]


def test_limits_that_nothing_shows_are_not_judged() -> None:
    told = Told.by(check_request_limits(HIDDEN))
    metrics = "cannot read api_server_metrics: 503"
    assert told.reasons == [
        f"API server: cannot be judged: not visible on a hosted control plane; {NO_FLAGS}; {metrics}"
    ]
    assert told.kinds == [CauseKind.UNDECIDABLE]
    [reason] = Told.by(check_request_limits(plane(plugins=["PodSecurity"]))).reasons
    assert reason.endswith("; metrics show no seats of priority levels")


@pytest.mark.parametrize("text", ["", "many", "$(LIMIT)", "4e2", "9" * 30])
def test_a_limit_that_is_no_number_is_not_judged(text: str) -> None:
    told = Told.by(check_request_limits(plane(server_pod("api-1", max_requests_inflight=text))))
    assert told.reasons == [f"pod api-1: cannot be judged: --max-requests-inflight is {text!r}, which is no number"]


@pytest.mark.parametrize(
    ("seen", "verdict", "said"),
    [
        (plane(shown={"min_request_timeout": "900"}), "PASS", []),
        (
            plane(shown={"min_request_timeout": "1800"}),
            "PASS",
            ["API server: --min-request-timeout: default value, 1800"],
        ),
        (plane(server_pod("a", min_request_timeout="0")), "FAIL", [("pod a", "min_request_timeout_set", "0")]),
        (plane(plugins=["PodSecurity"], high=9), "ABORT", [CauseKind.UNDECIDABLE]),
        (ControlPlane(NO_RIGHT, NO_RIGHT, NO_RIGHT), "ABORT", [CauseKind.PERMISSION]),
    ],
)
def test_the_timeout_of_requests(seen: ControlPlane, verdict: str, said: list[object]) -> None:
    told = Told.by(check_min_request_timeout(seen))
    assert told.verdict == verdict
    assert said == {"PASS": told.remarks, "FAIL": told.offenders, "ABORT": told.kinds}[verdict]


# Admission


@pytest.mark.parametrize(
    ("seen", "trial", "verdict", "said"),
    [
        (
            plane(
                shown={
                    "enable_admission_plugins": "[NodeRestriction,EventRateLimit]",
                    "admission_control_config_file": "/a",
                }
            ),
            NOT_TRIED,
            "PASS",
            [],
        ),
        (
            plane(server_pod("a", enable_admission_plugins="EventRateLimit")),
            NOT_TRIED,
            "PASS",
            ["pod a: --admission-control-config-file is not set, so its limits are not visible"],
        ),
        (
            plane(server_pod("a", enable_admission_plugins="NodeRestriction"), plugins=["EventRateLimit"]),
            EventTrial(frozenset(["EventRateLimit"])),
            "FAIL",
            [("pod a", "event_rate_limit", "not in --enable-admission-plugins")],
        ),
        (
            plane(
                shown={"enable_admission_plugins": "EventRateLimit", "disable_admission_plugins": "[EventRateLimit]"}
            ),
            NOT_TRIED,
            "FAIL",
            [(SERVER, "event_rate_limit", "not in --enable-admission-plugins")],
        ),
        (plane(plugins=["EventRateLimit"]), NOT_TRIED, "PASS", []),
        (plane(plugins=["PodSecurity"]), EventTrial(frozenset(["PodSecurity", "EventRateLimit"])), "PASS", []),
        (
            plane(plugins=["PodSecurity"]),
            EventTrial(frozenset(["PodSecurity"])),
            "FAIL",
            [(SERVER, "event_rate_limit", "metrics do not name it after an event was created")],
        ),
        (plane(plugins=["PodSecurity"]), NOT_TRIED, "ABORT", ["not tried: no right to"]),
        (plane(), EventTrial(frozenset()), "ABORT", ["metrics name no admission plugin"]),
    ],
)
def test_the_limit_of_events(seen: ControlPlane, trial: EventTrial | Unseen, verdict: str, said: list[object]) -> None:
    told = Told.by(check_event_rate_limit(seen, trial))
    ends = [reason.rpartition("; ")[2] for reason in told.reasons]
    assert told.verdict == verdict
    assert said == {"PASS": told.remarks, "FAIL": told.offenders, "ABORT": ends}[verdict]


@pytest.mark.parametrize(
    ("seen", "flow", "verdict", "said"),
    [
        (plane(shown={"enable_priority_and_fairness": "true"}), FlowControl(False), "PASS", []),
        (plane(server_pod("a")), FlowControl(False), "PASS", []),
        (
            plane(server_pod("a"), server_pod("b", enable_priority_and_fairness="false")),
            FlowControl(True),
            "FAIL",
            [("pod b", "priority_and_fairness", "--enable-priority-and-fairness=false")],
        ),
        (plane(high=98), FlowControl(False), "PASS", []),
        (HIDDEN, FlowControl(True), "PASS", []),
        (
            HIDDEN,
            FlowControl(False),
            "FAIL",
            [(SERVER, "priority_and_fairness", "answers without the headers X-Kubernetes-PF-...")],
        ),
        (HIDDEN, NOT_TRIED, "ABORT", ["not tried: no right to"]),
        (
            plane(server_pod("a", enable_priority_and_fairness="$(X)")),
            FlowControl(True),
            "ABORT",
            ["pod a: cannot be judged: --enable-priority-and-fairness is neither true nor false"],
        ),
    ],
)
def test_priority_and_fairness(
    seen: ControlPlane, flow: FlowControl | Unseen, verdict: str, said: list[object]
) -> None:
    told = Told.by(check_fairness(seen, flow))
    ends = [reason.rpartition("; ")[2] for reason in told.reasons]
    assert told.verdict == verdict
    assert said == {"PASS": told.remarks, "FAIL": told.offenders, "ABORT": ends}[verdict]


REFUSED = Attempt(403, 'nodes "w1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/scs-1')
STOPPED = Attempt(403, 'User "system:node:w1" cannot patch resource "nodes" in API group ""')


@pytest.mark.parametrize(
    ("seen", "attempt", "verdict", "said"),
    [
        (plane(server_pod("a", enable_admission_plugins="A,NodeRestriction")), NOT_TRIED, "PASS", []),
        (
            plane(
                server_pod("a", enable_admission_plugins="A"),
                server_pod("b", enable_admission_plugins="NodeRestriction"),
            ),
            REFUSED,
            "FAIL",
            [("pod a", "node_restriction", "not in --enable-admission-plugins")],
        ),
        (plane(plugins=["NodeRestriction"]), Attempt(200, ""), "PASS", []),
        (plane(plugins=["PodSecurity"]), REFUSED, "PASS", []),
        (
            HIDDEN,
            Attempt(200, ""),
            "FAIL",
            [(SERVER, "node_restriction", "a node may give itself the label node-restriction.kubernetes.io/...")],
        ),
        (HIDDEN, STOPPED, "ABORT", ["node authorization is missing, so nodes do not get as far as this plugin"]),
        (HIDDEN, Attempt(422, "no"), "ABORT", ["a node's request was refused for another reason: 422: 'no'"]),
        (HIDDEN, NOT_TRIED, "ABORT", ["not tried: no right to"]),
    ],
)
def test_node_restriction(seen: ControlPlane, attempt: Attempt | Unseen, verdict: str, said: list[object]) -> None:
    told = Told.by(check_node_restriction(seen, attempt))
    ends = [reason.removeprefix(f"{SERVER}: cannot be judged: ").rpartition("; ")[2] for reason in told.reasons]
    assert told.verdict == verdict
    assert said == {"PASS": told.remarks, "FAIL": told.offenders, "ABORT": ends}[verdict]


# etcd


@pytest.mark.parametrize(
    ("values", "offenders"),
    [
        ({"auto_compaction_mode": "periodic", "auto_compaction_retention": "8h"}, []),
        ({"auto_compaction_retention": "8"}, []),
        ({"auto_compaction_mode": "periodic", "auto_compaction_retention": "480m"}, []),
        ({"cert_file": "x"}, [("pod etcd-1", "etcd_compaction_retention", "'0'")]),
        ({"auto_compaction_retention": "5m"}, [("pod etcd-1", "etcd_compaction_retention", "'5m'")]),
        (
            {"auto_compaction_mode": "revision", "auto_compaction_retention": "1000"},
            [
                ("pod etcd-1", "etcd_compaction_mode", "'revision'"),
                ("pod etcd-1", "etcd_compaction_retention", "'1000'"),
            ],
        ),
    ],
)
def test_the_compaction_of_etcd(values: dict[str, str], offenders: list[object]) -> None:
    fine = etcd_pod("etcd-2", auto_compaction_retention="8h")
    told = Told.by(check_compaction(plane(etcd_pod("etcd-1", **values), fine)))
    assert (told.offenders, told.undecided) == (offenders, [])


def test_compaction_by_the_api_server_does_not_count() -> None:
    told = Told.by(check_compaction(plane(shown={"etcd_servers": SERVERS, "etcd_compaction_interval": "5m0s"})))
    assert told.reasons == [
        "etcd: cannot be judged: not visible on a hosted control plane; there is no pod etcd with a command line in "
        "kube-system"
    ]
    assert told.remarks == ["API server: the API server has etcd compacted every 5m0s, which does not count here"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"config_file": "/etc/etcd.yaml"}, "its settings are in a configuration file, which is not visible"),
        ({}, "its command line shows no settings"),
    ],
)
def test_a_pod_of_etcd_that_shows_nothing_is_not_judged(values: dict[str, str], reason: str) -> None:
    seen = plane(etcd_pod("etcd-1", **values))
    expected = [f"pod etcd-1: cannot be judged: {reason}"]
    assert Told.by(check_compaction(seen)).reasons == Told.by(check_tls(seen)).reasons == expected


CLIENT = {"etcd_servers": SERVERS, "etcd_cafile": "/ca", "etcd_certfile": "/c", "etcd_keyfile": "/k"}
MEMBER = {
    "cert_file": "/c",
    "key_file": "/k",
    "client_cert_auth": "true",
    "peer_cert_file": "/c",
    "peer_key_file": "/k",
    "peer_client_cert_auth": "true",
    "listen_client_urls": "https://127.0.0.1:2379,https://10.0.0.9:2379",
    "listen_peer_urls": "https://10.0.0.9:2380",
}


def test_etcd_speaks_tls_with_clients_and_peers() -> None:
    assert Told.by(check_tls(plane(server_pod("a", **CLIENT), etcd_pod("e", **MEMBER)))).verdict == "PASS"


def test_everything_of_etcd_without_tls_is_named() -> None:
    member = {
        **MEMBER,
        "client_cert_auth": "false",
        "listen_client_urls": "https://10.0.0.9:2379,http://127.0.0.1:2379",
    }
    del member["peer_key_file"], member["peer_client_cert_auth"]
    seen = plane(server_pod("a", etcd_servers="http://10.0.0.9:2379"), etcd_pod("e", **member))
    told = Told.by(check_tls(seen))
    assert [(name, rule, observed) for name, rule, observed in told.offenders] == [
        ("pod a", "etcd_tls", "not set"),
        ("pod a", "etcd_tls", "not set"),
        ("pod a", "etcd_tls", "not set"),
        ("pod a", "etcd_urls", "http://10.0.0.9:2379"),
        ("pod e", "etcd_tls", "not set"),
        ("pod e", "etcd_tls", "false"),
        ("pod e", "etcd_tls", "false"),
        ("pod e", "etcd_urls", "http://127.0.0.1:2379"),
    ]


@pytest.mark.parametrize(
    ("flag", "default"),
    [("listen_client_urls", "http://localhost:2379"), ("listen_peer_urls", "http://localhost:2380")],
)
@pytest.mark.parametrize("value", [None, "", " ,"])
def test_etcd_listens_without_tls_unless_it_is_told_where(flag: str, default: str, value: str | None) -> None:
    member = {**MEMBER, flag: value} if value is not None else {k: v for k, v in MEMBER.items() if k != flag}
    told = Told.by(check_tls(plane(server_pod("a", **CLIENT), etcd_pod("e", **member))))
    assert told.offenders == [("pod e", "etcd_urls", f"not set, which is {default}")]


def test_of_a_flag_of_etcd_that_is_given_again_the_last_counts() -> None:
    for first, last, verdict in (("http", "https", "PASS"), ("https", "http", "FAIL")):
        member = etcd_pod("e", **MEMBER)
        values = {**member.flags.values, "listen-peer-urls": (f"{first}://10.0.0.9:2380", f"{last}://10.0.0.9:2380")}
        seen = plane(
            server_pod("a", **CLIENT), dataclasses.replace(member, flags=ComponentFlags(member.flags.name, values))
        )
        assert Told.by(check_tls(seen)).verdict == verdict


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"cert_file": "$(CERT)"}, "PASS"),
        ({"client_cert_auth": "$(AUTH)"}, "ABORT"),
        ({"listen_peer_urls": "$(URLS)"}, "ABORT"),
        ({"listen_peer_urls": "https://$(POD_IP):2380"}, "PASS"),
        ({"listen_peer_urls": "$(URLS)", "client_cert_auth": "false"}, "FAIL"),
        ({"listen_peer_urls": "$(URLS),http://10.0.0.9:2380"}, "FAIL"),
    ],
)
def test_variables_hide_what_they_hold(change: dict[str, str], verdict: str) -> None:
    seen = plane(server_pod("a", **CLIENT), etcd_pod("e", **{**MEMBER, **change}))
    assert Told.by(check_tls(seen)).verdict == verdict
    for flag in ("auto_compaction_mode", "auto_compaction_retention"):
        told = Told.by(check_compaction(plane(etcd_pod("e", **{flag: "$(X)"}))))
        assert told.reasons == ["pod e: cannot be judged: a setting is the value of a variable, which is not visible"]


def test_sockets_on_one_machine_are_no_plain_http() -> None:
    member = {**MEMBER, "listen_client_urls": "unix://localhost:2379,unixs://x:1,HTTPS://10.0.0.9:2379"}
    assert Told.by(check_tls(plane(server_pod("a", **CLIENT), etcd_pod("e", **member)))).verdict == "PASS"


def test_an_api_server_that_shows_nothing_beside_others_is_not_judged() -> None:
    for empty in ("", " ", ",", "[]"):
        seen = plane(
            server_pod("a", **CLIENT), server_pod("b", **{**CLIENT, "etcd_servers": empty}), etcd_pod("e", **MEMBER)
        )
        told = Told.by(check_tls(seen))
        assert told.reasons == ["pod b: cannot be judged: its command line shows no settings"]
    told = Told.by(check_tls(plane(etcd_pod("e", **MEMBER), shown={**CLIENT, "etcd_servers": "[]"})))
    assert told.reasons == ["API server: cannot be judged: --etcd-servers names nothing"]


def test_a_url_for_metrics_only_may_be_plain() -> None:
    seen = plane(server_pod("a", **CLIENT), etcd_pod("e", **MEMBER, listen_metrics_urls="http://127.0.0.1:2381"))
    assert Told.by(check_tls(seen)).verdict == "PASS"


def test_the_api_server_alone_proves_nothing_about_peers() -> None:
    told = Told.by(check_tls(plane(shown=CLIENT)))
    assert told.reasons == [
        "etcd: cannot be judged: whether its peers speak TLS is not visible; there is no pod etcd with a command line "
        "in kube-system"
    ]
    assert Told.by(check_tls(plane(shown={**CLIENT, "etcd_cafile": ""}))).verdict == "FAIL"
    [reason] = Told.by(check_tls(HIDDEN)).reasons
    assert reason == f"etcd: cannot be judged: not visible on a hosted control plane; {NO_FLAGS}"


ON_NODE = "--etcd-servers names 10.0.0.1, an address of node control-1, which runs the control plane"
ADVERTISED = "--etcd-servers names 10.0.0.9, the address that this API server advertises as its own"


@pytest.mark.parametrize(
    ("seen", "verdict", "said"),
    [
        (plane(server_pod("a", "control-1"), etcd_pod("e", "etcd-1")), "PASS", []),
        (
            plane(server_pod("a", "other"), etcd_pod("e", "other")),
            "FAIL",
            [("pod e", "etcd_isolated", "on node other, which runs the control plane")],
        ),
        (
            plane(etcd_pod("e", "control-1")),
            "FAIL",
            [("pod e", "etcd_isolated", "on node control-1, which runs the control plane")],
        ),
        (plane(etcd_pod("e")), "ABORT", ["it does not say on which node it is"]),
        (
            plane(shown={"etcd_servers": "[https://127.0.0.1:2379]"}),
            "FAIL",
            [(SERVER, "etcd_isolated", "--etcd-servers names 127.0.0.1, which is the machine of the API server")],
        ),
        (
            plane(shown={"etcd_servers": "[https://[::1]:2379,https://localhost:2379]"}),
            "FAIL",
            [(SERVER, "etcd_isolated", "--etcd-servers names ::1, localhost, which is the machine of the API server")],
        ),
        (
            plane(shown={"etcd_servers": "[https://10.0.0.9:2379,https://[::1]:2379,https://localhost:2379]"}),
            "ABORT",
            [
                "--etcd-servers names ::1, localhost beside 10.0.0.9: whether a member of etcd is on the machine of "
                "the API server, or only a way to those, cannot be seen"
            ],
        ),
        (
            plane(shown={"etcd_servers": "[https://10.0.0.1:2379,https://10.0.0.8:2379,https://localhost:2379]"}),
            "FAIL",
            [(SERVER, "etcd_isolated", ON_NODE)],
        ),
        (
            plane(shown={"etcd_servers": SERVERS, "advertise_address": "10.0.0.9"}),
            "FAIL",
            [(SERVER, "etcd_isolated", ADVERTISED)],
        ),
        (
            plane(shown={"etcd_servers": "https://10.0.0.1:2379"}),
            "FAIL",
            [(SERVER, "etcd_isolated", ON_NODE)],
        ),
        (plane(shown={"etcd_servers": "[https://10.0.0.8:2379,https://10.0.0.9:2379]"}), "PASS", []),
        (
            plane(shown={"etcd_servers": "https://etcd-main:2379"}),
            "ABORT",
            ["--etcd-servers names etcd-main: on which machine that is cannot be seen"],
        ),
        (
            plane(shown={"etcd_servers": "[]"}),
            "ABORT",
            ["--etcd-servers names nothing: on which machine that is cannot be seen"],
        ),
        (HIDDEN, "ABORT", [f"not visible on a hosted control plane; {NO_FLAGS}"]),
    ],
)
def test_etcd_on_machines_of_its_own(seen: ControlPlane, verdict: str, said: list[object]) -> None:
    nodes = [node("control-1", "10.0.0.1", control_plane=True), node("worker-1", "10.0.0.2")]
    told = Told.by(check_isolated(seen, nodes))
    assert told.verdict == verdict
    reasons = [reason.partition("cannot be judged: ")[2] for reason in told.reasons]
    assert said == {"PASS": told.remarks, "FAIL": told.offenders, "ABORT": reasons}[verdict]


def test_where_api_servers_are_has_to_be_known() -> None:
    told = Told.by(check_isolated(plane(etcd_pod("e", "etcd-1")), [node("etcd-1"), node("worker-1")]))
    assert told.reasons == ["etcd: cannot be judged: on which nodes the API servers are is not visible"]
    old = Node.from_plain({"name": "m", "labels": {"node-role.kubernetes.io/master": ""}})
    told = Told.by(check_isolated(plane(etcd_pod("e", "m")), [old]))
    assert told.offenders == [("pod e", "etcd_isolated", "on node m, which runs the control plane")]
    assert Told.by(check_isolated(plane(etcd_pod("e", "etcd-1")), [old])).verdict == "PASS"


def test_a_command_line_that_is_not_the_servers_is_no_evidence() -> None:
    strange = server_pod("a")
    strange.flags.values.pop("etcd-servers")  # type: ignore[attr-defined]
    assert plane(strange).api_servers == []
