# SPDX-License-Identifier: Apache-2.0
"""``scs attest``: a template for the answers to manual checks, and what is still missing or due in a file of them."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_scs.attestations.file import AttestationFile, inspect, load_attestations
from pytest_scs.attestations.template import manual, template
from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_writable, why_unwritable, write_atomically
from pytest_scs.base.language import Language
from pytest_scs.base.words import did_you_mean, printable
from pytest_scs.commands.arguments import add_language, file_name, language_of
from pytest_scs.core.findings import Finding, Undecided
from pytest_scs.core.scope import TARGETS, Scope, Testcase
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import Selection, bundled_scopes, select
from pytest_scs.core.subject import check_subject
from pytest_scs.core.verdict import Verdict
from pytest_scs.standards import manual_checks
from pytest_scs.standards.declarations import wanted_for
from pytest_scs.standards.manual_check_data import check_for
from pytest_scs.standards.manual_checks import Attestation

if TYPE_CHECKING:
    from pytest_scs.pipeline.merging import KnownResult, SubjectAndScope

    Reported = Mapping[SubjectAndScope, Mapping[str, KnownResult]]


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    sub = commands.add_parser(
        "attest",
        help="answer manual checks: write a template, check the answers",
        description="Write a template for the answers to all manual checks of a scope, with questions and comments; "
        "or, with --check, say what is missing in a file of answers and what is due when. Exit code 1 if something is "
        "missing, overdue, or no PASS.",
    )
    sub.add_argument("--scs-scope", action="append", metavar="SCOPE", help="as for pytest, e.g. iaas-v5.1; repeatable")
    sub.add_argument(
        "--scs-subject",
        metavar="NAME",
        help="name in reports of what is judged: for the template or, with --check, whose answers to check (default: "
        "all)",
    )
    either = sub.add_mutually_exclusive_group()
    either.add_argument(
        "-o", "--output", type=file_name, metavar="FILE", help="write the template here (default: print it)"
    )
    either.add_argument("--check", type=file_name, metavar="FILE", help="check this file of answers instead")
    sub.add_argument(
        "--reports",
        type=file_name,
        metavar="DIR",
        help="with --check: the folder of reports, to say until when the monitor has what was reported",
    )
    add_language(sub, "the comments in the template, and of what is said")
    sub.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the template, or check answers; 1 if one of them gives no PASS."""
    now = dt.datetime.now(dt.UTC)
    spoken = language_of(arguments, "attest")
    subject: str | None = arguments.scs_subject
    if subject is not None:
        check_subject(subject)
    selection = _selection(arguments.scs_scope, now.date())
    if arguments.check:
        return _check(arguments, selection, now, spoken)
    if arguments.reports:
        raise InputError("--reports: goes with --check; it says of answers until when the monitor has them")
    if selection is None:
        raise InputError("name the scope whose manual checks are to be answered, e.g. scs attest --scs-scope=iaas-v5.1")
    text = template(selection, subject or "", spoken)
    if arguments.output is None:
        print(text, end="")
        return 0
    _write(arguments.output, text)
    count = len(manual(selection))
    said = spoken.number(
        count,
        "{path}: {count} manual check to answer",
        "{path}: {count} manual checks to answer",
        path=arguments.output,
    )
    print(printable(said))
    return 0


def _write(path: Path, text: str) -> None:
    if path.is_file():
        raise InputError(f"--output: {path} is there already, and answers in it would be lost; name another file")
    check_writable(path, "--output")
    try:
        write_atomically(path, text)
    except OSError as error:
        raise InputError(f"--output: cannot write {path}: {why_unwritable(error)}") from None


def _selection(scopes: list[str] | None, today: dt.date) -> Selection | None:
    if not scopes:
        return None
    selection = select(scopes, today, TARGETS, Path.cwd())
    if not manual(selection):
        labels = ", ".join(version.label for version in selection.versions)
        elsewhere = [
            f"; the declaration on {one.standard} is {one.testcase.id} in {one.asked_in}"
            for scope in selection.scopes
            for one in wanted_for(scope, ())
        ]
        raise InputError(f"--scs-scope: {labels} has no manual check{''.join(elsewhere)}")
    return selection


