# SPDX-License-Identifier: Apache-2.0
"""The reference is what the code says, and says all of it."""

from __future__ import annotations

import re

import pytest
import reference_pages

from pytest_scs.base.markdown import tables
from pytest_scs.base.pages import Page
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes


@pytest.mark.parametrize("name", reference_pages.pages())
def test_a_page_is_made_from_the_code(name: str) -> None:
    page = reference_pages.FOLDER / f"{name}.md"
    assert page.read_text("utf-8") == reference_pages.render(name), "run: python tests/docs/reference_pages.py"


def test_no_page_is_left_of_former_days() -> None:
    assert {path.stem for path in reference_pages.FOLDER.glob("*.md")} == set(reference_pages.pages())


def test_every_option_that_pytest_knows_of_us_is_there(pytester: pytest.Pytester) -> None:
    help_text = pytester.runpytest_inprocess("--help").stdout.str()
    ours = set(re.findall(r"^  (--(?:scs-[a-z0-9-]+|os-cloud|kube[a-z-]+))", help_text, re.MULTILINE))
    assert len(ours) > 20
    assert [option for option in sorted(ours) if f"`{option}" not in reference_pages.render("options")] == []


def test_every_testcase_that_a_version_contains_is_there() -> None:
    page = reference_pages.render("testcases")
    for path in bundled_scopes().values():
        assert [one for one in load_scope(path).included if f"| `{one}` |" not in page] == []


def test_exit_codes_are_those_of_the_page_that_scs_explain_shows(pages: dict[str, Page]) -> None:
    [part] = [part for part in pages["framework"].parts if part.heading == "Exit codes"]
    codes = {int(code) for table in tables(part.text) for row in table.rows for code in re.findall(r"\d+", row[0])}
    assert codes == set(reference_pages.EXIT_CODES)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("FILE|DIR", r"FILE\|DIR"),
        ("a <b> and `<c>`", r"a \<b\> and `<c>`"),
        ("two\n  lines", "two lines"),
        ("*all* [x](y)", r"\*all\* \[x\](y)"),
    ],
)
def test_a_text_in_a_table_is_no_markup(text: str, shown: str) -> None:
    assert reference_pages.cell(text) == shown
