# SPDX-License-Identifier: Apache-2.0
"""Settings of kubelets: every node is named, and one that shows nothing is not judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from control_plane_cases import Told

from pytest_scs.base.fields import FormError
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Observation
from pytest_scs.standards.kaas.kubelets import (
    Kubelet,
    check_anonymous,
    check_authorization,
    check_read_only_port,
    check_rotation,
    read_kubelets,
    slim_configuration,
    unasked,
)
from pytest_scs.standards.kaas.model import Node

Check = Callable[[Sequence[Kubelet]], Iterator[Observation]]

FINE = {
    "rotateCertificates": True,
    "serverTLSBootstrap": True,
    "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": True}},
    "authorization": {"mode": "Webhook"},
    "clusterDNS": ["10.0.0.10"],
}
LAX = {
    "readOnlyPort": 10255,
    "authentication": {"anonymous": {"enabled": True}},
    "authorization": {"mode": "AlwaysAllow"},
}


#: What no kubelet leaves out.
SAID: dict[str, Any] = {
    "authentication": {"anonymous": {"enabled": False}},
    "authorization": {"mode": "Webhook"},
}


def kubelet(node: str, settings: dict[str, Any]) -> Kubelet:
    return Kubelet.from_plain({"node": node, **slim_configuration({"kubeletconfig": settings})})


@pytest.mark.parametrize(
    ("check", "rule", "observed"),
    [
        (check_rotation, "kubelet_rotates", "false"),
        (check_read_only_port, "read_only_port", "10255"),
        (check_anonymous, "kubelet_anonymous", "true"),
        (check_authorization, "kubelet_authorization", "'AlwaysAllow'"),
    ],
)
def test_every_offending_kubelet_is_named(check: Check, rule: str, observed: str) -> None:
    every = [kubelet("a", FINE), kubelet("b", LAX), kubelet("c", LAX)]
    told = Told.by(check(every))
    assert told.offenders == [(f"kubelet of node {name}", rule, observed) for name in "bc"]
    assert Told.by(check(every[:1])).verdict == "PASS"
    silent = Kubelet("d", problem="the API server answered 403 (no)", kind=CauseKind.PERMISSION)
    told = Told.by(check([every[0], silent]))
    assert told.reasons == ["kubelet of node d: cannot be judged: the API server answered 403 (no)"]
    assert told.kinds == [CauseKind.PERMISSION]
    assert Told.by(check([])).reasons == ["kubelets: cannot be judged: the cluster shows no nodes"]


def test_every_node_has_to_be_asked() -> None:
    nodes = [Node.from_plain({"name": name}) for name in ("a", "b", "c")]
    told = Told.by(unasked([kubelet("a", FINE), Kubelet("c", problem="gone")], nodes))
    assert told.reasons == ["kubelet of node b: cannot be judged: it was not asked for its settings"]


def test_what_a_kubelet_leaves_out_has_its_default() -> None:
    bare = kubelet("a", SAID)
    assert Told.by(check_read_only_port([bare])).verdict == "PASS"
    assert Told.by(check_rotation([bare])).offenders == [("kubelet of node a", "kubelet_rotates", "false")]


def test_serving_certificates_on_request_are_optional() -> None:
    some = [kubelet(f"w{number}", {**SAID, "rotateCertificates": True}) for number in range(12)]
    told = Told.by(check_rotation(some))
    assert told.verdict == "PASS"
    assert told.remarks == [
        "serverTLSBootstrap is off on 12 nodes (w0, w1, w2, w3, w4, w5, w6, w7, w8, w9 and 2 more): their serving "
        "certificates are not renewed by the cluster"
    ]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"kubeletconfig": []},
        {"kubeletconfig": {"authentication": []}},
        {"kubeletconfig": {**SAID, "authorization": "x"}},
        {"kubeletconfig": {}},
        {"kubeletconfig": {**SAID, "authentication": {"anonymous": {}}}},
        {"kubeletconfig": {**SAID, "authorization": {"mode": None}}},
        {"kind": "Status", "status": "Success"},
    ],
)
def test_settings_of_another_form_are_refused(answer: Any) -> None:
    with pytest.raises(FormError):
        slim_configuration(answer)


@pytest.mark.parametrize("value", [{"readOnlyPort": "0"}, {"anonymous": "no"}, {"authorization": 1}])
def test_an_entry_of_another_form_is_refused_by_its_node(value: dict[str, Any]) -> None:
    with pytest.raises(FormError, match="kubelet of node a"):
        read_kubelets({"kubelets": [{"node": "a", **value}]})
