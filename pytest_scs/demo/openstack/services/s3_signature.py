# SPDX-License-Identifier: Apache-2.0
"""Who has signed a request to S3: signatures of version 4 in the Authorization header, checked with EC2 credentials."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, unquote, unquote_plus

from werkzeug.wrappers import Request

from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import RefusedError

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<access>[^/,]+)/(?P<date>\d{8})/(?P<region>[^/,]*)/(?P<service>[^/,]*)/aws4_request,"
    r"\s*SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_SKEW = timedelta(minutes=15)
_UNRESERVED = "-_.~"


class _Claim(NamedTuple):
    """What the Authorization header says."""

    access: str
    date: str
    region: str
    service: str
    headers: str
    signature: str


def is_signed(request: Request) -> bool:
    """Whether a request is meant for S3: one with a signature of any kind."""
    return request.headers.get("Authorization", "").startswith("AWS") or "X-Amz-Signature" in request.args


def authenticate(state: CloudState, request: Request) -> None:
    """See that a request is signed with a key of the user; raises RefusedError with the error code of S3."""
    if not is_signed(request):
        raise RefusedError(403, "Access Denied.", "AccessDenied")
    header = request.headers.get("Authorization", "")
    secret = _secret(state, _access_key(request, header))
    matched = _HEADER.fullmatch(header.strip())
    if matched is None:
        message = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        raise RefusedError(400, message, "InvalidRequest")
    claim = _Claim(**matched.groupdict())
    moment = request.headers.get("X-Amz-Date", "")
    _check_time(state, moment, claim)
    payload = _payload_hash(request)
    canonical = _canonical(request, claim.headers, payload)
    if not hmac.compare_digest(_signature(secret, claim, moment, canonical), claim.signature):
        message = (
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method."
        )
        raise RefusedError(403, message, "SignatureDoesNotMatch")


def _access_key(request: Request, header: str) -> str:
    """The key a request names, whatever its signature is like."""
    found = re.search(r"Credential=([^/,\s]*)|AWS ([^:\s]*):", header)
    if found:
        return found[1] or found[2] or ""
    return request.args.get("X-Amz-Credential", "").partition("/")[0]


def _secret(state: CloudState, access: str) -> str:
    for credential in state.ec2_credentials:
        if credential["access"] == access:
            return str(credential["secret"])
    message = "The AWS Access Key Id you provided does not exist in our records."
    raise RefusedError(403, message, "InvalidAccessKeyId")


def _check_time(state: CloudState, moment: str, claim: _Claim) -> None:
    try:
        signed = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        signed = None
    if signed is None or not moment.startswith(claim.date):
        message = "AWS authentication requires a valid Date or x-amz-date header"
        raise RefusedError(403, message, "AccessDenied")
    if abs(state.now() - signed) > _SKEW:
        message = "The difference between the request time and the current time is too large."
        raise RefusedError(403, message, "RequestTimeTooSkewed")


def _payload_hash(request: Request) -> str:
    """The hash of the body as the client gives it, which must be true unless the body is not signed."""
    given = request.headers.get("X-Amz-Content-Sha256")
    if given is None:
        raise RefusedError(400, "Missing required header for this request: x-amz-content-sha256", "InvalidRequest")
    if given.startswith("STREAMING-"):
        message = "A header you provided implies functionality that is not implemented."
        raise RefusedError(501, message, "NotImplemented")
    if given != "UNSIGNED-PAYLOAD" and given != hashlib.sha256(request.get_data()).hexdigest():
        message = "The provided 'x-amz-content-sha256' header does not match what was computed."
        raise RefusedError(400, message, "XAmzContentSHA256Mismatch")
    return given


def _canonical(request: Request, signed_headers: str, payload: str) -> str:
    """The canonical request: what exactly is signed."""
    path, _, query = str(request.environ["RAW_URI"]).partition("?")
    pairs = sorted(
        (quote(unquote_plus(name), _UNRESERVED), quote(unquote_plus(value), _UNRESERVED))
        for name, _, value in (part.partition("=") for part in query.split("&") if part)
    )
    names = signed_headers.split(";")
    if "host" not in names:
        raise RefusedError(403, "The host header must be signed.", "AccessDenied")
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    lines = (
        request.method,
        quote(unquote(path), "/" + _UNRESERVED),
        "&".join(f"{name}={value}" for name, value in pairs),
        headers,
        signed_headers,
        payload,
    )
    return "\n".join(lines)


def _signature(secret: str, claim: _Claim, moment: str, canonical: str) -> str:
    scope = f"{claim.date}/{claim.region}/{claim.service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in (claim.date, claim.region, claim.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}".encode(), "sha256").hex()
