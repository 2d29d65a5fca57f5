# SPDX-License-Identifier: Apache-2.0
"""What probes recorded becomes typed: also what older releases wrote, and nothing else."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import functools
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.standards.iaas.domain_manager import DomainManagers
from pytest_scs.standards.iaas.object_storage import S3Answer, S3Roundtrip
from pytest_scs.standards.iaas.tempest_outcomes import TempestRun
from pytest_scs.standards.iaas.tls_endpoints import TlsEndpoints

CERTIFICATE = {
    "type": "ecdsa",
    "bits": 256,
    "curve": "secp256r1",
    "signature": "1.2.840.10045.4.3.2",
    "not_before": "2026-06-01T00:00:00+00:00",
    "not_after": "2026-08-30T00:00:00+00:00",
    "subject": "CN=api.example",
    "names": ["api.example"],
    "chain": "",
    "chain_code": 0,
    "host": "api.example",
    "host_matches": True,
    "sha256": "00",
}
ENDPOINT = {
    "address": "https://api.example:5000",
    "host": "api.example",
    "port": 5000,
    "services": ["identity", "image"],
    "ignored": None,
    "tls": True,
    "addresses": ["192.0.2.1"],
    "reachable": True,
    "problem": "",
    "certificates": [CERTIFICATE],
    "scan": {
        "results": {
            "TLSv1.1": [],
            "TLSv1.2": [{"name": "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "curve": None, "dh_bits": 2048}],
            "curves": ["X25519"],
            "heartbleed": False,
            "robot": "NOT_VULNERABLE_RSA_NOT_SUPPORTED",
        },
        "errors": {"compression": "no idea"},
        "problem": "the time limit of 120 s is over",
    },
    "plain": [
        {"port": 80, "outcome": "answered", "status": 301, "location": "https://x", "api": False, "problem": ""},
        {"port": 5000, "outcome": "refused", "status": None, "location": None, "api": False, "problem": ""},
    ],
    "https": {"status": 200, "hsts": None, "problem": ""},
}
ROW = {
    "row": "U8",
    "block": "users",
    "actor": "A",
    "action": "create a user",
    "object": "foreign domain",
    "policy": "identity:create_user",
    "expected": "refused (403 or 404)",
    "observed": "201",
    "outcome": "violated",
    "reason": "",
}
OUTCOME = {
    "uuid": "e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59",
    "id": "tempest.api.compute.flavors.test_flavors.FlavorsV2TestJSON.test_list_flavors",
    "attributes": ["smoke"],
    "level": "class",
    "status": "failed",
    "reason": "x.Error: y",
    "error": "x.Error",
}

#: As this release records them.
RECORDED: dict[str, tuple[Callable[[Any], Any], dict[str, Any]]] = {
    "s3_answer": (
        S3Answer.from_plain,
        {"offered": True, "url": "https://x", "status": 403, "body": "<Error/>", "problem": ""},
    ),
    "s3_roundtrip": (
        S3Roundtrip.from_plain,
        {
            "offered": True,
            "url": "https://x",
            "steps": [{"step": "create a bucket", "status": 200, "ok": True, "reason": ""}],
        },
    ),
    "tls_endpoints": (
        TlsEndpoints.from_plain,
        {
            "scanner": {"name": "sslyze 6.3.1", "problem": ""},
            "store": "the system's store",
            "verify": True,
            "endpoints": [ENDPOINT],
            "unusable": [{"service": "dns", "problem": "no usable URL"}],
            "unmatched": ["x"],
        },
    ),
    "domain_manager": (DomainManagers.from_plain, {"given": True, "rows": [ROW], "foreign_domains": 2}),
    "tempest": (
        TempestRun.from_plain,
        {
            "given": True,
            "how": "ran",
            "problem": "",
            "version": "47.0.0",
            "finished": "2026-06-01T00:00:00+00:00",
            "seconds": 12,
            "config": {"services": ["compute"]},
            "tests": [OUTCOME],
            "teardowns": [{"id": "tearDownClass (x)", "reason": "r", "error": "e"}],
        },
    ),
}


def test_what_was_recorded_is_read_whole() -> None:
    read, data = RECORDED["tls_endpoints"]
    seen = read(data)
    (endpoint,) = seen.endpoints
    assert (seen.scanner, seen.scanner_problem, seen.unmatched) == ("sslyze 6.3.1", "", ("x",))
    assert seen.unusable[0].service == "dns"
    assert endpoint.label == "https://api.example:5000 (identity, image)"
    assert endpoint.scan.decided == {"TLSv1.1", "TLSv1.2", "curves", "heartbleed", "robot"}
    assert [suite.dh_bits for suite in endpoint.scan.offered()] == [2048]
    assert (endpoint.scan.suites["TLSv1.1"], endpoint.scan.answers["heartbleed"]) == ((), False)
    assert endpoint.certificates[0].not_after == dt.datetime(2026, 8, 30, tzinfo=dt.UTC)
    assert [(answer.port, answer.status) for answer in endpoint.plain] == [(80, 301), (5000, 0)]
    assert (endpoint.https.status, endpoint.https.hsts) == (200, None)
    read, data = RECORDED["s3_roundtrip"]
    assert [step.step for step in read(data).steps] == ["create a bucket"]
    read, data = RECORDED["domain_manager"]
    assert (str(read(data).rows[0]), read(data).foreign_domains) == ("U8: create a user (foreign domain)", 2)


def test_results_of_tempest_are_recorded_as_they_were_read() -> None:
    read, data = RECORDED["tempest"]
    again = read(data).to_plain()
    assert again == data
    assert json.loads(json.dumps(again)) == data
    assert read({**data, "finished": ""}).finished is None
    assert read({**data, "finished": ""}).to_plain()["finished"] == ""


@pytest.mark.parametrize(
    ("section", "without"),
    [
        ("s3_answer", ("problem",)),
        ("domain_manager", ("foreign_domains",)),
        ("tempest", ("given", "seconds")),
        ("tls_endpoints", ("unmatched",)),
    ],
)
def test_older_evidence_lacks_keys_and_newer_has_more(section: str, without: tuple[str, ...]) -> None:
    read, data = RECORDED[section]
    older = {key: value for key, value in data.items() if key not in without}
    read(older | {"something": "new"})


def test_older_tempest_results_say_by_how_whether_there_was_one() -> None:
    read, data = RECORDED["tempest"]
    del (older := dict(data))["given"]
    assert read(older).given
    assert not read({**older, "how": ""}).given


@pytest.mark.parametrize(
    ("section", "path", "value", "words"),
    [
        ("s3_answer", ("status",), "403", 's3_answer.status: expected an integer, got the text "403"'),
        (
            "s3_answer",
            ("status",),
            0,
            "s3_answer.status: expected an integer from 100 to 999, got the number 0",
        ),
        ("s3_answer", ("offered",), None, "s3_answer.offered: expected true or false, got null"),
        ("s3_roundtrip", ("steps",), {}, "s3_roundtrip.steps: expected a list of objects, got the object {}"),
        (
            "s3_roundtrip",
            ("steps", 0, "ok"),
            "yes",
            's3_roundtrip.steps[0].ok: expected true or false, got the text "yes"',
        ),
        (
            "tls_endpoints",
            ("endpoints", 0, "port"),
            None,
            "tls_endpoints.endpoints[0].port: expected an integer, got null",
        ),
        (
            "tls_endpoints",
            ("endpoints", 0, "scan", "results", "heartbleed"),
            0,
            "tls_endpoints.endpoints[0].scan.results.heartbleed: expected true, false or a text, got the number 0",
        ),
        (
            "tls_endpoints",
            ("endpoints", 0, "scan", "results", "TLSv1.2", 0, "name"),
            1,
            "tls_endpoints.endpoints[0].scan.results.TLSv1.2[0].name: expected a text, got the number 1",
        ),
        (
            "tls_endpoints",
            ("endpoints", 0, "certificates", 0, "not_after"),
            "2026-08-30T00:00:00",
            "tls_endpoints.endpoints[0].certificates[0].not_after: expected an instant with a time zone, got "
            'the text "2026-08-30T00:00:00"',
        ),
        (
            "tls_endpoints",
            ("endpoints", 0, "plain", 0, "status"),
            None,
            "tls_endpoints.endpoints[0].plain[0].status: expected an integer, got null",
        ),
        ("domain_manager", ("rows", 0, "outcome"), True, "domain_manager.rows[0].outcome: expected a text, got true"),
        (
            "tempest",
            ("tests", 0, "status"),
            "good",
            'tempest.tests[0].status: expected one of passed, failed, skipped, unknown, not-run, got the text "good"',
        ),
        (
            "tempest",
            ("finished",),
            "yesterday",
            'tempest.finished: expected an instant in ISO format, got the text "yesterday"',
        ),
    ],
)
def test_another_shape_is_refused_with_words(section: str, path: tuple[Any, ...], value: object, words: str) -> None:
    read, data = RECORDED[section]
    spoilt = copy.deepcopy(data)
    *way, last = path
    functools.reduce(lambda inside, key: inside[key], way, spoilt)[last] = value
    with pytest.raises(ValueError) as caught:
        read(spoilt)
    assert str(caught.value) == words


@pytest.mark.parametrize("section", RECORDED)
def test_a_key_that_was_always_there_has_to_be(section: str) -> None:
    read, data = RECORDED[section]
    first = next(key for key in data if key != "given" or section != "tempest")
    with pytest.raises(ValueError, match=rf"^{section}\.{first}: expected .*, got nothing$"):
        read({key: value for key, value in data.items() if key != first})


@given(
    section=st.sampled_from(sorted(RECORDED)),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    ),
    data=st.data(),
)
def test_nothing_makes_the_reader_stumble(section: str, value: object, data: st.DataObject) -> None:
    read, good = RECORDED[section]
    key = data.draw(st.sampled_from(sorted(good)))
    for spoilt in (value, {**good, key: value}):
        with contextlib.suppress(ValueError):
            read(spoilt)
