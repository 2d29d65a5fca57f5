# SPDX-License-Identifier: Apache-2.0
"""Whether answers of the API server name a flow and a priority level."""

from __future__ import annotations

from typing import Any

from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.standards.kaas.admission import FlowControl

_HEADERS = ("x-kubernetes-pf-flowschema-uid", "x-kubernetes-pf-prioritylevel-uid")


def _flow_control(client: Client) -> list[dict[str, Any]]:
    headers = client.raw("GET", "/version").headers
    return [{"named": all(headers.get(name) for name in _HEADERS)}]


SECTION = Section(
    name="flow_control",
    words="headers of GET /version",
    summary="Whether answers of the API server name a flow and a priority level.",
    load=single(FlowControl.from_plain),
    read=_flow_control,
)
