# SPDX-License-Identifier: Apache-2.0
"""Images are as recent as they promise (scs-0102-v1 and -v2)."""

from __future__ import annotations

import calendar
import datetime as dt
import shlex
import time
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_scs.core.findings import Basis, Finding, Remark, Undecided
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas.image_recency import OFFICIAL_LIMITS, Standing, check_recency, due_day, text_standing
from pytest_scs.standards.iaas.model import Image

NOW = dt.datetime(2026, 6, 15, 12, 0, 0, tzinfo=dt.UTC)
PASS, FAIL = "PASS", "FAIL"
ABSENT = object()


def image(name: str | None = "Ubuntu 24.04", built: Any = "2024-01-01", **changes: Any) -> Image:
    """An image registered on the day it was built, out of date unless told otherwise."""
    day = built[:10] if isinstance(built, str) and built[:4].isdigit() else "2024-01-01"
    properties = {
        "id": f"id-{name}-{built}",
        "name": name,
        "visibility": "public",
        "status": "active",
        "os_hidden": False,
        "created_at": f"{day}T00:00:00Z",
        "architecture": "x86_64",
        "os_distro": "ubuntu",
        "os_version": "24.04",
        "image_build_date": built,
        "replace_frequency": "monthly",
        "provided_until": "2027-01-01",
    } | changes
    return Image({key: value for key, value in properties.items() if value is not ABSENT})


FRESH = image("Ubuntu 24.04", "2026-06-01")


def found(images: Sequence[Image], now: dt.datetime = NOW) -> list[Finding]:
    return [entry for entry in check_recency(images, now) if isinstance(entry, Finding)]


def verdicts(images: Sequence[Image], now: dt.datetime = NOW) -> tuple[str, str]:
    findings = found(images, now)
    official, text = (any(entry.basis.concerns(judge) for entry in findings) for judge in Judge)
    return FAIL if official else PASS, FAIL if text else PASS


def remarks(images: Sequence[Image]) -> list[Remark]:
    return [entry for entry in check_recency(images, NOW) if isinstance(entry, Remark)]


