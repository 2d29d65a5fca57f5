# SPDX-License-Identifier: Apache-2.0
"""The end of a run: files, exit code, and that nothing is lost on the way."""

from __future__ import annotations

import datetime as dt
import io
import json
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from toy_platform import Boxes

from pytest_scs.base.streams import LastingStream
from pytest_scs.core import scope as scope_module
from pytest_scs.core.cause import Cause
from pytest_scs.core.results import INCOMPLETE, missing
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.due import due_state
from pytest_scs.pipeline.merging import KnownResult
from pytest_scs.pipeline.report_store import read_store
from pytest_scs.run import finish as finish_module
from pytest_scs.run import report_files, verdict_hook
from pytest_scs.run.finish import finish, say_unshown
from pytest_scs.run.narrowing import DueChoice, Narrowing
from pytest_scs.run.other_reports import late_problems, survive
from pytest_scs.run.pipeline_options import PipelineSettings
from pytest_scs.run.report_place import ReportPlace
from pytest_scs.run.session import Session

CLOSED, WEIGHED, LABELLED, ASKED = (
    "scs-9902-x-closed",
    "scs-9902-x-weighed",
    "scs-9903-x-labelled",
    "scs-9903-x-asked",
)
CRATE = Subject("boxes", "crate")
NOW = dt.datetime(2026, 11, 26, 9)
GOOD = {CLOSED: "PASS", WEIGHED: "PASS"}

OK, FAILED, INTERRUPTED, INTERNAL, USAGE, EMPTY = range(6)

MakeRun = Callable[..., Session]


class Ended(SimpleNamespace):
    """A session of pytest at its end."""

    def __init__(
        self, exitstatus: int = OK, *, stopping: str = "", steps: str = "", worker_stops: Any = None, **options: Any
    ) -> None:
        known = {"collectonly": False, "markexpr": "", "xmlpath": None, "htmlpath": None, "maxfail": 0, "scs_scope": []}
        option = SimpleNamespace(**{**known, **options})
        dsession = SimpleNamespace(shouldstop=worker_stops) if worker_stops is not None else None
        config = SimpleNamespace(
            option=option,
            pluginmanager=SimpleNamespace(
                getplugin=lambda name: dsession if name == "dsession" else None, get_plugins=tuple
            ),
            getoption=lambda name, default=None: getattr(option, name, default),
            known_args_namespace=SimpleNamespace(file_or_dir=options.get("file_or_dir", [])),
        )
        super().__init__(config=config, exitstatus=exitstatus, shouldfail=stopping, shouldstop=steps)


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
    theirs = "exit code 1 is that of tests of your own, or of files that pytest cannot read; no testcase failed"
    assert active.outcome.notes == ([] if verdict == "FAIL" else [theirs])


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
    what = "interrupted" if isinstance(error, KeyboardInterrupt) else f"broken off ({error})"
    assert active.outcome.incomplete == [f"tidying up was {what}; see: scs cleanup --help"]
    assert active.outcome.written == [wrote(tmp_path / "report.yaml")]


