# SPDX-License-Identifier: Apache-2.0
"""What single images say about their origin and upkeep (scs-0102-v1 and -v2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pytest_scs.core.findings import Basis, Finding, Observation, Remark
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas import image_promises as promises
from pytest_scs.standards.iaas.model import Image

NOW = dt.datetime(2026, 6, 15, 12, 0, 0, tzinfo=dt.UTC)
ABSENT = object()

CHECKS: dict[str, Callable[[Image], Iterator[Observation]]] = {
    "image_original_user": promises.check_image_original_user,
    "image_source": promises.check_image_source,
    "image_description": promises.check_image_description,
    "replace_frequency": promises.check_replace_frequency,
    "provided_until": promises.check_provided_until,
    "uuid_validity": promises.check_uuid_validity,
    "hotfix_hours": promises.check_hotfix_hours,
}
BASES = {"both": [Basis.BOTH], "official": [Basis.OFFICIAL], "text": [Basis.TEXT], "fine": []}


def image(**properties: Any) -> Image:
    base = {"id": "uuid-1", "name": "Ubuntu 24.04", "visibility": "public", "status": "active"}
    return Image({key: value for key, value in (base | properties).items() if value is not ABSENT})


# property, value, who rejects it, row of the list of deviations
VALUES: list[tuple[str, Any, str, str]] = [
    ("image_original_user", "ubuntu", "fine", ""),
    ("image_original_user", "none", "fine", ""),
    ("image_original_user", "", "both", ""),
    ("image_original_user", None, "both", ""),
    ("image_original_user", ABSENT, "both", ""),
    ("image_source", "private", "fine", ""),
    *[("image_source", f"{scheme}://host/file", "fine", "") for scheme in ("http", "https", "ftp", "ftps")],
    ("image_source", "https://host", "fine", ""),
    ("image_source", "https://user@host:8080/?a=b", "fine", ""),
    ("image_source", "https://[2001:db8::1]/file", "fine", ""),
    ("image_source", "https://", "text", "DEV-0102-16"),
    ("image_source", "https:///file", "text", "DEV-0102-16"),
    ("image_source", "https://:8080/", "text", "DEV-0102-16"),
    ("image_source", "https://user@/file", "text", "DEV-0102-16"),
    ("image_source", "https://[", "text", "DEV-0102-16"),
    ("image_source", "https://two words/", "text", "DEV-0102-16"),
    ("image_source", "HTTPS://host/file", "official", "DEV-0102-16"),
    ("image_source", "HTTPS:///file", "both", ""),
    ("image_source", " https://host/file", "both", ""),
    ("image_source", "Private", "both", ""),
    ("image_source", "s3://bucket/file", "both", ""),
    ("image_source", "host/file", "both", ""),
    ("image_source", "", "both", ""),
    ("image_source", ABSENT, "both", ""),
    ("image_description", "text", "fine", ""),
    ("image_description", "   ", "text", "DEV-0102-26"),
    ("image_description", " ", "text", "DEV-0102-26"),
    ("image_description", "", "both", ""),
    ("image_description", ABSENT, "both", ""),
    *[
        ("replace_frequency", value, "fine", "")
        for value in ("yearly", "quarterly", "monthly", "weekly", "daily", "critical_bug", "never")
    ],
    ("replace_frequency", "Monthly", "both", ""),
    ("replace_frequency", "hourly", "both", ""),
    ("replace_frequency", "", "both", ""),
    ("replace_frequency", ABSENT, "both", ""),
    ("provided_until", "none", "fine", ""),
    ("provided_until", "notice", "fine", ""),
    ("provided_until", "2027-01-01", "fine", ""),
    ("provided_until", "2027-02-30", "text", "DEV-0102-6"),
    ("provided_until", "2027-1-1", "text", "DEV-0102-6"),
    ("provided_until", "2027-01-01 12:00", "text", "DEV-0102-6"),
    ("provided_until", "None", "text", "DEV-0102-6"),
    ("provided_until", "forever", "text", "DEV-0102-6"),
    ("provided_until", "", "both", ""),
    ("provided_until", None, "both", ""),
    ("provided_until", ABSENT, "both", ""),
    *[("uuid_validity", value, "fine", "") for value in ("none", "notice", "forever", "last-1", "last-12", "last-03")],
    ("uuid_validity", "2027-01-01", "fine", ""),
    ("uuid_validity", ABSENT, "text", "DEV-0102-5"),
    ("uuid_validity", "last-0", "text", "DEV-0102-28"),
    ("uuid_validity", "last-00", "text", "DEV-0102-28"),
    ("uuid_validity", "1970-01-01", "official", "DEV-0102-20"),
    ("uuid_validity", "1970-01-01 00:00", "both", ""),
    ("uuid_validity", "2027-06-01  07:00", "text", "DEV-0102-15"),
    ("uuid_validity", "2027-06- 1", "text", "DEV-0102-15"),
    ("uuid_validity", "\uff12027-06-01", "text", "DEV-0102-15"),
    ("uuid_validity", "last-\u00b2", "both", ""),
    ("uuid_validity", "last-\uff10", "text", "DEV-0102-23"),
    ("uuid_validity", "2027-1-1", "text", "DEV-0102-15"),
    ("uuid_validity", "2027-01-01 12:00", "text", "DEV-0102-15"),
    ("uuid_validity", "2027-01-01T12:00:00Z", "text", "DEV-0102-15"),
    ("uuid_validity", "", "both", ""),
    ("uuid_validity", "last-", "both", ""),
    ("uuid_validity", "last-N", "both", ""),
    ("uuid_validity", "last-3 ", "both", ""),
    ("uuid_validity", "last--1", "both", ""),
    ("uuid_validity", "last-\u0663", "text", "DEV-0102-23"),
    ("uuid_validity", "Forever", "both", ""),
    ("uuid_validity", "2027-02-30", "both", ""),
    ("hotfix_hours", ABSENT, "fine", ""),
    ("hotfix_hours", "", "fine", ""),
    ("hotfix_hours", "0", "fine", ""),
    ("hotfix_hours", "48", "fine", ""),
    ("hotfix_hours", 48, "fine", ""),
    ("hotfix_hours", "1.5", "official", "DEV-0102-27"),
    ("hotfix_hours", "\uff14\uff18", "text", "DEV-0102-23"),
    ("hotfix_hours", "\u0664.5", "both", ""),
    ("hotfix_hours", "\u00b2", "both", ""),
    ("hotfix_hours", "-1", "both", ""),
    ("hotfix_hours", "1.", "both", ""),
    ("hotfix_hours", "48h", "both", ""),
    ("hotfix_hours", " 48", "both", ""),
    ("hotfix_hours", "none", "both", ""),
]


@pytest.mark.parametrize(("key", "value", "rejected_by", "row"), VALUES)
def test_a_promise_is_judged_by_suite_and_text(key: str, value: Any, rejected_by: str, row: str) -> None:
    found = [entry for entry in CHECKS[key](image(**{key: value})) if isinstance(entry, Finding)]
    assert [entry.basis for entry in found] == BASES[rejected_by]
    assert [entry.deviation for entry in found] == [row] * len(found)


CREATED = "2026-06-02T10:11:12Z"
INVALID = "scs-0102/image_build_date"
AFTER = "scs-0102/image_build_date_before_registration"
FUTURE = "scs-0102/image_build_date_not_in_future"
TITLES = {INVALID: "is a date", AFTER: "built after registration", FUTURE: "in the future"}
# build date, registration, broken rules for the official suite, for the text
BUILD_DATES = [
    ("2026-06-01", CREATED, set(), set()),
    ("2026-06-02", CREATED, set(), set()),
    ("2026-06-02 10:11", CREATED, set(), set()),
    ("2026-06-02 10:11:12", CREATED, set(), set()),
    ("2026-06-02 10:11:13", CREATED, {AFTER}, {AFTER}),
    ("2026-06-03", CREATED, {AFTER}, {AFTER}),
    ("2026-06-15 12:00:00", "2026-06-15T12:00:00Z", set(), set()),
    ("2026-06-15 12:00:01", "2026-06-15T12:00:01Z", {FUTURE}, {FUTURE}),
    ("2026-06-16", CREATED, {AFTER, FUTURE}, {AFTER, FUTURE}),
    ("2026-06-16", None, {FUTURE}, {FUTURE}),
    ("2026-06-01T00:00:00Z", CREATED, set(), {INVALID}),
    ("2026-6-1", CREATED, set(), {INVALID}),
    ("2026-6-16", CREATED, {AFTER, FUTURE}, {INVALID, AFTER, FUTURE}),
    ("2026-02-30", CREATED, {INVALID}, {INVALID}),
    ("1970-01-01", CREATED, {INVALID}, set()),
    ("1970-01-01 00:00", CREATED, {INVALID}, set()),
    ("1970-01-01T00:00:00Z", CREATED, {INVALID}, {INVALID}),
    ("1969-12-31", CREATED, set(), set()),
    ("1970-01-01 00:01", CREATED, set(), set()),
    ("2026-06-01  07:00", CREATED, set(), {INVALID}),
    ("2026-06-01t07:00:00z", CREATED, set(), {INVALID}),
    ("2026-06- 1", CREATED, set(), {INVALID}),
    ("2026-05-31 23:59:60", CREATED, set(), {INVALID}),
    ("2026-06-02 10:11:60", CREATED, {AFTER}, {INVALID, AFTER}),
    ("2026-06-01", "1970-01-01T00:00:00Z", {AFTER}, {AFTER}),
    ("yesterday", CREATED, {INVALID}, {INVALID}),
    ("yesterday", "2026-06-15T12:00:01Z", {INVALID, FUTURE}, {INVALID, FUTURE}),
    ("yesterday", "2026-06-15T12:00:00Z", {INVALID}, {INVALID}),
    ("yesterday", None, {INVALID}, {INVALID}),
    ("", CREATED, {INVALID}, {INVALID}),
    (ABSENT, CREATED, {INVALID}, {INVALID}),
    (20260601, CREATED, {INVALID}, {INVALID}),
]


@pytest.mark.parametrize(("built", "created", "official", "text"), BUILD_DATES)
def test_the_build_date_is_valid_and_neither_after_registration_nor_in_the_future(
    built: Any, created: str | None, official: set[str], text: set[str]
) -> None:
    observations = promises.check_image_build_date(image(image_build_date=built, created_at=created), NOW)
    found = [entry for entry in observations if isinstance(entry, Finding)]
    for judge, expected in ((Judge.OFFICIAL, official), (Judge.TEXT, text)):
        assert {entry.rule for entry in found if entry.basis.concerns(judge)} == expected
    assert all(entry.title.partition(": ")[2] == TITLES[entry.rule] for entry in found)
    assert {entry.deviation for entry in found if entry.basis is Basis.TEXT} <= {"DEV-0102-15"}
    assert {entry.deviation for entry in found if entry.basis is Basis.OFFICIAL} <= {"DEV-0102-20"}


@pytest.mark.parametrize(
    ("check", "value", "crashes"),
    [
        ("image_source", "x", True),
        ("provided_until", ABSENT, True),
        ("image_description", "", True),
        ("image_description", " ", False),  # only the text minds it, so the official suite writes no message
        ("image_original_user", ABSENT, True),
        ("replace_frequency", "hourly", True),
        ("uuid_validity", "x", False),
        ("hotfix_hours", "x", False),
        ("image_source", "private", False),
    ],
)
def test_where_the_official_suite_breaks_on_a_nameless_offender_is_remarked(
    check: str, value: Any, crashes: bool
) -> None:
    entries = list(CHECKS[check](image(name=None, **{check: value})))
    assert [entry.deviation for entry in entries if isinstance(entry, Remark)] == ["DEV-0102-22"] * crashes
    assert [entry for entry in CHECKS[check](image(**{check: value})) if isinstance(entry, Remark)] == []


def test_the_build_date_of_a_nameless_image_breaks_nothing() -> None:
    entries = promises.check_image_build_date(image(name=None, image_build_date="x", created_at=CREATED), NOW)
    assert [type(entry) for entry in entries] == [Finding]