# images, official verdict, verdict of the text, row
VECTORS: dict[str, tuple[list[Image], str, str, str]] = {
    "fresh": ([image(built="2026-06-01")], PASS, PASS, ""),
    "33.5 days": ([image(built="2026-05-13")], PASS, PASS, ""),
    "34.5 days, tolerated to 15 June": ([image(built="2026-05-12")], FAIL, PASS, "DEV-0102-11"),
    "tolerated to 14 June": ([image(built="2026-05-11")], FAIL, FAIL, ""),
    "weekly": ([image(built="2026-06-06", replace_frequency="weekly")], FAIL, PASS, "DEV-0102-11"),
    "daily": ([image(built="2026-06-13", replace_frequency="daily")], FAIL, PASS, "DEV-0102-11"),
    "quarterly": ([image(built="2026-03-08", replace_frequency="quarterly")], PASS, FAIL, "DEV-0102-11"),
    "yearly": ([image(built="2025-06-01", replace_frequency="yearly")], PASS, FAIL, "DEV-0102-11"),
    "notice": ([image(provided_until="notice")], PASS, FAIL, "DEV-0102-12"),
    "none": ([image(provided_until="none")], PASS, PASS, ""),
    "promised through today": ([image(provided_until="2026-06-15")], PASS, FAIL, "DEV-0102-13"),
    "promised through yesterday": ([image(provided_until="2026-06-14")], PASS, PASS, ""),
    "soon": ([image(provided_until="soon")], FAIL, FAIL, ""),
    "promise absent": ([image(provided_until=ABSENT)], FAIL, FAIL, ""),
    "promise null": ([image(provided_until=None)], FAIL, FAIL, ""),
    "never": ([image(replace_frequency="never", provided_until=ABSENT)], PASS, PASS, ""),
    "critical_bug": ([image(replace_frequency="critical_bug")], PASS, PASS, ""),
    "no frequency": ([image(replace_frequency=ABSENT, provided_until=ABSENT)], PASS, PASS, ""),
    "unknown frequency": ([image(replace_frequency="often")], PASS, PASS, ""),
    "renamed to its date": ([image("Ubuntu 24.04 20240101"), FRESH], PASS, PASS, ""),
    "renamed to old": ([image("Ubuntu 24.04 old"), FRESH], PASS, PASS, ""),
    "renamed to prev": ([image("Ubuntu 24.04 prev"), FRESH], PASS, PASS, ""),
    "renamed to a date with dashes": ([image("Ubuntu 24.04 2024-01-01"), FRESH], PASS, PASS, ""),
    "renamed to a version": ([image("Ubuntu 24.04 v1"), FRESH], PASS, PASS, ""),
    "renamed to a number that is no day of the calendar": ([image("Ubuntu 24.04 20241301"), FRESH], PASS, PASS, ""),
    "renamed to another product": ([image("Ubuntu 24.04 LTS"), FRESH], PASS, FAIL, "DEV-0102-14"),
    "two blanks": ([image("Ubuntu 24.04  20240101"), FRESH], PASS, PASS, ""),
    "a dash": ([image("Ubuntu 24.04-20240101"), FRESH], FAIL, PASS, "DEV-0102-14"),
    "an underscore": ([image("Ubuntu 24.04_20240101"), FRESH], FAIL, PASS, "DEV-0102-14"),
    "nothing attached but a blank": ([image("Ubuntu 24.04 "), FRESH], PASS, FAIL, "DEV-0102-14"),
    "a chain": ([image("A"), image("A b"), image("A", "2026-06-01")], FAIL, FAIL, ""),
    "several of a name, the last one fresh": (
        [image("A", "2026-06-01"), image("A b"), image("A b", "2026-06-01"), image("A b old")],
        PASS,
        FAIL,
        "DEV-0102-14",
    ),
    "the epoch for a build date, registered lately": (
        [image(built="1970-01-01", created_at="2026-06-01T08:00:00Z")],
        PASS,
        PASS,
        "",
    ),
    "the epoch for a build date, registered long ago": (
        [image(built="1970-01-01", created_at="2024-01-01T08:00:00Z")],
        FAIL,
        FAIL,
        "",
    ),
    "the epoch for a promise": ([image(provided_until="1970-01-01")], FAIL, PASS, "DEV-0102-20"),
    "the epoch for a registration": ([image(built=ABSENT, created_at="1970-01-01T00:00:00Z")], FAIL, FAIL, ""),
    "two blanks in the build date, new": (
        [image(built="2026-06-01  07:00", created_at="2026-06-01T08:00:00Z")],
        PASS,
        PASS,
        "",
    ),
    "two blanks in the build date, old": (
        [image(built="2024-06-01  07:00", created_at="2026-06-01T08:00:00Z")],
        FAIL,
        PASS,
        "DEV-0102-15",
    ),
    "two blanks in the promise": ([image(provided_until="2025-06-01  07:00")], PASS, FAIL, "DEV-0102-15"),
    "two fresh images without name": ([image(None, "2026-06-01"), image(None, "2026-06-02")], PASS, PASS, ""),
    "an outdated successor by the official suite only": (
        [image("U 20240101"), image("U", "2026-05-12")],
        FAIL,
        PASS,
        "DEV-0102-11",
    ),
    "an outdated successor by the text only": (
        [image("U 20240101"), image("U", provided_until="notice")],
        PASS,
        FAIL,
        "DEV-0102-12",
    ),
    "renamed, the successor cannot be used yet": (
        [image("Ubuntu 24.04 old"), image(built="2026-06-01", status="queued")],
        PASS,
        FAIL,
        "DEV-0102-17",
    ),
    "replaced by a shorter name": ([image(), image("Ubuntu", "2026-06-01")], PASS, FAIL, "DEV-0102-14"),
    "single word": ([image("Debian")], FAIL, FAIL, ""),
    "alone": ([image()], FAIL, FAIL, ""),
    "renamed without successor": ([image("Ubuntu 24.04 20240101")], FAIL, FAIL, ""),
    "renamed, the successor is outdated as well": ([image("Ubuntu 24.04 old"), image()], FAIL, FAIL, ""),
    "renamed, the successor is another system": (
        [image("Ubuntu 24.04 20240101", os_version="23.10"), FRESH],
        PASS,
        FAIL,
        "DEV-0102-14",
    ),
    "renamed, the successor is of another architecture": (
        [image("Ubuntu 24.04 20240101", architecture="aarch64"), FRESH],
        PASS,
        FAIL,
        "DEV-0102-14",
    ),
    "renamed, the successor is hidden": (
        [image("Ubuntu 24.04 20240101"), image(built="2026-06-01", os_hidden=True)],
        FAIL,
        FAIL,
        "",
    ),
    "renamed, the successor is a community image": (
        [image("Ubuntu 24.04 20240101"), image(built="2026-06-01", visibility="community")],
        PASS,
        FAIL,
        "DEV-0102-17",
    ),
    "renamed without promise": ([image("Ubuntu 24.04 old", provided_until=ABSENT), FRESH], FAIL, PASS, "DEV-0102-9"),
    "renamed with an invalid promise": (
        [image("Ubuntu 24.04 old", provided_until="soon"), FRESH],
        FAIL,
        PASS,
        "DEV-0102-32",
    ),
    "hidden": ([image(os_hidden=True), FRESH], PASS, PASS, ""),
    "hidden and renamed": ([image("Ubuntu 24.04 old", os_hidden=True)], PASS, PASS, ""),
    "own community image": ([image(visibility="community")], FAIL, PASS, "DEV-0102-17"),
    "deactivated": ([image(status="deactivated")], FAIL, PASS, "DEV-0102-17"),
    "no name": ([image(None)], FAIL, FAIL, ""),
    "name is no text": ([image(24)], FAIL, FAIL, ""),  # type: ignore[arg-type]
    "build date in another form": (
        [image(built="2026-6-1", created_at="2024-01-01T00:00:00Z")],
        PASS,
        FAIL,
        "DEV-0102-15",
    ),
    "end of promise in another form": ([image(provided_until="2024-6-1")], PASS, FAIL, "DEV-0102-15"),
    "invalid build date, old registration": ([image(built="soon")], FAIL, FAIL, ""),
    "invalid build date, new registration": ([image(built="soon", created_at="2026-06-01T00:00:00Z")], PASS, PASS, ""),
    "no build date": ([image(built=ABSENT)], FAIL, FAIL, ""),
    "registered within the period": ([image(created_at="2026-06-01T00:00:00Z")], FAIL, PASS, "DEV-0102-29"),
    "built in the future": ([image(built="2026-07-01")], PASS, PASS, ""),
    "built at the end of the calendar": ([image(built="9999-12-31", replace_frequency="yearly")], PASS, PASS, ""),
    "built at its beginning": ([image(built="0001-01-01", replace_frequency="yearly")], FAIL, FAIL, ""),
    "nothing": ([], PASS, PASS, ""),
}


