# SPDX-License-Identifier: Apache-2.0
"""Metrics for the textfile collector of Prometheus' node_exporter.

That collector reads Prometheus' classic text format, Prometheus itself also OpenMetrics. The text is valid in both with
one meaning: gauges only (the classic format has no state sets, and names counters in another way), no timestamps, which
the collector refuses, and ``# EOF`` at the end, which is a comment to the classic format.

Labels hold nothing but names of subjects, scopes and testcases, so the number of series depends on the scopes alone,
however much is wrong: four for each testcase and each version (one for each verdict), and three more for each testcase.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_scs.core.results import Run, RunOutcome
from pytest_scs.core.verdict import MONITOR_ORDER, Verdict
from pytest_scs.reports.machines import model
from pytest_scs.reports.machines.build import machine_report

Sample = tuple[Mapping[str, str], float]


@dataclasses.dataclass(frozen=True, slots=True)
class Family:
    """A metric with its samples."""

    name: str
    words: str
    samples: list[Sample]

    def lines(self) -> Iterator[str]:
        """Its lines; none without samples."""
        if self.samples:
            yield f"# HELP {self.name} {self.words}"
            yield f"# TYPE {self.name} gauge"
        for labels, value in self.samples:
            inner = ",".join(f'{name}="{escape(text)}"' for name, text in labels.items())
            yield f"{self.name}{{{inner}}} {value:.12g}"


#: What a metric says that runs and folders of reports both tell: a collector refuses one that is explained in two ways.
TOLD_BY_BOTH = {
    "scs_version_verdict": "Verdict on one target of a scope version: 1 for the one it has, 0 for the others.",
    "scs_version_testcases": "Number of testcases of one target of a scope version, by verdict.",
    "scs_version_ready_to_certify": "Whether the subject is ready to be certified for a scope version (1) or not (0); "
    "only where it can be.",
    "scs_testcase_verdict": "Verdict on a testcase: 1 for the one it has, 0 for the others.",
    "scs_testcase_due_timestamp_seconds": "From when on a testcase is due, in Unix time; in the past where it did not "
    "pass.",
    "scs_testcase_expiry_timestamp_seconds": "When the newest result of a testcase stops counting at the compliance "
    "monitor, in Unix time.",
}


def render(run: Run, outcome: RunOutcome) -> str:
    """The metrics of a run as text."""
    report = machine_report(run, outcome)
    families = [*_of_run(report), *_of_versions(report), *_of_testcases(report), *_of_times(run)]
    return text_of(families)


def text_of(families: Iterable[Family]) -> str:
    """The metrics as text."""
    return "\n".join([*(line for family in families for line in family.lines()), "# EOF", ""])


def escape(text: str) -> str:
    """A text as the value of a label: both formats know these three escapes."""
    clean: str = model.plain(text)
    # Readers of lines take a carriage return for the end of one.
    return clean.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", " ")


def _labels(subject: model.SubjectEntry) -> dict[str, str]:
    return {"subject": subject.report_name, "platform": subject.platform}


def _of_run(report: model.MachineReport) -> Iterator[Family]:
    run = report.run
    time = dt.datetime.fromisoformat(run.judged_at).timestamp()
    # Each with its subject: two files of one collector may not have a series twice.
    subjects = [(_labels(subject), subject) for subject in report.subjects]
    yield Family(
        "scs_check",
        "By which version of pytest-scs and by whose reading the subject was judged; always 1.",
        [(labels | {"tool_version": report.tool.version, "judge": str(run.judge)}, 1) for labels, _ in subjects],
    )
    yield Family(
        "scs_check_timestamp_seconds",
        "When the subject was judged, in Unix time; time() minus this is the age of all other values.",
        [(labels, time) for labels, _ in subjects],
    )
    yield Family(
        "scs_check_complete",
        "Whether the run came to its end and chose every testcase (1) or not (0).",
        [(labels, float(not (run.interrupted or run.partial))) for labels, _ in subjects],
    )
    yield Family(
        "scs_check_problems",
        "Number of problems of the run: files that could not be written, things that could not be removed.",
        [(labels, len(run.problems) + len(run.left_incomplete)) for labels, _ in subjects],
    )
    yield Family(
        "scs_check_requests",
        "Number of requests that the subject was sent.",
        [(labels, subject.reading.requests_total) for labels, subject in subjects],
    )
    yield Family(
        "scs_check_reading_seconds",
        "How long the subject was read.",
        [(labels, subject.reading.seconds) for labels, subject in subjects if subject.reading.seconds is not None],
    )


def _of_versions(report: model.MachineReport) -> Iterator[Family]:
    # Not its validity: that changes with the date, and a series must not end with it.
    known = [
        (_labels(subject) | {"scope": one.scope, "version": one.version, "target": one.target}, one)
        for subject in report.subjects
        for one in subject.versions
    ]
    yield Family(
        "scs_version_verdict",
        TOLD_BY_BOTH["scs_version_verdict"],
        [sample for labels, one in known for sample in verdict_states(labels, one.verdict)],
    )
    yield Family(
        "scs_version_testcases",
        TOLD_BY_BOTH["scs_version_testcases"],
        [(labels | {"verdict": str(name)}, number) for labels, one in known for name, number in one.counts.items()],
    )
    yield Family(
        "scs_version_ready_to_certify",
        TOLD_BY_BOTH["scs_version_ready_to_certify"],
        [(labels, float(one.ready_to_certify)) for labels, one in known if one.ready_to_certify is not None],
    )


def _of_testcases(report: model.MachineReport) -> Iterator[Family]:
    known = [
        (_labels(subject) | {"standard": result.standard, "testcase": result.testcase}, result)
        for subject in report.subjects
        for result in subject.results
    ]
    yield Family(
        "scs_testcase_verdict",
        TOLD_BY_BOTH["scs_testcase_verdict"],
        [sample for labels, result in known for sample in verdict_states(labels, result.verdict)],
    )
    yield Family(
        "scs_testcase_waived_until_timestamp_seconds",
        "Until when the FAIL of a testcase is waived, in Unix time; only where it is.",
        [(labels, _ends(result.waived)) for labels, result in known if result.waived],
    )
    yield Family(
        "scs_testcase_violations",
        "Number of violations of a testcase that the judge of the run counts.",
        [(labels, sum(one.counts for one in result.findings)) for labels, result in known],
    )
    yield Family(
        "scs_testcase_duration_seconds",
        "How long a testcase took to be judged.",
        [(labels, result.duration_seconds) for labels, result in known],
    )
    yield Family(
        "scs_testcase_requests",
        "Number of requests a testcase took; testcases that read the same share them.",
        [(labels, result.requests) for labels, result in known if result.requests is not None],
    )


def _ends(waivers: Sequence[model.WaiverEntry]) -> float:
    """The first moment at which one of some waivers does not count any more."""
    first = min(dt.date.fromisoformat(one.expires) for one in waivers)
    return dt.datetime.combine(first, dt.time(), dt.UTC).timestamp() + 86400


def _of_times(run: Run) -> Iterator[Family]:
    judged = dt.datetime.fromisoformat(run.now).timestamp()
    known = [
        (
            {
                "subject": one.subject.report_name,
                "platform": one.subject.platform,
                "standard": one.standard,
                "testcase": one.testcase,
            },
            one,
        )
        for one in run.times
    ]
    yield Family(
        "scs_testcase_due_timestamp_seconds",
        TOLD_BY_BOTH["scs_testcase_due_timestamp_seconds"],
        [(labels, unix_time(one.due_at) if one.due_at else judged) for labels, one in known],
    )
    yield Family(
        "scs_testcase_expiry_timestamp_seconds",
        TOLD_BY_BOTH["scs_testcase_expiry_timestamp_seconds"],
        [(labels, unix_time(one.valid_until)) for labels, one in known if one.valid_until],
    )


def unix_time(moment: dt.datetime) -> float:
    """A moment in UTC without zone as seconds since 1970."""
    return moment.replace(tzinfo=dt.UTC).timestamp()


def verdict_states(labels: Mapping[str, str], verdict: Verdict | None) -> Iterator[Sample]:
    """A sample for each verdict there is: 1 for this one, 0 for the others."""
    for name in MONITOR_ORDER:
        yield {**labels, "verdict": str(name)}, float(name is verdict)
