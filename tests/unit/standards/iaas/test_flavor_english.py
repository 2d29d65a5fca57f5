# SPDX-License-Identifier: Apache-2.0
"""Flavor names in plain English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.standards.iaas.flavor_english import describe
from pytest_scs.standards.iaas.flavor_grammar import parse
from pytest_scs.standards.iaas.flavor_name import Disk, FlavorName, Gpu, Processor
from pytest_scs.standards.iaas.flavor_tables import CPU_TYPES, CPU_VENDORS, DISK_TYPES, GPU_VENDORS, HYPERVISORS

NO_DISK = "no root disk (boots from a volume)"


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("SCS-4V-16-100s", "4 shared vCPUs, 16 GiB RAM, 100 GB local SSD"),
        ("SCS-1V-0.5", f"1 shared vCPU, 0.5 GiB RAM, {NO_DISK}"),
        (
            "SCS-2Li-3.5uo",
            "2 heavily oversubscribed vCPUs (weak protection against CPU vulnerabilities), "
            f"3.5 GiB RAM (without error correction, oversubscribed), {NO_DISK}",
        ),
        ("SCS-1C-4u", f"1 dedicated core, 4 GiB RAM (without error correction), {NO_DISK}"),
        ("SCS-2T-4-10", "2 dedicated hardware threads, 4 GiB RAM, 10 GB disk (type chosen by the cloud)"),
        ("SCS-2C-4-n", "2 dedicated cores, 4 GiB RAM, network disk (size chosen by the cloud)"),
        ("SCS-2C-4-", "2 dedicated cores, 4 GiB RAM, disk (type and size chosen by the cloud)"),
        ("SCS-2C-4-3x10p", "2 dedicated cores, 4 GiB RAM, 3 local high-performance NVMe disks of 10 GB each"),
        ("SCS-2C-4-3xh", "2 dedicated cores, 4 GiB RAM, 3 local hard disks (size chosen by the cloud)"),
        ("SCS-2C-4_bms", f"2 dedicated cores, 4 GiB RAM, {NO_DISK}; bare metal"),
        (
            "SCS-2C-4_kvm_hwv_z3hh",
            f"2 dedicated cores, 4 GiB RAM, {NO_DISK}; KVM hypervisor; can run virtual machines inside (hardware "
            "virtualization); AMD CPU, generation Zen 3 (Milan), above 3.25 GHz on all cores",
        ),
        ("SCS-2C-4_r", f"2 dedicated cores, 4 GiB RAM, {NO_DISK}; RISC-V CPU"),
        (
            "SCS-2C-4_GNa-64h-24hh_ib",
            f"2 dedicated cores, 4 GiB RAM, {NO_DISK}; pass-through Nvidia Ampere GPU with 64 streaming "
            "multiprocessors (high speed) and 24 GiB video memory (very high bandwidth); InfiniBand",
        ),
        ("SCS-2C-4_gA3.1-1", f"2 dedicated cores, 4 GiB RAM, {NO_DISK}; virtual AMD RDNA 3 GPU with 1 compute unit"),
        (
            "SCS-2C-4_GNahh",
            f"2 dedicated cores, 4 GiB RAM, {NO_DISK}; pass-through Nvidia Ampere GPU with very high speed",
        ),
        ("SCS-2C-4_GI", f"2 dedicated cores, 4 GiB RAM, {NO_DISK}; pass-through Intel GPU"),
    ],
)
def test_every_part_is_told(name: str, english: str) -> None:
    assert describe(parse(name).flavor) == english


@given(
    st.builds(
        FlavorName,
        cpus=st.integers(1),
        cpu_type=st.sampled_from(sorted(CPU_TYPES)),
        half_gib=st.integers(1),
        insecure=st.booleans(),
        no_ecc=st.booleans(),
        ram_oversubscribed=st.booleans(),
        disk=st.none()
        | st.builds(Disk, st.none() | st.integers(1), st.sampled_from(["", *DISK_TYPES]), st.integers(1)),
        hypervisor=st.sampled_from(["", *HYPERVISORS]),
        hwv=st.booleans(),
        processor=st.none()
        | st.sampled_from(
            [
                Processor(code, generation, speed)
                for code, vendor in CPU_VENDORS.items()
                for generation in vendor.generations
                for speed in range(4)
            ]
        ),
        gpu=st.none()
        | st.sampled_from(
            [
                Gpu(passthrough, code, generation, units, speed, memory, speed)
                for code, vendor in GPU_VENDORS.items()
                for generation in ["", *vendor.generations]
                for passthrough in (True, False)
                for units in (None, 1, 64)
                for memory in (None, 24)
                for speed in range(3)
            ]
        ),
        infiniband=st.booleans(),
    )
)
def test_every_flavor_name_has_a_description(flavor: FlavorName) -> None:
    english = describe(flavor)
    assert english.startswith(f"{flavor.cpus} ")
    assert f" {flavor.ram_gib} GiB RAM" in english
    assert "  " not in english
    assert english == english.strip()
    assert ("InfiniBand" in english) is flavor.infiniband
