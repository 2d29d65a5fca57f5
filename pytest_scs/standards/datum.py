# SPDX-License-Identifier: Apache-2.0
"""A data file of this package that ages: of which day it is, where a newer one is found, and who reads it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from pytest_scs.base import datafiles, yamlfile
from pytest_scs.base.errors import InputError

_OWN_DAY: Final = re.compile(r"^as_of: (\d{4}-\d{2}-\d{2})$", re.MULTILINE)

#: What a data file says, item by item, for showing what another one would change.
Content = Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """Where one part of a newer file is: ``url`` online, ``path`` in a checkout of the project that keeps it."""

    url: str
    path: str

    @property
    def name(self) -> str:
        """The name of the file alone."""
        return self.path.rpartition("/")[2]


@dataclasses.dataclass(frozen=True, slots=True)
class Datum:
    """A data file: ``name`` is what users call it, ``as_of`` the day of the bundled one (UTC).

    ``sources`` are the files that a newer one is made from, none if it cannot be refreshed. ``convert`` makes a file of
    ours out of their texts, in the same order, and their day; ``read`` gives what a file of ours says. Both raise
    InputError for what is no such file. ``note`` is what every run says that rests on it. ``facts`` tells what is so,
    not what is demanded: newer facts are kept without being asked.
    """

    name: str
    title: str
    bundled: Path
    as_of: dt.date
    read: Callable[[str], Content]
    sources: Sequence[Source] = ()
    convert: Callable[[Sequence[str], dt.date], str] = lambda texts, _: texts[0]
    note: str = ""
    facts: bool = False

    @property
    def summary(self) -> str:
        """What there is to say of the content that is read, for who lists the files; empty if nothing is."""
        return ""

    @property
    def copy(self) -> Path:
        """Where the user's copy is, or would be."""
        return datafiles.user_folder() / self.bundled.name

    def as_copy(self, text: str, day: dt.date, source: str) -> str:
        """The text of a copy, which says of which day it is and where it came from."""
        return datafiles.stamped(text, day, source)

    @property
    def path(self) -> Path:
        """The file that is read: the user's copy, or the bundled one."""
        return datafiles.current(self.bundled)

    @property
    def copied(self) -> bool:
        """Whether that is a copy of the user's."""
        return self.path != self.bundled

    @property
    def day(self) -> dt.date:
        """The day of the file that is read; raises InputError for a copy that names none."""
        if not self.copied:
            # A file may say itself of which day it is.
            text = self.bundled.read_text("utf-8")
            return dt.date.fromisoformat(found[1]) if (found := _OWN_DAY.search(text)) else self.as_of
        day = datafiles.stamp_of(yamlfile.read_text(self.path, self.title))
        if day is None:
            raise InputError(f"{self.path} was not written by scs data refresh; delete it, or refresh {self.name}")
        return day

    def content(self) -> Content:
        """What the file says that is read now; raises InputError."""
        return self.read(datafiles.unstamped(yamlfile.read_text(self.path, self.title)))
