# SPDX-License-Identifier: Apache-2.0
"""Labels in place of private names, in what everybody reads."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from report_text import render

from pytest_scs.base.redact import Redactor
from pytest_scs.core.cause import Cause
from pytest_scs.core.findings import Finding, Undecided
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result, Run, RunOutcome, SubjectRun
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.subject import Subject
from pytest_scs.reports.lines import count
from pytest_scs.reports.public import public_outcome, public_text, public_view, public_view_of
from pytest_scs.reports.scs.public import assignment


def renamed(run: Run, name: str, label: str) -> Run:
    """The same run on a subject with another name."""
    [subject_run] = run.subject_runs
    other = dataclasses.replace(subject_run, subject=Subject("openstack", name, label))
    return dataclasses.replace(run, subject_runs=[other])


@pytest.mark.parametrize(
    ("name", "text", "public"),
    [
        ("admin@k8s", "cloud admin@k8s: no connection", "cloud acme: no connection"),
        ("admin@k8s", "scs cleanup --kube-context=admin@k8s --delete", "scs cleanup --kube-context=acme --delete"),
        ("admin@k8s", "cloud admin@k8s-2: cloud 'admin@k8s'", "cloud admin@k8s-2: cloud 'acme'"),
        ("arn:x:y/z", "cloud arn:x:y/z: gone", "cloud acme: gone"),
        (
            "admin",
            "cloud admin: the role admin, cluster-admin is missing",
            "cloud acme: the role admin, cluster-admin is missing",
        ),
        ("a", "cloud a: a cloud a.b", "cloud acme: a cloud a.b"),
    ],
)
def test_the_private_name_is_hidden_where_it_is_one(
    make_run: Callable[..., Run], name: str, text: str, public: str
) -> None:
    run = renamed(make_run(), name, "acme")
    assert public_view_of(run, run.subject_runs[0])[0].redact(text) == public


def test_a_name_that_is_the_label_stays(make_run: Callable[..., Run]) -> None:
    run = make_run({"scs-0100-one": "FAIL", "scs-0100-two": "ABORT"})
    assert public_view(run).subject_runs == run.subject_runs


def test_what_is_left_behind_is_said_with_the_label(make_run: Callable[..., Run]) -> None:
    run = renamed(make_run(), "admin@k8s", "acme")
    run.subject_runs[0].debug["left_incomplete"] = [
        "(see: scs cleanup --kubeconfig=/home/me/x y); more",
        "cloud admin@k8s: volume x is left: scs cleanup --os-cloud=admin@k8s",
    ]
    text = render(run)
    assert "admin@k8s" not in text
    assert "/home/me" not in text
    assert "cloud acme: volume x is left: scs cleanup" in text


def test_variables_are_those_of_the_scope_with_what_the_platform_says(mini_path: Path) -> None:
    scope = load_scope(mini_path)
    subject_run = SubjectRun(Subject("openstack", "prod", "acme"), {})
    assert assignment(subject_run, scope) == dict.fromkeys(scope.variables or ("os_cloud",), "acme")
    known = dataclasses.replace(subject_run, assignment={"os_cloud": "acme", "mode": "full"})
    assert assignment(known, dataclasses.replace(scope, variables=("mode", "path"))) == {"mode": "full"}
    assert assignment(known, dataclasses.replace(scope, variables=())) == known.assignment


def test_a_testcase_of_no_standard_has_a_command_without_marker(
    make_run: Callable[..., Run], mini: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(mini.replace("scs-0116-v1-manual", "keys-v1"))
    [document] = yaml.safe_load_all(render(make_run(specs=[f"{path}@next"], targets=("preview",))))
    commands = [one["cmd"] for one in document["run"]["invocations"].values() if "five-check" in one["results"]]
    assert commands == ["pytest --scs-scope=x-next --scs-target=preview"]


def _private(run: Run) -> Run:
    redact = Redactor()
    redact.private.add_addresses(["https://api.acme.example:5000/v3", "https://other.acme.example"])
    redact.private.add("PROJECT", ["proj-geheim"])
    return dataclasses.replace(renamed(run, "acme-prod", "acme"), redact=redact)


def test_objects_that_a_label_makes_alike_are_still_counted_one_by_one(
    make_run: Callable[..., Run], make_result: Callable[..., Result]
) -> None:
    result = make_result("scs-0100-one", "FAIL")
    hosts = ("api.acme.example", "other.acme.example", "api.acme.example")
    rules = ("a", "b", "c")
    result.findings = [Finding(f"https://{host}:443", rule, "1", "2") for host, rule in zip(hosts, rules, strict=True)]
    result.findings.append(Finding("flavor x", "d", "1", "2"))
    run = public_view(_private(make_run({"scs-0100-one": result})))
    [shown] = [one for one in run.subject_runs[0].results.values() if one.testcase == "scs-0100-one"]
    assert [finding.resource for finding in shown.findings] == ["URL #1", "URL #2", "URL #1", "flavor x"]
    assert count(shown, Judge.OFFICIAL) == count(result, Judge.OFFICIAL)


def test_what_happened_inside_a_program_is_left_out(
    make_run: Callable[..., Run], make_result: Callable[..., Result]
) -> None:
    result = make_result("scs-0100-one", "ABORT")
    result.details = 'File "/home/me/x.py"'
    result.cause = Cause("cloud acme-prod: no connection to https://x.invalid/y: refused; see /home/me/clouds.yaml")
    result.undecided = [Undecided("flavor a", "10.0.0.1:80 says no")]
    run = public_view(_private(make_run({"scs-0100-one": result})))
    shown = run.subject_runs[0].results["scs-0100-one"]
    assert shown.details == ""
    assert str(shown.cause) == "cloud acme: no connection to URL: refused"
    assert shown.undecided[0].reason == "HOST says no"
    assert shown.subject == Subject("openstack", "acme", "acme")
    assert (shown.official, shown.evidence) == (result.official, result.evidence)


def test_addresses_of_scope_files_are_public(make_run: Callable[..., Run], make_result: Callable[..., Result]) -> None:
    result = make_result("scs-0100-one", "ABORT")
    result.cause = Cause("no copy of https://scs.example/list is bundled")
    shown = public_view(make_run({"scs-0100-one": result})).subject_runs[0].results["scs-0100-one"]
    assert str(shown.cause) == "no copy of https://scs.example/list is bundled"


def test_lines_about_the_run_are_public_as_well(make_run: Callable[..., Run]) -> None:
    line = "cloud acme-prod: server x is left; see: scs cleanup --os-cloud=acme-prod --run=1"
    outcome = RunOutcome(
        _private(make_run()), ["could not write /home/me/x.yaml"], [line], ["SCS report: /tmp/a/r.yaml"]
    )
    public = public_outcome(outcome)
    assert (public.problems, public.written) == (["could not write FILE"], ["SCS report: FILE"])
    assert public.incomplete == ["cloud acme: server x is left; see: scs cleanup"]
    assert outcome.incomplete == [line]
    nothing = RunOutcome()
    assert public_outcome(nothing) is nothing


def test_texts_that_others_have_begun_are_read_line_by_line(make_run: Callable[..., Run]) -> None:
    run = _private(make_run())
    text = "ABORT x: y\ncause: no connection to 10.9.8.7:80\n| File x.py\nproject proj-geheim of 10.9.8.7"
    assert public_text(run, run.redact, text) == "ABORT x: y\ncause: no connection to HOST\nproject PROJECT of 10.9.8.7"
    assert public_text(run, run.redact, "test_x[scs-0100-acme-prod]") == "test_x[scs-0100-acme]"
    assert public_text(run, run.redact, platform.node()) == "HOST"
    assert public_text(None, str, "a") == "a"
