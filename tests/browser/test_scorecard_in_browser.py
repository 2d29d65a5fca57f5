# SPDX-License-Identifier: Apache-2.0
"""Score cards and the pages of a fleet in a real browser: for everybody to read, and nothing live in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chromium import Chromium
from stored_reports import KAAS, NOW, stored, written
from test_html_in_browser import FINDINGS, OPEN

from pytest_scs.base.language import language
from pytest_scs.core.selection import known_scopes
from pytest_scs.pipeline import site
from pytest_scs.pipeline.report_store import read_store
from pytest_scs.pipeline.scorecard import scorecard_html
from pytest_scs.pipeline.scorecard.scorecard import fleet

# Live, written from right to left, and longer than any line.
MARKUP = "\u202e" + "x" * 250 + "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"

#: Page, width of the window, colours.
VIEWS = (
    ("card.html", 1200, "light"),
    ("card.html", 390, "dark"),
    ("public/index.html", 320, "light"),
    ("public/subjects/prod1.html", 390, "light"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page of score cards and the pages of a site, of subjects with hostile names as well."""
    here = tmp_path_factory.mktemp("fleet")
    scopes = known_scopes()
    main = scopes[stored({}).document.spec.uuid].versions["v5.1"].targets()["main"]
    mixed = {testcase: ("PASS", "FAIL", "ABORT")[number % 3] for number, testcase in enumerate(main[:-3])}
    lines = [f"ERROR: {testcase}: image {MARKUP}: x: expected 1, found 2" for testcase in mixed]
    written(
        here / "reports",
        stored(dict.fromkeys(main, "PASS"), "prod2"),
        stored({**mixed, f"unknown-{MARKUP}": "FAIL"}, "prod1", lines=lines),
        stored(mixed, MARKUP, lines=lines),
        stored({"version-policy-check": "PASS"}, "prod1", scope=KAAS, name=MARKUP),
        stored({"a": "PASS"}, "prod1", scope="0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11", name=MARKUP),
    )
    store = read_store([here / "reports"])
    found = fleet(store.reports, scopes, NOW, {MARKUP: ["prod1", "prod2", "nobody"]})
    (here / "card.html").write_text(scorecard_html.render(found, language("de")), "utf-8")
    site.write(here / "public", site.build(found, store.reports, scopes, language("en")))
    return here


@pytest.mark.parametrize(("name", "width", "scheme"), VIEWS)
def test_axe_finds_nothing_on_pages_of_score_cards(
    browser: Chromium, axe: str, folder: Path, name: str, width: int, scheme: str
) -> None:
    tab = browser.open(folder / name, width, prefers_color_scheme=scheme)
    assert tab.run("document.title") != "taken"
    tab.run(axe)
    tab.run(OPEN)
    assert tab.run(FINDINGS) == []
    assert tab.run("document.documentElement.scrollWidth") <= width
    assert tab.run("document.querySelectorAll('script, img, iframe, object, link, base').length") == 0
    assert tab.complaints() == []
    if name == "card.html":
        inner = "document.querySelector('.overview .scroll')"
        assert tab.run(f"{inner}.scrollWidth <= {inner}.clientWidth")
    # A filter of testcases leaves versions and what a link leads to where they are.
    tab.run("document.querySelectorAll('form.filter input').forEach(one => one.click())")
    assert tab.run("[...document.querySelectorAll('.cell *')].every(one => one.checkVisibility())")
    if first := tab.run("document.querySelector('.testcase')?.id"):
        assert not tab.run("document.querySelector('.testcase').checkVisibility()")
        tab.run(f"location.hash = {json.dumps(first)}")
        assert tab.run("document.querySelector('.testcase').checkVisibility()")
    tab.close()


def test_links_lead_to_what_is_there(browser: Chromium, folder: Path) -> None:
    tab = browser.open(folder / "public/index.html")
    links = tab.run("[...document.querySelectorAll('main a')].map(one => one.href)")
    tab.close()
    assert len(links) > 4
    for link in links:
        page, _, anchor = link.removeprefix("file://").partition("#")
        tab = browser.open(Path(page)) if page.endswith(".html") else None
        assert Path(page).is_file()
        if tab:
            assert not anchor or tab.run(f"document.getElementById('{anchor}') !== null")
            reports = tab.run("[...document.querySelectorAll('a[href*=\"/reports/\"]')].map(one => one.href)")
            assert reports
            assert all(Path(one.removeprefix("file://")).is_file() for one in reports)
            tab.close()
