# SPDX-License-Identifier: Apache-2.0
"""Nova v2.1: discovery, flavors (with extra specs depending on the microversion), limits, and servers."""

from __future__ import annotations

from typing import Any

from keystoneauth1.fixture.discovery import DiscoveryBase, NovaMicroversionDiscovery
from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import compute_base as base
from pytest_scs.demo.openstack.services import server_api, usage
from pytest_scs.demo.openstack.services.discovery import dated
from pytest_scs.demo.openstack.wire import Api, Call, RefusedError, Route, find, forbidden, reply

# -- discovery ------------------------------------------------------------------------------------------------------


def _discovery(call: Call) -> DiscoveryBase:
    newest = call.state.compute_microversion
    url = f"{call.base}{base.PREFIX}/"
    entry = NovaMicroversionDiscovery(url, "v2.1", status="CURRENT", min_version="2.1", version=newest)
    return dated(entry, "2013-07-23T11:33:21Z")


# -- flavors --------------------------------------------------------------------------------------------------------


def _shown(call: Call, flavor: dict[str, Any], detail: bool) -> dict[str, Any]:
    asked = base.version(call)
    shown: dict[str, Any] = {"id": flavor["id"], "name": flavor["name"]}
    if detail:
        shown |= {
            "ram": flavor["ram"],
            "disk": flavor["disk"],
            "swap": flavor.get("swap", 0) or (0 if asked >= (2, 75) else ""),
            "OS-FLV-EXT-DATA:ephemeral": flavor.get("ephemeral", 0),
            "OS-FLV-DISABLED:disabled": flavor["disabled"],
            "vcpus": flavor["vcpus"],
            "os-flavor-access:is_public": flavor["is_public"],
            "rxtx_factor": flavor.get("rxtx_factor", 1.0),
        }
    shown["links"] = base.links(call, "flavors", flavor["id"])
    if asked >= (2, 55):
        shown["description"] = flavor.get("description")
    if detail and asked >= (2, 61):
        shown["extra_specs"] = flavor["extra_specs"]
    return shown


def _flavors(call: Call, detail: bool) -> Response:
    """A page of the flavors; disabled ones are listed for administrators only."""
    flavors = [flavor for flavor in call.state.flavors if not flavor["disabled"]]
    return base.page(call, "flavors", flavors, lambda flavor: _shown(call, flavor, detail))


def _find(call: Call) -> dict[str, Any]:
    wanted = call.arguments["flavor"]
    flavor = find(call.state.flavors, wanted)
    if flavor is None:
        raise RefusedError(404, f"Flavor {wanted} could not be found.")
    return flavor


# -- limits ---------------------------------------------------------------------------------------------------------


def _limits(call: Call) -> Response:
    """What the project may have of servers, and what it has."""
    state, used = call.state, usage.used(call.state)
    absolute = {
        "maxTotalInstances": usage.limit(state, "instances"),
        "maxTotalCores": usage.limit(state, "cores"),
        "maxTotalRAMSize": usage.limit(state, "ram"),
        "maxServerMeta": 128,
        "maxTotalKeypairs": 100,
        "maxServerGroups": 10,
        "maxServerGroupMembers": 10,
        "totalRAMUsed": used["ram"],
        "totalCoresUsed": used["cores"],
        "totalInstancesUsed": used["instances"],
        "totalServerGroupsUsed": 0,
    }
    return base.answer(call, {"limits": {"rate": [], "absolute": absolute}})


# -- availability zones ---------------------------------------------------------------------------------------------


def _zones(call: Call) -> Response:
    """All zones; which hosts they have is for administrators."""
    zones = call.state.compute_zones
    shown = [{"zoneName": name, "zoneState": {"available": up}, "hosts": None} for name, up in zones.items()]
    return base.answer(call, {"availabilityZoneInfo": shown})


API = Api(
    "/compute",
    (
        Route("", lambda call: reply({"versions": [_discovery(call)]}), public=True),
        Route("/v2.1", lambda call: base.answer(call, {"version": _discovery(call)}), public=True),
        Route("/v2.1/flavors", lambda call: _flavors(call, detail=False)),
        Route(
            "/v2.1/flavors",
            forbidden("Policy doesn't allow os_compute_api:os-flavor-manage:create to be performed."),
            ("POST",),
        ),
        Route("/v2.1/flavors/detail", lambda call: _flavors(call, detail=True)),
        Route("/v2.1/flavors/<flavor>", lambda call: base.answer(call, {"flavor": _shown(call, _find(call), True)})),
        Route(
            "/v2.1/flavors/<flavor>",
            forbidden("Policy doesn't allow os_compute_api:os-flavor-manage:delete to be performed."),
            ("DELETE",),
        ),
        Route(
            "/v2.1/flavors/<flavor>/os-extra_specs",
            lambda call: base.answer(call, {"extra_specs": _find(call)["extra_specs"]}),
        ),
        Route(
            "/v2.1/flavors/<flavor>/os-extra_specs",
            forbidden("Policy doesn't allow os_compute_api:os-flavor-extra-specs:create to be performed."),
            ("POST",),
        ),
        *server_api.ROUTES,
        Route("/v2.1/limits", _limits),
        Route("/v2.1/os-keypairs", base.empty("keypairs")),
        Route("/v2.1/os-server-groups", base.empty("server_groups")),
        Route("/v2.1/extensions", base.empty("extensions")),
        Route("/v2.1/os-availability-zone", _zones),
        Route(
            "/v2.1/os-hypervisors",
            forbidden("Policy doesn't allow os_compute_api:os-hypervisors:list to be performed."),
        ),
    ),
    base.refuse,
)
