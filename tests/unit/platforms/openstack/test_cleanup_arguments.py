# SPDX-License-Identifier: Apache-2.0
"""``scs cleanup``: what it refuses, and what it takes for ours and old enough, without a cloud."""

from __future__ import annotations

import builtins
import datetime as dt
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_scs.cli import main
from pytest_scs.platforms import cleaning
from pytest_scs.platforms.openstack import cleanup
from pytest_scs.platforms.openstack.kinds import KINDS
from pytest_scs.platforms.openstack.resource import Resource

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
print_ = print
Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--run=1a2b"], "--run: '1a2b' is no run id; it has eight hexadecimal digits"),
        (["--run=1A2B3C4D"], "--run: '1A2B3C4D' is no run id; it has eight hexadecimal digits"),
        (["--run="], "--run: '' is no run id; it has eight hexadecimal digits"),
        (["--older-than=6"], "--older-than: '6' is no age; write for example 30m, 6h or 2d"),
        (["--older-than=6w"], "--older-than: '6w' is no age; write for example 30m, 6h or 2d"),
        (["--older-than=-6h"], "--older-than: '-6h' is no age; write for example 30m, 6h or 2d"),
        (["--older-than=9999999d"], "--older-than: '9999999d' is no age; write for example 30m, 6h or 2d"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_contacted(
    capsys: Capture, arguments: list[str], message: str
) -> None:
    assert main(["cleanup", "--os-cloud=mycloud", *arguments]) == 4
    assert capsys.readouterr() == ("", f"scs: {message}\n")


def test_there_is_nothing_to_clean_up_in_embedded_clouds(capsys: Capture) -> None:
    assert main(["cleanup", "--os-cloud=demo"]) == 4
    assert "demo is made anew for every run; there is nothing to clean up" in capsys.readouterr().err


def test_a_cloud_has_to_be_named(capsys: Capture) -> None:
    assert main(["cleanup"]) == 4
    assert "--os-cloud" in capsys.readouterr().err


@pytest.mark.parametrize(("age", "seconds"), [("0m", 0), ("30m", 1800), ("6h", 21600), ("2d", 172800)])
def test_an_age_is_a_point_in_time(age: str, seconds: int) -> None:
    limit = cleaning.latest_creation(age)
    assert limit is not None
    assert abs((dt.datetime.now(dt.UTC) - limit).total_seconds() - seconds) < 60


def resource(created: str = "", run: str = "1a2b3c4d") -> Any:
    return SimpleNamespace(run=run, created=created)


@pytest.mark.parametrize(
    ("created", "wanted"),
    [
        ((NOW - dt.timedelta(hours=7)).isoformat(), True),
        ((NOW - dt.timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M:%SZ"), True),
        # Without a zone it is UTC.
        ((NOW - dt.timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M:%S"), True),
        ((NOW - dt.timedelta(hours=5)).isoformat(), False),
        # Of unknown age: it is left alone.
        ("", False),
        ("yesterday", False),
    ],
)
def test_only_what_is_known_to_be_older_is_wanted(created: str, wanted: bool) -> None:
    assert cleanup._wanted(resource(created), None, NOW - dt.timedelta(hours=6)) is wanted


def test_only_what_a_run_made_is_wanted_where_one_is_named() -> None:
    assert cleanup._wanted(resource(), "1a2b3c4d", None)
    assert not cleanup._wanted(resource(), "ffffffff", None)
    assert cleanup._wanted(resource(), None, None)


@pytest.mark.parametrize(
    ("named", "metadata", "standard", "proven"),
    [
        # Nothing but a journal or what it hangs on tells of it.
        (False, False, "", True),
        (True, True, "0101", True),
        # The name alone, which anybody can give.
        (True, True, "", False),
        (True, False, "0101", False),
    ],
)
def test_a_name_alone_is_no_proof(named: bool, metadata: bool, standard: str, proven: bool) -> None:
    one: Any = SimpleNamespace(kind=SimpleNamespace(named=named, metadata=metadata), standard=standard)
    assert cleanup._proves_itself(one) is proven


@pytest.mark.parametrize(("arguments", "said"), [(["--delete"], True), ([], False)])
def test_who_interrupts_the_removal_is_told_what_to_do(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: bool
) -> None:
    def connect(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cleanup, "_connect", connect)
    assert main(["cleanup", "--os-cloud=mycloud", *arguments]) == 130
    words = "interrupted: what is not said to be removed may still be there; run it once more\n"
    assert capsys.readouterr().out == (words if said else "")


def test_removal_that_lasts_says_what_is_waited_for(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_scs.evidence.progress.PERIOD", 0.01)
    told = threading.Event()
    monkeypatch.setattr(builtins, "print", lambda *texts: (print_(*texts), told.set()))

    def remove(client: object, found: list[Any], removed: Any, lend: object) -> list[str]:
        assert told.wait(10)
        for one in found:
            removed(one)
        return []

    monkeypatch.setattr("pytest_scs.platforms.openstack.removal.remove_resources", remove)
    volume = Resource(KINDS["volume"], "_scs-0117-1a2b3c4d-volume", "v1")
    assert cleanup._remove(SimpleNamespace(), "mycloud", [volume])
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first == "waiting for the removal of what is left (1): 0 s"
    assert last == "removed volume _scs-0117-1a2b3c4d-volume (v1)"
