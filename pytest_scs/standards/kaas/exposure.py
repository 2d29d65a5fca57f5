# SPDX-License-Identifier: Apache-2.0
"""scs-0217: what can be reached, and how it speaks (document: scs-0217-v1).

See docs/standards/scs-0217.md#ports and docs/standards/scs-0217.md#https.
"""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from pytest_scs.base.fields import Fields, FormError
from pytest_scs.base.words import shown
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided
from pytest_scs.standards.kaas.certificates import Validity, kubelet_name
from pytest_scs.standards.kaas.control_plane import SERVER
from pytest_scs.standards.kaas.credential import Credential
from pytest_scs.standards.kaas.model import Node
from pytest_scs.standards.kaas.unseen import Unseen

#: Ports that must not be reachable from outside, with who listens there.
PORTS: Final = {
    2379: "etcd",
    2380: "etcd, peers",
    10250: "kubelet",
    10255: "kubelet, read-only",
    10257: "controller manager",
    10259: "scheduler",
}

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Around the address of a node so many bits are taken for its network, by version of IP.
NETWORK_BITS: Final = {4: 24, 6: 64}

#: What an answer without TLS was like; the words stand in evidence files.
NO_HTTP, REFUSED, SERVED, UNCLEAR = "no HTTP", "refused", "served", "unclear"


@dataclasses.dataclass(frozen=True, slots=True)
class NodePorts:
    """An external address of a node: ports that are open, and, if it could not be tried, why."""

    node: str
    address: str
    open: tuple[int, ...]
    problem: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class ExternalPorts:
    """What of the nodes can be reached from here.

    ``own`` are the addresses that this machine has towards them; ``proxy``: the API server is reached through a proxy.
    """

    nodes: tuple[NodePorts, ...]
    own: tuple[str, ...]
    proxy: bool

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> ExternalPorts:
        """Raises FormError."""
        fields = Fields("external ports", data)
        nodes = []
        for one in fields.each("nodes"):
            ports = tuple(port.whole("port") for port in one.each("open"))
            nodes.append(NodePorts(one.name("node"), one.text("address"), ports, one.text("problem")))
        return cls(tuple(nodes), fields.texts("own"), fields.truth("proxy", False))


@dataclasses.dataclass(frozen=True, slots=True)
class Endpoint:
    """A port that was spoken to: the validity of its certificate, or why there is none, and its answer without TLS.

    ``node`` is empty for the API server.
    """

    node: str
    certificate: Validity | Unseen
    plain: str

    @property
    def name(self) -> str:
        """What it is called in findings."""
        return f"kubelet of node {self.node}" if self.node else SERVER

    @classmethod
    def read(cls, fields: Fields) -> Endpoint:
        """Raises FormError."""
        problem = fields.text("problem", "")
        certificate = Unseen(problem, CauseKind.OUTAGE) if problem else Validity.read(fields.fields("certificate"))
        plain = fields.text("plain")
        if plain not in (NO_HTTP, REFUSED, SERVED, UNCLEAR):
            raise FormError(f"{fields.where}.plain: expected a known word, got {plain!r}")
        return cls(fields.text("node", ""), certificate, plain)


@dataclasses.dataclass(frozen=True, slots=True)
class TlsEndpoints:
    """The API server, and those kubelets that can be reached from here; ``unreachable`` are nodes that cannot."""

    server: Endpoint
    kubelets: tuple[Endpoint, ...]
    unreachable: int

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> TlsEndpoints:
        """Raises FormError."""
        fields = Fields("endpoints", data)
        kubelets = tuple(map(Endpoint.read, fields.each("kubelets")))
        return cls(Endpoint.read(fields.fields("server")), kubelets, fields.whole("unreachable"))


