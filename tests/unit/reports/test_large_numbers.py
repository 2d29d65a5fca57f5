# SPDX-License-Identifier: Apache-2.0
"""Counts of a thousand and more: in groups of digits where people read them, plain where programs do."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from pytest_scs.base.language import language
from pytest_scs.core.findings import Finding
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result, Run, RunOutcome
from pytest_scs.reports import html, lines

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]

GIVEN = {"title": "SCS", "self_contained": True, "styles": "", "date": "", "time": "", "version": "", "run_count": ""}


@pytest.fixture
def many(make_result: MakeResult) -> Result:
    """A result of 12,000 images, 1,500 of which violate the rule."""
    result = make_result("scs-0100-two", "FAIL")
    result.findings = [Finding(f"image {number}", "disk", "1", "2") for number in range(1500)]
    result.evidence = {"images": 12_000}
    return result


@pytest.mark.parametrize(
    ("code", "more", "said"),
    [
        ("en", "1,490", "scs-0100-two: 1,500 of 12,000 images violate the rule"),
        ("de", "1.490", "scs-0100-two: 1.500 von 12.000 Images verstoßen gegen die Regel"),
    ],
)
def test_lines_for_people(many: Result, code: str, more: str, said: str) -> None:
    words = language(code)
    assert lines.count(many, Judge.OFFICIAL, words) == said
    assert more in lines.violations(many, Judge.OFFICIAL, 10, language=words)[-1]


def test_lines_for_programs(many: Result) -> None:
    assert lines.count(many, Judge.OFFICIAL) == "scs-0100-two: 1500 of 12000 images violate the rule"
    assert lines.more(1490) == "... and 1490 more"


@pytest.mark.parametrize(("code", "comma"), [("en", ","), ("de", ".")])
def test_the_page(make_run: MakeRun, many: Result, code: str, comma: str) -> None:
    run = dataclasses.replace(make_run({"scs-0100-two": many}), language=language(code))
    run.subject_runs[0].debug["requests_total"] = 10_000
    page = html.render(run, RunOutcome(run), None, GIVEN, None)
    for number in ("1,500", "1,499", "12,000", "10,000"):
        assert number.replace(",", comma) in page
