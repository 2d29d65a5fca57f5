# SPDX-License-Identifier: Apache-2.0
"""Verdicts on a real OpenStack: conforming, and broken in every way the devcloud knows."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from needs import lacking
from real_cloud import CREATING, READ_ONLY, Devcloud, belongings, judged

from pytest_scs.cli import main as scs
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.config import find_cloud
from pytest_scs.platforms.openstack.kinds import KINDS
from pytest_scs.platforms.openstack.tempest import process

BEYOND = "scs_0115 or scs_0117 or scs_0123"

MANAGERS = ("devcloud-dm-a", "devcloud-dm-b")

#: Fault -> the selection that sees it, and the testcases in target main that it violates.
FAULTS = {
    "flavor-missing": (READ_ONLY, {"scs-0103-flavor-2v-8"}),
    "flavor-lies": (READ_ONLY, {"scs-0100-semantics-check", "scs-0103-flavor-4v-16"}),
    "flavor-extra-specs": (READ_ONLY, {"scs-0103-flavor-1l-1"}),
    "flavor-bad-name": (READ_ONLY, {"scs-0100-syntax-check"}),
    "image-metadata": (
        READ_ONLY,
        {
            "scs-0102-prop-architecture",
            "scs-0102-prop-min_disk",
            "scs-0102-prop-min_ram",
            "scs-0102-prop-os_version",
            "scs-0102-prop-os_distro",
            "scs-0102-prop-image_build_date",
            "scs-0102-prop-image_original_user",
            "scs-0102-prop-image_source",
            "scs-0102-prop-image_description",
            "scs-0102-prop-replace_frequency",
            "scs-0102-prop-provided_until",
        },
    ),
    "image-old": (READ_ONLY, {"scs-0102-image-recency"}),
    "image-missing": (READ_ONLY, {"scs-0104-image-ubuntu-2404"}),
    "image-source": (READ_ONLY, {"scs-0104-source-ubuntu-2204"}),
    "image-duplicate": (READ_ONLY, set()),
    "volume-type-syntax": (READ_ONLY, {"scs-0114-syntax-check"}),
    "volume-types-missing": (READ_ONLY, set()),
    "no-octavia": (READ_ONLY, {"scs-0123-service-load-balancer"}),
    "no-swift": (READ_ONLY, set()),
    "s3-error-code": (READ_ONLY, {"scs-0123-swift-s3"}),
    "no-barbican": (CREATING, set()),
    "default-sg-open": (CREATING, {"scs-0115-default-rules"}),
    "barbican-policy": (CREATING, {"scs-0116-permissions"}),
}


def holdings(manager: str) -> dict[str, set[str]]:
    """Ids of everything in a manager's domain, and all roles and domains that it sees."""
    client = Client(find_cloud(manager), 60)
    found = {
        kind.plural: {str(entry["id"]) for entry in client.get("identity", kind.path, version="3")[kind.plural]}
        for kind in KINDS.values()
        if kind.held_by != "project"
    }
    assignments = client.get("identity", "/role_assignments", version="3")["role_assignments"]
    return found | {"role_assignments": {str(sorted(entry.items())) for entry in assignments}}


def test_conforming_cloud_passes_what_can_be_read_with_few_requests(launch: Any, cloud: str) -> None:
    run = judged(launch, cloud, READ_ONLY)
    assert set(run.verdicts.values()) == {"PASS"}, run.having("FAIL") | run.having("ABORT")
    assert run.requests <= 10


@pytest.mark.parametrize("workers", [(), ("-n", "4")])
def test_conforming_cloud_passes_what_is_tried_and_keeps_nothing(
    launch: Any, cloud: str, workers: tuple[str, ...]
) -> None:
    before = belongings(cloud)
    run = judged(launch, cloud, CREATING, *workers)
    assert run.having("PASS") == set(run.verdicts)
    assert belongings(cloud) == before


