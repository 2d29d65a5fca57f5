# SPDX-License-Identifier: Apache-2.0
"""What pytest, pytest-xdist and pytest-html have, but do not promise in their documentation.

No other module names any of it, but ``pytest_terminal.py``, ``pytest_files.py`` for what writes files, and
``pytest_masks.py`` for what is masked; ``tests/unit/run/test_pytest_internals.py`` notices when one of them changes it,
and ``pyproject.toml`` has upper bounds for all three.

Imports nothing but pytest: every run in the environment comes here.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

N = TypeVar("N", bound=pytest.Item | pytest.Collector)

# Options with which pytest tells about itself and runs nothing.
_INFORMATIVE = ("help", "version", "markers", "showfixtures", "show_fixtures_per_test", "cacheshow")

# What xdist has in place of a phase in the report on a test in which a worker died.
_CRASHED = "???"


def never_rewrite(package: str) -> None:
    """From now on import the modules of a package with the byte code that pip compiled.

    pytest rewrites the assertions of every module of a distribution with a plugin: each of them has to be compiled
    anew, or at least its source to be read and compared.
    """
    for finder in _rewriting():
        finder._must_rewrite.discard(package)
        finder._marked_for_rewrite_cache.clear()


@contextlib.contextmanager
def imported_as_written() -> Iterator[None]:
    """Meanwhile nothing that is imported is looked at for assertions to rewrite; not in a thread beside others."""
    finders = _rewriting()
    for finder in finders:
        sys.meta_path.remove(finder)
    try:
        yield
    finally:
        sys.meta_path[:0] = finders


def _rewriting() -> list[Any]:
    """Pytest's finders of modules; more than one where a run of pytest is within another, none with --assert=plain."""
    return [finder for finder in sys.meta_path if type(finder).__module__ == "_pytest.assertion.rewrite"]


def configuration_of(folder: Path) -> Mapping[str, Any]:
    """The ini keys, as they are written, of the configuration that pytest would find from a folder.

    Raises InputError for one that pytest cannot read.
    """
    return _located(folder)[1]


def configuration_file_of(folder: Path) -> Path | None:
    """The file with that configuration; None if there is none, also where a pyproject.toml is about other things.

    Raises InputError as well.
    """
    path, keys = _located(folder)
    return path if keys or (path and path.suffix != ".toml") else None


def _located(folder: Path) -> tuple[Path | None, Mapping[str, Any]]:
    from _pytest.config.findpaths import locate_config

    from pytest_scs.base.errors import InputError

    try:
        return locate_config(folder, [folder])[1:3]
    except (pytest.UsageError, OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"pytest cannot read its configuration (pytest.ini, pyproject.toml, tox.ini or setup.cfg): {error}; "
            "mend it, or start in another folder"
        ) from None


def early_options(config: pytest.Config) -> Any:
    """The options known before any conftest.py is loaded, where ``config.option`` is still empty."""
    return config.known_args_namespace


def options_of(config: pytest.Config) -> Any:
    """The values of all options, also of those that are registered while tests are collected."""
    return config.option


def set_option(config: pytest.Config, name: str, value: Any) -> None:
    """Enter the value of an option as if it had been typed."""
    setattr(config.option, name, value)


def named_files(config: pytest.Config) -> list[str]:
    """The files, folders and node ids on the command line as they were typed; without those that a plugin added."""
    return list(config.known_args_namespace.file_or_dir)


def add_named_file(config: pytest.Config, name: str) -> None:
    """Note that a word of the command line names a test file, although pytest has taken it for something else."""
    config.known_args_namespace.file_or_dir.append(name)


def forget_named_file(config: pytest.Config, name: str) -> None:
    """Note that a word of the command line names no test file, although pytest has taken it for one."""
    named = config.known_args_namespace.file_or_dir
    if name in named:
        named.remove(name)


def asks_for_markers(config: pytest.Config) -> bool:
    """Whether ``--markers`` is given."""
    return bool(config.option.markers)


