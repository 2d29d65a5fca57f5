# SPDX-License-Identifier: Apache-2.0
"""What follows from the answers to manual checks, without any file or cloud."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.paths import SCOPES
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Remark, Undecided
from pytest_scs.core.lifetime import PERIODS, expiry
from pytest_scs.core.scope_file import load_scope
from pytest_scs.standards.iaas.availability_zones import are_several, explain_absence
from pytest_scs.standards.iaas.model import ComputeZone
from pytest_scs.standards.manual_check_data import check_for, known_checks
from pytest_scs.standards.manual_checks import (
    Answer,
    Attestation,
    Evidence,
    ManualCheck,
    Question,
    check_answers,
    gaps,
    generic_check,
    judge_answers,
    last_day,
    shortcoming,
    signature,
    validity,
)

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
DOCUMENT = Evidence("document", "Operations manual, chapter 7")
CHECKS = known_checks()
#: Testcases whose ids do not say which standard they are about.
STANDARDS = {
    "key-manager-docs-check": "scs-0116",
    "availability-zones-check": "scs-0121",
    "domain-manager-check": "scs-0302",
}
QUESTIONS = [
    pytest.param(STANDARDS.get(key, key[:8]), check, one, id=f"{key}-{one.key}")
    for key, check in CHECKS.items()
    for one in check.questions
]

CHECK = ManualCheck(
    (
        Question("words", "What is it?", "text"),
        Question("must", "Is it so?", "yes", "scs-0116/answer_must", mend="make it so"),
        Question("should-not", "Is it otherwise?", "no", level="should"),
        Question("branch", "Is it left?", "either"),
        Question("left", "Is left fine?", "yes", only_if=(("branch", "yes"),)),
        Question("told", "Is it told?", "yes", tell="by whom"),
        Question("maybe", "Is it there?", "yes", not_applicable="there is none"),
        Question("own", "Is it proven?", "yes", own_evidence=True),
    )
)
GOOD = {
    "words": Answer("this"),
    "must": Answer("yes"),
    "should-not": Answer("no"),
    "branch": Answer("no"),
    "told": Answer("yes", "by all"),
    "maybe": Answer("yes"),
    "own": Answer("yes", evidence=(Evidence("url", "https://example.org/plan"),)),
}


def attested(evidence: tuple[Evidence, ...] = (DOCUMENT,), **changes: Any) -> Attestation:
    """Good answers of today with some changed; an answer of None is left out."""
    answers = {**GOOD, **{key.replace("_", "-"): value for key, value in changes.items()}}
    given_answers = {key: value for key, value in answers.items() if value is not None}
    return Attestation(given_answers, "Jane Doe", "Head of operations", NOW.date(), evidence)


def test_answers_that_conform_with_evidence_leave_nothing_to_say() -> None:
    assert judge_answers(CHECK, attested(), "quarter", NOW) == ("", [])


def test_wrong_answer_to_a_must_is_a_violation_that_says_what_is_asked() -> None:
    reason, [found] = judge_answers(CHECK, attested(must=Answer("no")), "quarter", NOW)
    assert reason == ""
    assert found == Finding(
        "question must", "scs-0116/answer_must", "'yes'", "'no'", hint="make it so", title="Is it so?"
    )
    assert str(found) == "question must: Is it so?: expected 'yes', found 'no'"


def test_violation_without_advice_has_a_general_hint() -> None:
    [found] = judge_answers(CHECK, attested(told=Answer("no")), "quarter", NOW)[1]
    assert isinstance(found, Finding)
    assert found.hint == "mend the cloud, then answer the question again"


def test_wrong_answer_to_a_should_is_a_remark_that_is_not_published() -> None:
    reason, [found] = judge_answers(CHECK, attested(should_not=Answer("yes")), "quarter", NOW)
    assert reason == ""
    assert isinstance(found, Remark)
    assert str(found) == "question should-not: Is it otherwise? It should be no, and is yes"
    assert not found.public


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_either_answer_to_a_branch_is_fine_but_it_decides_what_else_is_asked(answer: str) -> None:
    attestation = attested(branch=Answer(answer))
    asked = [question.key for question in attestation.asked(CHECK)]
    assert ("left" in asked) == (answer == "yes")
    assert gaps(CHECK, attestation) == (["no answer to left"] if answer == "yes" else [])


def test_wrong_answer_to_a_question_that_is_not_asked_does_not_count() -> None:
    assert judge_answers(CHECK, attested(left=Answer("no")), "quarter", NOW) == ("", [])
    assert judge_answers(CHECK, attested(branch=Answer("yes"), left=Answer("no")), "quarter", NOW)[1] != []


def test_not_applicable_needs_a_reason_and_no_evidence() -> None:
    reason, [found] = judge_answers(CHECK, attested(maybe=Answer("not applicable", "we have none")), "quarter", NOW)
    assert (reason, str(found)) == ("", "question maybe: not applicable: we have none")
    reason, found = judge_answers(CHECK, attested(maybe=Answer("not applicable")), "quarter", NOW)  # type: ignore[assignment]
    assert (reason, found) == ("maybe: text has to say why it is not applicable", [])


def test_what_is_missing_is_named_all_at_once() -> None:
    reason, observations = judge_answers(
        CHECK, attested((), must=None, told=Answer("yes"), maybe=None, own=Answer("yes")), "quarter", NOW
    )
    assert observations == []
    assert reason == (
        "no answer to must, maybe; should-not: no evidence; branch: no evidence; "
        "told: text has to say by whom; told: no evidence; "
        "own: no evidence of its own (certificates after ISO 27001 or 9001 do not count here)"
    )


def test_evidence_at_the_answer_is_enough() -> None:
    answers = {key: dataclasses.replace(answer, evidence=(DOCUMENT,)) for key, answer in GOOD.items()}
    attestation = dataclasses.replace(attested(()), answers=answers)
    assert gaps(CHECK, attestation) == []
    assert attestation.all_evidence == (DOCUMENT,)


def test_evidence_for_all_is_not_evidence_of_its_own() -> None:
    [gap] = gaps(CHECK, attested(own=Answer("yes")))
    assert gap.startswith("own: no evidence of its own")


@pytest.mark.parametrize(
    ("piece", "counts"),
    [
        (Evidence("document", "ISO 27001 certificate"), False),
        (Evidence("document", "Zertifikat nach DIN ISO/IEC 27001:2022"), False),
        (Evidence("file", "documents/iso_9001.pdf", "0" * 64), False),
        (Evidence("url", "https://example.org/ISO-IEC-27001/"), False),
        (Evidence("file", "iso-27001/construction-plan.pdf", "0" * 64), True),
        (Evidence("document", "Construction plan 27001"), True),
        (Evidence("document", "Miso 27001"), True),
    ],
)
def test_certificates_prove_redundancy_but_no_fire_zones(piece: Evidence, counts: bool) -> None:
    assert (gaps(CHECK, attested(own=Answer("yes", evidence=(piece,)))) == []) == counts
    assert gaps(CHECK, attested((piece,))) == []


def test_violation_stays_one_whatever_is_missing() -> None:
    reason, observations = judge_answers(CHECK, attested(must=Answer("no"), told=None), "quarter", NOW)
    assert reason == ""
    assert [type(entry) for entry in observations] == [Finding, Remark]
    assert str(observations[1]) == "no answer to told"


def test_changed_evidence_leaves_the_answers_undecided() -> None:
    changed = Evidence("file", "plan.pdf", "0" * 64, problem="it has changed")
    [found] = check_answers(CHECK, attested((changed,)))
    assert found == Undecided("evidence plan.pdf", "it has changed", kind=CauseKind.NOT_ANSWERED)


def test_evidence_that_is_not_here_is_a_remark() -> None:
    absent = Evidence("file", "plan.pdf", "0" * 64, seen=False)
    [found] = check_answers(CHECK, attested((absent,)))
    assert str(found) == "evidence plan.pdf: is not here, so its SHA-256 was not compared"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"answers": {}}, "not answered yet"),
        ({"answers": {"must": Answer("", "only words")}}, "not answered yet"),
        ({"answered_by": ""}, "answered_by is empty"),
        ({"answered_by": "", "role": "", "answered_at": None}, "answered_by and role and answered_at are empty"),
        ({"answered_at": None}, "answered_at is empty"),
        (
            {"answered_at": dt.date(2026, 6, 30)},
            "overdue: answered on 2026-06-30, which counted until 2026-09-30",
        ),
        ({"answered_at": dt.date(2026, 7, 1)}, ""),
        ({}, ""),
    ],
)
def test_answers_count_only_with_a_signature_and_in_time(changes: dict[str, Any], reason: str) -> None:
    attestation = dataclasses.replace(attested(), **changes)
    assert shortcoming(CHECK, attestation, "quarter", NOW) == reason
    assert judge_answers(CHECK, attestation, "quarter", NOW) == (reason, [])


def test_an_overdue_violation_does_not_count_either() -> None:
    old = dataclasses.replace(attested(must=Answer("no")), answered_at=dt.date(2026, 3, 1))
    assert judge_answers(CHECK, old, "quarter", NOW)[0].startswith("overdue: ")


def test_answers_count_to_the_last_moment_of_their_last_day() -> None:
    attestation = dataclasses.replace(attested(), answered_at=dt.date(2026, 6, 30))
    midnight = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
    assert shortcoming(CHECK, attestation, "quarter", midnight - dt.timedelta(seconds=1)) == ""
    assert shortcoming(CHECK, attestation, "quarter", midnight).startswith("overdue: ")


def test_without_a_lifetime_answers_count_for_a_quarter() -> None:
    assert last_day(dt.date(2026, 11, 20), None) == dt.date(2027, 3, 31)
    assert validity(attested(), None) == "answered on 2026-11-21, counts until 2027-03-31"
    assert validity(Attestation({}), None) == ""


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.sampled_from(PERIODS))
def test_the_last_day_is_the_one_before_the_expiry(day: dt.date, period: str) -> None:
    until = last_day(day, period)
    assert until + dt.timedelta(days=1) == expiry(dt.datetime.combine(day, dt.time(23, 59)), period)
    assert until > day


def test_signature_says_who_when_and_with_what() -> None:
    assert signature(dataclasses.replace(attested(), remarks="as last time")) == (
        "answered by Jane Doe (Head of operations) on 2026-11-21; evidence: Operations manual, chapter 7, "
        "https://example.org/plan; as last time"
    )


def test_unknown_testcase_gets_one_question() -> None:
    check = check_for("my-own-check", "All is well.")
    assert check == generic_check("my-own-check", "All is well.")
    [question] = check.questions
    assert question.rule == "my-own-check/answer_conforms"
    assert (question.ask, question.wants, question.level) == ("Is it so? All is well.", "yes", "must")
    assert question.answers == ("yes", "no")


def test_every_manual_testcase_that_comes_along_has_questions_of_its_own() -> None:
    scopes = [load_scope(path) for path in SCOPES.glob("*.yaml")]
    manual = {entry.id for scope in scopes for entry in scope.testcases.values() if entry.manual}
    # This one is in no version, so that nobody is asked.
    assert manual - set(CHECKS) == {"node-distribution-check"}
    assert len(CHECKS) == 17


def test_unknown_testcase_of_a_standard_has_the_rule_of_the_standard() -> None:
    [question] = check_for("scs-0999-x-manual-own", "").questions
    assert question.rule == "scs-0999/answer_conforms"


@pytest.mark.parametrize(("standard", "check", "question"), QUESTIONS)
def test_every_question_is_well_formed(standard: str, check: ManualCheck, question: Question) -> None:
    assert question.ask.endswith("?")
    assert question.wants in ("yes", "no", "either", "text", "number")
    assert bool(question.least) is (question.wants == "number")
    assert question.level in ("must", "should")
    before = {one.key: one for one in check.questions[: check.questions.index(question)]}
    for key, answer in question.only_if:
        # Asked in any case: a question that hangs on one that is not asked would be asked by a forgotten answer.
        assert not before[key].only_if
        assert answer in before[key].answers
    can_fail = question.level == "must" and question.wants in ("yes", "no", "number")
    assert bool(question.mend) or not can_fail
    assert question.rule == (f"{standard}/answer_{question.key.replace('-', '_')}" if can_fail else "")


def test_the_musts_of_the_specification_are_musts() -> None:
    def demanded(testcase: str) -> dict[str, str]:
        return {one.key: one.wants for one in CHECKS[testcase].questions if one.level == "must" and one.mend}

    assert demanded("key-manager-docs-check") == {
        "encrypted": "yes",
        "master-key-elsewhere": "yes",
        "documented": "yes",
        "member-is-creator": "yes",
    }
    zones = demanded("availability-zones-check")
    assert list(zones) == ["fire-zones", "one-zone-per-fire-zone", "power", "external-connection", "core-routers"]
    own = [one.key for one in CHECKS["availability-zones-check"].questions if one.own_evidence]
    assert own == ["fire-zones", "one-zone-per-fire-zone"]
    assert {"admin-absent", "role-exists", "automated-run"} <= demanded("domain-manager-check").keys()


@pytest.mark.parametrize(
    ("zones", "several", "words"),
    [
        ([], False, "no zone is available"),
        ([ComputeZone("a", True)], False, "the only available zone is a"),
        ([ComputeZone("a", False), ComputeZone("b", True)], False, "the only available zone is b"),
        ([ComputeZone("a", True), ComputeZone("b", True)], True, ""),
    ],
)
def test_zones_are_to_be_documented_from_two_available_ones_on(
    zones: list[ComputeZone], several: bool, words: str
) -> None:
    assert are_several(zones) == several
    if not several:
        assert [str(entry) for entry in explain_absence(zones)] == [f"not applicable: {words}"]


def test_the_backup_of_etcd_is_asked_for_and_a_no_is_a_violation() -> None:
    """Once a week is a MUST of scs-0215 that no cluster shows."""
    check, question = next(
        (check, one) for check in CHECKS.values() for one in check.questions if one.key == "etcd-backup"
    )
    assert (question.wants, question.rule) == ("yes", "scs-0215/answer_etcd_backup")
    assert "once a week" in question.ask
    assert any(one.key == "etcd-compaction" for one in check.questions)
