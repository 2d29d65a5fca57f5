# SPDX-License-Identifier: Apache-2.0
"""Output that can no longer be written."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import pytest

from pytest_scs.base.streams import LastingStream


class Refusing(io.StringIO):
    """Takes a text, and no more after it."""

    def __init__(self, number: int, name: str | None = None) -> None:
        super().__init__()
        self._error = OSError(number, os.strerror(number), *([name] if name else []))

    def write(self, text: str) -> int:
        if self.getvalue():
            raise self._error
        return super().write(text)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EPIPE, ""),
        (errno.ENOSPC, "cannot write all of the output: No space left on device; give it another place"),
    ],
)
def test_what_cannot_be_written_is_lost_and_the_work_goes_on(number: int, said: str) -> None:
    inner = Refusing(number)
    stream = LastingStream(inner)
    assert [stream.write(text) for text in ("one\n", "two\n", "three\n")] == [4, 4, 6]
    stream.flush()
    assert inner.getvalue() == "one\n"
    assert stream.failure == said


def test_other_errors_are_not_hidden() -> None:
    stream = LastingStream(Refusing(errno.EACCES))
    stream.write("one\n")
    with pytest.raises(PermissionError):
        stream.write("two\n")
    assert stream.failure == ""


def test_what_is_held_back_is_not_complained_about_at_exit(tmp_path: Path) -> None:
    # A pipe that nobody reads; the stream holds back what was written until it is flushed, at the latest by Python.
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", encoding="utf-8") as pipe:
        stream = LastingStream(pipe)
        stream.write("held back\n")
        stream.flush()
        stream.write("lost\n")
        assert stream.failure == ""
        pipe.flush()
    assert stream.encoding.lower() == "utf-8"