def test_who_interrupts_twice_before_anything_is_removed_is_told_what_is_left_and_how_to_remove_it(
    judged: Callable[..., Session], boxes: Boxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    active = judged({CLOSED: "PASS"})
    reader = boxes.opened[0].readers[CRATE]
    told = list(boxes.told)
    monkeypatch.setattr(reader, "cleanup_command", "sweep crate", raising=False)
    monkeypatch.setattr(reader, "remaining", list, raising=False)
    monkeypatch.setattr(reader, "abandon", lambda: reader.leftovers.append("a stone in crate"), raising=False)
    monkeypatch.setattr(active.interruption, "_second", 1.0)
    assert end(active, INTERRUPTED) == INTERRUPTED
    assert active.outcome.incomplete == ["a stone in crate", "tidying up was interrupted; see: sweep crate"]
    assert boxes.told == told


def test_who_interrupts_twice_before_anything_has_begun_sees_no_traceback(
    judged: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    active = judged({})
    monkeypatch.setattr(Session, "has_begun", False)
    monkeypatch.setattr(active.interruption, "_second", 1.0)
    assert end(active, INTERRUPTED) == INTERRUPTED


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


def nothing_due(active: Session) -> Session:
    (scope,) = active.selection.scopes
    states = {
        (testcase, CRATE): (
            due_state(scope, scope.testcases[testcase], KnownResult(testcase, Verdict.PASS, NOW, ""), NOW),
        )
        for testcase in active.selection.expected
    }
    active.narrowing = Narrowing(states, (), DueChoice(states))
    active.narrowing.note(states)
    return none_chosen(active)


def test_where_nothing_is_due_a_dashboard_learns_until_when_and_keeps_what_it_has(
    make_run_of_boxes: MakeRun, tmp_path: Path
) -> None:
    files = {"metrics": tmp_path / "m.prom", "json": tmp_path / "r.json"}
    for _ in range(2):
        active = nothing_due(make_run_of_boxes("crate", result_files=files))
        assert end(active, EMPTY) == 0
        assert len(active.outcome.notes) == 1
        assert not active.outcome.problems
        assert not files["json"].exists()
        text = files["metrics"].read_text()
        if text != "earlier":
            assert text.count("\nscs_testcase_due_timestamp_seconds{") == len(active.selection.expected)
        files["metrics"].write_text("earlier")
    assert end(nothing_due(make_run_of_boxes("crate", plan=True)), EMPTY) == 0


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


@pytest.mark.parametrize(
    ("exitstatus", "code"), [(EMPTY, OK), (OK, OK), (INTERRUPTED, INTERRUPTED), (INTERNAL, INTERNAL)]
)
def test_where_nothing_is_due_the_run_is_a_success_unless_it_was_broken_off(
    make_run_of_boxes: MakeRun, exitstatus: int, code: int
) -> None:
    active = make_run_of_boxes("crate")
    active.narrowing = Narrowing([(CLOSED, CRATE)])
    active.narrowing.note([(CLOSED, CRATE)])
    assert end(none_chosen(active), exitstatus) == code
    assert active.outcome.problems == []


def test_earlier_reports_are_read_when_what_was_created_is_gone_and_before_new_ones_are_written(
    judged: Callable[..., Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    script = tmp_path / "hook.sh"
    script.write_text("cat > " + str(tmp_path / "told"))
    hook = PipelineSettings(hook=("sh", str(script)))
    for verdict, exitstatus in (("PASS", OK), ("FAIL", INTERRUPTED)):
        active = judged({**GOOD, CLOSED: verdict}, report=ReportPlace(tmp_path / "reports", True), pipeline=hook)
        monkeypatch.setattr(active, "tidy_up", lambda: told.append("tidied up"))
        monkeypatch.setattr(verdict_hook, "read_store", lambda places: told.append("read") or read_store(places))
        end(active, exitstatus)
    assert told == ["tidied up", "tidied up", "read"]
    assert [one["testcase"] for one in json.loads((tmp_path / "told").read_text())["changes"]] == [CLOSED]


def test_a_folder_that_cannot_be_read_keeps_nobody_from_tidying_up(
    judged: Callable[..., Session], boxes: Boxes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(places: object) -> None:
        raise PermissionError(13, "Permission denied", "reports/iaas")

    (tmp_path / "reports").mkdir()
    monkeypatch.setattr(verdict_hook, "read_store", refuse)
    place = ReportPlace(tmp_path / "reports", True)
    active = judged(GOOD, report=place, pipeline=PipelineSettings(hook=("true",)))
    assert end(active) == INCOMPLETE
    assert boxes.told[-2:] == ["crate close", "boxes close"]
    assert len(list((tmp_path / "reports").rglob("*.yaml"))) == 1
    [problem] = active.outcome.problems
    assert problem.startswith("--scs-hook: the earlier reports cannot be read, so nobody is told: [Errno 13]")


def test_with_the_scope_in_the_ini_file_tests_of_a_project_may_run(make_run_of_boxes: MakeRun) -> None:
    active = none_chosen(make_run_of_boxes("crate"))
    assert end(active, OK, file_or_dir=["x.py"]) == 0
    assert active.outcome.problems


@pytest.mark.parametrize(("exitstatus", "said"), [(FAILED, True), (INTERRUPTED, False), (USAGE, False)])
def test_where_nothing_was_judged_an_exit_code_of_others_is_said_to_be_theirs(
    make_run_of_boxes: MakeRun, exitstatus: int, said: bool
) -> None:
    active = none_chosen(make_run_of_boxes("crate"))
    active.note_foreign_failure()
    assert end(active, exitstatus) == exitstatus
    theirs = "exit code 1 is that of tests of your own, or of files that pytest cannot read"
    assert active.outcome.problems == ([f"nothing was judged: {theirs}"] if said else [])


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
        with late_problems(active, session):
            survive(active, session, error)
        assert session.exitstatus == after
    assert active.outcome.problems == [f"another report could not be written: {words}"] * 2


def test_a_report_that_cannot_be_made_is_not_hidden(
    judged: Callable[..., Session], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Only what a disk does is expected; a mistake of ours must be seen, and costs nothing else."""

    def fail(*args: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(report_files, "render", fail)
    active = judged(GOOD, report=ReportPlace(tmp_path / "report.yaml", False), result_files={"csv": tmp_path / "r.csv"})
    assert end(active) == INCOMPLETE
    assert active.outcome.problems == ["writing the reports was broken off: ZeroDivisionError"]
    assert (tmp_path / "r.csv").exists()


def test_who_interrupts_while_things_are_removed_is_told_what(
    judged: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    active = judged(GOOD)
    said = threading.Event()
    monkeypatch.setattr(active, "announce_removal", said.set)
    restore: list[Callable[[], None]] = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    active.interruption.hold(restore.append)

    def remove() -> None:
        with active.interruption.at_once():
            signal.raise_signal(signal.SIGINT)
            assert said.wait(30)

    monkeypatch.setattr(active, "tidy_up", remove)
    try:
        assert end(active) == OK  # which is that of an interruption where the run ends
    finally:
        for one in restore:
            one()
        signal.signal(signal.SIGINT, before)
    assert active.interruption.has_come
    assert active.outcome.incomplete == []


@pytest.mark.parametrize("where", ["write_result_files", "_waiver_notes", "due_notes", "write_evidence"])
def test_a_mistake_at_the_end_costs_nothing_else(
    judged: Callable[..., Session], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str
) -> None:
    def broken(*given: Any, **options: Any) -> Any:
        raise LookupError("what\nnobody foresaw")

    monkeypatch.setattr(finish_module, where, broken)
    place = ReportPlace(tmp_path / "report.yaml", False)
    files = {"result_files": {"json": tmp_path / "r.json"}, "record": tmp_path / "e.json"}
    active = judged(GOOD, report=place, **files)
    assert end(active) == INCOMPLETE
    [problem] = active.outcome.problems
    assert problem.endswith(" was broken off: LookupError: what nobody foresaw")
    assert any(line.startswith("SCS report: ") for line in active.outcome.written)


@pytest.mark.parametrize("shown", [True, False], ids=["terminal", "no-terminal"])
def test_what_no_terminal_shows_is_said_on_standard_error(
    judged: Callable[..., Session], capsys: pytest.CaptureFixture[str], shown: bool
) -> None:
    active = judged(GOOD)
    active.note_left_incomplete(["a stone"])
    active.note_problem("a problem")
    output = LastingStream(io.StringIO()) if shown else None
    say_unshown(active, output)
    assert capsys.readouterr().err == ("" if shown else "scs: a stone\nscs: a problem\n")


def test_output_that_was_lost_is_said_on_standard_error_and_keeps_a_run_from_being_perfect(
    judged: Callable[..., Session], capsys: pytest.CaptureFixture[str]
) -> None:
    active = judged(GOOD)
    session: Any = Ended(OK)
    with Path("/dev/full").open("w") as full, late_problems(active, session):
        output = LastingStream(full)
        output.write("the verdicts")
        say_unshown(active, output)
    said = "scs: cannot write all of the output: No space left on device; give it another place\n"
    assert capsys.readouterr().err == said
    assert session.exitstatus == INCOMPLETE
