# SPDX-License-Identifier: Apache-2.0
"""Files for their owner alone."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from pytest_scs.base.files import check_file

#: Mode of a file that only its owner can read.
PRIVATE = 0o600


def read_private(path: Path, most: int) -> tuple[bytes, int]:
    """Content and mode of a file with a secret, of ``most`` bytes at most; both of the same file. Raises OSError.

    The mode is 0 where it does not matter: of a file of somebody else's, as a mounted secret is, which we may read by
    its group alone.
    """
    check_file(path)
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no file")
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most >> 10} KiB")
    return content, stat.S_IMODE(status.st_mode) if is_open_to_others(status) else 0


def write_for_owner(path: Path, text: str) -> None:
    """Write a text to a file that only its owner can read, also where the file existed before. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, PRIVATE)
        file.write(text)


def is_open_to_others(status: os.stat_result) -> bool:
    """Whether others can read what should be private.

    A mounted secret belongs to root and is read by a group: that nobody else may read it is all that can be asked.
    """
    mode = stat.S_IRWXG | stat.S_IRWXO if status.st_uid == os.geteuid() else stat.S_IRWXO | stat.S_IWGRP
    return bool(status.st_mode & mode)


def open_private_folder(path: Path) -> None:
    """Make a folder, and those it lies in, that only their owner may enter; one that exists stays. Raises OSError."""
    for part in (*reversed(path.absolute().parents), path.absolute()):
        if not part.exists():
            part.mkdir(mode=0o700)
