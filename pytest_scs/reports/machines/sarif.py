# SPDX-License-Identifier: Apache-2.0
"""SARIF 2.1.0, for pages that show the findings of scanners, such as GitHub's code scanning.

Such a page wants a file of the repository for each result: it is the scope file, at the line that declares the
testcase, since what is wrong is in no file. Each subject has a run with a category of its own.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from pytest_scs.base.errors import InputError
from pytest_scs.base.pages import load_pages
from pytest_scs.base.paths import SCOPES
from pytest_scs.core.results import Run, RunOutcome
from pytest_scs.core.selection import Expected
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.machines import model
from pytest_scs.reports.machines.build import machine_report

#: GitHub refuses a run with more results.
MOST_RESULTS = 25_000

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(run: Run, outcome: RunOutcome) -> str:
    """The findings of a run as a SARIF log."""
    report = machine_report(run, outcome)
    places = {identity: _place(entry) for identity, entry in run.selection.expected.items()}
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [_subject(report, subject, places) for subject in report.subjects],
    }
    text = json.dumps(log, ensure_ascii=False, allow_nan=False) + "\n"
    # Half characters may come from a subject, and no file can hold them.
    return text.encode("utf-8", "replace").decode("utf-8")


def _subject(
    report: model.MachineReport, subject: model.SubjectEntry, places: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    found = list(itertools.islice(_results(subject, places), MOST_RESULTS + 1))
    left_out = len(found) > MOST_RESULTS
    found = found[:MOST_RESULTS]
    rules = _rules(subject, {one["ruleId"] for one in found})
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    for one in found:
        one["ruleIndex"] = numbers[one["ruleId"]]
    notes = [*report.run.problems, *report.run.left_incomplete]
    if left_out:
        notes.append(f"only the first {MOST_RESULTS} results are here; the JSON report has all")
    return {
        "tool": {
            "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "informationUri": "https://docs.scs.community/standards/",
                "rules": rules,
            }
        },
        "automationDetails": {"id": f"pytest-scs/{subject.platform}/{subject.report_name}/"},
        "invocations": [
            {
                "executionSuccessful": not (report.run.interrupted or notes),
                "endTimeUtc": report.run.judged_at.replace("+00:00", "Z"),
                "toolExecutionNotifications": [{"level": "error", "message": {"text": text}} for text in notes],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": found,
    }


def _results(subject: model.SubjectEntry, places: Mapping[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for result in subject.results:
        for finding in result.findings:
            name = f"{finding.resource} ({finding.resource_id})" if finding.resource_id else finding.resource
            words = f"{name}: {finding.title or finding.rule}: expected {finding.expected}, found {finding.observed}"
            level = "note" if not finding.counts else "error" if result.decisive else "warning"
            mend = f"\nTo mend it: {finding.hint}" if finding.hint else ""
            key = (finding.rule, finding.resource_id or finding.resource)
            yield _one(subject, result, places, finding.rule, level, words + mend, name, key, seen)
        if result.cause:
            level = "warning" if result.verdict is Verdict.ABORT and result.decisive else "note"
            words = f"{result.verdict}, no verdict: {result.cause.text} ({result.cause.kind})"
            yield _one(subject, result, places, result.testcase, level, words, "", (result.testcase, ""), seen)


def _one(
    subject: model.SubjectEntry,
    result: model.ResultEntry,
    places: Mapping[str, dict[str, Any]],
    rule: str,
    level: str,
    words: str,
    resource: str,
    key: tuple[str, str],
    seen: Counter[str],
) -> dict[str, Any]:
    """One result; ``key`` is what it stays the same by from run to run, whatever was observed."""
    hashed = hashlib.sha256(
        "\0".join((subject.platform, subject.report_name, result.testcase, *key)).encode("utf-8", "replace")
    )
    mark = hashed.hexdigest()[:32]
    seen[mark] += 1
    names = [subject.report_name, result.standard, result.testcase, *([resource] if resource else [])]
    return {
        "ruleId": rule,
        "level": level,
        # A name from outside must not become a link: the format has them in texts.
        "message": {"text": words.replace("](", "] (")},
        "locations": [
            {
                "physicalLocation": places[result.testcase],
                "logicalLocations": [
                    {"name": names[-1], "fullyQualifiedName": "/".join(names), "kind": "resource"},
                ],
            }
        ],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{mark}:{seen[mark]}",
        },
        **({"suppressions": [_suppression(one) for one in result.waived]} if result.waived else {}),
        "properties": {
            "testcase": result.testcase,
            "verdict": str(result.verdict),
            "subject": subject.report_name,
        },
    }


def _suppression(waiver: model.WaiverEntry) -> dict[str, Any]:
    """A waiver in the words of the format."""
    why = f"{waiver.reason} ({waiver.owner}, {waiver.ticket})" if waiver.reason else "waived"
    return {"kind": "external", "status": "accepted", "justification": f"{why}, until {waiver.expires}"}


def _rules(subject: model.SubjectEntry, used: set[str]) -> list[dict[str, Any]]:
    """The rules that results name, in the order of testcases; a testcase without a verdict is one as well."""
    rules: dict[str, dict[str, Any]] = {}
    for result in subject.results:
        for finding in result.findings:
            if finding.rule in used and finding.rule not in rules:
                # The page says what all findings of a rule have in common; a title may name a resource.
                title = _titles().get(finding.rule) or finding.title or finding.rule
                rules[finding.rule] = _rule(finding.rule, title, result)
        if result.cause and result.testcase in used:
            rules[result.testcase] = _rule(result.testcase, f"{result.testcase} has a verdict", result)
    return list(rules.values())


def _rule(identity: str, title: str, result: model.ResultEntry) -> dict[str, Any]:
    link = result.url if urlsplit(result.url).scheme in ("http", "https") else ""
    about = result.description or result.testcase
    text = f"{result.standard} {result.standard_name}, testcase {result.testcase}: {about}"
    more = f"\n\n[The testcase and its standard]({link})" if link else ""
    return {
        "id": identity,
        "shortDescription": {"text": title},
        "fullDescription": {"text": about},
        "help": {"text": f"{text} {link}".strip(), "markdown": f"{text}{more}"},
        **({"helpUri": link} if link else {}),
        "defaultConfiguration": {"level": "error" if result.decisive else "warning"},
        "properties": {"tags": ["scs", result.standard], "precision": "very-high"},
    }


@functools.cache
def _titles() -> Mapping[str, str]:
    """Rule -> what the pages of the standards say about it."""
    try:
        pages = load_pages()
    except InputError:
        return {}
    return {rule: title for page in pages.values() for rule, (title, _) in page.rules.items()}


def _place(entry: Expected) -> dict[str, Any]:
    """The scope file that declares a testcase, and the line; a path from where the run was started, if it is below."""
    scope = entry.memberships[0].version.scope
    return {
        "artifactLocation": {"uri": _relative(scope.path)},
        "region": {"startLine": _line(scope.path, entry.id)},
    }


def _relative(path: Path) -> str:
    """A file of the user's from where the run was started; one of this package as its checkout has it."""
    here = Path(os.path.realpath(os.curdir))
    bundled = path.parent == SCOPES or not path.is_relative_to(here)
    relative = Path("scopes", path.name) if bundled else path.relative_to(here)
    return quote(relative.as_posix())


def _line(path: Path, identity: str) -> int:
    """The line that declares the testcase; 1 where the file has gone, or spells it in another way."""
    return _declarations(path).get(identity, 1)


@functools.cache
def _declarations(path: Path) -> Mapping[str, int]:
    """Testcase -> the first line of the file that is its ``id``."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    found: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if match := re.match(r"""\s*(?:-\s+)?id:\s*["']?([^\s"']+)""", line):
            found.setdefault(match[1], number)
    return found
