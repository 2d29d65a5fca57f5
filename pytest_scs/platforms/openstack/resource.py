# SPDX-License-Identifier: Apache-2.0
"""What a run creates in a cloud, and what proves that a run created it (docs/standards/framework.md#inventory)."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from pytest_scs.platforms.openstack.kinds import Kind

#: Names of what runs create: ``_scs-0117-1a2b3c4d-volume``.
NAME = re.compile(r"_scs-(?P<standard>[0-9]{4})-(?P<run>[0-9a-f]{8})-(?P<what>[a-z0-9-]+)")

#: Names of what Tempest creates for a run: ``_scs-0128-1a2b3c4d-ServersTestJSON-server-42``. Nothing but the run id
#: tells where they come from, so they count only for runs that are known.
TEMPEST_NAME = re.compile(r"_scs-0128-(?P<run>[0-9a-f]{8})-.+", re.DOTALL)

#: Metadata keys of what runs create, where the kind has metadata.
RUN_KEY = "scs_conformance_run"
CREATED_KEY = "scs_conformance_created"


@dataclasses.dataclass(frozen=True, slots=True)
class Resource:
    """Something a run created, or is about to create (then without id).

    ``created``: UTC in ISO format, if known. ``key``: what else its removal needs, the access key of a bucket.
    ``mark``: what it is known by that carries no name (see :func:`mark_of`). ``bare``: it is made without metadata,
    because the cloud makes it out of something else. ``proved``: the cloud was seen to have it under this id with this
    name (and metadata); nothing is removed before that.
    """

    kind: Kind
    name: str
    id: str
    created: str = ""
    key: str = ""
    mark: str = dataclasses.field(default="", compare=False)
    bare: bool = dataclasses.field(default=False, compare=False)
    proved: bool = dataclasses.field(default=False, compare=False)

    @property
    def standard(self) -> str:
        """The number of the standard it was made for, ``0123``; empty where its name does not say."""
        match = NAME.fullmatch(self.name)
        return match["standard"] if match else ""

    @property
    def run(self) -> str:
        """The id of the run that made it; empty if its name carries none."""
        match = NAME.fullmatch(self.name) or TEMPEST_NAME.fullmatch(self.name)
        return match["run"] if match else ""

    def __str__(self) -> str:
        return f"{self.kind.name} {self.name} ({self.id})"


def bucket_name(standard: str, run: str) -> str:
    """What a run calls its bucket, which is its id as well; names of buckets have no underscore."""
    return f"scs-{standard}-{run}"


def identity_of(entry: Mapping[str, Any]) -> str:
    """The id in a cloud's answer about one resource, empty if there is none.

    Barbican's is the end of a URL, EC2 credentials have a key.
    """
    identity = entry.get("id") or entry.get("access")
    if not identity and isinstance(entry.get("secret_ref"), str):
        identity = entry["secret_ref"].rstrip("/").rpartition("/")[2]
    return identity if isinstance(identity, str) else ""


def mark_of(run: str, credential: Mapping[str, Any]) -> str:
    """By what EC2 credentials of a run are known again, for they have no name: a hash that only their secret gives."""
    text = f"{run}:{credential.get('access')}:{credential.get('secret')}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def carries_run(kind: Kind, entry: Mapping[str, Any], run: str, *, bare: bool = False) -> bool:
    """Whether a cloud's answer about one thing has the metadata of a run.

    Where a kind has metadata, the name alone does not prove that a run made it; what is made ``bare`` may have none
    yet, but never those of another run.
    """
    if not kind.metadata:
        return True
    if kind.metadata == "description":
        return entry.get("description") == description_for_run(run)
    tags = entry if kind.metadata == "properties" else entry.get("metadata")
    said = tags.get(RUN_KEY) if isinstance(tags, Mapping) else None
    return bool(said == run or (bare and said is None))


def carries_none(kind: Kind, entry: Mapping[str, Any]) -> bool:
    """Whether a cloud's answer about one thing has room for the metadata of a run, and has those of none."""
    tags = entry if kind.metadata == "properties" else entry.get("metadata")
    return isinstance(tags, Mapping) and RUN_KEY not in tags


def description_for_run(run: str) -> str:
    """The description of what a run makes, where a kind has no metadata."""
    return f"{RUN_KEY}={run}"
