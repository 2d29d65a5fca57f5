# SPDX-License-Identifier: Apache-2.0
"""What pytest's terminal and its capturing of output have, but do not promise in their documentation.

Belongs to ``pytest_internals.py``: none of it is promised.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from pytest_scs.base.streams import LastingStream

W = TypeVar("W")


def terminal_of(config: pytest.Config) -> pytest.TerminalReporter | None:
    """The terminal of pytest; None where it is switched off, and before ``pytest_configure`` has ended."""
    terminal: pytest.TerminalReporter | None = config.pluginmanager.getplugin("terminalreporter")
    return terminal


def write_between(config: pytest.Config, line: str) -> None:
    """Write a line of its own in the middle of a run, past the capturing of output and beside pytest's progress."""
    from pytest_scs.base.words import printable

    terminal = terminal_of(config)
    if terminal is not None:
        with past_capture(config):
            terminal.ensure_newline()
            terminal.write(f"{printable(line)}\n", flush=True)  # a file or pipe has it while it matters


@contextlib.contextmanager
def past_capture(config: pytest.Config) -> Iterator[None]:
    """Meanwhile what is written to the terminal gets there, also from within a test."""
    capture = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
        yield


def wrap_terminal(config: pytest.Config, wrap: Callable[[Any, str], W]) -> W | None:
    """Put a stream in front of that of pytest's terminal; None where there is no terminal that takes control codes.

    ``wrap`` gets the stream, and what stands in the last line so far.
    """
    terminal = terminal_of(config)
    if terminal is None or not terminal.isatty() or config.getoption("capture", "no") in ("no", "tee-sys"):
        return None
    writer = terminal._tw
    writer._file = stream = wrap(writer._file, writer._current_line)
    return stream


def outlive_output(config: pytest.Config) -> LastingStream | None:
    """Let a run go on where its output cannot be written any more; None where there is no terminal.

    pytest would stop in the middle, and the files that were asked for would never be written.
    """
    from pytest_scs.base.streams import LastingStream

    terminal = terminal_of(config)
    if terminal is None:
        return None
    writer: Any = terminal._tw
    writer._file = stream = LastingStream(writer._file)
    return stream


def show_own_ids(config: pytest.Config) -> None:
    """Show node ids of files that are not below pytest's root, such as the bundled ones, as they are.

    Run from elsewhere, pytest would say as seen from there where such a file would be, ``../../project/iaas/...``.
    """
    root = config.rootpath

    @functools.cache
    def is_own(path: str) -> bool:
        return not (root / path).exists()

    def as_seen(nodeid: Any) -> Any:
        return nodeid if is_own(str(nodeid).partition("::")[0]) else seen_from_here(nodeid)

    def write(nodeid: Any, *args: Any, **options: Any) -> None:
        here = reporter.startpath
        reporter.startpath = root if is_own(str(nodeid).partition("::")[0]) else here
        try:
            write_file(nodeid, *args, **options)
        finally:
            reporter.startpath = here

    seen_from_here = config.cwd_relative_nodeid
    config.cwd_relative_nodeid = as_seen  # type: ignore[method-assign]
    reporter: Any = terminal_of(config)
    write_file: Any = getattr(reporter, "write_fspath_result", None)
    if write_file:
        reporter.write_fspath_result = write


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
    # What is not there (``-p no:terminal``) is taken as the default, by pytest as well.
    style = config.getoption("tbstyle", "auto")
    if wanted:
        config.option.tbstyle = "no"
    try:
        yield
    finally:
        config.option.tbstyle = style


@contextlib.contextmanager
def capturing(config: pytest.Config) -> Iterator[None]:
    """Let tests run although pytest ends the capturing of output at an interruption."""
    manager = config.pluginmanager.getplugin("capturemanager")
    ended = manager is not None and manager._global_capturing is None
    if ended:
        manager.start_global_capturing()
        manager.suspend_global_capture(in_=True)
    try:
        yield
    finally:
        if ended:
            manager.stop_global_capturing()
