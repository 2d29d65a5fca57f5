# SPDX-License-Identifier: Apache-2.0
"""The lines in which every report words a result, so that terminal, YAML, HTML and JUnit say the same."""

from __future__ import annotations

from pytest_scs.base.language import ENGLISH, Language
from pytest_scs.base.words import printable
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result
from pytest_scs.core.selection import Expected
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.mends import shared_by, shared_mends

#: How a line begins that says how to mend what the line before tells.
MEND = ENGLISH.phrase("    mend: ")

#: How a line begins that says why there is no verdict, and one of a traceback.
CAUSE = "cause: "
DETAIL = "| "


def violations(
    result: Result, judge: Judge, limit: int | None, *, rules: bool = False, language: Language = ENGLISH
) -> list[str]:
    """One line per offender and one with the command that mends it; at most ``limit`` offenders, then their number.

    Many that are mended alike have one mend, after all offenders, for those that are shown. ``rules``: with the ids of
    the rules. ``language`` is that of the lines.
    """
    mend = language.phrase("    mend: ")
    found = result.violations(judge)
    shared = shared_mends(found[:limit])
    covered = shared_by(shared)
    lines = []
    for finding in found[:limit]:
        row = f" ({finding.deviation})" if finding.deviation else ""
        rule = f" [{finding.rule}]" if rules and finding.title else ""
        lines.append(f"{finding.worded(language)}{row}{rule}")
        if finding.hint and id(finding) not in covered:
            lines.append(f"{mend}{language.text(finding.hint)}")
    if limit is not None and len(found) > limit:
        lines.append(more(len(found) - limit, language))
    some = len(found) > len(found[:limit])
    rest = language.phrase("  # those above; -vv shows all, and so does the HTML report") if some else ""
    lines += [f"{mend}{language.text(one.line)}{rest}" for one in shared]
    return [printable(line) for line in lines]


def more(number: int, language: Language = ENGLISH) -> str:
    """The line in place of those that are left out."""
    return language.phrase("... and {count} more", count=number)


def count(result: Result, judge: Judge, language: Language = ENGLISH) -> str:
    """How many of how many objects violate the rule (docs/standards/framework.md#findings)."""
    offenders = {(finding.resource, finding.resource_id) for finding in result.violations(judge)}
    numbers = ((language.grouped(number), language.text(kind)) for kind, number in result.evidence.items())
    examined = ", ".join(f"{number} {kind}" for number, kind in numbers)
    of = language.phrase(" of {examined}", examined=examined) if examined else ""
    return language.number(
        len(offenders),
        "{testcase}: {count}{of} violates the rule",
        "{testcase}: {count}{of} violate the rule",
        testcase=result.testcase,
        of=of,
    )


def explanation(result: Result, entry: Expected, judge: Judge, limit: int | None, language: Language = ENGLISH) -> str:
    """A failed or undecided result in full, for pytest's own failure sections and JUnit."""
    verdict = result.verdict(judge)
    lines = [f"{verdict} {result.testcase}: {language.text(entry.testcase.description)}"]
    if verdict is Verdict.FAIL:
        lines += violations(result, judge, limit, rules=True, language=language)
        lines.append(count(result, judge, language))
    elif result.cause:
        lines.append(f"{language.phrase('cause: ')}{result.cause.worded(language)} [{result.cause.kind}]")
    lines += [language.phrase("warning: {text}", text=text) for text in result.warnings(judge, language=language)]
    if entry.testcase.url:
        lines.append(language.phrase("see {url}", url=entry.testcase.url))
    # No line of a traceback looks like one of ours, whatever the text of its exception says.
    lines += [f"{DETAIL}{line}" for line in result.details.splitlines()]
    return "\n".join(map(printable, lines))