@pytest.mark.parametrize(("images", "official", "text", "row"), VECTORS.values(), ids=VECTORS)
def test_images_are_judged_by_suite_and_text(images: list[Image], official: str, text: str, row: str) -> None:
    assert verdicts(images) == (official, text)
    if official != text:
        assert {entry.deviation for entry in found(images) if entry.basis is not Basis.BOTH} == {row}


@pytest.mark.parametrize(("images", "official", "text", "row"), VECTORS.values(), ids=VECTORS)
def test_the_order_of_the_list_does_not_matter(images: list[Image], official: str, text: str, row: str) -> None:
    assert verdicts(images[::-1]) == (official, text)


@pytest.mark.parametrize(
    ("frequency", "limit"),
    [
        ("yearly", dt.timedelta(days=401.5)),
        ("quarterly", dt.timedelta(days=101.2)),
        ("monthly", dt.timedelta(days=34.1)),
        ("weekly", dt.timedelta(days=8, minutes=30)),
        ("daily", dt.timedelta(hours=27.5)),
    ],
)
def test_the_official_limits_hold_to_the_second(frequency: str, limit: dt.timedelta) -> None:
    assert OFFICIAL_LIMITS[frequency] == limit
    for age, verdict in ((limit, PASS), (limit + dt.timedelta(seconds=1), FAIL)):
        built = (NOW - age).replace(tzinfo=None).isoformat(" ")
        assert verdicts([image(built=built, replace_frequency=frequency)])[0] == verdict


