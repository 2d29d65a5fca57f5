# SPDX-License-Identifier: Apache-2.0
"""What a run has in one account, noted by several threads at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.openstack.kinds import KINDS
from pytest_scs.platforms.openstack.ledger import Ledger

KIND = KINDS["volume"]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Journal("0123abcd", "mycloud", tmp_path))


def test_what_is_not_answered_is_kept_in_mind_until_somebody_gives_up(ledger: Ledger) -> None:
    asked = ledger.intend(KIND, "_scs-a")
    with pytest.raises(TimeoutError), ledger.asking(asked):
        raise TimeoutError
    assert ledger.unanswered() == [asked]
    assert ledger.unanswered(0) == []
    assert ledger.present() == [asked]
    ledger.give_up(asked)
    assert ledger.unanswered() == []


def test_threads_may_look_at_it_while_others_write(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger.journal, "write", lambda event, **facts: None)
    problems: list[Exception] = []
    ended = threading.Event()

    def look() -> None:
        try:
            while not ended.is_set():
                ledger.unanswered()
                ledger.note_unfound()
        except Exception as error:
            problems.append(error)

    looking = threading.Thread(target=look)
    looking.start()
    for number in range(2000):
        asked = ledger.intend(KIND, f"_scs-{number}")
        with pytest.raises(TimeoutError), ledger.asking(asked):
            raise TimeoutError
        if number % 2:
            ledger.forget(asked)
    ended.set()
    looking.join(30)
    assert not problems
    assert len(ledger.unanswered()) == 1000
