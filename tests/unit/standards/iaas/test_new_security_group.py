# SPDX-License-Identifier: Apache-2.0
"""A new security group beside the template it should come from (scs-0115-v1)."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Basis, Finding, Remark, Undecided
from pytest_scs.standards.iaas.new_security_group import (
    NewGroupRules,
    check_new_group,
    remark_admission,
    remark_faults,
)

GROUP = "6c6c"
COMMAND = "openstack default security group rule"

Rule = dict[str, Any]


#: What a rule has that is about all traffic.
ANY = dict.fromkeys(("protocol", "port_range_min", "port_range_max"))


def said(direction: str, family: str, kinds: str = "dc", /, **more: Any) -> Rule:
    """A rule of the template; ``kinds`` are the initials of the kinds of groups that get it."""
    flags = {"used_in_default_sg": "d" in kinds, "used_in_non_default_sg": "c" in kinds}
    return {"id": f"t-{direction}-{family}", "direction": direction, "ethertype": family, **ANY, **flags, **more}


def born(direction: str, family: str, /, **more: Any) -> Rule:
    """A rule of the new group."""
    about = {"id": f"{direction}-{family}", "direction": direction, "ethertype": family, "security_group_id": GROUP}
    return about | ANY | more


EGRESS = [born("egress", "IPv4"), born("egress", "IPv6")]
TEMPLATE = [
    said("egress", "IPv4"),
    said("egress", "IPv6"),
    said("ingress", "IPv4", "d", remote_group_id="PARENT"),
    said("ingress", "IPv6", "d", remote_group_id="PARENT"),
]


def seen(
    custom: list[Rule] | None, template: list[Rule] | None = TEMPLATE, problem: str | None = None
) -> NewGroupRules:
    """As it is read from a record; from one of an earlier version where ``problem`` is None."""
    plain: dict[str, Any] = {"template": template, "custom": custom, "default": []}
    return NewGroupRules.from_plain(plain if problem is None else {**plain, "custom_problem": problem})


def remarks(data: NewGroupRules) -> list[str]:
    """The remarks, where there is nothing else."""
    found = list(check_new_group(data))
    assert all(isinstance(entry, Remark) for entry in found), found
    return [entry.text for entry in found if isinstance(entry, Remark)]


@pytest.mark.parametrize("template", [TEMPLATE, None])
def test_a_group_as_the_template_has_it_is_fine(template: list[Rule] | None) -> None:
    assert list(check_new_group(seen(EGRESS, template))) == []


@pytest.mark.parametrize("template", [TEMPLATE, None])
@pytest.mark.parametrize("more", [{}, {"remote_group_id": GROUP}, {"protocol": "icmp"}, {"remote_ip_prefix": "::/0"}])
def test_any_ingress_is_a_violation_whoever_judges(template: list[Rule] | None, more: Rule) -> None:
    [finding] = check_new_group(seen([*EGRESS, born("ingress", "IPv6", **more)], template))
    assert isinstance(finding, Finding)
    assert (finding.resource, finding.resource_id) == ("rule of a new security group", "ingress-IPv6")
    assert (finding.basis, finding.deviation) == (Basis.BOTH, "")
    assert (finding.rule, finding.title) == ("scs-0115/new_group_accepts_nothing", "a new group accepts nothing")
    assert finding.expected == "no ingress rule"
    assert finding.observed.startswith("ingress IPv6 ")


def test_every_ingress_rule_is_named() -> None:
    found = check_new_group(seen([*EGRESS, born("ingress", "IPv4", id="a"), born("ingress", "IPv4", id="b")]))
    assert [entry.resource_id for entry in found if isinstance(entry, Finding)] == ["a", "b"]


def test_ingress_that_the_template_says_is_mended_there() -> None:
    template = [*TEMPLATE, said("ingress", "IPv4", protocol="tcp", port_range_min=22, port_range_max=22, id="ssh")]
    rule = born("ingress", "IPv4", protocol="tcp", port_range_min=22, port_range_max=22)
    [finding] = check_new_group(seen([*EGRESS, rule], template))
    assert isinstance(finding, Finding)
    assert shlex.split(finding.hint) == [*COMMAND.split(), "delete", "ssh"]


def test_ingress_from_members_is_taken_from_new_groups_and_left_to_default_groups() -> None:
    template = [*TEMPLATE[:3], said("ingress", "IPv6", remote_group_id="PARENT", id="both")]
    [finding] = check_new_group(seen([*EGRESS, born("ingress", "IPv6", remote_group_id=GROUP)], template))
    assert isinstance(finding, Finding)
    delete, create = finding.hint.split(" && ")
    assert delete == f"{COMMAND} delete both"
    assert create == f"{COMMAND} create --ingress --ethertype IPv6 --remote-group PARENT --for-default-sg"


@pytest.mark.parametrize(
    "template",
    [
        TEMPLATE,
        [*TEMPLATE, said("ingress", "IPv4", "d")],
        [*TEMPLATE, said("ingress", "IPv4", "")],
    ],
    ids=["none", "default only", "unused"],
)
def test_ingress_that_the_template_does_not_give_to_new_groups_is_somebody_elses(template: list[Rule]) -> None:
    [finding] = check_new_group(seen([*EGRESS, born("ingress", "IPv4")], template))
    assert isinstance(finding, Finding)
    assert finding.hint.startswith("no rule of the template says this: a driver or plugin of Neutron adds it")


def test_without_a_template_the_hint_does_not_speak_of_its_rules() -> None:
    [finding] = check_new_group(seen([*EGRESS, born("ingress", "IPv4")], None))
    assert isinstance(finding, Finding)
    assert "a modified Neutron decides" in finding.hint
    assert "openstack" not in finding.hint


@pytest.mark.parametrize("template", [TEMPLATE[1:], None])
def test_missing_egress_is_a_mere_remark(template: list[Rule] | None) -> None:
    assert "it should let all IPv6 traffic out; it has no rule" in remarks(seen([EGRESS[0]], template))
    assert remarks(seen([EGRESS[1]], template)) == ["it should let all IPv4 traffic out; it has no rule"]
    assert len(remarks(seen([], None))) == 2


def test_restricted_egress_is_a_mere_remark() -> None:
    https = born("egress", "IPv4", protocol="tcp", port_range_min=443, port_range_max=443)
    assert remarks(seen([https, EGRESS[1]], None)) == [
        "it should let all IPv4 traffic out; it has egress IPv4 tcp ports 443 to 443 to anywhere"
    ]


def test_what_the_group_lacks_is_remarked() -> None:
    template = [*TEMPLATE, said("ingress", "IPv4", "c", protocol="icmp")]
    assert remarks(seen(EGRESS, template)) == [
        "it lacks what the template says: ingress IPv4 icmp from anywhere (in custom groups)"
    ]


def test_what_the_group_has_beyond_the_template_is_remarked() -> None:
    extra = born("egress", "IPv4", protocol="udp", remote_ip_prefix="10.0.0.0/8")
    assert remarks(seen([*EGRESS, extra])) == ["it has what the template does not say: egress IPv4 udp to 10.0.0.0/8"]


def test_rules_for_default_groups_only_are_not_expected() -> None:
    template = [*TEMPLATE, said("egress", "IPv4", "d", protocol="udp"), said("egress", "IPv4", "", protocol="tcp")]
    assert remarks(seen(EGRESS, template)) == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"remote_ip_prefix": None}, {"remote_ip_prefix": "0.0.0.0/0"}),
        ({"remote_ip_prefix": ""}, {"remote_ip_prefix": None}),
        ({"remote_ip_prefix": "10.0.0.7/8"}, {"remote_ip_prefix": "10.0.0.0/8"}),
        ({"protocol": None}, {"protocol": "any"}),
        ({"protocol": "TCP"}, {"protocol": "tcp"}),
        ({"remote_group_id": "PARENT"}, {"remote_group_id": GROUP}),
        ({"remote_ip_prefix": "no prefix"}, {"remote_ip_prefix": "no prefix"}),
    ],
)
def test_one_rule_in_two_writings_is_no_difference(written: Rule, read: Rule) -> None:
    template = [*TEMPLATE, said("egress", "IPv4", **written)]
    assert remarks(seen([*EGRESS, born("egress", "IPv4", **read)], template)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"direction": "sideways"},
        {"ethertype": "IPv6"},
        {"protocol": "udp"},
        {"port_range_min": 81},
        {"port_range_max": 81},
        {"remote_group_id": "other"},
        {"remote_address_group_id": "77aa"},
        {"remote_ip_prefix": "10.0.0.0/9"},
    ],
)
def test_any_other_word_is_a_difference(change: Rule) -> None:
    about = {"protocol": "tcp", "port_range_min": 80, "port_range_max": 80, "remote_ip_prefix": "10.0.0.0/8"}
    template = [*TEMPLATE, said("egress", "IPv4", **about)]
    assert remarks(seen([*EGRESS, born("egress", "IPv4", **about)], template)) == []
    missing, added = remarks(seen([*EGRESS, born("egress", "IPv4", **(about | change))], template))
    assert missing.startswith("it lacks what the template says: egress IPv4 tcp ports 80 to 80")
    assert added.startswith("it has what the template does not say: ")


@given(st.permutations([*EGRESS, born("ingress", "IPv4"), born("egress", "IPv4", protocol="udp", id="udp")]))
def test_the_order_of_the_rules_does_not_matter(rules: list[Rule]) -> None:
    assert {str(entry) for entry in check_new_group(seen(rules))} == {
        "rule of a new security group (ingress-IPv4): a new group accepts nothing: expected no ingress rule, "
        "found ingress IPv4 any protocol from anywhere",
        "new security group: it has what the template does not say: egress IPv4 udp to anywhere",
    }


def test_no_group_is_no_verdict_and_the_reason_is_told() -> None:
    [entry] = check_new_group(seen(None, problem="the project's quota is too small"))
    assert isinstance(entry, Undecided)
    assert str(entry) == "new security group: cannot be judged: the project's quota is too small"


@pytest.mark.parametrize("problem", ["", None])
def test_evidence_of_earlier_versions_has_to_be_recorded_again(problem: str | None) -> None:
    [entry] = check_new_group(seen(None, problem=problem))
    assert isinstance(entry, Undecided)
    assert "record it again" in entry.reason
    assert list(check_new_group(seen(EGRESS, None, problem))) == []


# -- beside the testcase that judges the template ---------------------------------------------------------------------


def admissions(custom: list[Rule], template: list[Rule]) -> list[str]:
    data = seen(custom, template)
    found = list(remark_admission(data.custom or (), data.template or ()))
    assert all(isinstance(entry, Remark) and entry.deviation == "DEV-0115-5" for entry in found)
    return [str(entry) for entry in found]


def test_ingress_that_is_not_in_the_template_is_remarked_and_the_way_is_shown() -> None:
    rules = [*EGRESS, born("ingress", "IPv4"), born("ingress", "IPv6")]
    assert admissions(rules, TEMPLATE) == [
        "new security group: it accepts what the template does not say: ingress IPv4 any protocol from anywhere; "
        "ingress IPv6 any protocol from anywhere; scs-0115-x-custom-group (scope beyond) judges that"
    ]


def test_nothing_is_remarked_where_the_template_says_all() -> None:
    assert admissions([], TEMPLATE) == []
    assert admissions([*EGRESS, born("egress", "IPv4", protocol="udp")], TEMPLATE) == []
    assert admissions([*EGRESS, born("ingress", "IPv4")], [*TEMPLATE, said("ingress", "IPv4")]) == []


@pytest.mark.parametrize(("faults", "said"), [([], None), (["503"], "answered with 503"), (["503", "502"], "503, 502")])
def test_a_template_that_came_after_a_fault_is_noted(faults: list[str], said: str | None) -> None:
    data = {"template": TEMPLATE, "custom": EGRESS, "default": None, "custom_problem": "", "template_faults": faults}
    found = list(remark_faults(NewGroupRules.from_plain(data)))
    assert [entry.deviation for entry in found if isinstance(entry, Remark)] == ["DEV-0115-8"] * bool(faults)
    assert said is None or said in str(found[0])
