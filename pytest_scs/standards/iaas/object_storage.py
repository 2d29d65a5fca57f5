# SPDX-License-Identifier: Apache-2.0
"""S3 beside Swift (scs-0123-v1): what the object store answers to an S3 request with an unknown access key."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit
from xml.etree import ElementTree

from pytest_scs.base.fields import Fields
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided, show
from pytest_scs.standards.iaas.services import registration

#: The first and the last status that an answer of HTTP can have.
HTTP_STATUSES: Final = (100, 999)

#: Bytes of an answer that are looked at; an S3 error document is far smaller.
MOST_BYTES: Final = 64 * 1024

#: Error codes by which an S3 API shows itself: those that the official suite knows, and those of the text.
OFFICIAL_CODES: Final = frozenset({"InvalidAccessKeyId", "NoSuchKey"})
TEXT_CODES: Final = OFFICIAL_CODES | {"SignatureDoesNotMatch", "AccessDenied"}

#: Codes of S3 and statuses of HTTP, also of a proxy before it, that tell of an overload, an outage or a wrong clock.
_OUTAGE_CODES: Final = frozenset({"RequestTimeTooSkewed", "SlowDown", "ServiceUnavailable", "InternalError"})
_OUTAGE: Final = (429, 500, 502, 503, 504)

#: Codes that say nothing about whether a member may: those, and an exhausted quota.
_UNDECIDED_CODES: Final = _OUTAGE_CODES | {"QuotaExceeded", "TooManyBuckets"}

# No S3 document has a document type, and without one there are no entities that could expand.
_DOCUMENT_TYPE: Final = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_HOST: Final = re.compile(r"[^\s\\]+")
_LISTING: Final = re.compile(r"<(?:\w+:)?ListAllMyBucketsResult[\s/>]")

_HINT: Final = (
    "Swift: add s3api and s3token to the pipeline of proxy-server.conf, before the middleware for Keystone; "
    "Ceph: ceph config set client.rgw rgw_enable_apis 's3, swift, swift_auth, admin'"
)

#: The last step of the round trip: without it, and without one that failed, nothing was shown.
LAST_STEP: Final = "delete the bucket"

#: What to do where nothing answers.
_SILENT_HINT: Final = "see whether its host can be reached from here: openstack catalog show object-store"

#: Rule id and title.
_REFUSES: Final = ("scs-0123/s3_refuses_unknown_key", "an S3 API refuses an unknown access key")


@dataclasses.dataclass(frozen=True, slots=True)
class S3Answer:
    """The section ``s3_answer``: what the host of the object store answers to a request with an unknown access key.

    ``offered``: an object store is in the catalog. ``status`` and ``body`` are those of the answer from ``url``, or
    ``problem`` says why there was none.
    """

    offered: bool
    url: str = ""
    status: int = 0
    body: str = ""
    problem: str = ""

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> S3Answer:
        """What was recorded; raises ValueError for another shape."""
        read = Fields("s3_answer", data)
        offered, problem = read.truth("offered"), read.text("problem", "")
        answered = offered and not problem
        return cls(
            offered=offered,
            url=read.text("url"),
            status=read.within("status", *HTTP_STATUSES) if answered else read.whole("status"),
            body=read.text("body"),
            problem=problem,
        )


@dataclasses.dataclass(frozen=True, slots=True)
class S3Step:
    """One step of the way of an object; ``status`` of HTTP is 0 where there was no answer."""

    step: str
    status: int
    ok: bool
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class S3Roundtrip:
    """The section ``s3_roundtrip``: the steps of storing and reading back an object, up to the first that failed.

    ``offered``: the catalog has an S3 endpoint or an object store.
    """

    offered: bool
    url: str = ""
    steps: tuple[S3Step, ...] = ()

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> S3Roundtrip:
        """What was recorded; raises ValueError for another shape."""
        read = Fields("s3_roundtrip", data)
        steps = (
            S3Step(step.text("step"), step.whole("status"), step.truth("ok"), step.text("reason"))
            for step in read.each("steps")
        )
        return cls(read.truth("offered"), read.text("url"), tuple(steps))


def s3_base_url(endpoint_url: str | None) -> str:
    """Scheme, host and port of the object store's endpoint, where its S3 API is looked for.

    Also for a URL without any path (DEV-0123-1). Raises Inconclusive if there is no usable URL (DEV-0123-2). See
    docs/standards/scs-0123.md#surrogate-for-s3.
    """
    unusable = Inconclusive(
        f"the public endpoint of the object store in the catalog is no usable URL: {show(endpoint_url)}",
        CauseKind.MALFORMED,
    )
    try:
        parts = urlsplit((endpoint_url or "").strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise unusable from None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise unusable
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port is not None else "")


def check_s3(seen: S3Answer) -> Iterator[Observation]:
    """Judge what the probe saw (scs-0123-v1; docs/standards/scs-0123.md#surrogate-for-s3)."""
    if not seen.offered:
        yield Remark("the cloud offers no object store, so its S3 API cannot be judged", deviation="DEV-0123-3")
    elif seen.problem:
        resource = f"S3 API at {seen.url}"
        yield Undecided(resource, seen.problem, Basis.TEXT)
        yield Finding(
            resource=resource,
            rule="scs-0123/s3_answers",
            title="an S3 API answers",
            expected="an answer",
            observed=seen.problem,
            hint=_SILENT_HINT,
            basis=Basis.OFFICIAL,
            deviation="DEV-0123-2",
        )
    else:
        yield from check_s3_answer(seen.status, seen.body.encode(), seen.url)


#: Answers that say that S3 or a part of it is not there for a member (docs/standards/scs-0123.md#round-trip).
_DENIED: Final = (403, 404, 405, 501)

_KEYSTONE: Final = (
    "the object store does not know Keystone's EC2 credentials; Ceph: ceph config set client.rgw "
    "rgw_s3_auth_use_keystone true; Swift: put s3token after s3api in the pipeline of proxy-server.conf"
)
_SWITCHED_OFF: Final = (
    "this part of S3 is switched off in the object store or in a proxy before it; Ceph: ceph config get client.rgw "
    "rgw_enable_apis has to name s3"
)

#: What mends an S3 that answers and refuses, by its error code (docs/standards/scs-0123.md#round-trip).
_MENDS: Final = {
    "InvalidAccessKeyId": _KEYSTONE,
    "InvalidToken": _KEYSTONE,
    "SignatureDoesNotMatch": (
        "a proxy before the object store changes the Host header or the path, which are signed: let it pass both on as "
        "they are; Ceph: rgw_dns_name has to be the host in the catalog"
    ),
    "NotImplemented": _SWITCHED_OFF,
    "MethodNotAllowed": _SWITCHED_OFF,
    "AccessDenied": (
        "let the role member use S3; Ceph: rgw_keystone_accepted_roles, Swift: operator_roles of keystoneauth in "
        "proxy-server.conf"
    ),
}
_OTHER_CODE: Final = "S3 answers here, so the log of the object store says why it refuses this"


def check_roundtrip(seen: S3Roundtrip) -> Iterator[Observation]:
    """S3 MUST be there and work: an object can be stored, listed, read back and deleted.

    Source: scs-0123-v1, "Mandatory IaaS APIs" (docs/standards/scs-0123.md#round-trip).
    """
    if not seen.offered:
        yield Finding(
            resource="service catalog",
            rule="scs-0123/s3_offered",
            title="offers S3",
            expected="a service of type object-store-s3 or object-store",
            observed="neither",
            hint=registration("s3", "object-store-s3"),
        )
    resource = f"S3 API at {seen.url}"
    for step in seen.steps:
        if step.ok:
            continue
        why = f" ({step.reason})" if step.reason else ""
        if (step.status in _DENIED and step.reason not in _UNDECIDED_CODES) or 200 <= step.status < 300:
            yield Finding(
                resource=resource,
                rule="scs-0123/s3_usable",
                title=f"a member can {step.step}",
                expected="success",
                observed=f"HTTP {step.status}{why}",
                hint=_mend(step, first=step is seen.steps[0]),
            )
        else:
            answer = f"trying to {step.step}: HTTP {step.status}{why}" if step.status else step.reason
            yield Undecided(resource, answer)
    if seen.offered and all(step.ok for step in seen.steps) and LAST_STEP not in [step.step for step in seen.steps]:
        yield Undecided(resource, f"what was seen ends before the last step: {LAST_STEP}")


def _mend(step: S3Step, *, first: bool) -> str:
    """What mends a step that failed: by the error code; S3 is to be switched on only where it has not answered yet."""
    if first and not re.fullmatch(r"[A-Za-z0-9]+", step.reason):
        return _HINT
    return _MENDS.get(step.reason, _OTHER_CODE)


def check_s3_answer(status: int, body: bytes, url: str = "") -> Iterator[Observation]:
    """An S3 API refuses the unknown access key with an error document of its own.

    See docs/standards/scs-0123.md#answer-to-an-unknown-key.
    ``status`` and ``body`` are the HTTP answer to "list buckets" at ``url``; only `MOST_BYTES` of the body are looked
    at. The official suite accepts fewer error codes than the text (DEV-0123-2), but also looks for them in the message
    (DEV-0123-9), and where its S3 library finds an error (DEV-0123-10). A listing of buckets, which cannot be, is
    undecided.
    An outage is undecided by the text, and so are connection errors, which are the caller's (DEV-0123-2).
    """
    resource = f"S3 API at {url}" if url else "S3 API of the object store"
    text = body[:MOST_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
    if status < 300:
        yield from _no_refusal(resource, status, text)
        return
    code, named = error_code(text), _names_official_code(text)
    accepted = code in TEXT_CODES
    out = code in _OUTAGE_CODES or (code is None and status in _OUTAGE)
    row = _row_of(code, named, is_document(text, "Error"))
    if out:
        found = f"it is out of order or overloaded: HTTP {status}, {code or _glimpse(text)}"
        yield Undecided(resource, found, Basis.TEXT)
    if named and accepted:
        return
    if named and out:
        yield Remark("the official suite finds a code that it knows in it, and gives PASS", resource, row)
        return
    yield dataclasses.replace(
        _other_answer(resource, status, f"error code {show(code)}" if code else _glimpse(text), _refusal_hint(code)),
        basis=Basis.TEXT if named else Basis.OFFICIAL if accepted or out else Basis.BOTH,
        deviation=row if named or accepted or out else "",
    )


def _row_of(code: str | None, named: bool, document: bool) -> str:
    """The row about what the official suite reads otherwise in an answer; ``document``: it is an error of S3."""
    if named:
        return "DEV-0123-9" if document else "DEV-0123-10"
    return "DEV-0123-10" if code in OFFICIAL_CODES else "DEV-0123-2"


def _other_answer(resource: str, status: int, found: str, hint: str) -> Finding:
    """The finding about an answer that does not refuse an unknown key as S3 does."""
    return Finding(
        resource=resource,
        rule=_REFUSES[0],
        title=_REFUSES[1],
        expected=f"an S3 error document with the code {' or '.join(sorted(OFFICIAL_CODES))}",
        observed=f"HTTP {status}, {found}",
        hint=hint,
    )


def _no_refusal(resource: str, status: int, text: str) -> Iterator[Observation]:
    """What a success is: a listing of buckets, which cannot be, or something that is no S3 at all (DEV-0123-8)."""
    if _LISTING.search(text):
        yield Undecided(resource, "it listed buckets for an access key that does not exist")
        return
    yield _other_answer(resource, status, _glimpse(text), _HINT)
    if not text or _root(text) is not None:
        yield Remark("the official suite takes that for a list of buckets and gives ABORT", resource, "DEV-0123-8")


def _names_official_code(text: str) -> bool:
    """Whether the official suite finds a word it knows: in code or message of an error, also within longer words.

    Its S3 library knows an error by ``Error`` without a namespace as root, or by an ``Error`` in any other root.
    """
    root = _root(text)
    if root is None:
        return False
    errors = [root] if root.tag == "Error" else [child for child in root if _local(child.tag) == "Error"]
    said = [child.text or "" for error in errors for child in error if _local(child.tag) in ("Code", "Message")]
    return any(word in one for word in OFFICIAL_CODES for one in said)


def _refusal_hint(code: str | None) -> str:
    """How to come to the right answer to an unknown key; an S3 API that has just answered need not be enabled."""
    if code is None:
        return _HINT
    if code in TEXT_CODES:
        return "let the S3 API answer InvalidAccessKeyId to unknown access keys"
    return _MENDS.get(code, f"see in the log of the S3 API why it answers {show(code)} to an unknown access key")


def error_code(text: str) -> str | None:
    """The code in an S3 error document; None for any other text, and for documents with a document type."""
    root = _root(text)
    if root is None or _local(root.tag) != "Error":
        return None
    return next(((child.text or "").strip() or None for child in root if _local(child.tag) == "Code"), None)


def is_document(text: str, root: str) -> bool:
    """Whether a text is an S3 document with this root element: XML without a document type."""
    found = _root(text)
    return found is not None and _local(found.tag) == root


def _root(text: str) -> ElementTree.Element | None:
    if _DOCUMENT_TYPE.search(text):
        return None
    try:
        return ElementTree.fromstring(text)  # noqa: S314 - nothing in it can expand
    except (ElementTree.ParseError, ValueError):
        return None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _glimpse(text: str) -> str:
    """The beginning of an answer that is no S3 error document."""
    if not text:
        return "an empty answer"
    words = " ".join("".join(char if char.isprintable() else " " for char in text[:200]).split())
    return f"no S3 error document, but {show(words[:60])}"
