# SPDX-License-Identifier: Apache-2.0
"""What ``scs cleanup`` waits for before it looks: requests of a run that was killed a moment ago."""

from __future__ import annotations

import datetime as dt

import pytest

from pytest_scs.evidence.journal import Past
from pytest_scs.platforms import cleaning


def past(seconds: float, *, running: bool = False) -> Past:
    """A run that asked for something so many seconds ago, and has no answer."""
    at = (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds)).isoformat()
    return Past("0123abcd", "mycloud", at, (), ({"at": at},), (), (), running, "")


@pytest.mark.parametrize(
    ("runs", "waited"),
    [
        ([], None),
        ([past(86400)], None),
        ([past(-3600)], None),  # a clock that was set back would be waited for an hour
        ([past(5, running=True)], None),
        ([past(3000), past(100), past(2000)], 900),
    ],
)
def test_it_waits_for_the_last_request_of_what_no_longer_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], runs: list[Past], waited: float | None
) -> None:
    happened: list[float] = []
    monkeypatch.setattr(cleaning.time, "sleep", happened.append)
    cleaning.let_requests_end(runs, 1000)
    said = capsys.readouterr().out
    if waited is None:
        assert (happened, said) == ([], "")
    else:
        [seconds] = happened
        assert 0 < seconds <= waited  # the time since has gone by as well
        assert "for what may come" in said
