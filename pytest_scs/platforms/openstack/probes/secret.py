# SPDX-License-Identifier: Apache-2.0
"""A secret stored, found, and read back with the role member (docs/standards/scs-0116.md#permissions)."""

from __future__ import annotations

from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.openstack.answers import reading
from pytest_scs.platforms.openstack.client import Refused
from pytest_scs.platforms.openstack.explain import speaks_of_quota
from pytest_scs.platforms.openstack.listings import catalog
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.removal import Resource
from pytest_scs.standards.iaas.forms import SECRET
from pytest_scs.standards.iaas.key_manager import SecretRoundtrip, is_offered

PAYLOAD = "foo"

#: What to add to the cause where Barbican answers a full quota as it answers who has no permission.
FULL_QUOTA = "the official suite gives FAIL, DEV-0116-5"


def probe(probing: Probing) -> dict[str, Any]:
    """What became of each step.

    Keys: ``offered`` (a key manager is in the catalog); ``refused`` (the step that was answered 403, with the answer,
    or None); ``listed`` (the new secret is found by its name); ``stored`` and ``payload`` (what was read back), or
    ``unread`` (why it could not be, where that says nothing about permissions). Raises Inconclusive for a full quota,
    and for whatever else says nothing about permissions.
    """
    if not is_offered(catalog.SECTION.typed(probing.inventory)):
        return {"offered": False, "refused": None, "listed": False, "stored": PAYLOAD, "payload": None}
    seen: dict[str, Any] = {"offered": True, "refused": None, "listed": False, "stored": PAYLOAD, "payload": None}
    step = "create"
    try:
        body = {"secret_type": "opaque", "payload": PAYLOAD, "payload_content_type": "text/plain"}
        secret, _ = probing.janitor.create("secret", "0116", "secret", body)
        step = "list"
        seen["listed"] = _is_listed(probing, secret)
        seen |= _read_back(probing, secret)
        step = "delete"
        _delete(probing, secret)
    except Refused as error:
        if error.status != 403:
            raise
        if speaks_of_quota(str(error)):
            raise Inconclusive(f"{error} ({FULL_QUOTA})", CauseKind.QUOTA) from error
        seen["refused"] = {"step": step, "answer": str(error)}
    return seen


def _is_listed(probing: Probing, secret: Resource) -> bool:
    """Whether the secret is found by its name: Barbican pages its listing by ten, and a project may have thousands.

    A key manager that does not look at the name has it on any page.
    """
    path = f"/secrets?name={secret.name}"
    for page in probing.client.pages("key-manager", path, lambda page: page.get("next"), version="1"):
        with reading("key-manager GET /v1/secrets"):
            found = SECRET.entries(page, "secrets")
        if any(entry["secret_ref"].endswith(f"/{secret.id}") for entry in found):
            return True
    return False


def _read_back(probing: Probing, secret: Resource) -> dict[str, Any]:
    """What was read back, or why it could not be; a refusal is a verdict of the text.

    The official suite does not read it, so that nothing that happens here may change its verdict: it goes on, and may
    be refused the deletion.
    """
    path = f"{secret.kind.one(secret.id)}/payload"
    try:
        return {"payload": probing.client.text("key-manager", path, version="1", headers={"Accept": "text/plain"})}
    except Inconclusive as error:
        if isinstance(error, Refused) and error.status == 403 and not speaks_of_quota(str(error)):
            return {"refused": {"step": "read the payload of", "answer": str(error)}}
        return {"unread": str(error)}


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
