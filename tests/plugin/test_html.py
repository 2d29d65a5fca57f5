# SPDX-License-Identifier: Apache-2.0
"""The HTML report: what stands on it, in which order, and that nothing from the cloud is markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from pytest_scs.base.paths import TESTCASES
from pytest_scs.demo.openstack import data
from pytest_scs.demo.openstack.state import CloudState, Fault

HTML = ("--html=report.html", "--self-contained-html")


class Page(HTMLParser):
    """Testcases in page order with their verdict, and all text by CSS class."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text: dict[str, list[str]] = {}
        self.testcases: list[tuple[str, str]] = []
        self.tags: list[str] = []
        self._classes: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids.add(values.get("id") or "")
        if (href := values.get("href") or "").startswith("#"):
            self.links.append(href[1:])
        self.tags.append(tag)
        if tag in ("meta", "br", "link", "input", "img"):
            return
        self._classes.append(values.get("class") or "")
        if tag == "details" and "testcase" in (classes := (values.get("class") or "").split()):
            self.testcases.append(((values.get("id") or "").partition("-")[2], classes[-1]))

    def handle_endtag(self, tag: str) -> None:
        if self._classes and tag not in ("meta", "br", "link", "input", "img"):
            self._classes.pop()

    def handle_data(self, text: str) -> None:
        if self._classes and text.strip():
            self.text.setdefault(self._classes[-1], []).append(text.strip())


@pytest.fixture
def page(judge: Any, pytester: pytest.Pytester) -> Any:
    def make(state: CloudState, *args: str) -> tuple[Page, str]:
        judge(state, *HTML, *args)
        text = (pytester.path / "report.html").read_text()
        return Page(text), text

    return make


def test_each_testcase_has_one_row_in_the_monitors_order(page: Any, now: Any) -> None:
    found, _ = page(data.vanilla(now), "--scs-target=all")
    ids = [testcase for testcase, _ in found.testcases]
    assert len(ids) == len(set(ids)) == 81
    order = ["FAIL", "MISS", "ABORT", "PASS"]
    for standard in {testcase[:8] for testcase in ids if testcase.startswith("scs-")}:
        verdicts = [order.index(verdict) for testcase, verdict in found.testcases if testcase.startswith(standard)]
        assert verdicts == sorted(verdicts), standard


def test_verdicts_and_both_readings_stand_on_top(page: Any, now: Any) -> None:
    found, text = page(data.vanilla(now))
    assert found.text["what"] == ["SCS-compatible IaaS v5.1"]
    assert found.text["verdict"] == ["FAIL"]
    assert found.text["ready"] == ["Ready to certify: no"]
    assert found.text["other"][0].startswith("By the text of the standards")
    order = ['class="cards"', 'class="broken"', 'class="todo"', 'class="passed"']
    assert sorted(order, key=text.index) == order


def test_nothing_of_pytest_htmls_own_page_is_left(page: Any, state: CloudState) -> None:
    found, text = page(state)
    assert not found.ids & {"results-table", "data-container", "environment", "environment-header"}
    assert "No results found" not in text
    assert re.search(r"Written on \S+ at \S+ with the help of pytest-html", text)
    assert "Environment of the run" in text


def test_nothing_from_the_cloud_is_markup(page: Any, state: CloudState) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    state.flavors[0].update(name=f"SCS-{attack}", extra_specs={"scs:name-v2": "SCS-1V-4", "scs:cpu-type": attack})
    for image in state.images:
        image.update(name=attack, os_distro="", architecture=attack, image_source=attack, os_purpose=attack)
    state.volume_types[0].update(name=attack, description=f"[scs:{attack}]")
    state.faults.append(Fault("GET", "/nothing", body=attack))
    found, text = page(state, "--scs-target=all")
    assert "alert(1)" in text
    assert attack not in text
    assert "<script>alert" not in text
    assert "onerror=alert(2)>" not in text
    # Only the page's own program is there.
    assert found.tags.count("script") == 1


def test_attack_in_an_error_message_is_not_markup(page: Any, state: CloudState) -> None:
    state.faults.append(
        Fault("GET", "/v2/images", status=403, body="<html><body><script>alert(3)</script></body></html>")
    )
    _, text = page(state)
    assert "<script>alert(3)" not in text


def test_causes_stand_once_above_the_table(page: Any, state: CloudState) -> None:
    state.faults.append(Fault("GET", "/v2/images", status=503))
    _, text = page(state)
    assert "What could not be decided, and why" in text
    assert text.count('class="ids"><summary>23 testcases:') == 1


def test_what_was_not_attempted_stands_there_as_well(page: Any, state: CloudState) -> None:
    found, text = page(state, "--scs-target=all", "-m", "manual and not creates_resources")
    box = text[text.index('class="causes"') : text.index('class="standard"', text.index('class="causes"'))]
    assert '<b class="MISS">MISS</b>' in box
    assert all(f"#testcloud-{testcase}" in box for testcase, verdict in found.testcases if verdict == "MISS")


