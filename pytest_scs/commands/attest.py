# SPDX-License-Identifier: Apache-2.0
"""``scs attest``: a template for the answers to manual checks, and what is still missing or due in a file of them."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_scs.attestations.file import AttestationFile, inspect, load_attestations
from pytest_scs.attestations.template import manual, template
from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_writable, write_atomically
from pytest_scs.base.words import did_you_mean
from pytest_scs.commands.arguments import file_name
from pytest_scs.core.findings import Finding, Undecided
from pytest_scs.core.scope import TARGETS, Testcase
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import Selection, bundled_scopes, select
from pytest_scs.core.subject import check_subject
from pytest_scs.standards import manual_checks
from pytest_scs.standards.manual_check_data import check_for
from pytest_scs.standards.manual_checks import Attestation


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
        help="name of the cloud in reports: for the template or, with --check, whose answers to check (default: all)",
    )
    either = sub.add_mutually_exclusive_group()
    either.add_argument(
        "-o", "--output", type=file_name, metavar="FILE", help="write the template here (default: print it)"
    )
    either.add_argument("--check", type=file_name, metavar="FILE", help="check this file of answers instead")
    sub.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the template, or check answers; 1 if one of them gives no PASS."""
    now = dt.datetime.now(dt.UTC)
    subject: str | None = arguments.scs_subject
    if subject is not None:
        check_subject(subject)
    selection = _selection(arguments.scs_scope, now.date())
    if arguments.check:
        return _check(arguments.check, selection, subject, now)
    if selection is None:
        raise InputError("name the scope whose manual checks are to be answered, e.g. scs attest --scs-scope=iaas-v5.1")
    text = template(selection, subject or "")
    if arguments.output is None:
        print(text, end="")
        return 0
    _write(arguments.output, text)
    count = len(manual(selection))
    print(f"{arguments.output}: {count} manual check{'s' if count != 1 else ''} to answer")
    return 0


def _write(path: Path, text: str) -> None:
    if path.is_file():
        raise InputError(f"--output: {path} is there already, and answers in it would be lost; name another file")
    check_writable(path, "--output")
    try:
        write_atomically(path, text)
    except OSError as error:
        raise InputError(f"--output: cannot write {path}: {error.strerror or error}") from None


def _selection(scopes: list[str] | None, today: dt.date) -> Selection | None:
    if not scopes:
        return None
    selection = select(scopes, today, TARGETS, Path.cwd())
    if not manual(selection):
        labels = ", ".join(version.label for version in selection.versions)
        raise InputError(f"--scs-scope: {labels} has no manual check")
    return selection


def _check(path: Path, selection: Selection | None, subject: str | None, now: dt.datetime) -> int:
    known = [*map(load_scope, bundled_scopes().values()), *(selection.scopes if selection else ())]
    testcases = {identity: testcase for scope in known for identity, testcase in scope.testcases.items()}
    wanted = {entry.id: entry.testcase for entry in manual(selection)} if selection else {}
    file = load_attestations(path, known, now)
    passed = True
    for name, answers in _about(file, subject).items():
        chosen = {identity: testcases[identity] for identity in answers} | wanted
        for testcase in chosen.values():
            lines = list(_state(file, testcase, answers.get(testcase.id), now))
            passed = passed and all(line.startswith("PASS") for line in lines)
            for line in lines:
                print(f"{name}: {testcase.id}: {line}")
        if not chosen:
            print(f"{name}: no manual check is answered")
            passed = False
    return 0 if passed else 1


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


def _state(file: AttestationFile, testcase: Testcase, found: Attestation | None, now: dt.datetime) -> Iterator[str]:
    """What the answers to a testcase come to, in a line or, for violations, several."""
    check = check_for(testcase.id, testcase.description)
    needed = f" (needed if {check.needed})" if check.needed else ""
    if found is None:
        yield f"MISS: {file.path.name} has no entry for it{needed}"
        return
    reason, observations = manual_checks.judge_answers(check, inspect(file, found), testcase.lifetime, now)
    if reason:
        unanswered = not any(answer.answer for answer in found.answers.values())
        yield f"MISS: {reason}{needed if unanswered else ''}"
        return
    violations = [entry for entry in observations if isinstance(entry, Finding)]
    doubts = [entry for entry in observations if isinstance(entry, Undecided)]
    if violations:
        yield from (f"FAIL: {entry}" for entry in violations)
    elif doubts:
        yield from (f"ABORT: {entry}" for entry in doubts)
    elif found.answered_at:
        left = (manual_checks.last_day(found.answered_at, testcase.lifetime) - now.date()).days + 1
        yield f"PASS: {manual_checks.validity(found, testcase.lifetime)} ({left} days left)"
