# SPDX-License-Identifier: Apache-2.0
"""The section about a result of the e2e suite: recorded, read again, and refused in another form."""

from __future__ import annotations

import copy
import datetime as dt
import json
from typing import Any

import pytest

from pytest_scs.base.fields import FormError
from pytest_scs.core.cause import CauseKind
from pytest_scs.standards.kaas.e2e_exceptions import ExcusedTest
from pytest_scs.standards.kaas.e2e_run import E2eRun, Named, Part, Problem, Tally

RUN = E2eRun(
    given=True,
    runner="sonobuoy",
    runner_version="0.57.3",
    mode="full",
    aggregator="failed",
    server_version="v1.36.3",
    suite_version="v1.36.3",
    started=dt.datetime(2026, 11, 27, 1, tzinfo=dt.UTC),
    problems=(Problem("gone", CauseKind.OUTAGE),),
    parts=(Part(5, 7579, 4), Part(None, None, 1)),
    every=Tally(1, 2, 3, 4, 5, 6),
    failures=(Named("a", "b"),),
    flaky=("c",),
    left_out=(Named("d"),),
    unclear=(Named("e", "f"),),
    suite_failures=(Named("g", "h"),),
    files=("e2e.log",),
    cluster_version="v1.36.4",
    exceptions=(ExcusedTest("a.c", "why"),),
)


@pytest.mark.parametrize("run", [RUN, E2eRun()])
def test_what_was_recorded_is_read_again(run: E2eRun) -> None:
    assert E2eRun.from_plain(json.loads(json.dumps(run.to_plain()))) == run


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("given",), "yes", "e2e_run.given: expected true or false"),
        (("every",), [], "e2e_run.every: expected an object"),
        (("every", "passed"), -1, "e2e_run.every.passed: expected a number of tests, got -1"),
        (("conformance", "serial"), "1", "e2e_run.conformance.serial: expected an integer"),
        (("conformance", "passed"), 10**6, "e2e_run.conformance: expected no more tests than there are of all"),
        (("network_policy", "failed"), 10**6, "e2e_run.network_policy: expected no more tests than there are of all"),
        (("conformance", "serial"), 10**6, "e2e_run.conformance: expected no more tests than there are of all"),
        (("started",), "2026-11-27", "e2e_run.started: expected an instant with a time zone"),
        (("parts", 0, "announced"), "5", "announced: expected an integer"),
        (("failures", 0), "x", "expected an object"),
        (("exceptions", 0, "regex"), "(", "'(' is no regular expression"),
        (("exceptions", 0, "reason"), "", "expected a text that is not empty"),
        (("flaky",), [1], "e2e_run.flaky: expected a list of texts"),
    ],
)
def test_another_form_is_refused(path: tuple[Any, ...], value: object, words: str) -> None:
    plain: Any = json.loads(json.dumps(copy.deepcopy(RUN.to_plain())))
    place = plain
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(FormError) as caught:
        E2eRun.from_plain(plain)
    assert words in str(caught.value)


def test_a_kind_of_a_later_version_is_taken_for_another() -> None:
    plain = RUN.to_plain()
    plain["problems"][0]["kind"] = "something new"
    assert E2eRun.from_plain(plain).problems == (Problem("gone", CauseKind.OTHER),)
