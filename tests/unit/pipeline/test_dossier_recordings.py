# SPDX-License-Identifier: Apache-2.0
"""Recordings that go into a dossier: what looks like a secret in one, and what does not."""

from __future__ import annotations

import json

import pytest

from pytest_scs.pipeline.dossier.recordings import secret_in_json


def test_what_was_stored_as_a_secret_for_a_try_is_none() -> None:
    roundtrip = {"listed": True, "offered": True, "payload": "foo", "refused": None, "stored": "foo"}
    document = {"clouds": [{"sections": {"secret_roundtrip": [roundtrip]}}]}
    assert secret_in_json(json.dumps(document, indent=1).encode()) == ""


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"clouds": [{"region": "password=Geheim-4711"}]}', "clouds[0].region"),
        ('{"clouds": [{"password": "Geheim-4711"}]}', "clouds[0].password"),
        ('{"clouds": [{"password": "Geheim-4711", "password": "***"}]}', "clouds[0].password"),
        ('{"p\\u0061ssword": "Geheim-4711"}', "password"),
        ('{"payload": "token: Geheim-4711"}', "payload"),
        ('[["https://user:Geheim-4711@host/"]]', "[0][0]"),
        ('{"token=Geheim-4711": 1}', "token=***"),
    ],
)
def test_what_looks_like_a_secret_is_found_wherever_it_stands(text: str, where: str) -> None:
    assert secret_in_json(text.encode()) == where
