# SPDX-License-Identifier: Apache-2.0
"""What stands beside the verdict on a version, in the terminal and on the cards of the HTML report."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from stored_reports import stored

from pytest_scs.core.results import Run, RunOutcome
from pytest_scs.core.selection import known_scopes
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.scorecard import scorecard_text
from pytest_scs.pipeline.scorecard.scorecard import fleet
from pytest_scs.reports import readiness
from pytest_scs.reports.machines import build
from pytest_scs.reports.terminal import remark, summary


@pytest.mark.parametrize(
    ("spec", "verdict", "said"),
    [
        ("iaas-v5.1", Verdict.PASS, "ready to certify: yes, plus 3 declarations"),
        ("iaas-v5.1", Verdict.ABORT, "ready to certify: no"),
        ("iaas-next", Verdict.PASS, "draft, cannot be certified"),
        ("iaas-v4", Verdict.PASS, "deprecated, cannot be certified"),
        ("beyond-v1", Verdict.PASS, "unofficial, there is no certificate"),
        ("kaas-v1", Verdict.FAIL, "ready to certify: no"),
        ("beyond-kaas-v1", Verdict.PASS, "unofficial, there is no certificate"),
    ],
)
def test_what_a_verdict_is_good_for(make_run: Callable[..., Run], spec: str, verdict: Verdict, said: str) -> None:
    run = make_run(specs=[spec], date=dt.date(2026, 11, 15) if "kaas" in spec else dt.date(2026, 6, 15))
    [version] = run.selection.versions
    [subject_run] = run.subject_runs
    assert remark(run, version, "main", verdict, subject_run) == said
    assert remark(run, version, "preview", verdict, subject_run) == ""


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({}, "not answered: scs attest --scs-scope=beyond-kaas"),
        (
            {"scs-0214-x-node-distribution-declaration": "answered 2026-11-20, counts until 2027-03-31"},
            "answered 2026-11-20, counts until 2027-03-31",
        ),
    ],
)
def test_a_certificate_that_needs_a_declaration_is_never_promised_without_it(
    make_run: Callable[..., Run], declared: dict[str, str], said: str
) -> None:
    run = make_run(specs=["kaas-v1"], date=dt.date(2026, 11, 20))
    [version] = run.selection.versions
    [subject_run] = run.subject_runs
    subject_run.declared = declared
    words = remark(run, version, "main", Verdict.PASS, subject_run)
    assert words == f"ready to certify: yes, plus declaration scs-0214 ({said})"


def test_a_partial_run_is_good_for_nothing(make_run: Callable[..., Run]) -> None:
    run = make_run(specs=["iaas-v5.1"], chosen=["scs-0100-syntax-check"])
    [version] = run.selection.versions
    [subject_run] = run.subject_runs
    assert remark(run, version, "main", Verdict.PASS, subject_run) == "partial run, no verdict on the version"


@pytest.mark.parametrize(
    ("verdict", "line", "color"),
    [
        (Verdict.PASS, "1 PASS of 1 chosen; no verdict on the version", {}),
        (Verdict.FAIL, "1 FAIL of 1 chosen; no verdict on the version", {"red": True}),
    ],
)
def test_a_part_of_a_version_has_no_verdict_that_could_be_taken_for_one(
    make_run: Callable[..., Run], verdict: Verdict, line: str, color: dict[str, bool]
) -> None:
    run = make_run(specs=["iaas-v5.1"], chosen=["scs-0100-syntax-check"])
    result = run.subject_runs[0].results["scs-0100-syntax-check"]
    result.official = result.text = verdict
    screen = Screen()
    terminal: Any = screen
    summary(terminal, RunOutcome(run, notes=["a note"]), str)
    assert screen.lines[-3:-1] == [f"iaas-v5.1 (effective) main: {line}", "a note"]
    assert screen.styles[-3:-1] == [color, {}]


def test_a_run_and_its_score_card_say_the_same_of_a_certificate(make_run: Callable[..., Run]) -> None:
    run = make_run(specs=["iaas-v5.1"])
    [version] = run.selection.versions
    [subject_run] = run.subject_runs
    subject_run.declared = {"key-manager-docs-check": "answered 2026-06-14, counts until 2026-09-30"}
    at = dt.datetime(2026, 6, 15, 13)
    report = stored(dict.fromkeys(version.scope.versions["v5.1"].targets()["main"], "PASS"), checked_at=at)
    words = "self-assessment of 2026-06-14, counts until 2026-09-30"
    answered = stored({"key-manager-docs-check": "PASS"}, checked_at=at, command=words)
    found = fleet([report, answered], known_scopes(), at)
    [card] = found.cards.values()
    screen = Screen()
    terminal: Any = screen
    summary(terminal, RunOutcome(run), str)
    said = remark(run, version, "main", Verdict.PASS, subject_run)
    assert said == scorecard_text.readiness(card).replace(" (v5.1)", "") == "ready to certify: yes, plus 3 declarations"
    needed = [line.strip() for line in screen.lines if "needed:" in line]
    assert needed == [line.strip() for line in scorecard_text.details(found) if "needed:" in line]
    assert needed == [
        "needed: declaration availability-zones-check (not answered: scs attest --scs-scope=iaas-v5.1)",
        "needed: declaration domain-manager-check (not answered: scs attest --scs-scope=iaas-v5.1)",
        "needed: declaration key-manager-docs-check (answered 2026-06-14, counts until 2026-09-30)",
    ]
    sentences = [f"Along with a declaration on {one.standard}: {one.state}" for one in card.needed]
    assert readiness.sentences(readiness.needed_of_run(version, subject_run)) == sentences
    entry = build.machine_report(run, RunOutcome(run)).subjects[0].versions[0]
    assert [dataclasses.astuple(one) for one in entry.needed] == [dataclasses.astuple(one) for one in card.needed]


def test_without_a_certificate_in_sight_no_declaration_is_asked_for(make_run: Callable[..., Run]) -> None:
    run = make_run({"scs-0100-syntax-check": "FAIL"}, specs=["iaas-v5.1"])
    screen = Screen()
    terminal: Any = screen
    summary(terminal, RunOutcome(run), str)
    assert not [line for line in screen.lines if "needed:" in line]


class Screen:
    """pytest's terminal, as far as a summary needs it."""

    config = SimpleNamespace(get_verbosity=lambda: 0)

    def __init__(self) -> None:
        self.lines = [""]
        self.styles: list[dict[str, bool]] = []

    def section(self, title: str, sep: str) -> None:
        self.line(title)

    def write(self, text: str, **style: bool) -> None:
        self.lines[-1] += text
        self.styles.append(style)

    def line(self, text: str, **style: bool) -> None:
        self.write(text, **style)
        self.lines.append("")
