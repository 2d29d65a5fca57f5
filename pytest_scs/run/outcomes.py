# SPDX-License-Identifier: Apache-2.0
"""From what pytest saw of an item to the testcase's result, and back to how pytest shows it."""

from __future__ import annotations

import datetime as dt
import traceback

import pytest

from pytest_scs.base.words import printable
from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.core.collector import Collector, NonConformance, undecided
from pytest_scs.core.findings import Remark
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result, aborted, missing
from pytest_scs.core.selection import Expected
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict
from pytest_scs.core.waiver import waive
from pytest_scs.reports.lines import explanation
from pytest_scs.run import pytest_internals, pytest_masks
from pytest_scs.run.item_keys import collector_key, expected_key, skip_kind_key, subject_key
from pytest_scs.run.session import Session
from pytest_scs.run.unreported import Unreported


def judge_phase(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport, session: Session) -> None:
    """Turn one phase of an item into its result, and rewrite the phase's report to show the verdict.

    FAIL comes from findings only; any other exception is ABORT, a skip is MISS, never PASS.
    """
    entry = item.stash[expected_key]
    subject = item.stash[subject_key]
    if call.when == "teardown":
        # Whoever runs it once more begins anew, and finds nothing twice.
        if collector_key in item.stash:
            del item.stash[collector_key]
        if report.failed:
            text = f"{entry.id}: cleaning up failed: {_cause(call)}"
            if session.is_worker:
                pytest_internals.attach(report, "scs_incomplete", text)
            else:
                session.note_left_incomplete([text])
        return
    if call.when == "setup" and report.passed:
        return
    collector = item.stash.get(collector_key, None)
    if report.skipped:
        result = missing(entry, subject, _why_skipped(item, call))
    elif collector is None:
        unused = Cause("the testcase did not use the fixture scs, so there is no evidence")
        cause = _cause(call) if report.failed else unused
        result = aborted(entry.id, subject, cause)
    else:
        result = _judged(entry, subject, collector, call, session)
        _waive(result, session)
    result.cause = result.cause.masked(session.redact) if result.cause else None
    result.details = session.redact(_details(call)) if result.verdict(session.settings.judge) is Verdict.ABORT else ""
    result.duration = round(call.duration, 6)
    _publish(item, report, result, entry, session)


def _judged(
    entry: Expected, subject: Subject, collector: Collector, call: pytest.CallInfo[None], session: Session
) -> Result:
    result = Result(entry.id, subject, collector.verdict(Judge.OFFICIAL), collector.verdict(Judge.TEXT))
    result.findings = collector.findings
    result.undecided = collector.undecided
    result.remarks = collector.remarks
    result.evidence = collector.evidence
    result.attested = collector.attested
    result.as_of = collector.as_of.astimezone(dt.UTC).isoformat() if collector.as_of else ""
    if call.excinfo and not isinstance(call.excinfo.value, NonConformance):
        # Masked before a remark repeats it.
        result.cause = _cause(call).masked(session.redact)
        inconclusive = isinstance(call.excinfo.value, Inconclusive)
        if not (inconclusive and result.verdict(session.settings.judge) is Verdict.ABORT):
            # A violation that was seen stays one, whatever happened afterwards; a PASS needs the whole testcase.
            result.official, result.text = (
                verdict if verdict is Verdict.FAIL else Verdict.ABORT for verdict in (result.official, result.text)
            )
            result.remarks = [*collector.remarks, Remark(f"not examined to the end: {result.cause}")]
    elif Verdict.ABORT in (result.official, result.text):
        result.cause = undecided(collector.undecided)
    return result


def _waive(result: Result, session: Session) -> None:
    """Enter what waives a FAIL; waivers know no other verdict."""
    judge = session.settings.judge
    if not session.waivers or result.verdict(judge) is not Verdict.FAIL:
        return
    waivers = [waiver for waiver in session.waivers if waiver.counts(session.day)]
    unsure = [one for one in result.undecided if one.basis.concerns(judge)]
    result.waived, remarks = waive(
        waivers, result.testcase, result.subject.report_name, result.violations(judge), unsure, result.cause
    )
    result.remarks = [*result.remarks, *remarks]


