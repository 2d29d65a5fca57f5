# SPDX-License-Identifier: Apache-2.0
"""What a provider offers: the forms of his list, and the rules about it on frozen clocks."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from version_cases import PLAIN, Seen, at, version_data

from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import FormError
from pytest_scs.core.cause import CauseKind
from pytest_scs.standards.kaas.offered_versions import (
    Offer,
    OfferedVersion,
    check_ended_branches,
    check_newest_minor,
    check_supported_branches,
    offer_of_clusters,
    offered_version,
    parse_offer,
    read_offer,
)
from pytest_scs.standards.kaas.version_policy import check_version_policy

PASS, FAIL, ABORT = "PASS", "FAIL", "ABORT"


def offer(*versions: str) -> Offer:
    return Offer(tuple(offered_version(text) for text in versions), "the list of the provider", complete=True)


@pytest.mark.parametrize(
    "text",
    [
        "1.36.3\n1.35\n",
        "v1.36.3\nv1.35\n",
        "# ours\n\n1.36.3  # newest\n  1.35\n",
        "- 1.36.3\n- '1.35'\n",
        "---\n- 1.36.3\n- 1.35\n",
        "versions: [1.36.3, '1.35']",
        "versions:\n- {version: 1.36.3, since: 2026-07-25}\n- version: '1.35'\n",
        "versions:\n- version: 1.36.3-eks-1\n  since: '2026-07-25'\n- version: 1.35.9+k3s1\n",
    ],
)
def test_all_forms_of_a_list(tmp_path: Path, text: str) -> None:
    file = tmp_path / "offered"
    file.write_text(text, "utf-8")
    found = read_offer(file)
    assert [str(one.branch) for one in found.versions] == ["1.36", "1.35"]
    assert found.complete
    assert Offer.from_plain(found.to_plain()) == found
    if "since" in text:
        assert [str(one.since) for one in found.versions] == ["2026-07-25", "None"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it lists no version"),
        ("# nothing\n", "it lists no version"),
        ("versions: []", "it lists no version"),
        ("latest\n", "line 1: expected a version like 1.36.3 or a branch like 1.36"),
        ("1.36.3\n\n1.36.x\n", "line 3: expected a version"),
        ("1.36.3, 1.35.1\n", "line 1: expected a version"),
        ("versions: 1.36.3", "versions: expected a list of versions"),
        ("version: 1.36.3", "it.versions: expected a list of versions, got nothing"),
        ("versions: [1.30]", "versions: entry 1: write it in quotes"),
        ("versions: [{version: 1.30}]", "versions: entry 1: write it in quotes"),
        ("versions: [{since: 2026-07-25}]", "versions: entry 1.version: expected a version, got nothing"),
        ("versions: [{version: 1.36.3, since: soon}]", "since: expected a date YYYY-MM-DD"),
        ("versions: [{version: 1.36.3, untill: 2026-07-25}]", 'entry 1: the text "untill" is unknown'),
        ("versions: [null]", "entry 1: expected a version like 1.36.3, got null"),
        ("a: b: c", ""),
        ("versions: ['1.36']\n---\nversions: ['1.35']\n", "expected one YAML document, got 2"),
        ("\n".join(["1.36"] * 1001), "it lists 1001 versions; 1000 are allowed"),
    ],
)
def test_anything_else_is_one_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "offered"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError) as error:
        read_offer(file)
    assert words in str(error.value)
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="offered"):
        read_offer(tmp_path / "offered")


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(FormError, InputError):
        assert parse_offer(text, "offered")


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 99), st.none() | st.integers(0, 99)), min_size=1, max_size=5)
)
def test_lines_and_yaml_say_the_same(versions: list[tuple[int, int, int | None]]) -> None:
    texts = [".".join(str(part) for part in version if part is not None) for version in versions]
    lines = parse_offer("\n".join(texts), "x")
    assert lines == parse_offer(f"versions: {texts}", "x")
    assert [one.branch for one in lines] == [version[:2] for version in versions]


def test_several_clusters_tell_what_is_offered() -> None:
    both = offer_of_clusters(["v1.36.3", "v1.35.1+k3s1"])
    assert both.complete
    assert {str(branch) for branch in both.branches(dt.date(2026, 6, 10))} == {"1.36", "1.35"}
    assert both.origin == "the versions of 2 clusters"
    assert not offer_of_clusters(["v1.36.3"]).complete
    for unknown in ("strange", None):
        part = offer_of_clusters(["v1.36.3", "v1.35.1", unknown])
        assert (len(part.versions), part.complete) == (2, False)
        seen = Seen(check_supported_branches(part, version_data(), at("2026-06-10T00:00:00")))
        assert seen.verdicts == (ABORT, ABORT)
        assert "1 of 3 clusters did not tell a version; give" in seen.undecided[0].reason


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"versions": [], "origin": "x"},
        {"versions": [{"version": "x", "since": None}], "origin": "x", "complete": True},
        {"versions": [{"version": "1.36", "since": "x"}], "origin": "x", "complete": True},
        {"versions": "1.36", "origin": "x", "complete": True},
    ],
)
def test_evidence_of_another_form_is_refused(plain: dict[str, Any]) -> None:
    with pytest.raises(FormError):
        Offer.from_plain(plain)


# 1.35 was released on 2025-12-17, 1.36 on 2026-04-22; 1.33 ends on 2026-05-12, 1.34 on 2026-10-27.


@pytest.mark.parametrize(
    ("now", "offered", "verdict"),
    [
        ("2026-08-22T23:59:59", ["1.35.9"], PASS),  # four months, to the end of the day
        ("2026-08-23T00:00:00", ["1.35.9"], FAIL),
        ("2026-08-23T00:00:00", ["1.36"], PASS),
        ("2026-08-23T00:00:00", ["1.35.9", "1.36.0"], PASS),
        ("2026-04-17T23:59:59", ["1.34"], PASS),
        ("2026-04-18T00:00:00", ["1.34"], FAIL),
    ],
)
def test_the_newest_minor_version_is_offered_after_four_months(now: str, offered: list[str], verdict: str) -> None:
    data = version_data(generated_at=f"{now}Z")
    seen = Seen(check_newest_minor(offer(*offered), data, at(now)))
    assert seen.verdicts == (verdict, verdict)
    for finding in seen.findings:
        assert finding.rule == "scs-0210/newest_minor_offered"
        assert finding.resource == "offering"
        assert "limit 4 months" in finding.expected


@pytest.mark.parametrize(
    ("now", "offered", "missing"),
    [
        ("2026-05-12T23:59:59", ["1.34", "1.35"], ["1.33"]),
        ("2026-05-13T00:00:00", ["1.34", "1.35"], []),
        ("2026-08-22T23:59:59", ["1.35"], ["1.34"]),
        ("2026-08-23T00:00:00", ["1.35"], ["1.34", "1.36"]),
        ("2026-10-27T23:59:59", ["1.35", "1.36"], ["1.34"]),
        ("2026-10-28T00:00:00", ["1.35", "1.36"], []),
    ],
)
def test_every_branch_in_support_is_offered(now: str, offered: list[str], missing: list[str]) -> None:
    data = version_data(generated_at=f"{now}Z")
    seen = Seen(check_supported_branches(offer(*offered), data, at(now)))
    assert [one.expected.split()[4].rstrip(",") for one in seen.findings] == missing
    assert {one.rule for one in seen.findings} <= {"scs-0210/supported_branch_offered"}
    assert seen.verdicts == ((FAIL, FAIL) if missing else (PASS, PASS))


@pytest.mark.parametrize(
    ("now", "offered", "own", "offenders"),
    [
        ("2026-05-12T23:59:59", ["1.33", "1.34"], "v1.33.0", []),
        ("2026-05-13T00:00:00", ["1.33.7", "1.34"], "v1.34.0", [("offering", "1.33.7")]),
        ("2026-05-13T00:00:00", ["1.34"], "v1.33.0-gke.1", [("cluster", "v1.33.0-gke.1")]),
        ("2026-05-13T00:00:00", ["1.20", "1.34"], "v1.34.0", [("offering", "1.20")]),
    ],
)
def test_no_branch_is_offered_beyond_its_end(
    now: str, offered: list[str], own: str, offenders: list[tuple[str, str]]
) -> None:
    data = version_data(generated_at=f"{now}Z")
    seen = Seen(check_ended_branches(offer(*offered), own, data, at(now)))
    assert [(one.resource, one.observed) for one in seen.findings] == offenders
    assert seen.verdicts == ((FAIL, FAIL) if offenders else (PASS, PASS))


def test_one_cluster_tells_nothing_but_its_own_end() -> None:
    now = at("2026-06-01T00:00:00")
    data, alone = version_data(generated_at="2026-06-01T00:00:00Z"), offer_of_clusters(["v1.34.0"])
    for check in (check_newest_minor, check_supported_branches):
        seen = Seen(check(alone, data, now))
        assert seen.verdicts == (ABORT, ABORT)
        (undecided,) = seen.undecided
        assert "give --scs-offered-versions" in undecided.reason
        assert undecided.kind is CauseKind.NOT_GIVEN
    assert Seen(check_ended_branches(alone, "v1.34.0", data, now)).verdicts == (ABORT, ABORT)
    assert Seen(check_ended_branches(alone, "v1.33.0", data, now)).verdicts == (FAIL, FAIL)


@pytest.mark.parametrize(("days", "verdict"), [(13, PASS), (15, PASS), (30, PASS), (32, ABORT)])
def test_old_data_give_no_pass(days: int, verdict: str) -> None:
    data = version_data(generated_at="2026-06-01T00:00:00Z")
    now = data.generated_at + dt.timedelta(days=days)
    listed = offer("1.34", "1.35", "1.36")
    assert Seen(check_newest_minor(listed, data, now)).verdicts == (verdict, verdict)
    assert Seen(check_supported_branches(listed, data, now)).verdicts == (verdict, verdict)
    assert Seen(check_ended_branches(listed, "v1.35.0", data, now)).verdicts == (verdict, verdict)
    assert Seen(check_supported_branches(offer("1.36"), data, now)).verdicts == (FAIL, FAIL)


def test_a_cluster_whose_version_is_none_may_be_beyond_its_end() -> None:
    data, now = version_data(generated_at="2026-05-13T00:00:00Z"), at("2026-05-13T00:00:00")
    seen = Seen(check_ended_branches(offer("1.34"), "strange", data, now))
    assert seen.verdicts == (ABORT, ABORT)
    assert [one.resource for one in seen.undecided] == ["cluster"]


def test_a_branch_that_the_data_lack_between_others_is_not_decided() -> None:
    branches = [entry for entry in PLAIN["branches"] if entry["branch"] != "1.34"]
    data, now = version_data(branches=branches, generated_at="2026-05-13T00:00:00Z"), at("2026-05-13T00:00:00")
    seen = Seen(check_ended_branches(offer("1.34"), "v1.35.0", data, now))
    assert seen.verdicts == (ABORT, ABORT)
    assert seen.undecided[0].reason == "the version data of 2026-05-13 lack branch 1.34"


@pytest.mark.parametrize("check", [check_newest_minor, check_supported_branches])
def test_nothing_passes_where_the_data_know_no_branch_that_is_due(check: Any) -> None:
    data = version_data(generated_at="2028-01-01T00:00:00Z")
    seen = Seen(check(offer("1.20"), data, at("2028-01-01T00:00:00")))
    assert seen.verdicts == (ABORT, ABORT)
    assert "know no branch that has to be offered by now" in seen.undecided[0].reason


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (offered_version("1.35.0-rc.1"), FAIL),
        (offered_version("1.35.1-rc.1"), PASS),
        (offered_version("1.35.0", dt.date(2026, 6, 11)), FAIL),
        (offered_version("1.35.0", dt.date(2026, 6, 10)), PASS),
    ],
)
def test_what_is_no_release_or_comes_later_is_not_offered(one: OfferedVersion, verdict: str) -> None:
    data, now = version_data(), at("2026-06-10T12:00:00")
    both = Offer((one, offered_version("1.34")), "the list", complete=True)
    assert Seen(check_newest_minor(both, data, now)).verdicts == (verdict, verdict)
    assert Seen(check_supported_branches(both, data, now)).verdicts == (verdict, verdict)
    alone = Seen(check_newest_minor(Offer((one,), "the list", complete=True), data, now))
    assert [one.observed for one in alone.findings] == (["none that is offered by now"] if verdict == FAIL else [])


def test_a_number_that_can_only_be_one_branch_is_read() -> None:
    assert [one.text for one in parse_offer("versions: [1.36, {version: 1.35}]", "x")] == ["1.36", "1.35"]


def test_dev_0210_14_what_else_is_offered_is_asked_by_testcases_of_its_own() -> None:
    now = at("2026-06-09T00:00:00")
    assert Seen(check_version_policy("v1.36.0", version_data(), now)).verdicts == (PASS, PASS)
    for check in (check_newest_minor, check_supported_branches):
        assert Seen(check(offer("1.36.0"), version_data(), now)).verdicts == (FAIL, FAIL), check