@pytest.mark.parametrize(
    ("built", "frequency", "due", "last"),
    [
        ("2021-04-14", "monthly", "2021-05-14", "2021-05-17"),
        ("2023-01-31", "monthly", "2023-02-28", "2023-03-03"),
        ("2024-01-31", "monthly", "2024-02-29", "2024-03-03"),
        ("2024-02-29", "yearly", "2025-02-28", "2025-03-03"),
        ("2026-03-08", "quarterly", "2026-06-08", "2026-06-11"),
        ("2025-11-30", "quarterly", "2026-02-28", "2026-03-03"),
        ("2026-06-06", "weekly", "2026-06-13", "2026-06-16"),
        ("2026-06-13", "daily", "2026-06-14", "2026-06-17"),
    ],
)
def test_the_text_tolerates_three_days_after_the_due_day(built: str, frequency: str, due: str, last: str) -> None:
    assert due_day(dt.date.fromisoformat(built), frequency) == dt.date.fromisoformat(due)
    last_day = dt.date.fromisoformat(last)
    subject = image(built=built, replace_frequency=frequency)
    assert text_standing(subject, last_day) is Standing.FRESH
    assert text_standing(subject, last_day + dt.timedelta(days=1)) is Standing.OUTDATED


def test_the_time_of_day_does_not_matter_to_the_text() -> None:
    subject = image(built="2026-05-12 23:59:59")
    last = dt.datetime(2026, 6, 15, 23, 59, 59, tzinfo=dt.UTC)
    assert verdicts([subject], last)[1] == PASS
    assert verdicts([subject], last + dt.timedelta(seconds=1))[1] == FAIL


def test_today_is_the_day_in_utc_wherever_the_clock_stands() -> None:
    elsewhere = dt.timezone(dt.timedelta(hours=14))
    now = dt.datetime(2026, 6, 15, 23, 0, tzinfo=dt.UTC).astimezone(elsewhere)
    assert verdicts([image(built="2026-05-12")], now)[1] == PASS


def test_a_promise_that_has_just_ended_excuses_to_the_second() -> None:
    subject = image(provided_until="2026-06-15")
    midnight = dt.datetime(2026, 6, 15, tzinfo=dt.UTC)
    assert verdicts([subject], midnight) == (FAIL, FAIL)
    assert verdicts([subject], midnight + dt.timedelta(seconds=1)) == (PASS, FAIL)
    assert verdicts([subject], midnight + dt.timedelta(days=1)) == (PASS, PASS)


def test_every_offender_is_found() -> None:
    images = [image(f"Image{number}") for number in range(5)]
    assert [entry.resource for entry in found(images)] == [f"image Image{number}" for number in range(5)]


def test_of_several_images_of_a_name_each_is_judged() -> None:
    assert [entry.resource_id for entry in found([FRESH, image()])] == [image().id]


def test_one_fresh_image_of_a_name_is_replacement_enough() -> None:
    stale = image(built="2024-01-02")
    assert {entry.resource_id for entry in found([image("Ubuntu 24.04 old"), FRESH, stale])} == {stale.id}


def test_an_image_within_the_period_since_its_registration_is_remarked() -> None:
    (remark,) = remarks([image(created_at="2026-06-01T00:00:00Z")])
    assert "registered in time" in remark.text


def test_an_absent_promise_is_remarked_as_a_crash_of_the_official_suite() -> None:
    assert [remark.deviation for remark in remarks([image(provided_until=ABSENT)])] == ["DEV-0102-9"]
    assert remarks([image(built="2026-06-01", provided_until=ABSENT)]) == []


def test_images_without_name_are_remarked_where_they_break_the_official_suite() -> None:
    fresh, older = image(None, "2026-06-01"), image(None)
    assert remarks([fresh]) == []
    assert [remark.deviation for remark in remarks([older])] == ["DEV-0102-9"]
    assert [remark.deviation for remark in remarks([fresh, image(None, "2026-06-02")])] == ["DEV-0102-22"]
    assert [remark.deviation for remark in remarks([fresh, older])] == ["DEV-0102-22", "DEV-0102-9"]


