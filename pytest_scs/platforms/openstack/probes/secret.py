# SPDX-License-Identifier: Apache-2.0
"""A secret stored, found, and read back with the role member (docs/standards/scs-0116.md#permissions)."""

from __future__ import annotations

from typing import Any

from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.openstack.client import Refused
from pytest_scs.platforms.openstack.explain import speaks_of_quota
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.removal import Resource
from pytest_scs.standards.iaas.key_manager import SecretRoundtrip

PAYLOAD = "foo"


def probe(probing: Probing) -> dict[str, Any]:
    """What became of each step.

    Keys: ``offered`` (a key manager is in the catalog); ``refused`` (the step that was answered 403, with the answer,
    or None); ``listed`` (the new secret is found by its name); ``stored`` and ``payload`` (what was read back).
    """
    if not any(service["type"] == "key-manager" for service in probing.inventory.sections["catalog"]):
        return {"offered": False, "refused": None, "listed": False, "stored": PAYLOAD, "payload": None}
    seen: dict[str, Any] = {"offered": True, "refused": None, "listed": False, "stored": PAYLOAD, "payload": None}
    step = "create"
    try:
        body = {"secret_type": "opaque", "payload": PAYLOAD, "payload_content_type": "text/plain"}
        secret, _ = probing.janitor.create("secret", "0116", "secret", body)
        step = "list"
        # By name: Barbican pages its listing by ten, and a project may have thousands.
        found = probing.client.get("key-manager", f"/secrets?name={secret.name}", version="1").get("secrets", [])
        seen["listed"] = any(str(entry.get("secret_ref", "")).endswith(secret.id) for entry in found)
        step = "read the payload of"
        path = f"{secret.kind.one(secret.id)}/payload"
        seen["payload"] = probing.client.text("key-manager", path, version="1", headers={"Accept": "text/plain"})
        step = "delete"
        _delete(probing, secret)
    except Refused as error:
        if error.status != 403 or (step == "create" and speaks_of_quota(str(error))):
            raise
        seen["refused"] = {"step": step, "answer": str(error)}
    return seen


def _delete(probing: Probing, secret: Resource) -> None:
    """Delete the secret; a refusal matters, anything else is tried again at the end and does not touch the verdict."""
    try:
        probing.janitor.delete(secret)
    except Refused as error:
        if error.status == 403:
            raise
    except Inconclusive:
        pass


SECTION: Section[SecretRoundtrip] = Section(
    name="secret_roundtrip",
    words="a secret stored, listed and read back",
    summary="What became of a secret.",
    load=single(SecretRoundtrip.from_plain),
    probe=probe,
    needs=("catalog",),
    creates="a secret",
)
