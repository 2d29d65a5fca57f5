# SPDX-License-Identifier: Apache-2.0
"""What pytest, pytest-xdist and pytest-html have, but do not promise in their documentation.

No other module names any of it; ``tests/unit/run/test_pytest_internals.py`` notices when one of them changes it, and
``pyproject.toml`` has upper bounds for all three. Imports nothing but pytest: every run in the environment comes here.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

N = TypeVar("N", bound=pytest.Item | pytest.Collector)

# Options with which pytest tells about itself and runs nothing.
_INFORMATIVE = ("help", "version", "markers", "showfixtures", "show_fixtures_per_test", "cacheshow")

# The options with which others are told to write a file, and the names under which they keep the path.
_FILES = {"--html": "htmlpath", "--junit-xml": "xmlpath"}

# What xdist has in place of a phase in the report on a test in which a worker died.
_CRASHED = "???"


def early_options(config: pytest.Config) -> Any:
    """The options known before any conftest.py is loaded, where ``config.option`` is still empty."""
    return config.known_args_namespace


def named_files(config: pytest.Config) -> list[str]:
    """The files, folders and node ids on the command line as they were typed; without those that a plugin added."""
    return list(config.known_args_namespace.file_or_dir)


def asks_for_markers(config: pytest.Config) -> bool:
    """Whether ``--markers`` is given."""
    return bool(config.option.markers)


def only_informs(config: pytest.Config) -> bool:
    """Whether pytest is to tell about itself (``--help``, ``--markers``, ...) and to collect nothing."""
    return any(getattr(config.option, name, None) for name in _INFORMATIVE)


def only_collects(config: pytest.Config) -> bool:
    """Whether ``--collect-only`` is given."""
    return bool(config.option.collectonly)


def marker_expression(config: pytest.Config) -> str:
    """The expression of ``-m``; empty if there is none."""
    return str(config.option.markexpr or "")


def files_asked_for(config: pytest.Config) -> dict[str, str]:
    """The files that other reporters write, by option, as they were typed."""
    given = {option: getattr(config.option, name, None) for option, name in _FILES.items()}
    return {option: str(path) for option, path in given.items() if path}


def files_of_others(config: pytest.Config) -> dict[str, Path]:
    """The files that other reporters write, by option, where those put them."""
    base = config.invocation_params.dir
    return {
        option: Path(base, os.path.expanduser(os.path.expandvars(path)))
        for option, path in files_asked_for(config).items()
    }


def has_html(config: pytest.Config) -> bool:
    """Whether pytest-html is there, so that its hooks are known."""
    return config.pluginmanager.hasplugin("html")


def worker_input(config: pytest.Config) -> dict[str, Any] | None:
    """What the main process handed to this xdist worker; None in the main process. ``workerid`` is always there."""
    return getattr(config, "workerinput", None)


def has_workers(config: pytest.Config) -> bool:
    """Whether this is the main process of a run with xdist workers."""
    return bool(config.getoption("tx", None))


def set_no_workers(config: pytest.Config) -> None:
    """Run in this process whatever ``-n`` says; has to come before xdist looks at its options."""
    config.option.numprocesses, config.option.dist, config.option.tx = None, "no", []


def set_worker_defaults(config: pytest.Config, dist: str, restarts: int) -> None:
    """With ``-n``: how tests are spread and how often a dead worker is replaced, unless the user said so.

    Has to come before xdist looks at its options.
    """
    options = config.option
    if getattr(options, "numprocesses", None):
        if options.dist == "no":
            options.dist = dist
        if options.maxworkerrestart is None:
            options.maxworkerrestart = str(restarts)


def why_stopped(session: pytest.Session) -> str:
    """``stopping after 2 failures`` if ``-x`` or ``--maxfail`` ended the run, also one with workers; else empty."""
    workers = session.config.pluginmanager.getplugin("dsession")
    reason = str(session.shouldfail or getattr(workers, "shouldstop", ""))
    return reason if reason.startswith("stopping after") and session.config.getoption("maxfail", 0) else ""


def collection_failed(session: pytest.Session) -> bool:
    """After collection: whether a module could not be collected, so that pytest will run nothing."""
    return bool(session.testsfailed)


def exit_code(session: pytest.Session) -> int:
    """In ``pytest_sessionfinish``: what the process is about to exit with."""
    return int(session.exitstatus)


def set_exit_code(session: pytest.Session, code: int) -> None:
    """In ``pytest_sessionfinish``: what the process exits with."""
    session.exitstatus = code


def terminal_of(config: pytest.Config) -> pytest.TerminalReporter | None:
    """The terminal of pytest; None where it is switched off, and before ``pytest_configure`` has ended."""
    terminal: pytest.TerminalReporter | None = config.pluginmanager.getplugin("terminalreporter")
    return terminal


def write_between(config: pytest.Config, line: str) -> None:
    """Write a line of its own in the middle of a run, past the capturing of output and beside pytest's progress."""
    capture = config.pluginmanager.getplugin("capturemanager")
    terminal = terminal_of(config)
    if terminal is not None:
        with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
            terminal.ensure_newline()
            terminal.line(line)


