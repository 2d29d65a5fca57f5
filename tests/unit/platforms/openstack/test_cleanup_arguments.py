# SPDX-License-Identifier: Apache-2.0
"""``scs cleanup``: what it refuses, and what it takes for ours and old enough, without a cloud."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_scs.cli import main
from pytest_scs.platforms.openstack import cleanup

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
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
    with pytest.raises(SystemExit) as refusal:
        main(["cleanup"])
    assert refusal.value.code == 4
    assert "--os-cloud" in capsys.readouterr().err


@pytest.mark.parametrize(("age", "seconds"), [("0m", 0), ("30m", 1800), ("6h", 21600), ("2d", 172800)])
def test_an_age_is_a_point_in_time(age: str, seconds: int) -> None:
    limit = cleanup._age(age)
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
