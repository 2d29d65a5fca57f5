# SPDX-License-Identifier: Apache-2.0
"""Manual checks in whole runs: the verdict that answers give, or the want of them, and where it is shown."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_scs.attestations.judging import UNANSWERED
from pytest_scs.base.paths import SCOPES
from pytest_scs.cli import main as scs
from pytest_scs.core.scope_file import load_scope
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.standards.manual_check_data import known_checks

KEYS = "key-manager-docs-check"
ZONES = "availability-zones-check"
DOMAINS = "domain-manager-check"
OFFICIAL = (KEYS, ZONES, DOMAINS)
BEYOND = (
    "scs-0100-x-manual-cpu",
    "scs-0100-x-manual-mem",
    "scs-0101-x-manual-cpu",
    "scs-0102-x-manual-patches",
    "scs-0110-x-manual-disks",
    "scs-0117-x-manual-target",
    "scs-0123-x-manual-s3",
    "scs-0124-x-manual-patching",
    "scs-0125-x-manual-internal",
    "scs-0127-x-manual-dns",
)
ALL = (*OFFICIAL, *BEYOND)

#: Answered at least a day before the demo cloud is read, and still counting then.
ANSWERED = dt.date(2026, 6, 1)
SELECTED = ("--scs-scope=beyond-v1", "-m", "manual", "--scs-attestations=answers.yaml")

Write = Callable[..., Path]
Answers = dict[str, Any]


class _Dumper(yaml.SafeDumper):
    """Writes a value out wherever it occurs."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def as_yaml(document: Any) -> str:
    return str(yaml.dump(document, Dumper=_Dumper))


@pytest.fixture
def zoned(state: CloudState) -> CloudState:
    """A cloud in which every manual check needs an answer."""
    state.compute_zones = {"a": True, "b": True}
    return state


def conforming(testcase: str) -> Answers:
    questions = {
        question.key: {
            "answer": {"text": "words", "either": "yes"}.get(question.wants, question.wants),
            "text": "as it should be",
            "evidence": ["a document of its own"],
        }
        for question in known_checks()[testcase].questions
    }
    return {
        "answered_by": "Jane Doe",
        "role": "Head of operations",
        "answered_at": ANSWERED,
        "evidence": ["https://example.org/manual"],
        "questions": questions,
    }


@pytest.fixture
def write(pytester: pytest.Pytester) -> Write:
    """Write conforming answers to all manual checks, but for what is given; None leaves a testcase out."""

    def run(subject: str = "testcloud", name: str = "answers.yaml", **changes: Any) -> Path:
        changed = {key.replace("_", "-"): value for key, value in changes.items()}
        answers = {testcase: conforming(testcase) for testcase in ALL} | changed
        kept = {testcase: entry for testcase, entry in answers.items() if entry is not None}
        path = pytester.path / name
        path.write_text(as_yaml({"subject": subject, "answers": kept}))
        return path

    return run


def changed(testcase: str, **entries: Any) -> Answers:
    """Conforming answers with other entries, or, for a name of a question, another answer to it."""
    answers = conforming(testcase)
    for name, value in entries.items():
        if name in answers:
            answers[name] = value
        else:
            answers["questions"][name.replace("_", "-")]["answer"] = value
    return answers


def test_conforming_answers_pass(judge: Any, zoned: CloudState, write: Write) -> None:
    write()
    run = judge(zoned, *SELECTED)
    assert run.verdicts == dict.fromkeys(ALL, "PASS")
    assert run.ret == 0
    assert run.differing == {}
    for testcase in ALL:
        assert run.remarks(testcase)[0] == (
            "answered by Jane Doe (Head of operations) on 2026-06-01; "
            "evidence: https://example.org/manual, a document of its own"
        )


