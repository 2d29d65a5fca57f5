# SPDX-License-Identifier: Apache-2.0
"""The letters and numbers of flavor names and what they promise (scs-0100-v3; extra-spec values from scs-0103-v1).

The tables in words: docs/standards/scs-0100.md#codes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: The newest major version of scs-0100, and those written with the delimiters of the current syntax.
NEWEST_VERSION: Final = 3
CURRENT_SYNTAX_VERSIONS: Final = (2, 3)


@dataclasses.dataclass(frozen=True, slots=True)
class Grade:
    """What a CPU suffix or a disk letter promises.

    ``rank`` orders the promises within their table: a higher rank fulfils a lower one. ``spec_value`` is the value of
    the extra spec ``scs:cpu-type`` or ``scs:diskN-type`` with the same meaning. ``noun`` is what customers call it.
    """

    code: str
    rank: int
    spec_value: str
    noun: str


@dataclasses.dataclass(frozen=True, slots=True)
class Generation:
    """A CPU or GPU generation; ``since`` is the first major version of scs-0100 whose text knows the code.

    ``official`` is False where the text allows the code but the official suite does not accept it (DEV-0100-7).
    """

    meaning: str
    since: int = 1
    official: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class CpuVendor:
    """A CPU vendor letter; ``architecture`` is the image property value that fits, ``uname`` what ``uname -m`` prints.

    ``architecture`` is None where Glance knows no value.
    """

    name: str
    architecture: str | None
    uname: str
    generations: Mapping[int, Generation]


@dataclasses.dataclass(frozen=True, slots=True)
class GpuVendor:
    """A GPU vendor letter; ``unit`` names one processing unit, ``pci_id`` is the vendor's PCI number."""

    name: str
    unit: str
    pci_id: int
    generations: Mapping[str, Generation]


def _grades(*grades: Grade) -> Mapping[str, Grade]:
    return MappingProxyType({grade.code: grade for grade in grades})


CPU_TYPES: Final = _grades(
    Grade("C", 3, "dedicated-core", "dedicated core"),
    Grade("T", 2, "dedicated-thread", "dedicated hardware thread"),
    Grade("V", 1, "shared-core", "shared vCPU"),
    Grade("L", 0, "crowded-core", "heavily oversubscribed vCPU"),
)

#: The letter ``s`` also promises power-loss protection and more than 1000 sequential write IOPS (scs-0110-v1).
DISK_TYPES: Final = _grades(
    Grade("n", 0, "network", "network disk"),
    Grade("h", 1, "hdd", "local hard disk"),
    Grade("s", 2, "ssd", "local SSD"),
    Grade("p", 3, "nvme", "local high-performance NVMe disk"),
)

CPU_TYPE_OF_SPEC: Final[Mapping[str, Grade]] = MappingProxyType(
    {grade.spec_value: grade for grade in CPU_TYPES.values()}
)
DISK_TYPE_OF_SPEC: Final[Mapping[str, Grade]] = MappingProxyType(
    {grade.spec_value: grade for grade in DISK_TYPES.values()}
)

#: Hypervisor code -> what a customer gets. KVM is the default, hence the code may be left out.
HYPERVISORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "kvm": "KVM hypervisor",
        "chy": "Cloud Hypervisor",
        "xen": "Xen hypervisor",
        "vmw": "VMware hypervisor",
        "hyv": "Hyper-V hypervisor",
        "bms": "bare metal",
    }
)
#: First major version of scs-0100 that knows the hypervisor code, where it is not the first.
HYPERVISOR_SINCE: Final[Mapping[str, int]] = MappingProxyType({"chy": 3})

