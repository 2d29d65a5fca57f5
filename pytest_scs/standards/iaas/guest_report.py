# SPDX-License-Identifier: Apache-2.0
"""The section ``guest``: what the sample VM of scs-0101-v1 reported, and where it ran."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from pytest_scs.base.fields import Fields

BLOCKS: Final = 1000

# More than any VM reads.
_MOST_BLOCKS: Final = 10**9

#: How findings name the VM where nothing more is known of it.
SOMEWHERE: Final = "sample VM"


@dataclasses.dataclass(frozen=True, slots=True)
class FipsRun:
    """One measurement: blocks read from ``/dev/random``, how many of them failed, and how many failed each test."""

    blocks: int
    failures: int
    tests: Mapping[str, int]

    @classmethod
    def read(cls, fields: Fields) -> FipsRun:
        """One entry of ``fips``; raises ValueError for another shape, and for more failures than there are blocks."""
        tests = fields.fields("tests")
        blocks = fields.within("blocks", 0, _MOST_BLOCKS)
        failed = {test: tests.within(test, 0, blocks) for test in tests.names()}
        return cls(blocks, fields.within("failures", 0, blocks), failed)

    def __str__(self) -> str:
        tests = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in sorted(self.tests.items()))
        return f"{self.failures} of {self.blocks} ({tests})"


@dataclasses.dataclass(frozen=True, slots=True)
class Rngd:
    """The service that feeds the kernel from a random number device, under whatever name; empty if there is none."""

    unit: str
    loaded: bool
    active: bool

    @classmethod
    def read(cls, fields: Fields) -> Rngd:
        """The part ``rngd``; raises ValueError for another shape."""
        return cls(fields.text("unit"), loaded=fields.truth("loaded"), active=fields.truth("active"))


@dataclasses.dataclass(frozen=True, slots=True)
class Processors:
    """The CPUs of the VM: ``with_instructions`` of them have any of the ``instructions`` for entropy."""

    count: int
    with_instructions: int
    instructions: tuple[str, ...]
    model: str

    @classmethod
    def read(cls, fields: Fields) -> Processors:
        """The part ``processors``; raises ValueError for another shape."""
        return cls(
            count=fields.whole("count"),
            with_instructions=fields.whole("with_instructions"),
            instructions=fields.texts("instructions"),
            model=fields.text("model"),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class GuestReport:
    """What the sample VM reported.

    ``problems`` tells for each part that is missing why it could not be measured. ``fips`` holds the first measurement
    and, if that had 5 or more failures, a second one. ``place`` names image, flavor and zone in findings. ``by_disk``:
    it came on a disk, because nobody could read the console. ``seconds`` is the time the measurements took.
    """

    entropy_avail: str
    fips: tuple[FipsRun, ...]
    rngd: Rngd | None
    processors: Processors | None
    machine: str
    kernel: str
    distro: str
    hwrng: str
    seconds: float
    problems: Mapping[str, str]
    place: str = SOMEWHERE
    by_disk: bool = False

    @classmethod
    def from_plain(cls, data: object, place: str = "") -> GuestReport:
        """Read what the guest program printed, or what ``dataclasses.asdict`` made of a report.

        ``place`` replaces the report's own. Reports of earlier versions have no ``by_disk``. Raises ValueError, naming
        the key and what was found, for another shape.
        """
        return cls.read(Fields("report", data), place)

    @classmethod
    def read(cls, fields: Fields, place: str = "") -> GuestReport:
        """The same for data within something larger, which messages name."""
        problems = fields.fields("problems")
        return cls(
            entropy_avail=fields.text("entropy_avail"),
            fips=tuple(map(FipsRun.read, fields.each("fips"))) if fields.has("fips") else (),
            rngd=Rngd.read(fields.fields("rngd")) if fields.has("rngd") else None,
            processors=Processors.read(fields.fields("processors")) if fields.has("processors") else None,
            machine=fields.text("machine"),
            kernel=fields.text("kernel"),
            distro=fields.text("distro"),
            hwrng=fields.text("hwrng"),
            seconds=fields.number("seconds"),
            problems={part: problems.text(part) for part in problems.names()},
            place=place or fields.text("place", SOMEWHERE),
            by_disk=fields.truth("by_disk", False),
        )

    @property
    def best_fips(self) -> FipsRun | None:
        """The better one of the complete measurements; None if there is none."""
        complete = [run for run in self.fips if run.blocks >= BLOCKS]
        return min(complete, key=lambda run: run.failures, default=None)


@dataclasses.dataclass(frozen=True, slots=True)
class GuestReading:
    """The sample VM's report, and what the VM was: ``seconds`` is the time from its creation to the report.

    ``image`` (a name, else the id) was booted with ``flavor`` (a name) in ``zone``; ``zone`` is empty where the cloud
    does not tell.
    """

    report: GuestReport
    image: str
    flavor: str
    zone: str
    seconds: float

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> GuestReading:
        """Read the section ``guest``; raises ValueError, naming the key and what was found, for another shape."""
        fields = Fields("guest", data)
        image = fields.fields("image")
        identity = image.text("id")
        return cls(
            report=GuestReport.read(fields.fields("report")),
            image=image.text("name") if image.has("name") else identity,
            flavor=fields.text("flavor"),
            zone=fields.text("zone") if fields.has("zone") else "",
            seconds=fields.number("seconds"),
        )
