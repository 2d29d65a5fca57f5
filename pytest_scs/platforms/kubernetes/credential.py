# SPDX-License-Identifier: Apache-2.0
"""What we show to a cluster: a token, a client certificate, or what a plug-in gives; and how long it is good."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pytest_scs.base.files import read_bytes
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes import certificate_facts
from pytest_scs.platforms.kubernetes.exec_plugin import run_plugin
from pytest_scs.platforms.kubernetes.kubeconfig import Access

#: Seconds before its end from which on a credential of a plug-in is taken as over, as kubectl does about.
_MARGIN = 30

# A token is some kilobytes.
_MOST = 2**20


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """What goes with a request: the header ``Authorization`` (empty: none), and a certificate with its key, in PEM."""

    header: str = ""
    certificate: str = ""
    key: str = ""


class Credential:
    """The credential of one cluster's user. Shared by threads; raises Inconclusive where there is none to be had."""

    def __init__(self, access: Access, conceal: Callable[[Iterable[object]], None] = lambda secrets: None) -> None:
        """``conceal`` takes secrets that are not in the kubeconfig itself."""
        self._user = access.user
        self._cluster = access.cluster
        self._conceal = conceal
        self._lock = threading.Lock()
        self._shown: Shown | None = None
        self._ends: dt.datetime | None = None

    @property
    def renewable(self) -> bool:
        """Whether loading it once more may give another one."""
        return bool(self._user.get("exec") or self._user.get("tokenFile"))

    def shown(self) -> Shown:
        """What to show now."""
        with self._lock:
            over = self._ends is not None and dt.datetime.now(dt.UTC) + dt.timedelta(seconds=_MARGIN) > self._ends
            if self._shown is None or over:
                self._load()
            assert self._shown is not None  # noqa: S101 - for type checkers
            return self._shown

    def renew(self) -> bool:
        """Load it once more, if it may be another one by now; returns whether it is."""
        with self._lock:
            before = self._shown
            if self.renewable:
                self._load()
            return self._shown != before

    def _load(self) -> None:
        user = self._user
        certificate, key = _decoded(user, "client-certificate-data"), _decoded(user, "client-key-data")
        token = ""
        if name := user.get("tokenFile"):
            token = _token_in(Path(name))
        if plugin := user.get("exec"):
            given = run_plugin(plugin, self._cluster)
            token = given.token or token
            certificate, key = (given.certificate, given.key) if given.certificate else (certificate, key)
            self._ends = given.ends
        token = token or _static_token(user)
        if not re.fullmatch(r"[\x20-\x7e]*", token):
            raise Inconclusive(
                "the token of the kubeconfig has a line break, or a character that no token has",
                CauseKind.AUTHENTICATION,
            )
        self._conceal(one for one in (token, key) if one)
        self._shown = Shown(_header(token, user), certificate, key)


def ends_too_soon(access: Access, now: dt.datetime, seconds: float) -> str:
    """Why the credential may not be good for so many seconds from ``now``, in words; empty if nothing says so.

    A plug-in may want a person to log in again, and what it gives may be good for an hour.
    """
    if access.user.get("exec"):
        return "its credential is given by a plug-in, and may end before, or want a person to log in again"
    if over := is_over(access, now):
        return over
    token, certificate = _ends(access.user)
    until = now + dt.timedelta(seconds=seconds)
    if token and token <= until:
        return f"its token ends at {token:%Y-%m-%d %H:%M} UTC"
    if certificate and certificate <= until:
        return f"its client certificate ends at {certificate:%Y-%m-%d %H:%M} UTC"
    return ""


def is_over(access: Access, now: dt.datetime) -> str:
    """What of the credential has ended by its own account, in words; empty if nothing says so."""
    token, certificate = _ends(access.user)
    if token and token <= now:
        return f"its token ended at {token:%Y-%m-%d %H:%M} UTC"
    if certificate and certificate <= now:
        return f"its client certificate ended at {certificate:%Y-%m-%d %H:%M} UTC"
    return ""


def _ends(user: Mapping[str, Any]) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When the token and the client certificate end that the kubeconfig itself has, as far as they say so."""
    token = end_of_token(_static_token(user))
    try:
        data = user.get("client-certificate-data")
        found = certificate_facts.of_pem(certificate_facts.decoded(data)) if data else []
    except Inconclusive:
        return token, None  # who shows it says so
    return token, dt.datetime.fromisoformat(found[0]["not_after"]) if found else None


def end_of_token(token: str) -> dt.datetime | None:
    """When a token ends by its own account (claim ``exp`` of a JWT); None where it says nothing."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return dt.datetime.fromtimestamp(float(claims["exp"]), dt.UTC)
    except (ValueError, TypeError, KeyError, OverflowError, OSError, RecursionError, binascii.Error):
        return None


def _static_token(user: Mapping[str, Any]) -> str:
    provider = user.get("auth-provider")
    return str(user.get("token") or (provider["config"]["id-token"] if provider else ""))


def _header(token: str, user: Mapping[str, Any]) -> str:
    if token:
        return f"Bearer {token}"
    if user.get("username"):
        pair = f"{user['username']}:{user.get('password') or ''}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"
    return ""


def _decoded(user: Mapping[str, Any], key: str) -> str:
    return certificate_facts.as_ascii(base64.b64decode(user[key])) if user.get(key) else ""


def _token_in(path: Path) -> str:
    try:
        return read_bytes(path, _MOST).decode("utf-8", "replace").strip()
    except OSError as error:
        raise Inconclusive(
            f"the token file of the kubeconfig cannot be read: {error.strerror or 'no reason is known'}",
            CauseKind.AUTHENTICATION,
        ) from None
