# SPDX-License-Identifier: Apache-2.0
"""Score cards as files, ``scorecard.yaml`` in ``SCOPE/SUBJECT``, in the form of the announced official tool.

Other tools write them, too. What they know is kept: entries are replaced by newer ones, and never removed.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_not_planted, why_unwritable, write_atomically
from pytest_scs.base.words import printable
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.scorecard.scorecard import CardEntry, ScoreCard
from pytest_scs.reports.scs.values import Malformed, read_mapping, read_result, read_text, read_time

NAME: Final = "scorecard.yaml"

#: Times in the file: UTC, to the second, as text.
TIME: Final = "%Y-%m-%d %H:%M:%S"

_MAX_BYTES = 32 * 1024 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class CardFile:
    """The content of a file; ``results`` and ``more`` as they stand there, with whatever other tools have added."""

    subject: str
    scope: str
    results: Mapping[str, Mapping[str, Any]]
    more: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def read_card(path: Path) -> CardFile:
    """A score card that lies in a file; raises InputError, which names the file and what is wrong."""
    documents = yamlfile.load_documents(yamlfile.read_text(path, "score card", _MAX_BYTES), str(path))
    try:
        if len(documents) != 1:
            raise Malformed("score card", f"must be one document, found {len(documents)}")
        plain = read_mapping(documents[0], "score card")
        results = read_mapping(plain.get("results"), "results")
        for testcase, entry in results.items():
            _check_entry(read_text(testcase, "results"), read_mapping(entry, f"results.{testcase}"))
        more = {key: value for key, value in plain.items() if key not in ("subject", "scope", "results")}
        return CardFile(
            read_text(plain.get("subject"), "subject"), read_text(plain.get("scope"), "scope"), results, more
        )
    except Malformed as error:
        raise InputError(f"{path}: no score card: {error}") from None


def _check_entry(testcase: str, entry: Mapping[str, Any]) -> None:
    read_text(entry.get("report"), f"results.{testcase}.report")
    read_time(entry.get("checked_at"), f"results.{testcase}.checked_at")
    read_time(entry.get("expires_at"), f"results.{testcase}.expires_at")
    read_result(entry.get("result"), f"results.{testcase}.result")


def merged(card: ScoreCard, before: CardFile | None) -> CardFile:
    """What the file is to say: the newest of what the reports say and of what it said before.

    A report that lies here decides, also where both have the same second; an entry from a report that does not lie here
    stays if it is newer. Raises InputError where the file is about something else.
    """
    if before and (before.subject, before.scope) != (card.subject, card.uuid):
        raise InputError(f"it is the score card of {before.subject} in scope {before.scope}")
    here = {report.document.run.uuid for report in card.reports}
    results: dict[str, Mapping[str, Any]] = dict(before.results) if before else {}
    for entry in (*card.known, *card.unknown):
        old = results.get(entry.testcase)
        if entry.newest is not None and not (old and _stays(old, entry.newest.checked_at, here)):
            results[entry.testcase] = {**(old or {}), **_plain(entry)}
    more = before.more if before else {}
    return CardFile(card.subject, card.uuid, dict(sorted(results.items())), more)


def _stays(old: Mapping[str, Any], checked_at: dt.datetime, here: set[str]) -> bool:
    newer = read_time(old["checked_at"], "").replace(microsecond=0) > checked_at.replace(microsecond=0)
    return old["report"] not in here and newer


def _plain(entry: CardEntry) -> dict[str, Any]:
    newest, expires_at = entry.newest, entry.expires_at
    if newest is None or expires_at is None or newest.verdict is Verdict.MISS:
        raise ValueError(f"{entry.testcase} has no result")
    return {
        "report": newest.report,
        "checked_at": newest.checked_at.strftime(TIME).rjust(19, "0"),
        "expires_at": expires_at.strftime(TIME).rjust(19, "0"),
        "result": newest.verdict.number,
    }


def render(content: CardFile) -> str:
    """The text of the file."""
    plain = {
        "subject": content.subject,
        "scope": content.scope,
        "results": {testcase: dict(entry) for testcase, entry in content.results.items()},
        **content.more,
    }
    text: str = yaml.dump(
        plain, Dumper=_Dumper, explicit_start=True, sort_keys=False, allow_unicode=True, width=2**31 - 1
    )
    return text


class _Dumper(yamlfile.Dumper):  # type: ignore[misc]
    """Block style, without aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def folder_names(card: ScoreCard) -> tuple[str, str]:
    """The folders below that of the reports in which its file lies; raises InputError where a name is no folder's."""
    scope = card.scope.path.stem if card.scope else card.uuid
    for name in (scope, card.subject):
        if name in (".", "..") or "/" in name or not name.isprintable():
            raise InputError(f"no folder can be named after {name!r}")
    return scope, card.subject


def write_card(folder: Path, card: ScoreCard) -> tuple[Path, bool]:
    """Write or renew the file of a card: its path, and whether that changed anything.

    It lies beside the newest report that lies in ``SCOPE/SUBJECT``, else in such a folder below ``folder``.
    Raises InputError where what lies there is no score card, or about something else, and leaves it as it is then.
    """
    names = folder_names(card)
    beside = (one.path.parent for one in reversed(card.reports) if one.path.absolute().parts[-3:-1] == names)
    place = next(beside, folder.joinpath(*names))
    path = place / NAME
    before = read_card(path) if os.path.lexists(path) else None
    try:
        content = merged(card, before)
    except InputError as error:
        raise InputError(f"{path}: {error}; move it away") from None
    if before == content:
        return path, False
    try:
        check_not_planted(path)
        place.mkdir(parents=True, exist_ok=True)
        write_atomically(path, render(content))
    except OSError as error:
        raise InputError(f"cannot write score card {path}: {why_unwritable(error)}") from None
    return path, True


def write_cards(folder: Path, cards: Iterable[ScoreCard]) -> tuple[list[str], list[str]]:
    """Write the files of many cards: lines about those that changed, and about those that could not be written."""
    written, problems = [], []
    for card in cards:
        try:
            path, changed = write_card(folder, card)
        except InputError as error:
            problems.append(str(error))
        else:
            written += [printable(f"score card: {path}")] if changed else []
    return written, problems
