# SPDX-License-Identifier: Apache-2.0
"""The flags that the API server says are in effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_scs.base.fields import Fields
from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes.client import Client, Refused
from pytest_scs.standards.kaas.component_flags import ComponentFlags, read_shown, shown_flags
from pytest_scs.standards.kaas.control_plane import SERVER

#: The forms of the answer that are understood. The one for people changes on purpose, so that no program reads it.
ACCEPT = ",".join(f"application/json;v={version};g=config.k8s.io;as=Flagz" for version in ("v1beta1", "v1alpha1"))

#: Statuses of an API server without this page, or with another form of it.
_ABSENT = (404, 406)


def _flags(client: Client) -> list[dict[str, Any]]:
    try:
        return [{"flags": shown_flags(client.raw("GET", "/flagz", accept=ACCEPT).mapping)}]
    except Refused as error:
        if error.status in _ABSENT:
            raise Inconclusive(f"the API server does not show its flags ({error.status})") from None
        raise


def _load(entry: Mapping[str, Any]) -> ComponentFlags:
    return read_shown(SERVER, Fields("flagz", entry))


SECTION = Section(
    name="api_server_flags",
    words="GET /flagz",
    summary="The flags of the API server that are in effect, defaults included.",
    load=single(_load),
    read=_flags,
)
