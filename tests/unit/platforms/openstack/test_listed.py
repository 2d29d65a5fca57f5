# SPDX-License-Identifier: Apache-2.0
"""Keystone's listings as the managers of domains read them: other forms are a cause, never an empty list."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack.probes.domain_manager.listed import FORMS, listed, roles_assigned

GOOD = {"id": "u-1", "name": "_scs-0302-1", "domain_id": "d-1"}
ABSENT: Any = object()
BELONGING = ("user", "group", "project")


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (ABSENT, ": expected a list of objects, got nothing"),
        (None, ": expected a list of objects, got null"),
        ({}, ": expected a list of objects, got the object {}"),
        ("", ': expected a list of objects, got the text ""'),
        ([GOOD, None], ": entry 2: expected an object, got null"),
    ],
)
def test_a_listing_of_another_form(kind: str, entries: Any, words: str) -> None:
    with pytest.raises(Inconclusive) as caught:
        listed({} if entries is ABSENT else {f"{kind}s": entries}, kind, f"/{kind}s?name=x")
    assert str(caught.value) == f"identity GET /v3/{kind}s: {kind}s{words}"
    assert caught.value.kind is CauseKind.MALFORMED


@pytest.mark.parametrize(
    ("kind", "key"),
    [(kind, key) for kind in FORMS for key in ("id", "name", "domain_id") if kind in BELONGING or key != "domain_id"],
)
@pytest.mark.parametrize(
    ("value", "got"), [(ABSENT, "nothing"), (None, "null"), (7, "the number 7"), ({}, "the object {}")]
)
def test_an_entry_of_another_form(kind: str, key: str, value: Any, got: str) -> None:
    entry = {**GOOD, key: value}
    if value is ABSENT:
        del entry[key]
    with pytest.raises(
        Inconclusive, match=rf"^identity GET /v3/{kind}s: {kind} .*: {key}: expected a text.*, got {got}$"
    ):
        listed({f"{kind}s": [GOOD, entry]}, kind, f"/{kind}s")


@pytest.mark.parametrize("kind", FORMS)
def test_what_is_not_read_is_not_looked_at(kind: str) -> None:
    entry = {**GOOD, "enabled": "perhaps", "links": None, "options": []}
    assert listed({f"{kind}s": [entry], "links": 7}, kind, f"/{kind}s") == [entry]
    assert listed({f"{kind}s": []}, kind, f"/{kind}s") == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, "answer.role_assignments: expected a list of objects, got nothing"),
        ({"role_assignments": {}}, "answer.role_assignments: expected a list of objects, got the object {}"),
        ({"role_assignments": [{}]}, "answer.role_assignments[0].role: expected an object, got nothing"),
        (
            {"role_assignments": [{"role": "r"}]},
            'answer.role_assignments[0].role: expected an object, got the text "r"',
        ),
        (
            {"role_assignments": [{"role": {"id": None}}]},
            "answer.role_assignments[0].role.id: expected a text that is not empty, got null",
        ),
    ],
)
def test_assignments_of_another_form(content: Any, words: str) -> None:
    with pytest.raises(Inconclusive) as caught:
        roles_assigned(content)
    assert str(caught.value) == f"identity GET /v3/role_assignments: {words}"


def test_roles_that_are_assigned() -> None:
    assert roles_assigned({"role_assignments": [{"role": {"id": "r"}, "scope": {}}]}) == {"r"}
