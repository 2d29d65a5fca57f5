# SPDX-License-Identifier: Apache-2.0
"""The report files of a run: what goes where, whether that can be written, and writing it.

A file is what people sign and send, so it holds one official report. What is not official lies beside it, or, below a
folder, in files of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_creatable, check_writable, create_atomically, write_atomically
from pytest_scs.core.results import Run
from pytest_scs.core.scope import Scope
from pytest_scs.reports.scs.model import TOOL, ReportDocument
from pytest_scs.reports.scs.reader import read_reports
from pytest_scs.reports.scs.writer import render, report_document, reported
from pytest_scs.run.report_place import ReportPlace

_OPTION = "--scs-report"

# How the time of a check is written in the name of a file: UTC, to the second.
_TIME = "%Y-%m-%dT%H%M%SZ"


def check_reports(place: ReportPlace, reports: Sequence[tuple[str, Scope]], *, writing: bool) -> None:
    """Raise InputError if the reports of a run cannot lie where the user wants them.

    ``reports``: subject and scope of each. With ``writing`` also whether the files can be written.
    """
    if place.folder:
        _check_folder(place.path, reports, writing)
    else:
        _check_file(place, reports, writing)


def _check_file(place: ReportPlace, reports: Sequence[tuple[str, Scope]], writing: bool) -> None:
    subjects = list(dict.fromkeys(subject for subject, _ in reports))
    official = [scope.name for _, scope in reports if scope.official]
    unofficial = [scope.name for _, scope in reports if not scope.official]
    for kind, names in (("subjects", subjects), ("official scopes", official)):
        if len(names) > 1:
            raise InputError(
                f"{_OPTION}: {place.path.name} holds one report, but there are {len(names)} {kind} "
                f"({', '.join(dict.fromkeys(names))}); give a folder: {_OPTION}=DIR/"
            )
    if unofficial and place.path.exists() and not place.path.is_file():
        raise InputError(
            f"{_OPTION}: {place.path} is no file with another beside it for the unofficial scope {unofficial[0]}; "
            f"give a folder: {_OPTION}=DIR/"
        )
    if writing and official:
        check_writable(place.path, _OPTION)
    if writing and unofficial:
        check_writable(place.sibling, _OPTION)


def _check_folder(folder: Path, reports: Iterable[tuple[str, Scope]], writing: bool) -> None:
    for subject, scope in reports:
        for what, name in (("subject", subject), ("scope file", scope.path.stem)):
            if name in (".", ".."):
                raise InputError(f"{_OPTION}: no folder can be named after the {what} {name!r}; give it another name")
        if writing:
            check_creatable(folder / scope.path.stem / subject / f"{_TIME}.yaml", _OPTION)


class ReportFiles:
    """Writes the reports of a run, once or, when it ends early, again: then in place of what this run wrote before.

    ``written`` and ``problems`` are lines about the last time, for the summary.
    """

    def __init__(self, place: ReportPlace) -> None:
        self.written: list[str] = []
        self.problems: list[str] = []
        self._place = place
        # In a folder: the files of this run, in the order of its documents.
        self._created: dict[int, Path] = {}
        self._removed = False

    def write(self, run: Run) -> None:
        """Write every report that the run has. What cannot be written is in ``problems`` and costs no other file."""
        self.written.clear()
        self.problems.clear()
        documents = [(scope, report_document(run, subject_run, scope)) for subject_run, scope in reported(run)]
        if self._place.folder:
            for number, (scope, document) in enumerate(documents):
                self._into_folder(number, scope.path.stem, document)
        else:
            self._into_file(
                [document for scope, document in documents if scope.official],
                [document for scope, document in documents if not scope.official],
            )

    def _into_file(self, official: list[ReportDocument], unofficial: list[ReportDocument]) -> None:
        path, sibling = self._place.path, self._place.sibling
        renewed = bool(official) and self._replace(path, official)
        beside = bool(unofficial) and self._replace(sibling, unofficial)
        if not official:
            earlier = "; what is there is of an earlier run" if path.is_file() else ""
            self.written.append(f"no official scope was judged, so {path} is not written{earlier}")
        if renewed and not beside:
            self._forget(sibling)

    def _replace(self, path: Path, documents: list[ReportDocument]) -> bool:
        try:
            write_atomically(path, render(documents))
        except OSError as error:
            self._failed(path, error)
            return False
        self._wrote(path, documents[0])
        return True

    def _into_folder(self, number: int, stem: str, document: ReportDocument) -> None:
        path = self._place.path / stem / document.subject / f"{document.checked_at.strftime(_TIME)}.yaml"
        text = render([document])
        try:
            if number in self._created:
                path = self._created[number]
                write_atomically(path, text)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path = self._created[number] = _create(path, text)
        except OSError as error:
            self._failed(path, error)
        else:
            self._wrote(path, document)

    def _forget(self, sibling: Path) -> None:
        """Remove what an earlier run left beside a new report, and which looks as if it belonged to it.

        Only what that run would have written over without asking, had it judged an unofficial scope: a file with
        anything but unofficial reports of ours stays.
        """
        try:
            found = read_reports(sibling) if sibling.is_file() else []
            if found and all(map(_ours_and_unofficial, found)):
                sibling.unlink()
                self._removed = True
        except InputError:
            return
        except OSError as error:
            self.problems.append(f"{sibling} is of an earlier run, and could not be removed: {error.strerror or error}")
        if self._removed:
            self.written.append(f"{sibling} was of an earlier run, and is removed")

    def _wrote(self, path: Path, document: ReportDocument) -> None:
        kind = "" if document.spec.official else " (unofficial: not for the compliance monitor)"
        self.written.append(f"SCS report: {path}{kind}")

    def _failed(self, path: Path, error: OSError) -> None:
        self.problems.append(f"the report could not be written to {path}: {error.strerror or error}")


def _ours_and_unofficial(document: ReportDocument) -> bool:
    return document.debug is not None and document.debug.tool.startswith(TOOL) and not document.spec.official


def _create(path: Path, text: str) -> Path:
    """Create the file, or ``NAME-2.yaml`` and so on where its name is taken; raises OSError."""
    free, number = path, 1
    while True:
        try:
            create_atomically(free, text)
        except FileExistsError:
            number += 1
            free = path.with_name(f"{path.stem}-{number}{path.suffix}")
        else:
            return free
