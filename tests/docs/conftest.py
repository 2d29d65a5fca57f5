# SPDX-License-Identifier: Apache-2.0
"""What the documentation is held against: the sources of the package and of the testcases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import pytest_scs
from pytest_scs.base.pages import Page, load_pages
from pytest_scs.base.paths import PAGES, SCOPES, TESTCASES

#: Where the documentation lies, also while the package under test is an installed one.
ROOT = Path(__file__).resolve().parents[2]

_KINDS = ("*.py", "*.yaml", "*.j2")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def sources() -> Mapping[str, str]:
    """Name -> text of every source file and data file of the package and of the bundled testcases and scopes."""
    package = Path(pytest_scs.__file__).parent
    found = {}
    for folder in dict.fromkeys((package, TESTCASES, SCOPES)):
        for kind in _KINDS:
            for path in sorted(folder.rglob(kind)):
                found[str(path.relative_to(folder.parent))] = path.read_text("utf-8")
    return found


@pytest.fixture(scope="session")
def pages() -> Mapping[str, Page]:
    """The pages of ``docs/standards`` by name."""
    return load_pages(PAGES)


@pytest.fixture(scope="session")
def standards(pages: Mapping[str, Page]) -> Mapping[str, Page]:
    """The pages of standards by name, such as ``scs-0102``."""
    return {name: page for name, page in pages.items() if name.startswith("scs-")}
