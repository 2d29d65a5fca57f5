# SPDX-License-Identifier: Apache-2.0
"""``scs demo``: what can be broken, and what is said where it cannot be served."""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from pytest_scs import cli
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes
from pytest_scs.demo import standalone
from pytest_scs.demo.kubernetes import defects as of_clusters
from pytest_scs.demo.openstack import defects as of_clouds

Capture = pytest.CaptureFixture[str]

ALL = [*of_clouds.DEFECTS, *of_clusters.DEFECTS]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (
            "--break image-od",
            "demo: --break: nothing of a cloud is called 'image-od'; did you mean 'image-old'?; known: ",
        ),
        ("--cluster --break image-old", "demo: --break: nothing of a cluster is called 'image-old'"),
        ("--vanilla --break image-old", "demo: --break=image-old: this cloud has nothing of that kind; leave it or"),
        ("--port 99999", "demo: cannot listen on port 99999: there is no such port; leave --port out"),
    ],
)
def test_mistakes_are_one_line(capsys: Capture, typed: str, words: str) -> None:
    assert cli.main(["demo", *typed.split()]) == 4
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"scs: {words}")


@pytest.mark.parametrize("typed", [[], ["--cluster"]])
def test_no_place_for_temporary_files_is_one_line(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: list[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # those of this process stay
    assert cli.main(["demo", *typed]) == 4
    assert capsys.readouterr().err.startswith("scs: no temporary file can be written: No such file or directory; free")


def test_a_missing_package_is_named_with_the_extra() -> None:
    program = "import sys; sys.modules['werkzeug'] = None; from pytest_scs.cli import main; sys.exit(main(['demo']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 4
    [line] = done.stderr.splitlines()
    assert line.startswith("scs: demo: it needs the package werkzeug")
    assert "install pytest-scs with its extra demo" in line


def test_names_say_once_what_is_broken_and_testcases_are_real() -> None:
    for defects in (of_clouds.DEFECTS, of_clusters.DEFECTS):
        assert len({defect.name for defect in defects}) == len(defects)
    known = {testcase for path in bundled_scopes().values() for testcase in load_scope(path).testcases}
    assert {testcase for defect in ALL for testcase in defect.fails} <= known


def test_help_has_everything_that_can_be_broken(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        cli.main(["demo", "--help"])
    text = capsys.readouterr().out
    assert [defect.name for defect in ALL if f"  {defect.name} " not in text] == []


@pytest.mark.parametrize("typed", [[], ["--cluster"]])
def test_what_is_printed_names_files_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: list[str]
) -> None:
    folder = tmp_path / "with a blank"
    folder.mkdir()
    parser = argparse.ArgumentParser()
    standalone.add_arguments(parser)
    options = parser.parse_args(typed)
    served: Any = standalone._cluster(options) if options.cluster else standalone._cloud(options)
    served.server.start()
    try:
        told = served.told(folder)
    finally:
        served.server.stop()
    words = [word.rpartition("=")[2] for line in told.splitlines() for word in shlex.split(line)]
    for path in folder.iterdir():
        assert str(path) in words
    if options.cluster:
        assert json.loads((folder / "k8s-versions.json").read_text())
        assert (folder / "kubeconfig").stat().st_mode & 0o777 == 0o600
