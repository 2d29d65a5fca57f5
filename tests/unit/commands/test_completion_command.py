# SPDX-License-Identifier: Apache-2.0
"""What a shell is offered for what is typed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pytest_scs import cli
from pytest_scs.commands.completion import SHELLS
from pytest_scs.platforms.openstack.known_clouds import candidates, known_clouds

CONTEXTS = {"contexts": [{"name": name, "context": {}} for name in ("prod", "stage")]}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with clouds and clusters, where the shell is."""
    for name, content in (
        (".config/openstack/clouds.yaml", {"clouds": {"mine": {}, "yours": {}}}),
        (".kube/config", CONTEXTS),
        ("other", {"contexts": [{"name": "elsewhere", "context": {}}]}),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(yaml.safe_dump(content))
    for variable in ("OS_CLIENT_CONFIG_FILE", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "KUBECONFIG", "SNAP_REAL_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


#: What is typed -> what is offered at its end.
OFFERED = {
    "scs ru": {"run"},
    "scs run --read": {"--read-only"},
    "scs run iaas-v5": {"iaas-v5.1"},
    "scs run iaas-v5.1 --cloud ": {"mine", "yours", "demo", "demo:vanilla"},
    "scs cleanup --os-cloud mi": {"mine"},
    "scs run kaas-v1 --context ": {"prod", "stage"},
    "scs run kaas-v1 --kubeconfig other --context ": {"elsewhere"},
    "scs run kaas-v1 --kubeconfig oth": {"other"},
    "scs run iaas --target p": {"preview"},
    "scs run iaas --date ": set(),
    "scs demo --break image-o": {"image-old"},
    "scs completion f": {"fish"},
}

#: Answers as a shell asks, each line in a process of its own: argcomplete takes over descriptors and ends its process.
#: Exit code 99 says that an SDK was imported meanwhile.
PROGRAM = """
import os, sys
from pytest_scs import cli
cli.parser()  # imports every command, once for all
real = os._exit
os._exit = lambda code: real(99 if {"openstack", "kubernetes"} & set(sys.modules) else code)
for number, line in enumerate(sys.argv[1:]):
    os.environ |= {"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line))}
    os.environ["_ARGCOMPLETE_STDOUT_FILENAME"] = f"answer-{number}"
    child = os.fork()
    if not child:
        cli.main()
        real(98)
    if code := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        sys.exit(f"{line}: {code}")
"""


def test_a_shell_is_offered_what_could_be_meant_without_an_sdk(home: Path) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *OFFERED], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    answers = [(home / f"answer-{number}").read_text() for number in range(len(OFFERED))]
    found = [{word.strip() for word in answer.split("\013") if word.strip()} for answer in answers]
    assert dict(zip(OFFERED, found, strict=True)) == OFFERED


@pytest.mark.parametrize("shell", SHELLS)
def test_there_is_code_for_every_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", shell]) == 0
    assert "scs" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "[1", "clouds: 5", "5", "clouds:\n  a: &x {}\n  1: {}\n"])
def test_files_that_cannot_be_read_offer_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    (tmp_path / "clouds.yaml").write_text(content)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert known_clouds() in ([], ["a"])


def test_clouds_are_looked_for_where_openstacksdk_looks() -> None:
    from openstack.config import loader

    named = os.environ.get("OS_CLIENT_CONFIG_FILE")
    mine = [str(path.absolute()) for path in candidates() if str(path) != named]
    assert list(dict.fromkeys(mine)) == list(dict.fromkeys(str(Path(one).absolute()) for one in loader.CONFIG_FILES))
