# SPDX-License-Identifier: Apache-2.0
"""What a probe has found is judged while it tidies up; the end of a run waits for that, and interrupts break it off."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pytest_scs.base.redact import Redactor
from pytest_scs.core.subject import Subject
from pytest_scs.demo.openstack import guest
from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.evidence.journal import known_runs
from pytest_scs.platforms.openstack import removal
from pytest_scs.platforms.openstack.config import find_cloud_in
from pytest_scs.platforms.openstack.extras import Extras
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.reader import Reader
from pytest_scs.platforms.openstack.sections import SECTIONS
from pytest_scs.platforms.platform import RunContext


def reading(cloud: DemoCloud, section: str, done: Callable[[str], None] = lambda section: None) -> Reader:
    """A reader that has begun with a section."""
    context = RunContext(0, False, Redactor(), lambda line: None)
    region = find_cloud_in(cloud.clouds_yaml(), "demo")
    reader = Reader(Subject("openstack", "demo"), region, context, extras=Extras(), others={})
    reader.read([section])
    reader.start(done)
    return reader


@pytest.fixture
def removing(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Nothing is removed before this is set."""
    gate = threading.Event()
    delete = removal.delete_resource

    def wait_and_delete(*arguments: Any, **options: Any) -> None:
        gate.wait()
        delete(*arguments, **options)

    monkeypatch.setattr(removal, "delete_resource", wait_and_delete)
    return gate


@pytest.fixture
def reader(
    state: CloudState, cloud: DemoCloud, removing: threading.Event, request: pytest.FixtureRequest
) -> Iterator[Reader]:
    """One that knows all about a section, and has not removed yet what it made for that."""
    state.console = guest.console(guest.HEALTHY)
    reader = reading(cloud, request.param)
    reader.wait_for(request.param, lambda: None)
    yield reader
    removing.set()
    reader.close()


@pytest.mark.parametrize(("reader", "kind"), [("guest", "servers"), ("volume_backup", "backups")], indirect=["reader"])
def test_results_are_there_before_what_was_made_for_them_is_gone(
    reader: Reader, state: CloudState, removing: threading.Event, kind: str
) -> None:
    (section,) = reader.inventory.pending
    assert section in reader.inventory.sections
    assert reader.awaited() == []
    assert getattr(state, kind)
    assert reader.remaining()
    removing.set()
    reader.close()
    assert reader.leftovers == []
    assert not getattr(state, kind)
    assert not state.volumes
    # Nothing is asked for twice: Cinder refuses the deletion of what is being deleted.
    deleted = [one.path for one in state.requests if one.method == "DELETE"]
    assert len(deleted) == len(set(deleted))
    assert known_runs() == set()


@pytest.mark.parametrize("reader", ["guest"], indirect=True)
def test_what_cannot_be_removed_then_is_tried_again_at_the_end_and_told(
    reader: Reader, state: CloudState, removing: threading.Event
) -> None:
    state.faults.append(Fault("DELETE", "/servers/", status=500))
    removing.set()
    reader.close()
    (line,) = reader.leftovers
    assert line.startswith("server _scs-0101-")
    assert "could not be removed" in line


@pytest.mark.parametrize("reader", ["guest"], indirect=True)
def test_who_does_not_wait_is_told_what_is_left(reader: Reader) -> None:
    reader.abandon()
    assert any(line.startswith("server _scs-0101-") and "was left behind" in line for line in reader.leftovers)
    assert reader.awaited() == []


def test_what_a_probe_says_later_changes_nothing(
    state: CloudState, cloud: DemoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged, over = threading.Event(), threading.Event()
    found = {"steps": [{"step": "a", "resource": "b", "status": "c", "seconds": 1.0, "ok": True, "reason": ""}]}

    def probe(probing: Probing) -> dict[str, object]:
        probing.tell(found)
        judged.wait()
        over.set()
        raise RuntimeError("it fell while it tidied up")

    monkeypatch.setitem(SECTIONS, "volume_backup", _with_probe(probe))
    done: list[str] = []
    reader = reading(cloud, "volume_backup", done.append)
    reader.wait_for("volume_backup", lambda: None)
    assert reader.inventory.sections["volume_backup"] == [found]
    judged.set()
    over.wait()
    reader.close()
    assert reader.inventory.errors == {}
    assert done == ["volume_backup"]


def _with_probe(probe: Callable[[Probing], dict[str, object]]) -> object:
    return dataclasses.replace(SECTIONS["volume_backup"], probe=probe)
