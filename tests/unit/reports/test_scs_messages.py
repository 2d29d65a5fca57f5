# SPDX-License-Identifier: Apache-2.0
"""How the lines of a report are shared, and what may stand in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_scs.core.cause import Cause
from pytest_scs.core.findings import Finding, Remark
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.scs.messages import MAX_LENGTH, MAX_LINES, MIN_LINES, messages, shared_out

SUBJECT = Subject("openstack", "acme")


def failed(testcase: str, number: int, *, hint: str = "", remarks: int = 0, alike: bool = False) -> Result:
    result = Result(testcase, SUBJECT, Verdict.FAIL, Verdict.FAIL, evidence={"images": number + 100})
    for one in range(number):
        own = f"openstack image set --x {one if not alike else 1} id{one}" if hint else ""
        result.findings.append(Finding(f"image {one:05}", "min_ram", "1", "0", hint=own, resource_id=f"id{one}"))
    result.remarks = [Remark(f"remark {one}") for one in range(remarks)]
    return result


def aborted(testcase: str, text: str = "compute answers 503") -> Result:
    return Result(testcase, SUBJECT, Verdict.ABORT, Verdict.ABORT, cause=Cause(text))


def told(*results: Result) -> list[str]:
    return messages(results, Judge.OFFICIAL, str)


def of(testcase: str, lines: list[str]) -> list[str]:
    return [line for line in lines if line.split(": ")[1] == testcase]


@given(st.dictionaries(st.text("ab", max_size=5), st.integers(0, 5000), max_size=60), st.integers(0, 3000))
def test_lines_are_shared_so_that_nobody_takes_those_of_another(wanted: dict[str, int], lines: int) -> None:
    shares = shared_out(wanted, lines)
    assert shares.keys() == wanted.keys()
    assert all(min(number, MIN_LINES) <= shares[name] <= number for name, number in wanted.items())
    assert sum(shares.values()) <= max(lines, sum(min(number, MIN_LINES) for number in wanted.values()))
    cut = [shares[name] for name, number in wanted.items() if shares[name] < number]
    if cut:
        # Whoever is cut has as much as any other (but for what cannot be divided), and nothing is left over.
        assert max(shares.values()) - min(cut) <= 1
        assert sum(shares.values()) >= lines - len(wanted) or max(cut) <= MIN_LINES


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 900), st.booleans(), st.booleans(), st.integers(0, 300)), min_size=1, max_size=8),
    st.integers(0, 4),
)
def test_every_testcase_keeps_its_number_and_its_share(many: list[tuple[int, bool, bool, int]], undecided: int) -> None:
    results = [
        failed(f"failed-{place}", number, hint="x" if mended else "", alike=alike, remarks=remarks)
        for place, (number, mended, alike, remarks) in enumerate(many)
    ]
    results += [aborted(f"aborted-{place}") for place in range(undecided)]
    lines = told(*results)
    assert len(lines) <= MAX_LINES
    for result, (number, _, _, remarks) in zip(results, many, strict=False):
        own = of(result.testcase, lines)
        assert own[0] == (
            f"ERROR: {result.testcase}: {number} of {number + 100} images violate{'s' if number == 1 else ''} the rule"
        )
        named = [line for line in own if ": image " in line]
        left_out = [line for line in own if line.startswith("ERROR") and line.endswith(" more")]
        assert len(named) + sum(int(line.split()[-2]) for line in left_out) == number
        assert len(left_out) == (len(named) < number)
        told_of = [line for line in own if line.startswith("WARNING")]
        assert bool(told_of) == bool(remarks)
    for result in results[len(many) :]:
        assert of(result.testcase, lines) == [f"ERROR: {result.testcase}: not decided: compute answers 503"]


def test_a_cause_is_there_whatever_the_others_have_to_say() -> None:
    lines = told(*(failed(f"failed-{place}", 3000) for place in range(6)), aborted("last"))
    assert lines[-1] == "ERROR: last: not decided: compute answers 503"
    assert len(lines) == MAX_LINES
    assert {len(of(f"failed-{place}", lines)) for place in range(6)} <= {333, 334}


def test_what_one_does_not_need_is_for_the_others() -> None:
    lines = told(failed("small", 3), failed("large", 5000))
    assert len(of("small", lines)) == 4
    assert len(of("large", lines)) == MAX_LINES - 4
    assert of("large", lines)[-1] == f"ERROR: large: ... and {5000 - (MAX_LINES - 4 - 2)} more"


def test_many_warnings_leave_most_room_to_offenders() -> None:
    lines = of("both", told(failed("both", 3000, remarks=3000)))
    warnings = [line for line in lines if line.startswith("WARNING")]
    assert len(lines) == MAX_LINES
    assert 0 < len(warnings) <= MAX_LINES // 4
    assert warnings[-1] == f"WARNING: both: ... and {3000 - len(warnings) + 1} more"


def test_warnings_alone_are_cut_as_well() -> None:
    result = aborted("alone")
    result.remarks = [Remark(f"remark {one}") for one in range(5000)]
    lines = told(result)
    assert len(lines) == MAX_LINES
    assert lines[0] == "ERROR: alone: not decided: compute answers 503"
    assert lines[-1] == "WARNING: alone: ... and 3002 more"


@pytest.mark.parametrize("blanks", ["a  b", " a", "a   ", "  "])
def test_blanks_in_a_quoted_value_stay(blanks: str) -> None:
    result = Result("one", SUBJECT, Verdict.FAIL, Verdict.FAIL, evidence={"images": 1})
    result.findings = [Finding("image a", "os_distro", "'x'", repr(blanks))]
    assert told(result)[1].endswith(f"found {blanks!r}")


def test_no_line_is_markup_and_the_count_is_that_of_the_true_names() -> None:
    result = Result("one", SUBJECT, Verdict.FAIL, Verdict.FAIL, evidence={"flavors": 9})
    names = ["SCS-<b>", "SCS-\u2039b\u203a", "a`b&c", "\u202e\x07\n"]
    result.findings = [Finding(f"flavor {name}", "syntax", "a", "b") for name in names]
    first, *rest = told(result)
    assert first == "ERROR: one: 4 of 9 flavors violate the rule"
    assert not any(set(line) & set("<>&`\n\x07\u202e") for line in rest)
    assert any("flavor a\u2019b\uff06c" in line for line in rest)
    assert any(r"flavor \u202e\x07\n" in line for line in rest)


def test_a_mend_of_two_steps_says_so_without_a_sign_that_pages_take_for_markup() -> None:
    result = Result("one", SUBJECT, Verdict.FAIL, Verdict.FAIL, evidence={"flavors": 9})
    hint = "openstack flavor create a && openstack flavor delete b"
    result.findings = [Finding("flavor b", "syntax", "a", "b", hint=hint)]
    assert (
        told(result)[-1] == "ERROR: one: mend: openstack flavor create a, and if that works: openstack flavor delete b"
    )


def test_lines_are_bounded() -> None:
    result = aborted("one", "x" * 10_000)
    assert max(map(len, told(result))) <= MAX_LENGTH
