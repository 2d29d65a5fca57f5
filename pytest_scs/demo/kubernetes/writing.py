# SPDX-License-Identifier: Apache-2.0
"""Creating, changing and deleting objects of the demo cluster, for good or as a dry run."""

from __future__ import annotations

import copy
import secrets

from werkzeug.wrappers import Response

from pytest_scs.demo.kubernetes import controllers, patches, workloads
from pytest_scs.demo.kubernetes.admission import admit, invalid
from pytest_scs.demo.kubernetes.changes import add, stamp, touch
from pytest_scs.demo.kubernetes.reading import selected, shown
from pytest_scs.demo.kubernetes.state import Object
from pytest_scs.demo.kubernetes.wire import Call, RefusedError, details, not_found, reply


def create(call: Call) -> Response:
    """Store a new object."""
    item = call.body()
    metadata = item["metadata"] = dict(item.get("metadata") or {})
    for key in ("uid", "resourceVersion", "creationTimestamp", "selfLink"):
        metadata.pop(key, None)
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = metadata["generateName"] + secrets.token_hex(3)[:5]
    if not metadata.get("name"):
        raise invalid(call, item, "metadata.name", "Required value: name or generateName is required")
    _check_kind(call, item)
    if call.kind.namespaced:
        if metadata.setdefault("namespace", call.namespace) != call.namespace:
            raise RefusedError(
                400, "the namespace of the provided object does not match the namespace sent on the request"
            )
    else:
        metadata.pop("namespace", None)
    admit(call, item)
    state, key = call.state, call.kind.key
    if state.find(key, metadata["name"], metadata.get("namespace", "")) is not None:
        where = f"{call.kind.plural}.{call.kind.group}" if call.kind.group else call.kind.plural
        about = details(call) | {"name": metadata["name"]}
        raise RefusedError(409, f'{where} "{metadata["name"]}" already exists', details=about)
    controllers.prepare(state, key, item)
    if call.dry:
        metadata |= {"uid": "00000000-0000-4000-8000-000000000000", "creationTimestamp": stamp(state)}
        return reply(shown(call, item), 201)
    add(state, key, item)
    answer = copy.deepcopy(shown(call, item))
    controllers.created(state, key, item)
    return reply(answer, 201)


def _check_kind(call: Call, item: Object) -> None:
    """An object says what it is, or nothing."""
    kind, version = item.pop("kind", None), item.pop("apiVersion", None)
    own = call.kind.api_version(call.version)
    if kind not in (None, call.kind.kind):
        words = f'{kind} in version "{version}" cannot be handled as a {call.kind.kind}: no kind "{kind}" is registered'
        raise RefusedError(400, words)
    if version not in (None, own):
        words = f"the API version in the data ({version}) does not match the expected API version ({own})"
        raise RefusedError(400, words)


def update(call: Call) -> Response:
    """Replace an object, or the part of it that has a path of its own."""
    old = _present(call)
    new = call.body()
    _check_kind(call, new)
    return _store(call, old, new)


def patch(call: Call) -> Response:
    """Change an object by a patch: a JSON patch, or what is to be merged."""
    changes = patches.read(call)
    applied = call.request.mimetype.startswith("application/apply-patch")
    if applied and not call.subresource and call.state.find(*_place(call)) is None:
        return create(call)
    old = _present(call)
    new = patches.changed(copy.deepcopy(old), changes, strategic=applied or "strategic" in call.request.mimetype)
    return _store(call, old, new)


def _present(call: Call) -> Object:
    item = call.state.find(*_place(call))
    if item is None:
        raise not_found(call)
    return call.state.complete(item)


def _place(call: Call) -> tuple[str, str, str]:
    """Where the object of a call is kept: the key of its kind, its name and namespace."""
    return call.kind.key, call.name, call.namespace if call.kind.namespaced else ""


