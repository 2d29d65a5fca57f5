# SPDX-License-Identifier: Apache-2.0
"""What Cinder does to a volume that is there: made into an image, extended, made bootable."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import image_writes, usage
from pytest_scs.demo.openstack.services import volume_base as base
from pytest_scs.demo.openstack.wire import Call, RefusedError, Route

#: Actions that are not acted here.
_NOT_HERE = {
    "os-retype",
    "revert",
    "os-migrate_volume",
    "os-update_readonly_flag",
    "os-set_image_metadata",
    "os-reimage",
}
_ADMINISTRATORS = {
    "os-reset_status": "volume_extension:volume_admin_actions:reset_status",
    "os-force_delete": "volume_extension:volume_admin_actions:force_delete",
}


def _act(call: Call) -> Response:
    """POST .../action; raises RefusedError, for what is unknown (400) and not to be had here (501), too."""
    volume = base.lookup(call, "volumes", call.arguments["volume"])
    body = call.request.get_json(force=True, silent=True)
    actions: dict[str, Any] = body if isinstance(body, dict) else {}
    name = next(iter(actions), "")
    given = actions[name] if isinstance(actions.get(name), dict) else {}
    if name == "os-volume_upload_image":
        return image_writes.from_volume(call)
    if name == "os-extend":
        return _extend(call, volume, given.get("new_size"))
    if name == "os-set_bootable":
        volume.update(bootable=str(bool(given.get("bootable"))).lower(), updated_at=base.stamp(call.state))
        return base.answer(call, None, 200)
    if name in _ADMINISTRATORS:
        raise RefusedError(403, f"Policy doesn't allow {_ADMINISTRATORS[name]} to be performed.")
    if name in _NOT_HERE:
        raise RefusedError(501, f"The demo cloud does not do '{name}'.")
    raise RefusedError(400, f"There is no such action: {call.request.get_data()!r}")


def _extend(call: Call, volume: dict[str, Any], wanted: Any) -> Response:
    """A larger volume; it is done when the answer comes."""
    if isinstance(wanted, bool) or not str(wanted).isdigit():
        raise RefusedError(400, f"Invalid input for field/attribute new_size. Value: {wanted}.")
    size, larger = volume["size"], int(wanted)
    if volume["status"] != "available":
        raise RefusedError(400, f"Invalid volume: Volume {volume['id']} status must be available to extend.")
    if larger <= size:
        reason = f"New size for extend must be greater than current size. (current: {size}, extended: {larger})."
        raise RefusedError(400, f"Invalid input received: {reason}")
    if usage.exceeded(call.state, {"gigabytes": larger - size}):
        base.charge(call.state, "volumes", larger - size)
    volume.update(size=larger, updated_at=base.stamp(call.state))
    return base.answer(call, None, 202)


ROUTES = (Route("/v3/<project>/volumes/<volume>/action", _act, ("POST",)),)
