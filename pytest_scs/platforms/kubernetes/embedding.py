# SPDX-License-Identifier: Apache-2.0
"""What a cluster and a user of a kubeconfig say, checked, and without anything that depends on where the file lies.

Certificates and keys are embedded, paths of programs and token files are absolute, so that the result is the same
wherever it is read from.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_file, why_unreadable
from pytest_scs.base.words import shown
from pytest_scs.platforms.kubernetes.kubeconfig_files import Entry

# Certificates and keys are kilobytes.
_MOST = 2**20

# Whether a plug-in may ask a person, as its entry says.
_INTERACTIVE = ("Never", "IfAvailable", "Always")

_PEM = {
    "certificate-authority": "CERTIFICATE",
    "client-certificate": "CERTIFICATE",
    "client-key": "PRIVATE KEY",
}


def whole_cluster(entry: Entry, place: str) -> dict[str, Any]:
    """A cluster that can be reached from anywhere; ``place`` begins messages. Raises InputError."""
    found = dict(entry.content)
    server = found.get("server")
    if not isinstance(server, str) or not server:
        raise InputError(f"{place} has no server; it must be the URL of its API")
    _check_url(server, ("https", "http"), f"{place}: server")
    if proxy := _text(found, "proxy-url", place):
        _check_url(proxy, ("http", "https", "socks5"), f"{place}: proxy-url")
    _text(found, "tls-server-name", place)
    _embed(found, "certificate-authority", entry.file, place)
    skips = found.get("insecure-skip-tls-verify")
    if skips not in (None, True, False):
        raise InputError(f"{place}: insecure-skip-tls-verify must be true or false")
    if skips and found.get("certificate-authority-data"):
        raise InputError(f"{place} has a certificate-authority and insecure-skip-tls-verify; leave one of them out")
    return found


def whole_user(entry: Entry, place: str) -> dict[str, Any]:
    """A user that can log in from anywhere; ``place`` begins messages. Raises InputError."""
    found = dict(entry.content)
    for name in ("as", "as-uid", "as-groups", "as-user-extra"):
        if found.get(name):
            raise InputError(f"{place} acts as somebody else ({name}), which is not supported; name a user of its own")
    for name in ("token", "username", "password"):
        _text(found, name, place)
    if not re.fullmatch(r"[\x20-\x7e]*", _text(found, "token", place)):
        raise InputError(f"{place}: token has a line break, or a character that no token has")
    _embed(found, "client-certificate", entry.file, place)
    _embed(found, "client-key", entry.file, place)
    if bool(found.get("client-certificate-data")) is not bool(found.get("client-key-data")):
        has, misses = "client-certificate", "client-key"
        if not found.get("client-certificate-data"):
            has, misses = misses, has
        raise InputError(f"{place} has a {has}, but no {misses}")
    if token_file := _text(found, "tokenFile", place):
        found["tokenFile"] = str(_beside(entry.file, token_file))
        _read(Path(found["tokenFile"]), f"{place}: tokenFile")
    if found.get("auth-provider"):
        found["auth-provider"] = _auth_provider(found["auth-provider"], place)
    if found.get("exec") is not None:
        found["exec"] = _exec(found["exec"], entry.file, place)
    _settle_ways(found, place)
    return found


def _settle_ways(found: dict[str, Any], place: str) -> None:
    """Refuse ways to log in that exclude each other, as kubectl does, and leave out a plug-in that it would not run."""
    token = next((name for name in ("token", "tokenFile") if found.get(name)), "")
    if token and found.get("username"):
        raise InputError(f"{place} has a {token} and a username; leave one of them out")
    if found.get("exec") and found.get("auth-provider"):
        raise InputError(f"{place} has an auth-provider and exec; leave one of them out")
    if token or found.get("username") or found.get("client-certificate-data"):
        found.pop("exec", None)


def _auth_provider(given: Any, place: str) -> dict[str, Any]:
    name = given.get("name") if isinstance(given, dict) else None
    config = given.get("config") if isinstance(given, dict) else None
    if name != "oidc" or not isinstance(config, dict) or not isinstance(config.get("id-token"), str):
        raise InputError(
            f"{place} logs in with the auth-provider {shown(str(name))!r}, which clients no longer support; "
            "use an exec plug-in, or a token"
        )
    return dict(given)


def _exec(given: Any, file: Path, place: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise InputError(f"{place}: exec must be a mapping")
    found = dict(given)
    command, arguments, variables = found.get("command"), found.get("args") or [], found.get("env") or []
    if not isinstance(command, str) or not command:
        raise InputError(f"{place}: exec has no command")
    if not isinstance(arguments, list) or not all(isinstance(one, str) for one in arguments):
        raise InputError(f"{place}: args of exec must be a list of texts")
    found["env"] = named = _variables(variables, place)
    version = found.get("apiVersion")
    if not re.fullmatch(r"client\.authentication\.k8s\.io/v1(beta1)?", str(version)):
        raise InputError(f"{place}: apiVersion of exec is {shown(str(version))!r}; known: v1 and v1beta1")
    if "\0" in "".join([command, *arguments, *(one["name"] + one["value"] for one in named)]):
        raise InputError(f"{place}: exec has a NUL character, which no program can be given")
    if wrong := next((one["name"] for one in named if not one["name"] or "=" in one["name"]), None):
        raise InputError(f"{place}: env of exec has {shown(wrong)!r}, which is no name of a variable")
    _check_mode(found, place)
    if found.get("provideClusterInfo") not in (None, True, False):
        raise InputError(f"{place}: provideClusterInfo of exec must be true or false")
    if "/" in command:
        found["command"] = str(_beside(file, command))
    return found


def _variables(given: Any, place: str) -> list[dict[str, str]]:
    """The environment of a plug-in; a variable without value is empty, as for kubectl."""
    if not isinstance(given, list) or not all(
        isinstance(one, dict) and isinstance(one.get("name"), str) for one in given
    ):
        raise InputError(f"{place}: env of exec must be a list of name and value")
    found = [{"name": one["name"], "value": "" if one.get("value") is None else one["value"]} for one in given]
    if not all(isinstance(one["value"], str) for one in found):
        raise InputError(f"{place}: a value in env of exec is no text (numbers have to be put in quotes)")
    return found


def _check_mode(plugin: Mapping[str, Any], place: str) -> None:
    """``interactiveMode``, which has a default in ``v1beta1`` and has to be given in ``v1``."""
    mode = plugin.get("interactiveMode") or ""
    if not mode and str(plugin["apiVersion"]).endswith("/v1"):
        raise InputError(
            f"{place}: exec has no interactiveMode, which {plugin['apiVersion']} demands: Never, IfAvailable or Always"
        )
    if mode and mode not in _INTERACTIVE:
        raise InputError(
            f"{place}: interactiveMode of exec is {shown(str(mode))!r}; known: Never, IfAvailable and Always"
        )


def _embed(found: dict[str, Any], name: str, file: Path, place: str) -> None:
    """Replace a path by what lies there; what is embedded already wins, as for kubectl."""
    path, data = _text(found, name, place), _text(found, f"{name}-data", place)
    found.pop(name, None)
    if data:
        try:
            content = base64.b64decode(re.sub(r"\s", "", data), validate=True)
        except (binascii.Error, ValueError):
            raise InputError(f"{place}: {name}-data is no base64") from None
        where = f"{name}-data"
    elif path:
        where = f"{name} {path}"
        content = _read(_beside(file, path), f"{place}: {name}")
    else:
        found.pop(f"{name}-data", None)
        return
    if f"{_PEM[name]}-----".encode() not in content:
        raise InputError(f"{place}: {where} has no {_PEM[name].lower()} in PEM")
    found[f"{name}-data"] = base64.b64encode(content).decode()


def _read(path: Path, what: str) -> bytes:
    try:
        check_file(path)
        with path.open("rb") as file:
            content = file.read(_MOST + 1)
    except OSError as error:
        raise InputError(f"{what}: cannot read {shown(str(path))}: {why_unreadable(error)}") from None
    if len(content) > _MOST:
        raise InputError(f"{what}: {path} is larger than {_MOST // 1024} KiB; it cannot be what it should be")
    return content


def _beside(file: Path, path: str) -> Path:
    return (file.parent / path).absolute()


def _text(found: Mapping[str, Any], name: str, place: str) -> str:
    value = found.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{place}: {name} must be a text (numbers have to be put in quotes)")
    return value


def without_login(url: str) -> str:
    """An address without user and password, however it is written: a wrong one cannot be taken apart."""
    return re.sub(r"^([\w+.-]*://)?.*@", r"\1", url, flags=re.DOTALL)


def _check_url(text: str, schemes: tuple[str, ...], what: str) -> None:
    try:
        parts = urlsplit(text)
        valid = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        # A name with an empty label, or one that is too long, is looked up nowhere.
        (parts.hostname or "").rstrip(".").encode("idna")
    except ValueError:
        valid = False
    if not valid or re.search(r"[\s\x00-\x1f]", text):
        known = " or ".join(f"{one}://" for one in schemes)
        raise InputError(f"{what} is {shown(without_login(text))!r}; it must be a URL with {known}")
