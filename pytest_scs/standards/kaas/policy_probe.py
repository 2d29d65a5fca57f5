# SPDX-License-Identifier: Apache-2.0
"""scs-0219: network policies are enforced at all (document: scs-0219-v1)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_scs.base.fields import Fields, FormError
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Observation, Undecided

_RESOURCE = "network plugin"
_HINT = (
    "install a network plugin that enforces NetworkPolicy (Calico, Cilium, Antrea, kube-router), or switch that on in "
    "the present one: kubectl get daemonsets -n kube-system"
)

#: In this order.
DIRECTIONS = ("ingress", "egress")

#: Rule id and title of what each policy asks for.
_RULES = {
    ("ingress", "deny"): (
        "scs-0219/ingress_denied",
        "a policy that denies connections to the server is enforced",
    ),
    ("ingress", "allow"): (
        "scs-0219/ingress_allowed",
        "a policy that allows connections to the server is enforced",
    ),
    ("egress", "deny"): (
        "scs-0219/egress_denied",
        "a policy that denies connections from the client is enforced",
    ),
    ("egress", "allow"): (
        "scs-0219/egress_allowed",
        "a policy that allows connections from the client is enforced",
    ),
}


@dataclasses.dataclass(frozen=True, slots=True)
class PolicyStep:
    """A policy that was made, and whether connections became what it says within ``seconds``.

    ``rule`` is ``deny`` (no connection is allowed in this direction) or ``allow`` (one from client to server is).
    ``obeyed`` is None where it could not be seen; then ``said`` and ``kind`` tell why.
    """

    direction: str
    rule: str
    obeyed: bool | None
    seconds: float
    said: str
    kind: CauseKind

    @classmethod
    def from_plain(cls, fields: Fields) -> PolicyStep:
        """Raises FormError."""
        direction, rule = fields.text("direction"), fields.text("rule")
        if direction not in DIRECTIONS or rule not in ("deny", "allow"):
            raise FormError(f"{fields.where}: expected a direction and a rule")
        return cls(
            direction=direction,
            rule=rule,
            obeyed=fields.truth("obeyed") if fields.has("obeyed") else None,
            seconds=fields.number("seconds"),
            said=fields.text("said", ""),
            kind=CauseKind.named(fields.text("kind", "") or CauseKind.UNDECIDABLE),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class PolicyEnforcement:
    """The section ``policy_enforcement``: what became of connections between pods, policy by policy."""

    steps: tuple[PolicyStep, ...]

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> PolicyEnforcement:
        """Raises FormError."""
        return cls(tuple(PolicyStep.from_plain(one) for one in Fields("policy_enforcement", data).each("steps")))


def check_enforcement(seen: PolicyEnforcement) -> Iterator[Observation]:
    """Network policies MUST be enforced: what they deny fails, what they allow works, to pods and from pods.

    Source: scs-0219-v1 (docs/standards/scs-0219.md#policies-that-are-tried-out).
    """
    for step in seen.steps:
        what = f"{step.rule} {step.direction}"
        if step.obeyed is None:
            yield Undecided(_RESOURCE, f"{what}: {step.said}", kind=step.kind)
        elif not step.obeyed:
            rule, title = _RULES[step.direction, step.rule]
            denied = step.rule == "deny"
            within = f"{step.seconds:.0f} s after the policy was made"
            yield Finding(
                resource=_RESOURCE,
                rule=rule,
                title=title,
                expected=f"{'no connection' if denied else 'a connection'} {within}",
                observed="the pods still connect" if denied else "the pods do not connect",
                hint=_HINT,
            )
    for direction in DIRECTIONS:
        steps = [step for step in seen.steps if step.direction == direction]
        if not steps:
            yield Undecided(_RESOURCE, f"policies for {direction} were not tried out")
        elif all(step.obeyed for step in steps):  # else there was no sense in going on
            for rule in {"deny", "allow"} - {step.rule for step in steps}:
                yield Undecided(_RESOURCE, f"{rule} {direction}: it was not tried out")
