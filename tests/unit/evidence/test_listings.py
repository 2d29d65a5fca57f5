# SPDX-License-Identifier: Apache-2.0
"""Listings that are read at the same time tell a user who waits how far they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from pytest_scs.base.language import language
from pytest_scs.core.cause import Cause
from pytest_scs.evidence import limit, progress
from pytest_scs.evidence.listings import read_listings
from pytest_scs.evidence.phase import read_more
from pytest_scs.evidence.progress import Voice
from pytest_scs.evidence.section import Entries, Section


class Client:
    """Knows nothing and asks nobody."""

    def for_section(self, section: str) -> Client:
        return self


def listing(name: str, read: Callable[[Client], Entries]) -> Section[Any]:
    return Section(name=name, words=f"the {name}", summary="", load=lambda entries: entries, read=read)


def slow(entries: int, until: threading.Event) -> Callable[[Client], Entries]:
    """Reads so many entries, and then hangs until it is told to end."""

    def read(client: Client) -> Entries:
        if entries:
            read_more(entries)
        until.wait(30)
        return []

    return read


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ({"images": 3000}, "images: 3,000 read, 0 s of at most 2 min"),
        ({"volume_types": 0, "flavors": 0}, "waiting for volume types, flavors, 0 s of at most 2 min"),
        ({"images": 1, "flavors": 0}, "images: 1 read; waiting for flavors, 0 s of at most 2 min"),
    ],
)
def test_a_line_counts_what_is_read(entries: dict[str, int], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PERIOD", 0)
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    over, said = threading.Event(), list[str]()

    def say(line: str) -> None:
        said.append(line)
        if line == told:
            over.set()

    wanted = [listing(name, slow(number, over)) for name, number in entries.items()]
    found = read_listings([*wanted, listing("nodes", lambda client: [])], Client(), 120, Voice(say))
    assert found == {name: [] for name in (*entries, "nodes")}
    assert told in said


def test_a_live_line_is_taken_away_and_no_others_are_said() -> None:
    over, said, shown = threading.Event(), list[str](), list[str]()

    def show(text: str) -> bool:
        shown.append(text)
        over.set()
        return True

    read_listings([listing("images", slow(3000, over))], Client(), 120, Voice(said.append, show))
    assert said == []
    assert shown[0].startswith("images: 3,000 read, ")
    assert shown[-1] == ""


def test_a_line_comes_to_its_end_also_where_a_listing_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit, "GRACE", 0.0)
    over, shown = threading.Event(), list[str]()

    def show(text: str) -> bool:
        shown.append(text)
        return True

    found = read_listings([listing("images", slow(0, over))], Client(), 0.1, Voice(lambda line: None, show))
    over.set()
    assert isinstance(found["images"], Cause)
    assert shown[-1] == ""


def test_the_line_is_german_where_people_read_german() -> None:
    german = language("de").text
    assert german("images: 3,000 read, 12 s of at most 2 min") == "Images: 3.000 gelesen, 12 s von h\xf6chstens 2 min"
    assert german("mycloud: images: 3,000 read; waiting for flavors, 40 s of at most 2 min") == (
        "mycloud: Images: 3.000 gelesen; warten auf Flavors, 40 s von h\xf6chstens 2 min"
    )
