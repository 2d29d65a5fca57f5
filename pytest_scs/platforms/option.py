# SPDX-License-Identifier: Apache-2.0
"""An option of the command line with its ini key, and what the user gave for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

#: The values to offer where one is typed, by what was typed of other options so far, in the order of their names.
Known = Callable[[Mapping[str, Sequence[str]]], Iterable[str]]


@dataclasses.dataclass(frozen=True, slots=True)
class Option:
    """A command-line option ``--scs-NAME`` (or ``flag``) with its ini key ``scs_NAME``; the command line wins.

    ``metavar``: what the value is; FILE, DIR and PATH in it say that it is, or has in it, the name of a file.
    ``short``: a shorter spelling, read beside that of any other plugin that has the same (run/short_spellings.py).
    ``many``: may be repeated. ``switch``: takes no value. ``ini``: has an ini key. ``recorded``: its effect is part of
    the evidence, so that it cannot be given with ``--scs-replay``.

    ``plain``: how ``scs run`` writes it, where that is not the name alone. ``everyday``: the short help of ``scs run``
    shows it. ``alone``: its value where none is typed; one that is typed stands behind a ``=`` then
    (run/lone_options.py). ``known``: what shells complete it with; it raises InputError or OSError where files cannot
    be read.
    """

    name: str
    help: str
    metavar: str = ""
    flag: str = ""
    short: str = ""
    many: bool = False
    switch: bool = False
    ini: bool = True
    recorded: bool = False
    plain: str = ""
    alone: str = ""
    everyday: bool = False
    known: Known | None = None

    @property
    def spelling(self) -> str:
        """How it is written on the command line."""
        return self.flag or "--scs-" + self.name.replace("_", "-")

    @property
    def run_spelling(self) -> str:
        """How ``scs run`` writes it: nobody there has to be told from options of others."""
        return self.plain or "--" + self.name.replace("_", "-")

    @property
    def dest(self) -> str:
        """Name in pytest's option namespace, which is the ini key, too."""
        return f"scs_{self.name}"


@dataclasses.dataclass(frozen=True, slots=True)
class PresetSubject:
    """A subject of the file of ``--scs-config``: its name in reports, its platform, and the options that name it.

    ``values``: name of the option -> value.
    """

    report_name: str
    platform: str
    values: Mapping[str, str]


class GivenOptions(Protocol):
    """What the user gave, by the names of options: on the command line, else in the ini file."""

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of the run."""

    @property
    def replaying(self) -> bool:
        """Whether recorded evidence is judged, so that no subject need be named."""

    def text(self, name: str) -> str | None:
        """The value of an option that is given once."""

    def texts(self, name: str) -> tuple[str, ...]:
        """The values of an option that may be repeated, in order."""

    def path(self, name: str) -> Path | None:
        """The file an option names; relative names start from the folder the run was started in."""

    def located(self, text: str) -> Path:
        """The file that a part of a value names; relative names start from the folder the run was started in."""

    def switched_on(self, name: str) -> bool:
        """Whether an option without a value was given."""

    def presets(self, platform: str) -> Sequence[PresetSubject]:
        """The subjects of a platform that a file of presets names; none where the user named some himself."""
