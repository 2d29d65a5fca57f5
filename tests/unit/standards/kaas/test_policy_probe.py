# SPDX-License-Identifier: Apache-2.0
"""scs-0219: what is said of network policies that were tried out."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_scs.base.fields import FormError
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Observation, Undecided
from pytest_scs.standards.kaas.policy_probe import PolicyEnforcement, check_enforcement


def step(direction: str, rule: str, obeyed: bool | None = True, **more: Any) -> dict[str, Any]:
    return {"direction": direction, "rule": rule, "obeyed": obeyed, "seconds": 60.0, **more}


ALL = [step(direction, rule) for direction in ("ingress", "egress") for rule in ("deny", "allow")]


def observed(*steps: dict[str, Any]) -> list[Observation]:
    return list(check_enforcement(PolicyEnforcement.from_plain({"steps": list(steps)})))


def test_all_policies_obeyed_pass() -> None:
    assert observed(*ALL) == []


@pytest.mark.parametrize(
    ("number", "rule", "expected", "found"),
    [
        (0, "ingress_denied", "no connection 60 s after the policy was made", "the pods still connect"),
        (1, "ingress_allowed", "a connection 60 s after the policy was made", "the pods do not connect"),
        (2, "egress_denied", "no connection 60 s after the policy was made", "the pods still connect"),
        (3, "egress_allowed", "a connection 60 s after the policy was made", "the pods do not connect"),
    ],
)
def test_policy_that_is_not_obeyed_is_a_violation(number: int, rule: str, expected: str, found: str) -> None:
    steps = [dict(one, obeyed=index != number) for index, one in enumerate(ALL)]
    (finding,) = observed(*steps)
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.expected, finding.observed) == (f"scs-0219/{rule}", expected, found)
    assert "kubectl get daemonsets -n kube-system" in finding.hint


def test_policy_whose_effect_could_not_be_seen_decides_nothing() -> None:
    steps = [*ALL[:2], step("egress", "deny", None, said="pod scs-server does not run", kind="outage")]
    (found,) = observed(*steps)
    assert isinstance(found, Undecided)
    assert (found.reason, found.kind) == ("deny egress: pod scs-server does not run", CauseKind.OUTAGE)


def test_direction_that_was_not_tried_decides_nothing() -> None:
    (found,) = observed(*ALL[:2])
    assert isinstance(found, Undecided)
    assert found.reason == "policies for egress were not tried out"


def test_half_a_direction_decides_nothing() -> None:
    (found,) = observed(*ALL[:3])
    assert isinstance(found, Undecided)
    assert found.reason == "allow egress: it was not tried out"


@pytest.mark.parametrize(
    "steps",
    [None, {}, [1], [step("sideways", "deny")], [step("egress", "perhaps")], [step("egress", "deny", "yes")]],  # type: ignore[arg-type]
)
def test_another_form_is_refused(steps: Any) -> None:
    with pytest.raises(FormError):
        PolicyEnforcement.from_plain({"steps": steps})
