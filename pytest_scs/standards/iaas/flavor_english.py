# SPDX-License-Identifier: Apache-2.0
"""SCS flavor names in plain English, for customers who do not know the letters (meanings from scs-0100-v3)."""

from __future__ import annotations

from pytest_scs.standards.iaas.flavor_name import Disk, FlavorName, Gpu, Processor
from pytest_scs.standards.iaas.flavor_tables import (
    ALL_CORE_GHZ,
    CPU_TYPES,
    CPU_VENDORS,
    DISK_TYPES,
    GPU_VENDORS,
    HYPERVISORS,
)


def describe(flavor: FlavorName) -> str:
    """One line with everything the name says, e.g. ``4 shared vCPUs, 16 GiB RAM, 100 GB local SSD; bare metal``.

    The codes must be those of ``flavor_tables``, as ``flavor_grammar.parse`` guarantees; KeyError otherwise.
    """
    phrases = [f"{_cpus(flavor)}, {_ram(flavor)}, {_disk(flavor.disk)}"]
    if flavor.hypervisor:
        phrases.append(HYPERVISORS[flavor.hypervisor])
    if flavor.hwv:
        phrases.append("can run virtual machines inside (hardware virtualization)")
    if flavor.processor:
        phrases.append(_processor(flavor.processor))
    if flavor.gpu:
        phrases.append(_gpu(flavor.gpu))
    if flavor.infiniband:
        phrases.append("InfiniBand")
    return "; ".join(phrases)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _remarks(*remarks: str) -> str:
    """The non-empty remarks in parentheses, with a leading blank."""
    kept = [remark for remark in remarks if remark]
    return f" ({', '.join(kept)})" if kept else ""


def _cpus(flavor: FlavorName) -> str:
    cpus = _count(flavor.cpus, CPU_TYPES[flavor.cpu_type].noun)
    return cpus + _remarks("weak protection against CPU vulnerabilities" if flavor.insecure else "")


def _ram(flavor: FlavorName) -> str:
    no_ecc = "without error correction" if flavor.no_ecc else ""
    return f"{flavor.ram_gib} GiB RAM" + _remarks(no_ecc, "oversubscribed" if flavor.ram_oversubscribed else "")


def _disk(disk: Disk | None) -> str:
    if disk is None:
        return "no root disk (boots from a volume)"
    noun = DISK_TYPES[disk.type].noun if disk.type else "disk"
    if disk.count != 1:
        text = _count(disk.count, noun) + (f" of {disk.size} GB each" if disk.size else "")
    else:
        text = f"{disk.size} GB {noun}" if disk.size else noun
    open_points = [word for word, told in (("type", disk.type), ("size", disk.size)) if not told]
    return text + _remarks(f"{' and '.join(open_points)} chosen by the cloud" if open_points else "")


def _processor(processor: Processor) -> str:
    vendor = CPU_VENDORS[processor.vendor]
    text = f"{vendor.name} CPU"
    if processor.generation:
        text += f", generation {vendor.generations[processor.generation].meaning}"
    if processor.speed:
        text += f", above {ALL_CORE_GHZ[processor.speed]} GHz on all cores"
    return text


def _gpu(gpu: Gpu) -> str:
    vendor = GPU_VENDORS[gpu.vendor]
    generation = f" {vendor.generations[gpu.generation].meaning}" if gpu.generation else ""
    text = f"{'pass-through' if gpu.passthrough else 'virtual'} {vendor.name}{generation} GPU"
    speed = ("", "high speed", "very high speed")[gpu.units_speed]
    bandwidth = ("", "high bandwidth", "very high bandwidth")[gpu.memory_speed]
    amounts = []
    if gpu.units:
        amounts.append(_count(gpu.units, vendor.unit) + _remarks(speed))
    elif speed:
        amounts.append(speed)
    if gpu.memory:
        amounts.append(f"{gpu.memory} GiB video memory" + _remarks(bandwidth))
    return text + (f" with {' and '.join(amounts)}" if amounts else "")
