# SPDX-License-Identifier: Apache-2.0
"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.signals import undisturbed

# Read once, while there is one thread: the only way to ask is to change it.
_UMASK = os.umask(0o077)
os.umask(_UMASK)


def write_atomically(path: Path, text: str | bytes) -> None:
    """Replace the file's content at once; a reader sees the old file or the new one. Raises OSError, leaving nothing.

    Devices and pipes are written straight: they must not be replaced by a file. A link stays a link, and an existing
    file keeps its permissions. A link or pipe that somebody else has put into a folder where everybody may write, such
    as /tmp, is refused.
    """
    check_not_planted(path)
    # Before links are followed: that of an open pipe, such as /dev/stdout, leads to no name.
    if path.exists() and not path.is_file():
        path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        return
    path = path.resolve()
    with _written_beside(path, text) as name:
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_UMASK)
        os.replace(name, path)


def create_atomically(path: Path, text: str | bytes, mode: int | None = None) -> None:
    """Make a new file, whole at once; raises FileExistsError if there is one, and OSError, leaving nothing.

    ``mode``: who may read it; what the user's umask leaves, if it is None.
    """
    check_not_planted(path.parent)
    allowed = 0o666 & ~_UMASK if mode is None else mode
    with _written_beside(path, text) as name:
        os.chmod(name, allowed)
        try:
            os.link(name, path)
        except FileExistsError:
            raise
        except OSError:
            # No hard links there: the name is taken by an empty file, which is replaced at once.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, allowed))
            os.replace(name, path)
        else:
            os.unlink(name)


@contextlib.contextmanager
def folder_for(path: Path) -> Iterator[None]:
    """While a file is made: its folder is, where there is none, and is gone again if that fails. Raises OSError."""
    missing = [folder for folder in path.parents if not folder.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for folder in missing:
            # One into which somebody else has put something meanwhile stays.
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


#: As many links lead from one to the next before the system gives up.
_MOST_LINKS = 40


def check_not_planted(path: Path) -> None:
    """Raise PermissionError if a link on the way to ``path``, or a pipe there, may be a trap.

    That is one which neither we nor the owner of its folder made, in a folder with the sticky bit where everybody may
    write. Linux refuses the same with fs.protected_symlinks and protected_fifos, where that is switched on.
    """
    for _ in range(_MOST_LINKS):
        absolute = Path(os.path.abspath(path)) if ".." not in path.parts else Path.cwd() / path
        for part in (*reversed(absolute.parents), absolute):
            try:
                status = os.lstat(part)
            except OSError:
                return
            trap = stat.S_ISLNK(status.st_mode) or stat.S_ISFIFO(status.st_mode)
            if trap and _is_planted(part, status.st_uid):
                what = "link" if stat.S_ISLNK(status.st_mode) else "pipe"
                raise PermissionError(
                    errno.EACCES, f"{part} is a {what} of somebody else's in a folder open to everybody"
                )
            if stat.S_ISLNK(status.st_mode):
                # What is behind it has links of its own on the way.
                path = part.parent / os.readlink(part) / absolute.relative_to(part)
                break
        else:
            return


def _is_planted(path: Path, owner: int) -> bool:
    folder = os.stat(path.parent)
    open_to_all = folder.st_mode & stat.S_ISVTX and folder.st_mode & stat.S_IWOTH
    return bool(open_to_all) and owner not in (os.geteuid(), folder.st_uid)


@contextlib.contextmanager
def _written_beside(path: Path, text: str | bytes) -> Iterator[str]:
    """The name of a temporary file with the content, on the disk, in the same folder; it is gone if anything fails.

    An interruption waits until it has its place, or is gone.
    """
    with undisturbed(), _beside(path, text) as name:
        yield name


@contextlib.contextmanager
def _beside(path: Path, text: str | bytes) -> Iterator[str]:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8") if isinstance(text, str) else text)
            file.flush()
            os.fsync(file.fileno())
        yield name
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


#: What to do where a file cannot be read, by the number of the error.
_READABLE = {
    errno.ENOENT: "name a file that exists",
    errno.ENOTDIR: "name a file that exists",
    errno.EISDIR: "name a file in it",
    errno.EACCES: "let this user read it, or name another file",
    errno.EPERM: "let this user read it, or name another file",
    errno.ELOOP: "name the file itself, not a link",
}

#: The same where one cannot be written.
_WRITABLE = {
    errno.ENOSPC: "free some space, or name another place",
    errno.EDQUOT: "free some space, or name another place",
    errno.EROFS: "name a place that can be written to",
    errno.EACCES: "name a place that this user may write to",
    errno.EPERM: "name a place that this user may write to",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def why_unreadable(error: OSError) -> str:
    """Why a file cannot be read, and what to do: ``No such file or directory; name a file that exists``."""
    return _with_remedy(error, _READABLE)


def why_unwritable(error: OSError) -> str:
    """Why a file cannot be written, and what to do."""
    return _with_remedy(error, _WRITABLE)


def _with_remedy(error: OSError, remedies: Mapping[int, str]) -> str:
    remedy = remedies.get(error.errno or 0, "")
    return f"{error.strerror or error}{'; ' if remedy else ''}{remedy}"


def check_writable(path: Path, option: str) -> None:
    """Raise InputError if ``path`` cannot be written later, before a run spends time on its content."""
    _check_name(path, option)
    try:
        check_not_planted(path)
    except PermissionError as error:
        raise InputError(f"{option}: cannot write {path}: {why_unwritable(error)}") from None
    if path.is_dir():
        raise InputError(f"{option}: {path} is a directory; name a file in it")
    if path.exists() and not path.is_file():
        return
    if path.is_symlink():
        # It stays, and what it leads to is written.
        path = path.resolve()
    if not path.parent.is_dir():
        raise InputError(f"{option}: there is no directory {path.parent}; create it first")
    try:
        with undisturbed():
            _try_beside(path)
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(0, "the file is read-only")
    except OSError as error:
        raise InputError(f"{option}: cannot write {path}: {why_unwritable(error)}") from None


def _try_beside(path: Path) -> None:
    """Write a file beside it and remove it; on a full disk one can be created, but takes no content."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        os.write(handle, bytes(4096))
    finally:
        os.close(handle)
        os.unlink(name)


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
        raise InputError(f"{option}: cannot write {path}: {why_unwritable(error)}") from None


def check_file(path: Path) -> None:
    """Raise OSError for a directory, for a pipe, which would be waited for without end, and for no name of a file."""
    if "\0" in str(path):
        raise OSError(errno.EINVAL, "no name of a file has a NUL character")
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
        size = f"{most >> 20} MiB" if most >> 20 else f"{most >> 10} KiB"
        raise OSError(errno.EFBIG, f"it is larger than {size}")
    return content
