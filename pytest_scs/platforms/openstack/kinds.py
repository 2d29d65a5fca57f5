# SPDX-License-Identifier: Apache-2.0
"""The kinds of resources a run may create in a cloud: where they live, and in which order they have to go."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, Literal

from pytest_scs.core.cause import CauseKind, Inconclusive

#: Ids as services give them: nothing in them means something in a URL, so that none leads to another thing.
_ID = re.compile(r"(?!\.)[A-Za-z0-9_.~-]{1,255}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}")

#: Characters of an unusable id in a message.
_SHOWN = 60


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one kind of resource is addressed.

    ``path`` is the collection below the endpoint of ``service``, ``key`` the envelope of a single resource in bodies,
    ``listing`` the path that lists them with their names; ``{user}`` in a path stands for the user's id. ``metadata``:
    what carries the run id beside the name: an object of that name in bodies, properties of the resource itself, its
    description, or nothing. ``enveloped``: whether bodies have the envelope. ``named`` is False for what has no name in
    the cloud: only a journal tells that a run made it. ``by_programs``: only programs like Tempest make it, never the
    janitor. ``uuids``: its ids are UUIDs. ``copied``: the cloud itself may make it out of something else, at first
    without metadata.

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
    uuids: bool = False
    copied: bool = False

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
        """The path of a single resource; raises Inconclusive for what can be no id of one, so that it is never sent."""
        if not self.is_id(identity):
            raise Inconclusive(
                f"{identity[:_SHOWN]!r} can be no id of a {self.name}, so nothing was requested", CauseKind.MALFORMED
            )
        return f"{self.path}/{identity}"

    def is_id(self, identity: str) -> bool:
        """Whether a text can be the id of such a resource; ids of secrets are UUIDs, of others what services like."""
        if self.uuids and not _UUID.fullmatch(identity):
            return False
        return _ID.fullmatch(identity) is not None and ".." not in identity


#: Where a user sees what has no name.
OWN_KEYS = "openstack ec2 credentials list"


def _of_network(key: str, *, by_programs: bool = False) -> Kind:
    """A kind of Neutron's, all of which are alike."""
    name = key.replace("_", "-")
    path = f"/{name}s"
    return Kind(
        name=name,
        service="network",
        path=path,
        key=key,
        listing=path,
        plural=f"{key}s",
        version="2",
        metadata="description",
        by_programs=by_programs,
    )


def _of_identity(name: str, held_by: Literal["domain", "cloud"]) -> Kind:
    """A kind of Keystone's; only what has the names of runs is listed, for a domain may have thousands."""
    return Kind(
        name=name,
        service="identity",
        path=f"/{name}s",
        key=name,
        listing=f"/{name}s?name__startswith=_scs-",
        plural=f"{name}s",
        version="3",
        held_by=held_by,
    )


SERVER = Kind(
    name="server",
    service="compute",
    path="/servers",
    key="server",
    listing="/servers/detail",
    plural="servers",
    metadata="metadata",
    microversion="2.61",
)

#: Floating IPs have no names: only what they belong to can tell whose they are.
FLOATING_IP = Kind(
    name="floating-ip",
    service="network",
    path="/floatingips",
    key="floatingip",
    listing="/floatingips",
    plural="floatingips",
    version="2",
    by_programs=True,
)

BACKUP = Kind(
    name="backup",
    service="block-storage",
    path="/backups",
    key="backup",
    listing="/backups/detail",
    plural="backups",
    metadata="metadata",
    microversion="3.43",
)

SNAPSHOT = Kind(
    name="snapshot",
    service="block-storage",
    path="/snapshots",
    key="snapshot",
    listing="/snapshots/detail",
    plural="snapshots",
    metadata="metadata",
)

VOLUME = Kind(
    name="volume",
    service="block-storage",
    path="/volumes",
    key="volume",
    listing="/volumes/detail",
    plural="volumes",
    metadata="metadata",
    copied=True,
)

SUBNET_POOL = Kind(
    name="subnet-pool",
    service="network",
    path="/subnetpools",
    key="subnetpool",
    listing="/subnetpools",
    plural="subnetpools",
    version="2",
    by_programs=True,
)

KEYPAIR = Kind(
    name="keypair",
    service="compute",
    path="/os-keypairs",
    key="keypair",
    listing="/os-keypairs",
    plural="keypairs",
    by_programs=True,
)

SECRET = Kind(
    name="secret",
    service="key-manager",
    path="/secrets",
    key="secret",
    listing="/secrets",
    plural="secrets",
    version="1",
    enveloped=False,
    uuids=True,
)

IMAGE = Kind(
    name="image",
    service="image",
    path="/images",
    key="image",
    listing="/images?limit=1000",
    plural="images",
    version="2",
    metadata="properties",
    enveloped=False,
    copied=True,
)

APPLICATION_CREDENTIAL = Kind(
    name="application-credential",
    service="identity",
    path="/users/{user}/application_credentials",
    key="application_credential",
    listing="/users/{user}/application_credentials",
    plural="application_credentials",
    version="3",
    by_programs=True,
)

#: Removed through S3, with the credentials that come after it.
BUCKET = Kind(name="bucket", service="object-store", path="", key="", listing="", plural="", named=False)

EC2_CREDENTIAL = Kind(
    name="ec2-credential",
    service="identity",
    path="/users/{user}/credentials/OS-EC2",
    key="credential",
    listing="/users/{user}/credentials/OS-EC2",
    plural="credentials",
    version="3",
    enveloped=False,
    named=False,
)

#: By name, in the order of deletion: what holds something comes before what is held.
KINDS = {
    kind.name: kind
    for kind in (
        SERVER,
        FLOATING_IP,
        BACKUP,
        SNAPSHOT,
        VOLUME,
        _of_network("router", by_programs=True),
        _of_network("port"),
        _of_network("subnet"),
        _of_network("network"),
        _of_network("security_group"),
        SUBNET_POOL,
        KEYPAIR,
        SECRET,
        IMAGE,
        APPLICATION_CREDENTIAL,
        BUCKET,
        EC2_CREDENTIAL,
        _of_identity("user", held_by="domain"),
        _of_identity("group", held_by="domain"),
        _of_identity("project", held_by="domain"),
        _of_identity("role", held_by="cloud"),
        _of_identity("domain", held_by="cloud"),
    )
}
