# SPDX-License-Identifier: Apache-2.0
"""What messages may refer to: who installed a wheel has no docs folder."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_scs
from pytest_scs.base.paths import TESTCASES

SOURCES = sorted([*Path(pytest_scs.__file__).parent.rglob("*.py"), *TESTCASES.rglob("*.py")])


def _texts(path: Path) -> Iterator[str]:
    """All texts in a source file but docstrings."""
    tree = ast.parse(path.read_bytes())
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            yield node.value


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_message_refers_to_a_file_of_the_checkout(path: Path) -> None:
    assert [text for text in _texts(path) if re.search(r"\bdocs/[\w-]+\.md|README(?!\.txt)|CONTRIBUTING", text)] == []
