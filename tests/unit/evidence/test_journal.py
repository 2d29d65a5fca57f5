# SPDX-License-Identifier: Apache-2.0
"""The journal that knows what runs created: what it says of them, whose it is, and when it goes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.journal import Journal, known_runs, note_gone, note_nothing_left, past_runs

RUN = "1a2b3c4d"
OURS, THEIRS = "u1/p1/", "u2/p1/"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where journals lie in this test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "pytest-scs" / "runs"


def uncertain(subject: str) -> list[list[str]]:
    return [[line["name"] for line in past.uncertain] for past in past_runs(subject)]


def test_journal_goes_when_nothing_is_left_in_any_of_its_subjects() -> None:
    first = Journal(RUN, "a")
    first.write("program", standard="0128", before={})
    first.beside("b").write("intent", name="x")
    assert known_runs() == {RUN}
    assert [past.programs for past in past_runs("a")] == [({},)]
    assert uncertain("b") == [["x"]]
    note_nothing_left(RUN, "a", "")
    note_nothing_left(RUN, "elsewhere", "")
    assert known_runs() == {RUN}
    note_nothing_left(RUN, "b", "")
    assert known_runs() == set()


def test_what_was_created_after_a_cleanup_keeps_the_journal() -> None:
    first = Journal(RUN, "a")
    first.write("intent", name="x")
    first.beside("b").write("intent", name="y")
    note_nothing_left(RUN, "a", "")
    first.write("intent", name="z")
    note_nothing_left(RUN, "b", "")
    assert known_runs() == {RUN}


def test_journal_that_a_crash_cut_off_is_read_as_far_as_it_goes() -> None:
    written = Journal(RUN, "a")
    written.write("intent", name="x")
    with written.path.open("a") as file:
        file.write(json.dumps({"event": "intent"})[:-3])
    assert uncertain("a") == [["x"]]
    note_nothing_left("00000000", "a", "")


def test_journal_goes_when_its_other_subjects_are_tidy() -> None:
    first = Journal(RUN, "a")
    first.write("created", kind="server", name="x", id="1")
    first.write("gone", kind="server", name="x", id="1")
    first.beside("b").write("program", standard="0128", before={})
    note_nothing_left(RUN, "b", "")
    assert known_runs() == set()


@pytest.mark.parametrize("other", [THEIRS, "u1/p2/", "u1//d1", ""], ids=["user", "project", "domain", "none"])
def test_journal_holds_for_its_account_only(other: str) -> None:
    Journal(RUN, "a").sign(lambda: OURS).write("intent", kind="volume", name="x")
    stranger = Journal(RUN, "a")
    if other:
        stranger.sign(lambda: other)
    stranger.write("intent", kind="volume", name="y")
    assert [(past.account, len(past.uncertain)) for past in past_runs("a")] == [(OURS, 1), (other, 1)]
    note_gone(lambda: OURS, "a", RUN, "volume", "y", "")
    assert uncertain("a") == [["x"], ["y"]]
    note_nothing_left(RUN, "a", "u3/p3/")
    note_nothing_left(RUN, "a", OURS)
    assert [(past.account, len(past.uncertain)) for past in past_runs("a")] == [(other, 1)]
    note_nothing_left(RUN, "a", other)
    assert known_runs() == set()


def test_every_line_of_a_signed_journal_says_whose_it_is() -> None:
    written = Journal(RUN, "a").sign(lambda: "u1//d1")
    written.write("intent", name="x")
    written.write("gone", name="x")
    lines = [json.loads(line) for line in written.path.read_text().splitlines()]
    assert [(line["subject"], line["account"]) for line in lines] == [("a", "u1//d1")] * 2


def test_who_cannot_log_in_writes_no_journal() -> None:
    def refuse() -> str:
        raise Inconclusive("wrong password")

    with pytest.raises(Inconclusive, match="wrong password"):
        Journal(RUN, "a").sign(refuse).write("intent", name="x")
    assert known_runs() == set()
    note_gone(refuse, "a", RUN, "volume", "x", "")


def test_what_is_gone_is_noted_where_there_is_a_journal_only() -> None:
    note_gone(lambda: OURS, "a", RUN, "volume", "x", "1")
    assert known_runs() == set()
    Journal(RUN, "a").sign(lambda: OURS).write("created", kind="volume", name="x", id="1")
    note_gone(lambda: OURS, "a", RUN, "volume", "x", "1")
    (past,) = past_runs("a")
    assert past.nothing_left
    assert not past.untidy


# -- what a crash leaves ----------------------------------------------------------------------------------------------


def written_by(folder: Path, process: Any, *events: dict[str, Any], **about: Any) -> None:
    """The journal of a run whose process may be no more."""
    about = {"at": "2026-01-01T00:00:00+00:00", "run": RUN, "subject": "a", "host": socket.gethostname(), **about}
    lines = [json.dumps({**about, "process": process, **event}) for event in events]
    folder.mkdir(parents=True)
    (folder / f"{RUN}.jsonl").write_text("\n".join(lines) + "\n")


INTENT = {"event": "intent", "kind": "volume", "name": "x"}
CREATED = {"event": "created", "kind": "volume", "name": "x", "id": "1"}


@pytest.mark.parametrize(
    ("events", "present", "left"),
    [
        ([INTENT], [], 1),
        ([INTENT, CREATED], ["1"], 0),
        ([INTENT, {**CREATED, "twin": False}], ["1"], 0),
        ([INTENT, {**CREATED, "twin": True}], ["1"], 1),
        ([INTENT, {**CREATED, "id": ""}], [], 1),
    ],
    ids=["not answered", "answered", "no twin", "twin", "answer without id"],
)
def test_crash_leaves_what_was_made_and_its_twin(
    folder: Path, events: list[dict[str, Any]], present: list[str], left: int
) -> None:
    written_by(folder, 1, *events)
    (past,) = past_runs("a")
    assert [line["id"] for line in past.present] == present
    assert len(past.uncertain) == left
    assert past.untidy


def dead_process() -> int:
    """The id of a process that has ended, and was waited for."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_run_is_going_on_as_long_as_its_process_is_there(folder: Path) -> None:
    written_by(folder, os.getppid(), INTENT)
    assert [past.running for past in past_runs("a")] == [True]


