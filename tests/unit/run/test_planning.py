# SPDX-License-Identifier: Apache-2.0
"""From collected items to the plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_scs.platforms.platform import PlatformSettings
from pytest_scs.run import bundle
from pytest_scs.run.item_keys import expected_key, subject_key
from pytest_scs.run.planning import show_plan
from pytest_scs.run.session import Session

CLOSED, WEIGHED, LABELLED, ASKED = (
    "scs-9902-x-closed",
    "scs-9902-x-weighed",
    "scs-9903-x-labelled",
    "scs-9903-x-asked",
)


def plan(active: Session, *items: pytest.Item, terminal: bool = True) -> list[str]:
    lines: list[str] = []
    shown = SimpleNamespace(
        section=lambda title, sep: lines.append(f"{sep} {title}"), line=lambda text, bold=False: lines.append(text)
    )
    plugins = SimpleNamespace(getplugin=lambda name: shown if terminal and name == "terminalreporter" else None)
    session: Any = SimpleNamespace(items=list(items), config=SimpleNamespace(pluginmanager=plugins))
    show_plan(session, active)
    return lines


@pytest.fixture
def items(make_item: Callable[..., pytest.Item]) -> Callable[[Session], list[pytest.Item]]:
    """Two items that read something, and one that judges nothing."""

    def make(active: Session) -> list[pytest.Item]:
        return [
            make_item(CLOSED, "scs", "lids", active=active),
            make_item(None),
            make_item(WEIGHED, "scs", "weight", "lids", active=active),
        ]

    return make


def test_a_plan_says_what_is_read_and_created_and_why(
    make_run_of_boxes: Callable[..., Session], items: Callable[[Session], list[pytest.Item]]
) -> None:
    active = make_run_of_boxes("crate", "trunk")
    assert plan(active, *items(active)) == [
        "= Plan",
        "scs-9902 Boxes",
        f"  {WEIGHED}: heavy; reads lids, weight; creates a stone; boxes-v1 main through scs-9902-v1",
        f"  {CLOSED}: light; reads lids; boxes-v1 main through scs-9902-v1",
        "- Reads",
        "  lids: the lids of the box",
        "  weight: what the box weighs",
        "- Creates, and removes again",
        "  a stone",
        "2 testcases on crate, trunk",
    ]


def test_without_means_nothing_is_created(
    make_run_of_boxes: Callable[..., Session], items: Callable[[Session], list[pytest.Item]]
) -> None:
    active = make_run_of_boxes("no-stone")
    lines = plan(active, *items(active))
    assert lines[-3:] == ["- Creates, and removes again", "  nothing", "2 testcases on no-stone"]
    assert not [line for line in lines if "a stone" in line]


def test_what_is_judged_on_several_boxes_is_one_testcase(
    make_run_of_boxes: Callable[..., Session], make_item: Callable[..., pytest.Item]
) -> None:
    active = make_run_of_boxes("crate", "trunk")
    lines = plan(active, *(make_item(CLOSED, active=active, subject=subject) for subject in active.subjects))
    assert lines[-1] == "1 testcase on crate, trunk"
    assert lines[2] == f"  {CLOSED}: light; reads nothing; boxes-v1 main through scs-9902-v1"


def test_a_plan_needs_no_subject(
    make_run_of_boxes: Callable[..., Session], items: Callable[[Session], list[pytest.Item]]
) -> None:
    active = make_run_of_boxes(contact=False, platforms={"openstack": PlatformSettings(), "boxes": PlatformSettings()})
    assert plan(active, *items(active))[-1] == "2 testcases; no box is named"


def test_what_has_no_test_and_what_people_answer_is_said(
    make_run_of_boxes: Callable[..., Session], empty_session: pytest.Session, answers: Path
) -> None:
    for given, words in (
        (None, "manual check: answer it with --scs-attestations"),
        (answers, "answered in answers.yaml; answered on 2026-06-01, counts until 2027-07-31"),
    ):
        active = make_run_of_boxes("crate", attestations=given)
        found = []
        for testcase, reason in ((LABELLED, "there is no test for it"), (ASKED, None)):
            item = bundle.unattended(empty_session, active.selection.scopes[0].path, testcase, "", reason)
            item.stash[expected_key] = active.selection.expected[testcase]
            item.stash[subject_key] = next(iter(active.subjects))
            found.append(item)
        lines = plan(active, *found)
        assert lines[2:4] == [
            f"  {LABELLED}: light; MISS: there is no test for it; boxes-v1 recommended through scs-9903-v1",
            f"  {ASKED}: manual; reads nothing; {words}; boxes-v1 preview through scs-9903-v1",
        ]


def test_without_a_terminal_nothing_is_shown(
    make_run_of_boxes: Callable[..., Session], items: Callable[[Session], list[pytest.Item]]
) -> None:
    active = make_run_of_boxes("crate")
    assert plan(active, *items(active), terminal=False) == []
