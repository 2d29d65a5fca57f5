# SPDX-License-Identifier: Apache-2.0
"""Whatever the cloud does while a run tries things out: the right verdict, and nothing left behind."""

from __future__ import annotations

import signal
import threading
from typing import Any

import pytest

from pytest_scs.cli import main as scs
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.config import find_cloud
from pytest_scs.platforms.openstack.janitor import Janitor
from pytest_scs.platforms.openstack.removal import Resource

RUN = "0badcafe"

BACKUP = "scs-0117-test-backup"
SECRET = "scs-0116-permissions"
GUEST = {"scs-0101-entropy-avail", "scs-0101-fips-test"}
TRIED = {BACKUP, SECRET, *GUEST}

SELECTION = ("-m", "main and (scs_0101 or scs_0116 or scs_0117)")


@pytest.fixture
def diskless(clean: CloudState) -> CloudState:
    """The same where no flavor has a disk, so that the sample VM needs a volume as well."""
    for flavor in clean.flavors:
        flavor["disk"] = 0
    return clean


def passing(*testcases: str) -> dict[str, str]:
    """All pass but these, which are ABORT."""
    return {testcase: "ABORT" if testcase in testcases else "PASS" for testcase in TRIED}


#: What goes wrong, and the verdicts; what is repeated and passes needs a moment.
FAULTS: dict[str, tuple[list[Fault], dict[str, str]]] = {
    "500 on create": ([Fault("POST", "/volumes$", status=500)], passing(*GUEST) | {BACKUP: "FAIL"}),
    "500 on the creation of a server": ([Fault("POST", "/servers$", status=500)], passing(*GUEST)),
    "429 once": ([Fault("POST", "/volumes$", status=429, times=1)], passing()),
    "429 storm that passes": (
        [Fault("*", "/(volumes|servers|secrets)", status=429, times=2, headers={"Retry-After": "1"})],
        passing(),
    ),
    "429 storm without end": ([Fault("*", "/volume/v3/.*/(volumes|backups)", status=429)], passing(BACKUP, *GUEST)),
    "503 that passes": ([Fault("POST", "/secrets$", status=503, times=1)], passing()),
    "403 on one service": ([Fault("*", "^/volume/", status=403)], passing(*GUEST) | {BACKUP: "FAIL"}),
    "reset in the middle of an answer": ([Fault("GET", "/volumes/[0-9a-f-]+$", "truncate", times=1)], passing()),
    "reset in the middle of a creation": ([Fault("POST", "/backups$", "truncate", times=1)], passing(BACKUP)),
    "no answer to a creation": ([Fault("POST", "/servers$", "drop", times=1)], passing(*GUEST)),
    "500 on delete": ([Fault("DELETE", ".", status=500, times=6)], passing()),
    "no answer to a deletion": ([Fault("DELETE", "/(volumes|backups|servers)/", "drop", times=3)], passing()),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_has_its_verdict_and_leaves_nothing(judge: Any, diskless: CloudState, name: str) -> None:
    faults, verdicts = FAULTS[name]
    diskless.faults += faults
    run = judge(diskless, *SELECTION, f"--scs-deadline={4 if 'without end' in name else 40}")
    assert run.verdicts == verdicts, {testcase: run.messages(testcase) for testcase in TRIED}
    if "storm" not in name:  # 429 is no definite refusal, and a storm hides whether something came of it
        run.result.stdout.no_fnmatch_line("left incomplete*")


def test_a_vm_with_a_disk_of_its_own_needs_no_volume_service(judge: Any, clean: CloudState) -> None:
    clean.faults.append(Fault("*", "^/volume/", status=403))
    assert judge(clean, *SELECTION, "--scs-deadline=40").verdicts == passing() | {BACKUP: "FAIL"}


def test_service_that_is_down_may_have_kept_something(judge: Any, clean: CloudState) -> None:
    clean.faults.append(Fault("*", "/key-manager/", status=503))
    run = judge(clean, *SELECTION)
    assert run.verdicts == passing(SECRET)
    assert run.ret == 6
    run.result.stdout.fnmatch_lines(["left incomplete: secret _scs-0116-*-secret may be there: *with 503*"])


def test_creation_that_was_carried_out_in_spite_of_a_503_is_removed_as_well(judge: Any, clean: CloudState) -> None:
    clean.faults.append(Fault("POST", "/secrets$", "late", status=503, times=1))
    run = judge(clean, *SELECTION, "--scs-deadline=40")
    assert run.verdicts == passing()
    assert sum(one.method == "DELETE" and "/secrets/" in one.path for one in clean.requests) == 2


@pytest.mark.parametrize(
    ("change", "verdicts"),
    [
        ({"stuck": {"volume"}}, {BACKUP: "FAIL"} | dict.fromkeys(GUEST, "ABORT")),
        ({"broken": {"volume"}}, {BACKUP: "FAIL"} | dict.fromkeys(GUEST, "ABORT")),
        ({"broken": {"server"}}, dict.fromkeys(GUEST, "ABORT")),
        ({"quota": {"volumes": 0}}, {BACKUP: "ABORT"} | dict.fromkeys(GUEST, "ABORT")),
    ],
    ids=["never active", "error", "server error", "quota"],
)
def test_what_does_not_become_ready(
    judge: Any, diskless: CloudState, change: dict[str, Any], verdicts: dict[str, str]
) -> None:
    for key, value in change.items():
        setattr(diskless, key, value)
    run = judge(diskless, *SELECTION)
    assert run.verdicts == passing() | verdicts
    _make_deletable(diskless)


def _make_deletable(state: CloudState) -> None:
    """Cinder never lets go of a volume that is still being made: nobody but its operator can."""
    if state.stuck:
        state.stuck.clear()
        for volume in state.volumes:
            volume["status"] = "error"
        assert scs(["cleanup", "--os-cloud=testcloud", "--delete"]) == 0


def test_token_that_expires_in_the_middle_is_renewed(judge: Any, clean: CloudState) -> None:
    paths = (
        ("POST", "/servers$"),
        ("GET", "/volumes/"),
        ("GET", "/backups/"),
        ("POST", "/action$"),
        ("DELETE", "/servers/"),
    )
    clean.faults += [Fault(method, path, status=401, times=1) for method, path in paths]
    run = judge(clean, *SELECTION)
    assert run.verdicts == passing(), run.result.stdout.str()
    assert sum(one.status == 401 for one in clean.requests) == len(paths)
    # Those that came at the same time share a new token.
    assert sum(one.path.endswith("/auth/tokens") for one in clean.requests) >= 2


def test_api_that_is_down_during_the_removal_is_waited_for(judge: Any, clean: CloudState) -> None:
    clean.broken = {"restore"}  # so that everything is still there at the end
    clean.faults.append(Fault("DELETE", "/(volumes|backups)/", "drop", times=2))
    run = judge(clean, "-m", "scs_0117")
    assert run.verdicts == {BACKUP: "FAIL"}
    run.result.stdout.no_fnmatch_line("left incomplete*")


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 2), (signal.SIGTERM, 2), (signal.SIGHUP, 2)])
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_signal_while_probes_wait_leaves_nothing(
    judge: Any, clean: CloudState, pytester: pytest.Pytester, sign: signal.Signals, code: int, workers: tuple[str, ...]
) -> None:
    clean.delays |= {"backup": 60, "server": 60, "backup-deletion": 0, "server-deletion": 0}
    pytester.makepyfile(
        breaker=f"""
        import os, signal, threading, time

        started = []
        # A job in the background of a shell is started with Ctrl-C ignored, and nohup ignores SIGHUP.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

        def pytest_configure(config):
            if not hasattr(config, "workerinput"):
                config.pluginmanager.register(Main())

        class Main:
            def pytest_runtest_logstart(self, nodeid):
                if not started:
                    started.append(threading.Timer(3, os.kill, (os.getpid(), {int(sign)})))
                    started[0].start()

        def pytest_runtest_setup(item):
            # So that it is the main process that judges, after the signal.
            if hasattr(item.config, "workerinput") or ({not workers} and len(started) == 1):
                started.append(None)
                time.sleep(20)
        """
    )
    pytester.syspathinsert()
    threading.Timer(20, clean.timeline.skip, (60,)).start()
    run = judge(clean, *SELECTION, "-p", "breaker", *workers, apart=True)
    assert run.ret == code
    assert set(run.verdicts) == TRIED
    assert {run.verdicts[one] for one in (BACKUP, *GUEST)} == {"MISS"}
    # What was there at that moment is judged, although the file of the VM comes first in the scope.
    assert {verdict for one, verdict in run.verdicts.items() if one not in (BACKUP, *GUEST)} == {"PASS"}
    assert run.documents[0]["debug"]["interrupted"] is True
    run.result.stdout.no_fnmatch_line("left incomplete*")
    run.result.stdout.fnmatch_lines(
        ["scs: interrupted; removing what the run has in testcloud: *A second Ctrl-C leaves it behind (then: scs cl*"]
    )


