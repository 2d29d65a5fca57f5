# SPDX-License-Identifier: Apache-2.0
"""``scs data``: of which day the data are that the verdicts rest on, and newer ones."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_scs.base import datafiles
from pytest_scs.base.errors import InputError
from pytest_scs.base.files import write_atomically
from pytest_scs.base.language import Language
from pytest_scs.base.words import cut, did_you_mean, printable
from pytest_scs.commands.arguments import add_language, language_of
from pytest_scs.commands.data_sources import Place, place
from pytest_scs.commands.data_versions import SourcesFailed, make_versions
from pytest_scs.standards.bundled_data import DATA
from pytest_scs.standards.datum import Content, Datum
from pytest_scs.standards.kaas.bundled_data import VERSIONS

#: As many differences of a file are shown without -v, and as many characters of one.
SHOWN = 40
LENGTH = 200


@dataclasses.dataclass(frozen=True, slots=True)
class _Newer:
    """A newer file: its text as it would be kept, and what it says otherwise than the one that is read now."""

    datum: Datum
    text: str
    before: dt.date | None
    day: dt.date
    changes: Sequence[tuple[str, ...]]

    @property
    def older(self) -> bool:
        """Whether the one that is read now is of a later day."""
        return self.before is not None and self.day < self.before


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    data = commands.add_parser(
        "data",
        help="show and refresh the data that verdicts rest on",
        description="Scope files, image lists, releases, CVEs and lists of tests come with this package and age.",
    )
    verbs = data.add_subparsers(metavar="VERB", required=True)
    show = verbs.add_parser("show", help="list them, with their day", description="List all data with their day (UTC).")
    add_language(show, "what is said")
    show.set_defaults(run=_show)
    refresh = verbs.add_parser(
        "refresh",
        help="compare them with newer ones, and keep these",
        description="Read newer data, check them, and show what they would change. Facts (kubernetes) are "
        "kept at once, what is demanded only with --write: in $PYTEST_SCS_DATA, by default ~/.local/share/pytest-scs "
        "(facts: ~/.cache/pytest-scs); deleting a file there brings the bundled one back.",
        epilog="examples: scs data refresh; scs data refresh scope-iaas --from=standards/ --write",
    )
    refresh.add_argument("names", nargs="*", metavar="NAME", help="what to refresh; without any, all that can be")
    refresh.add_argument(
        "--from",
        dest="origin",
        default="",
        metavar="DIR",
        help="a folder with the files or a checkout of SovereignCloudStack/standards; also the https URL of a mirror",
    )
    refresh.add_argument(
        "--as-of", metavar="DATE", help="the day (YYYY-MM-DD) of which the files are, if you know better"
    )
    refresh.add_argument("--write", action="store_true", help="keep the newer data; later runs read them and say so")
    refresh.add_argument("-v", "--verbose", action="store_true", help="show all differences")
    add_language(refresh, "what is said")
    refresh.set_defaults(run=_refresh)


def _show(arguments: argparse.Namespace) -> int:
    """Print a line for each data file."""
    spoken = language_of(arguments, "data show")
    today = dt.datetime.now(dt.UTC).date()
    width = max(len(datum.name) for datum in DATA)
    for datum in DATA:
        origin = str(datum.path) if datum.copied else spoken.phrase("bundled")
        day = spoken.phrase("as of {day}", day=datum.day)
        age = spoken.number((today - datum.day).days, "{count} day", "{count} days")
        print(f"{datum.name:{width}}  {day}  {age:>9}  {spoken.text(datum.title)} ({origin})")
        for text in (datum.note, datum.summary):
            if text:
                print(f"{'':{width}}  {spoken.text(text)}")
    return 0


def _refresh(arguments: argparse.Namespace) -> int:
    """Show what newer data would change; keep them if asked to. Everything is checked before anything is written."""
    spoken = language_of(arguments, "data refresh")
    day = _day(arguments.as_of)
    chosen = _chosen(arguments.names)
    origin = place(arguments.origin)
    facts = [datum for datum in chosen if datum.facts]
    newer, problems = _read_facts(facts, origin, day)
    refused: InputError | None = None
    try:
        newer += [one for datum in chosen if not datum.facts and (one := _newer(datum, origin, day))]
    except InputError as error:
        refused = error
    missing = [datum.name for datum in chosen if datum.name not in {*problems, *(one.datum.name for one in newer)}]
    if not refused and missing and (arguments.names or not (newer or problems)):
        needed = ", ".join(source.name for datum in chosen if datum.name in missing for source in datum.sources)
        raise InputError(f"data refresh: {origin.name} has no {', '.join(missing)}; it takes {needed}")
    _tell([one for one in newer if not refused or one.datum.facts], arguments, spoken)
    for name in missing if not refused else ():
        print(spoken.phrase("{name}: not in {origin}", name=name, origin=origin.name))
    for name, lines in problems.items():
        for line in lines:
            print(f"scs: data refresh: {name}: {printable(spoken.whole(line))}", file=sys.stderr)
    if refused:
        raise refused
    return 1 if problems else 0


def _tell(newer: Sequence[_Newer], arguments: argparse.Namespace, spoken: Language) -> None:
    """Show what newer data would change, and keep them: facts that are not older, all if asked to."""
    for one in sorted(newer, key=lambda one: DATA.index(one.datum)):
        _print_changes(one, spoken, verbose=arguments.verbose)
    kept = [one for one in newer if arguments.write or (one.datum.facts and not one.older)]
    _write(kept, spoken)
    if len(kept) < len(newer):
        folder = datafiles.user_folder()
        if kept:
            print(spoken.phrase("nothing else is written; --write keeps this in {folder}", folder=folder))
        else:
            print(spoken.phrase("nothing is written; --write keeps this in {folder}", folder=folder))


def _read_facts(
    facts: Sequence[Datum], origin: Place, day: dt.date | None
) -> tuple[list[_Newer], dict[str, Sequence[str]]]:
    """What a place has of facts, and what is wrong with them there, in lines: they stay as they are then."""
    newer: list[_Newer] = []
    problems: dict[str, Sequence[str]] = {}
    for datum in facts:
        try:
            if found := _newer(datum, origin, day):
                newer.append(found)
        except SourcesFailed as error:
            problems[datum.name] = error.lines
        except InputError as error:
            problems[datum.name] = [str(error).removeprefix(f"data refresh: {datum.name}: ")]
    return newer, problems


def _chosen(names: Sequence[str]) -> list[Datum]:
    """The data to refresh; raises InputError for a name that is none, or of what cannot be refreshed."""
    known = {datum.name: datum for datum in DATA if datum.sources}
    for name in names:
        if name not in known:
            fixed = any(datum.name == name for datum in DATA)
            why = "comes with each version of this package" if fixed else f"is unknown{did_you_mean(name, known)}"
            raise InputError(f"data refresh: {cut(name, LENGTH)!r} {why}; what can be refreshed: {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(names)] or [*known.values()]


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--as-of: {cut(text, LENGTH)!r} is no date YYYY-MM-DD") from None
    if day > dt.datetime.now(dt.UTC).date():
        raise InputError(f"--as-of: {day} is still to come")
    return day


def _newer(datum: Datum, origin: Place, day: dt.date | None) -> _Newer | None:
    """What a place has of a data file, checked; None if it lacks a part of it. Raises InputError for a wrong one."""
    try:
        found = _made(datum, origin, day)
        if found is None:
            return None
        text, read_at = found
        content = datum.read(text)
    except SourcesFailed:
        raise
    except InputError as error:
        raise InputError(f"data refresh: {datum.name}: {error}") from None
    name = origin.name or ", ".join(source.url for source in datum.sources)
    now, known = _known(datum)
    return _Newer(datum, datum.as_copy(text, read_at, name), now, read_at, [*_changes(known, content)])


def _made(datum: Datum, origin: Place, day: dt.date | None) -> tuple[str, dt.date] | None:
    """The text of a file of ours, and its day: as it lies there, or made of the files of those who keep the data."""
    if datum is VERSIONS:
        return make_versions(origin, day)
    if own := origin.read_own(datum.bundled.name):
        return datafiles.unstamped(own[0]), day or own[1]
    texts = []
    for source in datum.sources:
        text = origin.read(source)
        if text is None:
            return None
        texts.append(text)
    read_at = day or min(origin.day(source, text) for source, text in zip(datum.sources, texts, strict=True))
    return datum.convert(texts, read_at), read_at


def _known(datum: Datum) -> tuple[dt.date | None, Content]:
    """Day and content of the file that is read now; nothing of a damaged one, which is to be replaced."""
    try:
        return datum.day, datum.content()
    except InputError:
        return None, {}


def _changes(old: Content, new: Content) -> Iterator[tuple[str, ...]]:
    """What another file says otherwise: a line each, two where it says something else of the same."""
    for key in old.keys() | new.keys():
        if old.get(key) != new.get(key):
            yield tuple(_line(sign, key, one) for sign, one in (("-", old), ("+", new)) if key in one)


def _line(sign: str, key: str, content: Mapping[str, str]) -> str:
    text = "".join(char if char.isprintable() else " " for char in f"{key}: {content[key]}")
    return f"  {sign} {cut(text, LENGTH)}"


def _print_changes(one: _Newer, spoken: Language, *, verbose: bool) -> None:
    before = one.before or spoken.phrase("a damaged copy")
    count = len(one.changes)
    found = (
        spoken.number(count, "{count} difference", "{count} differences") if count else spoken.phrase("no differences")
    )
    print(f"{one.datum.name}: {spoken.phrase('as of {before} -> {day}', before=before, day=one.day)}: {found}")
    ordered = sorted(one.changes, key=lambda change: change[0][4:])
    shown = ordered if verbose else ordered[:SHOWN]
    for change in shown:
        for line in change:
            print(f"{line[:4]}{spoken.text(line[4:])}")
    if len(ordered) > len(shown):
        print(spoken.phrase("  ... {count} more; -v shows them all", count=len(ordered) - len(shown)))
    if one.older:
        print(spoken.phrase("  WARNING: this is older than what is read now ({day})", day=one.before))


def _write(newer: Sequence[_Newer], spoken: Language) -> None:
    for one in newer:
        path = one.datum.copy
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not os.access(path.parent, os.W_OK):
                raise PermissionError(0, "it is read-only")
            write_atomically(path, one.text)
        except OSError as error:
            why = error.strerror or error
            raise InputError(
                f"data refresh: cannot write to {path.parent}: {why}; PYTEST_SCS_DATA names another folder"
            ) from None
        print(spoken.phrase("written: {path}", path=path))
