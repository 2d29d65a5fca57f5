# SPDX-License-Identifier: Apache-2.0
"""The version policy on frozen clocks: months, weeks and days, ends of life, ages of the data, every row by both."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from version_cases import PLAIN, Seen, at, version_data

from pytest_scs.core.cause import CauseKind
from pytest_scs.standards.kaas.version_data import VersionData, from_plain
from pytest_scs.standards.kaas.version_policy import (
    check_critical_within_two_days,
    check_version_policy,
    end_of_months,
)

PASS, FAIL, ABORT = "PASS", "FAIL", "ABORT"
CVE = {"id": "CVE-2026-1234", "score": 8.8, "cvss": "3.1", "official": True}
FIXED_IN_1 = {**CVE, "affected": [{"introduced": "0", "fixed": "1.35.1"}]}


def patches(*published: str, branch: str = "1.35") -> list[dict[str, Any]]:
    """Releases .0, .1, ... of a branch; the first one is old."""
    moments = ["2025-12-17T18:00:00Z", *published]
    return [
        {"version": f"{branch}.{number}", "published_at": moment, "exact": True}
        for number, moment in enumerate(moments)
    ]


def table(ends: dict[str, str]) -> dict[str, Any]:
    """The official suite's table."""
    return {"copied_at": "2026-06-01", "branches": ends}


