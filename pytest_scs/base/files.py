# SPDX-License-Identifier: Apache-2.0
"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_scs.base.errors import InputError

# Read once, while there is one thread: the only way to ask is to change it.
_UMASK = os.umask(0o077)
os.umask(_UMASK)


def write_atomically(path: Path, text: str) -> None:
    """Replace the file's content at once; a reader sees the old file or the new one. Raises OSError, leaving nothing.

    Devices and pipes are written straight: they must not be replaced by a file. A link stays a link, and an existing
    file keeps its permissions.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_text(text, "utf-8")
        return
    with _written_beside(path, text) as name:
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_UMASK)
        os.replace(name, path)


def create_atomically(path: Path, text: str) -> None:
    """Make a new file, whole at once; raises FileExistsError if there is one, and OSError, leaving nothing."""
    with _written_beside(path, text) as name:
        os.chmod(name, 0o666 & ~_UMASK)
        try:
            os.link(name, path)
        except FileExistsError:
            raise
        except OSError:
            # No hard links there: the name is taken by an empty file, which is replaced at once.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            os.replace(name, path)
        else:
            os.unlink(name)


@contextlib.contextmanager
def _written_beside(path: Path, text: str) -> Iterator[str]:
    """The name of a temporary file with the text, on the disk, in the same folder; it is gone if anything fails."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield name
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def check_writable(path: Path, option: str) -> None:
    """Raise InputError if ``path`` cannot be written later, before a run spends time on its content."""
    _check_name(path, option)
    if path.is_dir():
        raise InputError(f"{option}: {path} is a directory; name a file in it")
    if path.exists() and not path.is_file():
        return
    if not path.parent.is_dir():
        raise InputError(f"{option}: there is no directory {path.parent}; create it first")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            # On a full disk a file can be created, but takes no content.
            os.write(handle, bytes(4096))
        finally:
            os.close(handle)
            os.unlink(name)
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(0, "the file is read-only")
    except OSError as error:
        raise InputError(f"{option}: cannot write {path}: {error.strerror or error}") from None


def check_creatable(path: Path, option: str) -> None:
    """Raise InputError if a file that its writer creates together with its folders cannot be written later."""
    _check_name(path, option)
    existing = next(parent for parent in path.absolute().parents if parent.exists())
    if not existing.is_dir():
        raise InputError(f"{option}: {existing} is no directory, so {path} cannot be written")
    for part in path.absolute().relative_to(existing).parts:
        # Whether a name is too long only its own folder tells, and a folder that is missing hides it.
        _check_name(existing / part, option)
    check_writable(path if existing == path.absolute().parent else existing / path.name, option)


def check_distinct(outputs: Mapping[str, Path], inputs: Mapping[str, Path]) -> None:
    """Raise InputError if a file, each by its option, would be written twice, or over one that is read.

    Devices take any number of texts.
    """
    seen: dict[str, str] = {}
    for option, path in [*inputs.items(), *outputs.items()]:
        where = os.path.realpath(path)
        if os.path.exists(where) and not os.path.isfile(where):
            continue
        if option in outputs and where in seen:
            raise InputError(f"{option}: {path} is the file of {seen[where]} as well; give each its own")
        seen.setdefault(where, option)


def _check_name(path: Path, option: str) -> None:
    """Raise InputError for a name that no file can have; what pathlib makes of it depends on Python's version."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise InputError(f"{option}: cannot write {path}: {error.strerror or error}") from None


def check_file(path: Path) -> None:
    """Raise OSError for a directory, and for a pipe, which would be waited for without end."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a directory, not a file")
    if path.is_fifo():
        raise OSError(errno.EINVAL, "it is a pipe, not a file")


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a file of ``most`` bytes at most; raises OSError, also for what is larger or no file."""
    check_file(path)
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most >> 20} MiB")
    return content
