# SPDX-License-Identifier: Apache-2.0
"""Endpoints in the service catalog: their addresses, and whether these are https.

See docs/standards/scs-0125.md#addresses.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from pytest_scs.base.shell import command, option, quote
from pytest_scs.core.findings import Finding, Observation, Undecided, show
from pytest_scs.standards.iaas.model import Service

_DEFAULT_PORTS = {"https": 443, "http": 80}
_NAME = re.compile(r"[^\s/\\?#@\[\]:]+")


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where an endpoint is reached: ``scheme`` in lower case, ``host`` in lower case and without brackets."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """Host and port as in a URL: IPv6 literals in brackets."""
        return f"{bracketed(self.host)}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


@dataclasses.dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint in the catalog; ``service`` is the type, with the name if there is one; ``url`` may be None."""

    service: str
    kind: str
    interface: str
    region: str
    url: str | None

    @property
    def label(self) -> str:
        """How findings name it."""
        service_name = self.service  # the type is a name, too: no word to be translated
        return f"{self.interface} endpoint of {service_name}"

    @property
    def is_https(self) -> bool:
        """Whether its address begins with https."""
        return (self.url or "").strip().lower().startswith("https://")


def bracketed(host: str) -> str:
    """A host as it is written in URLs."""
    return f"[{host}]" if ":" in host else host


def endpoints_of(catalog: Iterable[Service], interface: str, region: str) -> list[Endpoint]:
    """All endpoints of an interface in the judged region, of all services, in the order of the catalog.

    An empty ``region`` means every region, and an endpoint without region belongs to all of them.
    """
    return [
        Endpoint(
            service=f"{service.type} ({service.name})" if service.name else service.type,
            kind=service.type,
            interface=interface,
            region=endpoint.region,
            url=endpoint.url,
        )
        for service in catalog
        for endpoint in service.endpoints
        if endpoint.interface == interface and (not region or endpoint.region in ("", region))
    ]


def address_of(url: str | None) -> Address:
    """The address in a URL, with the default port of its scheme; raises ValueError if it cannot be used."""
    try:
        parts = urlsplit((url or "").strip())
        scheme, host, port = parts.scheme.lower(), (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise ValueError(f"no usable URL: {show(url)}") from None
    if scheme not in _DEFAULT_PORTS or not (_is_ipv6(host) or _NAME.fullmatch(host)) or port == 0:
        raise ValueError(f"no usable URL: {show(url)}")
    return Address(scheme, host, _DEFAULT_PORTS[scheme] if port is None else port)


def parse_ignored(text: str) -> tuple[str, int | None]:
    """Host (lower case, no brackets) and port of ``HOST[:PORT]``, None for every port; raises ValueError.

    IPv6 literals need brackets; names and addresses are compared exactly (docs/standards/scs-0125.md#addresses).
    """
    match = re.fullmatch(r"(?:\[([^\[\]]+)\]|([^\s/\\?#@\[\]:,*]+))(?::([0-9]{1,5}))?", text.strip())
    if match is None or (match[1] and not _is_ipv6(match[1])):
        raise ValueError(
            f"{text!r} is not HOST or HOST:PORT (one for each time the option is given, and no wildcards); "
            "an IPv6 address needs brackets: [2001:db8::1]:443"
        )
    port = int(match[3]) if match[3] else None
    if port is not None and not 0 < port < 65536:
        raise ValueError(f"{text!r}: {port} is not a port; ports are 1 to 65535")
    return (match[1] or match[2]).lower(), port


def ignored_by(address: Address, entries: Iterable[str]) -> str | None:
    """The entry of the ignore list that names an address; None if there is none."""
    for entry in entries:
        host, port = parse_ignored(entry)
        if _same_host(host, address.host) and port in (None, address.port):
            return entry
    return None


def check_https(interface: str, endpoints: Sequence[Endpoint]) -> Iterator[Observation]:
    """Every endpoint of an interface is registered with an https address (scs-0125-v1, "API Interfaces").

    Where none is listed, nothing is known about those that exist all the same: undecided.
    """
    if not endpoints:
        yield Undecided("service catalog", f"it lists no {interface} endpoint in the judged region")
    for endpoint in endpoints:
        if endpoint.url is None:
            yield Undecided(endpoint.label, "the catalog has no URL for it")
        elif not endpoint.is_https:
            yield Finding(
                resource=endpoint.label,
                rule="scs-0125/https_address",
                title="registered with an https address",
                expected="https://...",
                observed=endpoint.url.strip() or "an empty URL",
                hint=command(["openstack", "endpoint", "list", *option("--service", endpoint.kind)])
                + f" --interface {quote(endpoint.interface)}"
                + (f" {command(option('--region', endpoint.region))}" if endpoint.region else "")
                + " && openstack endpoint set --url https://HOST:PORT/PATH ID",
            )


def _is_ipv6(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).version == 6
    except ValueError:
        return False


def _same_host(first: str, second: str) -> bool:
    if _is_ipv6(first) and _is_ipv6(second):
        return ipaddress.ip_address(first) == ipaddress.ip_address(second)
    return first == second
