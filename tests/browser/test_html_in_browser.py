# SPDX-License-Identifier: Apache-2.0
"""What people meet who open the HTML report: in windows, in the dark, with keys only, without programs, on paper."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from chromium import Chromium, Tab

Pages = Callable[[str], Path]

OPEN = "document.querySelectorAll('details').forEach(one => one.open = true)"
HEADINGS = """
[...document.querySelectorAll(".broken > h3, .passed > h3")].filter(one => one.checkVisibility()).map(one => one.id)
"""
VISIBLE = "[...document.querySelectorAll('.testcase')].filter(one => one.checkVisibility()).map(one => one.id)"

# Serious or worse, and what is about landmarks and headings, which axe takes for moderate.
FINDINGS = """
axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.flatMap(
  rule => rule.nodes.map(node => `${rule.id} (${rule.impact}): ${node.html.slice(0, 200)}`)))
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["demo", "vanilla", "two", "others"])
def test_axe_finds_nothing(browser: Chromium, axe: str, page: Pages, name: str, scheme: str) -> None:
    tab = browser.open(page(name), prefers_color_scheme=scheme)
    tab.run(axe)
    if scheme == "light":
        assert tab.run(FINDINGS) == []
    tab.run(OPEN)
    assert tab.run(FINDINGS) == []
    assert tab.complaints() == []
    tab.close()


@pytest.mark.parametrize("name", ["vanilla", "groups"])
def test_axe_finds_nothing_with_high_contrast_and_on_a_phone(
    browser: Chromium, axe: str, page: Pages, name: str
) -> None:
    tab = browser.open(page(name), 390, 844, prefers_color_scheme="dark", prefers_contrast="more")
    tab.run(axe)
    tab.run(OPEN)
    assert tab.run(FINDINGS) == []
    tab.close()


@pytest.mark.parametrize("width", [320, 768])
@pytest.mark.parametrize("name", ["two", "vanilla", "groups", "others"])
def test_nothing_is_wider_than_the_window(browser: Chromium, page: Pages, name: str, width: int) -> None:
    tab = browser.open(page(name), width)
    tab.run(OPEN)
    assert tab.run("document.documentElement.scrollWidth") <= width
    tab.close()


# The words of the overview that begin in one line and end in another.
BROKEN = """
(() => { const found = []; const table = document.querySelector('.overview table');
  const texts = document.createTreeWalker(table, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) for (const word of texts.currentNode.data.matchAll(/[\\p{L}\\p{N}:.]+/gu)) {
    const range = document.createRange();
    range.setStart(texts.currentNode, word.index);
    range.setEnd(texts.currentNode, word.index + word[0].length);
    if (new Set([...range.getClientRects()].map(one => Math.round(one.top))).size > 1) found.push(word[0]);
  }
  return found; })()
"""


@pytest.mark.parametrize("name", ["two", "groups"])
def test_the_overview_breaks_no_words(browser: Chromium, page: Pages, name: str) -> None:
    for width in (390, 768, 1440):
        tab = browser.open(page(name), width, 844)
        assert tab.run(BROKEN) == []
        tab.close()


def test_on_a_phone_each_verdict_of_the_overview_says_what_it_is_about(browser: Chromium, page: Pages) -> None:
    cells = """
    [...document.querySelectorAll('.overview td')].filter(one => one.checkVisibility()).map(
      one => [getComputedStyle(one, '::before').content, one.innerText.trim()])
    """
    tab = browser.open(page("groups"), 390, 844)
    found = tab.run(cells)
    assert {label for label, _ in found} == {'"SCS-compatible IaaS v5.1"', '"SCS-compatible KaaS v1"'}
    assert len(found) == 4
    assert not any("not judged" in text for _, text in found)
    tab.resize(1440, 844)
    wide = tab.run(cells)
    assert {label for label, _ in wide} == {"none"}
    assert len(wide) == 8
    tab.close()


