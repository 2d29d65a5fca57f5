# SPDX-License-Identifier: Apache-2.0
"""The files of results in whole runs: all of one run, with several subjects, workers and replayed evidence."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import xmlschema
from prometheus_client.openmetrics import parser

from pytest_scs.demo.openstack import data
from pytest_scs.reports.machines.json_report import schema

DATA = Path(__file__).parents[1] / "data"

FILES = {
    "json": "result.json",
    "csv": "result.csv",
    "sarif": "result.sarif",
    "metrics": "result.prom",
    "remediation": "fix.sh",
}
ALL = [f"--scs-{name}={path}" for name, path in FILES.items()]
PLAIN = ("-p", "no:cacheprovider")


def read(folder: Path) -> Any:
    """What the JSON report says, after a look at the others."""
    found = json.loads((folder / "result.json").read_text("utf-8"))
    jsonschema.validate(found, schema())
    with (folder / "result.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    findings = [one for result in results(found) for one in result["findings"]]
    assert len([row for row in rows if row["rule"]]) == len(findings)
    log = json.loads((folder / "result.sarif").read_text("utf-8"))
    for written in ("sarif-written.schema.json", "sarif-2.1.0-rtm.5.json"):
        jsonschema.validate(log, json.loads((DATA / written).read_text("utf-8")))
    assert sum(len(run["results"]) for run in log["runs"]) == len(rows)
    [states] = [
        family
        for family in parser.text_string_to_metric_families((folder / "result.prom").read_text("utf-8"))
        if family.name == "scs_testcase_verdict"
    ]
    assert len(states.samples) == 4 * len(list(results(found)))
    subprocess.run([shutil.which("bash") or "bash", "-n", folder / "fix.sh"], check=True)
    return found


def results(found: Any) -> Iterator[Any]:
    return (result for subject in found["subjects"] for result in subject["results"])


def stable(found: Any) -> Any:
    """Without what a second run measures anew."""
    return [{**result, "duration_seconds": 0} for result in results(found)]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_all_files_of_a_run(judge: Any, now: Any, pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    run = judge(data.vanilla(now), "--scs-target=all", "--junit-xml=junit.xml", "--scs-record=e.json", *ALL, *workers)
    assert run.ret == 1
    for line in (
        "JSON report: *",
        "findings as CSV: *",
        "findings as SARIF: *",
        "metrics for Prometheus: *",
        "remediation script: *",
    ):
        run.result.stdout.fnmatch_lines([line])
    found = read(pytester.path)
    reported = {name: verdict for name, verdict in run.verdicts.items() if verdict != "MISS"}
    assert {one["testcase"]: one["verdict"] for one in results(found) if one["verdict"] != "MISS"} == reported
    xmlschema.validate(pytester.path / "junit.xml", DATA / "junit-readers.xsd")
    replayed = pytester.runpytest_inprocess(
        *PLAIN, "--scs-scope=iaas-v5.1", "--scs-target=all", "-m", "not creates_resources", "--scs-replay=e.json", *ALL
    )
    assert replayed.ret == 1
    assert stable(read(pytester.path)) == stable(found)


def test_several_subjects_are_in_one_file_each(judge: Any, serve: Any, now: Any, pytester: pytest.Pytester) -> None:
    serve(data.vanilla(now), "second")
    run = judge(
        data.vanilla(now),
        "--os-cloud=second",
        "--scs-subject=second=acme",
        "--scs-public",
        "-k",
        "scs-0103 or entropy",
        *ALL,
    )
    assert run.ret == 1
    found = read(pytester.path)
    assert [one["name"] for one in found["subjects"]] == ["testcloud", "acme"]
    for path in FILES.values():
        assert "second=" not in (pytester.path / path).read_text("utf-8")
    assert "several testcloud acme" in (pytester.path / "fix.sh").read_text("utf-8")


def test_where_nothing_was_chosen_what_is_there_stays(judge: Any, now: Any, pytester: pytest.Pytester) -> None:
    (pytester.path / "result.json").write_text("earlier", "utf-8")
    assert judge(data.vanilla(now), "-k", "nothing", *ALL).ret == 5
    assert (pytester.path / "result.json").read_text("utf-8") == "earlier"
    assert not (pytester.path / "result.csv").exists()


def test_what_looks_like_a_command_is_one(judge: Any, now: Any, pytester: pytest.Pytester) -> None:
    judge(data.vanilla(now), "--scs-target=all", "--scs-remediation=fix.sh")
    by_hand = [line for line in (pytester.path / "fix.sh").read_text("utf-8").splitlines() if "# By hand: " in line]
    assert by_hand
    assert [line for line in by_hand if line.startswith(("# By hand: openstack ", "# By hand: for "))] == []
