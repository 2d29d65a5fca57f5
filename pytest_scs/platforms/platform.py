# SPDX-License-Identifier: Apache-2.0
"""The seam between a run and what it judges.

A platform is what the rest of the house need not know: how subjects are named and found, what can be read of them, what
they must not be judged with, and how leftovers are removed. A new one is a folder with a subclass of :class:`Platform`,
and a line in registry.py.
"""

from __future__ import annotations

import abc
import argparse
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_scs.platforms.option import GivenOptions, Option

# Every run of pytest imports this module, whether it judges anything or not.
if TYPE_CHECKING:
    from pytest_scs.base.redact import Redactor
    from pytest_scs.core.subject import Subject
    from pytest_scs.evidence.section import DerivedFixture, Section
    from pytest_scs.evidence.source import OpenedSubjects


@dataclasses.dataclass(frozen=True, slots=True)
class PlatformSettings:
    """What the user asked for on one platform.

    ``names`` are those of the subjects, in the user's order, each once; ``inputs`` the files that are read, by option;
    ``named_by`` is the option that was typed to name subjects, empty where they come from elsewhere.
    """

    names: tuple[str, ...] = ()
    inputs: Mapping[str, Path] = dataclasses.field(default_factory=dict)
    named_by: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class RunContext:
    """What a platform needs to know of the run that opens its subjects.

    ``deadline``: seconds to repeat what fails for a while. ``skip_preflight``: do not check who we are. ``redact``
    learns secrets. ``say`` takes a line for a user who waits.
    """

    deadline: float
    skip_preflight: bool
    redact: Redactor
    say: Callable[[str], None]


class Platform(abc.ABC):
    """One kind of subject, and all that is special about it.

    ``name`` is the platform's own; ``noun`` and ``nouns`` are what messages call its subjects. ``marker`` is the one
    that the name of its official scope gives, and ``marker_words`` explain it. ``variables`` are those of the scope
    files that it judges. ``options`` are its own; ``embedded`` names the subjects that come with the plugin.

    Importing a platform must not import its SDK: every run of pytest asks for its options.
    """

    name: str
    noun: str
    nouns: str
    marker: str
    marker_words: str
    variables: frozenset[str]
    options: tuple[Option, ...] = ()
    embedded: tuple[str, ...] = ()

    @property
    @abc.abstractmethod
    def sections(self) -> Mapping[str, Section[Any]]:
        """All sections by name, in the order in which they are shown."""

    @property
    def derived_fixtures(self) -> Mapping[str, DerivedFixture[Any]]:
        """Fixtures made of sections, by name."""
        return {}

    @abc.abstractmethod
    def read_settings(self, given: GivenOptions) -> PlatformSettings:
        """Check what the user gave, without reading files; raises InputError."""

    @abc.abstractmethod
    def how_to_name_one(self) -> str:
        """What to do where a scope of this platform is selected and no subject is named, for an error message."""

    @abc.abstractmethod
    def open_subjects(
        self, subjects: Sequence[Subject], settings: PlatformSettings, context: RunContext
    ) -> OpenedSubjects:
        """Find the subjects and start embedded ones, without reading any; raises InputError."""

    def left_by_earlier_runs(self, settings: PlatformSettings) -> Iterator[str]:
        """A line for each earlier run on this machine that left something behind, with what to do about it."""
        yield from ()

    @abc.abstractmethod
    def add_cleanup_option(self, group: Any) -> None:
        """Add to an argparse group of ``scs cleanup`` the option that names one of this platform's subjects."""

    @abc.abstractmethod
    def is_to_be_cleaned_up(self, arguments: argparse.Namespace) -> bool:
        """Whether that option was given to ``scs cleanup``."""

    @abc.abstractmethod
    def clean_up(self, arguments: argparse.Namespace) -> int:
        """``scs cleanup`` of the subject named there: list or remove what crashed runs left; returns the exit code."""
