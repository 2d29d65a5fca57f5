# SPDX-License-Identifier: Apache-2.0
"""The template of an attestation file: every question, empty answers, and comments that say how to fill it in."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import yaml

from pytest_scs.core.selection import Expected, Selection
from pytest_scs.standards.manual_check_data import check_for
from pytest_scs.standards.manual_checks import Question

#: Characters in a line of comment.
WIDTH = 100

_GUIDE = """\
Answers to the manual checks of {titles}.

subject: the name in reports of what is judged, which is that of --os-cloud or --kube-context unless --scs-subject \
says another. For several, add a document for each, after a line of three dashes.

answered_by, role: who stands for the answers. answered_at: the day they were given, for example 2026-11-20.

evidence: what proves the answers, each piece one of these; files are looked for beside this file. Evidence can also \
stand at a single answer, under its text.
    evidence:
    - https://wiki.example.org/key-manager
    - Operations manual, chapter 7, revision 12
    - file: documents/key-manager.pdf
      sha256: (what sha256sum prints)

answer: yes, no or, where a comment allows it, not applicable; or words or a number, where a comment says so. text: \
what else is to be said; for "not applicable", why.

A check is MISS while answers or evidence are missing, and again when the answers are overdue: they count until the \
end of the next quarter. Answers to questions that begin with "Only if" are left empty where that is not so. Delete \
the checks you do not want to answer.

To see what is missing, and what is due when: scs attest --check FILE"""


def template(selection: Selection, subject: str) -> str:
    """The template for the manual testcases of a selection, as YAML; ``subject`` may be empty."""
    titles = ", ".join(version.title for version in selection.versions)
    lines = [*_comment(_GUIDE.format(titles=titles), ""), "---"]
    lines.append(yaml.safe_dump({"subject": subject}).strip() if subject else "subject:")
    lines.append("answers:")
    for entry in manual(selection):
        lines += ["", *_testcase(entry)]
    return "\n".join(lines) + "\n"


def manual(selection: Selection) -> list[Expected]:
    """The testcases of a selection that a person has to answer."""
    return [entry for entry in selection.expected.values() if entry.testcase.manual]


def _testcase(entry: Expected) -> Iterator[str]:
    testcase = entry.testcase
    check = check_for(testcase.id, testcase.description)
    yield from _comment(f"{entry.standard} {entry.standard_name}: {testcase.description}", "  ")
    if check.needed:
        yield from _comment(f"Needed only if {check.needed}.", "  ")
    if testcase.url:
        yield f"  # {testcase.url}"
    yield f"  {testcase.id}:"
    yield from (f"    {key}:" for key in ("answered_by", "role", "answered_at", "evidence", "remarks", "questions"))
    for question in check.questions:
        yield ""
        yield from _comment(_asked(question), "      ")
        yield f"      {question.key}:"
        yield "        answer:"
        if question.wants != "text":
            yield "        text:"
        if question.own_evidence:
            yield "        evidence:"


def _asked(question: Question) -> str:
    """The question with everything that has to be known to answer it."""
    conditions = " or ".join(f"{key} is {answer}" for key, answer in question.only_if)
    notes = []
    if question.wants == "text":
        notes.append("in words")
    elif question.wants == "number":
        notes.append(f"a number; {question.level} be {question.expected}")
    elif question.wants != "either":
        notes.append(f"{question.level} be {question.wants}")
    if question.not_applicable:
        notes.append(f'"not applicable" if {question.not_applicable}')
    if question.tell:
        notes.append(f"text: {question.tell}")
    if question.own_evidence:
        notes.append("evidence of its own; a certificate after ISO 27001 or 9001 is not enough")
    note = f" ({'; '.join(notes)})" if notes else ""
    return f"{f'Only if {conditions}: ' if conditions else ''}{question.ask}{note}"


def _comment(text: str, indent: str) -> Sequence[str]:
    lines: list[str] = []
    for line in text.splitlines():
        kept = line[: len(line) - len(line.lstrip())]
        lines += textwrap.wrap(line, WIDTH - len(indent), subsequent_indent=kept, break_on_hyphens=False) or [""]
    return [f"{indent}# {line}".rstrip() for line in lines]
