# SPDX-License-Identifier: Apache-2.0
"""What the API server counts: admission plugins that were used, and the seats of priority levels."""

from __future__ import annotations

import math
import re
from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes.client import Client, Refused
from pytest_scs.standards.kaas.control_plane import Metrics

_PLUGIN = re.compile(
    r'^apiserver_admission_controller_admission_duration_seconds_count\{[^}\n]*?\bname="([\w./-]{1,100})"', re.MULTILINE
)
_SEATS = re.compile(
    r'^apiserver_flowcontrol_nominal_limit_seats\{[^}\n]*?\bpriority_level="([\w.-]{1,253})"[^}\n]*\}'
    r"[ \t]+([0-9.eE+]{1,30})",
    re.MULTILINE,
)


def read_metrics(client: Client) -> dict[str, Any]:
    """What is used of the metrics: ``admission_plugins`` (names) and ``seats`` by priority level.

    Raises Inconclusive if there is nothing of the kind in them.
    """
    try:
        text = client.raw("GET", "/metrics", accept="text/plain").text
    except Refused as error:
        if error.status == 404:
            raise Inconclusive("the API server does not show metrics (404)") from None
        raise
    try:
        seats = {level: float(number) for level, number in _SEATS.findall(text)}
        if not all(map(math.isfinite, seats.values())):
            raise ValueError
    except ValueError:
        raise Inconclusive("metrics have seats that are no number", CauseKind.MALFORMED) from None
    plugins = sorted(set(_PLUGIN.findall(text)))
    if not plugins and not seats:
        raise Inconclusive("metrics say nothing about admission and fairness")
    return {"admission_plugins": plugins, "seats": seats}


def _metrics(client: Client) -> list[dict[str, Any]]:
    return [read_metrics(client)]


SECTION = Section(
    name="api_server_metrics",
    words="GET /metrics",
    summary="Admission plugins that were used, and the seats of priority levels.",
    load=single(Metrics.from_plain),
    read=_metrics,
)
