# SPDX-License-Identifier: Apache-2.0
"""Reading and writing SCS flavor names (scs-0100-v3)."""

from __future__ import annotations

import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas.flavor_grammar import MAX_LENGTH, FlavorNameError, ParsedName, parse
from pytest_scs.standards.iaas.flavor_name import (
    Disk,
    FlavorName,
    Gpu,
    Processor,
    Syntax,
    format_name,
    is_scs_name,
    short_name,
    shorten,
    to_v1,
)
from pytest_scs.standards.iaas.flavor_tables import (
    CPU_TYPE_OF_SPEC,
    CPU_TYPES,
    CPU_VENDORS,
    DISK_TYPE_OF_SPEC,
    DISK_TYPES,
    GPU_VENDORS,
    HYPERVISORS,
)

BASE = "SCS-2C-4-10n"

GOOD = """
    SCS-4V-16-50 SCS-4V-16 SCS-1V-0.5 SCS-2C-3.5-10n
    SCS-2C-4-10n SCS-2T-4-10s SCS-2L-4-10p SCS-2Li-4-10h
    SCS-2C-4u-10n SCS-2C-4o-10n SCS-2C-4uo-10n
    SCS-2C-4- SCS-2C-4-n SCS-2C-4-_ib SCS-2C-4-_bms_z3h_GNa-64_ib
    SCS-2C-4-3x10s SCS-4C-16-2x200p_a1
    SCS-4V-10.5 SCS-1C-9007199254740993
    ~_kvm ~_chy ~_xen_hwv ~_bms_hwv ~_hwv SCS-2C-4_bms_z3
    ~_i ~_i0 ~_i6 ~_z6 ~_a5 ~_r ~_r0 ~_zh ~_z3hhh
    ~_ib ~_i_ib
    ~_GN ~_GNa ~_GNa-64 ~_GNa-64h ~_GNa-64hh-24h ~_gNa-14-6h ~_GA3.1-96-48 ~_GI0.95 ~_GNa-64_ib ~_GN-64
    SCS-16T-64-3x10s_bms_hwv_i3h_GNa-64_ib
    SCS-1V:4 SCS-2C:4:10n-bms SCS-16T:64:3x10s-GNa:64-ib
    ~_GNa-56-24 ~_GNa-14-6 ~_GNa-108h-80h ~_GNl-142hh-48 ~_GNg-132-80h ~_GNg-66-70h ~_GNb-160-192h ~_GA3-304-192h
    ~_GA4-256h-288h ~_GI3-128-128h ~_GI4-128-16
"""
BAD = """
    SCS-2C-4ou-10n SCS-2iT-4-10n SCS-2-4-10n SCS-2v-4 SCS-2D-4
    SCS-4V-16-0 SCS-4V-16-0x10 SCS-0V-16 SCS-V-16 SCS-4V-0 SCS-4V-
    SCS-4V-3.25 SCS-4V-3.3 SCS-4V-4.0000000001 SCS-4V-0.0000000000000000000001 SCS-4V-1..5
    SCS-2C-4-1.5n SCS-4V-. SCS-4V-0.0
    SCS-2C-4-10l SCS-2C-4-10N SCS-2C-4-10n- SCS-2C-4-10n_ SCS-2C-4_
    SCS-2C-4-10_hwv_xen ~_hwv_hwv ~_bms_bms SCS-2C-4-n_bms_3
    ~_i7 ~_z7 ~_a6 ~_r1 ~_z3hhhh ~_a72 ~_ipub
    ~_ib_i ~_ib_ib
    ~_GNz ~_GA0 ~_GI5 ~_GX ~_ga2 ~_GNa-0 ~_GNa-64-0 ~_GNa-64.5 ~_GNa-64hhh ~_GNa-64-24hhh ~_GNahhh ~_GNah-64-24
    SCS-2C:4:10n-chy SCS-1V:4-10 SCS-1V-4:10 SCS-1V-4-10-ib
    SCS- SCS-foo
"""
OFFICIAL_ONLY = {
    "DEV-0100-3": "SCS-4V-16-3x SCS-4V-16-3xs",
    "DEV-0100-4": "SCS-4V-16-x10 SCS-4V-16-x SCS-4V-16-xs",
    "DEV-0100-5": """SCS-04V-16 SCS-4V-016 SCS-4V-016.5 SCS-4V-16-010 SCS-4V-.5 SCS-4V-5. SCS-4V-3.50 ~_z03 ~_GNa-064
        SCS-04V:16""",
    "DEV-0100-6": "~_GNah ~_GNah-64 ~_GNah_ib",
    "DEV-0100-12": """SCS-1C-4.000000000000000000001 SCS-1C-1.4999999999999999999999 SCS-1C-99999999999999999.3
        SCS-1C-0.50000000000000000000001u SCS-1C:4.000000000000000000001 SCS-1C-3.99999999999999999999-10n""",
    "DEV-0100-13": "~_GNa-64hh-24hh SCS-1C-4_GNa-14-6hh SCS-1C-4_GNa-14-6hh_ib SCS-1C:4-GNa:14:6hh",
}
TEXT_ONLY = {
    "DEV-0100-2": "~_GNa_ib ~_GN_ib SCS-2C:4:10n-GNa-ib",
    "DEV-0100-7": "~_GA0.3 ~_GA5 ~_GA0.1-8",
}


