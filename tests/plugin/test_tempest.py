# SPDX-License-Identifier: Apache-2.0
"""Tempest in two throw-away accounts: what is asked of them, and that nothing stays in them, whatever goes wrong.

A small program takes Tempest's place. It gets the same files, speaks the same protocol, and creates things like it.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.cli import main as scs
from pytest_scs.demo.openstack import data
from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.platforms.openstack import removal
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.config import find_cloud
from pytest_scs.platforms.openstack.probes import tempest as probe
from pytest_scs.platforms.openstack.tempest import process

RESULT, COVERAGE = "scs-0128-x-tempest", "scs-0128-x-tempest-coverage"
NAMES = ("throwaway-1", "throwaway-2")
ACCOUNTS = "--scs-tempest-accounts=" + ",".join(NAMES)
SELECTED = ("--scs-target=all", "-m", "scs_0128", ACCOUNTS)

#: Answers "list"; for "run", ``create`` makes things in the first account as Tempest does, and ``say`` tells results.
OPENING = """
import configparser, os, pathlib, sys, threading, time, yaml
from keystoneauth1 import adapter, identity, session
from subunit.v2 import StreamResultToBytes
from pytest_scs.platforms.openstack.tempest import program
from pytest_scs.standards.iaas.tempest_list import listed_tests
action, folder = sys.argv[1], pathlib.Path(sys.argv[2])
threading.Thread(target=program._outlive_nobody, args=(folder,), daemon=True).start()
out = StreamResultToBytes(sys.stdout.buffer)
def say(test, status, **more):
    out.status(test_id=test, test_status=status, **more)
    sys.stdout.flush()
if action == "list":
    for test in listed_tests():
        say(test.id, "exists")
    sys.exit()
ids = (folder / "ids.txt").read_text().split()
conf = configparser.RawConfigParser()
conf.read(folder / "tempest.conf")
prefix = conf["DEFAULT"]["resource_name_prefix"]
accounts = yaml.safe_load((folder / "accounts.yaml").read_text())
def session_of(account):
    names = ("username", "password", "project_name", "user_domain_name", "project_domain_name")
    auth = identity.V3Password(conf["identity"]["uri_v3"], **{name: account[name] for name in names})
    return session.Session(auth)
def create(service, path, key, **body):
    version = {"network": "2"}.get(service)
    api = adapter.Adapter(session_of(accounts[0]), service_type=service, interface="public", version=version)
    return api.post(path, json={key: body}).json()[key]
"""

CREATING = """
create("block-storage", "/volumes", "volume", size=1, name=f"{prefix}-VolumesTest-volume-42")
network = create("network", "/networks", "network", name=f"{prefix}-NetworksTest-43")
subnet = create("network", "/subnets", "subnet", network_id=network["id"], ip_version=4, cidr="10.100.0.0/28")
router = create("network", "/routers", "router", name=f"{prefix}-router-44")
create("network", "/ports", "port", network_id=network["id"])
api = adapter.Adapter(session_of(accounts[0]), service_type="network", interface="public", version="2")
api.put(f"/routers/{router['id']}/add_router_interface", json={"subnet_id": subnet["id"]})
"""

PASSING = 'for test in ids: say(test, "success")\n'


@pytest.fixture(autouse=True)
def _surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for module, name, value in (
        (removal, "ACCEPTANCE", 3),
        (removal, "DELETION", 3),
        (process, "LOOK", 0.02),
        (process, "GRACE", 4),
        (probe, "DEADLINE", 0),
    ):
        monkeypatch.setattr(module, name, value)
    # Of this process, and of those it starts.
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.fixture
def accounts(serve: Any, now: Any) -> tuple[CloudState, CloudState]:
    """The projects of two throw-away users, each a demo cloud of its own with the endpoint ids of the judged one."""
    states = []
    for name in NAMES:
        state = data.conformant(now)
        state.project_name = name
        serve(state, name)
        states.append(state)
    return states[0], states[1]


@pytest.fixture
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, ...]]:
    """Put a program in the place of Tempest; its command is returned for runs in other processes."""

    def write(*parts: str) -> tuple[str, ...]:
        path = tmp_path / "standin.py"
        path.write_text(OPENING + "".join(textwrap.dedent(part) for part in parts))
        command = (sys.executable, "-W", "ignore", str(path))
        monkeypatch.setattr(process, "PROGRAM", command)
        return command

    return write


def left_over(tmp_path: Path) -> list[Path]:
    return [*tmp_path.rglob("*.jsonl"), *tmp_path.glob("scs-tempest-*")]


def test_passing_tempest_passes_and_nothing_is_left(
    judge: Any, state: CloudState, accounts: Any, standin: Any, tmp_path: Path
) -> None:
    before = [one.belongings() for one in (state, *accounts)]
    standin(CREATING, PASSING)
    run = judge(state, *SELECTED, "--scs-record=evidence.json", scope="beyond-v1")
    assert run.verdicts == {RESULT: "PASS", COVERAGE: "PASS"}
    assert run.ret == 0
    run.result.stdout.fnmatch_lines(["tempest: 258 of 258 tests begin*"])
    assert [one.belongings() for one in (state, *accounts)] == before
    assert left_over(tmp_path) == []
    assert all(any(one.method == "DELETE" for one in account.requests) for account in accounts)


def test_no_secret_leaves_tempest(
    judge: Any, state: CloudState, accounts: Any, standin: Any, pytester: pytest.Pytester
) -> None:
    """A test account's password in a traceback is masked wherever a run writes."""
    standin("""
        text = f"x.YError: refused {accounts[0]['username']} with {accounts[0]['password']}".encode()
        for test in ids[1:]: say(test, "success")
        say(ids[0], "fail", file_name="traceback", file_bytes=text, mime_type="text/plain")
    """)
    run = judge(state, *SELECTED, "-vv", "--scs-record=evidence.json", "--junit-xml=junit.xml", scope="beyond-v1")
    assert run.verdicts[RESULT] == "FAIL"
    written = [
        run.result.stdout.str(),
        *((pytester.path / name).read_text() for name in ("evidence.json", "junit.xml", "report.unofficial.yaml")),
    ]
    for account in accounts:
        assert not any(account.password in text for text in written)
    assert any("refused" in text and "***" in text for text in written)


