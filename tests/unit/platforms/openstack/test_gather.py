# SPDX-License-Identifier: Apache-2.0
"""Reading a cloud: few requests, whole listings, retries, and one cause for what cannot be read."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
import requests
from keystoneauth1 import exceptions

from pytest_scs.base.redact import Redactor
from pytest_scs.core.subject import Subject
from pytest_scs.demo.openstack import data
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.platforms.openstack import client, retrying
from pytest_scs.platforms.openstack.config import find_cloud, secrets_of
from pytest_scs.platforms.openstack.gather import gather
from pytest_scs.platforms.openstack.preflight import refusal, region_of
from pytest_scs.platforms.openstack.sections import SECTIONS

#: What listings tell; the rest is for probes.
LISTED = tuple(name for name, section in SECTIONS.items() if section.read)

Read = Callable[..., Inventory]


@pytest.fixture
def read(serve: Any, state: CloudState, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Read the demo cloud once; pauses between tries take no time."""
    monkeypatch.setattr(retrying, "pause", lambda _: 0.0)

    def run(sections: Any = LISTED, *, deadline: float = 60.0, skip_preflight: bool = False) -> Inventory:
        serve(state)
        region = find_cloud("testcloud")
        redact = Redactor()
        redact.add(secrets_of(region))
        return gather(
            Subject("openstack", "testcloud"),
            client.Client(region, deadline),
            sections,
            skip_preflight=skip_preflight,
            redact=redact,
        )

    return run


def test_everything_takes_seven_requests(read: Read, state: CloudState) -> None:
    inventory = read()
    assert inventory.errors == {}
    assert inventory.requests == {"identity": 2, "compute": 2, "image": 2, "block-storage": 1}
    assert sum(inventory.requests.values()) == len(state.requests)


def test_only_what_is_asked_for_is_read(read: Read) -> None:
    inventory = read(["volume_types"])
    assert set(inventory.sections) == {"volume_types"}
    assert inventory.requests == {"identity": 2, "block-storage": 1}


def test_extra_specs_come_with_the_list_whatever_the_number(read: Read, state: CloudState) -> None:
    data.many(state, flavors=300)
    inventory = read(["flavors"])
    assert len(inventory.sections["flavors"]) == len(state.flavors) > 300
    assert all(isinstance(flavor["extra_specs"], dict) for flavor in inventory.sections["flavors"])
    assert inventory.requests["compute"] == 1


def test_all_pages_are_read(read: Read, state: CloudState) -> None:
    state.page_size = 3
    inventory = read()
    assert {flavor["id"] for flavor in inventory.sections["flavors"]} == {flavor["id"] for flavor in state.flavors}
    public = {image["id"] for image in state.images if image["visibility"] == "public" and not image.get("os_hidden")}
    assert {image["id"] for image in inventory.sections["images"]} == public
    assert len(inventory.sections["volume_types"]) == len(state.volume_types)


def test_next_link_to_another_host_does_not_get_our_token(
    monkeypatch: pytest.MonkeyPatch, serve: Any, state: CloudState
) -> None:
    serve(state)
    reader = client.Client(find_cloud("testcloud"), deadline=0)
    asked: list[str] = []

    class Answer:
        status_code = 200
        headers: ClassVar[dict[str, str]] = {}
        request = SimpleNamespace(method="GET", url="/flavors/detail", headers={})

        def __init__(self, body: dict[str, Any]) -> None:
            self.body = body

        def json(self) -> dict[str, Any]:
            return self.body

    class Endpoint:
        def get(self, url: str, **options: Any) -> Answer:
            asked.append(url)
            return Answer({"next": "http://evil.example/other?marker=7&limit=2"} if len(asked) == 1 else {})

    monkeypatch.setattr(reader, "_adapter", lambda service, version: Endpoint())
    pages = list(reader.pages("image", "/images?limit=2", lambda page: page.get("next")))
    assert len(pages) == 2
    assert asked == ["/images?limit=2", "/images?marker=7&limit=2"]


