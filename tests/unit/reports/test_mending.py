# SPDX-License-Identifier: Apache-2.0
"""What there is to do, by standard and each mend once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_scs.core.findings import Finding
from pytest_scs.core.results import Result, Run
from pytest_scs.reports.mending import Mend, StandardMends, mends_by_standard

MakeRun = Callable[..., Run]


@pytest.fixture
def mends(make_run: MakeRun, make_result: Callable[..., Result]) -> Callable[..., list[StandardMends]]:
    """The mends of a run with these (offender, hint) by testcase, each of which fails."""

    def make(**found: list[tuple[str, str]]) -> list[StandardMends]:
        results = {}
        for name, offenders in found.items():
            testcase = name.replace("_", "-")
            results[testcase] = make_result(testcase, "FAIL")
            results[testcase].findings = [
                Finding(f"flavor {one}", "rule", "x", "y", hint=hint.format(one), resource_id=one)
                for one, hint in offenders
            ]
        run = make_run(results)
        return mends_by_standard(run, run.subject_runs[0])

    return make


DELETE = "openstack flavor delete {}"


def only(found: list[StandardMends]) -> Mend:
    [standard] = found
    [mend] = standard.mends
    return mend


def test_offenders_of_one_kind_share_a_mend_across_testcases_and_standards(
    mends: Callable[..., list[StandardMends]],
) -> None:
    found = mends(
        scs_0100_one=[("1", DELETE), ("2", DELETE)],
        scs_0100_two=[("2", DELETE)],
        scs_0102_three=[("3", DELETE)],
    )
    mend = only(found)
    assert (found[0].standard, mend.ids) == ("scs-0100", ("1", "2", "3"))
    assert mend.testcases == ("scs-0100-one", "scs-0100-two", "scs-0102-three")
    assert mend.line == 'for id in 1 2 3; do openstack flavor delete "$id"; done'
    assert mend.script.splitlines()[-4:] == ["1", "2", "3", "END_OF_IDS"]
    assert mend.command


def test_one_offender_has_the_command_itself(mends: Callable[..., list[StandardMends]]) -> None:
    mend = only(mends(scs_0100_one=[("4711", DELETE)]))
    assert mend.line == mend.script == "openstack flavor delete 4711"


def test_words_are_no_commands_and_are_said_once(mends: Callable[..., list[StandardMends]]) -> None:
    [standard] = mends(scs_0100_one=[("1", "update {} by hand"), ("2", "look"), ("3", "look"), ("4", DELETE)])
    assert [mend.line for mend in standard.words] == ["update 1 by hand", "look"]
    assert [mend.line for mend in standard.commands] == ["openstack flavor delete 4"]
    assert len(standard.words[1].findings) == 2


def test_what_does_not_decide_the_run_is_said_to_be_so(mends: Callable[..., list[StandardMends]]) -> None:
    first, second = mends(scs_0100_one=[("1", DELETE)], four_check=[("2", "kubectl delete {}")])
    assert first.mends[0].decisive
    assert not second.mends[0].decisive
    # The programs of another platform are words here.
    assert not second.mends[0].command


def test_what_passes_needs_no_mend(make_run: MakeRun) -> None:
    run = make_run({"scs-0100-one": "ABORT"})
    assert mends_by_standard(run, run.subject_runs[0]) == []