def test_a_verdict_that_the_order_of_the_list_decides_is_remarked() -> None:
    successors = [image("A b"), image("A b", "2026-06-01")]
    rest = [image("A", "2026-06-01"), image("A b old", os_version="b")]
    assert [remark.deviation for remark in remarks([*rest, *successors]) if remark.deviation] == []
    assert [remark.deviation for remark in remarks([*rest, *successors[::-1]]) if remark.deviation] == ["DEV-0102-21"]


def test_the_epoch_for_a_build_date_is_remarked() -> None:
    rows = [remark.deviation for remark in remarks([image(built="1970-01-01", created_at="2026-06-01T08:00:00Z")])]
    assert rows == ["DEV-0102-29", "DEV-0102-20"]


@pytest.mark.parametrize(("marker", "remarked"), [("20240101", 0), ("old", 1), ("prev", 1), ("2024-01-01", 1)])
def test_other_forms_of_renaming_are_remarked(marker: str, remarked: int) -> None:
    assert len(remarks([image(f"Ubuntu 24.04 {marker}"), FRESH])) == remarked


def test_a_replaced_image_that_is_not_marked_is_remarked_where_only_the_official_suite_finds_it_old() -> None:
    names = [image("Ubuntu 24.04 v1", "2026-05-12"), FRESH]
    assert verdicts(names) == (PASS, PASS)
    assert ["neither hidden nor marked" in remark.text for remark in remarks(names)] == [True]


def test_names_that_occur_twice_are_remarked_with_their_images() -> None:
    twin = image(built="2026-06-02")
    (remark,) = remarks([FRESH, twin])
    assert FRESH.id in remark.text
    assert twin.id in remark.text


def test_an_image_without_any_date_is_undecided_for_those_who_judge_it() -> None:
    undated = {"built": "soon", "created_at": None}
    (entry,) = check_recency([image(**undated)], NOW)
    assert isinstance(entry, Undecided)
    assert entry.basis is Basis.BOTH
    (entry,) = check_recency([image(**undated, visibility="community")], NOW)
    assert isinstance(entry, Undecided)
    assert entry.basis is Basis.OFFICIAL
    (entry,) = check_recency([image(built="2026-6-1", created_at=None)], NOW)
    assert isinstance(entry, Undecided)
    assert entry.basis is Basis.TEXT


def test_a_finding_says_what_is_expected_and_how_to_mend_it() -> None:
    (finding,) = found([image("Ubuntu 24.04", min_disk=10, min_ram=512)])
    assert (finding.rule, finding.title) == ("scs-0102/recency", "outdated without replacement")
    assert finding.expected == "a newer build by 2024-02-04 (monthly and 3 days of grace)"
    assert finding.observed == "built 2024-01-01 00:00 UTC, provided_until '2027-01-01'"
    create, hide = (shlex.split(command, comments=True) for command in finding.hint.split(" && "))
    assert create[:3] == ["openstack", "image", "create"]
    assert create[-1] == "Ubuntu 24.04"
    assert "os_distro=ubuntu" in create
    assert "image_build_date=YYYY-MM-DD" in create
    assert create[create.index("--min-disk") + 1] == "10"
    assert hide == ["openstack", "image", "set", "--hidden", finding.resource_id]
    assert finding.hint.endswith("  # URL is the address that FILE was downloaded from; private if it was built here")


def test_a_finding_of_the_official_suite_only_names_its_own_limit() -> None:
    (finding,) = found([image(built="2026-05-12")])
    assert finding.basis is Basis.OFFICIAL
    assert finding.expected == "a build of the last 34.1 days (monthly)"


def test_the_hint_uploads_the_name_without_the_mark() -> None:
    (finding,) = found([image("Ubuntu 24.04 20240101")])
    assert shlex.split(finding.hint.split(" && ")[0])[-1] == "Ubuntu 24.04"


