# SPDX-License-Identifier: Apache-2.0
"""An option of the command line with its ini key, and what the user gave for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol


@dataclasses.dataclass(frozen=True, slots=True)
class Option:
    """A command-line option ``--scs-NAME`` (or ``flag``) with its ini key ``scs_NAME``; the command line wins.

    ``many``: may be repeated. ``switch``: takes no value. ``ini``: has an ini key. ``recorded``: its effect is part of
    the evidence, so that it cannot be given with ``--scs-replay``.
    """

    name: str
    help: str
    metavar: str = ""
    flag: str = ""
    many: bool = False
    switch: bool = False
    ini: bool = True
    recorded: bool = False

    @property
    def spelling(self) -> str:
        """How it is written on the command line."""
        return self.flag or "--scs-" + self.name.replace("_", "-")

    @property
    def dest(self) -> str:
        """Name in pytest's option namespace, which is the ini key, too."""
        return f"scs_{self.name}"


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
