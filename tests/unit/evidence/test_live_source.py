# SPDX-License-Identifier: Apache-2.0
"""Reading subjects: in which order, once each, with word of what is waited for, and tidied up whatever happens."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from toy_platform import READ_AT, Boxes, BoxReader, OpenedBoxes

from pytest_scs.base.errors import InputError
from pytest_scs.core.cause import Cause
from pytest_scs.core.subject import Subject
from pytest_scs.evidence import progress as progress_module
from pytest_scs.evidence import shared as shared_module
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.progress import Progress
from pytest_scs.evidence.shared import SharedSource
from pytest_scs.evidence.source import LiveSource, RecordedSource

CRATE, TRUNK, OTHER = Subject("boxes", "crate"), Subject("boxes", "trunk"), Subject("tins", "crate")


class Stage:
    """A source of three subjects on two platforms, and what happened."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.said: list[str] = []
        sections = Boxes().sections
        self.boxes = OpenedBoxes((CRATE, TRUNK), sections, self.told)
        self.tins = OpenedBoxes((OTHER,), sections, self.told)
        self.progress = Progress()
        self.progress.attach(self.said.append, at_once=False)
        self.source = LiveSource((self.boxes, self.tins), self.words, self.progress)

    @staticmethod
    def words(subject: Subject, section: str) -> str:
        return f"{section} of {subject}"

    def close(self) -> list[str]:
        """Tidy up; what could not be removed."""
        left: list[str] = []
        self.source.close(left.extend)
        return left

    def reader(self, subject: Subject) -> BoxReader:
        return {**self.boxes.readers, **self.tins.readers}[subject]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_everything_is_read_before_anything_is_tried_out(stage: Stage) -> None:
    wanted = {TRUNK: {"weight"}, CRATE: {"lids"}, OTHER: {"lids"}}
    stage.source.read(wanted)
    stage.source.start()
    assert stage.told == [
        "trunk read lids weight",
        "crate read lids",
        "crate read lids",
        "crate start",
        "trunk start",
        "crate start",
    ]
    assert stage.source.inventory(TRUNK).sections["weight"] == [{"grams": 70}]
    assert "weight" not in stage.source.inventory(CRATE).sections


def test_a_subject_that_is_not_read_yet_is_not_known(stage: Stage) -> None:
    with pytest.raises(KeyError):
        stage.source.inventory(CRATE)
    stage.source.read({CRATE: set()})
    assert stage.source.inventory(CRATE).fetched_at == READ_AT
    with pytest.raises(KeyError):
        stage.source.inventory(OTHER)  # two platforms may use one name


def test_each_platform_checks_what_is_to_be_read_of_its_own_subjects_and_contacts_nothing(stage: Stage) -> None:
    stage.source.check({CRATE: {"lids"}, TRUNK: {"weight"}, OTHER: {"shadow"}})
    assert stage.told == ["check lids weight", "check shadow"]


def test_what_this_machine_does_not_allow_ends_the_run(stage: Stage) -> None:
    stage.tins.refusal = InputError("no tin opener")
    with pytest.raises(InputError, match="no tin opener"):
        stage.source.check({CRATE: {"lids"}})
    assert stage.told == ["check lids", "check"]


def test_workers_are_given_what_is_read_and_then_every_section_as_it_comes(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_module, "PATIENCE", 10)
    reader = stage.reader(CRATE)
    reader.held.add("weight")
    stage.source.read({CRATE: {"lids", "weight"}, TRUNK: set(), OTHER: set()})
    stage.source.share(tmp_path)
    shared = SharedSource(tmp_path)
    assert shared.inventory(CRATE).pending == ["weight"]
    assert [path.name for path in tmp_path.iterdir() if path.stat().st_size] == ["inventories.json"]
    stage.source.start()
    reader.try_out("weight")
    shared.wait_for(CRATE, "weight")
    assert shared.inventory(CRATE).sections["weight"] == [{"grams": 70}]


