# SPDX-License-Identifier: Apache-2.0
"""Since when and until when a version counts, and what speaks against choosing it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pytest_scs.base.paths import SCOPES
from pytest_scs.core.scope import Scope, Version
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.validity import Validity, validity_of, warnings_about

IAAS = load_scope(SCOPES / "scs-compatible-iaas.yaml")

#: v1 expires in spring, v2 takes its place.
TIMELINE = {
    dt.date(2025, 1, 1): {"v1": "effective"},
    dt.date(2026, 1, 1): {"v2": "draft", "v1": "effective"},
    dt.date(2026, 3, 1): {"v2": "effective", "v1": "warn"},
    dt.date(2026, 5, 1): {"v2": "effective"},
}

EXPIRES = "still in force, but about to expire on 2026-05-01"


def scope(timeline: dict[dt.date, dict[str, str]] | None = None, stable: dt.date | None = None) -> Scope:
    versions = {name: Version(name, stable, ()) for name in ("v2", "v1")}
    return Scope(Path("x.yaml"), "uuid", "name", "url", {}, {}, versions, TIMELINE if timeline is None else timeline)


@pytest.mark.parametrize(
    ("version", "date", "expected"),
    [
        # The same validity goes through entries of the timeline.
        (
            "v1",
            dt.date(2026, 2, 1),
            Validity("effective", dt.date(2025, 1, 1), dt.date(2026, 3, 1), "warn", dt.date(2026, 5, 1)),
        ),
        (
            "v1",
            dt.date(2026, 3, 1),
            Validity("warn", dt.date(2026, 3, 1), dt.date(2026, 5, 1), "deprecated", dt.date(2026, 5, 1)),
        ),
        ("v1", dt.date(2026, 5, 1), Validity("deprecated", dt.date(2026, 5, 1), None, "", None)),
        ("v2", dt.date(2025, 6, 1), Validity("not yet in force", None, dt.date(2026, 1, 1), "draft", None)),
        ("v2", dt.date(2026, 1, 31), Validity("draft", dt.date(2026, 1, 1), dt.date(2026, 3, 1), "effective", None)),
        ("v2", dt.date(2027, 1, 1), Validity("effective", dt.date(2026, 3, 1), None, "", None)),
    ],
)
def test_validity_has_a_beginning_and_an_end(version: str, date: dt.date, expected: Validity) -> None:
    assert validity_of(scope(), version, date) == expected


def test_what_was_so_before_the_timeline_begins_has_no_beginning() -> None:
    # The official timeline begins when v3 was over already.
    assert validity_of(IAAS, "v3", dt.date(2026, 6, 15)).since is None
    assert validity_of(IAAS, "v4", dt.date(2026, 6, 15)).since == dt.date(2025, 7, 1)
    assert validity_of(scope({}), "v1", dt.date(2026, 6, 15)) == Validity("deprecated", None, None, "", None)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (dt.date(2026, 2, 28), []),  # 62 days before the end
        (dt.date(2026, 3, 1), [f"{EXPIRES}, in 61 days: plan for the next version"]),
        (dt.date(2026, 4, 30), [f"{EXPIRES}, in 1 day: plan for the next version"]),
        (dt.date(2026, 5, 1), ["not in force any more: nobody can be certified for it; in force: v2"]),
    ],
)  # fmt: skip
def test_what_expires_is_warned_of(date: dt.date, expected: list[str]) -> None:
    assert warnings_about(scope(), "v1", date) == expected
    assert warnings_about(scope(), "v2", date) == []


@pytest.mark.parametrize(("days", "warned"), [(61, False), (60, True), (1, True)])
def test_a_version_in_force_that_ends_within_sixty_days_is_warned_of(days: int, warned: bool) -> None:
    ending = {dt.date(2026, 1, 1): {"v1": "effective"}, dt.date(2026, 12, 31): {"v2": "effective"}}
    date = dt.date(2026, 12, 31) - dt.timedelta(days)
    found = warnings_about(scope(ending), "v1", date)
    assert [text.partition(":")[0] for text in found] == [
        f"in force, and expires on 2026-12-31, in {days} day{'s' if days > 1 else ''}"
    ] * warned


def test_an_expiring_version_may_have_no_end_yet() -> None:
    warning = {dt.date(2026, 1, 1): {"v1": "warn"}}
    assert warnings_about(scope(warning), "v1", dt.date(2026, 6, 1)) == [
        "still in force, but about to expire: plan for the next version"
    ]
    # Nothing is in force: nothing can be named.
    assert warnings_about(scope(warning), "v2", dt.date(2026, 6, 1))[0].endswith("; in force: v1")
    assert warnings_about(scope({}), "v2", dt.date(2026, 6, 1))[0].endswith("certified for it")


def test_a_timeline_may_begin_with_the_first_day_there_is() -> None:
    found = validity_of(scope({dt.date.min: {"v1": "effective"}, dt.date.max: {}}), "v1", dt.date.min)
    assert found == Validity("effective", None, dt.date.max, "deprecated", dt.date.max)
