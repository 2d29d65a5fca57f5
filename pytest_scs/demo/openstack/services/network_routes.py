# SPDX-License-Identifier: Apache-2.0
"""The routes every resource of Neutron has: list, create, show, update, delete, tags."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import network_base as base
from pytest_scs.demo.openstack.services.network_base import Collection
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Call, Handler, RefusedError, Route, nothing, reply

Given = dict[str, Any]
Item = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Resource:
    """What is special about one kind of resource.

    ``create`` makes one out of what is given and keeps it, ``remove`` forgets one, ``update`` says what really changes.
    All raise RefusedError where Neutron would not do it, and then have changed nothing. ``prepare`` is called before
    a listing.
    """

    collection: Collection
    create: Callable[[CloudState, Given], Item]
    remove: Callable[[CloudState, Item], None]
    update: Callable[[CloudState, Item, Given], Given]
    prepare: Callable[[CloudState], object] = lambda state: None


def routes(resource: Resource) -> Iterable[Route]:
    """All routes of one kind of resource."""
    collection = resource.collection
    one = f"{collection.path}/<id>"
    yield Route(collection.path, _list(resource))
    yield Route(collection.path, _create(resource), ("POST",))
    yield Route(one, _show(collection))
    yield Route(one, _update(resource), ("PUT",))
    yield Route(one, _delete(resource), ("DELETE",))
    yield Route(f"{one}/tags", _tags(collection))
    yield Route(f"{one}/tags", _replace_tags(collection), ("PUT",))
    yield Route(f"{one}/tags", _remove_tags(collection), ("DELETE",))
    yield Route(f"{one}/tags/<tag>", _has_tag(collection))
    yield Route(f"{one}/tags/<tag>", _add_tag(collection), ("PUT",))
    yield Route(f"{one}/tags/<tag>", _remove_tag(collection), ("DELETE",))


def _list(resource: Resource) -> Handler:
    def list_all(call: Call) -> Response:
        resource.prepare(call.state)
        return base.listing(call, resource.collection, resource.collection.stored(call.state))

    return list_all


def _create(resource: Resource) -> Handler:
    def create(call: Call) -> Response:
        collection = resource.collection
        item = resource.create(call.state, base.asked(call, collection))
        return reply({collection.singular: base.shown(call, item)}, 201)

    return create


def _show(collection: Collection) -> Handler:
    def show(call: Call) -> Response:
        item = base.lookup(call.state, collection, call.arguments["id"])
        return reply({collection.singular: base.shown(call, item)})

    return show


def _update(resource: Resource) -> Handler:
    def update(call: Call) -> Response:
        collection = resource.collection
        item = base.own(call, collection, "update")
        base.touch(call.state, item, resource.update(call.state, item, base.asked(call, collection)))
        return reply({collection.singular: base.shown(call, item)})

    return update


def _delete(resource: Resource) -> Handler:
    def delete(call: Call) -> Response:
        resource.remove(call.state, base.own(call, resource.collection, "delete"))
        return nothing()

    return delete


# -- tags -----------------------------------------------------------------------------------------------------------


def _tags(collection: Collection) -> Handler:
    return lambda call: reply({"tags": base.lookup(call.state, collection, call.arguments["id"])["tags"]})


def _set(call: Call, item: Item, tags: Iterable[str]) -> None:
    base.touch(call.state, item, {"tags": list(dict.fromkeys(tags))})


def _replace_tags(collection: Collection) -> Handler:
    def replace(call: Call) -> Response:
        item = base.own(call, collection, "update")
        body = call.request.get_json(force=True, silent=True)
        tags = body.get("tags") if isinstance(body, dict) else None
        if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
            raise RefusedError(400, "Invalid tags body")
        _set(call, item, tags)
        return reply({"tags": item["tags"]})

    return replace


def _remove_tags(collection: Collection) -> Handler:
    def remove(call: Call) -> Response:
        _set(call, base.own(call, collection, "update"), ())
        return nothing()

    return remove


def _require_tag(item: Item, tag: str) -> None:
    if tag not in item["tags"]:
        raise RefusedError(404, f"Tag {tag} could not be found.", "TagNotFound")


def _has_tag(collection: Collection) -> Handler:
    def has(call: Call) -> Response:
        _require_tag(base.lookup(call.state, collection, call.arguments["id"]), call.arguments["tag"])
        return nothing()

    return has


def _add_tag(collection: Collection) -> Handler:
    def add(call: Call) -> Response:
        item = base.own(call, collection, "update")
        _set(call, item, [*item["tags"], call.arguments["tag"]])
        return reply(None, 201)

    return add


def _remove_tag(collection: Collection) -> Handler:
    def remove(call: Call) -> Response:
        item = base.own(call, collection, "update")
        _require_tag(item, call.arguments["tag"])
        _set(call, item, [tag for tag in item["tags"] if tag != call.arguments["tag"]])
        return nothing()

    return remove
