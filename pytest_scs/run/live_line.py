# SPDX-License-Identifier: Apache-2.0
"""A line at the end of the terminal that is written again and again, and leaves no trace.

pytest writes its progress without an end of the line (``iaas/test_x.py ...``), and goes on there. So the live line is
the one below; before anybody writes, it is taken away, and the cursor goes back to where it was.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import threading
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

import pytest

from pytest_scs.base.words import printable
from pytest_scs.run import pytest_terminal

#: Columns below which there is no use in a live line.
_NARROW = 20

#: What moves no cursor: colours and the like, and what tells a terminal of the progress.
_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")

_ERASE = "\r\x1b[2K"


class LiveLine:
    """The live line of a run; only where the terminal takes control codes and nobody else writes to it."""

    def __init__(self, config: pytest.Config, environment: Mapping[str, str]) -> None:
        """In CI, where a terminal is a file that people read afterwards, there is none."""
        self._config = config
        self._possible = environment.get("TERM", "dumb") != "dumb" and not environment.get("CI")
        self._stream: LiveStream | None = None

    def show(self, text: str) -> bool:
        """Show a text in place of the one before, none if it is empty; whether that is possible."""
        if self._stream is None and self._possible:
            if not text:
                return True
            self._stream = pytest_terminal.wrap_terminal(self._config, LiveStream)
            self._possible = self._stream is not None
        if self._stream is None:
            return False
        # A terminal that is gone must not keep anybody from tidying up.
        with contextlib.suppress(OSError, ValueError), pytest_terminal.past_capture(self._config):
            self._stream.show(printable(text))
        return True


class LiveStream:
    """A text stream in front of a terminal's, below whose last line another one is shown at times."""

    def __init__(self, stream: TextIO, line: str = "") -> None:
        """``line``: what stands in the last line of the stream already."""
        self._stream = stream
        self._lock = threading.RLock()
        self._shown: int | None = None
        self._line = re.split(r"[\r\n]", line)[-1]

    def show(self, text: str) -> None:
        """Show a text below what was written, or nothing if it is empty."""
        with self._lock:
            columns = shutil.get_terminal_size().columns
            if self._shown is None:
                if not text or columns < _NARROW:
                    return
                self._shown = _column(self._line, columns)
                self._stream.write("\n" if self._shown else "")
            elif not text:
                self._clear()
                return
            self._stream.write(_ERASE + _fitting(text, columns - 1))
            self._stream.flush()

    def write(self, text: str) -> int:
        """Write a text where it belongs; returns its length."""
        with self._lock:
            self._clear()
            self._line = re.split(r"[\r\n]", self._line + text)[-1]
            self._stream.write(text)
            return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def _clear(self) -> None:
        """Take the line away, and go back to the end of what was written."""
        if self._shown is not None:
            back = f"\x1b[1A\x1b[{self._shown + 1}G" if self._shown else ""
            self._stream.write(_ERASE + back)
            self._stream.flush()
            self._shown = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _column(line: str, columns: int) -> int:
    """Where the cursor is behind a line that may be longer than the terminal is wide, from 0."""
    width = _width(_CODES.sub("", line))
    return width % columns or (columns - 1 if width else 0)


def _width(text: str) -> int:
    return sum(_columns_of(char) for char in text)


def _columns_of(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "FW" else 1


def _fitting(text: str, columns: int) -> str:
    """As much of a text as has room in so many columns; how far it is, behind the last colon, goes last."""
    if _width(text) <= columns:
        return text
    words, colon, state = text.rpartition(": ")
    end = f"...{colon}{state}"
    if not colon or _width(end) * 4 > columns * 3:
        words, end = text, "..."
    kept = ""
    room = columns - _width(end)
    for char in words:
        room -= _columns_of(char)
        if room < 0:
            break
        kept += char
    return f"{kept}{end}"