def test_a_promise_that_names_no_date_is_told_from_one_that_is_missing() -> None:
    # both are violations, but only the missing one makes the official suite crash
    assert [remark.deviation for remark in remarks([image(provided_until=ABSENT)])] == ["DEV-0102-9"]
    assert remarks([image(provided_until="soon")]) == []
    renamed = image("Ubuntu 24.04 old", provided_until="soon")
    (finding,) = found([renamed, FRESH])
    assert (finding.rule, finding.title) == (
        "scs-0102/recency_provided_until",
        "outdated without valid provided_until",
    )
    assert (finding.basis, finding.deviation) == (Basis.OFFICIAL, "DEV-0102-32")
    assert finding.observed == "built 2024-01-01 00:00 UTC, provided_until 'soon'"


# name, its build date, its own version and patch level; whether it is a renaming of "Ubuntu 24.04" or "CentOS Stream"
NAMES: list[tuple[str, str, dict[str, Any], str]] = [
    *[
        (f"Ubuntu 24.04{mark}", "2024-01-01", {}, "Ubuntu 24.04")
        for mark in (
            *(" 20240101", " (20240101)", " [20240101]", "-20240101", "_20240101", "  20240101", " 20240101 "),
            *(" 2024-01-01", "-2024-01-01", " (2024-01-01)", "-(20240101)", " - 20240101", "\t20240101"),
            *(" (20240101-1797)", " 20240101.1", " 20240101_3", "-2024-01-01-1797", " [20240101-1797] "),
            *(
                " 20231224",
                " (20231224-2)",
                " 2023-12-24",
                " v1",
                " v1.2.3",
                " r7",
                " (v1.2)",
                "-1.2-3",
                " 1797",
                " (1)",
            ),
            *(" old", " prev", " (old)", "-old", "_prev", " old "),
        )
    ],
    *[
        (f"Ubuntu 24.04{mark}", "2024-01-01", {}, "")
        for mark in (
            *(
                "",
                " ",
                "  ",
                "\t",
                " LTS",
                " (LTS)",
                " Minimal",
                " 20240101 LTS",
                " LTS 20240101x",
                "20240101",
                "(20240101)",
            ),
            *(" (20240101", " 20240101)", " (20240101]", " ()", " []", " -", "-", " v", " vv1", " V1", " Old", " old1"),
            *(
                " 20240101+1",
                " \uff12\uff10\uff12\uff140101",
                " 1..2",
                " .1",
                "+20240101",
                " 24.04",
                " v24.04",
                " (24.04)",
                "-24.04",
            ),
        )
    ],
    ("Ubuntu 24.04 (20240703-1797)", "2024-07-03", {}, "Ubuntu 24.04"),
    ("Ubuntu 24.04 patched", "2024-01-01", {"patchlevel": "patched"}, "Ubuntu 24.04"),
    ("Ubuntu 24.04 (USN 7123)", "2024-01-01", {"patchlevel": "USN 7123"}, "Ubuntu 24.04"),
    ("Ubuntu 24.04 patched", "2024-01-01", {"patchlevel": "other"}, ""),
    ("CentOS Stream 9", "2024-01-01", {"os_version": "9"}, ""),
    ("CentOS Stream-9", "2024-01-01", {"os_version": "9", "patchlevel": "9"}, ""),
    ("CentOS Stream 9", "2024-01-01", {"os_version": "8"}, "CentOS Stream"),
    ("CentOS Stream 20240101", "2024-01-01", {"os_version": "20240101"}, "CentOS Stream"),
    ("CentOS Stream 20231224", "2024-01-01", {"os_version": "20231224"}, ""),
]


@pytest.mark.parametrize(("name", "built", "changes", "base"), NAMES)
def test_a_renamed_image_has_a_base_name_and_a_build_mark(
    name: str, built: str, changes: dict[str, Any], base: str
) -> None:
    successors = [image(other, "2026-06-01", **changes) for other in ("Ubuntu 24.04", "CentOS Stream")]
    old = image(name, built, **changes)
    assert verdicts([*successors, old])[1] == (PASS if base else FAIL)
    told = [remark.text for remark in remarks([*successors, old]) if "recommended form" in remark.text]
    recommended = f"{base} {built.replace('-', '')}"
    assert told == (
        [f"renamed and replaced; the recommended form of its name is {recommended!r}"]
        if base and name != recommended
        else []
    )
    # without its base name it is none
    assert verdicts([old])[1] == FAIL


