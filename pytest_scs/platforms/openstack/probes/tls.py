# SPDX-License-Identifier: Apache-2.0
"""What the public endpoints of a cloud offer by TLS (docs/standards/scs-0125.md#scan). Nothing is created.

Only hosts in the catalog are contacted, directly, without a token: no proxy, and no redirection is followed.
"""

from __future__ import annotations

import dataclasses
import math
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.phase import doing
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.openstack.listings import catalog
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.tls import certificates, http, scanner
from pytest_scs.platforms.openstack.tls.connection import Client, Server, connect, reason, resolve
from pytest_scs.standards.iaas.endpoints import Address, Endpoint, address_of, endpoints_of, ignored_by
from pytest_scs.standards.iaas.tls_endpoints import TlsEndpoints

#: Seconds an endpoint may take, and how many are scanned at the same time.
LIMIT = 120.0
AT_ONCE = 4

#: Where plain HTTP is looked for, besides the endpoint's own port.
PLAIN_PORT = 80

_NO_SCAN: dict[str, Any] = {"results": {}, "errors": {}, "problem": ""}
_NO_ANSWER: dict[str, Any] = {"status": None, "hsts": None, "problem": ""}


@dataclasses.dataclass(slots=True)
class Target:
    """An address to look at, the services that share it, and the path of the first of them."""

    address: Address
    path: str
    services: list[str]
    ignored: str | None


def probe(probing: Probing) -> dict[str, Any]:
    """What each address among the public endpoints offers.

    Keys: ``scanner`` (``name``, ``problem``), ``store`` (whose authorities are trusted), ``verify`` (of clouds.yaml),
    ``endpoints``, ``unusable`` (``service``, ``problem``), and ``unmatched`` (entries of --scs-tls-ignore). Of an
    endpoint: ``address``, ``host``, ``port``, ``services``, ``ignored``, ``tls``, ``addresses``, ``reachable``,
    ``problem`` (why there is nothing more), ``certificates``, ``scan``, ``plain``, ``https``.
    """
    ignore = probing.extras.tls_ignore
    public = endpoints_of(catalog.SECTION.typed(probing.inventory), "public", probing.inventory.region)
    targets, unusable = collect(public, ignore)
    client = Client.of(probing.client.region)
    described = scanner.describe()
    certificates.trusting(client, "DEFAULT@SECLEVEL=0")  # bad settings are said once, before anything is contacted
    wanted = sum(target.ignored is None for target in targets)
    if wanted:
        scanned = f" with {described['name']}" if described["name"] else ""
        probing.progress(f"looking at the TLS of {wanted} address{'es' if wanted != 1 else ''}{scanned} (scs-0125)")
    endpoints = _examine_all(probing, targets, client, scans=bool(described["name"]))
    if probing.cancelled.is_set():
        raise Inconclusive("the run was interrupted", CauseKind.INTERRUPTED)
    return {
        "scanner": described,
        "store": certificates.store(client),
        "verify": client.verify,
        "endpoints": endpoints,
        "unusable": unusable,
        "unmatched": [entry for entry in ignore if not any(ignored_by(target.address, [entry]) for target in targets)],
    }


def _examine_all(probing: Probing, targets: list[Target], client: Client, *, scans: bool) -> list[dict[str, Any]]:
    """Everything about all addresses, in their order."""
    limit = probing.patiently(LIMIT)
    longest = limit * math.ceil(len(targets) / AT_ONCE)
    began, seen = time.monotonic(), list[dict[str, Any]]()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="scs-tls") as pool:
        doing(f"TLS: 0 of {len(targets)} addresses", longest)
        for one in pool.map(lambda target: _examine(target, client, scans, limit, probing.cancelled), targets):
            seen.append(one)
            doing(f"TLS: {len(seen)} of {len(targets)} addresses", longest, ago=time.monotonic() - began)
    return seen


def collect(endpoints: Iterable[Endpoint], ignore: Iterable[str]) -> tuple[list[Target], list[dict[str, Any]]]:
    """Each address once, in the order of the catalog, and the endpoints that have none that can be used."""
    targets: dict[Address, Target] = {}
    unusable = []
    for endpoint in endpoints:
        try:
            address = address_of(endpoint.url)
        except ValueError as error:
            unusable.append({"service": endpoint.service, "problem": str(error)})
            continue
        path = urlsplit(endpoint.url or "").path
        target = targets.setdefault(address, Target(address, path, [], ignored_by(address, ignore)))
        if endpoint.kind not in target.services:
            target.services.append(endpoint.kind)
    return list(targets.values()), unusable


def _examine(target: Target, client: Client, scans: bool, limit: float, cancelled: threading.Event) -> dict[str, Any]:
    """Everything about one address; what goes wrong is its ``problem``, so that the others are judged."""
    address = target.address
    seen: dict[str, Any] = {
        "address": str(address),
        "host": address.host,
        "port": address.port,
        "services": target.services,
        "ignored": target.ignored,
        "tls": address.scheme == "https",
        "addresses": [],
        "reachable": False,
        "problem": "",
        "certificates": [],
        "scan": _NO_SCAN,
        "plain": [],
        "https": _NO_ANSWER,
    }
    if target.ignored is not None or cancelled.is_set():
        return seen
    try:
        _contact(target, client, scans, limit, cancelled, seen)
    except Inconclusive as error:
        seen["problem"] = str(error)
    except Exception as error:  # of one endpoint, whatever it is, the others must not know
        seen["problem"] = f"{type(error).__name__}: {error}"
    return seen


def _contact(
    target: Target, client: Client, scans: bool, limit: float, cancelled: threading.Event, seen: dict[str, Any]
) -> None:
    """Ask a server, and enter what it says into ``seen`` as it comes: what is known stays if it then fails."""
    until = time.monotonic() + limit
    address = target.address
    seen["addresses"] = resolve(address.host, address.port)
    # No certificate has the dot with which a name may end in the catalog.
    server = Server(address.host.rstrip("."), address.port, seen["addresses"][0])
    _reach(server)
    seen["reachable"] = True
    seen["plain"] = [http.ask_plainly(server, port, target.path) for port in dict.fromkeys((server.port, PLAIN_PORT))]
    if seen["tls"]:
        seen["https"] = http.ask(server, target.path, client)
        if not cancelled.is_set():
            seen["certificates"] = certificates.read(server, client)
        if scans:
            seen["scan"] = dataclasses.asdict(scanner.scan(server, client, until, limit, cancelled))


def _reach(server: Server) -> None:
    try:
        connect(server).close()
    except OSError as error:
        raise Inconclusive(f"no connection to {server.host}:{server.port}: {reason(error)}", CauseKind.OUTAGE) from None


SECTION: Section[TlsEndpoints] = Section(
    name="tls_endpoints",
    words="the TLS of every public endpoint",
    summary="What the public endpoints offer by TLS.",
    load=single(TlsEndpoints.from_plain),
    probe=probe,
    lasts=30,
    needs=("catalog",),
)
