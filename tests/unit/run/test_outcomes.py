# SPDX-License-Identifier: Apache-2.0
"""From what pytest saw of an item to its verdict, in every phase, in the main process and in workers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.core.collector import Collector, NonConformance
from pytest_scs.core.findings import Basis, Finding, Remark, Undecided
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict
from pytest_scs.run import outcomes
from pytest_scs.run.item_keys import collector_key, skip_kind_key
from pytest_scs.run.session import Session
from pytest_scs.run.workers import WorkerFolder

CLOSED, LABELLED = "scs-9902-x-closed", "scs-9903-x-labelled"
CRATE = Subject("boxes", "crate")
PASS, FAIL, ABORT, MISS = Verdict.PASS, Verdict.FAIL, Verdict.ABORT, Verdict.MISS

Phase = Callable[..., pytest.TestReport]


class Stage:
    """One item of a run, and what becomes of it."""

    def __init__(self, active: Session, make_item: Callable[..., pytest.Item]) -> None:
        self.active = active
        self._make_item = make_item
        self.item = make_item(CLOSED, active=active)

    def about(self, testcase: str) -> None:
        self.item = self._make_item(testcase, active=self.active)

    def collector(self, *observations: Finding | Undecided | Remark, examined: int = 1) -> Collector:
        collector = Collector(self.active.selection.expected[CLOSED], self.active.settings.judge)
        if examined:
            collector.examined("lids", examined)
        collector.add(observations)
        self.item.stash[collector_key] = collector
        return collector

    def phase(self, error: BaseException | None = None, when: Any = "call") -> pytest.TestReport:
        """What pytest makes of a phase that ends so, and what becomes of it."""

        def run() -> None:
            if error:
                raise error

        call = pytest.CallInfo.from_call(run, when)
        report = pytest.TestReport.from_item_and_call(self.item, call)
        outcomes.judge_phase(self.item, call, report, self.active)
        return report

    @property
    def result(self) -> Result:
        return self.active.run(interrupted=False).subject_runs[0].results[CLOSED]

    @property
    def verdicts(self) -> tuple[Verdict, Verdict]:
        return self.result.official, self.result.text


@pytest.fixture
def stage(make_run_of_boxes: Callable[..., Session], make_item: Callable[..., pytest.Item]) -> Stage:
    return Stage(make_run_of_boxes("crate"), make_item)


@pytest.fixture
def worker(stage: Stage) -> Iterator[Stage]:
    """The same in a worker."""
    active = stage.active
    folder = WorkerFolder.create()
    stage.active = Session(
        active.settings,
        active.selection,
        active.subjects,
        None,  # type: ignore[arg-type]
        active.redact,
        workers=WorkerFolder(folder.path, "gw0"),
    )
    yield stage
    folder.remove()


def finding(basis: Basis = Basis.BOTH) -> Finding:
    return Finding("box crate", "scs-9902/closed", "a lid", "none", basis=basis, title="has a lid")


def test_who_finds_nothing_wrong_passes(stage: Stage) -> None:
    stage.collector()
    report = stage.phase()
    assert stage.verdicts == (PASS, PASS)
    assert (report.outcome, report.longrepr) == ("passed", None)
    assert report.user_properties == [("scs_testcase", CLOSED), ("scs_verdict", "PASS"), ("scs_cloud", "crate")]
    assert stage.item.user_properties == report.user_properties
    assert (stage.result.cause, stage.result.details, stage.result.evidence) == (None, "", {"lids": 1})
    assert stage.result.duration >= 0


def test_setup_that_goes_well_is_no_verdict(stage: Stage) -> None:
    stage.collector()
    report = stage.phase(when="setup")
    assert report.user_properties == []
    assert stage.result.official is MISS


def test_findings_and_nothing_else_fail(stage: Stage) -> None:
    stage.collector(finding())
    report = stage.phase(NonConformance("1 violation"))
    assert stage.verdicts == (FAIL, FAIL)
    assert stage.result.findings == [finding()]
    assert (stage.result.cause, stage.result.details, stage.result.remarks) == (None, "", [])
    assert report.outcome == "failed"
    assert "box crate: has a lid: expected a lid, found none" in str(report.longrepr)


@pytest.mark.parametrize("error", [AssertionError("assert 1 == 2"), KeyError("name"), SystemExit(3)])
def test_any_other_exception_is_abort_with_its_traceback(stage: Stage, error: BaseException) -> None:
    stage.collector()
    report = stage.phase(error)
    assert stage.verdicts == (ABORT, ABORT)
    assert stage.result.cause == Cause(f"{type(error).__name__}: {error}", CauseKind.OTHER)
    assert "Traceback" in stage.result.details
    assert [str(remark) for remark in stage.result.remarks] == [f"not examined to the end: {stage.result.cause}"]
    assert report.outcome == "failed"
    assert ("scs_cause", "other") in report.user_properties


def test_a_violation_that_was_seen_stays_one_whatever_happens_afterwards(stage: Stage) -> None:
    stage.collector(finding(Basis.OFFICIAL))
    report = stage.phase(ValueError("odd"))
    assert stage.verdicts == (FAIL, ABORT)
    assert stage.result.cause == Cause("ValueError: odd", CauseKind.OTHER)
    assert stage.result.details == ""
    assert "scs_cause" not in dict(report.user_properties)


def test_what_is_inconclusive_to_the_end_is_abort_with_its_cause_and_no_traceback(stage: Stage) -> None:
    stage.collector(Undecided("lid 7", "rusty", kind=CauseKind.OUTAGE))
    stage.phase(Inconclusive("lid 7: cannot be judged: rusty", CauseKind.OUTAGE))
    assert stage.verdicts == (ABORT, ABORT)
    assert stage.result.cause == Cause("lid 7: cannot be judged: rusty", CauseKind.OUTAGE)
    assert (stage.result.details, stage.result.remarks) == ("", [])


def test_what_one_judge_cannot_decide_does_not_take_the_verdict_of_the_other(stage: Stage) -> None:
    stage.collector(Undecided("lid 7", "rusty", basis=Basis.OFFICIAL))
    stage.phase(Inconclusive("lid 7: cannot be judged: rusty"))
    assert stage.verdicts == (ABORT, PASS)


def test_what_ends_a_testcase_early_that_would_pass_is_abort_for_both(stage: Stage) -> None:
    stage.collector(finding(Basis.TEXT))
    stage.phase(Inconclusive("503", CauseKind.OUTAGE))
    assert stage.verdicts == (ABORT, FAIL)
    assert [str(remark) for remark in stage.result.remarks] == ["not examined to the end: 503"]


def test_what_only_the_other_judge_cannot_decide_has_its_cause_all_the_same(stage: Stage) -> None:
    stage.collector(Undecided("lid 7", "rusty", basis=Basis.TEXT, kind=CauseKind.TIMEOUT))
    report = stage.phase()
    assert stage.verdicts == (PASS, ABORT)
    assert stage.result.cause == Cause("lid 7: cannot be judged: rusty", CauseKind.TIMEOUT)
    assert report.outcome == "passed"
    assert "scs_cause" not in dict(report.user_properties)


def test_a_testcase_that_examines_nothing_is_abort(stage: Stage) -> None:
    collector = stage.collector(examined=0)
    with pytest.raises(Inconclusive) as caught:
        collector.conclude()
    stage.phase(caught.value)
    assert stage.verdicts == (ABORT, ABORT)
    assert str(stage.result.cause) == "the testcase recorded no evidence for its verdict"


@pytest.mark.parametrize("when", ["setup", "call"])
def test_what_fails_before_there_is_a_collector_is_abort(stage: Stage, when: str) -> None:
    report = stage.phase(Inconclusive("admin role", CauseKind.PERMISSION), when)
    assert stage.verdicts == (ABORT, ABORT)
    assert stage.result.cause == Cause("admin role", CauseKind.PERMISSION)
    assert report.outcome == "failed"
    assert report.user_properties[-1] == ("scs_cause", "permission")


def test_a_testcase_that_never_asked_for_scs_is_no_pass(stage: Stage) -> None:
    report = stage.phase()
    assert stage.verdicts == (ABORT, ABORT)
    assert str(stage.result.cause) == "the testcase did not use the fixture scs, so there is no evidence"
    assert report.outcome == "failed"


@pytest.mark.parametrize("collected", [False, True])
def test_a_skip_is_miss_however_far_it_came(stage: Stage, collected: bool) -> None:
    if collected:
        stage.collector()
    report = stage.phase(pytest.skip.Exception("no time"))
    assert stage.verdicts == (MISS, MISS)
    assert stage.result.cause == Cause("no time", CauseKind.NOT_SELECTED)
    assert report.outcome == "skipped"
    assert report.longrepr[2] == "Skipped: no time"
    assert dict(report.user_properties)["scs_cause"] == "not selected"


def test_a_skip_says_its_kind(stage: Stage) -> None:
    stage.item.stash[skip_kind_key] = CauseKind.NOT_ANSWERED
    stage.phase(pytest.skip.Exception("nobody answered"), "setup")
    assert stage.result.cause == Cause("nobody answered", CauseKind.NOT_ANSWERED)


def test_a_violation_outside_main_is_shown_and_fails_nothing(stage: Stage) -> None:
    stage.about(LABELLED)
    stage.collector(finding())
    report = stage.phase(NonConformance("1 violation"))
    assert (report.outcome, report.wasxfail) == ("skipped", "FAIL, outside target main")
    assert outcomes.status(report) == ("xfailed", "x", "fail (not in main)")


def test_what_passes_or_is_skipped_outside_main_is_no_xfail(stage: Stage) -> None:
    stage.about(LABELLED)
    stage.collector()
    assert not hasattr(stage.phase(), "wasxfail")
    assert not hasattr(stage.phase(pytest.skip.Exception("x")), "wasxfail")


@pytest.mark.parametrize(("judge", "outcome"), [(Judge.OFFICIAL, "failed"), (Judge.TEXT, "passed")])
def test_pytest_shows_the_verdict_of_the_judge_who_decides(
    make_run_of_boxes: Callable[..., Session], make_item: Callable[..., pytest.Item], judge: Judge, outcome: str
) -> None:
    stage = Stage(make_run_of_boxes("crate", judge=judge), make_item)
    collector = stage.collector(finding(Basis.OFFICIAL))
    error = None
    try:
        collector.conclude()
    except NonConformance as found:
        error = found
    report = stage.phase(error)
    assert stage.verdicts == (FAIL, PASS)
    assert report.outcome == outcome


def test_attestation_and_remarks_go_with_the_result(stage: Stage) -> None:
    stage.collector(Remark("by hand")).attested = "2026-06-01"
    stage.phase()
    assert (stage.result.attested, stage.result.remarks) == ("2026-06-01", [Remark("by hand")])


def test_no_secret_is_in_cause_details_or_report(stage: Stage) -> None:
    stage.active.redact.add(["hunter22"])
    stage.collector()
    report = stage.phase(RuntimeError("password hunter22"))
    assert "hunter22" not in str(report.longrepr)
    assert "hunter22" not in json.dumps(json.loads(stage.result.to_json()))
    assert "password ***" in stage.result.details


def test_cleaning_up_that_fails_is_noted_and_changes_no_verdict(stage: Stage) -> None:
    stage.collector()
    stage.phase()
    stage.phase(when="teardown")
    assert stage.active.outcome.incomplete == []
    stage.phase(OSError("disk full"), "teardown")
    assert stage.active.outcome.incomplete == [f"{CLOSED}: cleaning up failed: OSError: disk full"]
    assert stage.verdicts == (PASS, PASS)


def test_a_worker_sends_its_result_and_keeps_none(worker: Stage) -> None:
    worker.collector(finding())
    report = worker.phase(NonConformance("1 violation"))
    assert Result.from_json(report.scs).findings == [finding()]
    assert not worker.active.has_begun
    failed = worker.phase(OSError("disk full"), "teardown")
    assert failed.scs_incomplete == f"{CLOSED}: cleaning up failed: OSError: disk full"
    assert worker.active.outcome.incomplete == []


def test_the_main_process_takes_what_a_worker_sent_once(
    worker: Stage, make_run_of_boxes: Callable[..., Session]
) -> None:
    main = make_run_of_boxes("crate")
    worker.collector(finding())
    report, failed = worker.phase(NonConformance("1 violation")), worker.phase(OSError("disk full"), "teardown")
    for one in (report, failed):
        outcomes.receive(one, main)
        assert not {"scs", "scs_incomplete"} & vars(one).keys()
    assert main.run(interrupted=False).subject_runs[0].results[CLOSED].findings == [finding()]
    assert main.outcome.incomplete == [f"{CLOSED}: cleaning up failed: OSError: disk full"]
    assert not main.foreign_failure


def report_of(**changes: Any) -> Any:
    given = {
        "nodeid": "test_own.py::test_x",
        "when": "call",
        "outcome": "passed",
        "longrepr": None,
        "sections": [],
        "user_properties": [],
    }
    found = SimpleNamespace(**{**given, **changes})
    found.failed, found.passed = found.outcome == "failed", found.outcome == "passed"
    return found


def test_a_test_of_somebody_else_that_fails_is_noted(stage: Stage) -> None:
    outcomes.receive(report_of(), stage.active)
    outcomes.receive(report_of(outcome="skipped"), stage.active)
    outcomes.receive(report_of(outcome="failed", user_properties=[("scs_testcase", CLOSED)]), stage.active)
    assert not stage.active.foreign_failure
    outcomes.receive(report_of(outcome="failed", user_properties=[("colour", "red")]), stage.active)
    assert stage.active.foreign_failure


def test_a_worker_that_crashed_takes_its_testcase_to_abort(stage: Stage) -> None:
    stage.active.note_filtered()
    stage.active.expect({"a": (CLOSED, CRATE)}, {CLOSED: []})
    crash = report_of(nodeid="a", when="???", outcome="failed", longrepr="worker 'gw0' crashed\nwhile running a")
    outcomes.receive(crash, stage.active)
    assert stage.result.cause == Cause("the worker process died: worker 'gw0' crashed", CauseKind.INTERRUPTED)
    assert not stage.active.foreign_failure


def test_what_other_reporters_read_is_masked(stage: Stage) -> None:
    stage.active.redact.add(["hunter22"])
    sections = [("Captured stdout call", "hunter22"), ("Captured log call", "no")]
    report = report_of(longrepr="hunter22!", sections=sections)
    outcomes.receive(report, stage.active)
    assert report.longrepr == "***!"
    assert report.sections == [("Captured stdout call", "***"), ("Captured log call", "no")]


@pytest.mark.parametrize(
    ("verdict", "shown"),
    [
        ("PASS", ("passed", ".", "PASS")),
        ("FAIL", ("failed", "F", "FAIL")),
        ("ABORT", ("error", "A", "ABORT")),
        ("MISS", ("skipped", "m", "MISS")),
    ],
)
def test_pytest_shows_the_verdict(verdict: str, shown: tuple[str, str, str]) -> None:
    properties = [("scs_testcase", CLOSED), ("scs_verdict", verdict)]
    assert outcomes.status(report_of(user_properties=properties)) == shown
    assert outcomes.status(report_of(user_properties=properties, when="setup", outcome="failed")) == shown
    assert outcomes.status(report_of(user_properties=properties, when="setup")) is None
    assert outcomes.status(report_of(user_properties=properties, when="teardown")) is None


def test_of_other_tests_pytest_shows_what_it_likes() -> None:
    assert outcomes.status(report_of()) is None