def judged(text: str, data: VersionData, now: str) -> Seen:
    return Seen(check_version_policy(text, data, at(now)))


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_dev_0210_15_the_zone_of_this_machine_changes_no_age(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            time.tzset()
            ages = [
                judged("v1.35.0", version_data(), now).verdicts
                for now in ("2026-06-01T12:00:00", "2026-06-01T12:00:01", "2026-06-01T23:59:59", "2026-06-02T00:00:00")
            ]
            ends = [
                judged("v1.33.0", version_data(), now).verdicts
                for now in ("2026-04-27T23:59:59", "2026-04-28T00:00:00")
            ]
    finally:
        time.tzset()
    assert ages == [(PASS, PASS), (FAIL, PASS), (FAIL, PASS), (FAIL, FAIL)]
    assert ends == [(PASS, PASS), (FAIL, PASS)]


@pytest.mark.parametrize(
    ("now", "verdicts"),
    [
        ("2026-05-01T12:00:01", (PASS, PASS)),
        ("2026-06-01T12:00:00", (PASS, PASS)),  # 31 days, not more; the day in the next month
        ("2026-06-01T12:00:01", (FAIL, PASS)),
        ("2026-06-01T23:59:59", (FAIL, PASS)),
        ("2026-06-02T00:00:00", (FAIL, FAIL)),
        ("2026-06-09T00:00:00", (FAIL, FAIL)),
    ],
)
def test_a_patch_has_to_be_offered_within_a_month(now: str, verdicts: tuple[str, str]) -> None:
    seen = judged("v1.35.0", version_data(), now)
    assert seen.verdicts == verdicts
    if FAIL in verdicts:
        (finding,) = seen.findings
        assert (finding.rule, finding.resource) == ("scs-0210/patch_offered", "cluster")
        assert finding.observed == "v1.35.0"
        assert finding.expected.startswith("v1.35.1 or newer (published 2026-05-01, ")
        assert "kubeadm upgrade apply v1.35.1" in finding.hint
        assert finding.deviation == ("" if verdicts == (FAIL, FAIL) else "DEV-0210-6")


@pytest.mark.parametrize(
    ("published", "official_ends", "text_ends"),
    [
        # Months of 28, 29, 30 and 31 days; the last day of a month is clipped to the next one's.
        ("2026-02-10T12:00:00Z", "2026-03-13T12:00:00", "2026-03-11T00:00:00"),
        ("2024-02-10T12:00:00Z", "2024-03-12T12:00:00", "2024-03-11T00:00:00"),
        ("2026-04-10T12:00:00Z", "2026-05-11T12:00:00", "2026-05-11T00:00:00"),
        ("2026-03-10T12:00:00Z", "2026-04-10T12:00:00", "2026-04-11T00:00:00"),
        ("2026-01-31T12:00:00Z", "2026-03-03T12:00:00", "2026-03-01T00:00:00"),
        ("2024-01-30T00:00:00Z", "2024-03-01T00:00:00", "2024-03-01T00:00:00"),
        ("2026-12-31T23:59:59Z", "2027-01-31T23:59:59", "2027-02-01T00:00:00"),
    ],
)
def test_a_month_is_31_days_or_a_month_of_the_calendar(published: str, official_ends: str, text_ends: str) -> None:
    second = dt.timedelta(seconds=1)
    for moment in (official_ends, text_ends):
        for now in (at(moment) - second, at(moment), at(moment) + second):
            fresh = from_plain({**PLAIN, "releases": patches(published), "generated_at": now.isoformat()})
            seen = Seen(check_version_policy("v1.35.0", fresh, now))
            late = [one for one in seen.findings if one.rule == "scs-0210/patch_offered"]
            assert any(one.basis in ("official", "both") for one in late) == (now > at(official_ends)), now
            assert any(one.basis in ("text", "both") for one in late) == (now >= at(text_ends)), now


@pytest.mark.parametrize(
    ("now", "verdict", "warned"),
    [
        ("2026-05-03T12:00:00", PASS, False),  # 48 hours, not more
        ("2026-05-03T12:00:01", PASS, True),
        ("2026-05-15T12:00:00", PASS, True),  # 14 days, not more
        ("2026-05-15T12:00:01", FAIL, False),
    ],
)
def test_the_fix_of_a_critical_cve_has_to_be_offered_within_two_weeks(now: str, verdict: str, warned: bool) -> None:
    data = version_data(cves=[FIXED_IN_1], generated_at=f"{now}Z")
    seen = judged("v1.35.0", data, now)
    assert seen.verdicts == (verdict, verdict)
    assert any("within 2 days" in text and "CVE-2026-1234 (score 8.8)" in text for text in seen.warnings) == warned
    if verdict == FAIL:
        (finding,) = seen.findings
        assert finding.rule == "scs-0210/critical_fix_offered"
        assert finding.expected == (
            "v1.35.1 or newer (published 2026-05-01, 14 days ago; limit 14 days), which fixes CVE-2026-1234 (score 8.8)"
        )
        assert (finding.basis, finding.deviation) == ("both", "")
    soon = Seen(check_critical_within_two_days("v1.35.0", data, at(now)))
    late = now > "2026-05-03T12:00:00"
    assert soon.verdicts == ((FAIL, FAIL) if late else (PASS, PASS))
    assert [one.rule for one in soon.findings] == ["scs-0210/critical_fix_offered_soon"] * late


def test_less_than_eight_is_not_critical() -> None:
    data = version_data(cves=[{**FIXED_IN_1, "score": 7.9}], generated_at="2026-05-20T00:00:00Z")
    assert judged("v1.35.0", data, "2026-05-20T00:00:00").verdicts == (PASS, PASS)


def test_the_first_release_without_the_cve_counts_and_all_reasons_are_told() -> None:
    data = version_data(
        releases=patches("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", "2026-05-20T00:00:00Z"),
        cves=[
            {**CVE, "affected": [{"introduced": "1.35.0", "last_affected": "1.35.1"}]},
            {**CVE, "id": "CVE-2026-9999", "score": 9.8, "affected": [{"introduced": "1.35.0", "fixed": "1.35.3"}]},
        ],
    )
    seen = judged("v1.35.0", data, "2026-06-10T00:00:00")
    both = [(one.rule, one.expected.split()[0]) for one in seen.findings if one.basis == "both"]
    assert both == [
        ("scs-0210/patch_offered", "v1.35.1"),
        ("scs-0210/critical_fix_offered", "v1.35.2"),
        ("scs-0210/patch_offered", "v1.35.2"),
        ("scs-0210/critical_fix_offered", "v1.35.3"),
    ]
    # The clock of the official suite starts at any newer patch.
    assert [(one.deviation, one.expected.split()[0]) for one in seen.findings if one.basis == "official"] == [
        ("DEV-0210-3", "v1.35.1")
    ]


# Every row, with both verdicts.


def test_dev_0210_1_a_branch_that_the_official_table_lacks_is_judged() -> None:
    data = version_data(
        official_eol={"copied_at": "2026-06-01", "branches": {"1.35": "2027-02-28", "1.34": "2026-10-27"}}
    )
    seen = judged("v1.36.0", data, "2026-06-10T00:00:00")
    assert seen.verdicts == (PASS, PASS)
    assert any("lacks 1.36" in text and "FAIL" in text for text in seen.warnings)
    assert "DEV-0210-1" in seen.rows


@pytest.mark.parametrize(
    ("ends", "word"),
    [(["2027-02-28"], "gives ABORT"), ([], "gives ABORT"), (["2027-02-28", "2026-06-10"], "gives ABORT")],
)
def test_dev_0210_2_few_branches_in_the_official_table_stop_nothing(ends: list[str], word: str) -> None:
    named = dict(zip(("1.35", "1.36"), ends, strict=False))
    data = version_data(official_eol=table(named))
    seen = judged("v1.35.1", data, "2026-06-10T00:00:00")
    assert seen.verdicts == (PASS, PASS)
    assert "DEV-0210-2" in seen.rows
    assert any(word in text for text in seen.warnings)


def test_dev_0210_2_the_official_suite_warns_of_two() -> None:
    data = version_data(
        official_eol={"copied_at": "2026-06-01", "branches": {"1.35": "2027-02-28", "1.36": "2027-06-28"}}
    )
    seen = judged("v1.35.1", data, "2026-06-10T00:00:00")
    assert (seen.verdicts, "DEV-0210-2" in seen.rows, seen.warnings) == ((PASS, PASS), True, [])


def test_dev_0210_3_any_newer_patch_starts_the_official_clock() -> None:
    still = {**CVE, "affected": [{"introduced": "1.35.0", "last_affected": "1.35.9"}]}
    data = version_data(cves=[still], generated_at="2026-05-20T00:00:00Z")
    seen = judged("v1.35.0", data, "2026-05-20T00:00:00")
    assert seen.verdicts == (FAIL, PASS)
    (finding,) = seen.findings
    assert (finding.rule, finding.deviation) == ("scs-0210/critical_fix_offered", "DEV-0210-3")
    assert "is newer, and v1.35.0 has CVE-2026-1234" in finding.expected


def test_dev_0210_4_leaving_an_ended_branch_is_a_recommendation() -> None:
    seen = judged("v1.33.0", version_data(), "2026-06-09T00:00:00")
    assert seen.verdicts == (FAIL, PASS)
    (finding,) = seen.findings
    assert (finding.rule, finding.deviation) == ("scs-0210/branch_supported", "DEV-0210-4")
    assert finding.title == "Kubernetes 1.33 reached end of life on 2026-04-28"
    assert finding.expected == "a branch in support: 1.34, 1.35, 1.36"
    assert "Kubernetes 1.33 reached end of life on 2026-05-12" in seen.warnings  # the real day


@pytest.mark.parametrize(
    ("now", "verdicts", "row", "warned"),
    [
        ("2026-10-26T23:59:59", (PASS, PASS), "", "reaches"),
        ("2026-10-27T00:00:00", (FAIL, PASS), "DEV-0210-5", "reaches"),
        ("2026-10-27T23:59:59", (FAIL, PASS), "DEV-0210-5", "reaches"),
        ("2026-10-28T00:00:00", (FAIL, PASS), "DEV-0210-4", "reached"),
    ],
)
def test_dev_0210_5_the_day_of_the_end_of_life(now: str, verdicts: tuple[str, str], row: str, warned: str) -> None:
    seen = judged("v1.34.0", version_data(generated_at="2026-10-20T00:00:00Z"), now)
    assert seen.verdicts == verdicts
    assert [one.deviation for one in seen.findings] == [row] * bool(row)
    assert f"Kubernetes 1.34 {warned} end of life on 2026-10-27" in seen.warnings


@pytest.mark.parametrize(("now", "warned"), [("2026-09-26T23:59:59", False), ("2026-09-27T00:00:00", True)])
def test_an_end_of_life_is_announced_30_days_before(now: str, warned: bool) -> None:
    seen = judged("v1.34.0", version_data(generated_at="2026-09-25T00:00:00Z"), now)
    assert seen.verdicts == (PASS, PASS)
    assert seen.warnings == (["Kubernetes 1.34 reaches end of life on 2026-10-27"] if warned else [])


def test_a_branch_older_than_all_data_has_ended() -> None:
    seen = judged("v1.20.15", version_data(), "2026-06-09T00:00:00")
    assert seen.verdicts == (FAIL, PASS)
    assert [one.title for one in seen.findings] == ["Kubernetes 1.20 reached end of life"]
    assert any("1.20 reached end of life before" in text for text in seen.warnings)
    assert "DEV-0210-1" not in seen.rows


def test_a_branch_newer_than_all_data_is_noted() -> None:
    seen = judged("v1.38.2", version_data(), "2026-06-11T00:00:00")
    assert seen.verdicts == (PASS, PASS)
    assert "branch 1.38 is newer than the data set of 2026-06-10" in seen.warnings
    stale = judged("v1.38.2", version_data(), "2026-09-11T00:00:00")
    assert stale.verdicts == (ABORT, ABORT)


def test_a_branch_that_the_data_skip_is_undecided() -> None:
    data = version_data(branches=[PLAIN["branches"][0], PLAIN["branches"][3]])
    assert judged("v1.35.1", data, "2026-06-11T00:00:00").verdicts == (ABORT, ABORT)


@pytest.mark.parametrize(
    ("text", "compared", "row"),
    [
        ("v1.35.0-eks-1-35", "v1.35.0", True),
        ("v1.35.0-gke.100", "v1.35.0", True),
        ("1.35.0+k3s1", "v1.35.0", False),
        ("v1.35.1-rc.1", "v1.35.0", True),
    ],
)
def test_dev_0210_7_what_follows_the_numbers_does_not_count(text: str, compared: str, row: bool) -> None:
    seen = judged(text, version_data(), "2026-06-09T00:00:00")
    assert seen.verdicts == (FAIL, FAIL)
    assert {one.observed for one in seen.findings} == {compared}
    assert ("DEV-0210-7" in seen.rows) is row
    assert any("pre-release" in warning for warning in seen.warnings) == ("-rc" in text)


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        ("v1.36", "is none of Kubernetes", CauseKind.MALFORMED),
        ("", "is none of Kubernetes", CauseKind.MALFORMED),
        ("v1.36.x\nERROR: x", "is none of Kubernetes", CauseKind.MALFORMED),
        ("v1.37.0-beta.2", "pre-release version", CauseKind.UNDECIDABLE),
        ("v1.37.0-rc.0+k3s1", "pre-release version", CauseKind.UNDECIDABLE),
    ],
)
def test_what_is_no_release_is_undecided(text: str, words: str, kind: CauseKind) -> None:
    for check in (check_version_policy, check_critical_within_two_days):
        seen = Seen(check(text, version_data(), at("2026-06-09T00:00:00")))
        assert seen.verdicts == (ABORT, ABORT)
        (undecided,) = seen.undecided
        assert words in undecided.reason
        assert undecided.kind is kind
        assert "\n" not in str(undecided)


