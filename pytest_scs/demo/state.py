# SPDX-License-Identifier: Apache-2.0
"""What the demo cloud contains and how it misbehaves: plain data that a test may change while the cloud runs."""

from __future__ import annotations

import dataclasses
import re
import secrets
import threading
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

Action = Literal["status", "drop", "truncate", "delay", "garbage"]


@dataclasses.dataclass(slots=True)
class Fault:
    """One thing that goes wrong with the requests it applies to.

    ``method`` is an HTTP method or ``*``; ``path`` a regular expression that is searched in the path with its query.
    ``action``: ``status`` answers ``status`` with ``headers`` (for example Retry-After) and ``body``, or, without a
    body, with the error document of the service concerned; ``drop`` closes the connection without an answer;
    ``truncate`` sends the first half of the true body and closes; ``delay`` waits ``seconds`` and then goes on as if
    nothing had been (later faults may still apply); ``garbage`` answers 200 with something that is no JSON.
    ``times``: for how many requests; None means for all.
    """

    method: str
    path: str
    action: Action = "status"
    status: int = 500
    times: int | None = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    body: str | None = None
    seconds: float = 0.0

    def concerns(self, method: str, path: str) -> bool:
        """Whether the fault applies to this request and is not used up."""
        return self.times != 0 and self.method in ("*", method) and re.search(self.path, path) is not None


class LoggedRequest(NamedTuple):
    """A request the cloud has seen: path with query, and the status answered; 0 if there was no answer."""

    method: str
    path: str
    status: int


@dataclasses.dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token given out: from when to when it holds, how it was obtained, whether it is for the project."""

    issued: datetime
    expires: datetime
    methods: tuple[str, ...]
    scoped: bool


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
    for the project; ``path`` None is a service without endpoints. An API answers only while some service names it;
    the identity API always does. ``default_security_group_rules`` None is a Neutron without that extension.

    ``page_size``: the longest list any service gives at once, whatever the client asks for. ``latency``,
    ``clock_skew``, ``token_lifetime`` are seconds.
    """

    flavors: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    images: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    volume_types: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    services: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    default_security_group_rules: list[dict[str, Any]] | None = None
    roles: list[str] = dataclasses.field(default_factory=lambda: ["member", "reader", "load-balancer_member"])
    regions: list[str] = dataclasses.field(default_factory=lambda: ["RegionOne"])
    compute_microversion: str = "2.96"
    volume_microversion: str = "3.71"

    username: str = dataclasses.field(default_factory=_name)
    password: str = dataclasses.field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)
    user_id: str = dataclasses.field(default_factory=_id)
    project_name: str = "demo"
    project_id: str = dataclasses.field(default_factory=_id)
    application_credential_id: str = dataclasses.field(default_factory=_id)
    application_credential_secret: str = dataclasses.field(
        default_factory=lambda: secrets.token_urlsafe(48), repr=False
    )

    page_size: int = 1000
    latency: float = 0.0
    clock_skew: float = 0.0
    token_lifetime: float = 3600.0
    faults: list[Fault] = dataclasses.field(default_factory=list)

    tokens: dict[str, IssuedToken] = dataclasses.field(default_factory=dict, init=False, repr=False)
    requests: list[LoggedRequest] = dataclasses.field(default_factory=list, init=False, repr=False)
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def now(self) -> datetime:
        """What the cloud's clock shows, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.clock_skew)

    def log(self, method: str, path: str, status: int) -> None:
        """Note a request in ``requests``."""
        with self.lock:
            self.requests.append(LoggedRequest(method, path, status))

    def strike(self, method: str, path: str) -> Iterator[Fault]:
        """The faults that apply to a request, in order, each use counted; the last one decides the answer."""
        for fault in list(self.faults):
            with self.lock:
                if not fault.concerns(method, path):
                    continue
                if fault.times is not None:
                    fault.times -= 1
            yield fault
            if fault.action != "delay":
                return

    def token(self, value: str | None) -> IssuedToken | None:
        """The token of this value if it was given out and has not expired."""
        issued = self.tokens.get(value or "")
        return issued if issued and self.now() < issued.expires else None