def test_killed_worker_leaves_nothing(judge: Any, clean: CloudState, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        breaker="""
        import os, signal

        def pytest_runtest_setup(item):
            if hasattr(item.config, "workerinput") and "0117" in item.nodeid:
                os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    pytester.syspathinsert()
    run = judge(clean, *SELECTION, "-p", "breaker", "-n", "2")
    assert run.verdicts[BACKUP] == "ABORT"
    assert set(run.verdicts) == TRIED


def test_requests_are_counted_for_each_testcase(judge: Any, clean: CloudState) -> None:
    run = judge(clean, *SELECTION, "-vv")
    counted = run.documents[0]["debug"]["requests_by_testcase"]
    assert set(counted) == TRIED
    seen = sum("/key-manager/v1/secrets" in one.path for one in clean.requests)
    # Finding out the version is one more.
    assert seen <= counted[SECRET] <= seen + 1
    run.result.stdout.fnmatch_lines([f"  {SECRET}: {counted[SECRET]} requests"])


def test_server_that_is_only_set_aside_is_deleted_for_good(judge: Any, clean: CloudState) -> None:
    clean.deferred_deletion = True
    run = judge(clean, "-m", "main and scs_0101")
    assert run.having("PASS") == GUEST
    assert run.ret == 0
    run.result.stdout.no_fnmatch_line("left incomplete*")


def with_server(state: CloudState) -> tuple[Janitor, Resource]:
    """A janitor who has made a server, on the cloud that is served."""
    janitor = Janitor(Client(find_cloud("testcloud"), 0), RUN, Journal(RUN, "testcloud"), threading.Event())
    flavor = next(one["id"] for one in state.flavors if one["name"] == "SCS-1V-4-10")
    body = {"flavorRef": flavor, "imageRef": state.images[0]["id"], "networks": "none"}
    server, _ = janitor.create("server", "0101", "vm", body)
    return janitor, server


def test_server_that_may_not_be_deleted_for_good_is_named_at_once(
    serve: Any, healthy: CloudState, capsys: pytest.CaptureFixture[str]
) -> None:
    before = healthy.belongings()
    serve(healthy)
    healthy.deferred_deletion = True
    janitor, server = with_server(healthy)
    healthy.faults.append(Fault("POST", "/action$", status=403))
    (problem,) = janitor.close()
    assert problem.startswith(f"{server} could not be removed: the compute service answered POST ")
    assert "/action with 403" in problem
    assert healthy.servers[0]["status"] == "SOFT_DELETED"
    # It is not listed any more, but the journal knows its id.
    healthy.faults.clear()
    assert scs(["cleanup", "--os-cloud=testcloud", "--delete"]) == 0
    assert f"removed {server}" in capsys.readouterr().out
    assert healthy.belongings() == before


@pytest.mark.parametrize(
    "fault", [Fault("POST", "/action$", status=409, times=1), Fault("POST", "/action$", "drop", times=1)]
)
def test_final_deletion_is_asked_for_again(serve: Any, clean: CloudState, fault: Fault) -> None:
    serve(clean)
    clean.deferred_deletion = True
    janitor, _ = with_server(clean)
    clean.faults.append(fault)
    assert janitor.close() == []
