# SPDX-License-Identifier: Apache-2.0
"""A platform without any network, for tests of what a run does: boxes, which have lids and a weight."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from pytest_scs.base.fields import Fields
from pytest_scs.core.cause import Cause, Inconclusive
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.section import DerivedFixture, Section, by_name, each, single, with_needs
from pytest_scs.platforms.option import GivenOptions, Option
from pytest_scs.platforms.platform import Platform, PlatformSettings, RunContext

READ_AT = "2026-06-15T12:00:00+00:00"

SCOPE = """\
name: Good boxes
uuid: 7c1c1a1e-6a0f-4a55-9b53-0d2f3f7a9a22
url: https://scs.example/boxes.yaml
variables:
- box
scripts:
- executable: pytest
  testcases:
  - id: scs-9902-x-weighed
    section: heavy
    description: The weight is known.
  - id: scs-9902-x-closed
    description: The box is closed.
  - id: scs-9903-x-labelled
    description: There is a label.
- testcases:
  - id: scs-9903-x-asked
    lifetime: year
    description: Somebody was asked.
modules:
- id: scs-9902-v1
  name: Boxes
  targets:
    main:
    - scs-9902-x-weighed
    - scs-9902-x-closed
- id: scs-9903-v1
  name: Labels
  targets:
    recommended:
    - scs-9903-x-labelled
    preview:
    - scs-9903-x-asked
timeline:
- date: 2026-01-01
  versions:
    v1: effective
versions:
- version: v1
  stabilized_at: 2026-01-01
  include:
  - scs-9902-v1
  - scs-9903-v1
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Lid:
    """A lid of a box."""

    name: str

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Lid:
        return cls(Fields("lid", data).text("name"))


LIDS = Section(
    name="lids",
    words="the lids of the box",
    summary="All lids.",
    load=each(Lid.from_plain),
    read=lambda client: [{"name": "top"}],
)
WEIGHT = Section(
    name="weight",
    words="what the box weighs",
    summary="The weight in grams.",
    load=single(lambda entry: int(entry["grams"])),
    probe=lambda probing: {"grams": 70 * len(probing["lids"])},
    needs=("lids",),
    creates="a stone",
    idle=lambda settings: "no-stone" in settings.names,
)
SHADOW = Section(
    name="shadow",
    words="the shadow of the box",
    summary="Whether there is a shadow.",
    load=single(lambda entry: bool(entry["dark"])),
    probe=lambda probing: {"dark": True},
)


class BoxReader:
    """Reads a box; probes are tried at :meth:`start`, but for those in ``held``. ``told`` gets what happens."""

    def __init__(self, subject: Subject, sections: Mapping[str, Section[Any]], told: list[str]) -> None:
        self.inventory = Inventory(subject, "")
        self.leftovers: list[str] = []
        self.held: set[str] = set()
        self.breaks: BaseException | None = None
        self._sections = sections
        self._told = told
        self._section_done: Callable[[str], None] = lambda section: None

    def read(self, sections: Collection[str]) -> None:
        wanted = with_needs(sections, self._sections)
        self._told.append(f"{self.inventory.subject} read {' '.join(wanted)}".rstrip())
        self.inventory = Inventory(self.inventory.subject, READ_AT)
        for name in wanted:
            if read := self._sections[name].read:
                self.inventory.sections[name] = read(None)
        self.inventory.pending = [name for name in wanted if self._sections[name].probe]

    def start(self, section_done: Callable[[str], None]) -> None:
        self._told.append(f"{self.inventory.subject} start")
        self._section_done = section_done
        for name in self.inventory.pending:
            if name not in self.held:
                self.try_out(name)

    def try_out(self, name: str) -> None:
        """Try a section out."""
        probe = self._sections[name].probe
        assert probe
        try:
            self.inventory.sections[name] = [dict(probe(self.inventory.sections))]
        except Inconclusive as error:
            self.inventory.errors[name] = Cause(str(error), error.kind)
        self._section_done(name)

    def wait_for(self, section: str, meanwhile: Callable[[], None]) -> None:
        self._told.append(f"{self.inventory.subject} wait {section}")
        meanwhile()
        if section in self.awaited():
            self.try_out(section)

    def awaited(self) -> list[str]:
        known = {*self.inventory.sections, *self.inventory.errors}
        return [name for name in self.inventory.pending if name not in known]

    def close(self) -> None:
        self._told.append(f"{self.inventory.subject} close")
        if self.breaks:
            raise self.breaks


class OpenedBoxes:
    """Boxes, ready to be read."""

    def __init__(self, subjects: Sequence[Subject], sections: Mapping[str, Section[Any]], told: list[str]) -> None:
        self.readers = {subject: BoxReader(subject, sections, told) for subject in subjects}
        self.refusal: Exception | None = None
        self._told = told

    def check(self, sections: Collection[str]) -> None:
        self._told.append(f"check {' '.join(sorted(sections))}".rstrip())
        if self.refusal:
            raise self.refusal

    def close(self) -> None:
        self._told.append("boxes close")


class Boxes(Platform):
    """Boxes; ``told`` gets what happens to them."""

    name = "boxes"
    noun = "box"
    nouns = "boxes"
    marker = "baas"
    marker_words = "testcases about boxes"
    variables = frozenset(("box",))
    options = (
        Option("box", "Box to judge", "NAME", "--box", many=True),
        Option("stone", "Weight of the stone", "GRAMS", recorded=True),
    )
    embedded = ("shoebox",)

    def __init__(self, *more: Section[Any]) -> None:
        self.told: list[str] = []
        self.opened: list[OpenedBoxes] = []
        self._sections = by_name((LIDS, SHADOW, WEIGHT, *more))

    @property
    def sections(self) -> Mapping[str, Section[Any]]:
        return self._sections

    @property
    def derived_fixtures(self) -> Mapping[str, DerivedFixture[Any]]:
        count = DerivedFixture(
            name="lid_count",
            summary="How many lids.",
            needs=("lids",),
            make=lambda inventory: len(inventory.section("lids")),
        )
        return {"lid_count": count}

    def read_settings(self, given: GivenOptions) -> PlatformSettings:
        names = given.texts("box")
        return PlatformSettings(names, named_by="--box" if names else "")

    def how_to_name_one(self) -> str:
        return "name one with --box=NAME"

    def open_subjects(
        self, subjects: Sequence[Subject], settings: PlatformSettings, context: RunContext
    ) -> OpenedBoxes:
        self.context = context
        self.opened.append(OpenedBoxes(subjects, self._sections, self.told))
        return self.opened[-1]

    def left_by_earlier_runs(self, settings: PlatformSettings) -> Any:
        return (f"a run left a stone in {name}" for name in settings.names if name == "attic")

    def add_cleanup_option(self, group: Any) -> None:
        group.add_argument("--box", metavar="NAME")

    def is_to_be_cleaned_up(self, arguments: argparse.Namespace) -> bool:
        return arguments.box is not None

    def clean_up(self, arguments: argparse.Namespace) -> int:
        return 0
