# SPDX-License-Identifier: Apache-2.0
"""Lines about what is waited for."""

from __future__ import annotations

import functools
import threading
import time

import pytest

from pytest_scs.evidence import progress


def test_waiting_is_said_once_in_a_period(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, said = [100.0], list[str]()
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    waiting = progress.Waiting(functools.partial(progress.waiting_for, "a thing"), said.append)
    for seconds in (1, 28, 1, 1, 28, 1, 45):
        clock[0] += seconds
        waiting.tick()
    assert said == ["waiting for a thing: 30 s", "waiting for a thing: 1 min", "waiting for a thing: 1 min 45 s"]


def test_nothing_to_say_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said = list[str]()
    monkeypatch.setattr(progress, "PERIOD", 0)
    progress.Waiting(functools.partial(progress.waiting_for, ""), said.append).tick()
    assert said == []


def test_main_process_of_workers_tells_what_is_pending_until_nothing_is(monkeypatch: pytest.MonkeyPatch) -> None:
    said, done = list[str](), threading.Event()
    monkeypatch.setattr(progress, "PERIOD", 0.01)
    states = iter(["a VM; a backup", "a VM; a backup", "a backup", "a backup"])
    shown = list[str]()

    def state(passed: float) -> str:
        return next(states, "")

    def show(text: str) -> bool:
        shown.append(text)
        if not text:
            done.set()
        return False

    progress.keep_telling(state, said.append, threading.Event(), show)
    assert done.wait(30)
    assert set(said) <= {"a VM; a backup", "a backup"}
    assert shown[-1] == ""


def test_what_is_shown_all_the_time_is_not_said_besides(monkeypatch: pytest.MonkeyPatch) -> None:
    said, shown = list[str](), list[float]()
    monkeypatch.setattr(progress, "PERIOD", 0)

    def show(passed: float) -> bool:
        shown.append(passed)
        return True

    progress.Waiting(lambda passed: "a VM", said.append, show).tick()
    assert (said, len(shown)) == ([], 1)


def test_who_wants_few_lines_is_shown_nothing() -> None:
    shown = list[str]()

    def live(text: str) -> bool:
        shown.append(text)
        return True

    lines = progress.Progress()
    assert not lines.show("before anybody listens")
    lines.attach(lambda line: None, at_once=False, quiet=True, live=live)
    assert not lines.show("a VM")
    lines.attach(lambda line: None, at_once=False, live=live)
    assert lines.show("a VM")
    assert shown == ["a VM"]


def test_telling_ends_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    said, ended = list[str](), threading.Event()
    ended.set()
    monkeypatch.setattr(progress, "PERIOD", 0.01)
    progress.keep_telling(lambda passed: "a VM", said.append, ended)
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
