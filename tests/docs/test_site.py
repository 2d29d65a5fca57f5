# SPDX-License-Identifier: Apache-2.0
"""What ``tox -e docs`` makes the site of; the site itself is built there, and checked by the same functions."""

from __future__ import annotations

import fnmatch
import json
import re
from pathlib import Path

import build_site
import pytest
from test_pointers import LINK


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "source"
    build_site.stage(folder)
    return folder


def test_every_link_leads_to_a_page_of_the_site(staged: Path) -> None:
    wrong = []
    for page in staged.rglob("*.md"):
        prose = re.sub(r"^(?: {4}.*|```.*?^```)$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        for link in LINK.findall(re.sub(r"`[^`\n]*`", "", prose)):
            name = link.partition("#")[0]
            if name and not (page.parent / name).exists():
                wrong.append(f"{page.relative_to(staged)}: {link}")
    assert not wrong, "\n".join(wrong)


def test_every_page_is_in_the_menu(staged: Path) -> None:
    patterns = [pattern for pages in build_site.MENU.values() for pattern in pages]
    pages = {path.relative_to(staged).with_suffix("").as_posix() for path in staged.rglob("*.md")}
    below = {page for page in pages if page.startswith("standards/") and page != "standards/index"}
    outside = [page for page in pages - below - {"index"} if not any(fnmatch.fnmatch(page, one) for one in patterns)]
    assert outside == []
    assert [one for one in patterns if not fnmatch.filter(pages, one)] == []


def test_the_index_for_forges_leads_to_every_page(root: Path) -> None:
    index = (root / "docs" / "README.md").read_text("utf-8")
    pages = [path.relative_to(root / "docs").as_posix() for path in (root / "docs").rglob("*.md")]
    missing = [page for page in pages if f"({page})" not in index and not page.startswith("standards/scs-")]
    assert missing == ["README.md"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<script src="https://cdn.example/x.js"></script>', ["https://cdn.example/x.js"]),
        ('<link rel="stylesheet" href="//fonts.example/f.css">', ["//fonts.example/f.css"]),
        ('<link href="https://fonts.example" rel="preconnect">', ["https://fonts.example"]),
        ("@import url('https://fonts.example/f.css');", ["https://fonts.example/f.css"]),
        ("a { background: url(https://img.example/a.png) }", ["https://img.example/a.png"]),
        ('<img alt="x" src="http://img.example/a.png">', ["http://img.example/a.png"]),
        ('<a href="https://scs.community">SCS</a>', []),
        ('<link rel="canonical" href="https://docs.example/">', []),
        ('<script src="_static/x.js"></script><img src="report.png">', []),
    ],
)
def test_what_a_browser_would_fetch_from_elsewhere_is_found(text: str, found: list[str]) -> None:
    assert build_site.loaded_from_elsewhere(text) == found


def test_a_search_that_finds_nothing_is_a_problem(tmp_path: Path) -> None:
    word, page = build_site.SEARCHED
    (tmp_path / "search.html").write_text('<script src="searchindex.js"></script>')
    index = tmp_path / "searchindex.js"
    for terms, problems in (({word: 0}, 0), ({word: [0]}, 0), ({}, 1)):
        index.write_text(f"Search.setIndex({json.dumps({'terms': {}, 'titleterms': terms, 'docnames': [page]})})")
        assert len(list(build_site.problems(tmp_path))) == problems
    index.unlink()
    assert list(build_site.problems(tmp_path)) == ["searchindex.js is not there, or is none"]
