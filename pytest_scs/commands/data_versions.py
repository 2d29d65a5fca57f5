# SPDX-License-Identifier: Apache-2.0
"""``scs data refresh kubernetes``: version data out of what several projects publish (docs/standards/scs-0210.md#data).

Status and form of every answer are checked; data are complete, or refused with a line for each source that is not.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import FormError
from pytest_scs.base.strict_json import NoStrictJson, read_json
from pytest_scs.commands.data_sources import Online, Place
from pytest_scs.standards.datum import Source
from pytest_scs.standards.kaas import bundled_data as files
from pytest_scs.standards.kaas import version_sources as sources
from pytest_scs.standards.kaas.version_data import Cve, OfficialTable, VersionData

T = TypeVar("T")

#: Records of CVEs are asked for one by one, so many at the same time.
CONCURRENCY: Final = 5
#: As many records that cannot be read are named.
_NAMED: Final = 3


class SourcesFailed(InputError):
    """Some sources cannot be used; ``lines`` has one for each of them."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = tuple(lines)


@dataclasses.dataclass(slots=True)
class _Gathering:
    """Reads one source after the other; what goes wrong with one becomes a line, and does not stop the others."""

    origin: Place
    problems: list[str] = dataclasses.field(default_factory=list)
    read: list[tuple[Source, str]] = dataclasses.field(default_factory=list)
    absent: int = 0

    def one(self, name: str, source: Source, make: Callable[[Any], T], *, optional: bool = False) -> T | None:
        """What ``make`` makes of a source, YAML or JSON by its name; None if it is not there or of no use."""
        with _Line(self, name):
            text = self.origin.read(source)
            if text is not None:
                self.read.append((source, text))
                return make(_document(text, source.name))
            if not optional:
                self.lacks(name, source.name)
        return None

    def lacks(self, name: str, files_named: str) -> None:
        """Note that a source is not there."""
        self.absent += 1
        self.problems.append(f"{name}: there is no {files_named} in {self.origin.name}")

    def releases(self) -> sources.Releases | None:
        """The releases, of one source or of several."""
        found: sources.Releases = {}
        with _Line(self, "releases"):
            for source in (files.RELEASES, files.RELEASES_AS_JSON):
                if not found and (pages := self._pages(source)) is not None:
                    found |= sources.read_github([_json(page) for page in pages])
            if not isinstance(self.origin, Online) or self.origin.base:
                tags = self.origin.read(files.TAGS)
                if tags is not None:
                    self.read.append((files.TAGS, tags))
                    found = {**sources.read_endoflife(_json(tags)), **found}
            if not found:
                self.lacks("releases", "releases, releases.json or kubernetes.json")
        return found or None

    def _pages(self, source: Source) -> list[str] | None:
        if not source.url and isinstance(self.origin, Online) and not self.origin.base:
            return None
        pages = self.origin.pages(source)
        self.read += [(source, page) for page in pages or ()]
        return pages

    def cves(self, identities: Sequence[str]) -> tuple[list[Cve], list[str]] | None:
        """The CVEs that count, and the ids of records at which the official suite gives up."""
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            answers = list(pool.map(self._cve, identities))
        wrong = [answer for answer in answers if isinstance(answer, str)]
        if wrong:
            more = f"; and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
            self.problems.append(f"cves: {'; '.join(wrong[:_NAMED])}{more}")
            return None
        found = [(one, *answer) for one, answer in zip(identities, answers, strict=True) if not isinstance(answer, str)]
        return [cve for _, cve, _ in found if cve], [identity for identity, _, odd in found if odd]

    def _cve(self, identity: str) -> tuple[Cve | None, bool] | str:
        """What a record says, or why it cannot be read."""
        source = files.cve_source(identity)
        try:
            text = self.origin.read(source)
            return f"there is no {source.name}" if text is None else sources.read_cve(identity, _json(text))
        except (InputError, FormError) as error:
            return str(error)


class _Line:
    """Turns what is wrong with a source into a line."""

    def __init__(self, gathering: _Gathering, name: str) -> None:
        self._gathering = gathering
        self._name = name

    def __enter__(self) -> None:
        return

    def __exit__(self, _: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, InputError | FormError):
            self._gathering.problems.append(f"{self._name}: {error}")
            return True
        return False


