# SPDX-License-Identifier: Apache-2.0
"""SARIF: what the format asks for, and what GitHub's code scanning does beyond that."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pytest_scs.core.findings import Basis, Finding
from pytest_scs.core.results import Result, Run, RunOutcome
from pytest_scs.reports.machines import sarif

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]

DATA = Path(__file__).parents[2] / "data"
SCHEMA = json.loads((DATA / "sarif-written.schema.json").read_text("utf-8"))
# That of the standard itself: tests/data/NOTICE.md says where it comes from.
OFFICIAL = jsonschema.Draft4Validator(
    json.loads((DATA / "sarif-2.1.0-rtm.5.json").read_text("utf-8")), format_checker=jsonschema.FormatChecker()
)


def read(run: Run, *problems: str) -> Any:
    found = json.loads(sarif.render(run, RunOutcome(run, [*problems])))
    jsonschema.validate(found, SCHEMA)
    OFFICIAL.validate(found)
    for one in found["runs"]:
        rules = one["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        for result in one["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert len({one["automationDetails"]["id"] for one in found["runs"]}) == len(found["runs"])
    return found


def results(run: Run) -> list[Any]:
    found: list[Any] = read(run)["runs"][0]["results"]
    return found


def test_the_level_is_what_it_means_for_the_certificate(make_run: MakeRun, make_result: MakeResult) -> None:
    result = make_result("scs-0100-two", "FAIL")
    result.findings = [Finding("flavor b", "scs-0100/y", "1", "2", basis=Basis.TEXT, deviation="DEV-0100-1")]
    run = make_run(
        {
            "scs-0100-one": "FAIL",
            "scs-0100-two": result,
            "scs-0102-three": "ABORT",
            "four-check": "FAIL",
            "five-check": "MISS",
        }
    )
    assert [(one["ruleId"], one["level"], one["properties"]["testcase"]) for one in results(run)] == [
        ("disk", "error", "scs-0100-one"),
        ("scs-0100/y", "note", "scs-0100-two"),
        ("scs-0102-three", "warning", "scs-0102-three"),
        ("disk", "warning", "four-check"),
        ("five-check", "note", "five-check"),
    ]


def test_a_result_lies_at_the_line_that_declares_its_testcase(
    make_run: MakeRun, mini_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(mini_path.parent)
    [one] = results(make_run({"scs-0100-two": "FAIL"}))
    [location] = one["locations"]
    place = location["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "scs-compatible-mini.yaml"}
    line = mini_path.read_text("utf-8").splitlines()[place["region"]["startLine"] - 1]
    assert line.strip() == "- id: scs-0100-two"
    assert location["logicalLocations"] == [
        {
            "name": "flavor SCS-1V-4 (4711)",
            "fullyQualifiedName": "testcloud/scs-0100/scs-0100-two/flavor SCS-1V-4 (4711)",
            "kind": "resource",
        }
    ]
    assert one["message"]["text"].splitlines()[-1] == "To mend it: openstack flavor delete 4711"


def test_a_scope_file_elsewhere_has_no_private_path(make_run: MakeRun, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    [one] = results(make_run({"scs-0100-two": "FAIL"}))
    assert one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "scopes/scs-compatible-mini.yaml"


def test_a_finding_stays_the_same_whatever_was_observed(make_run: MakeRun, make_result: MakeResult) -> None:
    def prints(observed: str, **others: Any) -> list[str]:
        result = make_result("scs-0100-one", "FAIL")
        result.findings = [
            Finding("flavor a", "scs-0100/x", "1", observed, **others),
            Finding("flavor a", "scs-0100/x", "3", observed, **others),
            Finding("flavor b", "scs-0100/x", "3", observed, **others),
        ]
        return [
            one["partialFingerprints"]["primaryLocationLineHash"] for one in results(make_run({"scs-0100-one": result}))
        ]

    assert prints("2") == prints("5", hint="openstack x")
    assert len(set(prints("2"))) == 3
    assert not set(prints("2")) & set(prints("2", resource_id="7"))


def test_rules_say_where_to_read_on(make_run: MakeRun) -> None:
    [run] = read(make_run({"scs-0100-one": "FAIL", "scs-0100-two": "ABORT"}))["runs"]
    first, second = run["tool"]["driver"]["rules"]
    assert (first["id"], first["helpUri"]) == ("disk", "https://scs.example/one")
    assert "The first rule holds." in first["help"]["text"]
    assert second["id"] == "scs-0100-two"
    assert "helpUri" not in second


def test_each_subject_has_a_run(make_run: MakeRun) -> None:
    found = read(make_run({"scs-0100-one": "FAIL"}, clouds=("a", "b")), "the disk is full")
    assert [one["automationDetails"]["id"] for one in found["runs"]] == [
        "pytest-scs/openstack/a/",
        "pytest-scs/openstack/b/",
    ]
    [invocation] = found["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "the disk is full"
    first, second = (one["results"][0]["partialFingerprints"] for one in found["runs"])
    assert first != second


def test_more_results_than_a_run_may_have(
    make_run: MakeRun, make_result: MakeResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    result = make_result("scs-0100-one", "FAIL")
    result.findings = [Finding(f"flavor {number}", f"scs-0100/x{number}", "1", "2") for number in range(9)]
    [run] = read(make_run({"scs-0100-one": result}))["runs"]
    assert (len(run["results"]), len(run["tool"]["driver"]["rules"])) == (3, 3)
    [note] = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "only the first 3 results are here; the JSON report has all"


def test_a_name_is_no_link(make_run: MakeRun, make_result: MakeResult) -> None:
    result = make_result("scs-0100-one", "FAIL")
    result.findings = [Finding("flavor [x](https://evil.example)", "scs-0100/x", "1", "2")]
    [one] = results(make_run({"scs-0100-one": result}))
    assert "](" not in one["message"]["text"]
