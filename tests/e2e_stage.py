# SPDX-License-Identifier: Apache-2.0
"""A cluster that is a folder, for runs with stand-ins of sonobuoy and hydrophone: they and the client see the same."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import sys
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import quoteattr

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.phase import Phase
from pytest_scs.platforms.kubernetes.client import Refused
from pytest_scs.platforms.kubernetes.runners.bench import Limits
from pytest_scs.platforms.kubernetes.runners.choice import CONFORMANCE
from pytest_scs.platforms.kubernetes.runners.running import Order

STANDINS = Path(__file__).parent / "standins"

#: Which folder holds what a method of the client lists or deletes.
KINDS = {
    "list_namespace": "namespaces",
    "list_namespaced_pod": "pods",
    "list_pod_for_all_namespaces": "pods",
    "list_namespaced_event": "events",
    "list_node": "nodes",
    "list_validating_webhook_configuration": "webhooks",
    "list_mutating_webhook_configuration": "none",
    "list_custom_resource_definition": "crds",
    "list_priority_class": "priorityclasses",
    "list_namespaced_endpoint_slice": "slices",
    "delete_namespace": "namespaces",
    "delete_namespaced_pod": "pods",
    "delete_cluster_role": "clusterroles",
    "delete_cluster_role_binding": "clusterrolebindings",
}

#: A loaded machine is slow: limits that a test does not want to see expire are long.
LIMITS = Limits(start=60, gone=60, retrieve=60, delete=60, farewell=60, poll=0.05, margin=60, answer=60)

#: The limits of tests about limits.
START = replace(LIMITS, start=1)
GONE = replace(LIMITS, gone=0.3)
MARGIN = replace(LIMITS, margin=0.5)


class DiskClient:
    """Answers as the client of a cluster does."""

    server = "https://10.98.0.1:6443"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.version = "v1.36.3+vendor.1"
        self.allowed = True
        self.down = False
        #: Names of namespaces that stay in spite of being deleted.
        self.stuck: set[str] = set()
        self.deleted: list[str] = []

    def list(self, api: str, method: str, *arguments: str, **options: Any) -> list[dict[str, Any]]:
        self._require_up()
        found = []
        for path in sorted((self.folder / KINDS[method]).glob("*.json")):
            with contextlib.suppress(FileNotFoundError):
                found.append(json.loads(path.read_text()))
        if method.startswith("list_namespaced") and method != "list_namespaced_event":
            found = [one for one in found if one["metadata"]["namespace"] == arguments[0]]
        return [one for one in found if matches(one, **options)]

    def get(self, api: str, method: str, *arguments: Any, **options: Any) -> dict[str, Any]:
        self._require_up()
        match method:
            case "get_code":
                return {"gitVersion": self.version}
            case "create_self_subject_access_review":
                return {"status": {"allowed": self.allowed}}
            case "read_namespace" if arguments[0] == "kube-system":
                return {"metadata": {"uid": "the cluster"}}
            case "read_namespace":
                message = "Failed to delete all resource types, 1 remaining: Internal error occurred"
                return {"status": {"conditions": [{"status": "True", "message": message}]}}
        raise AssertionError(method)

    def call(self, api: str, method: str, *arguments: Any, **options: Any) -> Any:
        self._require_up()
        if method == "read_namespaced_pod_log":
            path = self.folder / "log.txt"
            return SimpleNamespace(text=path.read_text() if path.exists() else "")
        if method == "patch_namespace":
            path = self.folder / "namespaces" / f"{arguments[0]}.json"
            if not path.exists():
                raise Refused(404, "NotFound", "not found", {})
            content = json.loads(path.read_text())
            content["metadata"]["labels"] |= arguments[1]["metadata"]["labels"]
            path.write_text(json.dumps(content))
            return None
        assert method.startswith("delete_")
        self.deleted.append(f"{method} {arguments[0]}")
        name = f"{arguments[1]}.{arguments[0]}" if method == "delete_namespaced_pod" else arguments[0]
        path = self.folder / KINDS[method] / f"{name}.json"
        if not path.exists():
            raise Refused(404, "NotFound", "not found", {})
        if arguments[0] not in self.stuck:
            path.unlink()
            if method == "delete_namespace":
                for pod in (self.folder / "pods").glob(f"{arguments[0]}.*"):
                    pod.unlink()
        return None

    def _require_up(self) -> None:
        if self.down:
            raise Inconclusive("no connection to the API server", CauseKind.OUTAGE)


def matches(one: dict[str, Any], label_selector: str = "", field_selector: str = "") -> bool:
    """Whether an object is chosen; as much of the language as is used."""
    labels = one.get("metadata", {}).get("labels") or {}
    if field_selector.startswith("metadata.name="):
        return bool(one["metadata"]["name"] == field_selector.partition("=")[2])
    if " in " in label_selector:
        return False
    parts = [part.partition("=") for part in label_selector.split(",") if part]
    return all(key in labels and (not equals or labels[key] == value) for key, equals, value in parts)


class Ledger:
    """Remembers what is expected to be there."""

    def __init__(self) -> None:
        self.expected: set[str] = set()
        self.ever: set[str] = set()

    def expect(self, kind: str, name: str) -> None:
        self.expected.add(f"{kind} {name}")
        self.ever.add(f"{kind} {name}")

    def gone(self, kind: str, name: str) -> None:
        self.expected.discard(f"{kind} {name}")


class Phases(dict[str, Phase]):
    """What a run was doing; ``told`` has the texts, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def __setitem__(self, name: str, phase: Phase) -> None:
        self.told.append(phase.text)
        super().__setitem__(name, phase)


