# SPDX-License-Identifier: Apache-2.0
"""The reports that lie in files and folders (docs/reports.md#a-folder): each known once, whoever wrote it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import errno
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_file, read_bytes, why_unreadable
from pytest_scs.base.words import printable
from pytest_scs.pipeline.sent_notes import first_sent
from pytest_scs.reports.scs.model import ReportDocument
from pytest_scs.reports.scs.reader import MAX_BYTES, plain_documents, reports_in

_SUFFIXES = (".yaml", ".json")

# Keys of a report, in either form; what has two of them at its top is one, or should be, if it says what or when.
_KEYS = frozenset(("spec", "checked_at", "subject", "run", "creator", "tests"))
_TELLING = frozenset(("checked_at", "subject"))
_ENOUGH = 2

# The same in a text that cannot be parsed: at the beginning of a line in YAML, anywhere in JSON.
_KEY_IN_TEXT = re.compile(rb"(?:^|[{,]\s*)[\"']?(spec|checked_at|subject|run|creator|tests)[\"']?\s*:", re.MULTILINE)

# So much of a file that is too large is looked at to see whether it should be a report.
_HEAD = 65536


@dataclasses.dataclass(frozen=True, slots=True)
class StoredReport:
    """A report document and where it lies: ``number`` counts from 1 in a file of ``total`` documents."""

    path: Path
    document: ReportDocument
    number: int = 1
    total: int = 1

    @property
    def signature(self) -> Path:
        """Where its signature lies, if there is one: ``NAME.yaml.sig``."""
        return self.path.with_name(f"{self.path.name}.sig")

    def sent_at(self) -> dt.datetime | None:
        """When it was first sent, in UTC without zone, by the notes beside it; None where none tells."""
        return first_sent(self.path, self.document.uuid)


@dataclasses.dataclass(frozen=True, slots=True)
class ReportStore:
    """Reports in the order of their time, equal ones by place; ``unreadable`` has a line for each file that is none.

    A line is also there for each file that holds another report than the first one of the same UUID.
    """

    reports: tuple[StoredReport, ...]
    unreadable: tuple[str, ...] = ()


def read_store(places: Iterable[Path]) -> ReportStore:
    """The reports in files and below folders.

    A file that was named must be a report: raises InputError. Below a folder every ``*.yaml`` and ``*.json`` is looked
    at, but for hidden ones: what is something else, such as a score card, is passed over, and what should be a report
    and cannot be read has a line in ``unreadable``. A report that lies there twice counts once; of two with one UUID
    the one with a signature beside it, then the first by place.
    """
    found, unreadable = read_files(places)
    reports = _each_once(found, unreadable)
    order = sorted(reports, key=lambda one: (one.document.checked_at, str(one.path), one.number))
    return ReportStore(tuple(order), tuple(unreadable))


def read_files(places: Iterable[Path]) -> tuple[list[StoredReport], list[str]]:
    """The same, file by file: a report that lies there twice is there twice. Raises InputError."""
    found: list[StoredReport] = []
    unreadable: list[str] = []
    for place in places:
        for path in _files(place, unreadable):
            try:
                found += _read(path, named=not place.is_dir())
            except InputError as error:
                if not place.is_dir():
                    raise
                unreadable.append(printable(str(error)))
    return found, unreadable


def _each_once(found: Iterable[StoredReport], unreadable: list[str]) -> list[StoredReport]:
    """Of all reports with one UUID the one that counts; one that says something else is noted."""
    by_uuid: dict[str, list[StoredReport]] = {}
    for report in found:
        by_uuid.setdefault(report.document.uuid, []).append(report)
    chosen: list[StoredReport] = []
    for uuid, reports in by_uuid.items():
        if len(reports) > 1:
            reports.sort(key=lambda one: (not one.signature.is_file(), str(one.path), one.number))
        chosen.append(reports[0])
        unreadable += (
            printable(f"{other.path}: is another report than {reports[0].path}, but has its UUID ({uuid}): not counted")
            for other in reports[1:]
            if not _same(other.document, reports[0].document)
        )
    return chosen


def _same(one: ReportDocument, other: ReportDocument) -> bool:
    """Whether two documents say the same, in whatever form."""

    def essence(document: ReportDocument) -> object:
        return document.subject, document.spec.uuid, document.checked_at, document.results

    return essence(one) == essence(other)


def _read(path: Path, *, named: bool) -> list[StoredReport]:
    """The reports in a file; none where it is something else and was not ``named``. Raises InputError."""
    try:
        data = read_bytes(path, MAX_BYTES)
    except OSError as error:
        if error.errno == errno.EFBIG and not named and not _should_be_report(_head(path)):
            return []
        raise InputError(f"cannot read report {path}: {why_unreadable(error)}") from None
    if not named and data.strip() and not _should_be_report(data):
        return []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"report {path} is not UTF-8 text (byte {error.start}); name another file") from None
    plain = plain_documents(text, path)
    if named and any(map(_is_score_card, plain)):
        raise InputError(f"{path}: this is a score card, which is made from reports; name the reports themselves")
    # What is empty should be a report: nothing else is kept as an empty file here.
    if not named and plain and not any(map(_is_report, plain)):
        return []
    documents = reports_in(plain, path)
    return [StoredReport(path, document, number, len(documents)) for number, document in enumerate(documents, 1)]


def is_something_else(path: Path, data: bytes) -> bool:
    """Whether what a file holds is no report and should not be one, such as a score card."""
    if not data.strip():
        return False
    if not _should_be_report(data):
        return True
    try:
        plain = plain_documents(data.decode("utf-8"), path)
    except (UnicodeDecodeError, InputError):
        return False
    return bool(plain) and not any(map(_is_report, plain))


def _should_be_report(data: bytes) -> bool:
    found: set[str] = set()
    for one in _KEY_IN_TEXT.finditer(data):
        found.add(one[1].decode())
        if len(found) >= _ENOUGH and found & _TELLING:
            return True
    return False


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError:
        return b""


def _is_report(plain: Any) -> bool:
    if not isinstance(plain, dict) or _is_score_card(plain):
        return False
    found = _KEYS & plain.keys()
    return len(found) >= _ENOUGH and bool(found & _TELLING)


def _is_score_card(plain: Any) -> bool:
    """Whether it has the form of a score card: subject, scope, and results with a time of their own."""
    return isinstance(plain, dict) and {"subject", "scope", "results"} <= plain.keys() and "checked_at" not in plain


def _files(place: Path, unreadable: list[str]) -> list[Path]:
    if place.is_dir():
        return sorted(files_below(place, unreadable))
    try:
        check_file(place)
        place.stat()
    except OSError as error:
        raise InputError(f"cannot read report {place}: {why_unreadable(error)}") from None
    return [place]


def files_below(folder: Path, unreadable: list[str]) -> Iterator[Path]:
    """The files below a folder that may be reports; ``unreadable`` gets a line for each folder that cannot be read.

    Links are followed, each folder is looked at once; what is hidden is passed over.
    """
    seen: set[tuple[int, int]] = set()

    def note(error: OSError) -> None:
        unreadable.append(printable(f"cannot read folder {error.filename}: {why_unreadable(error)}"))

    for name, folders, files in os.walk(folder, onerror=note, followlinks=True):
        try:
            status = os.stat(name)
        except OSError as error:
            note(error)
            continue
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for file in files:
            path = Path(name, file)
            # Devices and pipes are no files, whatever they are called; a link that leads nowhere may have been one.
            if file.startswith(".") or path.suffix not in _SUFFIXES:
                continue
            try:
                wanted = path.is_file() or not path.exists()
            except OSError as error:  # a folder whose names may be listed, and nothing else
                note(OSError(error.errno, error.strerror, name))
                break
            if wanted:
                yield path