def test_the_verdict_and_whether_it_can_be_certified_are_the_biggest_words(browser: Chromium, page: Pages) -> None:
    tab = browser.open(page("two"))
    sizes = """
    [...document.querySelectorAll('body *')].filter(one => one.checkVisibility() && [...one.childNodes].some(
      node => node.nodeType === 3 && node.data.trim())).map(
      one => [parseFloat(getComputedStyle(one).fontSize), one.innerText.trim()])
    """
    found = tab.run(sizes)
    biggest = max(size for size, _ in found)
    assert {text for size, text in found if size == biggest} <= {"FAIL", "PASS"} | {
        text
        for _, text in found
        if text.startswith(("Ready to certify", "No verdict")) or text.endswith("cannot be certified")
    }
    # What is broken begins on the first screen below an overview of everything.
    assert tab.run("document.querySelector('.overview').getBoundingClientRect().bottom < 500")
    tab.close()


def test_colours_follow_the_system_and_the_switch(browser: Chromium, page: Pages) -> None:
    tab = browser.open(page("demo"), prefers_color_scheme="dark")
    colour = "getComputedStyle(document.body).backgroundColor"
    dark = tab.run(colour)
    tab.run("document.getElementById('theme-light').click()")
    assert tab.run(colour) == "rgb(255, 255, 255)" != dark
    tab.close()
    tab = browser.open(page("demo"), prefers_color_scheme="light")
    tab.run("document.getElementById('theme-dark').click()")
    assert tab.run(colour) == dark
    tab.run("document.getElementById('theme-system').click()")
    tab.close()


def test_everything_is_reached_with_the_keyboard_and_once(browser: Chromium, page: Pages) -> None:
    tab = browser.open(page("vanilla"))
    # Each stop gets a number, so that one that comes twice is seen.
    mark = """
    (() => { const one = document.activeElement; const before = one.dataset.stop; one.dataset.stop = '1';
      return [one.tagName, one.id || one.className || one.textContent.trim().slice(0, 40), before || '',
        one.parentElement.closest('a, button, summary')?.tagName || '']; })()
    """
    stops = []
    for _ in range(400):
        tab.press("Tab", 9)
        tag, what, before, within = tab.run(mark)
        if before or tag == "BODY":
            break
        assert not within, what
        stops.append((tag, what))
    reached = {what for _, what in stops}
    assert {"skip", "theme-system", "show-FAIL", "filter-text", "open-all", "close-all"} <= reached
    assert sum(tag == "SUMMARY" for tag, _ in stops) == tab.run(
        "[...document.querySelectorAll('summary')].filter(one => one.checkVisibility()).length"
    )
    assert sum(tag == "BUTTON" for tag, _ in stops) == tab.run("document.querySelectorAll('button').length")
    tab.close()


def test_a_filter_of_verdicts_and_text_works_with_keys(browser: Chromium, page: Pages) -> None:
    tab = browser.open(page("vanilla"))
    everything = tab.run("document.querySelectorAll('.testcase').length")
    tab.run("document.getElementById('filter-text').focus()")
    tab.type("PROP-ARCH")
    assert tab.run(VISIBLE) == ["demo-vanilla-scs-0102-prop-architecture"]
    assert tab.run("document.getElementById('filter-status').textContent") == (f"1 of {everything} testcases are shown")
    # No heading stands there with nothing below it.
    assert tab.run(HEADINGS) == ["demo-vanilla-broken"]
    tab.run("const field = document.getElementById('filter-text'); field.select()")
    tab.press("Delete", 46)
    assert tab.run(HEADINGS) == ["demo-vanilla-broken", "demo-vanilla-passed"]
    tab.run("document.getElementById('show-FAIL').focus()")
    tab.press(" ", 32)
    shown = tab.run(VISIBLE)
    assert tab.run("document.querySelectorAll('.testcase.FAIL').length") > 40
    assert not [one for one in shown if one.endswith("prop-architecture")]
    assert tab.run(HEADINGS) == ["demo-vanilla-passed"]
    tab.close()


