# SPDX-License-Identifier: Apache-2.0
"""Journals that somebody damaged or forged: read as far as they go, said in one line, and never waited for."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.evidence.journal import Journal, known_runs, note_nothing_left, past_runs
from pytest_scs.evidence.journal_file import MOST_BYTES, damaged_journals, read_journal, remove_empty_journals

RUN = "1a2b3c4d"
LINE = {
    "at": "2026-11-26T10:00:00+00:00",
    "run": RUN,
    "subject": "a",
    "account": "u/p/",
    "host": socket.gethostname(),
    "process": 1,
    "event": "created",
    "kind": "volume",
    "name": "x",
    "id": "1",
}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = tmp_path / "pytest-scs" / "runs"
    folder.mkdir(parents=True)
    return folder / f"{RUN}.jsonl"


DAMAGED: list[tuple[dict[str, Any], str]] = [
    ({"subject": ["a"]}, "subject is no text"),
    ({"subject": None}, "it names no subject"),
    ({"account": {"u": 1}}, "account is no text"),
    ({"kind": ["volume"]}, "kind is no text"),
    ({"name": 7}, "name is no text"),
    ({"name": "x" * 2000}, "name is longer than 1024 characters"),
    ({"id": {}}, "id is no text"),
    ({"key": [1]}, "key is no text"),
    ({"mark": True}, "mark is no text"),
    ({"at": 5}, "at is no text"),
    ({"at": "yesterday"}, "'at' is no time"),
    ({"at": "2026-11-26T10:00:00"}, "'at' is no time"),
    ({"at": "2026-11-26\u2028T10:00:00+00:00"}, "'at' is no time"),
    ({"run": "0badcafe"}, "it is about another run than the name of the file says"),
    ({"run": 7}, "run is no text"),
    ({"event": "exploded"}, "its event 'exploded' is unknown"),
    ({"event": ["created"]}, "event is no text"),
    ({"event": "program", "before": ["x"]}, "'before' is no mapping"),
    ({"event": "program", "before": {"volume": "x"}}, "'before' holds something else than lists of ids"),
    ({"event": "program", "before": {"volume": [1]}}, "'before' holds something else than lists of ids"),
]


@pytest.mark.parametrize(("change", "words"), DAMAGED)
def test_line_of_another_form_is_said_and_the_others_count(path: Path, change: dict[str, Any], words: str) -> None:
    path.write_text(f"{json.dumps({**LINE, **change})}\n{json.dumps({**LINE, 'id': '2'})}\n")
    (line,) = damaged_journals()
    assert line.startswith(f"journal {path} is damaged (line 1: {words}): ")
    (past,) = past_runs("a")
    assert [one["id"] for one in past.present] == ["2"]


@pytest.mark.parametrize(
    "text",
    ["[1]", "7", '"x"', "garbage", "[" * 200_000 + "]" * 200_000, '{"a":' * 100_000 + "1" + "}" * 100_000, "\x00" * 50],
    ids=["list", "number", "text", "garbage", "deep list", "deep mapping", "zeros"],
)
def test_file_that_is_no_journal_is_one_line(path: Path, text: str) -> None:
    path.write_text(text)
    assert len(list(damaged_journals())) == 1
    assert list(past_runs("a")) == []
    note_nothing_left(RUN, "a", "")


def special(path: Path, what: str) -> None:
    if what == "pipe":
        os.mkfifo(path)
    elif what == "directory":
        path.mkdir()
    elif what == "socket":
        with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as end:  # its whole path may be too long
            end.bind(path.name)
    elif what == "huge":
        with path.open("wb") as file:
            file.truncate(MOST_BYTES + 1)
    else:
        path.symlink_to({"zero": "/dev/zero", "circle": path, "link": __file__}[what])


@pytest.mark.parametrize("what", ["pipe", "directory", "huge", "zero", "circle", "link", "socket"])
def test_what_is_no_file_is_one_line_and_is_not_written_to(path: Path, what: str) -> None:
    special(path, what)
    assert len(list(damaged_journals())) == 1
    assert list(past_runs("a")) == []
    assert known_runs() == {RUN}
    if what != "huge":
        with pytest.raises(OSError):
            Journal(RUN, "a").write("intent", kind="volume", name="x")


@pytest.mark.parametrize("process", [10**30, -1, 0, True, 1.5, "1", [1], 2**31])
def test_process_that_cannot_be_one_does_not_run(path: Path, process: Any) -> None:
    path.write_text(json.dumps({**LINE, "process": process}) + "\n")
    assert [past.running for past in past_runs("a")] == [False]
    assert list(damaged_journals()) == []


def test_only_names_of_runs_are_looked_at(path: Path) -> None:
    for name in ("notes.jsonl", "1A2B3C4D.jsonl", "1a2b3c4.jsonl", "1a2b3c4d.json"):
        path.with_name(name).write_text("garbage")
    assert list(damaged_journals()) == []
    assert known_runs() == set()


def test_line_that_a_crash_cut_off_is_no_damage_and_the_next_one_counts(path: Path) -> None:
    written = Journal(RUN, "a")
    written.write("intent", kind="volume", name="x")
    with path.open("a") as file:
        file.write(json.dumps(LINE)[:-20])
    written.write("intent", kind="volume", name="y")
    assert list(damaged_journals()) == []
    (past,) = past_runs("a")
    assert [one["name"] for one in past.uncertain] == ["x", "y"]


def test_journal_is_its_owners_alone(path: Path) -> None:
    path.parent.chmod(0o755)
    path.touch(0o644)
    Journal(RUN, "a").write("intent", kind="volume", name="x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.floats(), st.lists, max_leaves=5)


@given(change=st.dictionaries(st.sampled_from([*LINE, "before", "twin", "bare", "cloud", "user"]), VALUES))
def test_no_line_raises(tmp_path_factory: pytest.TempPathFactory, change: dict[str, Any]) -> None:
    path = tmp_path_factory.mktemp("runs") / f"{RUN}.jsonl"
    path.write_text(json.dumps({**LINE, **change}) + "\n")
    read = read_journal(path)
    assert bool(read.lines) != bool(read.damage)
    for past in past_runs("a", path.parent):
        assert "\n" not in past.began
    assert all("\n" not in line for line in damaged_journals(path.parent))


@pytest.mark.parametrize(
    ("text", "age", "stays"),
    [
        ("", 3600, False),
        ("\n", 3600, False),
        ('{"at": "2026-', 3600, False),
        ("", 1, True),
        ("garbage", 3600, True),
        (json.dumps(LINE), 3600, True),
    ],
    ids=["empty", "blank", "cut off", "just begun", "damaged", "one line"],
)
def test_journal_of_a_run_that_died_before_its_first_line_goes(path: Path, text: str, age: int, stays: bool) -> None:
    path.write_text(text)
    os.utime(path, (time.time() - age,) * 2)
    remove_empty_journals()
    assert path.exists() is stays


@pytest.mark.parametrize(
    ("what", "words"), [("socket", "it is a socket"), ("directory", "it is a directory"), ("pipe", "it is a pipe")]
)
def test_what_is_no_file_is_called_by_its_name(path: Path, what: str, words: str) -> None:
    special(path, what)
    (line,) = damaged_journals()
    assert f" is damaged ({words}, not a file): " in line
    remove_empty_journals()
    assert path.exists()
