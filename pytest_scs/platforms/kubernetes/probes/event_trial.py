# SPDX-License-Identifier: Apache-2.0
"""An event, after which metrics name the admission plugin that limits events, if it is there."""

from __future__ import annotations

from typing import Any

from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.listings.api_server_metrics import read_metrics
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.platforms.kubernetes.visible import CONTROL_PLANE
from pytest_scs.standards.kaas.admission import EVENT_RATE_LIMIT, EventTrial

#: Behind one address there may be several API servers, of which each counts for itself.
_TRIALS = 3


def probe(probing: Probing) -> dict[str, Any]:
    """``plugins`` that metrics name after an event was created; none is created where something better tells."""
    plane = CONTROL_PLANE.make(probing.inventory)
    if plane.api_servers or not plane.counted or EVENT_RATE_LIMIT in plane.counted.admission_plugins:
        return {"plugins": sorted(plane.counted.admission_plugins) if plane.counted else []}
    namespace = probing.janitor.namespace("0215", furnished=False)
    found: set[str] = set()
    for number in range(_TRIALS):
        _create_event(probing.client, namespace, f"scs-probe-{number}")
        found.update(read_metrics(probing.client)["admission_plugins"])
        if EVENT_RATE_LIMIT in found:
            break
    probing.janitor.discard(namespace)
    return {"plugins": sorted(found)}


def _create_event(client: Client, namespace: str, name: str) -> None:
    about = {"apiVersion": "v1", "kind": "ServiceAccount", "name": "default", "namespace": namespace}
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": about,
        "reason": "ScsProbe",
        "message": "pytest-scs looks whether events are limited",
        "type": "Normal",
        "source": {"component": "pytest-scs"},
    }
    client.call("CoreV1Api", "create_namespaced_event", namespace, event).of_kind("Event")


SECTION = Section(
    name="event_trial",
    words="POST events, GET /metrics",
    summary="Admission plugins that metrics name after an event was created.",
    load=single(EventTrial.from_plain),
    probe=probe,
    needs=CONTROL_PLANE.needs,
    creates="a namespace with an event, where flags do not tell about EventRateLimit",
)