def test_dev_0210_8_records_that_the_official_suite_cannot_read_stop_nothing() -> None:
    seen = judged("v1.35.1", version_data(odd_records=["CVE-2023-1111"]), "2026-06-10T00:00:00")
    assert (seen.verdicts, seen.rows) == ((PASS, PASS), {"DEV-0210-8"})
    assert any("CVE-2023-1111" in text and "ABORT" in text for text in seen.warnings)


def test_dev_0210_9_a_component_counts_for_the_text_only() -> None:
    data = version_data(cves=[{**FIXED_IN_1, "official": False}], generated_at="2026-05-20T00:00:00Z")
    seen = judged("v1.35.0", data, "2026-05-20T00:00:00")
    assert seen.verdicts == (PASS, FAIL)
    assert [one.deviation for one in seen.findings] == ["DEV-0210-9"]


def test_a_score_of_others_is_marked() -> None:
    data = version_data(
        cves=[{**FIXED_IN_1, "official": False, "by_others": True}], generated_at="2026-05-20T00:00:00Z"
    )
    (finding,) = judged("v1.35.0", data, "2026-05-20T00:00:00").findings
    assert "CVE-2026-1234 (score 8.8, not by its publisher)" in finding.expected


AGES = [
    # Days, and whether a cluster without a violation passes, and is warned.
    (13, PASS, False),
    (14, PASS, False),
    (15, PASS, True),
    (30, PASS, True),
    (31, PASS, True),
    (32, ABORT, False),
    (400, ABORT, False),
]


