# SPDX-License-Identifier: Apache-2.0
"""What the environment says about the way to the cloud, read once: threads never look there.

pytest sets and removes PYTEST_CURRENT_TEST for every test, and os.environ does not bear that while another thread reads
it. Libraries look for proxies there with every request.
"""

from __future__ import annotations

import dataclasses
import os
import urllib.request
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit


@dataclasses.dataclass(frozen=True, slots=True)
class Surroundings:
    """``environment`` is that of the process; ``proxies`` are by scheme, ``direct`` the hosts that need none.

    ``certificates`` is a file or a folder with the authorities to be trusted, empty if none is named.
    """

    environment: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    proxies: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    direct: tuple[str, ...] = ()
    certificates: str = ""

    @classmethod
    def now(cls) -> Surroundings:
        """As they are now; for the main thread, before it has started another one."""
        environment = dict(os.environ)
        proxies = urllib.request.getproxies()
        direct = environment.get("no_proxy") or environment.get("NO_PROXY") or proxies.get("no") or ""
        return cls(
            environment,
            {scheme: proxy for scheme, proxy in proxies.items() if scheme != "no"},
            tuple(part for part in direct.replace(" ", "").lower().split(",") if part),
            environment.get("REQUESTS_CA_BUNDLE") or environment.get("CURL_CA_BUNDLE") or "",
        )

    def proxies_for(self, url: str) -> dict[str, str]:
        """The proxies for a request to this address, as requests takes them."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if not host or any(_covers(entry, host, parts.port) for entry in self.direct):
            return {}
        return dict(self.proxies)


def _covers(entry: str, host: str, port: int | None) -> bool:
    """Whether an entry of NO_PROXY means a host: ``*``, a name, the end of one, either with a port, or a network."""
    if entry == "*":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        name = entry.lstrip(".")
        return any(one == name or one.endswith(f".{name}") for one in (host, f"{host}:{port}"))
    try:
        return address in ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return entry in (host, f"{host}:{port}", f"[{host}]:{port}")
