# SPDX-License-Identifier: Apache-2.0
"""Flags of the components of a control plane: read off command lines, or as the API server itself shows them.

Only flags that rules look at are kept: a command line may hold what is nobody's business.
"""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pytest_scs.base.fields import Fields, FormError

#: Flags of the API server that rules look at.
API_SERVER_FLAGS = frozenset(
    (
        "admission-control-config-file",
        "advertise-address",
        "authentication-config",
        "authentication-token-webhook-config-file",
        "authorization-config",
        "authorization-mode",
        "client-ca-file",
        "disable-admission-plugins",
        "enable-admission-plugins",
        "enable-priority-and-fairness",
        "etcd-cafile",
        "etcd-certfile",
        "etcd-compaction-interval",
        "etcd-keyfile",
        "etcd-servers",
        "max-mutating-requests-inflight",
        "max-requests-inflight",
        "min-request-timeout",
        "oidc-issuer-url",
        "token-auth-file",
    )
)

#: Flags of etcd that rules look at; each of them may also stand in the environment, as ``ETCD_CERT_FILE``.
ETCD_FLAGS = frozenset(
    (
        "advertise-client-urls",
        "auto-compaction-mode",
        "auto-compaction-retention",
        "cert-file",
        "client-cert-auth",
        "config-file",
        "initial-advertise-peer-urls",
        "key-file",
        "listen-client-http-urls",
        "listen-client-urls",
        "listen-peer-urls",
        "peer-cert-file",
        "peer-client-cert-auth",
        "peer-key-file",
    )
)

#: Flags that every API server has which can show its flags.
_ALWAYS_SHOWN = frozenset(
    (
        "authorization-mode",
        "client-ca-file",
        "disable-admission-plugins",
        "enable-admission-plugins",
        "etcd-servers",
        "max-mutating-requests-inflight",
        "max-requests-inflight",
        "min-request-timeout",
    )
)

#: Flags that may stand alone, and are then true.
_SWITCHES = frozenset(("client-cert-auth", "enable-priority-and-fairness", "peer-client-cert-auth"))

_SHELLS = re.compile(r"(?:.*/)?(?:ba|da|a)?sh")
_DURATION = re.compile(r"(?:\d+(?:\.\d*)?(?:h|m|s|ms|us|µs|ns))+")
_PART = re.compile(r"(\d+(?:\.\d*)?)(ms|us|µs|ns|h|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


@dataclasses.dataclass(frozen=True, slots=True)
class ComponentFlags:
    """The flags of one component, every value as text; a flag may be given several times.

    ``name`` is that of the component in findings. ``effective``: defaults are among the values.
    """

    name: str
    values: Mapping[str, tuple[str, ...]]
    effective: bool = False

    @classmethod
    def read(cls, name: str, fields: Fields, key: str, effective: bool = False) -> ComponentFlags:
        """Flags out of a section; raises FormError."""
        inner = fields.fields(key)
        if bare := [flag for flag in inner.names() if not inner.texts(flag)]:
            raise FormError(f"{inner.where}.{bare[0]}: expected at least one value, got none")
        return cls(name, {flag: inner.texts(flag) for flag in inner.names()}, effective)

    def text(self, flag: str, default: str = "") -> str:
        """The value of a flag, the last one where there are several."""
        return (self.values.get(flag) or (default,))[-1]

    def listed(self, flag: str) -> tuple[str, ...]:
        """The entries of a flag that takes a list, written ``a,b`` or ``[a,b]``."""
        parts = (part.strip() for value in self.values.get(flag, ()) for part in value.strip("[]").split(","))
        return tuple(part for part in parts if part)

    def last_listed(self, flag: str) -> tuple[str, ...]:
        """The entries of a list as etcd reads it: given again, a flag replaces what was there."""
        return ComponentFlags(self.name, {flag: self.values.get(flag, ())[-1:]}).listed(flag)

    def truth(self, flag: str, default: bool) -> bool | None:
        """Whether a switch is on; None if its value is neither true nor false."""
        text = self.text(flag, str(default)).lower()
        return {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}.get(text)


def shown_flags(answer: Mapping[str, Any]) -> dict[str, list[str]]:
    """Of an answer of ``/flagz`` the flags that rules look at; raises FormError.

    It names every flag, defaults included: of an answer without some of these nothing can be said.
    """
    flags = Fields("flagz", answer).fields("flags")
    _require_every(flags)
    return {name: [flags.text(name)] for name in flags.names() if name in API_SERVER_FLAGS}


def read_shown(name: str, fields: Fields) -> ComponentFlags:
    """The flags that :func:`shown_flags` keeps, of the component ``name``; raises FormError."""
    _require_every(fields.fields("flags"))
    return ComponentFlags.read(name, fields, "flags", effective=True)


def _require_every(flags: Fields) -> None:
    if missing := sorted(_ALWAYS_SHOWN - set(flags.names())):
        raise FormError(f"{flags.where}: expected every flag, and {missing[0]} is not there")


def command_line(container: Mapping[str, Any], known: frozenset[str]) -> dict[str, list[str]]:
    """Of a container of a pod the flags in ``known``, command and arguments taken together; raises FormError."""
    fields = Fields("container", container)
    words = [*_texts(fields, "command"), *_texts(fields, "args")]
    found: dict[str, list[str]] = {}
    for flag, value in _flags(list(_split(words))):
        if flag in known:
            found.setdefault(flag, []).append(value)
    return found


def etcd_environment(container: Mapping[str, Any]) -> dict[str, list[str]]:
    """The flags of etcd that are set in a container's environment; raises FormError.

    What comes from elsewhere, such as a secret, is not visible: then the value is a reference (:func:`is_reference`).
    """
    fields = Fields("container", container)
    names = {"ETCD_" + flag.upper().replace("-", "_"): flag for flag in ETCD_FLAGS}
    entries = fields.each("env") if fields.has("env") else []
    return {
        names[name]: [entry.text("value", f"$({name})")]
        for entry in entries
        for name in (entry.text("name"),)
        if name in names and (entry.has("value") or entry.has("valueFrom"))
    }


def is_reference(text: str) -> bool:
    """Whether a value begins with that of a variable, ``$(NAME)``, which is not visible."""
    return text.startswith("$(")


def duration(text: str) -> float | None:
    """The seconds of a duration as Go writes it (``8h0m0s``), a bare number taken as hours; None for another text."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text) * 3600.0
    if len(text) > 64 or not _DURATION.fullmatch(text):
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))


def _texts(fields: Fields, key: str) -> tuple[str, ...]:
    return fields.texts(key) if fields.has(key) else ()


def _split(words: Sequence[str]) -> Iterator[str]:
    """The words of a command line; of a program for a shell those that it consists of."""
    in_shell = bool(words) and _SHELLS.fullmatch(words[0]) is not None
    for word in words:
        if not in_shell:
            yield word
            continue
        try:
            yield from shlex.split(word)
        except ValueError:
            raise FormError("a command line for a shell has a quote that does not end") from None


def _flags(words: Sequence[str]) -> Iterable[tuple[str, str]]:
    for number, word in enumerate(words):
        if not word.startswith("-") or not word.strip("-"):
            continue
        flag, equals, value = word.lstrip("-").partition("=")
        flag = flag.replace("_", "-")  # components of Kubernetes take both for the same
        if not equals:
            following = words[number + 1] if number + 1 < len(words) else ""
            value = "true" if flag in _SWITCHES else "" if following.startswith("-") else following
        yield flag, value
