# SPDX-License-Identifier: Apache-2.0
"""Admission plugins and fairness of the API server (documents: scs-0215-v1, scs-0217-v1).

See docs/standards/scs-0215.md#admission and docs/standards/scs-0217.md#admission.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pytest_scs.base.fields import Fields
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided, show
from pytest_scs.standards.kaas.component_flags import ComponentFlags
from pytest_scs.standards.kaas.control_plane import SERVER, ControlPlane
from pytest_scs.standards.kaas.unseen import Unseen, hidden

EVENT_RATE_LIMIT: Final = "EventRateLimit"
NODE_RESTRICTION: Final = "NodeRestriction"
POD_SECURITY: Final = "PodSecurity"

#: What the plugins say when they refuse, and what the authorizers say who do not let a node that far.
RESTRICTED: Final = "is not allowed to modify labels"
MAY_NOT_PATCH: Final = 'cannot patch resource "nodes"'


@dataclasses.dataclass(frozen=True, slots=True)
class Attempt:
    """A request that was tried without effect: ``status`` of HTTP (2xx: it would have been done), and the message."""

    status: int
    message: str

    @classmethod
    def read(cls, fields: Fields) -> Attempt:
        """Raises FormError."""
        return cls(fields.whole("status"), fields.text("message", ""))

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Attempt:
        """The section of a probe that tries one thing; raises FormError."""
        return cls.read(Fields("attempt", data))

    @property
    def accepted(self) -> bool:
        """Whether the API server would have done it."""
        return 200 <= self.status < 300

    def __str__(self) -> str:
        return "it was accepted" if self.accepted else f"{self.status}: {show(self.message)}"


@dataclasses.dataclass(frozen=True, slots=True)
class FlowControl:
    """Whether answers of the API server name the flow and the priority level that a request was given."""

    named: bool

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> FlowControl:
        """Raises FormError."""
        return cls(Fields("flow control", data).truth("named"))


@dataclasses.dataclass(frozen=True, slots=True)
class EventTrial:
    """Admission plugins that the API server counts after an event was created."""

    plugins: frozenset[str]

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> EventTrial:
        """Raises FormError."""
        return cls(frozenset(Fields("event trial", data).texts("plugins")))


def enabled(server: ComponentFlags, plugin: str, default: bool = False) -> bool:
    """Whether flags switch an admission plugin on; ``default``: it is on unless it is switched off."""
    if plugin in server.listed("disable-admission-plugins"):
        return False
    return default or plugin in server.listed("enable-admission-plugins")


def check_event_rate_limit(plane: ControlPlane, trial: EventTrial | Unseen) -> Iterator[Observation]:
    """``EventRateLimit`` MUST be active, with a configuration. See docs/standards/scs-0215.md#admission."""
    yield from plane.unread()
    for server in plane.api_servers:
        if not enabled(server, EVENT_RATE_LIMIT):
            yield _not_limited(server.name, "not in --enable-admission-plugins")
        elif not server.text("admission-control-config-file"):
            yield Remark("--admission-control-config-file is not set, so its limits are not visible", server.name)
    if plane.api_servers or (plane.counted and EVENT_RATE_LIMIT in plane.counted.admission_plugins):
        return
    if isinstance(trial, Unseen):
        yield plane.hidden(trial)
    elif not trial.plugins:
        yield plane.hidden(Unseen("metrics name no admission plugin"))
    elif EVENT_RATE_LIMIT not in trial.plugins:
        yield _not_limited(SERVER, "metrics do not name it after an event was created")


def _not_limited(resource: str, observed: str) -> Finding:
    return Finding(
        resource=resource,
        rule="scs-0215/event_rate_limit",
        title=f"the admission plugin {EVENT_RATE_LIMIT} is active",
        expected=f"{EVENT_RATE_LIMIT} among the admission plugins",
        observed=observed,
        hint=f"start the API server with --enable-admission-plugins={EVENT_RATE_LIMIT} and an "
        "--admission-control-config-file that limits type Server to qps 5000, burst 20000",
    )


def check_fairness(plane: ControlPlane, flow: FlowControl | Unseen) -> Iterator[Observation]:
    """Priority and fairness is RECOMMENDED. See docs/standards/scs-0215.md#priority-and-fairness."""
    yield from plane.unread()
    servers = plane.api_servers
    for server in servers:
        switched = server.truth("enable-priority-and-fairness", True)
        if switched is None:
            yield Undecided(server.name, "--enable-priority-and-fairness is neither true nor false")
        elif not switched:
            yield _unfair(server.name, "--enable-priority-and-fairness=false")
    if servers or (plane.counted and plane.counted.seats):
        return
    if isinstance(flow, Unseen):
        yield plane.hidden(flow)
    elif not flow.named:
        yield _unfair(SERVER, "answers without the headers X-Kubernetes-PF-...")


def _unfair(resource: str, observed: str) -> Finding:
    return Finding(
        resource=resource,
        rule="scs-0215/priority_and_fairness",
        title="priority and fairness is active",
        expected="active",
        observed=observed,
        hint="start the API server without --enable-priority-and-fairness=false",
    )


def check_node_restriction(plane: ControlPlane, attempt: Attempt | Unseen) -> Iterator[Observation]:
    """``NodeRestriction`` MUST be active. See docs/standards/scs-0217.md#admission.

    ``attempt``: a node that gives itself a label which is not for nodes to give.
    """
    yield from plane.unread()
    for server in plane.api_servers:
        if not enabled(server, NODE_RESTRICTION):
            yield _unrestricted(server.name, "not in --enable-admission-plugins")
    if plane.api_servers or (plane.counted and NODE_RESTRICTION in plane.counted.admission_plugins):
        return
    if isinstance(attempt, Unseen):
        yield hidden(SERVER, plane.unseen(attempt))
    elif attempt.accepted:
        yield _unrestricted(SERVER, "a node may give itself the label node-restriction.kubernetes.io/...")
    elif attempt.status == 403 and RESTRICTED in attempt.message:
        return
    elif attempt.status == 403 and MAY_NOT_PATCH in attempt.message:
        yield Undecided(SERVER, "node authorization is missing, so nodes do not get as far as this plugin")
    else:
        yield Undecided(SERVER, f"a node's request was refused for another reason: {attempt}")


def _unrestricted(resource: str, observed: str) -> Finding:
    return Finding(
        resource=resource,
        rule="scs-0217/node_restriction",
        title=f"the admission plugin {NODE_RESTRICTION} is active",
        expected=f"{NODE_RESTRICTION} among the admission plugins",
        observed=observed,
        hint=f"start the API server with --enable-admission-plugins={NODE_RESTRICTION}",
    )
