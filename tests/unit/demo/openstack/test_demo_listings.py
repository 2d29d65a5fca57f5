# SPDX-License-Identifier: Apache-2.0
"""The unchanged openstacksdk reads everything from the demo cloud; pages, hidden images, microversions as in life."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from keystoneauth1.discover import Discover
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack import data
from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState

#: What the SDK warns of is its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")


def names(items: Any) -> list[str]:
    return [item["name"] for item in items]


def asked(state: CloudState, part: str) -> list[str]:
    """The paths of the requests so far that contain this part."""
    return [request.path for request in state.requests if part in request.path]


def test_the_flavors_arrive_with_their_extra_specs_in_one_request(state: CloudState, connection: Connection) -> None:
    flavors = list(connection.compute.flavors(get_extra_specs=False))
    assert names(flavors) == names(state.flavors)
    assert [dict(flavor.extra_specs) for flavor in flavors] == [flavor["extra_specs"] for flavor in state.flavors]
    assert len(asked(state, "/flavors")) == 1


def test_an_old_nova_gives_extra_specs_only_one_by_one(state: CloudState, connection: Connection) -> None:
    state.compute_microversion = "2.60"
    assert not any(flavor.extra_specs for flavor in connection.compute.flavors(get_extra_specs=False))
    assert asked(state, "os-extra_specs") == []
    flavors = list(connection.compute.flavors(get_extra_specs=True))
    assert [dict(flavor.extra_specs) for flavor in flavors] == [flavor["extra_specs"] for flavor in state.flavors]
    assert len(asked(state, "os-extra_specs")) == len(flavors)


def test_disabled_flavors_are_not_listed_but_private_ones_of_the_project_are(
    state: CloudState, connection: Connection
) -> None:
    state.flavors[0]["disabled"] = True
    state.flavors[1]["is_public"] = False
    listed = names(connection.compute.flavors(get_extra_specs=False))
    assert listed == names(state.flavors[1:])
    assert connection.compute.get_flavor(state.flavors[0]["id"]).is_disabled


def test_the_images_arrive_with_all_properties(state: CloudState, connection: Connection) -> None:
    images = list(connection.image.images(member_status="all"))
    assert names(images) == names(state.images)
    image = images[0]
    assert (image.os_distro, image.properties["os_purpose"]) == ("ubuntu", "generic")
    assert (image.min_disk, image.visibility, image.is_hidden) == (8, "public", False)
    assert image.tags == ["managed_by_demo", "os:ubuntu"]


def test_hidden_images_are_listed_only_when_asked_for(state: CloudState, connection: Connection) -> None:
    state.images[0]["os_hidden"] = True
    assert names(connection.image.images()) == names(state.images[1:])
    assert names(connection.image.images(is_hidden=True)) == [state.images[0]["name"]]
    assert connection.image.get_image(state.images[0]["id"]).is_hidden


FOREIGN = "f" * 32


@pytest.mark.parametrize(
    ("image", "query", "listed"),
    [
        ({"owner": FOREIGN, "visibility": "public"}, {}, True),
        ({"owner": FOREIGN, "visibility": "private"}, {}, False),
        ({"owner": FOREIGN, "visibility": "private"}, {"visibility": "all"}, False),
        ({"owner": FOREIGN, "visibility": "community"}, {}, False),
        ({"owner": FOREIGN, "visibility": "community"}, {"visibility": "community"}, True),
        ({"owner": FOREIGN, "visibility": "community"}, {"visibility": "all"}, True),
        ({"owner": FOREIGN, "visibility": "shared"}, {"member_status": "all"}, False),
        ({"owner": FOREIGN, "visibility": "shared", "_member_status": "accepted"}, {}, True),
        ({"owner": FOREIGN, "visibility": "shared", "_member_status": "pending"}, {}, False),
        ({"owner": FOREIGN, "visibility": "shared", "_member_status": "pending"}, {"member_status": "all"}, True),
        ({"owner": FOREIGN, "visibility": "shared", "_member_status": "accepted"}, {"visibility": "public"}, False),
        ({"visibility": "community"}, {}, True),
        ({"visibility": "private"}, {}, True),
        ({"visibility": "private"}, {"visibility": "public"}, False),
        ({"visibility": "private"}, {"visibility": "private"}, True),
        ({"visibility": "shared"}, {}, True),
        ({"visibility": "public"}, {"os_distro": "debian"}, False),
        ({"visibility": "public", "os_distro": "debian"}, {"os_distro": "debian"}, True),
        ({"visibility": "public", "tags": ["a", "b"]}, {"tag": "b"}, True),
        ({"visibility": "public"}, {"tag": "b"}, False),
    ],
)
def test_glance_lists_what_the_visibility_rules_allow(
    image: dict[str, Any],
    query: dict[str, str],
    listed: bool,
    state: CloudState,
    cloud: DemoCloud,
    authenticated: requests.Session,
) -> None:
    state.images = [state.images[-1] | {"owner": state.project_id} | image]
    answer = authenticated.get(f"{cloud.url}/image/v2/images", params=query).json()
    assert [image["id"] for image in answer["images"]] == ([state.images[0]["id"]] if listed else [])
    assert not any(key.startswith("_") for image in answer["images"] for key in image)


@pytest.mark.parametrize(
    "query", ["limit=x", "limit=-1", "marker=nope", "visibility=some", "member_status=some", "os_hidden=1", "sort=name"]
)
def test_glance_refuses_what_it_does_not_understand(
    query: str, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    answer = authenticated.get(f"{cloud.url}/image/v2/images?{query}", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad Request")


LISTINGS: dict[str, tuple[Callable[[Connection], Any], int]] = {
    "volume types": (lambda c: c.block_storage.types(), 5),
    "volumes": (lambda c: c.block_storage.volumes(), 0),
    "backups": (lambda c: c.block_storage.backups(), 0),
    "snapshots": (lambda c: c.block_storage.snapshots(), 0),
    "volume zones": (lambda c: c.block_storage.availability_zones(), 1),
    "servers": (lambda c: c.compute.servers(), 0),
    "key pairs": (lambda c: c.compute.keypairs(), 0),
    "compute zones": (lambda c: c.compute.availability_zones(), 1),
    "networks": (lambda c: c.network.networks(), 1),
    "subnets": (lambda c: c.network.subnets(), 0),
    "ports": (lambda c: c.network.ports(), 0),
    "routers": (lambda c: c.network.routers(), 0),
    "floating addresses": (lambda c: c.network.ips(), 0),
    "security groups": (lambda c: c.network.security_groups(), 1),
    "security group rules": (lambda c: c.network.security_group_rules(), 4),
    "default rules": (lambda c: c.network.default_security_group_rules(), 4),
    "network zones": (lambda c: c.network.availability_zones(), 2),
    "extensions": (lambda c: c.network.extensions(), 8),
    "secrets": (lambda c: c.key_manager.secrets(), 0),
    "load balancers": (lambda c: c.load_balancer.load_balancers(), 0),
    "containers": (lambda c: c.object_store.containers(), 0),
    "own projects": (lambda c: c.identity.user_projects(c.current_user_id), 1),
    "regions": (lambda c: c.identity.regions(), 1),
    "own credentials": (lambda c: c.identity.application_credentials(c.current_user_id), 1),
}


@pytest.mark.parametrize("what", LISTINGS)
def test_the_sdk_lists(what: str, connection: Connection) -> None:
    listing, count = LISTINGS[what]
    assert len(list(listing(connection))) == count


def test_volume_types_arrive_with_their_descriptions(state: CloudState, connection: Connection) -> None:
    types = {volume_type.name: volume_type.description for volume_type in connection.block_storage.types()}
    assert types == {volume_type["name"]: volume_type["description"] for volume_type in state.volume_types}
    assert types["encrypted"].startswith("[scs:encrypted] ")


def test_one_volume_type_can_be_looked_at(state: CloudState, cloud: DemoCloud, authenticated: requests.Session) -> None:
    url = f"{cloud.url}/volume/v3/{state.project_id}/types"
    known = state.volume_types[0]
    assert authenticated.get(f"{url}/{known['id']}").json()["volume_type"]["name"] == known["name"]
    assert authenticated.get(f"{url}/default").json()["volume_type"]["name"] == "__DEFAULT__"
    state.volume_types.clear()
    assert authenticated.get(f"{url}/default").status_code == 404


@pytest.mark.parametrize(
    ("path", "version", "newest"),
    [
        ("/identity", (3, 14), None),
        ("/identity/v3", (3, 14), None),
        ("/compute", (2, 1), (2, 96)),
        ("/compute/v2.1", (2, 1), (2, 96)),
        ("/image", (2, 17), None),
        ("/volume", (3, 0), (3, 71)),
        ("/volume/v3", (3, 0), (3, 71)),
        ("/network", (2, 0), None),
        ("/key-manager", (1, 0), None),
        ("/key-manager/v1", (1, 0), None),
        ("/load-balancer", (2, 27), None),
        ("/placement", (1, 0), (1, 39)),
    ],
)
def test_each_service_tells_its_versions(
    path: str, version: tuple[int, int], newest: tuple[int, int] | None, cloud: DemoCloud, connection: Connection
) -> None:
    latest = Discover(connection.session, cloud.url + path).version_data()[-1]
    assert (latest["version"], latest["max_microversion"]) == (version, newest)
    if path != "/placement":  # which does not name its own URL, there or here
        assert latest["url"].startswith(cloud.url + path)


@pytest.mark.parametrize(
    ("path", "updated"),
    [
        ("/identity/v3", "2020-04-07T00:00:00Z"),
        ("/compute/v2.1", "2013-07-23T11:33:21Z"),
        ("/volume", "2023-08-31T00:00:00Z"),
        ("/image", None),
        ("/network", None),
        ("/placement", None),
        ("/key-manager", None),
    ],
)
def test_versions_are_dated_as_the_services_date_them(
    path: str, updated: str | None, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    answer = authenticated.get(cloud.url + path).json()
    versions = [answer["version"]] if "version" in answer else answer["versions"]
    for version in versions["values"] if isinstance(versions, dict) else versions:
        assert version.get("updated") == updated


def test_an_account_without_containers_is_empty_in_json_and_in_text(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    url = f"{cloud.url}/object-store/v1/AUTH_{state.project_id}"
    assert authenticated.get(f"{url}?format=json").json() == []
    answer = authenticated.get(url)
    assert (answer.status_code, answer.text, answer.headers["X-Account-Container-Count"]) == (204, "", "0")


def test_a_neutron_without_the_template_answers_404(state: CloudState, connection: Connection) -> None:
    state.default_security_group_rules = None
    with pytest.raises(exceptions.NotFoundException):
        list(connection.network.default_security_group_rules())


def test_without_the_balancer_role_octavia_forbids(state: CloudState, connection: Connection) -> None:
    state.roles = ["member"]
    with pytest.raises(exceptions.ForbiddenException, match="Policy does not allow"):
        list(connection.load_balancer.load_balancers())


def test_hundreds_of_images_and_flavors_come_in_pages_of_two(state: CloudState, connection: Connection) -> None:
    data.many(state, images=492, flavors=68)
    state.page_size = 2
    assert names(connection.image.images(member_status="all")) == names(state.images)
    assert len(state.images) == 500
    assert len(asked(state, "/v2/images")) == 251  # the last page is full, which Glance takes for a sign of more
    assert names(connection.compute.flavors(get_extra_specs=False)) == names(state.flavors)
    assert len(asked(state, "/flavors/detail")) == 51


def test_glance_gives_25_images_unless_asked_for_more(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    data.many(state, images=1100)
    images = f"{cloud.url}/image/v2/images"
    answer = authenticated.get(images).json()
    assert len(answer["images"]) == 25
    assert answer["next"] == f"/v2/images?marker={state.images[24]['id']}"
    answer = authenticated.get(f"{images}?limit=5000&member_status=all").json()
    assert len(answer["images"]) == 1000
    assert answer["next"] == f"/v2/images?limit=5000&member_status=all&marker={state.images[999]['id']}"
    answer = authenticated.get(f"{cloud.url}/image{answer['next']}").json()
    assert len(answer["images"]) == 108
    assert "next" not in answer


@pytest.mark.parametrize(
    ("path", "items", "links"),
    [
        ("/compute/v2.1/flavors", "flavors", "flavors_links"),
        ("/compute/v2.1/flavors/detail", "flavors", "flavors_links"),
        ("/volume/v3/{project}/types", "volume_types", "volume_type_links"),
    ],
)
def test_next_links_lead_through_everything_once(
    path: str, items: str, links: str, state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    state.page_size = 4
    url: str | None = f"{cloud.url}{path.format(project=state.project_id)}?limit=3"
    seen: list[str] = []
    while url:
        answer = authenticated.get(url).json()
        seen += names(answer[items])
        assert len(answer[items]) <= 3
        url = answer[links][0]["href"] if links in answer else None
    assert seen == names(getattr(state, items))


@pytest.mark.parametrize("path", ["/compute/v2.1/flavors", "/volume/v3/{project}/types"])
def test_limit_zero_is_an_empty_page_and_nonsense_is_refused(
    path: str, state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    url = cloud.url + path.format(project=state.project_id)
    assert list(authenticated.get(f"{url}?limit=0").json().values()) == [[]]
    for query in ("limit=-1", "limit=x"):
        assert "badRequest" in authenticated.get(f"{url}?{query}").json()
    if "flavors" in path:
        answer = authenticated.get(f"{url}?marker=nope")
        assert answer.json() == {"badRequest": {"code": 400, "message": "marker [nope] not found"}}


@pytest.mark.parametrize(
    ("headers", "status", "version", "has_extra_specs"),
    [
        ({}, 200, "2.1", False),
        ({"OpenStack-API-Version": "compute 2.60"}, 200, "2.60", False),
        ({"OpenStack-API-Version": "compute 2.61"}, 200, "2.61", True),
        ({"X-OpenStack-Nova-API-Version": "2.61"}, 200, "2.61", True),
        ({"OpenStack-API-Version": "volume 3.0, compute latest"}, 200, "2.96", True),
        ({"OpenStack-API-Version": "volume 3.0"}, 200, "2.1", False),
        ({"OpenStack-API-Version": "compute 2.97"}, 406, None, False),
        ({"OpenStack-API-Version": "compute new"}, 400, None, False),
    ],
)
def test_nova_speaks_the_microversion_it_is_asked_for(
    headers: dict[str, str],
    status: int,
    version: str | None,
    has_extra_specs: bool,
    cloud: DemoCloud,
    authenticated: requests.Session,
) -> None:
    answer = authenticated.get(f"{cloud.url}/compute/v2.1/flavors/detail", headers=headers)
    assert answer.status_code == status
    assert answer.headers.get("X-OpenStack-Nova-API-Version") == version
    flavors = answer.json().get("flavors", [])
    assert any("extra_specs" in flavor for flavor in flavors) is has_extra_specs


def test_thousands_of_images_are_listed_within_seconds(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    data.many(state, images=5000)
    start, seen, path = time.monotonic(), 0, "/v2/images?limit=1000"
    while path:
        answer = authenticated.get(f"{cloud.url}/image{path}").json()
        seen += len(answer["images"])
        path = answer.get("next", "")
    assert seen == len(state.images)
    assert time.monotonic() - start < 60  # it takes 0.2 s, and would take minutes with a copy of all for each page
