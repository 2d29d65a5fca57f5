# SPDX-License-Identifier: Apache-2.0
"""Interruptions where they must not come: a file would be half done, or stay behind."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import tempfile

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Meanwhile signals that end a process wait until it is over: for a moment that would leave something half done.

    Signals that are ignored remain so. Only the main thread is interrupted by signals, so elsewhere it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[signal.Signals, Any] = {}
    held: list[signal.Signals] = []
    over = False

    def take(number: int, frame: Any) -> None:
        known = signal.Signals(number)
        if not over:
            held.append(known)
        elif callable(before[known]):
            before[known](number, frame)
        else:
            signal.signal(known, before[known])
            signal.raise_signal(known)

    try:
        for number in _SIGNALS:
            handler = signal.getsignal(number)
            if handler not in (signal.SIG_IGN, None):
                before[number] = handler
                signal.signal(number, take)
        yield
    finally:
        # From here on the handler passes on what comes, whether it is replaced in time or not.
        over = True
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in dict.fromkeys(held):
            signal.raise_signal(number)


class NoTemporaryFile(OSError):
    """Files that are needed for a moment cannot be made: why, and what to do."""

    def __init__(self, error: OSError) -> None:
        reason = error.strerror or error
        super().__init__(f"no temporary file can be written: {reason}; free some space, or set TMPDIR to another place")


@contextlib.contextmanager
def temporary_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """A folder that is gone afterwards, whenever an interruption comes. Raises OSError.

    That is NoTemporaryFile where it would be in the place for temporary files.
    """
    import tempfile

    with contextlib.ExitStack() as stack:
        with undisturbed():
            try:
                folder = tempfile.TemporaryDirectory(prefix=prefix, dir=parent)
            except OSError as error:
                if parent is not None:
                    raise
                raise NoTemporaryFile(error) from None
            stack.callback(_remove, folder)
        yield Path(folder.name)


def _remove(folder: tempfile.TemporaryDirectory[str]) -> None:
    with undisturbed():
        folder.cleanup()
