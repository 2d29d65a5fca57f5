# SPDX-License-Identifier: Apache-2.0
"""Pages of the documentation: their parts, anchors and tables, and how they look in a terminal.

It reads the Markdown that our own pages are written in: headings with ``#``, paragraphs, lists, tables with ``|``,
blocks that are fenced or indented, and comments.
"""

from __future__ import annotations

import dataclasses
import re
import textwrap
from collections.abc import Iterator, Sequence

#: Narrower than this nothing is readable; narrower terminals wrap by themselves.
MIN_WIDTH = 40

#: A column of more text than this is no narrower, or else the table is shown row by row.
LEAST = 12

_HEADING = re.compile(r"(#{1,6}) +(.*?) *#*$")
_ITEM = re.compile(r"( *)([-*]|\d+\.) +")
_LINK = re.compile(r"\[([^\]]*)\]\(([^()\s]*)\)")
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_BOLD, _PLAIN = "\033[1m", "\033[0m"
_GAP = "  "


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A heading with what stands under it; ``text`` ends where the next heading begins, whatever its level."""

    level: int
    heading: str
    anchor: str
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """A table; every row has as many cells as the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def parts(page: str) -> list[Part]:
    """The parts of a page in their order; what stands ahead of the first heading is left out.

    Headings with the same words get anchors ``same``, ``same-1`` and so on, as on GitHub.
    """
    found: list[tuple[int, str, list[str]]] = []
    for line, code in _lines(_COMMENT.sub("", page)):
        if not code and (match := _HEADING.match(line)):
            found.append((len(match[1]), match[2], []))
        elif found:
            found[-1][2].append(line)
    seen: dict[str, int] = {}
    result = []
    for level, heading, lines in found:
        name = anchor(heading)
        count = seen.get(name, 0)
        seen[name] = count + 1
        result.append(Part(level, heading, f"{name}-{count}" if count else name, "\n".join(lines).strip("\n")))
    return result


def subtree(all_parts: Sequence[Part], part: Part) -> list[Part]:
    """A part and those below it, up to the next heading of its level or a higher one."""
    start = all_parts.index(part)
    found = [part]
    for below in all_parts[start + 1 :]:
        if below.level <= part.level:
            break
        found.append(below)
    return found