def test_what_the_official_suite_does_not_try_passes_and_keeps_nothing(launch: Any, cloud: str) -> None:
    before = belongings(cloud)
    run = launch("--scs-scope=beyond-v1", f"--os-cloud={cloud}", "-p", "no:cacheprovider", "-m", BEYOND)
    assert run.verdicts == dict.fromkeys(
        ("scs-0115-x-custom-group", "scs-0117-x-content", "scs-0123-x-s3-roundtrip"), "PASS"
    )
    assert belongings(cloud) == before


def test_new_security_group_that_is_open_is_seen_and_removed(launch: Any, cloud: str, devcloud: Devcloud) -> None:
    """With the template of rules (``DEVCLOUD_SG_RULES_API=1``) and without it."""
    if devcloud is None:
        lacking("cloud", "only the devcloud can be broken")
    scopes = ("--scs-scope=iaas-v5.1", "--scs-scope=beyond-v1", f"--os-cloud={cloud}", "-p", "no:cacheprovider")
    before = belongings(cloud)
    devcloud("break", "default-sg-open")
    try:
        run = launch(*scopes, "-m", "scs_0115")
    finally:
        devcloud("unbreak", "default-sg-open")
    assert run.having("FAIL") == set(run.verdicts) == {"scs-0115-default-rules", "scs-0115-x-custom-group"}
    assert any("a new group accepts nothing" in line for line in run.messages("scs-0115-x-custom-group"))
    assert belongings(cloud) == before


def test_whole_scope_passes_where_virtual_machines_are_real(launch: Any, cloud: str) -> None:
    if not os.environ.get("SCS_TEST_CLOUD") and os.environ.get("DEVCLOUD_VIRT") != "libvirt":
        lacking("guests", "needs a cloud with real virtual machines: DEVCLOUD_VIRT=libvirt, or SCS_TEST_CLOUD")
    before = belongings(cloud)
    run = judged(launch, cloud, "main")
    assert run.having("PASS") == set(run.verdicts)
    assert len(run.verdicts) == 54
    assert belongings(cloud) == before


def test_two_clouds_are_judged_by_four_workers_and_keep_nothing(launch: Any, cloud: str, devcloud: Devcloud) -> None:
    if devcloud is None:
        lacking("cloud", "only the devcloud has accounts to spare")
    accounts = ("devcloud-t1", "devcloud-t2")
    before = [belongings(account) for account in accounts]
    clouds = [f"--os-cloud={account}" for account in accounts]
    selection = f"({READ_ONLY}) or {CREATING}"
    run = launch("--scs-scope=iaas-v5.1", *clouds, "-p", "no:cacheprovider", "-m", selection, "-n", "4")
    assert len(run.documents) == len(accounts)
    assert [document["subject"] for document in run.documents] == [*accounts]
    for document in run.documents:
        results = [invocation["results"] for invocation in document["run"]["invocations"].values()]
        assert {result for found in results for result in found.values()} == {1}
    assert [belongings(account) for account in accounts] == before


#: Selection -> seconds after which the run is killed: in the midst of quick probes, and while a VM boots.
KILLED = {CREATING: 4, "scs_0101 and main": 20}


@pytest.mark.parametrize("selection", KILLED)
def test_killed_run_is_cleaned_up_by_command(
    launch: Any, cloud: str, pytester: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, selection: str
) -> None:
    if selection != CREATING and os.environ.get("DEVCLOUD_VIRT") != "libvirt":
        lacking("guests", "needs a cloud with real virtual machines: DEVCLOUD_VIRT=libvirt")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    before = belongings(cloud)
    pytester.makepyfile(
        breaker=f"""
        import os, signal, threading

        def pytest_collection_finish(session):
            threading.Timer({KILLED[selection]}, os.kill, (os.getpid(), signal.SIGKILL)).start()
        """
    )
    pytester.syspathinsert()
    judged(launch, cloud, selection, "-p", "breaker", apart=True)
    assert belongings(cloud) != before
    assert scs(["cleanup", f"--os-cloud={cloud}", "--delete"]) == 0
    assert belongings(cloud) == before
    assert list(tmp_path.rglob("*.jsonl")) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_fails_exactly_what_it_violates(launch: Any, cloud: str, devcloud: Devcloud, fault: str) -> None:
    if devcloud is None:
        lacking("cloud", "only the devcloud can be broken")
    selection, violated = FAULTS[fault]
    before = belongings(cloud)
    devcloud("break", fault)
    try:
        run = judged(launch, cloud, selection)
    finally:
        devcloud("unbreak", fault)
    assert run.having("FAIL") == violated
    assert run.having("ABORT") == set()
    assert run.ret == (1 if violated else 0)
    assert belongings(cloud) == before


