# SPDX-License-Identifier: Apache-2.0
"""Causes in inner runs: the kind is in every report that people or programs read."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from pytest_scs.demo.openstack.state import CloudState, Fault


def kinds(run: Any) -> dict[str, str]:
    """Testcase -> kind of the cause, as the report says."""
    return {key: value for document in run.documents for key, value in document["debug"]["causes"].items()}


def properties(pytester: pytest.Pytester) -> dict[str, dict[str, str]]:
    found = {}
    for case in ElementTree.parse(pytester.path / "junit.xml").iter("testcase"):
        known = dict(re.findall(r"\[\[PROPERTY\|(\w+)=(.*)\]\]", case.findtext("system-out", "")))
        found[known["scs_testcase"]] = known
    return found


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_an_outage_is_called_one_everywhere(
    judge: Any, state: CloudState, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    state.faults.append(Fault("GET", "/v2/images", status=503))
    outputs = ("--junit-xml=junit.xml", "--html=report.html", "--self-contained-html", "--scs-record=evidence.json")
    run = judge(state, "-k", "scs-0104 or scs-0100-syntax", *outputs, *workers)
    aborted = run.having("ABORT")
    assert len(aborted) > 1
    assert kinds(run) == dict.fromkeys(aborted, "outage")
    run.result.stdout.fnmatch_lines([f"ABORT {len(aborted)} testcases: *cannot read images*503*"])
    in_junit = {testcase: known.get("scs_cause") for testcase, known in properties(pytester).items()}
    assert in_junit == {testcase: "outage" if testcase in aborted else None for testcase in in_junit}
    assert in_junit["scs-0100-syntax-check"] is None
    page = (pytester.path / "report.html").read_text()
    assert page.count('data-kind="outage"') == 1
    assert page.count('title="Kind of the cause">outage<') == 1 + len(aborted)
    evidence = json.loads((pytester.path / "evidence.json").read_text())
    assert evidence["cause_kinds"] == [{"images": "outage"}]


def test_a_replay_says_what_the_run_said(judge: Any, launch: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    state.faults.append(Fault("GET", "/types", status=403))
    first = judge(state, "-k", "scs-0114", "--scs-record=evidence.json")
    second = launch("--scs-scope=iaas-v5.1", "--scs-replay=evidence.json", "-k", "scs-0114")
    assert set(kinds(first).values()) == {"permission"}
    assert kinds(second) == kinds(first)


def test_a_refused_cloud_is_a_matter_of_permission(judge: Any, state: CloudState) -> None:
    state.roles.append("admin")
    run = judge(state)
    assert set(kinds(run).values()) == {"permission"}
    assert set(kinds(run)) == run.having("ABORT")


def test_a_manual_check_without_an_answer_is_not_answered(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    run = judge(state, "--scs-target=all", "-m", "manual and not creates_resources", "--junit-xml=junit.xml")
    missing = run.having("MISS")
    assert missing
    assert {kinds(run)[testcase] for testcase in missing} == {"not answered"}
    assert {properties(pytester)[testcase]["scs_cause"] for testcase in missing} == {"not answered"}
    # Without the name of an exception, which pytest writes before what is no plain skip.
    assert 'message="manual check: answer it with' in (pytester.path / "junit.xml").read_text()


def test_a_testcase_nobody_wrote_has_no_test(judge: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    pytester.makefile(
        ".yaml",
        mine="""
        name: Mine
        uuid: 0f6d2a34-9f5e-4c27-8a53-3c1e4b7d9a02
        url: https://scs.example/mine.yaml
        variables: [os_cloud]
        scripts:
        - executable: pytest
          testcases:
          - {id: scs-0100-syntax-check, lifetime: week, description: Names are right.}
          - {id: nobody-wrote-this, lifetime: week, description: Nobody judges this.}
        modules:
        - id: scs-0100-v3
          name: Names
          targets: {main: [scs-0100-syntax-check, nobody-wrote-this]}
        timeline:
        - date: 2024-01-01
          versions: {v1: effective}
        versions:
        - version: v1
          include: [scs-0100-v3]
        """,
    )
    run = judge(state, scope="mine.yaml@v1")
    assert run.verdicts == {"scs-0100-syntax-check": "PASS", "nobody-wrote-this": "MISS"}
    assert kinds(run) == {"nobody-wrote-this": "no test"}


@pytest.mark.parametrize(
    ("body", "verdict", "kind"),
    [
        ("pytest.skip('not now')", "MISS", "not selected"),
        ("raise KeyError('name')", "ABORT", "other"),
        ("raise Inconclusive('nobody knows')", "ABORT", "undecidable"),
        ("raise Inconclusive('nothing to measure with', CauseKind.MISSING_TOOL)", "ABORT", "missing tool"),
        (
            "scs.examined('things', 1); scs.add([Undecided('x', 'slow', kind=CauseKind.TIMEOUT)])",
            "ABORT",
            "timeout",
        ),
        ("pass", "ABORT", "undecidable"),
    ],
)
def test_what_ends_a_testcase_says_of_which_kind_that_is(
    judge: Any, state: CloudState, pytester: pytest.Pytester, body: str, verdict: str, kind: str
) -> None:
    test = pytester.makepyfile(
        test_mine=f"""
        import pytest
        from pytest_scs.core.cause import CauseKind, Inconclusive
        from pytest_scs.core.findings import Undecided

        @pytest.mark.scs("scs-0100-syntax-check")
        def test_syntax(scs):
            {body}
        """
    )
    run = judge(state, str(test), "-k", "test_syntax")
    assert run.verdicts["scs-0100-syntax-check"] == verdict
    assert kinds(run)["scs-0100-syntax-check"] == kind


def test_what_an_interruption_kept_from_running_was_interrupted(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    test = pytester.makepyfile(
        test_mine="""
        import pytest

        @pytest.mark.scs("scs-0100-syntax-check")
        def test_syntax(scs):
            raise KeyboardInterrupt
        """
    )
    run = judge(state, str(test), "-k", "scs-0100", apart=True)
    assert run.having("MISS")
    assert kinds(run) == dict.fromkeys(run.having("MISS"), "interrupted")


def test_a_rule_is_named_by_its_id_where_programs_read(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    test = pytester.makepyfile(
        test_mine="""
        import pytest
        from pytest_scs.core.findings import Finding

        @pytest.mark.scs("scs-0100-syntax-check")
        def test_syntax(scs):
            scs.examined("flavors", 1)
            scs.add([Finding("flavor x", "scs-0100/name_syntax", "a", "b", title="the name is right")])
        """
    )
    run = judge(state, str(test), "-k", "test_syntax", "--junit-xml=junit.xml", "--html=report.html")
    assert "ERROR: flavor x: the name is right: expected a, found b" in run.messages("scs-0100-syntax-check")
    assert (
        "flavor x: the name is right: expected a, found b [scs-0100/name_syntax]"
        in (pytester.path / "junit.xml").read_text()
    )
    page = (pytester.path / "report.html").read_text()
    assert '<tr data-rule="scs-0100/name_syntax">' in page
    assert '<td title="scs-0100/name_syntax">the name is right' in page
