# SPDX-License-Identifier: Apache-2.0
"""docs/scs.1, the manual page of ``scs``, out of the definitions that its command line is made of.

``python tests/docs/man_page.py`` writes the page anew; a test says when that is due.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from pytest_scs import cli
from pytest_scs.commands import run

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scs.1"

_EXIT = {
    "0": "Everything is PASS, or fine.",
    "1": "At least one FAIL; for other commands: something is wrong with what was looked at.",
    "2": "The run was interrupted.",
    "3": "An error in pytest, or in a plugin.",
    "4": "Bad usage; one line on standard error says what to do.",
    "5": "Nothing was chosen.",
    "6": "No FAIL, but a testcase without a verdict, or something that a run could not remove.",
}

_ENVIRONMENT = {
    "OS_CLOUD": "The cloud to judge, where no --cloud is given.",
    "OS_CLIENT_CONFIG_FILE": "The clouds.yaml to read instead of those that openstacksdk looks for.",
    "KUBECONFIG": "The kubeconfig files, where no --kubeconfig is given.",
    "PYTEST_ADDOPTS": "Options of pytest for every run.",
    "XDG_STATE_HOME": "Where journals of runs lie (pytest-scs below it) instead of ~/.local/state.",
}

_FILES = {
    "./clouds.yaml, ~/.config/openstack/clouds.yaml, /etc/openstack/clouds.yaml": "The clouds.",
    "~/.kube/config": "The clusters.",
    "pytest.ini, pyproject.toml": "Options that stay: each --scs-NAME has the key scs_NAME. scs init writes them.",
}


def render() -> str:
    """The page as it should be."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    top = cli.parser()
    yield '.\\" SPDX-License-Identifier: Apache-2.0'
    yield '.\\" Made from the command line by tests/docs/man_page.py; change that, and run it.'
    yield '.TH SCS 1 "" "pytest\\-scs" "User Commands"'
    yield ".SH NAME"
    yield "scs \\- judge clouds and clusters against the Sovereign Cloud Stack standards"
    yield ".SH SYNOPSIS"
    yield ".B scs"
    yield "[\\fB\\-h\\fR] [\\fB\\-\\-version\\fR] \\fICOMMAND\\fR ..."
    yield ".SH DESCRIPTION"
    yield _text(top.description or "")
    yield ".SH COMMANDS"
    for name, sub, words in _commands(top):
        yield from _command(f"scs {name}", sub, words)
    yield from _table("EXIT STATUS", _EXIT)
    yield from _table("ENVIRONMENT", _ENVIRONMENT)
    yield from _table("FILES", _FILES)
    yield ".SH SEE ALSO"
    yield ".BR pytest (1),"
    yield "scs explain, https://docs.scs.community/standards"


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            words = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, sub in action.choices.items():
                yield name, sub, words.get(name, "")


def _command(name: str, sub: argparse.ArgumentParser, words: str) -> Iterator[str]:
    inner = list(_commands(sub))
    if not inner:
        yield f".SS {_escaped(name)}"
        yield _text(f"{sub.description or words}")
        yield from _arguments(_everything(sub) if name == "scs run" else sub)
        if sub.epilog and name != "scs run":
            yield from _verbatim(sub.epilog)
    for verb, deeper, more in inner:
        yield from _command(f"{name} {verb}", deeper, more)


def _everything(sub: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The arguments of ``scs run``, with those that its short help leaves out."""
    whole = argparse.ArgumentParser(sub.prog)
    run.add_arguments(whole, everything=True)
    return whole


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if action.help in (None, argparse.SUPPRESS) or isinstance(action, argparse._HelpAction):
            continue
        value = f"\\fI{_escaped(_value(action))}\\fR" if action.nargs != 0 or not action.option_strings else ""
        spelled = ", ".join(f"\\fB{_escaped(one)}\\fR" for one in action.option_strings)
        yield ".TP"
        yield " ".join(part for part in (spelled, value) if part)
        yield _text(str(action.help) % vars(action))


def _value(action: argparse.Action) -> str:
    metavar = action.metavar or action.dest.upper()
    return f"{metavar} ..." if action.nargs in ("*", "+") else str(metavar)


def _table(title: str, rows: dict[str, str]) -> Iterator[str]:
    yield f".SH {title}"
    for name, words in rows.items():
        yield ".TP"
        yield f"\\fB{_escaped(name)}\\fR"
        yield _text(words)


def _verbatim(text: str) -> Iterator[str]:
    yield ".PP"
    yield ".nf"
    yield from (_line(line) for line in text.strip("\n").splitlines())
    yield ".fi"


def _text(text: str) -> str:
    """Running text, a sentence on each line, as manual pages have it."""
    words = " ".join(text.split())
    return "\n".join(_line(line) for line in re.split(r"(?<=[.;]) (?=[A-Z])", words))


def _line(text: str) -> str:
    # A line that begins with a point or an apostrophe would be a command.
    return ("\\&" if text[:1] in (".", "'") else "") + _escaped(text)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-").replace("~", "\\(ti").replace("'", "\\(aq")


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