def make_versions(origin: Place, day: dt.date | None) -> tuple[str, dt.date] | None:
    """The text of newer version data, and their day; None if the place has nothing of them.

    A file of ours there is taken as it is. ``day`` is of which day the files are, if the user knows better. Raises
    SourcesFailed.
    """
    if own := origin.read_own(files.VERSIONS_FILE.name):
        found = files.parse_versions(own[0], files.VERSIONS_FILE.name)
        return files.dump_versions(found), found.day
    started = dt.datetime.now(dt.UTC).replace(microsecond=0)
    gathering = _Gathering(origin)
    facts = _gather(gathering, started.date())
    if isinstance(facts, OfficialTable):
        known = dataclasses.replace(_known(), official=facts)
        return files.dump_versions(known), known.day
    if facts is None:
        if gathering.absent < len(gathering.problems) or gathering.read:
            raise SourcesFailed(gathering.problems)
        return None
    online = isinstance(origin, Online) and day is None
    # A folder's clock may be ahead of ours: data from the future would never be old.
    generated_at = started if online else min(started, _midnight(day or _oldest(gathering)))
    try:
        data = sources.combine(facts, _known(), generated_at, _named(gathering))
    except FormError as error:
        raise SourcesFailed([str(error)]) from None
    return files.dump_versions(data), data.day


def _gather(gathering: _Gathering, today: dt.date) -> sources.Facts | OfficialTable | None:
    """What all sources say; None if one is of no use, which is a line then.

    A checkout of the project that keeps the official suite has its table, and nothing else.
    """
    releases = gathering.releases()
    schedule = gathering.one("schedule", files.SCHEDULE, sources.read_schedule)
    ends = gathering.one("eol", files.ENDS, sources.read_ends)
    optional = not isinstance(gathering.origin, Online) or bool(gathering.origin.base)
    table = gathering.one(
        "official_eol",
        files.OFFICIAL_TABLE,
        lambda document: sources.read_official_table(document, _day_of(gathering, files.OFFICIAL_TABLE, today)),
        optional=optional,
    )
    listed = gathering.one("cves", files.CVE_INDEX, sources.read_cve_index)
    rated = gathering.cves(listed) if listed else None
    if table and len(gathering.read) == 1 and gathering.absent == len(gathering.problems):
        return table
    if gathering.problems or releases is None or schedule is None or ends is None or rated is None:
        return None
    return sources.Facts(releases, schedule, ends, *rated, table, listed or ())


def _day_of(gathering: _Gathering, source: Source, today: dt.date) -> dt.date:
    text = next((text for one, text in gathering.read if one == source), "")
    return min(today, gathering.origin.day(source, text))


def _oldest(gathering: _Gathering) -> dt.date:
    """The day of the oldest file; the table of the official suite has a day of its own."""
    return min(gathering.origin.day(*read) for read in gathering.read if read[0] != files.OFFICIAL_TABLE)


def _known() -> VersionData:
    """The set that is used now; the bundled one instead of a damaged copy."""
    try:
        return files.current_versions()[0]
    except InputError:
        return files.load_versions(files.VERSIONS_FILE)


def _named(gathering: _Gathering) -> dict[str, str]:
    """Where each part came from: the URL online, else the name of the file alone."""
    online = isinstance(gathering.origin, Online) and not gathering.origin.base
    return {_PARTS[source]: source.url if online else source.name for source, _ in gathering.read}


_PARTS: Final = {
    files.RELEASES: "releases",
    files.RELEASES_AS_JSON: "releases",
    files.TAGS: "tags",
    files.SCHEDULE: "schedule",
    files.ENDS: "eol",
    files.OFFICIAL_TABLE: "official_eol",
    files.CVE_INDEX: "cves",
}


def _document(text: str, name: str) -> Any:
    """The content of a text, JSON or YAML by the name of its file; raises InputError."""
    if name.endswith(".json"):
        return _json(text)
    documents = yamlfile.load_documents(text, name)
    if len(documents) != 1:
        raise FormError(f"{name}: expected one YAML document, got {len(documents)}")
    return documents[0]


def _json(text: str) -> Any:
    try:
        return read_json(text)
    except NoStrictJson as error:
        raise FormError(str(error)) from None


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
