# SPDX-License-Identifier: Apache-2.0
"""What the API server of the demo cluster says of itself: version, health, discovery, metrics, flags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.kubernetes import openapi
from pytest_scs.demo.kubernetes.resources import Resource
from pytest_scs.demo.kubernetes.wire import Call, RefusedError, reply, text

_AGGREGATED = "g=apidiscovery.k8s.io"


def answer(call: Call) -> Response:
    """The answer to a request for a path that is no object's."""
    path = call.request.path.rstrip("/") or "/"
    if path in _PATHS:
        return _PATHS[path](call)
    parts = path.strip("/").split("/")
    if parts[0] in ("healthz", "livez", "readyz"):
        return text("ok")
    if parts[:2] == ["openapi", "v3"] and len(parts) > 2:
        return openapi.document(call, "/".join(parts[2:]))
    if parts[0] == "api" and parts[1:] == ["v1"]:
        return _resources(call, "", "v1")
    if parts[0] == "apis" and len(parts) == 2:
        return _group(call, parts[1])
    if parts[0] == "apis" and len(parts) == 3:
        return _resources(call, parts[1], parts[2])
    return text("404 page not found\n", 404)


def _version(call: Call) -> Response:
    return reply(call.state.version)


def _core(call: Call) -> Response:
    if _AGGREGATED in call.request.headers.get("Accept", ""):
        return _aggregated(call, core=True)
    place = {"clientCIDR": "0.0.0.0/0", "serverAddress": call.request.host}
    return reply({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [place]})


def _groups(call: Call) -> Response:
    if _AGGREGATED in call.request.headers.get("Accept", ""):
        return _aggregated(call, core=False)
    groups = [_entry(name, versions) for name, versions in _served(call).items()]
    return reply({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})


def _served(call: Call) -> dict[str, list[str]]:
    """The API groups but the core one with their versions, in order."""
    found: dict[str, list[str]] = {}
    for resource in call.state.resources:
        if resource.group:
            versions = found.setdefault(resource.group, [])
            versions.extend(version for version in resource.versions if version not in versions)
    return found


def _entry(name: str, versions: list[str]) -> dict[str, Any]:
    listed = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def _group(call: Call, name: str) -> Response:
    versions = _served(call).get(name)
    if versions is None:
        return text("404 page not found\n", 404)
    return reply({"kind": "APIGroup", "apiVersion": "v1", **_entry(name, versions)})


def _resources(call: Call, group: str, version: str) -> Response:
    found = [one for one in call.state.resources if one.group == group and version in one.versions]
    if not found:
        return text("404 page not found\n", 404)
    entries = [entry for one in found for entry in one.discovery()]
    head = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{group}/{version}" if group else version}
    return reply({**head, "resources": entries})


def _aggregated(call: Call, *, core: bool) -> Response:
    """All groups with all their resources in one answer, as kubectl asks for them."""
    groups = {"": ["v1"]} if core else _served(call)
    items = []
    for name, versions in groups.items():
        listed = []
        for version in versions:
            found = [one for one in call.state.resources if one.group == name and version in one.versions]
            listed.append(
                {"version": version, "freshness": "Current", "resources": [_described(one, version) for one in found]}
            )
        items.append({"metadata": {"name": name} if name else {}, "versions": listed})
    response = reply(
        {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}
    )
    response.content_type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    return response


def _described(resource: Resource, version: str) -> dict[str, Any]:
    own, *parts = resource.discovery()
    kind = {"group": resource.group, "version": version, "kind": resource.kind}
    found: dict[str, Any] = {"resource": own["name"], "responseKind": kind, "singularResource": own["singularName"]}
    found |= {"scope": "Namespaced" if resource.namespaced else "Cluster", "verbs": own["verbs"]}
    found |= {key: own[key] for key in ("shortNames", "categories") if key in own}
    if parts:
        found["subresources"] = [
            {
                "subresource": part["name"].partition("/")[2],
                "responseKind": {key: part.get(key, own) for key, own in kind.items()},
                "verbs": part["verbs"],
            }
            for part in parts
        ]
    return found


def _metrics(call: Call) -> Response:
    state = call.state
    if state.metrics is None:
        return text("404 page not found\n", 404)
    lines = ["# TYPE apiserver_admission_controller_admission_duration_seconds histogram"]
    for name in sorted(state.admission_plugins):
        marks = f'name="{name}",operation="CREATE",rejected="false",type="validate"'
        lines.append(f"apiserver_admission_controller_admission_duration_seconds_count{{{marks}}} 12")
    response = text("\n".join([*lines, *state.metrics]) + "\n")
    response.content_type = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
    return response


def _flags(call: Call) -> Response:
    flags = call.state.flags
    if flags is None:
        return text("404 page not found\n", 404)
    for version in ("v1beta1", "v1alpha1"):
        accept = call.request.headers.get("Accept", "").replace(" ", "")
        if f"v={version}" in accept and "as=Flagz" in accept:
            body = {"kind": "Flagz", "apiVersion": f"config.k8s.io/{version}", "metadata": {"name": "apiserver"}}
            response = reply({**body, "flags": flags})
            response.content_type = f"application/json;g=config.k8s.io;v={version};as=Flagz"
            return response
    if "json" in call.request.headers.get("Accept", "") and "*/*" not in call.request.headers["Accept"]:
        types = "application/json, application/yaml, text/plain"
        raise RefusedError(406, f"only the following media types are accepted: {types}")
    lines = "\n".join(f"{name} {value}" for name, value in sorted(flags.items()))
    return text(f"\napiserver flagz\nWarning: This endpoint is not meant to be machine parseable.\n{lines}\n")


def _root(call: Call) -> Response:
    return reply(
        {"paths": ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/metrics", openapi.ROOT, "/readyz", "/version"]}
    )


_PATHS: dict[str, Callable[[Call], Response]] = {
    "/": _root,
    "/version": _version,
    "/api": _core,
    "/apis": _groups,
    "/metrics": _metrics,
    openapi.ROOT: openapi.index,
    "/flagz": _flags,
}
