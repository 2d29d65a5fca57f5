# SPDX-License-Identifier: Apache-2.0
"""Rules that new security groups are born with (scs-0115-v1)."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Basis, Finding, Observation, Remark
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas.security_groups import GroupRule, check_group, check_template

COMMAND = ["openstack", "default", "security", "group", "rule"]


def rule(direction: str, family: str, **more: Any) -> GroupRule:
    """A rule of the template; ``kinds`` are the initials of the kinds of groups that get it."""
    kinds = more.pop("kinds", "dc")
    return GroupRule(
        id=more.pop("id", f"{direction}-{family}"),
        direction=direction,
        ethertype=family,
        used_in_default_sg="d" in kinds,
        used_in_non_default_sg="c" in kinds,
        **more,
    )


EGRESS = [rule("egress", "IPv4"), rule("egress", "IPv6")]
PARENT = [rule("ingress", family, kinds="d", remote_group_id="PARENT") for family in ("IPv4", "IPv6")]
DEFAULTS = EGRESS + PARENT
WRITTEN_OUT = [
    rule("egress", "IPv4", remote_ip_prefix="0.0.0.0/0", id="any4"),
    rule("egress", "IPv6", remote_ip_prefix="::/0", id="any6"),
]
SSH = rule("ingress", "IPv4", kinds="d", protocol="tcp", port_range_min=22, port_range_max=22, id="ssh")
HTTPS = [
    rule("egress", family, protocol="tcp", port_range_min=443, port_range_max=443, id=f"https-{family}")
    for family in ("IPv4", "IPv6")
]

# what it is, rules, rows by which the official suite and the text count a violation ("" where they agree), rows of the
# remarks
VECTORS: list[tuple[str, list[GroupRule], list[str], list[str], list[str]]] = [
    ("as installed", DEFAULTS, [], [], []),
    ("egress only", EGRESS, [], [], ["DEV-0115-6"]),
    ("empty", [], ["DEV-0115-1", "DEV-0115-1"], [], ["DEV-0115-6"]),
    ("any prefix written out", WRITTEN_OUT + PARENT, ["DEV-0115-2", "DEV-0115-2"], [], []),
    ("no IPv6 egress", [EGRESS[0], *PARENT], ["DEV-0115-1"], [], []),
    ("SSH from anywhere", [*DEFAULTS, SSH], [""], [""], []),
    (
        "members of custom groups",
        [*EGRESS, PARENT[0], dataclasses.replace(PARENT[1], used_in_non_default_sg=True)],
        [""],
        [""],
        [],
    ),
    ("unused ingress", [*DEFAULTS, dataclasses.replace(SSH, used_in_default_sg=False)], ["DEV-0115-4"], [], []),
    ("HTTPS only", HTTPS, [], [], ["DEV-0115-3"] * 4 + ["DEV-0115-6"]),
]


def rows(observations: Iterable[Observation], judge: Judge) -> list[str]:
    return [entry.deviation for entry in observations if isinstance(entry, Finding) and entry.basis.concerns(judge)]


@pytest.mark.parametrize(
    ("rules", "official", "text", "remarks"), [pytest.param(*vector[1:], id=vector[0]) for vector in VECTORS]
)
def test_a_template_is_judged_by_suite_and_text(
    rules: list[GroupRule], official: list[str], text: list[str], remarks: list[str]
) -> None:
    observations = list(check_template(rules))
    assert rows(observations, Judge.OFFICIAL) == official
    assert rows(observations, Judge.TEXT) == text
    assert [entry.deviation for entry in observations if isinstance(entry, Remark)] == remarks


def test_rows_are_named_exactly_where_suite_and_text_differ() -> None:
    for _, rules, *_ in VECTORS:
        for entry in check_template(rules):
            if isinstance(entry, Finding):
                assert (entry.basis is not Basis.BOTH) == bool(entry.deviation)


@pytest.mark.parametrize("family", ["IPv4", "IPv6"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"remote_ip_prefix": "10.0.0.0/8"},
        {"remote_group_id": "parent"},
        {"remote_group_id": "0f2c"},
        {"remote_address_group_id": "77aa"},
        {"remote_group_id": "PARENT", "kinds": "c"},
        {"remote_group_id": "PARENT", "kinds": "dc", "protocol": "icmp"},
        {"protocol": "icmp", "kinds": "c"},
    ],
)
def test_any_other_ingress_that_a_group_gets_is_a_violation(family: str, more: dict[str, Any]) -> None:
    observations = list(check_template([*DEFAULTS, rule("ingress", family, **more)]))
    assert rows(observations, Judge.OFFICIAL) == rows(observations, Judge.TEXT) == [""]


def test_all_offenders_are_reported() -> None:
    offenders = [dataclasses.replace(SSH, id=name) for name in "abc"]
    assert len(rows(check_template([*DEFAULTS, *offenders]), Judge.TEXT)) == 3


def test_an_ingress_finding_shows_the_rule_and_how_to_remove_it() -> None:
    [finding] = check_template([*DEFAULTS, SSH])
    assert isinstance(finding, Finding)
    assert finding.resource_id == "ssh"
    assert finding.rule == "scs-0115/template_accepts_nothing"
    assert finding.title == "new groups accept nothing, except default groups from their own members"
    assert finding.observed == "ingress IPv4 tcp ports 22 to 22 from anywhere (in default groups)"
    assert shlex.split(finding.hint) == [*COMMAND, "delete", "ssh"]


def test_ingress_from_members_is_replaced_by_one_for_default_groups() -> None:
    [finding] = check_template(
        [*EGRESS, PARENT[0], rule("ingress", "IPv6", remote_group_id="PARENT", id="both")],
    )
    assert isinstance(finding, Finding)
    delete, create = finding.hint.split(" && ")
    assert shlex.split(delete) == [*COMMAND, "delete", "both"]
    words = ["--ingress", "--ethertype", "IPv6", "--remote-group", "PARENT", "--for-default-sg"]
    assert shlex.split(create) == [*COMMAND, "create", *words]


def test_missing_egress_names_the_groups_that_lack_it() -> None:
    only_default = rule("egress", "IPv6", kinds="d")
    [finding] = check_template([EGRESS[0], only_default, *PARENT])
    assert isinstance(finding, Finding)
    assert (finding.basis, finding.deviation) == (Basis.OFFICIAL, "DEV-0115-1")
    assert (finding.rule, finding.title) == ("scs-0115/egress_allowed", "IPv6 egress is allowed")
    assert "IPv6" in finding.expected
    assert "custom groups" in finding.expected
    assert "default" not in finding.expected
    assert finding.hint.endswith(" --for-custom-sg")


def test_the_command_for_egress_does_not_write_a_prefix() -> None:
    for finding in check_template([]):
        if isinstance(finding, Finding):
            words = shlex.split(finding.hint)
            assert words[words.index("--extra-property") + 1] == "name=remote_ip_prefix,value="
            assert {"--egress", "--for-default-sg", "--for-custom-sg"} <= set(words)


def test_a_rule_with_any_prefix_is_replaced() -> None:
    [finding] = check_template([WRITTEN_OUT[0], EGRESS[1], *PARENT])
    assert isinstance(finding, Finding)
    assert "0.0.0.0/0" in finding.observed
    assert finding.hint.startswith(shlex.join([*COMMAND, "delete", "any4"]) + " && ")


def test_a_narrow_prefix_is_no_egress_at_all_and_stays() -> None:
    narrow = rule("egress", "IPv4", remote_ip_prefix="10.0.0.0/8", id="narrow")
    [finding] = check_template([narrow, EGRESS[1], *PARENT])
    assert isinstance(finding, Finding)
    assert finding.deviation == "DEV-0115-1"
    assert "10.0.0.0/8" in finding.observed
    assert "delete" not in finding.hint


def test_kinds_that_miss_egress_for_different_reasons_get_findings_of_their_own() -> None:
    found = [
        entry
        for entry in check_template([rule("egress", "IPv4", kinds="d", remote_ip_prefix="0.0.0.0/0"), EGRESS[1]])
        if isinstance(entry, Finding)
    ]
    assert {entry.deviation: entry.observed for entry in found} == {
        "DEV-0115-2": "egress IPv4 any protocol to 0.0.0.0/0 (in default groups)",
        "DEV-0115-1": "no such rule",
    }


@pytest.mark.parametrize(
    "restriction",
    [
        {"protocol": "udp"},
        {"port_range_min": 0},
        {"port_range_max": 65535},
        {"remote_group_id": "PARENT"},
        {"remote_address_group_id": "0815"},
    ],
)
def test_restricted_egress_counts_for_the_suite_and_is_remarked(restriction: dict[str, Any]) -> None:
    observations = list(check_template([rule("egress", "IPv4", **restriction), EGRESS[1], *PARENT]))
    assert rows(observations, Judge.OFFICIAL) == []
    assert [entry.deviation for entry in observations if isinstance(entry, Remark)] == ["DEV-0115-3"] * 2


@pytest.mark.parametrize(
    ("ports", "words"),
    [
        ({"port_range_min": 1}, "egress IPv4 tcp ports 1 to None to anywhere (in default and custom groups)"),
        ({"port_range_max": 9}, "egress IPv4 tcp ports None to 9 to anywhere (in default and custom groups)"),
        ({}, "egress IPv4 tcp to anywhere (in default and custom groups)"),
    ],
)
def test_a_range_with_one_end_is_shown(ports: dict[str, int], words: str) -> None:
    assert str(rule("egress", "IPv4", protocol="tcp", **ports)) == words


def test_rules_of_other_families_and_directions_are_ignored() -> None:
    others = [rule("egress", "IPX"), rule("sideways", "IPv4")]
    [remark] = check_template([*DEFAULTS, *others])
    assert isinstance(remark, Remark)
    assert "egress IPX" in remark.text
    assert "sideways IPv4" in remark.text
    assert remark.deviation == ""


def test_the_remark_on_members_names_the_missing_family() -> None:
    [remark] = check_template([*EGRESS, PARENT[0]])
    assert isinstance(remark, Remark)
    assert "IPv6" in remark.text
    assert "IPv4" not in remark.text


@given(st.permutations([*DEFAULTS, SSH, *WRITTEN_OUT]))
def test_the_order_of_the_rules_does_not_matter(rules: list[GroupRule]) -> None:
    expected = check_template([*DEFAULTS, SSH, *WRITTEN_OUT])
    assert sorted(map(repr, check_template(rules))) == sorted(map(repr, expected))


@given(st.text())
def test_any_prefix_text_can_be_read(prefix: str) -> None:
    assert isinstance(rule("egress", "IPv4", remote_ip_prefix=prefix).unrestricted, bool)


# -- actual groups ----------------------------------------------------------------------------------------------------

GROUP = "6c6c"


def actual(direction: str, family: str, **more: Any) -> GroupRule:
    return GroupRule(f"{direction}-{family}", direction, family, security_group_id=GROUP, **more)


BORN = [actual("egress", "IPv4"), actual("egress", "IPv6")]
OWN = [actual("ingress", family, remote_group_id=GROUP) for family in ("IPv4", "IPv6")]


def test_a_new_group_with_egress_only_is_fine() -> None:
    assert list(check_group(BORN, "custom")) == []


@pytest.mark.parametrize("more", [{}, {"remote_group_id": GROUP}, {"protocol": "icmp"}])
def test_any_ingress_in_a_new_group_is_a_violation(more: dict[str, Any]) -> None:
    [finding] = check_group([*BORN, actual("ingress", "IPv6", **more)], "custom")
    assert isinstance(finding, Finding)
    assert (finding.basis, finding.deviation, finding.resource_id) == (Basis.BOTH, "", "ingress-IPv6")
    # Neutron has no command for a template that it does not have.
    assert "openstack" not in finding.hint


def test_a_new_group_without_egress_is_rejected_by_the_suite_only() -> None:
    observations = list(check_group([BORN[0]], "custom"))
    assert rows(observations, Judge.OFFICIAL) == ["DEV-0115-1"]
    assert rows(observations, Judge.TEXT) == []
    assert len(rows(check_group([], "custom"), Judge.OFFICIAL)) == 2
    hints = [entry.hint for entry in observations if isinstance(entry, Finding)]
    assert hints
    assert not any("openstack" in hint for hint in hints)  # Neutron has no template here, and no command for one


@pytest.mark.parametrize("protocol", ["tcp", "6", 6])
def test_a_protocol_is_a_name_or_a_number(protocol: object) -> None:
    plain = {"id": "r", "ethertype": "IPv4", "protocol": protocol, "port_range_min": None, "port_range_max": None}
    flags = {"used_in_default_sg": True, "used_in_non_default_sg": True}
    [finding] = check_group(
        [*BORN, GroupRule.from_plain({**plain, "direction": "ingress", "security_group_id": "g"})], "custom"
    )
    assert isinstance(finding, Finding)
    assert finding.basis is Basis.BOTH
    narrow = GroupRule.from_plain({**plain, "direction": "egress", **flags})
    remarks = list(check_template([narrow, EGRESS[1], *PARENT]))
    assert [one.deviation for one in remarks if isinstance(one, Remark)] == ["DEV-0115-3"] * 2  # for each kind
    assert len(remarks) == 2


def test_any_port_may_be_written_minus_one() -> None:
    assert rule("egress", "IPv4", port_range_min=-1, port_range_max=-1).unrestricted
    assert not rule("egress", "IPv4", port_range_min=0, port_range_max=-1).unrestricted


def test_egress_with_any_prefix_suffices_in_a_new_group() -> None:
    assert list(check_group([BORN[0], actual("egress", "IPv6", remote_ip_prefix="::/0")], "custom")) == []


def test_egress_with_a_narrow_prefix_suffices_for_the_suite_and_is_remarked() -> None:
    [remark] = check_group([BORN[0], actual("egress", "IPv6", remote_ip_prefix="fd00::/8")], "custom")
    assert isinstance(remark, Remark)
    assert remark.deviation == "DEV-0115-3"


def test_the_default_group_may_accept_its_own_members() -> None:
    assert list(check_group(BORN + OWN, "default")) == []


@pytest.mark.parametrize("more", [{}, {"remote_group_id": "other"}, {"remote_ip_prefix": "192.0.2.0/24"}])
def test_anything_else_in_the_default_group_is_a_mere_remark(more: dict[str, Any]) -> None:
    [remark] = check_group([*BORN, *OWN, actual("ingress", "IPv4", **more)], "default")
    assert isinstance(remark, Remark)
    assert remark.deviation == "DEV-0115-5"
    assert "openstack security group rule delete ingress-IPv4" in remark.text


def test_a_default_group_without_egress_is_remarked_for_each_family() -> None:
    remarks = list(check_group(OWN, "default"))
    assert all(isinstance(entry, Remark) for entry in remarks)
    assert len(remarks) == 2


@pytest.mark.parametrize(("there", "missing"), [("IPv4", "IPv6"), ("IPv6", "IPv4")])
def test_egress_of_one_family_alone_is_no_egress_of_the_other(there: str, missing: str) -> None:
    [remark] = check_group([actual("egress", there), *OWN], "default")
    assert isinstance(remark, Remark)
    assert remark.text == f"it has no unrestricted {missing} egress: no rule"
    [finding] = check_group([actual("egress", there)], "custom")
    assert isinstance(finding, Finding)
    assert finding.title == f"{missing} egress is allowed"


ANY = dict.fromkeys(("protocol", "port_range_min", "port_range_max"))

# -- reading ----------------------------------------------------------------------------------------------------------


def test_a_rule_of_the_template_is_read_as_neutron_shows_it() -> None:
    data = {
        "id": "1",
        "direction": "ingress",
        "ethertype": "IPv4",
        "protocol": None,
        "port_range_min": None,
        "port_range_max": None,
        "remote_ip_prefix": None,
        "remote_group_id": "PARENT",
        "remote_address_group_id": None,
        "description": "Legacy default SG rule for ingress traffic",
        "used_in_default_sg": True,
        "used_in_non_default_sg": False,
    }
    read = GroupRule.from_plain(data)
    assert (read.used_in("default"), read.used_in("custom")) == (True, False)
    assert read == GroupRule("1", "ingress", "IPv4", remote_group_id="PARENT", used_in_default_sg=True)


def test_a_rule_of_a_group_has_no_flags() -> None:
    data = {"id": "1", "direction": "egress", "ethertype": "IPv6", "security_group_id": GROUP, **ANY}
    assert GroupRule.from_plain(data) == GroupRule("1", "egress", "IPv6", security_group_id=GROUP)


@pytest.mark.parametrize(
    "missing", ["id", "direction", "ethertype", "used_in_default_sg", "used_in_non_default_sg", *ANY]
)
def test_a_rule_of_the_template_that_lacks_something_is_refused(missing: str) -> None:
    data = {
        "id": "1",
        "direction": "egress",
        "ethertype": "IPv4",
        "used_in_default_sg": True,
        "used_in_non_default_sg": True,
        **ANY,
    }
    del data[missing]
    with pytest.raises(ValueError, match=rf"^rule( \(id 1\))?: {missing}: expected .*, got nothing$"):
        GroupRule.from_plain(data)
