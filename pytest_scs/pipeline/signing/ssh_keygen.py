# SPDX-License-Identifier: Apache-2.0
"""Running OpenSSH's ``ssh-keygen``, which makes and checks the signatures of reports."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping
from typing import IO, Final

from pytest_scs.base.errors import InputError

#: What signatures of reports are made for; the compliance monitor takes no others.
NAMESPACE = "report"

#: Seconds after which a program that answers at once, or a person who is asked for a touch, will not answer any more.
PATIENCE = 60
PATIENCE_FOR_TOUCH = 120

#: Bytes of an output that are read: more than any signature, or list of those who may sign.
MOST: Final = 1 << 20

# Seconds after its end in which its last words arrive.
_GRACE: Final = 1.0


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What ``ssh-keygen`` said; ``words`` are the lines of its standard error, ``late`` that it was ended."""

    code: int
    output: bytes
    words: tuple[str, ...]
    late: bool = False

    @property
    def reason(self) -> str:
        """Its last words, in one line, else how it ended."""
        if self.late:
            return "it did not end in time"
        if self.words:
            return self.words[-1]
        return f"it was ended by signal {-self.code}" if self.code < 0 else f"it ended with code {self.code}"


def find_ssh_keygen(option: str) -> str:
    """Where the program is; raises InputError if there is none.

    Not in the current folder, or one that depends on it, whatever PATH says: reports lie there, which others have made.
    """
    places = [place for place in os.get_exec_path() if os.path.isabs(place)]
    if found := shutil.which("ssh-keygen", path=os.pathsep.join(places) or os.devnull):
        return found
    raise InputError(
        f"{option}: there is no ssh-keygen on this machine; install OpenSSH (Debian: apt install openssh-client)"
    )


def run_ssh_keygen(
    program: str,
    arguments: list[str],
    content: bytes,
    *,
    seconds: float = PATIENCE,
    environ: Mapping[str, str] | None = None,
) -> Answer:
    """Run it with ``content`` on its standard input, ``seconds`` at most. Raises OSError if it cannot be started.

    Of each of its outputs ``MOST`` bytes are read. What it leaves behind is not waited for.
    """
    process = subprocess.Popen(  # noqa: S603 (what is run is found in PATH, its arguments are ours and names of files)
        [program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ if environ is None else environ),
        # Ctrl-C is for us: what is half done is nobody's signature.
        start_new_session=True,
    )
    late = False
    try:
        output, errors = (_Listener(pipe) for pipe in (process.stdout, process.stderr) if pipe)
        threading.Thread(target=_give, args=(process.stdin, content), name="scs-ssh-keygen", daemon=True).start()
        process.wait(seconds)
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        late = isinstance(error, subprocess.TimeoutExpired)
        if not late:
            raise
    return Answer(-1 if late else process.returncode, output.heard(), _lines(errors.heard()), late)


class _Listener:
    """Reads an output in a thread, so far as it is looked at; whoever writes on after that is ended by the system."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._text = b""
        self._thread = threading.Thread(target=self._read, name="scs-ssh-keygen", daemon=True)
        self._thread.start()

    def heard(self) -> bytes:
        """What was said, once the program has ended: something that it left behind may hold its output open."""
        self._thread.join(_GRACE)
        return self._text

    def _read(self) -> None:
        with contextlib.suppress(OSError), self._pipe:
            while len(self._text) < MOST and (part := os.read(self._pipe.fileno(), 1 << 16)):
                self._text += part


def _give(pipe: IO[bytes], content: bytes) -> None:
    """Write to a program that may have ended, or read nothing."""
    with contextlib.suppress(OSError), pipe:
        pipe.write(content)


def _lines(errors: bytes) -> tuple[str, ...]:
    """What it says, without what it always says, and without the frames of its warnings."""
    text = errors.decode("utf-8", "replace").replace("Enter passphrase: ", "")
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(line for line in lines if line.strip("@ ") and line != "Signing data on standard input")
