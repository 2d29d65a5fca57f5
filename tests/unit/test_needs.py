# SPDX-License-Identifier: Apache-2.0
"""Tests that lack something beside the checkout say so loudly, and fail where nothing may be left out."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = """
from needs import lacking

def test_one():
    lacking("cloud", "no real cloud")

def test_two():
    lacking("cloud", "no real cloud")

def test_three():
    lacking("guests", "no real guests")
"""


@pytest.fixture
def inner(pytester: pytest.Pytester) -> pytest.Pytester:
    conftest = Path(__file__).parents[1] / "conftest.py"
    pytester.makeconftest(conftest.read_text("utf-8"))
    pytester.makepyfile(TESTS)
    return pytester


def test_what_is_left_out_is_said_at_the_end(inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCS_TEST_REQUIRE", raising=False)
    result = inner.runpytest_inprocess("-p", "no:scs")
    result.assert_outcomes(skipped=3)
    result.stdout.fnmatch_lines(["!*NOT TESTED*!", "2 tests: no real cloud", "1 test: no real guests"])


def test_what_is_left_out_fails_where_it_is_forbidden(inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCS_TEST_REQUIRE", "official cloud")
    result = inner.runpytest_inprocess("-p", "no:scs")
    result.assert_outcomes(failed=2, skipped=1)
    result.stdout.fnmatch_lines(["*no real cloud (SCS_TEST_REQUIRE has 'cloud', so this may not be left out)"])


def test_nothing_is_said_where_nothing_is_left_out(pytester: pytest.Pytester) -> None:
    pytester.makeconftest((Path(__file__).parents[1] / "conftest.py").read_text("utf-8"))
    pytester.makepyfile("import pytest\n\ndef test_one():\n    pytest.skip('as it happens')\n")
    result = pytester.runpytest_inprocess("-p", "no:scs")
    result.assert_outcomes(skipped=1)
    result.stdout.no_fnmatch_line("*NOT TESTED*")


def test_what_nobody_needs_cannot_be_required(inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCS_TEST_REQUIRE", "1")
    result = inner.runpytest_inprocess("-p", "no:scs")
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(
        ["*SCS_TEST_REQUIRE: 1 is none of official, browser, cloud, guests, cluster, e2e, shellcheck, ssh, cont*"]
    )
