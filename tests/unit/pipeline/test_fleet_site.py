# SPDX-License-Identifier: Apache-2.0
"""The static pages of a fleet: whole, without anything live, and nothing of others is touched."""

from __future__ import annotations

import errno
import hashlib
import html.parser
import re
from pathlib import Path

import pytest
from stored_reports import KAAS, NOW, stored, written

from pytest_scs.base.errors import InputError
from pytest_scs.base.language import language
from pytest_scs.core.selection import known_scopes
from pytest_scs.pipeline import site
from pytest_scs.pipeline.report_store import StoredReport, read_store
from pytest_scs.pipeline.scorecard import scorecard_html
from pytest_scs.pipeline.scorecard.scorecard import fleet

SCOPES = known_scopes()
SYNTAX = "scs-0100-syntax-check"
MARKUP = "</title></style><script>alert(1)</script><a href=\"javascript:alert(1)\" onclick='x'>"


def built(folder: Path, *reports: StoredReport, copies: bool = True, lang: str = "en") -> site.Site:
    written(folder / "reports", *reports)
    store = read_store([folder / "reports"])
    assert not store.unreadable
    found = fleet(store.reports, SCOPES, NOW, {MARKUP: ["prod1", "nobody"]})
    return site.build(found, store.reports, SCOPES, language(lang), copies=copies)


@pytest.mark.parametrize("lang", ["en", "de"])
def test_nothing_out_of_a_report_becomes_live(tmp_path: Path, lang: str) -> None:
    line = f"ERROR: {SYNTAX}: {MARKUP}"
    hostile = [
        stored({SYNTAX: "FAIL", MARKUP: "FAIL"}, MARKUP, lines=[line], name=MARKUP),
        stored({SYNTAX: "ABORT"}, lines=[line], scope="0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11", name=MARKUP),
    ]
    made = built(tmp_path, *hostile, lang=lang)
    store = read_store([tmp_path / "reports"])
    card = scorecard_html.render(fleet(store.reports, SCOPES, NOW, {MARKUP: [MARKUP]}), language(lang))
    pages = [card, *(text for place, text in made.pages.items() if place.endswith(".html"))]
    assert len(pages) == 4
    for page in pages:
        seen = Seen()
        seen.feed(page)
        assert not seen.tags & {"script", "img", "iframe", "object", "embed", "base", "link"}
        assert not [name for name, _ in seen.attributes if name.startswith("on")]
        links = [value for name, value in seen.attributes if name in ("href", "src", "action")]
        assert all(re.match(r"#|\.\./|subjects/|scorecard\.json$|https?://", value) for value in links)
        assert page.count("</style>") == page.count("<style>") == 1
        assert MARKUP in seen.text
        assert "default-src 'none'" in page


class Seen(html.parser.HTMLParser):
    """What a browser would make of a page: its elements, their attributes, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_names_become_names_of_files(tmp_path: Path) -> None:
    names = ["prod1", "Prod1", "../x", "..", "a b", "ü" * 200, ".hidden", "a/b"]
    made = built(tmp_path, *(stored({SYNTAX: "PASS"}, name) for name in names))
    places = [place for place in made.pages if place.startswith("subjects/")]
    assert len({place.casefold() for place in places}) == len(names)
    assert all(re.fullmatch(r"subjects/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,100}\.html", place) for place in places)
    site.write(tmp_path / "public", made)
    assert {path.name for path in tmp_path.iterdir()} == {"reports", "public"}


def test_reports_are_copied_as_they_are_with_their_signature(tmp_path: Path) -> None:
    report = stored({SYNTAX: "PASS"}, identity="../../x")
    [path] = written(tmp_path / "reports", stored({SYNTAX: "PASS"}))
    path.write_text(path.read_text() + "# kept\r\n", newline="")
    made = built(tmp_path, stored({"version-policy-check": "PASS"}, scope=KAAS))
    site.write(tmp_path / "public", made)
    copies = sorted((tmp_path / "public/reports").iterdir())
    assert len(copies) == 2
    assert path.read_bytes() in [copy.read_bytes() for copy in copies]
    for copy in copies:
        assert copy.stem.endswith(hashlib.sha256(copy.read_bytes()).hexdigest()[:12])
    assert report
    assert not built(tmp_path, copies=False).copies


@pytest.mark.parametrize("copies", [True, False])
def test_who_copies_no_reports_shows_no_private_lines_either(tmp_path: Path, copies: bool) -> None:
    report = stored({SYNTAX: "FAIL"}, lines=["ERROR: for everybody", "CRITICAL: of 10.0.0.1"])
    [page] = [text for place, text in built(tmp_path, report, copies=copies).pages.items() if "subjects/" in place]
    assert "for everybody" in page
    assert ("10.0.0.1" in page) is copies
    assert ('id="public-view"' in page) is copies


def test_writing_again_touches_nothing_of_others(tmp_path: Path) -> None:
    public = tmp_path / "public"
    public.mkdir()
    (public / "robots.txt").write_text("x")
    made = built(tmp_path, stored({SYNTAX: "PASS"}))
    site.write(public, made)
    site.write(public, made)
    assert (public / "robots.txt").read_text() == "x"
    assert not [path for path in public.rglob("*") if path.name.startswith(".")]


@pytest.mark.parametrize("place", ["index.html", "scorecard.json", "subjects/prod1.html"])
def test_a_page_of_somebody_else_is_not_written_over(tmp_path: Path, place: str) -> None:
    other = tmp_path / "public" / place
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_text("<p>mine</p>")
    with pytest.raises(InputError, match="no page of scs report site"):
        site.write(tmp_path / "public", built(tmp_path, stored({SYNTAX: "PASS"})))
    assert other.read_text() == "<p>mine</p>"
    assert not (tmp_path / "public/reports").exists()


def test_a_link_in_the_place_of_a_page_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    target = tmp_path / "target"
    (tmp_path / "public/index.html").symlink_to(target)
    with pytest.raises(InputError, match="no page of scs report site"):
        site.write(tmp_path / "public", built(tmp_path, stored({SYNTAX: "PASS"})))
    assert not target.exists()


def test_a_file_in_the_place_of_the_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "public").write_text("x")
    with pytest.raises(InputError, match="cannot write") as raised:
        site.write(tmp_path / "public", built(tmp_path, stored({SYNTAX: "PASS"})))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("there", [True, False])
def test_a_full_disk_leaves_no_folders_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    public = tmp_path / "public"
    if there:
        public.mkdir()
    made = built(tmp_path, stored({SYNTAX: "PASS"}))
    monkeypatch.setattr(site, "write_atomically", full)
    with pytest.raises(InputError, match="No space left on device; free some space"):
        site.write(public, made)
    assert public.exists() is there
    assert not there or not list(public.iterdir())


def test_pages_name_no_place_on_this_machine(tmp_path: Path) -> None:
    made = built(tmp_path, stored({SYNTAX: "FAIL"}))
    assert all(str(tmp_path) not in text for text in made.pages.values())
