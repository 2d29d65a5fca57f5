# SPDX-License-Identifier: Apache-2.0
"""Pages as a terminal shows them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.markdown import anchor, parts, plain, render, subtree, tables

PAGE = """\
<!-- a comment
of two lines -->
Not under any heading.

# Title: `code` and *more*

First.

## Same

```
# no heading
```

## Same

    # no heading either

### Below

Last.

## Next
"""


def test_a_page_falls_into_its_parts() -> None:
    found = parts(PAGE)
    assert [(part.level, part.anchor) for part in found] == [
        (1, "title-code-and-more"),
        (2, "same"),
        (2, "same-1"),
        (3, "below"),
        (2, "next"),
    ]
    assert [part.text for part in found] == ["First.", "```\n# no heading\n```", "    # no heading either", "Last.", ""]


def test_a_part_ends_where_the_next_of_its_level_begins() -> None:
    title, _, same, below, _ = found = parts(PAGE)
    assert subtree(found, same) == [same, below]
    assert subtree(found, title) == found


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("How it is judged", "how-it-is-judged"),
        ("`scs-0102-prop-hash_algo`", "scs-0102-prop-hash_algo"),
        ("What, why & how?", "what-why--how"),
        ("See [there](x.md)", "see-there"),
    ],
)
def test_anchors_are_those_of_github(heading: str, expected: str) -> None:
    assert anchor(heading) == expected


TABLE = r"""
| Row | What | Long |
|---|:-:|---|
| a | `x\|y` | one two three four five six seven eight nine ten eleven twelve |
| b | | |
| c |
"""


def test_a_table_has_as_many_cells_in_every_row() -> None:
    [table] = tables(TABLE)
    assert table.header == ("Row", "What", "Long")
    assert [len(row) for row in table.rows] == [3, 3, 3]
    assert table.rows[2] == ("c", "", "")


def test_a_table_is_aligned_and_its_cells_are_wrapped() -> None:
    assert render(TABLE, 40).splitlines() == [
        "Row  What  Long",
        "---  ----  -----------------------------",
        "a    x|y   one two three four five six",
        "           seven eight nine ten eleven",
        "           twelve",
        "b",
        "c",
    ]


def test_a_table_without_room_for_its_longest_words_is_shown_row_by_row() -> None:
    wide = f"| A | B |\n|---|---|\n| {'x' * 30} | {'y' * 30} |\n| 1 | |\n"
    assert render(wide, 40).splitlines() == [f"A: {'x' * 30}", f"B: {'y' * 30}", "", "A: 1"]


def test_a_column_that_would_be_hard_to_read_makes_it_row_by_row() -> None:
    narrow = f"| A | B |\n|---|---|\n| {'x' * 30} | a sentence of some words |\n"
    assert render(narrow, 40).splitlines() == [f"A: {'x' * 30}", "B: a sentence of some words"]
    assert render(narrow, 44).splitlines()[-1] == f"{' ' * 32}words"


def test_paragraphs_and_lists_are_wrapped_and_code_is_not() -> None:
    text = "\n".join(
        [
            "A paragraph that",
            "goes on over several lines, with a **word**.",
            "* an item that is longer than forty columns, surely",
            "* another",
            "  that goes on",
            "",
            "1. first",
            "",
            f"    {'code ' * 12}",
            "",
            "```sh",
            "  indented",
            "",
            "    more",
            "```",
        ]
    )
    assert render(text, 40).splitlines() == [
        "A paragraph that goes on over several",
        "lines, with a word.",
        "",
        "* an item that is longer than forty",
        "  columns, surely",
        "* another that goes on",
        "1. first",
        "",
        f"    {'code ' * 12}".rstrip(),
        "",
        "  indented",
        "",
        "    more",
    ]


def test_headings_are_underlined_where_nothing_is_bold() -> None:
    assert render("## A heading\n\ntext", 80) == "A heading\n=========\n\ntext"
    assert render(f"# {'word ' * 10}", 40).splitlines() == [*["word " * 7 + "word", "word word"], "=" * 39]
    assert render("## A heading\n\ntext", 80, bold=True) == "\033[1mA heading\033[0m\n\ntext"


def test_links_keep_the_addresses_of_the_web_only() -> None:
    text = "[page](other.md#x), [site](https://scs.example/a), [https://a.example](https://a.example)"
    assert plain(text) == "page, site (https://scs.example/a), https://a.example"


@given(st.text(alphabet="|-#*` \n<!>[]()ab1.", max_size=200), st.integers(0, 120))
def test_nothing_makes_it_stumble(text: str, width: int) -> None:
    render(text, width)
    for part in parts(text):
        tables(part.text)


@given(st.lists(st.lists(st.text("abc ", max_size=60), min_size=3, max_size=3), min_size=1, max_size=4))
def test_a_table_of_short_words_stays_within_the_width(rows: list[list[str]]) -> None:
    rows = [[" ".join(cell[start : start + 8] for start in range(0, len(cell), 8)) for cell in row] for row in rows]
    text = "\n".join(["| A | B | C |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)])
    assert all(len(line) <= 60 for line in render(text, 60).splitlines())
