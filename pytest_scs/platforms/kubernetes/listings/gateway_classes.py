# SPDX-License-Identifier: Apache-2.0
"""The classes of gateways; none where the cluster has no Gateway API."""

from __future__ import annotations

from typing import Any

from pytest_scs.base.fields import Fields
from pytest_scs.evidence.section import Section, each
from pytest_scs.platforms.kubernetes.client import Client, Refused
from pytest_scs.standards.kaas.model import part
from pytest_scs.standards.kaas.network_model import GATEWAY_GROUP, GatewayClass, slim_gateway_class


def _gateway_classes(client: Client) -> list[dict[str, Any]]:
    try:
        group = client.raw("GET", f"/apis/{GATEWAY_GROUP}").mapping
        version = Fields("preferredVersion", part(group, "preferredVersion")).name("version")
        found = client.list("CustomObjectsApi", "list_cluster_custom_object", GATEWAY_GROUP, version, "gatewayclasses")
    except Refused as error:
        if error.status == 404:
            return []
        raise
    return [slim_gateway_class(one) for one in found]


SECTION = Section(
    name="gateway_classes",
    words=f"GET /apis/{GATEWAY_GROUP}/VERSION/gatewayclasses",
    summary="All classes of gateways; none where the cluster has no Gateway API.",
    load=each(GatewayClass.from_plain),
    read=_gateway_classes,
)
