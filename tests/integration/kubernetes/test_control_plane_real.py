# SPDX-License-Identifier: Apache-2.0
"""Robustness and hardening of a real control plane that is no pod of its cluster: flags, kubelets, certificates.

The devcluster's profile plain is Kubernetes as it is by default, with Node, RBAC and NodeRestriction.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from needs import lacking
from real_cluster import Devcluster, belongings, client_of, judged

from pytest_scs.core.findings import Finding
from pytest_scs.platforms.kubernetes.listings import certificate_requests
from pytest_scs.standards.kaas.certificates import check_pending

ROBUSTNESS = {
    "request-limits": "PASS",
    "min-request-timeout": "PASS",
    "event-rate-limit": "FAIL",
    "priority-and-fairness": "PASS",
    "etcd-compaction": "ABORT",
    "certificate-lifetime": "PASS",
    "kubelet-rotation": "PASS",
    "pending-csrs": "PASS",
    "ca-lifetime": "PASS",
}
HARDENING = {
    "etcd-tls": "ABORT",
    "etcd-isolated": "FAIL",
    "ports-not-exposed": "ABORT",
    "read-only-port": "PASS",
    "https": "PASS",
    "service-account-tokens": "PASS",
    "second-auth-method": "PASS",
    "node-authorization": "PASS",
    "authorization-mode": "PASS",
    "kubelet-anonymous": "PASS",
    "kubelet-authorization": "PASS",
    "node-restriction": "PASS",
    "pod-security-admission": "PASS",
    "pod-security-baseline": "FAIL",
}
EXPECTED = {f"scs-0215-x-{name}": verdict for name, verdict in ROBUSTNESS.items()} | {
    f"scs-0217-x-{name}": verdict for name, verdict in HARDENING.items()
}
#: Why there is no PASS.
WORDS = {
    "scs-0215-x-event-rate-limit": "API server: the admission plugin EventRateLimit is active: expected EventRateLimit "
    "among the admission plugins, found not in --enable-admission-plugins",
    "scs-0215-x-etcd-compaction": "not visible on a hosted control plane",
    "scs-0217-x-etcd-tls": "whether its peers speak TLS is not visible",
    "scs-0217-x-etcd-isolated": "--etcd-servers names 127.0.0.1, which is the machine of the API server",
    "scs-0217-x-ports-not-exposed": "nodes have no external address",
    "scs-0217-x-pod-security-baseline": "namespace default: label pod-security.kubernetes.io/enforce",
}


@pytest.fixture
def plain(devcluster: Devcluster, kubeconfig: Path) -> Path:
    """The kubeconfig of a devcluster in the profile plain."""
    if devcluster is None:
        lacking("cluster", "which settings a cluster of the user's has is not known")
    return kubeconfig


@pytest.fixture
def pending(devcluster: Devcluster, plain: Path) -> Iterator[None]:
    """A request for a serving certificate that nobody approves."""
    assert devcluster
    devcluster("break", "csr-pending")
    yield
    devcluster("unbreak", "csr-pending")


def judge(launch: Any, kubeconfig: Path, *args: str) -> Any:
    only = "(scs_0215 or scs_0217) and not manual"
    return judged(launch, kubeconfig, "-m", only, "--scs-target=all", *args, scope="beyond-kaas")


def test_a_plain_control_plane_has_its_verdicts_and_keeps_nothing(launch: Any, plain: Path, tmp_path: Path) -> None:
    evidence = tmp_path / "evidence.json"
    run = judge(launch, plain, f"--scs-record={evidence}")
    assert run.verdicts == EXPECTED
    for testcase, words in WORDS.items():
        assert words in " ".join(run.messages(testcase)), testcase
    recorded = evidence.read_text("utf-8")
    sections = json.loads(recorded)["clouds"][0]["sections"]
    # Real kubelets showed their certificates, and what they do.
    assert len(sections["tls_endpoints"][0]["kubelets"]) == len(sections["kubelet_settings"][0]["kubelets"]) == 2
    assert not [secret for secret in ("BEGIN", "eyJ", "client-key", "admin") if secret in recorded]
    assert not [name for name in belongings(plain)["namespace"] if name.startswith(("scs-0215-", "scs-0217-"))]


def test_a_viewer_gets_few_verdicts_and_no_violation_of_what_he_cannot_see(launch: Any, plain: Path) -> None:
    run = judge(launch, plain.with_name("kubeconfig-viewer"))
    assert run.having("FAIL") == set()
    # His own credential, the authority, and headers that every answer has.
    passed = {"scs-0215-x-priority-and-fairness", "scs-0215-x-ca-lifetime", "scs-0217-x-second-auth-method"}
    assert run.having("PASS") == passed
    # He may look for the pods of the control plane, and there are none.
    for testcase in run.having("ABORT") - {"scs-0215-x-etcd-compaction"}:
        assert "403" in " ".join(run.messages(testcase)), testcase


def test_a_request_that_waits_is_found_an_hour_later(plain: Path, pending: None) -> None:
    client = client_of(plain)
    try:
        assert certificate_requests.SECTION.read is not None
        requests = certificate_requests.SECTION.loaded(certificate_requests.SECTION.read(client))
    finally:
        client.close()
    now = dt.datetime.now(dt.UTC)
    assert list(check_pending(requests, now)) == []
    [found] = check_pending(requests, now + dt.timedelta(hours=1, minutes=1))
    assert isinstance(found, Finding)
    assert found.resource == "certificate signing request devcluster-pending"
    assert "system:node:node2" in found.title
