# SPDX-License-Identifier: Apache-2.0
"""Errors users make: one line that says what to do, exit 4; where the cloud is at fault, exit 6 and ABORT for all."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.platforms.option import Option
from pytest_scs.run.options import OPTIONS

ARGS = (
    "--scs-scope=iaas-v5.1",
    "--os-cloud=testcloud",
    "--scs-deadline=0",
    "-p",
    "no:cacheprovider",
    "-m",
    "not creates_resources",
)


def refused(pytester: pytest.Pytester, *args: str) -> str:
    """Run pytest with bad input; returns its only line, having made sure that there is one."""
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", *args)
    assert result.ret == 4
    lines = [line for line in result.stderr.lines if line]
    assert len(lines) == 1, lines
    assert "Traceback" not in result.stdout.str()
    return lines[0].removeprefix("ERROR: ")


@pytest.mark.parametrize(
    ("scope", "line"),
    [
        ("iass-v5.1", "--scs-scope: unknown scope 'iass-v5.1'; did you mean 'iaas-v5.1'?; known: "),
        ("iaas-5.1", "--scs-scope: 'iaas-5.1': SCS-compatible IaaS has no version '5.1'; did you mean 'iaas-v5.1'?"),
        ("iaas-v9", "; known: iaas-next, iaas-v5.1, iaas-v4, iaas-v3"),
        ("none.yaml@v1", "cannot read scope file "),
    ],
)
def test_scope_that_cannot_be_found(pytester: pytest.Pytester, scope: str, line: str) -> None:
    assert line in refused(pytester, f"--scs-scope={scope}", "--os-cloud=demo")


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["--scs-date=2026-13-01"], "--scs-date: '2026-13-01' is not a date; write YYYY-MM-DD"),
        (
            ["--scs-date=2020-01-01"],
            "no version of SCS-compatible IaaS is in force on 2020-01-01; name one, e.g. iaas-",
        ),
        (["--scs-target=mian"], "unknown target 'mian'; did you mean 'main'?; known: main, recommended, preview, all"),
        (["--scs-judge=me"], "--scs-judge: unknown judge 'me'; known: official, text"),
        (["--scs-scope=iaas-v3", "--scs-target=preview"], "no testcase in target preview of iaas-v3"),
        (["--scs-domain-managers=a"], "--scs-domain-managers: 'a' is not two different entries of clouds.yaml; write "),
        (["--scs-managed-roles=a,,b"], "--scs-managed-roles: 'a,,b' has an empty name; write ROLE,ROLE"),
        (["--scs-managed-roles=Admin"], "--scs-managed-roles: domain managers must never hand out the role admin"),
        (
            ["--os-cloud=demo", "--scs-domain-managers=demo:manager-a,demo:manager-c"],
            "the embedded cloud has no 'demo:manager-c'; known: demo:manager-a, demo:manager-b",
        ),
        (["--scs-tempest-accounts=a,a"], "--scs-tempest-accounts: 'a,a' is not two different entries of clouds.yaml"),
        (["--scs-tempest-accounts=a,b", "--os-cloud=demo:vanilla"], "belongs to one cloud, but several are given"),
        (["--scs-tempest-accounts=demo:a,demo:b"], "--scs-tempest-accounts: the embedded cloud has no accounts for it"),
        (["--scs-domain-managers=demo:a,demo:b"], "--scs-domain-managers: the embedded cloud has no 'demo:a'; known: "),
        (["--scs-domain-managers=no-a,no-b"], "--scs-domain-managers: cloud 'no-a'"),
        (
            ["--scs-tls-ignore=a,b"],
            "--scs-tls-ignore: 'a,b' is not HOST or HOST:PORT (one for each time the option is ",
        ),
        (["--scs-domain-managers=a,b,c"], "--scs-domain-managers: 'a,b,c' is not two different entries of clouds.yaml"),
        (["--scs-domain-managers=a, a"], "--scs-domain-managers: 'a, a' is not two different entries of clouds.yaml"),
        (["--scs-tempest-accounts=a"], "--scs-tempest-accounts: 'a' is not two different entries of clouds.yaml"),
        (["--scs-tempest-accounts=no-a,no-b"], "--scs-tempest-accounts: cloud 'no-a'"),
        (["--scs-tempest-results=none"], "--scs-tempest-results: cannot read "),
        (["--scs-tempest-results=."], ": it is a directory, not a file; name a subunit v2 stream "),
        (["--scs-attestations=none.yaml"], "cannot read attestation file "),
        (["--scs-attestations=."], ": it is a directory, not a file"),
        (["--scs-attestations=/dev/zero"], "attestation file /dev/zero is larger than 4096 KiB"),
        (["--scs-managed-roles=a, "], "--scs-managed-roles: 'a, ' has an empty name; write ROLE,ROLE"),
        (["--scs-tls-ignore=a b"], "--scs-tls-ignore: 'a b' is not HOST or HOST:PORT"),
        ([f"--scs-record={'x' * 300}"], "--scs-record: cannot write "),
        ([f"--html={'x' * 300}"], "--html: cannot write "),
        (["--scs-tls-ignore=*.example.org"], "and no wildcards"),
        (["--scs-replay=x", "--scs-tempest-results=y"], "--scs-tempest-results: a recorded cloud is judged with what "),
        (
            ["--scs-replay=x", "--scs-tls-ignore=y"],
            "--scs-tls-ignore: a recorded cloud is judged with what ",
        ),
        (["--scs-subject=a b"], "--scs-subject: 'a b' has characters other than letters, digits"),
        (["--scs-subject=a", "--os-cloud=demo:vanilla"], "names one cloud, but several are given"),
        (["--scs-patience=2,5"], "--scs-patience: '2,5' is no number above 0 and up to 100; write 2 to wait twice as"),
        (["--scs-deadline=soon"], "--scs-deadline: 'soon' is not a number of seconds"),
        (["--os-cloud=demo:vanila"], "unknown embedded cloud 'demo:vanila'; known: demo, demo:vanilla"),
        (["--scs-report=no/such/report.yaml"], "there is no directory "),
        (["--scs-report=/dev/null/reports/"], "--scs-report: /dev/null is no directory, so /dev/null/reports/scs-comp"),
        (["--scs-report=same.out/", "--html=same.out"], "same.out is the file of --scs-report as well; give each its "),
        (
            ["--scs-report=a.yaml", "--scs-record=a.unofficial.yaml"],
            "a.unofficial.yaml is the file of --scs-report (unofficial scopes) as well; give each its own",
        ),
        (
            ["--scs-report=a.yaml", "--scs-attestations=a.unofficial.yaml"],
            "a.unofficial.yaml is the file of --scs-attestations as well; give each its own",
        ),
        (["--scs-json=no/such/result.json"], "--scs-json: there is no directory "),
        (["--scs-metrics=."], "--scs-metrics: "),
        (["--scs-sarif=/dev/null/x.sarif"], "--scs-sarif: "),
        (["--scs-json=same.out", "--scs-csv=./same.out"], "same.out is the file of --scs-json as well; give each its "),
        (["--scs-remediation=same.out", "--html=same.out"], "same.out is the file of --scs-remediation as well; give "),
        (["--scs-csv=a.yaml", "--scs-report=a.yaml"], "a.yaml is the file of --scs-report as well; give each its own"),
        (["--scs-record=no/such/evidence.json"], "--scs-record: there is no directory "),
        (["--html=/dev/null/report.html"], "--html: /dev/null is no directory, so /dev/null/report.html cannot be "),
        (["--html=."], "is a directory; name a file in it"),
        (["--junit-xml=/dev/null/junit.xml"], "--junit-xml: /dev/null is no directory"),
        (["--scs-replay=none.json"], "--scs-replay: cannot read "),
        (["--os-cloud=demo,demo:vanilla"], "once for each: --os-cloud=demo --os-cloud=demo:vanilla"),
        (["--os-cloud=demo:vanilla, x"], "'demo:vanilla, x' is several values; give the option once for each: "),
        (["--os-cloud=a,b"], "--os-cloud: 'a,b' is several values; give the option once for each: --os-cloud=a --"),
        (
            ["--scs-scope=iaas-v5.1,beyond-v1"],
            "once for each: --scs-scope=iaas-v5.1 --scs-scope=beyond-v1",
        ),
        (["--scs-scope=a.yaml@v1,b.yaml@v2"], "once for each: --scs-scope=a.yaml@v1 --scs-scope=b.yaml@v2"),
        (
            ["--scs-report=same.out", "--html=./same.out"],
            "same.out is the file of --scs-report as well; give each its own",
        ),
        (["--scs-report=same.out", "--scs-record=same.out"], "same.out is the file of --scs-report as well; give "),
        (["--junit-xml=same.out", "--html=same.out"], "same.out is the file of --html as well; give each its own"),
        (["--scs-report=a.yaml", "--scs-attestations=a.yaml"], "a.yaml is the file of --scs-attestations as well"),
    ],
)
def test_bad_option(pytester: pytest.Pytester, args: list[str], line: str) -> None:
    scope = () if args[0].startswith("--scs-scope") else ("--scs-scope=iaas",)
    assert line in refused(pytester, *scope, "--os-cloud=demo", *args)


def test_a_device_may_be_named_twice(pytester: pytest.Pytester) -> None:
    args = ("--scs-scope=iaas-v5.1", "--os-cloud=demo", "-m", "scs_0103", "-p", "no:cacheprovider")
    assert pytester.runpytest_inprocess(*args, "--scs-report=/dev/null", "--scs-record=/dev/null").ret == 0


@pytest.mark.parametrize("text", ["", " "])
@pytest.mark.parametrize("option", [option for option in OPTIONS if not option.switch], ids=lambda option: option.name)
def test_empty_value_is_not_ignored(pytester: pytest.Pytester, option: Option, text: str) -> None:
    line = refused(pytester, "--scs-scope=iaas", "--os-cloud=demo", f"{option.spelling}={text}")
    name = option.spelling
    assert line == f"{name}: the value is empty; write {name}={option.metavar} or leave it out"


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["-m", "scs-0103"], "-m: there is no marker 'scs-0103'; did you mean scs_0103?"),
        (["-m", "not creates_ressources"], "-m: there is no marker 'creates_ressources'; did you mean 'creates_res"),
        (["-m", "main and zzz"], "-m: there is no marker 'zzz'; pytest --markers lists them"),
        (["-m", "scs_0103 and"], "Wrong expression passed to '-m'"),
        (["-m", "scs_9999", "-n", "2"], "-m: there is no marker 'scs_9999'"),
    ],
)
def test_bad_selection_is_said_and_leaves_the_last_report_alone(
    pytester: pytest.Pytester, args: list[str], line: str
) -> None:
    path = pytester.path / "report.yaml"
    path.write_text("an earlier report")
    assert line in refused(pytester, "--scs-scope=iaas-v5.1", "--os-cloud=demo", f"--scs-report={path}", *args)
    assert path.read_text() == "an earlier report"


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["-m", "manual"], "manual checks are outside target main; add --scs-target=all"),
        (["-m", "recommended"], "the testcases with marker recommended are outside target main; add --scs-target=all"),
        (["-m", "scs_0125"], "no testcase of iaas-v5.1 was chosen by -m 'scs_0125' and the other filters; see *"),
        (["-k", "nothing-of-this-name"], "no testcase of iaas-v5.1 was chosen; see the options -k, --lf and *"),
    ],
)
def test_selecting_nothing_says_why_and_leaves_the_last_report_alone(
    pytester: pytest.Pytester, args: list[str], line: str
) -> None:
    path = pytester.path / "report.yaml"
    path.write_text("an earlier report")
    options = ("-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "--os-cloud=demo", f"--scs-report={path}")
    result = pytester.runpytest_inprocess(*options, *args)
    assert result.ret == 5
    result.stdout.fnmatch_lines([f"ERROR: nothing was judged: {line}"])
    result.stdout.no_fnmatch_line("*Verdicts*")
    assert path.read_text() == "an earlier report"


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_files_without_a_testcase_are_no_green_run(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    path = pytester.makepyfile("def test_own():\n    pass\n")
    args = ("-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "--os-cloud=demo", *workers, path)
    result = pytester.runpytest_subprocess(*args)
    assert result.ret == 5
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["ERROR: nothing was judged: the named files have no testcase of iaas-v5.1; leave *"])


def test_own_tests_of_a_project_with_a_scope_in_its_ini_file_pass(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nscs_scope = iaas-v5.1\nscs_os_cloud = demo\n")
    path = pytester.makepyfile("def test_own():\n    pass\n")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", path)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["ERROR: nothing was judged: *"])


def test_broken_test_file_leaves_the_last_report_alone(pytester: pytest.Pytester) -> None:
    broken = pytester.makepyfile("import nothing_of_this_name\n")
    path = pytester.path / "report.yaml"
    path.write_text("an earlier report")
    args = ("-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "--os-cloud=demo", f"--scs-report={path}", broken)
    assert pytester.runpytest_inprocess(*args).ret == 2
    assert path.read_text() == "an earlier report"


@pytest.mark.parametrize(
    "option", ["--os-cloud=demo", "--scs-report=report.yaml", "--scs-plan", "--scs-date=2025-01-01"]
)
def test_option_without_scope_is_not_ignored(pytester: pytest.Pytester, option: str) -> None:
    name = option.partition("=")[0]
    line = f"{name}: no scope is given; add --scs-scope=SCOPE, e.g. iaas-v5.1 or kaas-v1"
    assert refused(pytester, option) == line
    assert refused(pytester, *option.split("=")) == line


def test_no_cloud(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OS_CLOUD", raising=False)
    assert refused(pytester, "--scs-scope=iaas-v5.1").startswith("no cloud to judge: name one of clouds.yaml with")


def test_account_of_the_embedded_cloud_needs_that_cloud(pytester: pytest.Pytester, monkeypatch: Any) -> None:
    path = pytester.path / "clouds.yaml"
    path.write_text("clouds: {mycloud: {auth: {auth_url: http://127.0.0.1:9, username: u, password: p}}}")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
    args = ("--scs-scope=beyond-v1", "--os-cloud=mycloud", "--scs-domain-managers=demo:manager-a,demo:manager-b")
    line = refused(pytester, *args)
    assert "demo:manager-a is an account in the embedded cloud: judge that with --os-cloud=demo" in line


@pytest.mark.parametrize("content", [b"clouds: [", b"\xff\xfe", b"a: b: c"], ids=["cut", "binary", "no yaml"])
@pytest.mark.parametrize("option", ["--os-cloud=a", "--scs-domain-managers=a,b", "--scs-tempest-accounts=a,b"])
def test_clouds_yaml_that_cannot_be_read_is_not_said_to_be_absent(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, content: bytes, option: str
) -> None:
    path = pytester.path / "clouds.yaml"
    path.write_bytes(content)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
    demo = () if option.startswith("--os-cloud") else ("--os-cloud=demo",)
    assert f"clouds.yaml is not valid ({path}): " in refused(pytester, "--scs-scope=iaas-v5.1", *demo, option)


def test_no_clouds_yaml(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(pytester.path / "none.yaml"))
    line = refused(pytester, "--scs-scope=iaas-v5.1", "--os-cloud=mycloud")
    assert line.startswith("cloud 'mycloud': no clouds.yaml found (searched: ")


def test_unknown_cloud(pytester: pytest.Pytester, serve: Any, state: CloudState) -> None:
    serve(state, "mycloud")
    line = refused(pytester, "--scs-scope=iaas-v5.1", "--os-cloud=mycluod")
    assert "did you mean 'mycloud'?" in line


@pytest.mark.parametrize("content", ["clouds: [", "- a\n- b\n", "clouds: text\n", "\x80"])
def test_broken_clouds_yaml(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    path = pytester.path / "clouds.yaml"
    path.write_bytes(content.encode("latin-1"))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
    assert "clouds.yaml" in refused(pytester, "--scs-scope=iaas-v5.1", "--os-cloud=mycloud")


def test_evidence_of_another_scope(pytester: pytest.Pytester) -> None:
    record = ("--os-cloud=demo", "--scs-record=evidence.json", "-q", "-p", "no:cacheprovider")
    pytester.runpytest_inprocess("--scs-scope=beyond-v1", "--scs-target=preview", *record)
    line = refused(pytester, "--scs-scope=iaas-v5.1", "--scs-replay=evidence.json")
    assert "was recorded for SCS IaaS beyond the official suite (unofficial), not for SCS-compatible IaaS" in line


def test_evidence_of_another_cloud(pytester: pytest.Pytester) -> None:
    args = ("--scs-scope=iaas-v5.1", "-q", "-p", "no:cacheprovider")
    pytester.runpytest_inprocess(*args, "--os-cloud=demo", "--scs-record=evidence.json")
    line = refused(pytester, "--scs-scope=iaas-v5.1", "--scs-replay=evidence.json", "--os-cloud=other")
    assert line.endswith("has no evidence of cloud 'other'; known: demo")


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": "pytest-scs evidence", "version": 9}'])
def test_broken_evidence(pytester: pytest.Pytester, content: str) -> None:
    Path(pytester.path, "evidence.json").write_text(content)
    assert "evidence.json" in refused(pytester, "--scs-scope=iaas-v5.1", "--scs-replay=evidence.json")


def _everything_aborts(run: Any, cause: str) -> None:
    """One message, ABORT for every testcase that would have run, exit 6, and the report is there."""
    assert run.ret == 6
    assert set(run.verdicts.values()) == {"ABORT"}
    assert len(run.verdicts) == 49
    assert run.result.stdout.str().count(cause) == 1
    assert "Traceback" not in run.result.stdout.str()
    assert run.result.stderr.str() == ""


@pytest.mark.parametrize("role", ["admin", "manager", "Admin"])
def test_elevated_rights_are_refused(judge: Any, state: CloudState, role: str) -> None:
    state.roles.append(role)
    _everything_aborts(judge(state), f"the user has the role {role.lower()} (roles found: ")


def test_user_without_member_is_refused(judge: Any, state: CloudState) -> None:
    state.roles[:] = ["reader"]
    _everything_aborts(judge(state), "does not have the role member in its project (roles found: reader)")


@pytest.mark.parametrize(("seconds", "words"), [(360, "6 minutes ahead of"), (-3600, "60 minutes behind")])
def test_clock_too_far_off_is_refused(judge: Any, state: CloudState, seconds: int, words: str) -> None:
    state.clock_skew = seconds
    _everything_aborts(judge(state), f"its clock is {words} this machine's")


def test_clock_slightly_off_is_accepted(judge: Any, state: CloudState) -> None:
    state.clock_skew = 240
    assert len(judge(state).having("PASS")) == 49


def test_preflight_can_be_skipped(judge: Any, state: CloudState) -> None:
    state.roles.append("admin")
    assert len(judge(state, "--scs-skip-preflight").having("PASS")) == 49


def test_wrong_password(launch: Any, state: CloudState, serve: Any) -> None:
    serve(state)
    _edit(serve, lambda auth: auth.update(password="not-the-password"))
    run = launch(*ARGS)
    _everything_aborts(run, "authentication was refused (401): wrong user, password, secret or project")
    assert "not-the-password" not in run.result.stdout.str()


def test_unreachable_auth_url(launch: Any, serve: Any, state: CloudState) -> None:
    cloud = serve(state)
    cloud.stop()
    _everything_aborts(launch(*ARGS), "no identity service answers at auth_url http://127.0.0.1:")


def test_auth_url_that_is_no_identity_service(launch: Any, serve: Any, state: CloudState) -> None:
    state.faults.append(Fault("*", ".*", action="garbage"))
    serve(state)
    run = launch(*ARGS)
    assert run.ret == 6
    assert len(run.having("ABORT")) == 49


def test_expired_token(launch: Any, serve: Any, state: CloudState) -> None:
    serve(state)
    _edit(serve, lambda auth: (auth.clear(), auth.update(token="expired-token")), auth_type="token")
    _everything_aborts(launch(*ARGS), "authentication was refused (401): the token is expired or invalid")


def test_several_regions_and_none_chosen(launch: Any, serve: Any, state: CloudState) -> None:
    state.regions[:] = ["East", "West"]
    serve(state)
    _edit(serve, lambda auth: None, region_name=None)
    _everything_aborts(launch(*ARGS), "clouds.yaml chooses none; set region_name to one of East, West")


def test_authentication_that_the_sdk_cannot_do_is_one_cause(launch: Any, serve: Any, state: CloudState) -> None:
    serve(state)
    _edit(serve, lambda auth: (auth.clear(), auth.update(endpoint="http://127.0.0.1:1")), auth_type="none")
    _everything_aborts(launch(*ARGS), "cloud testcloud: reading it failed: ")


def test_missing_permission(judge: Any, state: CloudState) -> None:
    state.faults.append(Fault("GET", "/flavors/detail", status=403))
    run = judge(state)
    assert {testcase[:8] for testcase in run.having("ABORT")} == {"scs-0100", "scs-0103"}
    run.result.stdout.fnmatch_lines(["ABORT 17 testcases: *answered GET *with 403*the user lacks the permission*"])


def test_nova_that_is_too_old(judge: Any, state: CloudState) -> None:
    state.compute_microversion = "2.53"
    run = judge(state)
    assert run.verdicts["scs-0103-flavor-2v-8"] == "ABORT"
    run.result.stdout.fnmatch_lines(["*does not know the microversion*"])


def _edit(serve: Any, change: Any, **entry: Any) -> None:
    """Change the entry of the test cloud in clouds.yaml; a value None removes the key."""
    import os

    path = Path(os.environ["OS_CLIENT_CONFIG_FILE"])
    document = yaml.safe_load(path.read_text())
    cloud = document["clouds"]["testcloud"]
    if entry.get("auth_type") == "token":
        cloud["auth"] = {key: cloud["auth"][key] for key in ("auth_url", "project_name", "project_domain_name")}
        url = cloud["auth"]["auth_url"]
        change(cloud["auth"])
        cloud["auth"]["auth_url"] = url
    else:
        change(cloud["auth"])
    cloud.update(entry)
    document["clouds"]["testcloud"] = {key: value for key, value in cloud.items() if value is not None}
    path.write_text(yaml.safe_dump(document))


def test_report_that_cannot_be_written_at_the_end_is_said(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        breaker="""
        import shutil, pathlib

        def pytest_runtest_setup(item):
            shutil.rmtree("out", ignore_errors=True)
        """
    )
    pytester.syspathinsert()
    (pytester.path / "out").mkdir()
    run = judge(state, "-p", "breaker", "-m", "scs_0103", "--scs-record=out/evidence.json")
    assert run.ret == 6
    run.result.stdout.fnmatch_lines(["ERROR: the evidence could not be written to *: No such file or directory"])
    assert len(run.having("PASS")) == 15


def test_a_page_that_cannot_be_written_leaves_the_earlier_one_and_costs_no_other_file(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    """As on a disk that is full for the larger of two files."""
    page = pytester.path / "report.html"
    page.write_text("of an earlier run")
    pytester.makepyfile(
        breaker="""
        import resource, signal
        def pytest_sessionfinish():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        def pytest_unconfigure():
            most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        """
    )
    pytester.syspathinsert()
    options = ("--junit-xml=junit.xml", "--html=report.html", "--self-contained-html")
    run = judge(state, "-p", "breaker", "-k", "scs-0103-flavor-2v-8", *options)
    assert run.ret == 6
    run.result.stdout.fnmatch_lines(["ERROR: */report.html could not be written: File too large*"])
    run.result.stdout.no_fnmatch_line("*Generated html report*")
    assert page.read_text() == "of an earlier run"
    assert ElementTree.parse(pytester.path / "junit.xml").getroot().find("testsuite") is not None
    assert not list(pytester.path.glob(".report*"))


@pytest.mark.parametrize(
    ("raised", "line"),
    [
        ("OSError(28, 'No space left on device')", "OSError: No space left on device (junit.xml or report.html)"),
        ("RuntimeError('boom\\nbang')", "RuntimeError: boom bang"),
    ],
)
@pytest.mark.parametrize("ret", [6, 1])
def test_other_reporters_that_fail_at_the_end_do_not_cost_the_verdicts(
    judge: Any, state: CloudState, pytester: pytest.Pytester, raised: str, line: str, ret: int
) -> None:
    test = "scs-0103-flavor-2v-8"
    if ret == 1:
        state.flavors[:] = [flavor for flavor in state.flavors if flavor["name"] != "SCS-2V-8"]
    pytester.makepyfile(breaker=f"def pytest_sessionfinish():\n    raise {raised}\n")
    pytester.syspathinsert()
    run = judge(state, "-p", "breaker", "-k", test, "--junit-xml=junit.xml", "--html=report.html")
    assert run.ret == ret
    suite = ElementTree.parse(pytester.path / "junit.xml").getroot().find("testsuite")
    assert suite is not None
    assert suite.find("properties/property[@name='scs_judge']") is not None
    assert set(run.verdicts) == {test}
    run.result.stdout.fnmatch_lines([f"ERROR: another report could not be written: {line}", "* main: *"])
    run.result.stdout.no_fnmatch_line("*Traceback*")


def test_evidence_that_lacks_a_section_aborts_its_testcases(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    judge(state, "-m", "scs_0103", "--scs-record=evidence.json")
    assert "images" not in json.loads((pytester.path / "evidence.json").read_text())["clouds"][0]["sections"]
    result = pytester.runpytest_inprocess(
        "-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "--scs-replay=evidence.json"
    )
    assert result.ret == 6
    result.stdout.fnmatch_lines(["ABORT 23 testcases: the evidence does not contain images; record it again*"])


def test_now_is_the_time_of_the_evidence(judge: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    judge(state, "--scs-record=evidence.json")
    path = pytester.path / "evidence.json"
    document = json.loads(path.read_text())
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=400)
    document["clouds"][0]["fetched_at"] = later.isoformat()
    path.write_text(json.dumps(document))
    result = pytester.runpytest_inprocess(
        "-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "--scs-replay=evidence.json", "-k", "recency"
    )
    assert result.ret == 1
