# SPDX-License-Identifier: Apache-2.0
"""Whether the quota of Neutron holds what is about to be created."""

from __future__ import annotations

import threading

import pytest

from pytest_scs.core.cause import Inconclusive
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.quota import Quota

GROUP = {"security_groups": 1, "security_group_rules": 2}


def claim(client: Client) -> None:
    with Quota(client, threading.Event()).claim(GROUP):
        pass


@pytest.mark.parametrize(
    ("quota", "words"),
    [
        ({"security_groups": 1}, "security_groups 1 needed, 1 of 1 used"),
        ({"security_group_rules": 5}, "security_group_rules 2 needed, 4 of 5 used"),
    ],
)
def test_one_group_too_much_is_told_with_numbers(
    client: Client, state: CloudState, quota: dict[str, int], words: str
) -> None:
    state.quota |= quota
    with pytest.raises(Inconclusive, match=f"the project's quota is too small: {words}"):
        claim(client)


def test_what_fits_exactly_is_taken_and_given_back(client: Client, state: CloudState) -> None:
    state.quota |= {"security_groups": 2, "security_group_rules": 6}
    quota = Quota(client, threading.Event())
    for _ in range(2):
        with quota.claim(GROUP):
            pass
    assert sum("/quotas/" in request.path for request in state.requests) == 1


def test_without_a_limit_there_is_room(client: Client, state: CloudState) -> None:
    state.quota |= {"security_groups": -1, "security_group_rules": -1}
    claim(client)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("GET", "/quotas/", status=404),
        Fault("GET", "/quotas/", status=403),
        Fault("GET", "/quotas/", action="garbage"),
        Fault("GET", "/quotas/", status=200, body="{}"),
    ],
    ids=["unknown", "forbidden", "garbage", "empty"],
)
def test_a_neutron_that_does_not_say_is_believed_to_have_room(client: Client, state: CloudState, fault: Fault) -> None:
    state.quota["security_groups"] = 1
    state.faults.append(fault)
    claim(client)
    assert any("/quotas/" in request.path for request in state.requests)


ODD = [
    "{}",
    "[]",
    '{"limits": null}',
    '{"limits": []}',
    '{"limits": {"absolute": null}}',
    '{"limits": {"absolute": [1]}}',
    '{"limits": {"absolute": {"maxTotalVolumes": "0", "totalVolumesUsed": 0}}}',
    '{"limits": {"absolute": {"maxTotalVolumes": true, "totalVolumesUsed": 7}}}',
    '{"limits": {"absolute": {"maxTotalVolumes": 0, "totalVolumesUsed": null}}}',
]


@pytest.mark.parametrize("body", ODD)
def test_limits_of_another_form_say_nothing(client: Client, state: CloudState, body: str) -> None:
    state.quota["volumes"] = 0
    state.faults.append(Fault("GET", "/limits", status=200, body=body))
    with Quota(client, threading.Event()).claim({"volumes": 1}):
        pass


@pytest.mark.parametrize("status", [403, 404, 500])
def test_limits_that_are_not_told_say_nothing(client: Client, state: CloudState, status: int) -> None:
    state.quota["volumes"] = 0
    state.faults.append(Fault("GET", "/limits", status=status))
    with Quota(client, threading.Event()).claim({"volumes": 1}):
        pass


@pytest.mark.parametrize("body", ['{"quota": []}', '{"quota": "x"}', '{"quota": {"security_group": {"limit": "1"}}}'])
def test_quota_of_neutron_of_another_form_says_nothing(client: Client, state: CloudState, body: str) -> None:
    state.quota["security_groups"] = 1
    state.faults.append(Fault("GET", "/quotas/", status=200, body=body))
    claim(client)
