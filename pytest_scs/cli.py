# SPDX-License-Identifier: Apache-2.0
"""``scs ...``: the conformance run in plain words, and the tools around it.

Exit codes: those of the run, else 0 fine, 1 something is wrong with what was looked at, 4 bad usage.
"""
# What is imported takes long enough to be interrupted, and that is said in a line.
# ruff: noqa: E402

from __future__ import annotations

import os
import sys

from pytest_scs.base.last_line import end_in_one_line


def _code_of_interruption(typed: list[str]) -> int:
    """The exit code of a command that was interrupted: that of pytest where it is a run."""
    return 2 if typed[:1] == ["run"] else 130


if os.path.basename(sys.argv[0]).removesuffix(".exe") == "scs":
    end_in_one_line("scs: interrupted", _code_of_interruption(sys.argv[1:]))

import argparse
import contextlib
import importlib
from collections.abc import Sequence
from typing import Any, NoReturn

import pytest_scs
from pytest_scs.base.errors import InputError
from pytest_scs.base.home import ensure_home
from pytest_scs.base.plain import speak_plainly
from pytest_scs.base.shapes import mask_shapes
from pytest_scs.base.signals import NoTemporaryFile
from pytest_scs.base.streams import lose_output, open_closed_streams, output_failure
from pytest_scs.base.words import did_you_mean, printable

#: The commands, in the order of the help; each is a module of pytest_scs.commands with ``add_parser``.
COMMANDS = ("run", "init", "demo", "explain", "scopes", "flavor", "report", "attest", "cleanup", "data", "completion")


#: What was typed behind ``scs``, for the language of what is wrong with it.
_typed: list[str] = []


class _Parser(argparse.ArgumentParser):
    """Exit code 4 for bad usage, as pytest has it."""

    def error(self, message: str) -> NoReturn:
        said = _said(message)
        hint = f"try {self.prog} --help"
        self.exit(4, f"{self.prog}: {said} ({hint if said == message else _said(hint)})\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """What was typed instead of a command, an action or one of few words, with the nearest one that there is."""
        if action.choices is not None and value not in action.choices:
            known = [str(choice) for choice in action.choices]
            name = argparse._get_action_name(action)
            self.error(f"{name}: unknown {value!r}{did_you_mean(str(value), known)}; known: {', '.join(known)}")

    def refuse_unknown(self, words: Sequence[str]) -> NoReturn:
        """End the process for what nothing here takes, with the nearest option that there is."""
        near = next((did_you_mean(word.partition("=")[0], self._option_string_actions) for word in words), "")
        self.error(f"unrecognized arguments: {' '.join(words)}{near}")


def _said(text: str) -> str:
    """What is wrong with what was typed, in the language that is asked for there, else in that of the environment."""
    from pytest_scs.base.language import chosen

    for asked in (_language_in(_typed), None):
        # An unknown language is wrong usage itself; without its catalogue English has to do.
        with contextlib.suppress(InputError, OSError):
            return chosen(asked, os.environ).whole(text)
    return text


def _language_in(words: Sequence[str]) -> str | None:
    """The language that the words of a command line ask for, before anybody understands them."""
    for word, following in zip(words, [*words[1:], ""], strict=False):
        option, equals, value = word.partition("=")
        if option in ("--lang", "--scs-lang"):
            return value if equals else following
    return None


def parser(verb: str = "", action: str = "") -> _Parser:
    """The command line of ``scs``; of one command only, if ``verb`` is the name of one, and of one ``action`` of it."""
    top = _Parser(
        prog="scs",
        description="SCS conformance of clouds and clusters: scs run judges (so does pytest --scs-scope=SCOPE), "
        "the other commands are tools around it.",
        epilog="scs COMMAND --help says more. To begin with: scs run iaas-v5.1 --cloud demo",
    )
    top.add_argument("--version", action="version", version=f"pytest-scs {pytest_scs.__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for name in [verb] if verb in COMMANDS else COMMANDS:
        # Each imports what it needs, which a shell that completes another one should not wait for.
        module = importlib.import_module(f"pytest_scs.commands.{name}")
        module.add_parser(commands, *([action] if hasattr(module, "ACTIONS") else []))
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    open_closed_streams()
    speak_plainly(sys.stdout, sys.stderr)
    typed = _typed[:] = list(sys.argv[1:] if argv is None else argv)
    ensure_home()
    _complete()
    try:
        return _run(typed)
    except InputError as error:
        print(f"scs: {printable(mask_shapes(_said(str(error))))}", file=sys.stderr)
        return 4
    except BrokenPipeError:
        lose_output()  # whoever read it has seen enough
        return 0
    except NoTemporaryFile as error:
        print(f"scs: {error}", file=sys.stderr)
        return 4
    except OSError as error:
        if not (line := output_failure(error)):
            raise
        lose_output()
        print(f"scs: {line}", file=sys.stderr)
        return 4
    except KeyboardInterrupt as error:
        print(f"scs: {printable(str(error)) or 'interrupted'}", file=sys.stderr)
        return _code_of_interruption(typed)


def _complete() -> None:
    """Answer a shell that completes what is typed, and end the process; nothing happens otherwise."""
    if "_ARGCOMPLETE" in os.environ:
        from pytest_scs.commands.completion import complete

        words = os.environ.get("COMP_LINE", "").split(" ")
        complete(parser(*(word for number, word in enumerate(words[1:3], 1) if len(words) > number + 1)))


def _command_of(top: _Parser, typed: Sequence[str]) -> _Parser:
    """The parser of the command that is typed, as far as there is one: its help says what is allowed."""
    found = top
    for word in typed:
        choices = next((one.choices for one in found._actions if isinstance(one, argparse._SubParsersAction)), None)
        if not choices:
            break
        found = choices.get(word, found)
    return found


def _run(typed: list[str]) -> int:
    verb = typed[0] if typed else ""
    behind: list[str] = []
    if verb == "run" and "--" in typed:
        # argparse would take it for its own, and give it another meaning in each version of Python.
        place = typed.index("--")
        typed, behind = typed[:place], typed[place + 1 :]
    if verb == "run":
        from pytest_scs.commands.run import with_lone_values

        typed = with_lone_values(typed)
    top = parser(verb, typed[1] if len(typed) > 1 else "")
    arguments, unknown = top.parse_known_args(typed)
    if unknown and not hasattr(arguments, "refuse"):
        _command_of(top, typed).refuse_unknown(unknown)
    if unknown:
        arguments.refuse(arguments, unknown)
    if behind:
        arguments.behind = behind
    code: int = arguments.run(arguments)
    sys.stdout.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
