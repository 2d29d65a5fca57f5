# SPDX-License-Identifier: Apache-2.0
"""The testcases of scs-0115, on demo clouds whose new groups accept nothing, or more, with and without a template."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.platforms.openstack import removal

DEFAULTS, CUSTOM = "scs-0115-default-rules", "scs-0115-x-custom-group"
BOTH = {DEFAULTS, CUSTOM}
OPEN = {"direction": "ingress", "ethertype": "IPv4"}
EGRESS = [{"direction": "egress", "ethertype": family} for family in ("IPv4", "IPv6")]
COMMAND = "openstack default security group rule"

Judged = Callable[..., Any]


@pytest.fixture(autouse=True)
def _surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(removal, "ACCEPTANCE", 1)
    monkeypatch.setattr(removal, "DELETION", 1)
    monkeypatch.setattr(removal, "LEAST", 0)


@pytest.fixture(autouse=True)
def _nothing_stays(state: CloudState) -> Iterator[None]:
    before = state.belongings()
    yield
    assert state.belongings() == before


@pytest.fixture
def judged(judge: Any) -> Judged:
    def run(state: CloudState, *args: str) -> Any:
        return judge(state, "--scs-scope=beyond-v1", "-m", "scs_0115", *args, scope="iaas-v5.1")

    return run


@pytest.fixture(params=["template", "no template"])
def any_cloud(state: CloudState, request: pytest.FixtureRequest) -> CloudState:
    """A conforming cloud whose Neutron has the template, or is too old for it."""
    if request.param == "no template":
        state.default_security_group_rules = None
    return state


def made(state: CloudState) -> list[str]:
    """How the requests that were to make or remove a group went."""
    asked = (one for one in state.requests if "/security-groups" in one.path)
    return [f"{one.method} {one.status}" for one in asked if one.method in ("POST", "DELETE")]


def test_groups_that_accept_nothing_pass(judged: Judged, any_cloud: CloudState) -> None:
    run = judged(any_cloud)
    assert run.ret == 0
    assert run.verdicts == dict.fromkeys(BOTH, "PASS")
    assert run.differing == {}
    assert [line for testcase in BOTH for line in run.messages(testcase)] == []
    assert made(any_cloud) == ["POST 201", "DELETE 204"]


def test_new_group_that_is_open_although_the_template_is_not(judged: Judged, state: CloudState) -> None:
    state.custom_group_rules = [*EGRESS, OPEN | {"protocol": "tcp", "port_range_min": 22, "port_range_max": 22}]
    run = judged(state)
    assert run.verdicts == {DEFAULTS: "PASS", CUSTOM: "FAIL"}
    assert run.ret == 1
    (found,) = run.violations(CUSTOM)
    assert (found.resource, found.rule) == ("rule of a new security group", "a new group accepts nothing")
    assert (found.expected, found.found) == ("no ingress rule", "ingress IPv4 tcp ports 22 to 22 from anywhere")
    assert found.uuid
    assert found.hint.startswith("no rule of the template says this: a driver or plugin of Neutron adds it")
    (remark,) = run.messages(DEFAULTS)
    assert "it accepts what the template does not say: ingress IPv4 tcp ports 22 to 22 from anywhere" in remark
    assert "scs-0115-x-custom-group (scope beyond) judges that" in remark
    assert run.differing == {}


def test_template_that_opens_new_groups_fails_both(judged: Judged, state: CloudState) -> None:
    rules = copy.deepcopy(state.default_security_group_rules) or []
    rule = rules[0] | OPEN | {"id": "open-rule", "remote_group_id": None, "used_in_non_default_sg": True}
    state.default_security_group_rules = [*rules, rule]
    run = judged(state)
    assert run.failed == BOTH
    (found,) = run.violations(CUSTOM)
    assert found.hint == f"{COMMAND} delete open-rule"
    assert not any("new security group" in line for line in run.messages(DEFAULTS))


def test_new_group_that_is_open_in_an_old_neutron_fails_both(judged: Judged, state: CloudState) -> None:
    state.default_security_group_rules = None
    state.custom_group_rules = [*EGRESS, OPEN]
    run = judged(state)
    assert run.failed == BOTH
    for testcase in BOTH:
        (found,) = run.violations(testcase)
        assert found.found == "ingress IPv4 any protocol from anywhere"
        assert found.hint.startswith("this Neutron has no template of rules")


def test_missing_egress_is_remarked_beyond_and_judged_by_the_official_suite(
    judged: Judged, any_cloud: CloudState
) -> None:
    any_cloud.custom_group_rules = EGRESS[:1]
    run = judged(any_cloud)
    assert run.verdicts[CUSTOM] == "PASS"
    assert run.failed == (set() if any_cloud.default_security_group_rules else {DEFAULTS})
    remarks = run.messages(CUSTOM)
    assert any("it should let all IPv6 traffic out; it has no rule" in line for line in remarks)
    different = [line for line in remarks if "it lacks what the template says: egress IPv6" in line]
    assert len(different) == (1 if any_cloud.default_security_group_rules else 0)


#: What keeps a group from being judged, and the words for it.
OBSTACLES = {
    "forbidden": (Fault("POST", "/security-groups$", status=403), "the user lacks the permission"),
    "over quota": (Fault("POST", "/security-groups$", status=409), "/v2.0/security-groups with 409"),
    "down": (Fault("POST", "/security-groups$", status=500), "/v2.0/security-groups with 500"),
    "unreadable": (Fault("GET", "/security-groups/", status=403, times=2), "the user lacks the permission"),
    "garbage": (Fault("GET", "/security-groups/", action="garbage", times=2), "something that is no JSON object"),
    "no rules": (
        Fault("GET", "/security-groups/", status=200, body='{"security_group": {}}', times=1),
        "but what has that id is called not set",
    ),
}


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_no_group_leaves_the_template_its_verdict(judged: Judged, any_cloud: CloudState, obstacle: str) -> None:
    fault, words = OBSTACLES[obstacle]
    any_cloud.faults.append(dataclasses.replace(fault))  # it is used up
    run = judged(any_cloud)
    undecided = {CUSTOM} if any_cloud.default_security_group_rules else BOTH
    assert run.verdicts == {testcase: "ABORT" if testcase in undecided else "PASS" for testcase in BOTH}
    assert run.ret == 6
    for testcase in undecided:
        (cause,) = run.causes(testcase)
        assert words in cause


@pytest.mark.parametrize(
    ("quota", "words"),
    [
        ({"security_groups": 1}, "security_groups 1 needed, 1 of 1 used"),
        ({"security_group_rules": 5}, "security_group_rules 2 needed, 4 of 5 used"),
    ],
)
def test_quota_is_asked_before_a_group_is_made(
    judged: Judged, any_cloud: CloudState, quota: dict[str, int], words: str
) -> None:
    any_cloud.quota |= quota
    run = judged(any_cloud)
    assert run.verdicts[CUSTOM] == "ABORT"
    assert run.verdicts[DEFAULTS] == ("PASS" if any_cloud.default_security_group_rules else "ABORT")
    (cause,) = run.causes(CUSTOM)
    assert f"the project's quota is too small: {words}" in cause
    assert made(any_cloud) == []


def test_violation_of_the_template_counts_where_no_group_can_be_made(judged: Judged, state: CloudState) -> None:
    state.default_security_group_rules = []
    state.quota["security_groups"] = 0
    assert judged(state).verdicts == {DEFAULTS: "FAIL", CUSTOM: "ABORT"}


def test_template_that_cannot_be_asked_decides_nothing(judged: Judged, state: CloudState) -> None:
    state.faults.append(Fault("GET", "default-security-group-rules", status=403))
    run = judged(state)
    assert run.verdicts == dict.fromkeys(BOTH, "ABORT")
    assert made(state) == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault("GET", r"/security-groups\?", status=500),
        Fault("GET", r"/security-groups\?", status=200, body='{"security_groups": null}'),
        Fault("GET", r"/security-groups\?", status=200, body='{"security_groups": [{"security_group_rules": null}]}'),
    ],
    ids=["refused", "no list", "no rules"],
)
def test_default_group_that_cannot_be_read_decides_nothing(judged: Judged, any_cloud: CloudState, fault: Fault) -> None:
    any_cloud.faults.append(fault)
    run = judged(any_cloud)
    assert run.verdicts == dict.fromkeys(BOTH, "PASS")
    said = [line for line in run.messages(DEFAULTS) if "default security group of the project" in line]
    assert len(said) == 1
    assert "could not be read" in said[0]


def test_template_is_read_to_its_last_page(judged: Judged, state: CloudState) -> None:
    rules = state.default_security_group_rules or []
    rules.append({**rules[0], "id": "last", "direction": "ingress", "remote_group_id": None})
    state.page_size = 2
    run = judged(state)
    assert "FAIL" in run.verdicts[DEFAULTS]
    assert any("last" in line for line in run.messages(DEFAULTS))
