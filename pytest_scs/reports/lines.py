# SPDX-License-Identifier: Apache-2.0
"""The lines in which every report words a result, so that terminal, YAML, HTML and JUnit say the same."""

from __future__ import annotations

from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result
from pytest_scs.core.selection import Expected
from pytest_scs.core.verdict import Verdict

#: How a line begins that says how to mend what the line before tells.
MEND = "    mend: "


def printable(text: str) -> str:
    """The text with all that a terminal might obey written out: names in a subject may hold anything."""
    return "".join(char if char.isprintable() or char in "\n\t" else f"\\x{ord(char):02x}" for char in text)


def violations(result: Result, judge: Judge, limit: int | None, *, rules: bool = False) -> list[str]:
    """One line per offender and one with the command that mends it; at most ``limit`` offenders, then their number.

    ``rules``: with the ids of the rules.
    """
    found = result.violations(judge)
    lines = []
    for finding in found[:limit]:
        row = f" ({finding.deviation})" if finding.deviation else ""
        rule = f" [{finding.rule}]" if rules and finding.title else ""
        lines.append(f"{finding}{row}{rule}")
        if finding.hint:
            lines.append(f"{MEND}{finding.hint}")
    if limit is not None and len(found) > limit:
        lines.append(f"... and {len(found) - limit} more")
    return [printable(line) for line in lines]


def count(result: Result, judge: Judge) -> str:
    """How many of how many objects violate the rule (docs/standards/framework.md#findings)."""
    offenders = {(finding.resource, finding.resource_id) for finding in result.violations(judge)}
    examined = ", ".join(f"{number} {kind}" for kind, number in result.evidence.items())
    verb = "violates" if len(offenders) == 1 else "violate"
    return f"{result.testcase}: {len(offenders)} of {examined} {verb} the rule"


def explanation(result: Result, entry: Expected, judge: Judge, limit: int | None) -> str:
    """A failed or undecided result in full, for pytest's own failure sections and JUnit."""
    verdict = result.verdict(judge)
    lines = [f"{verdict} {result.testcase}: {entry.testcase.description}"]
    if verdict is Verdict.FAIL:
        lines += violations(result, judge, limit, rules=True)
        lines.append(count(result, judge))
    elif result.cause:
        lines.append(f"cause: {result.cause.with_kind}")
    lines += [f"warning: {text}" for text in result.warnings(judge)]
    if entry.testcase.url:
        lines.append(f"see {entry.testcase.url}")
    if result.details:
        lines.append(result.details)
    return printable("\n".join(lines))
