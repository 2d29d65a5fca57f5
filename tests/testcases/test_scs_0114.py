# SPDX-License-Identifier: Apache-2.0
"""The testcases of scs-0114 on demo clouds: lists of aspects that are wrong, and aspects that nobody advertises."""

from __future__ import annotations

import uuid
from typing import Any

from pytest_scs.demo.openstack.state import CloudState

SYNTAX = "scs-0114-syntax-check"
#: Testcase -> the aspect it looks for.
ASPECTS = {"scs-0114-encrypted-type": "encrypted", "scs-0114-replicated-type": "replicated"}
TESTCASES = ("scs-0114-syntax-check", *ASPECTS)

#: Description that nobody accepts -> rule, and the list as it should be.
BAD_LISTS = {
    "[scs:replicated, encrypted] fast": ("aspects are in alphabetical order", "'[scs:encrypted, replicated]'"),
    "[scs:encrypted, encrypted]": ("each aspect is listed once", "'[scs:encrypted]'"),
    "[scs:,replicated]": ("there is an aspect between any two commas", "'[scs:replicated]'"),
}
#: Description that nobody rejects -> what the remark about it says.
REMARKED = {
    "[scs:encrypted,replicated]": "DEV-0114-3",
    "[SCS:encrypted] LUKS": "DEV-0114-2",
    " [scs:encrypted]": "DEV-0114-2",
    "[scs:encrypted": "DEV-0114-2",
    "[scs:]": "an empty list",
}


def add(state: CloudState, name: str, description: str | None) -> str:
    identity = str(uuid.uuid4())
    state.volume_types.append(
        {"id": identity, "name": name, "description": description, "is_public": True, "extra_specs": {}}
    )
    return identity


def test_conforming_volume_types_pass(passes: Any) -> None:
    passes(TESTCASES, "scs-0114")


def test_each_wrong_list_is_named_with_its_volume_type(judge: Any, state: CloudState) -> None:
    offenders = {
        add(state, f"bad-{number}", description): (f"bad-{number}", description, *said)
        for number, (description, said) in enumerate(BAD_LISTS.items())
    }
    add(state, "good", "[scs:encrypted] LUKS [scs-like]")
    run = judge(state)
    assert run.ret == 1
    assert run.failed == {SYNTAX}
    assert run.named(SYNTAX) == set(offenders)
    for found in run.violations(SYNTAX):
        name, description, rule, expected = offenders[found.uuid]
        assert found.resource == f"volume type {name}"
        assert (found.rule, found.expected) == (rule, expected), name
        assert found.found == repr(description.partition("]")[0] + "]"), name
        assert found.hint.startswith("openstack volume type set --description="), name
        assert found.hint.endswith(found.uuid), name
    assert len(run.violations(SYNTAX)) == len(offenders)


def test_aspect_that_no_volume_type_advertises_is_missed(judge: Any, state: CloudState) -> None:
    for kind in state.volume_types:
        kind["description"] = "encrypted and replicated, but not so that anybody finds it"
    run = judge(state)
    assert run.failed == set(ASPECTS)
    for testcase, aspect in ASPECTS.items():
        (found,) = run.violations(testcase)
        assert found.resource == "volume types", testcase
        assert found.expected == f"a description that starts with [scs:{aspect}]", testcase
        assert "standard: no list" in found.found, testcase
        assert found.hint.startswith(
            f"if a type is {aspect}: openstack volume type set --description='[scs:{aspect}] "
        ), testcase


def test_other_aspects_are_rejected_by_the_official_suite_only(
    both_judge: Any, dispute: Any, state: CloudState
) -> None:
    disputes = [
        dispute(SYNTAX, add(state, "disputed-1", "[scs:encrypted, foo]"), "official", "DEV-0114-1"),
        dispute(SYNTAX, add(state, "disputed-2", "[scs:Encrypted]"), "official", "DEV-0114-1"),
    ]
    for number, description in enumerate(REMARKED):
        add(state, f"remarked-{number}", description)
    _, text = both_judge(state, disputes, "-m", "scs_0114", ret=(1, 0))
    for number, (description, words) in enumerate(REMARKED.items()):
        remarks = [line for line in text.remarks(SYNTAX) if line.startswith(f"volume type remarked-{number}: ")]
        assert len(remarks) == 1, description
        assert words in remarks[0], description


def test_unreadable_volume_types_are_no_verdict(aborts: Any) -> None:
    aborts(TESTCASES, reads="volume_types")
