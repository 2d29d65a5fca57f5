# SPDX-License-Identifier: Apache-2.0
"""The pages of docs/reference, out of the code.

``python tests/docs/reference_pages.py`` writes them anew, and whatever else in docs is made of the code; tests say when
that is due. They are kept in the repository because many read the documentation there, and are made again when the site
is built.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

import api_page
import man_page
import pytest
import report_schema

from pytest_scs import cli
from pytest_scs.base.pages import FRAMEWORK, Page, load_pages
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.results import INCOMPLETE
from pytest_scs.core.scope import TARGETS, Scope, Testcase, standard_of
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes, known_markers
from pytest_scs.pipeline.scorecard import fleet_metrics
from pytest_scs.platforms.option import Option
from pytest_scs.platforms.registry import platforms
from pytest_scs.reports.machines import metrics
from pytest_scs.run import options, startup

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"

_MADE = """\
<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Made from the code by tests/docs/reference_pages.py; change that, and run it. -->
"""

#: Title and first lines of each page.
_INTRO = {
    "options": """\
# Options of pytest

Every option has to be typed with `--scs-scope`, or stands in pytest's ini file under its ini key; what is typed
wins. *Repeatable* options are given several times, in the ini file one value a line. `pytest --help` has the same
list. pytest's own `-m`, `-k`, `-n`, `--html`, `--junit-xml` work as ever: see [choosing](../choosing.md).
""",
    "commands": """\
# The command scs

What is no plain run of pytest. `scs COMMAND --help` says the same. Exit codes: 0 fine, 1 something is wrong with
what was looked at, 4 wrong usage.
""",
    "markers": """\
# Markers