def names(text: str) -> list[str]:
    return [word.replace("~", BASE) for word in text.split()]


def row_names(rows: dict[str, str]) -> list[tuple[str, str]]:
    return [(row, name) for row, text in rows.items() for name in names(text)]


def rows(parsed: ParsedName) -> set[str]:
    return {difference.deviation for difference in parsed.differences}


@pytest.mark.parametrize("name", names(GOOD))
def test_a_name_by_the_grammar_is_accepted_by_both(name: str) -> None:
    assert parse(name).accepted_by()


@pytest.mark.parametrize("name", [*names(BAD), BASE + " ", BASE + "\n", BASE + "_kvm\n", "SCS-٢V-4", "SCS-2V-٤"])
def test_a_name_against_the_grammar_is_refused(name: str) -> None:
    with pytest.raises(FlavorNameError):
        parse(name)


@pytest.mark.parametrize(("row", "name"), row_names(OFFICIAL_ONLY))
def test_a_name_that_only_the_official_suite_accepts(row: str, name: str) -> None:
    parsed = parse(name)
    assert parsed.accepted_by(Judge.OFFICIAL)
    assert not parsed.accepted_by(Judge.TEXT)
    assert not parsed.accepted_by()
    assert rows(parsed) == {row}


@pytest.mark.parametrize(("row", "name"), row_names(TEXT_ONLY))
def test_a_name_that_only_the_text_accepts(row: str, name: str) -> None:
    parsed = parse(name)
    assert parsed.accepted_by(Judge.TEXT)
    assert not parsed.accepted_by(Judge.OFFICIAL)
    assert rows(parsed) == {row}


def test_a_name_that_each_side_rejects_for_its_own_reason_is_refused() -> None:
    with pytest.raises(FlavorNameError) as caught:
        parse("SCS-4V-016_GA5")
    assert caught.value.remainder == "016_GA5"


@pytest.mark.parametrize("name", ["scs-2V-4", " SCS-2V-4", "SCS_4V_16", "m1.small", "", None])
def test_other_names_are_not_governed(name: str | None) -> None:
    assert not is_scs_name(name)


def test_a_foreign_name_cannot_be_read_or_converted() -> None:
    with pytest.raises(FlavorNameError) as caught:
        parse("m1.small")
    assert caught.value.position == 0
    with pytest.raises(ValueError, match=r"m1\.small"):
        to_v1("m1.small")


@pytest.mark.parametrize(
    ("name", "remainder", "expected"),
    [
        ("SCS-", "", "number of CPUs"),
        ("SCS-foo", "foo", "number of CPUs"),
        ("SCS-2v-4", "v-4", "C, T, V, L"),
        ("SCS-2V4", "4", "RAM size"),
        ("SCS-2V-", "", "RAM size"),
        ("SCS-2V-3.3", "3.3", "multiple of 0.5"),
        ("SCS-2V-4ou", "u", "'-' with a disk"),
        ("SCS-2V-4-0", "0", "positive"),
        ("SCS-2V-4-10l", "l", "disk type"),
        ("SCS-2V-4-l", "l", "disk size or type"),
        ("SCS-2V-4-10n_hwv_xen", "_xen", "'_' with a CPU vendor"),
        ("SCS-2V-4-10n_i7", "7", "Intel CPUs, 0 to 6"),
        ("SCS-2V-4-10n_z3hhhh", "h", "at most 3"),
        ("SCS-2V-4-10n_ga2", "a2", "GPU vendor"),
        ("SCS-2V-4-10n_GNz", "z", "Nvidia"),
        ("SCS-2V-4-10n_GNa-", "", "number of GPU units"),
        ("SCS-2V-4-10n_GNa-64-24hhh", "h", "at most 2"),
        ("SCS-2V-4-10n_ib_ib", "_ib", "the end of the name"),
        ("SCS-1V:4-10", "-10", "':' with a disk"),
        ("SCS-1V-4:10", ":10", "'-' with a disk"),
    ],
)
def test_the_error_tells_where_and_what_was_expected(name: str, remainder: str, expected: str) -> None:
    with pytest.raises(FlavorNameError) as caught:
        parse(name)
    error = caught.value
    assert error.remainder == remainder
    assert error.position == len(name) - len(remainder)
    assert expected in error.expected
    assert expected in str(error)


