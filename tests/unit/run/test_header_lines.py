# SPDX-License-Identifier: Apache-2.0
"""What pytest's header says of the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from toy_platform import Boxes

from pytest_scs.evidence.recording import write_evidence
from pytest_scs.platforms.platform import PlatformSettings
from pytest_scs.run.header import header_lines, with_state
from pytest_scs.run.session import Session

MakeRun = Callable[..., Session]

BEGINNING = "scs: Good boxes v1 (effective); target main, recommended, preview; judge official"


@pytest.mark.parametrize(
    ("names", "words"), [(("crate",), "crate"), (("trunk", "shoebox"), "trunk, shoebox (embedded)")]
)
def test_the_subjects_are_named_and_embedded_ones_said_to_be_so(
    make_run_of_boxes: MakeRun, names: tuple[str, ...], words: str
) -> None:
    assert header_lines(make_run_of_boxes(*names)) == [f"{BEGINNING}; box {words}"]


@pytest.mark.parametrize(
    ("title", "state", "said"),
    [
        ("Good boxes v1", "effective", "Good boxes v1 (effective)"),
        ("Good boxes v2 (draft, unofficial)", "draft", "Good boxes v2 (draft, unofficial)"),
        ("Good boxes v2 (a draft)", "deprecated", "Good boxes v2 (a draft) (deprecated)"),
        # What only contains the word, or has it elsewhere, does not say it.
        ("Good boxes v2 (redrafted)", "draft", "Good boxes v2 (redrafted) (draft)"),
        ("Draft horses v1", "draft", "Draft horses v1 (draft)"),
    ],
)
def test_a_state_that_the_name_says_already_is_said_once(title: str, state: str, said: str) -> None:
    assert with_state(title, state) == said


def test_a_plan_needs_no_subject(make_run_of_boxes: MakeRun) -> None:
    active = make_run_of_boxes(contact=False, platforms={"openstack": PlatformSettings(), "boxes": PlatformSettings()})
    assert header_lines(active) == [f"{BEGINNING}; box not named"]


def test_every_platform_that_judges_is_named(make_run_of_boxes: MakeRun, mini_path: Path, scope_path: Path) -> None:
    active = make_run_of_boxes(
        contact=False,
        scopes=(f"{mini_path}@v1", f"{scope_path}@v1"),
        platforms={"openstack": PlatformSettings(("prod",)), "boxes": PlatformSettings(("crate",))},
        targets=("main",),
    )
    assert header_lines(active) == [
        "scs: SCS-compatible Mini v1 (effective), Good boxes v1 (effective); target main; judge official; "
        "cloud prod; box crate"
    ]


def test_what_an_earlier_run_left_has_a_line_of_its_own(make_run_of_boxes: MakeRun) -> None:
    assert header_lines(make_run_of_boxes("attic"))[1:] == ["scs: a run left a stone in attic"]


def test_a_replay_names_its_file_and_the_recorded_subjects(
    make_run_of_boxes: MakeRun, begin: Callable[..., Session], tmp_path: Path, boxes: Boxes
) -> None:
    live = begin(make_run_of_boxes("crate"))
    path = tmp_path / "evidence.json"
    write_evidence(path, [live.inventory(subject) for subject in live.subjects], live.selection.scopes)
    replay = make_run_of_boxes(replay=path, platforms={"openstack": PlatformSettings(), "boxes": PlatformSettings()})
    assert header_lines(replay) == [f"{BEGINNING}; box crate; replayed from evidence.json"]


@pytest.mark.parametrize(("patience", "said"), [(1.0, ""), (2.0, "; patience 2"), (0.5, "; patience 0.5")])
def test_patience_is_shown_where_it_is_not_the_usual_one(
    make_run_of_boxes: MakeRun, patience: float, said: str
) -> None:
    assert header_lines(make_run_of_boxes("crate", patience=patience)) == [f"{BEGINNING}; box crate{said}"]
