# SPDX-License-Identifier: Apache-2.0
"""scs-0210: version policy of Kubernetes (document: scs-0210-v2)."""

from __future__ import annotations

import datetime as dt

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.kaas import node_versions, version_policy
from pytest_scs.standards.kaas import offered_versions as offers
from pytest_scs.standards.kaas.model import Node, ServerVersion
from pytest_scs.standards.kaas.offered_versions import Offer
from pytest_scs.standards.kaas.version_data import VersionData


@pytest.mark.scs("version-policy-check")
def test_version_policy_check(
    scs: Collector, server_version: ServerVersion, version_data: VersionData, now: dt.datetime
) -> None:
    """A patch MUST be offered within a month of its release, one for a critical CVE within two weeks.

    Source: scs-0210-v2, "Decision". Fails when the cluster misses such a patch, or its branch has ended; aborts when
    the version data are too old for knowing, or the version is none.
    """
    scs.examined("versions", 1)
    scs.add(version_policy.check_version_policy(server_version.git_version, version_data, now))


@pytest.mark.scs("scs-0210-x-critical-within-2-days")
def test_scs_0210_x_critical_within_2_days(
    scs: Collector, server_version: ServerVersion, version_data: VersionData, now: dt.datetime
) -> None:
    """A patch for a critical CVE is preferably offered within two days (RECOMMENDED).

    Source: scs-0210-v2, "Decision". Fails when the cluster misses one that is older; aborts when the version data are
    too old for knowing, or the version is none.
    """
    scs.examined("versions", 1)
    scs.add(version_policy.check_critical_within_two_days(server_version.git_version, version_data, now))


@pytest.mark.scs("scs-0210-x-minor-version-offered")
def test_scs_0210_x_minor_version_offered(
    scs: Collector, offered_versions: Offer, version_data: VersionData, now: dt.datetime
) -> None:
    """The latest minor version MUST be offered at most four months after its release.

    Source: scs-0210-v2, "Decision". Fails when it is not offered; aborts when nobody tells what is offered, or the
    version data are too old.
    """
    scs.examined("offered versions", len(offered_versions.versions))
    scs.add(offers.check_newest_minor(offered_versions, version_data, now))


@pytest.mark.scs("scs-0210-x-branches-offered")
def test_scs_0210_x_branches_offered(
    scs: Collector, offered_versions: Offer, version_data: VersionData, now: dt.datetime
) -> None:
    """Every version that the Kubernetes project supports MUST be offered until its end of life.

    Source: scs-0210-v2, "Decision". Fails when a branch in support, four months old or more, is not offered; aborts
    when nobody tells what is offered, or the version data are too old.
    """
    scs.examined("offered versions", len(offered_versions.versions))
    scs.add(offers.check_supported_branches(offered_versions, version_data, now))


@pytest.mark.scs("scs-0210-x-eol-not-offered")
def test_scs_0210_x_eol_not_offered(
    scs: Collector,
    server_version: ServerVersion,
    offered_versions: Offer,
    version_data: VersionData,
    now: dt.datetime,
) -> None:
    """No version is offered beyond its end of life (RECOMMENDED).

    Source: scs-0210-v2, "Decision". Fails when a branch that has ended is offered, or runs in the cluster; aborts when
    nobody tells what is offered, or the version data are too old.
    """
    scs.examined("offered versions", len(offered_versions.versions))
    scs.add(offers.check_ended_branches(offered_versions, server_version.git_version, version_data, now))


@pytest.mark.scs("scs-0210-x-node-versions")
def test_scs_0210_x_node_versions(
    scs: Collector,
    server_version: ServerVersion,
    nodes: list[Node],
    version_data: VersionData,
    now: dt.datetime,
) -> None:
    """Nodes run a version that the policy lets pass, no newer than the API server and not far behind it.

    In the spirit of scs-0210-v2, which does not speak of nodes. Fails when a node is newer, too far behind, or the
    oldest one misses a patch; aborts when the version data are too old, or a version is none.
    """
    scs.examined("nodes", len(nodes))
    kubelets = {node.name: node.info.get("kubeletVersion", "") for node in nodes}
    scs.add(node_versions.check_node_versions(server_version.git_version, kubelets, version_data, now))
