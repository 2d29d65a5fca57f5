# SPDX-License-Identifier: Apache-2.0
"""The files of a result, in a folder or an archive, one after the other: nothing is unpacked, and all is bounded."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import io
import os
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import why_unreadable
from pytest_scs.base.words import shown

#: Bytes that an archive may hold unpacked, and files that a result may have.
MOST_BYTES: Final = 4 * 1024**3
MOST_FILES: Final = 200_000

#: Bytes that are read of it at once; only headers made to do harm are longer.
_MOST_AT_ONCE: Final = 16 * 1024**2

# Bytes that are read at once of what is only checked.
_PART: Final = 1024**2

_GZIP: Final = b"\x1f\x8b"
_TAR: Final = (b"ustar", 257)


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """A file of a result: its name with slashes, when it was last changed (seconds since 1970), and its content."""

    name: str
    changed: float
    stream: IO[bytes]


def is_archive(path: Path) -> bool:
    """Whether a file is a tar archive, compressed or not, by how it begins; raises OSError."""
    with path.open("rb") as file:
        start = file.read(_TAR[1] + len(_TAR[0]))
    return start.startswith(_GZIP) or start[_TAR[1] :] == _TAR[0]


def members(path: Path) -> Iterator[Member]:
    """The files of a folder or an archive, each to be read before the next one is asked for, within `explained`.

    Raises InputError, in one line, for an archive that is damaged, too large, or not what a runner writes: with links,
    or names that lead out of it; and for a folder with links, pipes, or folders that cannot be read.
    """
    return _of_folder(path) if path.is_dir() else _of_archive(path)


def _of_folder(folder: Path) -> Iterator[Member]:
    count = 0
    for place, folders, names in os.walk(folder, onerror=_refuse_unread):
        folders.sort()
        for name in folders:
            _check_own(folder, Path(place, name))
        for name in sorted(names):
            count += 1
            if count > MOST_FILES:
                raise InputError(f"{folder} has more than {MOST_FILES} files; name the folder of one result")
            path = Path(place, name)
            _check_own(folder, path)
            with explained(path), path.open("rb") as stream:
                yield Member(path.relative_to(folder).as_posix(), path.stat().st_mtime, stream)


def _refuse_unread(error: OSError) -> None:
    """What cannot be looked into may hold the failures."""
    raise InputError(f"cannot read {error.filename}: {why_unreadable(error)}")


def _check_own(folder: Path, path: Path) -> None:
    """Raise InputError for what no runner writes, and what is not read: it may stand for a file with failures."""
    if path.is_symlink():
        raise InputError(
            f"{folder} holds a link ({shown(str(path.relative_to(folder)), 100)}), which no result has; "
            "put the files themselves there"
        )
    if not path.is_file() and not path.is_dir():
        raise InputError(
            f"{folder} holds something that is neither file nor folder: {shown(str(path.relative_to(folder)), 100)}"
        )


def _of_archive(path: Path) -> Iterator[Member]:
    with contextlib.ExitStack() as stack:
        stack.enter_context(explained(path))
        stream = stack.enter_context(_unpacked(path))
        archive = stack.enter_context(tarfile.open(fileobj=stream, mode="r:"))
        count = 0
        while member := archive.next():
            count += 1
            # What was passed is not needed again.
            archive.members = []  # type: ignore[attr-defined]
            _check(path, member, count)
            if member.isfile() and (content := archive.extractfile(member)):
                yield Member(os.path.normpath(member.name), member.mtime, content)
        _check_end(path, stream, archive.offset)


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Within it, what reading a damaged archive or file raises becomes an InputError with one line."""
    try:
        yield
    except EOFError:
        raise InputError(f"{path} ends in the middle; fetch it again") from None
    except (tarfile.TarError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is no sound archive: {shown(str(error))}; fetch it again") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {why_unreadable(error)}") from None


def _unpacked(path: Path) -> _Bounded:
    with path.open("rb") as file:
        packed = file.read(len(_GZIP)) == _GZIP
    return _Bounded(gzip.open(path) if packed else path.open("rb"), path)


def _check_end(path: Path, stream: _Bounded, offset: int) -> None:
    """Raise for an archive that does not end as one: tarfile takes a damaged header for the end, too.

    Reading on to the end of the compressed file checks its sum, which covers all that was read before.
    """
    stream.seek(max(0, offset - tarfile.BLOCKSIZE))
    if stream.read(tarfile.BLOCKSIZE) != b"\0" * tarfile.BLOCKSIZE:
        stream.seek(offset)
        if stream.read(tarfile.BLOCKSIZE) != b"\0" * tarfile.BLOCKSIZE:
            raise EOFError
    while stream.read(_PART):
        pass


def _check(path: Path, member: tarfile.TarInfo, count: int) -> None:
    """Raise InputError for a member that no runner writes."""
    name = shown(member.name, 100)
    if count > MOST_FILES:
        raise InputError(f"{path} has more than {MOST_FILES} members; it cannot be a result")
    if member.issym() or member.islnk():
        raise InputError(f"{path} holds a link ({name}), which no result has")
    if os.path.isabs(member.name) or os.path.normpath(member.name).split("/")[0] == "..":
        raise InputError(f"{path} holds a name that leads out of it: {name}")
    if not (member.isfile() or member.isdir()) or member.issparse():
        raise InputError(f"{path} holds something that is neither file nor folder: {name}")
    if member.size > MOST_BYTES:
        raise InputError(f"{path} holds a file of more than {MOST_BYTES >> 30} GiB: {name}")


class _Bounded(io.BufferedIOBase):
    """An unpacked archive that ends with an error where it is larger than any result."""

    def __init__(self, stream: io.BufferedIOBase, path: Path) -> None:
        self._stream = stream
        self._path = path

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET:
            self._refuse_beyond(offset)
        return self._stream.seek(offset, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0 or size > _MOST_AT_ONCE:
            raise InputError(f"{self._path} has a header that no archive of a result has")
        self._refuse_beyond(self._stream.tell() + size)
        return self._stream.read(size)

    def close(self) -> None:
        self._stream.close()
        super().close()

    def _refuse_beyond(self, place: int) -> None:
        if place > MOST_BYTES:
            raise InputError(f"{self._path} holds more than {MOST_BYTES >> 30} GiB unpacked; it cannot be a result")
