# SPDX-License-Identifier: Apache-2.0
"""Testcases that create something: the right verdict, and nothing left behind, whatever goes wrong."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.cli import main as scs
from pytest_scs.demo.openstack import guest
from pytest_scs.demo.openstack.state import CloudState, Container, Fault
from pytest_scs.standards.iaas.guest_check import NO_PYTHON

ALL = ("-m", "iaas")
CREATING = ("-m", "creates_resources")
#: What the user has few of in the test of lookalikes.
UNNAMED = ("ec2_credentials", "containers")
GUEST = {"scs-0101-entropy-avail", "scs-0101-fips-test"}


def _journals(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "state").rglob("*.jsonl"))


def test_conforming_cloud_is_ready_to_certify(judge: Any, clean: CloudState, tmp_path: Path) -> None:
    run = judge(clean, *ALL)
    assert run.ret == 0
    assert len(run.having("PASS")) == 54
    run.result.stdout.fnmatch_lines(
        ["iaas-v5.1 (effective) main: PASS (54 PASS); ready to certify: yes, plus 3 declarations"]
    )
    assert _journals(tmp_path) == []


def test_workers_wait_for_what_the_main_process_probes(judge: Any, clean: CloudState) -> None:
    run = judge(clean, *ALL, "-n", "3")
    assert run.ret == 0
    assert len(run.having("PASS")) == 54


def test_waiting_for_a_probe_is_said_now_and_then(
    judge: Any, healthy: CloudState, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_scs.evidence import progress

    monkeypatch.setattr(progress, "PERIOD", 1)
    healthy.console = "Linux version 6.8.0, and no report\n"
    run = judge(healthy, "-m", "scs_0101")
    run.result.stdout.re_match_lines(
        [r"sample VM: running, its report is to come on the console, [1-9] s of at most [1-9]\d* s$"]
    )


def test_probed_evidence_is_judged_again_without_a_cloud(
    judge: Any, clean: CloudState, pytester: pytest.Pytester
) -> None:
    judge(clean, *ALL, "--scs-record=evidence.json")
    assert clean.password not in (pytester.path / "evidence.json").read_text()
    args = ("-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "--scs-replay=evidence.json")
    assert pytester.runpytest_inprocess(*args).ret == 0
    assert pytester.runpytest_subprocess(*args, "-n", "2").ret == 0


def test_old_neutron_without_template_is_judged_by_a_new_group(judge: Any, clean: CloudState) -> None:
    clean.default_security_group_rules = None
    assert judge(clean, "-m", "scs_0115").verdicts == {"scs-0115-default-rules": "PASS"}
    clean.custom_group_rules = [{"direction": "ingress", "ethertype": "IPv4"}]
    run = judge(clean, "-m", "scs_0115")
    assert run.verdicts == {"scs-0115-default-rules": "FAIL"}
    assert any("ingress" in line for line in run.messages("scs-0115-default-rules"))


def test_open_template_is_a_violation(judge: Any, clean: CloudState) -> None:
    rules = copy.deepcopy(clean.default_security_group_rules) or []
    open_rule = {**rules[0], "id": "open-rule", "direction": "ingress", "remote_group_id": None}
    clean.default_security_group_rules = [*rules, open_rule]
    run = judge(clean, "-m", "scs_0115")
    assert run.verdicts == {"scs-0115-default-rules": "FAIL"}
    assert any("open-rule" in line for line in run.messages("scs-0115-default-rules"))


def test_network_that_cannot_be_asked_is_undecided(judge: Any, clean: CloudState) -> None:
    clean.faults.append(Fault("GET", "default-security-group-rules", status=403))
    assert judge(clean, "-m", "scs_0115").verdicts == {"scs-0115-default-rules": "ABORT"}


def test_template_that_comes_after_a_passing_fault_is_judged_and_the_fault_is_noted(
    judge: Any, clean: CloudState
) -> None:
    clean.faults.append(Fault("GET", "default-security-group-rules", status=503, times=1))
    run = judge(clean, "-m", "scs_0115", "--scs-deadline=40")
    assert run.verdicts == {"scs-0115-default-rules": "PASS"}
    assert any("answered with 503" in line and "DEV-0115-8" in line for line in run.messages("scs-0115-default-rules"))


@pytest.mark.parametrize("path", ["/key-manager", "/key-manager/v1"])
def test_member_may_use_secrets_with_and_without_version_in_the_catalog(
    judge: Any, clean: CloudState, path: str
) -> None:
    clean.service("key-manager")["path"] = path
    assert judge(clean, "-k", "scs-0116-permissions", *CREATING).verdicts == {"scs-0116-permissions": "PASS"}


def test_member_who_may_not_create_secrets_is_a_violation(judge: Any, clean: CloudState) -> None:
    clean.key_manager_roles = {"creator"}
    run = judge(clean, "-m", "scs_0116 and creates_resources")
    assert run.verdicts == {"scs-0116-permissions": "FAIL"}
    assert any("a member may create a secret" in line for line in run.messages("scs-0116-permissions"))


def test_cloud_without_key_manager_passes_with_a_warning(judge: Any, clean: CloudState) -> None:
    clean.services[:] = [service for service in clean.services if service["type"] != "key-manager"]
    run = judge(clean, "-m", "scs_0116 and creates_resources")
    assert run.verdicts == {"scs-0116-permissions": "PASS"}
    assert any("DEV-0116-4" in line for line in run.messages("scs-0116-permissions"))


def test_key_manager_that_breaks_down_is_undecided(judge: Any, clean: CloudState) -> None:
    clean.faults.append(Fault("POST", "/secrets", status=500))
    run = judge(clean, "-m", "scs_0116 and creates_resources")
    assert run.verdicts == {"scs-0116-permissions": "ABORT"}


def test_exhausted_quota_of_secrets_is_undecided(judge: Any, clean: CloudState) -> None:
    clean.quota["secrets"] = 0
    run = judge(clean, "-m", "scs_0116 and creates_resources")
    assert run.verdicts == {"scs-0116-permissions": "ABORT"}
    assert "quota has been reached" in run.result.stdout.str()
    assert "lacks the permission" not in run.result.stdout.str()
    assert "the official suite gives FAIL, DEV-0116-5" in " ".join(run.result.stdout.str().split())


def test_no_backup_service_is_a_violation_that_says_so(judge: Any, clean: CloudState) -> None:
    clean.backup_service = False
    run = judge(clean, "-m", "scs_0117")
    assert run.verdicts == {"scs-0117-test-backup": "FAIL"}
    assert any("no backup service runs" in line for line in run.messages("scs-0117-test-backup"))


@pytest.mark.parametrize("what", ["volume", "backup", "restore"])
def test_step_that_ends_in_an_error_is_a_violation(judge: Any, clean: CloudState, what: str) -> None:
    clean.broken = {what}
    run = judge(clean, "-m", "scs_0117")
    assert run.verdicts == {"scs-0117-test-backup": "FAIL"}


def test_volume_service_that_does_not_answer_is_undecided(judge: Any, clean: CloudState) -> None:
    clean.faults.append(Fault("POST", "/volumes", action="drop"))
    run = judge(clean, "-m", "scs_0117")
    assert run.verdicts == {"scs-0117-test-backup": "ABORT"}
    assert "DEV-0117-2" in run.result.stdout.str()


@pytest.mark.parametrize(
    ("quota", "testcases", "words"),
    [
        ({"volumes": 1}, {"scs-0117-test-backup"}, "volumes 2 needed, 0 of 1 used"),
        ({"backups": 0}, {"scs-0117-test-backup"}, "backups 1 needed, 0 of 0 used"),
        ({"instances": 0}, GUEST, "instances 1 needed, 0 of 0 used"),
    ],
)
def test_quota_is_asked_before_anything_is_created(
    judge: Any, clean: CloudState, quota: dict[str, int], testcases: set[str], words: str
) -> None:
    clean.quota.update(quota)
    run = judge(clean, "-m", "scs_0117 or scs_0101")
    assert run.having("ABORT") == testcases
    assert words in run.result.stdout.str()
    kinds = {"instances": "/servers"}.get(next(iter(quota)), "/volumes")
    made = [one for one in clean.requests if one.method == "POST" and one.path.endswith(kinds)]
    assert len(made) <= (1 if kinds == "/volumes" else 0)


def test_poor_entropy_is_a_violation(judge: Any, clean: CloudState) -> None:
    clean.console = guest.console({**guest.HEALTHY, "entropy_avail": "128"})
    run = judge(clean, "-m", "scs_0101 and main")
    assert run.verdicts == {"scs-0101-entropy-avail": "FAIL", "scs-0101-fips-test": "PASS"}
    assert any("128" in line for line in run.messages("scs-0101-entropy-avail"))


def test_bad_random_numbers_are_a_violation(judge: Any, clean: CloudState) -> None:
    bad = copy.deepcopy(guest.HEALTHY)
    bad["fips"][0]["failures"] = 9
    clean.console = guest.console(bad)
    run = judge(clean, "-m", "scs_0101 and main")
    assert run.having("FAIL") == {"scs-0101-fips-test"}


def test_missing_rngd_is_a_violation_outside_main(judge: Any, clean: CloudState) -> None:
    clean.console = guest.console({**guest.HEALTHY, "rngd": {"unit": "", "loaded": False, "active": False}})
    run = judge(clean, "--scs-target=preview", "-k", "scs-0101-rngd", *CREATING)
    assert run.verdicts == {"scs-0101-rngd": "FAIL"}
    assert run.ret == 0


def test_garbage_on_the_console_does_not_hide_the_report(judge: Any, clean: CloudState) -> None:
    plain = guest.console(guest.HEALTHY)
    clean.console = lambda server: plain(server).replace("\n_scs-", "\n[   12.34] login: ^[[0m_scs-")
    assert judge(clean, "-m", "scs_0101 and main").having("PASS") == GUEST


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"console": ""}, "printed no report within 3 s; its console is empty; then, with a disk for its report:"),
        ({"console": "Debian GNU/Linux 12"}, "its console has 19 characters, none of them ours"),
        ({"console": "Kernel panic - not syncing: VFS"}, "the kernel panicked"),
        ({"server_error": "No valid host was found."}, "did not start: No valid host was found."),
        ({"stuck": {"server"}}, "did not start: it is BUILD, 2 s were given"),
    ],
)
def test_guest_that_says_nothing_is_undecided(
    judge: Any, clean: CloudState, change: dict[str, Any], words: str
) -> None:
    for key, value in change.items():
        setattr(clean, key, value)
    run = judge(clean, "-m", "scs_0101 and main")
    assert run.having("ABORT") == GUEST
    assert words in run.result.stdout.str()


def test_image_without_python_is_told_with_what_to_do(judge: Any, clean: CloudState) -> None:
    clean.console = f"Linux version 6.8.0 (cirros)\n{NO_PYTHON}\n"
    run = judge(clean, "-m", "scs_0101")
    assert set(run.verdicts.values()) == {"ABORT"}
    run.result.stdout.fnmatch_lines(
        [
            "ABORT 2 testcases: *) failed: the image has no Python 3; then the sample VM (*) failed: the image has no "
            "Python 3; offer a public image with cloud-init and Python 3, such as Ubuntu 24.04"
        ]
    )


def test_image_that_does_not_boot_is_replaced_by_the_next_one(judge: Any, clean: CloudState) -> None:
    works = guest.console(guest.HEALTHY)
    booted: list[str] = []

    def console(server: Any) -> str:
        if server["name"] not in booted:
            booted.append(server["name"])
        return works(server) if len(booted) > 1 else "Kernel panic - not syncing: VFS"

    clean.console = console
    run = judge(clean, "-m", "scs_0101 and main", "--scs-record=evidence.json")
    assert run.having("PASS") == GUEST
    assert [name.partition("-")[2].split("-", 2)[2] for name in booted] == ["vm", "second-vm"]


def test_the_only_image_is_tried_once_more_with_the_smallest_flavor(judge: Any, clean: CloudState) -> None:
    works = guest.console(guest.HEALTHY)
    others = [one for one in clean.images if one["name"] != "Debian 12"]
    clean.images = [one for one in clean.images if one["name"] == "Debian 12"]
    booted: list[str] = []

    def console(server: Any) -> str:
        if server["name"] not in booted:
            booted.append(server["name"])
        return works(server) if len(booted) > 1 else "Kernel panic - not syncing: VFS"

    clean.console = console
    run = judge(clean, "-m", "scs_0101 and main")
    clean.images += others
    assert run.having("PASS") == GUEST
    assert [name.partition("-")[2].split("-", 2)[2] for name in booted] == ["vm", "second-vm"]


def test_no_other_flavor_is_tried_for_what_the_only_image_lacks(judge: Any, clean: CloudState) -> None:
    others = [one for one in clean.images if one["name"] != "Debian 12"]
    clean.images = [one for one in clean.images if one["name"] == "Debian 12"]
    clean.console = f"Linux version 6.8.0 (cirros)\n{NO_PYTHON}\n"
    run = judge(clean, "-m", "scs_0101 and main")
    clean.images += others
    run.result.stdout.fnmatch_lines(
        ["ABORT 2 testcases: *) failed: the image has no Python 3; there is no other image to try; offer a public *"]
    )


_FORBIDDEN = Fault("POST", "/servers/.*/action", status=403)
UNREADABLE = {
    "empty": "",
    "forbidden": _FORBIDDEN,
    "without a console": Fault("POST", "/servers/.*/action", status=404),
    "without the function": Fault("POST", "/servers/.*/action", status=501),
}


def _unreadable(cloud: CloudState, way: str) -> None:
    """Hide the console of the guest, which is healthy and can write to a disk."""
    cloud.disk = guest.disk(guest.HEALTHY)
    how = UNREADABLE[way]
    if isinstance(how, Fault):
        cloud.faults.append(copy.copy(how))
    else:
        cloud.console = how


@pytest.mark.parametrize("way", UNREADABLE)
def test_guest_whose_console_cannot_be_read_reports_by_a_disk(judge: Any, clean: CloudState, way: str) -> None:
    _unreadable(clean, way)
    run = judge(clean, "-m", "scs_0101 and main")
    assert run.having("PASS") == GUEST
    assert any("so the VM reported by a disk" in line for line in run.messages("scs-0101-entropy-avail"))


def test_poor_entropy_reported_by_a_disk_is_a_violation(judge: Any, clean: CloudState) -> None:
    _unreadable(clean, "forbidden")
    clean.disk = guest.disk({**guest.HEALTHY, "entropy_avail": "128"})
    run = judge(clean, "-m", "scs_0101 and main")
    assert run.verdicts == {"scs-0101-entropy-avail": "FAIL", "scs-0101-fips-test": "PASS"}
    assert any("128" in line for line in run.messages("scs-0101-entropy-avail"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"disk": None}, "the VM did not shut down within 2 s: it is ACTIVE"),
        ({"disk": lambda server: "nonsense"}, "shut down without a report on its disk"),
        ({"quota": {"volumes": 1, "instances": 1}}, "volumes 2 needed, 0 of 1 used"),
        ({"faults": [_FORBIDDEN, Fault("POST", "/images", status=403)]}, "POST /image/v2/images with 403"),
        ({"broken": {"upload"}}, "-disk-copy with the id"),
        ({"faults": [_FORBIDDEN, Fault("GET", "/file", status=500)]}, "/file with 500"),
        ({"faults": [_FORBIDDEN, Fault("GET", "/file", action="truncate")]}, "no connection"),
    ],
)
def test_guest_without_console_and_disk_is_undecided(
    judge: Any, clean: CloudState, change: dict[str, Any], words: str
) -> None:
    _unreadable(clean, "forbidden")
    for key, value in change.items():
        setattr(clean, key, value)
    run = judge(clean, "-m", "scs_0101 and main")
    assert run.having("ABORT") == GUEST
    assert words in run.result.stdout.str()


def test_lost_answer_to_a_creation_leaves_nothing_behind(judge: Any, clean: CloudState) -> None:
    clean.faults.append(Fault("POST", "/volumes$", action="truncate", times=1))
    run = judge(clean, "-m", "scs_0117")
    assert run.verdicts == {"scs-0117-test-backup": "ABORT"}
    assert "DEV-0117-2" in run.result.stdout.str()


def test_deletion_is_tried_again(judge: Any, clean: CloudState) -> None:
    clean.faults.append(Fault("DELETE", "/volumes/", status=500, times=2))
    assert judge(clean, "-m", "scs_0117").verdicts == {"scs-0117-test-backup": "PASS"}


def test_what_cannot_be_deleted_is_named_and_found_again(
    judge: Any, healthy: CloudState, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = healthy.belongings()
    healthy.faults.append(Fault("DELETE", "/volumes/", status=500))
    run = judge(healthy, "-m", "scs_0117")
    assert run.verdicts == {"scs-0117-test-backup": "PASS"}
    assert run.ret == 6
    run.result.stdout.fnmatch_lines(["left incomplete: volume _scs-0117-*-volume (*) could not be removed: *500*"])
    told = run.documents[0]["debug"]["left_incomplete"]
    assert len(told) == 2
    assert all("could not be removed" in line for line in told)
    assert len(_journals(tmp_path)) == 1
    healthy.faults.clear()
    capsys.readouterr()
    assert scs(["cleanup", "--os-cloud=testcloud"]) == 0
    listed = capsys.readouterr().out
    assert listed.count("volume _scs-0117-") == 2
    assert "remove them with: scs cleanup --os-cloud=testcloud --delete" in listed
    assert healthy.belongings() != before
    assert scs(["cleanup", "--os-cloud=testcloud", "--delete"]) == 0
    assert healthy.belongings() == before
    assert _journals(tmp_path) == []


def test_report_of_the_guest_counts_although_it_cannot_be_removed(judge: Any, healthy: CloudState) -> None:
    healthy.faults.append(Fault("DELETE", "/servers/", status=403))
    run = judge(healthy, "-m", "scs_0101 and main")
    assert run.having("PASS") == GUEST
    assert run.ret == 6
    run.result.stdout.fnmatch_lines(["left incomplete: server _scs-0101-*-vm (*) could not be removed: *403*"])


def test_restored_volume_is_found_after_a_crash(
    judge: Any, healthy: CloudState, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy.faults.append(Fault("DELETE", "/volumes/", status=403))
    judge(healthy, "-m", "scs_0117")
    healthy.faults.clear()
    capsys.readouterr()
    scs(["cleanup", "--os-cloud=testcloud", "--delete"])
    assert "-restored (" in capsys.readouterr().out


def test_quota_that_is_gone_when_it_is_needed_is_undecided(judge: Any, clean: CloudState) -> None:
    clean.faults.append(Fault("POST", "/volumes$", status=413))
    run = judge(clean, "-m", "scs_0117")
    assert run.verdicts == {"scs-0117-test-backup": "ABORT"}
    assert "DEV-0117-2" in run.result.stdout.str()


def test_console_that_stumbles_is_asked_again(judge: Any, clean: CloudState) -> None:
    clean.faults.append(Fault("POST", "/action", status=502, times=1))
    run = judge(clean, "-m", "scs_0101 and main", "--scs-deadline=10")
    assert run.having("PASS") == GUEST


def test_interrupted_run_leaves_nothing_behind(judge: Any, clean: CloudState, pytester: pytest.Pytester) -> None:
    clean.delays.update({"volume": 1, "server": 1})
    pytester.makepyfile(
        breaker="""
        def pytest_runtest_setup(item):
            raise KeyboardInterrupt
        """
    )
    pytester.syspathinsert()
    run = judge(clean, *ALL, "-p", "breaker", apart=True)
    assert run.ret == 2
    assert set(run.verdicts.values()) == {"MISS"}


def test_killed_run_is_cleaned_up_by_command(
    judge: Any, healthy: CloudState, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before = healthy.belongings()
    healthy.delays.update({"backup": 30, "backup-deletion": 0})
    pytester.makepyfile(
        breaker=f"""
        import os, signal, time
        from pathlib import Path

        def made():
            lines = [line for one in Path({str(tmp_path / "state")!r}).rglob("*.jsonl") for line in one.open()]
            return any('"created"' in line and "-backup" in line for line in lines)

        def pytest_runtest_setup(item):
            until = time.monotonic() + 120
            while not made() and time.monotonic() < until:
                time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    pytester.syspathinsert()
    judge(healthy, "-m", "scs_0117", "-p", "breaker", apart=True)
    assert healthy.belongings() != before
    events = [json.loads(line)["event"] for path in _journals(tmp_path) for line in path.read_text().splitlines()]
    assert events[:2] == ["intent", "created"]
    healthy.timeline.skip(60)
    assert scs(["cleanup", "--os-cloud=testcloud", "--delete"]) == 0
    assert healthy.belongings() == before


