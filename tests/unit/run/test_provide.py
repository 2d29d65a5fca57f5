# SPDX-License-Identifier: Apache-2.0
"""What the fixtures of testcases are, and manual testcases with a test function and without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from toy_platform import Lid

from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.core.collector import NonConformance
from pytest_scs.core.judge import Judge
from pytest_scs.core.subject import ReportNames, Subject
from pytest_scs.run.item_keys import collector_key, skip_kind_key
from pytest_scs.run.manual import judge_attestation, run_manual
from pytest_scs.run.provide import ABOUT_TESTCASE, OWN_FIXTURES, fixture_for
from pytest_scs.run.session import Session

CLOSED, ASKED = "scs-9902-x-closed", "scs-9903-x-asked"
CRATE, TRUNK = Subject("boxes", "crate"), Subject("boxes", "trunk")
REFUSED = Cause("admin role", CauseKind.PERMISSION)

MakeItem = Callable[..., pytest.Item]
Begun = Callable[..., Session]


@pytest.fixture
def begun(make_run_of_boxes: Begun, begin: Begun) -> Begun:
    """A run of boxes of which all lids were read."""

    def make(*names: str, **changes: object) -> Session:
        return begin(make_run_of_boxes(*names, **changes), [CLOSED, ASKED], {CLOSED: ["lids", "weight"]})

    return make


def skipped(run: Callable[[], object]) -> str:
    with pytest.raises(pytest.skip.Exception) as caught:
        run()
    return str(caught.value)


def judged(run: Callable[[], object]) -> None:
    """Not skipped: that would skip the test as well."""
    try:
        run()
    except pytest.skip.Exception as reason:
        pytest.fail(f"skipped: {reason}")


def test_an_item_has_one_collector_for_the_judge_of_the_run(begun: Begun, make_item: MakeItem) -> None:
    item = make_item(CLOSED, active=begun(judge=Judge.TEXT))
    collector = fixture_for(item, "scs")
    assert fixture_for(item, "scs") is collector
    assert item.stash[collector_key] is collector
    assert collector.modules == {"scs-9902-v1"}


def test_two_items_have_two_collectors(begun: Begun, make_item: MakeItem) -> None:
    active = begun()
    first, second = (fixture_for(make_item(one, active=active), "scs") for one in (CLOSED, ASKED))
    assert first is not second
    assert second.modules == {"scs-9903-v1"}


def test_a_subject_that_must_not_be_judged_gets_no_collector(begun: Begun, make_item: MakeItem) -> None:
    active = begun()
    active.inventory(CRATE).refusal = REFUSED
    item = make_item(CLOSED, active=active)
    for name in ("scs", "attestation", "lids"):
        with pytest.raises(Inconclusive, match="admin role"):
            fixture_for(item, name)
    assert collector_key not in item.stash


def test_data_is_that_of_the_subject_of_the_item(begun: Begun, make_item: MakeItem) -> None:
    active = begun("crate", "trunk")
    active.inventory(TRUNK).sections["lids"] = [{"name": "other"}]
    item = make_item(CLOSED, active=active, subject=TRUNK)
    assert fixture_for(item, "lids") == [Lid("other")]
    assert fixture_for(item, "lid_count") == 1
    assert fixture_for(item, "subject") == TRUNK
    assert fixture_for(item, "inventory") is active.inventory(TRUNK)
    assert fixture_for(make_item(CLOSED, active=active), "lids") == [Lid("top")]


def test_now_is_when_the_evidence_was_read(begun: Begun, make_item: MakeItem) -> None:
    now = fixture_for(make_item(CLOSED, active=begun()), "now")
    assert now == dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
    assert now.utcoffset() == dt.timedelta(0)


def test_a_name_that_is_no_fixture_is_an_error(begun: Begun, make_item: MakeItem) -> None:
    with pytest.raises(LookupError):
        fixture_for(make_item(CLOSED, active=begun()), "tmp_path")


def test_our_own_fixtures_are_these() -> None:
    assert set(OWN_FIXTURES) == {"scs", "attestation", "now", "subject"}
    assert set(ABOUT_TESTCASE) == {"scs", "attestation"}


def test_an_answer_is_a_verdict(begun: Begun, make_item: MakeItem, answers: Path) -> None:
    item = make_item(ASKED, active=begun("crate", attestations=answers))
    judged(fixture_for(item, "attestation"))
    collector = item.stash[collector_key]
    assert collector.evidence == {"answers": 1}
    assert collector.attested
    assert collector.findings == []


@pytest.mark.parametrize("run", [run_manual, lambda item: fixture_for(item, "attestation")()])
def test_without_an_answer_there_is_no_verdict(
    begun: Begun, make_item: MakeItem, run: Callable[[pytest.Item], object]
) -> None:
    item = make_item(ASKED, active=begun())
    assert skipped(lambda: run(item)) == "manual check: answer it with --scs-attestations"
    assert item.stash[skip_kind_key] is CauseKind.NOT_ANSWERED


def test_answers_about_one_box_are_none_about_another(begun: Begun, make_item: MakeItem, answers: Path) -> None:
    active = begun("crate", "trunk", attestations=answers)
    judged(lambda: run_manual(make_item(ASKED, active=active, subject=CRATE)))
    item = make_item(ASKED, active=active, subject=TRUNK)
    assert skipped(lambda: run_manual(item)) == "manual check: answers.yaml has no entry for it about trunk"


def test_answers_are_found_by_the_name_in_the_report(begun: Begun, make_item: MakeItem, answers: Path) -> None:
    active = begun("my-box", attestations=answers, subject=ReportNames("crate"))
    judged(lambda: run_manual(make_item(ASKED, active=active)))


def test_an_answer_gets_old_by_the_time_of_the_evidence(begun: Begun, make_item: MakeItem, answers: Path) -> None:
    active = begun("crate", attestations=answers)
    active.inventory(CRATE).fetched_at = "2029-07-01T00:00:00+00:00"
    assert "2026-06-01" in skipped(lambda: run_manual(make_item(ASKED, active=active)))


def test_a_manual_testcase_without_function_is_judged_by_its_answers(
    begun: Begun, make_item: MakeItem, answers: Path
) -> None:
    item = make_item(ASKED, active=begun("crate", attestations=answers))
    judged(lambda: run_manual(item))
    assert item.stash[collector_key].evidence == {"answers": 1}
    answers.write_text(answers.read_text().replace('"yes"', '"no"'))
    item = make_item(ASKED, active=begun("crate", attestations=answers))
    with pytest.raises(NonConformance):
        judged(lambda: run_manual(item))
    assert len(item.stash[collector_key].findings) == 1


def test_a_manual_testcase_about_a_subject_that_must_not_be_judged_is_abort(
    begun: Begun, make_item: MakeItem, answers: Path
) -> None:
    active = begun("crate", attestations=answers)
    active.inventory(CRATE).refusal = REFUSED
    item = make_item(ASKED, active=active)
    with pytest.raises(Inconclusive, match="admin role"):
        judged(lambda: run_manual(item))
    assert collector_key not in item.stash


def test_an_answer_is_taken_by_the_collector_that_is_given(begun: Begun, make_item: MakeItem, answers: Path) -> None:
    item = make_item(ASKED, active=begun("crate", attestations=answers))
    collector = fixture_for(item, "scs")
    judged(lambda: judge_attestation(item, collector))
    assert collector.evidence == {"answers": 1}
    assert skip_kind_key not in item.stash
