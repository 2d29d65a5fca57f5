# SPDX-License-Identifier: Apache-2.0
"""Short spellings of options, beside other plugins and conftests that have an option of the same name.

Others never notice that we are there: pytest starts, and their option has the value that was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "folder_platform"
SCOPE = f"--scs-scope={HERE / 'folders.yaml'}@v1"

#: As other plugins have it: one value, and a type of their own.
OWNER = """
import pathlib

def pytest_addoption(parser):
    parser.getgroup("other").addoption("--dir", type=pathlib.PurePath, default=None, help="Where")
"""

SHOW = """
def test_their_value(request):
    with open(request.config.rootpath / "theirs", "w") as file:
        file.write(repr(request.config.getoption("dir")))
"""

THEIRS = "PurePosixPath('good')"

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run pytest in a folder with two subjects, the test that judges them, and somebody else's."""
    monkeypatch.setenv("PYTHONPATH", f"{HERE}:{pytester.path}")
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "test_folders.py").write_text((HERE / "test_folders.py").read_text())
    for name in ("good", "better"):
        (pytester.path / name).mkdir()
        (pytester.path / name / "file").write_text("x")
    pytester.makepyfile(owner=OWNER)

    def start(*args: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess("-p", "folder_platform", "-p", "no:cacheprovider", *args)

    return start


def test_it_can_be_repeated_and_the_long_one_wins(run: Run) -> None:
    result = run(SCOPE, "--dir", "good", "--dir=better", "tests")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["scs: *; folder good, better", "good folders-v1 (effective) main: PASS (1 PASS)*"])
    result = run(SCOPE, "--dir", "good", "--folder=better", "tests")
    result.stdout.fnmatch_lines(["scs: *; folder better"])


@pytest.mark.parametrize(("where", "typed", "workers"), [("environment", "--dir good", ()), ("ini", "--dir=good", ())])
def test_it_may_come_from_the_environment_or_the_ini_file(
    run: Run,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    typed: str,
    workers: tuple[str, ...],
) -> None:
    if where == "ini":
        pytester.makeini(f"[pytest]\naddopts = {typed}\n")
    else:
        monkeypatch.setenv("PYTEST_ADDOPTS", typed)
    result = run(SCOPE, "tests", *workers)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["scs: *; folder good", "folders-v1 (effective) main: PASS (1 PASS)*"])


@pytest.mark.parametrize(
    ("owner", "typed", "workers"),
    [
        ("before us", ("--dir", "good"), ()),
        ("after us", ("--dir=good",), ("-n", "2")),
        ("conftest", ("--dir", "good"), ()),
        ("conftest names it", ("--dir", "good"), ()),
        ("met later", ("--dir=good",), ("-n", "2")),
    ],
)
def test_it_stands_beside_the_same_option_of_somebody_else(
    run: Run,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    owner: str,
    workers: tuple[str, ...],
    typed: tuple[str, ...],
) -> None:
    below = pytester.path / "tests" / "own"
    below.mkdir()
    (below / "test_own.py").write_text(SHOW)
    extra: tuple[str, ...] = ()
    if owner == "before us":
        extra = ("-p", "owner")
    elif owner == "after us":
        monkeypatch.setenv("PYTEST_PLUGINS", "owner")
    elif owner == "conftest":
        (pytester.path / "conftest.py").write_text(OWNER)
    elif owner == "conftest names it":
        (pytester.path / "conftest.py").write_text("pytest_plugins = ['owner']\n")
    else:
        (below / "conftest.py").write_text(OWNER)
    result = run(*extra, SCOPE, *typed, "tests", *workers)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["scs: *; folder good", "folders-v1 (effective) main: PASS (1 PASS)*"])
    result.stdout.no_fnmatch_line("*rror*")
    assert (pytester.path / "theirs").read_text() == THEIRS


def test_others_may_demand_options(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makeconftest("def pytest_addoption(parser):\n    parser.addoption('--mine', required=True)\n")
    result = run(SCOPE, "--dir=good", "tests", "--mine=1")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["scs: *; folder good"])


def test_an_option_of_somebody_else_keeps_its_default_and_means_nothing_to_us(
    run: Run, pytester: pytest.Pytester
) -> None:
    (pytester.path / "conftest.py").write_text(OWNER.replace("default=None", "default='elsewhere'"))
    result = run(SCOPE, "tests")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: no folder to judge: name one with --folder=PATH"])


@pytest.mark.parametrize("typed", [("--dir", "good"), ()], ids=" ".join)
def test_without_a_scope_their_option_is_as_if_we_were_not_there(
    run: Run, pytester: pytest.Pytester, typed: tuple[str, ...]
) -> None:
    pytester.makeconftest(OWNER)
    pytester.makepyfile(test_own=SHOW)
    result = run("test_own.py", *typed)
    assert result.ret == 0
    assert (pytester.path / "theirs").read_text() == (THEIRS if typed else "None")


def test_without_a_scope_it_is_forgotten_rather_than_unknown(run: Run) -> None:
    result = run("--dir=good", "tests")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --dir: no scope is given; add --scs-scope=SCOPE, *"])


@pytest.mark.parametrize("typed", [("--dir", "-v"), ("--dir=",)], ids=" ".join)
def test_a_value_that_is_missing_is_one_line(run: Run, typed: tuple[str, ...]) -> None:
    result = run(SCOPE, "tests", *typed)
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --*: the value is *; write --*"])
    assert "Traceback" not in result.stderr.str()


@pytest.mark.parametrize("owner", [(), ("-p", "owner")], ids=["ours", "theirs"])
def test_help_shows_it(run: Run, owner: tuple[str, ...]) -> None:
    result = run(*owner, "--help")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*--dir*"])
    assert ("The same as --folder" in result.stdout.str()) is not bool(owner)