What `-m` takes. They follow from the [scope files](../standards/framework.md#scope-files), also from one of your
own, and can be joined: `-m "scs_0103 and not creates_resources"`. `pytest --markers` prints them.
""",
    "exit_codes": """\
# Exit codes

Of `pytest --scs-scope=...`:
""",
    "testcases": """\
# Testcases

Of the bundled scope files. *Where* says which versions demand a testcase, and in which target: `main` decides,
`recommended` and `preview` inform. `scs explain TESTCASE` tells how one of them judges.
""",
    "rules": """\
# Rules

One requirement each. Findings carry these ids, on the HTML page and in every machine-readable report; an id keeps
its meaning for ever. `scs explain RULE` shows one.
""",
    "differences": """\
# Where the official suite and the text differ

Every such place has a row, which findings name. *Default* says whose reading decides without `--scs-judge`: see
[judges](../standards/framework.md#judges). Reports name the testcases whose two verdicts differ.
""",
    "metrics": """\
# Metrics

Of `--scs-metrics=FILE`: gauges, with the labels `subject` and `platform`; those of versions also with `scope`,
`version` and `target`, those of testcases with `standard` and `testcase`, verdicts with `verdict`. What to do with
them: [reports for programs](../machines.md).
""",
    "causes": """\
# Causes

Why a testcase is ABORT or MISS; reports count by these kinds. What to do: [troubleshooting](../troubleshooting.md).
""",
}

_OF_FOLDERS = """\
## Of a folder of reports

Of `scs report metrics DIR`, with the labels `subject` and `scope`; those of versions also with `version` and `target`,
those of testcases with `standard` and `testcase`, verdicts with `verdict`.
"""

#: What the exit codes mean; those of pytest have its names.
EXIT_CODES = {
    int(pytest.ExitCode.OK): "every testcase in `main` passed or is waived, or nothing was due; other targets never "
    "change the code",
    int(pytest.ExitCode.TESTS_FAILED): "at least one FAIL in `main` that is not waived, or a test of your own that "
    "failed",
    int(pytest.ExitCode.INTERRUPTED): "pytest's own: interrupted, by Ctrl-C for example. Reports are written, and what "
    "was created is removed",
    int(pytest.ExitCode.INTERNAL_ERROR): "pytest's own: an error inside pytest or a plugin",
    int(pytest.ExitCode.USAGE_ERROR): "wrong usage: an unknown scope, cloud, context or marker, an option without a "
    "scope or with an empty value, a file that cannot be read or written. One line says what to do, and no "
    "report is written",
    int(pytest.ExitCode.NO_TESTS_COLLECTED): "no testcase was selected: one line says why, and no report is written",
    INCOMPLETE: "no FAIL in `main`, but something there has no verdict (ABORT, MISS), something was left "
    "behind, or a file could not be written at the end; pytest's own: more warnings than `--max-warnings` allows",
}


def pages() -> dict[str, Callable[[], Iterator[str]]]:
    """Name of a page -> what yields its lines."""
    return {
        "options": _options,
        "commands": _commands,
        "markers": _markers,
        "exit-codes": _exit_codes,
        "testcases": _testcases,
        "rules": _rules,
        "differences": _differences,
        "causes": _causes,
        "metrics": _metrics,
    }


def render(name: str) -> str:
    """A page as it should be."""
    return _MADE + "\n".join(pages()[name]()) + "\n"


def write(folder: Path) -> None:
    """Write all pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in pages():
        (folder / f"{name}.md").write_text(render(name), "utf-8")


def cell(text: str) -> str:
    """A text fit for a cell of a table: on one line, and nothing in it is markup but code."""
    words = " ".join(text.split()).replace("|", r"\|")
    quoted = re.split(r"(`[^`]*`)", words)
    return "".join(part if part.startswith("`") else re.sub(r"([<>*\[\]])", r"\\\1", part) for part in quoted)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def _options() -> Iterator[str]:
    yield _INTRO["options"]
    yield "## Whatever is judged\n"
    yield from _table(("Option", "Ini key", "What it does"), map(_option, options.OPTIONS))
    for platform in (one for one in platforms() if type(one).__module__.startswith("pytest_scs.")):
        yield f"## {platform.name}\n"
        yield from _table(("Option", "Ini key", "What it does"), map(_option, platform.options))


def _option(option: Option) -> tuple[str, str, str]:
    spellings = [name for name in (option.short, option.spelling) if name]
    value = f"={option.metavar}" if option.metavar else ""
    words = option.help + ("; repeatable" if option.many and "repeatable" not in option.help else "")
    shown = ", ".join(f"`{name}{value}`" for name in spellings).replace("|", r"\|")
    return shown, f"`{option.dest}`" if option.ini else "", cell(words)


def _commands() -> Iterator[str]:
    yield _INTRO["commands"]
    for words, parser, summary in _verbs(cli.parser()):
        yield f"## {words}\n"
        yield f"{cell(parser.description or summary or '')}\n"
        rows = [_argument(action) for action in parser._actions if _is_shown(action)]
        if rows:
            yield from _table(("Argument", "What it is"), rows)


def _verbs(top: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    """Every verb that does something, with those below it."""
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            summaries = {choice.dest: choice.help for choice in action._choices_actions}
            for name, parser in action.choices.items():
                below = list(_verbs(parser))
                if not below:
                    yield parser.prog, parser, summaries.get(name) or ""
                yield from below


def _is_shown(action: argparse.Action) -> bool:
    return not isinstance(action, argparse._HelpAction) and action.help != argparse.SUPPRESS


def _argument(action: argparse.Action) -> tuple[str, str]:
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if action.choices and not action.metavar:
        metavar = "{" + ",".join(map(str, action.choices)) + "}"
    names = action.option_strings or [metavar]
    value = f"={metavar}" if action.option_strings and action.nargs != 0 else ""
    shown = ", ".join(f"`{name}{value if name.startswith('--') else value.replace('=', ' ')}`" for name in names)
    words = (action.help or "").replace("%(default)s", str(action.default)).replace("%%", "%")
    return shown.replace("|", r"\|"), cell(words)


def _markers() -> Iterator[str]:
    yield _INTRO["markers"]
    of_platforms = {platform.marker: platform.marker_words for platform in platforms()}
    everything = {**known_markers(), **startup.MARKERS, **of_platforms}
    groups: dict[str, dict[str, str]] = {name: {} for name in ("Kinds", "Standards", "Scopes and versions", "Modules")}
    for name, words in everything.items():
        groups[_group(name, words)][name] = words
    for group, found in groups.items():
        yield f"## {group}\n"
        yield from _table(("Marker", "Chooses"), ((f"`{name}`", cell(words)) for name, words in sorted(found.items())))


def _group(name: str, words: str) -> str:
    if " module " in words:
        return "Modules"
    if re.fullmatch(r"scs_\d{4}", name):
        return "Standards"
    return "Scopes and versions" if "SCS" in words or "Beyond" in words or "beyond" in name else "Kinds"


def _exit_codes() -> Iterator[str]:
    yield _INTRO["exit_codes"]
    yield from _table(("Code", "Meaning"), ((str(code), words) for code, words in sorted(EXIT_CODES.items())))
    yield "Of `scs`: 0 fine, 1 something is wrong with what was looked at, 4 wrong usage."


def _scopes() -> Iterator[tuple[str, Scope]]:
    """Short name and content of every bundled scope, the official ones first."""
    found = {name: load_scope(path) for name, path in bundled_scopes().items()}
    yield from sorted(found.items(), key=lambda one: (not one[1].official, one[0]))


def _testcases() -> Iterator[str]:
    yield _INTRO["testcases"]
    for name, scope in _scopes():
        yield f"## {scope.name} ({name})\n"
        ids = [identity for identity in scope.testcases if identity in scope.included]
        rows = (_testcase(scope, scope.testcases[identity]) for identity in ids)
        yield from _table(("Testcase", "What it is about", "Where", "Cost", "Standard"), rows)


def _testcase(scope: Scope, testcase: Testcase) -> tuple[str, ...]:
    modules = [one for one in scope.modules.values() if any(testcase.id in ids for ids in one.targets.values())]
    number = standard_of(testcase, modules)
    page = f"[scs-{number}](../standards/scs-{number}.md)" if number else ""
    where: dict[str, list[str]] = {}
    for version in scope.versions.values():
        for target, ids in version.targets().items():
            if testcase.id in ids:
                where.setdefault(target, []).append(version.name)
    places = "; ".join(f"{target}: {', '.join(where[target])}" for target in TARGETS if target in where)
    return f"`{testcase.id}`", cell(testcase.description), places, testcase.cost, page


def _standards() -> Mapping[str, Page]:
    return {name: page for name, page in load_pages().items() if name.startswith("scs-")}


def _rules() -> Iterator[str]:
    yield _INTRO["rules"]
    for name, page in _standards().items():
        if page.rules:
            yield f"## [{page.title}](../standards/{name}.md#rules)\n"
            rows = ((f"`{rule}`", rebased(title, name), where) for rule, (title, where) in page.rules.items())
            yield from _table(("Rule", "Title", "Testcases"), rows)


def _differences() -> Iterator[str]:
    yield _INTRO["differences"]
    for name, page in load_pages().items():
        rows = [
            (f"`{row}`", *(rebased(text, name) for text in cells.values())) for row, cells in page.deviations.items()
        ]
        if rows:
            yield f"## [{page.title}]({_place(name)})\n"
            yield from _table(("Row", "Official suite", "Text", "Default"), rows)


def _causes() -> Iterator[str]:
    yield _INTRO["causes"]
    parts = {part.heading: part for part in load_pages()[FRAMEWORK].parts if part.level == 3}
    yield from _table(("Kind", "Meaning"), ((f"`{kind}`", _meaning(parts[kind].text)) for kind in CauseKind))


def _metrics() -> Iterator[str]:
    yield _INTRO["metrics"]
    yield from _families(metrics)
    yield _OF_FOLDERS
    yield from _families(fleet_metrics)


def _families(module: ModuleType) -> Iterator[str]:
    families = []
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Family":
            name = ast.literal_eval(node.args[0])
            shared = not isinstance(node.args[1], ast.Constant)
            words = metrics.TOLD_BY_BOTH[name] if shared else ast.literal_eval(node.args[1])
            families.append((node.lineno, f"`{name}`", cell(str(words))))
    yield from _table(("Metric", "Meaning"), (row[1:] for row in sorted(families)))


def _meaning(text: str) -> str:
    """The text of a part of framework.md, without its heading."""
    return re.sub(r"^#+ \S+ ?", "", rebased(" ".join(text.split()), FRAMEWORK)).replace("|", r"\|")


def _place(name: str) -> str:
    """Where a page lies, as seen from the reference."""
    return f"../{name}.md" if name == "attestations" else f"../standards/{name}.md"


def rebased(text: str, name: str) -> str:
    """A text of a page with links that lead to the same places from the reference."""
    here = _place(name)
    text = text.replace("](#", f"]({here}#")
    folder = here.rpartition("/")[0]
    return re.sub(r"\]\((?!https?:|\.\./)", f"]({folder}/", text)


if __name__ == "__main__":
    write(FOLDER)
    for other in (api_page, man_page):
        other.PAGE.write_text(other.render(), "utf-8")
    for path, schema in report_schema.SCHEMAS.items():
        path.write_text(report_schema.render(schema), "utf-8")
