# SPDX-License-Identifier: Apache-2.0
"""Signals that follow the one which has interrupted a run."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator

import pytest

from pytest_scs.run import interruption
from pytest_scs.run.interruption import ECHO, LAST_WORDS, Interruption

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


class Clock:
    """What ``time.monotonic`` says."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(interruption, "time", clock)
    return clock


@contextlib.contextmanager
def taken_and_given_back() -> Iterator[list[Callable[[], None]]]:
    """What takes signals meanwhile puts into the list what gives them back."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in SIGNALS}
    restore: list[Callable[[], None]] = []
    yield restore
    for one in restore:
        one()
    assert [signal.getsignal(number) for number in SIGNALS] == [signal.default_int_handler] * len(SIGNALS)
    for number, handler in before.items():
        signal.signal(number, handler)


@contextlib.contextmanager
def begun_twice(begin: Callable[..., None]) -> Iterator[Interruption]:
    with taken_and_given_back() as restore:
        made = Interruption()
        begin(made, restore.append)
        begin(made, restore.append)
        yield made


@pytest.fixture
def interrupted(clock: Clock) -> Iterator[Interruption]:
    with begun_twice(Interruption.watch) as made:
        yield made


def send(clock: Clock, number: signal.Signals, after: float) -> None:
    clock.now += after
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", SIGNALS)
def test_second_signal_ends_what_may_be_ended(interrupted: Interruption, clock: Clock, number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), interrupted.at_once():
        send(clock, number, 2)


@pytest.mark.parametrize("number", SIGNALS)
def test_second_signal_in_between_counts_where_things_are_removed(
    interrupted: Interruption, clock: Clock, number: signal.Signals
) -> None:
    send(clock, number, 2)  # while the first one is written down
    with pytest.raises(KeyboardInterrupt), interrupted.at_once():
        pytest.fail("nothing is removed")


def test_same_signal_said_twice_is_one(interrupted: Interruption, clock: Clock) -> None:
    with interrupted.at_once():
        send(clock, signal.SIGTERM, ECHO / 2)
    with interrupted.at_once():
        pass


def test_third_signal_does_not_cost_the_last_words(interrupted: Interruption, clock: Clock) -> None:
    send(clock, signal.SIGINT, 2)
    send(clock, signal.SIGINT, LAST_WORDS / 2)
    with pytest.raises(KeyboardInterrupt):
        send(clock, signal.SIGINT, LAST_WORDS)


def test_signal_that_is_ignored_remains_so(clock: Clock) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        restore: list[Callable[[], None]] = []
        Interruption().watch(restore.append)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        for one in restore:
            one()
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.fixture
def held(clock: Clock) -> Iterator[Interruption]:
    """The end of a run that was not interrupted so far."""
    with begun_twice(Interruption.hold) as made:
        yield made


@pytest.mark.parametrize("number", SIGNALS)
def test_at_the_end_a_signal_is_noted(held: Interruption, clock: Clock, number: signal.Signals) -> None:
    assert not held.has_come
    with held.at_once():
        send(clock, number, 0)
    assert held.has_come
    with pytest.raises(KeyboardInterrupt), held.at_once():
        send(clock, number, 2)


@pytest.mark.parametrize("number", SIGNALS)
def test_at_the_end_the_first_one_ends_what_it_may_end(
    held: Interruption, clock: Clock, number: signal.Signals
) -> None:
    with pytest.raises(KeyboardInterrupt), held.at_once(first=True):
        send(clock, number, 0)
    send(clock, number, ECHO / 2)  # said twice


def test_one_that_came_before_ends_nothing_later(held: Interruption, clock: Clock) -> None:
    send(clock, signal.SIGINT, 0)
    with held.at_once(first=True):
        pass
    with pytest.raises(KeyboardInterrupt), held.at_once(first=True):
        send(clock, signal.SIGINT, 2)
