# SPDX-License-Identifier: Apache-2.0
"""The list of scs-0128, finding its tests again, and one entry for each of them."""

from __future__ import annotations

import collections
import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.standards.iaas.tempest_list import ListedTest, class_of, listed_tests, parse_id, resolve, short
from pytest_scs.standards.iaas.tempest_outcomes import (
    FAILED,
    MAX_REASON,
    NOT_RUN,
    PASSED,
    SKIPPED,
    UNKNOWN,
    Outcome,
    Record,
    counts,
    failure,
    one_line,
    outcomes,
    summary,
    teardowns,
)

LIST = listed_tests()
#: The SHA-256 of tempest-tests-non-admin.lst as the standard has it.
OFFICIAL = "a4c97c0ed2e50c36dbfb95967b5080f13b346155549447a1282ec8e0732f77da"

UUID = "bec949c4-3147-4ba6-af5f-cd2306118404"
V4 = "tempest.api.network.test_networks.NetworksTest.test_create_delete_subnet_with_allocation_pools"
V6 = V4.replace("NetworksTest", "NetworksIpV6Test")


def test_list_has_the_tests_of_the_standard() -> None:
    assert len(LIST) == len({test.uuid for test in LIST}) == len({test.path for test in LIST}) == 258
    groups = collections.Counter(test.path.split(".")[2] for test in LIST)
    assert groups == {"compute": 88, "identity": 16, "image": 23, "network": 66, "volume": 65}
    assert {name for test in LIST for name in test.attributes} == {"smoke", "negative", "slow", "image"}
    assert not any("lockout" in test.path for test in LIST)


def test_list_is_the_official_one() -> None:
    text = "".join(f"{test.id}\n" for test in LIST)
    assert hashlib.sha256(text.encode()).hexdigest() == OFFICIAL


@pytest.mark.parametrize("test", LIST[::50])
def test_ids_are_read_as_they_are_written(test: ListedTest) -> None:
    assert parse_id(test.id) == test
    assert class_of(test.id) == test.path.rpartition(".")[0]
    assert short(test.id).count(".") == 1


@given(st.text())
def test_no_text_makes_the_parser_stumble(text: str) -> None:
    parsed = parse_id(text)
    assert parsed is None or parsed.id == text.strip()


def test_test_that_has_moved_is_found_by_its_uuid() -> None:
    moved = f"tempest.api.network.elsewhere.NetworksTest.renamed[id-{UUID},smoke]"
    assert resolve([moved]) == {UUID: moved}


def test_class_decides_between_tests_that_share_a_uuid() -> None:
    v4, v6 = f"{V4}[id-{UUID}]", f"{V6}[id-{UUID}]"
    assert resolve([v6, v4]) == {UUID: v4}
    moved = v4.replace("test_networks", "moved")
    assert resolve([v6, moved]) == {UUID: moved}


def test_test_is_unknown_if_nothing_decides() -> None:
    assert resolve([f"a.B.{V4.rpartition('.')[2]}[id-{UUID}]", f"a.C.{V4.rpartition('.')[2]}[id-{UUID}]"]) == {}


def test_path_without_uuid_has_to_be_the_listed_one() -> None:
    assert resolve([V4]) == {UUID: V4}
    assert resolve([V6, f"x{V4}", V4.rpartition(".")[2]]) == {}


@given(st.sets(st.sampled_from(LIST)), st.randoms(use_true_random=False))
def test_exactly_those_are_found_that_are_there(present: set[ListedTest], shuffle: random.Random) -> None:
    ids = [test.id for test in present]
    shuffle.shuffle(ids)
    assert resolve([*ids, "other.Test.test_x[id-00000000-0000-4000-8000-000000000000]"]) == {
        test.uuid: test.id for test in present
    }


# -- entries --------------------------------------------------------------------------------------------------------

CLASS = class_of(V4)
TRACEBACK = """\
Traceback (most recent call last):
  File "tempest/test.py", line 185, in setUpClass
    raise value.with_traceback(trace)
          ^^^^^^^^^^^^^^^^^^^^^^^^^^^
tempest.lib.exceptions.InvalidCredentials: Invalid Credentials
Details: No credentials matching role: reader, scope: project specified in the accounts file
"""


def of(records: list[Record], uuid: str = UUID, known: list[str] | None = None) -> Outcome:
    return next(outcome for outcome in outcomes(records, known) if outcome.uuid == uuid)