def test_the_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(FlavorNameError("SCS-2v", 5, "the CPU type")))
    assert (error.name, error.remainder, error.expected) == ("SCS-2v", "v", "the CPU type")


def test_a_name_longer_than_nova_allows_is_refused() -> None:
    longest = "SCS-1V-" + "9" * (MAX_LENGTH - 7)
    assert parse(longest).canonical == longest
    for name in (longest + "9", "SCS-" + "9" * 10000, "SCS-1V-4-10n_z3" + "h" * 100000):
        with pytest.raises(FlavorNameError):
            parse(name)


@pytest.mark.parametrize(
    ("name", "flavor"),
    [
        ("SCS-1V-0.5", FlavorName(1, "V", 1)),
        ("SCS-2Li-3.5uo-", FlavorName(2, "L", 7, insecure=True, no_ecc=True, ram_oversubscribed=True, disk=Disk())),
        ("SCS-2C-4-n", FlavorName(2, "C", 8, disk=Disk(type="n"))),
        ("SCS-2C-4-1x10", FlavorName(2, "C", 8, disk=Disk(10))),
        ("SCS-2C-4-x10", FlavorName(2, "C", 8, disk=Disk(10))),
        ("SCS-2C-4-3xs", FlavorName(2, "C", 8, disk=Disk(None, "s", 3))),
        ("SCS-2C-4_GNah-64", FlavorName(2, "C", 8, gpu=Gpu(True, "N", "a", units_speed=1, memory=64))),
        (
            "SCS-16T-64-3x10s_bms_hwv_i3h_gNa-64hh-24h_ib",
            FlavorName(
                16,
                "T",
                128,
                disk=Disk(10, "s", 3),
                hypervisor="bms",
                hwv=True,
                processor=Processor("i", 3, 1),
                gpu=Gpu(False, "N", "a", 64, 2, 24, 1),
                infiniband=True,
            ),
        ),
    ],
)
def test_the_parts_of_a_name_are_read(name: str, flavor: FlavorName) -> None:
    assert parse(name).flavor == flavor


def test_promised_quantities() -> None:
    flavor = parse("SCS-2C-3.5-3x20s").flavor
    assert (flavor.cpus, flavor.ram_mib, flavor.ram_gib, flavor.disk_size) == (2, 3584, "3.5", 20)
    assert parse("SCS-2C-4").flavor.disk_size == parse("SCS-2C-4-n").flavor.disk_size == 0


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("SCS-04V-016.0-010_z03", "SCS-4V-16-10_z3"),
        ("SCS-4V-.5-1x10", "SCS-4V-0.5-10"),
        ("SCS-4V-3.50-x10", "SCS-4V-3.5-10"),
        ("SCS-2C-4-n_i0h", "SCS-2C-4-n_ih"),
        ("SCS-2C-4-n_r0", "SCS-2C-4-n_r"),
        ("SCS-02C:4:10n-z0", "SCS-2C:4:10n-z"),
        ("SCS-2C-4-_GN_ib", "SCS-2C-4-_GN_ib"),
    ],
)
def test_the_canonical_form(name: str, canonical: str) -> None:
    assert parse(name).canonical == canonical


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("SCS-16T-64-3x10s_bms_hwv_i3h_GNa-64_ib", "SCS-16T-64-3x10s_GNa-64_ib"),
        ("SCS-4C-16_z3hh", "SCS-4C-16"),
        ("SCS-4C-16_kvm_a2h_gNg-66hh-70h", "SCS-4C-16_a_gNg-66-70"),
        ("SCS-4C-16_r0", "SCS-4C-16_r"),
        ("SCS-4Vi-16u-50", "SCS-4Vi-16u-50"),
    ],
)
def test_the_short_form(name: str, short: str) -> None:
    assert short_name(parse(name).flavor) == short


def test_the_short_form_in_v1_syntax() -> None:
    assert short_name(parse("SCS-2C-4-10n_bms_ib").flavor, Syntax.V1) == "SCS-2C:4:10n-ib"


