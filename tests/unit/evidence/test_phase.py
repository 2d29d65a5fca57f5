# SPDX-License-Identifier: Apache-2.0
"""What somebody waits for says what it is doing, how long already and how long at most."""

from __future__ import annotations

import threading
import time

import pytest

from pytest_scs.base.words import lasting
from pytest_scs.evidence.phase import Phase, counted_in, doing, read_more, told_in


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (0.4, "0 s"),
        (40, "40 s"),
        (59.6, "1 min"),
        (500, "8 min 20 s"),
        (600, "10 min"),
        (3599, "59 min 59 s"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (14402, "4 h"),
    ],
)
def test_seconds_are_said_as_people_do(seconds: float, words: str) -> None:
    assert lasting(seconds) == words


def test_a_phase_tells_its_time_and_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 140.0)
    assert str(Phase("sample VM: booting", 100.0, 600)) == "sample VM: booting, 40 s of at most 10 min"
    assert str(Phase("domain managers: users", 100.0)) == "domain managers: users, 40 s"


def test_a_thread_tells_what_it_is_doing_as_long_as_somebody_listens() -> None:
    phases = dict[str, Phase]()
    doing("nobody hears it")
    with told_in(phases, "outer"):
        doing("one thing", 10)
        with told_in(phases, "inner"):
            doing("another")
            assert [(name, one.text, one.limit) for name, one in phases.items()] == [
                ("outer", "one thing", 10),
                ("inner", "another", 0),
            ]
        doing("one thing more", ago=5)
        assert list(phases) == ["outer"]
        assert phases["outer"].text == "one thing more"
        assert time.monotonic() - phases["outer"].began >= 5
        other = threading.Thread(target=doing, args=("elsewhere",))
        other.start()
        other.join()
        assert phases["outer"].text == "one thing more"
    assert phases == {}


def test_what_a_thread_reads_is_counted_as_long_as_somebody_listens() -> None:
    counts = dict[str, int]()
    read_more(7)
    with counted_in(counts, "images"):
        read_more(1000)
        read_more(2)
        other = threading.Thread(target=read_more, args=(5,))
        other.start()
        other.join()
    read_more(7)
    assert counts == {"images": 1002}