def anchor(heading: str) -> str:
    """The anchor of a heading as GitHub makes it: lower case, no punctuation, a dash for each blank."""
    words = _LINK.sub(r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", words).strip().replace(" ", "-")


def tables(text: str) -> list[Table]:
    """The tables in a text."""
    return [_table(lines) for kind, lines in _blocks(text) if kind == "table"]


def render(text: str, width: int, *, bold: bool = False) -> str:
    """A text as a terminal of ``width`` columns shows it; code keeps its lines. ``bold``: with escapes for headings."""
    width = max(width, MIN_WIDTH)
    shown: list[str] = []
    previous = ""
    for kind, lines in _blocks(_COMMENT.sub("", text)):
        if shown and not (kind == previous == "item"):
            shown.append("")
        shown += _show(kind, lines, width, bold)
        previous = kind
    return "\n".join(line.rstrip() for line in shown)


def plain(text: str) -> str:
    """A line without marks of emphasis, and links as text with their address, if that is one of the web."""
    return _LINK.sub(_link, text.replace("**", "")).replace(r"\|", "|")


def _link(match: re.Match[str]) -> str:
    words, address = match.groups()
    return f"{words} ({address})" if "://" in address and address != words else words


def _lines(page: str) -> Iterator[tuple[str, bool]]:
    """Every line, and whether it is code in a fenced block (the fence included)."""
    fenced = False
    for line in page.splitlines():
        fence = line.lstrip().startswith("```")
        yield line, fenced or fence
        fenced ^= fence


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """The blocks of a text: heading, table, item, code or paragraph, each with its lines."""
    kind = ""
    block: list[str] = []
    for line, code in _lines(text):
        found = "code" if code else _kind(line, kind)
        goes_on = (found == kind and found in ("code", "table", "paragraph")) or found == "more"
        if block and not goes_on:
            yield kind, block
            block = []
        if found != "more":
            kind = found
        if found:
            block.append(line)
        else:
            kind = ""
    if block:
        yield kind, block


def _kind(line: str, before: str) -> str:
    """The kind of a line after one of the kind ``before``; ``more`` of an item, or nothing for a blank line."""
    if not line.strip():
        return ""
    if _HEADING.match(line):
        return "heading"
    if line.lstrip().startswith("|"):
        return "table"
    if _ITEM.match(line):
        return "item"
    if before == "item":
        return "more"
    return "code" if line.startswith("    ") and before in ("", "code") else "paragraph"


def _show(kind: str, lines: list[str], width: int, bold: bool) -> list[str]:
    if kind == "code":
        return [line for line in lines if not line.lstrip().startswith("```")]
    if kind == "table":
        return show_table(_table(lines), width)
    text = plain(" ".join(line.strip() for line in lines))
    if kind == "heading":
        match = _HEADING.match(text)
        words = match[2] if match else text
        shown = _wrap(words, width)
        return [f"{_BOLD}{line}{_PLAIN}" for line in shown] if bold else [*shown, "=" * max(map(len, shown))]
    indent = ""
    if kind == "item" and (match := _ITEM.match(lines[0])):
        text, indent = match[1] + text, " " * len(match[0])
    return _wrap(text, width, indent)


def _wrap(text: str, width: int, indent: str = "") -> list[str]:
    if not text:
        return [""]
    lines = textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return lines or [""]


def _table(lines: Sequence[str]) -> Table:
    header, *rows = [_cells(line) for line in lines]
    body = [row for row in rows if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    size = len(header)
    return Table(header, tuple((*row, *[""] * size)[:size] for row in body))


def _cells(line: str) -> tuple[str, ...]:
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith(r"\|") else inner
    return tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", inner))


def show_table(table: Table, width: int) -> list[str]:
    """A table with aligned columns, cells wrapped as needed; where columns get too narrow, row by row instead."""
    header = [plain(cell) for cell in table.header]
    rows = [[plain(_without_marks(cell)) for cell in row] for row in table.rows]
    widths = _widths([header, *rows], width)
    if widths is None:
        return _records(header, rows, width)
    shown = _aligned(header, widths) if any(header) else []
    shown += [_GAP.join("-" * size for size in widths)]
    for row in rows:
        shown += _aligned(row, widths)
    return shown


def _without_marks(cell: str) -> str:
    """A cell without backticks, if there is nothing in it but code."""
    return cell.replace("`", "") if re.fullmatch(r"(?:`[^`]*`(?:, )?)+", cell) else cell


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """The width of each column, None if the longest words of all columns do not fit, or one gets hard to read."""
    columns = list(zip(*rows, strict=True))
    natural = [max(map(len, cells)) for cells in columns]
    least = [max((len(word) for cell in cells for word in cell.split()), default=0) for cells in columns]
    spare = width - len(_GAP) * (len(columns) - 1)
    if sum(natural) <= spare:
        return natural
    if sum(least) > spare:
        return None
    # What is left after the longest words goes to the columns that lack most.
    widths = list(least)
    while (left := spare - sum(widths)) > 0 and (
        wanting := [index for index, size in enumerate(widths) if size < natural[index]]
    ):
        lacking = sum(natural[index] - widths[index] for index in wanting)
        for index in wanting:
            more = max(1, left * (natural[index] - widths[index]) // lacking)
            widths[index] += min(more, natural[index] - widths[index], spare - sum(widths))
    narrow = any(size < min(LEAST, wanted) for size, wanted in zip(widths, natural, strict=True))
    return None if narrow else widths


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = [_wrap(cell, size) for cell, size in zip(row, widths, strict=True)]
    height = max(map(len, cells))
    padded = [cell + [""] * (height - len(cell)) for cell in cells]
    return [
        _GAP.join(part.ljust(size) for part, size in zip(line, widths, strict=True)).rstrip()
        for line in zip(*padded, strict=True)
    ]


def _records(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Every row as lines ``Column: cell``, rows apart by a blank line."""
    shown: list[str] = []
    for row in rows:
        shown += [""] if shown else []
        for name, cell in zip(header, row, strict=True):
            shown += _wrap(f"{name}: {cell}" if name else cell, width, "  ") if cell else []
    return shown
