# SPDX-License-Identifier: Apache-2.0
"""What options of pytest and of other plugins do to verdicts, in a line each where somebody gives them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_scs.run import pytest_internals

#: Options that repeat tests, by the name of their value: pytest-rerunfailures, pytest-repeat.
_REPEATING = {"reruns": "--reruns", "force_reruns": "--force-reruns", "count": "--count"}

_JUDGED_ONCE = "{option} does not concern testcases: each is judged once, by what was read once"
_STEPWISE = "--stepwise ends the run at the first testcase that does not pass; those behind it are MISS"
_SETUP = "{option} runs no testcase, so all of them are MISS"


def notes(config: pytest.Config) -> Iterator[str]:
    """What is to be said of the options of this run."""
    for name, option in _REPEATING.items():
        value = config.getoption(name, None)
        if isinstance(value, int) and value > (1 if name == "count" else 0):
            yield _JUDGED_ONCE.format(option=option)
    if config.getoption("stepwise", None):
        yield _STEPWISE
    for name in ("setupplan", "setuponly"):
        if config.getoption(name, None):
            yield _SETUP.format(option="--setup-plan" if name == "setupplan" else "--setup-only")
            return


def judge_once(item: pytest.Item) -> None:
    """Keep pytest-rerunfailures from running a testcase again: that sees what it saw before, and counts it twice."""
    if pytest_internals.reruns_failures(item.config):
        # The number alone yields to --force-reruns.
        item.add_marker(pytest.mark.flaky(reruns=0, condition=False))
