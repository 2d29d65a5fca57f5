# SPDX-License-Identifier: Apache-2.0
"""What the demo cloud contains and how it misbehaves: plain data that a test may change while the cloud runs."""

from __future__ import annotations

import dataclasses
import secrets
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_scs.demo import faults
from pytest_scs.demo.faults import Fault, LoggedRequest
from pytest_scs.demo.openstack import bootlog
from pytest_scs.demo.openstack.directory import Directory, with_managers
from pytest_scs.demo.timeline import Timeline

__all__ = ["CloudState", "Container", "Fault", "IssuedToken", "LoggedRequest", "StoredObject"]

#: What a project may have where nobody chose otherwise: the defaults of the services. RAM in MiB; -1 is no limit.
DEFAULT_QUOTA = {
    "instances": 10,
    "cores": 20,
    "ram": 51200,
    "volumes": 10,
    "gigabytes": 1000,
    "snapshots": 10,
    "backups": 10,
    "backup_gigabytes": 1000,
    "networks": 100,
    "subnets": 100,
    "ports": 500,
    "routers": 10,
    "floatingips": 50,
    "security_groups": 10,
    "security_group_rules": 100,
    "secrets": -1,
}


@dataclasses.dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token given out: from when to when it holds, how it was obtained, whether it is for the project.

    For a user of the directory, ``user`` is its id, and ``scope`` what the token is for: a kind and an id. ``admin``:
    it is the administrator's.
    """

    issued: datetime
    expires: datetime
    methods: tuple[str, ...]
    scoped: bool
    user: str = ""
    scope: tuple[str, str] = ("", "")
    admin: bool = False


@dataclasses.dataclass(slots=True)
class StoredObject:
    """An object in a container of Swift or, what is the same, in a bucket of S3."""

    data: bytes
    content_type: str
    etag: str
    modified: datetime
    metadata: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(slots=True)
class Container:
    """A container of Swift, which is a bucket of S3."""

    created_at: datetime
    metadata: dict[str, str] = dataclasses.field(default_factory=dict)
    objects: dict[str, StoredObject] = dataclasses.field(default_factory=dict)


def _name() -> str:
    return f"demo-{secrets.token_hex(3)}"


def _id() -> str:
    return uuid.uuid4().hex


@dataclasses.dataclass(slots=True)
class CloudState:
    """The content and the behaviour of one demo cloud, seen by its only user in its only project.

    ``flavors``: ``id``, ``name``, ``vcpus``, ``ram`` (MiB), ``disk`` (GiB), ``is_public``, ``disabled``,
    ``extra_specs``; a flavor that is not public is one the project was given access to. ``images``: as Glance lists
    them; keys starting with an underscore are not shown (``_member_status``: what the project said to an image that
    another one shares with it). ``volume_types``: ``id``, ``name``, ``description``, ``is_public``, ``extra_specs``.
    Lists are answered in the order they have here.

    ``services``: the service catalog as ``type``, ``name`` and ``path`` below the cloud's URL, with ``{project_id}``
    for the project; ``path`` None is a service without endpoints; ``urls``, if it is there, has whole URLs for some
    interfaces. An API answers only while some service names it; the identity API always does.
    ``default_security_group_rules`` None is a Neutron without that extension.

    ``compute_zones``: name of an availability zone -> whether it is available.

    ``directory`` is what Keystone has besides: domains with managers of their own. The user ``admin`` with
    ``admin_password`` has the role ``admin`` in the project besides its roles, and may change what all share: flavors,
    public images, volume types, the rules that security groups are born with.

    ``page_size``: the longest list any service gives at once, whatever the client asks for. ``latency``,
    ``clock_skew``, ``token_lifetime`` are seconds.

    What the project makes is kept in ``networks``, ``subnets``, ``ports``, ``routers``, ``security_groups``,
    ``secrets``, ``volumes``, ``snapshots``, ``backups`` and ``servers`` (oldest first), each with ``id``, ``name``,
    ``project_id``, ``created_at``, and ``metadata`` or ``tags``; keys with an underscore are not shown.
    ``ec2_credentials`` have ``access`` and ``secret``, ``keypairs`` a name; ``containers`` are by name. Something old
    is made by a ``clock_skew`` below zero. ``quota`` limits how much all that is; what it does not name, or has as -1,
    is not limited.

    The project's ``default`` group is made when security groups are first asked for, with ``default_group_rules``;
    any other group is born with ``custom_group_rules``. None is what Neutron does by itself: it follows the template,
    or, without that extension, lets all traffic out, and into ``default`` that of the group. Rules are as in the
    template and may leave out what is null; the remote group ``PARENT`` stands for the group itself.

    Things take their time: ``delays`` (seconds) is about "volume", "snapshot", "backup", "restore", "server" (to
    become ready, and to be rebuilt or resized), "upload" (of a volume or server to an image),
    "console" (from ACTIVE until the whole boot log is there) and "volume-deletion", "backup-deletion",
    "server-deletion" (to be gone). A restore without a delay takes as long as a backup, a deletion as long as the
    creation, all else no time; even then the answer to a creation is of something unfinished. What is in ``stuck``
    never ends, what is in ``broken`` ends in an error, both under the same names; it is decided when the thing is asked
    for. ``timeline.skip`` lets time pass without waiting.

    ``server_error`` is the message of the fault of a server that ends in ERROR, ``backup_error`` the fail reason of a
    backup; giving one of them breaks all servers or backups. ``backup_service`` False: cinder-backup does not run.
    ``backup_garbles``: a restored volume does not have the content of the one that was backed up.
    ``key_manager_roles``: Barbican obeys only who has one of them.

    ``deferred_deletion``: a deleted server that has been ACTIVE is only set aside, in status SOFT_DELETED, with all it
    holds, until somebody asks for ``forceDelete`` (Nova's reclaim_instance_interval).

    ``console`` replaces the console of every server: a text, or what makes one out of the server; by default it is a
    boot log around ``console_text``, the lines that user data would print; user data is never executed. ``disk`` makes
    what a server writes to a volume that is labelled for it, when its boot log is there; then it shuts down.
    """

    flavors: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    images: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    volume_types: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    services: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    default_security_group_rules: list[dict[str, Any]] | None = None
    roles: list[str] = dataclasses.field(default_factory=lambda: ["member", "reader", "load-balancer_member"])
    regions: list[str] = dataclasses.field(default_factory=lambda: ["RegionOne"])
    compute_zones: dict[str, bool] = dataclasses.field(default_factory=lambda: {"nova": True})
    compute_microversion: str = "2.96"
    volume_microversion: str = "3.71"

    username: str = dataclasses.field(default_factory=_name)
    password: str = dataclasses.field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)
    user_id: str = dataclasses.field(default_factory=_id)
    project_name: str = "demo"
    project_id: str = dataclasses.field(default_factory=_id)
    admin_password: str = dataclasses.field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)
    application_credential_id: str = dataclasses.field(default_factory=_id)
    application_credential_secret: str = dataclasses.field(
        default_factory=lambda: secrets.token_urlsafe(48), repr=False
    )

    directory: Directory = dataclasses.field(default_factory=with_managers)

    networks: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    subnets: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    ports: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    routers: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    security_groups: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    secrets: list[dict[str, Any]] = dataclasses.field(default_factory=list, repr=False)
    volumes: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    snapshots: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    backups: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    servers: list[dict[str, Any]] = dataclasses.field(default_factory=list, repr=False)
    keypairs: list[dict[str, Any]] = dataclasses.field(default_factory=list, repr=False)
    ec2_credentials: list[dict[str, Any]] = dataclasses.field(default_factory=list, repr=False)
    containers: dict[str, Container] = dataclasses.field(default_factory=dict, repr=False)
    default_group_rules: list[dict[str, Any]] | None = None
    custom_group_rules: list[dict[str, Any]] | None = None
    quota: dict[str, int] = dataclasses.field(default_factory=DEFAULT_QUOTA.copy)

    delays: dict[str, float] = dataclasses.field(default_factory=dict)
    stuck: set[str] = dataclasses.field(default_factory=set)
    broken: set[str] = dataclasses.field(default_factory=set)
    server_error: str | None = None
    backup_error: str | None = None
    deferred_deletion: bool = False
    backup_service: bool = True
    backup_garbles: bool = False
    key_manager_roles: set[str] = dataclasses.field(default_factory=lambda: {"member", "creator", "admin"})
    console: str | Callable[[Mapping[str, Any]], str] | None = None
    console_text: str = bootlog.HEALTHY
    disk: Callable[[Mapping[str, Any]], str] | None = None

    page_size: int = 1000
    latency: float = 0.0
    clock_skew: float = 0.0
    token_lifetime: float = 3600.0
    faults: list[Fault] = dataclasses.field(default_factory=list)

    tokens: dict[str, IssuedToken] = dataclasses.field(default_factory=dict, init=False, repr=False)
    requests: list[LoggedRequest] = dataclasses.field(default_factory=list, init=False, repr=False)
    timeline: Timeline = dataclasses.field(default_factory=Timeline, init=False, repr=False, compare=False)
    #: Held while a request is answered; who changes several things at once while the cloud runs should hold it, too.
    lock: threading.RLock = dataclasses.field(default_factory=threading.RLock, init=False, repr=False, compare=False)

    def now(self) -> datetime:
        """What the cloud's clock shows, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.clock_skew)

    def service(self, kind: str) -> dict[str, Any]:
        """The entry of the first service of this type in the catalog, to be changed; StopIteration if there is none.

        The path of the key manager, for one, is found with and without ``/v1`` in real clouds.
        """
        return next(service for service in self.services if service["type"] == kind)

    def catch_up(self) -> None:
        """Bring everything up to date with the clock, as each request to the cloud does before it is answered."""
        with self.lock:
            self.timeline.run()

    def belongings(self) -> dict[str, set[str]]:
        """The ids (of containers the names) of what the project has by kind, to compare before and after.

        The ``default`` security group is left out: nobody makes it on purpose.
        """
        self.catch_up()
        kinds = ("networks", "subnets", "ports", "routers", "secrets", "volumes", "snapshots", "backups", "servers")
        with self.lock:
            found = {kind: {item["id"] for item in getattr(self, kind) if self.owns(item)} for kind in kinds}
            found["images"] = {one["id"] for one in self.images if one["owner"] == self.project_id}
            found["security_groups"] = {group["id"] for group in self.security_groups if group["name"] != "default"}
            found["ec2_credentials"] = {credential["access"] for credential in self.ec2_credentials}
            found["containers"] = set(self.containers)
        return found

    def owns(self, item: Mapping[str, Any]) -> bool:
        """Whether something belongs to the project."""
        return bool(item["project_id"] == self.project_id)

    def log(self, method: str, path: str, status: int) -> None:
        """Note a request in ``requests``."""
        with self.lock:
            self.requests.append(LoggedRequest(method, path, status))

    def strike(self, method: str, path: str) -> Iterator[Fault]:
        """The faults that apply to a request, in order, each use counted; the last one decides the answer."""
        return faults.strike(self.faults, self.lock, method, path)

    def token(self, value: str | None) -> IssuedToken | None:
        """The token of this value if it was given out and has not expired."""
        issued = self.tokens.get(value or "")
        return issued if issued and self.now() < issued.expires else None
