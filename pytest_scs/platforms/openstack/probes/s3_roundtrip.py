# SPDX-License-Identifier: Apache-2.0
"""An object stored and read back through S3, with EC2 credentials made for it.

See docs/standards/scs-0123.md#round-trip.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import tenacity

from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.openstack import s3
from pytest_scs.platforms.openstack.client import Refused
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.retrying import is_definite
from pytest_scs.standards.iaas.object_storage import LAST_STEP, MOST_BYTES, S3Roundtrip, error_code, is_document

if TYPE_CHECKING:
    import requests

#: Bytes of the object.
SIZE = 1024

#: Seconds within which an object has to be in the listing of its bucket.
LAG = 30
_ENTRY = f"<Key>{s3.OBJECT}</Key>".encode()
NOT_LISTED = "the object is not in the listing"

#: The first step; where it is refused, nothing was created.
CREATION = "create a bucket"


def probe(probing: Probing) -> dict[str, Any]:
    """What became of each step.

    Keys: ``offered`` (the catalog has an S3 endpoint or an object store), ``url``, and ``steps`` in order, each with
    ``step``, ``status`` (of HTTP; 0 without answer), ``ok`` and ``reason``; the last one is the one that failed, if one
    did. Raises Inconclusive if no EC2 credentials can be had.
    """
    url = s3.base_url(probing.client)
    steps: list[dict[str, Any]] = []
    if url is None:
        return {"offered": False, "url": "", "steps": steps}
    try:
        body = {"tenant_id": probing.client.access().project_id}
        credential, content = probing.janitor.create("ec2-credential", "0123", "key", body)
    except Refused as error:
        raise Inconclusive(f"no EC2 credentials can be had, so S3 cannot be tried: {error}", error.kind) from None
    probing.conceal([content["secret"]])
    bucket = probing.janitor.bucket("0123", credential)
    store = s3.S3(probing.client, url, credential.id, str(content["secret"]))
    for step in _steps(store, bucket.id):
        refused = step.pop("refused")
        steps.append(step)
        if not step["ok"]:
            if step["step"] == CREATION and refused:
                # There is no bucket, so nothing is looked for, and nothing needs the credentials any more.
                probing.janitor.forget(bucket)
            break
    probing.janitor.discard(bucket, credential)
    return {"offered": True, "url": url, "steps": steps}


def _steps(store: s3.S3, bucket: str) -> Iterator[dict[str, Any]]:
    content = os.urandom(SIZE)
    path = f"/{bucket}/{s3.OBJECT}"
    yield _send(store, CREATION, "PUT", f"/{bucket}")
    yield _send(store, "store an object", "PUT", path, content)
    yield _listed(store, f"/{bucket}?list-type=2")
    yield _send(store, "read the object", "GET", path, whole=content)
    yield _send(store, "delete the object", "DELETE", path)
    yield _send(store, LAST_STEP, "DELETE", f"/{bucket}")


def _listed(store: s3.S3, path: str) -> dict[str, Any]:
    """Listings of Swift lag behind what is stored."""
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda seen: seen["reason"] == NOT_LISTED),
        wait=tenacity.wait_exponential(multiplier=0.25, max=5),
        stop=tenacity.stop_after_delay(store.patiently(LAG)),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    seen: dict[str, Any] = retrying(_send, store, "list the bucket", "GET", path, wanted=_ENTRY)
    return seen


def _send(
    store: s3.S3,
    step: str,
    method: str,
    path: str,
    content: bytes = b"",
    *,
    wanted: bytes = b"",
    whole: bytes | None = None,
) -> dict[str, Any]:
    """One step; the answer has to be ``whole``, or a listing that contains ``wanted``, or else no document at all.

    ``refused`` of it: it was sent once, and the answer says that nothing came of it.
    """
    seen = {"step": step, "status": 0, "ok": False, "reason": "", "refused": False}
    try:
        answer, repeated = store.send_counted(method, path, content)
    except Inconclusive as error:
        return {**seen, "reason": str(error)}
    seen["status"] = answer.status_code
    if answer.status_code == 404 and method == "DELETE" and repeated:
        return {**seen, "ok": True}  # the first of the requests had its effect
    if answer.status_code >= 300:
        code = error_code(answer.text[:MOST_BYTES]) or ""
        seen["refused"] = is_definite(answer.status_code) and not repeated
        return {**seen, "ok": repeated and code == "BucketAlreadyOwnedByYou", "reason": code}
    if problem := _problem(answer, wanted, whole):
        return {**seen, "reason": problem}
    return {**seen, "ok": True}


def _problem(answer: requests.Response, wanted: bytes, whole: bytes | None) -> str:
    """Why an answer with a good status is no success: what answers everything with 200 is no S3."""
    if whole is not None:
        return "" if answer.content == whole else "the content is not what was stored"
    text = answer.text.lstrip("\ufeff \t\r\n")
    if wanted:
        if not is_document(text, "ListBucketResult"):
            return "the answer is no listing of a bucket"
        return "" if wanted in answer.content else NOT_LISTED
    # A bucket or an object is answered without a document; some add one about the bucket.
    return "" if not text or is_document(text, "CreateBucketResult") else "the answer is no S3 answer"


SECTION: Section[S3Roundtrip] = Section(
    name="s3_roundtrip",
    words="an object stored and read back through S3 with EC2 credentials of its own",
    summary="What became of an object in an S3 bucket.",
    load=single(S3Roundtrip.from_plain),
    probe=probe,
    needs=("catalog",),
    creates="EC2 credentials, a bucket and an object",
)