def test_names_longer_than_those_of_glance_are_not_taken_apart() -> None:
    assert verdicts([FRESH, image("Ubuntu 24.04" + " " * 300 + "20240101")]) == (PASS, FAIL)


def test_the_longest_name_that_fits_is_the_base() -> None:
    old = image("A-1-2")
    assert verdicts([image("A", "2026-06-01"), old])[1] == PASS
    assert verdicts([image("A", "2026-06-01"), image("A-1", "2026-06-01"), old])[1] == PASS
    outdated = image("A-1", "2024-01-01")
    assert old.id in {entry.resource_id for entry in found([image("A", "2026-06-01"), outdated, old])}


def test_an_image_with_a_successor_only_has_to_be_hidden() -> None:
    twin = image(provided_until="2027-01-02")
    for images in ([image("Ubuntu 24.04 "), FRESH], [image("Ubuntu 24.04-1"), FRESH], [twin, FRESH]):
        (finding,) = found(images)
        assert shlex.split(finding.hint) == ["openstack", "image", "set", "--hidden", finding.resource_id]


def test_a_product_is_not_hidden_because_another_one_has_the_beginning_of_its_name() -> None:
    (finding,) = found([image(), image("Ubuntu", "2026-06-01")])
    create, hide = (shlex.split(command) for command in finding.hint.split(" && "))
    assert create[-1] == "Ubuntu 24.04"
    assert hide[3] == "--hidden"


@pytest.mark.parametrize(
    "name", ["Ubuntu 24.04 ", "Ubuntu 24.04\t", " ", "Ubuntu 24.04 old ", "- old", " 20240101", "-x"]
)
def test_no_mend_proposes_a_name_that_ends_in_a_blank_or_looks_like_an_option(name: str) -> None:
    (finding,) = found([image(name)])
    *_, before, proposed = shlex.split(finding.hint.split(" && ")[0])
    assert proposed
    assert proposed == proposed.rstrip()
    assert before == "--" if proposed.startswith("-") else before != "--"


# --- the official suite's decision, once more, from its documentation


def official_decision(images: Sequence[Image], now: dt.datetime) -> str:
    """PASS, FAIL or, where the official suite breaks, ABORT: independent of the code under test."""

    def instant(value: Any) -> float:
        for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
            try:
                return calendar.timegm(time.strptime(value or "", form))
            except ValueError:
                continue
        return 0

    days = {"yearly": 365, "quarterly": 92, "monthly": 31, "weekly": 7 * 25 / 24, "daily": 25 / 24}

    def state(one: Image) -> str:
        frequency = one["replace_frequency"]
        base = instant(one["image_build_date"]) or instant(one["created_at"])
        if frequency not in days or now.timestamp() <= base + 1.1 * 86400 * days[frequency]:
            return "fine"
        until = one["provided_until"]
        if until in ("none", "notice"):
            return "fine"
        if until is None:
            return "crash"
        end = instant(until)
        return "offender" if not end else "fine" if now.timestamp() > end else "outdated"

    by_name = {one.name: one for one in images}
    states = [(one, state(one)) for one in images]
    if any(what == "crash" or (what == "outdated" and one.name is None) for one, what in states):
        return "ABORT"
    if sum(one.name is None for one in images) > 1:
        return "ABORT"
    bad = False
    for one, what in states:
        base_name = (one.name or "").rsplit(" ", 1)[0].rstrip()
        successor = by_name.get(base_name) if base_name != one.name else None
        replaced = successor is not None and state(successor) == "fine"
        bad = bad or what == "offender" or (what == "outdated" and not replaced)
    return FAIL if bad else PASS


