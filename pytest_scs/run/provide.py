# SPDX-License-Identifier: Apache-2.0
"""What the fixtures of testcases are, for bundled ones and for those of private scopes alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.core.subject import Subject
from pytest_scs.run.item_keys import collector_key, expected_key, subject_key
from pytest_scs.run.manual import judge_attestation
from pytest_scs.run.session import session_key


def provide_collector(item: pytest.Item) -> Collector:
    """Collects what the testcase examines and finds; see :class:`pytest_scs.core.collector.Collector`.

    Ends the testcase as ABORT at once if the preflight refused the subject.
    """
    session = item.config.stash[session_key]
    session.inventory(item.stash[subject_key]).admit()
    if collector_key not in item.stash:
        item.stash[collector_key] = Collector(item.stash[expected_key], session.settings.judge)
    return item.stash[collector_key]


def provide_attestation(item: pytest.Item) -> Callable[[], None]:
    """Judge the testcase by what a person answered (``--scs-attestations``); MISS where there is no answer."""
    collector = provide_collector(item)
    return lambda: judge_attestation(item, collector)


def provide_now(item: pytest.Item) -> dt.datetime:
    """The instant all dates are judged at, in UTC: when the evidence was read."""
    session = item.config.stash[session_key]
    return dt.datetime.fromisoformat(session.inventory(item.stash[subject_key]).fetched_at)


def provide_subject(item: pytest.Item) -> Subject:
    """What is judged: its platform, its name, and its name in the report."""
    return item.stash[subject_key]


#: Fixtures that belong to a single testcase: they are made last, when the evidence is there.
ABOUT_TESTCASE: Mapping[str, Callable[[pytest.Item], Any]] = {
    "scs": provide_collector,
    "attestation": provide_attestation,
}

#: Fixtures that are no section, by name.
OWN_FIXTURES: Mapping[str, Callable[[pytest.Item], Any]] = {
    **ABOUT_TESTCASE,
    "now": provide_now,
    "subject": provide_subject,
}


def fixture_for(item: pytest.Item, name: str) -> Any:
    """The value of a fixture for a testcase.

    Raises Inconclusive if what it rests on could not be read, and LookupError for a name that is none.
    """
    if name in OWN_FIXTURES:
        return OWN_FIXTURES[name](item)
    return item.config.stash[session_key].fixture_value(item.stash[subject_key], name)
