# SPDX-License-Identifier: Apache-2.0
"""What options of pytest and of other plugins do to verdicts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_scs.run import others


def said(**options: Any) -> list[str]:
    config: Any = SimpleNamespace(getoption=lambda name, default=None: options.get(name, default))
    return list(others.notes(config))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, []),
        ({"reruns": 0, "count": 1, "stepwise": False}, []),
        ({"reruns": 2}, ["--reruns does not concern testcases"]),
        ({"force_reruns": 1}, ["--force-reruns does not concern testcases"]),
        ({"count": 3}, ["--count does not concern testcases"]),
        ({"stepwise": True}, ["--stepwise ends the run"]),
        ({"setuponly": True}, ["--setup-only runs no testcase"]),
        ({"setuponly": True, "setupplan": True}, ["--setup-plan runs no testcase"]),
    ],
)
def test_what_concerns_verdicts_is_said_in_a_line(options: dict[str, Any], words: list[str]) -> None:
    lines = said(**options)
    assert len(lines) == len(words)
    assert all(line.startswith(word) for line, word in zip(lines, words, strict=True))


@pytest.mark.parametrize("there", [False, True])
def test_a_testcase_is_judged_once(there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    marks: list[Any] = []
    known = SimpleNamespace(flaky=lambda **kwargs: SimpleNamespace(name="flaky", kwargs=kwargs))
    monkeypatch.setattr(pytest, "mark", known)
    options = SimpleNamespace(**({"reruns": None} if there else {}))
    item: Any = SimpleNamespace(config=SimpleNamespace(option=options), add_marker=marks.append)
    others.judge_once(item)
    assert [(mark.name, mark.kwargs) for mark in marks] == (
        [("flaky", {"reruns": 0, "condition": False})] if there else []
    )
