# SPDX-License-Identifier: Apache-2.0
"""Attestation files: what is read, what is refused and how, and what becomes of evidence."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_scs.attestations.file import AttestationFile, inspect, load_attestations
from pytest_scs.attestations.judging import open_attestations
from pytest_scs.attestations.template import template
from pytest_scs.base.errors import InputError
from pytest_scs.base.paths import SCOPES
from pytest_scs.cli import main
from pytest_scs.core.scope import TARGETS
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import select
from pytest_scs.standards.manual_check_data import known_checks
from pytest_scs.standards.manual_checks import Answer, Evidence, Question, judge_answers, validity

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
SCOPE_FILES = [load_scope(path) for path in sorted(SCOPES.glob("*.yaml"))]
DIGEST = hashlib.sha256(b"a plan").hexdigest()

FILE = """\
subject: mycloud
answers:
  domain-manager-check:
    answered_by: Jane Doe
    role: Head of operations
    answered_at: 2026-11-20
    evidence:
    - https://example.org/domains
    - Operations manual, chapter 7
    - file: plan.pdf
      sha256: DIGEST
    remarks: >-
      as
      last time
    questions:
      release:
        answer: 2024.2
      role-exists:
        answer: yes
        text: openstack role show manager
        evidence:
        - a log
""".replace("DIGEST", DIGEST)

Load = Callable[[str], AttestationFile]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def run(text: str) -> AttestationFile:
        path = tmp_path / "answers.yaml"
        path.write_text(text, "utf-8")
        return load_attestations(path, SCOPE_FILES, NOW)

    return run


@pytest.fixture
def refusal(load: Load, tmp_path: Path) -> Callable[[str], str]:
    """The one line a text is refused with, without the folder."""

    def run(text: str) -> str:
        with pytest.raises(InputError) as caught:
            load(text)
        message = str(caught.value)
        assert "\n" not in message
        return message.removeprefix(f"{tmp_path}/")

    return run


def test_everything_is_read(load: Load) -> None:
    file = load(FILE)
    found = file.subjects["mycloud"]["domain-manager-check"]
    assert (found.answered_by, found.role, found.remarks) == ("Jane Doe", "Head of operations", "as last time")
    assert found.answered_at == dt.date(2026, 11, 20)
    assert found.evidence == (
        Evidence("url", "https://example.org/domains"),
        Evidence("document", "Operations manual, chapter 7"),
        Evidence("file", "plan.pdf", DIGEST),
    )
    assert found.answers == {
        "release": Answer("2024.2"),
        "role-exists": Answer("yes", "openstack role show manager", (Evidence("document", "a log"),)),
    }


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("yes", "yes"),
        ("Yes", "yes"),
        ("on", "yes"),
        ("true", "yes"),
        ("no", "no"),
        ("False", "no"),
        ('"yes"', "yes"),
        ("'NO'", "no"),
        ('"true"', "yes"),
        ("not applicable", "not applicable"),
        ("N/A", "not applicable"),
        ("", ""),
        ('""', ""),
        ("null", ""),
    ],
)
def test_answers_may_be_spelled_in_many_ways(load: Load, written: str, read: str) -> None:
    text = "subject: a\nanswers:\n  availability-zones-check:\n    questions:\n      no-cross-attach:\n"
    found = load(f"{text}        answer: {written}\n").subjects["a"]["availability-zones-check"]
    assert found.answers["no-cross-attach"].answer == read


def test_what_is_not_filled_in_is_empty(load: Load) -> None:
    keys = ("answered_by", "role", "answered_at", "evidence", "remarks", "questions")
    empty = "".join(f"    {key}:\n" for key in keys)
    found = load(f"subject: a\nanswers:\n  domain-manager-check:\n{empty}  key-manager-docs-check:\n").subjects["a"]
    assert set(found) == {"domain-manager-check", "key-manager-docs-check"}
    for attestation in found.values():
        assert (attestation.answered_by, attestation.answered_at, attestation.all_evidence) == ("", None, ())
        assert attestation.answers == {}
    assert load("subject: a\nanswers:\n").subjects == {"a": {}}
    blank = load(FILE.replace("release:\n        answer: 2024.2", "release:")).subjects["mycloud"]
    assert blank["domain-manager-check"].answers["release"] == Answer()


def test_several_clouds_have_a_document_each(load: Load) -> None:
    found = load(f"{FILE}---\n{FILE.replace('mycloud', 'other')}").subjects
    assert list(found) == ["mycloud", "other"]
    assert found["mycloud"] == found["other"]


def test_a_quoted_date_is_one_too(load: Load) -> None:
    found = load(FILE.replace("2026-11-20", "'2026-11-20'")).subjects["mycloud"]["domain-manager-check"]
    assert found.answered_at == dt.date(2026, 11, 20)


def test_secrets_in_addresses_are_not_kept(load: Load) -> None:
    text = FILE.replace("https://example.org/domains", "https://jane:secret@example.org:8443/a/b?token=secret#secret")
    [piece, *_] = load(text).subjects["mycloud"]["domain-manager-check"].evidence
    assert piece.name == "https://example.org:8443/a/b"


PLACE = "answers.domain-manager-check"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("subject: mycloud", "subject:", "answers.yaml:1: attestation file: keyword 'subject' is missing"),
        ("subject: mycloud", "subjct: mycloud", "answers.yaml:1: subjct: unknown keyword 'subjct'; did you mean "),
        ("subject: mycloud", "subject: my cloud", "answers.yaml:1: subject: 'my cloud' has characters other than "),
        ("subject: mycloud", "subject: yes", "answers.yaml:1: subject: must be text, found yes; put it in quotes"),
        (
            "domain-manager-check",
            "domain-manger-check",
            "answers.yaml:3: answers.domain-manger-check: no scope has a manual testcase 'domain-manger-check'; "
            "did you mean 'domain-manager-check'?",
        ),
        ("domain-manager-check", "xyz", "answers.yaml:3: answers.xyz: no scope has a manual testcase 'xyz'; known: "),
        (
            "domain-manager-check",
            "scs-0100-syntax-check",
            "answers.yaml:3: answers.scs-0100-syntax-check: scs-0100-syntax-check is judged automatically and takes",
        ),
        ("answered_by", "anwsered_by", f"answers.yaml:4: {PLACE}.anwsered_by: unknown keyword 'anwsered_by'; did you "),
        ("Jane Doe", "[Jane, Doe]", f"answers.yaml:4: {PLACE}.answered_by: must be text, found a list"),
        ("Jane Doe", "no", f"answers.yaml:4: {PLACE}.answered_by: must be text, found no; put it in quotes"),
        (
            "2026-11-20",
            "yesterday",
            f"answers.yaml:6: {PLACE}.answered_at: must be a date YYYY-MM-DD, found 'yesterday'",
        ),
        ("2026-11-20", "2026-11", f"answers.yaml:6: {PLACE}.answered_at: must be a date YYYY-MM-DD, found '2026-11'"),
        ("2026-11-20", "2026-11-31", "answers.yaml:6: not valid YAML: bad value: day is out of range"),
        (
            "2026-11-20",
            "2026-11-20 12:00:00",
            f"answers.yaml:6: {PLACE}.answered_at: must be a date YYYY-MM-DD, found ",
        ),
        ("2026-11-20", "2026-11-23", f"answers.yaml:6: {PLACE}.answered_at: 2026-11-23 is in the future"),
        ("- Operations manual, chapter 7", "- 7: 7", f"answers.yaml:9: {PLACE}.evidence[1].7: unknown keyword 7; "),
        ("- Operations manual, chapter 7", "- [a]", f"answers.yaml:9: {PLACE}.evidence[1]: must be text, found a list"),
        ("- Operations manual, chapter 7", "- ' '", f"answers.yaml:9: {PLACE}.evidence[1]: must be an address, the "),
        (DIGEST, "12ab", f"answers.yaml:11: {PLACE}.evidence[2].sha256: must be 64 hexadecimal digits, found '12ab'; "),
        (f"sha256: {DIGEST}", "", f"answers.yaml:10: {PLACE}.evidence[2]: keyword 'sha256' is missing; sha256sum "),
        ("file: plan.pdf", "file:", f"answers.yaml:10: {PLACE}.evidence[2]: keyword 'file' is missing"),
        ("answer: yes", "answer: perhaps", f"answers.yaml:19: {PLACE}.questions.role-exists.answer: 'perhaps' is no "),
        ("answer: yes", "answer: n/a", "'n/a' is no answer to 'Does the role manager exist?'; allowed: yes, no"),
        ("answer: yes", "answer: 1", f"answers.yaml:19: {PLACE}.questions.role-exists.answer: '1' is no answer to "),
        ("answer: 2024.2", "answer: no", f"answers.yaml:17: {PLACE}.questions.release.answer: must be text, found no"),
        ("role-exists", "role-exist", f"answers.yaml:18: {PLACE}.questions.role-exist: unknown keyword 'role-exist'; "),
        ("text: openstack", "txt: openstack", "unknown keyword 'txt'; did you mean 'text'?"),
        (
            "release:\n        answer: 2024.2",
            "release: 2024.2",
            "answers.yaml:16: " + PLACE + ".questions.release: must ",
        ),
        ("    role: Head", "    answered_by: Head", "answers.yaml:5: not valid YAML: key 'answered_by' occurs twice"),
        (": Jane Doe", ": &a Jane\n    role: *a", "answers.yaml:5: YAML alias *a is not allowed here"),
    ],
)
def test_each_mistake_is_one_line_with_its_place(refusal: Any, old: str, new: str, line: str) -> None:
    assert old in FILE
    assert line in refusal(FILE.replace(old, new, 1))


def test_mistakes_in_the_second_document_have_their_line(refusal: Any) -> None:
    second = FILE.replace("mycloud", "other").replace("answer: yes", "answer: perhaps")
    line = len(FILE.splitlines()) + 1 + 19
    assert refusal(f"{FILE}---\n{second}").startswith(f"answers.yaml:{line}: answers.domain-manager-check.questions.")


def test_two_documents_about_one_cloud_are_refused(refusal: Any) -> None:
    line = len(FILE.splitlines()) + 2
    assert refusal(f"{FILE}---\n{FILE}") == (
        f"answers.yaml:{line}: subject: 'mycloud' has a document already; write its answers into one"
    )


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_file_is_refused(refusal: Any, text: str) -> None:
    assert refusal(text) == "answers.yaml: the attestation file is empty; scs attest writes a template"


@pytest.mark.parametrize(("text", "kind"), [("- a\n", "a list"), ("7\n", "7"), ("---\n---\n", "nothing")])
def test_what_is_no_attestation_file_is_refused(refusal: Any, text: str, kind: str) -> None:
    assert refusal(text).endswith(f"attestation file: must be a mapping, found {kind}")


def test_what_is_found_is_not_shown_at_any_length(refusal: Any) -> None:
    line = refusal("a" * 3_000_000)
    assert re.fullmatch(r"answers.yaml:1: attestation file: must be a mapping, found 'a+ \[cut\] a+'", line)
    assert len(line) < 400
    line = refusal(FILE.replace("answer: yes", f"answer: {'b' * 10_000}"))
    assert len(line) < 600
    assert line.endswith("; allowed: yes, no")


def test_missing_sha256_is_given_where_the_file_is_there(refusal: Any, tmp_path: Path) -> None:
    (tmp_path / "plan.pdf").write_bytes(b"a plan")
    line = refusal(FILE.replace(f"sha256: {DIGEST}", "sha256:"))
    assert line.endswith(f"keyword 'sha256' is missing; it is {DIGEST} now")


def test_missing_sha256_of_a_name_no_file_can_have_is_one_line(refusal: Any) -> None:
    line = refusal(FILE.replace(f"sha256: {DIGEST}", "").replace("plan.pdf", "x" * 300))
    assert line.endswith("keyword 'sha256' is missing; sha256sum prints it")


def test_tomorrow_is_no_future_where_the_day_begins_earlier(load: Load) -> None:
    found = load(FILE.replace("2026-11-20", "2026-11-22")).subjects["mycloud"]["domain-manager-check"]
    assert found.answered_at == dt.date(2026, 11, 22)


def test_evidence_files_are_compared_where_they_are_there(load: Load, tmp_path: Path) -> None:
    file = load(FILE)
    before = file.subjects["mycloud"]["domain-manager-check"]

    def plan() -> Evidence:
        return inspect(file, before).evidence[2]

    assert (plan().seen, plan().problem) == (False, "")
    (tmp_path / "plan.pdf").write_bytes(b"a plan")
    assert plan() == before.evidence[2]
    (tmp_path / "plan.pdf").write_bytes(b"another plan")
    now = hashlib.sha256(b"another plan").hexdigest()
    assert plan().problem == f"it has changed since it was named as evidence: SHA-256 {DIGEST} then, {now} now"
    (tmp_path / "plan.pdf").unlink()
    (tmp_path / "plan.pdf").mkdir()
    assert plan().problem == "it is no file"


def test_evidence_at_an_answer_is_compared_as_well(load: Load, tmp_path: Path) -> None:
    file = load(FILE.replace("- a log", f"- {{file: log, sha256: {DIGEST}}}"))
    (tmp_path / "log").write_bytes(b"another log")
    answers = inspect(file, file.subjects["mycloud"]["domain-manager-check"])
    assert answers.answers["role-exists"].evidence[0].problem.startswith("it has changed")


def test_name_that_no_file_can_have_is_a_problem_of_the_evidence(load: Load) -> None:
    file = load(FILE.replace("file: plan.pdf", f"file: {'x' * 300}"))
    [*_, piece] = inspect(file, file.subjects["mycloud"]["domain-manager-check"]).evidence
    assert "File name too long" in piece.problem


def test_answers_about_other_clouds_only_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(FILE)
    assert open_attestations(path, [], ["mycloud", "other"]).subjects.keys() == {"mycloud"}
    assert open_attestations(path, [], []).subjects.keys() == {"mycloud"}
    with pytest.raises(InputError) as caught:
        open_attestations(path, [], ["mycloud1"])
    assert "is about mycloud, not about mycloud1; did you mean 'mycloud'?; its key 'subject' must be" in str(
        caught.value
    )


def test_testcases_of_own_scope_files_can_be_answered(tmp_path: Path, mini_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("subject: a\nanswers:\n  five-check:\n    questions: {conforms: {answer: yes}}\n")
    file = open_attestations(path, [load_scope(mini_path)], ["a"])
    assert file.subjects["a"]["five-check"].answers == {"conforms": Answer("yes")}
    with pytest.raises(InputError, match="no scope has a manual testcase 'five-check'"):
        open_attestations(path, [], ["a"])


def _refused(path: Path) -> str:
    """Why a file is refused; empty if it is not."""
    try:
        load_attestations(path, SCOPE_FILES, NOW)
    except InputError as error:
        return str(error)
    return ""


_WORDS = st.sampled_from(
    ["subject", "answers", "domain-manager-check", "questions", "answer", "evidence", "file", "yes", "2026-11-20"]
)
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | _WORDS | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS | st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(entry=_ANYTHING, key=st.sampled_from(["subject", "answers", "entry", "questions", "answer", "evidence"]))
def test_whatever_is_in_a_file_it_is_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, entry: Any, key: str
) -> None:
    document = yaml.safe_load(FILE)
    attestation = document["answers"]["domain-manager-check"]
    where, name = {
        "subject": (document, "subject"),
        "answers": (document, "answers"),
        "entry": (document["answers"], "domain-manager-check"),
        "questions": (attestation, "questions"),
        "answer": (attestation["questions"]["role-exists"], "answer"),
        "evidence": (attestation, "evidence"),
    }[key]
    where[name] = entry
    path = tmp_path_factory.mktemp("any") / "answers.yaml"
    path.write_text(yaml.safe_dump(document), "utf-8")
    message = _refused(path)
    assert "\n" not in message
    assert message == "" or message.startswith(str(path))


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_make_the_loader_stumble(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "answers.yaml"
    path.write_bytes(data)
    with pytest.raises(InputError):
        load_attestations(path, SCOPE_FILES, NOW)


ALL = select(["iaas", "beyond", "beyond-kaas"], NOW.date(), TARGETS, Path())


def fill(text: str, choose: Callable[[str, Question], str], evidence: str = "- a document") -> str:
    """A template as somebody fills it in with an editor; ``choose`` gives the answer to a question."""
    lines = []
    testcase = key = ""
    for line in text.splitlines():
        if match := re.fullmatch(r"  (\S+):", line):
            testcase = match[1]
        elif match := re.fullmatch(r"      (\S+):", line):
            key = match[1]
        elif match := re.fullmatch(r"( +)(answered_by|role|answered_at|evidence|answer|text):", line):
            question = next((one for one in known_checks()[testcase].questions if one.key == key), None)
            value = {
                "answered_by": "Jane Doe",
                "role": "Head of operations",
                "answered_at": "2026-11-20",
                "evidence": f"\n{match[1]}{evidence}",
                "text": "as it should be",
                "answer": choose(testcase, question) if question else "",
            }[match[2]]
            line += f" {value}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def conforming(testcase: str, question: Question) -> str:
    return {"text": "words", "either": "yes", "number": "3"}.get(question.wants, question.wants)


def test_an_unfilled_template_loads_and_answers_nothing(load: Load) -> None:
    found = load(template(ALL, "mycloud")).subjects["mycloud"]
    assert set(found) == set(known_checks())
    for testcase, attestation in found.items():
        assert judge_answers(known_checks()[testcase], attestation, "quarter", NOW) == ("not answered yet", [])


def test_a_template_filled_in_as_it_should_be_passes(load: Load) -> None:
    found = load(fill(template(ALL, "mycloud"), conforming)).subjects["mycloud"]
    for testcase, attestation in found.items():
        assert judge_answers(known_checks()[testcase], attestation, "quarter", NOW) == ("", []), testcase
        asked = {question.key for question in known_checks()[testcase].questions}
        assert set(attestation.answers) == asked


@pytest.mark.parametrize("answer", ["yes", "no", "not applicable"])
def test_every_answer_to_every_question_survives_the_way_through_a_template(load: Load, answer: str) -> None:
    def choose(testcase: str, question: Question) -> str:
        other = {"text": "words", "number": "3"}.get(question.wants, "no")
        return answer if answer in question.answers else other

    found = load(fill(template(ALL, "mycloud"), choose)).subjects["mycloud"]
    for testcase, attestation in found.items():
        for question in known_checks()[testcase].questions:
            expected = choose(testcase, question)
            assert attestation.answers[question.key].answer == expected
            assert (attestation.answers[question.key].text == "as it should be") == (question.wants != "text")


def test_a_template_says_all_that_has_to_be_known() -> None:
    text = template(select(["iaas-v5.1"], NOW.date(), TARGETS, Path()), "")
    assert "\nsubject:\n" in text
    assert "# Answers to the manual checks of SCS-compatible IaaS v5.1.\n" in text
    prose = " ".join(line.strip().removeprefix("# ") for line in text.splitlines())
    for check in ("key-manager-docs-check", "availability-zones-check", "domain-manager-check"):
        for question in known_checks()[check].questions:
            assert question.ask in prose
    assert "Needed only if the cloud has a key manager." in prose
    assert "(must be yes; text: by what)" in prose
    assert "(should be no)" in prose
    assert "Only if since-2024-2 is yes: Are enforce_scope" in prose
    assert '"not applicable" if there is at most one storage availability zone' in prose
    assert max(map(len, text.splitlines())) <= 120


def test_a_template_can_be_written_to_a_file_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "answers.yaml"
    command = ["attest", "--scs-scope=beyond", "--scs-subject=007", "-o", str(path)]
    assert main(command) == 0
    assert capsys.readouterr().out == f"{path}: 10 manual checks to answer\n"
    assert load_attestations(path, SCOPE_FILES, NOW).subjects.keys() == {"007"}
    assert main(command) == 4
    assert "is there already, and answers in it would be lost; name another file" in capsys.readouterr().err


def test_a_template_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["attest", "--scs-scope=iaas-v5.1"]) == 0
    document = yaml.safe_load(capsys.readouterr().out)
    assert list(document["answers"]) == ["key-manager-docs-check", "availability-zones-check", "domain-manager-check"]


@pytest.mark.parametrize(
    ("args", "line"),
    [
        ([], "name the scope whose manual checks are to be answered, e.g. scs attest --scs-scope=iaas-v5.1"),
        (["--scs-scope=iass"], "--scs-scope: unknown scope 'iass'; did you mean 'iaas'?"),
        (["--scs-scope=iaas-v3"], "--scs-scope: iaas-v3 has no manual check"),
        (["--scs-scope=beyond", "--scs-subject=a b"], "--scs-subject: 'a b' has characters other than "),
        (["--scs-scope=beyond", "-o", "/dev/null/x"], "--output: there is no directory /dev/null; create it first"),
        (["--scs-scope=beyond", "--scs-subject="], "--scs-subject: the name is empty; give one of letters, digits, "),
        (["--scs-scope=beyond", "-o", ""], "argument -o/--output: the file name is empty; name a file"),
        (
            ["--check", "none.yaml"],
            "cannot read attestation file none.yaml: No such file or directory; name a file",
        ),
        (["--check", ""], "argument --check: the file name is empty; name a file"),
        (["--check", " "], "argument --check: the file name is empty; name a file"),
        (["--check", "."], "cannot read attestation file .: it is a directory, not a file; name a file in it"),
        (["--check", "none.yaml", "--scs-subject=a b"], "--scs-subject: 'a b' has characters other than "),
    ],
)
def test_bad_options_are_one_line(capsys: pytest.CaptureFixture[str], args: list[str], line: str) -> None:
    try:
        code = main(["attest", *args])
    except SystemExit as refusal:  # of argparse
        code = int(refusal.code or 0)
    assert code == 4
    err = capsys.readouterr().err
    assert line in err
    assert err.count("\n") == 1


def test_complete_answers_are_checked_with_their_last_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "answers.yaml"
    today = dt.datetime.now(dt.UTC).date().isoformat()
    path.write_text(fill(template(ALL, "mycloud"), conforming).replace("2026-11-20", today))
    assert main(["attest", "--check", str(path), "--scs-scope=iaas-v5.1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 17
    told = rf"mycloud: \S+: PASS: answered on {today}, counts until \S+ \(\d+ days left\)"
    for line in lines:
        # What beyond asks never gets to the monitor.
        life = r"" if "-x-" in line else r"; reported today, at the monitor until \S+ \(in no version\)"
        assert re.fullmatch(told + life, line)


def test_what_is_missing_overdue_wrong_or_changed_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def choose(testcase: str, question: Question) -> str:
        good = conforming(testcase, question)
        if question.key == "encrypted":
            return "no"
        return "" if question.key in ("ecc", "power") else good

    evidence = f"- {{file: plan.pdf, sha256: {DIGEST}}}"
    text = fill(template(ALL, "mycloud"), choose, evidence)
    today = dt.datetime.now(dt.UTC).date()
    text = text.replace("2026-11-20", today.isoformat())
    # The testcase that comes last is overdue.
    head, mark, tail = text.rpartition("  scs-0127-x-manual-dns:")
    old = today - dt.timedelta(days=200)
    path = tmp_path / "answers.yaml"
    path.write_text(head + mark + tail.replace(today.isoformat(), old.isoformat()))
    (tmp_path / "plan.pdf").write_bytes(b"another plan")
    assert main(["attest", "--check", str(path)]) == 1
    said = dict(line.split(": ", 2)[1:] for line in capsys.readouterr().out.splitlines())
    assert said["key-manager-docs-check"].startswith("FAIL: question encrypted: Are all stored keys encrypted?: ")
    assert said["availability-zones-check"] == "MISS: no answer to power"
    assert said["scs-0100-x-manual-mem"] == "MISS: no answer to ecc"
    assert said["scs-0127-x-manual-dns"].startswith(f"MISS: overdue: answered on {old}, which counted until ")
    assert said["domain-manager-check"].startswith("ABORT: evidence plan.pdf: cannot be judged: it has changed since ")


def test_checks_without_an_entry_are_missing_in_a_scope(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("subject: a\nanswers:\n  key-manager-docs-check:\n")
    assert main(["attest", "--check", str(path), "--scs-scope=iaas-v5.1"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "a: key-manager-docs-check: MISS: not answered yet (needed if the cloud has a key manager)",
        "a: availability-zones-check: MISS: answers.yaml has no entry for it (needed if the cloud has more than one "
        "available compute zone)",
        "a: domain-manager-check: MISS: answers.yaml has no entry for it",
    ]
    path.write_text("subject: a\n")
    assert main(["attest", "--check", str(path)]) == 1
    assert capsys.readouterr().out == "a: no manual check is answered\n"


def test_answers_about_one_subject_only_are_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "answers.yaml"
    today = dt.datetime.now(dt.UTC).date().isoformat()
    path.write_text(fill(template(ALL, "mycloud"), conforming).replace("2026-11-20", today) + "---\nsubject: other\n")
    assert main(["attest", "--check", str(path), "--scs-subject=mycloud"]) == 0
    assert {line.partition(":")[0] for line in capsys.readouterr().out.splitlines()} == {"mycloud"}
    assert main(["attest", "--check", str(path), "--scs-subject=other"]) == 1
    assert capsys.readouterr().out == "other: no manual check is answered\n"
    assert main(["attest", "--check", str(path)]) == 1


def test_answers_about_another_subject_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "answers.yaml"
    today = dt.datetime.now(dt.UTC).date().isoformat()
    path.write_text(fill(template(ALL, "mycloud"), conforming).replace("2026-11-20", today))
    assert main(["attest", "--check", str(path), "--scs-subject=mycloud1"]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        f"scs: --scs-subject: {path} is about mycloud, not about mycloud1; did you mean 'mycloud'?; name one of these, "
        "or the file with its answers\n"
    )


def test_the_example_in_the_documentation_passes(load: Load, tmp_path: Path) -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "attestations.md"
    [example] = re.findall(r"(?m)^    subject: .*\n(?:    .*\n|\n)*", page.read_text("utf-8"))
    found = load(textwrap.dedent(example)).subjects["mycloud"]["key-manager-docs-check"]
    assert judge_answers(known_checks()["key-manager-docs-check"], found, "quarter", NOW) == ("", [])
    assert validity(found, "quarter") == "answered on 2026-11-20, counts until 2027-03-31"
    assert [piece.kind for piece in found.evidence] == ["url", "document", "file"]