def check_ports(seen: ExternalPorts, nodes: Sequence[Node]) -> Iterator[Observation]:
    """Nothing but the API server and node ports may be reachable from outside. See docs/standards/scs-0217.md#ports."""
    if not seen.nodes:
        yield Undecided("nodes", "nodes have no external address")
        return
    if seen.proxy:
        yield Undecided(
            "this machine", "it reaches the cluster through a proxy, so it cannot tell which ports are open"
        )
        return
    own = [address for address in map(_address, seen.own) if address]
    if inside := next((address for address in own if _is_inside(address, nodes)), None):
        yield Undecided("this machine", f"it is in the network of the cluster ({inside}); run this from outside")
        return
    if not own and not all(node.problem for node in seen.nodes):
        yield Undecided("this machine", "which address it has is not known, so it may be inside of the cluster")
        return
    yield from _untried(seen, nodes)
    for node in seen.nodes:
        if node.problem:
            yield Undecided(f"node {node.node}", node.problem, kind=CauseKind.OUTAGE)
        elif node.open:
            yield Finding(
                resource=f"node {node.node}",
                rule="scs-0217/ports_not_exposed",
                title="ports that can be reached from outside",
                expected="none of " + ", ".join(map(str, PORTS)),
                observed=", ".join(f"{port} ({PORTS.get(port, 'unknown')})" for port in node.open),
                hint="close them with security groups or a firewall: only the API server and node ports may be open",
            )
    yield Remark("ports were tried from this machine only; a firewall in its way would hide open ones")


def check_https(seen: TlsEndpoints, credential: Credential | Unseen) -> Iterator[Observation]:
    """Endpoints MUST use HTTPS. See docs/standards/scs-0217.md#https."""
    if isinstance(credential, Credential) and credential.scheme != "https":
        yield _plain(SERVER, f"the URL in the kubeconfig begins with {credential.scheme}://", "a URL with https://")
    for endpoint in (seen.server, *seen.kubelets):
        if endpoint.plain == SERVED:
            yield _plain(endpoint.name, "HTTP without TLS is answered", "HTTPS only")
        elif isinstance(endpoint.certificate, Unseen):
            yield Undecided(endpoint.name, endpoint.certificate.text, kind=endpoint.certificate.kind)
        elif endpoint.plain == UNCLEAR:
            yield Undecided(endpoint.name, "what it answers to HTTP without TLS is neither a refusal nor content")
    if seen.unreachable:
        yield Remark(f"the kubelets of {seen.unreachable} nodes cannot be reached from here, and were not looked at")


def certificates_shown(seen: TlsEndpoints | Unseen, credential: Credential | Unseen) -> dict[str, Validity | Unseen]:
    """Certificates by what they are called in findings: of the API server, of kubelets, and our own."""
    server = "serving certificate of the API server"
    shown: dict[str, Validity | Unseen] = {}
    if isinstance(seen, Unseen):
        shown[server] = seen
    else:
        shown[server] = seen.server.certificate
        shown |= {kubelet_name(one.node): one.certificate for one in seen.kubelets}
    own = credential if isinstance(credential, Unseen) else credential.certificate
    if own is not None:
        shown["client certificate of the kubeconfig"] = own
    return shown


def _plain(resource: str, observed: str, expected: str) -> Finding:
    return Finding(
        resource=resource,
        rule="scs-0217/https",
        title="it is spoken to by HTTPS",
        expected=expected,
        observed=observed,
        hint="let nothing in front of it serve plain HTTP, and give it a certificate",
    )


def _untried(seen: ExternalPorts, nodes: Sequence[Node]) -> Iterator[Undecided]:
    """External addresses that nodes have and that were not tried."""
    tried = {(one.node, one.address) for one in seen.nodes}
    for node in nodes:
        for kind, address in node.addresses:
            if kind == "ExternalIP" and (node.name, address) not in tried:
                yield Undecided(f"node {node.name}", f"its external address {shown(address)} was not tried")


def _is_inside(own: _Address, nodes: Sequence[Node]) -> bool:
    """Whether an address of ours lies in the network of pods or of nodes, as far as nodes tell them."""
    networks = [_network(cidr) for node in nodes for cidr in node.pod_cidrs]
    for node in nodes:
        inner = [_address(text) for kind, text in node.addresses if kind == "InternalIP"]
        networks += [_network(f"{one}/{NETWORK_BITS[one.version]}") for one in inner if one]
    return any(own in network for network in networks if network and network.version == own.version)


def _address(text: str) -> _Address | None:
    """An address; None if the text is none. Those of IPv4 that are written as IPv6 are of IPv4."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