def test_listing_that_leads_in_a_circle_is_no_evidence(read: Read, state: CloudState) -> None:
    # A proxy that drops the query gives the first page for ever; what came of it is not the whole listing.
    link = '[{"rel": "next", "href": "http://cloud.example/v3/types?marker=7"}]'
    body = f'{{"volume_types": [], "volume_type_links": {link}}}'
    state.faults.append(Fault("GET", "/types", body=body, status=200))
    inventory = read(["volume_types"])
    assert "volume_types" not in inventory.sections
    assert "the block-storage service's listing /types leads in a circle" in inventory.errors["volume_types"].text
    assert inventory.requests["block-storage"] == 2


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_temporary_errors_are_tried_again(read: Read, state: CloudState, status: int) -> None:
    state.faults.append(Fault("GET", "/flavors/detail", status=status, times=2))
    inventory = read(["flavors"])
    assert inventory.errors == {}
    assert len(inventory.sections["flavors"]) == len(state.flavors)
    assert inventory.requests["compute"] == 3


@pytest.mark.parametrize("action", ["drop", "truncate"])
def test_broken_connections_are_tried_again(read: Read, state: CloudState, action: Any) -> None:
    state.faults.append(Fault("GET", "/v2/images", action=action, times=1))
    inventory = read(["images"])
    assert inventory.errors == {}
    assert len(inventory.sections["images"]) > 5


def test_authentication_is_tried_again(read: Read, state: CloudState) -> None:
    state.faults.append(Fault("POST", "/auth/tokens", status=503, times=2))
    assert read(["catalog"]).refusal is None


def test_token_that_expires_on_the_way_is_renewed(read: Read, state: CloudState) -> None:
    state.faults.append(Fault("GET", "/types", status=401, times=1))
    inventory = read(["volume_types"])
    assert inventory.errors == {}
    assert len(inventory.sections["volume_types"]) == len(state.volume_types)


def test_persistent_error_is_given_up_after_four_tries_and_remembered(read: Read, state: CloudState) -> None:
    state.faults.append(Fault("GET", "/types", status=503))
    inventory = read()
    assert set(inventory.errors) == {"volume_types"}
    assert "answered GET" in inventory.errors["volume_types"].text
    assert "503" in inventory.errors["volume_types"].text
    assert inventory.requests["block-storage"] == retrying.TRIES
    assert set(inventory.sections) == set(LISTED) - {"volume_types"}


def test_deadline_ends_the_tries(read: Read, state: CloudState) -> None:
    state.faults.append(Fault("GET", "/types", status=503))
    assert read(["volume_types"], deadline=0).requests["block-storage"] == 1


@pytest.mark.parametrize("status", [400, 403, 404, 501])
def test_definite_errors_are_not_tried_again(read: Read, state: CloudState, status: int) -> None:
    state.faults.append(Fault("GET", "/types", status=status))
    inventory = read(["volume_types"])
    assert str(status) in inventory.errors["volume_types"].text
    assert inventory.requests["block-storage"] == 1


@pytest.mark.parametrize(
    ("header", "pauses"),
    [
        (None, [1, 2, 4]),
        ("0", [1, 2, 4]),
        ("2", [2, 2, 4]),
        ("9", [9, 9, 9]),
        ("9" * 400, [1, 2, 4]),
    ],
)
def test_retry_after_is_honoured(header: str | None, pauses: list[float]) -> None:
    response = requests.Response()
    response.headers.update({"Retry-After": header} if header else {})
    error = exceptions.ServiceUnavailable(response=response)

    def pause(attempt: int) -> float:
        outcome = type("Outcome", (), {"exception": lambda self: error})()
        state: Any = type("State", (), {"attempt_number": attempt, "outcome": outcome})()
        return retrying.pause(state)

    assert [pause(attempt) for attempt in (1, 2, 3)] == pauses


@pytest.mark.parametrize("body", ["[]", "{}", '{"volume_types": 5}', '{"volume_types": [{"id": 1}]}', "<html>"])
def test_answer_of_another_form_is_a_cause_not_a_crash(read: Read, state: CloudState, body: str) -> None:
    state.faults.append(Fault("GET", "/types", status=200, body=body))
    inventory = read(["volume_types"])
    assert inventory.errors["volume_types"].text.startswith("cloud testcloud: cannot read volume_types: ")


def test_missing_service_is_said(read: Read, state: CloudState) -> None:
    state.services[:] = [service for service in state.services if service["type"] != "image"]
    assert "the catalog has no usable image endpoint" in read(["images"]).errors["images"].text


def test_private_images_and_internals_stay_out(read: Read, state: CloudState) -> None:
    image = next(image for image in state.images if image["visibility"] == "public")
    image.update(owner_specified_shade="x", os_glance_failed="y", direct_url="rbd://secret", stores="z")
    inventory = read(["images"])
    text = json.dumps(inventory.sections)
    assert '"visibility": "private"' not in text
    for key in ("owner", "direct_url", "stores", "os_glance_failed", "owner_specified_shade", '"self"', '"schema"'):
        assert key not in text


