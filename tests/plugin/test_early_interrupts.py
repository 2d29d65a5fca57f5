# SPDX-License-Identifier: Apache-2.0
"""A run that is interrupted where pytest takes nothing: one line and exit code 2; after the header with a report."""

from __future__ import annotations

import signal

import pytest

RUN = ("-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "--os-cloud=demo", "--scs-report=reports/")
LINE = "pytest: interrupted before anything was judged"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("conftest", "raise KeyboardInterrupt"),
        ("interrupting", "def pytest_configure(config): raise KeyboardInterrupt"),
        ("interrupting", "def pytest_load_initial_conftests(): raise KeyboardInterrupt"),
        (
            "interrupting",
            "import pytest\n@pytest.hookimpl(trylast=True)\ndef pytest_configure(config): raise KeyboardInterrupt",
        ),
    ],
)
def test_before_the_header_it_is_one_line(pytester: pytest.Pytester, file: str, code: str) -> None:
    pytester.makepyfile(**{"interrupting": "", file: code})
    pytester.syspathinsert()
    run = pytester.runpytest_subprocess("-p", "interrupting", *RUN)
    assert run.ret == 2
    assert [line for line in (*run.outlines, *run.errlines) if line] == [LINE]
    assert not (pytester.path / "reports").exists()


@pytest.mark.parametrize("hook", ["sessionstart", "collection"])
def test_after_the_header_there_is_a_report(pytester: pytest.Pytester, hook: str) -> None:
    when = {"sessionstart": "trylast", "collection": "tryfirst"}[hook]
    code = f"import pytest\n@pytest.hookimpl({when}=True)\ndef pytest_{hook}(session): raise KeyboardInterrupt"
    pytester.makepyfile(interrupting=code)
    pytester.syspathinsert()
    run = pytester.runpytest_subprocess("-p", "interrupting", *RUN)
    assert run.ret == 2
    run.stdout.no_fnmatch_line("*Traceback*")
    run.stdout.fnmatch_lines(["*KeyboardInterrupt*"])
    assert run.errlines == []
    [report] = (pytester.path / "reports").rglob("*.yaml")
    text = report.read_text("utf-8")
    assert "interrupted: true" in text
    assert "result" not in text.replace("results: {}", "")


def test_a_report_of_an_earlier_run_stays(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(interrupting="def pytest_collection(session): raise KeyboardInterrupt")
    pytester.syspathinsert()
    path = pytester.path / "report.yaml"
    path.write_text("says more")
    assert pytester.runpytest_subprocess("-p", "interrupting", *RUN[:-1], "--scs-report=report.yaml").ret == 2
    assert path.read_text() == "says more"


#: Sends a signal to its own process when a run has judged everything, and goes on.
LATE = """
import os
import pytest
from pytest_scs.run import finish

def signalled():
    os.kill(os.getpid(), {number})

if "{when}" == "writing":
    write = finish._write
    finish._write = lambda *given: (signalled(), write(*given))[1]

@pytest.hookimpl(trylast=True)
def pytest_sessionfinish():
    if "{when}" == "others":
        signalled()

def pytest_unconfigure(config):
    if "{when}" == "end":
        config.add_cleanup(signalled)
"""


@pytest.mark.parametrize(
    ("when", "number"), [("writing", signal.SIGINT), ("others", signal.SIGTERM), ("end", signal.SIGINT)]
)
def test_when_everything_is_judged_the_report_is_whole(
    pytester: pytest.Pytester, when: str, number: signal.Signals
) -> None:
    pytester.makepyfile(interrupting=LATE.format(when=when, number=int(number)))
    pytester.syspathinsert()
    run = pytester.runpytest_subprocess("-p", "interrupting", *RUN, "-k", "0100", "--junit-xml=junit.xml")
    assert run.ret == 2
    assert run.errlines == ["pytest: interrupted at its end"]
    run.stdout.fnmatch_lines(["*SCS report:*", "*= 2 passed*"])
    [report] = (pytester.path / "reports").rglob("*.yaml")
    text = report.read_text("utf-8")
    assert "scs-0100-syntax-check: 1" in text
    assert "interrupted: true" not in text
    assert (pytester.path / "junit.xml").exists()