@pytest.mark.parametrize("process", [dead_process, os.getpid, lambda: None, lambda: "x"])
def test_run_whose_process_is_dead_or_unknown_is_over(folder: Path, process: Any) -> None:
    written_by(folder, process(), INTENT)
    assert [past.running for past in past_runs("a")] == [False]


def test_whether_a_run_of_another_machine_goes_on_cannot_be_told(folder: Path) -> None:
    written_by(folder, os.getppid(), INTENT, host="elsewhere.example")
    assert [past.running for past in past_runs("a")] == [False]


def test_process_of_somebody_else_counts_as_running(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(process: int, number: int) -> None:
        raise PermissionError

    written_by(folder, os.getppid(), INTENT)
    monkeypatch.setattr("os.kill", forbid)
    assert [past.running for past in past_runs("a")] == [True]


# -- journals of earlier versions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whose", "account"),
    [
        ({"user": "u1", "project": "p1", "domain": ""}, "u1/p1/"),
        ({"user": "u1", "project": "", "domain": "d1"}, "u1//d1"),
        ({}, ""),
    ],
)
def test_journal_of_an_earlier_version_is_read(folder: Path, whose: dict[str, str], account: str) -> None:
    written_by(folder, 1, INTENT, CREATED, subject=None)
    path = folder / f"{RUN}.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        del line["subject"]
    path.write_text("".join(f"{json.dumps({**line, 'cloud': 'a', **whose})}\n" for line in lines))
    (past,) = past_runs("a")
    assert (past.account, [line["id"] for line in past.present]) == (account, ["1"])
    note_nothing_left(RUN, "a", account)
    assert known_runs() == set()


def test_line_that_names_no_subject_is_passed_over(folder: Path) -> None:
    written_by(folder, 1, INTENT, subject=None)
    assert list(past_runs("a")) == []
