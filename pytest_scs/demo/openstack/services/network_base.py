# SPDX-License-Identifier: Apache-2.0
"""What all resources of Neutron have in common: listings with filters, attributes, quotas, errors."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from pytest_scs.demo.openstack.services import usage
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Call, RefusedError, after, content, find, reply, unauthorized

_TYPES = {
    400: "HTTPBadRequest",
    404: "HTTPNotFound",
    405: "HTTPMethodNotAllowed",
    503: "ServiceUnavailable",
}
#: Query parameters that are no filters, and filters that are no attributes.
_CONTROL = {"fields", "limit", "marker", "page_reverse", "sort_key", "sort_dir"}
_TAG_FILTERS = {"tags", "tags-any", "not-tags", "not-tags-any"}


def refuse(request: Request, refused: RefusedError) -> Response:
    """Neutron's error document, which carries the name of the exception."""
    if refused.status == 401:
        return unauthorized(request)
    kind = refused.kind or _TYPES.get(refused.status, "HTTPInternalServerError")
    error = {"type": kind, "message": refused.message, "detail": ""}
    return reply({"NeutronError": error}, refused.status, refused.headers)


@dataclasses.dataclass(frozen=True, slots=True)
class Collection:
    """One kind of resource.

    ``name`` and ``singular`` are the keys of its documents, ``title`` begins the message and, without blanks, the name
    of the exception when there is none with some id; ``attributes`` are those it has beyond the common ones, with their
    defaults; ``fixed`` those of them that cannot be given, ``lasting`` those that cannot be changed, ``admin`` those
    only administrators may give.
    """

    name: str
    singular: str
    title: str
    missing: str
    attributes: Mapping[str, Any]
    fixed: frozenset[str] = frozenset()
    lasting: frozenset[str] = frozenset()
    admin: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        """The path of the collection below the service."""
        return f"/v2.0/{self.name.replace('_', '-')}"

    def stored(self, state: CloudState) -> list[dict[str, Any]]:
        """Where its resources are kept; no copy."""
        return list_of(state, self.name)


def list_of(state: CloudState, name: str) -> list[dict[str, Any]]:
    """The list of the state that has this name."""
    found: list[dict[str, Any]] = getattr(state, name)
    return found


def stamp(state: CloudState) -> str:
    """The time of the cloud as Neutron writes it."""
    return state.now().strftime("%Y-%m-%dT%H:%M:%SZ")


# -- making and changing --------------------------------------------------------------------------------------------


def asked(call: Call, collection: Collection) -> dict[str, Any]:
    """The attributes the body of a POST or PUT gives.

    Raises RefusedError: 400 for what the resource has not or nobody may set, 403 for what only administrators may.
    """
    given = content(call, collection.singular, f"Unable to find '{collection.singular}' in request body")
    verb = "create" if call.request.method == "POST" else "update"
    allowed = ({"name", "description", "project_id", "tenant_id"} | collection.attributes.keys()) - collection.fixed
    if unknown := ", ".join(f"'{name}'" for name in given if name not in allowed):
        raise RefusedError(400, f"Unrecognized attribute(s) {unknown}")
    if verb == "update" and (lasting := ", ".join(sorted(collection.lasting & given.keys()))):
        raise RefusedError(400, f"Cannot update read-only attribute {lasting}")
    action = f"{verb}_{collection.singular}"
    for name in sorted(collection.admin & given.keys()):
        if given[name] != collection.attributes[name]:
            message = f"(rule:{action} and rule:{action}:{name}) is disallowed by policy"
            raise RefusedError(403, message, "PolicyNotAuthorized")
    for name in ("project_id", "tenant_id"):
        if given.pop(name, call.state.project_id) != call.state.project_id:
            raise RefusedError(403, f"rule:{action} is disallowed by policy", "PolicyNotAuthorized")
    return given


def charge(state: CloudState, name: str, count: int = 1) -> None:
    """See that so many more of a kind fit into the quota; raises RefusedError (409) if they do not."""
    if usage.exceeded(state, {name: count}):
        raise RefusedError(409, f"Quota exceeded for resources: ['{name.removesuffix('s')}'].", "OverQuota")


def new(state: CloudState, collection: Collection, given: Mapping[str, Any]) -> dict[str, Any]:
    """A resource of the project with these attributes, not yet kept anywhere."""
    now = stamp(state)
    return {
        "id": str(uuid.uuid4()),
        "name": "",
        "description": "",
        "project_id": state.project_id,
        "tenant_id": state.project_id,
        **{name: value.copy() if isinstance(value, list) else value for name, value in collection.attributes.items()},
        **given,
        "tags": [],
        "created_at": now,
        "updated_at": now,
        "revision_number": 1,
    }


