# SPDX-License-Identifier: Apache-2.0
"""A new section is one declaration and one line: all else follows from it, with nothing else touched.

The sections are made here; the line is the platform's list of them.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from toy_platform import Boxes

from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import Fields
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict
from pytest_scs.evidence import shared
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.recording import check_sections, write_evidence
from pytest_scs.evidence.section import Section, each, single
from pytest_scs.evidence.shared import SharedSource
from pytest_scs.platforms import registry
from pytest_scs.run.planning import show_plan
from pytest_scs.run.session import Session
from pytest_scs.run.workers import WorkerFolder

CLOSED, WEIGHED = "scs-9902-x-closed", "scs-9902-x-weighed"
CRATE = Subject("boxes", "crate")


@dataclasses.dataclass(frozen=True, slots=True)
class Latch:
    """A latch; ``force`` in newtons."""

    force: int

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Latch:
        return cls(Fields("latch", data).whole("force"))


def _pull(probing: Mapping[str, Any]) -> Mapping[str, Any]:
    """How much force all latches took together."""
    if not probing["latches"]:
        raise Inconclusive("there is nothing to pull at", CauseKind.NOT_GIVEN)
    return {"newtons": sum(entry["force"] for entry in probing["latches"])}


LATCHES = Section(
    name="latches",
    words="the latches of the box",
    summary="All latches.",
    load=each(Latch.from_plain),
    read=lambda client: [{"force": 3}, {"force": 4}],
)
PULL = Section(
    name="pull",
    words="how hard the box is to open",
    summary="The force that opened it, in newtons.",
    load=single(lambda entry: Fields("pull", entry).whole("newtons")),
    probe=_pull,
    needs=("latches",),
    creates="a rope",
)

SOURCE = f"""
import pytest

SEEN = []


@pytest.mark.scs("{CLOSED}")
def test_closed(scs, latches):
    SEEN.append(latches)
    scs.examined("latches", len(latches))


@pytest.mark.scs("{WEIGHED}")
def test_pulled(scs, pull):
    SEEN.append(pull)
    scs.examined("pulls", 1)
