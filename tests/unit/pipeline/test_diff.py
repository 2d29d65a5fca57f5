# SPDX-License-Identifier: Apache-2.0
"""What changed between reports, by offender."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

import jsonschema
import pytest
from stored_reports import CHECKED, stored

from pytest_scs.pipeline.changes import diff
from pytest_scs.pipeline.changes.diff import Change, ChangedTestcase, Differences, difference
from pytest_scs.pipeline.offenders import told_by
from pytest_scs.pipeline.report_store import StoredReport

A, B = "scs-0102-prop-min_ram", "scs-0102-prop-min_disk"
LATER = CHECKED + dt.timedelta(days=1)


def of(found: Differences) -> dict[str, ChangedTestcase]:
    return {one.testcase: one for subject in found.subjects for one in subject.testcases}


def failing(
    *offenders: str, more: Sequence[str] = (), at: dt.datetime = CHECKED, subject: str = "prod1"
) -> StoredReport:
    lines = [f"ERROR: {A}: {len(offenders)} of 9 images violate the rule", *(f"ERROR: {A}: {one}" for one in offenders)]
    return stored({A: "FAIL"}, subject, at, lines=[*lines, *more])


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("PASS", "FAIL", Change.NEWLY_FAILING),
        ("ABORT", "FAIL", Change.NEWLY_FAILING),
        ("", "FAIL", Change.NEWLY_FAILING),
        ("FAIL", "FAIL", Change.STILL_FAILING),
        ("FAIL", "PASS", Change.FIXED),
        ("ABORT", "PASS", Change.NEWLY_PASSING),
        ("PASS", "", Change.NEWLY_MISSING),
        ("FAIL", "", Change.NEWLY_MISSING),
        ("PASS", "ABORT", Change.NEWLY_UNDECIDED),
        ("PASS", "PASS", None),
        ("ABORT", "ABORT", None),
    ],
)
def test_changes(before: str, after: str, change: Change | None) -> None:
    old = stored({B: "PASS", **({A: before} if before else {})})
    new = stored({B: "PASS", **({A: after} if after else {})}, checked_at=LATER)
    found = difference([old], [new])
    assert [one.change for one in of(found).values()] == ([change] if change else [])
    assert found.worse is (change is Change.NEWLY_FAILING)


def test_offenders_are_the_same_although_counts_values_and_hints_changed() -> None:
    old = failing(
        "image one (id1): min_ram: expected more than 0 MiB, found 0", "image two: min_ram: expected 1, found 2"
    )
    new = failing(
        "image one (id1): min_ram: expected more than 5 MiB, found 'x: expected y'",
        "mend: openstack image set --min-ram 5 id1",
        "3 pods of node n1 have no label",
        "image three: min_ram: expected 1, found 2",
        at=LATER,
    )
    one = of(difference([old], [new]))[A]
    assert one.change is Change.STILL_FAILING
    assert one.still == ("image one (id1): min_ram: expected more than 5 MiB, found 'x: expected y'",)
    assert one.gone == ("image two: min_ram: expected 1, found 2",)
    assert one.new == ("3 pods of node n1 have no label", "image three: min_ram: expected 1, found 2")
    assert difference([old], [new]).worse
    later = failing("7 pods of node n1 have no label", at=LATER)
    assert of(difference([failing("3 pods of node n1 have no label")], [later]))[A].new == ()
    other = failing("3 pods of node n2 have no label", at=LATER)
    assert of(difference([failing("3 pods of node n1 have no label")], [other]))[A].new != ()


def test_what_fails_still_and_has_fewer_offenders_is_no_worse() -> None:
    assert not difference([failing("a: expected 1, found 2", "b")], [failing("a: expected 1, found 3", at=LATER)]).worse


def test_cut_lists_cannot_tell_what_is_new() -> None:
    old = failing("a", more=[f"ERROR: {A}: ... and 431 more"])
    found = difference([old], [failing("b", at=LATER)])
    assert of(found)[A].left_out == 431
    assert not found.worse
    assert any("at least 431 more" in line for line in diff.lines(found))


def test_on_each_side_the_newest_counts_whatever_the_order() -> None:
    old = [failing("a"), stored({A: "PASS"}, checked_at=LATER)]
    new = [stored({A: "FAIL"}, checked_at=LATER), stored({A: "PASS"}, checked_at=LATER + dt.timedelta(days=1))]
    assert difference(old, new) == difference(old[::-1], new[::-1])
    assert of(difference(old, new)) == {}


def test_subjects_of_one_side_are_named_and_a_new_one_that_fails_is_worse() -> None:
    found = difference([failing("a", subject="gone")], [failing("a", subject="new")])
    assert found.only_before == (("gone", "SCS-compatible IaaS"),)
    assert found.only_after == (("new", "SCS-compatible IaaS"),)
    assert found.worse


def test_lines_of_other_tools_belong_to_the_only_testcase_or_to_none() -> None:
    alone = stored({A: "FAIL"}, lines=["ERROR: image x: bad", "DEBUG: y", "no level", "ERROR: another-check: z"])
    assert told_by(alone.document)[A].lines == ("image x: bad", "another-check: z")
    both = stored({A: "FAIL", B: "FAIL"}, lines=["ERROR: image x: bad", f"ERROR: {B}: image y"])
    assert told_by(both.document)[A].lines == ()
    assert told_by(both.document)[B].lines == ("image y",)


def test_the_json_is_as_its_schema_says_and_lines_are_plain() -> None:
    found = difference([failing("a")], [failing("\x1b[2J<script>\n+ b", at=LATER), stored({A: "PASS"}, "x\ny")])
    jsonschema.Draft202012Validator(diff.schema()).validate(json.loads(diff.render_json(found)))
    assert all(line.isprintable() for line in diff.lines(found))
