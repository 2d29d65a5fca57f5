# SPDX-License-Identifier: Apache-2.0
"""Messages that the documentation quotes are those of the code, and no kind of cause is left without help."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pytest_scs.base.markdown import parts, tables
from pytest_scs.core.cause import CauseKind

#: What stands nowhere in the code as it is, with the reason.
OTHERS = {
    "AttributeError": "Python says so",
    "kubetest": "a plugin",
    "e2e pod pending for 10 min: ImagePullBackOff": "put together of what the cluster says",
}


def _quoted(root: Path) -> Iterator[tuple[str, str]]:
    """Page and text in code of every first cell below a heading ``what it says``."""
    for page in sorted((root / "docs").glob("*.md")):
        for part in parts(page.read_text("utf-8")):
            for table in tables(part.text):
                if table.header and table.header[0].lower() == "what it says":
                    for row in table.rows:
                        yield from ((page.name, text) for text in re.findall(r"`([^`]+)`", row[0]))


def _sentences(sources: Mapping[str, str]) -> str:
    """The sources with literals joined that stand on several lines."""
    text = "\n".join(sources.values())
    return re.sub(r"\"\s*\n\s*f?\"", "", text)


def test_what_is_quoted_is_said(root: Path, sources: Mapping[str, str]) -> None:
    everything = _sentences(sources)
    quoted = [(page, text) for page, text in _quoted(root) if text not in OTHERS]
    assert len(quoted) > 10
    wrong = []
    for page, text in quoted:
        # Words in capitals stand for what is another one each time.
        fragments = [piece.strip() for piece in re.split(r"\b[A-Z]{1,}\b", text)]
        if not all(piece in everything for piece in fragments if len(piece) > 3):
            wrong.append(f"{page}: {text}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", CauseKind)
def test_every_kind_of_cause_has_help(kind: CauseKind, root: Path) -> None:
    found = {part.heading: part.text for part in parts((root / "docs" / "troubleshooting.md").read_text("utf-8"))}
    assert len(found[kind].split()) > 10
