# SPDX-License-Identifier: Apache-2.0
"""The state of a run: when it reads, what it knows, and results that are complete whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy_platform import READ_AT, Boxes, Lid

from pytest_scs.base.errors import InputError
from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.core.results import missing
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict
from pytest_scs.evidence.source import RecordedSource
from pytest_scs.platforms.platform import PlatformSettings
from pytest_scs.run.narrowing import Narrowing
from pytest_scs.run.session import Session
from pytest_scs.run.workers import WorkerFolder

CLOSED, WEIGHED, LABELLED, ASKED = (
    "scs-9902-x-closed",
    "scs-9902-x-weighed",
    "scs-9903-x-labelled",
    "scs-9903-x-asked",
)
CRATE, TRUNK = Subject("boxes", "crate"), Subject("boxes", "trunk")
PASS, ABORT, MISS = Verdict.PASS, Verdict.ABORT, Verdict.MISS

MakeRun = Callable[..., Session]
Begin = Callable[..., Session]


@pytest.fixture
def active(make_run_of_boxes: MakeRun) -> Session:
    return make_run_of_boxes("crate", "trunk")


def enter(active: Session, testcase: str, subject: Subject = CRATE, verdict: Verdict = PASS) -> None:
    result = missing(active.selection.expected[testcase], subject, Cause("x"))
    result.official = result.text = verdict
    active.record(result)


def outcomes(active: Session, subject: Subject, *, interrupted: bool = False, stopped: str = "") -> dict[str, Any]:
    run = active.run(interrupted, stopped)
    [found] = [one for one in run.subject_runs if one.subject == subject]
    return {
        testcase: (str(result.official), str(result.cause) if result.official is MISS else "")
        for testcase, result in found.results.items()
    }


def test_nothing_is_read_before_the_filters_were_understood(active: Session, boxes: Boxes) -> None:
    active.expect({"a": (CLOSED, CRATE)}, {CLOSED: ["lids"]})
    assert not active.has_collected
    active.note_filtered()
    assert boxes.told == []
    active.expect({"a": (CLOSED, CRATE)}, {CLOSED: ["lids"]})
    assert active.has_collected
    assert boxes.told == ["check lids", "crate read lids", "trunk read", "crate start", "trunk start"]


def test_everything_is_read_once(active: Session, boxes: Boxes, begin: Begin) -> None:
    begin(active, [CLOSED], {CLOSED: ["lids"]})
    told = list(boxes.told)
    active.expect({"b": (WEIGHED, TRUNK)}, {WEIGHED: ["weight"]})
    assert boxes.told == told
    assert not active.enlisted("b")


def test_every_subject_is_read_for_its_own_testcases(active: Session, boxes: Boxes) -> None:
    active.note_filtered()
    active.expect({"a": (CLOSED, CRATE), "b": (WEIGHED, TRUNK)}, {CLOSED: ["lids"], WEIGHED: ["weight", "shadow"]})
    assert boxes.told[:3] == ["check lids shadow weight", "crate read lids", "trunk read lids shadow weight"]


def test_where_nothing_was_chosen_nothing_is_contacted(active: Session, boxes: Boxes) -> None:
    active.note_filtered()
    active.expect({}, {})
    assert active.has_collected
    assert not active.has_begun
    assert boxes.told == ["check"]


def test_what_this_machine_does_not_allow_is_said_before_anything_is_contacted(active: Session, boxes: Boxes) -> None:
    boxes.opened[0].refusal = InputError("no space for a stone")
    active.note_filtered()
    with pytest.raises(InputError, match="no space for a stone"):
        active.expect({"a": (WEIGHED, CRATE)}, {WEIGHED: ["weight"]})
    assert boxes.told == ["check weight"]
    assert not active.has_begun
    assert not active.has_collected


def test_only_tests_of_this_run_are_ours(active: Session) -> None:
    assert not active.enlisted("a")
    active.note_filtered()
    active.expect({"a": (CLOSED, CRATE)}, {CLOSED: []})
    assert active.enlisted("a")
    assert not active.enlisted("b")


def test_a_fixture_is_typed_awaited_and_made_once(active: Session, boxes: Boxes, begin: Begin) -> None:
    boxes.opened[0].readers[TRUNK].held.add("weight")
    begin(active, [WEIGHED], {WEIGHED: ["weight"]})
    boxes.told.clear()
    assert active.fixture_value(TRUNK, "weight") == 70
    assert boxes.told == ["trunk wait weight"]
    first = active.fixture_value(CRATE, "lids")
    assert first == [Lid("top")]
    assert active.fixture_value(CRATE, "lids") is first
    assert active.fixture_value(TRUNK, "lids") is not first
    assert boxes.told == ["trunk wait weight", "crate wait lids", "trunk wait lids"]


def test_the_inventory_is_complete_whenever_it_is_asked_for(active: Session, boxes: Boxes, begin: Begin) -> None:
    boxes.opened[0].readers[CRATE].held.add("weight")
    begin(active, [WEIGHED], {WEIGHED: ["weight"]})
    boxes.told.clear()
    assert active.fixture_value(CRATE, "inventory").sections["weight"]
    assert boxes.told == ["crate wait lids", "crate wait shadow", "crate wait weight"]


def test_a_derived_fixture_rests_on_its_sections(active: Session, boxes: Boxes, begin: Begin) -> None:
    begin(active, [CLOSED], {CLOSED: ["lids"]})
    assert active.fixture_value(CRATE, "lid_count") == 1
    with pytest.raises(LookupError):
        active.fixture_value(CRATE, "roof")


def test_what_could_not_be_read_is_inconclusive_each_time(active: Session, begin: Begin) -> None:
    begin(active, [CLOSED], {CLOSED: ["lids"]})
    active.inventory(CRATE).errors["lids"] = Cause("no light", CauseKind.OUTAGE)
    for _ in range(2):
        with pytest.raises(Inconclusive, match="no light"):
            active.fixture_value(CRATE, "lids")


def test_what_is_not_read_is_not_known(active: Session, make_run_of_boxes: MakeRun, begin: Begin) -> None:
    assert active.known(CRATE) is None
    with pytest.raises(KeyError):
        active.inventory(CRATE)
    assert begin(active, [CLOSED]).known(CRATE).fetched_at == READ_AT
    plan = make_run_of_boxes("crate", contact=False)
    assert plan.known(CRATE) is None
    assert plan.inventory(CRATE).sections == {}


def test_every_chosen_testcase_has_a_verdict_on_every_subject(active: Session, begin: Begin) -> None:
    begin(active, [CLOSED, WEIGHED])
    enter(active, CLOSED)
    enter(active, CLOSED, TRUNK, ABORT)
    assert outcomes(active, CRATE) == {
        WEIGHED: ("MISS", "not run"),
        CLOSED: ("PASS", ""),
        LABELLED: ("MISS", "not selected"),
        ASKED: ("MISS", "not selected"),
    }
    assert outcomes(active, TRUNK)[CLOSED] == ("ABORT", "")
    run = active.run(interrupted=False)
    assert run.chosen == {CLOSED, WEIGHED}
    assert not run.interrupted
    kinds = {testcase: result.cause.kind for testcase, result in run.subject_runs[0].results.items()}
    assert (kinds[WEIGHED], kinds[LABELLED]) == (CauseKind.INTERRUPTED, CauseKind.NOT_SELECTED)


def test_a_later_result_replaces_an_earlier_one(active: Session, begin: Begin) -> None:
    begin(active, [CLOSED])
    enter(active, CLOSED, verdict=ABORT)
    enter(active, CLOSED)
    assert outcomes(active, CRATE)[CLOSED] == ("PASS", "")


def test_a_run_that_is_interrupted_says_so(active: Session, begin: Begin) -> None:
    begin(active, [CLOSED, WEIGHED])
    enter(active, CLOSED)
    found = outcomes(active, CRATE, interrupted=True)
    assert found[WEIGHED] == ("MISS", "not run: the run was interrupted")
    assert found[LABELLED] == ("MISS", "not selected")
    assert active.run(interrupted=True).interrupted


def test_a_run_that_the_user_wanted_to_stop_early_is_interrupted_unless_it_was_through(
    active: Session, begin: Begin
) -> None:
    begin(active, [CLOSED])
    enter(active, CLOSED)
    stopped = "stopping after 1 failures (-x, --maxfail)"
    assert outcomes(active, TRUNK, stopped=stopped)[CLOSED] == ("MISS", f"not run: {stopped}")
    assert active.run(interrupted=False, stopped=stopped).interrupted
    enter(active, CLOSED, TRUNK)
    assert not active.run(interrupted=False, stopped=stopped).interrupted


def test_what_is_not_due_on_another_subject_keeps_no_run_from_being_through(active: Session) -> None:
    active.narrowing = Narrowing([(CLOSED, TRUNK)])
    active.narrowing.note([(CLOSED, TRUNK)])
    active.note_filtered()
    active.expect({"closed-crate": (CLOSED, CRATE)}, {CLOSED: []})
    enter(active, CLOSED)
    run = active.run(interrupted=False, stopped="stopping after 1 failures (-x, --maxfail)")
    assert not run.interrupted
    assert [(one.subject, list(one.results)) for one in run.subject_runs] == [(CRATE, [CLOSED])]


@pytest.mark.parametrize("others_due", [False, True])
def test_what_a_later_filter_leaves_out_is_not_said_to_be_not_due(active: Session, others_due: bool) -> None:
    """As ``--lf --lfnf=none`` does, of which pytest tells nobody before the end of the collection."""
    active.narrowing = Narrowing([(CLOSED, TRUNK)])
    active.narrowing.note([(CLOSED, TRUNK)], others_due=others_due)
    active.note_filtered()
    active.expect({}, {})
    assert bool(active.narrowing.left_out) is not others_due


def test_before_it_is_known_what_was_chosen_everything_is(active: Session) -> None:
    run = active.run(interrupted=True)
    assert run.chosen == set(active.selection.expected)
    assert {str(one.cause) for one in run.subject_runs[0].results.values()} == {"not run: the run was interrupted"}
    assert run.subject_runs[0].debug == {}
    assert run.now != READ_AT


def test_a_run_is_of_the_time_when_the_evidence_was_read(active: Session, begin: Begin) -> None:
    assert begin(active, [CLOSED]).run(interrupted=False).now == READ_AT


def test_a_report_tells_what_reading_took(active: Session, begin: Begin) -> None:
    begin(active, [CLOSED, WEIGHED], {CLOSED: ["lids"], WEIGHED: ["lids", "weight"]})
    inventory = active.inventory(CRATE)
    inventory.requests, inventory.section_requests = {"a": 3, "b": 4}, {"lids": 2, "weight": 5}
    active.note_left_incomplete(["a stone"])
    debug = active.run(interrupted=False).subject_runs[0].debug
    assert debug["requests_total"] == 7
    assert debug["requests_by_testcase"] == {CLOSED: 2, WEIGHED: 7}
    assert debug["left_incomplete"] == ["a stone"]
    assert debug["evidence_read_at"] == READ_AT


def test_a_report_tells_requests_of_the_testcases_about_its_subject_only(
    make_run_of_boxes: MakeRun, mini_path: Path, scope_path: Path
) -> None:
    active = make_run_of_boxes(
        contact=False,
        scopes=(f"{mini_path}@v1", f"{scope_path}@v1"),
        platforms={"openstack": PlatformSettings(("prod",)), "boxes": PlatformSettings(("crate",))},
    )
    cloud, box = active.subjects
    for subject in (cloud, box):
        active.inventory(subject).fetched_at = READ_AT
    active.note_filtered()
    active.expect({"a": (CLOSED, box), "b": ("scs-0100-one", cloud)}, {CLOSED: ["lids"], "scs-0100-one": []})
    debug = {one.subject: one.debug["requests_by_testcase"] for one in active.run(interrupted=False).subject_runs}
    assert debug == {cloud: {"scs-0100-one": 0}, box: {CLOSED: 0}}


def test_the_testcase_of_a_dead_worker_is_abort_and_nothing_else(active: Session) -> None:
    active.note_filtered()
    active.expect({"a": (CLOSED, TRUNK)}, {CLOSED: []})
    active.record_crash("a", "worker 'gw0' crashed")
    active.record_crash("test_other.py::test_x", "worker 'gw0' crashed")
    result = active.run(interrupted=False).subject_runs[1].results[CLOSED]
    assert result.official is ABORT
    assert result.cause == Cause("the worker process died: worker 'gw0' crashed", CauseKind.INTERRUPTED)
    assert outcomes(active, CRATE)[CLOSED] == ("MISS", "not run")


def test_a_crash_before_anything_was_chosen_is_none_of_ours(active: Session) -> None:
    active.record_crash("a", "worker 'gw0' crashed")
    assert not active.has_begun


def test_what_is_noted_stays_and_is_masked(active: Session) -> None:
    active.redact.add(["hunter22"])
    active.note_left_incomplete(["a stone, hunter22"])
    active.note_left_incomplete(iter(["a pile"]))
    active.note_problem("one")
    active.note_problem("two")
    assert active.outcome.incomplete == ["a stone, ***", "a pile"]
    assert active.outcome.problems == ["one", "two"]
    assert active.outcome.run is None
    assert not active.foreign_failure
    active.note_foreign_failure()
    assert active.foreign_failure


def test_tidying_up_notes_what_is_left(active: Session, boxes: Boxes) -> None:
    boxes.opened[0].readers[TRUNK].leftovers.append("a stone in trunk")
    active.tidy_up()
    assert active.outcome.incomplete == ["a stone in trunk"]
    assert boxes.told == ["crate close", "trunk close", "boxes close"]


def test_a_worker_leaves_word_and_reads_nothing(active: Session, boxes: Boxes, begin: Begin) -> None:
    main = active
    folder = Path(main.for_worker()["folder"])
    worker = Session(
        main.settings,
        main.selection,
        main.subjects,
        RecordedSource({}),
        main.redact,
        workers=WorkerFolder(folder, "gw0"),
    )
    assert worker.is_worker
    assert not main.is_worker
    main.expect_of_workers()
    assert not main.has_collected  # nobody has come so far
    begin(worker, [CLOSED], {CLOSED: ["lids"]})
    assert boxes.told == []
    assert worker.enlisted(f"{CLOSED}-crate")
    main.expect_of_workers()
    assert main.enlisted(f"{CLOSED}-crate")
    assert boxes.told == ["check lids", "crate read lids", "trunk read lids", "crate start", "trunk start"]
    assert (folder / "inventories.json").is_file()
    worker.close()
    assert folder.is_dir()
    main.close()
    assert not folder.exists()


def test_workers_of_one_run_share_a_folder(active: Session) -> None:
    assert active.for_worker() == active.for_worker()


def test_without_workers_there_is_nothing_to_hear_of_them(active: Session) -> None:
    active.expect_of_workers()
    assert not active.has_collected
