# SPDX-License-Identifier: Apache-2.0
"""Nova v2.1: discovery, flavors (with extra specs depending on the microversion), and all the rest."""

from __future__ import annotations

from keystoneauth1.fixture.discovery import DiscoveryBase, NovaMicroversionDiscovery
from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import compute_base as base
from pytest_scs.demo.openstack.services import compute_extras, flavors, server_api
from pytest_scs.demo.openstack.services.discovery import dated
from pytest_scs.demo.openstack.services.flavors import find_flavor, shown
from pytest_scs.demo.openstack.wire import Api, Call, Route, reply

# -- discovery ------------------------------------------------------------------------------------------------------


def _discovery(call: Call) -> DiscoveryBase:
    newest = call.state.compute_microversion
    url = f"{call.base}{base.PREFIX}/"
    entry = NovaMicroversionDiscovery(url, "v2.1", status="CURRENT", min_version="2.1", version=newest)
    return dated(entry, "2013-07-23T11:33:21Z")


# -- flavors --------------------------------------------------------------------------------------------------------


def _flavors(call: Call, detail: bool) -> Response:
    """A page of the flavors; disabled ones are listed for administrators only."""
    listed = [flavor for flavor in call.state.flavors if not flavor["disabled"]]
    return base.page(call, "flavors", listed, lambda flavor: shown(call, flavor, detail))


def _show(call: Call) -> Response:
    return base.answer(call, {"flavor": shown(call, find_flavor(call), detail=True)})


API = Api(
    "/compute",
    (
        Route("", lambda call: reply({"versions": [_discovery(call)]}), public=True),
        Route("/v2.1", lambda call: base.answer(call, {"version": _discovery(call)}), public=True),
        Route("/v2.1/flavors", lambda call: _flavors(call, detail=False)),
        Route("/v2.1/flavors/detail", lambda call: _flavors(call, detail=True)),
        Route("/v2.1/flavors/<flavor>", _show),
        Route(
            "/v2.1/flavors/<flavor>/os-extra_specs",
            lambda call: base.answer(call, {"extra_specs": find_flavor(call)["extra_specs"]}),
        ),
        *flavors.ROUTES,
        *server_api.ROUTES,
        *compute_extras.ROUTES,
    ),
    base.refuse,
)
