# SPDX-License-Identifier: Apache-2.0
"""Authentication, authorization, pod security, ports and HTTPS: each rule passes, fails with names, and gives up."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from control_plane_cases import HIDDEN, NO_RIGHT, NOW, SERVERS, Told, plane, server_pod

from pytest_scs.base.fields import FormError
from pytest_scs.core.cause import CauseKind
from pytest_scs.standards.kaas.admission import Attempt
from pytest_scs.standards.kaas.authorization import (
    AccessReviews,
    Review,
    ServiceAccountToken,
    check_authorization_mode,
    check_node_authorization,
    check_service_account_tokens,
)
from pytest_scs.standards.kaas.certificates import Validity
from pytest_scs.standards.kaas.control_plane import ControlPlane
from pytest_scs.standards.kaas.credential import Credential, Method, check_second_method
from pytest_scs.standards.kaas.exposure import (
    Endpoint,
    ExternalPorts,
    NodePorts,
    TlsEndpoints,
    check_https,
    check_ports,
)
from pytest_scs.standards.kaas.model import Node
from pytest_scs.standards.kaas.pod_security import (
    Namespace,
    PodTrials,
    check_admission,
    check_baseline,
    slim_namespace,
)
from pytest_scs.standards.kaas.unseen import Unseen

SERVER = "API server"
NOT_TRIED = Unseen("not tried: no right to", CauseKind.PERMISSION)


def reasons(told: Told) -> list[str]:
    return [reason.partition("cannot be judged: ")[2].rpartition("; ")[2] for reason in told.reasons]


def said_of(told: Told) -> list[Any]:
    return {"PASS": told.remarks, "FAIL": told.offenders, "ABORT": reasons(told)}[told.verdict]


# Authorization

BY_NODE = Review(False, False, "no relationship found between node 'w1' and this object")
NO = Review(False, False, "")
YES = Review(True, False, "")
BY_RBAC = Review(True, False, 'RBAC: allowed by ClusterRoleBinding "system:basic-user"')
RBAC_AND_NODE = AccessReviews(BY_NODE, BY_RBAC, NO)


@pytest.mark.parametrize(
    ("seen", "reviews", "verdict", "said"),
    [
        (plane(server_pod("a", authorization_mode="Node,RBAC")), AccessReviews(YES, YES, YES), "PASS", []),
        (
            plane(server_pod("a", authorization_mode="Node,RBAC"), server_pod("b", authorization_mode="RBAC")),
            RBAC_AND_NODE,
            "FAIL",
            [("pod b", "node_authorization", "RBAC")],
        ),
        (plane(server_pod("a")), RBAC_AND_NODE, "FAIL", [("pod a", "node_authorization", "AlwaysAllow")]),
        (
            plane(shown={"authorization_mode": "[]"}),
            RBAC_AND_NODE,
            "FAIL",
            [(SERVER, "node_authorization", "AlwaysAllow")],
        ),
        (plane(shown={"authorization_config": "/authz.yaml"}), RBAC_AND_NODE, "PASS", []),
        (plane(shown={"authorization_config": "/authz.yaml"}), NOT_TRIED, "ABORT", ["not tried: no right to"]),
        (
            plane(server_pod("a", authorization_mode="RBAC"), server_pod("b", authorization_config="/authz.yaml")),
            RBAC_AND_NODE,
            "FAIL",
            [("pod a", "node_authorization", "RBAC")],
        ),
        (
            plane(server_pod("a", authorization_mode="Node,RBAC"), server_pod("b", authorization_config="/a.yaml")),
            NOT_TRIED,
            "ABORT",
            ["not tried: no right to"],
        ),
        (HIDDEN, RBAC_AND_NODE, "PASS", []),
        (
            HIDDEN,
            AccessReviews(YES, YES, YES),
            "FAIL",
            [(SERVER, "node_authorization", "a node may read any secret of kube-system")],
        ),
        (
            HIDDEN,
            AccessReviews(NO, BY_RBAC, NO),
            "FAIL",
            [(SERVER, "node_authorization", "a node's request is refused for another reason: ''")],
        ),
        (
            HIDDEN,
            AccessReviews(Review(False, True, "policy"), BY_RBAC, NO),
            "ABORT",
            ["another authorizer denies what nodes ask for: 'policy'"],
        ),
        (HIDDEN, AccessReviews(None, BY_RBAC, NO), "ABORT", ["there is no node whose rights could be asked for"]),
        (HIDDEN, NOT_TRIED, "ABORT", ["not tried: no right to"]),
    ],
)
def test_node_authorization(
    seen: ControlPlane, reviews: AccessReviews | Unseen, verdict: str, said: list[object]
) -> None:
    told = Told.by(check_node_authorization(seen, reviews))
    assert (told.verdict, said_of(told)) == (verdict, said)


@pytest.mark.parametrize(
    ("seen", "reviews", "verdict", "said"),
    [
        (plane(shown={"authorization_mode": "[Node,RBAC]"}), NOT_TRIED, "PASS", []),
        (plane(shown={"authorization_mode": "[Node,Webhook]"}), NOT_TRIED, "PASS", []),
        (plane(shown={"authorization_mode": "ABAC"}), NOT_TRIED, "PASS", []),
        (plane(shown={"authorization_mode": "[Node]"}), NOT_TRIED, "FAIL", [(SERVER, "authorization_mode", "Node")]),
        (
            plane(server_pod("a", authorization_mode="Node,RBAC,AlwaysAllow")),
            RBAC_AND_NODE,
            "FAIL",
            [("pod a", "authorization_mode", "Node,RBAC,AlwaysAllow")],
        ),
        (plane(server_pod("a")), RBAC_AND_NODE, "FAIL", [("pod a", "authorization_mode", "AlwaysAllow")]),
        (plane(server_pod("a", authorization_config="/x")), RBAC_AND_NODE, "PASS", []),
        (HIDDEN, RBAC_AND_NODE, "PASS", []),
        (
            HIDDEN,
            AccessReviews(BY_NODE, Review(True, False, "webhook"), NO),
            "PASS",
            ["API server: another authorizer than RBAC allows users to ask who they are"],
        ),
        (
            HIDDEN,
            AccessReviews(YES, YES, YES),
            "FAIL",
            [(SERVER, "authorization_mode", "a user without any rights may read the secrets of kube-system")],
        ),
        (
            HIDDEN,
            AccessReviews(BY_NODE, NO, NO),
            "ABORT",
            ["users may not even ask who they are, so which authorizer decides is not visible"],
        ),
        (HIDDEN, NOT_TRIED, "ABORT", ["not tried: no right to"]),
    ],
)
def test_the_authorization_mode(
    seen: ControlPlane, reviews: AccessReviews | Unseen, verdict: str, said: list[object]
) -> None:
    told = Told.by(check_authorization_mode(seen, reviews))
    assert (told.verdict, said_of(told)) == (verdict, said)


# Authentication

ACCOUNT = "system:serviceaccount:scs-0217-1:scs-probe"


@pytest.mark.parametrize(
    ("token", "observed"),
    [
        (ServiceAccountToken(True, ACCOUNT, ACCOUNT), None),
        (ServiceAccountToken(False, ACCOUNT, ""), "not authenticated"),
        (ServiceAccountToken(True, ACCOUNT, "admin"), "authenticated as 'admin'"),
        (ServiceAccountToken(True, ACCOUNT, ""), "authenticated as not set"),
    ],
)
def test_tokens_of_service_accounts(token: ServiceAccountToken, observed: str | None) -> None:
    told = Told.by(check_service_account_tokens(token))
    assert [one for _, _, one in told.offenders] == ([observed] if observed else [])


def credential(method: Method, scheme: str = "https") -> Credential:
    return Credential(method, scheme, None, ())


OWN = "API server: the credential of this run is another method: "
FLAGS = ("client_ca_file", "oidc_issuer_url", "authentication_config", "authentication_token_webhook_config_file")


@pytest.mark.parametrize("method", [Method.CERTIFICATE, Method.PLUGIN, Method.TOKEN])
def test_our_own_credential_may_be_the_second_method(method: Method) -> None:
    told = Told.by(check_second_method(HIDDEN, credential(method)))
    assert (told.verdict, told.remarks) == ("PASS", [f"{OWN}{method}"])


def test_an_api_server_that_shows_nothing_may_lack_the_second_method() -> None:
    seen = plane(server_pod("a", client_ca_file="/ca"), server_pod("b", etcd_servers="", client_ca_file="/ca"))
    told = Told.by(check_second_method(seen, credential(Method.SERVICE_ACCOUNT)))
    assert told.reasons == ["pod b: cannot be judged: its command line shows no settings"]
    assert Told.by(check_second_method(seen, credential(Method.CERTIFICATE))).verdict == "PASS"


def test_a_review_that_allows_and_denies_is_refused() -> None:
    both = {"allowed": True, "denied": True, "reason": "RBAC: x"}
    none = {"allowed": False, "denied": False, "reason": ""}
    with pytest.raises(FormError, match="both"):
        AccessReviews.from_plain({"node": none, "own": both, "nobody": none})


@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_may_switch_on_the_second_method(flag: str) -> None:
    assert Told.by(check_second_method(plane(shown={flag: "x"}), credential(Method.SERVICE_ACCOUNT))).verdict == "PASS"


@pytest.mark.parametrize("method", [Method.SERVICE_ACCOUNT, Method.BOOTSTRAP, Method.UNKNOWN])
def test_a_token_of_a_service_account_is_no_second_method(method: Method) -> None:
    seen = plane(server_pod("a", client_ca_file="/ca"), server_pod("b", token_auth_file="/tokens"))
    told = Told.by(check_second_method(seen, credential(method)))
    assert told.offenders == [("pod b", "second_auth_method", "none is set")]
    assert told.remarks == ["pod b: --token-auth-file: tokens in a file are not fit for production"]
    assert reasons(Told.by(check_second_method(HIDDEN, credential(method)))) == [f"this run uses a {method}"]
    assert reasons(Told.by(check_second_method(HIDDEN, NOT_TRIED))) == ["not tried: no right to"]


@pytest.mark.parametrize("data", [{"method": "magic", "scheme": "https"}, {"scheme": "https"}, {"method": "token"}])
def test_a_credential_of_another_form_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(FormError):
        Credential.from_plain(data)


# Pod security

VIOLATES = Attempt(403, 'pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)')
ACCEPTED = Attempt(201, "")
OTHERWISE = Attempt(403, "admission webhook denied the request")


@pytest.mark.parametrize(
    ("seen", "trials", "verdict", "said"),
    [
        (HIDDEN, PodTrials(VIOLATES, ACCEPTED), "PASS", []),
        (
            HIDDEN,
            PodTrials(ACCEPTED, ACCEPTED),
            "FAIL",
            [
                (
                    SERVER,
                    "pod_security_admission",
                    "a pod with hostPID was accepted in a namespace that enforces baseline",
                )
            ],
        ),
        (
            plane(server_pod("a", disable_admission_plugins="PodSecurity")),
            PodTrials(VIOLATES, ACCEPTED),
            "FAIL",
            [("pod a", "pod_security_admission", "in --disable-admission-plugins")],
        ),
        (
            HIDDEN,
            PodTrials(OTHERWISE, ACCEPTED),
            "ABORT",
            ["the pod was refused for another reason: 403: 'admission webhook denied the request'"],
        ),
        (HIDDEN, NOT_TRIED, "ABORT", ["not tried: no right to"]),
        (
            plane(shown={"etcd_servers": SERVERS}),
            NOT_TRIED,
            "PASS",
            ["API server: not tried with a pod: not tried: no right to"],
        ),
        (
            plane(plugins=["PodSecurity"]),
            NOT_TRIED,
            "PASS",
            ["API server: not tried with a pod: not tried: no right to"],
        ),
        (plane(plugins=["ServiceAccount"]), NOT_TRIED, "ABORT", ["not tried: no right to"]),
    ],
)
def test_pod_security_admission(
    seen: ControlPlane, trials: PodTrials | Unseen, verdict: str, said: list[object]
) -> None:
    told = Told.by(check_admission(seen, trials))
    assert (told.verdict, said_of(told)) == (verdict, said)


def namespaces(**levels: str | None) -> list[Namespace]:
    return [Namespace(name.replace("_", "-"), level, False) for name, level in levels.items()]


def test_a_default_of_the_cluster_is_enough() -> None:
    assert Told.by(check_baseline(namespaces(default=None), PodTrials(VIOLATES, VIOLATES))).verdict == "PASS"


def test_else_every_namespace_needs_a_level() -> None:
    every = [
        *namespaces(a="baseline", b="restricted", c=None, d="privileged", kube_system=None, e="Baseline"),
        Namespace("scs-0217-1", None, True),
    ]
    told = Told.by(check_baseline(every, PodTrials(VIOLATES, ACCEPTED)))
    assert told.offenders == [
        ("namespace c", "pod_security_baseline", "not set"),
        ("namespace d", "pod_security_baseline", "'privileged'"),
        ("namespace e", "pod_security_baseline", "'Baseline'"),
    ]
    assert told.findings[0].hint == "kubectl label --overwrite namespace c pod-security.kubernetes.io/enforce=baseline"
    assert Told.by(check_baseline(every[:2], PodTrials(VIOLATES, ACCEPTED))).verdict == "PASS"


def test_ten_namespaces_are_named_and_the_others_counted() -> None:
    every = namespaces(**{f"n{number}": None for number in range(13)})
    told = Told.by(check_baseline(every, PodTrials(VIOLATES, ACCEPTED)))
    assert [name for name, _, _ in told.offenders] == [f"namespace n{number}" for number in range(10)]
    assert told.remarks == ["and 3 namespaces more without it"]


@pytest.mark.parametrize("every", [[], namespaces(kube_system=None), [Namespace("scs-0217-1", None, True)]])
def test_a_cluster_without_namespaces_of_users_shows_too_little(every: list[Namespace]) -> None:
    told = Told.by(check_baseline(every, PodTrials(VIOLATES, ACCEPTED)))
    assert reasons(told) == ["there is none of users, and every cluster has one: default"]


def test_labels_whose_effect_was_not_seen_prove_nothing() -> None:
    told = Told.by(check_baseline(namespaces(a="baseline"), PodTrials(OTHERWISE, ACCEPTED)))
    [reason] = reasons(told)
    assert reason.startswith("whether labels have an effect was not seen: 403")
    told = Told.by(check_baseline(namespaces(a=None), PodTrials(OTHERWISE, ACCEPTED)))
    assert told.verdict == "FAIL"


def test_labels_without_effect_are_no_level() -> None:
    told = Told.by(check_baseline(namespaces(a="baseline"), PodTrials(ACCEPTED, ACCEPTED)))
    assert told.offenders == [(SERVER, "pod_security_baseline", "labels of namespaces have no effect")]


def test_a_pod_that_is_refused_for_another_reason_tells_nothing() -> None:
    told = Told.by(check_baseline(namespaces(a="baseline"), PodTrials(VIOLATES, OTHERWISE)))
    assert reasons(told) == ["the pod was refused for another reason: 403: 'admission webhook denied the request'"]


@pytest.mark.parametrize(
    ("labels", "slim"),
    [
        (None, {"name": "x", "enforce": None, "test": False}),
        ({"pod-security.kubernetes.io/enforce": "baseline"}, {"name": "x", "enforce": "baseline", "test": False}),
        ({"app.kubernetes.io/managed-by": "pytest-scs"}, {"name": "x", "enforce": None, "test": True}),
        ({"e2e-run": "1"}, {"name": "x", "enforce": None, "test": True}),
    ],
)
def test_the_label_counts_and_not_the_annotation(labels: Any, slim: dict[str, Any]) -> None:
    annotations = {"pod-security.kubernetes.io/enforce": "restricted"}
    assert slim_namespace({"metadata": {"name": "x", "labels": labels, "annotations": annotations}}) == slim


# Ports and HTTPS

NODES = [
    Node.from_plain(
        {
            "name": "w1",
            "podCIDRs": ["10.244.1.0/24", "fd00:1::/64"],
            "addresses": [{"type": "InternalIP", "address": "10.0.0.2"}, {"type": "InternalIP", "address": "fd00::2"}],
        }
    )
]
OUTSIDE = ("203.0.113.7",)
ONLY_FROM_HERE = "ports were tried from this machine only; a firewall in its way would hide open ones"


def test_open_ports_are_named_by_node() -> None:
    seen = (NodePorts("w1", "198.51.100.1", (10250, 10255)), NodePorts("w2", "198.51.100.2", ()))
    told = Told.by(check_ports(ExternalPorts(seen, OUTSIDE, False), NODES))
    assert told.offenders == [("node w1", "ports_not_exposed", "10250 (kubelet), 10255 (kubelet, read-only)")]
    told = Told.by(check_ports(ExternalPorts(seen[1:], OUTSIDE, False), NODES))
    assert (told.verdict, told.remarks) == ("PASS", [ONLY_FROM_HERE])


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (ExternalPorts((), (), False), "nodes have no external address"),
        (
            ExternalPorts((NodePorts("w1", "198.51.100.1", ()),), (), True),
            "it reaches the cluster through a proxy, so it cannot tell which ports are open",
        ),
        (
            ExternalPorts((NodePorts("w1", "198.51.100.1", (), "no way"),), OUTSIDE, False),
            "no way",
        ),
        *(
            (
                ExternalPorts((NodePorts("w1", "198.51.100.1", (10250,)),), (own,), False),
                f"it is in the network of the cluster ({own})",
            )
            for own in ("10.244.1.9", "10.0.0.2", "10.0.0.77", "fd00::9", "fd00:1::5")
        ),
    ],
)
def test_ports_that_cannot_be_tried_from_here(seen: ExternalPorts, reason: str) -> None:
    told = Told.by(check_ports(seen, NODES))
    [found] = told.reasons
    assert told.verdict == "ABORT"
    assert reason in found


@pytest.mark.parametrize(("own", "verdict"), [((), "ABORT"), (("here",), "ABORT"), (("::ffff:10.0.0.3",), "ABORT")])
@pytest.mark.parametrize("ports", [(), (10250,)])
def test_who_does_not_know_where_he_is_cannot_tell_inside_from_outside(
    own: tuple[str, ...], verdict: str, ports: tuple[int, ...]
) -> None:
    seen = ExternalPorts((NodePorts("w1", "198.51.100.1", ports),), own, False)
    assert Told.by(check_ports(seen, NODES)).verdict == verdict


def test_a_network_that_is_none_does_not_hide_the_others() -> None:
    odd = Node.from_plain({"name": "odd", "podCIDRs": ["many"], "addresses": [{"type": "InternalIP", "address": "?"}]})
    seen = ExternalPorts((NodePorts("w1", "198.51.100.1", ()),), ("10.244.1.9",), False)
    assert Told.by(check_ports(seen, [odd, *NODES])).verdict == "ABORT"
    assert Told.by(check_ports(dataclasses.replace(seen, own=OUTSIDE), [odd, *NODES])).verdict == "PASS"


def test_every_external_address_has_to_be_tried() -> None:
    addresses = [{"type": "ExternalIP", "address": text} for text in ("198.51.100.1", "198.51.100.9")]
    node = Node.from_plain({"name": "w1", "addresses": addresses})
    told = Told.by(check_ports(ExternalPorts((NodePorts("w1", "198.51.100.1", ()),), OUTSIDE, False), [node]))
    assert told.reasons == ["node w1: cannot be judged: its external address 198.51.100.9 was not tried"]


@pytest.mark.parametrize("plain", ["", "x", "Refused", " served "])
def test_an_answer_in_another_word_is_refused(plain: str) -> None:
    entry = {"certificate": {"not_before": NOW.isoformat(), "not_after": NOW.isoformat(), "issuer": ""}, "plain": plain}
    with pytest.raises(FormError, match="plain"):
        TlsEndpoints.from_plain({"server": entry, "kubelets": [], "unreachable": 0})


VALID = Validity(NOW, NOW)
SILENT = Unseen("there was no TLS handshake with it", CauseKind.OUTAGE)


@pytest.mark.parametrize(
    ("server", "kubelets", "scheme", "verdict", "said"),
    [
        (Endpoint("", VALID, "refused"), (Endpoint("w1", VALID, "no HTTP"),), "https", "PASS", []),
        (Endpoint("", VALID, "served"), (), "https", "FAIL", [(SERVER, "https", "HTTP without TLS is answered")]),
        (
            Endpoint("", SILENT, "served"),
            (Endpoint("w1", SILENT, "served"),),
            "http",
            "FAIL",
            [
                (SERVER, "https", "the URL in the kubeconfig begins with http://"),
                (SERVER, "https", "HTTP without TLS is answered"),
                ("kubelet of node w1", "https", "HTTP without TLS is answered"),
            ],
        ),
        (Endpoint("", SILENT, "no HTTP"), (), "https", "ABORT", ["there was no TLS handshake with it"]),
        (
            Endpoint("", VALID, "unclear"),
            (),
            "https",
            "ABORT",
            ["what it answers to HTTP without TLS is neither a refusal nor content"],
        ),
    ],
)
def test_https_only(
    server: Endpoint, kubelets: tuple[Endpoint, ...], scheme: str, verdict: str, said: list[object]
) -> None:
    told = Told.by(check_https(TlsEndpoints(server, kubelets, 0), credential(Method.TOKEN, scheme)))
    assert (told.verdict, said_of(told)) == (verdict, said)


def test_kubelets_out_of_reach_are_a_remark() -> None:
    told = Told.by(check_https(TlsEndpoints(Endpoint("", VALID, "refused"), (), 7), NO_RIGHT))
    assert told.verdict == "PASS"
    assert told.remarks == ["the kubelets of 7 nodes cannot be reached from here, and were not looked at"]