def touch(state: CloudState, item: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Change a resource."""
    item.update(changes, updated_at=stamp(state), revision_number=item["revision_number"] + 1)


# -- finding --------------------------------------------------------------------------------------------------------


def visible(state: CloudState, item: Mapping[str, Any]) -> bool:
    """Whether the project sees a resource: its own ones, and networks that are external or shared."""
    return state.owns(item) or bool(item.get("router:external") or item.get("shared"))


def lookup(state: CloudState, collection: Collection, identity: str) -> dict[str, Any]:
    """The resource with this id, if the project sees it; raises RefusedError (404)."""
    item = find(collection.stored(state), identity)
    if item is None or not visible(state, item):
        kind = f"{collection.title.title().replace(' ', '')}NotFound"
        raise RefusedError(404, f"{collection.title} {identity} {collection.missing}", kind)
    return item


def own(call: Call, collection: Collection, verb: str) -> dict[str, Any]:
    """The resource the path names, to be changed or deleted; raises RefusedError: 404, or 403 for what others own."""
    item = lookup(call.state, collection, call.arguments["id"])
    if not call.state.owns(item):
        raise RefusedError(403, f"rule:{verb}_{collection.singular} is disallowed by policy", "PolicyNotAuthorized")
    return item


def shown(call: Call, item: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of a resource: all of it, or the fields that are asked for."""
    fields = set(call.request.args.getlist("fields"))
    return {name: value for name, value in item.items() if not name.startswith("_") and (not fields or name in fields)}


def listing(call: Call, collection: Collection, items: Iterable[Mapping[str, Any]]) -> Response:
    """A page of the resources that the query is about; raises RefusedError (400) for filters Neutron has not got."""
    matches = _matches(call, collection)
    found = [dict(item) for item in items if visible(call.state, item) and matches(item)]
    limit = _limit(call)
    start = 0
    if "marker" in call.query:
        start = after(found, call.query["marker"])
        if start < 0:
            raise RefusedError(404, f"Marker {call.query['marker']} could not be found.", "MarkerNotFound")
    page = found[start : start + limit]
    body: dict[str, Any] = {collection.name: [shown(call, item) for item in page]}
    if page and len(page) == limit:
        query = [(name, value) for name, value in call.request.args.items(multi=True) if name != "marker"]
        href = f"{call.request.base_url}?{urlencode([*query, ('marker', page[-1]['id'])])}"
        body[f"{collection.name}_links"] = [{"rel": "next", "href": href}]
    return reply(body)


def _limit(call: Call) -> int:
    asked = call.query.get("limit", "0")
    if not asked.isdigit():
        message = f"Bad limit request: Limit must be an integer 0 or greater and not '{asked}'."
        raise RefusedError(400, message, "BadRequest")
    return min(int(asked) or call.state.page_size, call.state.page_size)


def _matches(call: Call, collection: Collection) -> Callable[[Mapping[str, Any]], bool]:
    known = {"id", "name", "description", "project_id", "tenant_id", "revision_number"} | collection.attributes.keys()
    wanted = {name: values for name, values in call.request.args.lists() if name not in _CONTROL | _TAG_FILTERS}
    if unknown := [name for name in wanted if name not in known]:
        raise RefusedError(400, f"{unknown} is invalid attribute for filtering")
    tags = {name: set(call.query[name].split(",")) for name in _TAG_FILTERS & call.query.keys()}

    def matches(item: Mapping[str, Any]) -> bool:
        has = set(item["tags"])
        return (
            all(any(_is(item.get(name), value) for value in values) for name, values in wanted.items())
            and tags.get("tags", set()) <= has
            and ("tags-any" not in tags or bool(tags["tags-any"] & has))
            and ("not-tags" not in tags or not tags["not-tags"] <= has)
            and not tags.get("not-tags-any", set()) & has
        )

    return matches


def _is(value: Any, text: str) -> bool:
    """Whether an attribute has the value a filter names; addresses are named by parts, as ``subnet_id=...``."""
    if isinstance(value, list):
        name, _, part = text.partition("=")
        return any(entry.get(name) == part if isinstance(entry, dict) else entry == text for entry in value)
    if isinstance(value, bool):
        return text.lower() in (("true", "1") if value else ("false", "0"))
    return str(value) == text if value is not None else text in ("", "None")
