# SPDX-License-Identifier: Apache-2.0
"""A second, tiny platform: folders, judged by the files in them. All of it is in this folder."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import Fields
from pytest_scs.core.cause import Cause, CauseKind
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.section import Section, by_name, each
from pytest_scs.platforms.option import GivenOptions, Option
from pytest_scs.platforms.platform import Platform, PlatformSettings, RunContext
from pytest_scs.platforms.registry import register_platform


@dataclasses.dataclass(frozen=True, slots=True)
class File:
    """A file of a folder; ``size`` in bytes."""

    name: str
    size: int

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> File:
        fields = Fields("file", data)
        return cls(fields.text("name"), fields.whole("size"))


def _read(folder: Path) -> list[dict[str, Any]]:
    return [{"name": path.name, "size": path.stat().st_size} for path in sorted(folder.iterdir())]


SECTIONS = by_name(
    [
        Section(
            name="files",
            words="the files in the folder",
            summary="All files in the folder.",
            load=each(File.from_plain),
            read=_read,
        )
    ]
)


class _Reader:
    def __init__(self, subject: Subject) -> None:
        self.inventory = Inventory(subject, "")
        self.leftovers: list[str] = []

    def read(self, sections: Collection[str]) -> None:
        found = Inventory(self.inventory.subject, dt.datetime.now(dt.UTC).isoformat())
        for name in sections:
            try:
                found.sections[name] = SECTIONS[name].read(Path(found.subject.name))  # type: ignore[misc]
            except OSError as error:
                found.errors[name] = Cause(f"folder {found.subject}: {error.strerror}", CauseKind.OUTAGE)
        self.inventory = found

    def start(self, section_done: Callable[[str], None]) -> None:
        pass

    def wait_for(self, section: str, meanwhile: Callable[[], None]) -> None:
        meanwhile()

    def awaited(self) -> list[str]:
        return []

    def close(self) -> None:
        pass


class _Opened:
    def __init__(self, subjects: Sequence[Subject]) -> None:
        self.readers = {subject: _Reader(subject) for subject in subjects}

    def check(self, sections: Collection[str]) -> None:
        pass

    def close(self) -> None:
        pass


class Folders(Platform):
    """Folders."""

    name = "folders"
    noun = "folder"
    nouns = "folders"
    marker = "faas"
    marker_words = "testcases about folders"
    variables = frozenset(("folder",))
    options = (Option("folder", "Folder to judge; repeatable", "PATH", "--folder", "--dir", many=True),)

    @property
    def sections(self) -> Mapping[str, Section[Any]]:
        return SECTIONS

    def read_settings(self, given: GivenOptions) -> PlatformSettings:
        names = given.texts("folder")
        return PlatformSettings(names, named_by="--folder" if names else "")

    def how_to_name_one(self) -> str:
        return "name one with --folder=PATH"

    def open_subjects(self, subjects: Sequence[Subject], settings: PlatformSettings, context: RunContext) -> _Opened:
        for subject in subjects:
            if not Path(subject.name).exists():
                raise InputError(f"--folder: there is no {subject.name}")
        return _Opened(subjects)

    def left_by_earlier_runs(self, settings: PlatformSettings) -> Iterator[str]:
        yield from ()

    def add_cleanup_option(self, group: Any) -> None:
        group.add_argument("--folder", metavar="PATH")

    def is_to_be_cleaned_up(self, arguments: argparse.Namespace) -> bool:
        return arguments.folder is not None

    def clean_up(self, arguments: argparse.Namespace) -> int:
        return 0


register_platform(Folders())
