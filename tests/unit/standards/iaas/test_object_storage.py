# SPDX-License-Identifier: Apache-2.0
"""An S3 API shows itself by the way it refuses an unknown access key (scs-0123-v1)."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.cause import Inconclusive
from pytest_scs.core.findings import Basis, Finding, Remark, Undecided
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas.object_storage import (
    MOST_BYTES,
    S3Answer,
    S3Roundtrip,
    S3Step,
    check_roundtrip,
    check_s3,
    check_s3_answer,
    s3_base_url,
)


def document(code: str, root: str = "Error") -> bytes:
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<{root}><Code>{code}</Code><Message>x</Message></{root}>".encode()


SWIFT = (
    b"<?xml version='1.0' encoding='UTF-8'?>\n"
    b"<Error><Code>InvalidAccessKeyId</Code><Message>No such key here.</Message><RequestId>tx1</RequestId></Error>"
)
NAMESPACED = (
    b'<?xml version="1.0"?><Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Code>NoSuchKey</Code></Error>'
)
LISTING = (
    b'<?xml version="1.0"?><ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets/>'
    b"</ListAllMyBucketsResult>"
)
WRAPPED = (
    b'<ErrorResponse xmlns="x"><Error><Code>InvalidAccessKeyId</Code></Error><RequestId>1</RequestId></ErrorResponse>'
)
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE Error [<!ENTITY a "NoSuchKey"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b"<Error><Code>&b;</Code></Error>"
)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, SWIFT),
        (403, document(" InvalidAccessKeyId ")),
        (403, b"\xef\xbb\xbf" + SWIFT),
        (403, b"\n<Error><Code>NoSuchKey</Code></Error>"),
        (403, b'<Error><Code xmlns="urn:x">NoSuchKey</Code></Error>'),
        (500, document("NoSuchKey")),
    ],
)
def test_a_refusal_that_both_know_passes(status: int, body: bytes) -> None:
    assert list(check_s3_answer(status, body)) == []


@pytest.mark.parametrize("code", ["SignatureDoesNotMatch", "AccessDenied"])
def test_other_refusals_of_s3_are_rejected_by_the_official_suite_only(code: str) -> None:
    [finding] = check_s3_answer(403, document(code))
    assert isinstance(finding, Finding)
    assert finding.basis is Basis.OFFICIAL
    assert finding.deviation
    assert finding.observed == f"HTTP 403, error code '{code}'"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b""),
        (404, b"<html><h1>Not Found</h1></html>"),
        (404, b'{"error": {"code": "InvalidAccessKeyId"}}'),
        (403, document("QuotaExceeded")),
        (403, document("")),
        (403, document("InvalidAccessKeyId", root="Fault")),
        (403, SWIFT[:-3]),
        (403, b"\n" + SWIFT),  # the declaration has to come first
        (403, b"<Response><Errors><Error><Code>NoSuchKey</Code></Error></Errors></Response>"),
        (403, SWIFT + b"<x/>"),
        (403, BOMB),
        (403, b"<!doctype html><Error><Code>NoSuchKey</Code></Error>"),
        (403, SWIFT.decode().encode("utf-16")),
        (302, b""),
        (200, b"<p>welcome<br>"),
        (200, b"welcome"),
    ],
)
def test_any_other_answer_is_no_s3_api(status: int, body: bytes) -> None:
    [finding] = check_s3_answer(status, body)
    assert isinstance(finding, Finding)
    assert (finding.basis, finding.deviation) == (Basis.BOTH, "")
    assert finding.observed.startswith(f"HTTP {status}, ")


@pytest.mark.parametrize(
    ("status", "body", "shown"),
    [
        (503, b"Service Unavailable", "HTTP 503, no S3 error document, but 'Service Unavailable'"),
        (504, b"", "HTTP 504, an empty answer"),
        (429, b"", "HTTP 429, an empty answer"),
        (503, document("SlowDown"), "HTTP 503, SlowDown"),
        (500, document("InternalError"), "HTTP 500, InternalError"),
        (403, document("RequestTimeTooSkewed"), "HTTP 403, RequestTimeTooSkewed"),
    ],
)
def test_an_outage_is_undecided_by_the_text(status: int, body: bytes, shown: str) -> None:
    undecided, finding = check_s3_answer(status, body)
    assert isinstance(undecided, Undecided)
    assert undecided.basis is Basis.TEXT
    assert shown in undecided.reason
    assert isinstance(finding, Finding)
    assert (finding.basis, finding.deviation) == (Basis.OFFICIAL, "DEV-0123-2")


@pytest.mark.parametrize(
    "body", [b"", b"<html><h1>welcome</h1></html>", SWIFT, NAMESPACED, b"<ListBuckets/>", b'<?xml version="1.0"?><x/>']
)
def test_a_success_that_is_no_listing_is_a_violation_where_the_official_suite_aborts(body: bytes) -> None:
    finding, remark = check_s3_answer(200, body)
    assert isinstance(finding, Finding)
    assert finding.basis is Basis.BOTH
    assert isinstance(remark, Remark)
    assert remark.deviation == "DEV-0123-8"


def refusal(code: str, message: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


@pytest.mark.parametrize(
    ("status", "body", "official", "text", "row"),
    [
        (403, refusal("AccessDenied", "InvalidAccessKeyId: no such key"), "PASS", "PASS", ""),
        (403, refusal("SignatureDoesNotMatch", "NoSuchKey"), "PASS", "PASS", ""),
        (403, refusal("AccessDenied", "denied"), "FAIL", "PASS", "DEV-0123-2"),
        (404, refusal("Gone", "NoSuchKey: it went away"), "PASS", "FAIL", "DEV-0123-9"),
        (400, refusal("", "InvalidAccessKeyId"), "PASS", "FAIL", "DEV-0123-9"),
        (400, b"<Error><Message>InvalidAccessKeyId</Message></Error>", "PASS", "FAIL", "DEV-0123-9"),
        (400, refusal("MyNoSuchKeyError", ""), "PASS", "FAIL", "DEV-0123-9"),
        (503, refusal("SlowDown", "NoSuchKey"), "PASS", "ABORT", "DEV-0123-9"),
        (503, refusal("SlowDown", "slow down"), "FAIL", "ABORT", "DEV-0123-2"),
        (400, refusal("Gone", "nosuchkey"), "FAIL", "FAIL", ""),
        (404, b"<html><p>NoSuchKey</p></html>", "FAIL", "FAIL", ""),
        (404, b"NoSuchKey", "FAIL", "FAIL", ""),
        # As botocore reads it: no code in a namespace, but one of an error in whatever it may be in.
        (404, NAMESPACED, "FAIL", "PASS", "DEV-0123-10"),
        (403, b'<s:Error xmlns:s="x"><s:Code>InvalidAccessKeyId</s:Code></s:Error>', "FAIL", "PASS", "DEV-0123-10"),
        (403, b'<Error xmlns="x"><Code>AccessDenied</Code></Error>', "FAIL", "PASS", "DEV-0123-2"),
        (403, b'<Error xmlns="x"><Code>Gone</Code><Message>NoSuchKey</Message></Error>', "FAIL", "FAIL", ""),
        (403, WRAPPED, "PASS", "FAIL", "DEV-0123-10"),
        (503, WRAPPED, "PASS", "ABORT", "DEV-0123-10"),
    ],
)
def test_the_official_suite_reads_errors_otherwise(
    status: int, body: bytes, official: str, text: str, row: str
) -> None:
    found = list(check_s3_answer(status, body))

    def verdict(judge: Judge) -> str:
        if any(isinstance(entry, Finding) and entry.basis.concerns(judge) for entry in found):
            return "FAIL"
        return "ABORT" if any(isinstance(one, Undecided) and one.basis.concerns(judge) for one in found) else "PASS"

    assert (verdict(Judge.OFFICIAL), verdict(Judge.TEXT)) == (official, text)
    assert {entry.deviation for entry in found if not isinstance(entry, Undecided)} == (
        {row} if row or found else set()
    )


ENABLE = "rgw_enable_apis 's3"


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("InvalidAccessKeyId", "rgw_s3_auth_use_keystone"),
        ("SignatureDoesNotMatch", "rgw_dns_name"),
        ("NotImplemented", "switched off"),
        ("AccessDenied", "operator_roles"),
        ("MethodNotAllowed", "switched off"),
        ("NoSuchUpload", "log"),
        ("", ENABLE),
    ],
)
def test_the_mend_of_a_step_follows_the_code(code: str, word: str) -> None:
    [finding] = check_roundtrip(roundtrip(403, code))
    assert isinstance(finding, Finding)
    assert word in finding.hint
    # An S3 API that has just answered need not be enabled.
    assert (ENABLE in finding.hint) == (not code)


def test_an_unexpected_code_is_shown() -> None:
    [finding] = check_s3_answer(403, document("QuotaExceeded"), "https://swift.example:8080")
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.title) == (
        "scs-0123/s3_refuses_unknown_key",
        "an S3 API refuses an unknown access key",
    )
    assert finding.resource == "S3 API at https://swift.example:8080"
    assert finding.observed == "HTTP 403, error code 'QuotaExceeded'"
    assert "log of the S3 API" in finding.hint


def test_a_foreign_answer_is_quoted_briefly_and_without_control_characters() -> None:
    [finding] = check_s3_answer(404, b"<h1>Not\x1b[31m\x00 Found</h1>\r\n" + b"x" * 500)
    assert isinstance(finding, Finding)
    assert "Not [31m Found" in finding.observed
    assert finding.observed.isprintable()
    assert len(finding.observed) < 120


def test_a_listing_is_undecided_for_both() -> None:
    [undecided] = check_s3_answer(200, LISTING)
    assert isinstance(undecided, Undecided)
    assert undecided.basis is Basis.BOTH


def test_a_huge_listing_is_recognised_by_its_beginning() -> None:
    [undecided] = check_s3_answer(200, LISTING.replace(b"<Buckets/>", b"<Bucket/>" * 100_000))
    assert isinstance(undecided, Undecided)


def test_an_error_document_beyond_all_measure_is_none() -> None:
    padding = b"<x/>" * MOST_BYTES
    [finding] = check_s3_answer(403, SWIFT.replace(b"</Error>", padding + b"</Error>"))
    assert isinstance(finding, Finding)


def test_deep_nesting_does_no_harm() -> None:
    depth = MOST_BYTES // 8
    assert len(list(check_s3_answer(403, b"<a>" * depth + b"</a>" * depth))) == 1


@given(st.integers(100, 599), st.binary(max_size=300) | st.text().map(str.encode))
def test_any_answer_can_be_judged(status: int, body: bytes) -> None:
    for observation in check_s3_answer(status, body):
        assert str(observation)


@pytest.mark.parametrize(
    ("endpoint", "base"),
    [
        ("https://swift.example:8080/v1/AUTH_%(tenant_id)s", "https://swift.example:8080"),
        ("https://swift.example", "https://swift.example"),
        ("https://swift.example?x#y", "https://swift.example"),
        ("http://swift.example:8080", "http://swift.example:8080"),
        ("HTTPS://Swift.Example/swift/v1", "https://swift.example"),
        ("http://[2001:db8::1]:8080/v1", "http://[2001:db8::1]:8080"),
        ("http://[2001:db8::1]", "http://[2001:db8::1]"),
        ("https://user:secret@swift.example/v1", "https://swift.example"),
        (" https://swift.example/ ", "https://swift.example"),
    ],
)
def test_the_base_url_keeps_scheme_host_and_port(endpoint: str, base: str) -> None:
    assert s3_base_url(endpoint) == base


@pytest.mark.parametrize(
    "endpoint",
    [
        None,
        "",
        "swift.example:8080",
        "/v1",
        "ftp://swift.example/",
        "https://",
        "https:///v1",
        "https://:8080/",
        "http://swift.example:99999/",
        "http://swift.example:x/",
        "http://[2001:db8::1/",
        "http://a b/",
    ],
)
def test_an_unusable_endpoint_is_inconclusive(endpoint: str | None) -> None:
    with pytest.raises(Inconclusive, match="object store in the catalog is no usable URL"):
        s3_base_url(endpoint)


@given(st.text() | st.text().map(lambda text: f"https://{text}"))
def test_a_base_url_always_names_a_host_or_is_refused(endpoint: str) -> None:
    try:
        base = s3_base_url(endpoint)
    except Inconclusive:
        return
    scheme, _, host = base.partition("://")
    assert scheme in ("http", "https")
    assert host
    assert s3_base_url(base) == base


def test_a_cloud_without_s3_is_told_to_install_it_and_to_register_an_endpoint() -> None:
    [finding] = check_roundtrip(S3Roundtrip(offered=False))
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.title) == ("scs-0123/s3_offered", "offers S3")
    assert finding.hint == (
        "install an S3 API (of Ceph or Swift) if it is not there yet; then: openstack service create --name s3 "
        "object-store-s3 && openstack endpoint create --region REGION s3 public URL"
    )


def roundtrip(status: int, reason: str = "", *, ok: bool = False) -> S3Roundtrip:
    return S3Roundtrip(True, "https://s3", (S3Step("list the bucket", status, ok, reason),))


@pytest.mark.parametrize(
    ("status", "reason", "denied"),
    [
        (403, "AccessDenied", True),
        (404, "", True),
        (405, "MethodNotAllowed", True),
        (501, "NotImplemented", True),
        (200, "the object is not in the listing", True),
        (299, "", True),
        (300, "", False),
        (301, "", False),
        (403, "RequestTimeTooSkewed", False),
        (403, "QuotaExceeded", False),
        (400, "", False),
        (500, "", False),
        (0, "no answer", False),
    ],
)
def test_only_what_is_denied_or_wrong_is_a_violation(status: int, reason: str, denied: bool) -> None:
    [found] = check_roundtrip(roundtrip(status, reason))
    assert isinstance(found, Finding if denied else Undecided)
    assert found.resource == "S3 API at https://s3"
    if isinstance(found, Finding):
        assert (found.rule, found.title) == ("scs-0123/s3_usable", "a member can list the bucket")
        assert found.observed == f"HTTP {status}" + (f" ({reason})" if reason else "")
    else:
        assert found.reason.startswith(f"trying to list the bucket: HTTP {status}" if status else reason)


def test_steps_that_succeed_yield_nothing_whatever_the_status() -> None:
    last = S3Step("delete the bucket", 409, True, "")
    whole = dataclasses.replace(roundtrip(409, ok=True), steps=(*roundtrip(409, ok=True).steps, last))
    assert list(check_roundtrip(whole)) == []


@pytest.mark.parametrize("steps", [(), roundtrip(200, ok=True).steps])
def test_steps_without_the_last_one_show_nothing(steps: tuple[S3Step, ...]) -> None:
    [found] = check_roundtrip(S3Roundtrip(True, "https://s3", steps))
    assert isinstance(found, Undecided)
    assert found.reason == "what was seen ends before the last step: delete the bucket"


def test_an_s3_that_does_not_answer_is_undecided_by_the_text() -> None:
    undecided, finding = check_s3(S3Answer(True, "https://s3", problem="no connection"))
    assert isinstance(undecided, Undecided)
    assert (undecided.basis, undecided.reason) == (Basis.TEXT, "no connection")
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.deviation) == ("scs-0123/s3_answers", "DEV-0123-2")
