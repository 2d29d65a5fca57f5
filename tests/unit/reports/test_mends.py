# SPDX-License-Identifier: Apache-2.0
"""Many offenders that are mended alike have one mend."""

from __future__ import annotations

from pytest_scs.core.findings import Finding
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.lines import MEND, violations
from pytest_scs.reports.mends import MANY, shared_mends


def finding(number: int, hint: str) -> Finding:
    return Finding(f"image {number:05}", "rule", "x", "y", hint=hint.format(number), resource_id=str(number))


def lines(findings: list[Finding], limit: int | None = None) -> list[str]:
    result = Result("scs-0102-x", Subject("openstack", "c"), Verdict.FAIL, Verdict.FAIL, findings=findings)
    return violations(result, Judge.OFFICIAL, limit)


SET = "openstack image set --property a=b {}"


def test_five_thousand_equal_offenders_have_one_loop() -> None:
    found = lines([finding(number, SET) for number in range(5000)])
    mends = [line for line in found if line.startswith(MEND)]
    assert len(found) == 5001
    ids = " ".join(map(str, range(5000)))
    assert mends == [f'{MEND}for id in {ids}; do openstack image set --property a=b "$id"; done']


def test_the_loop_is_about_the_offenders_that_are_shown() -> None:
    found = lines([finding(number, SET) for number in range(5000)], 10)
    assert found[10] == "... and 4990 more"
    assert found[11].startswith(
        f'{MEND}for id in 0 1 2 3 4 5 6 7 8 9; do openstack image set --property a=b "$id"; done'
    )
    assert "those above" in found[11]


def test_a_few_have_a_command_each() -> None:
    found = lines([finding(number, SET) for number in range(MANY - 1)])
    assert len([line for line in found if line.startswith(f"{MEND}openstack")]) == MANY - 1


def test_who_is_mended_otherwise_keeps_the_own_mend() -> None:
    found = [finding(number, SET) for number in range(MANY)]
    found += [finding(77, "openstack image delete {}"), finding(78, "register another one")]
    shown = [line for line in lines(found) if line.startswith(MEND)]
    assert shown[:2] == [f"{MEND}openstack image delete 77", f"{MEND}register another one"]
    assert shown[2].startswith(f"{MEND}for id in 0 1 2 3 4; do")


def test_the_same_words_for_many_are_said_once() -> None:
    found = lines([finding(number, "update Nova") for number in range(MANY)])
    assert [line for line in found if line.startswith(MEND)] == [f"{MEND}update Nova"]


def test_ids_that_look_like_options_have_a_loop_of_their_own() -> None:
    found = [finding(number, SET) for number in range(MANY)]
    found += [
        Finding("image x", "rule", "x", "y", hint=f"openstack image set --property a=b -- -{n}", resource_id=f"-{n}")
        for n in range(MANY)
    ]
    assert [mend.line.partition("; do ")[2] for mend in shared_mends(found)] == [
        'openstack image set --property a=b "$id"; done',
        'openstack image set --property a=b -- "$id"; done',
    ]
