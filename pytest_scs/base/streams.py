# SPDX-License-Identifier: Apache-2.0
"""Input and output of a command where whoever started it closed them, or where nothing more can be written to."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import Any, TextIO

#: What writing fails with where the disk is full, or the terminal has gone.
_NO_MORE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})


def open_closed_streams() -> None:
    """Let input that is closed be empty, and output that is closed be lost, instead of having none.

    Python has None for a stream that was closed at the start (``scs ... >&-``), and files opened later would get its
    number.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            place = os.open(os.devnull, os.O_RDWR)
            if place != number:
                os.dup2(place, number)
                os.close(place)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))


def lose_output(stream: TextIO | None = None) -> None:
    """What is left to be written to a stream (standard output if none is given) goes nowhere; raises OSError.

    Python would complain about it when it flushes at exit.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, (stream or sys.stdout).fileno())
    os.close(nowhere)


def output_failure(error: OSError) -> str:
    """The line about output that cannot be written; empty where the error is about anything else, such as a file."""
    if error.filename is not None or error.errno not in _NO_MORE:
        return ""
    return f"cannot write the output: {error.strerror}; give it another place"


class LastingStream:
    """A text stream in front of another one: what can no longer be written there is lost, and the work goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lost: OSError | None = None

    @property
    def failure(self) -> str:
        """The line about what is lost; empty where nothing is, and where a reader has seen enough, as ``head`` has."""
        if self._lost is None or isinstance(self._lost, BrokenPipeError):
            return ""
        return f"cannot write all of the output: {self._lost.strerror}; give it another place"

    def write(self, text: str) -> int:
        """Write a text, or lose it; returns its length."""
        if self._lost is None:
            try:
                self._stream.write(text)
            except OSError as error:
                self._lose(error)
        return len(text)

    def flush(self) -> None:
        """Write what is held back, or lose it."""
        if self._lost is None:
            try:
                self._stream.flush()
            except OSError as error:
                self._lose(error)

    def _lose(self, error: OSError) -> None:
        """Note why, and lose what is held back; raises an error again that is about anything else."""
        if not isinstance(error, BrokenPipeError) and not output_failure(error):
            raise error
        self._lost = error
        with contextlib.suppress(OSError, ValueError):
            lose_output(self._stream)
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
