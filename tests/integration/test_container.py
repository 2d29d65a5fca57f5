# SPDX-License-Identifier: Apache-2.0
"""The Containerfile: built by a builder where there is one that works, else its steps are done in a chroot.

Both take minutes and packages from the network, so it happens only with SCS_TEST_CONTAINER in the environment, as
.ci/run has it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from container_steps import build, instructions
from needs import lacking

ROOT = Path(__file__).resolve().parents[2]
CONTAINERFILE = (ROOT / "Containerfile").read_text("utf-8")

Start = Callable[..., "subprocess.CompletedProcess[str]"]


def builder() -> str:
    """A program that can build here; empty if there is none, or only a client without its engine."""
    for name in ("podman", "docker"):
        if shutil.which(name) and subprocess.run([name, "info"], capture_output=True, check=False).returncode == 0:
            return name
    return ""


@pytest.fixture(scope="module")
def scs(tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Starts the container with arguments, by its own entry point and user."""
    if not os.environ.get("SCS_TEST_CONTAINER"):
        lacking("container", "the container, which takes minutes: SCS_TEST_CONTAINER=1")
    if name := builder():
        tag = "pytest-scs:test"
        subprocess.run([name, "build", "-f", "Containerfile", "-t", tag, "."], cwd=ROOT, check=True)
        return lambda *args: subprocess.run(
            [name, "run", "--rm", tag, *args], capture_output=True, text=True, check=False
        )
    if os.geteuid() or not shutil.which("debootstrap"):
        lacking("container", "the container: there is no builder here, and no root with debootstrap")
    folder = tmp_path_factory.mktemp("container")
    base = Path(os.environ.get("SCS_TEST_ROOTFS") or folder / "base")
    if not base.exists():
        subprocess.run(["debootstrap", "--variant=minbase", "trixie", str(base)], check=True, capture_output=True)
    stage = build(CONTAINERFILE, ROOT, base, folder, {"SSLYZE": "1"})
    return lambda *args: stage.start(*stage.entrypoint, *args, check=False)


def test_a_cloud_is_judged_in_the_container_without_rights(scs: Start) -> None:
    done = scs("run", "iaas-v5.1", "--cloud", "demo", "--read-only", "--html", "report.html", "--report", "report.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "49 PASS" in done.stdout
    assert "warning" not in done.stdout


def test_the_container_says_what_it_can(scs: Start) -> None:
    assert scs("--version").stdout.startswith("pytest-scs ")
    assert "no cloud to judge" in scs("run", "iaas-v5.1").stderr


def test_the_steps_are_those_that_every_builder_knows() -> None:
    words = [word for word, _ in instructions(CONTAINERFILE)]
    assert words[:2] == ["ARG", "FROM"]
    assert words.count("FROM") == 2
    # Nothing of the last stage needs rights any more when it is started.
    last = words[::-1]
    assert last.index("USER") < last.index("RUN")
    assert dict(instructions(CONTAINERFILE))["USER"] == "10001"
