# SPDX-License-Identifier: Apache-2.0
"""``scs explain``, on a small page and on the real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.base.pages import load_pages
from pytest_scs.cli import main
from pytest_scs.commands import explain as command
from pytest_scs.commands.explain import explain
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes

Capture = pytest.CaptureFixture[str]

PAGE = """\
# scs-0102: image metadata

Properties of images: [scs-0102-v1](https://docs.scs.community/standards/scs-0102-v1-image-metadata).

## Requirement

* Images MUST say where they come from (section "Image Source").

## Testcases

### scs-0102-image-recency

Looks at all public images.

#### Cost

Six requests.

### scs-0102-prop-min_disk, scs-0102-prop-min_ram

Looks at sizes.

### scs-0102-prop-image_*

The rest.

## Rules

| Rule | Title | Testcase |
|---|---|---|
| `scs-0102/recency` | is not older than promised | scs-0102-image-recency |
| `scs-0102/described` | has a description | `scs-0102-prop-image_*` |
| `scs-0102/min_disk` | holds the image | `scs-0102-prop-min_disk`, scs-0102-prop-min_ram |

## Official suite and text

| Row | Official suite | Text | Default |
|---|---|---|---|
| DEV-0102-1, -2 | few | all | official |
| DEV-0102-10 | demands a successor | hides | text |
"""

FRAMEWORK = "# Shared\n\n## Verdicts\n\nFour.\n\n### PASS\n\nAll is well.\n\n## Causes\n\n### not given\n\nGive it.\n"

ATTESTATIONS = """\
# Manual checks

| Row | Official suite | Text | Default |
|---|---|---|---|
| DEV-0004-1 | weekly | quarterly | text |
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "standards"
    path.mkdir()
    (path / "scs-0102.md").write_text(PAGE)
    (path / "framework.md").write_text(FRAMEWORK)
    (tmp_path / "attestations.md").write_text(ATTESTATIONS)
    (tmp_path / "other.md").write_text("# scs-0999: other\n")
    monkeypatch.setattr(command, "load_pages", lambda: load_pages(path))
    return path


@pytest.mark.parametrize("topic", ["scs-0102", "0102", "SCS-0102", "scs_0102", "scs-0102-v1"])
def test_a_standard_is_its_whole_page(folder: Path, capsys: Capture, topic: str) -> None:
    assert main(["explain", topic]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(
        "scs-0102: image metadata\n========================\n\nProperties of images: scs-0102-v1\n(https"
    )
    assert "DEV-0102-10     demands a successor  hides  text" in out
    assert err == ""


def test_a_testcase_is_its_declaration_its_part_and_its_rules(folder: Path, capsys: Capture) -> None:
    assert main(["explain", "scs-0102-image-recency"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("scs-0102-image-recency\n======================\n\nNo image is older than")
    # What several scope files declare is described once.
    demanded = "* Demanded by: iaas-next main, iaas-v5.1 main, iaas-v4 main, iaas-v3 main, iaas-v6 main"
    assert " ".join(out.split()).count(demanded) == out.count("Demanded by") == 1
    assert "Looks at all public images.\n\nCost\n====\n\nSix requests.\n" in out
    assert "scs-0102/recency  is not older than promised\n" in out
    assert "min_disk" not in out
    assert "All of the standard: `scs explain scs-0102`\n" in out


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("scs-0102-prop-min_ram", "Looks at sizes."),
        ("scs-0102-prop-image_source", "The rest."),
        # What no page tells of is declared in a scope file nevertheless.
        ("scs-0100-syntax-check", "Every flavor whose name begins"),
    ],
)
def test_a_heading_may_stand_for_several_testcases(folder: Path, capsys: Capture, topic: str, text: str) -> None:
    assert main(["explain", topic]) == 0
    assert text in capsys.readouterr().out


def test_a_rule_is_its_title_and_its_testcases(folder: Path, capsys: Capture) -> None:
    assert main(["explain", "scs-0102/recency"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("scs-0102/recency\n================\n\n* Rule: is not older than promised\n* Testcases: scs-")
    assert "Looks at all public images." in out


def test_a_rule_of_several_testcases_in_one_part_shows_it_once(folder: Path, capsys: Capture) -> None:
    assert main(["explain", "scs-0102/min_disk"]) == 0
    assert capsys.readouterr().out.count("Looks at sizes.") == 1


def test_a_rule_of_a_kind_of_testcases_is_one_of_each(folder: Path, capsys: Capture) -> None:
    assert main(["explain", "scs-0102-prop-image_source"]) == 0
    assert "scs-0102/described  has a description\n" in capsys.readouterr().out
    assert main(["explain", "scs-0102/described"]) == 0
    assert "* Testcases: scs-0102-prop-image_*\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("topic", "text"),
    [("DEV-0102-2", "few"), ("dev-0102-10", "demands a successor"), ("DEV-0004-1", "weekly")],
)
def test_a_row_is_what_its_columns_say(folder: Path, capsys: Capture, topic: str, text: str) -> None:
    assert main(["explain", topic]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{topic.upper()}, {'scs-0102: image metadata' if '0102' in topic else 'Manual checks'}\n")
    assert f"* Official suite: {text}\n" in out


@pytest.mark.parametrize(
    "words", [["PASS"], ["pass"], ["not", "given"], ["not-given"], ["NOT_GIVEN"], ["verdicts"], ["not given"]]
)
def test_words_of_reports_are_explained(folder: Path, capsys: Capture, words: list[str]) -> None:
    assert main(["explain", *words]) == 0
    assert ("Give it." if "n" in words[0].lower() else "All is well.") in capsys.readouterr().out


@pytest.mark.parametrize(
    ("topic", "hint"),
    [
        ("scs-0102-image-recenzy", "; did you mean 'scs-0102-image-recency'?"),
        ("scs-0102/recencie", "; did you mean 'scs-0102/recency'?"),
        ("DEV-0102-100", "; did you mean 'DEV-0102-10'?"),
        ("abcdefgh", ""),
    ],
)
def test_an_unknown_topic_is_one_line_with_what_is_allowed(
    folder: Path, capsys: Capture, topic: str, hint: str
) -> None:
    assert main(["explain", topic]) == 4
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith(f"scs: explain: there is nothing about {topic!r}{hint}; allowed: a standard (scs-0102), ")


def test_an_empty_topic_is_bad_usage(folder: Path, capsys: Capture) -> None:
    assert main(["explain", " "]) == 4
    assert capsys.readouterr().err.startswith("scs: explain: the topic is empty; name a standard")


def test_without_a_topic_there_is_a_list(folder: Path, capsys: Capture) -> None:
    assert main(["explain"]) == 0
    out = capsys.readouterr().out
    assert "scs-0102  image metadata\n" in out
    assert "Verdicts, Causes\n" in out


@pytest.mark.parametrize(("environment", "bold"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_bold_headings_and_its_own_width(
    folder: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    bold: bool,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in {"COLUMNS": "60", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(["explain", "scs-0102-image-recency"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("\033[1mscs-0102-image-recency\033[0m\n\n" if bold else "scs-0102-image-recency\n======")
    assert "No image is older than its replacement promise allows\nwithout" in out


@pytest.mark.parametrize("kind", ["none", "empty", "binary"])
def test_an_incomplete_installation_is_one_line(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind != "none":
        (tmp_path / "pages").mkdir(exist_ok=True)
    if kind == "binary":
        (tmp_path / "pages" / "scs-0100.md").write_bytes(b"\xff\xfe\x00")
    monkeypatch.setattr(command, "load_pages", lambda: load_pages(tmp_path / "pages"))
    assert main(["explain", "scs-0100"]) == 4
    err = capsys.readouterr().err
    assert err.endswith("; install pytest-scs anew\n")
    assert len(err.splitlines()) == 1


def test_every_declared_testcase_can_be_explained_by_the_real_pages() -> None:
    pages = load_pages()
    for path in bundled_scopes().values():
        for testcase in load_scope(path).testcases.values():
            assert testcase.description in explain(testcase.id, pages)


@pytest.mark.parametrize("word", ["PASS", "FAIL", "ABORT", "MISS"])
def test_every_verdict_is_explained_by_the_real_pages(word: str) -> None:
    assert explain(word, load_pages()).startswith(f"### {word}\n")


def test_the_real_pages_know_nothing_of_nonsense() -> None:
    with pytest.raises(InputError, match="there is nothing about 'nonsense'"):
        explain("nonsense", load_pages())
