# SPDX-License-Identifier: Apache-2.0
"""The kinds of resources a run may create in a cloud: where they live, and in which order they have to go."""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of resource is addressed.

    ``path`` is the collection below the endpoint of ``service``, ``key`` the envelope of a single resource in bodies,
    ``listing`` the path that lists them with their names; ``{user}`` in a path stands for our user's id. ``metadata``:
    whether a create request can carry metadata. ``by_programs``: only programs like Tempest make it, never the janitor.
    """

    name: str
    service: str
    path: str
    key: str
    listing: str
    plural: str
    version: str | None = None
    metadata: bool = False
    microversion: str | None = None
    by_programs: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """What every request about this kind carries: API version and microversion."""
        return {"version": self.version} | ({"microversion": self.microversion} if self.microversion else {})

    def one(self, identity: str) -> str:
        """The path of a single resource."""
        return f"{self.path}/{identity}"


#: In the order of deletion (spec 3.8): what holds something comes before what is held.
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "server", "compute", "/servers", "server", "/servers/detail", "servers", metadata=True, microversion="2.61"
        ),
        # Floating IPs have no names: only what they belong to can tell whose they are.
        Kind(
            "floating-ip",
            "network",
            "/floatingips",
            "floatingip",
            "/floatingips",
            "floatingips",
            version="2",
            by_programs=True,
        ),
        Kind(
            "backup",
            "block-storage",
            "/backups",
            "backup",
            "/backups/detail",
            "backups",
            metadata=True,
            microversion="3.43",
        ),
        Kind("snapshot", "block-storage", "/snapshots", "snapshot", "/snapshots/detail", "snapshots", metadata=True),
        Kind("volume", "block-storage", "/volumes", "volume", "/volumes/detail", "volumes", metadata=True),
        Kind("router", "network", "/routers", "router", "/routers", "routers", version="2", by_programs=True),
        Kind("port", "network", "/ports", "port", "/ports", "ports", version="2"),
        Kind("subnet", "network", "/subnets", "subnet", "/subnets", "subnets", version="2"),
        Kind("network", "network", "/networks", "network", "/networks", "networks", version="2"),
        Kind(
            "security-group",
            "network",
            "/security-groups",
            "security_group",
            "/security-groups",
            "security_groups",
            version="2",
        ),
        Kind(
            "subnet-pool",
            "network",
            "/subnetpools",
            "subnetpool",
            "/subnetpools",
            "subnetpools",
            version="2",
            by_programs=True,
        ),
        Kind("keypair", "compute", "/os-keypairs", "keypair", "/os-keypairs", "keypairs", by_programs=True),
        Kind("secret", "key-manager", "/secrets", "secret", "/secrets", "secrets", version="1"),
        Kind("image", "image", "/images", "image", "/images", "images", version="2"),
        Kind(
            "application-credential",
            "identity",
            "/users/{user}/application_credentials",
            "application_credential",
            "/users/{user}/application_credentials",
            "application_credentials",
            version="3",
            by_programs=True,
        ),
    )
}
