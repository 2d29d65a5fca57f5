# SPDX-License-Identifier: Apache-2.0
"""What readers copy out of the documentation works as it stands there.

Commands about a cloud or cluster of the reader's run on the embedded one, under the reader's names. What installs
something, needs an administrator or takes hours is checked for syntax, options and names only.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import not_run
import pytest
import yaml
from monitor_standin import Account, Monitor, Server
from snippets import Block, blocks, documents

from pytest_scs.cli import main, parser
from pytest_scs.demo.kubernetes import presets as clusters
from pytest_scs.demo.openstack import presets
from pytest_scs.pipeline.configuration import OFFICIAL_MONITOR
from pytest_scs.platforms.kubernetes.probes import policy

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = [block for document in documents(ROOT) for block in blocks(document)]
SHELL = [block for block in BLOCKS if block.kind == "shell"]

#: Command -> the blocks that show what it puts out.
SHOWN: dict[tuple[str, ...], list[Block]] = {}
for _block in BLOCKS:
    if _block.what == "shows":
        SHOWN.setdefault(tuple(shlex.split(_block.about)), []).append(_block)

#: The page that is followed in a copy of the checkout.
WALK = "writing-a-testcase.md"

#: Names under which readers have clouds; the embedded one stands for them.
READERS = ("mycloud", "a", "b")

#: Contexts that readers have in their kubeconfig; the embedded cluster stands for them.
CONTEXTS = ("prod", "a", "b")

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
        if block.what in ("run", "not run"):
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
def readers_clusters(serve_cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clusters that the documentation speaks of, in a kubeconfig."""
    cluster = serve_cluster(clusters.preset(vanilla=False))
    config = cluster.kubeconfig(CONTEXTS[0])
    config["contexts"] = [config["contexts"][0] | {"name": name} for name in CONTEXTS]
    path = tmp_path / "kubeconfig.yaml"
    path.write_text(json.dumps(config))
    monkeypatch.setenv("KUBECONFIG", str(path))