def test_a_link_opens_what_it_leads_to(browser: Chromium, page: Pages) -> None:
    tab = browser.open(page("vanilla"))
    tab.run("document.querySelector('.counts a.PASS').click()")
    tab.run("new Promise(done => setTimeout(done))")
    target = "document.querySelector(':target')"
    assert tab.run(f"{target}.open && {target}.checkVisibility() && {target}.getBoundingClientRect().top < 1000")
    tab.close()


SHOWN_ON_SCREEN = """
(() => { const one = document.querySelector(':target'); const box = one.getBoundingClientRect();
  return one.checkVisibility() && (one.open ?? true) && box.top >= 0 && box.top < innerHeight; })()
"""


def test_a_link_leads_to_what_was_filtered_out_and_folded(browser: Chromium, page: Pages) -> None:
    tab = browser.open(page("vanilla"))
    settle = "new Promise(done => setTimeout(done, 50))"
    failed, passed = "demo-vanilla-scs-0102-prop-architecture", "demo-vanilla-scs-0123-service-compute"
    for script in (
        # By its verdict, by a text, and by both.
        "document.getElementById('show-FAIL').click()",
        "const field = document.getElementById('filter-text'); field.focus()",
        "document.getElementById('close-all').click()",
    ):
        for target in (failed, passed, "demo-vanilla-passed", "demo-vanilla-broken"):
            tab.run("scrollTo(0, 0)")
            tab.run(f"{{ {script} }}")
            if "focus" in script:
                tab.run("document.getElementById('show-PASS').click()")
                tab.type("nothing has this")
            tab.run(f"location.hash = '{target}'")
            tab.run(settle)
            assert tab.run(SHOWN_ON_SCREEN), (script, target)
            assert tab.run("document.getElementById('filter-text').value") == ""
    # The same link again, after all was folded: nothing changes in the address.
    link = f"document.querySelector('a[href=\"#{failed}\"]')"
    tab.run(f"document.querySelector('.counts').insertAdjacentHTML('beforeend', '<a href=\"#{failed}\">again</a>')")
    for _ in range(2):
        tab.run("document.getElementById('close-all').click()")
        tab.run(f"{link}.click()")
        tab.run(settle)
        assert tab.run(SHOWN_ON_SCREEN)
    assert tab.complaints() == []
    tab.close()


def test_the_filter_leaves_no_heading_without_anything_below(browser: Chromium, page: Pages) -> None:
    tab = browser.open(page("undecided"))
    headings = """
    [...document.querySelectorAll('h3, .standard .heading, .causes li')].filter(one => one.checkVisibility()).length
    """
    assert tab.run(headings) > 5
    tab.run("document.getElementById('show-ABORT').click()")
    assert tab.run(headings) == 1  # that of the card
    tab.run("document.getElementById('show-ABORT').click(); document.getElementById('filter-text').focus()")
    tab.type("nothing has this")
    assert tab.run(headings) == 1
    tab.close()


def test_a_browser_that_copies_nothing_says_so(browser: Chromium, page: Pages) -> None:
    tab = browser.open(page("vanilla"))
    tab.run("navigator.clipboard.writeText = async () => { throw new Error(); }; document.execCommand = () => false")
    tab.run("document.querySelector('[data-of=demo-vanilla-commands-scs-0103]').click()")
    tab.run("new Promise(done => setTimeout(done))")
    assert tab.run("document.getElementById('copy-status').textContent") == "Selected: Ctrl+C"
    assert "openstack flavor create" in tab.run("String(getSelection())")
    tab.close()


