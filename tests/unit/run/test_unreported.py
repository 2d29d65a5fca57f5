# SPDX-License-Identifier: Apache-2.0
"""An interruption between a testcase's verdict and pytest's word of it loses neither for anybody."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

import pytest

from pytest_scs.run.unreported import Unreported

_INTERRUPTING = """
import pytest
done = []

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    failed = dict(item.user_properties).get("scs_verdict") == "FAIL"
    if call.when == "call" and failed and not done:
        done.append(item)
        raise KeyboardInterrupt
    return report
"""


def test_all_reports_have_the_verdict_in_which_the_run_was_interrupted(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(interrupting=_INTERRUPTING)
    arguments = ("--scs-scope=iaas-v5.1", "--os-cloud=demo:vanilla", "-m", "scs_0103", "-p", "interrupting")
    quiet = "-Wignore::pluggy.PluggyTeardownRaisedWarning"
    result = pytester.runpytest_subprocess(*arguments, quiet, "--scs-json=x.json", "--junit-xml=x.xml")
    report = json.loads(Path("x.json").read_text("utf-8"))
    verdicts = [one["verdict"] for one in report["subjects"][0]["results"]]
    text = Path("x.xml").read_text("utf-8")
    assert verdicts.count("FAIL") > 1
    result.stdout.fnmatch_lines([f"*{verdicts.count('FAIL')} failed*"])
    assert f'failures="{verdicts.count("FAIL")}"' in text
    assert len(re.findall("<testcase", text)) == len(re.findall("scs_verdict", text))
    result.stdout.fnmatch_lines(["*KeyboardInterrupt*"])


def test_what_is_open_ends_with_the_report_on_the_end(request: pytest.FixtureRequest) -> None:
    def report(when: Literal["call", "teardown"], nodeid: str = request.node.nodeid) -> pytest.TestReport:
        return pytest.TestReport(nodeid, ("x.py", 1, "x"), {}, "passed", None, when)

    made = report("call")
    unreported = Unreported(request.node, made)
    assert unreported.after(report("call", "another")) is unreported
    assert unreported.after(report("call")) is unreported
    assert unreported.after(made) == Unreported(request.node, None)
    assert unreported.after(report("teardown")) is None
