# SPDX-License-Identifier: Apache-2.0
"""Settings of etcd (documents: scs-0215-v1, scs-0217-v1). See docs/standards/scs-0217.md#etcd."""

from __future__ import annotations

import ipaddress
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pytest_scs.core.findings import Finding, Observation, Remark, Undecided, show
from pytest_scs.standards.kaas.component_flags import ComponentFlags, duration, is_reference
from pytest_scs.standards.kaas.control_plane import ETCD, SERVER, ComponentPod, ControlPlane
from pytest_scs.standards.kaas.model import Node
from pytest_scs.standards.kaas.node_distribution import is_control_plane
from pytest_scs.standards.kaas.unseen import hidden

#: Seconds of history that etcd keeps, and how the text writes it.
RETENTION: Final = 8 * 3600.0
RETENTION_TEXT: Final = "8h"

_SERVERS = "etcd-servers"
_MODE, _KEPT = "auto-compaction-mode", "auto-compaction-retention"
#: How URLs begin that are no plain HTTP.
_FINE = ("https://", "unix://", "unixs://")
_ELSEWHERE = "a setting is the value of a variable, which is not visible"
_CLIENT_FILES = ("etcd-cafile", "etcd-certfile", "etcd-keyfile")
_FILES = ("cert-file", "key-file", "peer-cert-file", "peer-key-file")
_SWITCHES = ("client-cert-auth", "peer-client-cert-auth")
_URLS = (
    "listen-client-urls",
    "advertise-client-urls",
    "listen-client-http-urls",
    "listen-peer-urls",
    "initial-advertise-peer-urls",
)
#: Where etcd listens if nothing is set, whatever certificates it has.
_DEFAULT_URLS = {"listen-client-urls": "http://localhost:2379", "listen-peer-urls": "http://localhost:2380"}


def check_compaction(plane: ControlPlane) -> Iterator[Observation]:
    """``auto-compaction-mode`` MUST be ``periodic``, ``auto-compaction-retention`` MUST be 8 hours.

    See docs/standards/scs-0215.md#compaction-of-etcd.
    """
    if not plane.etcds:
        yield hidden(ETCD, plane.unseen(pods=ETCD)[:1])
    for pod in plane.etcds:
        if problem := _problem(pod):
            yield problem
            continue
        if any(is_reference(pod.flags.text(flag)) for flag in (_MODE, _KEPT)):
            yield Undecided(pod.flags.name, _ELSEWHERE)
            continue
        mode, retention = pod.flags.text(_MODE, "periodic"), pod.flags.text(_KEPT, "0")
        if mode != "periodic":
            yield _compaction(pod, "scs-0215/etcd_compaction_mode", _MODE, "'periodic'", show(mode))
        if duration(retention) != RETENTION:
            yield _compaction(pod, "scs-0215/etcd_compaction_retention", _KEPT, f"'{RETENTION_TEXT}'", show(retention))
    interval = next((server.text("etcd-compaction-interval") for server in plane.api_servers), "")
    if duration(interval):
        yield Remark(f"the API server has etcd compacted every {interval}, which does not count here", SERVER)


def check_tls(plane: ControlPlane) -> Iterator[Observation]:
    """Clients and peers of etcd MUST speak TLS with it, and prove who they are. See docs/standards/scs-0217.md#etcd.

    What the API servers show is about clients only, so it can refute it and not prove it.
    """
    yield from plane.unread()
    for server in plane.api_servers:
        for flag in _CLIENT_FILES:
            if not server.text(flag):
                yield _set(server, flag, "a file", show(None))
        yield from _plain_urls(server, {_SERVERS: server.listed(_SERVERS)})
        if not server.listed(_SERVERS):
            yield Undecided(server.name, f"--{_SERVERS} names nothing")
    for pod in plane.etcds:
        if problem := _problem(pod):
            yield problem
            continue
        for flag in _FILES:
            if not pod.flags.text(flag):
                yield _set(pod.flags, flag, "a file", show(None))
        if any(map(is_reference, _decisive(pod.flags))):
            yield Undecided(pod.flags.name, _ELSEWHERE)
        for flag in _SWITCHES:
            if not is_reference(pod.flags.text(flag)) and pod.flags.truth(flag, False) is not True:
                yield _set(pod.flags, flag, "true", pod.flags.text(flag, "false"))
        yield from _plain_urls(pod.flags, {flag: pod.flags.last_listed(flag) for flag in _URLS})
        yield from _listens_by_default(pod.flags)
    if not plane.etcds:
        lead = "whether its peers speak TLS is not visible"
        yield hidden(ETCD, plane.unseen(pods=ETCD)[:1], lead) if plane.api_servers else hidden(ETCD, plane.unseen())


