# SPDX-License-Identifier: Apache-2.0
"""Credentials of a cluster, its own tokens included, stand in nothing that a run writes or prints."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.demo.kubernetes.state import ClusterState, Fault

EVERYTHING = (
    "-vv",
    "--scs-target=all",
    "--scs-record=evidence.json",
    "--html=page.html",
    "--self-contained-html",
    "--junitxml=junit.xml",
    "--scs-json=result.json",
    "--scs-csv=result.csv",
    "--scs-sarif=result.sarif",
    "--scs-metrics=result.prom",
    "--scs-remediation=fix.sh",
    "--log-file=log.txt",
    "--log-file-level=DEBUG",
    "-o",
    "log_cli=true",
    "-o",
    "log_cli_level=DEBUG",
    "-k",
    "service_account_tokens or second_auth or default_storage_class or node_labels",
    "-m",
    "not heavy and not manual",
)


@pytest.mark.parametrize("token", [True, False])
def test_no_credential_of_a_cluster_is_written(
    judge_cluster: Any, cluster_state: ClusterState, pytester: pytest.Pytester, tmp_path: Path, token: bool
) -> None:
    own = cluster_state.accounts["admin"].token
    # A server that echoes what it was sent.
    cluster_state.nodes[0]["metadata"]["labels"]["echo"] = own
    body = json.dumps({"kind": "Status", "message": f"no, Bearer {own}", "code": 403})
    cluster_state.faults.append(Fault("GET", "/storageclasses", status=403, body=body))
    run = judge_cluster(cluster_state, *EVERYTHING, token=token)
    assert run.verdicts["scs-0217-x-service-account-tokens"] == "PASS"
    issued = list(cluster_state.tokens)
    key = (tmp_path / "kubeconfig").read_text()
    secrets = [*issued, *([own] if token else []), *_keys(key)]
    assert len(secrets) > 1
    written = {
        path.name: path.read_text(errors="replace")
        for folder in (pytester.path, tmp_path)
        for path in folder.rglob("*")
        if path.is_file() and path.name != "kubeconfig" and path.suffix not in (".py", ".pyc")
    }
    assert {"report.unofficial.yaml", "evidence.json", "page.html", "junit.xml", "log.txt", "result.json"} <= set(
        written
    )
    written |= {"stdout": run.result.stdout.str(), "stderr": run.result.stderr.str()}
    for secret in secrets:
        for form in (secret, base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]):
            assert [name for name, text in written.items() if form in text] == []


def _keys(kubeconfig: str) -> list[str]:
    """A line of each client key in a kubeconfig."""
    found = []
    for line in kubeconfig.splitlines():
        name, _, value = line.strip().partition(": ")
        if name == "client-key-data":
            found += [value, base64.b64decode(value).decode().splitlines()[1]]
    return found
