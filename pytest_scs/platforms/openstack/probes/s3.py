# SPDX-License-Identifier: Apache-2.0
"""Whether the object store speaks S3: an answer to a request signed with an unknown key.

See docs/standards/scs-0123.md#surrogate-for-s3.
"""

from __future__ import annotations

from typing import Any

from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.openstack.listings import catalog
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.s3 import S3
from pytest_scs.standards.iaas.endpoints import endpoints_of
from pytest_scs.standards.iaas.object_storage import S3Answer, s3_base_url

ACCESS_KEY = "doesnotexist"

#: As much of the answer as can matter, in bytes.
MAX_BODY = 65536


def probe(probing: Probing) -> dict[str, Any]:
    """The answer to "list buckets" of nobody.

    Keys: ``offered`` (an object store is in the catalog), ``url``, ``status`` and ``body`` (text) of the answer, and
    ``problem`` if there was none. The request goes to the host in the catalog and nowhere else (DEV-0123-1).
    """
    if not any(service["type"] == "object-store" for service in probing.inventory.sections["catalog"]):
        return {"offered": False, "url": "", "status": 0, "body": "", "problem": ""}
    url = s3_base_url(_public_endpoint(probing))
    seen: dict[str, Any] = {"offered": True, "url": url, "status": 0, "body": "", "problem": ""}
    try:
        answer = S3(probing.client, url, ACCESS_KEY, ACCESS_KEY).send("GET", "/")
    except Inconclusive as error:
        return {**seen, "problem": str(error)}
    return {**seen, "status": answer.status_code, "body": answer.content[:MAX_BODY].decode(errors="replace")}


def _public_endpoint(probing: Probing) -> str | None:
    """The first public endpoint of the object store in the judged region, whatever interface clouds.yaml chooses."""
    services = catalog.SECTION.typed(probing.inventory)
    public = endpoints_of(services, "public", probing.inventory.region)
    return next((one.url for one in public if one.kind == "object-store"), None)


SECTION: Section[S3Answer] = Section(
    name="s3_answer",
    words="object-store host, S3 list of buckets with an unknown key",
    summary="What the object store's host answers to an S3 request.",
    load=single(S3Answer.from_plain),
    probe=probe,
    needs=("catalog",),
)
