# SPDX-License-Identifier: Apache-2.0
"""The file of a dossier: a zip that is the same for the same content, and is read as a stranger's."""

from __future__ import annotations

import hashlib
import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_file, why_unreadable
from pytest_scs.base.words import shown

#: Most bytes of one member, of all of them together, and of the file; and most members.
MAX_MEMBER = 64 << 20
MAX_CONTENT = 512 << 20
MAX_FILE = 256 << 20
MAX_MEMBERS = 5000

#: Where the list of the others lies.
MANIFEST = "manifest.json"

#: Where its signature lies, which is one of all: the manifest has the SHA-256 of every other file.
MANIFEST_SIGNATURE = f"{MANIFEST}.sig"

# Zip has no date before it, and that of a member would differ with each dossier.
_NO_DATE = (1980, 1, 1, 0, 0, 0)

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+ -]*(?:/[A-Za-z0-9_][A-Za-z0-9_.+ -]*)*")
_LONGEST_NAME = 400
# Longer parts of a name no folder takes.
_LONGEST_PART = 200

# The end of a zip: its mark and length; those of the large form, which would stand ahead of it.
_END, _END_LENGTH, _LARGE, _LARGE_LENGTH = b"PK\x05\x06", 22, b"PK\x06\x07", 20
_MAX_DIRECTORY = 4 << 20

_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error, ValueError)


def fits_name(name: str) -> bool:
    """Whether a member can have a name: it leads nowhere but into the dossier, on every system."""
    if len(name) > _LONGEST_NAME or max(map(len, name.split("/"))) > _LONGEST_PART:
        return False
    return _NAME.fullmatch(name) is not None


def packed(files: Mapping[str, bytes]) -> bytes:
    """Files by name as a zip; the same files give the same bytes. Raises InputError if they are too many or large."""
    if len(files) > MAX_MEMBERS or sum(map(len, files.values())) > MAX_CONTENT:
        raise InputError(
            f"report dossier: it would hold {len(files)} files of {sum(map(len, files.values())) >> 20} MiB; at most "
            f"{MAX_MEMBERS} of {MAX_CONTENT >> 20} MiB go into one: make one for each subject"
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _NO_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whatever it is made on
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, files[name], compresslevel=9)
    return buffer.getvalue()


def sha256(content: bytes) -> str:
    """The SHA-256 of a content, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


class Archive:
    """A zip that somebody else made: nothing of it is unpacked under a name of its own."""

    def __init__(self, path: Path) -> None:
        """Raises InputError if it is no zip that a dossier could be."""
        self.path = path
        try:
            check_file(path)
            if path.is_file() and path.stat().st_size > MAX_FILE:
                raise self.refusal(f"it is larger than {MAX_FILE >> 20} MiB")
            self._file = path.open("rb")
        except OSError as error:
            raise InputError(f"cannot read the dossier {path}: {why_unreadable(error)}") from None
        try:
            self._check_end()
            self._zip = zipfile.ZipFile(self._file)
            self._entries = {entry.filename: entry for entry in self._zip.infolist()}
            self._check_entries(self._zip.infolist())
        except _DAMAGED as error:
            self._file.close()
            raise self.refusal(f"it is no zip file: {shown(str(error))}") from None
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()
        self._file.close()

    @property
    def names(self) -> list[str]:
        """The names of all members."""
        return list(self._entries)

    def read(self, name: str) -> bytes:
        """The content of a member; raises InputError if it is not there, or damaged."""
        if name not in self._entries:
            raise self.refusal(f"it has no {shown(name)}")
        entry = self._entries[name]
        try:
            with self._zip.open(entry) as member:
                content = member.read(entry.file_size + 1)
        except (*_DAMAGED, OSError) as error:
            raise self.refusal(f"{name} in it is damaged: {shown(str(error))}") from None
        if len(content) != entry.file_size:
            raise self.refusal(f"{name} in it is not as long as it says")
        return content

    def refusal(self, why: str) -> InputError:
        """Why this is no dossier, to be raised."""
        return InputError(f"{self.path}: no dossier: {why}")

    def _check_end(self) -> None:
        """Refuse a directory that would not fit into memory, before it is read."""
        size = self._file.seek(0, io.SEEK_END)
        self._file.seek(max(0, size - _END_LENGTH - 0xFFFF - _LARGE_LENGTH))
        tail = self._file.read()
        self._file.seek(0)
        at = tail.rfind(_END)
        if at < 0 or len(tail) - at < _END_LENGTH:
            raise self.refusal("it is no zip file")
        (length,) = struct.unpack_from("<L", tail, at + 12)
        if length > _MAX_DIRECTORY or tail[max(0, at - _LARGE_LENGTH) : at].startswith(_LARGE):
            raise self.refusal(f"it holds more than {MAX_MEMBERS} files, or files larger than any dossier has")

    def _check_entries(self, entries: list[zipfile.ZipInfo]) -> None:
        if len(entries) > MAX_MEMBERS:
            raise self.refusal(f"it holds {len(entries)} files; at most {MAX_MEMBERS} are read")
        lower: set[str] = set()
        for entry in entries:
            self._check_entry(entry)
            name = entry.filename
            if name.lower() in lower:
                raise self.refusal(f"it holds {shown(name)} twice")
            lower.add(name.lower())
        folders = {name[:at] for name in lower for at, char in enumerate(name) if char == "/"}
        if both := sorted(lower & folders):
            raise self.refusal(f"{shown(both[0])} is a file and a folder in it")
        if sum(entry.file_size for entry in entries) > MAX_CONTENT:
            raise self.refusal(f"what it holds is larger than {MAX_CONTENT >> 20} MiB")

    def _check_entry(self, entry: zipfile.ZipInfo) -> None:
        name, mode = entry.orig_filename, entry.external_attr >> 16
        if not fits_name(name) or name != entry.filename:
            raise self.refusal(f"the name {shown(name)!r} could lead out of it")
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise self.refusal(f"{shown(name)} is a link, or no file")
        if entry.flag_bits & 0x1:
            raise self.refusal(f"{shown(name)} is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self.refusal(f"{shown(name)} is compressed in a way that no dossier is")
        if entry.file_size > MAX_MEMBER:
            raise self.refusal(f"{shown(name)} is larger than {MAX_MEMBER >> 20} MiB")
