# SPDX-License-Identifier: Apache-2.0
"""The ingress classes."""

from __future__ import annotations

from typing import Any

from pytest_scs.evidence.section import Section, each
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.standards.kaas.network_model import IngressClass, slim_ingress_class


def _ingress_classes(client: Client) -> list[dict[str, Any]]:
    return [slim_ingress_class(one) for one in client.list("NetworkingV1Api", "list_ingress_class")]


SECTION = Section(
    name="ingress_classes",
    words="GET /apis/networking.k8s.io/v1/ingressclasses",
    summary="All ingress classes of the cluster.",
    load=each(IngressClass.from_plain),
    read=_ingress_classes,
)