CPU_VENDORS: Final[Mapping[str, CpuVendor]] = MappingProxyType(
    {
        "i": CpuVendor(
            "Intel",
            "x86_64",
            "x86_64",
            {
                0: Generation("before Skylake"),
                1: Generation("Skylake"),
                2: Generation("Cascade Lake"),
                3: Generation("Ice Lake"),
                4: Generation("Sapphire Rapids", since=2),
                5: Generation("Sierra Forest", since=3),
                6: Generation("Granite Rapids", since=3),
            },
        ),
        "z": CpuVendor(
            "AMD",
            "x86_64",
            "x86_64",
            {
                0: Generation("before Zen"),
                1: Generation("Zen 1 (Naples)"),
                2: Generation("Zen 2 (Rome)"),
                3: Generation("Zen 3 (Milan)"),
                4: Generation("Zen 4 (Genoa, Bergamo)"),
                5: Generation("Zen 5 (Turin)", since=3),
                6: Generation("Zen 6 (Venice)", since=3),
            },
        ),
        "a": CpuVendor(
            "Arm",
            "aarch64",
            "aarch64",
            {
                0: Generation("before Cortex-A76"),
                1: Generation("Cortex-A76, Neoverse N1 class"),
                2: Generation("Cortex-A78, X1, Neoverse V1 class"),
                3: Generation("Cortex-A71x, Neoverse N2, V2 class"),
                4: Generation("AmpereOne", since=3),
                5: Generation("Cortex-A72x, Neoverse N3, V3 class", since=3),
            },
        ),
        "r": CpuVendor("RISC-V", None, "riscv64", {0: Generation("unspecified")}),
    }
)

#: Number of ``h`` after the CPU generation -> clock that all cores sustain, in GHz.
ALL_CORE_GHZ: Final[Mapping[int, str]] = MappingProxyType({1: "2.75", 2: "3.25", 3: "3.75"})

# Up to scs-0100-v2 the codes 1 to 3 of AMD named RDNA 1 to 3; since v3.3 they name CDNA, and RDNA x is written x.1.
GPU_VENDORS: Final[Mapping[str, GpuVendor]] = MappingProxyType(
    {
        "N": GpuVendor(
            "Nvidia",
            "streaming multiprocessor",
            0x10DE,
            {
                "f": Generation("Fermi"),
                "k": Generation("Kepler"),
                "m": Generation("Maxwell"),
                "p": Generation("Pascal"),
                "v": Generation("Volta"),
                "t": Generation("Turing"),
                "a": Generation("Ampere"),
                "l": Generation("Ada Lovelace", since=2),
                "g": Generation("Grace Hopper", since=3),
                "b": Generation("Blackwell", since=3),
                "u": Generation("Blackwell Ultra", since=3),
            },
        ),
        "A": GpuVendor(
            "AMD",
            "compute unit",
            0x1002,
            {
                "0.1": Generation("GCN 1", official=False),
                "0.2": Generation("GCN 2", official=False),
                "0.3": Generation("GCN 3", official=False),
                "0.4": Generation("GCN 4 (Polaris)"),
                "0.5": Generation("GCN 5 (Vega)"),
                "1": Generation("CDNA 1"),
                "2": Generation("CDNA 2"),
                "3": Generation("CDNA 3", since=2),
                "4": Generation("CDNA 4", since=3),
                "5": Generation("UDNA 5", since=3, official=False),
                "1.1": Generation("RDNA 1", since=3),
                "2.1": Generation("RDNA 2", since=3),
                "3.1": Generation("RDNA 3", since=3),
                "3.5": Generation("RDNA 3.5", since=3),
                "4.1": Generation("RDNA 4", since=3),
                "5.1": Generation("RDNA 5", since=3),
            },
        ),
        "I": GpuVendor(
            "Intel",
            "execution unit",
            0x8086,
            {
                "0.9": Generation("Gen9"),
                "0.95": Generation("Gen9.5", since=3),
                "1": Generation("Xe 12.1 (DG1)"),
                "2": Generation("Xe 12.2", since=3),
                "3": Generation("Arc 12.7 (DG2)", since=3),
                "4": Generation("Battlemage", since=3),
            },
        ),
    }
)
