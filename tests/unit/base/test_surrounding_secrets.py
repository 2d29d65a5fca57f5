# SPDX-License-Identifier: Apache-2.0
"""Secrets in the environment of a run."""

from __future__ import annotations

import base64

import pytest

from pytest_scs.base.surrounding_secrets import passwords_in, secrets_around

TOKEN = base64.b64encode(b"prod1:ca:nary-4711").decode()


@pytest.mark.parametrize(
    ("variables", "secrets"),
    [
        ({"SCS_TOKEN": f" {TOKEN}\n"}, {TOKEN, "ca:nary-4711"}),
        ({"SCS_TOKEN": "no token"}, {"no token"}),
        ({"SCS_TOKEN": base64.b64encode(b"prod1").decode()}, {base64.b64encode(b"prod1").decode()}),
        ({"SCS_TOKEN": ""}, set()),
        ({"https_proxy": "http://me:ca%2Fnary@proxy.example:3128"}, {"ca%2Fnary", "ca/nary"}),
        ({"ALL_PROXY": "socks5://me:canary@proxy.example"}, {"canary"}),
        ({"NO_PROXY": "localhost,.example", "HTTP_PROXY": "http://proxy.example"}, set()),
        ({"HTTPS_PROXY": "http://[::"}, set()),
        ({"HOME": "/home/me", "OTHER": "http://me:canary@example"}, set()),
    ],
)
def test_what_is_secret(variables: dict[str, str], secrets: set[str]) -> None:
    assert secrets_around(variables) == secrets


def test_an_address_without_a_password() -> None:
    assert [*passwords_in("http://me@proxy.example"), *passwords_in("")] == []