def test_answers_are_an_invocation_of_their_own_that_names_nobody(
    judge: Any, zoned: CloudState, write: Write, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    write(domain_manager_check=None, key_manager_docs_check=changed(KEYS, master_key_in_plain_text="yes"))
    run = judge(zoned, *SELECTED[1:], "-k", "check", scope="iaas-v5.1")
    [document] = [one for one in run.run.documents if one["run"]["invocations"]]
    [invocation] = document["run"]["invocations"].values()
    assert invocation["cmd"] == "self-assessment of 2026-06-01, counts until 2026-09-30"
    assert invocation["rc"] == 0
    assert invocation["results"] == {KEYS: 1, ZONES: 1}
    assert invocation["stdout"] == [f"{KEYS}: PASS", f"{ZONES}: PASS"]
    assert invocation["stderr"] == []
    text = (pytester.path / "report.yaml").read_text()
    assert "Jane" not in text
    assert "example.org" not in text
    assert "plain text" not in text
    capsys.readouterr()
    # It is of a day long ago; nothing else is wrong with it.
    assert scs(["report", "validate", str(pytester.path / "report.yaml")]) == 1
    said = "".join(capsys.readouterr())
    assert "stored, and counts nowhere" in said
    assert said.count("ERROR") == 1


def test_wrong_answers_fail_and_name_the_question(judge: Any, zoned: CloudState, write: Write) -> None:
    write(
        key_manager_docs_check=changed(KEYS, encrypted=False),
        availability_zones_check=changed(ZONES, power="no", cooling="no"),
        domain_manager_check=changed(DOMAINS, admin_absent="no", since_2024_2="no", supplement_policy="no"),
        scs_0123_x_manual_s3=changed("scs-0123-x-manual-s3", described="no"),
    )
    run = judge(zoned, *SELECTED)
    assert run.failed == {*OFFICIAL, "scs-0123-x-manual-s3"}
    # None of them is in main.
    assert run.ret == 0
    [found] = run.violations(KEYS)
    assert (found.resource, found.rule) == ("question encrypted", "Are all stored keys encrypted?")
    assert (found.expected, found.found) == ("'yes'", "'no'")
    assert found.hint.startswith("choose a backend that encrypts")
    assert [entry.resource for entry in run.violations(ZONES)] == ["question power"]
    assert "question cooling: Has each availability zone redundant cooling? It should be yes, and is no" in (
        run.remarks(ZONES)
    )
    assert [entry.resource for entry in run.violations(DOMAINS)] == [
        "question admin-absent",
        "question supplement-policy",
    ]
    for document in run.run.documents:
        assert [entry["rc"] for entry in document["run"]["invocations"].values()] == [1]


def test_every_check_of_the_texts_can_fail(judge: Any, state: CloudState, write: Write) -> None:
    # Everything that may be so or not is not, so that what follows from it is asked, and is not so either.
    negative = {testcase: conforming(testcase) for testcase in BEYOND}
    musts: dict[str, set[str]] = {}
    for testcase, answers in negative.items():
        questions = known_checks()[testcase].questions
        for question in questions:
            if question.wants != "text":
                answers["questions"][question.key]["answer"] = "no"
        wanted = {f"question {one.key}" for one in questions if one.level == "must" and one.wants == "yes"}
        musts[testcase] = wanted - {"question only-recursors"}  # there are none
    write(**negative)
    run = judge(state, *SELECTED[1:], scope="beyond-v1")
    # What a text only recommends does not fail.
    assert run.verdicts == {testcase: "FAIL" if musts[testcase] else "PASS" for testcase in BEYOND}
    assert [testcase for testcase in BEYOND if not musts[testcase]] == ["scs-0117-x-manual-target"]
    for testcase in BEYOND:
        found = run.violations(testcase)
        assert {entry.resource for entry in found} == musts[testcase]
        assert all((entry.expected, entry.found) == ("'yes'", "'no'") and entry.hint for entry in found)
    [remark] = [line for line in run.remarks("scs-0117-x-manual-target") if line.startswith("question")]
    assert remark.endswith("It should be yes, and is no")


def test_without_a_file_nothing_is_decided_but_what_does_not_apply(judge: Any, state: CloudState) -> None:
    state.services[:] = [service for service in state.services if service["type"] != "key-manager"]
    run = judge(state, *SELECTED[:-1], scope="iaas-v5.1")
    assert run.verdicts == {**dict.fromkeys((DOMAINS, *BEYOND), "MISS"), KEYS: "PASS", ZONES: "PASS"}
    assert run.ret == 0
    assert run.remarks(ZONES) == ["not applicable: the only available zone is nova"]
    [remark] = run.remarks(KEYS)
    assert remark.startswith("not applicable: none of ")
    run.run.result.stdout.fnmatch_lines([f"MISS 11 testcases: {UNANSWERED}"])
    # Judged by the cloud, not by a person.
    commands = [one["cmd"] for document in run.run.documents for one in document["run"]["invocations"].values()]
    assert commands == [f"pytest --scs-scope=iaas-v5.1 --scs-target=all -m scs_{number}" for number in ("0116", "0121")]


def test_without_a_file_checks_that_apply_are_missing(judge: Any, zoned: CloudState) -> None:
    run = judge(zoned, *SELECTED[:-1])
    assert run.verdicts == dict.fromkeys(ALL, "MISS")
    run.run.result.stdout.fnmatch_lines([f"MISS 13 testcases: {UNANSWERED}"])


def test_a_zone_that_is_down_is_none(judge: Any, state: CloudState) -> None:
    state.compute_zones = {"a": True, "b": False}
    assert judge(state, *SELECTED[1:-1], "-k", ZONES).verdicts == {ZONES: "PASS"}


def test_answers_that_do_not_count_are_missing_with_the_reason(judge: Any, zoned: CloudState, write: Write) -> None:
    unproven = conforming(ZONES)
    del unproven["questions"]["fire-zones"]["evidence"]
    write(
        key_manager_docs_check=changed(KEYS, answered_at=dt.date(2025, 12, 31)),
        availability_zones_check=unproven,
        domain_manager_check=changed(DOMAINS, role_exists=None),
        scs_0117_x_manual_target=None,
        scs_0100_x_manual_mem=changed("scs-0100-x-manual-mem", answered_by=""),
    )
    run = judge(zoned, *SELECTED)
    reasons = {
        KEYS: "overdue: answered on 2025-12-31, which counted until 2026-03-31",
        ZONES: "fire-zones: no evidence of its own (certificates after ISO 27001 or 9001 do not count here)",
        DOMAINS: "no answer to role-exists",
        "scs-0100-x-manual-mem": "answered_by is empty",
        "scs-0117-x-manual-target": "answers.yaml has no entry for it about testcloud",
    }
    assert {testcase for testcase, verdict in run.verdicts.items() if verdict == "MISS"} == set(reasons)
    for testcase, reason in reasons.items():
        run.run.result.stdout.fnmatch_lines([f"MISS 1 testcase: manual check: {reason}", f"    {testcase}"])


def test_changed_evidence_is_undecided(judge: Any, zoned: CloudState, write: Write, pytester: pytest.Pytester) -> None:
    (pytester.path / "plan.pdf").write_bytes(b"a plan")
    good = {"file": "plan.pdf", "sha256": hashlib.sha256(b"a plan").hexdigest()}
    bad = {"file": "plan.pdf", "sha256": hashlib.sha256(b"another plan").hexdigest()}
    away = {"file": "away.pdf", "sha256": bad["sha256"]}
    write(
        key_manager_docs_check=changed(KEYS, evidence=[good, away]),
        availability_zones_check=changed(ZONES, evidence=[bad]),
        domain_manager_check=changed(DOMAINS, evidence=[bad], role_exists="no"),
    )
    run = judge(zoned, *SELECTED[1:], scope="iaas-v5.1")
    assert run.verdicts == {KEYS: "PASS", ZONES: "ABORT", DOMAINS: "FAIL"}
    assert "evidence away.pdf: is not here, so its SHA-256 was not compared" in run.remarks(KEYS)
    [cause] = run.causes(ZONES)
    assert "evidence plan.pdf: cannot be judged: it has changed since it was named as evidence" in cause


def test_what_decides_whether_a_check_applies_must_be_readable(judge: Any, zoned: CloudState, write: Write) -> None:
    write()
    zoned.faults.append(Fault("GET", "/os-availability-zone", status=503))
    run = judge(zoned, *SELECTED[1:], scope="iaas-v5.1")
    assert run.verdicts == {KEYS: "PASS", ZONES: "ABORT", DOMAINS: "PASS"}
    [cause] = run.causes(ZONES)
    assert "cannot read compute_zones: " in cause


def test_cloud_that_must_not_be_judged_is_not(judge: Any, zoned: CloudState, write: Write) -> None:
    write(scs_0117_x_manual_target=None)
    zoned.roles = ["admin"]
    run = judge(zoned, *SELECTED)
    assert run.verdicts == {**dict.fromkeys(ALL, "ABORT"), "scs-0117-x-manual-target": "MISS"}


def test_workers_give_the_same_verdicts(judge: Any, zoned: CloudState, write: Write) -> None:
    # The clock of the tests stands still in this process only: workers judge as of today.
    today = dt.datetime.now(dt.UTC).date()
    write(
        key_manager_docs_check=changed(KEYS, answered_at=today),
        availability_zones_check=changed(ZONES, answered_at=today, power="no"),
        scs_0123_x_manual_s3=changed("scs-0123-x-manual-s3", answered_at=today),
        **dict.fromkeys([DOMAINS, *BEYOND[:6], *BEYOND[7:]]),
    )
    run = judge(zoned, *SELECTED, "-n", "2")
    verdicts = {KEYS: "PASS", ZONES: "FAIL", "scs-0123-x-manual-s3": "PASS"}
    assert run.verdicts == {**dict.fromkeys(ALL, "MISS"), **verdicts}


def test_answers_about_one_cloud_say_nothing_about_another(
    judge: Any, zoned: CloudState, write: Write, serve: Any
) -> None:
    write()
    serve(zoned, "other")
    run = judge(zoned, *SELECTED[1:], "--os-cloud=other", "-k", KEYS, scope="iaas-v5.1")
    found = {document["subject"]: document for document in run.run.documents}
    assert found["testcloud"]["debug"]["missing"] == []
    assert found["other"]["debug"]["missing"] == [KEYS]
    run.run.result.stdout.fnmatch_lines(["other iaas-v5.1 (*) preview: 1 MISS of 1 chosen; *"])


def test_several_clouds_have_answers_of_their_own(
    judge: Any, zoned: CloudState, write: Write, serve: Any, pytester: pytest.Pytester
) -> None:
    second = write("other", key_manager_docs_check=changed(KEYS, encrypted="no")).read_text()
    first = write().read_text()
    (pytester.path / "answers.yaml").write_text(f"{first}---\n{second}")
    serve(zoned, "other")
    run = judge(zoned, *SELECTED, "--os-cloud=other", "-k", f"{KEYS} or manual-dns")
    results = {
        (document["subject"], testcase): number
        for document in run.run.documents
        for one in document["run"]["invocations"].values()
        for testcase, number in one["results"].items()
    }
    assert results == {
        ("testcloud", KEYS): 1,
        ("testcloud", "scs-0127-x-manual-dns"): 1,
        ("other", KEYS): -1,
        ("other", "scs-0127-x-manual-dns"): 1,
    }


def test_the_subject_counts_not_the_name_of_the_cloud(judge: Any, zoned: CloudState, write: Write) -> None:
    write("public-name")
    run = judge(zoned, *SELECTED[1:], "-k", DOMAINS, "--scs-subject=public-name", scope="iaas-v5.1")
    assert run.verdicts == {DOMAINS: "PASS"}
    result = judge(zoned, *SELECTED[1:], "-k", DOMAINS, scope="iaas-v5.1").run.result
    assert result.ret == 4
    result.stderr.fnmatch_lines(
        ["ERROR: --scs-attestations: *answers.yaml is about public-name, not about testcloud; *"]
    )


def test_recorded_clouds_are_judged_with_answers_as_of_then(
    judge: Any, zoned: CloudState, write: Write, pytester: pytest.Pytester
) -> None:
    path = write()
    first = judge(zoned, *SELECTED[1:], "--scs-record=evidence.json", scope="iaas-v5.1")
    assert "Jane" not in (pytester.path / "evidence.json").read_text()
    args = ("--scs-scope=iaas-v5.1", "--scs-target=all", "--scs-replay=evidence.json", "-p", "no:cacheprovider")
    result = pytester.runpytest_inprocess(
        *args, "-m", "manual", f"--scs-attestations={path}", "--scs-report=again.yaml"
    )
    again = yaml.safe_load((pytester.path / "again.yaml").read_text())
    [invocation] = again["run"]["invocations"].values()
    assert invocation["results"] == dict.fromkeys(OFFICIAL, 1)
    assert result.ret == first.ret == 0
    recorded = json.loads((pytester.path / "evidence.json").read_text())
    assert recorded["clouds"][0]["sections"]["compute_zones"] == [
        {"name": "a", "available": True},
        {"name": "b", "available": True},
    ]


def test_page_and_terminal_say_who_answered(
    judge: Any, zoned: CloudState, write: Write, pytester: pytest.Pytester
) -> None:
    write(domain_manager_check=changed(DOMAINS, answered_by="Jane <b>Doe</b>"))
    judge(zoned, *SELECTED[1:], "-k", DOMAINS, "--html=report.html", "--self-contained-html", scope="iaas-v5.1")
    page = (pytester.path / "report.html").read_text()
    assert "answered by Jane &lt;b&gt;Doe&lt;/b&gt; (Head of operations) on 2026-06-01" in page
    assert "<b>Doe" not in page


def test_manual_checks_of_an_own_scope_file_have_one_question(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    scope = (SCOPES / "beyond.yaml").read_text().replace("scs-0127-x-manual-dns", "our-own-check")
    (pytester.path / "own.yaml").write_text(scope)
    answers = {**conforming("scs-0117-x-manual-target"), "questions": {"conforms": {"answer": True}}}
    path = pytester.path / "answers.yaml"
    for answer, verdict in ((True, "PASS"), (False, "FAIL"), (None, "MISS")):
        answers["questions"] = {"conforms": {"answer": answer}}
        path.write_text(as_yaml({"subject": "testcloud", "answers": {"our-own-check": answers}}))
        run = judge(state, *SELECTED[1:], "-k", "our-own-check", scope="own.yaml@v1")
        assert run.verdicts == {"our-own-check": verdict}
    assert set(load_scope(SCOPES / "beyond.yaml").testcases) >= set(BEYOND)


def test_plan_says_where_answers_come_from(write: Write, pytester: pytest.Pytester) -> None:
    write("demo")
    args = ("--scs-scope=iaas-v5.1", "--scs-scope=beyond", "--scs-target=all", "--os-cloud=demo", "--scs-plan")
    answered = "answered in answers.yaml; answered on *"
    for more, words in ((["--scs-attestations=answers.yaml"], answered), ([], UNANSWERED)):
        result = pytester.runpytest_inprocess("-p", "no:cacheprovider", *args, "-m", "manual", *more)
        result.stdout.fnmatch_lines(
            [
                f"  scs-0100-x-manual-cpu: manual; reads nothing; {words}; beyond-v1 recommended through *",
                f"  {KEYS}: manual; reads catalog; {words}; iaas-v5.1 preview through scs-0116-v1-manual",
                f"  {ZONES}: manual; reads compute_zones; {words}; *",
                f"  {DOMAINS}: manual; reads *; {words}; *",
            ]
        )


def test_broken_file_ends_the_run_with_one_line(write: Write, pytester: pytest.Pytester) -> None:
    path = write(key_manager_docs_check={"questions": {"encripted": {"answer": "yes"}}})
    args = ("--scs-scope=iaas-v5.1", "--os-cloud=demo", f"--scs-attestations={path}", "-p", "no:cacheprovider")
    for more in ([], ["-n", "2"]):
        result = pytester.runpytest_subprocess(*args, *more)
        assert result.ret == 4
        [line] = [line for line in result.stderr.lines if line]
        assert "unknown keyword 'encripted'; did you mean 'encrypted'?" in line
