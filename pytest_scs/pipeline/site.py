# SPDX-License-Identifier: Apache-2.0
"""Static pages of a fleet: an overview, a page for each subject with its history, and copies of the reports.

For a web server of one's own, or to be opened as files: no program, nothing from elsewhere. Files are replaced whole,
what is linked before what links to it; nothing is removed, and no page of somebody else is written over.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import (
    check_not_planted,
    folder_for,
    read_bytes,
    why_unreadable,
    why_unwritable,
    write_atomically,
)
from pytest_scs.base.language import Language
from pytest_scs.base.words import printable
from pytest_scs.core.scope import Scope
from pytest_scs.pipeline.changes.history import Moment, changes_told, histories, numbers_told, signer
from pytest_scs.pipeline.merging import KnownResult
from pytest_scs.pipeline.report_store import StoredReport
from pytest_scs.pipeline.scorecard import scorecard_json
from pytest_scs.pipeline.scorecard.scorecard import Fleet
from pytest_scs.pipeline.scorecard.scorecard_html import Cell, Pages, history_cell
from pytest_scs.pipeline.signing.signatures import BadSignature
from pytest_scs.reports.scs.reader import MAX_BYTES

#: What tells our pages from others.
GENERATOR: Final = '<meta name="generator" content="pytest-scs site">'

#: Reports of a history that are shown; the files of all others are where they were.
MOST: Final = 500


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """A report in a history: what it said, what it meant then, what it changed."""

    time: str
    cell: Cell | None
    numbers: str
    changes: list[str]
    report: str
    href: str
    signed: str


@dataclasses.dataclass(frozen=True, slots=True)
class Past:
    """The history of a subject in a scope, newest first; ``older`` is how many reports are left out."""

    title: str
    events: list[Event]
    older: int


@dataclasses.dataclass(frozen=True, slots=True)
class Site:
    """The files of a site by their place in it: those that are copied, and pages in the order of their writing."""

    copies: Mapping[str, Path]
    pages: Mapping[str, str]


def build(
    fleet: Fleet, reports: Sequence[StoredReport], scopes: Mapping[str, Scope], words: Language, *, copies: bool = True
) -> Site:
    """All files of a site; with ``copies`` those of the reports and their signatures, byte for byte.

    Without them its pages show of reports only what the monitor shows everybody.
    """
    files, places = _copies(reports) if copies else ({}, {})

    def link(result: KnownResult) -> str:
        return f"../{quote(places[result.report])}" if result.report in places else ""

    pages = Pages(fleet, words, link, public=not copies)
    names = _names(fleet.subjects)
    past = histories(reports, scopes)
    content: dict[str, str] = {}
    for subject, name in names.items():
        if not fleet.of(subject):
            continue
        view = pages.subject(subject)
        passed = [_past(pages, card.name, past.get((subject, card.uuid), []), places) for card in fleet.of(subject)]
        title = words.phrase("SCS conformance of {name}", name=printable(subject))
        facts = pages.facts(sum(len(card.reports) for card in fleet.of(subject)), subjects=False)
        content[f"subjects/{name}.html"] = pages.render("site_subject.html.j2", title, [view], facts=facts, past=passed)
    content["scorecard.json"] = scorecard_json.render(fleet)
    content["index.html"] = _index(pages, names, len(reports))
    return Site(files, content)


def _index(pages: Pages, names: Mapping[str, str], reports: int) -> str:
    anchors = {
        (subject, card.uuid): f"{pages.anchor(subject)}-{number}"
        for subject in names
        for number, card in enumerate(pages.fleet.of(subject), 1)
    }

    def href(subject: str, uuid: str) -> str:
        if uuid and (subject, uuid) not in anchors:
            return ""
        return f"subjects/{quote(names[subject])}.html" + (f"#{anchors[subject, uuid]}" if uuid else "")

    title = pages.words.phrase("SCS conformance")
    return pages.render("site_index.html.j2", title, [], facts=pages.facts(reports), rows=pages.overview(href))


def _past(pages: Pages, name: str, moments: Sequence[Moment], places: Mapping[str, str]) -> Past:
    shown = moments[-MOST:]
    events = [_event(pages, moment, places) for moment in reversed(shown)]
    return Past(printable(pages.words.text(name)), events, len(moments) - len(shown))


def _event(pages: Pages, moment: Moment, places: Mapping[str, str]) -> Event:
    uuid = moment.report.document.run.uuid
    return Event(
        time=f"{moment.checked_at:%Y-%m-%d %H:%M}",
        cell=history_cell(pages, moment.state) if moment.state else None,
        numbers=numbers_told(moment),
        changes=changes_told(moment),
        report=printable(uuid),
        href=f"../{quote(places[uuid])}" if uuid in places else "",
        signed=moment.signed,
    )


def _copies(reports: Iterable[StoredReport]) -> tuple[dict[str, Path], dict[str, str]]:
    """What is copied by its place in the site, and the place of each report by its UUID.

    A place is named after what lies there, so that it never has to be written again.
    """
    files: dict[str, Path] = {}
    places: dict[str, str] = {}
    known: dict[Path, str] = {}
    for report in reports:
        if report.path not in known:
            try:
                digest = _digest(read_bytes(report.path, MAX_BYTES))
            except OSError:
                continue  # it has gone meanwhile: there is no link then
            suffix = ".json" if report.path.suffix == ".json" else ".yaml"
            known[report.path] = place = f"reports/{_plain(report.document.run.uuid)}-{digest}{suffix}"
            files[place] = report.path
            with contextlib.suppress(OSError, BadSignature):
                if signer(report):
                    files[f"{place}.sig"] = report.signature
        places[report.document.run.uuid] = known[report.path]
    return files, places


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _names(subjects: Iterable[str]) -> dict[str, str]:
    """Subject -> the name of its page: its own where every file system and web server takes it, else one made of it."""
    subjects = list(subjects)
    alike = Counter(subject.casefold() for subject in subjects)
    return {subject: _plain(subject, unsure=alike[subject.casefold()] > 1) for subject in subjects}


def _plain(name: str, *, unsure: bool = False) -> str:
    if re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,80}", name) and not unsure:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)[:60]}-{digest}"


def write(folder: Path, site: Site) -> int:
    """Write the files of a site into a folder, which is made where there is none; how many were new or changed.

    Raises InputError where a file cannot be written, or one of somebody else is in its place.
    """
    for place in site.pages:
        _check_own(folder / place)
    changed = 0
    try:
        for place, source in site.copies.items():
            changed += _copy(folder / place, source)
        for place, text in site.pages.items():
            changed += _write(folder / place, text)
    except OSError as error:
        raise InputError(f"cannot write {error.filename or folder}: {why_unwritable(error)}") from None
    return changed


def _write(path: Path, text: str) -> bool:
    check_not_planted(path)
    with folder_for(path):
        write_atomically(path, text)
    return True


def _copy(path: Path, source: Path) -> bool:
    """Copy a report, or its signature, which may be made anew; what is there already is not written again."""
    try:
        text = read_bytes(source, MAX_BYTES).decode("utf-8")
        if path.is_file() and (path.suffix != ".sig" or path.read_bytes() == text.encode()):
            return False
    except UnicodeDecodeError:
        return False
    return _write(path, text)


def _check_own(path: Path) -> None:
    """Raise InputError for a page that is not ours."""
    if not os.path.lexists(path):
        return
    try:
        beginning = path.read_bytes()[:4096] if os.path.isfile(path) else b""
    except OSError as error:
        raise InputError(f"cannot read {path}: {why_unreadable(error)}") from None
    mark = b'"pytest-scs"' if path.suffix == ".json" else GENERATOR.encode()
    if os.path.islink(path) or mark not in beginning:
        raise InputError(f"{path} is no page of scs report site, and is not written over; name another folder")