MARKS = ["", " ", " old", " 20240101", "-20240101", "  20240101", " (20240101)", " b", " v1", "\t1", "_2024-01-01-3"]
DATES = ["2024-01-01", "2026-06-01", "2026-05-12", "1970-01-01", "2024-1-1", "2026-06-01  07:00", "soon", "", None]
DATES += ["2024-01-01T00:00:00Z", "2026-06- 1", "1970-01-01 00:00", "2026-03-08"]
UNTIL = ["none", "notice", "2027-01-01", "2026-06-15", "2025-01-01", "1970-01-01", "2025-1-1", "soon", None]
SOME_IMAGES = st.builds(
    lambda base, mark, **rest: image(None if base is None else base + mark, **rest),
    st.sampled_from(["A", "A b", "A", "A b", None]),
    st.sampled_from(MARKS),
    built=st.sampled_from(DATES),
    created_at=st.sampled_from(["2024-01-01T00:00:00Z", "2026-06-01T08:00:00Z", "1970-01-01T00:00:00Z"]),
    replace_frequency=st.sampled_from(["monthly", "weekly", "yearly", "quarterly", "daily", "never", "often", None]),
    provided_until=st.sampled_from(UNTIL),
    visibility=st.sampled_from(["public", "public", "community"]),
    status=st.sampled_from(["active", "active", "queued"]),
)


@settings(max_examples=400)
@given(st.lists(SOME_IMAGES, max_size=5))
def test_verdicts_are_the_official_ones_and_every_difference_names_its_row(images: list[Image]) -> None:
    entries = list(check_recency(images, NOW))
    official, text = verdicts(images)
    decision = official_decision(images, NOW)
    notes = {entry.deviation for entry in entries if isinstance(entry, Remark)}
    if decision == "ABORT":
        assert notes & {"DEV-0102-9", "DEV-0102-22"}
    elif decision != official:
        assert "DEV-0102-21" in notes
    assert all(entry.deviation for entry in entries if isinstance(entry, Finding) and entry.basis is not Basis.BOTH)
    assert not any(isinstance(entry, Undecided) for entry in entries)
    if text != official:
        assert any(isinstance(entry, Finding) and entry.deviation for entry in entries)


ANYTHING = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=2),
    st.sampled_from(["monthly", "daily", "yearly", "2026-05-12", "9999-12-31", "0001-01-01", "notice", "A", "A old"]),
)
KEYS = ("name", "visibility", "status", "os_hidden", "created_at", "image_build_date", "replace_frequency")
PROPERTIES = st.fixed_dictionaries({}, optional=dict.fromkeys((*KEYS, "provided_until", "os_distro"), ANYTHING))


@given(st.lists(PROPERTIES, max_size=4), st.sampled_from([NOW, dt.datetime.max.replace(tzinfo=dt.UTC)]))
def test_no_property_value_makes_the_check_raise(properties: list[dict[str, Any]], now: dt.datetime) -> None:
    images = [image(built="2026-05-12", id=f"id-{number}") for number in range(len(properties))]
    changed = [Image({**base.properties, **changes}) for base, changes in zip(images, properties, strict=True)]
    for entry in check_recency(changed, now):
        assert str(entry)


@given(st.dates(dt.date(2020, 1, 1), dt.date(2026, 6, 15)), st.sampled_from(sorted(OFFICIAL_LIMITS)))
def test_an_image_only_gets_older(built: dt.date, frequency: str) -> None:
    younger = verdicts([image(built=str(built), replace_frequency=frequency)])
    older = verdicts([image(built=str(built - dt.timedelta(days=1)), replace_frequency=frequency)])
    assert all(not (before == FAIL and after == PASS) for before, after in zip(younger, older, strict=True))


def test_many_images_of_few_names_take_linear_time() -> None:
    def seconds(count: int) -> float:
        images = [image("Ubuntu 24.04 old", id=f"a{n}") for n in range(count)]
        images += [image(id=f"b{n}") for n in range(count)]
        start = time.thread_time()  # whatever else runs on this machine does not count
        assert len(found(images)) == 2 * count
        return time.thread_time() - start

    # quadratic time would be 64 times as long
    assert min(seconds(2000) for _ in range(2)) < 30 * min(seconds(250) for _ in range(3))