def test_the_commands_of_a_standard_are_copied_at_once(browser: Chromium, page: Pages) -> None:
    tab = browser.open(page("vanilla"))
    tab.run("window.copied = []; navigator.clipboard.writeText = async text => { copied.push(text); }")
    tab.run("document.querySelector('[data-of=demo-vanilla-commands-scs-0103]').click()")
    tab.run("new Promise(done => setTimeout(done))")
    [text] = tab.run("copied")
    lines = text.splitlines()
    assert text.endswith("\n")
    assert len([line for line in lines if line.startswith("openstack flavor create ")]) == 31
    assert all(line.startswith(("#", "openstack ")) for line in lines)
    assert tab.run("document.querySelector('[data-of=demo-vanilla-commands-scs-0103]').textContent") == "Copied"
    # Said aloud, too.
    assert tab.run("document.querySelector('[role=status]#copy-status').textContent") == "Copied"
    tab.close()


def test_without_programs_everything_is_there(browser: Chromium, page: Pages, tmp_path: Path) -> None:
    bare = tmp_path / "bare.html"
    bare.write_text(re.sub(r"<script\b.*?</script>", "", page("vanilla").read_text("utf-8"), flags=re.DOTALL))
    tab = browser.open(bare)
    # What needs a program is not offered, what does not works.
    assert tab.run("[...document.querySelectorAll('button, #filter-text')].some(one => one.checkVisibility())") is False
    before = len(tab.run(VISIBLE))
    tab.run("document.getElementById('show-FAIL').click()")
    after = tab.run(VISIBLE)
    assert before > 40 > len(after)
    # What a link leads to is there nevertheless.
    tab.run("location.hash = 'demo-vanilla-scs-0102-prop-architecture'")
    assert tab.run("document.querySelector(':target').checkVisibility()")
    tab.run("document.getElementById('theme-dark').click()")
    assert tab.run("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    tab.close()


def plain(text: str) -> str:
    """A text without blanks and ligatures."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def paper(tab: Tab, landscape: bool) -> list[str]:
    """The text of each page."""
    reader = pypdf.PdfReader(io.BytesIO(tab.pdf(landscape=landscape)))
    width, height = reader.pages[0].mediabox.width, reader.pages[0].mediabox.height
    assert (width > height) is landscape
    return [plain(page.extract_text()) for page in reader.pages]


@pytest.mark.parametrize("landscape", [False, True])
def test_paper_loses_nothing(browser: Chromium, page: Pages, landscape: bool) -> None:
    tab = browser.open(page("vanilla"), prefers_color_scheme="dark")
    for verdict in ("PASS", "FAIL"):
        tab.run(f"document.getElementById('show-{verdict}').click()")
    pages = paper(tab, landscape)
    assert len(pages) <= 20
    text = "".join(pages)
    commands = [
        line
        for block in tab.run("[...document.querySelectorAll('pre')].map(one => one.textContent)")
        for line in block.splitlines()
    ]
    assert len(commands) > 80
    assert [line for line in commands if plain(line) not in text] == []
    wanted = "[...document.querySelectorAll('.testcase .id, .testcase .description, .findings td, .by-hand li')]"
    told = tab.run(f"{wanted}.filter(one => !one.closest('.mend')).map(one => one.textContent)")
    assert len(told) > 300
    # A cell may go over to the next page.
    assert len([one for one in told if plain(one) not in text]) <= len(pages)
    for number, one in enumerate(pages, 1):
        assert f"Page{number}/{len(pages)}" in one
        assert plain("demo:vanilla · SCS-compatible IaaS v5.1") in one
        assert re.search(r"\d{4}-\d\d-\d\d", one)
        # What can be pressed is not printed.
        assert not re.search(r"Copythe|Openall|Colours", one)
    tab.close()


def test_each_subject_has_its_own_pages(browser: Chromium, page: Pages) -> None:
    tab = browser.open(page("two"))
    pages = paper(tab, landscape=False)
    scopes = plain("SCS-compatible IaaS v5.1, SCS-compatible IaaS v4")
    heads = [name for one in pages for name in ("demo:vanilla", "demo") if plain(f"{name} · {scopes}") in one[:200]]
    assert set(heads) == {"demo", "demo:vanilla"}
    assert heads == sorted(heads)
    tab.close()
