# SPDX-License-Identifier: Apache-2.0
"""Patches of objects: steps, what is to be merged, and what is to be merged by names."""

from __future__ import annotations

import json
from typing import Any

import yaml

from pytest_scs.demo.kubernetes.state import Object
from pytest_scs.demo.kubernetes.wire import Call, RefusedError

_TAKEN = "$deleteFromPrimitiveList/"
#: List -> what may name its items, the first that all of them have.
_NAMES = {
    "addresses": ("type",),
    "conditions": ("type",),
    "containers": ("name",),
    "env": ("name",),
    "ephemeralContainers": ("name",),
    "imagePullSecrets": ("name",),
    "initContainers": ("name",),
    "ownerReferences": ("uid",),
    "ports": ("containerPort", "port"),
    "secrets": ("name",),
    "taints": ("key",),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
}


def read(call: Call) -> Any:
    """What the body of a request wants changed; raises RefusedError (400) for what is no patch of its kind."""
    kind = call.request.mimetype
    data = call.request.get_data()
    try:
        found = yaml.safe_load(data) if "yaml" in kind else json.loads(data)
    except (ValueError, yaml.YAMLError) as error:
        raise RefusedError(400, f"error decoding patch: {str(error).splitlines()[0]}") from None
    if not isinstance(found, (dict, list)) or ("json-patch" in kind) is not isinstance(found, list):
        raise RefusedError(400, f"error decoding patch: json: cannot unmarshal {type(found).__name__} into Go value")
    if isinstance(found, dict):
        found.pop("kind", None)
        found.pop("apiVersion", None)
    return found


def changed(old: Object, changes: Any, *, strategic: bool) -> Object:
    """The object with the changes; a ``strategic`` patch, or what is applied, merges lists by what names their items.

    Raises RefusedError (422) for a step that cannot be taken.
    """
    if isinstance(changes, list):
        return _by_steps(old, changes)
    found: Object = _merged(old, changes, strategic)
    return found


def _merged(old: Any, changes: Any, strategic: bool) -> Any:
    """RFC 7396: null takes away, objects are merged, all else is replaced."""
    if not isinstance(changes, dict):
        return changes
    found = dict(old) if isinstance(old, dict) and changes.get("$patch") != "replace" else {}
    for key, value in changes.items():
        if strategic and key.startswith("$"):
            continue
        if value is None:
            found.pop(key, None)
        elif strategic and isinstance(value, list) and isinstance(found.get(key), list):
            found[key] = _merged_list(key, found[key], value)
        else:
            found[key] = _merged(found.get(key), value, strategic)
    for key, values in changes.items() if strategic else ():
        if key.startswith(_TAKEN):
            name = key.removeprefix(_TAKEN)
            found[name] = [one for one in found.get(name) or () if one not in values]
    return found


def _merged_list(key: str, old: list[Any], changes: list[Any]) -> list[Any]:
    """A list with the changes, if its items have names; else the changes."""
    name = next((name for name in _NAMES.get(key, ()) if all(_names(one, name) for one in (*old, *changes))), "")
    if not name:
        return [*old, *(one for one in changes if one not in old)] if key == "finalizers" else changes
    found = {one[name]: one for one in old}
    for change in changes:
        if change.get("$patch") == "delete":
            found.pop(change[name], None)
        else:
            found[change[name]] = _merged(found.get(change[name]), change, strategic=True)
    return list(found.values())


def _names(item: Any, name: str) -> bool:
    return isinstance(item, dict) and name in item


def _by_steps(item: Object, steps: list[dict[str, Any]]) -> Object:
    """RFC 6902, as far as objects and the ends of lists are concerned."""
    for step in steps:
        keys = [part.replace("~1", "/").replace("~0", "~") for part in str(step.get("path")).split("/")[1:]]
        place: Any = item
        for key in keys[:-1]:
            place = place[int(key)] if isinstance(place, list) else (place or {}).get(key)
        if not isinstance(place, (dict, list)):
            raise RefusedError(
                422, f"the server rejected our request due to an error in our request: {step.get('path')}"
            )
        _step(place, keys[-1], step)
    return item


def _step(place: Any, key: str, step: dict[str, Any]) -> None:
    action = step.get("op")
    if isinstance(place, list):
        if action == "add":
            place.insert(len(place) if key == "-" else int(key), step.get("value"))
        elif action == "remove":
            del place[int(key)]
        else:
            place[int(key)] = step.get("value")
    elif action == "remove":
        if key not in place:
            raise RefusedError(422, "the server rejected our request due to an error in our request")
        del place[key]
    elif action == "test":
        if place.get(key) != step.get("value"):
            raise RefusedError(422, "the server rejected our request due to an error in our request")
    else:
        place[key] = step.get("value")
