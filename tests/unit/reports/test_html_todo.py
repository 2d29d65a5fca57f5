# SPDX-License-Identifier: Apache-2.0
"""The commands on the page: each offender stands in few lists, and there is an end to them."""

from __future__ import annotations

from pytest_scs.base.language import ENGLISH
from pytest_scs.core.findings import Finding
from pytest_scs.reports import html_todo
from pytest_scs.reports.mending import Mend, StandardMends


def mend(body: str, *numbers: int, decisive: bool = True) -> Mend:
    ids = tuple(f"id-{number}" for number in numbers)
    findings = tuple(
        Finding(f"image {one}", "a/b", "a title", "x", hint=f"{body} {one}", resource_id=one) for one in ids
    )
    return Mend(body, ids, command=True, findings=findings, testcases=(body,), decisive=decisive)


def commands(*mends: Mend) -> list[str]:
    return html_todo.todo(StandardMends("scs-0102", "Images", mends), ENGLISH).commands


def test_what_is_done_to_the_same_offenders_is_one_loop() -> None:
    many = range(10)
    (text,) = commands(mend('set a "$id"', *many), mend('set b "$id"', *many))
    assert text.startswith('# set a "$id": image id-0, image id-1, image id-2 and 7 more\n# set b "$id": image id-0')
    assert 'do\n  set a "$id" </dev/null\n  set b "$id" </dev/null\ndone' in text
    assert text.count("id-7") == 1


def test_few_others_decisive_ones_and_comments_keep_what_is_theirs() -> None:
    many = range(10)
    found = commands(
        mend('set a "$id"', *many),
        mend('set b "$id"', *range(9)),
        mend('set c "$id"', *many, decisive=False),
        mend('set d "$id"  # look first', *many),
        mend('set e "$id"', 1, 2),
    )
    assert len(found) == 5
    assert any("do  # look first\n" in text for text in found)
    assert found[-1].startswith("# What follows does not decide")


def test_thousands_of_which_a_few_differ_are_listed_once() -> None:
    found = commands(
        mend('set a "$id"', *range(2000)), mend('set b "$id"', *range(7, 2000)), mend('set c "$id"', *range(2010))
    )
    text = "\n".join(found)
    for number in range(2010):
        listed = text.count(f"\nid-{number}\n")
        assert listed == (1 if number >= 7 else listed)
    assert len(text) < 3 * 2010 * len("id-0000\n")
    # Each offender is still mended as before.
    assert 'set a "$id" </dev/null\n  set b "$id" </dev/null\n  set c "$id" </dev/null\n' in text
    assert text.count("set b") == 2


def test_so_many_parts_are_worse_than_long_lists() -> None:
    mends = [mend(f'set {bit} "$id"', *(one for one in range(4096) if one >> bit & 1)) for bit in range(8)]
    assert len(commands(*mends)) == 8


def test_commands_that_cannot_be_shared_end_somewhere() -> None:
    found = commands(*(mend(f"set MIB {number}") for number in range(1005)))
    assert len(found) == 1001
    assert found[-1] == "# and 5 more: --scs-remediation=FILE writes all of them"
