# SPDX-License-Identifier: Apache-2.0
"""Tempest's process, with a small program in its place that speaks the same protocol."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.openstack.tempest import process
from pytest_scs.platforms.openstack.tempest.process import list_tests, run_tests, workspace
from pytest_scs.platforms.openstack.tempest.stream import Results

#: What every stand-in begins with: ``out`` takes events, ``ids`` are the tests it is to run.
OPENING = """
import os, pathlib, subprocess, sys, threading, time
from subunit.v2 import StreamResultToBytes
action, folder = sys.argv[1], pathlib.Path(sys.argv[2])
out = StreamResultToBytes(sys.stdout.buffer)
path = folder / "ids.txt"
ids = path.read_text().split() if path.exists() else []
def say(test, status, **more):
    out.status(test_id=test, test_status=status, **more)
    sys.stdout.flush()
def obey():
    def wait():
        while os.read(0, 100): pass
        os._exit(1)
    threading.Thread(target=wait, daemon=True).start()
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a program in the place of Tempest."""

    def write(text: str) -> None:
        path = tmp_path / "standin.py"
        path.write_text(OPENING + textwrap.dedent(text))
        monkeypatch.setattr(process, "PROGRAM", (sys.executable, str(path)))
        monkeypatch.setattr(process, "LOOK", 0.02)
        monkeypatch.setattr(process, "GRACE", 1)

    return write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "workspace"
    path.mkdir()
    return path


def run(
    folder: Path, *, cancelled: threading.Event | None = None, look: Callable[[], None] | None = None
) -> tuple[str, dict[str, str]]:
    results = Results()
    problem = run_tests(folder, ["a.B.c", "a.B.d"], results, cancelled or threading.Event(), look or (lambda: None))
    return problem, {record.id: record.status for record in results.records()}


def test_workspace_is_private_and_goes() -> None:
    seen = []

    def fail() -> None:
        with workspace() as folder:
            seen.append((folder, stat.S_IMODE(folder.stat().st_mode)))
            (folder / "accounts.yaml").write_text("secret")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    ((folder, mode),) = seen
    assert mode == 0o700
    assert not folder.exists()


def test_results_are_known_while_it_runs(program: Callable[[str], None], folder: Path) -> None:
    program("""
        obey()
        say(ids[0], "success")
        while not (folder / "go").exists(): time.sleep(0.01)
        say(ids[1], "fail", file_name="traceback", file_bytes=b"x.YError: z", mime_type="text/plain")
    """)
    seen: list[int] = []
    results = Results()

    def look() -> None:
        seen.append(len(results.records()))
        if seen[-1] == 1:
            (folder / "go").touch()

    assert run_tests(folder, ["a.B.c", "a.B.d"], results, threading.Event(), look) == ""
    assert 1 in seen
    assert [record.reason for record in results.records()] == ["", "x.YError: z"]


def test_tests_are_listed(program: Callable[[str], None], folder: Path) -> None:
    program("""
        say("a.B.c", "exists")
        print("noise", flush=True)
        say("a.B.d", "exists")
        sys.exit(2)
    """)
    assert list_tests(folder, threading.Event()) == {"a.B.c", "a.B.d"}


def test_tempest_that_lists_nothing_says_why(program: Callable[[str], None], folder: Path) -> None:
    program("raise ImportError('no module of that kind')")
    with pytest.raises(Inconclusive) as caught:
        list_tests(folder, threading.Event())
    assert str(caught.value) == (
        "Tempest does not list its tests: Tempest broke down (exit code 1): ImportError: no module of that kind"
    )


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("sys.exit(3)", "exit code 3): it said nothing"),
        ("raise SystemExit('out of memory')", "exit code 1): out of memory"),
        ("os.kill(os.getpid(), 9)", "exit code -9)"),
    ],
)
def test_tempest_that_breaks_down_is_told_with_what_it_did(
    program: Callable[[str], None], folder: Path, end: str, words: str
) -> None:
    program(f"say(ids[0], 'success')\n{end}")
    problem, statuses = run(folder)
    assert problem.startswith("Tempest broke down (")
    assert words in problem
    assert statuses == {"a.B.c": "passed"}


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Nobody may be there to bury it.
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return bool(state.strip()) and not state.startswith("Z")


def all_gone(folder: Path) -> bool:
    """Whether the processes that wrote their ids end; a signal takes a moment to arrive."""
    pids = [int(pid) for pid in (folder / "pids").read_text().split()]
    ended = time.monotonic() + 10
    while any(map(alive, pids)) and time.monotonic() < ended:
        time.sleep(0.01)
    return not any(map(alive, pids))


HANGING = """
    {obedience}
    say(ids[0], "success")
    say(ids[1], "inprogress")
    child = subprocess.Popen(["sleep", "600"])
    (folder / "pids").write_text(f"{{os.getpid()}} {{child.pid}}")
    time.sleep(600)
