# SPDX-License-Identifier: Apache-2.0
"""What ``--scs-plan`` prints."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.core.scope import TARGETS
from pytest_scs.core.selection import Selection, select
from pytest_scs.reports.plan import Plan, PlannedTestcase, show


class Terminal:
    """Keeps what is printed."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.bold: list[str] = []

    def section(self, title: str, sep: str) -> None:
        self.lines.append(f"{sep} {title}")

    def line(self, text: str, *, bold: bool = False) -> None:
        self.lines.append(text)
        self.bold += [text] if bold else []


@pytest.fixture
def selection(mini_path: Path) -> Selection:
    return select([f"{mini_path}@next"], dt.date(2026, 6, 15), TARGETS, mini_path.parent)


def printed(selection: Selection, *ids: str, **changes: Any) -> Terminal:
    """The plan of some testcases that read flavors; ``changes`` are fields of the plan, or of every testcase."""
    of_testcase = {name: changes.pop(name) for name in ("reads", "creates_each", "reason") if name in changes}
    testcases = {
        one: PlannedTestcase(
            selection.expected[one],
            of_testcase.get("reads", ["flavors"]),
            of_testcase.get("creates_each", []),
            of_testcase.get("reason", ""),
        )
        for one in ids
    }
    fields = {"reads": {"flavors": "GET /flavors"}, "creates": [], "where": " on a", "count": len(ids), **changes}
    terminal: Any = Terminal()
    show(terminal, Plan(selection=selection, testcases=testcases, **fields))
    return terminal


def test_it_says_by_standard_what_runs_and_why(selection: Selection) -> None:
    plan = printed(selection, "scs-0102-three", "scs-0100-one")
    assert plan.lines == [
        "= Plan",
        "scs-0100 Names",
        "  scs-0100-one: light; reads flavors; mini-next main through scs-0100-v3.1",
        "scs-0102 Images",
        "  scs-0102-three: light; reads flavors; mini-next main through scs-0102-v1",
        "- Reads",
        "  flavors: GET /flavors",
        "- Creates, and removes again",
        "  nothing",
        "2 testcases on a",
    ]
    assert plan.bold == ["scs-0100 Names", "scs-0102 Images"]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"reads": []}, "light; reads nothing; "),
        ({"reads": ["flavors", "images"]}, "light; reads flavors, images; "),
        ({"creates_each": ["a VM", "a volume"]}, "light; reads flavors; creates a VM, a volume; "),
        ({"reason": "no test"}, "light; MISS: no test; "),
    ],
)
def test_a_line_says_what_a_testcase_does(selection: Selection, changes: dict[str, Any], line: str) -> None:
    assert printed(selection, "scs-0100-two", **changes).lines[2].startswith(f"  scs-0100-two: {line}")


@pytest.mark.parametrize(
    ("answers", "words"),
    [("", "manual check: answer it with --scs-attestations"), ("answers.yaml", "answered in answers.yaml")],
)
def test_a_manual_check_says_who_answers_it(selection: Selection, answers: str, words: str) -> None:
    line = printed(selection, "five-check", answers=answers).lines[2]
    assert line == f"  five-check: manual; reads flavors; {words}; mini-next preview through scs-0116-v1-manual"


def test_what_is_created_is_listed(selection: Selection) -> None:
    plan = printed(selection, "scs-0100-one", creates=["a VM", "a volume"], where="; no cloud is named")
    assert plan.lines[-4:] == ["- Creates, and removes again", "  a VM", "  a volume", "1 testcase; no cloud is named"]
