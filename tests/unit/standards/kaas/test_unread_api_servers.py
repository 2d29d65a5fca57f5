# SPDX-License-Identifier: Apache-2.0
"""Several API servers, of which one shows no settings: the others do not speak for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pytest_scs.core.findings import Observation, Undecided
from pytest_scs.standards.kaas import admission, api_server_limits, authorization
from pytest_scs.standards.kaas.component_flags import ComponentFlags
from pytest_scs.standards.kaas.control_plane import API_SERVER, ComponentPod, ControlPlane
from pytest_scs.standards.kaas.unseen import Unseen

NONE = Unseen("not asked")
FLAGS = {
    "etcd-servers": ("https://127.0.0.1:2379",),
    "authorization-mode": ("Node,RBAC",),
    "enable-admission-plugins": ("NodeRestriction,EventRateLimit",),
}


def pod(name: str, flags: dict[str, tuple[str, ...]]) -> ComponentPod:
    return ComponentPod(name, API_SERVER, "n", ComponentFlags(f"pod {name}", flags))


@pytest.mark.parametrize(
    "check",
    [
        api_server_limits.check_request_limits,
        api_server_limits.check_min_request_timeout,
        lambda plane: admission.check_event_rate_limit(plane, NONE),
        lambda plane: admission.check_fairness(plane, NONE),
        lambda plane: admission.check_node_restriction(plane, NONE),
        lambda plane: authorization.check_node_authorization(plane, NONE),
        lambda plane: authorization.check_authorization_mode(plane, NONE),
    ],
)
def test_who_shows_nothing_is_not_judged_by_the_others(check: Callable[[ControlPlane], Iterator[Observation]]) -> None:
    plane = ControlPlane([pod("a", FLAGS), pod("b", {})], NONE, NONE)
    undecided = [one for one in check(plane) if isinstance(one, Undecided)]
    assert [one.resource for one in undecided] == ["pod b"]
    both = ControlPlane([pod("a", FLAGS), pod("b", FLAGS)], NONE, NONE)
    assert not [one for one in check(both) if isinstance(one, Undecided)]
