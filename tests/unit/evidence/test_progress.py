# SPDX-License-Identifier: Apache-2.0
"""Lines about what is waited for."""

from __future__ import annotations

import threading
import time

import pytest

from pytest_scs.evidence import progress


def test_waiting_is_said_once_in_a_period(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, said = [100.0], list[str]()
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    waiting = progress.Waiting("a thing", said.append)
    for seconds in (1, 28, 1, 1, 28, 1, 45):
        clock[0] += seconds
        waiting.tick()
    assert said == ["waiting for a thing: 30 s", "waiting for a thing: 60 s", "waiting for a thing: 105 s"]


def test_nothing_to_say_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said = list[str]()
    monkeypatch.setattr(progress, "PERIOD", 0)
    progress.Waiting("", said.append).tick()
    assert said == []


def test_main_process_of_workers_tells_what_is_pending_until_nothing_is(monkeypatch: pytest.MonkeyPatch) -> None:
    said, done = list[str](), threading.Event()
    monkeypatch.setattr(progress, "PERIOD", 0.01)
    states = iter([["a VM", "a backup"], ["a backup"]])

    def pending() -> list[str]:
        left = next(states, [])
        if not left:
            done.set()
        return left

    progress.keep_telling(pending, said.append, threading.Event())
    assert done.wait(5)
    assert said == ["waiting for a VM, a backup: 0 s", "waiting for a backup: 0 s"]


def test_telling_ends_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    said, ended = list[str](), threading.Event()
    ended.set()
    monkeypatch.setattr(progress, "PERIOD", 0.01)
    progress.keep_telling(lambda: ["a VM"], said.append, ended)
    time.sleep(0.1)
    assert said == []


def test_lines_wait_until_there_is_time_for_them() -> None:
    written = list[str]()
    lines = progress.Progress()
    lines.say("before anybody listens")
    lines.flush()
    lines.attach(written.append, at_once=False)
    lines.say("from a thread")
    assert (written, lines.at_once) == ([], False)
    lines.flush()
    assert written == ["before anybody listens", "from a thread"]
    lines.flush()
    assert len(written) == 2


def test_lines_are_written_at_once_where_nothing_is_captured() -> None:
    written = list[str]()
    lines = progress.Progress()
    lines.attach(written.append, at_once=True)
    threads = [threading.Thread(target=lines.say, args=(f"line {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lines.at_once
    assert sorted(written) == [f"line {number}" for number in range(8)]
