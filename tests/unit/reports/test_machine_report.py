# SPDX-License-Identifier: Apache-2.0
"""The typed report as JSON, and its schema."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import jsonschema
import pytest

from pytest_scs.core.findings import Basis, Finding, Remark, Undecided
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result, Run, RunOutcome
from pytest_scs.reports.machines import json_report
from pytest_scs.reports.machines.schema import schema_of

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]


def read(run: Run, *problems: str, incomplete: tuple[str, ...] = ()) -> Any:
    text = json_report.render(run, RunOutcome(run, [*problems], [*incomplete]))
    found = json.loads(text)
    jsonschema.validate(found, json_report.schema())
    return found


def result_of(found: Any, testcase: str) -> Any:
    return next(one for one in found["subjects"][0]["results"] if one["testcase"] == testcase)


def test_what_was_judged_and_how_far(make_run: MakeRun) -> None:
    run = make_run({"scs-0100-one": "FAIL"}, chosen=("scs-0100-one", "four-check"), interrupted=True)
    found = read(run, "the disk is full", incomplete=("server x",))
    assert found["format"] == 1
    assert found["tool"]["name"] == "pytest-scs"
    assert found["run"] == {
        "judged_at": "2026-06-15T12:03:44.120934+00:00",
        "reference_date": "2026-06-15",
        "judge": "official",
        "targets": ["main", "recommended", "preview"],
        "verdict": "FAIL",
        "chosen": 2,
        "expected": 5,
        "partial": True,
        "interrupted": True,
        "problems": ["the disk is full"],
        "left_incomplete": ["server x"],
    }
    assert [one["testcase"] for one in found["subjects"][0]["results"]] == ["scs-0100-one", "four-check"]


def test_a_version_has_the_verdicts_of_both_judges(make_run: MakeRun, make_result: MakeResult) -> None:
    run = make_run({"scs-0100-one": make_result("scs-0100-one", "PASS", "FAIL"), "scs-0100-two": "ABORT"})
    main = read(run)["subjects"][0]["versions"][0]
    assert main["label"] == "mini-next"
    assert (main["target"], main["verdict"]) == ("main", "ABORT")
    assert main["by"] == {"official": "ABORT", "text": "FAIL"}
    assert main["counts"] == {"FAIL": 0, "MISS": 0, "ABORT": 1, "PASS": 2}
    assert main["ready_to_certify"] is None
    assert main["remark"] == "unofficial, there is no certificate"


@pytest.mark.parametrize(
    ("verdict", "chosen", "ready"),
    [("PASS", None, True), ("FAIL", None, False), ("ABORT", None, False), ("PASS", ["scs-0100-one"], None)],
)
def test_ready_to_certify(
    make_run: MakeRun,
    mini_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    verdict: str,
    chosen: list[str] | None,
    ready: bool | None,
) -> None:
    monkeypatch.setattr("pytest_scs.core.scope.OFFICIAL", ("0f6d2a34-9f5e-4c27-8a53-3c1e4b7d9a01",))
    run = make_run({"scs-0100-one": verdict}, specs=[f"{mini_path}@v1"], targets=("main",), chosen=chosen)
    [version] = read(run)["subjects"][0]["versions"]
    assert version["ready_to_certify"] is ready


def test_a_result_has_all_that_supports_it(make_run: MakeRun, make_result: MakeResult) -> None:
    result = make_result("scs-0100-one", "FAIL")
    result.findings.append(Finding("flavor a", "scs-0100/x", "1", "2", basis=Basis.TEXT, deviation="DEV-0100-1"))
    result.undecided.append(Undecided("flavor b", "is odd"))
    result.remarks.append(Remark("look"))
    result.duration = 0.25
    run = make_run({"scs-0100-one": result})
    run.subject_runs[0].debug.update(
        requests_by_testcase={"scs-0100-one": 3}, requests={"compute": 4}, requests_total=4
    )
    found = read(run)
    assert found["subjects"][0]["reading"]["requests_total"] == 4
    one = result_of(found, "scs-0100-one")
    assert one["findings"][1] == {
        "rule": "scs-0100/x",
        "title": "",
        "resource": "flavor a",
        "resource_id": "",
        "expected": "1",
        "observed": "2",
        "hint": "",
        "basis": "text",
        "deviation": "DEV-0100-1",
        "counts": False,
    }
    assert one["findings"][0]["hint"] == "openstack flavor delete 4711"
    assert one["undecided"][0]["kind"] == "undecidable"
    assert one["memberships"] == [{"version": "mini-next", "target": "main", "module": "scs-0100-v3.1"}]
    assert (one["requests"], one["duration_seconds"], one["examined"]) == (3, 0.25, {"flavors": 3})
    assert "look" in one["warnings"]


def test_one_cause_stands_once_with_all_it_took_down(make_run: MakeRun) -> None:
    found = read(make_run({"scs-0100-one": "ABORT", "scs-0100-two": "ABORT", "five-check": "MISS"}))
    assert found["subjects"][0]["causes"] == [
        {
            "verdict": "ABORT",
            "kind": "outage",
            "text": "compute answers 503",
            "testcases": ["scs-0100-one", "scs-0100-two"],
        },
        {"verdict": "MISS", "kind": "interrupted", "text": "not run", "testcases": ["five-check"]},
    ]
    assert result_of(found, "scs-0100-two")["cause"] == {"kind": "outage", "text": "compute answers 503"}


def test_the_judge_decides_what_counts(make_run: MakeRun, make_result: MakeResult) -> None:
    result = make_result("scs-0100-one", "FAIL", "PASS")
    for judge, verdict in ((Judge.OFFICIAL, "FAIL"), (Judge.TEXT, "PASS")):
        one = result_of(read(make_run({"scs-0100-one": result}, judge=judge)), "scs-0100-one")
        assert (one["verdict"], one["findings"][0]["counts"]) == (verdict, verdict == "FAIL")


def test_half_characters_do_not_keep_it_from_being_written(make_run: MakeRun, make_result: MakeResult) -> None:
    result = make_result("scs-0100-one", "FAIL")
    result.details = "a\ud800b"
    one = result_of(read(make_run({"scs-0100-one": result})), "scs-0100-one")
    assert one["details"] == "a?b"


@dataclasses.dataclass
class Inner:
    """What is inside."""

    basis: Basis
    note: Annotated[str | None, "in words"]


@dataclasses.dataclass
class Outer:
    """What holds it."""

    inner: tuple[Inner, ...]
    numbers: Mapping[Judge, float]
    ready: bool


def test_a_schema_says_what_the_classes_say() -> None:
    schema = schema_of(Outer, "urn:x", "X")
    assert schema["description"] == "What holds it."
    assert schema["properties"]["inner"] == {"type": "array", "items": {"$ref": "#/$defs/Inner"}}
    assert schema["$defs"]["Inner"]["properties"]["note"] == {
        "description": "in words",
        "anyOf": [{"type": "string"}, {"type": "null"}],
    }
    good = {"inner": [{"basis": "both", "note": None}], "numbers": {"text": 1.5}, "ready": True, "later": 1}
    jsonschema.validate(good, schema)
    for wrong in (
        {"inner": [{"basis": "both"}], "numbers": {}, "ready": True},
        {"inner": [{"basis": "nobody", "note": ""}], "numbers": {}, "ready": True},
        {"inner": [], "numbers": {"nobody": 1}, "ready": True},
        {"inner": [], "numbers": {}, "ready": 1},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
