# SPDX-License-Identifier: Apache-2.0
"""What probes make of an answer that is altered in one place: no verdict turns, and causes name what was found."""

from __future__ import annotations

import json
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.core.findings import Basis, Finding
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.janitor import Janitor
from pytest_scs.platforms.openstack.kinds import KINDS
from pytest_scs.platforms.openstack.probes import backup, guest, secret
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.resource import Resource
from pytest_scs.standards.iaas.key_manager import SecretRoundtrip, check_permissions

RUN = "1a2b3c4d"
CATALOG = [{"type": "key-manager", "name": None, "endpoints": []}]


class Inventory:
    """As much of one as the probe of a secret looks at."""

    subject = "demo"

    def section(self, name: str) -> Any:
        return CATALOG


@pytest.fixture
def probing(client: Client) -> Probing:
    janitor = Janitor(client, RUN, Journal(RUN, "demo"), threading.Event())
    return cast(Probing, SimpleNamespace(client=client, janitor=janitor, inventory=Inventory()))


# -- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault("GET", "/payload", status=404),
        Fault("GET", "/payload", status=406),
        Fault("GET", "/payload", status=500),
        Fault("GET", "/payload", "drop"),
        Fault("GET", "/payload", status=302, body="", headers={"Location": "http://127.0.0.2:9/x"}),
    ],
    ids=["gone", "form", "broken", "silent", "astray"],
)
def test_payload_that_cannot_be_read_leaves_the_rest(probing: Probing, state: CloudState, fault: Fault) -> None:
    state.faults.append(fault)
    seen = SecretRoundtrip.from_plain(secret.probe(probing))
    assert (seen.listed, seen.refused, seen.payload) == (True, None, None)
    assert "the key-manager service" in seen.unread
    assert state.secrets == []


@pytest.mark.parametrize("status", [401, 403, 404])
def test_login_that_is_not_renewed_is_no_refusal_of_a_secret(probing: Probing, state: CloudState, status: int) -> None:
    probing.client.access()
    state.tokens.clear()
    state.faults.append(Fault("POST", "/auth/tokens", status=status))
    with pytest.raises(Inconclusive, match="the identity service answered POST /identity/v3/auth/tokens"):
        secret.probe(probing)


def test_payload_that_is_forbidden_is_a_verdict(probing: Probing, state: CloudState) -> None:
    state.faults.append(Fault("GET", "/payload", status=403))
    refused = SecretRoundtrip.from_plain(secret.probe(probing)).refused
    assert refused
    assert refused.reading
    assert state.secrets == []


@pytest.mark.parametrize("payload", [403, 500])
def test_payload_that_cannot_be_read_does_not_hide_that_deletion_is_forbidden(
    probing: Probing, state: CloudState, payload: int
) -> None:
    state.faults += [Fault("GET", "/payload", status=payload), Fault("DELETE", "/secrets/", status=403)]
    seen = SecretRoundtrip.from_plain(secret.probe(probing))
    assert seen.refused
    assert seen.refused.step == "delete"
    assert [found.basis for found in check_permissions(seen) if isinstance(found, Finding)] == [Basis.BOTH]


def test_words_about_a_limit_for_reading_are_no_verdict(probing: Probing, state: CloudState) -> None:
    state.faults.append(Fault("GET", "/payload", status=403, body='{"title": "rate limit reached"}'))
    seen = SecretRoundtrip.from_plain(secret.probe(probing))
    assert (seen.listed, seen.refused) == (True, None)
    assert "rate limit reached" in seen.unread


def test_secret_is_found_where_its_name_is_not_looked_at(
    probing: Probing, state: CloudState, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = iter(
        [
            {"secrets": [], "next": "http://elsewhere.example/v1/secrets?offset=10"},
            {"secrets": [{"name": None, "secret_ref": f"http://x/secrets/{'0' * 32}"}], "next": "/secrets?offset=20"},
            {},
        ]
    )
    get = probing.client.pages

    def paged(service: str, path: str, following: Any, **options: Any) -> Any:
        for page in pages:
            assert following(page) if page else True
            yield page or next(iter(get(service, path, following, **options)))

    monkeypatch.setattr(probing.client, "pages", paged)
    assert secret.probe(probing)["listed"]


# -- backups ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [403, 409, 413])
def test_exhausted_quota_is_no_verdict_on_backups(status: int) -> None:
    with pytest.raises(Refused):
        backup._judge_refusal(Refused("quota exceeded", status, CauseKind.QUOTA))


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 501])
def test_other_refusal_is_one(status: int) -> None:
    backup._judge_refusal(Refused("no", status))


# -- the sample VM ----------------------------------------------------------------------------------------------------

SERVER = Resource(KINDS["server"], f"_scs-0101-{RUN}-vm", "11111111-2222-4333-8444-555555555555")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("{}", "nothing"),
        ('{"output": null}', "null"),
        ('{"output": 7}', "the number 7"),
        ('{"output": ["a"]}', 'the list ["a"]'),
        ('{"output": {"_scs-": "x"}}', 'the object {"_scs-": "x"}'),
        ('{"output": false}', "false"),
    ],
)
def test_console_that_is_no_text_is_told_at_once(probing: Probing, state: CloudState, body: str, found: str) -> None:
    state.faults.append(Fault("POST", "/action", status=200, body=body))
    with pytest.raises(Inconclusive) as caught:
        guest._look(probing, SERVER)
    assert str(caught.value) == (
        f"compute POST /servers/{SERVER.id}/action: console.output: expected a text, got {found}"
    )
    assert not isinstance(caught.value, Refused)


def test_console_may_be_empty(probing: Probing, state: CloudState) -> None:
    state.faults.append(Fault("POST", "/action", status=200, body='{"output": ""}'))
    assert guest._look(probing, SERVER) == ""


@pytest.mark.parametrize("fault", ["null", '"no host"', "[1]", '{"message": null}', '{"message": {"a": 1}}', "7"])
def test_fault_of_another_form_is_none(fault: str) -> None:
    assert guest._fault_of({"fault": json.loads(fault)}) == ""


def test_fault_is_told_in_words_of_the_cloud() -> None:
    assert guest._fault_of({"fault": {"message": "No valid host was found."}}) == "No valid host was found."
    assert guest._fault_of({}) == ""
