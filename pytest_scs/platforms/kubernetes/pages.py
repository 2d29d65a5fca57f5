# SPDX-License-Identifier: Apache-2.0
"""Pages of listings: what is one, where the next one begins, and whether together they can be what was asked for.

See docs/standards/framework.md#shape-of-answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pytest_scs.base.words import shown
from pytest_scs.core.cause import CauseKind, Inconclusive

#: The items of a listing.
Items = list[dict[str, Any]]

# What a method lists, of its name: list_namespaced_pod, list_daemon_set_for_all_namespaces.
_LISTED = re.compile(r"list_(?:namespaced_)?(.+?)(?:_for_all_namespaces)?")
#: Resources that users define have methods in common.
_ANY = "cluster_custom_object"


def items_of(page: Mapping[str, Any], method: str) -> Items:
    """The items of one page that this method of the official client was answered with; raises Inconclusive.

    Nothing at all is no empty list, and neither is another object, or a list of others.
    """
    kind, items = page.get("kind"), page.get("items")
    if kind is not None and not _is_list_of(kind, method):
        raise Inconclusive(f"the API server answered a listing with the kind {shown(str(kind))}", CauseKind.MALFORMED)
    if items is None and "items" in page and isinstance(page.get("metadata"), dict):
        return []  # as Go writes an empty list
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Inconclusive("the API server answered a listing without a list of items", CauseKind.MALFORMED)
    return items


def following(page: Mapping[str, Any]) -> str:
    """What asks for the next page, empty after the last one; raises Inconclusive.

    A server that says how many items are still to come, and not where, has not given all of them.
    """
    metadata = page.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    token, more = metadata.get("continue"), metadata.get("remainingItemCount")
    if (token is not None and not isinstance(token, str)) or (not token and more not in (None, 0)):
        raise Inconclusive("the API server's listing does not say where it goes on", CauseKind.MALFORMED)
    return token or ""


def refuse_repeated(items: Iterable[Mapping[str, Any]]) -> None:
    """Raise Inconclusive where a listing has something twice: its pages do not belong together."""
    seen: set[tuple[str, str]] = set()
    for item in items:
        metadata = item.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None
        if not isinstance(metadata, dict) or not isinstance(name, str):
            continue  # who reads it says so
        key = (str(metadata.get("namespace") or ""), name)
        if key in seen:
            raise Inconclusive(f"the API server's listing has {shown(name)} twice", CauseKind.MALFORMED)
        seen.add(key)


def _is_list_of(kind: object, method: str) -> bool:
    if not isinstance(kind, str) or not kind.endswith("List"):
        return False
    match = _LISTED.fullmatch(method)
    noun = match[1] if match else _ANY
    return noun == _ANY or kind.removesuffix("List").lower() == noun.replace("_", "")