class Stage:
    """A cluster, stand-ins, and a run with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "cluster"
        self.results = folder / "e2e"
        self.folder.mkdir()
        self.client = DiskClient(self.folder)
        self.ledger = Ledger()
        self.said: list[str] = []
        self.left: list[str] = []
        self.cancelled = threading.Event()
        self.kubeconfigs: list[Path] = []
        #: The run is interrupted when it says this.
        self.interrupt_at = ""
        self.programs = folder / "bin"
        self.programs.mkdir()
        for name in ("sonobuoy", "hydrophone"):
            self.install(name)

    def install(self, name: str) -> None:
        """Make a stand-in a program; this interpreter without its packages starts fast."""
        path = self.programs / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{STANDINS / name}" "$@"\n')
        path.chmod(0o755)

    def put(self, kind: str, name: str, **content: Any) -> None:
        """Put an object into the cluster."""
        path = self.folder / kind / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"metadata": {"name": name, "uid": name, "labels": {}}, **content}))

    def play(self, **play: Any) -> None:
        """Say what happens."""
        (self.folder / "play.json").write_text(json.dumps({"states": ["running", "complete"], **play}))

    def archive(self, content: bytes) -> dict[str, Any]:
        """Give the aggregator an archive; returns what its status says of that."""
        (self.folder / "archive.tar.gz").write_bytes(content)
        return {"name": "x.tar.gz", "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}

    @contextlib.contextmanager
    def kubeconfig(self) -> Iterator[Path]:
        path = self.folder / "kubeconfig"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write("{}")
        self.kubeconfigs.append(path)
        try:
            yield path
        finally:
            path.unlink()

    def order(self, **changes: Any) -> Order:
        """What is to be run."""
        environment = {
            **os.environ,
            "PATH": str(self.programs),
            "HOME": str(self.folder),
            "E2E_STANDIN": str(self.folder),
        }
        options: dict[str, Any] = {
            "tests": CONFORMANCE,
            "client": self.client,
            "kubeconfig": self.kubeconfig,
            "context": "devcluster",
            "folder": self.results,
            "cancelled": self.cancelled,
            "say": self._say,
            "left": self.left.append,
            "ledger": self.ledger,
            "environment": environment,
            "timeout": 60,
            "limits": LIMITS,
            "labels": {"app.kubernetes.io/managed-by": "pytest-scs"},
        }
        return Order(**{**options, **changes})

    def _say(self, line: str) -> None:
        self.said.append(line)
        if self.interrupt_at and self.interrupt_at in line:
            self.cancelled.set()

    def calls(self, action: str = "run") -> list[list[str]]:
        """The command lines of an action."""
        lines = [json.loads(line) for line in (self.folder / "calls.jsonl").read_text().splitlines()]
        return [line for line in lines if action in line]

    def names(self, kind: str) -> list[str]:
        """What is in the cluster."""
        return sorted(path.stem for path in (self.folder / kind).glob("*.json"))


def log_of(names: list[str], failed: set[str] = frozenset(), announced: int | None = None) -> list[str]:  # type: ignore[assignment]
    """A log of the suite with ``-v``, tests side by side."""
    lines = [f"Will run {len(names) if announced is None else announced} of 7579 specs"]
    for name in names:
        mark = "• [FAILED] [1.5 seconds]" if name in failed else "• [0.164 seconds]"
        lines += ["-" * 30, mark, f"{name} [sig-node, Conformance]", "k8s.io/kubernetes/test/e2e/x.go:1", ""]
    return [*lines, "-" * 30]


def names_of(count: int) -> list[str]:
    """Names of conformance tests, a tenth of them serial."""
    return [
        f"[sig-node] Pods should do thing {number} {'[Serial] ' if number % 10 == 0 else ''}[Conformance]"
        for number in range(count)
    ]


def junit_of(names: list[str], failed: dict[str, str] | None = None, skipped: int = 20) -> bytes:
    """A JUnit file as the suite writes it."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    lines.append('<testsuite name="Kubernetes e2e suite" time="7.6" timestamp="2026-11-27T01:27:08">')
    for name in ("[SynchronizedBeforeSuite]", "[ReportAfterSuite]"):
        lines.append(f'<testcase name="{name}" status="passed" time="0.1"></testcase>')
    for name in names:
        status = (failed or {}).get(name, "passed")
        lines.append(f"<testcase name={quoteattr('[It] ' + name)} status={quoteattr(status)} time='1'>")
        if status != "passed":
            lines.append('<failure message="timed out waiting" type="failed">timed out waiting</failure>')
        lines.append("</testcase>")
    for number in range(skipped):
        lines.append(f'<testcase name="[It] [sig-x] other {number}" status="skipped"><skipped></skipped></testcase>')
    return "\n".join([*lines, "</testsuite></testsuites>"]).encode()


def archive_of(junit: bytes | None, log: list[str], **more: bytes) -> bytes:
    """An archive as sonobuoy makes it."""
    files = {"plugins/e2e/results/global/e2e.log": "\n".join(log).encode()}
    if junit is not None:
        files["plugins/e2e/results/global/junit_01.xml"] = junit
    files |= {"meta/config.json": b'{"Version": "v0.57.3", "Namespace": "scs-conf-x"}'}
    files |= {"serverversion.json": b'{"gitVersion": "v1.36.3"}', **more}
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()
