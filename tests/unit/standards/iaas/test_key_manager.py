# SPDX-License-Identifier: Apache-2.0
"""scs-0116: what a member may do with secrets, by both readings."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from pytest_scs.core.findings import Basis, Finding, Remark, Undecided
from pytest_scs.standards.iaas.key_manager import RefusedStep, SecretRoundtrip, check_permissions

SEEN = SecretRoundtrip(offered=True, refused=None, listed=True, stored="foo", payload="foo")


def seen(**changes: Any) -> SecretRoundtrip:
    return dataclasses.replace(SEEN, **changes)


def findings(data: SecretRoundtrip) -> list[Finding]:
    return [found for found in check_permissions(data) if isinstance(found, Finding)]


def test_secret_that_can_be_used_is_no_violation() -> None:
    assert list(check_permissions(seen())) == []


def test_cloud_without_key_manager_is_only_remarked() -> None:
    [remark] = check_permissions(seen(offered=False, listed=False, payload=None))
    assert isinstance(remark, Remark)
    assert remark.deviation == "DEV-0116-4"


@pytest.mark.parametrize("step", ["create", "list", "delete"])
def test_refused_step_is_a_violation_for_both(step: str) -> None:
    refused = RefusedStep(step, "answered 403")
    [found] = findings(seen(refused=refused, listed=step == "delete", payload=None))
    assert found.basis is Basis.BOTH
    assert (found.rule, found.title) == ("scs-0116/member_may_use", f"a member may {step} a secret")
    assert found.observed == "answered 403"


def test_payload_that_may_not_be_read_concerns_the_text_only() -> None:
    refused = RefusedStep("read the payload of", "answered 403")
    [found] = findings(seen(refused=refused, payload=None))
    assert (found.basis, found.deviation) == (Basis.TEXT, "DEV-0116-2")
    assert (found.rule, found.title) == ("scs-0116/member_may_read", "a member may read the payload of a secret")


def test_other_payload_concerns_the_text_only() -> None:
    [found] = findings(seen(payload="bar"))
    assert (found.basis, found.observed) == (Basis.TEXT, "'bar'")
    assert (found.rule, found.title) == ("scs-0116/payload_as_stored", "a secret's payload is what was stored")


def test_payload_that_could_not_be_read_concerns_the_text_only() -> None:
    [found] = check_permissions(seen(payload=None, unread="the key-manager service answered with 500"))
    assert isinstance(found, Undecided)
    assert (found.basis, found.reason) == (Basis.TEXT, "the key-manager service answered with 500")


def test_secret_that_is_not_listed_is_a_violation_where_the_official_suite_aborts() -> None:
    found, remark = check_permissions(seen(listed=False))
    assert isinstance(found, Finding)
    assert found.basis is Basis.BOTH
    assert (found.rule, found.title) == ("scs-0116/secret_is_listed", "a member finds a secret by its name")
    assert isinstance(remark, Remark)
    assert remark.deviation == "DEV-0116-1"