#: Row of the table, or beyond -> testcase, of what the fault ``domain-manager-leaky`` shows.
LEAKS = {"U9": "scs-0302-x-full", "U10": "scs-0302-x-full", "password": "scs-0302-x-foreign-credentials"}


@pytest.mark.parametrize("fault", ["", "domain-manager-leaky"])
def test_domain_managers_are_seen_through_and_nothing_stays(
    launch: Any, cloud: str, devcloud: Devcloud, fault: str
) -> None:
    if devcloud is None:
        lacking("cloud", "only the devcloud has domain managers")
    before = [holdings(manager) for manager in MANAGERS]
    if fault:
        devcloud("break", fault)
    try:
        scope = ("--scs-scope=beyond-v1", "--scs-target=all", f"--os-cloud={cloud}", "-p", "no:cacheprovider")
        run = launch(*scope, "-m", "scs_0302", f"--scs-domain-managers={','.join(MANAGERS)}")
    finally:
        if fault:
            devcloud("unbreak", fault)
    assert len(run.verdicts) == 8
    violated = set(LEAKS.values()) if fault else set()
    assert run.having("FAIL") == violated
    assert run.having("PASS") == set(run.verdicts) - violated
    for row, testcase in LEAKS.items() if fault else ():
        assert any(f": {row}: " in line for line in run.messages(testcase)), row
    assert [holdings(manager) for manager in MANAGERS] == before


@pytest.mark.parametrize(("user", "fault"), [("devcloud-admin", ""), ("devcloud", "user-privileged")])
def test_privileged_user_is_refused(launch: Any, cloud: str, devcloud: Devcloud, user: str, fault: str) -> None:
    if devcloud is None:
        lacking("cloud", "only the devcloud has a privileged user to try")
    if fault:
        devcloud("break", fault)
    try:
        run = judged(launch, user, READ_ONLY)
    finally:
        if fault:
            devcloud("unbreak", fault)
    assert run.ret == 6
    assert set(run.verdicts.values()) == {"ABORT"}


def test_tempest_runs_in_two_accounts_and_keeps_nothing(
    launch: Any, cloud: str, devcloud: Devcloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few tests of each service; the whole list takes half an hour."""
    accounts = os.environ.get("SCS_TEST_TEMPEST_ACCOUNTS") or ("devcloud-t1,devcloud-t2" if devcloud else "")
    if not accounts:
        lacking("cloud", "no test accounts: set SCS_TEST_TEMPEST_ACCOUNTS")
    some = ("test_keypairs", "test_servers.", "test_floating_ips.", "test_volumes_snapshots.", "test_tags.", "v3.test_")
    run_tests = process.run_tests

    def run_some(folder: Path, ids: Any, *args: Any, **options: Any) -> str:
        return run_tests(folder, [test for test in ids if any(name in test for name in some)], *args, **options)

    monkeypatch.setattr(process, "run_tests", run_some)
    before = [belongings(account) for account in accounts.split(",")]
    arguments = ("--scs-scope=beyond-v1", f"--os-cloud={cloud}", f"--scs-tempest-accounts={accounts}", "-m", "scs_0128")
    run = launch("-p", "no:cacheprovider", "--scs-target=main", *arguments)
    assert run.ret == 6
    (numbers,) = re.findall(r"(\d+) passed, (\d+) failed, (\d+) skipped", "\n".join(run.messages("scs-0128-x-tempest")))
    passed, failed, skipped = map(int, numbers)
    assert failed == 0
    assert passed > skipped
    assert passed + skipped == 27
    assert [belongings(account) for account in accounts.split(",")] == before
