# SPDX-License-Identifier: Apache-2.0
"""``scs cleanup`` for what runs made in the domains of managers (scs-0302)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_scs.cli import main as scs
from pytest_scs.demo.openstack.state import CloudState

MANAGERS = ("testcloud:manager-a", "testcloud:manager-b")


@pytest.fixture(autouse=True)
def _own_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def before(state: CloudState) -> dict[str, set[Any]]:
    return state.directory.snapshot()


def test_killed_run_is_cleaned_up_by_its_managers(
    judge: Any, state: CloudState, before: Any, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    pytester.makepyfile(
        breaker="""
        import os, pathlib, signal, time

        def pytest_runtest_setup(item):
            # In the middle: when there are projects.
            folder = pathlib.Path(os.environ["XDG_STATE_HOME"])
            made = '"event": "created", "kind": "project"'
            while not any(made in path.read_text() for path in folder.rglob("*.jsonl")):
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    pytester.syspathinsert()
    state.latency = 0.02
    managers = f"--scs-domain-managers={','.join(MANAGERS)}"
    judge(state, "-m", "scs_0302", managers, "-p", "breaker", scope="beyond-v1", apart=True)
    state.latency = 0
    left = {item["id"] for kind in ("users", "groups", "projects") for item in getattr(state.directory, kind)}
    left -= before["users"]
    assert left
    capsys.readouterr()
    # The judged user may not even look, which is no reason to complain.
    assert scs(["cleanup", "--os-cloud=testcloud"]) == 0
    assert capsys.readouterr().out == "cloud testcloud: nothing is left of any run\n"
    for manager in MANAGERS:
        assert scs(["cleanup", f"--os-cloud={manager}"]) == 0
    listed = capsys.readouterr().out
    assert all(identity in listed for identity in left)
    for manager in MANAGERS:
        assert scs(["cleanup", f"--os-cloud={manager}", "--delete"]) == 0
    assert state.directory.snapshot() == before


def test_manager_who_may_not_list_users_is_told_so(serve: Any, state: CloudState, capsys: Any) -> None:
    serve(state)
    state.directory.denied = {"list_users", "list_roles"}
    assert scs(["cleanup", "--os-cloud=testcloud:manager-a"]) == 1
    out = capsys.readouterr().out
    assert "ERROR: what is left of kind user cannot be listed" in out
    assert "kind role" not in out


def test_cleanup_touches_only_what_carries_a_run_id(serve: Any, state: CloudState, capsys: Any) -> None:
    serve(state)
    domain, users = state.directory.domains[0]["id"], state.directory.users
    names = ("_scs-", "_scs-0302-user", "_scs-0302-12345678", "scs-test-user", "x_scs-0302-12345678-a")
    for identity, name in (*((f"u-{name}", name) for name in names), ("ours", "_scs-0302-12345678-user-1")):
        users.append({"id": identity, "name": name, "domain_id": domain, "enabled": True})
    before = {user["id"] for user in users}
    delete = ["cleanup", "--os-cloud=testcloud:manager-a", "--delete"]
    # Users have nothing but their names, and no run of this machine vouches for these.
    assert scs(delete) == 0
    assert "(ours) looks like ours, but only its name says so: --run=12345678 includes it" in capsys.readouterr().out
    assert {user["id"] for user in state.directory.users} == before
    assert scs([*delete, "--run=12345678"]) == 0
    assert before - {user["id"] for user in state.directory.users} == {"ours"}
