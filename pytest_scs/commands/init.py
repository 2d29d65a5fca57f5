# SPDX-License-Identifier: Apache-2.0
"""``scs init``: write down once what is judged, for pytest, for a CI system, for a timer."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_scs.base import language
from pytest_scs.base.errors import InputError
from pytest_scs.base.files import why_unwritable, write_atomically
from pytest_scs.commands import init_questions
from pytest_scs.commands.init_answers import SYSTEMS, TIMERS, Answers, init_options
from pytest_scs.commands.init_config import configuration, merged
from pytest_scs.commands.init_texts import files_for
from pytest_scs.commands.run_words import reworded
from pytest_scs.commands.scopes import warn
from pytest_scs.core.scope import TARGETS
from pytest_scs.core.selection import select
from pytest_scs.run import pytest_internals

#: Files that can hold the configuration.
_INTO = ("pytest.ini", "pyproject.toml")


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    sub = commands.add_parser(
        "init",
        help="write the configuration, a CI job, a timer for what is to be judged",
        description="Ask what is to be judged and write it down: into pytest.ini or pyproject.toml, so that pytest and "
        "scs run need no options here, and as a job of a CI system or a timer. With a scope on the command line "
        "nothing is asked. Files that exist are not changed without asking, or --force.",
        epilog="example: scs init iaas-v5.1 --cloud mycloud --html report.html --ci gitlab",
    )
    sub.add_argument("scopes", nargs="*", metavar="SCOPE", help="what to judge: iaas-v5.1, kaas-v1, FILE.yaml@v5.1")
    for option in init_options():
        if option.name != "scope":
            action = "append" if option.many else "store"
            words = f"as of scs run: {option.help[:1].lower()}{option.help[1:]}".replace("%", "%%")
            sub.add_argument(option.run_spelling, dest=option.dest, action=action, metavar=option.metavar, help=words)
    sub.add_argument("--html", metavar="FILE", default="", help="write a page for people to FILE")
    sub.add_argument("--junit", metavar="FILE", default="", help="write JUnit XML to FILE")
    sub.add_argument("--read-only", action="store_true", help="leave out the testcases that create something")
    sub.add_argument("--ci", action="append", default=[], choices=SYSTEMS, help="a job for this CI system; repeatable")
    sub.add_argument("--timer", action="append", default=[], choices=TIMERS, help="a timer; repeatable")
    sub.add_argument("--into", choices=_INTO, help="the file for the configuration (default: pytest.ini)")
    sub.add_argument("--print", dest="printed", action="store_true", help="print the files instead of writing them")
    sub.add_argument("--force", action="store_true", help="change files that exist without asking")
    sub.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask, or take what was typed, and write or print the files; raises InputError for what cannot be meant."""
    spoken = language.chosen(arguments.scs_lang, os.environ, "init: --lang")
    asking = not arguments.scopes
    if asking and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError(
            "init: there is no terminal to ask on; say what is to be judged: "
            "scs init iaas-v5.1 --cloud mycloud --report report.yaml"
        )
    try:
        answers = init_questions.ask_everything(spoken) if asking else _typed(arguments)
        answers.check()
        files = _files(answers, arguments.into)
        if arguments.printed:
            print("\n".join(f"# ---- {path} ----\n{text}" for path, text in files.items()))
            return 0
        _check_changes(files, arguments, spoken)
    except EOFError:
        raise InputError("init: the input ended before the last answer; nothing was written") from None
    except InputError as error:
        text = reworded(str(error))
        raise InputError(text if text.startswith("init: ") else f"init: {text}") from None
    _write(files, spoken)
    today = dt.datetime.now(dt.UTC).date()
    warn(select(answers.scopes, today, TARGETS, Path.cwd()).versions, today)
    print(f"\n{spoken.phrase('To judge: scs run, or pytest')}")
    return 0


def _typed(arguments: argparse.Namespace) -> Answers:
    values: dict[str, Any] = {}
    for option in init_options():
        given = getattr(arguments, option.dest, None)
        given = [given] if isinstance(given, str) else given or []
        if not all(text.strip() for text in given):
            raise InputError(
                f"init: {option.run_spelling}: the value is empty; write {option.run_spelling}={option.metavar}"
            )
        values[option.name] = given
    return Answers(
        tuple(dict.fromkeys(arguments.scopes)),
        values,
        arguments.html,
        arguments.junit,
        arguments.read_only,
        tuple(dict.fromkeys(arguments.ci)),
        tuple(dict.fromkeys(arguments.timer)),
    )


def _files(answers: Answers, into: str | None) -> dict[Path, str]:
    """Path -> text of everything that is made."""
    target = Path(into or _INTO[0])
    try:
        section = merged(target, configuration(answers))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"init: {target} cannot be read: {error}") from None
    pytest_internals.configuration_of(Path.cwd())  # what pytest cannot read now, it cannot read with more in it
    return {target: section} | {Path(name): text for name, text in files_for(answers).items()}


def _check_changes(files: Mapping[Path, str], arguments: argparse.Namespace, spoken: language.Language) -> None:
    """Ask for leave to change what is there; raises InputError where there is none."""
    target = next(iter(files))
    phrase = spoken.phrase
    doubts = [phrase("{path} exists", path=path) for path in files if path.exists() or path.is_symlink()]
    other = pytest_internals.configuration_file_of(Path.cwd())
    if other and other.parent == Path.cwd():
        if other.name != target.name:
            doubts.append(
                phrase(
                    "pytest reads {name} here, and would read only one of it and {path}", name=other.name, path=target
                )
            )
        elif not any(key.startswith("scs_") for key in pytest_internals.configuration_of(Path.cwd())):
            doubts.append(
                phrase("{path} is about tests of its own, which plain pytest would no longer run", path=target)
            )
    if not doubts or arguments.force:
        return
    if sys.stdin.isatty() and sys.stdout.isatty():
        for doubt in doubts:
            print(f"{doubt}.")
        if init_questions.agreed(phrase("Change it all the same?"), spoken):
            return
        raise InputError("init: nothing was written")
    raise InputError(f"init: {'; '.join(doubts)}; --print shows what would be written, --force writes it")


def _write(files: Mapping[Path, str], spoken: language.Language) -> None:
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text)
        except OSError as error:
            raise InputError(f"init: cannot write {path}: {why_unwritable(error)}") from None
        print(spoken.phrase("written: {path}", path=path))
