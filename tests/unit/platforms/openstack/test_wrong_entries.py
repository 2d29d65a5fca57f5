# SPDX-License-Identifier: Apache-2.0
"""Wrong entries of clouds.yaml, from the file to the login: one line that names the mistake, and the file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tls_server import closed_port, context

from pytest_scs.base.errors import InputError
from pytest_scs.base.redact import Redactor
from pytest_scs.core.subject import Subject
from pytest_scs.demo.openstack import launch
from pytest_scs.demo.openstack.directory import Assignment, role_id
from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.config import find_cloud, find_cloud_in
from pytest_scs.platforms.openstack.gather import gather

# What nobody should have to read: Python, libraries, request ids.
PYTHON = re.compile(r"Error\b|Exception|Traceback|__init__|argument|req-[0-9a-f]|NoneType|HTTPConnection|keystoneauth")

Say = Callable[..., str]


@pytest.fixture
def right(cloud: DemoCloud) -> dict[str, Any]:
    """The entry that is right."""
    entry: dict[str, Any] = yaml.safe_load(cloud.clouds_yaml("c"))["clouds"]["c"]
    return entry


@pytest.fixture
def say(tmp_path: Path) -> Say:
    """What is said of a cloud, given as entry or as text of the file; empty if its login succeeds."""

    def run(entry: Any, name: str = "c", deadline: float = 0) -> str:
        path = tmp_path / "clouds.yaml"
        path.write_text(entry if isinstance(entry, str) else yaml.safe_dump({"clouds": {name: entry}}))
        try:
            client = Client(find_cloud(name, [str(path)]), deadline)
        except InputError as error:
            text = str(error)
        else:
            subject = Subject("openstack", name)
            refusal = gather(subject, client, [], skip_preflight=False, redact=Redactor()).refusal
            if refusal is None:
                return ""
            text = str(refusal)
        assert not PYTHON.search(text), text
        assert "\n" not in text
        assert str(path) in text
        return text.replace(str(path), "FILE")

    return run


def changed(entry: dict[str, Any], beside: dict[str, Any], auth: dict[str, Any]) -> dict[str, Any]:
    """An entry with other values; None takes a key away."""
    merged = {**entry, **beside, "auth": {**entry["auth"], **auth}}
    return {
        key: {inner: one for inner, one in value.items() if one is not None} if key == "auth" else value
        for key, value in merged.items()
        if value is not None
    }


CREDENTIAL = {"application_credential_id": "i", "application_credential_secret": "s3cr3t"}
NO_PASSWORD = {"username": None, "password": None, "user_domain_name": None, "project_name": None}
NO_PASSWORD |= {"project_domain_name": None}

TYPE = "auth_type: v3applicationcredential is missing"


@pytest.mark.parametrize(
    ("beside", "auth", "words"),
    [
        # auth_type and what it takes
        ({}, {**NO_PASSWORD, **CREDENTIAL}, f"there is application_credential_id, so {TYPE}"),
        ({}, {**NO_PASSWORD, **CREDENTIAL, "username": "u"}, f"there is application_credential_id, so {TYPE}"),
        ({}, CREDENTIAL, f"there is application_credential_id, so {TYPE}"),
        (CREDENTIAL, NO_PASSWORD, f"there is application_credential_id, so {TYPE}"),
        (
            {"auth_type": "v3applicationcredential"},
            {**NO_PASSWORD, **CREDENTIAL, "username": "u"},
            "leave out username: the id of an application credential says whose it is",
        ),
        (
            {"auth_type": "v3applicationcredential"},
            CREDENTIAL,
            "auth has password beside an application credential; leave out one of the two",
        ),
        (
            {"auth_type": "v3applicationcredential"},
            {**NO_PASSWORD, "application_credential_name": "n", "application_credential_secret": "s3cr3t"},
            "auth lacks username or user_id: the name of an application credential alone does not tell whose",
        ),
        ({}, {**NO_PASSWORD, "token": "s3cr3t"}, "there is token, so auth_type: v3token is missing"),
        ({"auth_type": "Password"}, {}, "there is no auth_type 'Password'; did you mean 'password'?"),
        ({"auth_type": "applicationcredential"}, {}, "did you mean 'v3applicationcredential'?"),
        (
            {"auth_type": "v2password"},
            {},
            "is of the identity API v2.0, which clouds do not have any more; use password",
        ),
        (
            {"auth_type": "v3token"},
            {"token": "s3cr3t"},
            "auth has the key password, which auth_type v3token does not take",
        ),
        (
            {"auth_type": "admin_token"},
            {**NO_PASSWORD, "auth_url": None, "endpoint": "http://h", "token": "s3cr3t"},
            "auth_type admin_token logs in nowhere, so nobody knows roles and endpoints",
        ),
        # keys in another place, or of another name
        ({}, {"region_name": "RegionOne"}, "region_name stands in auth; it belongs beside auth, in the entry itself"),
        ({}, {"verify": False}, "verify stands in auth; it belongs beside auth"),
        ({}, {"auth_type": "password"}, "auth_type stands in auth; it belongs beside auth"),
        ({}, {"volume_api_version": "3"}, "volume_api_version stands in auth; it belongs beside auth"),
        ({}, {"auth": {"username": "u"}}, "auth stands in auth; write its keys into the outer one"),
        (
            {},
            {"passwort": "s3cr3t", "password": None},
            "the key passwort, which auth_type password does not take; did you",
        ),
        ({}, {"user": "u"}, "auth has the key user, which there is not; write username in auth"),
        ({}, {"default_domain": "Default"}, "default_domain, which there is not; write user_domain_name and"),
        ({}, {"colour": "red"}, "auth has the key colour, which auth_type password does not take; leave it out"),
        ({}, {"auth_url": None}, "auth lacks auth_url"),
        ({"profile": "nobodys"}, {"auth_url": None}, "there is no profile nobodys; there is no clouds-public.yaml in "),
        ({"cloud": "nobodys"}, {"auth_url": None}, "there is no profile nobodys; "),
        ({"profile": "vexxhots"}, {"auth_url": None}, "there is no profile vexxhots; did you mean 'vexxhost'?"),
        # the address
        ({}, {"auth_url": "http://h:5000/v3;"}, "auth_url has a character that cannot be in a URL"),
        ({}, {"auth_url": "http://h:5000/v3 # ours"}, "auth_url has a character that cannot be in a URL"),
        ({}, {"auth_url": "http://h:99999/v3"}, "auth_url has no valid host and port"),
        ({}, {"auth_url": "http://[::1/v3"}, "auth_url has no valid host and port"),
        ({}, {"auth_url": "http://.example/v3"}, "auth_url has no valid host"),
        ({}, {"auth_url": "https://https://h/v3"}, "auth_url has :// twice"),
        ({}, {"auth_url": "https://<keystone>/v3"}, "auth_url has a placeholder in <> that nobody has filled in"),
        ({}, {"auth_url": "https://u:s3cr3t@h/v3"}, "auth_url has a user or password before @"),
        ({}, {"auth_url": "https://h/v3?x=1"}, "auth_url must not have a part that begins with ? or #"),
        ({}, {"auth_url": "https://h/v3/auth/tokens"}, "auth_url ends with /auth/tokens; leave that out"),
        (
            {},
            {"auth_url": "https://{place}.example/v3"},
            "auth_url has braces, which openstacksdk takes for a placeholder",
        ),
        # values of another kind
        ({}, {"password": True}, "auth: password is a truth value"),
        ({}, {"password": ["s3cr3t"]}, "auth: password is a list; write a text, in quotes"),
        ({}, {"auth_url": {"a": "b"}}, "auth: auth_url is a mapping; write a text, in quotes"),
        ({"auth_type": ["password"]}, {}, "auth_type is a list, not a text"),
        ({"region_name": {"a": "b"}}, {}, "region_name is a mapping, not the name of a region"),
        (
            {"regions": [{"values": {"a": "s3cr3t"}}]},
            {},
            "regions has an entry that is not just a name, or name and values",
        ),
        ({"networks": ["a"]}, {}, "networks is not a list of mappings, each with a name"),
        ({"api_timeout": "long"}, {}, "api_timeout is not a number of seconds"),
        ({"verify": "False"}, {}, "verify is text; write true or false without quotes"),
        ({"cacert": "/none/ca.pem"}, {}, "cacert names /none/ca.pem, which does not exist"),
        ({"cacert": __file__.replace("test_wrong_entries", "conftest")}, {}, "which holds no certificate in PEM form"),
        ({"key": "/none/key.pem", "cert": "/none/c.pem"}, {}, "cert names /none/c.pem, which does not exist"),
        # what only the login shows
        ({}, {"password": "s3cr3t"}, "authentication was refused (401): wrong user, password, secret or project"),
        ({}, {"password": 123}, "; password is a number to YAML, which may change it; put it in quotes; see its auth"),
        ({}, {"project_name": "s3cr3t"}, "authentication was refused (401): wrong user, password, secret or project"),
        (
            {},
            {"user_domain_name": "x"},
            "wrong user, password, secret or project, or one of their domains; see its auth",
        ),
        ({}, {"user_domain_name": None}, "authentication was refused (400): auth lacks user_domain_name; see its auth"),
        (
            {"default_domain": "Default"},
            {"user_domain_name": None, "project_domain_name": None},
            "default_domain is no key of clouds.yaml; write user_domain_name and project_domain_name in auth",
        ),
        (
            {"region_name": "Nowhere"},
            {},
            "region 'Nowhere' of clouds.yaml is not in the catalog; known: RegionOne; see",
        ),
        (
            {"auth_type": "v3applicationcredential"},
            {**NO_PASSWORD, **CREDENTIAL},
            "refused (401): the application credential is unknown, expired or deleted, or its secret is wrong; see",
        ),
        (
            {"auth_type": "v3token"},
            {**NO_PASSWORD, "token": "s3cr3t"},
            "refused (401): the token is expired or invalid; see",
        ),
        (
            {},
            {"project_name": None, "project_domain_name": None, "system_scope": "all"},
            "or no role by system_scope; a cloud is judged as a user of a project: write project_name; see its auth",
        ),
    ],
)
def test_mistake_is_named_in_the_words_of_the_file(
    say: Say, right: dict[str, Any], beside: dict[str, Any], auth: dict[str, Any], words: str
) -> None:
    said = say(changed(right, beside, auth))
    assert words in said
    assert "s3cr3t" not in said


@pytest.mark.parametrize(
    "beside", [{"password": "auth"}, {"auth_url": "auth"}, {"username": "auth", "password": "auth"}]
)
def test_what_openstacksdk_finds_beside_auth_is_no_mistake(
    say: Say, right: dict[str, Any], beside: dict[str, str]
) -> None:
    moved = {key: right["auth"][key] for key in beside}
    assert say(changed(right, moved, dict.fromkeys(beside))) == ""


@pytest.mark.parametrize("path", ["/identity", "/identity/v3", "/identity/v3/"])
def test_right_addresses(say: Say, cloud: DemoCloud, right: dict[str, Any], path: str) -> None:
    assert say(changed(right, {}, {"auth_url": cloud.url + path})) == ""


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "what is there is something else, it answers GET with 403"),
        ("/v3", "what is there is something else, it answers GET with 404"),
        ("/nothing", "what is there is something else, it answers GET with 404"),
        ("/compute/v2.1", "that address belongs to another service (compute), it answers GET with 200"),
        ("/image", "that address belongs to another service (image), it answers GET with 300"),
        ("/networking", "that address belongs to another service (network), it answers GET with 404"),
        ("/key-manager", "that address belongs to another service (key-manager), it answers GET with 300"),
    ],
)
def test_address_of_something_else_is_asked_once_and_the_right_one_told(
    say: Say, state: CloudState, cloud: DemoCloud, right: dict[str, Any], path: str, words: str
) -> None:
    said = say(changed(right, {}, {"auth_url": cloud.url + path}), deadline=60)
    beginning = f"cloud c: no identity service answers at auth_url {cloud.url}{path}: "
    assert said == f"{beginning}{words}; an identity service answers at {cloud.url}/identity/v3; see FILE"
    # A second try would find the same.
    assert len([one for one in state.requests if one.path.rstrip("/") == path]) <= 4


def test_address_where_nobody_answers(say: Say, right: dict[str, Any]) -> None:
    for path in ("/v3", ""):
        url = f"http://127.0.0.1:{closed_port()}{path}"
        said = say(changed(right, {}, {"auth_url": url}))
        assert said == f"cloud c: no identity service answers at auth_url {url}: Connection refused; see FILE"


@pytest.mark.parametrize("path", ["/identity/v3", "", "/v3"])
def test_tls_to_a_port_without(say: Say, cloud: DemoCloud, right: dict[str, Any], path: str) -> None:
    url = cloud.url.replace("http:", "https:") + path
    said = say(changed(right, {}, {"auth_url": url}), deadline=60)
    words = "that port does not speak TLS; perhaps it is http://, or the port is wrong"
    assert said == f"cloud c: TLS to the identity service at {url} failed: {words}; see FILE"


@pytest.mark.parametrize("path", ["/v3", ""])
def test_untrusted_certificate_is_said_at_once(
    say: Say, right: dict[str, Any], path: str, authority: Any, tls_server: Callable[..., Any]
) -> None:
    server = tls_server(context(authority.issue()))
    url = f"https://127.0.0.1:{server.port}{path}"
    said = say(changed(right, {}, {"auth_url": url}), deadline=60)
    assert said.startswith(f"cloud c: TLS to the identity service at {url} failed: ")
    assert "certificate" in said
    assert said.endswith("; see verify and cacert there; see FILE")


def test_http_to_a_port_with_tls(
    say: Say, right: dict[str, Any], authority: Any, tls_server: Callable[..., Any]
) -> None:
    url = f"http://127.0.0.1:{tls_server(context(authority.issue())).port}/v3"
    assert f"no identity service answers at auth_url {url}: that port speaks TLS; write https://" in say(
        changed(right, {}, {"auth_url": url})
    )


def test_identity_service_that_is_broken_is_no_wrong_address(
    say: Say, state: CloudState, right: dict[str, Any]
) -> None:
    state.faults.append(Fault("GET", "/identity", status=503))
    state.faults.append(Fault("GET", "/identity/v3", status=503))
    said = say(right)
    assert "with 503" in said
    assert "another service" not in said


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "The password is expired and needs to be changed for user: x.",
            "; it says: The password is expired and needs to",
        ),
        ("The account is locked for user: x", "; it says: The account is locked for user: x; see"),
        ("The request you have made requires authentication. (Request-ID: req-0-0)", "or one of their domains; see"),
    ],
)
def test_reason_that_keystone_gives_is_passed_on(
    say: Say, state: CloudState, right: dict[str, Any], said: str, words: str
) -> None:
    body = json.dumps({"error": {"code": 401, "message": said, "title": "Unauthorized"}})
    state.faults.append(Fault("POST", "/identity/v3/auth/tokens", status=401, body=body))
    assert words in say(right)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("clouds:\n\tc: 1", "line 2, column 1: found character '\\t' that cannot start any token; indent with blanks"),
        ("clouds: {c: {auth: {password: *s3cr3t}}}", "found undefined alias; a value that begins with one of ! & * %"),
        ("clouds: {c: {auth: {password: !s3cr3t }}}", "could not determine a constructor for the tag; a value that"),
        ("clouds: {c: {auth: {password: !!bool s3cr3t}}}", "a value begins with a YAML tag (!) that does not fit"),
        ("clouds:\n  c:\n    p: @s3cr3t", "found character '@' that cannot start any token; a value that begins with"),
        ("clouds:\n  c:\n    p: a: s3cr3t", "mapping values are not allowed here; a value with a colon and a blank"),
        ("clouds: {c: {auth: {d: 2026-02-30}}}", "a value is not what it looks like, such as the date 2026-02-30"),
        ("clouds: {c: {auth: {d: 2026-02-20}}}", "auth: d is a date; write a text, in quotes"),
        ("clouds: \0", "a character that YAML does not allow (at 8)"),
        ("clouds: " + "[" * 3000, "nested deeper than 40 levels; it cannot be a clouds.yaml"),
        ("clouds: " + "[" * 60 + "]" * 60, "nested deeper than 40 levels; it cannot be a clouds.yaml"),
        ("clouds: &a {c: *a}", "nested deeper than 40 levels; it cannot be a clouds.yaml"),
        ("#" * (1 << 20) + "\n", "it is larger than 1024 KiB; it cannot be what it should be"),
        ("clouds:\n  c:\n  auth:\n    username: u\n", "the entry is empty, and auth stands beside it; indent its keys"),
        ("clouds: {c: {auth: {}}}\ncache: 5", "cache is a number, not a mapping"),
        (
            "clouds: {c: {auth: {}}}\nmetrics: {statsd: 5}",
            "a section beside clouds (cache, client, metrics) does not have",
        ),
        ("clouds: {c: {1: 2}}", "the key 1 is a number, not a word"),
        ("clouds: [c]", "has no entries; they stand in a mapping with the key clouds"),
    ],
)
def test_broken_files(say: Say, text: str, words: str) -> None:
    said = say(text)
    assert words in said
    assert "s3cr3t" not in said


def test_anchors_that_grow_without_bound(say: Say) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]" for old, new in zip("abcde", "bcdef", strict=True)]
    assert "its anchors make more than 100000 values" in say("\n".join([*lines, "clouds: {c: {}}"]))


@pytest.mark.parametrize("name", ["1", "1.5", "True"])
def test_name_that_yaml_reads_as_something_else(say: Say, name: str) -> None:
    assert "YAML does not read the name as text; put it in quotes" in say(f"clouds: {{{name}: {{}}}}", name)


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        (
            ["reader"],
            "the application credential does not have the role member in its project (roles found: reader); its ",
        ),
        (["member", "admin"], "the user has the role admin"),
    ],
)
def test_roles_of_an_application_credential(
    say: Say, state: CloudState, right: dict[str, Any], roles: list[str], words: str
) -> None:
    state.roles[:] = roles
    auth = {
        "auth_url": right["auth"]["auth_url"],
        "application_credential_id": state.application_credential_id,
        "application_credential_secret": state.application_credential_secret,
    }
    said = refusal_of({"auth": auth, "auth_type": "v3applicationcredential"})
    assert words in said
    assert "role add" not in said


def refusal_of(entry: dict[str, Any], *, skip_preflight: bool = False) -> str:
    region = find_cloud_in(yaml.safe_dump({"clouds": {"c": entry}}), "c")
    found = gather(Subject("openstack", "c"), Client(region, 0), [], skip_preflight=skip_preflight, redact=Redactor())
    return str(found.refusal or "")


def test_reader_gets_advice_that_helps(say: Say, state: CloudState, right: dict[str, Any]) -> None:
    state.roles[:] = ["reader"]
    assert "assign it: openstack role add --user USER --project PROJECT member" in refusal_of(right)


@pytest.mark.parametrize("skip_preflight", [False, True])
@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ({}, "for a domain, not for a project, but a cloud is judged as an ordinary user of a project: leave out"),
        (
            {"domain_name": None, "domain_id": None, "system_scope": "all"},
            "for the system, not for a project, but a cloud is judged as an ordinary user of a project: leave out",
        ),
    ],
)
def test_login_for_something_else_than_a_project(
    cloud: DemoCloud, scope: dict[str, Any], words: str, skip_preflight: bool
) -> None:
    directory = cloud.state.directory
    for user in directory.users:
        directory.assignments.add(Assignment("user", user["id"], "system", "all", role_id("reader")))
    entry: dict[str, Any] = yaml.safe_load(launch.manager_yaml(cloud, "demo:manager-a"))["clouds"]["demo:manager-a"]
    assert words in refusal_of(changed(entry, {}, scope), skip_preflight=skip_preflight)
