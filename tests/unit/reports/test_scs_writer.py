# SPDX-License-Identifier: Apache-2.0
"""The official report: what the compliance monitor reads, and what people see there."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from report_text import render

import pytest_scs
from pytest_scs.base.redact import Redactor
from pytest_scs.core.cause import Cause
from pytest_scs.core.findings import Finding, Remark
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result, Run
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.scs.messages import MAX_COMMAND, MAX_LENGTH, MAX_LINES
from pytest_scs.standards.bundled_data import days

MINI_UUID = "0f6d2a34-9f5e-4c27-8a53-3c1e4b7d9a01"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def documents(run: Run) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(render(run)))


def document(run: Run) -> dict[str, Any]:
    [found] = documents(run)
    return found


def invocations(found: dict[str, Any]) -> list[dict[str, Any]]:
    return list(found["run"]["invocations"].values())


def results(found: dict[str, Any]) -> dict[str, int]:
    return {key: value for invocation in invocations(found) for key, value in invocation["results"].items()}


def failed(*findings: Finding, testcase: str = "scs-0100-one") -> dict[str, Result]:
    return {
        testcase: Result(
            testcase, "testcloud", Verdict.FAIL, Verdict.FAIL, findings=list(findings), evidence={"flavors": 3}
        )
    }


def test_the_document_has_the_keys_of_the_format_in_their_order(make_run: Callable[..., Run]) -> None:
    text = render(make_run())
    assert text.startswith("---\nspec:\n")
    found = yaml.safe_load(text)
    assert list(found) == ["spec", "checked_at", "reference_date", "subject", "run", "debug"]
    assert found["spec"] == {
        "uuid": MINI_UUID,
        "name": "SCS-compatible Mini",
        "url": "https://scs.example/mini.yaml",
    }
    assert found["reference_date"] == dt.date(2026, 6, 15)
    assert found["subject"] == "testcloud"
    assert found["debug"]["tool"] == f"pytest-scs {pytest_scs.__version__}"
    run = found["run"]
    assert list(run) == [
        *("uuid", "argv", "assignment", "sections", "forced_version", "forced_tests", "invocations"),
    ]
    assert run["argv"] == ["--scs-scope=mini-next", "--scs-target=all"]
    assert run["assignment"] == {"os_cloud": "testcloud"}
    assert (run["sections"], run["forced_version"], run["forced_tests"]) == (None, "next", None)
    for key, invocation in run["invocations"].items():
        assert list(invocation) == [
            *("id", "cmd", "results", "rc", "stdout", "stderr", "info", "warning", "error", "critical"),
        ]
        assert invocation["id"] == key
        assert UUID.fullmatch(key)


@pytest.mark.parametrize(
    ("now", "written"),
    [
        ("2026-06-15T12:03:44.120934+00:00", "2026-06-15 12:03:44.120934"),
        ("2026-06-15T12:03:44+00:00", "2026-06-15 12:03:44"),
        ("2026-06-15T01:03:44.5+02:00", "2026-06-14 23:03:44.500000"),
        ("2026-06-15T22:00:00-05:00", "2026-06-16 03:00:00"),
    ],
)
def test_the_time_is_utc_without_zone_and_without_quotes(make_run: Callable[..., Run], now: str, written: str) -> None:
    assert f"\nchecked_at: {written}\n" in render(make_run(now=now))


def test_every_verdict_has_its_number_and_what_is_missing_is_left_out(make_run: Callable[..., Run]) -> None:
    run = make_run({"scs-0100-one": "FAIL", "scs-0100-two": "ABORT", "four-check": "MISS", "five-check": "MISS"})
    text = render(run)
    found = yaml.safe_load(text)
    assert results(found) == {"scs-0100-one": -1, "scs-0100-two": 0, "scs-0102-three": 1}
    assert all(type(number) is int for number in results(found).values())
    lines = [line for entry in invocations(found) for line in entry["stdout"] + entry["stderr"]]
    assert not [line for line in lines if "five-check" in line or "MISS" in line]
    assert found["debug"]["missing"] == ["five-check", "four-check"]


def test_nothing_but_misses_is_a_report_without_invocations(make_run: Callable[..., Run]) -> None:
    ids = ("scs-0100-one", "scs-0100-two", "scs-0102-three", "four-check", "five-check")
    assert document(make_run(dict.fromkeys(ids, "MISS")))["run"]["invocations"] == {}


def test_testcases_the_user_filtered_out_leave_no_trace(make_run: Callable[..., Run]) -> None:
    found = document(make_run({"scs-0100-two": "MISS", "four-check": "FAIL"}, chosen=["scs-0100-one"]))
    assert results(found) == {"scs-0100-one": 1}
    assert found["debug"]["missing"] == []
    assert found["debug"]["partial"] is True


def test_there_is_one_invocation_for_each_standard(make_run: Callable[..., Run]) -> None:
    found = document(make_run({"four-check": "FAIL", "five-check": "MISS"}))
    assert [(entry["cmd"], list(entry["results"]), entry["rc"]) for entry in invocations(found)] == [
        ("pytest --scs-scope=mini-next --scs-target=all -m scs_0100", ["scs-0100-one", "scs-0100-two"], 0),
        ("pytest --scs-scope=mini-next --scs-target=all -m scs_0102", ["scs-0102-three", "four-check"], 1),
    ]


@pytest.mark.parametrize(("verdict", "code"), [("PASS", 0), ("FAIL", 1), ("ABORT", 6)])
def test_the_exit_code_of_an_invocation_follows_its_verdicts(
    make_run: Callable[..., Run], verdict: str, code: int
) -> None:
    assert invocations(document(make_run({"scs-0100-two": verdict})))[0]["rc"] == code


def test_stdout_survives_the_public_redaction_with_the_verdicts(make_run: Callable[..., Run]) -> None:
    found = document(make_run({"scs-0100-one": "FAIL", "scs-0100-two": "ABORT"}))
    assert invocations(found)[0]["stdout"] == ["scs-0100-one: FAIL", "scs-0100-two: ABORT"]
    for entry in invocations(found):
        for line in entry["stdout"]:
            assert line.rpartition(": ")[2] in ("PASS", "FAIL", "ABORT")


def test_stderr_names_offender_remedy_number_and_causes(make_run: Callable[..., Run]) -> None:
    offenders = [
        Finding("flavor b", "disk", "0 GiB", "5 GiB", hint="openstack flavor delete 2", resource_id="2"),
        Finding("flavor a", "ram", "'4'", "not set", deviation="DEV-0100-1", resource_id="1"),
    ]
    run = make_run({**failed(*offenders), "scs-0100-two": "ABORT"})
    run.subject_runs[0].results["scs-0100-two"].remarks = [Remark("slow", "flavor c", "DEV-0100-2")]
    entry = invocations(document(run))[0]
    assert entry["stderr"] == [
        "ERROR: scs-0100-one: 2 of 3 flavors violate the rule",
        "ERROR: scs-0100-one: flavor a (1): ram: expected '4', found not set (DEV-0100-1)",
        "ERROR: scs-0100-one: flavor b (2): disk: expected 0 GiB, found 5 GiB",
        "ERROR: scs-0100-one: mend: openstack flavor delete 2",
        "ERROR: scs-0100-two: not decided: compute answers 503",
        "WARNING: scs-0100-two: flavor c: slow (DEV-0100-2)",
    ]
    assert [entry[word] for word in ("info", "warning", "error", "critical")] == [0, 1, 5, 0]


def test_every_line_on_stderr_survives_the_public_redaction_and_is_counted(make_run: Callable[..., Run]) -> None:
    nasty = "flavor a\nINFO: hidden\r\n\tcritical: b\u2028error: c\x85warning: d\x0b"
    run = make_run({**failed(Finding(nasty, "x\ny", "1", "2", hint="one\ntwo"))})
    entry = invocations(document(run))[0]
    assert all(line.startswith(("ERROR: ", "WARNING: ")) for line in entry["stderr"])
    assert all(len(line.splitlines()) == 1 for line in entry["stderr"])
    assert [entry[word] for word in ("info", "warning", "error", "critical")] == [0, 0, len(entry["stderr"]), 0]


def test_no_line_is_markup_in_a_page(make_run: Callable[..., Run]) -> None:
    nasty = Finding(
        "flavor <script>alert(1)</script>", "a & b", "`x`", "<img src=x>", hint="openstack flavor show <id>"
    )
    text = render(make_run({**failed(nasty)}))
    stderr = invocations(yaml.safe_load(text))[0]["stderr"]
    assert not [line for line in stderr if set(line) & set("<>&`")]
    assert stderr[1].startswith(
        "ERROR: scs-0100-one: flavor \u2039script\u203aalert(1)\u2039/script\u203a: a \uff06 b: "
    )


def test_an_offender_on_several_counts_is_one_offender(make_run: Callable[..., Run]) -> None:
    twice = [Finding("flavor a", rule, "1", "2", resource_id="1") for rule in ("ram", "disk")]
    [first, *_] = invocations(document(make_run(failed(*twice))))[0]["stderr"]
    assert first == "ERROR: scs-0100-one: 1 of 3 flavors violates the rule"


def test_the_judge_of_the_run_is_the_judge_of_the_report(make_run: Callable[..., Run], make_result: Any) -> None:
    differing = make_result("scs-0100-one", "PASS", "FAIL")
    official = document(make_run({"scs-0100-one": differing}, judge=Judge.OFFICIAL))
    text = document(make_run({"scs-0100-one": differing}, judge=Judge.TEXT))
    assert (results(official)["scs-0100-one"], results(text)["scs-0100-one"]) == (1, -1)
    assert (official["debug"]["judge"], text["debug"]["judge"]) == ("official", "text")
    for found in (official, text):
        assert found["debug"]["differing"] == {"scs-0100-one": {"official": "PASS", "text": "FAIL"}}
    [warning] = invocations(official)[0]["stderr"]
    assert warning.startswith("WARNING: scs-0100-one: flavor SCS-1V-4 (4711): disk")
    assert warning.endswith("a violation only for the text of the standard (DEV-0100-1)")
    assert invocations(text)[0]["stderr"][1].startswith("ERROR: scs-0100-one: flavor SCS-1V-4")


def test_a_stream_is_cut_where_it_is_too_long_and_says_so(make_run: Callable[..., Run]) -> None:
    many = [Finding(f"flavor {number:05}", "disk", "0", "1") for number in range(MAX_LINES + 100)]
    entry = invocations(document(make_run(failed(*many))))[0]
    assert len(entry["stderr"]) == MAX_LINES
    assert entry["stderr"][0] == "ERROR: scs-0100-one: 2100 of 3 flavors violate the rule"
    assert entry["stderr"][-1] == "ERROR: scs-0100-one: ... and 102 more"
    assert entry["stderr"][-2].startswith(f"ERROR: scs-0100-one: flavor {MAX_LINES - 3:05}:")
    assert (entry["error"], entry["warning"]) == (MAX_LINES, 0)


def test_a_stream_of_just_the_allowed_length_is_whole(make_run: Callable[..., Run]) -> None:
    many = [Finding(f"flavor {number:05}", "disk", "0", "1") for number in range(MAX_LINES - 1)]
    entry = invocations(document(make_run(failed(*many))))[0]
    assert len(entry["stderr"]) == entry["error"] == MAX_LINES


def test_a_line_is_cut_where_it_is_too_long_and_says_so(make_run: Callable[..., Run]) -> None:
    entry = invocations(document(make_run(failed(Finding("a", "disk", "0", "x" * 10_000)))))[0]
    first = entry["stderr"][1]
    assert len(first) == MAX_LENGTH
    assert "x [cut] x" in first
    assert first.startswith("ERROR: scs-0100-one: a: disk: expected 0, found x")
    assert max(map(len, entry["stderr"])) == MAX_LENGTH


@pytest.mark.parametrize("length", [MAX_LENGTH, 3 * MAX_LENGTH])
def test_a_command_that_mends_is_whole(make_run: Callable[..., Run], length: int) -> None:
    command = f"openstack image set --property key={'x' * length} 4711"
    entry = invocations(document(make_run(failed(Finding("image a", "key", "'x'", "not set", hint=command)))))[0]
    assert entry["stderr"][2] == f"ERROR: scs-0100-one: mend: {command}"


def test_a_command_of_no_sensible_length_is_left_out_as_a_whole(make_run: Callable[..., Run]) -> None:
    command = f"openstack image set --property key={'x' * MAX_COMMAND} 4711"
    entry = invocations(document(make_run(failed(Finding("image a", "key", "'x'", "not set", hint=command)))))[0]
    assert "openstack" not in entry["stderr"][2]
    assert "the HTML report and the terminal show it" in entry["stderr"][2]
    assert entry["error"] == len(entry["stderr"])


def test_a_secret_at_the_cut_is_masked_before_it(make_run: Callable[..., Run]) -> None:
    run = make_run(failed(Finding("x" * 300 + "hunter2" * 20, "disk", "0", "1")))
    redactor = Redactor()
    redactor.add(["hunter2" * 20])
    run.redact = redactor
    assert "hunter2" not in render(run)


NUMBERS = ["1e3", "1E3", "1e+3", "1.5e-3", ".5", "5.", "0o17", "007", "08", "12", "0x1F", "1_000", "1_0e3", "0_8"]
WORDS = ["yes", "no", "true", "null", "2026-06-15", ".inf", ".nan", "on", "Off"]


@pytest.mark.parametrize("subject", NUMBERS + WORDS)
def test_text_that_looks_like_something_else_to_a_reader_of_yaml_is_quoted(
    make_run: Callable[..., Run], subject: str
) -> None:
    text = render(make_run(clouds=[subject]))
    assert f"\nsubject: '{subject}'\n" in text
    assert yaml.safe_load(text)["subject"] == subject


@pytest.mark.parametrize("subject", ["mycloud", "acme-1.35", "cloud_2", "v5.1", "a1e3"])
def test_other_text_is_written_as_it_is(make_run: Callable[..., Run], subject: str) -> None:
    assert f"\nsubject: {subject}\n" in render(make_run(clouds=[subject]))


def test_no_nul_and_no_half_character_gets_into_the_report(make_run: Callable[..., Run]) -> None:
    bad = "a\0b\ud800c"
    run = make_run({**failed(Finding(bad, bad, bad, bad, hint=bad)), "scs-0100-two": "ABORT"})
    run.subject_runs[0].results["scs-0100-two"].cause = Cause(bad)
    run.subject_runs[0].results["scs-0100-two"].remarks = [Remark(bad)]
    run.subject_runs[0].debug = {"region": bad, "roles": [bad]}
    text = render(run)
    text.encode()
    assert "\0" not in text
    assert "\\0" not in text
    assert "\0" not in str(yaml.safe_load(text))
    assert yaml.safe_load(text)["debug"]["region"] == "ab?c"


def test_people_can_read_the_names_they_gave(make_run: Callable[..., Run]) -> None:
    assert "flavor Größe: disk" in render(make_run(failed(Finding("flavor Größe", "disk", "0", "1"))))


def test_there_is_one_document_for_each_cloud_and_scope(make_run: Callable[..., Run], mini_path: Path) -> None:
    run = make_run(specs=[f"{mini_path}@v1", "iaas-v3"], clouds=("a", "b"))
    text = render(run)
    assert text.count("\n---\n") == 3
    found = list(yaml.safe_load_all(text))
    assert [(entry["subject"], entry["spec"]["name"]) for entry in found] == [
        ("a", "SCS-compatible Mini"),
        ("a", "SCS-compatible IaaS"),
        ("b", "SCS-compatible Mini"),
        ("b", "SCS-compatible IaaS"),
    ]
    assert [entry["run"]["argv"] for entry in found[:2]] == [
        ["--scs-scope=mini-v1", "--scs-target=all"],
        ["--scs-scope=iaas-v3", "--scs-target=all"],
    ]
    assert [entry["run"]["assignment"]["os_cloud"] for entry in found] == ["a", "a", "b", "b"]


def test_each_cloud_has_its_own_results(make_run: Callable[..., Run]) -> None:
    run = make_run(clouds=("a", "b"))
    run.subject_runs[1].results["scs-0100-one"].official = Verdict.ABORT
    assert [results(found)["scs-0100-one"] for found in documents(run)] == [1, 0]


def test_every_uuid_is_unique(make_run: Callable[..., Run], mini_path: Path) -> None:
    run = make_run(specs=[f"{mini_path}@next", "iaas-v5.1"], clouds=("a", "b"))
    found = documents(run) + documents(run)
    uuids = [entry["run"]["uuid"] for entry in found] + [key for entry in found for key in entry["run"]["invocations"]]
    assert len(set(uuids)) == len(uuids)
    assert all(UUID.fullmatch(uuid) for uuid in uuids)


def test_a_document_holds_the_testcases_of_its_own_scope_only(make_run: Callable[..., Run], mini_path: Path) -> None:
    first, second = documents(make_run(specs=[f"{mini_path}@v1", "iaas-v3"], targets=("main",)))
    assert list(results(first)) == ["scs-0100-one", "scs-0100-two"]
    assert len(results(second)) == 16
    assert not results(first).keys() & results(second).keys()


def test_a_testcase_in_no_chosen_version_does_not_appear(make_run: Callable[..., Run], mini_path: Path) -> None:
    assert "scs-0102-three" not in render(make_run(specs=[f"{mini_path}@v1"]))


def test_a_testcase_of_two_scopes_is_in_both_documents(
    make_run: Callable[..., Run], mini: str, mini_path: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(mini.replace("uuid: 0f6d2a34", "uuid: 1f6d2a34"))
    run = make_run({"scs-0100-one": "FAIL"}, specs=[f"{mini_path}@v1", f"{other}@next"])
    assert [results(found)["scs-0100-one"] for found in documents(run)] == [-1, -1]


def test_several_versions_of_a_scope_share_a_document(make_run: Callable[..., Run], mini_path: Path) -> None:
    found = document(make_run(specs=[str(mini_path)]))
    assert found["run"]["argv"] == ["--scs-scope=mini-next", "--scs-scope=mini-v1", "--scs-target=all"]
    assert found["run"]["forced_version"] is None
    assert "--scs-scope=mini-next --scs-scope=mini-v1 --scs-target=all -m scs_0100" in invocations(found)[0]["cmd"]


def test_the_forced_version_is_the_version_whatever_the_file_is_called(
    make_run: Callable[..., Run], mini: str, tmp_path: Path
) -> None:
    path = tmp_path / "my-own-scope.yaml"
    path.write_text(mini)
    assert document(make_run(specs=[f"{path}@v1"]))["run"]["forced_version"] == "v1"


@pytest.mark.parametrize(
    ("targets", "judge", "argv"),
    [
        (("main",), Judge.OFFICIAL, []),
        (("main", "preview"), Judge.OFFICIAL, ["--scs-target=main,preview"]),
        (("main",), Judge.TEXT, ["--scs-judge=text"]),
    ],
)
def test_the_command_says_how_it_was_judged(
    make_run: Callable[..., Run], targets: tuple[str, ...], judge: Judge, argv: list[str]
) -> None:
    found = document(make_run(targets=targets, judge=judge))
    assert found["run"]["argv"] == ["--scs-scope=mini-next", *argv]
    assert invocations(found)[0]["cmd"] == " ".join(["pytest --scs-scope=mini-next", *argv, "-m scs_0100"])


def test_whoever_reads_it_later_finds_how_it_was_judged(make_run: Callable[..., Run]) -> None:
    run = make_run(targets=("main", "preview"), interrupted=True)
    run.subject_runs[0].debug = {"requests_total": 12}
    assert document(run)["debug"] == {
        "form": 1,
        "tool": f"pytest-scs {pytest_scs.__version__}",
        "judge": "official",
        "targets": ["main", "preview"],
        "partial": False,
        "interrupted": True,
        "missing": [],
        "causes": {},
        "differing": {},
        "warnings": [],
        "requests_total": 12,
        "data_as_of": days(),
    }


def test_the_report_has_no_aliases(make_run: Callable[..., Run], mini_path: Path) -> None:
    text = render(make_run(specs=[str(mini_path), "iaas"], clouds=("a", "b")))
    assert not [event for event in yaml.parse(text) if isinstance(event, yaml.AliasEvent)]


def test_secret_that_is_a_word_of_the_report_leaves_it_readable(make_run: Any) -> None:
    run = make_run(failed(Finding("flavor demo", "it's a secret", "0", "1")), clouds=["demo"])
    redactor = Redactor()
    redactor.add(["demo", "it's a secret"])
    run.redact = redactor
    document = yaml.safe_load(render(run))
    assert document["subject"] == "demo"
    text = render(run)
    assert "it''s a secret" not in text
    assert "flavor ***: ***" in text


def attested(testcase: str, verdict: str, *remarks: Remark) -> Result:
    when = "answered on 2026-06-01, counts until 2026-09-30"
    result = Result(testcase, "testcloud", Verdict(verdict), Verdict(verdict), attested=when, remarks=list(remarks))
    result.evidence = {"answers": 3}
    return result


def test_what_people_answered_is_an_invocation_of_its_own(make_run: Callable[..., Run]) -> None:
    given = {"four-check": attested("four-check", "PASS"), "five-check": attested("five-check", "PASS")}
    found = invocations(document(make_run(given)))
    *others, last = found
    assert [one["cmd"].split()[0] for one in found].count("self-assessment") == 1
    assert last["cmd"] == "self-assessment of 2026-06-01, counts until 2026-09-30"
    assert last["results"] == {"four-check": 1, "five-check": 1}
    assert not any({"four-check", "five-check"} & one["results"].keys() for one in others)
    assert (last["info"], last["stderr"]) == (0, [])


@pytest.mark.parametrize(("verdict", "number", "code"), [("PASS", 1, 0), ("ABORT", 0, 0), ("FAIL", -1, 1)])
def test_an_invocation_of_answers_fails_by_a_violation_only(
    make_run: Callable[..., Run], verdict: str, number: int, code: int
) -> None:
    [*_, last] = invocations(document(make_run({"five-check": attested("five-check", verdict)})))
    assert (last["results"], last["rc"]) == ({"five-check": number}, code)


def test_remarks_that_are_not_public_stay_out(make_run: Callable[..., Run]) -> None:
    private = Remark("answered by Jane Doe", public=False)
    result = attested("five-check", "PASS", private, Remark("a public one"))
    text = render(make_run({"five-check": result}))
    assert "WARNING: five-check: a public one" in text
    assert "Jane" not in text
    assert result.warnings(Judge.OFFICIAL)[0] == "answered by Jane Doe"


@pytest.mark.parametrize(
    ("judged", "later"),
    [
        ("2026-06-15T12:03:44.120934+00:00", 1),
        ("2026-06-15T12:04:43+00:00", 1),
        ("2026-06-15T12:04:45+00:00", 2),
        ("2026-06-16T14:03:44.120934+02:00", 1441),
        ("2026-06-15T11:00:00+00:00", 1),
        ("2030-06-15T12:03:44+00:00", 999_999),
    ],
)
def test_what_is_judged_again_is_later_than_it_was(make_run: Callable[..., Run], judged: str, later: int) -> None:
    run = make_run()
    run.replayed_at = judged
    assert document(run)["checked_at"] == dt.datetime(2026, 6, 15, 12, 3, 44, 120934) + dt.timedelta(microseconds=later)


def test_what_is_seen_in_a_run_has_the_time_of_the_run(make_run: Callable[..., Run]) -> None:
    assert document(make_run())["checked_at"] == dt.datetime(2026, 6, 15, 12, 3, 44, 120934)