def test_without_workers_nothing_is_handed_over(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stage.source.read({CRATE: {"weight"}})
    stage.source.start()
    assert stage.source.inventory(CRATE).sections["weight"]
    assert not list(tmp_path.iterdir())


def test_while_a_section_is_awaited_lines_are_written_and_it_is_said(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "PERIOD", 0)
    stage.source.read({TRUNK: {"weight"}})
    stage.progress.say("a line of a probe")
    stage.source.wait_for(TRUNK, "weight")
    assert stage.said[0] == "a line of a probe"
    assert stage.said[1].startswith("waiting for weight of trunk: ")
    assert stage.told[-1] == "trunk wait weight"
    assert stage.source.inventory(TRUNK).sections["weight"]


def test_a_short_wait_is_not_worth_a_line(stage: Stage) -> None:
    stage.source.read({TRUNK: {"weight"}})
    stage.source.wait_for(TRUNK, "weight")
    assert stage.said == []


def test_with_workers_a_thread_says_what_is_awaited_each_thing_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "PERIOD", 0.01)
    said = threading.Event()
    lines: list[str] = []

    def write(line: str) -> None:
        lines.append(line)
        said.set()

    stage.progress.attach(write, at_once=True)
    for subject in (CRATE, OTHER):
        stage.reader(subject).held.add("weight")
    stage.source.read({CRATE: {"weight", "lids"}, TRUNK: {"weight"}, OTHER: {"weight"}})
    stage.source.start()
    assert said.wait(30)
    stage.source.close()
    # Both are called crate, and one word for both is enough.
    assert lines[0].startswith("waiting for weight of crate: ")


def test_at_the_end_the_readers_are_closed_before_what_is_embedded(stage: Stage) -> None:
    stage.reader(TRUNK).leftovers.append("a stone in trunk")
    stage.reader(OTHER).leftovers.append("a stone in a tin")
    assert stage.close() == ["a stone in trunk", "a stone in a tin"]
    assert stage.told == ["crate close", "trunk close", "crate close", "boxes close", "boxes close"]


def test_an_error_with_one_subject_does_not_keep_the_others_from_being_tidied_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise RuntimeError

    stage.reader(CRATE).breaks = RuntimeError("no hands")
    stage.reader(CRATE).leftovers.append("a stone in crate")
    stage.reader(TRUNK).leftovers.append("a stone in trunk")
    monkeypatch.setattr(stage.boxes, "close", refuse)
    assert stage.close() == [
        "tidying up was broken off (no hands); see: scs cleanup --help",
        "a stone in crate",
        "a stone in trunk",
        "tidying up was broken off (RuntimeError); see: scs cleanup --help",
    ]
    assert stage.told == ["crate close", "trunk close", "crate close", "boxes close"]


def test_who_is_impatient_ends_it_at_once(stage: Stage) -> None:
    stage.reader(TRUNK).breaks = KeyboardInterrupt()
    for subject in (CRATE, TRUNK, OTHER):
        stage.reader(subject).leftovers.append(f"a stone in {subject}")
    left: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        stage.source.close(left.extend)
    assert stage.told == ["crate close", "trunk close"]
    # What is known by then is not lost.
    assert left == ["a stone in crate", "a stone in trunk"]


def test_recorded_inventories_are_there_and_awaited_by_nobody() -> None:
    source = RecordedSource({CRATE: Inventory(CRATE, "", pending=["weight"])})
    source.wait_for(CRATE, "weight")
    assert source.inventory(CRATE).fetched_at == ""
    with pytest.raises(KeyError):
        source.inventory(TRUNK)


def test_what_is_shared_is_plain_json(stage: Stage, tmp_path: Path) -> None:
    stage.source.read({CRATE: {"lids"}, TRUNK: set(), OTHER: set()})
    stage.source.share(tmp_path)
    [crate, _, tin] = json.loads((tmp_path / "inventories.json").read_text())
    assert (crate["cloud"], crate["platform"], crate["sections"]) == ("crate", "boxes", {"lids": [{"name": "top"}]})
    assert (tin["cloud"], tin["platform"]) == ("crate", "tins")


@pytest.mark.parametrize("sections", [{}, {"lids": []}, {"lids": [], "weight": []}])
def test_a_record_of_nothing_is_refused_where_something_is_wanted(sections: dict[str, Any]) -> None:
    empty = RecordedSource({CRATE: Inventory(CRATE, READ_AT, sections=sections)}, "evidence.json")
    empty.check({CRATE: []})
    with pytest.raises(InputError, match=r"^--scs-replay: evidence.json is damaged: all sections of crate are empty;"):
        empty.check({CRATE: ["lids"]})


@pytest.mark.parametrize(
    "more",
    [
        {"sections": {"lids": [], "weight": [{"grams": 1}]}},
        {"errors": {"lids": Cause("503")}},
        {"refusal": Cause("an administrator")},
    ],
)
def test_a_record_of_something_is_judged(more: dict[str, Any]) -> None:
    RecordedSource({CRATE: Inventory(CRATE, READ_AT, **more)}, "evidence.json").check({CRATE: ["lids"]})
    RecordedSource({CRATE: Inventory(CRATE, "")}).check({CRATE: ["lids"]})