def _reported(folder: Path | None) -> Reported:
    """What reports have of answers: subject and UUID of a scope -> testcase -> the newest result."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise InputError(f"--reports: {folder} is no folder")
    from pytest_scs.pipeline.merging import newest_results
    from pytest_scs.pipeline.report_store import read_store

    return newest_results(read_store([folder]).reports)


def _check(arguments: argparse.Namespace, selection: Selection | None, now: dt.datetime, spoken: Language) -> int:
    known = [*map(load_scope, bundled_scopes().values()), *(selection.scopes if selection else ())]
    testcases = {identity: testcase for scope in known for identity, testcase in scope.testcases.items()}
    wanted = {entry.id: entry.testcase for entry in manual(selection)} if selection else {}
    reported = _reported(arguments.reports)
    file = load_attestations(arguments.check, known, now)
    passed = True
    for name, answers in _about(file, arguments.scs_subject).items():
        chosen = {identity: testcases[identity] for identity in answers} | wanted
        for testcase in chosen.values():
            for verdict, words in _state(file, testcase, answers.get(testcase.id), now, spoken):
                passed = passed and verdict is Verdict.PASS
                if verdict is Verdict.PASS:
                    words += _at_monitor(known, name, testcase.id, reported, now, spoken)
                print(printable(f"{name}: {testcase.id}: {verdict}: {words}"))
        if not chosen:
            print(printable(spoken.phrase("{subject}: no manual check is answered", subject=name)))
            passed = False
    return 0 if passed else 1


def _at_monitor(
    scopes: Sequence[Scope], subject: str, testcase: str, reported: Reported, now: dt.datetime, spoken: Language
) -> str:
    """The other life of an answer, behind a semicolon: until when the monitor has it, by the newest report or today."""
    official = [scope for scope in scopes if scope.official and testcase in scope.testcases]
    results = [found for scope in official if (found := reported.get((subject, scope.uuid), {}).get(testcase))]
    newest = max(results, key=lambda result: result.checked_at, default=None)
    phrase, life = spoken.phrase, manual_checks.at_monitor(official, testcase, newest.checked_at if newest else now)
    if not life:
        return ""
    life = spoken.text(life)
    if newest is None:
        said = phrase("reported today, {life}", life=life)
        return f"; {phrase('not reported yet')}; {said}" if reported else f"; {said}"
    said = phrase("reported {day}, {life}", day=newest.checked_at.date(), life=life)
    over = manual_checks.monitor_until(official[0].testcases[testcase], newest.checked_at) < now.date()
    return f"; {said}, {phrase('which is over: upload a report again')}" if over else f"; {said}"


def _about(file: AttestationFile, subject: str | None) -> Mapping[str, Mapping[str, Attestation]]:
    """The answers about one subject, or about all of them; raises InputError if there are none about it."""
    if subject is None:
        return file.subjects
    if subject not in file.subjects:
        hint = did_you_mean(subject, file.subjects)
        raise InputError(
            f"--scs-subject: {file.path} is about {', '.join(file.subjects)}, not about {subject}{hint}; "
            "name one of these, or the file with its answers"
        )
    return {subject: file.subjects[subject]}


def _state(
    file: AttestationFile, testcase: Testcase, found: Attestation | None, now: dt.datetime, spoken: Language
) -> Iterator[tuple[Verdict, str]]:
    """What the answers to a testcase come to, in a line or, for violations, several: verdict and words."""
    check = check_for(testcase.id, testcase.description)
    phrase = spoken.phrase
    needed = f" ({phrase('needed if {condition}', condition=spoken.text(check.needed))})" if check.needed else ""
    if found is None:
        yield Verdict.MISS, f"{phrase('{file} has no entry for it', file=file.path.name)}{needed}"
        return
    reason, observations = manual_checks.judge_answers(check, inspect(file, found), testcase.lifetime, now)
    if reason:
        unanswered = not any(answer.answer for answer in found.answers.values())
        yield Verdict.MISS, f"{spoken.text(reason)}{needed if unanswered else ''}"
        return
    violations = [entry for entry in observations if isinstance(entry, Finding)]
    doubts = [entry for entry in observations if isinstance(entry, Undecided)]
    if violations:
        yield from ((Verdict.FAIL, spoken.text(str(entry))) for entry in violations)
    elif doubts:
        yield from ((Verdict.ABORT, spoken.text(str(entry))) for entry in doubts)
    elif found.answered_at:
        left = (manual_checks.last_day(found.answered_at, testcase.lifetime) - now.date()).days + 1
        days = spoken.number(left, "{count} day left", "{count} days left")
        yield Verdict.PASS, f"{spoken.text(manual_checks.validity(found, testcase.lifetime))} ({days})"
