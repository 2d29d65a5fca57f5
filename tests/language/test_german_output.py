# SPDX-License-Identifier: Apache-2.0
"""What ``scs attest``, ``scs cleanup`` and ``scs data`` print where people read German; what machines read stays."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from english_left import english_in

from pytest_scs.cli import main
from pytest_scs.core.selection import bundled_scopes
from pytest_scs.demo.kubernetes.server import DemoCluster
from pytest_scs.demo.kubernetes.state import ClusterState
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.platforms.kubernetes.belongings import MANAGED_BY, RUN_LABEL
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.config import find_cloud

RUN = "1a2b3c4d"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def german(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PYTEST_SCS_DATA", str(tmp_path / "kept"))
    monkeypatch.chdir(tmp_path)


def lines_of(capsys: Capture) -> list[str]:
    """What was printed; nothing of it is English, and nothing is on standard error."""
    out, err = capsys.readouterr()
    assert err == ""
    found = out.splitlines()
    assert {line: words for line in found if (words := english_in(line))} == {}
    return found


@pytest.mark.parametrize("scope", sorted({*bundled_scopes()} - {"kaas"}))
def test_template_has_german_comments_and_the_same_keys(scope: str, capsys: Capture) -> None:
    assert main(["attest", f"--scs-scope={scope}", "--scs-lang=en", "--scs-subject=mycloud"]) == 0
    english = capsys.readouterr().out
    assert main(["attest", f"--scs-scope={scope}", "--scs-subject=mycloud"]) == 0
    german = capsys.readouterr().out
    assert yaml.safe_load(german) == yaml.safe_load(english)
    said = " ".join(line.lstrip(" #") for line in german.splitlines() if line.lstrip().startswith("#"))
    assert said.startswith("Antworten zu den manuellen Pr\xfcfungen von ")
    assert english_in(said.replace("scs attest --check FILE", "")) == []


@pytest.fixture
def answers(capsys: Capture) -> dict[str, Any]:
    """The document of a template, of which a test fills in some."""
    assert main(["attest", "--scs-scope=iaas-v5.1", "--scs-subject=mycloud"]) == 0
    document: dict[str, Any] = yaml.safe_load(capsys.readouterr().out)
    return document


def test_state_of_answers_is_told_in_german(answers: dict[str, Any], capsys: Capture) -> None:
    today = dt.datetime.now(dt.UTC).date()
    zones, manager = (answers["answers"][name] for name in ("availability-zones-check", "domain-manager-check"))
    for name, one in (("zones", zones), ("manager", manager)):
        one |= {
            "answered_by": "Jane",
            "role": "CISO",
            "answered_at": str(today),
            "evidence": [f"https://example.org/{name}"],
        }
        one["questions"] = {name: {"answer": "yes", "text": "ja"} for name in one["questions"]}
    zones["questions"]["power"] = {"answer": "no"}
    for name in ("release", "managed-roles"):
        manager["questions"][name] = {"answer": "member"}
    del manager["questions"]["supplement-policy"]
    Path("answers.yaml").write_text(yaml.safe_dump(answers))
    Path("reports").mkdir()
    assert main(["attest", "--check=answers.yaml", "--reports=reports"]) == 1
    said = lines_of(capsys)
    expected = (
        "key-manager-docs-check: MISS: noch nicht beantwortet (n\xf6tig, wenn die Cloud einen Key-Manager hat)",
        "availability-zones-check: FAIL: Frage power",
        f"domain-manager-check: PASS: am {today} beantwortet, gilt bis ",
    )
    assert [text for text in expected if not any(line.startswith(f"mycloud: {text}") for line in said)] == []
    assert "Tage); heute gemeldet, beim Monitor bis" in next(line for line in said if ": PASS: " in line)


def test_data_are_listed_in_german(capsys: Capture) -> None:
    assert main(["data", "show"]) == 0
    shown = lines_of(capsys)
    assert any("Releases von Kubernetes" in line and line.endswith("(mitgeliefert)") for line in shown)
    assert all("Stand " in line for line in shown if not line.startswith(" "))


def test_newer_data_are_told_in_german(tmp_path: Path, capsys: Capture) -> None:
    scope = bundled_scopes()["iaas"].read_text("utf-8")
    changed = scope.replace("- version: next\n", "- version: v7\n").replace("next: draft\n", "v7: effective\n")
    Path("scs-compatible-iaas.yaml").write_text(changed)
    assert main(["data", "refresh", "scope-iaas", f"--from={tmp_path}", "-v", "--as-of=2020-01-01"]) == 0
    first, *changes, warning, last = lines_of(capsys)
    assert first.endswith(" Unterschiede")
    assert any(line.endswith(": gefordert") for line in changes)
    assert warning.startswith("  WARNUNG: das ist \xe4lter")
    assert last.startswith("es wird nichts geschrieben; --write legt das in ")


def test_leftovers_of_a_cloud_are_told_in_german(serve: Any, state: CloudState, capsys: Capture) -> None:
    serve(state)
    name = f"_scs-0114-{RUN}-volume"
    mark = {"scs_conformance_run": RUN, "scs_conformance_standard": "scs-0114"}
    client = Client(find_cloud("testcloud"), 0)
    client.post("block-storage", "/volumes", {"volume": {"name": name, "size": 1, "metadata": mark}})
    assert main(["cleanup", "--os-cloud=testcloud"]) == 0
    listed, what_to_do = lines_of(capsys)
    assert listed.startswith(f"volume {name}")
    assert what_to_do == "1 \xfcbrig; zu entfernen mit: scs cleanup --os-cloud=testcloud --delete"
    assert main(["cleanup", "--os-cloud=testcloud", "--delete"]) == 0
    assert any(line.startswith(f"entfernt: volume {name}") for line in lines_of(capsys))
    assert main(["cleanup", "--os-cloud=testcloud"]) == 0
    assert lines_of(capsys) == ["Cloud testcloud: von keinem Lauf ist etwas \xfcbrig"]


def test_leftovers_of_a_cluster_are_told_in_german(
    cluster_state: ClusterState, serve_cluster: Callable[..., DemoCluster], tmp_path: Path, capsys: Capture
) -> None:
    serve_cluster(cluster_state)
    labels = {f"scs-0211-{RUN}-5e6f": {**MANAGED_BY, RUN_LABEL: RUN}, "pods-1": {"e2e-run": str(uuid.uuid4())}}
    labels |= {"pods-1": {"e2e-framework": "pods", **labels["pods-1"]}, "team-a": {**MANAGED_BY}}
    for name, its in labels.items():
        item = {"metadata": {"name": name, "labels": its}, "spec": {"finalizers": []}, "status": {"phase": "Active"}}
        cluster_state.namespaces.append(cluster_state.complete(item))
    journal = tmp_path / "state" / "pytest-scs" / "runs" / f"{RUN}.jsonl"
    journal.parent.mkdir(parents=True)
    journal.write_text(json.dumps({"run": RUN}) + "\n")
    assert main(["cleanup", f"--kubeconfig={tmp_path / 'kubeconfig'}"]) == 0
    said = "\n".join(lines_of(capsys))
    assert "ist besch\xe4digt" in said
    assert "tr\xe4gt unser Label" in said
    assert "1 \xfcbrig" in said
    assert "ist von einem Test der e2e-Suite" in said
    assert "diese k\xf6nnen jemand anderem geh\xf6ren" in said
