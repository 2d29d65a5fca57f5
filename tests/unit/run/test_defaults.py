# SPDX-License-Identifier: Apache-2.0
"""What is set for a conformance run where the user has said nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_scs.run import defaults


def applied(**options: Any) -> dict[str, Any]:
    """The options after the defaults were set."""
    given = {
        "scs_plan": False,
        "numprocesses": None,
        "dist": "no",
        "tx": [],
        "maxworkerrestart": None,
        "loadscopereorder": True,
    }
    given |= options
    config: Any = SimpleNamespace(option=SimpleNamespace(**given))
    defaults.apply(config)
    return vars(config.option)


def test_without_workers_nothing_is_set() -> None:
    assert (applied()["dist"], applied()["maxworkerrestart"]) == ("no", None)


@pytest.mark.parametrize("workers", [1, 4])
def test_workers_get_whole_files_and_are_not_replaced(workers: int) -> None:
    options = applied(numprocesses=workers)
    assert (options["dist"], options["maxworkerrestart"]) == ("loadfile", "0")
    assert options["loadscopereorder"] is False


def test_what_the_user_gave_stays() -> None:
    options = applied(numprocesses=2, dist="worksteal", maxworkerrestart="3")
    assert (options["dist"], options["maxworkerrestart"]) == ("worksteal", "3")
    assert options["loadscopereorder"] is True


def test_a_plan_is_made_in_one_process() -> None:
    options = applied(scs_plan=True, numprocesses=4, dist="loadfile", tx=["popen", "popen"])
    assert (options["numprocesses"], options["dist"], options["tx"]) == (None, "no", [])


def test_xdist_may_be_switched_off() -> None:
    config: Any = SimpleNamespace(option=SimpleNamespace(scs_plan=False))
    defaults.apply(config)
    assert vars(config.option) == {"scs_plan": False}
