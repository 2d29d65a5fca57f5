# SPDX-License-Identifier: Apache-2.0
"""Links to the next page of a listing; pure (docs/standards/framework.md#shape-of-answers)."""

from __future__ import annotations

import json
from typing import Any, NoReturn
from urllib.parse import urlsplit

from pytest_scs.core.cause import CauseKind, Inconclusive

# As much of a value as a message shows, in characters.
_SHOWN = 60


def next_link(links: list[dict[str, str]] | None) -> str | None:
    """The link to the next page in a list of links as Nova, Cinder and Neutron give it."""
    return next((link["href"] for link in links or () if link["rel"] == "next"), None)


def check_links(page: dict[str, Any], request: str) -> None:
    """Raise Inconclusive if a page of a listing may have a next one, but says where in no usable way.

    Nova, Cinder and Neutron have a list ``flavors_links`` (or the like), Glance and Barbican a key ``next``, each only
    where there is a next page; Keystone has ``links`` with a ``next`` that is null on the last one. ``request`` names
    service, method and path.
    """
    for key, value in page.items():
        if key == "next":
            _check_link(value, f"{request}: next")
        elif key == "links" and isinstance(value, dict):
            if value.get("next") is not None:
                _check_link(value["next"], f"{request}: links.next")
        elif key.endswith("_links"):
            _check_list(value, f"{request}: {key}")


def _check_list(links: Any, place: str) -> None:
    if not isinstance(links, list):
        _half(place, "a list", links)
    for link in links:
        if not isinstance(link, dict) or not isinstance(link.get("rel"), str):
            _half(place, "objects with rel and href", link)
        if link["rel"] == "next":
            _check_link(link.get("href"), f"{place}: href")


def _check_link(link: Any, place: str) -> None:
    expected = "the address of the next page, with a query"
    if not isinstance(link, str):
        _half(place, expected, link)
    try:
        parts = urlsplit(link)
    except ValueError:
        _half(place, expected, link)
    whole = parts.scheme in ("http", "https") and parts.netloc
    if not parts.query or not (whole or (parts.path and not parts.scheme)):
        _half(place, expected, link)


def _half(place: str, expected: str, found: Any) -> NoReturn:
    shown = "nothing" if found is None else json.dumps(found)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
    raise Inconclusive(f"{place}: expected {expected}, got {shown}; half a listing is no listing", CauseKind.MALFORMED)
