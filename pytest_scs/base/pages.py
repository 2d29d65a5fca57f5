# SPDX-License-Identifier: Apache-2.0
"""The pages of ``docs/standards``: one for each standard, and one about what all share; with that about manual checks.

Every page of a standard has a table of its rules under *Rules*, one of its differences under *Official suite and text*,
and a heading for each testcase under *Testcases*.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.markdown import Part, parts, subtree, tables
from pytest_scs.base.paths import PAGES, pages_in

#: The page about verdicts, judges, causes and the rest that is no standard's own.
FRAMEWORK = "framework"

#: The page about verdicts, judges and causes in another language than English.
VERDICTS = "verdicts"

#: The page about manual checks; it lies beside the folder, because users of a run read it, too.
ATTESTATIONS = "attestations"

#: An id of a rule, as findings carry it and pages list it.
RULE = re.compile(r"scs-\d{4}/[a-z0-9_]+")

_ROW = re.compile(r"DEV-(\d{4})-(\d+)((?:, ?-\d+)*)")


@dataclasses.dataclass(frozen=True)  # no slots: tables are looked for once
class Page:
    """One page; ``name`` is that of its file without suffix, such as ``scs-0102``."""

    name: str
    parts: Sequence[Part]

    @property
    def title(self) -> str:
        """The first heading: ``scs-0102: image metadata``."""
        return self.parts[0].heading if self.parts else self.name

    @functools.cached_property
    def rules(self) -> Mapping[str, tuple[str, str]]:
        """Rule id -> its title and the testcases it belongs to, as the page has them."""
        found: dict[str, tuple[str, str]] = {}
        for _, row in self._table_rows("rules"):
            for rule in RULE.findall(row[0]):
                found[rule] = (row[1] if len(row) > 1 else "", row[2] if len(row) > 2 else "")
        return found

    @functools.cached_property
    def deviations(self) -> Mapping[str, Mapping[str, str]]:
        """Row (``DEV-0102-3``) -> what the columns say about it; one line may stand for several rows."""
        return {name: cells for header, row in self._table_rows() for name, cells in _deviations(header, row)}

    @property
    def testcases(self) -> Sequence[Part]:
        """The parts about testcases, each with all that stands below its heading."""
        return [part for top in self._named("testcases") for part in subtree(self.parts, top) if part.level > top.level]

    def about(self, testcase: str) -> Part | None:
        """The part about a testcase: its heading names the id, also among others or with a ``*``."""
        for part in self.testcases:
            if names(part.heading, testcase):
                return part
        return None

    def _named(self, anchor: str) -> list[Part]:
        return [part for part in self.parts if part.level > 1 and part.anchor == anchor]

    def _table_rows(self, anchor: str = "") -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Header and row of every table, or of those below one heading."""
        chosen = [below for top in self._named(anchor) for below in subtree(self.parts, top)] if anchor else self.parts
        for part in chosen:
            for table in tables(part.text):
                yield from ((table.header, row) for row in table.rows)


def ids_in(text: str) -> list[str]:
    """The testcase ids in a cell or heading, in which ``*`` may stand for the rest."""
    return re.findall(r"\w+(?:-[\w*]+)+", text)


def names(text: str, testcase: str) -> bool:
    """Whether a cell or heading names a testcase, also among others or with a ``*``."""
    return any(fnmatch.fnmatchcase(testcase, word) for word in ids_in(text))


def _deviations(header: Sequence[str], row: Sequence[str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The rows that one line of a table defines: those its first cell begins with."""
    match = _ROW.match(row[0].strip("`* ")) if row else None
    if match:
        numbers = [match[2], *re.findall(r"\d+", match[3])]
        for number in numbers:
            yield f"DEV-{match[1]}-{number}", dict(zip(header[1:], row[1:], strict=False))


def load_pages(folder: Path = PAGES) -> dict[str, Page]:
    """All pages by name, those of standards in the order of their numbers.

    Raises InputError if there are none, or if one cannot be read: the installation is incomplete.
    """
    try:
        paths = [*sorted(folder.glob("*.md")), *folder.parent.glob(f"{ATTESTATIONS}.md")]
        found = {path.stem: Page(path.stem, parts(path.read_text("utf-8"))) for path in paths}
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the pages in {folder} cannot be read ({error}); install pytest-scs anew") from None
    if not found:
        raise InputError(f"there are no pages in {folder}; install pytest-scs anew")
    return found


def explained_in(language: str, topic: str) -> list[Part]:
    """What the page about verdicts says in a language about one word of reports; nothing where it does not know it.

    ``topic`` is a heading or the English word behind it in brackets: ``Quota (quota)``. Raises InputError if the page
    cannot be read: the installation is incomplete.
    """
    path = pages_in(language) / f"{VERDICTS}.md"
    try:
        found = parts(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); install pytest-scs anew") from None
    for part in found:
        if topic.casefold() in (word.rstrip(")").casefold() for word in (part.heading, *part.heading.split(" ("))):
            return subtree(found, part)
    return []
