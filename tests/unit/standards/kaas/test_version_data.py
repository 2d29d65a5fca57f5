# SPDX-License-Identifier: Apache-2.0
"""Sets of version data: their form, what of them is evidence, the bundled one, and the one of embedded clusters."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from version_cases import PLAIN, Seen, at, version_data

from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import FormError
from pytest_scs.standards.kaas.bundled_data import VERSIONS_FILE, dump_versions, load_versions, parse_versions
from pytest_scs.standards.kaas.small_version_data import NEWEST, small_version_data
from pytest_scs.standards.kaas.version_data import check_complete, from_plain, part_for, to_plain
from pytest_scs.standards.kaas.version_policy import check_version_policy
from pytest_scs.standards.kaas.versions import Branch, Version

CVE = {
    "id": "CVE-2026-1234",
    "score": 8.8,
    "cvss": "3.1",
    "official": True,
    "affected": [{"introduced": "0", "last_affected": "1.34.0"}, {"introduced": "1.35.0", "fixed": "1.35.1"}],
}


def test_a_set_is_written_as_it_was_read() -> None:
    plain = {
        **PLAIN,
        "cves": [{**CVE, "by_others": True}],
        "odd_records": ["CVE-2026-1"],
        "origin": "somewhere",
        "trusted_when_old": True,
    }
    data = from_plain(plain)
    assert from_plain(to_plain(data)) == data
    assert to_plain(data) == json.loads(json.dumps(plain))
    assert parse_versions(dump_versions(data), "x") == data


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("schema", 2, "schema: expected 1, got the number 2"),
        ("generated_at", "yesterday", "generated_at: expected an instant"),
        ("generated_at", "2026-06-10T00:00:00", "generated_at: expected an instant with a time zone"),
        ("generated_at", "0001-01-01T00:00:00+05:00", "generated_at: expected an instant from 2014 on"),
        ("generated_at", "9999-12-31T23:59:59-05:00", "generated_at: expected an instant from 2014 on"),
        ("branches", [], "branches: expected a branch at least"),
        ("branches", [PLAIN["branches"][0]] * 2, "branches: a branch is there twice"),
        ("branches", [{"branch": 1.36}], r"branches\[0\].branch: expected a text"),
        ("branches", [{"branch": "1.36.1"}], r"branches\[0\].branch: expected a branch like 1.36"),
        ("branches", [{"branch": "1.36", "released": "2026-04-22", "eol": "2026-01-01"}], "ends on 2026-01-01, before"),
        ("branches", [{"branch": "1.36", "released": "2026-04-22", "eol": "9999-12-31"}], "expected a date from 2014"),
        ("branches", [{"branch": "1.36", "released": "April", "eol": "2027-06-28"}], "expected a date YYYY-MM-DD"),
        ("releases", [{"version": "1.36"}], r"releases\[0\].version: expected a version like 1.36.3"),
        ("releases", [PLAIN["releases"][0]] * 2, "releases: a release is there twice"),
        ("releases", [{}] * 10_001, "releases: expected 10000 entries at most"),
        ("releases", None, "releases: expected a list of objects"),
        ("official_eol", {"copied_at": "2026-06-01", "branches": {"x": "2026-06-01"}}, "expected a branch like 1.36"),
        ("official_eol", {"branches": {}}, "official_eol.copied_at: expected a text, got nothing"),
        ("cves", [{**CVE, "id": "x"}], r"cves\[0\].id: expected the id of a CVE"),
        ("cves", [{**CVE, "score": 11}], r"cves\[0\].score: expected a score from 0 to 10"),
        ("cves", [{**CVE, "affected": []}], r"cves\[0\].affected: expected a range at least, got none"),
        (
            "cves",
            [{**CVE, "affected": [{"introduced": "1.35.2", "fixed": "1.35.1"}]}],
            r"affected\[0\]: the range ends before it begins",
        ),
        (
            "cves",
            [{**CVE, "affected": [{"fixed": "1.35.1"}]}],
            r"affected\[0\].introduced: expected a text, got nothing",
        ),
        ("cves", [{**CVE, "affected": [{"introduced": "x"}]}], r"affected\[0\].introduced: expected a version"),
    ],
)
def test_another_form_is_refused_in_words(key: str, value: Any, words: str) -> None:
    with pytest.raises(FormError, match=words):
        from_plain({**PLAIN, key: value})
    with pytest.raises(InputError, match=r"^data\.json: it"):
        parse_versions(json.dumps({**PLAIN, key: value}), "data.json")


def test_what_is_no_json_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "data.json"
    file.write_text("schema: 1", "utf-8")
    with pytest.raises(InputError, match=r"data\.json: it is no JSON \(line 1"):
        load_versions(file)
    with pytest.raises(InputError):
        load_versions(tmp_path / "none.json")


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just([]) | st.just({})
PLACES = [
    *[(key,) for key in PLAIN],
    ("branches", 0),
    ("branches", 0, "branch"),
    ("branches", 0, "eol"),
    ("releases", 1),
    ("releases", 1, "version"),
    ("releases", 1, "published_at"),
    ("releases", 1, "exact"),
    ("official_eol", "branches"),
    ("official_eol", "branches", "1.36"),
    ("cves", 0),
    ("cves", 0, "score"),
    ("cves", 0, "official"),
    ("cves", 0, "affected"),
    ("cves", 0, "affected", 0),
]


@given(st.sampled_from(PLACES), LEAVES)
def test_any_value_anywhere_is_read_or_refused_in_words(place: tuple[Any, ...], value: Any) -> None:
    plain: Any = copy.deepcopy({**PLAIN, "cves": [CVE]})
    inner = plain
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    try:
        data = from_plain(plain)
    except FormError:
        return
    Seen(check_version_policy("v1.35.0", data, at("2026-06-10T00:00:00")))
    assert from_plain(to_plain(data)) == data


def test_the_part_for_a_branch_has_its_releases_and_cves_and_all_dates() -> None:
    other = {**CVE, "id": "CVE-2026-5678", "affected": [{"introduced": "1.36.0", "fixed": "1.36.1"}]}
    data = version_data(cves=[CVE, other])
    part = part_for(data, [Branch(1, 35)])
    assert {release.version.branch for release in part.releases} == {Branch(1, 35)}
    assert [cve.identity for cve in part.cves] == ["CVE-2026-1234"]
    assert part.branches == data.branches
    now = at("2026-06-10T00:00:00")
    assert [*check_version_policy("v1.35.0", part, now)] == [*check_version_policy("v1.35.0", data, now)]


def test_a_full_set_has_the_first_release_of_each_branch_in_support() -> None:
    data = version_data(releases=PLAIN["releases"][:-1])
    check_complete(data, at("2026-04-21T00:00:00"))
    with pytest.raises(FormError, match=r"there is no 1\.36\.0, though branch 1\.36 is in support"):
        check_complete(data, at("2026-04-22T00:00:00"))


# The bundled set.


def test_the_bundled_set_is_complete_for_its_day() -> None:
    data = load_versions(VERSIONS_FILE)
    check_complete(data, data.generated_at)
    assert [str(branch) for branch in data.branches] == [f"1.{minor}" for minor in range(30, 38)]
    assert all(data.of_branch(branch) for branch in data.branches)
    # Nothing of it claims more than is known.
    assert not any(release.exact for release in data.releases)
    assert all(cve.score >= 7 and cve.affected for cve in data.cves)
    for branch in data.branches:
        days = [release.published for release in data.of_branch(branch)]
        assert days == sorted(days)


def test_the_bundled_set_has_the_official_table(upstream: Callable[[str], Path]) -> None:
    table = yaml.safe_load(upstream("k8s-eol-data.yml").read_text("utf-8"))
    ends = load_versions(VERSIONS_FILE).official.ends
    assert {str(branch): day.isoformat() for branch, day in ends.items()} == {
        entry["branch"]: entry["end-of-life"] for entry in table
    }


@pytest.mark.parametrize(
    ("text", "now", "verdicts", "rows"),
    [
        ("v1.35.4", "2026-04-20T12:00:00", ("PASS", "PASS"), set()),
        ("v1.35.3", "2026-04-30T12:00:00", ("PASS", "PASS"), set()),
        ("v1.35.2", "2026-04-30T12:00:00", ("FAIL", "FAIL"), set()),
        # An end of life that is past, and was so before the data.
        ("v1.32.13", "2026-04-20T12:00:00", ("FAIL", "PASS"), {"DEV-0210-4"}),
        # Today: what is known to be missed, and nothing that passes.
        ("v1.36.3", "2026-11-27T12:00:00", ("FAIL", "FAIL"), set()),
        ("v1.36.4", "2026-11-27T12:00:00", ("ABORT", "ABORT"), set()),
        ("v1.37.0", "2026-11-27T12:00:00", ("ABORT", "ABORT"), {"DEV-0210-1"}),
        ("v1.34.7", "2026-11-27T12:00:00", ("FAIL", "ABORT"), {"DEV-0210-4"}),
        ("v1.34.7", "2026-10-27T00:00:00", ("ABORT", "ABORT"), set()),
        # The table ends with 1.36: from 2027-02-28 on the official suite has one branch left.
        ("v1.36.3", "2027-03-01T00:00:00", ("FAIL", "FAIL"), {"DEV-0210-2"}),
        ("v1.30.2", "2024-08-10T00:00:00", ("PASS", "FAIL"), {"DEV-0210-9"}),
    ],
)
def test_verdicts_by_the_bundled_set(text: str, now: str, verdicts: tuple[str, str], rows: set[str]) -> None:
    seen = Seen(check_version_policy(text, load_versions(VERSIONS_FILE), at(now)))
    assert seen.verdicts == verdicts
    assert seen.rows >= rows


# The set of embedded clusters.


@given(st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2100, 1, 1)))
def test_the_small_set_is_never_old(moment: dt.datetime) -> None:
    now = moment.replace(tzinfo=dt.UTC)
    data = small_version_data(now)
    check_complete(data, now)
    assert from_plain(to_plain(data)) == data
    expected = {
        NEWEST: ("PASS", "PASS"),
        "v1.36.2": ("FAIL", "FAIL"),
        "v1.36.1": ("FAIL", "FAIL"),
        "v1.35.4": ("PASS", "PASS"),
        "v1.35.3": ("PASS", "PASS"),
        "v1.33.2": ("FAIL", "PASS"),
    }
    assert {text: Seen(check_version_policy(text, data, now)).verdicts for text in expected} == expected


def test_the_small_set_says_what_it_is() -> None:
    now = at("2026-11-27T12:00:00")
    found = [*check_version_policy(NEWEST, small_version_data(now), now)]
    assert [str(one) for one in found] == [
        "cluster: judged by version data of 2026-11-27: what the embedded cluster brings along"
    ]
    assert small_version_data(now).of_branch(Branch(1, 36))[-1].version == Version(1, 36, 3)
