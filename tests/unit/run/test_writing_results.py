# SPDX-License-Identifier: Apache-2.0
"""Each file of results is written on its own, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_scs.core.results import Run, RunOutcome
from pytest_scs.reports.result_files import FILES
from pytest_scs.run.options import RESULT_FILES, all_options
from pytest_scs.run.result_files import write_result_files

MakeRun = Callable[..., Run]


def test_every_option_has_a_writer_and_every_writer_an_option() -> None:
    assert set(RESULT_FILES) == set(FILES)
    known = {option.name: option for option in all_options()}
    assert all(known[name].ini and not known[name].many for name in RESULT_FILES)


def test_all_are_written_and_told(make_run: MakeRun, tmp_path: Path) -> None:
    paths = {name: tmp_path / name for name in FILES}
    written, problems = write_result_files(paths, RunOutcome(make_run(clouds=("a", "b"))))
    assert (len(written), problems) == (len(FILES), [])
    assert {path.name for path in tmp_path.iterdir()} >= set(FILES)
    found = json.loads((tmp_path / "json").read_text("utf-8"))
    assert [subject["name"] for subject in found["subjects"]] == ["a", "b"]


def test_one_that_cannot_be_written_costs_no_other(make_run: MakeRun, tmp_path: Path) -> None:
    (tmp_path / "json").mkdir()
    paths = {"json": tmp_path / "json", "csv": tmp_path / "gone" / "csv", "metrics": tmp_path / "x.prom"}
    written, problems = write_result_files(paths, RunOutcome(make_run()))
    assert written == [f"metrics for Prometheus: {tmp_path / 'x.prom'}"]
    assert [line.partition(": ")[0] for line in problems] == [
        f"the JSON report could not be written to {tmp_path / 'json'}",
        f"the findings as CSV could not be written to {tmp_path / 'gone' / 'csv'}",
    ]


def test_metrics_that_no_collector_will_read_are_said_to_be_so(make_run: MakeRun, tmp_path: Path) -> None:
    paths = {"metrics": tmp_path / "x.txt", "csv": tmp_path / "y.txt"}
    written, problems = write_result_files(paths, RunOutcome(make_run()))
    assert (written, problems) == (
        [
            f"metrics for Prometheus: {tmp_path / 'x.txt'} (the textfile collector of node_exporter reads *.prom only)",
            f"findings as CSV: {tmp_path / 'y.txt'}",
        ],
        [],
    )


def test_without_a_run_there_is_nothing_to_write(tmp_path: Path) -> None:
    assert write_result_files({"json": tmp_path / "x"}, RunOutcome()) == ([], [])
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("name", FILES)
def test_half_characters_and_line_breaks_from_outside_break_no_file(
    make_run: MakeRun, tmp_path: Path, name: str
) -> None:
    run = make_run({"scs-0100-one": "FAIL"})
    for member in run.selection.expected.values():
        object.__setattr__(member.testcase, "description", "a\ud800\nb\x1b")
        for one in member.memberships:
            object.__setattr__(one.module, "name", "m\udfff\nb'\"")
    path = tmp_path / name
    assert write_result_files({name: path}, RunOutcome(run, ["odd\ud800"]))[1] == []
    path.read_text("utf-8")