def _store(call: Call, old: Object, new: Object) -> Response:
    """Put the new form of an object in the place of its old one, what nobody may change excepted."""
    state, key = call.state, call.kind.key
    before, after = old["metadata"], dict(new.get("metadata") or {})
    known = after.get("resourceVersion")
    if known and known != before["resourceVersion"]:
        where = f"{call.kind.plural}.{call.kind.group}" if call.kind.group else call.kind.plural
        words = (
            f'Operation cannot be fulfilled on {where} "{call.name}": the object has been modified; '
            "please apply your changes to the latest version and try again"
        )
        raise RefusedError(409, words, "Conflict", details=details(call))
    for name in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp"):
        after.pop(name, None)
        if name in before:
            after[name] = before[name]
    new = {**new, "metadata": after}
    if call.subresource in ("status", "approval"):
        new = {**old, "status": new.get("status")}
    elif call.subresource == "finalize":
        new = {**old, "spec": new.get("spec")}
    elif not call.subresource and "status" in call.kind.subresources and "status" in old:
        new["status"] = old["status"]
    admit(call, new, old)
    if call.dry:
        return reply(shown(call, new))
    old.clear()
    old.update(new)
    touch(state, key, old)
    controllers.changed(state, key, old)
    return reply(shown(call, old))


def delete(call: Call) -> Response:
    """Have one object deleted."""
    item = _present(call)
    options = call.options()
    wanted = options.get("preconditions") or {}
    metadata = item["metadata"]
    for key, title in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        if wanted.get(key) not in (None, metadata[key]):
            words = (
                f"Precondition failed: {title} in precondition: {wanted[key]}, {title} in object meta: {metadata[key]}"
            )
            where = f"{call.kind.plural}.{call.kind.group}" if call.kind.group else call.kind.plural
            message = f'Operation cannot be fulfilled on {where} "{call.name}": {words}'
            raise RefusedError(409, message, "Conflict", details=details(call))
    dry = call.dry or "All" in (options.get("dryRun") or ())
    if dry:
        return reply(shown(call, item))
    at_once = "0" in (str(options.get("gracePeriodSeconds")), call.query.get("gracePeriodSeconds"))
    uid = metadata["uid"]
    gone = controllers.delete(call.state, call.kind.key, item, at_once=at_once)
    if call.kind.key in ("pods", "namespaces") or not gone:
        return reply(shown(call, item))
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    return reply({**body, "details": {**details(call), "uid": uid}})


def delete_all(call: Call) -> Response:
    """Have all objects deleted that the selectors of a request let through."""
    found = selected(call)
    if not call.dry:
        for item in found:
            call.state.complete(item)
            controllers.delete(call.state, call.kind.key, item)
    head = {"kind": f"{call.kind.kind}List", "apiVersion": call.kind.api_version(call.version)}
    return reply({**head, "metadata": {"resourceVersion": str(call.state.revision)}, "items": found})


def scale(call: Call) -> Response:
    """How many pods are wanted: shown, and changed."""
    item = _present(call)
    if call.verb in ("update", "patch"):
        wanted = (call.body().get("spec") or {}).get("replicas")
        if isinstance(wanted, int) and not call.dry:
            item["spec"]["replicas"] = max(wanted, 0)
            touch(call.state, call.kind.key, item)
            controllers.changed(call.state, call.kind.key, item)
    metadata = {key: item["metadata"].get(key) for key in ("name", "namespace", "uid", "resourceVersion")}
    labels = ((item["spec"].get("selector") or {}).get("matchLabels") or {}).items()
    status = {
        "replicas": len(workloads.pods_of(call.state, item)),
        "selector": ",".join(f"{key}={value}" for key, value in labels),
    }
    head = {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata}
    return reply({**head, "spec": {"replicas": item["spec"].get("replicas", 1)}, "status": status})


def evict(call: Call) -> Response:
    """Have a pod deleted, as who drains a node asks for it."""
    controllers.delete(call.state, "pods", _present(call))
    return reply({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201)
