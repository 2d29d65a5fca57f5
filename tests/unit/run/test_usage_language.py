# SPDX-License-Identifier: Apache-2.0
"""Wrong usage is told in the language of the run, whole or in English: half a translation helps nobody."""

from __future__ import annotations

import types
from typing import Any

import pytest

from pytest_scs.base import language
from pytest_scs.base.errors import InputError
from pytest_scs.run.usage import usage_errors


def told(text: str, code: str = "de") -> str:
    """What a user reads of an InputError in a run with this language."""
    settings = types.SimpleNamespace(language=language.chosen(code, {}))

    def fail(_: Any) -> None:
        raise InputError(text)

    with pytest.raises(pytest.UsageError) as caught:
        usage_errors(fail, types.SimpleNamespace(settings=settings))
    return str(caught.value)


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            "--scs-target: unknown target 'foo'; known: main, recommended, preview, all",
            "--scs-target: unbekanntes Ziel 'foo'; bekannt: main, recommended, preview, all",
        ),
        ("--scs-date: 'x' is not a date; write YYYY-MM-DD", "--scs-date: 'x' ist kein Datum; YYYY-MM-DD schreiben"),
        (
            "--scs-report: there is no directory /to/the; create it first",
            "--scs-report: es gibt kein Verzeichnis /to/the; es zuerst anlegen",
        ),
        ("nobody knows this sentence; name a file that exists", "nobody knows this sentence; name a file that exists"),
    ],
)
def test_german_is_whole_or_not_at_all(english: str, german: str) -> None:
    assert told(english, "en") == english
    assert told(english) == german


def test_the_environment_decides_where_no_option_does(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    result = pytester.runpytest("--scs-scope=iaas-v5.1", "--os-cloud=demo", "--scs-waivers=nix.yaml")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*nix.yaml ist nicht lesbar: Datei oder Verzeichnis nicht gefunden; eine Datei *"])


def test_without_settings_the_option_decides(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--scs-scope=iaas-v5.1", "--os-cloud=demo", "--scs-lang=de", "--scs-date=x")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*'x' ist kein Datum*"])