@pytest.mark.parametrize(
    ("current", "v1"),
    [
        ("SCS-2V-4-20s", "SCS-2V:4:20s"),
        ("SCS-16T-64-3x10s_GNa-64_ib", "SCS-16T:64:3x10s-GNa:64-ib"),
        ("SCS-2C-4-_bms", "SCS-2C:4:-bms"),
    ],
)
def test_a_name_is_converted_to_v1_syntax(current: str, v1: str) -> None:
    assert to_v1(current) == v1
    assert parse(v1).syntax is Syntax.V1
    assert parse(current).syntax is Syntax.CURRENT
    assert parse(v1).flavor == parse(current).flavor


@pytest.mark.parametrize(
    ("name", "deviations"),
    [
        ("SCS-4V-16", []),
        ("SCS-4V-9.5", []),
        ("SCS-4V-10", []),
        ("SCS-4V-10.5", [""]),
        ("SCS-1V:4", ["DEV-0100-9"]),
        ("SCS-1V:10.5", ["DEV-0100-9", ""]),
        (f"{BASE}_GN-64", ["DEV-0100-8"]),
        (f"{BASE}_GN", []),
    ],
)
def test_warnings(name: str, deviations: list[str]) -> None:
    parsed = parse(name)
    assert parsed.accepted_by()
    assert [warning.deviation for warning in parsed.warnings] == deviations


@pytest.mark.parametrize(
    ("name", "versions"),
    [
        ("SCS-4V-16", (2, 3)),
        ("SCS-4V:16", (1,)),
        ("SCS-4V-16_i4", (2, 3)),
        ("SCS-4V:16-i4", ()),
        ("SCS-4V:16-i3", (1,)),
        ("SCS-4V-16_i5", (3,)),
        ("SCS-4V-16_a4", (3,)),
        ("SCS-4V-16_chy", (3,)),
        ("SCS-4V-16_GNl-64", (2, 3)),
        ("SCS-4V-16_GNa-64-24", (3,)),
        ("SCS-4V-16_GNb", (3,)),
        ("SCS-4V-16_GA3.1", (3,)),
        ("SCS-4V-16_GA0.3", (2, 3)),
        ("SCS-4V-16-3x", (2,)),
        ("SCS-4V:16:3xs", (1,)),
        ("SCS-04V-16", ()),
    ],
)
def test_the_versions_whose_text_admits_the_name(name: str, versions: tuple[int, ...]) -> None:
    assert parse(name).versions == versions


def test_ranks_and_extra_spec_values_correspond() -> None:
    by_rank = sorted(CPU_TYPES.values(), key=lambda grade: grade.rank)
    assert [grade.code for grade in by_rank] == list("LVTC")
    assert [grade.spec_value for grade in by_rank] == [
        "crowded-core",
        "shared-core",
        "dedicated-thread",
        "dedicated-core",
    ]
    disks = sorted(DISK_TYPES.values(), key=lambda grade: grade.rank)
    assert [(grade.code, grade.spec_value) for grade in disks] == [
        ("n", "network"),
        ("h", "hdd"),
        ("s", "ssd"),
        ("p", "nvme"),
    ]
    assert CPU_TYPE_OF_SPEC["shared-core"].code == "V"
    assert DISK_TYPE_OF_SPEC["nvme"].code == "p"


# Properties.

count = st.integers(1, 10**6)
speed = st.integers(0, 2)


@st.composite
def gpus(draw: st.DrawFn) -> Gpu:
    vendor = draw(st.sampled_from(sorted(GPU_VENDORS)))
    generation = draw(st.sampled_from(["", *GPU_VENDORS[vendor].generations]))
    passthrough = draw(st.booleans())
    if draw(st.booleans()):
        return Gpu(passthrough, vendor, generation)
    memory, memory_speed = draw(st.just((None, 0)) | st.tuples(count, st.integers(0, 1)))
    return Gpu(passthrough, vendor, generation, draw(count), draw(speed), memory, memory_speed)


@st.composite
def processors(draw: st.DrawFn) -> Processor:
    vendor = draw(st.sampled_from(sorted(CPU_VENDORS)))
    return Processor(vendor, draw(st.sampled_from(sorted(CPU_VENDORS[vendor].generations))), draw(st.integers(0, 3)))


def flavor_names(hypervisors: list[str]) -> st.SearchStrategy[FlavorName]:
    """All names that the text allows."""
    disk_types = st.sampled_from(["", *DISK_TYPES])
    return st.builds(
        FlavorName,
        cpus=count,
        cpu_type=st.sampled_from(sorted(CPU_TYPES)),
        half_gib=count,
        insecure=st.booleans(),
        no_ecc=st.booleans(),
        ram_oversubscribed=st.booleans(),
        disk=st.none() | st.builds(Disk, count, disk_types, count) | st.builds(Disk, st.none(), disk_types),
        hypervisor=st.sampled_from(["", *hypervisors]),
        hwv=st.booleans(),
        processor=st.none() | processors(),
        gpu=st.none() | gpus(),
        infiniband=st.booleans(),
    )


