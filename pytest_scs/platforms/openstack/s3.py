# SPDX-License-Identifier: Apache-2.0
"""S3 as far as it is needed here: signed requests to the host in the catalog, with the user's own EC2 credentials."""

from __future__ import annotations

import re
import time
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import tenacity

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.kinds import EC2_CREDENTIAL
from pytest_scs.platforms.openstack.retrying import is_definite
from pytest_scs.standards.iaas.object_storage import is_document, s3_base_url

if TYPE_CHECKING:
    import requests

#: The region that S3 clients sign for if nobody tells them another, as the official suite does.
REGION = "us-east-1"

#: What is tried again, with pauses of 1, 2 and 4 seconds (docs/standards/framework.md#retries).
_RETRIED_STATUS = (429, 503)

#: How often a bucket is listed and emptied (seconds between), before it is given up.
ROUNDS = 20
PAUSE = 0.2

#: The only object that a run stores in its bucket.
OBJECT = "object"

#: As many objects are named in a message, and as many characters of a name.
_NAMED = 3
_LONGEST = 60

_KEY = re.compile(r"<(?:\w+:)?Key>([^<]*)</")


class KeyGone(Inconclusive):
    """The EC2 credentials that created a bucket are not there any more; others of the same user would do."""


class NotAllowed(Refused):
    """S3 refuses a removal for good, or what answers is no S3: no waiting helps."""


class HoldsOthers(Inconclusive):
    """In a bucket is what no run stored: its user has to look at it."""


def base_url(client: Client) -> str | None:
    """Where the cloud speaks S3: its ``object-store-s3`` endpoint, else the host of its object store, else None.

    Raises Inconclusive if the endpoint in the catalog is no usable URL.
    """
    if client.offers("object-store-s3"):
        return client.endpoint("object-store-s3").rstrip("/")
    return s3_base_url(client.endpoint("object-store")) if client.offers("object-store") else None


class S3:
    """An S3 API and a pair of keys."""

    def __init__(self, client: Client, url: str, access: str, secret: str) -> None:
        import requests_aws4auth

        self.url = url
        self._client = client
        # The package is not typed.
        self._auth = requests_aws4auth.AWS4Auth(access, secret, REGION, "s3")  # type: ignore[attr-defined, no-untyped-call]

    def patiently(self, seconds: float) -> float:
        """So many seconds, stretched by the user's patience."""
        return seconds * self._client.patience

    def send(self, method: str, path: str, content: bytes = b"") -> requests.Response:
        """Send a signed request; the answer's status is not judged. Raises like :meth:`send_counted`."""
        return self.send_counted(method, path, content)[0]

    def send_counted(self, method: str, path: str, content: bytes = b"") -> tuple[requests.Response, bool]:
        """The answer to a signed request, and whether that was sent more than once.

        Then an earlier one may have had its effect. Raises Inconclusive if there is no answer, and if the request would
        go to another path than this one.
        """
        url = self._exactly(path)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda answer: answer.status_code in _RETRIED_STATUS),
            wait=tenacity.wait_exponential(multiplier=1),
            stop=tenacity.stop_after_attempt(4),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        answer: requests.Response = retrying(self._client.anonymous, url, method, auth=self._auth, data=content)
        return answer, retrying.statistics.get("attempt_number", 1) > 1

    def keys(self, bucket: str) -> tuple[requests.Response, list[str]]:
        """The first thousand objects of a bucket: the answer, and their names."""
        answer = self.send("GET", f"/{bucket}?list-type=2")
        return answer, [unescape(name) for name in _KEY.findall(answer.text)] if answer.ok else []

    def _exactly(self, path: str) -> str:
        """The URL of a path. Clients of HTTP resolve dots in it: ``/ours/../theirs`` would be in another bucket."""
        import requests

        url = f"{self.url}{path}"
        base, sent = (urlsplit(str(requests.Request("GET", one).prepare().url)).path for one in (f"{self.url}/", url))
        if sent != base.rstrip("/") + path.partition("?")[0]:
            raise Inconclusive(
                f"the S3 path {path!r} was not requested, because it would be sent as {sent!r}", CauseKind.MALFORMED
            )
        return url


def remove_bucket(client: Client, bucket: str, access: str) -> None:
    """Remove a bucket and the object that a run stores in it, with those of the user's EC2 credentials that created it.

    Raises Refused or Inconclusive if it is still there, KeyGone where the credentials are not, and HoldsOthers if
    anything else is in it, which is left alone; a bucket that is not there is as good.
    """
    url = base_url(client)
    if url is None:
        raise Inconclusive("the catalog has no S3 endpoint any more", CauseKind.OUTAGE)
    store = S3(client, url, access, _secret(client, access))
    for _ in range(round(store.patiently(ROUNDS)) or 1):
        answer, names = store.keys(bucket)
        if answer.status_code == 404:
            return
        if answer.ok and not is_document(answer.text, "ListBucketResult"):
            raise NotAllowed("what answers there is no S3: it gives no listing of the bucket", answer.status_code)
        if not names:
            break
        if others := [name for name in names if name != OBJECT]:
            raise HoldsOthers(f"it holds {_shown(others)}, which no run stored; look at it, and empty it yourself")
        _demand(store.send("DELETE", f"/{bucket}/{OBJECT}"))
        time.sleep(PAUSE)
    else:
        raise Inconclusive("its objects are still listed after their deletion", CauseKind.TIMEOUT)
    _demand(store.send("DELETE", f"/{bucket}"))
    if store.send("GET", f"/{bucket}?list-type=2").status_code != 404:
        raise Inconclusive("it is still there after its deletion was accepted", CauseKind.TIMEOUT)


def _secret(client: Client, access: str) -> str:
    gone = KeyGone("the EC2 credentials it was created with are gone")
    if not EC2_CREDENTIAL.is_id(access):
        raise gone
    try:
        shown = client.get("identity", EC2_CREDENTIAL.one(access), version="3", log=False).get("credential")
    except Refused as error:
        if error.status == 404:
            raise gone from None
        raise
    if not isinstance(shown, dict) or not isinstance(shown.get("secret"), str):
        raise Inconclusive("the identity service shows EC2 credentials without their secret", CauseKind.MALFORMED)
    return str(shown["secret"])


def _shown(names: list[str]) -> str:
    """The first of some names, none of them too long."""
    shown = [repr(name if len(name) <= _LONGEST else f"{name[:_LONGEST]}...") for name in names[:_NAMED]]
    return ", ".join(shown) + (" and more" if len(names) > _NAMED else "")


def _demand(answer: requests.Response) -> None:
    if answer.status_code >= 300 and answer.status_code != 404:
        kind = CauseKind.of_status(answer.status_code)
        text = f"S3 answered {answer.request.method} with {answer.status_code}"
        raise (NotAllowed if is_definite(answer.status_code) else Refused)(text, answer.status_code, kind)
