# SPDX-License-Identifier: Apache-2.0
"""The German page about verdicts says of every verdict and every cause what it means, and so does ``scs explain``."""

from __future__ import annotations

import pytest

from pytest_scs import cli
from pytest_scs.base.language import chosen
from pytest_scs.base.markdown import parts
from pytest_scs.base.pages import VERDICTS
from pytest_scs.base.paths import pages_in
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.scope import CODES, NOT_YET
from pytest_scs.core.verdict import Verdict


@pytest.mark.parametrize("topic", [*Verdict, *CauseKind])
def test_every_verdict_and_cause_is_explained(
    topic: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert cli.main(["explain", topic]) == 0
    german = capsys.readouterr().out
    assert cli.main(["explain", "--lang=en", topic]) == 0
    english = capsys.readouterr().out
    assert german != english
    assert "was" in german.lower() or "ein" in german.lower()


def test_the_page_calls_causes_and_states_as_the_reports_do() -> None:
    text = (pages_in("de") / f"{VERDICTS}.md").read_text("utf-8")
    headings = {part.heading for part in parts(text)}
    german = chosen("de", {})
    assert {f"{german.text(str(kind))} ({kind})" for kind in CauseKind} <= headings
    assert [code for code in (*CODES, NOT_YET) if f"| {german.text(code)} (`{code}`) |" not in text] == []
