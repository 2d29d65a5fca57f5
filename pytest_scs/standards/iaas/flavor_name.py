# SPDX-License-Identifier: Apache-2.0
"""The parts of an SCS flavor name, and how they are written (scs-0100-v3); ``flavor_grammar`` reads them."""

from __future__ import annotations

import dataclasses
import enum
from typing import Final

PREFIX: Final = "SCS-"


class Syntax(enum.StrEnum):
    """The two ways to write a name: with the delimiters since scs-0100-v2, or with those of scs-0100-v1."""

    CURRENT = "current"
    V1 = "v1"

    @property
    def inner(self) -> str:
        """The delimiter before RAM, disk and GPU numbers."""
        return "-" if self is Syntax.CURRENT else ":"

    @property
    def outer(self) -> str:
        """The delimiter before each extension."""
        return "_" if self is Syntax.CURRENT else "-"


@dataclasses.dataclass(frozen=True, slots=True)
class Disk:
    """The disk part: ``size`` in GB of each of ``count`` independent disks.

    ``size`` is None where the cloud chooses it; ``type`` is a code of ``DISK_TYPES`` or empty where the cloud chooses.
    """

    size: int | None = None
    type: str = ""
    count: int = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Processor:
    """The CPU part: ``vendor`` is a code of ``CPU_VENDORS``; generation 0 is "old or unspecified".

    ``speed`` is the number of ``h``, 0 to 3.
    """

    vendor: str
    generation: int = 0
    speed: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Gpu:
    """The GPU part: ``vendor`` is a code of ``GPU_VENDORS``, ``generation`` one of its codes or empty.

    ``units`` counts processing units, ``memory`` is the video memory in GiB; None where the name does not tell.
    ``units_speed`` and ``memory_speed`` are numbers of ``h``, 0 to 2. Speed marks without units, and memory without
    units, are what the official suite reads from ``GNah-64`` (DEV-0100-6); the text knows neither.
    """

    passthrough: bool
    vendor: str
    generation: str = ""
    units: int | None = None
    units_speed: int = 0
    memory: int | None = None
    memory_speed: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class FlavorName:
    """What a flavor name says.

    ``cpu_type`` is a code of ``CPU_TYPES``; ``half_gib`` is the RAM in units of 512 MiB, the finest step a name knows;
    ``disk`` None means no root disk; ``hypervisor`` is a code of ``HYPERVISORS`` or empty (then it is KVM).
    Values are not validated here: ``flavor_grammar.parse(format_name(...))`` tells whether the standard knows them.
    """

    cpus: int
    cpu_type: str
    half_gib: int
    insecure: bool = False
    no_ecc: bool = False
    ram_oversubscribed: bool = False
    disk: Disk | None = None
    hypervisor: str = ""
    hwv: bool = False
    processor: Processor | None = None
    gpu: Gpu | None = None
    infiniband: bool = False

    @property
    def ram_mib(self) -> int:
        """The promised RAM in MiB."""
        return 512 * self.half_gib

    @property
    def ram_gib(self) -> str:
        """The promised RAM in GiB as it is written: ``4``, ``3.5``."""
        return f"{self.half_gib // 2}{'.5' if self.half_gib % 2 else ''}"

    @property
    def disk_size(self) -> int:
        """The promised size in GB of the root disk; 0 without a disk and where the cloud chooses the size."""
        return (self.disk.size or 0) if self.disk else 0


def is_scs_name(name: str | None) -> bool:
    """Whether scs-0100 governs this name at all: it starts with ``SCS-``, in exactly this spelling."""
    return name is not None and name.startswith(PREFIX)


def format_name(flavor: FlavorName, syntax: Syntax = Syntax.CURRENT) -> str:
    """The canonical spelling: no leading zeros, no ``.0``, no ``1x``, no generation 0 (scs-0100-v3)."""
    inner, outer = syntax.inner, syntax.outer
    text = f"{PREFIX}{flavor.cpus}{flavor.cpu_type}{'i' if flavor.insecure else ''}"
    text += f"{inner}{flavor.ram_gib}{'u' if flavor.no_ecc else ''}{'o' if flavor.ram_oversubscribed else ''}"
    if flavor.disk:
        text += inner + _format_disk(flavor.disk)
    if flavor.hypervisor:
        text += outer + flavor.hypervisor
    if flavor.hwv:
        text += outer + "hwv"
    if flavor.processor:
        generation = flavor.processor.generation or ""
        text += f"{outer}{flavor.processor.vendor}{generation}{'h' * flavor.processor.speed}"
    if flavor.gpu:
        text += outer + _format_gpu(flavor.gpu, inner)
    if flavor.infiniband:
        text += outer + "ib"
    return text


def _format_disk(disk: Disk) -> str:
    count = f"{disk.count}x" if disk.count != 1 else ""
    size = "" if disk.size is None else str(disk.size)
    return f"{count}{size}{disk.type}"


def _format_gpu(gpu: Gpu, inner: str) -> str:
    units = "" if gpu.units is None else f"{inner}{gpu.units}"
    memory = "" if gpu.memory is None else f"{inner}{gpu.memory}"
    kind = "G" if gpu.passthrough else "g"
    return f"{kind}{gpu.vendor}{gpu.generation}{units}{'h' * gpu.units_speed}{memory}{'h' * gpu.memory_speed}"


def to_v1(name: str) -> str:
    """Rewrite a name of the current syntax with the delimiters of scs-0100-v1; what it says is not examined.

    Raises ValueError if it does not start with ``SCS-``.
    """
    if not is_scs_name(name):
        raise ValueError(f"not an SCS flavor name: {name!r}; it must start with {PREFIX!r}")
    return PREFIX + name[len(PREFIX) :].replace("-", ":").replace("_", "-")


def shorten(flavor: FlavorName) -> FlavorName:
    """The less specific flavor that should be offered as well (scs-0100-v3 and its supplement).

    Hypervisor, ``hwv``, x86 vendors and the speed marks of the GPU go; other CPU vendors keep their letter, because it
    tells the architecture.
    """
    processor = flavor.processor
    if processor is not None:
        processor = None if processor.vendor in "iz" else Processor(processor.vendor)
    gpu = flavor.gpu and dataclasses.replace(flavor.gpu, units_speed=0, memory_speed=0)
    return dataclasses.replace(flavor, hypervisor="", hwv=False, processor=processor, gpu=gpu)


def short_name(flavor: FlavorName, syntax: Syntax = Syntax.CURRENT) -> str:
    """The canonical spelling of ``shorten(flavor)``."""
    return format_name(shorten(flavor), syntax)