@pytest.mark.parametrize(("days", "verdict", "warned"), AGES)
def test_dev_0210_12_old_data_give_no_pass(days: int, verdict: str, warned: bool) -> None:
    now = at("2026-06-10T00:00:00")
    made = (now - dt.timedelta(days=days)).isoformat()
    good = Seen(check_version_policy("v1.35.1", version_data(generated_at=made), now))
    assert good.verdicts == (verdict, verdict)
    assert any("a critical patch may be missing" in text for text in good.warnings) == warned
    for undecided in good.undecided:
        assert undecided.reason.startswith(f"version data is {days} days old (")
        assert undecided.reason.endswith('run "scs data refresh"')
    # What fails, fails with data of any age.
    bad = Seen(check_version_policy("v1.35.0", version_data(generated_at=made), now))
    assert bad.verdicts == (FAIL, FAIL)
    assert not bad.undecided


def test_the_limit_of_31_days_is_to_the_second() -> None:
    now = at("2026-06-10T00:00:00")
    for seconds, verdict in ((0, PASS), (1, ABORT)):
        made = (now - dt.timedelta(days=31, seconds=seconds)).isoformat()
        seen = Seen(check_version_policy("v1.35.1", version_data(generated_at=made), now))
        assert seen.verdicts == (verdict, verdict)


