# SPDX-License-Identifier: Apache-2.0
"""Mistakes in an entry of clouds.yaml that openstacksdk passes over, or says in words about its own inside; pure.

No message shows a value that may be secret.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

#: What an endpoint's interface may be called.
INTERFACES = ("public", "internal", "admin")

# By the end of the name of an authentication type: what it cannot do without, and any of what.
_NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "password": (("password",), ("username", "user_id")),
    "token": (("token",),),
    "applicationcredential": (
        ("application_credential_secret",),
        ("application_credential_id", "application_credential_name"),
    ),
}


def clouds_in(document: Any) -> Mapping[str, Any] | None:
    """The entries of a clouds.yaml by name; None if it has no section ``clouds``."""
    clouds = document.get("clouds") if isinstance(document, dict) else None
    return clouds if isinstance(clouds, dict) else None


def form_of(entry: Any) -> str:
    """What is wrong with the form of an entry; empty if nothing is."""
    if not isinstance(entry, dict):
        return f"the entry is {_kind(entry)}, not a mapping with the key auth"
    if "auth" in entry and not isinstance(entry["auth"], dict):
        return f"auth is {_kind(entry['auth'])}, not a mapping with keys such as auth_url and username"
    return ""


def mistake_in(config: Mapping[str, Any]) -> str:
    """What is wrong with the values of an entry, as openstacksdk has completed it; empty if nothing is."""
    auth = config.get("auth") or {}
    url = auth.get("auth_url")
    if url is not None and not re.match(r"https?://[^/\s]", str(url), re.IGNORECASE):
        return "auth_url has to begin with https:// or http://"
    kind = str(config.get("auth_type") or "password").removeprefix("v3")
    for either in _NEEDS.get(kind, ()):
        if not any(auth.get(key) not in (None, "") for key in either):
            return f"auth lacks {' or '.join(either)}"
    for key, value in config.items():
        if (key == "interface" or key.endswith("_interface")) and (wrong := _no_interface(value)):
            return f"{key} is {wrong!r}; allowed: {', '.join(INTERFACES)}"
    cacert = config.get("cacert")
    if cacert and config.get("verify") is not False and not os.path.exists(os.path.expanduser(str(cacert))):
        return f"cacert names {cacert}, which does not exist"
    return ""


def _no_interface(value: Any) -> str:
    values: Sequence[Any] = value if isinstance(value, list) else [value]
    return next((str(one) for one in values if one and str(one).removesuffix("URL") not in INTERFACES), "")


def _kind(value: Any) -> str:
    return {type(None): "empty", str: "text", list: "a list"}.get(type(value), "a number")
