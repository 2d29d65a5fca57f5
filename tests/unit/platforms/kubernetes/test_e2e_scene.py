# SPDX-License-Identifier: Apache-2.0
"""What a cluster shows of a run: conditions of pods in words, surroundings, and lines while one waits."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from e2e_stage import DiskClient

from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.phase import Phase, told_in
from pytest_scs.platforms.kubernetes.runners import surroundings
from pytest_scs.platforms.kubernetes.runners.scene import condition, is_alive
from pytest_scs.platforms.kubernetes.runners.telling import Teller

WAITING = {"name": "e2e", "state": {"waiting": {"reason": "ErrImagePull", "message": "no such image"}}}
DENIED = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/2 nodes"}


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({"phase": "Pending", "containerStatuses": [WAITING]}, "pending: ErrImagePull (no such image)"),
        ({"phase": "Pending", "initContainerStatuses": [WAITING]}, "pending: ErrImagePull (no such image)"),
        ({"phase": "Pending", "conditions": [DENIED]}, "pending: Unschedulable (0/2 nodes)"),
        ({"phase": "Failed", "reason": "Evicted"}, "failed: Evicted"),
        ({"phase": "Running"}, "running"),
        (
            {"phase": "Pending", "containerStatuses": [{"state": {"waiting": {"reason": 7}}}]},
            "pending: no reason given",
        ),
        ({"phase": 7, "containerStatuses": "x", "conditions": [1]}, "unknown"),
        (None, "unknown"),
    ],
)
def test_the_condition_of_a_pod(status: Any, words: str) -> None:
    assert condition({"status": status}) == words


@pytest.mark.parametrize(
    ("pod", "alive"),
    [
        ({"metadata": {}, "status": {"phase": "Running"}}, True),
        ({"metadata": {}, "status": {"phase": "Succeeded"}}, True),
        ({"metadata": {"deletionTimestamp": "2026-11-27T01:00:00Z"}, "status": {"phase": "Running"}}, False),
        ({"metadata": {}, "status": {"phase": "Failed", "reason": "Evicted"}}, False),
        ({"metadata": {}, "status": {"phase": "Unknown"}}, False),
    ],
)
def test_a_pod_that_is_deleted_evicted_or_on_a_lost_node_is_not_alive(pod: Any, alive: bool) -> None:
    assert is_alive(pod) is alive


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_how_far_the_suite_is_is_told_with_time_and_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, said, phases = Clock(), list[str](), dict[str, Phase]()
    monkeypatch.setattr(time, "monotonic", clock)
    teller = Teller("conformance", said.append, clock, limit=4 * 3600)
    with told_in(phases, "suite"):
        teller.tell(0, None, 0)
        assert str(phases["suite"]) == "conformance: its pods are to start, 0 s of at most 4 h"
        clock.now += 36 * 60
        teller.tell(108, 446, 1)
        assert str(phases["suite"]) == "conformance: 108 of 446 tests done, 1 failed, 36 min of at most 4 h"
    assert (said, phases) == ([], {})


def test_silence_is_told_once_and_ends_nothing() -> None:
    clock, said = Clock(), list[str]()
    teller = Teller("networking", said.append, clock, ago=3600)
    for _ in range(200):
        teller.tell(5, 60, 0)
        clock.now += 30
    assert said == [
        "networking: 5 of 60 tests done, 0 failed, no new result for 45 min; single tests may take long, so it goes on",
    ]


def put(folder: Path, kind: str, name: str, **content: Any) -> None:
    import json

    (folder / kind).mkdir(exist_ok=True)
    (folder / kind / f"{name}.json").write_text(
        json.dumps({"metadata": {"name": name, "namespace": "kube-system"}, **content})
    )


def test_the_suite_runs_as_often_side_by_side_as_the_smallest_node_has_processors(tmp_path: Path) -> None:
    client: Any = DiskClient(tmp_path)
    assert surroundings.look(client).processes == 8
    put(tmp_path, "nodes", "a", status={"capacity": {"cpu": "16"}})
    put(tmp_path, "nodes", "b", status={"capacity": {"cpu": "4"}})
    put(tmp_path, "nodes", "odd", status={})
    assert surroundings.look(client).processes == 4
    put(tmp_path, "nodes", "c", status={"capacity": {"cpu": "1"}})
    assert surroundings.look(client).processes == 2


def test_what_is_told_to_sonobuoy_of_a_cluster_whose_dns_has_other_labels(tmp_path: Path) -> None:
    client: Any = DiskClient(tmp_path)
    assert not surroundings.look(client).unusual_dns
    labels = {"name": "dns", "namespace": "kube-system", "labels": {"kubernetes.io/service-name": "kube-dns"}}
    put(tmp_path, "slices", "dns", metadata=labels, endpoints=[{"conditions": {"ready": True}}])
    assert surroundings.look(client).unusual_dns
    put(tmp_path, "slices", "dns", metadata=labels, endpoints=[{"conditions": {"ready": False}}])
    assert not surroundings.look(client).unusual_dns


def test_a_version_that_is_none(tmp_path: Path) -> None:
    client: Any = DiskClient(tmp_path)
    client.version = "unknown"
    with pytest.raises(Inconclusive, match="does not tell its version"):
        surroundings.look(client)


def test_where_hydrophone_finds_busybox(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("promoterE2eRegistry: registry.example/e2e/\n")
    assert surroundings.busybox(path) == "registry.example/e2e/busybox:1.36.1-1"
    path.write_text("gcRegistry: registry.example\n")
    assert surroundings.busybox(path) == ""
    assert surroundings.busybox(None) == ""
