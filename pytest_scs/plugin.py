# SPDX-License-Identifier: Apache-2.0
"""The pytest hooks, a few lines each; the work is done in the other rooms.

This module is imported by every pytest run in the environment: nothing but the standard library and pytest here, and no
effect at all unless a scope is selected.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_scs.run import pytest_internals

pytest_internals.never_rewrite("pytest_scs")  # before any other module of ours is imported

from pytest_scs.run import early_interrupts  # noqa: E402

early_interrupts.watch_if_asked()  # what is imported from here on takes a while

from pytest_scs.run import foreign_warnings, lone_options, misspelled, options, settings, short_spellings  # noqa: E402
from pytest_scs.run.usage import usage_errors  # noqa: E402

if TYPE_CHECKING:
    from pytest_scs.run.session import Session

# The session, once more beside ``session_key``: that one cannot be had without importing run/session.py.
_active_key: pytest.StashKey[Session] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options and ini keys of options.py."""
    options.add_options(parser)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, Any, Any]:
    """Add the bundled testcases to the arguments if a scope is selected and no file is named; read short spellings."""
    known = options.all_options()
    lone_options.before_conftests(early_config, args, known)
    typed = short_spellings.before_conftests(early_config, parser, args, known)
    if usage_errors(settings.scope_given, early_config, pytest_internals.early_options(early_config)):
        early_interrupts.watch()
        from pytest_scs.base.plain import speak_plainly
        from pytest_scs.base.streams import open_closed_streams
        from pytest_scs.run import bundle

        open_closed_streams()
        speak_plainly(sys.stdout, sys.stderr)
        bundle.inject(args, pytest_internals.named_files(early_config), early_config.rootpath)
    outcome = yield
    short_spellings.after_conftests(early_config, parser, args, known, typed)
    usage_errors(misspelled.check, early_config, parser, args, known)
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, Any, Any]:
    """Safe defaults for xdist (loadfile, no restarts) and quiet ones for pytest's own summaries."""
    scope_given = settings.scope_given(config, config.option)
    try:
        if scope_given:
            from pytest_scs.run import defaults

            defaults.apply(config)
        code = yield
    finally:
        early_interrupts.end_watch()
    return early_interrupts.say(config, code) if scope_given else code


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """``-n auto``: the work waits for what is judged, not for the processor, and one file goes to one worker."""
    return 4 if settings.scope_given(config, config.option) else None


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register markers; with a scope, open the session or stop with one line (exit 4), before others open files."""
    # The SDKs are imported here: asking pytest about each of their modules takes long, and some warn on the way.
    with pytest_internals.imported_as_written(), foreign_warnings.ignored():
        from pytest_scs.run import startup

        session = usage_errors(startup.configure, config)
    if session is not None:
        config.stash[_active_key] = session


def pytest_unconfigure(config: pytest.Config) -> None:
    """End embedded subjects, remove what was shared with workers."""
    if session := config.stash.get(_active_key, None):
        session.close()
        del config.stash[_active_key]


def pytest_report_header(config: pytest.Config) -> list[str] | None:
    """One line: scope, versions, target, judge, subjects; what earlier runs left behind, and what options do here."""
    if session := config.stash.get(_active_key, None):
        from pytest_scs.run import others
        from pytest_scs.run.header import header_lines

        return header_lines(session, others.notes(config))
    return None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the bundled testcases out without a scope: plain ``pytest`` in the checkout runs the plugin's own tests."""
    if collection_path.name == "testcases" and _active_key not in config.stash:
        from pytest_scs.base.paths import TESTCASES

        return True if collection_path == TESTCASES else None
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the bundled folders whatever the user's ini says."""
    if _active_key in parent.config.stash:
        from pytest_scs.run import bundle

        return bundle.collect_directory(path, parent)
    return None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    """Mark, complete, order and deselect, before ``-m`` and ``-k`` look at the items."""
    if active := config.stash.get(_active_key, None):
        from pytest_scs.run import marking

        usage_errors(marking.apply, session, items, active, whole=not pytest_internals.named_files(config))
    yield
    if active:
        marking.leave_out(session, items, active)
        active.note_filtered()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Read the subjects now that it is known what the testcases need (a worker tells the main process instead).

    First of all: xdist's own hook tells the main process that there is something to read.
    """
    if active := session.config.stash.get(_active_key, None):
        from pytest_scs.run import startup

        with foreign_warnings.ignored():
            usage_errors(startup.collected, active, session)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Print the plan instead of running it, if asked to."""
    active = session.config.stash.get(_active_key, None)
    if active and active.settings.plan:
        from pytest_scs.run.planning import show_plan

        show_plan(session, active)
        return True
    return None


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """After the test function: let the collector decide."""
    outcome = yield
    if _active_key in pyfuncitem.config.stash:
        from pytest_scs.run.item_keys import collector_key

        if collector := pyfuncitem.stash.get(collector_key, None):
            collector.conclude()
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn what happened into a verdict."""
    active = item.config.stash.get(_active_key, None)
    if active is None:
        return (yield)
    from pytest_scs.run import outcomes, pytest_terminal
    from pytest_scs.run.item_keys import expected_key

    if expected_key not in item.stash:
        return (yield)
    # Ours says what is wrong in its own words; making pytest's costs more than judging.
    with pytest_terminal.without_tracebacks(item.config, call.when != "teardown"):
        report = yield
    outcomes.judge_phase(item, call, report, active)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport, config: pytest.Config) -> tuple[str, str, str] | None:
    """Show verdicts in pytest's progress."""
    if _active_key in config.stash and isinstance(report, pytest.TestReport):
        from pytest_scs.run import outcomes

        return outcomes.status(report)
    return None
