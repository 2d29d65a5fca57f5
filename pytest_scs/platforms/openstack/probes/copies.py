# SPDX-License-Identifier: Apache-2.0
"""Bytes into an image, and the content of a volume out of one: how probes reach a volume's content without a VM."""

from __future__ import annotations

from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.phase import doing
from pytest_scs.platforms.openstack.client import Refused
from pytest_scs.platforms.openstack.explain import kind_of_standstill
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.removal import Resource

#: Seconds that a single step may take.
PATIENCE = 600


def image_of(probing: Probing, standard: str, what: str, content: bytes) -> Resource:
    """A private raw image with this content; raises Inconclusive if it does not become active."""
    body = {"disk_format": "raw", "container_format": "bare", "visibility": "private"}
    image, _ = probing.janitor.create("image", standard, what, body)
    probing.client.upload("image", f"{image.kind.one(image.id)}/file", content, version=image.kind.version)
    wait_for_status(probing, image, "active", "an uploaded image")
    return image


def wait_for_copy(probing: Probing, image: Resource) -> dict[str, Any]:
    """Wait until the copy of a volume (`Janitor.upload`) is active; the image as it is then."""
    current = wait_for_status(probing, image, "active", "the copy of a volume")
    probing.janitor.tag(image)
    return current


def wait_for_status(probing: Probing, resource: Resource, wanted: str, what: str) -> dict[str, Any]:
    """Wait for a status; the resource as it is then. Raises Inconclusive, saying ``what``, if it does not come."""
    seconds = probing.patiently(PATIENCE)
    doing(f"{what}: to become {wanted}", seconds)
    try:
        current = probing.janitor.wait(
            resource,
            lambda status: status in (wanted, "killed", "deleted") or status.startswith("error"),
            seconds,
        )
    except Refused as error:
        if error.status != 404:
            raise
        # Cinder removes the image again when it cannot copy a volume to it.
        raise Inconclusive(f"{what} did not become {wanted}: {resource} is gone", CauseKind.OUTAGE) from None
    if str(current.get("status")).lower() != wanted:
        reason = f" ({current['fail_reason']})" if current.get("fail_reason") else ""
        kind = kind_of_standstill(current.get("status"))
        raise Inconclusive(f"{what} did not become {wanted}: {resource} is {current.get('status')!r}{reason}", kind)
    return current
