# SPDX-License-Identifier: Apache-2.0
"""Whether the object store speaks S3 (scs-0123, spec 15.3): an answer to a request signed with an unknown key."""

from __future__ import annotations

from typing import Any

from pytest_scs.errors import Inconclusive
from pytest_scs.openstack.probes import Probing
from pytest_scs.standards.object_storage import s3_base_url

ACCESS_KEY = "doesnotexist"

#: The region that S3 clients sign for if nobody tells them another, as the official suite does.
REGION = "us-east-1"

#: As much of the answer as can matter, in bytes.
MAX_BODY = 65536


def probe(probing: Probing) -> dict[str, Any]:
    """The answer to "list buckets" of nobody.

    Keys: ``offered`` (an object store is in the catalog), ``url``, ``status`` and ``body`` (text) of the answer, and
    ``problem`` if there was none. The request goes to the host in the catalog and nowhere else (DEV-0123-1).
    """
    import requests_aws4auth

    if not any(service["type"] == "object-store" for service in probing.inventory.sections["catalog"]):
        return {"offered": False, "url": "", "status": 0, "body": "", "problem": ""}
    url = s3_base_url(probing.client.endpoint("object-store"))
    seen: dict[str, Any] = {"offered": True, "url": url, "status": 0, "body": "", "problem": ""}
    try:
        # The package is not typed.
        auth = requests_aws4auth.AWS4Auth(ACCESS_KEY, ACCESS_KEY, REGION, "s3")  # type: ignore[attr-defined, no-untyped-call]
        answer = probing.client.anonymous(f"{url}/", auth=auth)
    except Inconclusive as error:
        return {**seen, "problem": str(error)}
    return {**seen, "status": answer.status_code, "body": answer.content[:MAX_BODY].decode(errors="replace")}
