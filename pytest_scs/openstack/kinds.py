# SPDX-License-Identifier: Apache-2.0
"""The kinds of resources a run may create in a cloud: where they live, and in which order they have to go."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of resource is addressed.

    ``path`` is the collection below the endpoint of ``service``, ``key`` the envelope of a single resource in bodies,
    ``listing`` the path that lists them with their names; ``{user}`` in a path stands for the user's id. ``metadata``:
    what carries the run id beside the name: an object of that name in bodies, properties of the resource itself, its
    description, or nothing. ``enveloped``: whether bodies have the envelope. ``named`` is False for what has no name in
    the cloud: only a journal tells that a run made it. ``by_programs``: only programs like Tempest make it, never the
    janitor.

    ``held_by``: what owns them, and so whose token lists them. What belongs to a domain or to the whole cloud is seen
    by few, and Keystone answers 403 to others even when it is gone: there only the listing tells.
    """

    name: str
    service: str
    path: str
    key: str
    listing: str
    plural: str
    version: str | None = None
    metadata: Literal["", "metadata", "properties", "description"] = ""
    enveloped: bool = True
    named: bool = True
    microversion: str | None = None
    held_by: Literal["project", "domain", "cloud"] = "project"
    by_programs: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """What every request about this kind carries: API version and microversion."""
        options: dict[str, Any] = {"version": self.version}
        if self.microversion:
            options["microversion"] = self.microversion
        if self.service == "identity":
            # Bodies may hold passwords, and keystoneauth logs bodies as they are.
            options["log"] = False
        return options

    def one(self, identity: str) -> str:
        """The path of a single resource."""
        return f"{self.path}/{identity}"


def _neutron(key: str, *, by_programs: bool = False) -> Kind:
    """A kind of Neutron's, all of which are alike."""
    name = key.replace("_", "-")
    path = f"/{name}s"
    return Kind(
        name, "network", path, key, path, f"{key}s", version="2", metadata="description", by_programs=by_programs
    )


#: Where a user sees what has no name.
OWN_KEYS = "openstack ec2 credentials list"


def _identity(name: str, held_by: Literal["domain", "cloud"]) -> Kind:
    """A kind of Keystone's; only what has the names of runs is listed, for a domain may have thousands."""
    return Kind(
        name, "identity", f"/{name}s", name, f"/{name}s?name__startswith=_scs-", f"{name}s", "3", held_by=held_by
    )


#: In the order of deletion (spec 3.8): what holds something comes before what is held.
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "server",
            "compute",
            "/servers",
            "server",
            "/servers/detail",
            "servers",
            metadata="metadata",
            microversion="2.61",
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
            metadata="metadata",
            microversion="3.43",
        ),
        Kind(
            "snapshot",
            "block-storage",
            "/snapshots",
            "snapshot",
            "/snapshots/detail",
            "snapshots",
            metadata="metadata",
        ),
        Kind("volume", "block-storage", "/volumes", "volume", "/volumes/detail", "volumes", metadata="metadata"),
        _neutron("router", by_programs=True),
        _neutron("port"),
        _neutron("subnet"),
        _neutron("network"),
        _neutron("security_group"),
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
        Kind("secret", "key-manager", "/secrets", "secret", "/secrets", "secrets", version="1", enveloped=False),
        Kind(
            "image",
            "image",
            "/images",
            "image",
            "/images?limit=1000",
            "images",
            version="2",
            metadata="properties",
            enveloped=False,
        ),
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
        # Removed through S3, with the credentials that come after it.
        Kind("bucket", "object-store", "", "", "", "", named=False),
        Kind(
            "ec2-credential",
            "identity",
            "/users/{user}/credentials/OS-EC2",
            "credential",
            "/users/{user}/credentials/OS-EC2",
            "credentials",
            version="3",
            enveloped=False,
            named=False,
        ),
        _identity("user", "domain"),
        _identity("group", "domain"),
        _identity("project", "domain"),
        _identity("role", "cloud"),
        _identity("domain", "cloud"),
    )
}
