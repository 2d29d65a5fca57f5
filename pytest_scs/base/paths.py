# SPDX-License-Identifier: Apache-2.0
"""Where the bundled testcases, scope files and pages lie: inside the package in a wheel, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def _bundled(name: str) -> Path:
    # The checkout comes first: an editable install leaves a dead copy of these folders in site-packages.
    beside = _PACKAGE.parent / name
    if (_PACKAGE.parent / "pyproject.toml").is_file() and beside.is_dir():
        return beside
    return _PACKAGE / name


#: Folder of the bundled testcases.
TESTCASES = _bundled("testcases")

#: Folder of the bundled scope files.
SCOPES = _bundled("scopes")

#: Folder of the pages about standards, and about what all of them share.
PAGES = _bundled("docs/standards")


def pages_in(language: str) -> Path:
    """Folder of the pages in another language than English, by its code; it need not be there."""
    return _bundled(f"docs/{language}")
