# SPDX-License-Identifier: Apache-2.0
"""The report files of a run: what goes where, whether that can be written, and writing it.

A file is what people sign and send, so it holds one official report. What is not official lies beside it, or, below a
folder, in files of its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_creatable, check_writable, create_atomically, folder_for, write_atomically
from pytest_scs.core.report_format import ReportFormat
from pytest_scs.core.results import Run
from pytest_scs.core.scope import Scope
from pytest_scs.pipeline.signing.signature_places import drop_signature, replacing
from pytest_scs.reports.scs.model import TOOL, ReportDocument
from pytest_scs.reports.scs.reader import read_reports
from pytest_scs.reports.scs.values import Malformed
from pytest_scs.reports.scs.writer import render, report_document, reported
from pytest_scs.run.report_place import ReportPlace

_OPTION = "--scs-report"

_JUDGED_AGAIN = (
    "its checked_at is the time of the recording and some microseconds: of two reports with one time the compliance "
    "monitor goes by the one it was sent first"
)

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

    ``written`` and ``problems`` are lines about the last time, for the summary, ``paths`` the files written then. No
    signature of an earlier report stays beside them. With ``only_verdicts`` none is written that has no verdict: where
    only what is due is judged, such a one would come every day anew.
    """

    def __init__(
        self, place: ReportPlace, form: ReportFormat = ReportFormat.CURRENT, *, only_verdicts: bool = False
    ) -> None:
        self._form = form
        self._only_verdicts = only_verdicts
        self.written: list[str] = []
        self.problems: list[str] = []
        self.paths: list[Path] = []
        self._place = place
        # In a folder: the files of this run, by scope, subject and time of what they report on.
        self._created: dict[tuple[str, str, str], Path] = {}
        self._removed = False

    def write(self, run: Run) -> None:
        """Write every report that the run has. What cannot be written is in ``problems`` and costs no other file."""
        self.written.clear()
        self.problems.clear()
        self.paths.clear()
        documents = [
            (scope, as_of, report_document(run, subject_run, scope, as_of).in_format(self._form))
            for subject_run, scope, as_of in reported(run)
        ]
        if self._only_verdicts:
            documents = [one for one in documents if self._has_verdicts(one[2])]
            if not documents:
                return
        if self._place.folder:
            for scope, as_of, document in documents:
                self._into_folder(scope, as_of, document)
        else:
            for _, as_of, document in documents:
                if as_of:
                    self._refuse(document)
            self._into_file(
                [document for scope, as_of, document in documents if scope.official and not as_of],
                [document for scope, as_of, document in documents if not scope.official and not as_of],
            )
        if run.replayed_at and self.written:
            self.written.append(_JUDGED_AGAIN)

    def _has_verdicts(self, document: ReportDocument) -> bool:
        if any(one.results for one in document.run.invocations.values()):
            return True
        self.written.append(f"{document.subject}: no verdict in {document.spec.name}, so no report is written")
        return False

    def _refuse(self, document: ReportDocument) -> None:
        """A file holds one report, of one time: what was seen at another one is left out of it, which is said."""
        names = ", ".join(name for one in document.run.invocations.values() for name in one.results)
        seen = document.checked_at.replace(microsecond=0)
        self.problems.append(
            f"{names}: judged as of {seen} UTC, so it belongs into a report of its own, and is in none; "
            f"give a folder: {_OPTION}=DIR/"
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
            with replacing(path) as stuck:
                write_atomically(path, render(documents))
        except (OSError, Malformed) as error:
            self._failed(path, error)
            return False
        self.problems += stuck
        self._wrote(path, documents[0])
        return True

    def _into_folder(self, scope: Scope, as_of: str, document: ReportDocument) -> None:
        key = (scope.uuid, document.subject, as_of)
        path = self._place.path / scope.path.stem / document.subject / f"{document.checked_at.strftime(_TIME)}.yaml"
        try:
            text = render([document])
            if key in self._created:
                path = self._created[key]
                with replacing(path):
                    write_atomically(path, text)
            else:
                with folder_for(path):
                    path = self._created[key] = _create(path, text)
        except (OSError, Malformed) as error:
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
                drop_signature(sibling)
                self._removed = True
        except InputError:
            return
        except OSError as error:
            self.problems.append(f"{sibling} is of an earlier run, and could not be removed: {error.strerror or error}")
        if self._removed:
            self.written.append(f"{sibling} was of an earlier run, and is removed")

    def _wrote(self, path: Path, document: ReportDocument) -> None:
        kind = "" if document.spec.official else " (unofficial: not for the compliance monitor)"
        if document.spec.official and self._form is ReportFormat.NEXT:
            kind = " (announced format: today's compliance monitor does not take it)"
        self.written.append(f"SCS report: {path}{kind}")
        self.paths.append(path)

    def _failed(self, path: Path, error: OSError | Malformed) -> None:
        cause = (isinstance(error, OSError) and error.strerror) or error
        self.problems.append(f"the report could not be written to {path}: {cause}")


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
            # The name was free, so what signature there is, is that of a report which somebody has removed.
            with contextlib.suppress(OSError):
                drop_signature(free)
            return free