#: Names that begin like ours; the last ones have the very form of ours, but nothing else says that a run made them.
LOOKALIKES = [
    "_scs-",
    "_scs-0117-volume",
    "_scs-0117-1234567-volume",
    "_scs-0117-1234567g-volume",
    "scs-test-volume",
    "x_scs-0117-12345678-volume",
    "_scs-0117-12345678-volume",
    "_scs-0101-12345678-vm",
]


def _fill(state: CloudState) -> None:
    """Give the user things of every kind with such names."""
    from pytest_scs.platforms.openstack.client import Client
    from pytest_scs.platforms.openstack.config import find_cloud

    client = Client(find_cloud("testcloud"), 0)
    flavor = next(one["id"] for one in state.flavors if one["name"] == "SCS-1L-1")
    server = {"flavorRef": flavor, "imageRef": "", "networks": "none"}
    for name in LOOKALIKES:
        volume = client.post("block-storage", "/volumes", {"volume": {"size": 1, "name": name}})["volume"]["id"]
        state.catch_up()
        client.post("block-storage", "/backups", {"backup": {"volume_id": volume, "name": name}})
        state.catch_up()
        client.post("block-storage", "/snapshots", {"snapshot": {"volume_id": volume, "name": name, "force": True}})
        mapping = {"boot_index": 0, "uuid": volume, "source_type": "volume", "destination_type": "volume"}
        state.catch_up()
        body = {**server, "name": name, "block_device_mapping_v2": [mapping]}
        client.post("compute", "/servers", {"server": body}, microversion="2.61")
        client.post("network", "/security-groups", {"security_group": {"name": name}}, version="2")
        network = client.post("network", "/networks", {"network": {"name": name}}, version="2")["network"]["id"]
        subnet = {"name": name, "network_id": network, "cidr": "10.9.8.0/24", "ip_version": 4}
        client.post("network", "/subnets", {"subnet": subnet}, version="2")
        client.post("network", "/ports", {"port": {"name": name, "network_id": network}}, version="2")
        client.post("network", "/routers", {"router": {"name": name}}, version="2")
        client.post("key-manager", "/secrets", {"name": name, "secret_type": "opaque"}, version="1")
        client.post("image", "/images", {"name": name}, version="2")
    client.post("identity", "/users/{user}/credentials/OS-EC2", {"tenant_id": state.project_id}, version="3")
    for name in ("scs-0123-12345678", "_scs-0123-12345678-bucket"):
        state.containers[name] = Container(state.now())


