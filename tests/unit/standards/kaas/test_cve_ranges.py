# SPDX-License-Identifier: Apache-2.0
"""Which releases a CVE record calls affected, and its score."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.standards.kaas.cve_ranges import (
    highest_score,
    read_range,
    read_ranges,
    read_record,
    stops_the_official_suite,
)
from pytest_scs.standards.kaas.versions import Branch, Version, read_version


def entry(version: str | None = None, **bounds: Any) -> dict[str, Any]:
    given = {} if version is None else {"version": version}
    return {"status": "affected", **given, **bounds}


@pytest.mark.parametrize(
    ("one", "inside", "outside"),
    [
        (entry("1.35.0", lessThan="1.35.4"), "1.35.0 1.35.3", "1.34.9 1.35.4"),
        (entry("v1.35.0", lessThanOrEqual="v1.35.4"), "1.35.0 1.35.4", "1.34.9 1.35.5"),
        (entry("0", lessThanOrEqual="1.28.11"), "0.1.0 1.0.0 1.28.11", "1.28.12"),
        (entry("unspecified", lessThan="1.28.11"), "1.0.0 1.28.10", "1.28.11"),
        (entry("*", lessThan="1.28.11"), "1.0.0 1.28.10", "1.28.11"),
        (entry(lessThan="1.28.11"), "1.0.0 1.28.10", "1.28.11"),
        (entry("", lessThan="1.28.11"), "1.0.0 1.28.10", "1.28.11"),
        (entry("1.35.2"), "1.35.2", "1.35.1 1.35.3"),
        (entry("1.35.x"), "1.35.0 1.35.99", "1.34.99 1.36.0"),
        (entry("1.35.*"), "1.35.0 1.35.99", "1.34.99 1.36.0"),
        (entry("1.35"), "1.35.0 1.35.99", "1.34.99 1.36.0"),
        (entry("1.33", lessThan="1.35"), "1.33.0 1.34.99", "1.32.9 1.35.0"),
        (entry("1.33", lessThanOrEqual="1.35"), "1.33.0 1.35.99", "1.32.9 1.36.0"),
        (entry("1.29.0", lessThan="1.29.*"), "1.29.0 1.29.99", "1.28.9 1.30.0"),
        (entry("1.29.0", lessThanOrEqual="1.30.x"), "1.29.0 1.30.99", "1.31.0"),
        (entry("1.29.0", lessThan="*"), "1.29.0 1.99.0", "1.28.9"),
        (entry("1.33.0 - 1.33.4"), "1.33.0 1.33.4", "1.32.9 1.33.5"),
        (entry("v1.33.0-1.33.4"), "1.33.0 1.33.4", "1.32.9 1.33.5"),
        (entry("1.1-1.3"), "1.1.0 1.3.99", "1.0.9 1.4.0"),
        (entry("1.33.0-rc.1"), "1.33.0", "1.33.1"),
        (entry("v1.33.0 - v1.34.x"), "1.33.0 1.34.99", "1.32.9 1.35.0"),
        (entry("< 1.33.4"), "1.0.0 1.33.3", "1.33.4"),
        (entry("<1.33.4"), "1.33.3", "1.33.4"),
        (entry("<= 1.33.4"), "1.0.0 1.33.4", "1.33.5"),
        (entry("<= 1.33"), "1.33.99", "1.34.0"),
        (entry("< 1.33"), "1.32.99", "1.33.0"),
        (entry("prior to 1.33.4"), "1.33.3", "1.33.4"),
        (entry("Prior  to v1.33.4"), "1.33.3", "1.33.4"),
        (entry("before v1.33.4"), "1.33.3", "1.33.4"),
        (entry("Before 1.33.4"), "1.33.3", "1.33.4"),
        (entry("1.33.0-rc.1", lessThan="1.33.4"), "1.33.0", "1.33.4"),
    ],
)
def test_what_a_range_means(one: dict[str, Any], inside: str, outside: str) -> None:
    found = read_range(one)
    assert found is not None
    versions = {text: read_version(text) for text in (*inside.split(), *outside.split())}
    assert [text for text, version in versions.items() if version in found] == inside.split()


@pytest.mark.parametrize(
    "one",
    [
        entry("1.35.4", lessThan="1.35.0"),
        entry("1.35.4", lessThan="1.35.4"),
        entry("1.35.4", lessThanOrEqual="1.35.3"),
        entry("1.35.4 - 1.35.0"),
        entry("1.35.0", lessThan="1.35.4", lessThanOrEqual="1.35.3"),
        entry("1.35.0", lessThan="soon"),
        entry("some", lessThan="1.35.0"),
        entry("0"),
        entry("*"),
        entry("unspecified"),
        entry(),
        entry("all versions"),
        entry("1"),
        entry("1.2.3.4"),
        entry("0", lessThan=""),
        entry("0", lessThan=1.35),
        entry("<"),
        entry("before"),
        {"status": "affected", "version": 1.35},
        {"status": "affected", "version": ["1.35.0"]},
    ],
)
def test_anything_else_is_left_out(one: dict[str, Any]) -> None:
    assert read_range(one) is None
    assert read_ranges([one, entry("1.35.2")]) == (read_range(entry("1.35.2")),)


def test_only_what_is_affected_counts() -> None:
    assert read_ranges([{"status": "unaffected", "version": "1.35.2"}, {"version": "1.35.3"}]) == ()


BOUND = st.one_of(
    st.none(),
    st.from_regex(r"v?[0-9]{1,2}\.[0-9]{1,2}(\.([0-9]{1,2}|x|\*))?", fullmatch=True),
    st.sampled_from(["0", "*", "unspecified", "", "< 1.2", "1.2.3 - 1.2", "prior to 1.9.9", "before"]),
    st.text(max_size=12),
    st.integers(),
)


@given(BOUND, BOUND, BOUND)
def test_whatever_stands_there_gives_a_range_that_is_not_empty_or_none(low: Any, below: Any, last: Any) -> None:
    one = {"status": "affected", "version": low, "lessThan": below, "lessThanOrEqual": last}
    found = read_range({key: value for key, value in one.items() if value is not None})
    if found is not None:
        assert not found.empty
        assert found.introduced in found
        assert found.reaches(found.introduced.branch)


@given(*[st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))] * 3)
def test_a_range_holds_what_lies_between_its_bounds(
    low: tuple[int, int, int], high: tuple[int, int, int], one: tuple[int, int, int]
) -> None:
    lower, upper, version = Version(*low), Version(*high), Version(*one)
    including = read_range(entry(str(lower), lessThanOrEqual=upper.plain))
    excluding = read_range(entry(str(lower), lessThan=upper.plain))
    assert (including is not None and version in including) == (lower <= version <= upper)
    assert (excluding is not None and version in excluding) == (lower <= version < upper)
    if including is not None and version in including:
        assert including.reaches(version.branch)
    if excluding is not None:
        assert excluding.reaches(Branch(*one[:2])) == any(Version(*one[:2], patch) in excluding for patch in range(5))


def record(product: str = "Kubernetes", score: Any = 8.8, adp: Any = None, **changes: Any) -> dict[str, Any]:
    cna = {
        "affected": [{"product": product, "versions": [entry("1.35.0", lessThan="1.35.4")]}],
        "metrics": [{"cvssV3_1": {"baseScore": score}}] if score is not None else [],
    }
    containers = {"cna": {**cna, **changes}, **({"adp": adp} if adp else {})}
    return {"cveMetadata": {"cveId": "CVE-2026-1234", "state": "PUBLISHED"}, "containers": containers}


def test_a_record_is_its_score_and_its_ranges() -> None:
    found = read_record(record())
    assert found is not None
    assert (found.identity, found.score, found.cvss, found.official) == ("CVE-2026-1234", 8.8, "3.1", True)
    assert Version(1, 35, 3) in found.ranges[0]


@pytest.mark.parametrize("product", ["kubelet", "kube-apiserver", "Kube-Proxy", "kubernetes", " Kubernetes "])
def test_components_count_but_not_for_the_official_suite(product: str) -> None:
    found = read_record(record(product))
    assert found is not None
    assert not found.official


@pytest.mark.parametrize("product", ["kubectl", "ingress-nginx", "Kubernetes Dashboard", "", None, 1])
def test_other_products_do_not_count(product: Any) -> None:
    assert read_record(record(product)) is None


def test_the_highest_score_counts() -> None:
    metrics = [{"cvssV2_0": {"baseScore": 9.0}}, {"cvssV4_0": {"baseScore": 9.3}}, {"cvssV3_1": {"baseScore": 8}}]
    assert highest_score([{"metrics": metrics}]) == (9.3, "4.0")


@pytest.mark.parametrize("metrics", [None, {}, [1], [{"cvssV3_1": 8}], [{"cvssV3_1": {"baseScore": "8"}}], [{"x": {}}]])
def test_a_record_without_a_score_does_not_count(metrics: Any) -> None:
    assert read_record(record(metrics=metrics)) is None


@pytest.mark.parametrize("score", [True, 11, -1, "9.8", None])
def test_what_is_no_score_does_not_count(score: Any) -> None:
    assert read_record(record(score=score)) is None


def test_the_score_of_others_counts_where_the_publisher_gives_none() -> None:
    found = read_record(record(score=None, adp=[1, {"metrics": [{"cvssV3_1": {"baseScore": 9.1}}]}]))
    assert found is not None
    assert (found.score, found.by_others, found.official) == (9.1, True, False)
    both = read_record(record(score=7.1, adp=[{"metrics": [{"cvssV3_1": {"baseScore": 9.1}}]}]))
    assert both is not None
    assert (both.score, both.by_others, both.official) == (7.1, False, True)


def test_a_rejected_record_does_not_count() -> None:
    assert read_record({"cveMetadata": {"cveId": "CVE-2026-1234", "state": "REJECTED"}}) is None


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({}, "cveMetadata: expected an object, got null"),
        ({"cveMetadata": {"cveId": "x"}}, "expected the id of a CVE"),
        ({"cveMetadata": {"cveId": "CVE-2026-1234"}, "containers": []}, "containers: expected an object"),
        ({"cveMetadata": {"cveId": "CVE-2026-1234"}, "containers": {}}, "containers.cna: expected an object"),
    ],
)
def test_what_is_no_record_is_refused_in_words(broken: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_record(broken)


@pytest.mark.parametrize(
    ("one", "stops"),
    [
        (entry("1.29.0", lessThan="1.29.*"), True),
        (entry("1.35.4", lessThan="1.35.0"), True),
        (entry("1.35.4", lessThanOrEqual="1.35.0"), True),
        (entry("1.35.0", lessThan="1.35.4"), False),
        ({"status": "unaffected", "version": "1.29.0", "lessThan": "1.29.*"}, False),
    ],
)
def test_dev_0210_8_what_stops_the_official_suite(one: dict[str, Any], stops: bool) -> None:
    given = record(affected=[{"product": "Kubernetes", "versions": [one]}])
    assert stops_the_official_suite(given) is stops
    assert not stops_the_official_suite(record(affected=[{"product": "kubelet", "versions": [one]}]))
    assert not stops_the_official_suite({})


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cna", "adp", "affected", "versions", "metrics", "product", "status", "version", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_containers_are_read_or_refused(containers: Any) -> None:
    given = {"cveMetadata": {"cveId": "CVE-2026-1234"}, "containers": containers}
    stops_the_official_suite(given)
    with contextlib.suppress(ValueError):
        read_record(given)


def test_dev_0210_10_ranges_are_read_as_they_are_meant() -> None:
    # The official suite finds nothing affected by these, or 0.0.0 alone.
    for text, version in (("1.35.x", "1.35.2"), ("1.35.0 - 1.35.2", "1.35.2"), ("< 1.36.0", "1.35.2")):
        found = read_range(json.loads(json.dumps(entry(text))))
        assert found is not None
        assert read_version(version) in found
