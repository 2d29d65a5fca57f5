# SPDX-License-Identifier: Apache-2.0
"""The list of e2e tests that may fail: the bundled one, those that users give, and what is no list."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base import datafiles
from pytest_scs.base.errors import InputError
from pytest_scs.standards.bundled_data import DATA
from pytest_scs.standards.kaas import e2e_exceptions as exceptions
from pytest_scs.standards.kaas.e2e_exceptions import ExcusedTest, beyond, first_that_covers, parse_exceptions

#: Names of real tests -> a word of the reason why they may fail.
EXCUSED = {
    "[It] [sig-network] HostPort validates that there is no conflict between pods with same hostPort but different "
    "hostIP and protocol [LinuxOnly] [Conformance]": "InternalIP",
    "[It] [sig-network] Services should be able to switch session affinity for NodePort service [LinuxOnly] "
    "[Conformance]": "InternalIP",
    "[It] [sig-network] Services should have session affinity work for NodePort service [LinuxOnly] [Conformance]": (
        "InternalIP"
    ),
    "[It] [sig-scheduling] SchedulerPredicates [Serial] validates that there exists conflict between pods with same "
    "hostPort and protocol but one using 0.0.0.0 hostIP [Conformance]": "InternalIP",
    "[It] [sig-network] Netpol NetworkPolicy between server and client should allow ingress access from updated "
    "namespace [Feature:NetworkPolicy]": "flaky",
    "[It] [sig-network] Netpol [Feature:SCTPConnectivity] NetworkPolicy between server and client using SCTP should "
    "enforce policy based on Ports [Feature:NetworkPolicy]": "SCTP",
    "[It] [sig-network] Netpol NetworkPolicy between server and client should allow egress access to server in CIDR "
    "block [Feature:NetworkPolicy]": "Cilium",
    "[It] [sig-network] Netpol NetworkPolicy between server and client should ensure an IP overlapping both "
    "IPBlock.CIDR and IPBlock.Except is allowed [Feature:NetworkPolicy]": "Cilium",
    "[It] [sig-network] Netpol NetworkPolicy between server and client should enforce except clause while egress "
    "access to server in CIDR block [Feature:NetworkPolicy]": "Cilium",
}


def test_the_bundled_list_excuses_nine_kinds_of_tests_each_by_an_entry_of_its_own() -> None:
    entries = parse_exceptions(exceptions.FILE.read_text("utf-8"), "bundled")
    found = [first_that_covers(entries, name) for name in EXCUSED]
    assert len(entries) == len(set(found)) == 9
    for entry, word in zip(found, EXCUSED.values(), strict=True):
        assert entry is not None
        assert word in entry.reason


@pytest.mark.parametrize(
    "name",
    [
        "[It] [sig-network] Netpol NetworkPolicy between server and client deny all ingress",
        "[It] [sig-network] Services should serve a basic endpoint from pods [Conformance]",
    ],
)
def test_the_bundled_list_excuses_no_other(name: str) -> None:
    assert first_that_covers(exceptions.excused_tests(), name) is None


def test_it_can_be_shown_and_refreshed() -> None:
    datum = next(one for one in DATA if one.name == "e2e-exceptions")
    assert datum.content()["may fail: Feature:SCTPConnectivity"] == "SCTP is optional"
    (source,) = datum.sources
    assert source.url.endswith("/standards/main/Tests/kaas/scs-sonobuoy-config-v1.yaml")
    assert datum.convert(["okToFail: []"], datum.as_of) == "okToFail: []"


def test_the_users_newer_copy_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(datafiles.VARIABLE, str(tmp_path))
    (tmp_path / exceptions.FILE.name).write_text("okToFail:\n- {regex: a, reason: b}\n")
    exceptions.excused_tests.cache_clear()
    try:
        assert exceptions.excused_tests() == (ExcusedTest("a", "b"),)
    finally:
        exceptions.excused_tests.cache_clear()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected one mapping with the key okToFail"),
        ("- a", "expected one mapping with the key okToFail"),
        ("okToFall: []", "expected one mapping with the key okToFail"),
        ("okToFail: []\nmore: 1", "unknown key 'more'; the only one is okToFail"),
        ("okToFail: a", "must be a list"),
        ("okToFail: [a]", "okToFail, entry 1: expected a mapping with regex and reason"),
        ("okToFail: [{regex: a}]", "okToFail, entry 1: reason is missing or no text"),
        ("okToFail: [{regex: a, reason: ' '}]", "okToFail, entry 1: reason is missing or no text"),
        ("okToFail: [{regex: 7, reason: a}]", "okToFail, entry 1: regex is missing or no text"),
        ("okToFail: [{regex: a, reason: b}, {regex: a, reason: b, why: c}]", "entry 2: unknown key 'why'"),
        ("okToFail: [{regex: '(', reason: b}]", "'(' is no regular expression"),
        (f"okToFail: [{{regex: {'a' * 501}, reason: b}}]", "regex is longer than 500 characters"),
        ("okToFail: [", "not valid YAML"),
        ("okToFail: []\n---\nokToFail: []", "expected one mapping"),
    ],
)
def test_what_is_no_list_is_refused_in_one_line(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_exceptions(text, "mine.yaml")
    assert str(caught.value).startswith("mine.yaml")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_list_excuses_nothing() -> None:
    assert parse_exceptions("okToFail:\n", "x") == parse_exceptions("okToFail: []", "x") == ()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read list of exceptions .*: No such file"):
        exceptions.read_exceptions(tmp_path / "none.yaml")


def test_which_entries_go_beyond_a_list() -> None:
    one, two = ExcusedTest("a", "x"), ExcusedTest("b", "x")
    assert beyond([one, two], [ExcusedTest("a", "another reason")]) == [two]
    assert beyond([one], [one, two]) == []


@given(st.text(max_size=80))
def test_any_text_is_a_list_or_refused(text: str) -> None:
    try:
        parse_exceptions(text, "x")
    except InputError as error:
        refusal = str(error)
    else:
        return
    assert "\n" not in refusal
