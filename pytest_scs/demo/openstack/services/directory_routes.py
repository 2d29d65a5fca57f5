# SPDX-License-Identifier: Apache-2.0
"""The paths of Keystone that users of the directory share with the demo's own user, and who answers whom."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_scs.demo.openstack.services import directory_links as links
from pytest_scs.demo.openstack.services import directory_things as things
from pytest_scs.demo.openstack.services.directory_auth import by_caller
from pytest_scs.demo.openstack.wire import Route, forbidden

_DENIED = forbidden("You are not authorized to perform the requested action.")
_ONE = ("GET", "PATCH", "DELETE")
_LINK = ("GET", "PUT", "DELETE")


def shared(*own: Route) -> Iterator[Route]:
    """Routes for both: a path and method that only one of the two knows is forbidden to the other."""
    for_own = {(route.path, method): route.handler for route in own for method in route.methods}
    for_directory = {(route.path, method): route.handler for route in _routes() for method in route.methods}
    for path, method in dict.fromkeys((*for_own, *for_directory)):
        key = (path, method)
        yield Route(path, by_caller(for_directory.get(key, _DENIED), for_own.get(key, _DENIED)), (method,))


def _routes() -> Iterator[Route]:
    for name in (*things.IN_DOMAINS, *things.IN_CLOUD):
        yield Route(f"/v3/{name}", things.collection(name))
        yield Route(f"/v3/{name}", things.creation(name), ("POST",))
        yield Route(f"/v3/{name}/<{name.removesuffix('s')}>", things.one(name), _ONE)
    yield Route("/v3/groups/<group>/users", links.members)
    yield Route("/v3/groups/<group>/users/<user>", links.member, _LINK)
    yield Route("/v3/users/<user>/projects", links.projects_of)
    for scope in ("project", "domain"):
        for holder in ("user", "group"):
            path = f"/v3/{scope}s/<{scope}>/{holder}s/<{holder}>/roles/<role>"
            yield Route(path, links.grant, _LINK)
    yield Route("/v3/role_assignments", links.assignments)
    yield Route("/v3/roles/<prior>/implies/<implied>", links.imply, ("PUT", "DELETE"))
    yield Route("/v3/system/users/<user>/roles/<role>", links.system_grant, ("PUT", "DELETE"))
    yield from _credentials()


def _credentials() -> Iterator[Route]:
    application = links.credentials("application_credential", "list_application_credentials")
    both = ("GET", "POST")
    yield Route("/v3/users/<user>/application_credentials", application, both)
    yield Route("/v3/users/<user>/credentials/OS-EC2", links.credentials("credential", "ec2_list_credentials"), both)
    yield Route("/v3/OS-TRUST/trusts", links.credentials("trust", "list_trusts_for_trustor"), both)