current_names = flavor_names(list(HYPERVISORS))
v1_names = flavor_names([code for code in HYPERVISORS if code != "chy"])


@given(current_names)
def test_what_was_written_is_read_again(flavor: FlavorName) -> None:
    name = format_name(flavor)
    parsed = parse(name)
    assert parsed.flavor == flavor
    assert parsed.syntax is Syntax.CURRENT
    assert parsed.canonical == name
    assert parsed.accepted_by(Judge.TEXT)
    assert 3 in parsed.versions


@given(v1_names)
def test_what_was_written_in_v1_syntax_is_read_again(flavor: FlavorName) -> None:
    name = format_name(flavor, Syntax.V1)
    parsed = parse(name)
    assert parsed.flavor == flavor
    assert parsed.syntax is Syntax.V1
    assert to_v1(format_name(flavor)) == name


@given(current_names)
def test_shortening_twice_changes_nothing_more(flavor: FlavorName) -> None:
    short = shorten(flavor)
    assert shorten(short) == short
    assert parse(short_name(flavor)).flavor == short
    assert len(short_name(flavor)) <= len(format_name(flavor))


@given(
    st.text() | st.text().map("SCS-".__add__) | st.text("SCTV-:_.0123456789xnhspuoizarGNAIkvmb\n").map("SCS-".__add__)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        understood = parse(text).text
    except FlavorNameError as error:
        understood = text[: error.position] + error.remainder
    assert understood == text


# The two grammars again, written another way: one expression each, and looked-up codes.

POSITIVE = "[1-9][0-9]*"
BY_THE_TEXT = re.compile(
    rf"SCS-{POSITIVE}[CTVL]i?-(?!0\.0)({POSITIVE}|(0|{POSITIVE})\.[05])u?o?(-(({POSITIVE}x)?{POSITIVE})?[nhsp]?)?"
    r"(_(kvm|chy|xen|vmw|hyv|bms))?(_hwv)?"
    r"(_(i[0-6]?|z[0-6]?|a[0-5]?|r0?)h{0,3}(?=_|\Z))?"
    rf"(_[Gg](N[fkmpvtalgbu]?|A(0\.[1-5]|3\.5|[1-5]\.1|[1-5])?|I(0\.9|0\.95|[1-4])?)(-{POSITIVE}h?h?(-{POSITIVE}h?)?)?)?"
    r"(_ib)?"
)
BY_THE_SUITE = re.compile(
    r"SCS-0*[1-9][0-9]*[CTVL]i?-(?!0*\.?0*(?![0-9.]))([0-9]+\.?|[0-9]*\.[05]0*)u?o?"
    r"(-((0*[1-9][0-9]*)?x)?(0*[1-9][0-9]*)?[nhsp]?)?"
    r"(_(kvm|chy|xen|vmw|hyv|bms))?(_hwv)?"
    r"(_(i0*[0-6]?|z0*[0-6]?|a0*[0-5]?|r0*)h{0,3}(?=_|\Z))?"
    r"(_[Gg](N[fkmpvtalgbu]?|A(0\.[45]|3\.5|[1-5]\.1|[1-4])?|I(0\.9|0\.95|[1-4])?)"
    r"(?=[-h]|\Z)(-0*[1-9][0-9]*)?h{0,2}(-0*[1-9][0-9]*h{0,2})?)?"
    r"(_ib)?"
)


@st.composite
def almost_names(draw: st.DrawFn) -> str:
    """A name that the text allows, with up to three characters or short parts inserted, replaced or left out."""
    name = format_name(draw(current_names))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(4, len(name)))
        piece = draw(
            st.sampled_from(["", "0", "1", "5", ".", ".5", "x", "-", "_", "h", "hh", "o", "u", "i", "_ib", "_GNa"])
        )
        name = name[:start] + piece + name[start + draw(st.integers(0, 1)) :]
    return name


@given(almost_names())
def test_the_reader_agrees_with_both_grammars(name: str) -> None:
    by_the_text = bool(BY_THE_TEXT.fullmatch(name))
    by_the_suite = bool(BY_THE_SUITE.fullmatch(name))
    try:
        parsed = parse(name)
    except FlavorNameError:
        assert (by_the_text, by_the_suite) == (False, False)
    else:
        assert (by_the_text, by_the_suite) == (parsed.accepted_by(Judge.TEXT), parsed.accepted_by(Judge.OFFICIAL))
