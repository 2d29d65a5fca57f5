# SPDX-License-Identifier: Apache-2.0
"""What readers copy out of the documentation works as it stands there.

Commands about a cloud of the reader's run on the embedded one, under the reader's names. What installs something, needs
an administrator or takes hours is checked for syntax, options and names only.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from snippets import Block, blocks, documents

from pytest_scs.cli import main, parser
from pytest_scs.demo.openstack import presets

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = [block for document in documents(ROOT) for block in blocks(document)]
SHELL = [block for block in BLOCKS if block.kind == "shell"]

#: Names under which readers have clouds; the embedded one stands for them.
READERS = ("mycloud", "a", "b")

#: Options that take what is no ordinary cloud: the command is planned, not run.
PLANNED = ("--scs-tempest-accounts", "--scs-tempest-results", "--scs-domain-managers=mgr", "-n")

#: Exit codes of a run that was asked for in the right way.
JUDGED = (0, 1, 6)


def _name(block: Block) -> str:
    return block.place


def _commands() -> Iterator[Any]:
    """Every command for pytest or scs that stands in the documentation, each once."""
    seen = set()
    for block in SHELL:
        if block.what == "run":
            continue  # run in a folder of its own, below
        for line in block.commands:
            if line.startswith(("pytest ", "scs ")) and (words := tuple(shlex.split(line, comments=True))) not in seen:
                seen.add(words)
                yield pytest.param([*words], id=f"{block.place} {' '.join(words)[:60]}")


COMMANDS = list(_commands())


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.kind != "shell"], ids=_name)
def test_python_and_yaml_can_be_read(block: Block) -> None:
    block.check()


@pytest.mark.parametrize("block", SHELL, ids=_name)
def test_a_shell_takes_it(block: Block) -> None:
    text = re.sub(r"<[a-z][^<>\n]*>", "WORD", block.text)  # what readers replace
    done = subprocess.run(["bash", "-n", "-c", text], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def readers_clouds(serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clouds that the documentation speaks of, in a clouds.yaml."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("OS_CLOUD", raising=False)
    cloud = serve(presets.preset(vanilla=False), READERS[0])
    path = Path(os.environ["OS_CLIENT_CONFIG_FILE"])
    entries = yaml.safe_load(path.read_text())["clouds"]
    managers = iter(cloud.managers().values())
    entries |= dict.fromkeys((*READERS, "throwaway-1", "throwaway-2"), entries[READERS[0]])
    entries |= {"mgr-a": next(managers), "mgr-b": next(managers)}
    path.write_text(yaml.safe_dump({"clouds": entries}))


def _prepare(words: list[str], folder: Path) -> None:
    """Make the files that a command takes from the one ahead of it in the document."""
    if any(word.endswith("attestations.yaml") for word in words) and "-o" not in words:
        assert main(["attest", "--scs-scope=iaas-v5.1", "--scs-subject=mycloud", "-o", "attestations.yaml"]) == 0
    for word in words:
        if word.startswith("--scs-tempest-results="):
            shutil.copy(ROOT / "tests" / "data" / "tempest.subunit", folder / word.partition("=")[2])


@pytest.mark.parametrize("words", [param for param in COMMANDS if param.values[0][0] == "pytest"])
def test_a_run_is_what_the_reader_wants(
    words: list[str], pytester: pytest.Pytester, readers_clouds: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _prepare(words, pytester.path)
    if "--scs-replay=evidence.json" in words:
        pytester.runpytest_inprocess("--scs-scope=iaas-v5.1", "--os-cloud=demo", "--scs-record=evidence.json")
    if any(word.startswith(PLANNED) for word in words) and "--scs-plan" not in words:
        words = [*words, "--scs-plan"]
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", *words[1:])
    assert result.ret in JUDGED, result.stdout.str()
    if "demo" in " ".join(words) or "beyond" not in " ".join(words):
        assert result.ret == 0, result.stdout.str()


@pytest.mark.parametrize("words", [param for param in COMMANDS if param.values[0][0] == "scs"])
def test_a_command_of_ours_works(
    words: list[str], tmp_path: Path, readers_clouds: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if any(word.isupper() and not re.fullmatch(r"PASS|FAIL|ABORT|MISS|DEV-.*|-.*", word) for word in words[1:]):
        parser().parse_args(words[1:])
        return
    _prepare(words, tmp_path)
    if words[1:3] == ["report", "validate"]:
        pytest.skip("the file is made by a run of the reader")
    # Unanswered questions in a new template are exit code 1.
    assert main(words[1:]) in (0, 1)


def test_every_option_of_ours_that_is_named_exists(pytester: pytest.Pytester) -> None:
    pattern = r"--(?:scs(?:-[a-z0-9]+)+|os-cloud)"
    known = set(re.findall(pattern, pytester.runpytest_inprocess("--help").stdout.str()))
    for document in documents(ROOT):
        assert set(re.findall(pattern, document.read_text("utf-8"))) <= known, document.name


def test_tox_environments_and_test_folders_exist() -> None:
    known = set(re.findall(r"^\[testenv:([\w-]+)\]", (ROOT / "tox.ini").read_text(), re.MULTILINE))
    for block in SHELL:
        assert set(re.findall(r"\btox -e ([\w-]+)", block.text)) <= known, block.place
        for name in re.findall(r" (tests/\S+)", block.text):
            assert (ROOT / name).exists(), (block.place, name)


def _environment(folder: Path) -> dict[str, str]:
    """For a shell in which ``pytest`` and ``scs`` are those of this environment, and nothing else is inherited."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV_", "OS_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return {**kept, "PATH": path, "XDG_STATE_HOME": str(folder / "state"), "PYTHONDONTWRITEBYTECODE": "1"}


def _run(block: Block, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{block.place}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize(
    "document",
    [document for document in documents(ROOT) if any(block.what == "file" for block in blocks(document))],
    ids=lambda document: document.name,
)
def test_a_walk_through_works_from_an_empty_folder(document: Path, tmp_path: Path) -> None:
    folder = tmp_path / "walk"
    folder.mkdir()
    for block in blocks(document):
        if block.what == "file":
            (folder / block.about).write_text(block.text)
        elif block.what == "run":
            _run(block, folder, _environment(tmp_path))
    assert len([path for path in folder.iterdir() if path.suffix in (".py", ".yaml")]) <= 3


def test_a_testcase_written_by_the_book_is_judged(tmp_path: Path) -> None:
    copy = tmp_path / "checkout"
    for name in ("pytest_scs", "testcases", "scopes", "docs", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, copy / name)
    environment = {**_environment(tmp_path), "PYTHONPATH": str(copy)}
    done = set()
    for block in blocks(ROOT / "CONTRIBUTING.md"):
        done.add(block.what)
        if block.what == "append":
            with (copy / block.about).open("a") as file:
                file.write(f"\n\n{block.text}")
        elif block.what == "insert":
            name, line = block.target
            lines = (copy / name).read_text().splitlines()
            assert lines.count(line) == 1, (block.place, line)
            place = lines.index(line) + 1
            indented = [f"{' ' * _indentation(lines[place:])}{text}" for text in block.text.splitlines()]
            lines[place:place] = indented
            (copy / name).write_text("\n".join(lines) + "\n")
        elif block.what == "run":
            _run(block, copy, environment)
    assert {"append", "insert", "run"} <= done


def _indentation(lines: list[str]) -> int:
    """How far the entries of the list are indented that begins here; a reader sees that."""
    entry = next(line for line in lines if line.strip().startswith("- "))
    return len(entry) - len(entry.lstrip())
