# SPDX-License-Identifier: Apache-2.0
"""Of which kind it is when a cloud does not answer as it should."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests
from keystoneauth1 import exceptions

from pytest_scs.base.redact import Redactor
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.core.subject import Subject
from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.config import find_cloud_in
from pytest_scs.platforms.openstack.explain import kind_of, kind_of_standstill
from pytest_scs.platforms.openstack.gather import gather
from pytest_scs.platforms.openstack.preflight import refusal
from pytest_scs.platforms.openstack.quota import Quota


def answered(status: int, details: str = "") -> exceptions.HttpError:
    return exceptions.HttpError(message="", details=details, http_status=status)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answered(401), CauseKind.AUTHENTICATION),
        (answered(403), CauseKind.PERMISSION),
        (answered(403, "Quota exceeded for cores"), CauseKind.QUOTA),
        (answered(409, "Quota exceeded for resources: ['security_group']."), CauseKind.QUOTA),
        (answered(413, "VolumeSizeExceedsAvailableQuota"), CauseKind.QUOTA),
        (answered(413), CauseKind.QUOTA),
        (answered(409), CauseKind.MALFORMED),
        (answered(404, "no quota of that name"), CauseKind.MALFORMED),
        (answered(503), CauseKind.OUTAGE),
        (exceptions.ConnectTimeout("late"), CauseKind.TIMEOUT),
        (requests.ReadTimeout("late"), CauseKind.TIMEOUT),
        (TimeoutError("late"), CauseKind.TIMEOUT),
        (exceptions.ConnectFailure("refused"), CauseKind.OUTAGE),
        (exceptions.SSLError("unknown authority"), CauseKind.OUTAGE),
        (requests.ConnectionError("refused"), CauseKind.OUTAGE),
        (exceptions.EndpointNotFound(), CauseKind.OUTAGE),
        (exceptions.DiscoveryFailure(), CauseKind.OUTAGE),
        (exceptions.MissingAuthPlugin(), CauseKind.AUTHENTICATION),
        (exceptions.ClientException("odd"), CauseKind.MALFORMED),
    ],
)
def test_an_error_of_the_sdk_is_of_one_kind(error: Exception, kind: CauseKind) -> None:
    assert kind_of(error) is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("error", CauseKind.OUTAGE),
        ("ERROR", CauseKind.OUTAGE),
        ("error_restoring", CauseKind.OUTAGE),
        ("creating", CauseKind.TIMEOUT),
        (None, CauseKind.TIMEOUT),
    ],
)
def test_what_stands_still_is_broken_or_too_slow(status: str | None, kind: CauseKind) -> None:
    assert kind_of_standstill(status) is kind


def test_what_is_refused_is_of_the_kind_of_its_status_unless_it_says_another() -> None:
    assert Refused("no", 403).kind is CauseKind.PERMISSION
    assert Refused("no", 403, CauseKind.QUOTA).kind is CauseKind.QUOTA


@pytest.fixture
def client(cloud: DemoCloud) -> Client:
    return Client(find_cloud_in(cloud.clouds_yaml(), "demo"), 0)


def read(client: Client, section: str) -> Any:
    return gather(Subject("openstack", "demo"), client, [section], skip_preflight=False, redact=Redactor())


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("GET", "/types", status=401), CauseKind.AUTHENTICATION),
        (Fault("GET", "/types", status=403), CauseKind.PERMISSION),
        (Fault("GET", "/types", status=404), CauseKind.MALFORMED),
        (Fault("GET", "/types", status=503), CauseKind.OUTAGE),
        (Fault("GET", "/types", status=504), CauseKind.TIMEOUT),
        (Fault("GET", "/types", "drop"), CauseKind.OUTAGE),
        (Fault("GET", "/types", "garbage"), CauseKind.MALFORMED),
        (Fault("GET", "/types", status=200, body='{"volume_types": [{"id": "1"}]}'), CauseKind.MALFORMED),
    ],
)
def test_a_section_that_cannot_be_read_says_of_which_kind_that_is(
    client: Client, state: CloudState, fault: Fault, kind: CauseKind
) -> None:
    state.faults.append(fault)
    assert read(client, "volume_types").errors["volume_types"].kind is kind


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("POST", "/v3/auth/tokens", status=401), CauseKind.AUTHENTICATION),
        (Fault("POST", "/v3/auth/tokens", status=500), CauseKind.OUTAGE),
        (Fault("*", "", "drop"), CauseKind.OUTAGE),
    ],
)
def test_a_cloud_that_lets_nobody_in_says_of_which_kind_that_is(
    client: Client, state: CloudState, fault: Fault, kind: CauseKind
) -> None:
    state.faults.append(fault)
    refused = read(client, "volume_types").refusal
    assert refused.kind is kind


def test_roles_that_do_not_fit_are_a_matter_of_permission(client: Client, state: CloudState) -> None:
    for roles in (["member", "admin"], ["reader"]):
        found = refusal("demo", roles, None)
        assert found
        assert found.kind is CauseKind.PERMISSION
    state.roles.append("admin")
    assert read(client, "volume_types").refusal.kind is CauseKind.PERMISSION


def test_a_quota_too_small_is_of_that_kind_and_an_interrupted_wait_of_another(
    client: Client, state: CloudState
) -> None:
    state.quota |= {"security_groups": 1}
    with pytest.raises(Inconclusive) as caught, Quota(client, threading.Event()).claim({"security_groups": 1}):
        pass
    assert caught.value.kind is CauseKind.QUOTA
    state.quota |= {"security_groups": 2}
    cancelled = threading.Event()
    cancelled.set()
    quota = Quota(client, cancelled)
    one = {"security_groups": 1}
    with quota.claim(one), pytest.raises(Inconclusive) as caught, quota.claim(one):
        pass
    assert caught.value.kind is CauseKind.INTERRUPTED
