# SPDX-License-Identifier: Apache-2.0
"""How long a console is looked at, by a clock of our own."""

from __future__ import annotations

import pytest

from pytest_scs.platforms.openstack.probes.console import ConsoleWatch

TOKEN = "1a2b3c4d"


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def look(watch: ConsoleWatch, clock: Clock, text: str, *, takes: float = 0, after: float = 0) -> None:
    clock.now += after
    began = clock.now
    clock.now += takes
    watch.looked(text, began)


@pytest.mark.parametrize(
    ("takes", "patience", "allowed"),
    [(0, 1, 300), (1, 1, 600), (2.5, 1, 1050), (500, 1, 9900), (0, 2, 600), (1, 2, 1200)],
)
def test_a_silent_console_has_as_long_as_the_official_suite_gives_it(
    takes: float, patience: float, allowed: float
) -> None:
    clock = Clock()
    watch = ConsoleWatch(300 * patience, patience, clock)
    while not watch.over():
        look(watch, clock, "Linux version 6.1\n", takes=takes, after=5)
    assert watch.allowed() == allowed
    assert clock.now - 1000 >= allowed
    assert clock.now - 1000 - allowed < 5 + takes + 0.001


def test_a_console_that_grows_is_alive() -> None:
    clock = Clock()
    watch = ConsoleWatch(300, 1, clock)
    for line in range(120):
        look(watch, clock, f"{line}\n", after=10)
        assert not watch.over()
    assert clock.now == 2200
    clock.now += 59
    assert not watch.over()
    clock.now += 1
    assert watch.over()


def test_a_console_that_never_ends_does() -> None:
    clock = Clock()
    watch = ConsoleWatch(300, 1, clock)
    line = 0
    while not watch.over():
        line += 1
        look(watch, clock, f"{line}\n", after=5)
    assert clock.now - 1000 == 1800


@pytest.mark.parametrize(
    ("text", "seconds", "patience", "cause"),
    [
        ("Kernel panic - not syncing: no init", 0, 1, "the kernel panicked"),
        ("grub rescue> ", 9, 1, ""),
        ("grub rescue> ", 10, 1, "the boot loader found no system: 'grub rescue>'"),
        ("grub rescue> ", 19, 2, ""),
        ("mystery> ", 59, 1, ""),
        ("mystery> ", 60, 1, "it waits at a prompt: 'mystery>'"),
        ("mystery> ", 119, 2, ""),
        (f"_scs-{TOKEN}-3-\nmystery> ", 3600, 1, ""),
        ("_scs-ffffffff-3-\nmystery> ", 60, 1, "it waits at a prompt"),
        ("vm login: ", 300, 1, ""),
        ("[    1.0] EXT4-fs (vda1): mounted filesystem. Opts: (null)\n", 300, 1, ""),
        ("", 300, 1, ""),
    ],
)
def test_a_hopeless_console_is_given_up(text: str, seconds: float, patience: float, cause: str) -> None:
    clock = Clock()
    watch = ConsoleWatch(300, patience, clock)
    look(watch, clock, "Linux version 6.1\n")
    look(watch, clock, f"Linux version 6.1\n{text}", after=200)
    clock.now += seconds
    found = watch.hopeless(TOKEN)
    assert bool(found) == bool(cause)
    assert cause in found


def test_when_the_time_is_up_the_last_line_counts_at_once() -> None:
    watch = ConsoleWatch(300)
    watch.looked("grub> ", 0)
    assert watch.hopeless(TOKEN) == ""
    assert "boot loader" in watch.hopeless(TOKEN, at_end=True)


def test_the_end_of_a_console_is_a_short_line() -> None:
    watch = ConsoleWatch(300)
    assert watch.end == ""
    watch.looked(f"one\n\x1b[1m{'x' * 100}\r\n \n", 0)
    assert watch.end == "x" * 80


def test_looks_are_close_together_while_the_report_is_near() -> None:
    clock = Clock()
    watch = ConsoleWatch(300, 1, clock)
    look(watch, clock, "[    0.1] Linux version 6.1\n")
    assert watch.pause(TOKEN) == 2
    look(watch, clock, "[   45.6] cloud-init[361]: Cloud-init v. 22.4.2 running 'modules:final' at Fri\n", after=2)
    assert watch.pause(TOKEN) == 0.5
    clock.now += 29
    assert watch.pause(TOKEN) == 0.5
    clock.now += 1
    assert watch.pause(TOKEN) == 2
    look(watch, clock, f"_scs-{TOKEN}-0-d8ac7bf1-", after=2)
    assert watch.pause(TOKEN) == 0.5
