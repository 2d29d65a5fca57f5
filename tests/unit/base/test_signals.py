# SPDX-License-Identifier: Apache-2.0
"""Interruptions that wait, and those that end a process in one line."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_scs.base import files
from pytest_scs.base.private_files import PRIVATE
from pytest_scs.base.signals import NoTemporaryFile, temporary_folder, undisturbed

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """They are as they were afterwards, whatever the test makes of them."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in SIGNALS}
    yield
    after = [signal.getsignal(number) for number in SIGNALS]
    for number, handler in before.items():
        signal.signal(number, handler)
    assert after == [signal.default_int_handler] * len(SIGNALS)


@pytest.mark.parametrize("number", SIGNALS)
def test_an_interruption_comes_when_it_is_over(number: signal.Signals) -> None:
    done: list[str] = []

    def work() -> None:
        with undisturbed():
            with undisturbed():
                os.kill(os.getpid(), number)
                done.append("inner")
            done.append("outer")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["inner", "outer"]


def test_what_is_ignored_remains_so_and_other_threads_have_nothing_to_wait_for() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with undisturbed():
        os.kill(os.getpid(), signal.SIGHUP)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    seen: list[object] = []

    def work() -> None:
        with undisturbed():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]


def test_a_signal_that_ends_the_process_does_so_afterwards(tmp_path: Path) -> None:
    code = (
        "import os, signal; from pytest_scs.base.signals import undisturbed\n"
        "with undisturbed(): os.kill(os.getpid(), signal.SIGTERM); print('whole', flush=True)\n"
        "print('never')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGTERM, "whole\n")


@pytest.mark.parametrize("call", ["mkstemp", "chmod", "fsync", "unlink", "close", "replace", "link"])
def test_no_file_is_left_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """Interrupted right after each of the steps of writing a file, and of trying whether one can be written."""
    module = files.tempfile if call == "mkstemp" else os
    real = getattr(module, call)

    def interrupted(*arguments: object, **options: object) -> object:
        found = real(*arguments, **options)
        os.kill(os.getpid(), signal.SIGINT)
        return found

    path = tmp_path / "file"
    path.write_text("old")
    private = tmp_path / "private"
    with monkeypatch.context() as patch:
        patch.setattr(module, call, interrupted)
        for write in (
            lambda: files.write_atomically(path, "new"),
            lambda: files.create_atomically(tmp_path / "made", "new"),
            lambda: files.check_writable(path, "--option"),
            lambda: files.create_atomically(private, b"new", PRIVATE),
        ):
            try:
                write()
            except KeyboardInterrupt:
                continue
    left = sorted(one.name for one in tmp_path.iterdir())
    assert left == ["file", "made", "private"]
    assert {one.read_text() for one in tmp_path.iterdir()} == {"new"}


def test_a_temporary_folder_is_gone_after_an_interruption(tmp_path: Path) -> None:
    def work() -> None:
        with temporary_folder("x-", tmp_path) as folder:
            (folder / "secret").write_text("x")
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("raised", "code", "errors"), [("KeyboardInterrupt", 2, "one line\n"), ("ValueError", 1, "")])
def test_an_interruption_that_nothing_takes_is_one_line(raised: str, code: int, errors: str) -> None:
    text = f"from pytest_scs.base.last_line import end_in_one_line\nend_in_one_line('one line', 2)\nraise {raised}"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert done.stderr == errors or done.stderr.endswith("ValueError\n")


def test_the_watch_has_an_end() -> None:
    text = (
        "from pytest_scs.base.last_line import end_in_one_line\nend_in_one_line('one line', 2)()\n"
        "import sys; assert sys.excepthook is sys.__excepthook__"
    )
    assert subprocess.run([sys.executable, "-c", text], check=False).returncode == 0


def test_a_temporary_folder_that_cannot_be_made_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*args: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", fail)
    with pytest.raises(NoTemporaryFile) as raised, temporary_folder("scs-"):
        pass
    line = "no temporary file can be written: No space left on device; free some space, or set TMPDIR to another place"
    assert str(raised.value) == line
    # Beside a file of the user's it is about that place, which its caller names.
    with pytest.raises(OSError, match="No space left on device") as beside, temporary_folder("scs-", tmp_path):
        pass
    assert not isinstance(beside.value, NoTemporaryFile)
