# SPDX-License-Identifier: Apache-2.0
"""The record of a run of the e2e suite, and what of it may be taken up."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.core.subject import Subject
from pytest_scs.platforms.kubernetes.runners import state
from pytest_scs.platforms.kubernetes.runners.ordering import check_resumed, folder_of
from pytest_scs.platforms.kubernetes.runners.state import RoundRecord, RunRecord
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings

SUBJECT = Subject("kubernetes", "admin@prod")


def options(**changes: Any) -> dict[str, str]:
    known: dict[str, Any] = {"mode": "full", "timeout": 21600, "image": "", "repo_config": None}
    return state.options_of(**{**known, "focus": r"\[Conformance\]", "skip": "no test has this name", **changes})


@pytest.fixture
def record(tmp_path: Path) -> RunRecord:
    rounds = [RoundRecord("scs-conf-abc123", state.now(), "conformance-abc123-1/results.tar.gz")]
    record = RunRecord(
        "conformance", "uid", "sonobuoy", "0.57.3", options(), state.now(), {"u": "r"}, [["a", "b"]], rounds
    )
    state.write_record(tmp_path, record)
    return record


def spoil(folder: Path, **changes: Any) -> None:
    path = folder / "conformance.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_what_is_written_is_read(tmp_path: Path, record: RunRecord) -> None:
    assert state.read_record(tmp_path, "conformance") == record
    assert state.to_resume(tmp_path, "conformance", "auto", options()) == record
    assert state.read_record(tmp_path, "networking") is None


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"mode": "serial"}, r"another --scs-e2e-mode \(full\)"),
        ({"timeout": 60}, r"another --scs-e2e-timeout \(21600\)"),
        ({"image": "i"}, r"another --scs-e2e-image \(its default\)"),
        ({"focus": "x"}, r"another the choice of tests"),
    ],
)
def test_other_options(tmp_path: Path, record: RunRecord, changes: dict[str, Any], text: str) -> None:
    with pytest.raises(InputError, match=text):
        state.to_resume(tmp_path, "conformance", "auto", options(**changes))


def test_of_a_registry_map_the_content_counts(tmp_path: Path, record: RunRecord) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text("gcRegistry: a\n")
    other.write_text("gcRegistry: a\n")
    assert options(repo_config=one) == options(repo_config=other)
    other.write_text("gcRegistry: b\n")
    assert options(repo_config=one) != options(repo_config=other)
    with pytest.raises(InputError, match=r"--scs-e2e-repo-config: cannot read .*none.yaml: No such file"):
        options(repo_config=tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"finished": True}, "is over; judge it with --scs-e2e-results=TESTCASE=.*results.tar.gz, or start a new one"),
        ({"finished": True, "rounds": []}, "is over; it left no results, or start a new one"),
        ({"runner": 7}, "is no record of a run: record.runner: expected a text"),
        ({"began": "yesterday"}, "record.began: expected an instant"),
        ({"wide": [["x"]]}, "holds something else than a kind and a name"),
        ({"wide": 1}, "record.wide"),
        ({"before": []}, "record.before: expected an object"),
    ],
)
def test_records_that_cannot_be_taken_up(tmp_path: Path, record: RunRecord, changes: dict[str, Any], text: str) -> None:
    spoil(tmp_path, **changes)
    with pytest.raises(InputError, match=text):
        state.to_resume(tmp_path, "conformance", "auto", options())


@pytest.mark.parametrize("results", ["/etc/passwd", "../x.tar.gz"])
def test_results_outside_of_the_folder_are_not_looked_at(tmp_path: Path, record: RunRecord, results: str) -> None:
    spoil(tmp_path, rounds=[dataclasses.asdict(record.rounds[0]) | {"results": results}])
    with pytest.raises(InputError, match=r"leads out of the folder"):
        state.to_resume(tmp_path, "conformance", "auto", options())


@pytest.mark.parametrize("content", ["", "{", "[]", "[" * 100_000])
def test_a_file_that_is_no_record(tmp_path: Path, content: str) -> None:
    (tmp_path / "conformance.json").write_text(content)
    with pytest.raises(InputError, match=r"is no record of a run: .*start one without --scs-e2e-resume"):
        state.to_resume(tmp_path, "conformance", "auto", options())


def test_each_of_several_clusters_has_a_folder_of_its_own(tmp_path: Path) -> None:
    settings = KubernetesSettings()
    assert folder_of(settings, SUBJECT) == Path("e2e-admin-prod")
    beside = dataclasses.replace(settings, report_folder=tmp_path)
    assert folder_of(beside, SUBJECT) == tmp_path / "e2e-admin-prod"
    assert folder_of(dataclasses.replace(settings, e2e_dir=tmp_path), SUBJECT) == tmp_path
    several = dataclasses.replace(settings, e2e_dir=tmp_path, contexts=("a", "b"))
    assert folder_of(several, SUBJECT) == tmp_path / "admin-prod"


def test_a_run_that_is_not_there_is_found_out_before_anything_starts(tmp_path: Path, record: RunRecord) -> None:
    settings = KubernetesSettings(e2e_dir=tmp_path, e2e_resume=True)
    check_resumed(settings, SUBJECT, ["conformance_run"])
    check_resumed(settings, SUBJECT, ["nodes"])
    check_resumed(dataclasses.replace(settings, e2e_resume=False), SUBJECT, ["networking_run"])
    with pytest.raises(InputError, match=r"no run of networking is recorded in .*; start one without --scs-e2e-resume"):
        check_resumed(settings, SUBJECT, ["conformance_run", "networking_run"])
    given = dataclasses.replace(settings, e2e_results={"kaas-networking-check": tmp_path})
    check_resumed(given, SUBJECT, ["networking_run"])
