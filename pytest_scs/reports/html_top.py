# SPDX-License-Identifier: Apache-2.0
"""What stands on top of the HTML page: the verdict on each version, whether it can be certified, what was judged."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest_scs
from pytest_scs.base.language import Language
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Run, SubjectRun
from pytest_scs.core.selection import ChosenVersion, Expected
from pytest_scs.core.verdict import MONITOR_ORDER, Verdict, combine
from pytest_scs.reports.html_rows import Row
from pytest_scs.reports.html_words import TARGETS, VALIDITY
from pytest_scs.reports.readiness import needed_of_run, sentences
from pytest_scs.standards import bundled_data


@dataclasses.dataclass(frozen=True, slots=True)
class Card:
    """The verdict on one target of one version.

    ``anchor`` is its id on the page, ``ready`` the words whether it can be certified, if that is the question; ``good``
    says that it can, ``open`` that nothing follows from what was judged. ``about`` are sentences for people who see
    such a page for the first time.
    """

    anchor: str
    title: str
    target: str
    decisive: bool
    verdict: Verdict
    ready: str
    good: bool
    open: bool
    about: list[str]
    counts: list[tuple[Verdict, int, str]]
    total: int
    other: str


def cards(run: Run, subject_run: SubjectRun, rows: Sequence[Row], anchor: str, words: Language) -> list[Card | None]:
    """A card for each target of each version; None where the subject is not judged for it.

    ``rows`` in the order of the page, ``anchor`` is the id of the subject on it.
    """
    found: list[Card | None] = []
    for number, (version, target) in enumerate(_columns(run), 1):
        entries = run.members(version, target, subject_run)
        place = f"{anchor}-verdict-{number}"
        found.append(_card(run, subject_run, version, target, entries, rows, words, place) if entries else None)
    return found


def columns(run: Run, words: Language) -> list[str]:
    """What the subjects are judged for, in the order of the cards, as headings."""
    found = list(_columns(run))
    if all(target == "main" for _, target in found):
        return [version.titled(words) for version, _ in found]
    return [
        words.phrase("{version}, target {target}", version=version.titled(words), target=target)
        for version, target in found
    ]


def facts(run: Run, replayed: Path | None, words: Language) -> list[tuple[str, str]]:
    """When and how the run judged: name and value of each fact."""
    found = [
        (words.phrase("Judged at"), f"{run.now[:19].replace('T', ' ')} UTC"),
        (words.phrase("Reference date"), run.selection.date.isoformat()),
        (words.phrase("Verdicts by"), words.text(run.judge.words_for_many)),
    ]
    if replayed:
        found.append((words.phrase("Evidence"), words.phrase("replayed from {file}", file=replayed.name)))
    if run.partial:
        chosen = words.phrase(
            "{chosen} of {total} testcases", chosen=len(run.chosen), total=len(run.selection.expected)
        )
        found.append((words.phrase("Partial run"), chosen))
    if run.interrupted:
        found.append((words.phrase("Interrupted"), words.phrase("the run did not come to its end")))
    return found


def sources(words: Language) -> list[tuple[str, str]]:
    """What the page was made with: name and value of each fact."""
    days = ", ".join(f"{name} {day}" for name, day in bundled_data.days().items())
    return [(words.phrase("Data as of"), days), (words.phrase("Made with"), f"pytest-scs {pytest_scs.__version__}")]


def _columns(run: Run) -> Iterator[tuple[ChosenVersion, str]]:
    """What is judged: first what decides, as on the cards."""
    versions = sorted(run.selection.versions, key=lambda version: not version.decisive)
    return ((version, target) for version in versions for target in run.selection.targets)


def _card(
    run: Run,
    subject_run: SubjectRun,
    version: ChosenVersion,
    target: str,
    entries: list[Expected],
    rows: Sequence[Row],
    words: Language,
    anchor: str,
) -> Card:
    ids = {entry.id for entry in entries}
    shown = [row for row in rows if row.entry.id in ids]
    verdicts = run.verdicts(subject_run, entries)
    verdict = combine(verdicts)
    ready, good, remarks = _readiness(run, subject_run, version, target, verdict, words)
    return Card(
        anchor=anchor,
        title=version.titled(words),
        target=target,
        decisive=target == "main" and version.decisive,
        verdict=verdict,
        ready=ready,
        good=good,
        open=not run.covers(version, target, subject_run.subject) and verdict is not Verdict.FAIL,
        about=[
            " ".join(
                (
                    _sentence(verdicts, verdict, words, whole=run.covers(version, target, subject_run.subject)),
                    *_open(verdicts, verdict, words),
                )
            ),
            *_waived(shown, words),
            *remarks,
            *_explained(version, target, words),
        ],
        counts=[
            (name, len(found), found[0])
            for name in MONITOR_ORDER
            if (found := [row.entry.id for row in shown if row.verdict is name])
        ],
        total=len(verdicts),
        other=_other_judge(run, subject_run, entries, verdicts, words),
    )


def _readiness(
    run: Run, subject_run: SubjectRun, version: ChosenVersion, target: str, verdict: Verdict, words: Language
) -> tuple[str, bool, list[str]]:
    """Whether the version can be certified in large words, whether that is a yes, and what to say along with it."""
    whole = run.covers(version, target, subject_run.subject)
    partial = [] if whole else [words.phrase("Only some of its testcases were chosen.")]
    if partial and verdict is not Verdict.FAIL:
        return words.phrase("No verdict on the version"), False, partial
    if target != "main":
        return "", False, partial
    if not version.scope.official:
        unofficial = words.phrase("This scope is unofficial, there is no certificate.")
        return words.phrase("No certificate"), False, [*partial, unofficial]
    if not version.certifiable:
        state = words.phrase("{state}, cannot be certified", state=words.text(version.code))
        return state[:1].upper() + state[1:], False, partial
    if verdict is not Verdict.PASS:
        return words.phrase("Ready to certify: no"), False, partial
    declared = sentences(needed_of_run(version, subject_run), words)
    return words.phrase("Ready to certify: yes"), True, declared


def _sentence(verdicts: Sequence[Verdict], verdict: Verdict, words: Language, *, whole: bool) -> str:
    """The verdict in a sentence; ``whole`` where all testcases of the version were chosen."""
    count, total = verdicts.count(verdict), len(verdicts)
    if total == 1 and verdict is not Verdict.PASS:
        return _of_one(verdict, words)
    if verdict is Verdict.FAIL:
        return words.number(
            count, "{count} of {total} testcases fails.", "{count} of {total} testcases fail.", total=total
        )
    if verdict is Verdict.MISS:
        return words.number(
            count,
            "{count} of {total} testcases was not attempted.",
            "{count} of {total} testcases were not attempted.",
            total=total,
        )
    if verdict is Verdict.ABORT:
        return words.number(
            count,
            "{count} of {total} testcases could not be decided.",
            "{count} of {total} testcases could not be decided.",
            total=total,
        )
    if whole:
        return words.number(total, "Its only testcase passes.", "All {count} testcases pass.")
    return words.number(
        total, "The one testcase that was chosen passes.", "The {count} testcases that were chosen pass."
    )


def _open(verdicts: Sequence[Verdict], verdict: Verdict, words: Language) -> Iterator[str]:
    """What else stands against a certificate, beside the verdict: after an interruption that is most of it."""
    if verdict is not Verdict.MISS and (count := verdicts.count(Verdict.MISS)):
        yield words.number(count, "{count} was not attempted.", "{count} were not attempted.")
    if verdict is not Verdict.ABORT and (count := verdicts.count(Verdict.ABORT)):
        yield words.number(count, "{count} could not be decided.", "{count} could not be decided.")


def _of_one(verdict: Verdict, words: Language) -> str:
    """The verdict in a sentence where there is a single testcase, and it does not pass."""
    if verdict is Verdict.FAIL:
        return words.phrase("The only testcase fails.")
    if verdict is Verdict.MISS:
        return words.phrase("The only testcase was not attempted.")
    return words.phrase("The only testcase could not be decided.")


def _waived(rows: Sequence[Row], words: Language) -> Iterator[str]:
    """How many violations somebody answers for: those fail no run, and no certificate is given with them."""
    if number := sum(bool(row.result.waived) for row in rows):
        yield words.number(
            number,
            "{count} FAIL is waived: it does not fail the run, and counts for a certificate all the same.",
            "{count} FAIL are waived: they do not fail the run, and count for a certificate all the same.",
        )


def _explained(version: ChosenVersion, target: str, words: Language) -> Iterator[str]:
    if target == "main":
        yield _meaning(version.code, VALIDITY, words)
        yield words.phrase("target {meaning}", meaning=_meaning(target, TARGETS, words))
    else:
        yield _meaning(target, TARGETS, words)


def _meaning(name: str, meanings: Mapping[str, str], words: Language) -> str:
    said = words.text(name)
    known = meanings.get(name)
    return words.phrase("{name}: {meaning}", name=said, meaning=words.phrase(known)) if known else said


def _other_judge(
    run: Run, subject_run: SubjectRun, entries: list[Expected], verdicts: list[Verdict], words: Language
) -> str:
    """What the other judge says, if it says anything else."""
    other = run.judge.other
    second = run.verdicts(subject_run, entries, other)
    if second == verdicts:
        return ""
    numbers = ", ".join(f"{second.count(name)} {name}" for name in MONITOR_ORDER if name in second)
    if other is Judge.TEXT:
        return words.phrase(
            "By the text of the standards: {verdict} ({numbers})", verdict=combine(second), numbers=numbers
        )
    return words.phrase("By the official suite: {verdict} ({numbers})", verdict=combine(second), numbers=numbers)