def test_progress_is_told_while_it_runs(
    judge: Any, state: CloudState, accounts: Any, standin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_scs.evidence import progress

    monkeypatch.setattr(progress, "PERIOD", 0)
    standin("""
        for number, test in enumerate(ids):
            say(test, "skip" if number % 10 == 0 else "success")
            if number == 56: time.sleep(3)
    """)
    run = judge(state, *SELECTED, scope="beyond-v1")
    run.result.stdout.fnmatch_lines(["tempest: 57 of 258 tests, 0 failed, 6 skipped, * s of at most 4 h"])


@pytest.mark.parametrize(
    ("program", "limit", "words"),
    [
        (
            "say(ids[0], 'success')\nos.kill(os.getpid(), 9)",
            60,
            "Tempest broke down (exit code -9): it said nothing; so far: 1 passed, ",
        ),
        (
            "say(ids[0], 'success')\nsay(ids[1], 'inprogress')\ntime.sleep(600)",
            6,
            "the time limit of 6 s was reached; so far: 1 passed, ",
        ),
        ("", 60, "258 tests not-run"),
    ],
)
def test_tempest_that_comes_to_no_end_is_undecided(
    judge: Any,
    state: CloudState,
    accounts: Any,
    standin: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    program: str,
    limit: float,
    words: str,
) -> None:
    monkeypatch.setattr(process, "LIMIT", limit)
    before = [one.belongings() for one in accounts]
    standin(CREATING, program)
    run = judge(state, *SELECTED, scope="beyond-v1")
    assert run.verdicts == {RESULT: "ABORT", COVERAGE: "ABORT"}
    assert any(words in line for line in run.messages(RESULT))
    assert [one.belongings() for one in accounts] == before
    assert left_over(tmp_path) == []


def test_test_the_installed_tempest_lacks_is_undecided(
    judge: Any, state: CloudState, accounts: Any, standin: Any
) -> None:
    standin("for test in ids: say(test, 'success')")
    path = Path(process.PROGRAM[-1])
    path.write_text(path.read_text().replace("in listed_tests():", "in listed_tests()[1:]:"))
    run = judge(state, *SELECTED, scope="beyond-v1")
    assert run.verdicts[RESULT] == "ABORT"
    assert any(
        "1 tests unknown" in line and "FlavorsV2TestJSON.test_list_flavors" in line for line in run.messages(RESULT)
    )


def test_what_cannot_be_proved_to_be_tempests_is_named_and_kept(
    judge: Any, state: CloudState, accounts: Any, standin: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    standin(CREATING, 'create("block-storage", "/volumes", "volume", size=1, name="precious")\n', PASSING)
    run = judge(state, *SELECTED, scope="beyond-v1")
    assert run.verdicts[RESULT] == "PASS"
    assert run.ret == 6
    run.result.stdout.fnmatch_lines(["left incomplete: throwaway-1: volume precious (*) appeared during the run, *"])
    assert [volume["name"] for volume in accounts[0].volumes] == ["precious"]
    capsys.readouterr()
    assert scs(["cleanup", "--os-cloud=throwaway-1", "--delete"]) == 0
    assert "not removed: volume precious (" in capsys.readouterr().out
    assert [volume["name"] for volume in accounts[0].volumes] == ["precious"]


BREAKER = """
import os, pathlib, signal, time
from pytest_scs.platforms.openstack.tempest import process
process.PROGRAM = {command!r}

def pytest_runtest_setup(item):
    while not pathlib.Path({flag!r}).exists():
        time.sleep(0.05)
    {end}
"""


def broken_off(judge: Any, state: CloudState, standin: Any, pytester: pytest.Pytester, tmp_path: Path, end: str) -> Any:
    flag = tmp_path / "created"
    command = standin(CREATING, f"pathlib.Path({str(flag)!r}).touch()\ntime.sleep(600)\n")
    pytester.makepyfile(breaker=BREAKER.format(command=command, flag=str(flag), end=end))
    pytester.syspathinsert()
    return judge(state, *SELECTED, "-p", "breaker", scope="beyond-v1", apart=True)


def test_interrupted_run_ends_tempest_and_leaves_nothing(
    judge: Any, state: CloudState, accounts: Any, standin: Any, pytester: pytest.Pytester, tmp_path: Path
) -> None:
    before = [one.belongings() for one in accounts]
    run = broken_off(judge, state, standin, pytester, tmp_path, "raise KeyboardInterrupt")
    assert run.ret == 2
    assert [one.belongings() for one in accounts] == before
    assert left_over(tmp_path) == []


def test_killed_run_is_cleaned_up_in_both_accounts_by_command(
    judge: Any,
    state: CloudState,
    accounts: Any,
    standin: Any,
    pytester: pytest.Pytester,
    tmp_path: Path,
) -> None:
    before = [one.belongings() for one in accounts]
    broken_off(judge, state, standin, pytester, tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    assert all(one.belongings() != was for one, was in zip(accounts, before, strict=True))
    ended = time.monotonic() + 30
    while list(tmp_path.glob("scs-tempest-*")) and time.monotonic() < ended:
        time.sleep(0.1)  # Tempest notices that its starter is dead, and takes the folder with the passwords along
    assert list(tmp_path.glob("scs-tempest-*")) == []
    (journal,) = (tmp_path / "state").rglob("*.jsonl")
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [event["subject"] for event in events if event["event"] == "program"] == list(NAMES)
    assert scs(["cleanup", "--os-cloud=throwaway-1", "--delete"]) == 0
    assert accounts[0].belongings() == before[0]
    assert journal.exists()  # the other account is still to be cleaned
    assert scs(["cleanup", "--os-cloud=throwaway-2", "--delete"]) == 0
    assert accounts[1].belongings() == before[1]
    assert scs(["cleanup", "--os-cloud=testcloud", "--delete"]) == 0
    assert not journal.exists()


def test_names_like_tempests_count_only_for_a_run_that_somebody_vouches_for(
    accounts: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    client = Client(find_cloud("throwaway-1"), 0)
    for name in (
        "_scs-0128-1a2b3c4d-VolumesTest-volume-1",
        "_scs-0128-99999999-VolumesTest-volume-2",
        "_scs-0128-1a2b3c4-X",
    ):
        client.post("block-storage", "/volumes", {"volume": {"size": 1, "name": name}})
    assert scs(["cleanup", "--os-cloud=throwaway-1", "--delete"]) == 0
    assert "nothing is left of any run" in capsys.readouterr().out
    assert len(accounts[0].volumes) == 3
    assert scs(["cleanup", "--os-cloud=throwaway-1", "--run=1a2b3c4d", "--delete"]) == 0
    assert {volume["name"] for volume in accounts[0].volumes} == {
        "_scs-0128-99999999-VolumesTest-volume-2",
        "_scs-0128-1a2b3c4-X",
    }


# -- accounts that must not be used ---------------------------------------------------------------------------------


def refused(judge: Any, state: CloudState, *args: str) -> str:
    run = judge(state, *(args or SELECTED), scope="beyond-v1")
    assert run.verdicts == {RESULT: "ABORT", COVERAGE: "ABORT"}
    # The report of the monitor names no accounts.
    (line,) = (line for line in run.result.outlines if line.startswith("ABORT 2 testcases"))
    return str(line)


def test_privileged_account_is_refused(judge: Any, state: CloudState, accounts: Any, standin: Any) -> None:
    standin(PASSING)
    accounts[1].roles.append("Admin")
    assert "account throwaway-2: the user has the role admin" in refused(judge, state)


def test_account_that_is_the_judged_one_is_refused(judge: Any, state: CloudState, accounts: Any, standin: Any) -> None:
    standin(PASSING)
    accounts[0].project_id = state.project_id
    assert "account throwaway-1: it is the user or the project of the judged account" in refused(judge, state)


def test_accounts_in_one_project_are_refused(judge: Any, state: CloudState, serve: Any, now: Any, standin: Any) -> None:
    standin(PASSING)
    for name in NAMES:
        serve(data.conformant(now), name)
    assert "they must be two users in two projects with different names" in refused(judge, state)


def test_account_of_another_cloud_is_refused(
    judge: Any, state: CloudState, accounts: Any, standin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin(PASSING)
    accounts[1].regions = ["Elsewhere"]  # endpoints of other regions have other ids
    assert "account throwaway-2: it belongs to another cloud than the judged one" in refused(judge, state)


def test_account_of_another_region_is_refused(
    judge: Any, state: CloudState, serve: Any, now: Any, standin: Any
) -> None:
    standin(PASSING)
    for name, regions in zip(NAMES, (["RegionOne"], ["RegionTwo", "RegionOne"]), strict=True):
        account = data.conformant(now)
        account.project_name, account.regions = name, regions
        serve(account, name)
    line = refused(judge, state)
    assert "account throwaway-2: its region is RegionTwo, and RegionOne is judged; set region_name: RegionOne" in line


def test_account_that_cannot_log_in_is_named(judge: Any, state: CloudState, accounts: Any, standin: Any) -> None:
    standin(PASSING)
    accounts[0].password = "changed meanwhile"
    line = refused(judge, state)
    assert "account throwaway-1: the identity service answered" in line
    assert "401" in line


def test_account_without_password_is_refused(
    judge: Any, state: CloudState, serve: Any, now: Any, standin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin(PASSING)
    entry = DemoCloud.clouds_yaml
    monkeypatch.setattr(
        DemoCloud, "clouds_yaml", lambda self, name: entry(self, name, application_credential=name == NAMES[0])
    )
    for name in NAMES:
        serve(data.conformant(now), name)
    assert "account throwaway-1: Tempest needs a user name and a password in clouds.yaml" in refused(judge, state)


def test_quota_of_an_account_is_asked_first(judge: Any, state: CloudState, accounts: Any, standin: Any) -> None:
    standin(PASSING)
    accounts[0].quota["volumes"] = 2
    assert "account throwaway-1: the project's quota is too small: volumes 8 needed, 0 of 2 used" in refused(
        judge, state
    )
    assert not any(one.method == "POST" and one.path.endswith("/networks") for one in accounts[0].requests)


def test_account_in_which_another_run_is_at_work_is_refused(
    judge: Any, state: CloudState, accounts: Any, standin: Any
) -> None:
    standin(PASSING)
    volume = {"size": 1, "name": "_scs-0128-1a2b3c4d-VolumesTest-volume-1"}
    Client(find_cloud("throwaway-2"), 0).post("block-storage", "/volumes", {"volume": volume})
    line = refused(judge, state)
    assert "account throwaway-2: there is volume _scs-0128-1a2b3c4d-VolumesTest-volume-1 (" in line
    assert "scs cleanup --os-cloud=throwaway-2 --run=1a2b3c4d --delete" in line
    assert len(accounts[1].volumes) == 1


def test_tempest_that_is_not_installed_is_said(
    judge: Any, state: CloudState, accounts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = importlib.metadata.version

    def version(name: str) -> str:
        if name == "tempest":
            raise importlib.metadata.PackageNotFoundError(name)
        return original(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert "Tempest is not installed; install pytest-scs with its extra tempest" in refused(judge, state)


def test_bad_result_is_one_line_when_the_run_begins(pytester: pytest.Pytester) -> None:
    pytester.makefile(".xml", results="<html/>")
    args = ("-p", "no:cacheprovider", "--scs-scope=beyond-v1", "--os-cloud=demo", "--scs-tempest-results=results.xml")
    result = pytester.runpytest_inprocess(*args)
    assert result.ret == 4
    (line,) = [line for line in result.stderr.lines if line]
    assert "--scs-tempest-results: " in line
    assert "its root element is 'html', not testsuites or testsuite" in line
