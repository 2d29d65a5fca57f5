# SPDX-License-Identifier: Apache-2.0
"""Mistakes in an entry of clouds.yaml that openstacksdk passes over, or says in words about its own inside; pure.

No message shows a value that may be secret.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from pytest_scs.base.words import did_you_mean

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

#: Authentication types that ask no identity service, so that nobody knows the user's roles and the catalog.
WITHOUT_KEYSTONE = ("admin_token", "token_endpoint", "none", "http_basic")

# Keys that stand beside auth; those that end so do it for one service.
_BESIDE = frozenset(
    (
        *("auth_type", "region_name", "regions", "interface", "endpoint_type", "verify", "insecure", "cacert", "cert"),
        *("key", "profile", "cloud", "api_timeout", "timeout", "networks", "floating_ip_source"),
    )
)
_BESIDE_ENDS = ("_api_version", "_interface", "_endpoint_override", "_service_name", "_service_type")

# Those that people write with digits alone.
_TEXTS = ("password", "username", "application_credential_secret", "token", "passcode")

# Bytes of a file that are looked at for a certificate.
_MOST_CERTIFICATES = 4 * 1024 * 1024

_IS_NO_KEY = {
    "default_domain": "user_domain_name and project_domain_name in auth",
    "domain": "user_domain_name and project_domain_name in auth",
    "user_domain": "user_domain_name in auth",
    "project_domain": "project_domain_name in auth",
    "user": "username in auth",
    "user_name": "username in auth",
    "project": "project_name in auth",
    "tenant": "project_name in auth",
    "url": "auth_url in auth",
    "region": "region_name beside auth",
    "ca_cert": "cacert beside auth",
    "cafile": "cacert beside auth",
}


def clouds_in(document: Any) -> Mapping[str, Any] | None:
    """The entries of a clouds.yaml by name; None if it has no section ``clouds``."""
    clouds = document.get("clouds") if isinstance(document, dict) else None
    return clouds if isinstance(clouds, dict) else None


def form_of(entry: Any) -> str:
    """What is wrong with the form of an entry; empty if nothing is."""
    if not isinstance(entry, dict):
        return f"the entry is {kind_of_value(entry)}, not a mapping with the key auth"
    if "auth" in entry and not isinstance(entry["auth"], dict):
        return f"auth is {kind_of_value(entry['auth'])}, not a mapping with keys such as auth_url and username"
    for place, keys in (("", entry), ("auth: ", entry.get("auth") or {})):
        for key in keys:
            if not isinstance(key, str):
                return f"{place}the key {key!r} is {kind_of_value(key)}, not a word"
    return _wrong_type(entry)


def mistake_in(config: Mapping[str, Any]) -> str:
    """What is wrong with the values of an entry, as openstacksdk has completed it; empty if nothing is."""
    auth = config.get("auth") or {}
    return (
        _wrong_url(auth.get("auth_url")) or _wrong_login(config, auth) or _wrong_interface(config) or _wrong_tls(config)
    )


def unknown_key_in(entry: Mapping[str, Any], auth_type: str, taken: Collection[str]) -> str:
    """Which key of ``auth`` the authentication type does not take, and what to write instead; empty if it takes all.

    ``taken`` are the keys that it takes.
    """
    for key in entry.get("auth") or {}:
        name = key.replace("-", "_")
        if name in taken:
            continue
        if _stands_beside(key):
            return f"{key} stands in auth; it belongs beside auth, in the entry itself"
        if name == "auth":
            return "auth stands in auth; write its keys into the outer one"
        if name in _IS_NO_KEY:
            return f"auth has the key {key}, which there is not; write {_IS_NO_KEY[name]}"
        if "application_credential" in name and "applicationcredential" not in auth_type:
            return _other_type(key, auth_type)
        if "applicationcredential" in auth_type and name == "password":
            return f"auth has {key} beside an application credential; leave out one of the two"
        if name == "token" and auth_type.endswith("password"):
            return "there is token, so auth_type: v3token is missing"
        mean = did_you_mean(name, taken)
        return f"auth has the key {key}, which auth_type {auth_type} does not take{mean or '; leave it out'}"
    return ""


def doubt_about(entry: Mapping[str, Any]) -> str:
    """What openstacksdk passes over, or takes, although it was perhaps meant otherwise; empty if there is no doubt."""
    auth = entry.get("auth") or {}
    for place in (entry, auth):
        for key in place:
            right = _IS_NO_KEY.get(key.replace("-", "_"))
            if right and right.split()[0] not in (*auth, *entry):
                return f"{key} is no key of clouds.yaml; write {right}"
    # YAML reads 0123 as 83.
    numbers = [key for key in _TEXTS if isinstance(auth.get(key, entry.get(key)), (int, float))]
    if numbers:
        return f"{numbers[0]} is a number to YAML, which may change it; put it in quotes"
    return ""


def placeholder_in(entry: Mapping[str, Any]) -> str:
    """A value with braces, which openstacksdk fills in like a placeholder; empty if there is none."""
    places = [*entry.items(), ("auth_url", (entry.get("auth") or {}).get("auth_url"))]
    key = next((key for key, value in places if isinstance(value, str) and re.search("[{}]", value)), "")
    return f"{key} has braces, which openstacksdk takes for a placeholder; write {{{{ and }}}}" if key else ""


def kind_of_value(value: Any) -> str:
    """What a value is, in a message that must not show it."""
    if isinstance(value, bool):
        return "a truth value"
    kinds = {type(None): "empty", str: "text", list: "a list", dict: "a mapping", dt.date: "a date"}
    return "a date" if isinstance(value, dt.datetime) else kinds.get(type(value), "a number")


def _wrong_type(entry: Mapping[str, Any]) -> str:
    """Which value is of a kind that cannot be right."""
    for key, value in (entry.get("auth") or {}).items():
        if _stands_beside(key):
            continue
        if isinstance(value, bool) and not key.startswith(("system_scope", "allow")):
            return f"auth: {key} is a truth value (YAML reads yes, no, on, off so); put it in quotes"
        if isinstance(value, (list, dict, dt.date)) and key not in ("auth", "auth_methods", "scope"):
            return f"auth: {key} is {kind_of_value(value)}; write a text, in quotes"
    for key in ("auth_type", "profile", "cloud", "cacert", "key"):
        if isinstance(entry.get(key), (list, dict, bool)):
            return f"{key} is {kind_of_value(entry[key])}, not a text"
    if isinstance(entry.get("region_name"), (dict, bool)):
        return f"region_name is {kind_of_value(entry['region_name'])}, not the name of a region"
    regions = entry.get("regions", [])
    if not isinstance(regions, list) or not all(isinstance(one, (str, dict)) for one in regions):
        return "regions is not a list of names"
    if any(isinstance(one, dict) and not ({"name"} <= one.keys() <= {"name", "values"}) for one in regions):
        return "regions has an entry that is not just a name, or name and values"
    networks = entry.get("networks", [])
    if not isinstance(networks, list) or not all(isinstance(one, dict) for one in networks):
        return "networks is not a list of mappings, each with a name"
    timeout = entry.get("api_timeout")
    if timeout is not None and not (re.fullmatch(r"\d+(\.\d+)?", str(timeout)) and float(timeout) > 0):
        return "api_timeout is not a number of seconds"
    verify = entry.get("verify")
    if isinstance(verify, (int, float)) and not isinstance(verify, bool):
        return "verify is a number; write true or false"
    if isinstance(verify, str) and not os.path.exists(os.path.expanduser(verify)):
        return "verify is text; write true or false without quotes, or the path of a file with certificates"
    return ""


def _wrong_url(url: Any) -> str:
    if url is None:
        return ""
    text = str(url)
    if not re.match(r"https?://[^/\s]", text, re.IGNORECASE):
        return "auth_url has to begin with https:// or http://"
    if re.search(r"[<>]", text):
        return "auth_url has a placeholder in <> that nobody has filled in"
    if re.search(r"\s|[;,\"'`|\\)\]]$", text):
        return "auth_url has a character that cannot be in a URL; there may be something behind its end"
    if text.count("://") > 1:
        return "auth_url has :// twice"
    if "?" in text or "#" in text:
        return "auth_url must not have a part that begins with ? or #"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "auth_url has no valid host and port; a port is a number from 1 to 65535"
    if "@" in parts.netloc:
        return "auth_url has a user or password before @; write them as username and password in auth"
    if re.search(r"[*,;!$&=()]|^\.|\.\.", host):
        return "auth_url has no valid host"
    if re.search(r"/auth/tokens/?$", text):
        return "auth_url ends with /auth/tokens; leave that out"
    return ""


def _wrong_login(config: Mapping[str, Any], auth: Mapping[str, Any]) -> str:
    given = str(config.get("auth_type") or "password")
    if given.startswith("v2"):
        return f"auth_type {given} is of the identity API v2.0, which clouds do not have any more; use {given[2:]}"
    credential = [key for key in (*auth, *config) if key.startswith("application_credential_")]
    if credential and given in ("password", "v3password"):
        return _other_type(credential[0], given)
    for either in _NEEDS.get(given.removeprefix("v3"), ()):
        if not any(auth.get(key) not in (None, "") for key in either):
            return f"auth lacks {' or '.join(either)}"
    if "auth_url" in auth and auth["auth_url"] in (None, ""):
        return "auth lacks auth_url"
    project = next((key for key in ("project_name", "tenant_name") if key in auth), "")
    if project and given.startswith("v3") and not (auth.get("project_domain_name") or auth.get("project_domain_id")):
        if given.endswith("applicationcredential"):
            return f"leave out {project}: an application credential belongs to one project"
        return "auth lacks project_domain_name or project_domain_id"
    whose = auth.get("application_credential_id") or auth.get("username") or auth.get("user_id")
    if given.endswith("applicationcredential") and not whose:
        return "auth lacks username or user_id: the name of an application credential alone does not tell whose"
    domain = auth.get("user_domain_name") or auth.get("user_domain_id")
    if given.startswith("v3") and auth.get("username") and not domain:
        if auth.get("application_credential_id"):
            return "leave out username: the id of an application credential says whose it is"
        if "oidc" not in given and "websso" not in given:
            return "auth lacks user_domain_name or user_domain_id"
    return ""


def _stands_beside(key: str) -> bool:
    name = key.replace("-", "_")
    return name in _BESIDE or name.endswith(_BESIDE_ENDS)


def _other_type(key: str, auth_type: str) -> str:
    missing = "missing" if auth_type == "password" else f"needed in place of {auth_type}"
    return f"there is {key}, so auth_type: v3applicationcredential is {missing}"


def _wrong_interface(config: Mapping[str, Any]) -> str:
    for key, value in config.items():
        if (key == "interface" or key.endswith("_interface")) and (wrong := _no_interface(value)):
            return f"{key} is {wrong!r}; allowed: {', '.join(INTERFACES)}"
    return ""


def _wrong_tls(config: Mapping[str, Any]) -> str:
    if config.get("verify") is not False and not config.get("insecure"):
        cacert = config.get("cacert")
        if cacert and not os.path.exists(os.path.expanduser(str(cacert))):
            return f"cacert names {cacert}, which does not exist"
        if cacert and not _has_certificates(os.path.expanduser(str(cacert))):
            return f"cacert names {cacert}, which holds no certificate in PEM form"
    for key in ("cert", "key"):
        path = config.get(key)
        if isinstance(path, str) and path and not os.path.exists(os.path.expanduser(path)):
            return f"{key} names {path}, which does not exist"
    return ""


def _has_certificates(path: str) -> bool:
    if os.path.isdir(path):
        return True
    try:
        with open(path, "rb") as file:
            content = file.read(_MOST_CERTIFICATES)
            return not content or b"-----BEGIN " in content
    except OSError:
        return False


def _no_interface(value: Any) -> str:
    values: Sequence[Any] = value if isinstance(value, list) else [value]
    return next((str(one) for one in values if one and str(one).removesuffix("URL") not in INTERFACES), "")
