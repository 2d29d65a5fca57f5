# SPDX-License-Identifier: Apache-2.0
"""A small scope file, and builders for results and runs on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pytest
from needs import lacking

from pytest_scs.core.cause import Cause, CauseKind
from pytest_scs.core.findings import Basis, Finding
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result, Run, SubjectRun
from pytest_scs.core.scope import TARGETS
from pytest_scs.core.selection import select
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict

_UPSTREAM = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "upstream"

_MINI = """\
name: SCS-compatible Mini
uuid: 0f6d2a34-9f5e-4c27-8a53-3c1e4b7d9a01
url: https://scs.example/mini.yaml
variables:
- os_cloud
scripts:
- executable: pytest
  args: --os-cloud={os_cloud}
  testcases:
  - id: scs-0100-one
    section: light
    lifetime: week
    description: The first rule
      holds.
    url: https://scs.example/one
  - id: scs-0100-two
    description: The second rule holds.
  - id: scs-0102-three
  - id: four-check
    section: heavy
- testcases:
  - id: five-check
    lifetime: quarter
modules:
- id: scs-0100-v3.1
  name: Names
  url: https://scs.example/0100
  targets:
    main:
    - scs-0100-one
    - scs-0100-two
- id: scs-0102-v1
  name: Images
  parameters:
    spec: where the list is
  targets:
    main:
    - scs-0102-three
    recommended:
    - four-check
- id: scs-0116-v1-manual
  name: Keys
  targets:
    preview:
    - five-check
timeline:
- date: 2026-01-01
  versions:
    next: draft
    v1: effective
- date: 2025-01-01
  versions:
    v1: effective
versions:
- version: next
  include:
  - scs-0100-v3.1
  - ref: scs-0102-v1
    parameters:
      spec: https://scs.example/list
  - scs-0116-v1-manual
- version: v1
  stabilized_at: 2025-01-01
  include:
  - scs-0100-v3.1
"""


class MakeResult(Protocol):
    def __call__(
        self, testcase: str, official: Verdict | str = "PASS", text: Verdict | str | None = None, cloud: str = ...
    ) -> Result: ...


class MakeRun(Protocol):
    def __call__(
        self,
        results: Mapping[str, str | Result] | None = None,
        *,
        specs: Sequence[str] | None = None,
        targets: Sequence[str] = TARGETS,
        clouds: Sequence[str] = ("testcloud",),
        judge: Judge = Judge.OFFICIAL,
        chosen: Sequence[str] | None = None,
        now: str = ...,
        interrupted: bool = False,
        date: dt.date = ...,
    ) -> Run: ...


@pytest.fixture
def upstream() -> Callable[[str], Path]:
    """The path of one of the official data files; lacking where a clone of this repository is alone."""

    def official(name: str) -> Path:
        if not _UPSTREAM.is_dir():
            lacking("official", "no official files to compare with: ../shared/data/upstream is not beside the checkout")
        return _UPSTREAM / name

    return official


@pytest.fixture
def mini() -> str:
    """A small scope file as text."""
    return _MINI


@pytest.fixture
def mini_path(tmp_path: Path) -> Path:
    """The small scope file; its short name is ``mini``."""
    path = tmp_path / "scs-compatible-mini.yaml"
    path.write_text(_MINI, "utf-8")
    return path


@pytest.fixture
def make_result() -> MakeResult:
    """Build a result with all that belongs to its two verdicts."""

    def make(
        testcase: str, official: Verdict | str = "PASS", text: Verdict | str | None = None, cloud: str = "testcloud"
    ) -> Result:
        first, second = Verdict(official), Verdict(text or official)
        result = Result(testcase, Subject("openstack", cloud), first, second)
        if Verdict.FAIL in (first, second):
            basis = Basis.BOTH if first is second else Basis.OFFICIAL if first is Verdict.FAIL else Basis.TEXT
            result.findings = [
                Finding(
                    "flavor SCS-1V-4",
                    "disk",
                    "0 GiB",
                    "10 GiB",
                    hint="openstack flavor delete 4711",
                    basis=basis,
                    deviation="" if basis is Basis.BOTH else "DEV-0100-1",
                    resource_id="4711",
                )
            ]
        if Verdict.ABORT in (first, second):
            result.cause = Cause("compute answers 503", CauseKind.OUTAGE)
        if Verdict.MISS in (first, second):
            result.cause = Cause("not run", CauseKind.INTERRUPTED)
        else:
            result.evidence = {"flavors": 3}
        return result

    return make


@pytest.fixture
def make_run(mini_path: Path, make_result: MakeResult) -> MakeRun:
    """Build a run: PASS for every expected testcase that gets no other result."""

    def make(
        results: Mapping[str, str | Result] | None = None,
        *,
        specs: Sequence[str] | None = None,
        targets: Sequence[str] = TARGETS,
        clouds: Sequence[str] = ("testcloud",),
        judge: Judge = Judge.OFFICIAL,
        chosen: Sequence[str] | None = None,
        now: str = "2026-06-15T12:03:44.120934+00:00",
        interrupted: bool = False,
        date: dt.date = dt.date(2026, 6, 15),
    ) -> Run:
        selection = select(specs or [f"{mini_path}@next"], date, targets, mini_path.parent)
        runs = []
        for cloud in clouds:
            found = {}
            for testcase in selection.expected:
                given = (results or {}).get(testcase, "PASS")
                found[testcase] = given if isinstance(given, Result) else make_result(testcase, given, cloud=cloud)
            runs.append(SubjectRun(Subject("openstack", cloud, cloud), found))
        wanted = frozenset(selection.expected) if chosen is None else frozenset(chosen)
        return Run(selection, judge, runs, wanted, now, interrupted)

    return make
