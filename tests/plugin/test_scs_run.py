# SPDX-License-Identifier: Apache-2.0
"""``scs run`` from where people are: an empty folder, a project of their own, a terminal that they interrupt."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

#: What a console script of an environment does; the environment's other scripts are not in the PATH.
SCS = [sys.executable, "-c", "import sys; from pytest_scs.cli import main; sys.exit(main())"]

#: A project whose own settings and conftest.py ask for what is not there.
PROJECT = {
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--cov=src'\nrequired_plugins = 'pytest-nobody'\n",
    "conftest.py": "import nobody\n",
    "test_own.py": "def test_own():\n    assert False\n",
    "tests/conftest.py": "import nobody\n",
    "testcases/iaas/test_scs_0100.py": "raise RuntimeError\n",
}


def scs(folder: Path, *args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with no home and nothing but the system in the PATH."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder / "home"), "LC_ALL": "C.UTF-8", **variables}
    environment |= {key: value for key, value in os.environ.items() if key.startswith(("COVERAGE_", "PYTHONPATH"))}
    return subprocess.run(
        [*SCS, *args], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, content in PROJECT.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


def test_a_project_that_happens_to_be_there_does_not_matter(project: Path) -> None:
    args = ("run", "iaas-v5.1", "--cloud", "demo:vanilla", "-n", "2", "-k", "0114 or 0123-service-load")
    done = scs(project, *args, "--html", "p.html", "--report", "r.yaml", "--junit", "j.xml")
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr == ""
    assert "FAIL scs-0123-service-load-balancer" in done.stdout
    assert "2 workers" in done.stdout
    page = (project / "p.html").read_text()
    assert 'rel="stylesheet"' not in page
    assert yaml.safe_load((project / "r.yaml").read_text())["subject"] == "demo-vanilla"
    assert "<testsuites" in (project / "j.xml").read_text()
    assert not (project / "assets").exists()


def test_what_stands_behind_goes_to_pytest(tmp_path: Path) -> None:
    done = scs(
        tmp_path, "run", "iaas-v5.1", "--cloud=demo", "-k", "0114", "--", "--durations=1", "-p", "no:cacheprovider"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "slowest" in done.stdout
    assert not (tmp_path / ".pytest_cache").exists()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["iaas-v5.1"], "scs: run: no cloud to judge: name one of clouds.yaml with --cloud=NAME or $OS_CLOUD, or try"),
        (
            ["iaas-v5.1", "--cloud=demo", "--", "--nobody"],
            "scs: run: unrecognized arguments: --nobody (behind -- stand",
        ),
        (["iaas-v5.1", "--cloud=demo", "--report=/nowhere/r.yaml"], "scs: run: --report: "),
    ],
)
def test_mistakes_are_told_in_the_words_of_the_command(project: Path, args: list[str], words: str) -> None:
    done = scs(project, "run", *args)
    assert done.returncode == 4
    [line] = done.stderr.splitlines()
    assert line.startswith(words)
    assert "--scs-" not in line


def test_what_init_writes_is_what_pytest_and_run_judge_without_options(tmp_path: Path) -> None:
    typed = ("iaas-v5.1", "--cloud", "demo", "--report", "r.yaml", "--html", "p.html", "--read-only")
    assert scs(tmp_path, "init", *typed).returncode == 0
    environment = {**os.environ, "HOME": str(tmp_path)}
    plain = subprocess.run(
        [sys.executable, "-m", "pytest", "-k", "0114 or 0100"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert plain.returncode == 0, plain.stdout + plain.stderr
    assert "configfile: pytest.ini" in plain.stdout
    assert (tmp_path / "p.html").exists()
    (tmp_path / "r.yaml").unlink()
    done = scs(tmp_path, "run", "-k", "0114 or 0100")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "iaas-v5.1 (effective) main: 3 PASS of 3 chosen" in done.stdout
    assert (tmp_path / "r.yaml").exists()


def test_an_interrupted_run_ends_like_one_of_pytest(tmp_path: Path) -> None:
    # A cloud that takes connections and never answers, so that there is something to interrupt.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        auth = {"auth_url": f"http://127.0.0.1:{listener.getsockname()[1]}/v3", "username": "a", "password": "b"}
        (tmp_path / "clouds.yaml").write_text(
            yaml.safe_dump({"clouds": {"mute": {"auth": {**auth, "project_id": "c"}}}})
        )
        environment = {**os.environ, "OS_CLIENT_CONFIG_FILE": str(tmp_path / "clouds.yaml"), "HOME": str(tmp_path)}
        command = [*SCS, "run", "iaas-v5.1", "--cloud", "mute", "--read-only"]
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            with listener.accept()[0]:
                process.send_signal(signal.SIGINT)
                rest = process.stdout.read()
                assert process.wait(60) == 2
    assert "KeyboardInterrupt" in rest
    assert "MISS" in rest
