# SPDX-License-Identifier: Apache-2.0
"""Declarations that a certificate needs beside its scope: where they are asked for, and what is said of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_scs.attestations.file import load_attestations
from pytest_scs.attestations.judging import declared
from pytest_scs.base.errors import InputError
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import ChosenVersion, bundled_scopes
from pytest_scs.standards.declarations import DECLARATIONS, declaration_for, state_of, wanted_for
from pytest_scs.standards.manual_check_data import known_checks
from pytest_scs.standards.manual_checks import Attestation, Evidence

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
SCOPES = {name: load_scope(path) for name, path in bundled_scopes().items()}
[DECLARATION] = DECLARATIONS
KAAS = ChosenVersion(SCOPES["kaas"], "v1", "effective", decisive=True)
IAAS = ChosenVersion(SCOPES["iaas"], "v5.1", "effective", decisive=True)
[WANTED] = wanted_for(SCOPES["kaas"], ["v1"])
IAAS_MANUAL = ["availability-zones-check", "domain-manager-check", "key-manager-docs-check"]
ANSWERED = "answered 2026-11-20, counts until 2027-03-31"


def answers(testcase: str = DECLARATION.testcase, **changed: object) -> dict[str, Any]:
    """Answers that conform, but for those given."""
    given = {"text": "words", "number": 3}
    questions = {
        question.key: {"answer": given.get(question.wants, question.wants), "text": "so it is"}
        for question in known_checks()[testcase].questions
    }
    for key, answer in changed.items():
        questions[key.replace("_", "-")]["answer"] = answer
    return {
        "answered_by": "Jane Doe",
        "role": "Head of operations",
        "answered_at": dt.date(2026, 11, 20),
        "evidence": ["Operations manual, chapter 3"],
        "questions": questions,
    }


def write(folder: Path, entry: dict[str, Any], testcase: str = DECLARATION.testcase) -> Path:
    path = folder / "answers.yaml"
    path.write_text(yaml.safe_dump({"subject": "noris-1.36", "answers": {testcase: entry}}))
    return path


def said(folder: Path, entry: dict[str, Any], now: dt.datetime = NOW) -> str:
    """What is said of a declaration with these answers."""
    file = load_attestations(write(folder, entry), SCOPES.values(), now)
    found = declared([KAAS], "noris-1.36", file, now)
    return found[DECLARATION.testcase]


def test_what_is_declared_is_bundled() -> None:
    for one in DECLARATIONS:
        assert declaration_for(one.instead_of) is one
        [official] = [scope for scope in SCOPES.values() if scope.uuid == one.scope]
        assert [wanted.testcase.id for wanted in wanted_for(official, official.versions)] == [one.testcase]
        assert one.instead_of in official.testcases.keys() - official.included
        assert SCOPES[one.asked_in].testcases[one.testcase].manual
    assert declaration_for("availability-zones-check") is None


def test_the_manual_checks_of_a_version_are_needed_too_each_once() -> None:
    unanswered = "not answered: scs attest --scs-scope=iaas-v5.1"
    assert declared([IAAS], "mycloud", None, NOW) == dict.fromkeys(IAAS_MANUAL, unanswered)
    wanted = list(wanted_for(SCOPES["iaas"], ["v5.1", "next"]))
    assert [(one.testcase.id, one.asked_in) for one in wanted] == [(one, "iaas-v5.1") for one in IAAS_MANUAL]
    assert list(wanted_for(SCOPES["iaas"], ["v4"])) == []


def test_where_there_is_no_certificate_nothing_is_needed() -> None:
    draft = ChosenVersion(SCOPES["iaas"], "next", "draft", decisive=True)
    beyond = ChosenVersion(SCOPES["beyond"], "v1", "effective", decisive=True)
    assert declared([draft, beyond], "mycloud", None, NOW) == {}


def test_a_declaration_is_asked_for_until_it_is_given(tmp_path: Path) -> None:
    """DEV-0214-1."""
    unanswered = "not answered: scs attest --scs-scope=beyond-kaas"
    assert declared([KAAS], "noris-1.36", None, NOW) == {DECLARATION.testcase: unanswered}
    assert said(tmp_path, answers()) == ANSWERED
    file = load_attestations(write(tmp_path, answers()), SCOPES.values(), NOW)
    assert declared([KAAS], "another", file, NOW) == {DECLARATION.testcase: unanswered}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ANSWERED),
        ({"physical_machines": 2}, ANSWERED),
        ({"physical_machines": "12"}, ANSWERED),
        ({"control_plane_zones": "no"}, ANSWERED),
        ({"physical_machines": 1}, "answered 2026-11-20, does not conform: question physical-machines"),
        ({"physical_machines": 0}, "answered 2026-11-20, does not conform: question physical-machines"),
        ({"all_clusters": False}, "answered 2026-11-20, does not conform: question all-clusters"),
        ({"how_separated": ""}, "answered 2026-11-20, incomplete: no answer to how-separated"),
        ({"physical_machines": ""}, "answered 2026-11-20, incomplete: no answer to physical-machines"),
    ],
)
def test_what_is_answered_decides_what_is_said(tmp_path: Path, change: dict[str, object], words: str) -> None:
    assert said(tmp_path, answers(**change)) == words


def test_evidence_is_required(tmp_path: Path) -> None:
    words = said(tmp_path, answers() | {"evidence": []})
    assert words.startswith("answered 2026-11-20, incomplete: ")
    assert "physical-machines: no evidence" in words


def test_evidence_that_has_changed_leaves_it_open(tmp_path: Path) -> None:
    (tmp_path / "plan.pdf").write_text("another plan")
    entry = answers() | {"evidence": [{"file": "plan.pdf", "sha256": "0" * 64}]}
    assert said(tmp_path, entry) == "answered 2026-11-20, cannot be judged: evidence plan.pdf"


def test_it_is_due_again_after_the_next_quarter(tmp_path: Path) -> None:
    assert said(tmp_path, answers(), dt.datetime(2027, 3, 31, 23, tzinfo=dt.UTC)) == ANSWERED
    words = said(tmp_path, answers(), dt.datetime(2027, 4, 1, tzinfo=dt.UTC))
    assert words == "overdue: answered 2026-11-20, counted until 2027-03-31"


def test_a_date_alone_is_no_answer() -> None:
    empty = Attestation({}, answered_at=dt.date(2026, 11, 20), evidence=(Evidence("document", "a plan"),))
    assert state_of(WANTED, empty, NOW) == "not answered: scs attest --scs-scope=beyond-kaas"
    undated = dataclasses.replace(empty, answered_at=None)
    assert state_of(WANTED, undated, NOW) == "not answered: scs attest --scs-scope=beyond-kaas"


@pytest.mark.parametrize("answer", ["about three", "2-3", -1, 2.5, True, "1234567"])
def test_what_is_no_number_is_refused(tmp_path: Path, answer: object) -> None:
    with pytest.raises(InputError, match=r"on how many different physical machines.*allowed: a whole number such as 3"):
        said(tmp_path, answers(physical_machines=answer))


def test_the_testcase_that_no_version_contains_takes_no_answers(tmp_path: Path) -> None:
    path = write(tmp_path, {"questions": {"conforms": {"answer": "yes"}}}, "node-distribution-check")
    with pytest.raises(InputError) as caught:
        load_attestations(path, SCOPES.values(), NOW)
    assert str(caught.value).endswith(
        "no version of a scope contains node-distribution-check; answer scs-0214-x-node-distribution-declaration of "
        "beyond-kaas instead"
    )


def test_a_scope_of_ones_own_may_contain_it(tmp_path: Path) -> None:
    text = bundled_scopes()["kaas"].read_text("utf-8")
    own = tmp_path / "own.yaml"
    own.write_text(text.replace("- scs-0214-v2\n", "- scs-0214-v2\n      - scs-0214-v2-manual\n"))
    scope = load_scope(own)
    assert "node-distribution-check" in scope.included
    path = write(tmp_path, {"questions": {"conforms": {"answer": "yes"}}}, "node-distribution-check")
    file = load_attestations(path, [*SCOPES.values(), scope], NOW)
    assert file.subjects["noris-1.36"]["node-distribution-check"].answers["conforms"].answer == "yes"
