# SPDX-License-Identifier: Apache-2.0
"""One bash script with everything there is to do, to be read, filled in and run by an administrator; never by us.

Started without arguments it only shows its commands. Every word in it is read out of a mend and quoted anew
(base/shell_words.py); a mend that cannot be read in this way, and words for people, become comments.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import pytest_scs
from pytest_scs.base.language import Language
from pytest_scs.base.shell import quote
from pytest_scs.base.shell_words import EACH, SimpleCommand, read_commands, spelled, spelled_word
from pytest_scs.base.words import printable
from pytest_scs.core.findings import Finding
from pytest_scs.core.results import Run, RunOutcome, SubjectRun
from pytest_scs.platforms.platform import Platform
from pytest_scs.platforms.registry import platform_of_subject
from pytest_scs.reports.lines import more
from pytest_scs.reports.mending import Mend, StandardMends, mends_by_standard

#: What every script begins with, and the texts in it that people read.
HEAD = Path(__file__).with_name("head.sh")
MESSAGE = re.compile(r"\{\{(.+?)\}\}")

# What takes something away, so that it is no failure if that has gone.
_REMOVING = {"delete", "unset", "remove"}

_RULE = "# " + "-" * 76

#: Offenders named in the comment of a command.
_NAMED = 10


def render(run: Run, outcome: RunOutcome) -> str:
    """The script for all subjects of a run."""
    mends = [(one, mends_by_standard(run, one)) for one in run.subject_runs]
    mark = _mark("\n".join(finding.hint for _, some in mends for finding in _findings(some)))
    body = [line for subject_run, standards in mends for line in _subject(subject_run, standards, mark, run.language)]
    head = _head(run.language)
    lines = [*_heading(run), "", f"mark={mark}", head, *_several([one for one, some in mends if some])]
    text = "\n".join(
        [*lines, *(body or ["", _comment(run.language.phrase("There is nothing to mend."))]), "", "finish", ""]
    )
    # Half characters: no file can hold them.
    return text.encode("utf-8", "replace").decode("utf-8")


def _head(language: Language) -> str:
    """The functions of the script, with what they say in a language: texts for people stand between double braces."""
    text = HEAD.read_text("utf-8").rstrip()
    # Within the quotes of printf an apostrophe would end the text.
    return MESSAGE.sub(lambda match: language.text(match[1]).replace("'", "\u2019"), text)


def _findings(standards: Sequence[StandardMends]) -> Iterator[Finding]:
    return (finding for standard in standards for mend in standard.mends for finding in mend.findings)


def _mark(texts: str) -> str:
    """How a value begins that has to be filled in; nothing from outside may look like it."""
    mark = "FILL_IN_"
    while mark in texts:
        mark += "HERE_"
    return mark


def _several(subject_runs: Sequence[SubjectRun]) -> Iterator[str]:
    """A guard where one environment would be used for several subjects of a platform."""
    names = [one.subject.report_name for one in subject_runs]
    if len({one.subject.platform for one in subject_runs}) < len(names):
        yield ""
        yield f"several {' '.join(map(quote, dict.fromkeys(names)))}"


def _comment(text: str, indent: str = "") -> str:
    return f"{indent}# {printable(text)}"


def _heading(run: Run) -> Iterator[str]:
    phrase = run.language.phrase
    subjects = ", ".join(one.subject.report_name for one in run.subject_runs)
    at, who = f"{run.now[:19].replace('T', ' ')} UTC", run.language.text(run.judge.words_for_many)
    yield "#!/usr/bin/env bash"
    yield "# shellcheck disable=SC2317,SC2329"
    yield _comment(phrase("What has to be done about {subjects}, as far as commands can do it.", subjects=subjects))
    yield _comment(phrase("Judged at {at} by {who}.", at=at, who=who))
    version = pytest_scs.__version__
    yield _comment(phrase("Written by pytest-scs {version}, which has run none of it.", version=version))
    yield "#"
    yield from (
        _comment(line)
        for line in (
            phrase("Read it first: some commands delete something, and what a command cannot do is a comment"),
            phrase('("By hand"). Fill in your own values in place of those that begin with the mark below.'),
            phrase("Without arguments it shows what it would do; --help tells how to go on. It may be run again."),
        )
    )


def _subject(
    subject_run: SubjectRun, standards: Sequence[StandardMends], mark: str, language: Language
) -> Iterator[str]:
    platform = platform_of_subject(subject_run.subject)
    for standard in standards:
        name = subject_run.subject.report_name
        title = language.text(standard.name)
        yield ""
        yield _RULE
        yield _comment(f"{standard.standard} {title}, {language.text(platform.noun)} {name}")
        yield _RULE
        yield f"about {quote(name)} {quote(standard.standard)} {quote(printable(title))}"
        scripted = [(mend, _commands(mend, platform.programs)) for mend in standard.mends]
        used = {command.literal(0) for _, commands in scripted for command in commands or ()}
        for program in sorted(used):
            yield " ".join(["program", program, *platform.environment])
        for mend, commands in sorted(scripted, key=lambda pair: _blanks(pair[1])):
            yield ""
            yield from _comments(mend, commands, language)
            if commands is not None:
                yield from _done(mend, commands, platform, mark)


def _blanks(commands: list[SimpleCommand] | None) -> int:
    """What can be done at once goes first, then what waits for a value, then what no command does."""
    if commands is None:
        return 2
    return 1 if any(command.blanks for command in commands) else 0


def _commands(mend: Mend, programs: Collection[str]) -> list[SimpleCommand] | None:
    """The commands of a mend; None where it is for people, or cannot be read in the only way that is safe."""
    if not mend.command or any("\0" in identity for identity in mend.ids):
        return None
    if len(mend.ids) < 2:
        return read_commands(mend.findings[0].hint, programs)
    # A name in quotes may hold what looks like the operand; no loop can say that.
    return None if any(EACH in text for text in _quoted(mend.body)) else read_commands(mend.body, programs)


def _quoted(line: str) -> list[str]:
    return re.findall(r"'[^']*'", line)


def _comments(mend: Mend, commands: list[SimpleCommand] | None, language: Language) -> Iterator[str]:
    where = "" if mend.decisive else language.phrase(" (does not decide the run)")
    yield _comment(f"{', '.join(mend.testcases)}{where}")
    named = {str(finding): finding for finding in mend.findings}
    looped = len(mend.ids) > 1 and commands is not None
    if not looped:
        yield from (_comment(one.worded(language)) for one in itertools.islice(named.values(), _NAMED))
        if len(named) > _NAMED:
            yield _comment(more(len(named) - _NAMED, language))
    if commands is None:
        yield _comment(language.phrase("By hand: {mend}", mend=language.text(mend.line)))
        return
    # A comment of a command is part of its text.
    _, _, remark = language.text(mend.body).partition("  # ")
    if remark:
        yield _comment(language.phrase("Mind: {remark}", remark=remark))
    if blanks := ", ".join(dict.fromkeys(name for command in commands for name in command.blanks)):
        yield _comment(
            language.phrase("Fill in: {blanks}; one value for all of these", blanks=blanks)
            if looped
            else language.phrase("Fill in: {blanks}", blanks=blanks)
        )


def _done(mend: Mend, commands: list[SimpleCommand], platform: Platform, mark: str) -> Iterator[str]:
    lines = list(_lines(commands, platform, mark))
    yield from _loop(mend, lines) if len(mend.ids) > 1 else lines


def _loop(mend: Mend, lines: Sequence[str]) -> Iterator[str]:
    names: Mapping[str, str] = {finding.resource_id: finding.resource for finding in reversed(mend.findings)}
    yield "ids=("
    for identity in mend.ids:
        yield f"  {quote(identity)}  {_comment(names.get(identity, ''))}"
    yield ")"
    yield 'for id in "${ids[@]}"; do'
    yield from (f"  {line}" for line in lines)
    yield "done"


def _lines(commands: Sequence[SimpleCommand], platform: Platform, mark: str) -> Iterator[str]:
    """The commands, each through the function that knows which failure is none; one line for what depends on it."""
    line = ""
    for number, command in enumerate(commands):
        verb = _verb(command)
        if command.then and set(verb) & _REMOVING:
            line += _unless_made(commands[number + 1], platform)
        if listing := platform.listings.get(" ".join(verb)):
            # What the line goes on to do is about the one that is replaced.
            old = spelled_word(commands[number + 1].words[-1], mark) if command.then else quote("")
            line += f"absent {old} {listing} {spelled_word(command.words[-1], mark)} && "
        function = "remove" if set(verb) & _REMOVING else "run_then" if command.then else "run"
        line += f"{function} {spelled(command, mark)}"
        if command.then:
            line += " && "
        else:
            yield line
            line = ""


def _unless_made(creation: SimpleCommand, platform: Platform) -> str:
    """A guard where something is deleted to be made anew: it may be there already as it should be."""
    shown = platform.shows_as_made([creation.literal(number) for number in range(len(creation.words))])
    if shown is None:
        return ""
    show, lines = shown
    return f"unlike {quote(chr(10).join(lines))} {' '.join(map(quote, show))} && "


def _verb(command: SimpleCommand) -> list[str]:
    """The program and what it is to do, without options and operands: a name may be a word of a command, too."""
    words = [command.literal(number) for number in range(len(command.words))]
    return list(itertools.takewhile(str.isalpha, words))
