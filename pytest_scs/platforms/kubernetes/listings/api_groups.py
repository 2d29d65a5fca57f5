# SPDX-License-Identifier: Apache-2.0
"""The API groups that rules ask for, with their resources: one request where the server has aggregated discovery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pytest_scs.evidence.section import Section, each
from pytest_scs.platforms.kubernetes.client import Client, Refused
from pytest_scs.standards.kaas.network_model import (
    ApiGroup,
    groups_of_discovery,
    resources_of_version,
    versions_of_groups,
)

# Servers before 1.30 know the second form only; those before 1.26, and others that can do neither, answer in the third.
_ACCEPT: Final = ", ".join(
    (
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
        "application/json",
    )
)


def _api_groups(client: Client) -> list[dict[str, Any]]:
    document = client.raw("GET", "/apis", accept=_ACCEPT).mapping
    if document.get("kind") == "APIGroupDiscoveryList":
        return groups_of_discovery(document)
    return [
        {"name": name, "versions": [_version(client, name, version) for version in versions]}
        for name, versions in versions_of_groups(document)
    ]


def _version(client: Client, group: str, version: str) -> Mapping[str, Any]:
    try:
        resources = resources_of_version(client.raw("GET", f"/apis/{group}/{version}").mapping)
    except Refused as error:
        if error.status not in (404, 503):
            raise
        # What the server lists and cannot tell is neither there nor absent.
        return {"version": version, "resources": [], "stale": True}
    return {"version": version, "resources": resources, "stale": False}


SECTION = Section(
    name="api_groups",
    words="GET /apis",
    summary="The API groups of network policies and gateways that the cluster serves, with their resources.",
    load=each(ApiGroup.from_plain),
    read=_api_groups,
)
