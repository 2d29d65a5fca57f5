# SPDX-License-Identifier: Apache-2.0
"""The same verdicts with other plugins of pytest installed: ``tox -e neighbours`` has all of them."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from needs import lacking

#: Other plugins with options that make them do something.
NEIGHBOURS: dict[str, tuple[tuple[str, ...], ...]] = {
    "pytest-asyncio": (("-o", "asyncio_mode=auto"),),
    "pytest-check": ((),),
    "pytest-cov": (("--cov=.", "--cov-report="),),
    "pytest-json-report": (("--json-report", "--json-report-file=other.json"),),
    "pytest-metadata": (("--metadata", "key", "value"),),
    "pytest-order": (("--order-scope=module",),),
    "pytest-randomly": ((), ("--randomly-seed=7",)),
    "pytest-repeat": (("--count=2",), ("--count=2", "--repeat-scope=session")),
    "pytest-rerunfailures": (("--reruns=2",), ("--force-reruns=2",), ("--reruns=1", "--reruns-mode=append")),
    "pytest-split": (("--splits=1", "--group=1"),),
    "pytest-sugar": (("--force-sugar",),),
    "pytest-timeout": (("--timeout=300",),),
}

#: All at once: repeated, run again, in another order, with a terminal of their own.
AT_ONCE = ("--count=2", "--reruns=1", "--cov=.", "--cov-report=", "--json-report", "--timeout=300", "--splits=1")


class Outcome(NamedTuple):
    """What a run came to."""

    code: int
    results: Mapping[str, tuple[Any, ...]]
    cases: list[str]


def plugins_of(distribution: str) -> list[str]:
    """The names of a distribution's plugins; nothing if it is not installed."""
    try:
        found = importlib.metadata.distribution(distribution).entry_points
    except importlib.metadata.PackageNotFoundError:
        return []
    return [one.name for one in found if one.group == "pytest11"]


def run(folder: Path, plugins: list[str], *options: str, source: str) -> Outcome:
    """Judge with these plugins, and no others but those that are needed."""
    files = {"--scs-json": folder / "results.json", "--junit-xml": folder / "junit.xml", "--html": folder / "page.html"}
    loaded = [word for name in ("pytest_scs.plugin", "xdist", "html", "metadata", *plugins) for word in ("-p", name)]
    written = [f"{option}={path}" for option, path in files.items()]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "not creates_resources"]
    process = subprocess.run(
        [*command, *loaded, "--scs-scope=iaas-v5.1", source, *written, *options],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert files["--scs-json"].exists(), process.stdout[-2000:] + process.stderr[-2000:]
    assert "Traceback" not in process.stdout + process.stderr
    assert "INTERNALERROR" not in process.stdout
    subject = json.loads(files["--scs-json"].read_text())["subjects"][0]
    results = {one["testcase"]: (one["verdict"], one["findings"], one.get("cause")) for one in subject["results"]}
    cases = [str(case.get("name")) for case in ET.parse(files["--junit-xml"]).iter("testcase")]
    return Outcome(process.returncode, results, sorted(cases))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Outcome]:
    """Evidence of a cloud that violates a lot, and what a run without neighbours makes of it."""
    folder = tmp_path_factory.mktemp("alone")
    run(folder, [], f"--scs-record={folder / 'evidence.json'}", source="--os-cloud=demo:vanilla")
    source = f"--scs-replay={folder / 'evidence.json'}"
    return source, run(folder, [], source=source)


def test_all_neighbours_are_here() -> None:
    missing = [name for name in NEIGHBOURS if not plugins_of(name)]
    if missing:
        lacking("neighbours", f"no verdict beside {', '.join(missing)}: tox -e neighbours")


@pytest.mark.parametrize(
    ("name", "options"),
    [(name, one) for name, several in NEIGHBOURS.items() if plugins_of(name) for one in several],
    ids=str,
)
def test_a_neighbour_changes_no_verdict(
    name: str, options: tuple[str, ...], alone: tuple[str, Outcome], tmp_path: Path
) -> None:
    source, expected = alone
    assert list(expected.results.values()) != []
    assert run(tmp_path, plugins_of(name), *options, source=source) == expected


@pytest.mark.skipif(not all(map(plugins_of, NEIGHBOURS)), reason="needs all of them, see above")
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "workers"])
def test_all_neighbours_at_once_change_no_verdict(
    workers: tuple[str, ...], alone: tuple[str, Outcome], tmp_path: Path
) -> None:
    source, expected = alone
    plugins = [plugin for name in NEIGHBOURS for plugin in plugins_of(name)]
    options = (*AT_ONCE, "--group=1", "--json-report-file=other.json", *workers)
    assert run(tmp_path, plugins, *options, source=source) == expected


@pytest.mark.skipif(not plugins_of("pytest-split"), reason="needs pytest-split, see above")
def test_a_part_is_judged_as_a_part(alone: tuple[str, Outcome], tmp_path: Path) -> None:
    source, expected = alone
    parts = [
        run(tmp_path, plugins_of("pytest-split"), "--splits=2", f"--group={group}", source=source) for group in (1, 2)
    ]
    judged = [{case: one for case, one in part.results.items() if one[0] != "MISS"} for part in parts]
    assert not set(judged[0]) & set(judged[1])
    assert {**judged[0], **judged[1]} == {case: one for case, one in expected.results.items() if one[0] != "MISS"}
