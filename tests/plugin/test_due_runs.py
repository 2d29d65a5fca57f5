# SPDX-License-Identifier: Apache-2.0
"""``--scs-due``, ``--scs-waivers`` and ``--scs-hook`` in whole runs."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from monitor_standin import Monitor, Row, Server

from pytest_scs.demo.openstack.state import CloudState

PLAIN = ("-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "--os-cloud=first", "-m", "scs_0100 or scs_0115")
DUE = ("--scs-due", "--scs-report=reports/")
IAAS = "50393e6f-2ae1-4c5c-a62c-3b75f2abef3f"


def reports(folder: Path) -> list[Any]:
    return [yaml.safe_load(path.read_text()) for path in sorted(folder.rglob("*.yaml"))]


def results(document: Any) -> dict[str, int]:
    return {key: value for one in document["run"]["invocations"].values() for key, value in one["results"].items()}


def made_older(folder: Path, days: float) -> None:
    """Let all reports be of an earlier day."""
    for path in folder.rglob("*.yaml"):
        document = yaml.safe_load(path.read_text())
        document["checked_at"] -= dt.timedelta(days=days)
        path.write_text(yaml.safe_dump(document, sort_keys=False))


def test_a_daily_job_judges_what_is_due(pytester: pytest.Pytester, serve: Any, state: CloudState) -> None:
    serve(state, "first")
    serve(state, "second")
    folder = pytester.path / "reports"
    first = pytester.runpytest_inprocess(*PLAIN, *DUE)
    assert first.ret == 0
    assert len(results(reports(folder)[0])) == 3
    seen = len(state.requests)

    # The second time there is nothing to do: no report, no page, no request; the folder may be named.
    again = pytester.runpytest_inprocess(*PLAIN, "--scs-due=reports/", "--scs-report=reports/", "--html=page.html")
    again.stdout.fnmatch_lines(
        ["nothing is due: 3 testcases left out; the first of them counts until * UTC (*on first*"]
    )
    assert again.ret == 0
    assert len(reports(folder)) == 1
    assert not (pytester.path / "page.html").exists()
    assert len(state.requests) == seen

    # A second subject has a due set of its own, also with workers; its verdict says whose it is.
    both = pytester.runpytest_subprocess(*PLAIN, "--os-cloud=second", *DUE, "-n", "2", "--scs-metrics=m.prom")
    both.stdout.fnmatch_lines(
        ["second iaas-v5.1 *: 3 PASS of 3 chosen; no verdict on the version", "not due, left out: 3 testcases; *"]
    )
    assert both.ret == 0
    assert [(one["subject"], one["debug"]["partial"]) for one in reports(folder)] == [("first", True), ("second", True)]
    metrics = (pytester.path / "m.prom").read_text()
    assert metrics.count("\nscs_testcase_due_timestamp_seconds{") == 6
    assert metrics.count('\nscs_testcase_expiry_timestamp_seconds{subject="first"') == 3

    # A week later all of it is due; a plan says why, and a word behind the option is none of its business.
    made_older(folder, 7)
    plan = pytester.runpytest_inprocess(*PLAIN, *DUE[::-1], "--scs-plan")
    plan.stdout.fnmatch_lines(["*scs-0100-syntax-check: *due: *interval over*", "3 testcases on first"])


def test_a_failure_is_judged_again_and_its_change_is_told(
    pytester: pytest.Pytester, serve: Any, state: CloudState
) -> None:
    flavor = next(one for one in state.flavors if one["name"] == "SCS-4V-16")
    flavor["ram"] = 1024
    serve(state, "first")
    told = pytester.path / "told.json"
    hook = pytester.makepyfile(hook=f"import sys; open({str(told)!r}, 'w').write(sys.stdin.read())")
    options = (*DUE, f"--scs-hook={sys.executable} {hook}")
    assert pytester.runpytest_inprocess(*PLAIN, *options).ret == 1
    assert not told.exists()
    flavor["ram"] = 16384
    again = pytester.runpytest_inprocess(*PLAIN, *options, "-k", "not syntax")
    again.stdout.fnmatch_lines(["not due, left out: 1 testcase; *", "--scs-hook: told * of 1 changed verdict"])
    assert again.ret == 0
    (change,) = json.loads(told.read_text())["changes"]
    assert (change["testcase"], change["before"]["verdict"], change["verdict"]) == (
        "scs-0100-semantics-check",
        "FAIL",
        "PASS",
    )


def test_the_monitor_says_what_is_due(pytester: pytest.Pytester, serve: Any, state: CloudState) -> None:
    serve(state, "first")
    monitor = Monitor()
    moment = monitor.now() - dt.timedelta(days=1)
    published = ["scs-0100-syntax-check", "scs-0100-semantics-check"]
    monitor.rows = [Row(number, "first", IAAS, one, 1, moment, "id") for number, one in enumerate(published)]
    with Server(monitor) as server:
        run = pytester.runpytest_inprocess(*PLAIN, f"--scs-due={server.url}")
        run.stdout.fnmatch_lines(["iaas-v5.1 *: 1 PASS of 1 chosen*", "not due, left out: 2 testcases; *"])
        assert run.ret == 0
        monitor.always["GET /status"] = "500"
        down = pytester.runpytest_inprocess(*PLAIN, f"--scs-due={server.url}", "--scs-report=r.yaml")
    # What may be different when it is tried again; and everything at once would be too much of a surprise.
    assert down.ret == 6
    down.stderr.fnmatch_lines(["*--scs-due: what is due is not known, so nothing was judged: 127.0.0.1*answers 500*"])
    assert not (pytester.path / "r.yaml").exists()


def test_what_is_no_report_is_named_and_changes_nothing(
    pytester: pytest.Pytester, serve: Any, state: CloudState
) -> None:
    serve(state, "first")
    folder = pytester.mkdir("reports")
    (folder / "broken.yaml").write_text("")
    run = pytester.runpytest_inprocess(*PLAIN, *DUE)
    run.stdout.fnmatch_lines(["--scs-due: passed over: *broken.yaml*"])
    assert run.ret == 0


def test_a_waived_violation_stays_fail_and_does_not_fail_the_run(
    pytester: pytest.Pytester, serve: Any, state: CloudState
) -> None:
    next(one for one in state.flavors if one["name"] == "SCS-4V-16")["ram"] = 1024
    serve(state, "first")
    until = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=100)
    waiver = {
        "testcase": "scs-0100-semantics-check",
        "resource": "*SCS-4V-16",
        "reason": "new memory is ordered",
        "owner": "jane@example.com",
        "ticket": "OPS-12",
        "expires": until,
    }
    (pytester.path / "w.yaml").write_text(yaml.safe_dump({"waivers": [waiver]}))
    files = (
        "--scs-report=r.yaml",
        "--scs-json=r.json",
        "--scs-csv=r.csv",
        "--scs-sarif=r.sarif",
        "--scs-metrics=r.prom",
    )
    pages = ("--html=r.html", "--self-contained-html", "--junit-xml=r.xml")
    run = pytester.runpytest_inprocess(*PLAIN, "--scs-waivers=w.yaml", *files, *pages)
    run.stdout.fnmatch_lines(
        [
            "scs-0100 * 1 FAIL, 1 PASS (1 FAIL waived)",
            f"    waived until {until} by jane@example.com: new memory is ordered (OPS-12)",
        ]
    )
    assert run.ret == 0
    run.assert_outcomes(passed=2, xfailed=1, deselected=159)
    report = (pytester.path / "r.yaml").read_text()
    assert results(yaml.safe_load(report))["scs-0100-semantics-check"] == -1
    assert "waive" not in report
    assert "jane" not in report
    for name in ("r.json", "r.csv", "r.sarif", "r.html", "r.xml"):
        text = (pytester.path / name).read_text()
        assert "jane@example.com" in text, name
        assert "OPS-12" in text, name
    assert "scs_testcase_waived_until_timestamp_seconds{" in (pytester.path / "r.prom").read_text()
    assert "<failure" not in (pytester.path / "r.xml").read_text()

    # Readers outside learn no names.
    public = pytester.runpytest_inprocess(*PLAIN, "--scs-waivers=w.yaml", "--scs-public", *files, *pages)
    assert public.ret == 0
    for name in ("r.json", "r.html", "r.xml"):
        text = (pytester.path / name).read_text()
        assert "jane" not in text, name
        assert f"waived until {until}" in text or str(until) in text, name

    # One more offender, and the testcase fails.
    next(one for one in state.flavors if one["name"] == "SCS-2V-8")["ram"] = 1024
    more = pytester.runpytest_inprocess(*PLAIN, "--scs-waivers=w.yaml", "-vv")
    more.stdout.fnmatch_lines(["*1 of 2 violations are waived; the others fail it*"])
    assert more.ret == 1
