# SPDX-License-Identifier: Apache-2.0
"""Mistakes in an entry of clouds.yaml, in words about that entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_scs.platforms.openstack.entry import clouds_in, form_of, mistake_in

URL = {"auth_url": "https://cloud.example:5000/v3"}
PASSWORD = {**URL, "username": "u", "password": "s3cr3t"}


@pytest.mark.parametrize(
    ("document", "clouds"),
    [
        ({"clouds": {"a": {}}}, {"a": {}}),
        ({"clouds": {}}, {}),
        ({"clouds": []}, None),
        ({"clouds": None}, None),
        ({"cloud": {"a": {}}}, None),
        ([], None),
        ("clouds", None),
        (None, None),
    ],
)
def test_entries_stand_in_a_mapping(document: Any, clouds: Any) -> None:
    assert clouds_in(document) == clouds


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({}, ""),
        ({"auth": {}}, ""),
        (None, "the entry is empty, not a mapping with the key auth"),
        ("s3cr3t", "the entry is text, not a mapping with the key auth"),
        (7, "the entry is a number, not a mapping with the key auth"),
        (["a"], "the entry is a list, not a mapping with the key auth"),
        ({"auth": None}, "auth is empty, not a mapping with keys such as auth_url and username"),
        ({"auth": "s3cr3t"}, "auth is text, not a mapping with keys such as auth_url and username"),
    ],
)
def test_form_of_an_entry(entry: Any, words: str) -> None:
    assert form_of(entry) == words


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"auth": PASSWORD}, ""),
        ({"auth": {**PASSWORD, "auth_url": "HTTP://x"}}, ""),
        ({"auth": {**PASSWORD, "auth_url": "cloud.example"}}, "auth_url has to begin with https:// or http://"),
        ({"auth": {**PASSWORD, "auth_url": "https:// x"}}, "auth_url has to begin with https:// or http://"),
        ({"auth": {**PASSWORD, "auth_url": 7}}, "auth_url has to begin with https:// or http://"),
        ({"auth": {**PASSWORD, "auth_url": None}}, "auth lacks auth_url"),
        (
            {
                "auth": {"application_credential_id": "i", "application_credential_secret": "s", "project_name": "p"},
                "auth_type": "v3applicationcredential",
            },
            "leave out project_name: an application credential belongs to one project",
        ),
        (
            {"auth": {**PASSWORD, "user_domain_name": "D", "project_name": "p"}, "auth_type": "v3password"},
            "auth lacks project_domain_name or project_domain_id",
        ),
        ({}, "auth lacks password"),
        ({"auth": None}, "auth lacks password"),
        ({"auth": {**URL, "username": "u"}}, "auth lacks password"),
        ({"auth": {**PASSWORD, "password": ""}}, "auth lacks password"),
        ({"auth": {**URL, "password": "s3cr3t"}}, "auth lacks username or user_id"),
        ({"auth": {**URL, "password": "s3cr3t", "user_id": "u"}}, ""),
        ({"auth_type": "v3password", "auth": URL}, "auth lacks password"),
        ({"auth_type": "token", "auth": URL}, "auth lacks token"),
        ({"auth_type": "v3token", "auth": {**URL, "token": "s3cr3t"}}, ""),
        ({"auth_type": "v3applicationcredential", "auth": URL}, "auth lacks application_credential_secret"),
        (
            {"auth_type": "v3applicationcredential", "auth": {**URL, "application_credential_secret": "s3cr3t"}},
            "auth lacks application_credential_id or application_credential_name",
        ),
        ({"auth_type": "v3oidcpassword", "auth": URL}, ""),
        ({"auth": PASSWORD, "interface": "public"}, ""),
        ({"auth": PASSWORD, "interface": "publicURL"}, ""),
        ({"auth": PASSWORD, "interface": ["admin", "public"]}, ""),
        ({"auth": PASSWORD, "interface": None}, ""),
        ({"auth": PASSWORD, "interface": "pubic"}, "interface is 'pubic'; allowed: public, internal, admin"),
        ({"auth": PASSWORD, "image_interface": ["x"]}, "image_interface is 'x'; allowed: public, internal, admin"),
        ({"auth": PASSWORD, "cacert": "/none/ca.pem"}, "cacert names /none/ca.pem, which does not exist"),
        ({"auth": PASSWORD, "cacert": "/none/ca.pem", "verify": False}, ""),
    ],
)
def test_values_of_an_entry(config: dict[str, Any], words: str) -> None:
    assert mistake_in(config) == words
    assert "s3cr3t" not in mistake_in(config)


def test_cacert_below_the_home_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "ca.pem").touch()
    assert mistake_in({"auth": PASSWORD, "cacert": "~/ca.pem"}) == ""
