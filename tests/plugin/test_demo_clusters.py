# SPDX-License-Identifier: Apache-2.0
"""What is said of the clusters that come with the plugin: what only reads, so that nobody waits for pods."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCOPES = ("--scs-scope=kaas-v1", "--scs-scope=beyond-kaas", "--scs-target=all")
READING = ("-p", "no:cacheprovider", "-m", "not creates_resources and not heavy and not manual")

#: What one cluster cannot tell, however good it is.
UNDECIDABLE = {
    "scs-0210-x-branches-offered",
    "scs-0210-x-eol-not-offered",
    "scs-0210-x-minor-version-offered",
    "scs-0220-x-node-software",
}


@pytest.fixture
def judged(launch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Judge an embedded cluster, and see that nothing is left of it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))

    def run(name: str) -> Any:
        before = set(threading.enumerate())
        found = launch(*SCOPES, f"--scs-kubeconfig={name}", *READING)
        assert {thread.name for thread in set(threading.enumerate()) - before} == set()
        assert [path for path in folder.rglob("*") if path.is_file()] == []
        return found

    return run


def test_the_conforming_cluster_passes_whatever_can_be_passed(judged: Any) -> None:
    run = judged("demo")
    assert run.having("FAIL") == set()
    assert run.having("ABORT") == UNDECIDABLE
    assert run.having("MISS") == set()
    assert len(run.having("PASS")) >= 32
    assert run.ret == 6


def test_a_fresh_cluster_has_something_of_everything(judged: Any) -> None:
    run = judged("demo:vanilla")
    assert run.having("FAIL") == {
        "scs-0210-x-node-versions",
        "scs-0211-x-default-storage-class",
        "scs-0213-x-control-plane-redundancy",
        "scs-0214-x-control-plane-zones",
        "scs-0214-x-node-labels",
        "scs-0215-x-etcd-compaction",
        "scs-0217-x-etcd-isolated",
        "scs-0219-x-admin-network-policy",
        "version-policy-check",
    }
    assert run.having("ABORT") == UNDECIDABLE | {
        "scs-0211-x-provisioner",
        "scs-0211-x-volume-expansion",
        "scs-0214-x-worker-zones",
        "scs-0217-x-ports-not-exposed",
        "scs-0219-x-gateway-api",
        "scs-0219-x-ingress-class",
    }
    assert run.having("MISS") == set()
    assert run.ret == 1