"""


@pytest.mark.parametrize("obedience", ["obey()", "pass"])
def test_tempest_that_hangs_is_ended_at_the_time_limit_with_all_it_started(
    program: Callable[[str], None], folder: Path, monkeypatch: pytest.MonkeyPatch, obedience: str
) -> None:
    program(HANGING.format(obedience=obedience))
    monkeypatch.setattr(process, "LIMIT", 1)
    problem, statuses = run(folder)
    assert problem == "the time limit of 1 s was reached"
    assert statuses == {"a.B.c": "passed", "a.B.d": "not-run"}
    assert all_gone(folder)


def test_interrupted_run_ends_tempest(program: Callable[[str], None], folder: Path) -> None:
    program(HANGING.format(obedience="obey()"))
    cancelled = threading.Event()

    def look() -> None:
        if (folder / "pids").exists():
            cancelled.set()

    problem, statuses = run(folder, cancelled=cancelled, look=look)
    assert problem == "the run was interrupted"
    assert statuses["a.B.c"] == "passed"
    assert all_gone(folder)


def test_credentials_of_the_environment_are_kept_from_tempest(
    program: Callable[[str], None], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_PASSWORD", "secret")
    monkeypatch.setenv("TEMPEST_CONFIG_DIR", "/etc/tempest")
    program("(folder / 'env').write_text(repr(dict(os.environ)))")
    run(folder)
    environment = (folder / "env").read_text()
    assert "secret" not in environment
    assert f"'TEMPEST_CONFIG_DIR': '{folder}'" in environment


# -- the true program -----------------------------------------------------------------------------------------------


def test_installed_tempest_has_the_listed_tests(folder: Path) -> None:
    from pytest_scs.standards.iaas.tempest_list import listed_tests, resolve

    (folder / "tempest.conf").write_text(f"[DEFAULT]\nlog_file = {folder}/log\n")
    known = list_tests(folder, threading.Event())
    assert len(known) > 1000
    assert len(resolve(known)) == len(listed_tests())


def test_program_ends_and_takes_its_folder_along_when_its_starter_dies(folder: Path, tmp_path: Path) -> None:
    """The true program with a runner that hangs: nobody is left to end it but itself."""
    fake = tmp_path / "path"
    (fake / "stestr/subunit_runner").mkdir(parents=True)
    (fake / "tempest").mkdir()
    for name in ("stestr/__init__.py", "stestr/subunit_runner/__init__.py", "tempest/__init__.py"):
        (fake / name).touch()
    runner = f"import pathlib, time\npathlib.Path({str(tmp_path / 'started')!r}).touch()\ntime.sleep(600)\n"
    (fake / "stestr/subunit_runner/run.py").write_text(runner)
    command = [sys.executable, "-m", "pytest_scs.platforms.openstack.tempest.program", "run", str(folder)]
    starter = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": f"{fake}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
    )  # fmt: skip
    while not (tmp_path / "started").exists():
        assert starter.poll() is None
        time.sleep(0.02)
    assert starter.stdin is not None
    starter.stdin.close()
    assert starter.wait(15) != 0
    assert not folder.exists()
