# SPDX-License-Identifier: Apache-2.0
"""What people see of a run with ``--scs-lang=de``: no English in it; and what programs read, which stays as it is."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from english_left import english_in

#: What pytest says, in English always.
PYTESTS = re.compile(
    r"^(=+ .* =+|platform |rootdir: |plugins: |collected |configfile: |cachedir: |-+ Generated |\w+/test_)"
)


class Texts(HTMLParser):
    """The texts of a page for people, titles included; without commands, programs and style sheets."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.language = ""
        self.found: list[str] = []
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang") or ""
        self.found += [given[name] or "" for name in ("title", "aria-label", "data-label") if name in given]
        if tag in ("script", "style", "code", "pre", "dl", "option"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open and data.strip():
            self.found.append(data)


@pytest.fixture(params=["cloud", "cluster"])
def german(request: pytest.FixtureRequest, pytester: pytest.Pytester) -> tuple[list[str], Path]:
    subject = {
        "cloud": ("--scs-scope=iaas-v5.1", "--os-cloud=demo:vanilla"),
        "cluster": ("--scs-scope=beyond-kaas", "--kubeconfig=demo:vanilla"),
    }[request.param]
    result = pytester.runpytest_inprocess(
        *("-p", "no:cacheprovider", "-m", "not creates_resources", "-vv", "--scs-lang=de", *subject),
        *("--html=page.html", "--self-contained-html", "--scs-remediation=mend.sh", "--scs-report=report.yaml"),
    )
    assert result.ret == 1
    return [line for line in result.outlines if line.strip() and not PYTESTS.match(line)], pytester.path


def test_nothing_that_people_read_is_english(german: tuple[list[str], Path]) -> None:
    lines, folder = german
    begin = next(number for number, line in enumerate(lines) if line.startswith("scs: "))
    ours = [line for line in lines[begin:] if not re.search(r"\.py::|^test session|^-+ ", line)]
    assert any("Abhilfe:" in line for line in ours)
    assert {line: found for line in ours if (found := english_in(line))} == {}

    page = Texts((folder / "page.html").read_text("utf-8"))
    assert page.language == "de"
    assert "Was zu tun ist" in page.found
    assert {text: found for text in page.found if (found := english_in(text))} == {}

    script = (folder / "mend.sh").read_text("utf-8")
    comments = [line.strip() for line in script.splitlines() if line.strip().startswith("# ")]
    own = [line for line in comments if re.search(r"Von Hand|erwartet|Eintragen|Beachten", line)]
    assert own
    assert {line: found for line in own if (found := english_in(line))} == {}


def test_the_scs_report_is_the_same_in_every_language(pytester: pytest.Pytester) -> None:
    written = {}
    for language in ("de", "en"):
        pytester.runpytest_inprocess(
            *("-p", "no:cacheprovider", "-m", "not creates_resources", f"--scs-lang={language}"),
            *("--scs-scope=iaas-v5.1", "--os-cloud=demo:vanilla", f"--scs-report={language}.yaml"),
            *(f"--scs-csv={language}.csv", f"--junit-xml={language}.xml"),
        )
        [document] = yaml.safe_load_all((pytester.path / f"{language}.yaml").read_text())
        invocations = document["run"]["invocations"].values()
        junit = (pytester.path / f"{language}.xml").read_text()
        written[language] = (
            [invocation["stderr"] for invocation in invocations],
            [invocation["results"] for invocation in invocations],
            re.sub(r"(?m)^20[^,]*", "NOW", (pytester.path / f"{language}.csv").read_text()),
            re.findall(r"<(?:failure|error|property)[^>]*>[^<]*", junit),
        )
    assert written["de"] == written["en"]


def test_the_language_is_that_of_the_environment(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "--os-cloud=demo", "--scs-plan")
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    pytester.runpytest_inprocess(*options).stdout.fnmatch_lines(["scs: * (in Kraft); Ziel main; *(eingebettet)*"])
    pytester.runpytest_inprocess(*options, "--scs-lang=en").stdout.fnmatch_lines(["scs: * (effective); target main; *"])


def test_an_unknown_language_is_wrong_usage(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--scs-scope=iaas-v5.1", "--os-cloud=demo", "--scs-lang=fr")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --scs-lang: unknown language 'fr'; known: de, en"])
