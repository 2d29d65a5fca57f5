# SPDX-License-Identifier: Apache-2.0
"""scs-0210: the nodes of a cluster run a version that the policy lets pass, too (in the spirit of scs-0210-v2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Observation, Undecided
from pytest_scs.standards.kaas.version_data import VersionData
from pytest_scs.standards.kaas.version_policy import CLUSTER, Case, explain_version, judge_version
from pytest_scs.standards.kaas.versions import Version, read_git_version

#: As many minor versions a kubelet may be behind its API server (Kubernetes, version skew policy).
MOST_SKEW: Final = 3


def check_node_versions(
    server: str, kubelets: Mapping[str, str], data: VersionData, now: dt.datetime
) -> Iterator[Observation]:
    """No node is newer than the API server, or too far behind it; the oldest of a branch is judged as the cluster is.

    ``server`` is ``gitVersion`` of ``/version``, ``kubelets`` the ``kubeletVersion`` of each node by its name.
    Source: docs/standards/scs-0210.md#nodes.
    """
    running = read_git_version(server)
    own = running.compared if running else None
    if own is None:
        yield from explain_version(CLUSTER, server, running)
        return
    if not kubelets:
        yield Undecided("nodes", "the cluster has none")
    versions: dict[str, Version] = {}
    for node, text in kubelets.items():
        kubelet = read_git_version(text)
        if kubelet is None or kubelet.compared is None:
            reason = f"its kubeletVersion {text!r} is none of a release of Kubernetes, such as v1.36.3"
            yield Undecided(f"node {node}", reason, kind=CauseKind.MALFORMED)
        else:
            versions[node] = kubelet.compared
    for node, version in versions.items():
        yield from _beside(node, version, own)
    for branch in sorted({version.branch for version in versions.values() if version.branch <= own.branch}):
        members = {node: version for node, version in versions.items() if version.branch == branch}
        yield from judge_version(Case(*_oldest(members), data, now))


def _beside(node: str, version: Version, server: Version) -> Iterator[Finding]:
    if version > server:
        yield Finding(
            resource=f"node {node}",
            rule="scs-0210/node_not_newer",
            title="a node is not newer than the API server",
            expected=f"{server} or older",
            observed=str(version),
            hint=f"upgrade the control plane first; with kubeadm: kubeadm upgrade apply {version}",
        )
    elif version.major != server.major or server.minor - version.minor > MOST_SKEW:
        yield Finding(
            resource=f"node {node}",
            rule="scs-0210/node_skew",
            title=f"a node is not more than {MOST_SKEW} minor versions behind the API server",
            expected=f"v{server.major}.{max(server.minor - MOST_SKEW, 0)} or newer",
            observed=str(version),
            hint=f"upgrade the node; with kubeadm: kubeadm upgrade node, then install kubelet {server.plain}",
        )


def _oldest(versions: Mapping[str, Version]) -> tuple[str, Version]:
    """What the oldest nodes are called in a finding, and their version."""
    oldest = min(versions.values())
    names = sorted(node for node, version in versions.items() if version == oldest)
    rest = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"node {names[0]}{rest}", oldest
