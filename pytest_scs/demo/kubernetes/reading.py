# SPDX-License-Identifier: Apache-2.0
"""Reading objects of the demo cluster: one, lists with selectors and pages, and watching."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.kubernetes import tables
from pytest_scs.demo.kubernetes.state import Object
from pytest_scs.demo.kubernetes.wire import Call, RefusedError, not_found, reply

#: How clients say that they watch.
TRUE = ("1", "true", "True")
_TICK = 0.02  # seconds between two looks of somebody who watches
_Test = Callable[[dict[str, str]], bool]
_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


def get(call: Call) -> Response:
    """One object."""
    item = call.state.find(call.kind.key, call.name, call.namespace if call.kind.namespaced else "")
    if item is None:
        raise not_found(call)
    if tables.wanted(call):
        return _table(call, [call.state.complete(item)], {"resourceVersion": str(call.state.revision)})
    return reply(shown(call, item))


def _table(call: Call, items: list[Object], metadata: dict[str, Any]) -> Response:
    response = reply(tables.table(call, items, metadata))
    response.content_type = tables.MEDIA_TYPE
    return response


def shown(call: Call, item: Object) -> Object:
    """An object as it is answered alone: with its kind and version, and what every object has."""
    own = {"kind": call.kind.kind, "apiVersion": call.kind.api_version(call.version)}
    return {**own, **call.state.complete(item)}


def list_or_watch(call: Call) -> Response:
    """The objects of a kind, or what happens to them from now on."""
    if call.query.get("watch") in TRUE:
        return _watch(call)
    page, metadata = _page(call, selected(call))
    items = [call.state.complete(item) for item in page]
    if tables.wanted(call):
        return _table(call, items, metadata)
    head = {"kind": f"{call.kind.kind}List", "apiVersion": call.kind.api_version(call.version)}
    return reply({**head, "metadata": metadata, "items": items})


def selected(call: Call) -> list[Object]:
    """The objects that the selectors of a request and its namespace let through."""
    wanted = _filter(call)
    return [item for item in call.state.all(call.kind.key) if wanted(item)]


def _page(call: Call, found: list[Object]) -> tuple[list[Object], dict[str, Any]]:
    """The part of a list that is answered, and the list's metadata."""
    state, query = call.state, call.query
    metadata: dict[str, Any] = {"resourceVersion": str(state.revision)}
    start, number = 0, 0
    if token := query.get("continue"):
        try:
            mark = json.loads(base64.urlsafe_b64decode(token))
            start, number = int(mark["start"]), int(mark["page"])
        except (ValueError, KeyError, TypeError):
            raise RefusedError(400, "invalid continue token: continue key is not valid: illegal base64 data") from None
        if state.expire_after is not None and number >= state.expire_after:
            raise RefusedError(410, _EXPIRED, metadata={"continue": token})
    sizes = [size for size in (int(query.get("limit") or 0), state.page_size) if size > 0]
    end = start + min(sizes) if sizes else len(found)
    if end < len(found):
        mark = {"v": "meta.k8s.io/v1", "rv": state.revision, "start": end, "page": number + 1}
        metadata["continue"] = base64.urlsafe_b64encode(json.dumps(mark).encode()).decode()
        metadata["remainingItemCount"] = len(found) - end
    return found[start:end], metadata


def _filter(call: Call) -> Callable[[Object], bool]:
    """What the selectors of a request and its namespace let through."""
    labels = _labels(call.query.get("labelSelector", ""))
    fields = [_field(term) for term in call.query.get("fieldSelector", "").split(",") if term]

    def wanted(item: Object) -> bool:
        metadata = item.get("metadata") or {}
        if call.namespace and metadata.get("namespace") != call.namespace:
            return False
        own = metadata.get("labels") or {}
        return all(test(own) for test in labels) and all(test(item) for test in fields)

    return wanted


def _labels(selector: str) -> list[_Test]:
    return [_label(term.strip()) for term in re.split(r",(?![^(]*\))", selector) if term.strip()]


def _label(term: str) -> _Test:
    """The test of one term of a selector: of values, of one value, or of the label's being there."""
    if match := re.fullmatch(r"(\S+)\s+(in|notin)\s+\(([^)]*)\)", term):
        key, values, wanted = match[1], {value.strip() for value in match[3].split(",")}, match[2] == "in"
    elif match := re.fullmatch(r"([^=!\s]+)\s*(==|=|!=)\s*(\S*)", term):
        key, values, wanted = match[1], {match[3]}, match[2] != "!="
    else:
        name, there = term.lstrip("!"), not term.startswith("!")
        return lambda own: (name in own) is there
    return lambda own: (own.get(key) in values) is wanted


def _field(term: str) -> Callable[[Object], bool]:
    match = re.fullmatch(r"([\w.]+)\s*(==|=|!=)\s*(.*)", term)
    if match is None:
        raise RefusedError(400, f"invalid selector: '{term}'; can't understand '{term}'")
    path, same, value = match[1].split("."), match[2] != "!=", match[3]

    def test(item: Object) -> bool:
        found: Any = item
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return (str(found or "") == value) is same

    return test


def _watch(call: Call) -> Response:
    """Changes as they come, one JSON object a line, until the time-out of the request or the end of the server."""
    state, wanted = call.state, _filter(call)
    asked, whole = call.query.get("resourceVersion", ""), call.query.get("sendInitialEvents") in TRUE
    since = int(asked) if asked.isdigit() and asked != "0" and not whole else -1
    until = time.monotonic() + float(call.query.get("timeoutSeconds") or 1800)
    if 0 <= since < state.forgotten:
        raise RefusedError(410, f"too old resource version: {since} ({state.revision})")
    present = [item for item in state.all(call.kind.key) if wanted(item)] if since < 0 else []
    first = b"".join(_line("ADDED", shown(call, item)) for item in present)
    if whole:
        first += _line("BOOKMARK", _end_of_list(call))
    begin = state.revision if since < 0 else since

    def stream() -> Iterator[bytes]:
        seen = begin
        yield first
        while not state.stopping and time.monotonic() < until:
            state.catch_up()
            with state.lock:
                news = [event for event in state.events if event.revision > seen]
                lines = [
                    _line(event.kind, shown(call, event.item))
                    for event in news
                    if event.resource == call.kind.key and wanted(event.item)
                ]
                seen = news[-1].revision if news else seen
            if lines:
                yield b"".join(lines)
            else:
                time.sleep(_TICK)

    return Response(stream(), content_type="application/json")


def _end_of_list(call: Call) -> Object:
    """What tells who asked for the whole list by watching that it was all, so far."""
    marks = {"resourceVersion": str(call.state.revision), "annotations": {"k8s.io/initial-events-end": "true"}}
    return {"kind": call.kind.kind, "apiVersion": call.kind.api_version(call.version), "metadata": marks}


def _line(kind: str, item: Object) -> bytes:
    return json.dumps({"type": kind, "object": item}, separators=(",", ":")).encode() + b"\n"
