# SPDX-License-Identifier: Apache-2.0
"""What is told of an error: one line, whatever form the service gave it."""

from __future__ import annotations

import json

import pytest
import requests
from keystoneauth1 import exceptions

from pytest_scs.platforms.openstack.explain import explain, innermost, path_of, speaks_of_quota

PAGE = """<html>
 <head>
  <title>404 Not Found</title>
 </head>
 <body>
  <h1>404 Not Found</h1>
  No image found with ID &lt;x&gt;<br /><br />



 </body>
</html>"""


@pytest.mark.parametrize(
    ("details", "told"),
    [
        (PAGE, " (No image found with ID <x>)"),
        ("404 Not Found\n\nNo image found\n\n   ", " (404 Not Found No image found)"),
        ("it is < 5 and > 3", " (it is < 5 and > 3)"),
        ("", ""),
        ("x" * 300, f" ({'x' * 200})"),
    ],
)
def test_an_error_is_one_line(details: str, told: str) -> None:
    error = exceptions.NotFound(
        message="", details=details, method="GET", url="https://user:pass@host/v2/images/x?token=1", http_status=404
    )
    assert explain(error, "image") == f"the image service answered GET /v2/images/x with 404{told}"


def answered(status: int, body: object = None, **more: object) -> exceptions.HttpError:
    """What keystoneauth raises for an error status; ``body`` is that of the answer, as JSON."""
    response = requests.Response()
    response._content = b"no JSON" if body is None else json.dumps(body).encode()
    return exceptions.HttpError(
        message="", response=response, method="POST", url="https://host/v3/things", http_status=status, **more
    )


@pytest.mark.parametrize(
    "body",
    [
        {"badRequest": {"code": 400, "message": "so it\n is"}},
        {"NeutronError": {"type": "T", "message": "so it is", "detail": ""}},
        {"error": {"message": "so it is"}},
        {"title": "ignored", "description": "so it is"},
        {"code": 1, "title": "so it is"},
    ],
)
def test_every_service_has_a_form_of_its_own_to_say_why(body: object) -> None:
    told = explain(answered(400, body), "compute")
    assert told == "the compute service answered POST /v3/things with 400 (so it is)"


@pytest.mark.parametrize(
    ("service", "status", "said", "end"),
    [
        ("compute", 403, "Policy", "with 403 (Policy): the user lacks the permission; a user with role member must be"),
        ("identity", 403, "Policy", "with 403 (Policy): the user lacks the permission"),
        ("key-manager", 403, "Quota reached", "with 403 (Quota reached)"),
        ("compute", 406, "old", "(old): it does not know the microversion (Nova before Queens cannot be judged)"),
    ],
)
def test_some_answers_have_a_meaning(service: str, status: int, said: str, end: str) -> None:
    told = explain(answered(status, {"error": {"message": said}}), service)
    assert end in told
    assert told.endswith("permission") is (service == "identity")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            exceptions.EndpointNotFound("x"),
            "the catalog has no usable image endpoint (region or interface in clouds.yaml may be wrong)",
        ),
        (
            exceptions.SSLError("SSL exception: [SSL: X] certificate verify failed: expired (_ssl.c:1006)"),
            "TLS to the image service failed: expired; see verify and cacert in clouds.yaml",
        ),
        (
            exceptions.SSLError(
                "SSL exception connecting to https://host/v2: [SSL] record layer failure (_ssl.c:1006)"
            ),
            "TLS to the image service failed: that port does not speak TLS; perhaps it is http://, or the port is "
            "wrong; correct its endpoint in the catalog",
        ),
        (
            exceptions.SSLError(
                "(Caused by SSLError(SSLError(1, '[SSL: X] tlsv13 alert certificate required (_ssl.c:1)')))"
            ),
            "TLS to the image service failed: tlsv13 alert certificate required; see cert and key in clouds.yaml",
        ),
        (
            exceptions.SSLError("/v2 (Caused by SSLError(SSLEOFError(8, 'EOF occurred in violation of protocol')))"),
            "TLS to the image service failed: EOF occurred in violation of protocol; see verify and cacert in "
            "clouds.yaml",
        ),
        (
            exceptions.ConnectTimeout("Request to https://host:9292/v2 timed out"),
            "the image service did not answer in time: https://host:9292/v2",
        ),
        (
            exceptions.ConnectFailure("Unable to establish connection to https://host/v2: Connection refused"),
            "no connection to the image service: https://host/v2: Connection refused",
        ),
        (
            exceptions.ConnectFailure("Unable to establish connection to http://[::1]:9/v2: [Errno 111] x: no route"),
            "no connection to the image service: http://[::1]:9/v2: no route",
        ),
        (
            exceptions.ConnectFailure("Unable to establish connection to http://me:1234@host:9/v2?token=1: x: refused"),
            "no connection to the image service: http://host:9/v2: refused",
        ),
        (exceptions.ConnectFailure("gone"), "no connection to the image service: unknown address: gone"),
        (ValueError("some\nthing"), "the image service cannot be used: some thing"),
    ],
)
def test_what_is_no_answer_is_said_in_words(error: Exception, told: str) -> None:
    assert explain(error, "image") == told


def test_a_quota_is_told_from_a_permission_by_its_word() -> None:
    assert speaks_of_quota("Quota exceeded for instances")
    assert not speaks_of_quota("Policy does not allow this")


def test_a_path_names_neither_user_nor_host() -> None:
    assert path_of("https://user:secret@host:1/a/b?token=x#y") == "/a/b"
    assert path_of(None) == ""


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        (
            "HTTPSConnectionPool(host='h'): Max retries (Caused by X('[Errno 111] Connection refused'))",
            "Connection refused",
        ),
        ("('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))", "Connection reset by peer"),
        (
            "(\"Connection broken: ConnectionResetError(104, 'Connection reset by peer')\", "
            "ConnectionResetError(104, 'Connection reset by peer'))",
            "Connection reset by peer",
        ),
        ("('Connection aborted.', OSError(-2, \"it's gone\"))", "it's gone"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_the_innermost_clause_says_something(text: str, clause: str) -> None:
    assert innermost(Exception(text)) == clause
