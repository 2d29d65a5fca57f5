# SPDX-License-Identifier: Apache-2.0
"""Secrets that nobody told us of are known by their form; sentences about secrets stay."""

from __future__ import annotations

import pytest

from pytest_scs.base.redact import Redactor

JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6IiJ9.eyJpc3MiOiJrdWJlcm5ldGVzL3NlcnZpY2VhY2NvdW50In0.c2lnbmF0dXJl_-x"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7\nbXlrZXk=\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"got {JWT} from it", "got *** from it"),
        (f"Authorization: Bearer {JWT}", "Authorization: Bearer ***"),
        ("authorization: Basic YWRtaW46cHc=", "authorization: Basic ***"),
        ("X-Forwarded-Authorization: token-of-mine", "X-Forwarded-Authorization: ***"),
        ("answered 'Bearer abc.DEF-123~+/='", "answered 'Bearer ***'"),
        ("Basic YWRtaW46cHc=, again", "Basic ***, again"),
        ('{"X-Auth-Token": "0123abcd"}', '{"X-Auth-Token": "***"}'),
        ("X-Subject-Token: 0123abcd, then", "X-Subject-Token: ***, then"),
        ("[('x-auth-token', 'q1w2e3r4')]", "[('x-auth-token', '***')]"),
        ("Set-Cookie: session=abc123; path=/", "Set-Cookie: ***"),
        (f"key: {PEM} end", "key: *** end"),
        (repr(PEM), "'***'"),
        (PEM[:60] + "... cut", "***"),
        ("client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0t", "client-key-data: ***"),
        ("data LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0t x", "data *** x"),
        ("    token: eW91IGFyZQ\n    user: x", "    token: ***\n    user: x"),
        ("password: correct-horse", "password: ***"),
        ("password = hunter22, user = me", "password = ***, user = me"),
        ('{"auth": {"password": "it is secret", "user": "x"}}', '{"auth": {"password": "***", "user": "x"}}'),
        ("{&quot;password&quot;: &quot;a b c&quot;}", "{&quot;password&quot;: &quot;***&quot;}"),
        ("{'adminPass': 'x7Yz', 'id': 'x'}", "{'adminPass': '***', 'id': 'x'}"),
        ("OS_PASSWORD=hunter22 OS_USERNAME=me", "OS_PASSWORD=*** OS_USERNAME=me"),
        ("secret_access_key=abc/DEF+123", "secret_access_key=***"),
        (
            "GET /v1/b?X-Amz-Credential=AKIA%2F&X-Amz-Signature=abc&x=1",
            "GET /v1/b?X-Amz-Credential=***&X-Amz-Signature=***&x=1",
        ),
        (
            "/v1/AUTH_x/c/o?temp_url_sig=da39a3ee&temp_url_expires=1",
            "/v1/AUTH_x/c/o?temp_url_sig=***&temp_url_expires=1",
        ),
        ("https://h.example/?token=abc123", "https://h.example/?token=***"),
        ("https://:pw@h.example/", "https://***@h.example/"),
        ("join abcdef.0123456789abcdef now", "join abcdef.0123456789abcdef now"),
        ("join 07401b.f395accd246ae52d now", "join *** now"),
        ("glpat-0123456789abcdefghij", "***"),
    ],
)
def test_a_secret_is_known_by_its_form(text: str, masked: str) -> None:
    assert Redactor()(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "identity POST /v3/auth/tokens: token: expected an object, found nothing",
        "X-Subject-Token: missing",
        "the header X-Auth-Token is missing",
        "the user name, the password, or the application credential in clouds.yaml are wrong",
        "password is missing; set password or auth_type in clouds.yaml",
        "Basic authentication is not offered",
        "bearer tokens are no longer accepted",
        "scs-0116-permissions: 1 of 1 secrets violate the rule",
        "evidence: secrets: 3",
        "scs-0217-x-kubelet-authorization: kubelet of node worker-1: authorization.mode: found 'AlwaysAllow'",
        "secret: not removed",
        "openstack secret delete 4711",
        "see https://docs.scs.community/standards/scs-0100-v3-flavor-naming#key=value",
        "image_source=https://cloud-images.ubuntu.com/noble/20240703/noble-server-cloudimg-amd64.img",
        "token: /var/run/secrets",
        "-----BEGIN CERTIFICATE----- MIIB -----END CERTIFICATE-----",
    ],
)
def test_a_sentence_about_secrets_stays(text: str) -> None:
    assert Redactor()(text) == text


@pytest.mark.parametrize("text", [JWT, PEM, "password: hunter22", "Authorization: Bearer abc123x", "https://a:b@c/"])
def test_what_is_masked_stays_as_it_is(text: str) -> None:
    once = Redactor()(text)
    assert Redactor()(once) == once


ORDINARY = ["wrong", "demo", "test", "admin", "Cloud", "password", "secret", "abc", "2026", "openstack"]


@pytest.mark.parametrize("secret", ORDINARY)
def test_an_ordinary_word_masks_no_sentence(secret: str) -> None:
    redact = Redactor()
    redact.add([secret])
    word = secret
    assert redact(f"the user name is {word}, said the cloud") == f"the user name is {word}, said the cloud"


@pytest.mark.parametrize("secret", ORDINARY)
def test_an_ordinary_word_is_masked_where_it_is_a_value(secret: str) -> None:
    redact = Redactor()
    redact.add([secret])
    for text, masked in (
        (f"expected x, found {secret!r}", "expected x, found '***'"),
        (f'{{"password": "{secret}"}}', '{"password": "***"}'),
        (f"password: {secret}", "password: ***"),
        (f"OS_PASSWORD={secret} x", "OS_PASSWORD=*** x"),
        (f"no such token {secret}, sorry", "no such token ***, sorry"),
        (f"https://user:{secret}@host/", "https://***@host/"),
        (f"{{&quot;password&quot;: &quot;{secret}&quot;}}", "{&quot;password&quot;: &quot;***&quot;}"),
    ):
        assert redact(text) == masked


@pytest.mark.parametrize("secret", ORDINARY)
def test_an_ordinary_word_is_masked_in_the_names_of_a_cloud(secret: str) -> None:
    redact = Redactor()
    redact.add([secret])
    assert redact.value(f"SCS-{secret}") == "SCS-***"
    assert redact.value(f"x{secret}y") == f"x{secret}y"


def test_plain_data_is_masked_value_by_value() -> None:
    redact = Redactor()
    redact.add(['a"b\\c12'])
    data = {"id": 'a"b\\c12', "name": 'x a"b\\c12', "list": [1, None, True, {"deep": 'a"b\\c12'}], 'a"b\\c12': 1.5}
    assert redact.plain(data) == {
        "id": 'a"b\\c12',
        "name": "x ***",
        "list": [1, None, True, {"deep": "***"}],
        "***": 1.5,
    }


def test_plain_data_without_secrets_is_not_copied() -> None:
    redact = Redactor()
    redact.add(["hunter2000"])
    data = [{"name": "Ubuntu 24.04", "size": 7}]
    assert redact.plain(data) is data


def test_what_is_said_of_a_path_is_no_secret() -> None:
    said = "identity POST /v3/auth/tokens: token.roles: expected a list of objects, got nothing"
    assert Redactor()(said) == said
