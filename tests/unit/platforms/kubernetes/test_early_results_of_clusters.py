# SPDX-License-Identifier: Apache-2.0
"""What a probe of a cluster has found is judged while it tidies up; the end of a run waits for that all the same."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pytest_scs.base.redact import Redactor
from pytest_scs.core.subject import Subject
from pytest_scs.demo.kubernetes import data
from pytest_scs.demo.kubernetes.server import DemoCluster
from pytest_scs.demo.kubernetes.state import ClusterState, Fault
from pytest_scs.evidence.journal import known_runs
from pytest_scs.platforms.kubernetes import closing, polling, removal
from pytest_scs.platforms.kubernetes.belongings import MANAGED_BY
from pytest_scs.platforms.kubernetes.janitor import Janitor
from pytest_scs.platforms.kubernetes.kubeconfig import Access
from pytest_scs.platforms.kubernetes.probes import policy
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.platforms.kubernetes.reader import Reader
from pytest_scs.platforms.kubernetes.sections import SECTIONS
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings
from pytest_scs.platforms.platform import RunContext


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for module, name, seconds in (
        (polling, "FIRST", 0.02),
        (polling, "LONGEST", 0.1),
        (policy, "LOOK", 0.05),
        (policy, "STEADY", 0.1),
        (removal, "DELETION", 1),
        (closing, "LATENESS", 1),
    ):
        monkeypatch.setattr(module, name, seconds)


@pytest.fixture
def state() -> ClusterState:
    return data.conformant(dt.datetime.now(dt.UTC))


@pytest.fixture
def cluster(state: ClusterState) -> Iterator[DemoCluster]:
    with DemoCluster(state) as cluster:
        yield cluster


@pytest.fixture
def removing(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """No probe removes anything before this is set."""
    gate = threading.Event()
    delete = Janitor.delete

    def wait_and_delete(janitor: Janitor, name: str) -> None:
        gate.wait()
        delete(janitor, name)

    monkeypatch.setattr(Janitor, "delete", wait_and_delete)
    return gate


def reading(cluster: DemoCluster, section: str, done: Callable[[str], None] = lambda section: None) -> Reader:
    """A reader that has begun with a section."""
    access = Access("demo", cluster.kubeconfig(), "a test")
    context = RunContext(0, False, Redactor(), lambda line: None)
    reader = Reader(Subject("kubernetes", "demo"), access, KubernetesSettings(), context)
    reader.read([section])
    reader.start(done)
    return reader


@pytest.fixture
def reader(cluster: DemoCluster, removing: threading.Event, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """One that knows all about a section, and has not removed yet what it made for that."""
    reader = reading(cluster, request.param)
    reader.wait_for(request.param, lambda: None)
    yield reader
    removing.set()
    reader.close()


@pytest.mark.parametrize("reader", ["policy_enforcement", "volume_roundtrip"], indirect=True)
def test_results_are_there_before_what_was_made_for_them_is_gone(
    reader: Reader, state: ClusterState, removing: threading.Event
) -> None:
    (section,) = reader.inventory.pending
    assert section in reader.inventory.sections
    assert reader.awaited() == []
    assert state.created(MANAGED_BY)
    assert reader.remaining()
    removing.set()
    reader.close()
    assert reader.leftovers == []
    assert state.created(MANAGED_BY) == []
    assert known_runs() == set()


@pytest.mark.parametrize("reader", ["policy_enforcement"], indirect=True)
def test_what_cannot_be_removed_then_is_tried_again_at_the_end_and_told(
    reader: Reader, state: ClusterState, removing: threading.Event
) -> None:
    state.faults.append(Fault("DELETE", "/namespaces/scs-0219-", status=500))
    removing.set()
    reader.close()
    (line,) = reader.leftovers
    assert line.startswith("namespace scs-0219-")
    assert "could not be removed" in line


@pytest.mark.parametrize("reader", ["policy_enforcement"], indirect=True)
def test_who_does_not_wait_is_told_what_is_left(reader: Reader) -> None:
    reader.abandon()
    assert any(line.startswith("namespace scs-0219-") and "was left behind" in line for line in reader.leftovers)
    assert reader.awaited() == []


@pytest.mark.parametrize("reader", ["policy_enforcement"], indirect=True)
def test_who_is_still_removing_at_the_end_is_named(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, removing: threading.Event
) -> None:
    monkeypatch.setattr("pytest_scs.platforms.kubernetes.bounds.LISTING", 0.2)
    reader.close()
    assert any("did not stop within the time for removals" in line for line in reader.leftovers)


def test_what_a_probe_says_later_changes_nothing(cluster: DemoCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    judged, over = threading.Event(), threading.Event()
    found: dict[str, Any] = {"steps": []}

    def probe(probing: Probing) -> dict[str, Any]:
        probing.tell(found)
        judged.wait()
        over.set()
        raise RuntimeError("it fell while it tidied up")

    monkeypatch.setitem(
        SECTIONS, "policy_enforcement", dataclasses.replace(SECTIONS["policy_enforcement"], probe=probe)
    )
    done: list[str] = []
    reader = reading(cluster, "policy_enforcement", done.append)
    reader.wait_for("policy_enforcement", lambda: None)
    assert reader.inventory.sections["policy_enforcement"] == [found]
    judged.set()
    over.wait()
    reader.close()
    assert reader.inventory.errors == {}
    assert done == ["policy_enforcement"]