def test_no_secret_is_in_the_inventory(read: Read, state: CloudState) -> None:
    text = json.dumps(read().to_plain())
    assert state.password not in text
    assert not any(token in text for token in state.tokens)


def test_inventory_survives_its_plain_form(read: Read) -> None:
    inventory = read()
    assert Inventory.from_plain(json.loads(json.dumps(inventory.to_plain()))) == inventory


def test_refused_cloud_is_not_read(read: Read, state: CloudState) -> None:
    state.roles.append("admin")
    inventory = read()
    assert inventory.refusal
    assert "admin" in inventory.refusal.text
    assert inventory.sections == {}
    assert inventory.requests == {"identity": 2}


def test_application_credential_works(serve: Any, state: CloudState, tmp_path: Any) -> None:
    cloud = serve(state)
    path = tmp_path / "appcred.yaml"
    cloud.write_clouds_yaml(path, "app", application_credential=True)
    region = find_cloud("app", [str(path)])
    redact = Redactor()
    redact.add(secrets_of(region))
    inventory = gather(
        Subject("openstack", "app"), client.Client(region, 0), ["flavors"], skip_preflight=False, redact=redact
    )
    assert inventory.refusal is None
    assert len(inventory.sections["flavors"]) == len(state.flavors)


def test_secrets_of_a_configuration_are_found(serve: Any, state: CloudState, tmp_path: Any) -> None:
    cloud = serve(state)
    assert state.password in set(secrets_of(find_cloud("testcloud")))
    path = tmp_path / "appcred.yaml"
    cloud.write_clouds_yaml(path, "app", application_credential=True)
    region = find_cloud("app", [str(path)])
    assert region.config["auth"]["application_credential_secret"] in set(secrets_of(region))


@pytest.mark.parametrize(
    ("roles", "allowed"),
    [
        (["member"], True),
        (["member", "reader", "load-balancer_member", "custom"], True),
        (["Member"], True),
        (["reader"], False),
        ([], False),
        (["member", "admin"], False),
        (["member", "ADMIN"], False),
        (["member", "manager"], False),
    ],
)
def test_roles(roles: list[str], allowed: bool) -> None:
    assert (refusal("c", roles, None) is None) is allowed


@pytest.mark.parametrize(("seconds", "allowed"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_clock(seconds: int, allowed: bool) -> None:
    assert (refusal("c", ["member"], dt.timedelta(seconds=seconds)) is None) is allowed


@pytest.mark.parametrize(
    ("configured", "regions", "region", "problem"),
    [
        (None, ["One"], "One", ""),
        (None, ["One", "One"], "One", ""),
        (None, [], "", ""),
        ("One", ["One", "Two"], "One", ""),
        (None, ["Two", "One"], "", "set region_name to one of One, Two"),
        ("Tree", ["One", "Two"], "", "known: One, Two"),
    ],
)
def test_region(configured: str | None, regions: list[str], region: str, problem: str) -> None:
    found, why = region_of("c", configured, regions)
    assert found == region
    assert problem in why
    assert bool(why) is bool(problem)


def test_zones_are_read_whether_they_are_available_or_not(read: Read, state: CloudState) -> None:
    state.compute_zones = {"a": True, "b": False}
    inventory = read(["compute_zones"])
    assert inventory.sections == {
        "compute_zones": [{"name": "a", "available": True}, {"name": "b", "available": False}]
    }


def test_zones_of_another_form_are_a_cause(read: Read, state: CloudState) -> None:
    state.faults.append(Fault("GET", "/os-availability-zone", status=200, body='{"availabilityZoneInfo": [{}]}'))
    assert (
        read(["compute_zones"])
        .errors["compute_zones"]
        .text.endswith("compute GET /os-availability-zone: zone.zoneName: expected a text, got nothing")
    )


def test_flavors_keep_what_a_new_one_would_have_to_be_given(read: Any, state: CloudState) -> None:
    state.flavors[0].update(swap=512, ephemeral=30, rxtx_factor=2.0)
    state.flavors[1].update(swap="", rxtx_factor=None)
    first, second, *_ = read(["flavors"]).sections["flavors"]
    assert (first["swap"], first["ephemeral"], first["rxtx"]) == (512, 30, 2.0)
    assert not {"swap", "ephemeral", "rxtx"} & second.keys()
