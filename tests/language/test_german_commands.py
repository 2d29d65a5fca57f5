# SPDX-License-Identifier: Apache-2.0
"""What ``scs`` says of wrong usage where people read German: one line, without English in it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from english_left import english_in

from pytest_scs.cli import main

#: What is typed, and what the line says.
WRONG = [
    (["run"], "kein Scope angegeben"),
    (["run", "iaas-v5.1", "--cluod", "demo"], "unbekannte Option"),
    (["run", "iaas-v5.1", "--cloud", "demo", "-n", "many"], "keine Anzahl von Prozessen"),
    (["run", "iaas-v5.1", "--cloud", "demo", "--html", ""], "der Dateiname ist leer"),
    (["init"], "kein Terminal"),
    (["init", "iaas-v5.1", "--cloud", "demo", "--report", ""], "ist leer"),
    (["attest"], "dessen manuelle"),
    (["attest", "--scs-scope=iaas-v5.1", "--reports=."], "geh\xf6rt zu --check"),
    (["attest", "--scs-scope=iaas-v5.1", "--check=none.yaml"], "nicht lesbar"),
    (["attest", "--check=empty.yaml"], "leer"),
    (["cleanup"], "es ist nichts angegeben"),
    (["cleanup", "--os-cloud=demo"], "bei jedem Lauf neu"),
    (["cleanup", "--kubeconfig=demo"], "bei jedem Lauf neu"),
    (["cleanup", "--os-cloud=demo", "--run=x"], "keine Kennung eines Laufs"),
    (["cleanup", "--os-cloud=demo", "--older-than=soon"], "kein Alter"),
    (["data", "refresh", "kubernetes", "--from=none"], "kein Ordner"),
    (["explain", ""], "das Thema ist leer"),
    (["explain", "scs-0000"], "nichts gibt es zu"),
    (["flavor"], "kein Name eines Flavors"),
    (["scopes", "--date=soon"], "kein Datum"),
    (["scopes", "diff", "iaas-v5.1"], "zwei Versionen"),
    (["demo", "--break", "nothing"], "nicht bekannt"),
]


@pytest.fixture(autouse=True)
def german(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    Path("empty.yaml").write_text("")


def said(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The line on standard error; the exit code has to be that of wrong usage."""
    try:
        code = main(words)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    text = capsys.readouterr().err
    assert code == 4, text
    assert text.count("\n") == 1, text
    return text


@pytest.mark.parametrize(("words", "line"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_wrong_usage_is_told_in_german(words: list[str], line: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(words, capsys)
    assert line in text
    assert english_in(text) == []


@pytest.mark.parametrize("asked", [["--scs-lang=en"], ["--lang", "en"]])
def test_a_language_that_is_asked_for_comes_first(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "unknown option" in said(["run", "iaas-v5.1", "--cluod", "demo", *asked], capsys)


def test_an_unknown_language_is_told_in_that_of_the_environment(capsys: pytest.CaptureFixture[str]) -> None:
    assert "unbekannte" in said(["run", "iaas-v5.1", "--cluod", "demo", "--lang", "xx"], capsys)