def leave_out_failures(terminal: pytest.TerminalReporter) -> None:
    """No sections of failures and no short summary of them, unless the user chose ``--tb`` or ``-r``."""
    options = terminal.config.option
    if options.tbstyle == "auto":
        options.tbstyle = "no"
    if options.reportchars == "fE":  # pytest's default
        # Warnings stay: a mistyped key of the ini file is said nowhere else.
        terminal.reportchars = "w" if "w" in terminal.reportchars else ""


@contextlib.contextmanager
def without_tracebacks(config: pytest.Config, wanted: bool) -> Iterator[None]:
    """Meanwhile, if ``wanted``, reports on failures are made without looking up the source of every frame."""
    style = config.option.tbstyle
    if wanted:
        config.option.tbstyle = "no"
    try:
        yield
    finally:
        config.option.tbstyle = style


def fixtures_of(item: pytest.Item) -> Collection[str]:
    """The names of all fixtures that a test asks for, also by way of other fixtures."""
    names: Collection[str] = getattr(item, "fixturenames", ())
    return names


def parameter(item: pytest.Item, name: str) -> Any:
    """The value a test was parametrized with; None if it was not."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get(name) if callspec else None


def count_as_collected(session: pytest.Session, items: Sequence[pytest.Item]) -> None:
    """Tell pytest of items that no collector found; its ``N selected`` counts those in such reports."""
    report = pytest.CollectReport(items[0].nodeid.partition("::")[0], "passed", None, list(items))
    session.config.hook.pytest_collectreport(report=report)


def node_named(kind: type[N], parent: pytest.Session | pytest.Collector, nodeid: str, **arguments: Any) -> N:
    """Make a collector or an item whose node id does not follow from its parent and its name."""
    return kind.from_parent(parent, nodeid=nodeid, **arguments)  # type: ignore[return-value]


def marks_of_function(function: object) -> list[pytest.Mark]:
    """What a test function is decorated with, the innermost first."""
    return list(getattr(function, "pytestmark", ()))


def parts_of_set(one: Any) -> tuple[str, Any, tuple[pytest.Mark, ...]]:
    """Label, first value and marks of a ``pytest.param(...)``."""
    return str(one.id), one.values[0], tuple(getattr(mark, "mark", mark) for mark in one.marks)


def show_as_xfailed(report: pytest.TestReport, reason: str) -> None:
    """Have pytest count and show a test as one that was expected to fail."""
    report.outcome = "skipped"
    report.wasxfail = reason


def shown_as_xfailed(report: pytest.TestReport) -> bool:
    """Whether a test counts as one that was expected to fail."""
    return hasattr(report, "wasxfail")


def crashed(report: pytest.TestReport) -> bool:
    """Whether the report is xdist's, on a worker that died in this test; its first line says how."""
    return str(report.when) == _CRASHED


def attach(report: pytest.TestReport, name: str, text: str) -> None:
    """Send a text along with a report; what is plain gets from a worker to the main process."""
    setattr(report, name, text)


def detach(report: pytest.TestReport, name: str) -> str | None:
    """Take a text that came with a report off it; None if there is none."""
    text: str | None = report.__dict__.pop(name, None)
    return text
