# SPDX-License-Identifier: Apache-2.0
"""The template of an attestation file: every question, empty answers, and comments that say how to fill it in.

Comments are in the language of who answers; keys, ids and answers are the same in each.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import yaml

from pytest_scs.base.language import ENGLISH, Language
from pytest_scs.core.selection import Expected, Selection
from pytest_scs.standards.manual_check_data import check_for
from pytest_scs.standards.manual_checks import Question

#: Characters in a line of comment.
WIDTH = 100

_EXAMPLES = """
    evidence:
    - https://wiki.example.org/key-manager
    - {document}
    - file: documents/key-manager.pdf
      sha256: {checksum}"""


def template(selection: Selection, subject: str, language: Language = ENGLISH) -> str:
    """The template for the manual testcases of a selection, as YAML; ``subject`` may be empty."""
    titles = ", ".join(version.titled(language) for version in selection.versions)
    lines = [*_comment("\n\n".join(_guide(titles, language)), ""), "---"]
    lines.append(yaml.safe_dump({"subject": subject}).strip() if subject else "subject:")
    lines.append("answers:")
    for entry in manual(selection):
        lines += ["", *_testcase(entry, language)]
    return "\n".join(lines) + "\n"


def _guide(titles: str, language: Language) -> Iterator[str]:
    """How to fill it in, a paragraph each."""
    phrase = language.phrase
    yield phrase("Answers to the manual checks of {titles}.", titles=titles)
    yield phrase(
        "subject: the name in reports of what is judged, which is that of --os-cloud or --kube-context unless "
        "--scs-subject says another. For several, add a document for each, after a line of three dashes."
    )
    yield phrase(
        "answered_by, role: who stands for the answers. answered_at: the day they were given, for example 2026-11-20."
    )
    evidence = phrase(
        "evidence: what proves the answers, each piece one of these; files are looked for beside this file. Evidence "
        "can also stand at a single answer, under its text."
    )
    document, checksum = phrase("Operations manual, chapter 7, revision 12"), phrase("(what sha256sum prints)")
    yield evidence + _EXAMPLES.format(document=document, checksum=checksum)
    yield phrase(
        "answer: yes, no or, where a comment allows it, not applicable; or words or a number, where a comment says so. "
        'text: what else is to be said; for "not applicable", why.'
    )
    yield phrase(
        "A check is MISS while answers or evidence are missing, and again when the answers are overdue: they count "
        'until the end of the next quarter. Answers to questions that begin with "Only if" are left empty where that '
        "is not so. Delete the checks you do not want to answer."
    )
    yield phrase("To see what is missing, and what is due when: {command}", command="scs attest --check FILE")


def manual(selection: Selection) -> list[Expected]:
    """The testcases of a selection that a person has to answer."""
    return [entry for entry in selection.expected.values() if entry.testcase.manual]


def _testcase(entry: Expected, language: Language) -> Iterator[str]:
    testcase = entry.testcase
    check = check_for(testcase.id, testcase.description)
    name, description = language.text(entry.standard_name), language.text(testcase.description)
    yield from _comment(f"{entry.standard} {name}: {description}", "  ")
    if check.needed:
        needed = language.text(check.needed)
        yield from _comment(language.phrase("Needed only if {condition}.", condition=needed), "  ")
    if testcase.url:
        yield f"  # {testcase.url}"
    yield f"  {testcase.id}:"
    yield from (f"    {key}:" for key in ("answered_by", "role", "answered_at", "evidence", "remarks", "questions"))
    for question in check.questions:
        yield ""
        yield from _comment(_asked(question, language), "      ")
        yield f"      {question.key}:"
        yield "        answer:"
        if question.wants != "text":
            yield "        text:"
        if question.own_evidence:
            yield "        evidence:"


def _asked(question: Question, language: Language) -> str:
    """The question with everything that has to be known to answer it."""
    phrase, asked = language.phrase, language.text(question.ask)
    notes = list(_wanted(question, language))
    if question.not_applicable:
        why = language.text(question.not_applicable)
        notes.append(phrase('"not applicable" if {condition}', condition=why))
    if question.tell:
        notes.append(phrase("text: {what}", what=language.text(question.tell)))
    if question.own_evidence:
        notes.append(phrase("evidence of its own; a certificate after ISO 27001 or 9001 is not enough"))
    if notes:
        asked = f"{asked} ({'; '.join(notes)})"
    if not question.only_if:
        return asked
    conditions = (phrase("{question} is {answer}", question=key, answer=answer) for key, answer in question.only_if)
    return phrase("Only if {conditions}: {question}", conditions=phrase(" or ").join(conditions), question=asked)


def _wanted(question: Question, language: Language) -> Iterator[str]:
    """What the answer has to be, or should be."""
    if question.wants == "text":
        yield language.phrase("in words")
    elif question.wants != "either":
        number = question.wants == "number"
        if number:
            yield language.phrase("a number")
        least = language.phrase("{least} or more", least=question.least) if number else question.wants
        if question.level == "must":
            yield language.phrase("must be {answer}", answer=least)
        else:
            yield language.phrase("should be {answer}", answer=least)


def _comment(text: str, indent: str) -> Sequence[str]:
    lines: list[str] = []
    for line in text.splitlines():
        kept = line[: len(line) - len(line.lstrip())]
        lines += textwrap.wrap(line, WIDTH - len(indent), subsequent_indent=kept, break_on_hyphens=False) or [""]
    return [f"{indent}# {line}".rstrip() for line in lines]
