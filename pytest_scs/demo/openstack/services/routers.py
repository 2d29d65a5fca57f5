# SPDX-License-Identifier: Apache-2.0
"""Neutron's routers: gateways to external networks and interfaces on the project's own ones."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import network_base as base
from pytest_scs.demo.openstack.services.network_base import Collection
from pytest_scs.demo.openstack.services.network_routes import Resource, routes
from pytest_scs.demo.openstack.services.networks import (
    NETWORKS,
    PORTS,
    ROUTER_INTERFACE,
    SUBNETS,
    create_port,
    free_address,
)
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Call, RefusedError, Route, reply

ROUTERS = Collection(
    "routers",
    "router",
    "Router",
    "could not be found",
    {
        "admin_state_up": True,
        "status": "ACTIVE",
        "external_gateway_info": None,
        "availability_zones": [],
        "availability_zone_hints": [],
        "routes": [],
        "flavor_id": None,
    },
    fixed=frozenset({"status", "availability_zones"}),
)


def _bad(reason: str) -> RefusedError:
    return RefusedError(400, f"Bad router request: {reason}", "BadRequest")


# -- routers --------------------------------------------------------------------------------------------------------


def _with_gateway(state: CloudState, given: dict[str, Any]) -> dict[str, Any]:
    """What is given, with an address on the external network that is to be the gateway."""
    wanted = given.get("external_gateway_info")
    if not wanted:
        return given | {"external_gateway_info": None} if "external_gateway_info" in given else given
    network = base.lookup(state, NETWORKS, str(wanted.get("network_id")))
    if not network["router:external"]:
        raise _bad(f"Network {network['id']} is not an external network.")
    subnets = [subnet for subnet in state.subnets if subnet["network_id"] == network["id"]]
    fixed = [{"subnet_id": subnet["id"], "ip_address": free_address(state, subnet)} for subnet in subnets]
    return given | {
        "external_gateway_info": {
            "network_id": network["id"],
            "external_fixed_ips": fixed,
            "enable_snat": wanted.get("enable_snat", True),
        }
    }


def _create(state: CloudState, given: dict[str, Any]) -> dict[str, Any]:
    given = _with_gateway(state, given)
    base.charge(state, ROUTERS.name)
    router = base.new(state, ROUTERS, given)
    state.routers.append(router)
    return router


def _update(state: CloudState, router: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    return _with_gateway(state, given)


def _interfaces(state: CloudState, router: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        port for port in state.ports if (port["device_id"], port["device_owner"]) == (router["id"], ROUTER_INTERFACE)
    ]


def _remove(state: CloudState, router: dict[str, Any]) -> None:
    if interfaces := ",".join(port["id"] for port in _interfaces(state, router)):
        raise RefusedError(409, f"Router {router['id']} has ports still attached: {interfaces}", "RouterInUse")
    state.routers.remove(router)


# -- interfaces -----------------------------------------------------------------------------------------------------


def _wanted(call: Call) -> dict[str, Any]:
    """What the body names: a subnet, a port, or, to remove an interface, both."""
    body = call.request.get_json(force=True, silent=True)
    if not isinstance(body, dict) or not body.keys() & {"subnet_id", "port_id"}:
        raise _bad("Either subnet_id or port_id must be specified.")
    return body


def _interface_answer(router: dict[str, Any], port: dict[str, Any]) -> Response:
    subnets = [fixed["subnet_id"] for fixed in port["fixed_ips"]]
    return reply(
        {
            "id": router["id"],
            "tenant_id": router["tenant_id"],
            "port_id": port["id"],
            "network_id": port["network_id"],
            "subnet_id": subnets[0],
            "subnet_ids": subnets,
        }
    )


def _add_interface(call: Call) -> Response:
    """Give a router an address on a subnet, the gateway's, or a port that exists."""
    state, body = call.state, _wanted(call)
    router = base.own(call, ROUTERS, "add_router_interface")
    if "port_id" in body:
        port = base.lookup(state, PORTS, str(body["port_id"]))
        if port["device_id"]:
            raise RefusedError(409, f"Port {port['id']} is still in use by {port['device_id']}.", "PortInUse")
        if not port["fixed_ips"]:
            raise _bad("Router port must have at least one fixed IP.")
        base.touch(state, port, {"device_id": router["id"], "device_owner": ROUTER_INTERFACE})
        return _interface_answer(router, port)
    subnet = base.lookup(state, SUBNETS, str(body["subnet_id"]))
    if not subnet["gateway_ip"]:
        raise _bad("Subnet for router interface must have a gateway IP.")
    if _on(state, router, subnet["id"]):
        raise _bad(f"Router already has a port on subnet {subnet['id']}.")
    port = create_port(
        state,
        {
            "network_id": subnet["network_id"],
            "fixed_ips": [{"subnet_id": subnet["id"], "ip_address": subnet["gateway_ip"]}],
            "device_id": router["id"],
            "device_owner": ROUTER_INTERFACE,
            "security_groups": [],
            "port_security_enabled": False,
        },
    )
    return _interface_answer(router, port)


def _on(state: CloudState, router: dict[str, Any], subnet: str) -> dict[str, Any] | None:
    """The interface a router has on a subnet."""
    for port in _interfaces(state, router):
        if any(fixed["subnet_id"] == subnet for fixed in port["fixed_ips"]):
            return port
    return None


def _remove_interface(call: Call) -> Response:
    state, body = call.state, _wanted(call)
    router = base.own(call, ROUTERS, "remove_router_interface")
    if "port_id" in body:
        port = next((port for port in _interfaces(state, router) if port["id"] == body["port_id"]), None)
        message = f"Router {router['id']} does not have an interface with id {body['port_id']}"
        kind = "RouterInterfaceNotFound"
    else:
        port = _on(state, router, body["subnet_id"])
        message = f"Router {router['id']} has no interface on subnet {body['subnet_id']}"
        kind = "RouterInterfaceNotFoundForSubnet"
    if port is None:
        raise RefusedError(404, message, kind)
    state.ports.remove(port)
    return _interface_answer(router, port)


ROUTES = (
    *routes(Resource(ROUTERS, _create, _remove, _update)),
    Route(f"{ROUTERS.path}/<id>/add_router_interface", _add_interface, ("PUT",)),
    Route(f"{ROUTERS.path}/<id>/remove_router_interface", _remove_interface, ("PUT",)),
)