"""

Collect = Callable[..., tuple[pytest.Session, Session]]


@pytest.fixture
def boxes(monkeypatch: pytest.MonkeyPatch) -> Boxes:
    """The platform of the other tests, and one line more."""
    platform = Boxes(LATCHES, PULL)
    monkeypatch.setattr(registry, "_PLATFORMS", [*registry.platforms(), platform])
    return platform


@pytest.fixture
def collected(collect_project: Collect) -> tuple[pytest.Session, Session]:
    return collect_project(SOURCE, "--box=crate")


def test_there_is_a_fixture_with_the_typed_value(
    collected: tuple[pytest.Session, Session], run_items: Callable[[pytest.Session], None]
) -> None:
    session, active = collected
    run_items(session)
    results = active.run(interrupted=False).subject_runs[0].results
    assert {one.official for name, one in results.items() if name in (CLOSED, WEIGHED)} == {Verdict.PASS}
    seen = session.items[0].module.SEEN  # type: ignore[attr-defined]
    assert seen == [[Latch(3), Latch(4)], 7]


def test_pytest_shows_what_the_fixture_gives(collected: tuple[pytest.Session, Session]) -> None:
    plugin = collected[0].config.pluginmanager.getplugin("scs-fixtures")
    assert "All latches." in vars(plugin)["latches"].__doc__
    assert "in newtons" in vars(plugin)["pull"].__doc__


def test_what_is_asked_for_is_read_with_what_it_needs_and_no_more(
    collect_project: Collect, boxes: Boxes, pytester: pytest.Pytester
) -> None:
    collect_project(SOURCE.partition("@pytest.mark")[0] + SOURCE.rpartition("\n\n")[2], "--box=crate")
    assert boxes.told == ["check pull", "crate read latches pull", "crate start"]


def test_what_is_tried_out_comes_last_and_is_marked_where_it_creates_something(
    collected: tuple[pytest.Session, Session],
) -> None:
    found = {item.name: item.get_closest_marker("creates_resources") is not None for item in collected[0].items}
    assert list(found.items()) == [("test_closed", False), ("test_pulled", True)]


def test_the_plan_says_what_is_read_and_created(collect_project: Collect) -> None:
    session, active = collect_project(SOURCE, "--box=crate", "--scs-plan")
    lines: list[str] = []
    terminal = SimpleNamespace(section=lambda *args, **options: None, line=lambda text, **options: lines.append(text))
    shown: Any = SimpleNamespace(
        items=session.items, config=SimpleNamespace(pluginmanager=SimpleNamespace(getplugin=lambda name: terminal))
    )
    show_plan(shown, active)
    assert "  latches: the latches of the box" in lines
    assert "  pull: how hard the box is to open" in lines
    assert "  a rope" in lines
    assert f"  {WEIGHED}: heavy; reads pull; creates a rope; boxes-v1 main through scs-9902-v1" in lines


def test_it_is_pending_and_awaited_until_it_was_tried_out(
    make_run_of_boxes: Callable[..., Session], boxes: Boxes
) -> None:
    active = make_run_of_boxes("crate")
    reader = boxes.opened[0].readers[CRATE]
    reader.held.add("pull")
    active.note_filtered()
    active.expect({"a": (WEIGHED, CRATE)}, {WEIGHED: ["pull"]})
    assert active.inventory(CRATE).pending == ["pull"]
    assert reader.awaited() == ["pull"]
    assert active.fixture_value(CRATE, "pull") == 7
    assert reader.awaited() == []


@pytest.mark.parametrize("empty", [False, True])
def test_a_worker_is_handed_what_was_seen_or_why_not(
    make_run_of_boxes: Callable[..., Session],
    begin: Callable[..., Session],
    boxes: Boxes,
    empty: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared, "PATIENCE", 10)
    main = make_run_of_boxes("crate")
    folder = Path(main.for_worker()["folder"])
    reader = boxes.opened[0].readers[CRATE]
    reader.held.add("pull")
    begin(main, [WEIGHED], {WEIGHED: ["pull"]})
    source = SharedSource(folder)
    worker = Session(
        main.settings, main.selection, main.subjects, source, main.redact, workers=WorkerFolder(folder, "gw0")
    )
    assert source.inventory(CRATE).pending == ["pull"]
    assert worker.fixture_value(CRATE, "latches") == [Latch(3), Latch(4)]
    if empty:
        main.inventory(CRATE).sections["latches"] = []
    reader.try_out("pull")
    if empty:
        with pytest.raises(Inconclusive, match="there is nothing to pull at") as caught:
            worker.fixture_value(CRATE, "pull")
        assert caught.value.kind is CauseKind.NOT_GIVEN
    else:
        assert worker.fixture_value(CRATE, "pull") == 7


DAMAGED: list[tuple[str, Any, str]] = [
    ("latches", [{"force": "3"}], 'entry 1: latch.force: expected an integer, got the text "3"'),
    ("latches", [{}], "entry 1: latch.force: expected an integer, got nothing"),
    ("pull", [], "expected one entry, got 0"),
    ("pull", [{"newtons": None}], "pull.newtons: expected an integer, got null"),
]


@pytest.mark.parametrize(("name", "entries", "words"), DAMAGED)
def test_damaged_evidence_is_refused(boxes: Boxes, name: str, entries: Any, words: str) -> None:
    damaged = Inventory(CRATE, "2026-06-15T12:00:00+00:00", sections={name: entries})
    with pytest.raises(InputError) as caught:
        check_sections(Path("evidence.json"), damaged, boxes.sections)
    assert str(caught.value) == f"--scs-replay: evidence.json is damaged: section {name} of crate: {words}"


@pytest.mark.parametrize(("name", "entries", "words"), DAMAGED)
def test_what_was_fetched_in_another_shape_is_no_verdict(
    make_run_of_boxes: Callable[..., Session], begin: Callable[..., Session], name: str, entries: Any, words: str
) -> None:
    active = begin(make_run_of_boxes("crate"), [WEIGHED], {WEIGHED: ["pull"]})
    active.inventory(CRATE).sections[name] = entries
    with pytest.raises(Inconclusive, match=f"^{re.escape(f'crate: {name}: {words}')}$") as caught:
        active.fixture_value(CRATE, name)
    assert caught.value.kind is CauseKind.MALFORMED


def test_what_was_recorded_is_judged_again(
    make_run_of_boxes: Callable[..., Session], begin: Callable[..., Session], tmp_path: Path
) -> None:
    live = begin(make_run_of_boxes("crate"), [WEIGHED], {WEIGHED: ["pull"]})
    path = tmp_path / "evidence.json"
    write_evidence(path, [live.inventory(CRATE)], live.selection.scopes)
    assert json.loads(path.read_text())["clouds"][0]["sections"]["pull"] == [{"newtons": 7}]
    assert make_run_of_boxes("crate", replay=path).fixture_value(CRATE, "pull") == 7
