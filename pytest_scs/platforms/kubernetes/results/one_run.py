# SPDX-License-Identifier: Apache-2.0
"""What the files of one run of the e2e suite say, gathered file by file in any order."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import Final

from pytest_scs.base.words import shown
from pytest_scs.core.cause import CauseKind
from pytest_scs.evidence.junit_reading import SKIPPED, Case, Property, Suite, read_junit
from pytest_scs.platforms.kubernetes.results import sonobuoy_files
from pytest_scs.platforms.kubernetes.results.log import SuiteLog, read_log
from pytest_scs.platforms.kubernetes.results.members import Member
from pytest_scs.standards.kaas.e2e_collect import Collected, Outcome, Record, classify
from pytest_scs.standards.kaas.e2e_run import Part, Problem

#: Characters of a version that are kept.
_MOST_VERSION: Final = 60

#: The suite writes this into the output of a test before it repeats it.
_RETRY: Final = "Attempt #1 Failed"

#: What sonobuoy says of a suite that came to its end without failures.
_ENDED_WELL: Final = ("", "passed", "complete", "skipped")

#: Seconds that a suite can have taken, for what its file says: a month.
_LONGEST: Final = 31 * 24 * 3600


class OneRun:
    """One run: give it its files with `take`, then `end` it."""

    def __init__(self) -> None:
        self.collected = Collected()
        self.problems: list[Problem] = []
        self.files: list[str] = []
        self.runner = self.runner_version = self.aggregator = self.namespace = ""
        self.server_version = self.suite_version = ""
        self.started: dt.datetime | None = None
        self.ended: dt.datetime | None = None
        self.dry = False
        self._log: SuiteLog | None = None
        self._junit_files = 0
        self._newest = 0.0
        self._unsuccessful = ""

    @property
    def has_result(self) -> bool:
        """Whether there is a trace of the suite, and not only of the program around it."""
        return any(not name.startswith("meta/") and name != "serverversion.json" for name in self.files)

    def part(self) -> Part:
        """What was to run and ran."""
        return self.collected.part(*((self._log.announced, self._log.known) if self._log else (None, None)))

    def take(self, file: str, member: Member) -> None:
        """Read one file; ``file`` is its name from where the run begins. What is wrong with it becomes a problem."""
        name = file.rpartition("/")[2]
        try:
            if name.startswith("junit") and name.endswith(".xml"):
                self._junit_files += 1
                self._take_junit(member)
            elif name == "e2e.log":
                self._log = read_log(member.stream)
            elif not self._take_of_sonobuoy(file, name, member):
                return
        except ValueError as error:
            self.problems.append(Problem(f"{shown(member.name)}: {error}", CauseKind.MALFORMED))
        self.files.append(shown(member.name))
        if not file.startswith("meta/"):
            self._newest = max(self._newest, member.changed)
        if not self.runner and (file.startswith("plugins/") or name in ("config.json", "e2e.log")):
            self.runner = "hydrophone" if file == "e2e.log" else "sonobuoy"

    def end(self) -> None:
        """All files were taken."""
        if self._log:
            self.collected.note_retried(self._log.retried)
            self.suite_version = self._log.suite_version or self.suite_version
            self.server_version = self.server_version or self._log.server_version
        if not self._junit_files and not self.problems:
            self.problems.append(Problem("there is no JUnit file", CauseKind.OUTAGE))
        if not self.problems and not self.collected.has_failures and self._unsuccessful:
            self.problems.append(Problem(f"{self._unsuccessful}, and no failure is named", CauseKind.OUTAGE))
        self.problems = list({problem.text: problem for problem in self.problems}.values())
        if self.ended is None:
            self.ended = _moment(self._newest)

    def explain(self, words: Iterable[str]) -> None:
        """Add what the cluster said to the first problem."""
        first = self.problems[0]
        if text := "; ".join(dict.fromkeys(word for word in words if word)):
            self.problems[0] = Problem(f"{first.text}; {text}", first.kind)

    def _take_of_sonobuoy(self, file: str, name: str, member: Member) -> bool:
        """Read a file that only sonobuoy writes; false if there is nothing in it to know."""
        if name == "error.json" and file.startswith("plugins/e2e/errors/"):
            self._fail(sonobuoy_files.error_of(sonobuoy_files.read_object(member.stream)))
        elif file == "plugins/e2e/sonobuoy_results.yaml":
            tree = sonobuoy_files.read_tree(member.stream)
            self.aggregator = tree.status
            if tree.status not in _ENDED_WELL:
                self._unsuccessful = self._unsuccessful or f"sonobuoy says of the suite: {tree.status}"
            for error in tree.errors:
                self._fail(error)
            for leaf, status in tree.leaves:
                # The JUnit file is what counts; where it does not tell of a failure, nobody knows.
                self.collected.add(leaf, Record(Outcome.UNCLEAR, f"status {status}, says sonobuoy"))
        elif file == "plugins/e2e/definition.json":
            environment = sonobuoy_files.environment(sonobuoy_files.read_object(member.stream))
            self.suite_version = self.suite_version or _version(environment.get("SONOBUOY_K8S_VERSION"))
            self.dry = self.dry or environment.get("E2E_DRYRUN", "").lower() == "true"
        elif file == "meta/config.json":
            config = sonobuoy_files.read_object(member.stream)
            self.runner_version = _version(config.get("Version")).removeprefix("v")
            self.namespace = sonobuoy_files.one_line(config.get("Namespace") or "")
        elif file == "serverversion.json":
            self.server_version = _version(sonobuoy_files.read_object(member.stream).get("gitVersion"))
        else:
            return False
        return True

    def _fail(self, text: str) -> None:
        kind = CauseKind.TIMEOUT if "timeout" in text.lower() else CauseKind.OUTAGE
        known = [problem.text for problem in self.problems]
        if not any(other.startswith(text) for other in known):
            self.problems.append(Problem(text, kind))

    def _take_junit(self, member: Member) -> None:
        promised, held = [0, 0], [0, 0]
        for event in read_junit(member.stream, _RETRY):
            match event:
                case Case():
                    held[0] += 1
                    held[1] += self._take_case(event)
                case Suite():
                    # Suites may hold each other, so that the largest number is what the file has at least.
                    promised = [max(pair) for pair in zip(promised, _promised(event), strict=True)]
                    self._take_suite(event)
                case Property("DryRun", value):
                    self.dry = self.dry or value.strip().lower() == "true"
                case Property("SuiteSucceeded", "false"):
                    self._unsuccessful = "the suite says that it did not succeed"
                case Property("SpecialSuiteFailureReason", value) if value.strip():
                    self._fail(f"the suite says: {sonobuoy_files.one_line(value)}")
        for number, (said, found) in zip(("tests", "failures"), zip(promised, held, strict=True), strict=True):
            if said > found:
                raise ValueError(f"it says that it has {said} {number}, and holds {found}")

    def _take_case(self, case: Case) -> bool:
        """Note a test; true if it failed."""
        record = classify(
            case.attributes.get("status", ""),
            case.outcome not in ("", SKIPPED),
            case.outcome == SKIPPED,
            case.message if case.outcome == SKIPPED or not case.text.strip() else case.text,
            case.sought,
        )
        self.collected.add(case.attributes.get("name", ""), record)
        return record.outcome is Outcome.FAILED

    def _take_suite(self, suite: Suite) -> None:
        try:
            begun = dt.datetime.fromisoformat(suite.attributes.get("timestamp", ""))
            took = float(suite.attributes.get("time", "0"))
            if not math.isfinite(took) or not 0 <= took <= _LONGEST:
                return
            # The suite writes the time of its pod, which is UTC, without saying so.
            begun = begun.astimezone(dt.UTC) if begun.tzinfo else begun.replace(tzinfo=dt.UTC)
            ended = begun + dt.timedelta(seconds=round(took))
        except (ValueError, OverflowError):
            return
        self.started = min(filter(None, (self.started, begun)))
        self.ended = max(filter(None, (self.ended, ended)))


def _promised(suite: Suite) -> tuple[int, int]:
    """How many tests a suite says that it has, and how many of them failed."""
    tests, failures, errors = (
        int(text) if (text := suite.attributes.get(key, "")).isdecimal() and len(text) < 10 else 0
        for key in ("tests", "failures", "errors")
    )
    return tests, failures + errors


def _version(value: object) -> str:
    return sonobuoy_files.one_line(value)[:_MOST_VERSION] if isinstance(value, str) else ""


def _moment(seconds: float) -> dt.datetime | None:
    """An instant from seconds since 1970; None for none, and for what is beyond all calendars."""
    try:
        return dt.datetime.fromtimestamp(int(seconds), dt.UTC) if seconds > 0 else None
    except (OverflowError, OSError, ValueError):
        return None