@pytest.fixture
def readers_clouds(serve: Any, readers_clusters: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
        about = ("iaas-v5.1", READERS[0]) if "--scs-scope=kaas-v1" not in words else ("beyond-kaas", CONTEXTS[0])
        scope, subject = f"--scs-scope={about[0]}", f"--scs-subject={about[1]}"
        assert main(["attest", scope, subject, "-o", "attestations.yaml"]) == 0
    if "--reports=reports/" in words:
        (folder / "reports").mkdir()
    if "--kubeconfig=kubeconfig.yaml" in words and not (folder / "kubeconfig.yaml").exists():
        shutil.copy(os.environ["KUBECONFIG"], folder / "kubeconfig.yaml")
    for word in words:
        if word.startswith("--scs-tempest-results="):
            shutil.copy(ROOT / "tests" / "data" / "tempest.subunit", folder / word.partition("=")[2])


def _check_shown(words: list[str], output: str) -> None:
    """Compare what the documentation shows of a command's output: these lines in this order, ``...`` for any number."""
    for block in SHOWN.get(tuple(words), ()):
        rest = [_timeless(line) for line in output.splitlines()]
        for line in block.text.splitlines():
            found = line.strip() == "..." or _timeless(line) in rest
            assert found, f"{block.place}: {line!r} is not in\n{output}"
            if line.strip() != "...":
                rest = rest[rest.index(_timeless(line)) + 1 :]


def _timeless(line: str) -> str:
    """A line without what is another every day, and without what a narrow page cut off."""
    return re.sub(r"\d{4}-\d\d-\d\d|\d+(\.\d+)? ?s\b", "T", line).strip()


@pytest.mark.parametrize("words", [param for param in COMMANDS if param.values[0][0] == "pytest"])
def test_a_run_is_what_the_reader_wants(
    words: list[str], pytester: pytest.Pytester, readers_clouds: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "STEADY", 0.3)  # the embedded cluster changes its mind at once
    monkeypatch.setattr(policy, "LOOK", 0.1)
    _prepare(words, pytester.path)
    if "--scs-replay=evidence.json" in words:
        pytester.runpytest_inprocess("--scs-scope=iaas-v5.1", "--os-cloud=demo", "--scs-record=evidence.json")
    hours = "--scs-scope=kaas-v1" in words and "light" not in words
    if (hours or any(word.startswith(PLANNED) for word in words)) and "--scs-plan" not in words:
        words = [*words, "--scs-plan"]
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", *words[1:])
    assert result.ret in JUDGED, result.stdout.str()
    _check_shown(words, result.stdout.str())
    line = " ".join(words)
    # One cluster does not tell all that goes beyond the official suite, and a real one would be older by now.
    conforming = "kaas" not in line.replace("kaas-v1 --kubeconfig=demo", "") and "vanilla" not in line
    if conforming and ("demo" in line or "beyond" not in line):
        assert result.ret == 0, result.stdout.str()


@pytest.fixture(scope="session")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of a run of the reader's, and beside it a script of mends."""
    folder = tmp_path_factory.mktemp("report")
    options = {"cwd": folder, "env": _environment(folder), "capture_output": True}
    start = [sys.executable, "-m", "pytest", "--scs-scope=iaas-v5.1"]
    subprocess.run([*start, "--os-cloud=demo", "-m", "scs_0114", "--scs-report=report.yaml"], check=True, **options)
    broken = [*start, "--os-cloud=demo:vanilla", "-m", "scs_0103", "--scs-remediation=fix.sh"]
    assert subprocess.run(broken, check=False, **options).returncode == 1
    return folder / "report.yaml"


def _run_apart(words: list[str], folder: Path) -> None:
    """``scs run`` is a process that is pytest in the end."""
    environment = _environment(folder, own_clouds=True)
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in JUDGED, done.stdout + done.stderr
    _check_shown(words, done.stdout)


@pytest.mark.parametrize("words", [param for param in COMMANDS if param.values[0][0] == "scs"])
def test_a_command_of_ours_works(
    words: list[str], tmp_path: Path, readers_clouds: None, report_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if words[1] == "demo":
        parser().parse_args(words[1:])  # serves until Ctrl-C
        return
    if words[1] == "run":
        _run_apart(words, tmp_path)
        return
    if any(word.isupper() and not re.fullmatch(r"PASS|FAIL|ABORT|MISS|DEV-.*|-.*", word) for word in words[1:]):
        parser().parse_args(words[1:])
        return
    if words[1:3] == ["data", "refresh"]:
        parser().parse_args(words[1:])  # asks servers that tests must not need
        return
    _prepare(words, tmp_path)
    if words[1:3] == ["report", "validate"]:
        shutil.copy(report_file, tmp_path / "report.yaml")
        words = [*words[:3], *("." if word.endswith("/") else word for word in words[3:])]
    # Unanswered questions in a new template are exit code 1.
    assert main(words[1:]) in (0, 1)


def test_what_is_shown_is_the_output_of_a_command_in_the_documentation() -> None:
    typed = {tuple(param.values[0]) for param in COMMANDS}
    assert [block.place for words, shown in SHOWN.items() for block in shown if words not in typed] == []


def test_every_block_is_tried_or_says_why_not() -> None:
    open_ends = [f"{block.place}: {line}" for block, line, reason in not_run.entries(BLOCKS) if not reason]
    assert not open_ends, "\n".join(
        [f"say why in {not_run.__file__}, or `not run: REASON` ahead of the block:", *open_ends]
    )


def test_no_reason_is_left_without_a_command() -> None:
    used = {reason for _, _, reason in not_run.entries(BLOCKS)}
    assert [reason for reason in not_run.COMMANDS.values() if reason not in used] == []


def _lines_with(beginning: str) -> list[Any]:
    found = {line: block for block in SHELL for line in block.commands if line.startswith(beginning)}
    return [pytest.param(line, id=f"{block.place} {line}") for line, block in found.items()]


@pytest.mark.parametrize("line", [*_lines_with("bash fix.sh"), *_lines_with('eval "$(scs ')])
def test_a_shell_runs_it(line: str, report_file: Path, tmp_path: Path) -> None:
    shutil.copy(report_file.with_name("fix.sh"), tmp_path)
    line = line.replace(" --yes", "")  # that needs the credentials of a cloud
    done = subprocess.run(
        ["bash", "-euc", line], cwd=tmp_path, env=_environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


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


def _environment(folder: Path, *, own_clouds: bool = False) -> dict[str, str]:
    """For a shell in which ``pytest`` and ``scs`` are those of this environment, and nothing else is inherited."""
    left_out = ("PYTEST_", "COV_") if own_clouds else ("PYTEST_", "COV_", "KUBE", "OS_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(left_out)}
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
    [
        document
        for document in documents(ROOT)
        if any(block.what in ("file", "run") for block in blocks(document)) and document.name != WALK
    ],
    ids=lambda document: document.name,
)
def test_a_walk_through_works_from_an_empty_folder(document: Path, tmp_path: Path) -> None:
    folder = tmp_path / "walk"
    folder.mkdir()
    monitor = Monitor()
    with Server(monitor) as server:
        for block in blocks(document):
            # Whoever reads it has an account at the compliance monitor; a stand-in takes its place.
            block = dataclasses.replace(block, text=block.text.replace(OFFICIAL_MONITOR, server.url))
            if block.what == "file":
                (folder / block.about).write_text(block.text)
            elif block.what == "run":
                _run(block, folder, _environment(tmp_path))
            _register(monitor, folder)


def _register(monitor: Monitor, folder: Path) -> None:
    """What the operators of the monitor do with what ``scs report register`` prints."""
    for token in folder.glob("secrets/*.token"):
        name, _, password = base64.b64decode(token.read_text()).decode().partition(":")
        monitor.accounts[name] = Account(password, [token.with_suffix(".pub").read_text()])


def test_a_testcase_written_by_the_book_is_judged(tmp_path: Path) -> None:
    copy = tmp_path / "checkout"
    for name in ("pytest_scs", "testcases", "scopes", "docs", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, copy / name)
    environment = {**_environment(tmp_path), "PYTHONPATH": str(copy)}
    done = set()
    for block in blocks(ROOT / "docs" / WALK):
        done.add(block.what)
        if block.what == "append":
            with (copy / block.about).open("a") as file:
                file.write(f"\n\n{block.text}")
        elif block.what == "insert":
            name, line = block.target
            lines = (copy / name).read_text().splitlines()
            [place] = [number for number, text in enumerate(lines, 1) if _begins(text, line)]
            blanks = " " * _indentation(lines[place:]) if name.endswith(".yaml") else ""
            lines[place:place] = [f"{blanks}{text}".rstrip() for text in _apart(block.text).splitlines()]
            (copy / name).write_text("\n".join(lines) + "\n")
        elif block.what == "run":
            _run(block, copy, environment)
    assert {"append", "insert", "run"} <= done


def _begins(text: str, line: str) -> bool:
    """Whether it is the line that is meant: the one that begins so, where that is not the end of a word."""
    return text.startswith(line) and not re.match(r"[\w-]", text[len(line) :])


def _apart(text: str) -> str:
    """A heading has a blank line ahead of it, and so has what follows."""
    return f"\n{text}" if text.startswith("#") else text


def _indentation(lines: list[str]) -> int:
    """How far the entries of the list are indented that begins here; a reader sees that."""
    entry = next(line for line in lines if line.strip().startswith("- "))
    return len(entry) - len(entry.lstrip())