def test_cards_and_causes_lead_to_the_testcases(page: Any, now: Any) -> None:
    cloud = data.vanilla(now)
    cloud.faults.append(Fault("GET", "/types", status=503))
    found, _ = page(cloud, "--scs-target=all")
    assert set(found.links) <= found.ids
    found.links = [link for link in found.links if link.startswith("testcloud-") and link[10:] in dict(found.testcases)]
    verdicts = {f"testcloud-{testcase}": verdict for testcase, verdict in found.testcases}
    assert verdicts[found.links[0]] == "FAIL"
    assert {verdicts[link] for link in found.links} == {"FAIL", "ABORT", "PASS"}


def test_what_does_not_decide_looks_like_it(page: Any, now: Any) -> None:
    found, text = page(data.vanilla(now), "--scs-target=recommended")
    telling = re.findall(r'<details class="testcase telling mild FAIL" id="testcloud-([^"]+)">', text)
    assert telling  # folded on the screen, being outside main
    assert 'title="Does not decide the run"' in text
    assert "ready" not in found.text


def test_a_few_failures_are_open_and_many_are_a_list(page: Any, state: CloudState, now: Any) -> None:
    for image in state.images:
        image.pop("architecture", None)
    _, text = page(state, "-m", "scs_0102")
    assert re.search(r'<details class="testcase telling FAIL" id="testcloud-scs-0102-prop-architecture" open>', text)
    _, text = page(data.vanilla(now))
    assert not re.search(r'<details class="testcase[^>]* open>', text)


def test_cards_say_what_a_verdict_is_good_for(page: Any, state: CloudState) -> None:
    found, _ = page(state, "-m", "scs_0100")
    assert found.text["ready"] == ["No verdict on the version"]
    assert "verdict" not in found.text


def test_each_cloud_has_its_own_facts(
    serve: Any, launch: Any, pytester: pytest.Pytester, now: Any, state: CloudState
) -> None:
    serve(state, "one")
    serve(data.vanilla(now), "two")
    launch(
        "--scs-scope=iaas-v5.1", "--os-cloud=one", "--os-cloud=two", "-m", "scs_0100", "-p", "no:cacheprovider", *HTML
    )
    text = (pytester.path / "report.html").read_text()
    assert text.count("<dt>Judged at</dt>") == 1
    assert text.count("<dt>Requests</dt>") == 2
    assert text.count('<details class="legend">') == 1
    links = Page(text).links
    assert {"one", "two", "one-verdict-1", "two-verdict-1"} <= set(links)


def test_links_to_the_standard_are_web_addresses_only(launch: Any, pytester: pytest.Pytester) -> None:
    from pytest_scs.base.paths import SCOPES

    scope = (SCOPES / "scs-compatible-iaas.yaml").read_text()
    hostile = scope.replace("url: https://docs.scs.community/standards/scs-0100-w1", "url: javascript:alert(1)//", 1)
    (pytester.path / "own.yaml").write_text(hostile)
    launch("--scs-scope=own.yaml@v5.1", "--os-cloud=demo", "-p", "no:cacheprovider", *HTML)
    text = (pytester.path / "report.html").read_text()
    assert "javascript:" not in text


def test_foreign_tests_keep_pytest_htmls_table(judge: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        def pytest_html_results_summary(prefix):
            prefix.append("<p>what another plugin says</p>")
        """
    )
    path = pytester.makepyfile("def test_of_somebody_else():\n    pass\n")
    judge(state, str(path), str(TESTCASES / "iaas"), *HTML)
    text = (pytester.path / "report.html").read_text()
    found = Page(text)
    # pytest-html's program would stop at the first of these that it does not find.
    looked_for = re.findall(r"getElementById\('([^']+)'\)", text)
    assert set(looked_for) <= found.ids
    assert "test_of_somebody_else" in text
    assert "<p>what another plugin says</p>" in text
    assert not re.search(r'data-jsonblob="[^"]*test_scs_', text)


def test_a_page_with_nothing_of_ours_is_pytest_htmls(judge: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    path = pytester.makepyfile("def test_of_somebody_else():\n    assert False\n")
    judge(state, str(path), *HTML)
    text = (pytester.path / "report.html").read_text()
    assert "Report generated on" in text
    assert "test_of_somebody_else" in text


def test_a_style_sheet_of_the_users_is_there(judge: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    (pytester.path / "own.css").write_text(".card { outline: 3px solid teal; }")
    judge(state, *HTML, "--css=own.css", "-m", "scs_0100")
    assert ".card { outline: 3px solid teal; }" in (pytester.path / "report.html").read_text()


def test_page_is_self_contained(page: Any, now: Any) -> None:
    _, text = page(data.vanilla(now))
    assert not re.search(r'<(link|script|img)[^>]+(href|src)="https?:', text)


def test_with_workers_the_page_is_the_same(page: Any, now: Any) -> None:
    cloud = data.vanilla(now)
    alone, _ = page(cloud)
    parallel, _ = page(cloud, "-n", "2")
    assert alone.testcases == parallel.testcases
