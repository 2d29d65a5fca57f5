# SPDX-License-Identifier: Apache-2.0
"""What is tried out in a real cluster: volumes, network policies, and that nothing of it stays. Ten minutes in all."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from needs import lacking
from real_cluster import Devcluster, belongings, client_of, judged

from pytest_scs.cli import main
from pytest_scs.evidence.journal import past_runs
from pytest_scs.platforms.kubernetes.belongings import PROBE_NAMESPACE, claimed_namespace

#: The only images of the devcluster are its own.
IMAGE = "localhost/agnhost:1"
WRITTEN, ELSEWHERE = "scs-0211-x-read-write-once", "scs-0211-x-not-node-bound"
POLICIES = "scs-0219-x-network-policy-probe"
VOLUMES = "volumes"
BOTH = "volumes or network_policy_probe"

Try = Callable[..., Any]


def ours(kubeconfig: Path) -> set[str]:
    """What probes have in the cluster."""
    client = client_of(kubeconfig)
    try:
        volumes = client.list("CoreV1Api", "list_persistent_volume")
        names = {f"volume of {name}" for one in volumes if (name := claimed_namespace(one))}
        return {name for name in names | belongings(kubeconfig)["namespace"] if PROBE_NAMESPACE.search(name)}
    finally:
        client.close()


def wait_until_no_provisioner_runs(kubeconfig: Path) -> None:
    """The fault scales it down and waits for nothing: while its pod ends, it would still provide a volume."""
    client = client_of(kubeconfig)
    end = time.monotonic() + 120
    try:
        while any(
            one["metadata"]["name"].startswith("local-path-provisioner-")
            for one in client.list("CoreV1Api", "list_namespaced_pod", "local-path-storage")
        ):
            assert time.monotonic() < end, "the provisioner does not end"
            time.sleep(1)
    finally:
        client.close()


@pytest.fixture
def tried(launch: Any, kubeconfig: Path, devcluster: Devcluster, tmp_path: Path, monkeypatch: Any) -> Iterator[Try]:
    """Tries out what ``-k`` selects, and checks that nothing of it is left."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    before = ours(kubeconfig)
    image = [f"--scs-probe-image={IMAGE}"] if devcluster else []

    def run(selected: str, *args: str, apart: bool = False) -> Any:
        options = (*image, "-k", selected, "-m", "creates_resources", "--scs-target=all", *args)
        return judged(launch, kubeconfig, *options, scope="beyond-kaas", apart=apart)

    yield run
    assert ours(kubeconfig) <= before
    assert list(past_runs()) == []


@pytest.fixture
def broken(devcluster: Devcluster) -> Callable[[str], contextlib.AbstractContextManager[None]]:
    """Breaks the devcluster on purpose for a while."""
    if devcluster is None:
        lacking("cluster", "faults are made in a devcluster only")

    @contextlib.contextmanager
    def fault(name: str) -> Iterator[None]:
        devcluster("break", name)
        try:
            yield
        finally:
            devcluster("unbreak", name)

    return fault


def test_local_volumes_are_bound_to_nodes_and_policies_are_enforced(tried: Try, devcluster: Devcluster) -> None:
    run = tried(BOTH)
    assert run.verdicts[WRITTEN] == "PASS"
    assert run.verdicts[POLICIES] == "PASS"
    if devcluster:
        assert run.verdicts[ELSEWHERE] == "FAIL"
        assert "its source is hostPath; its node affinity is kubernetes.io/hostname=" in str(run.messages(ELSEWHERE))


def test_policies_that_are_ignored_fail(tried: Try, broken: Any) -> None:
    with broken("policies-ignored"):
        run = tried("network_policy_probe")
    assert run.verdicts == {POLICIES: "FAIL"}
    assert "the pods still connect" in str(run.messages(POLICIES))


def test_provisioner_that_is_away_fails_with_its_events(tried: Try, broken: Any, kubeconfig: Path) -> None:
    with broken("storage-stuck"):
        wait_until_no_provisioner_runs(kubeconfig)
        run = tried(VOLUMES, "--scs-patience=0.1")
    assert run.verdicts == {WRITTEN: "FAIL", ELSEWHERE: "ABORT"}
    assert "ExternalProvisioning: " in run.result.stdout.str()


def test_claim_without_default_class_fails(tried: Try, broken: Any) -> None:
    with broken("no-default-class"):
        run = tried(VOLUMES, "--scs-patience=0.2")
    assert run.verdicts == {WRITTEN: "FAIL", ELSEWHERE: "ABORT"}
    assert "no class was given to it" in str(run.messages(WRITTEN))


def test_pods_that_are_not_admitted_decide_nothing(tried: Try, broken: Any) -> None:
    with broken("pods-denied"):
        run = tried(BOTH)
    assert set(run.verdicts.values()) == {"ABORT"}
    assert 'a pod was not admitted: Internal error occurred: failed calling webhook "denies' in run.result.stdout.str()


def test_image_that_is_not_there_decides_nothing(tried: Try) -> None:
    run = tried(BOTH, "--scs-probe-image=localhost/none:1", "--scs-patience=0.2")
    assert (run.verdicts[WRITTEN], run.verdicts[POLICIES]) == ("ABORT", "ABORT")
    assert "its image cannot be had" in run.result.stdout.str()


def test_namespace_that_hangs_is_named_and_removed_later(tried: Try, broken: Any, kubeconfig: Path) -> None:
    with broken("aggregated-down"):
        run = tried("network_policy_probe", "--scs-patience=0.1")
        assert run.ret == 6
        run.result.stdout.re_match_lines([r"left incomplete: namespace scs-0219-.*DiscoveryFailed: .*kubectl get apis"])
    (past,) = past_runs()
    assert main(["cleanup", f"--kubeconfig={kubeconfig}", f"--run={past.run}", "--delete"]) == 0


def test_killed_run_is_cleaned_up_by_command(
    tried: Try, kubeconfig: Path, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    pytester.makepyfile(
        breaker="""
        import os, signal, time

        def pytest_runtest_setup(item):
            time.sleep(8)
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    pytester.syspathinsert()
    before = ours(kubeconfig)
    tried(BOTH, "-p", "breaker", apart=True)
    assert len(ours(kubeconfig) - before) >= 2
    (past,) = past_runs()
    assert main(["cleanup", f"--kubeconfig={kubeconfig}", f"--run={past.run}", "--delete"]) == 0
    assert capsys.readouterr().out.count("removed namespace scs-02") == 2
