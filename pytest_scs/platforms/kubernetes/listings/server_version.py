# SPDX-License-Identifier: Apache-2.0
"""What the API server says of its version."""

from __future__ import annotations

from typing import Any

from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.standards.kaas.model import ServerVersion


def _server_version(client: Client) -> list[dict[str, Any]]:
    answer = client.get("VersionApi", "get_code")
    return [{"gitVersion": answer.get("gitVersion"), "platform": answer.get("platform")}]


SECTION = Section(
    name="server_version",
    words="GET /version",
    summary="What the API server says of its version.",
    load=single(ServerVersion.from_plain),
    read=_server_version,
)
