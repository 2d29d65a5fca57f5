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
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_scs.platforms.option import GivenOptions, Option

# Every run of pytest imports this module, whether it judges anything or not.
if TYPE_CHECKING:
    from pytest_scs.base.redact import Redactor
    from pytest_scs.core.subject import Subject
    from pytest_scs.evidence.inventory import Inventory
    from pytest_scs.evidence.progress import Voice
    from pytest_scs.evidence.section import DerivedFixture, Section
    from pytest_scs.evidence.source import OpenedSubjects


@dataclasses.dataclass(frozen=True, slots=True)
class PlatformSettings:
    """What the user asked for on one platform.

    ``names`` are those of the subjects, in the user's order, each once; ``inputs`` the files that are read, by option;
    ``named_by`` is the option that was typed to name subjects, empty where they come from elsewhere. ``preset`` are
    names in reports, where a file of presets names the subjects: one for each that the platform finds, in that order.
    """

    names: tuple[str, ...] = ()
    inputs: Mapping[str, Path] = dataclasses.field(default_factory=dict)
    named_by: str = ""
    preset: tuple[str, ...] = dataclasses.field(default=(), kw_only=True)


@dataclasses.dataclass(frozen=True, slots=True)
class RunContext:
    """What a platform needs to know of the run that opens its subjects.

    ``deadline``: seconds to repeat what fails for a while; ``limit``: seconds for everything that is read of a subject
    before it is tried out, where the user chose them. ``skip_preflight``: do not check who we are. ``redact``
    learns secrets. ``say`` takes a line for a user who waits, from any thread; ``voice`` is for the main thread while
    it reads. ``patience`` is the factor by which all times are stretched that something is waited for. ``several``:
    whether the run has more than one subject, so that what is said of one has to name it.
    """

    deadline: float
    skip_preflight: bool
    redact: Redactor
    say: Callable[[str], None]
    limit: float | None = None
    patience: float = 1.0
    voice: Voice | None = None
    several: bool = False

    def voice_about(self, subject: Subject | None) -> Voice:
        """How the main thread speaks: without secrets, and with the name of a subject where there are several."""
        from pytest_scs.evidence.progress import SILENT

        about = f"{subject.name}: " if subject and self.several else ""
        return (self.voice or SILENT).through(lambda text: self.redact(f"{about}{text}") if text else "")


@dataclasses.dataclass(frozen=True, slots=True)
class Access:
    """Where credentials come from: a file, which the environment variable ``variable`` names.

    ``file`` is what it is called; ``usual`` is where clients look for it without the variable.
    """

    variable: str
    file: str
    usual: str


class Platform(abc.ABC):
    """One kind of subject, and all that is special about it.

    ``name`` is the platform's own; ``noun`` and ``nouns`` are what messages call its subjects. ``marker`` is the one
    that the name of its official scope gives, and ``marker_words`` explain it. ``variables`` are those of the scope
    files that it judges. ``programs`` are those that its mends call, where they are commands, and ``environment`` the
    variables that tell them whom they are about; ``listings`` says of a command that would make a second thing of the
    same name which one lists those there are. ``options`` are its own; ``embedded`` names the subjects that come with
    the plugin, ``naming`` is the name of the option that names one, ``embedded_naming`` of that for those that come
    with the plugin, where it is another. ``access`` is where credentials come from.

    Importing a platform must not import its SDK: every run of pytest asks for its options.
    """

    name: str
    noun: str
    nouns: str
    marker: str
    marker_words: str
    variables: frozenset[str]
    programs: frozenset[str] = frozenset()
    environment: tuple[str, ...] = ()
    listings: Mapping[str, str] = MappingProxyType({})
    options: tuple[Option, ...] = ()
    embedded: tuple[str, ...] = ()
    naming: str = ""
    embedded_naming: str = ""
    access: Access | None = None

    def shows_as_made(self, creation: Sequence[str]) -> tuple[Sequence[str], Sequence[str]] | None:
        """For a command that makes anew what was deleted: one that shows it, and the lines that it says if it is so.

        None where there is no such command.
        """
        return None

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

    def find_names(self, settings: PlatformSettings) -> tuple[str, ...]:
        """The names of the subjects that the user means, where files have to be read for it; raises InputError."""
        return settings.names

    def assignment(self, settings: PlatformSettings, label: str) -> dict[str, str]:
        """What the variables of a scope file were, for a public report: ``label`` (the subject there), never a path."""
        return dict.fromkeys(sorted(self.variables), label)

    def offered(self) -> tuple[str, Sequence[str]]:
        """What could be judged from here: the file where it stands, and the names there; raises InputError."""
        return "", ()

    @abc.abstractmethod
    def how_to_name_one(self) -> str:
        """What to do where a scope of this platform is selected and no subject is named, for an error message."""

    @abc.abstractmethod
    def open_subjects(
        self, subjects: Sequence[Subject], settings: PlatformSettings, context: RunContext
    ) -> OpenedSubjects:
        """Find the subjects and start embedded ones, without reading any; raises InputError."""

    def needs_own_report(self, settings: PlatformSettings, selected: Collection[str], now: dt.datetime) -> str:
        """What makes a report of another time than that of a run at ``now``, in words; empty if nothing does.

        ``selected`` are the testcases of the run. May read the files that the settings name; raises InputError.
        """
        return ""

    def addresses_in(self, inventory: Inventory) -> Iterable[str]:
        """The addresses of a subject that stand in what was read of it, so that a public report can do without."""
        return ()

    def origin_of(self, name: str, settings: PlatformSettings) -> str:
        """Where a subject of that name comes from, in words for the header; empty if there is nothing to say."""
        return ""

    def left_by_earlier_runs(self, settings: PlatformSettings) -> Iterator[str]:
        """A line for each earlier run on this machine that left something behind, with what to do about it."""
        yield from ()

    @abc.abstractmethod
    def add_cleanup_option(self, group: Any) -> None:
        """Add to an argparse group of ``scs cleanup`` the option that names one of this platform's subjects."""

    def add_cleanup_details(self, parser: Any) -> None:  # noqa: B027 (most platforms have none)
        """Add to the argparse parser of ``scs cleanup`` what can be said besides about this platform's subjects."""

    def misplaced_cleanup_detail(self, arguments: argparse.Namespace) -> str:
        """Which of these details was given to ``scs cleanup``, although none of this platform's subjects is named."""
        return ""

    @abc.abstractmethod
    def is_to_be_cleaned_up(self, arguments: argparse.Namespace) -> bool:
        """Whether one of this platform's subjects is named to ``scs cleanup``."""

    @abc.abstractmethod
    def clean_up(self, arguments: argparse.Namespace) -> int:
        """``scs cleanup`` of the subject named there: list or remove what crashed runs left; returns the exit code."""