def check_isolated(plane: ControlPlane, nodes: Sequence[Node]) -> Iterator[Observation]:
    """Members of etcd SHOULD run on other machines than the API servers. See docs/standards/scs-0217.md#etcd."""
    control = plane.api_server_nodes | {node.name for node in nodes if is_control_plane(node)}
    if plane.etcds and not control:
        yield Undecided(ETCD, "on which nodes the API servers are is not visible")
        return
    for pod in plane.etcds:
        if pod.node in control:
            yield _shared(pod.flags.name, f"on node {pod.node}, which runs the control plane")
        elif not pod.node:
            yield Undecided(pod.flags.name, "it does not say on which node it is")
    if plane.etcds:
        return
    if not plane.api_servers:
        yield hidden(ETCD, plane.unseen())
    machines = {address: node.name for node in nodes if node.name in control for _, address in node.addresses}
    for server in plane.api_servers:
        yield from _check_addresses(server, machines)


def _check_addresses(server: ComponentFlags, machines: Mapping[str, str]) -> Iterator[Observation]:
    """Whether the servers of etcd that an API server names are on other machines.

    ``machines``: known addresses of the control plane, with the nodes they belong to.
    """
    hosts = sorted({_host(url) for url in server.listed(_SERVERS)})
    inside = [host for host in hosts if _is_loopback(host)]
    own = [host for host in hosts if host in machines or (host and host == server.text("advertise-address"))]
    named = [host for host in hosts if not _address(host) and host not in inside]
    for host in own:
        yield _shared(server.name, _told(host, machines.get(host, "")))
    if own:
        return
    if inside == hosts and hosts:
        yield _shared(server.name, f"--{_SERVERS} names {', '.join(inside)}, which is the machine of the API server")
    elif inside:
        others = ", ".join(host or "something without a host" for host in hosts if host not in inside)
        yield Undecided(
            server.name,
            f"--{_SERVERS} names {', '.join(inside)} beside {others}: whether a member of etcd is on the machine of "
            "the API server, or only a way to those, cannot be seen",
        )
    elif named or not hosts:
        told = ", ".join(host or "something without a host" for host in named) or "nothing"
        yield Undecided(server.name, f"--{_SERVERS} names {told}: on which machine that is cannot be seen")


def _told(host: str, node: str) -> str:
    if node:
        return f"--{_SERVERS} names {host}, an address of node {node}, which runs the control plane"
    return f"--{_SERVERS} names {host}, the address that this API server advertises as its own"


def _shared(resource: str, observed: str) -> Finding:
    return Finding(
        resource=resource,
        rule="scs-0217/etcd_isolated",
        title="etcd is on machines of its own",
        expected="another machine than the API server",
        observed=observed,
        hint=f"run etcd on machines of its own, and name them in --{_SERVERS} of the API servers",
    )


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _host(url: str) -> str:
    """The host of a URL; empty if it has none."""
    try:
        return urllib.parse.urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _listens_by_default(flags: ComponentFlags) -> Iterator[Finding]:
    """Etcd listens without TLS where nothing says on which URLs it has to listen, however many certificates it has."""
    for flag, default in _DEFAULT_URLS.items():
        if not flags.last_listed(flag):
            yield _plain_url(flags, flag, f"{show(None)}, which is {default}")


def _plain_urls(flags: ComponentFlags, urls: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    for flag, given in urls.items():
        plain = [url for url in given if not (is_reference(url) or url.lower().startswith(_FINE))]
        if plain:
            yield _plain_url(flags, flag, ", ".join(plain))


def _plain_url(flags: ComponentFlags, flag: str, observed: str) -> Finding:
    return Finding(
        resource=flags.name,
        rule="scs-0217/etcd_urls",
        title=f"URLs of --{flag}",
        expected="https:// only",
        observed=observed,
        hint=f"start it with https:// in --{flag}",
    )


def _decisive(flags: ComponentFlags) -> Iterator[str]:
    """The values that have to be known: of files it is enough that they are set."""
    yield from map(flags.text, _SWITCHES)
    for flag in _URLS:
        yield from flags.last_listed(flag)


def _set(flags: ComponentFlags, flag: str, expected: str, observed: str) -> Finding:
    return Finding(
        resource=flags.name,
        rule="scs-0217/etcd_tls",
        title=f"--{flag}",
        expected=expected,
        observed=observed,
        hint=f"start it with --{flag}={'true' if expected == 'true' else 'FILE'}",
    )


def _compaction(pod: ComponentPod, rule: str, flag: str, expected: str, observed: str) -> Finding:
    return Finding(
        resource=pod.flags.name,
        rule=rule,
        title=f"--{flag}",
        expected=expected,
        observed=observed,
        hint=f"start etcd with --{_MODE}=periodic --{_KEPT}={RETENTION_TEXT}",
    )


def _problem(pod: ComponentPod) -> Undecided | None:
    """Why the flags of a pod of etcd tell nothing: with a configuration file etcd does not look at them."""
    if pod.flags.text("config-file"):
        return Undecided(pod.flags.name, "its settings are in a configuration file, which is not visible")
    if not pod.flags.values:
        return Undecided(pod.flags.name, "its command line shows no settings")
    return None
