# SPDX-License-Identifier: Apache-2.0
"""scs-0219: APIs and classes of networking (documents: scs-0219-v1 and -v2). More: docs/standards/scs-0219.md."""

from __future__ import annotations

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.kaas import network_apis as standard
from pytest_scs.standards.kaas.network_model import ApiGroup, DaemonSet, GatewayClass, IngressClass


@pytest.mark.scs("scs-0219-x-admin-network-policy")
def test_scs_0219_x_admin_network_policy(
    scs: Collector, api_groups: list[ApiGroup], daemon_sets: list[DaemonSet]
) -> None:
    """AdminNetworkPolicy and BaselineAdminNetworkPolicy, or their successor, SHOULD be supported.

    Source: scs-0219-v1. Fails when the API server does not know them; aborts when no network plugin is there that is
    known for them, and when the API groups or the daemon sets cannot be read.
    """
    scs.examined("API groups", len(api_groups))
    scs.examined("daemon sets", len(daemon_sets))
    scs.add(standard.check_admin_network_policy(api_groups, daemon_sets))


@pytest.mark.scs("scs-0219-x-ingress-class")
def test_scs_0219_x_ingress_class(scs: Collector, ingress_classes: list[IngressClass]) -> None:
    """A managed ingress controller SHOULD be offered.

    Source: scs-0219-v1. Never fails: aborts when no ingress class is the default one, since a controller may be an
    option at order time.
    """
    scs.whole("ingress classes", ingress_classes, standard.check_ingress_class)


@pytest.mark.scs("scs-0219-x-gateway-api")
def test_scs_0219_x_gateway_api(
    scs: Collector, api_groups: list[ApiGroup], gateway_classes: list[GatewayClass]
) -> None:
    """The Gateway API SHOULD be offered, managed or to be installed.

    Source: scs-0219-v2. Fails when it is there in part; aborts when it is not there, since it may be an option, and
    when no controller accepts a class.
    """
    scs.examined("API groups", len(api_groups))
    scs.examined("gateway classes", len(gateway_classes))
    scs.add(standard.check_gateway_api(api_groups, gateway_classes))
