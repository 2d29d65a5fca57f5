# SPDX-License-Identifier: Apache-2.0
"""``scs explain``: what a standard demands, how a testcase judges it, what a word in a report means; offline."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_scs.base import language
from pytest_scs.base.errors import InputError
from pytest_scs.base.markdown import Part, render, subtree
from pytest_scs.base.pages import FRAMEWORK, Page, explained_in, ids_in, load_pages, names
from pytest_scs.base.words import did_you_mean
from pytest_scs.commands.arguments import add_language, language_of
from pytest_scs.core.scope import Scope, Testcase
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes, version_label

#: Longer lines are hard to read, however wide the terminal is.
MAX_WIDTH = 100

#: The width where there is no terminal.
PIPE_WIDTH = 80

#: What can be explained.
ALLOWED = (
    "a standard (scs-0102), a testcase id, a rule id (scs-0102/...), a row (DEV-0102-3), a verdict (PASS), "
    "or a cause (timeout); scs explain alone lists them"
)


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    sub = commands.add_parser(
        "explain",
        help="say what a standard, a testcase, a rule or a verdict means",
        description="Print what the pages of this package say about a standard (scs-0102, 0102), a testcase "
        "(scs-0102-image-recency), a rule (scs-0102/...), a difference between the official suite and the text "
        "(DEV-0102-3), a verdict (PASS, FAIL, ABORT, MISS) or the cause of an ABORT or MISS. Contacts nothing.",
    )
    sub.add_argument("topic", nargs="*", metavar="TOPIC", help="what is to be explained; without it, what there is")
    add_language(sub, "verdicts and causes")
    sub.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what is known about the topic; raises InputError for one that nobody knows."""
    topic = " ".join(arguments.topic).strip()
    if arguments.topic and not topic:
        raise InputError(f"explain: the topic is empty; name {ALLOWED}")
    code = language_of(arguments, "explain").code
    said = explained_in(code, topic) if topic and code != language.SOURCE else []
    text = _join(said) if said else explain(topic, load_pages()) if topic else overview(load_pages())
    terminal = sys.stdout.isatty()
    width = min(shutil.get_terminal_size().columns, MAX_WIDTH) if terminal else PIPE_WIDTH
    print(render(text, width, bold=terminal and "NO_COLOR" not in os.environ))
    return 0


def overview(pages: Mapping[str, Page]) -> str:
    """What can be asked for."""
    standards = [f"| {page.name} | {page.title.partition(': ')[2]} |" for page in pages.values() if _number(page.name)]
    common = ", ".join(part.heading for part in _common(pages) if part.level == 2)
    return "\n".join(
        [
            *("## Standards", "", "| Topic | About |", "|---|---|", *standards, ""),
            *("## Common to all", "", common, ""),
            *("## Anything that a report names", "", f"{ALLOWED[0].upper()}{ALLOWED[1:].partition(';')[0]}.", ""),
            "    scs explain scs-0102-image-recency",
            "    scs explain DEV-0102-3",
            "    scs explain ABORT",
        ]
    )


def explain(topic: str, pages: Mapping[str, Page]) -> str:
    """The text about a topic, as Markdown; raises InputError for an unknown one, with a suggestion."""
    scopes = [load_scope(path) for path in bundled_scopes().values()]
    wanted = _same(topic)
    for name, page in pages.items():
        if wanted in _names_of(page):
            return _join(page.parts)
        for rule in page.rules:
            if wanted == _same(rule):
                return _rule(rule, page)
        for row in page.deviations:
            if wanted == _same(row):
                return _deviation(row, page)
        if name == FRAMEWORK and (part := next((one for one in page.parts if wanted == _same(one.heading)), None)):
            return _join(subtree(page.parts, part))
    for testcase in dict.fromkeys(_testcases(scopes, pages)):
        if wanted == _same(testcase):
            return _testcase(testcase, scopes, pages)
    raise InputError(
        f"explain: there is nothing about {topic!r}{_suggestion(topic, scopes, pages)}; allowed: {ALLOWED}"
    )


def _same(name: str) -> str:
    """One spelling for all: case does not matter, nor whether a blank, a dash or an underscore parts two words."""
    return re.sub(r"[\s_-]+", "-", name.strip().lower())


