# SPDX-License-Identifier: Apache-2.0
"""What is completed in pytest's JUnit file."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from pytest_scs.core.results import Run
from pytest_scs.reports.junit import complete

MakeRun = Callable[..., Run]

SUITE = '<testsuites><testsuite name="pytest" errors="{errors}" failures="{failures}">{cases}</testsuite></testsuites>'
CASE = (
    '<testcase name="test_{testcase}"><properties><property name="scs_testcase" value="{testcase}"/>'
    '<property name="scs_verdict" value="?"/><property name="scs_cloud" value="{cloud}"/></properties>{child}'
    "</testcase>"
)


def case(testcase: str, child: str, cloud: str = "testcloud") -> str:
    return CASE.format(testcase=testcase, child=child, cloud=cloud)


def completed(run: Run, *cases: str, errors: int = 0, failures: int = 0) -> ElementTree.Element:
    root = ElementTree.fromstring(SUITE.format(cases="".join(cases), errors=errors, failures=failures))
    complete(root, run)
    return root


def counts(root: ElementTree.Element) -> tuple[str | None, str | None]:
    suite = root.find("testsuite")
    assert suite is not None
    return suite.get("errors"), suite.get("failures")


def test_an_abort_is_an_error_wherever_it_came_from(make_run: MakeRun) -> None:
    run = make_run({"scs-0100-one": "ABORT", "scs-0100-two": "FAIL"})
    root = completed(
        run,
        case("scs-0100-one", '<failure message="m">text</failure>'),
        case("scs-0100-two", "<failure/>"),
        failures=2,
    )
    one, two = root.iter("testcase")
    assert (one.find("failure"), two.find("error")) == (None, None)
    error = one.find("error")
    assert error is not None
    assert (error.get("message"), error.text) == ("m", "text")
    assert counts(root) == ("1", "1")


@pytest.mark.parametrize("verdict", ["FAIL", "ABORT"])
def test_what_does_not_decide_is_skipped_with_all_that_was_found(make_run: MakeRun, verdict: str) -> None:
    run = make_run({"four-check": verdict})
    run.redact = lambda text: text.replace("4711", "***")
    [found] = completed(run, case("four-check", '<skipped type="pytest.xfail"/>')).iter("testcase")
    text = found.findtext("skipped") or ""
    assert text.startswith(f"{verdict} four-check: ")
    assert "4711" not in text
    assert ("flavor SCS-1V-4 (***)" in text) is (verdict == "FAIL")


def test_a_skipped_miss_keeps_its_reason(make_run: MakeRun) -> None:
    run = make_run({"four-check": "MISS", "scs-0100-one": "MISS"})
    root = completed(run, *(case(one, "<skipped>why</skipped>") for one in ("four-check", "scs-0100-one")))
    assert [one.findtext("skipped") for one in root.iter("testcase")] == ["why", "why"]


def test_tests_that_judge_nothing_are_left_alone(make_run: MakeRun) -> None:
    run = make_run({"scs-0100-one": "ABORT"})
    foreign = '<testcase name="test_mine"><failure>mine</failure></testcase>'
    others = [case("scs-0999-x", "<failure/>"), case("scs-0100-one", "<failure/>", cloud="elsewhere")]
    root = completed(run, foreign, *others, failures=3)
    assert len(list(root.iter("failure"))) == 3
    assert counts(root) == ("0", "3")


def test_a_suite_without_counts_gets_none(make_run: MakeRun) -> None:
    root = ElementTree.fromstring("<testsuites><testsuite/></testsuites>")
    complete(root, make_run())
    assert ElementTree.tostring(root) == b"<testsuites><testsuite /></testsuites>"
