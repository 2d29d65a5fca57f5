# SPDX-License-Identifier: Apache-2.0
"""A real Kubernetes: the cluster of ``SCS_TEST_KUBECONFIG``, or the devcluster beside the checkout.

Without either, and where the programs of the devcluster were not built, the tests here are skipped, loudly.
``SCS_TEST_DEVCLUSTER`` is the devcluster's folder, which tox sets.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from needs import lacking
from real_cluster import STATE


@pytest.fixture(scope="session")
def devcluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., None] | None]:
    """Runs a command of the devcluster (``up``, ``break``, ...); None where a cluster of the user's is tested.

    The cluster is brought up first and taken down at the end, unless it was up already.
    """
    if os.environ.get("SCS_TEST_KUBECONFIG"):
        yield None
        return
    source = os.environ.get("SCS_TEST_DEVCLUSTER")
    if not source or not Path(source, "up").is_file():
        lacking("cluster", "no real cluster: set SCS_TEST_KUBECONFIG, or SCS_TEST_DEVCLUSTER to its folder")
    if not (STATE / "bin" / "kube-apiserver").exists():
        lacking("cluster", f"no real cluster: its programs are not built ({source}/build, 20 minutes)")
    folder = tmp_path_factory.mktemp("devcluster") / "devcluster"
    shutil.copytree(source, folder)
    folder.chmod(0o755)
    # A copy may have lost the link by which `break` knows that it is to undo.
    (folder / "unbreak").unlink(missing_ok=True)
    (folder / "unbreak").symlink_to("break")

    def run(command: str, *args: str) -> None:
        subprocess.run([folder / command, *args], check=True, stdout=subprocess.DEVNULL)

    running = (STATE / "kubeconfig").exists() and _answers()
    try:
        if not running and (STATE / "pki").is_dir():
            # State of another day: its nodes ask for no certificates any more, which `up` waits for. Where there is
            # none, as after an earlier purge, `down --purge` refuses the folder.
            run("down", "--purge")
        try:
            run("up", "plain")
        except subprocess.CalledProcessError:
            run("down", "--purge")
            run("up", "plain")  # on a busy machine a node may be late
        run("unbreak", "--all")
        yield run
        run("unbreak", "--all")
    finally:
        if not running:
            run("down")


@pytest.fixture
def kubeconfig(devcluster: Callable[..., None] | None) -> Path:
    """The kubeconfig file of the cluster."""
    return Path(os.environ["SCS_TEST_KUBECONFIG"]) if devcluster is None else STATE / "kubeconfig"


@pytest.fixture
def e2e_programs(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of sonobuoy and hydrophone, which is in the PATH."""
    if not os.environ.get("SCS_TEST_E2E"):
        lacking("e2e", "runs of the e2e suite take ten minutes and more: set SCS_TEST_E2E=1")
    if not (STATE / "bin" / "e2e.test").exists():
        lacking("cluster", "the e2e suite of the devcluster is not built (build e2e, half an hour)")
    monkeypatch.setenv("PATH", f"{STATE / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return STATE / "bin"


def _answers() -> bool:
    """Whether the API server of the devcluster answers."""
    command = [STATE / "bin" / "kubectl", "--kubeconfig", STATE / "kubeconfig", "--request-timeout=5s", "version"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
