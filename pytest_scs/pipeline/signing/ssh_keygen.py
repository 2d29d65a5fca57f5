# SPDX-License-Identifier: Apache-2.0
"""Running OpenSSH's ``ssh-keygen``, which makes and checks the signatures of reports."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping

from pytest_scs.base.errors import InputError

#: What signatures of reports are made for; the compliance monitor takes no others.
NAMESPACE = "report"

#: Seconds after which a program that answers at once, or a person who is asked for a touch, will not answer any more.
PATIENCE = 60
PATIENCE_FOR_TOUCH = 120


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What ``ssh-keygen`` said; ``words`` are the lines of its standard error, ``late`` that it was ended."""

    code: int
    output: bytes
    words: tuple[str, ...]
    late: bool = False

    @property
    def reason(self) -> str:
        """Its last words, in one line."""
        return self.words[-1] if self.words else f"ssh-keygen ended with code {self.code}"


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
    """Run it with ``content`` on its standard input, ``seconds`` at most. Raises OSError if it cannot be started."""
    process = subprocess.Popen(  # noqa: S603 (what is run is found in PATH, its arguments are ours and names of files)
        [program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ if environ is None else environ),
        # Ctrl-C is for us: what is half done is nobody's signature.
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(content, seconds)
    except subprocess.TimeoutExpired:
        output, errors = _ended(process)
        return Answer(-1, output, _lines(errors), late=True)
    except BaseException:
        _ended(process)
        raise
    return Answer(process.returncode, output, _lines(errors))


def _ended(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.communicate()


def _lines(errors: bytes) -> tuple[str, ...]:
    """What it says, without what it always says, and without the frames of its warnings."""
    text = errors.decode("utf-8", "replace").replace("Enter passphrase: ", "")
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(line for line in lines if line.strip("@ ") and line != "Signing data on standard input")
