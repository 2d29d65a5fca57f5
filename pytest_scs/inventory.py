# SPDX-License-Identifier: Apache-2.0
"""The inventory: what was read from one cloud, as plain data that can be recorded and judged again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pytest_scs.errors import Inconclusive

#: What an OpenStack inventory can hold, and where it is read.
SECTIONS = {
    "catalog": "the token's service catalog",
    "flavors": "compute GET /flavors/detail, extra specs included",
    "images": "image GET /v2/images, public and own community images",
    "volume_types": "block-storage GET /types",
    "compute_zones": "compute GET /os-availability-zone",
    "default_group_rules": "network GET /v2.0/default-security-group-rules, the rules of a new group and of default",
    "s3_answer": "object-store host, S3 list of buckets with an unknown key",
    "secret_roundtrip": "a secret stored, listed and read back",
    "volume_backup": "a volume backed up and restored",
    "guest": "the console of a sample VM",
    "backup_content": "a volume with random content, backed up, restored and compared",
    "s3_roundtrip": "an object stored and read back through S3 with EC2 credentials of its own",
    "tls_endpoints": "the TLS of every public endpoint",
    "domain_manager": "what the managers of two domains may do, and what they may not",
    "tempest": "the results of Tempest",
}

#: What reading a section creates for a while; a section that is not here only reads.
CREATES = {
    "default_group_rules": "a security group",
    "secret_roundtrip": "a secret",
    "volume_backup": "two volumes of 1 GiB and a backup",
    "guest": "a VM and, if its flavor has no disk, a volume",
    "backup_content": "three images of 16 MiB, two volumes of 1 GiB and a backup",
    "s3_roundtrip": "EC2 credentials, a bucket and an object",
    "domain_manager": "users, groups and projects in the domains of --scs-domain-managers",
    "tempest": "servers, volumes, networks, images and more in the projects of --scs-tempest-accounts",
}

#: Sections that a probe reads in the background, and the sections it needs for that.
PROBED = {
    "default_group_rules": (),
    "s3_answer": ("catalog",),
    "secret_roundtrip": ("catalog",),
    "volume_backup": (),
    "guest": ("flavors", "images"),
    "backup_content": (),
    "s3_roundtrip": ("catalog",),
    "tls_endpoints": ("catalog",),
    "domain_manager": (),
    "tempest": ("flavors", "images"),
}


@dataclasses.dataclass(slots=True)
class Inventory:
    """What one run knows of one cloud.

    ``fetched_at`` is the UTC instant in ISO format that all dates are judged at. ``sections`` holds what was read,
    ``errors`` why a section could not be read, ``pending`` which ones a probe is still reading; ``refusal`` is the
    preflight's message if the cloud must not be judged at all. ``requests`` counts HTTP requests by service, retries
    and authentication included, ``section_requests`` those that were made for a section. ``seconds`` is the time the
    listings took, ``probe_seconds`` that of each probe.
    """

    cloud: str
    fetched_at: str
    sections: dict[str, list[dict[str, Any]]] = dataclasses.field(default_factory=dict)
    errors: dict[str, str] = dataclasses.field(default_factory=dict)
    pending: list[str] = dataclasses.field(default_factory=list)
    refusal: str = ""
    roles: list[str] = dataclasses.field(default_factory=list)
    region: str = ""
    requests: dict[str, int] = dataclasses.field(default_factory=dict)
    section_requests: dict[str, int] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    probe_seconds: dict[str, float] = dataclasses.field(default_factory=dict)

    def admit(self) -> None:
        """Raise Inconclusive with the preflight's message if the cloud must not be judged."""
        if self.refusal:
            raise Inconclusive(self.refusal)

    def section(self, name: str) -> list[dict[str, Any]]:
        """The entries of a section; raises Inconclusive with the one cause if they could not be read."""
        self.admit()
        if name in self.errors:
            raise Inconclusive(self.errors[name])
        if name not in self.sections:
            raise Inconclusive(
                f"the evidence does not contain {name}; record it again with this selection of testcases"
            )
        return self.sections[name]

    def to_plain(self) -> dict[str, Any]:
        """Plain types only, for files."""
        return dataclasses.asdict(self)

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Inventory:
        """The inverse of :meth:`to_plain`; raises TypeError or KeyError for anything else."""
        return cls(**data)