def _publish(item: pytest.Item, report: pytest.TestReport, result: Result, entry: Expected, session: Session) -> None:
    verdict = result.verdict(session.settings.judge)
    properties = [("scs_testcase", entry.id), ("scs_verdict", str(verdict)), ("scs_cloud", result.subject.name)]
    if result.waived:
        properties.append(("scs_waived_until", min(one.expires for one in result.waived)))
    if result.cause and verdict in (Verdict.ABORT, Verdict.MISS):
        properties.append(("scs_cause", str(result.cause.kind)))
    # JUnit reads the teardown report, which is made from the item; everybody else reads this one.
    known = {name for name, _ in properties}
    item.user_properties[:] = [one for one in item.user_properties if one[0] not in known]
    item.user_properties.extend(properties)
    report.user_properties.extend(properties)
    if verdict is not Verdict.MISS:
        settings = session.settings
        told = explanation(result, entry, settings.judge, limit=None, language=settings.language)
        report.longrepr = session.redact(told)
        failed = verdict is not Verdict.PASS
        report.outcome = "failed" if failed else "passed"
        if failed and result.waived:
            shown = [one.public for one in result.waived] if settings.public else result.waived
            reason = "; ".join(one.worded(settings.language) for one in shown)
            pytest_internals.show_as_xfailed(report, printable(session.redact(f"{verdict}, {reason}")))
        elif failed and not entry.decisive:
            pytest_internals.show_as_xfailed(report, f"{verdict}, outside target main")
        if not failed:
            report.longrepr = None
    if session.is_worker:
        pytest_internals.attach(report, "scs", result.to_json())
    else:
        session.record(result)
        session.unreported = Unreported(item, report)


def receive(report: pytest.TestReport, session: Session) -> None:
    """Take a report in the process that the user started: results from workers, crashes, other tests' failures.

    What other reporters read from it is masked: only this process knows the secrets.
    """
    pytest_masks.mask_report(report, session.redact)
    if session.unreported:
        session.unreported = session.unreported.after(report)
    if text := pytest_internals.detach(report, "scs_incomplete"):
        session.note_left_incomplete([text])
        return
    if text := pytest_internals.detach(report, "scs"):
        session.record(Result.from_json(text))
    elif pytest_internals.crashed(report):
        session.record_crash(report.nodeid, str(report.longrepr).splitlines()[0])
    elif report.failed and not any(name == "scs_testcase" for name, _ in report.user_properties):
        session.note_foreign_failure()


def status(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Category, letter and word for pytest's progress; None for what is no testcase of ours."""
    properties = dict(report.user_properties)
    verdict = properties.get("scs_verdict")
    if verdict is None or report.when == "teardown" or (report.when == "setup" and report.passed):
        return None
    if report.outcome not in ("passed", "failed", "skipped"):
        return None  # "rerun": whoever makes such an outcome shows it
    if pytest_internals.shown_as_xfailed(report):
        why = "waived" if "scs_waived_until" in properties else "not in main"
        return "xfailed", "x", f"{str(verdict).lower()} ({why})"
    return {
        "PASS": ("passed", ".", "PASS"),
        "FAIL": ("failed", "F", "FAIL"),
        "ABORT": ("error", "A", "ABORT"),
        "MISS": ("skipped", "m", "MISS"),
    }[str(verdict)]


def _cause(call: pytest.CallInfo[None]) -> Cause:
    return Cause.of(call.excinfo.value if call.excinfo else RuntimeError("failed without an exception"))


def _why_skipped(item: pytest.Item, call: pytest.CallInfo[None]) -> Cause:
    """Why there was no attempt; what skips without a kind, as pytest's own markers do, was left out by the user."""
    text = str(call.excinfo.value) if call.excinfo else "skipped"
    return Cause(text, item.stash.get(skip_kind_key, CauseKind.NOT_SELECTED))


def _details(call: pytest.CallInfo[None]) -> str:
    """The traceback of an exception nobody foresaw; those that were say all in their cause."""
    if call.excinfo is None or isinstance(call.excinfo.value, (Inconclusive, NonConformance)):
        return ""
    return "".join(traceback.format_exception(call.excinfo.value, limit=-8))
