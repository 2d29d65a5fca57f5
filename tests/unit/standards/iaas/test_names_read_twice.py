# SPDX-License-Identifier: Apache-2.0
"""Names of flavors and images against a second, short reading of scs-0100-v3 and scs-0102: patterns, no parser."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_scs.core.findings import Finding
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas.flavor_grammar import FlavorNameError, parse
from pytest_scs.standards.iaas.image_recency import check_recency
from pytest_scs.standards.iaas.model import Image

# -- flavors ----------------------------------------------------------------------------------------------------------

NEWEST_CPU: Final = {"i": 6, "z": 6, "a": 5, "r": 0}
GPUS: Final = {
    "N": ["", "f", "k", "m", "p", "v", "t", "a", "l", "g", "b", "u"],
    "A": ["", "0.4", "0.5", "1", "2", "3", "4", "1.1", "2.1", "3.1", "4.1", "5.1", "3.5"],
    "I": ["", "0.9", "0.95", "1", "2", "3", "4"],
}
GPUS_OF_THE_TEXT: Final = {**GPUS, "A": [*GPUS["A"], "0.1", "0.2", "0.3", "5"]}


def pattern(*, v1: bool, text: bool) -> re.Pattern[str]:
    """The grammar with the one or the other delimiters, as the text has it or as lenient as the official suite is."""
    inner, outer = (":", "-") if v1 else ("-", "_")
    number = "[1-9][0-9]*" if text else "[0-9]+"
    hypervisor = "kvm|xen|vmw|hyv|bms" if v1 else "kvm|chy|xen|vmw|hyv|bms"
    ram = r"[1-9][0-9]*|(?:0|[1-9][0-9]*)\.[05]" if text else r"[0-9.]+"
    disk = f"(?:(?:(?P<count>{number})x)?(?P<size>{number}))?" if text else "(?:(?P<count>[0-9]*)x)?(?P<size>[0-9]*)"
    generation = "[0-9]?" if text else "[0-9]*"
    end = rf"(?={outer}|\Z)"
    units = (
        f"(?:{inner}(?P<units>{number})h{{0,2}}(?:{inner}(?P<memory>{number})h?)?)?"
        if text
        else f"(?:{inner}(?P<units>{number}))?h{{0,2}}(?:{inner}(?P<memory>{number})h{{0,2}})?"
    )
    gpu = rf"(?P<gpu>[NAI])(?P<card>{r'[a-z]?|[0-9]+(?:[.][0-9]+)?' if text else f'[^{inner}h]*'}){units}"
    return re.compile(
        rf"SCS-(?P<cpus>{number})[CTVL]i?{inner}(?P<ram>{ram})u?o?(?:{inner}{disk}[nhsp]?)?(?:{outer}(?:{hypervisor}))?"
        rf"(?:{outer}hwv)?(?:{outer}(?P<vendor>[izar])(?P<cpu>{generation})h{{0,3}}{end})?"
        rf"(?:{outer}[Gg]{gpu})?(?:{outer}ib)?"
    )


PATTERNS: Final = {judge: [pattern(v1=v1, text=judge is Judge.TEXT) for v1 in (False, True)] for judge in Judge}


def accepted(name: str, judge: Judge) -> bool:
    """Whether a judge takes the name, by the pattern and by what it means."""
    parts = next((match.groupdict() for one in PATTERNS[judge] if (match := one.fullmatch(name))), None)
    if parts is None or parts["ram"].count(".") > 1 or parts["ram"] == ".":
        return False
    halves = 2 * float(parts["ram"])
    positive = all(int(parts[key]) for key in ("cpus", "count", "size", "units", "memory") if parts[key])
    known = int(parts["cpu"] or "0") <= NEWEST_CPU.get(parts["vendor"], 0)
    cards = (GPUS_OF_THE_TEXT if judge is Judge.TEXT else GPUS).get(parts["gpu"] or "", [None])
    return positive and known and parts["card"] in cards and halves > 0 and halves == int(halves)


def words(*choices: str) -> st.SearchStrategy[str]:
    return st.sampled_from(choices)


numbers = words("1", "2", "16", "0", "01", "")
rams = words("4", "3.5", "0.5", ".5", "5.", "0", "0.0", "1.25", "016", "4.50", "0.49999999999999999999999", "1..5", ".")
marks = words("", "", "h", "hh", "hhh")


@st.composite
def flavor_names(draw: Any) -> str:
    """Names that follow the grammar, or nearly so; each part is there or not."""

    def maybe(*parts: st.SearchStrategy[str]) -> str:
        return "".join(map(draw, parts)) if draw(st.booleans()) else ""

    inner, outer = draw(st.sampled_from([(words("-"), words("_"))] * 3 + [(words(":"), words("-"))]))
    count = "".join(map(draw, (numbers, words("x", "x", "X")))) if draw(st.integers(0, 3)) == 0 else ""
    cards = words("", "a", "u", "z", "0.4", "0.1", "5", "5.1", "0.95", "4", "1.0", "h", "a_ib")
    gpu = draw(words("G", "g", "")) + draw(words("N", "A", "I", "X")) + draw(cards) + draw(marks)
    parts = (
        ["SCS-", *map(draw, (numbers, words("C", "T", "V", "L", "v"), words("", "", "i"), inner, rams))],
        [draw(words("", "", "u", "o", "uo", "ou"))],
        [maybe(inner, words(count), numbers, words("", "n", "s", "N"))],
        [maybe(outer, words("kvm", "chy", "bms", "KVM")), maybe(outer, words("hwv"))],
        [maybe(outer, words("i", "z", "a", "r", "x"), words("", "", "0", "3", "5", "6", "7", "03"), marks)],
        [maybe(outer, words(gpu), words("")) + maybe(inner, numbers, marks) + maybe(inner, numbers, marks)],
        [maybe(outer, words("ib", "ib", "IB")), draw(words("", "", "", "", " ", "\n"))],
    )
    return "".join(part for group in parts for part in group)


@settings(max_examples=250, deadline=None, derandomize=True, database=None)
@given(flavor_names())
def test_flavor_names_are_read_as_the_grammar_has_it(name: str) -> None:
    try:
        parsed = parse(name)
        found = {judge: parsed.accepted_by(judge) for judge in Judge}
    except FlavorNameError:
        found = dict.fromkeys(Judge, False)
    assert found == {judge: accepted(name, judge) for judge in Judge}


@pytest.mark.parametrize(
    ("name", "official", "text"),
    [
        ("SCS-2C-4_GNah", True, False),
        ("SCS-2C-4_GNa_ib", False, True),
        ("SCS-2V-4", True, True),
        ("SCS-x", False, False),
    ],
)
def test_the_second_reading_tells_the_judges_apart(name: str, official: bool, text: bool) -> None:
    assert (accepted(name, Judge.OFFICIAL), accepted(name, Judge.TEXT)) == (official, text)


# -- images -----------------------------------------------------------------------------------------------------------

NOW: Final = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
FRESH: Final = "Ubuntu 24.04"


def image(name: str, built: str) -> Image:
    promises = {"image_build_date": built, "replace_frequency": "monthly", "provided_until": "2028-01-01"}
    label = {"os_distro": "ubuntu", "os_version": "24.04", "architecture": "x86_64"}
    base = {"id": name, "name": name, "visibility": "public", "status": "active", "created_at": f"{built}T08:00:00Z"}
    return Image({**base, **promises, **label})


def rejected(old: str, judge: Judge) -> bool:
    """Whether an old image of that name beside a fresh one of the right name is a violation."""
    if judge is Judge.OFFICIAL:
        return old == FRESH or old.rpartition(" ")[0].rstrip() != FRESH
    number, day = r"[vr]?[0-9]+(?:[.-][0-9]+)*", r"[0-9]{8}(?:[-._][0-9]+)?"
    mark = rf"(?:{number}|{day}|old|prev)"
    whole = re.fullmatch(rf"{re.escape(FRESH)}[\s_-]+(?:({mark})|\(({mark})\)|\[({mark})\])\s*", old)
    return whole is None or "24.04" in whole.groups()


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(
    words(FRESH, "Ubuntu", "ubuntu 24.04", " Ubuntu 24.04"),
    words(" ", "  ", "-", "_", " - ", "\t", "\N{NO-BREAK SPACE}", ""),
    words("{}", "{}", "({})", "[{}]", "({}]", "{{{}}}", "({} "),
    words("20240101", "2024-01-01", "20240101.1", "20240703-1797", "20241301", "v1", "r12", "V1", "1..2", "old", "prev")
    | words("Old", "24.04", "24.04.1", "x", "LTS", "", "minimal", "1-", "\N{ARABIC-INDIC DIGIT ONE}"),
    words("", " ", "\t"),
)
def test_renamed_images_are_told_from_other_products(base: str, gap: str, brackets: str, mark: str, end: str) -> None:
    old = image(f"{base}{gap}{brackets.format(mark)}{end}", "2024-01-01")
    observed = [*check_recency([image(FRESH, "2026-06-01"), old], NOW)]
    bases = [found.basis for found in observed if isinstance(found, Finding)]
    assert {judge: any(basis.concerns(judge) for basis in bases) for judge in Judge} == {
        judge: rejected(str(old.name), judge) for judge in Judge
    }