def test_what_carries_no_run_id_is_never_touched(
    judge: Any, healthy: CloudState, capsys: pytest.CaptureFixture[str], serve: Any
) -> None:
    healthy.quota.clear()
    serve(healthy, "testcloud")
    _fill(healthy)
    before = healthy.belongings()
    assert all(len(found) >= len(LOOKALIKES) for kind, found in before.items() if kind not in UNNAMED), before
    capsys.readouterr()
    assert scs(["cleanup", "--os-cloud=testcloud", "--delete"]) == 0
    shown = capsys.readouterr().out
    assert "there is nothing to remove" in shown
    # Secrets have nothing but their names.
    assert shown.count(" looks like ours, but only its name says so: --run=12345678 includes it") == 2
    assert healthy.belongings() == before
    judge(healthy, *ALL, "--scs-scope=beyond-v1")
    assert healthy.belongings() == before


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["--run=xyz"], "--run: 'xyz' is no run id; it has eight hexadecimal digits"),
        (["--run="], "--run: '' is no run id; it has eight hexadecimal digits"),
        (["--older-than=soon"], "--older-than: 'soon' is no age; write for example 30m, 6h or 2d"),
    ],
)
def test_bad_cleanup_options_are_one_line(capsys: pytest.CaptureFixture[str], args: list[str], line: str) -> None:
    assert scs(["cleanup", "--os-cloud=any", *args]) == 4
    assert capsys.readouterr().err == f"scs: {line}\n"
