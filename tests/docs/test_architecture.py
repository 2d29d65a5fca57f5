# SPDX-License-Identifier: Apache-2.0
"""What docs/architecture.md shows of the rooms is what import-linter is told, and every room is in its table."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from snippets import blocks

from pytest_scs.base.markdown import parts, tables


def test_the_layers_are_those_that_a_test_holds(root: Path) -> None:
    contracts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    told = [set(layer.split(" : ")) for layer in layers]
    shown = [block.text for block in blocks(root / "docs" / "architecture.md") if "\nrun\n" in block.text]
    assert [[set(line.split(", ")) for line in text.splitlines()] for text in shown] == [told]


def test_every_room_is_in_the_table(root: Path) -> None:
    page = (root / "docs" / "architecture.md").read_text("utf-8")
    [rooms] = [part for part in parts(page) if part.heading == "Rooms"]
    named = {name for table in tables(rooms.text) for row in table.rows for name in re.findall(r"`([\w.]+)/?", row[0])}
    folders = {path.parent.name for path in (root / "pytest_scs").glob("*/__init__.py")} - {"testcases"}
    assert folders <= named
