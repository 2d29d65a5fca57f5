# SPDX-License-Identifier: Apache-2.0
"""Settings of kubelets, as each of them says they are in effect (documents: scs-0215-v1, scs-0217-v1).

See docs/standards/scs-0217.md#kubelets.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_scs.base.fields import Fields
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided, show
from pytest_scs.standards.kaas.model import Node

_FILE = "in the kubelet's configuration file, and restart the kubelet"


@dataclasses.dataclass(frozen=True, slots=True)
class Kubelet:
    """The kubelet of a node. ``problem`` says why its settings are unknown; then nothing else holds.

    A kubelet leaves out numbers that are 0 and switches that are off, but never who may ask it what.
    """

    node: str
    read_only_port: int = 0
    anonymous: bool = False
    authorization: str = ""
    rotates: bool = False
    serving_by_request: bool = False
    problem: str = ""
    kind: CauseKind = CauseKind.UNDECIDABLE

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Kubelet:
        """Raises FormError."""
        node = Fields("kubelet", data).name("node")
        fields = Fields(f"kubelet of node {node}", data)
        if fields.has("problem"):
            return cls(node, problem=fields.text("problem"), kind=CauseKind.named(fields.text("kind", "")))
        return cls(
            node,
            read_only_port=fields.whole("readOnlyPort", 0),
            anonymous=fields.truth("anonymous"),
            authorization=fields.text("authorization"),
            rotates=fields.truth("rotateCertificates", False),
            serving_by_request=fields.truth("serverTLSBootstrap", False),
        )

    @property
    def name(self) -> str:
        """What it is called in findings."""
        return f"kubelet of node {self.node}"


def read_kubelets(data: Mapping[str, Any]) -> list[Kubelet]:
    """The kubelets of all nodes, of what their probe saw; raises FormError."""
    return [Kubelet.from_plain(one.content) for one in Fields("kubelet settings", data).each("kubelets")]


def unasked(kubelets: Sequence[Kubelet], nodes: Sequence[Node]) -> Iterator[Undecided]:
    """The nodes whose kubelets are not among those that were asked: the rules are about every node."""
    asked = {one.node for one in kubelets}
    for node in nodes:
        if node.name not in asked:
            yield Undecided(f"kubelet of node {node.name}", "it was not asked for its settings")


def slim_configuration(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of an answer of a kubelet's ``/configz``; raises FormError."""
    kept = Fields("configz", answer).fields("kubeletconfig").content
    # Written out by every kubelet; what lacks them is no kubelet's configuration.
    anonymous = Fields("configz", kept).fields("authentication").fields("anonymous").truth("enabled")
    mode = Fields("configz", kept).fields("authorization").text("mode")
    found = {key: kept.get(key) for key in ("readOnlyPort", "rotateCertificates", "serverTLSBootstrap")}
    found |= {"anonymous": anonymous, "authorization": mode}
    return {key: value for key, value in found.items() if value is not None}


def check_rotation(kubelets: Sequence[Kubelet]) -> Iterator[Observation]:
    """Kubelets MUST renew their client certificates by themselves. See docs/standards/scs-0215.md#certificates."""
    for kubelet in _known(kubelets):
        if isinstance(kubelet, Undecided):
            yield kubelet
        elif not kubelet.rotates:
            yield Finding(
                resource=kubelet.name,
                rule="scs-0215/kubelet_rotates",
                title="rotateCertificates",
                expected="true",
                observed="false",
                hint=f"set rotateCertificates: true {_FILE}",
            )
    without = [one.node for one in kubelets if not one.problem and not one.serving_by_request]
    if without:
        yield Remark(
            f"serverTLSBootstrap is off on {len(without)} nodes ({_some(without)}): their serving certificates are "
            "not renewed by the cluster"
        )


def check_read_only_port(kubelets: Sequence[Kubelet]) -> Iterator[Observation]:
    """The read-only port SHOULD be disabled. See docs/standards/scs-0217.md#kubelets."""
    for kubelet in _known(kubelets):
        if isinstance(kubelet, Undecided):
            yield kubelet
        elif kubelet.read_only_port != 0:
            yield Finding(
                resource=kubelet.name,
                rule="scs-0217/read_only_port",
                title="readOnlyPort",
                expected="0",
                observed=str(kubelet.read_only_port),
                hint=f"set readOnlyPort: 0 {_FILE}",
            )


def check_anonymous(kubelets: Sequence[Kubelet]) -> Iterator[Observation]:
    """Anonymous requests MUST be disabled. See docs/standards/scs-0217.md#kubelets."""
    for kubelet in _known(kubelets):
        if isinstance(kubelet, Undecided):
            yield kubelet
        elif kubelet.anonymous:
            yield Finding(
                resource=kubelet.name,
                rule="scs-0217/kubelet_anonymous",
                title="authentication.anonymous.enabled",
                expected="false",
                observed="true",
                hint=f"set authentication.anonymous.enabled: false {_FILE}",
            )


def check_authorization(kubelets: Sequence[Kubelet]) -> Iterator[Observation]:
    """The authorization mode MUST be Webhook. See docs/standards/scs-0217.md#kubelets."""
    for kubelet in _known(kubelets):
        if isinstance(kubelet, Undecided):
            yield kubelet
        elif kubelet.authorization != "Webhook":
            yield Finding(
                resource=kubelet.name,
                rule="scs-0217/kubelet_authorization",
                title="authorization.mode",
                expected="'Webhook'",
                observed=show(kubelet.authorization or None),
                hint=f"set authorization.mode: Webhook {_FILE}",
            )


def _known(kubelets: Sequence[Kubelet]) -> Iterator[Kubelet | Undecided]:
    if not kubelets:
        yield Undecided("kubelets", "the cluster shows no nodes")
    for kubelet in kubelets:
        yield Undecided(kubelet.name, kubelet.problem, kind=kubelet.kind) if kubelet.problem else kubelet


def _some(names: Sequence[str], most: int = 10) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
