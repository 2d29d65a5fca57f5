# SPDX-License-Identifier: Apache-2.0
"""scs-0219: APIs and classes of networking that SHOULD be there (documents: scs-0219-v1, scs-0219-v2).

They are no part of the end-to-end tests (DEV-0219-4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_scs.base.words import shown, some
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided
from pytest_scs.standards.kaas.network_model import (
    GATEWAY_GROUP,
    POLICY_GROUP,
    ApiGroup,
    DaemonSet,
    GatewayClass,
    IngressClass,
    ServedVersion,
)

_DEFAULT_INGRESS: Final = "ingressclass.kubernetes.io/is-default-class"

#: What there was first, and what both were merged into.
_ADMIN_POLICIES: Final = frozenset(("adminnetworkpolicies", "baselineadminnetworkpolicies"))
_CLUSTER_POLICIES: Final = frozenset(("clusternetworkpolicies",))

_GATEWAY_RESOURCES: Final = frozenset(("gatewayclasses", "gateways", "httproutes"))
_STABLE: Final = "v1"

# As the plugins that may serve these policies call their daemon sets.
_PLUGINS: Final = {
    "Cilium": re.compile(r"cilium"),
    "Calico": re.compile(r"calico"),
    "Antrea": re.compile(r"antrea"),
    "Kube-OVN": re.compile(r"kube-ovn|ovs-ovn"),
    "OVN-Kubernetes": re.compile(r"ovnkube|ovn-kubernetes"),
}

#: Versions of a group that are told.
_VERSIONS: Final = 10

#: Classes that are told one by one.
_CLASSES: Final = 10

_POLICIES: Final = f"API group {POLICY_GROUP}"
_GATEWAYS: Final = f"API group {GATEWAY_GROUP}"
_INGRESS: Final = "ingress classes"


def check_admin_network_policy(groups: Sequence[ApiGroup], daemon_sets: Sequence[DaemonSet]) -> Iterator[Observation]:
    """AdminNetworkPolicy and BaselineAdminNetworkPolicy, or their successor, SHOULD be supported.

    Source: scs-0219-v1 (docs/standards/scs-0219.md#scs-0219-x-admin-network-policy).
    """
    versions = _versions(groups, POLICY_GROUP)
    served = frozenset().union(*(one.resources for one in versions))
    if not (served >= _ADMIN_POLICIES or served >= _CLUSTER_POLICIES):
        if any(one.stale for one in versions):
            yield Undecided(_POLICIES, "the server lists it, and does not know its resources at the moment")
            return
        yield Finding(
            resource=_POLICIES,
            rule="scs-0219/admin_network_policies",
            title="policies of administrators are supported",
            expected=f"{' and '.join(sorted(_ADMIN_POLICIES))}, or {' and '.join(_CLUSTER_POLICIES)}",
            observed=_listed(versions),
            hint="use a network plugin that supports them, and install its custom resource definitions",
            deviation="DEV-0219-4",
        )
        return
    yield from _which_plugin(daemon_sets)


def check_ingress_class(classes: Sequence[IngressClass]) -> Iterator[Observation]:
    """A managed ingress controller SHOULD be offered: its class is the default one.

    Source: scs-0219-v1 (docs/standards/scs-0219.md#scs-0219-x-ingress-class).
    """
    defaults = [one for one in classes if one.annotations.get(_DEFAULT_INGRESS) == "true"]
    if not defaults:
        names = some([one.name for one in classes])
        found = f"none of {names} is the default" if names else "there are none"
        yield Undecided(_INGRESS, f"{found}; may be an option at order time")
    for one in defaults[:_CLASSES]:
        yield Remark(f"is the default, served by {_controller(one)}", f"ingress class {one.name}")
    if len(defaults) > 1:
        yield Remark(
            f"{len(defaults)} are the default; which one is used depends on the version of Kubernetes", _INGRESS
        )


def check_gateway_api(groups: Sequence[ApiGroup], classes: Sequence[GatewayClass]) -> Iterator[Observation]:
    """The Gateway API SHOULD be offered, managed or to be installed, with classes, gateways and HTTP routes.

    Source: scs-0219-v2, a draft (docs/standards/scs-0219.md#scs-0219-x-gateway-api).
    """
    versions = _versions(groups, GATEWAY_GROUP)
    if not versions:
        yield Undecided(_GATEWAYS, "it is not there; may be an installable option")
        return
    complete = [one.version for one in versions if one.resources >= _GATEWAY_RESOURCES]
    if not complete:
        if any(one.stale for one in versions):
            yield Undecided(_GATEWAYS, "the server lists it, and does not know its resources at the moment")
            return
        yield Finding(
            resource=_GATEWAYS,
            rule="scs-0219/gateway_resources",
            title="the Gateway API is complete",
            expected=f"{', '.join(sorted(_GATEWAY_RESOURCES))} in one version",
            observed=_listed(versions),
            hint="kubectl apply --server-side -f FILE  # standard-install.yaml of a release of the Gateway API",
            deviation="DEV-0219-4",
        )
        return
    if _STABLE not in complete:
        yield Remark(f"complete in {some(complete)} only, not in {_STABLE}", _GATEWAYS)
    yield from _accepted(classes)


def plugins(daemon_sets: Sequence[DaemonSet]) -> dict[str, DaemonSet]:
    """The network plugins that may support policies of administrators, by name, each with a daemon set of it."""
    found: dict[str, DaemonSet] = {}
    for one in daemon_sets:
        for name, pattern in _PLUGINS.items():
            if pattern.search(one.name):
                found.setdefault(name, one)
    return found


def _which_plugin(daemon_sets: Sequence[DaemonSet]) -> Iterator[Observation]:
    """Name the plugin: that the API server knows the resources does not mean that anybody heeds them."""
    found = plugins(daemon_sets)
    for name, daemon_set in found.items():
        yield Remark(
            f"network plugin {name} (daemon set {shown(str(daemon_set))}); whether it heeds them was not tried",
            _POLICIES,
        )
    if not found:
        known = ", ".join(_PLUGINS)
        yield Undecided(
            _POLICIES,
            f"its resources are there, which proves little: no daemon set is that of a plugin known for them ({known})",
        )


def _accepted(classes: Sequence[GatewayClass]) -> Iterator[Observation]:
    accepted = [one for one in classes if one.accepted == "True"]
    for one in accepted[:_CLASSES]:
        yield Remark(f"is accepted by {_controller(one)}", f"gateway class {one.name}")
    if not accepted:
        names = some([f"{one.name}: {one.accepted or 'not set'}" for one in classes])
        found = f" (Accepted of {names})" if names else " (there is none)"
        yield Undecided(_GATEWAYS, f"the API is there, no controller accepts a class{found}")


def _versions(groups: Sequence[ApiGroup], name: str) -> tuple[ServedVersion, ...]:
    return next((group.versions for group in groups if group.name == name), ())


def _listed(versions: Sequence[ServedVersion]) -> str:
    found = [f"{shown(one.version)}: {some(sorted(one.resources)) or 'nothing'}" for one in versions[:_VERSIONS]]
    return "; ".join(found) or "the group is not there"


def _controller(one: IngressClass | GatewayClass) -> str:
    return shown(one.controller) if one.controller else "an unnamed controller"
