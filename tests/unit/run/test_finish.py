# SPDX-License-Identifier: Apache-2.0
"""The end of a run: files, exit code, and that nothing is lost on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from toy_platform import Boxes

from pytest_scs.core import scope as scope_module
from pytest_scs.core.cause import Cause
from pytest_scs.core.results import missing
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict
from pytest_scs.run import report_files
from pytest_scs.run.finish import INCOMPLETE, finish, survive
from pytest_scs.run.session import Session

CLOSED, WEIGHED, LABELLED, ASKED = (
    "scs-9902-x-closed",
    "scs-9902-x-weighed",
    "scs-9903-x-labelled",
    "scs-9903-x-asked",
)
CRATE = Subject("boxes", "crate")
GOOD = {CLOSED: "PASS", WEIGHED: "PASS"}

OK, FAILED, INTERRUPTED, INTERNAL, USAGE, EMPTY = range(6)

MakeRun = Callable[..., Session]


class Ended(SimpleNamespace):
    """A session of pytest at its end."""

    def __init__(self, exitstatus: int = OK, *, stopping: str = "", worker_stops: Any = None, **options: Any) -> None:
        known = {"collectonly": False, "markexpr": "", "xmlpath": None, "htmlpath": None, "maxfail": 0, "scs_scope": []}
        option = SimpleNamespace(**{**known, **options})
        dsession = SimpleNamespace(shouldstop=worker_stops) if worker_stops is not None else None
        config = SimpleNamespace(
            option=option,
            pluginmanager=SimpleNamespace(getplugin=lambda name: dsession if name == "dsession" else None),
            getoption=lambda name, default=None: getattr(option, name, default),
            known_args_namespace=SimpleNamespace(file_or_dir=options.get("file_or_dir", [])),
        )
        super().__init__(config=config, exitstatus=exitstatus, shouldfail=stopping)


@pytest.fixture
def judged(
    make_run_of_boxes: MakeRun, begin: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Session]:
    """A run with these verdicts, of all testcases; its scope is official, so that it has the file of the user."""
    monkeypatch.setattr(scope_module, "OFFICIAL", {"7c1c1a1e-6a0f-4a55-9b53-0d2f3f7a9a22"})

    def make(verdicts: dict[str, str], **changes: Any) -> Session:
        active = begin(make_run_of_boxes("crate", **changes), reads={CLOSED: ["lids"]})
        for testcase, verdict in verdicts.items():
            result = missing(active.selection.expected[testcase], CRATE, Cause("x"))
            result.official = result.text = Verdict(verdict)
            active.record(result)
        return active

    return make


def end(active: Session, exitstatus: int = OK, **how: Any) -> int:
    session: Any = Ended(exitstatus, **how)
    finish(active, session, exitstatus)
    return int(session.exitstatus)


def wrote(report: Path) -> str:
    return f"SCS report: {report} (unofficial: not for the compliance monitor)"  # the ids have an -x- in them


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (GOOD, 0),
        ({**GOOD, LABELLED: "FAIL", ASKED: "ABORT"}, 0),
        ({**GOOD, CLOSED: "FAIL"}, 1),
        ({CLOSED: "FAIL", WEIGHED: "ABORT"}, 1),
        ({CLOSED: "ABORT", WEIGHED: "PASS"}, 6),
        ({CLOSED: "PASS"}, 6),
        ({}, 6),
    ],
)
@pytest.mark.parametrize("exitstatus", [OK, FAILED])
def test_the_verdicts_are_the_exit_code_whatever_pytest_counted(
    judged: Callable[..., Session], verdicts: dict[str, str], code: int, exitstatus: int
) -> None:
    assert end(judged(verdicts), exitstatus) == code


@pytest.mark.parametrize("exitstatus", [INTERRUPTED, INTERNAL, USAGE])
def test_pytests_own_ends_keep_their_code(judged: Callable[..., Session], exitstatus: int) -> None:
    assert end(judged({CLOSED: "FAIL"}), exitstatus) == exitstatus


@pytest.mark.parametrize(("verdict", "code"), [("PASS", 1), ("FAIL", 1), ("ABORT", 1)])
def test_a_failing_test_of_somebody_else_fails_the_run(judged: Callable[..., Session], verdict: str, code: int) -> None:
    active = judged({**GOOD, CLOSED: verdict})
    active.note_foreign_failure()
    assert end(active) == code


@pytest.mark.parametrize(("verdict", "code"), [("PASS", 6), ("FAIL", 1), ("ABORT", 6)])
def test_what_is_left_behind_or_a_problem_keeps_a_run_from_being_perfect(
    judged: Callable[..., Session], verdict: str, code: int
) -> None:
    for note in (lambda one: one.note_left_incomplete(["a stone"]), lambda one: one.note_problem("a problem")):
        active = judged({**GOOD, CLOSED: verdict})
        note(active)
        assert end(active) == code
    assert INCOMPLETE == 6


def test_problems_noted_before_the_end_are_not_lost(judged: Callable[..., Session], tmp_path: Path) -> None:
    active = judged(GOOD, report=tmp_path / "report.yaml")
    active.note_problem("noted before")
    (tmp_path / "report.yaml").mkdir()
    assert end(active) == INCOMPLETE
    first, second = active.outcome.problems
    assert first == "noted before"
    assert second.startswith(f"the report could not be written to {tmp_path}/report.yaml: ")


def test_what_is_left_behind_is_noted_before_the_report_is_written(
    judged: Callable[..., Session], boxes: Boxes, tmp_path: Path
) -> None:
    active = judged(GOOD, report=tmp_path / "report.yaml")
    boxes.opened[0].readers[CRATE].leftovers.append("a stone in crate")
    assert end(active) == INCOMPLETE
    assert active.outcome.incomplete == ["a stone in crate"]
    [document] = yaml.safe_load_all((tmp_path / "report.yaml").read_text())
    assert document["debug"]["left_incomplete"] == ["a stone in crate"]
    assert active.outcome.run


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a surprise")])
def test_tidying_up_that_is_broken_off_is_said_and_the_report_is_there(
    judged: Callable[..., Session], boxes: Boxes, tmp_path: Path, error: BaseException
) -> None:
    active = judged(GOOD, report=tmp_path / "report.yaml")
    boxes.opened[0].readers[CRATE].breaks = error
    assert end(active) == INCOMPLETE
    boxes.opened[0].readers[CRATE].breaks = None  # pytest ends as well
    cause = str(error) or type(error).__name__
    assert active.outcome.incomplete == [f"tidying up was broken off ({cause}); see: scs cleanup --help"]
    assert active.outcome.written == [wrote(tmp_path / "report.yaml")]


def test_an_interrupted_run_has_its_report_before_it_tidies_up(
    judged: Callable[..., Session], boxes: Boxes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.yaml"
    active = judged({CLOSED: "PASS"}, report=path)
    seen: list[bool] = []
    monkeypatch.setattr(active, "tidy_up", lambda: seen.append(path.exists()))
    assert end(active, INTERRUPTED) == INTERRUPTED
    assert seen == [True]
    assert active.outcome.run.interrupted
    assert str(active.outcome.run.subject_runs[0].results[WEIGHED].cause) == "not run: the run was interrupted"


def test_a_run_that_comes_to_its_end_writes_once(
    judged: Callable[..., Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.yaml"
    active = judged(GOOD, report=path)
    seen: list[bool] = []
    monkeypatch.setattr(active, "tidy_up", lambda: seen.append(path.exists()))
    end(active)
    assert seen == [False]


@pytest.mark.parametrize(
    ("how", "cause"),
    [
        ({"stopping": "stopping after 1 failures", "maxfail": 1}, "stopping after 1 failures (-x, --maxfail)"),
        ({"worker_stops": "stopping after 2 failures", "maxfail": 2}, "stopping after 2 failures (-x, --maxfail)"),
        ({"stopping": "stopping after 1 failures"}, ""),
        ({"stopping": "something else", "maxfail": 1}, ""),
        ({"worker_stops": False, "maxfail": 1}, ""),
    ],
)
def test_a_run_that_was_stopped_early_says_by_what(
    judged: Callable[..., Session], how: dict[str, Any], cause: str
) -> None:
    active = judged({CLOSED: "FAIL"})
    assert end(active, FAILED, **how) == 1
    run = active.outcome.run
    assert run.interrupted is bool(cause)
    found = str(run.subject_runs[0].results[WEIGHED].cause)
    assert found == (f"not run: {cause}" if cause else "not run")


def test_each_file_is_written_on_its_own(
    judged: Callable[..., Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, record = tmp_path / "report.yaml", tmp_path / "evidence.json"
    active = judged(GOOD, report=report, record=record)
    assert end(active) == 0
    assert active.outcome.written == [wrote(report), f"evidence: {record}"]
    assert json.loads(record.read_text())["clouds"][0]["cloud"] == "crate"

    active = judged(GOOD, report=report, record=record)
    report.unlink()
    report.mkdir()
    assert end(active) == INCOMPLETE
    assert active.outcome.written == [f"evidence: {record}"]

    report.rmdir()
    active = judged(GOOD, report=report, record=record)
    record.unlink()
    record.mkdir()
    assert end(active) == INCOMPLETE
    assert active.outcome.written == [wrote(report)]
    [problem] = active.outcome.problems
    assert problem.startswith(f"the evidence could not be written to {record}: ")


def test_evidence_is_written_without_secrets(judged: Callable[..., Session], tmp_path: Path) -> None:
    active = judged(GOOD, record=tmp_path / "evidence.json")
    active.redact.add(["hunter22"])
    active.inventory(CRATE).errors["shadow"] = Cause("hunter22")
    end(active)
    assert "hunter22" not in (tmp_path / "evidence.json").read_text()


def test_where_nothing_was_read_there_is_no_evidence(
    judged: Callable[..., Session], tmp_path: Path, boxes: Boxes
) -> None:
    active = judged(GOOD, record=tmp_path / "evidence.json", report=tmp_path / "report.yaml")
    active.inventory(CRATE).fetched_at = ""
    assert end(active) == INCOMPLETE
    assert active.outcome.problems == ["no evidence was recorded: nothing was read"]
    assert active.outcome.written == [wrote(tmp_path / "report.yaml")]
    assert not (tmp_path / "evidence.json").exists()


@pytest.mark.parametrize("how", [{"plan": True}, {"collectonly": True}])
def test_a_plan_ends_without_files(
    judged: Callable[..., Session], boxes: Boxes, tmp_path: Path, how: dict[str, bool]
) -> None:
    active = judged(GOOD, report=tmp_path / "report.yaml", plan=how.get("plan", False))
    boxes.told.clear()
    assert end(active, collectonly=how.get("collectonly", False)) == 0
    assert not list(tmp_path.glob("report*"))
    assert boxes.told == []
    assert active.outcome.run is None


def test_a_run_that_never_began_leaves_the_old_report_and_tidies_up(
    make_run_of_boxes: MakeRun, boxes: Boxes, tmp_path: Path
) -> None:
    path = tmp_path / "report.yaml"
    active = make_run_of_boxes("crate", report=path)
    path.write_text("old")
    assert end(active, INTERRUPTED) == INTERRUPTED
    assert path.read_text() == "old"
    assert boxes.told == ["crate close", "boxes close"]
    assert active.outcome.problems == []


def none_chosen(active: Session) -> Session:
    active.note_filtered()
    active.expect({}, {})
    return active


def test_where_nothing_was_judged_it_is_said_why(make_run_of_boxes: MakeRun) -> None:
    active = none_chosen(make_run_of_boxes("crate"))
    assert end(active, EMPTY, markexpr="blue") == EMPTY
    assert active.outcome.problems == [
        "nothing was judged: no testcase of boxes-v1 was chosen by -m 'blue' and the other filters; see --scs-plan"
    ]


def test_who_types_a_scope_and_judges_nothing_has_no_success(make_run_of_boxes: MakeRun) -> None:
    active = none_chosen(make_run_of_boxes("crate"))
    assert end(active, OK, scs_scope=["boxes"], file_or_dir=["x.py"]) == EMPTY
    assert "the named files have no testcase of boxes-v1" in active.outcome.problems[0]


def test_with_the_scope_in_the_ini_file_tests_of_a_project_may_run(make_run_of_boxes: MakeRun) -> None:
    active = none_chosen(make_run_of_boxes("crate"))
    assert end(active, OK, file_or_dir=["x.py"]) == 0
    assert active.outcome.problems


def test_a_broken_file_says_enough_by_itself(make_run_of_boxes: MakeRun) -> None:
    active = none_chosen(make_run_of_boxes("crate"))
    active.note_foreign_failure()
    assert end(active, FAILED) == FAILED
    assert active.outcome.problems == []


@pytest.mark.parametrize(
    ("error", "options", "words"),
    [
        (ValueError("a\n  b"), {}, "ValueError: a b"),
        (OSError(28, "No space left on device"), {}, "OSError: [Errno 28] No space left on device"),
        (OSError(28, "No space left on device"), {"xmlpath": "x.xml"}, "OSError: No space left on device (x.xml)"),
        (
            OSError(28, "No space left on device"),
            {"xmlpath": "x.xml", "htmlpath": "x.html"},
            "OSError: No space left on device (x.xml or x.html)",
        ),
        (
            PermissionError(13, "Permission denied", "x.html"),
            {"xmlpath": "x.xml"},
            "PermissionError: [Errno 13] Permission denied: 'x.html'",
        ),
    ],
)
def test_what_another_plugin_raises_at_the_end_is_a_problem(
    judged: Callable[..., Session], error: Exception, options: dict[str, str], words: str
) -> None:
    active = judged(GOOD)
    for before, after in ((OK, INCOMPLETE), (FAILED, FAILED)):
        session: Any = Ended(before, **options)
        survive(active, session, error)
        assert session.exitstatus == after
    assert active.outcome.problems == [f"another report could not be written: {words}"] * 2


def test_a_report_that_cannot_be_made_is_not_hidden(
    judged: Callable[..., Session], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Only what a disk does is expected; a mistake of ours must be seen."""

    def fail(*args: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(report_files, "render", fail)
    with pytest.raises(ZeroDivisionError):
        end(judged(GOOD, report=tmp_path / "report.yaml"))
