# SPDX-License-Identifier: Apache-2.0
"""What workers are handed: once, with causes, for each subject its own, and waited for with an end."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pytest_scs.core.cause import Cause, CauseKind
from pytest_scs.core.subject import Subject
from pytest_scs.evidence import shared
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.shared import SharedSource, hand_over_section, share_inventories

CRATE, TIN = Subject("boxes", "crate"), Subject("tins", "crate")
READ_AT = "2026-06-15T12:00:00+00:00"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SharedSource:
    monkeypatch.setattr(shared, "PATIENCE", 30)
    inventories = [Inventory(one, READ_AT, sections={"lids": []}, pending=["weight", "shadow"]) for one in (CRATE, TIN)]
    share_inventories(tmp_path, inventories)
    return SharedSource(tmp_path)


def seen(subject: Subject, name: str, entry: int) -> Inventory:
    return Inventory(subject, READ_AT, sections={name: [{"seen": entry}]})


def test_the_file_is_read_once(source: SharedSource, tmp_path: Path) -> None:
    first = source.inventory(CRATE)
    (tmp_path / shared.SHARED).unlink()
    assert source.inventory(CRATE) is first
    assert source.inventory(TIN).subject == TIN
    with pytest.raises(KeyError):
        source.inventory(Subject("boxes", "trunk"))


def test_subjects_of_one_name_get_each_their_own(source: SharedSource, tmp_path: Path) -> None:
    hand_over_section(tmp_path, seen(CRATE, "weight", 1), "weight")
    hand_over_section(tmp_path, seen(TIN, "weight", 2), "weight")
    for subject, entry in ((TIN, 2), (CRATE, 1)):
        source.wait_for(subject, "weight")
        assert source.inventory(subject).sections["weight"] == [{"seen": entry}]
    assert "shadow" not in source.inventory(CRATE).sections


def test_any_name_of_a_subject_makes_a_file(tmp_path: Path) -> None:
    odd = Subject("boxes", "../a/b\0c " + "x" * 300)
    share_inventories(tmp_path, [Inventory(odd, READ_AT, pending=["weight"])])
    hand_over_section(tmp_path, seen(odd, "weight", 1), "weight")
    source = SharedSource(tmp_path)
    source.wait_for(odd, "weight")
    assert source.inventory(odd).sections["weight"] == [{"seen": 1}]


def test_a_cause_is_handed_over_with_its_kind(source: SharedSource, tmp_path: Path) -> None:
    cause = Cause("box crate: the scales are broken", CauseKind.OUTAGE)
    hand_over_section(tmp_path, Inventory(CRATE, READ_AT, errors={"weight": cause}), "weight")
    source.wait_for(CRATE, "weight")
    assert source.inventory(CRATE).errors == {"weight": cause}
    assert "weight" not in source.inventory(CRATE).sections


@pytest.mark.parametrize("section", ["lids", "walls"])
def test_what_nobody_tries_out_is_not_waited_for(source: SharedSource, section: str) -> None:
    source.wait_for(CRATE, section)
    assert section not in source.inventory(CRATE).errors


def test_what_is_there_is_not_read_again(source: SharedSource, tmp_path: Path) -> None:
    hand_over_section(tmp_path, seen(CRATE, "weight", 1), "weight")
    source.wait_for(CRATE, "weight")
    hand_over_section(tmp_path, seen(CRATE, "weight", 2), "weight")
    source.wait_for(CRATE, "weight")
    assert source.inventory(CRATE).sections["weight"] == [{"seen": 1}]


def test_a_worker_waits_until_the_file_comes(source: SharedSource, tmp_path: Path) -> None:
    later = threading.Timer(0.2, hand_over_section, (tmp_path, seen(CRATE, "weight", 1), "weight"))
    later.start()
    source.wait_for(CRATE, "weight")
    later.join()
    assert source.inventory(CRATE).sections["weight"] == [{"seen": 1}]


def test_the_wait_has_an_end(source: SharedSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "PATIENCE", 0)
    source.wait_for(CRATE, "weight")
    late = Cause("crate: weight was not handed over within 0 s", CauseKind.TIMEOUT)
    assert source.inventory(CRATE).errors == {"weight": late}
    source.wait_for(CRATE, "weight")


def test_what_cannot_be_handed_over_is_not_waited_for(
    source: SharedSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shared, "write_atomically", full)
        later = threading.Timer(0.2, hand_over_section, (tmp_path, seen(CRATE, "weight", 1), "weight"))
        later.start()
        source.wait_for(CRATE, "weight")
        later.join()
    lost = "crate: weight could not be handed over to the workers; is there space on the disk?"
    assert source.inventory(CRATE).errors == {"weight": Cause(lost, CauseKind.OTHER)}
    hand_over_section(tmp_path, seen(CRATE, "shadow", 1), "shadow")
    source.wait_for(CRATE, "shadow")
    assert source.inventory(CRATE).sections["shadow"] == [{"seen": 1}]