def test_summary_is_the_exception_with_its_details() -> None:
    error, reason = summary(TRACEBACK)
    assert error == "tempest.lib.exceptions.InvalidCredentials"
    assert reason.startswith("tempest.lib.exceptions.InvalidCredentials: Invalid Credentials Details: No credentials")


@pytest.mark.parametrize(
    ("text", "error", "reason"),
    [
        ("", "", "no traceback was recorded"),
        ("AssertionError", "AssertionError", "AssertionError"),
        ("2026: log line\nfoo.BarError: baz", "foo.BarError", "foo.BarError: baz"),
        (
            "Traceback (most recent call last):\n  File x\nKeyError: 'a'\n\nDuring handling:\n\n"
            "Traceback (most recent call last):\n  File y\nValueError: b",
            "ValueError",
            "ValueError: b",
        ),
    ],
)
def test_summary_of_odd_tracebacks(text: str, error: str, reason: str) -> None:
    assert summary(text) == (error, reason)


@given(st.text())
def test_reasons_are_short_single_lines(text: str) -> None:
    line = one_line(text)
    assert len(line) <= MAX_REASON
    assert line.isprintable()
    assert len(summary(text)[1]) <= MAX_REASON


@pytest.mark.parametrize("order", [1, -1])
def test_worst_of_several_records_counts(order: int) -> None:
    records = [Record(V4, PASSED), failure(V4, TRACEBACK), Record(V4, SKIPPED), Record(V4, NOT_RUN)][::order]
    assert of(records).status == FAILED


def test_set_up_of_class_or_module_counts_for_tests_without_a_record() -> None:
    for fixture in (f"setUpClass ({CLASS})", f"setUpModule ({CLASS.rpartition('.')[0]})"):
        entry = of([failure(fixture, TRACEBACK)])
        assert (entry.status, entry.level, entry.error) == (
            FAILED,
            "class",
            "tempest.lib.exceptions.InvalidCredentials",
        )
    skipping = Record(f"setUpClass ({CLASS})", SKIPPED, "no such extension")
    assert of([skipping]).reason == "no such extension"
    assert of([skipping, Record(f"{V4}[id-{UUID}]", PASSED)]).status == PASSED
    assert of([failure(f"setUpClass ({CLASS}x)", TRACEBACK)]).status == NOT_RUN


def test_each_test_has_the_id_that_the_tempest_which_ran_gives_it() -> None:
    listed = next(test.id for test in LIST if test.uuid == UUID)
    recorded = f"tempest.api.moved.NewClass.test_it[id-{UUID}]"
    known = f"tempest.api.known.OtherClass.test_it[id-{UUID}]"
    assert of([Record(recorded, PASSED)], known=[known]).id == recorded
    assert of([], known=[known]).id == known
    assert of([], known=[]).id == of([]).id == listed
    # The set-up of a class counts for its tests by the name that the class has today.
    assert of([failure("setUpClass (tempest.api.known.OtherClass)", TRACEBACK)], known=[known]).level == "class"


def test_tests_the_installed_tempest_lacks_are_unknown() -> None:
    known = [test.id for test in LIST if test.uuid != UUID]
    assert of([], known=known).status == UNKNOWN
    assert of([], uuid=LIST[0].uuid, known=known).status == NOT_RUN


@given(st.lists(st.builds(Record, st.sampled_from([test.id for test in LIST]), st.sampled_from([PASSED, SKIPPED]))))
def test_there_is_one_entry_for_each_listed_test(records: list[Record]) -> None:
    found = outcomes(records)
    assert [entry.uuid for entry in found] == [test.uuid for test in LIST]
    numbers = counts(found)
    assert sum(numbers.values()) == 258
    assert numbers[PASSED] + numbers[SKIPPED] == len({record.id for record in records})


def test_tear_downs_of_a_class_that_moved_matter() -> None:
    test = LIST[0]
    moved = f"tempest.api.moved.NewClass.{test.path.rpartition('.')[2]}[id-{test.uuid}]"
    ours = "tearDownClass (tempest.api.moved.NewClass)"
    assert [entry.id for entry in teardowns([Record(moved, PASSED), failure(ours, TRACEBACK)])] == [ours]


def test_tear_downs_of_other_classes_do_not_matter() -> None:
    ours, other = f"tearDownClass ({CLASS})", "tearDownClass (tempest.api.dns.Zones)"
    records = [failure(ours, TRACEBACK), failure(other, TRACEBACK), Record(f"tearDownClass ({CLASS})", SKIPPED)]
    assert [entry.id for entry in teardowns(records)] == [ours]
