# SPDX-License-Identifier: Apache-2.0
"""Notes beside reports that they were sent: of which monitor and of which content each is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from pytest_scs.pipeline.monitor.unsent import find_unsent
from pytest_scs.pipeline.sent_notes import first_sent, is_noted, note_of, noted_reports, write_note

OFFICIAL, OWN = "https://compliance.sovereignit.cloud/", "http://127.0.0.1:8080/scs/"


def note(path: Path, monitor: str, content: bytes = b"content", uuid: str = "u1") -> None:
    write_note(path, content, [uuid], monitor, "cloud-a", "200, stored")


def test_each_monitor_has_a_note_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    assert not is_noted(path, b"content", OWN)
    note(path, OWN)
    note(path, OFFICIAL)
    note(path, OWN, b"other")
    assert is_noted(path, b"content", OFFICIAL)
    assert not is_noted(path, b"content", OWN)
    assert is_noted(path, b"other", OWN)
    assert not is_noted(path, b"content", "https://else.example/")
    assert [one["monitor"] for one in yaml.safe_load_all(note_of(path).read_text("utf-8"))] == [OFFICIAL, OWN]


@pytest.mark.parametrize(
    "spelling", ["https://compliance.sovereignit.cloud", "https://Compliance.SovereignIT.cloud:443/", OFFICIAL]
)
def test_one_monitor_may_be_written_in_several_ways(tmp_path: Path, spelling: str) -> None:
    note(tmp_path / "r.yaml", OFFICIAL)
    note(tmp_path / "r.yaml", spelling)
    assert is_noted(tmp_path / "r.yaml", b"content", spelling)
    assert len(list(yaml.safe_load_all(note_of(tmp_path / "r.yaml").read_text("utf-8")))) == 1


def test_a_note_without_monitor_is_of_every_one_and_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    note_of(path).touch()
    assert is_noted(path, b"content", OWN)
    note(path, OFFICIAL)
    assert not is_noted(path, b"content", OWN)


def test_the_first_time_of_several_monitors_counts(tmp_path: Path) -> None:
    note_of(tmp_path / "r.yaml").write_text(
        "time: 2026-11-20 22:00:00\nmonitor: https://a.example/\nreports: [u1]\n---\n"
        "time: 2026-11-20 21:00:00\nmonitor: https://b.example/\nreports: [u1]\n---\n"
        "time: 2026-11-20 20:00:00\nmonitor: https://c.example/\nreports: [of another file]\n"
    )
    assert first_sent(tmp_path / "r.yaml", "u1") == dt.datetime(2026, 11, 20, 21)
    assert first_sent(tmp_path / "r.yaml", "u2") is None


def test_all_reports_that_were_sent_from_here_are_known(tmp_path: Path) -> None:
    note(tmp_path / "r.yaml", OFFICIAL, uuid="u1")
    note(tmp_path / "r.yaml", OWN, uuid="u2")
    assert noted_reports([tmp_path / "r.yaml"]) == {"u1", "u2"}


def test_what_is_new_is_looked_for_where_all_readers_look(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "reports/.snapshot").mkdir(parents=True)
    (tmp_path / "reports/volume").symlink_to(tmp_path / "elsewhere")
    for name in ("reports/.snapshot/a.yaml", "elsewhere/b.yaml"):
        (tmp_path / name).write_text("unreadable: [", "utf-8")
        (tmp_path / f"{name}.sig").touch()
    assert find_unsent(tmp_path / "reports", OWN).paths == (tmp_path / "reports/volume/b.yaml",)
