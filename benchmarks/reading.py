# SPDX-License-Identifier: Apache-2.0
"""What a read-only run costs, in pairs with others of the same minute; see README.md in this folder."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

SCOPE = ("--scs-scope=iaas-v5.1", "-m", "not creates_resources")
CLUSTER_SCOPE = ("--scs-scope=kaas-v1", "-m", "light and not creates_resources")

#: Environment variables that name the official suite: its checkout, and a Python that has what it needs.
SUITE, SUITE_PYTHON = "SCS_OFFICIAL_SUITE", "SCS_OFFICIAL_PYTHON"

SERVER = """
import datetime as dt, sys
from pathlib import Path
from pytest_scs.demo.openstack import data
from pytest_scs.demo.openstack.server import DemoCloud
with DemoCloud(data.conformant(dt.datetime.now(dt.UTC))) as cloud:
    cloud.write_clouds_yaml(Path(sys.argv[1]), "bench")
    print("ready", flush=True)
    sys.stdin.read()
"""


#: The same for a cluster, which is judged by what was known of versions when it was made.
CLUSTER_SERVER = """
import datetime as dt, json, sys
from pathlib import Path
from pytest_scs.demo.kubernetes import data
from pytest_scs.demo.kubernetes.server import DemoCluster
from pytest_scs.standards.kaas.small_version_data import small_version_data
from pytest_scs.standards.kaas.version_data import to_plain
now = dt.datetime.now(dt.UTC)
Path(sys.argv[1]).with_name("versions.json").write_text(json.dumps(to_plain(small_version_data(now))))
with DemoCluster(data.conformant(now)) as cluster:
    cluster.write_kubeconfig(Path(sys.argv[1]), "bench")
    print("ready", flush=True)
    sys.stdin.read()
"""


@dataclasses.dataclass(frozen=True)
class Row:
    """A command, what surrounds each run of it, and what its environment has besides."""

    label: str
    command: Sequence[str]
    within: Callable[[], AbstractContextManager[None]] = nullcontext
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)


def rows(python: str, others: Sequence[str], cloud: str, subject: Sequence[str]) -> Iterator[Row]:
    """The first one is what the others are compared with: the official suite, or else pytest with nothing to do.

    ``cloud`` is empty where a cluster is judged; ``subject`` are the options that name it.
    """
    if (suite := os.environ.get(SUITE)) and cloud:
        tests = Path(suite, "Tests")
        command = [os.environ.get(SUITE_PYTHON, python), str(tests / "scs-compliance-check.py")]
        command += ["--quiet", "--version=v5.1", f"--subject={cloud}", f"--assign=os_cloud={cloud}"]
        command += [f"--tests={same_tests(python)}", str(tests / "scs-compatible-iaas.yaml")]
        yield Row("official suite", command)
    yield Row("empty pytest run", [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:scs", "."])
    for name in (python, *others):
        command = [name, "-m", "pytest", "-q", "-p", "no:cacheprovider", *subject]
        which = f" ({name})" if others else ""
        yield Row(f"read-only run, warm{which}", command)
        cold = {"PYTHONDONTWRITEBYTECODE": "1"}
        yield Row(f"read-only run, cold{which}", command, functools.partial(forgotten, name), cold)


def same_tests(python: str) -> str:
    """A regular expression for the ids of the testcases that the read-only run judges."""
    command = [python, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", *SCOPE]
    shown = subprocess.run(command, cwd=tempfile.gettempdir(), capture_output=True, text=True, check=True).stdout
    named = re.findall(r"::test_(\w+)(?:\[([\w-]+)\])?$", shown, re.MULTILINE)
    return f"^({'|'.join(parameter or function.replace('_', '-') for function, parameter in named)})$"


@contextmanager
def forgotten(python: str) -> Iterator[None]:
    """Meanwhile there is no byte code but that of pip, as after an installation."""
    code = "import pytest_scs; print(*pytest_scs.__path__)"
    shown = subprocess.run([python, "-c", code], cwd=tempfile.gettempdir(), capture_output=True, text=True, check=True)
    moved = [(path, path.with_suffix(".aside")) for path in Path(shown.stdout.strip()).rglob("*-pytest-*.pyc")]
    for path, aside in moved:
        path.rename(aside)
    yield
    for path, aside in moved:
        aside.rename(path)


def measure(row: Row, folder: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    """Wall time and CPU time of one run, in seconds."""
    with row.within():
        return timed(row, folder, environment)


def timed(row: Row, folder: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    """The same, of the command alone."""
    started = time.perf_counter()
    process = subprocess.Popen(
        row.command,
        cwd=folder,
        env={**environment, **row.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) not in (0, 1, 5, 6):
        raise SystemExit(f"{' '.join(row.command)} ended with {os.waitstatus_to_exitcode(status)}")
    return seconds, usage.ru_utime + usage.ru_stime


@contextmanager
def embedded(path: Path, code: str) -> Iterator[None]:
    """A cloud or cluster in a process of its own, whose time is not counted; how to reach it is in the file."""
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdout.readline()
        yield
        server.stdin.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--os-cloud", help="read this cloud instead of an embedded one")
    parser.add_argument("--cluster", action="store_true", help="read an embedded cluster instead")
    parser.add_argument("--python", action="append", default=[], help="also the pytest-scs of this Python; repeatable")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each (5)")
    given = parser.parse_args()
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "empty")
        folder.mkdir()
        path = Path(name, "config.yaml")
        if given.cluster:
            versions = path.with_name("versions.json")
            subject = (*CLUSTER_SCOPE, f"--scs-kubeconfig={path}", f"--scs-k8s-data={versions}")
            with embedded(path, CLUSTER_SERVER):
                show(given, folder, environment, "", subject)
        elif given.os_cloud:
            show(given, folder, environment, given.os_cloud, (*SCOPE, f"--os-cloud={given.os_cloud}"))
        else:
            environment["OS_CLIENT_CONFIG_FILE"] = str(path)
            with embedded(path, SERVER):
                show(given, folder, environment, "bench", (*SCOPE, "--os-cloud=bench"))


def show(
    given: argparse.Namespace, folder: Path, environment: Mapping[str, str], cloud: str, subject: Sequence[str]
) -> None:
    """Run all rows in turn, so that what else the machine does meets each of them alike, and print their ratios."""
    commands = list(rows(sys.executable, given.python, cloud, subject))
    for row in commands:
        measure(row, folder, environment)  # fills caches of byte code and files
    found = [[measure(row, folder, environment) for row in commands] for _ in range(given.rounds)]
    for number, row in enumerate(commands):
        wall, cpu = (min(one[number][part] for one in found) for part in (0, 1))
        ratios = [statistics.median(one[number][part] / one[0][part] for one in found) for part in (0, 1)]
        print(
            f"{row.label:<34} wall {wall:6.2f} s {ratios[0]:5.2f} x   CPU {cpu:6.2f} s {ratios[1]:5.2f} x", flush=True
        )


if __name__ == "__main__":
    main()