def _number(name: str) -> str:
    match = re.fullmatch(r"scs-(\d{4})", name)
    return match[1] if match else ""


def _names_of(page: Page) -> set[str]:
    """How a page is called: ``scs-0102``, ``0102``, or a version that it names, such as ``scs-0102-v1``."""
    number = _number(page.name)
    versions = {_same(found) for part in page.parts for found in re.findall(rf"\bscs-{number}-[vw]\d+\b", part.text)}
    return {page.name, number, *versions} if number else {_same(page.name)}


def _common(pages: Mapping[str, Page]) -> Sequence[Part]:
    return pages[FRAMEWORK].parts if FRAMEWORK in pages else ()


def _testcases(scopes: Sequence[Scope], pages: Mapping[str, Page]) -> Iterator[str]:
    """The ids of all testcases: those of the bundled scopes, and those that only a page knows."""
    for scope in scopes:
        yield from scope.testcases
    for page in pages.values():
        yield from (part.heading.strip("`") for part in page.testcases if re.fullmatch(r"`?[\w-]+`?", part.heading))


def _join(parts: Sequence[Part]) -> str:
    return "\n\n".join(f"{'#' * part.level} {part.heading}\n\n{part.text}".strip() for part in parts)


def _rule(rule: str, page: Page) -> str:
    title, where = page.rules[rule]
    parts = dict.fromkeys(part for one in ids_in(where) if (part := page.about(one)))
    return "\n\n".join(
        [
            *(f"# {rule}", f"* Rule: {title}\n* Testcases: {', '.join(ids_in(where))}"),
            *(_join(subtree(page.parts, part)) for part in parts),
            f"All of the standard: `scs explain {page.name}`",
        ]
    )


def _deviation(row: str, page: Page) -> str:
    lines = "\n".join(f"* {column}: {cell}" for column, cell in page.deviations[row].items() if cell)
    return "\n\n".join(
        [
            f"# {row}, {page.title}",
            lines,
            f"What `Default` means: `scs explain judges`. All rows: `scs explain {page.name}`",
        ]
    )


def _testcase(testcase: str, scopes: Sequence[Scope], pages: Mapping[str, Page]) -> str:
    shown = [f"# {testcase}"]
    declaring = [scope for scope in scopes if testcase in scope.testcases]
    # A draft of ours may have official testcases, too; what the official file says of them comes first.
    declaring.sort(key=lambda scope: not scope.official)
    shown += [_declared(declaring[0].testcases[testcase], declaring)] if declaring else []
    for page in pages.values():
        if part := page.about(testcase):
            shown += [part.text, *([_join(below)] if (below := subtree(page.parts, part)[1:]) else [])]
            rules = {rule: title for rule, (title, where) in page.rules.items() if names(where, testcase)}
            lines = ["| Rule | Title |", "|---|---|", *(f"| {rule} | {title} |" for rule, title in rules.items())]
            shown += ["## Rules", "\n".join(lines)] if rules else []
            shown.append(f"All of the standard: `scs explain {page.name}`")
    return "\n\n".join(shown)


def _declared(testcase: Testcase, scopes: Sequence[Scope]) -> str:
    """What scope files say about a testcase: description, where it is demanded, cost, the official text."""
    where = [
        f"{version_label(scope.path, version.name)} {target}"
        for scope in scopes
        for version in scope.versions.values()
        for target, ids in version.targets().items()
        if testcase.id in ids
    ]
    lines = [
        testcase.description,
        "",
        f"* Demanded by: {', '.join(where) or 'no version'}",
        f"* Cost: {testcase.cost}",
        *([f"* Official text: {testcase.url}"] if testcase.url else []),
    ]
    return "\n".join(lines)


def _suggestion(topic: str, scopes: Sequence[Scope], pages: Mapping[str, Page]) -> str:
    known = [
        *(name for name in pages if _number(name)),
        *(part.heading for part in _common(pages)),
        *(rule for page in pages.values() for rule in page.rules),
        *(row for page in pages.values() for row in page.deviations),
        *_testcases(scopes, pages),
    ]
    spellings = {name.lower(): name for name in known}
    found = did_you_mean(topic.lower(), spellings)
    return re.sub(r"'(.*)'", lambda match: f"'{spellings[match[1]]}'", found)
