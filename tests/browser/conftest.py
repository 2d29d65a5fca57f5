# SPDX-License-Identifier: Apache-2.0
"""HTML reports in a real browser: Debian's Chromium, and axe-core, which looks for what keeps people from reading."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import chromium
import pytest
from needs import lacking

#: The pages by name, and what the runs are given that write them.
PAGES = {
    "demo": ("--scs-scope=iaas-v5.1", "--os-cloud=demo"),
    "vanilla": ("--scs-scope=iaas-v5.1", "--scs-target=all", "--os-cloud=demo:vanilla"),
    "two": ("--scs-scope=iaas-v5.1", "--scs-scope=iaas-v4", "--os-cloud=demo", "--os-cloud=demo:vanilla"),
    "groups": ("--scs-config=groups.toml",),
    "undecided": ("--scs-scope=iaas-v5.1", "--os-cloud=dead"),
    "others": ("--scs-scope=iaas-v5.1", "--os-cloud=demo:vanilla", "TESTCASES", "test_own.py"),
}

_GROUPS = """
[subjects]
acme-dus = {os-cloud = "demo"}
acme-ham = {os-cloud = "demo:vanilla"}
acme-k8s = {kubeconfig = "demo"}
[groups]
acme = ["acme-ham", "acme-dus"]
[options]
scope = ["iaas-v5.1", "kaas-v1"]
"""

_DEAD = """
clouds:
  dead:
    auth: {auth_url: "http://127.0.0.1:9/v3", username: u, password: p, project_name: p, user_domain_name: Default}
"""

_OWN = """
def test_that_passes():
    pass

def test_that_fails():
    print("a line")
    assert 1 == 2
"""


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The file of a page of :data:`PAGES`, written when it is asked for first."""
    from pytest_scs.base.paths import TESTCASES

    folder = tmp_path_factory.mktemp("pages")
    (folder / "test_own.py").write_text(_OWN)
    (folder / "groups.toml").write_text(_GROUPS)
    (folder / "clouds.yaml").write_text(_DEAD)

    def write(name: str) -> Path:
        file = folder / f"{name}.html"
        if not file.exists():
            arguments = [str(TESTCASES) if word == "TESTCASES" else word for word in PAGES[name]]
            command = [sys.executable, "-m", "pytest", *arguments, "-m", "not creates_resources"]
            plain = ["-q", "-p", "no:cacheprovider", f"--html={file.name}", "--self-contained-html"]
            environ = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "OS_"))}
            done = subprocess.run([*command, *plain], cwd=folder, env=environ, capture_output=True, text=True)
            assert file.exists(), done.stdout + done.stderr
        return file

    return write


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Chromium]:
    """A browser for all tests of a process."""
    program = chromium.find()
    if program is None:
        lacking("browser", f"no pages in a browser: none of {', '.join(chromium.NAMES)} is installed")
    with chromium.Chromium(program, tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="session")
def axe() -> str:
    """The program of axe-core. A package on PyPI brings it along with a browser of its own, which is left out."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None or not found.submodule_search_locations:
        lacking("browser", "axe-core has looked at no page: pip install --no-deps axe-playwright-python")
    return Path(found.submodule_search_locations[0], "axe.min.js").read_text("utf-8")
