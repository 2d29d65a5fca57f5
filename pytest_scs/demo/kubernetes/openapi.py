# SPDX-License-Identifier: Apache-2.0
"""The API as OpenAPI describes it: what kubectl asks for before it applies, and what it explains."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.kubernetes.fields import Field, fields_of, is_message, message_of
from pytest_scs.demo.kubernetes.resources import Resource
from pytest_scs.demo.kubernetes.wire import Call, reply, text

ROOT = "/openapi/v3"
_REF = "#/components/schemas/"
_PLAIN = {
    "string": {"type": "string"},
    "time": {"type": "string", "format": "date-time"},
    "duration": {"type": "string"},
    "bytes": {"type": "string", "format": "byte"},
    "quantity": {"type": "string"},
    "bool": {"type": "boolean"},
    "int": {"type": "integer", "format": "int64"},
    "double": {"type": "number", "format": "double"},
    "int-or-string": {"type": "string", "format": "int-or-string"},
    "raw": {"type": "object"},
}


def index(call: Call) -> Response:
    """Where the description of each group and version is."""
    places = sorted({_place(one, version) for one in call.state.resources for version in one.versions})
    return reply({"paths": {place: {"serverRelativeURL": f"{ROOT}/{place}"} for place in places}})


def document(call: Call, place: str) -> Response:
    """The description of one group and version."""
    found = [
        (one, version) for one in call.state.resources for version in one.versions if _place(one, version) == place
    ]
    if not found:
        return text("404 page not found\n", 404)
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for resource, version in found:
        paths |= _paths(resource, version)
        schemas[_schema_name(resource, version)] = _schema(resource, version, schemas)
    head = {"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": str(call.state.version.get("gitVersion"))}}
    return reply({**head, "paths": paths, "components": {"schemas": schemas}})


def _place(resource: Resource, version: str) -> str:
    return f"apis/{resource.group}/{version}" if resource.group else f"api/{version}"


def _schema_name(resource: Resource, version: str) -> str:
    group = resource.group.split(".")[0] or "core"
    return f"io.k8s.api.{group}.{version}.{resource.kind}"


def _marks(resource: Resource, version: str) -> dict[str, str]:
    return {"group": resource.group, "version": version, "kind": resource.kind}


def _paths(resource: Resource, version: str) -> dict[str, Any]:
    """The paths of a kind with what may be done there; kubectl looks for ``fieldValidation`` and ``dryRun``."""
    base = f"/{_place(resource, version)}/{'namespaces/{namespace}/' if resource.namespaced else ''}{resource.plural}"
    options = [
        {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
        for name in ("dryRun", "fieldManager", "fieldValidation")
    ]
    content = {"application/json": {"schema": {"$ref": _REF + _schema_name(resource, version)}}}

    def operation(action: str) -> dict[str, Any]:
        return {
            "parameters": options,
            "responses": {"200": {"description": "OK", "content": content}},
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind": _marks(resource, version),
        }

    return {
        base: {"get": operation("list"), "post": operation("post")},
        f"{base}/{{name}}": {"get": operation("get"), "put": operation("put"), "patch": operation("patch")},
    }


def _schema(resource: Resource, version: str, schemas: dict[str, Any]) -> dict[str, Any]:
    """The form of a kind; the messages in it are added to ``schemas``."""
    properties: dict[str, Any] = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}
    found: dict[str, Any] = {"type": "object", "description": f"An object of the kind {resource.kind}."}
    if message := message_of(resource.kind):
        properties |= _properties(message, schemas)
    else:
        found["x-kubernetes-preserve-unknown-fields"] = True
    return {**found, "properties": properties, "x-kubernetes-group-version-kind": [_marks(resource, version)]}


def _properties(message: str, schemas: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields_of(message).values():
        if "i" in field.marks:
            found |= _properties(field.kind, schemas)
        else:
            found[field.name] = _property(field, schemas)
    return found


def _property(field: Field, schemas: dict[str, Any]) -> dict[str, Any]:
    value = _form(field.kind, schemas)
    if "m" in field.marks:
        return {"type": "object", "additionalProperties": value}
    return {"type": "array", "items": value} if "r" in field.marks else value


def _form(kind: str, schemas: dict[str, Any]) -> dict[str, Any]:
    """The form of a value; a message is noted, and referred to."""
    if kind.startswith("items:"):
        return {"type": "array", "items": _form(kind.removeprefix("items:"), schemas)}
    if not is_message(kind):
        return dict(_PLAIN[kind])
    name = f"io.k8s.api.{kind}"
    if name not in schemas:
        schemas[name] = {}  # for what contains itself
        schemas[name] = {"type": "object", "properties": _properties(kind, schemas)}
    return {"allOf": [{"$ref": _REF + name}]}
