# SPDX-License-Identifier: Apache-2.0
"""A real OpenStack: the cloud named by ``SCS_TEST_CLOUD``, or the devcloud beside the checkout, brought up and down.

Without either the tests here are skipped, loudly. ``SCS_TEST_DEVCLOUD`` is the devcloud's folder, which tox sets.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from needs import lacking
from real_cloud import STATE


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With two workers the tests on the cloud and all the others, on the cluster and in the container, share the time.

    Both wait more than they work: for guests there, for controllers and packages here. The groups of pytest-xdist do
    not work with every pytest.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByPlace(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "others" if "/kubernetes/" in nodeid or "test_container.py" in nodeid else "cloud"

    return ByPlace(config, log)


@pytest.fixture(scope="session")
def devcloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., None] | None]:
    """Runs a command of the devcloud (``up``, ``break``, ...); None where a cloud of the user's is tested.

    The cloud is brought up first and taken down at the end, unless it was up already.
    """
    if os.environ.get("SCS_TEST_CLOUD"):
        yield None
        return
    source = os.environ.get("SCS_TEST_DEVCLOUD")
    if not source or not Path(source, "up").is_file():
        lacking("cloud", "no real cloud: set SCS_TEST_CLOUD, or SCS_TEST_DEVCLOUD to the devcloud's folder")
    folder = tmp_path_factory.mktemp("devcloud") / "devcloud"
    shutil.copytree(source, folder)
    folder.chmod(0o755)
    # A copy may have lost the link by which `break` knows that it is to undo.
    (folder / "unbreak").unlink(missing_ok=True)
    (folder / "unbreak").symlink_to("break")

    def run(command: str, *args: str) -> None:
        subprocess.run([folder / command, *args], check=True, stdout=subprocess.DEVNULL)

    running = (STATE / "clouds.yaml").exists() and not _down()
    try:
        if not running and (STATE / "secrets.env").is_file():
            # What a run that was killed has left in it, in states that nobody can delete, would be there again.
            run("down", "--purge")
        try:
            run("up")
        except subprocess.CalledProcessError:
            run("up")  # on a busy machine a service may be late; what is there already is kept
        run("unbreak", "--all")
        yield run
        run("unbreak", "--all")
    finally:
        if not running:
            run("down")


@pytest.fixture
def cloud(devcloud: Callable[..., None] | None, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of the cloud in clouds.yaml."""
    if devcloud is None:
        return os.environ["SCS_TEST_CLOUD"]
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(STATE / "clouds.yaml"))
    return "devcloud"


def _down() -> bool:
    """Whether the devcloud's identity service does not answer."""
    import yaml
    from keystoneauth1 import exceptions, session

    url = yaml.safe_load((STATE / "clouds.yaml").read_text())["clouds"]["devcloud"]["auth"]["auth_url"]
    try:
        session.Session(timeout=5).get(url, authenticated=False)
    except exceptions.ClientException:
        return True
    return False