def test_old_data_may_be_accepted() -> None:
    data = version_data(generated_at="2026-01-01T00:00:00Z", trusted_when_old=True)
    seen = judged("v1.35.1", data, "2026-06-10T00:00:00")
    assert seen.verdicts == (PASS, PASS)
    assert any("160 days old" in text and "--scs-allow-stale-data" in text for text in seen.warnings)
    assert "DEV-0210-12" in seen.rows


def test_old_data_leave_open_what_only_one_judge_fails() -> None:
    # The calendar month is over, 31 days are not: the official suite might fail by what the data do not know.
    data = version_data(releases=patches("2026-02-10T12:00:00Z"), generated_at="2026-01-20T00:00:00Z")
    seen = judged("v1.35.0", data, "2026-03-12T00:00:00")
    assert seen.verdicts == (ABORT, FAIL)


@pytest.mark.parametrize(
    ("now", "verdicts"),
    [("2026-11-25T00:00:00", (ABORT, ABORT)), ("2026-11-26T00:00:00", (FAIL, ABORT))],
)
def test_an_end_of_life_may_have_been_postponed(now: str, verdicts: tuple[str, str]) -> None:
    seen = judged("v1.34.0", version_data(), now)
    assert seen.verdicts == verdicts
    assert any("may have been postponed" in one.reason for one in seen.undecided) == (verdicts[0] == ABORT)


def test_dates_of_plans_and_tags_count_a_day_later() -> None:
    releases = patches("2026-05-01T12:00:00Z")
    releases[1]["exact"] = False
    data = version_data(releases=releases)
    assert judged("v1.35.0", data, "2026-06-02T12:00:00").verdicts == (PASS, PASS)
    seen = judged("v1.35.0", data, "2026-06-02T12:00:01")
    assert seen.verdicts == (FAIL, PASS)
    assert "published about 2026-05-02" in seen.findings[0].expected


def test_a_release_to_come_is_no_reason() -> None:
    data = version_data(releases=patches("2026-07-01T00:00:00Z"))
    assert judged("v1.35.0", data, "2026-06-10T00:00:00").verdicts == (PASS, PASS)


@given(st.datetimes(dt.datetime(2015, 1, 1), dt.datetime(2190, 1, 1)), st.integers(1, 12))
def test_the_end_of_months_is_a_midnight_of_the_right_month(moment: dt.datetime, months: int) -> None:
    moment = moment.replace(tzinfo=dt.UTC)
    end = end_of_months(moment, months)
    last = end - dt.timedelta(days=1)
    assert (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)
    assert (last.year * 12 + last.month) - (moment.year * 12 + moment.month) == months
    assert last.day == moment.day or (last.day < moment.day and end.day == 1)


@given(st.integers(0, 5), st.integers(-100, 800), st.integers(0, 400))
def test_no_verdict_is_a_pass_by_data_too_old(patch: int, hours: int, age: int) -> None:
    now = at("2026-05-01T12:00:00") + dt.timedelta(hours=hours)
    made = now - dt.timedelta(days=age)
    data = from_plain({**PLAIN, "generated_at": made.isoformat(), "cves": [FIXED_IN_1]})
    seen = Seen(check_version_policy(f"v1.35.{patch}", data, now))
    assert age <= 31 or PASS not in seen.verdicts


def test_a_branch_of_which_no_release_is_known_is_not_decided() -> None:
    data = version_data(releases=[entry for entry in PLAIN["releases"] if not entry["version"].startswith("1.35.")])
    seen = judged("v1.35.0", data, "2026-06-10T00:00:00")
    assert seen.verdicts == (ABORT, ABORT)
    assert seen.undecided[0].reason == "the version data of 2026-06-10 know no release of branch 1.35"


@pytest.mark.parametrize(
    ("now", "verdicts", "row"),
    [
        ("2026-05-11T23:59:59", (PASS, PASS), ""),
        ("2026-05-12T00:00:00", (FAIL, PASS), "DEV-0210-5"),
        ("2026-05-13T00:00:00", (FAIL, PASS), "DEV-0210-4"),
    ],
)
def test_dev_0210_1_the_end_of_a_branch_that_the_table_lacks_is_the_real_one(
    now: str, verdicts: tuple[str, str], row: str
) -> None:
    data = version_data(official_eol=table({"1.36": "2027-06-28", "1.35": "2027-02-28"}), generated_at=f"{now}Z")
    seen = judged("v1.33.0", data, now)
    assert seen.verdicts == verdicts
    assert "DEV-0210-1" in seen.rows
    assert {one.deviation for one in seen.findings} == ({row} if row else set())
