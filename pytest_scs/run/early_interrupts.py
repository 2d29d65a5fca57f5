# SPDX-License-Identifier: Apache-2.0
"""Interruptions where pytest takes none: one line and exit code 2, as others have it.

That is while plugins are imported and options are read, and from the end of the last test on; and pytest says nothing
of one that comes while we open what is to be judged. Imported by every run of pytest: nothing but the standard library
and pytest here.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Callable

import pytest

_LINE = "interrupted before anything was judged"

_LATE_LINE = "interrupted at its end"

#: Exit codes that say more than that a run was interrupted at its end.
_TELLING = (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)

_begun_key = pytest.StashKey[bool]()
_late_key = pytest.StashKey[Callable[[], bool]]()

# What ends the watch, if there is one in this process.
_ends: list[Callable[[], None]] = []


def watch_if_asked() -> None:
    """Watch from the import of the plugin on, if one of our options is on the command line."""
    if any(word.startswith("--scs-") for word in sys.argv):
        watch()


def watch() -> None:
    """From now on one that nothing takes ends the process in a line."""
    if not _ends:
        from pytest_scs.base.last_line import end_in_one_line

        _ends.append(end_in_one_line(f"pytest: {_LINE}", int(pytest.ExitCode.INTERRUPTED)))


def end_watch() -> None:
    """Leave it to others again."""
    while _ends:
        _ends.pop()()


def note_begun(config: pytest.Config) -> None:
    """Note that the session has begun: from now on pytest says that it was interrupted."""
    config.stash[_begun_key] = True


def has_begun(config: pytest.Config) -> bool:
    """Whether the session has begun."""
    return _begun_key in config.stash


def note_over(config: pytest.Config, interrupted: Callable[[], bool]) -> None:
    """Note that everything is judged: ``interrupted`` knows whether an interruption comes, which pytest does not."""
    config.stash[_late_key] = interrupted


def at_the_end(config: pytest.Config, restore: Callable[[], None]) -> None:
    """Have the handler of a signal restored when the run is over.

    Not where the process ends with it: an interruption in the last moment would be a traceback below a good report, or,
    while Python tidies up, an exit code that says nothing of the verdicts.
    """
    if not _is_own_process(config):
        config.add_cleanup(restore)
        return
    atexit.unregister(_ignore)
    atexit.register(_ignore)


def say(config: pytest.Config, code: object) -> object:
    """Say that a run was interrupted where pytest does not; returns the exit code, which may be another one then."""
    line = ""
    if code == pytest.ExitCode.INTERRUPTED and not has_begun(config):
        line = _LINE
    elif code not in _TELLING and config.stash.get(_late_key, bool)():
        line, code = _LATE_LINE, pytest.ExitCode.INTERRUPTED
    if line:
        sys.stderr.write(f"pytest: {line}\n")
        sys.stderr.flush()
    return code


def _ignore() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _is_own_process(config: pytest.Config) -> bool:
    """Whether this process does nothing but this run, so that nobody needs anything afterwards."""
    name = os.path.basename(sys.argv[0]).removesuffix(".exe")
    if name == "__main__.py":
        name = os.path.basename(os.path.dirname(sys.argv[0]))
    return name == "scs" or (name in ("pytest", "py.test") and list(config.invocation_params.args) == sys.argv[1:])