def only_informs(config: pytest.Config) -> bool:
    """Whether pytest is to tell about itself (``--help``, ``--markers``, ...) and to collect nothing."""
    return any(getattr(config.option, name, None) for name in _INFORMATIVE)


def only_collects(config: pytest.Config) -> bool:
    """Whether ``--collect-only`` is given."""
    return bool(config.option.collectonly)


def forget_interruption(config: pytest.Config) -> None:
    """Keep the terminal from telling of an interruption, which it would do in three lines."""
    if reporter := config.pluginmanager.get_plugin("terminalreporter"):
        reporter._keyboardinterrupt_memo = None


def leave_out_unplaced(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Take the steps out of a traceback that have no line, at which pytest ends with a traceback of its own.

    CPython 3.11 has such steps where a signal comes between two lines.
    """
    excinfo.traceback = type(excinfo.traceback)(
        entry for entry in excinfo.traceback if entry._rawentry.tb_lineno is not None
    )


def marker_expression(config: pytest.Config) -> str:
    """The expression of ``-m``; empty if there is none."""
    return str(config.option.markexpr or "")


def reruns_failures(config: pytest.Config) -> bool:
    """Whether pytest-rerunfailures is there, however it was loaded, so that its marker is known."""
    return hasattr(config.option, "reruns")


def filters_warnings(config: pytest.Config) -> bool:
    """Whether pytest filters warnings, so that its marker for that is known: not with ``-p no:warnings``."""
    return config.pluginmanager.hasplugin("warnings")


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
            # By the number of their tests, what waits longest would come anywhere.
            options.loadscopereorder = False
        if options.maxworkerrestart is None:
            options.maxworkerrestart = str(restarts)


def items_of(session: pytest.Session) -> list[pytest.Item]:
    """The items of a run; with workers, which alone have collected any, they are collected here now, in silence."""
    if has_workers(session.config) and not getattr(session, "items", None):
        option = session.config.option
        verbose, option.verbose = option.verbose, -1
        try:
            session.perform_collect()
        finally:
            option.verbose = verbose
    return list(getattr(session, "items", ()))


def run_after_interruption(session: pytest.Session, item: pytest.Item) -> None:
    """Run one more item, with all reports, although pytest has ended its loop."""
    session._setupstate.teardown_exact(None)  # what was interrupted is still set up
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)


def report_after_interruption(item: pytest.Item, report: pytest.TestReport | None) -> None:
    """Hand on what an interruption kept from everybody: the report on a test, if it is given, and that on its end.

    The JUnit reporter has the properties of a test from the latter.
    """
    item.session._setupstate.teardown_exact(None)  # what was interrupted is still set up
    end = pytest.TestReport(
        item.nodeid, item.location, {}, "passed", None, "teardown", user_properties=list(item.user_properties)
    )
    for one in (report, end):
        if one is not None:
            item.config.hook.pytest_runtest_logreport(report=one)


def why_stopped(session: pytest.Session) -> str:
    """The option by which the user had the run end early, in words, also a run with workers; else empty."""
    config = session.config
    workers = config.pluginmanager.getplugin("dsession")
    reason = str(session.shouldfail or getattr(workers, "shouldstop", ""))
    if reason.startswith("stopping after") and config.getoption("maxfail", 0):
        return f"{reason} (-x, --maxfail)"
    if session.shouldstop and config.getoption("stepwise", False):
        return "--stepwise ends the run at the first testcase that does not pass"
    return ""


def collection_failed(session: pytest.Session) -> bool:
    """After collection: whether a module could not be collected, so that pytest will run nothing."""
    return bool(session.testsfailed)


def exit_code(session: pytest.Session) -> int:
    """In ``pytest_sessionfinish``: what the process is about to exit with."""
    return int(session.exitstatus)


def set_exit_code(session: pytest.Session, code: int) -> None:
    """In ``pytest_sessionfinish``: what the process exits with."""
    session.exitstatus = code


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
