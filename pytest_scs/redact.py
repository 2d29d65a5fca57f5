# SPDX-License-Identifier: Apache-2.0
"""Masking of secrets in everything that leaves the process."""

from __future__ import annotations

import html
import json
import logging
import re
import threading
from collections.abc import Callable, Iterable
from typing import Any

MASK = "***"

# Up to the last @ before the path: a password may contain one.
_USERINFO = re.compile(r"""(?<=://)[^/\s"'<>]+@""")
_TOKEN = re.compile(r"gAAAA[A-Za-z0-9_-]{20,}={0,2}")
#: Words of our own sentences that somebody may have for a password, or that contain one.
_OWN_WORDS = (
    "accounts",
    "attestations",
    "backups",
    "cinder",
    "clouds",
    "compute",
    "conformance",
    "default",
    "demo",
    "endpoints",
    "flavors",
    "glance",
    "groups",
    "identity",
    "images",
    "keystone",
    "manager",
    "members",
    "neutron",
    "networks",
    "nova",
    "objects",
    "official",
    "openstack",
    "passwords",
    "projects",
    "public",
    "pytest",
    "reports",
    "sample",
    "scopes",
    "secrets",
    "servers",
    "services",
    "standards",
    "storage",
    "swift",
    "targets",
    "tempest",
    "testcases",
    "tokens",
    "users",
    "vanilla",
    "verdicts",
    "volumes",
)
# Where a word may begin: no letter or digit before it, but for the end of an escape (\n, \x22, \u0022, %22, a colour).
_BEGIN = "(?:(?<![A-Za-z0-9])|{})".format(
    "|".join(
        f"(?<={escape})"
        for escape in (
            r"\\[abfnrtv]",
            r"\\x[0-9A-Fa-f]{2}",
            r"\\u[0-9A-Fa-f]{4}",
            r"%[0-9A-Fa-f]{2}",
            r"\[\dm",
            r"[\[;]\d\dm",
        )
    )
)
_END = r"(?![A-Za-z0-9])"
# Shorter ones would mask ordinary words and tell more than they hide.
_SHORTEST = 4


class Redactor:
    """Knows the secrets of a run and masks them, as well as Fernet tokens and user information in URLs.

    A secret is masked wherever it stands, also inside a longer word. Only one that is part of an ordinary word, of
    those that we write or the user gave (:meth:`expect`), is masked as a whole word: ``my***`` for ``mycloud`` would
    tell what it hides.
    """

    def __init__(self) -> None:
        self._secrets: list[str] = []
        self._ordinary: list[str] = list(_OWN_WORDS)
        self._words: dict[str, re.Pattern[str]] = {}
        self._lock = threading.Lock()

    def expect(self, names: Iterable[str]) -> None:
        """Learn names that the run will show, such as those of clouds; comes before :meth:`add`."""
        self._ordinary += [name.lower() for name in names]

    def add(self, secrets: Iterable[object]) -> None:
        """Learn secrets (passwords, tokens, keys), also as JSON and HTML spell them."""
        new: set[str] = set()
        for secret in (str(secret) for secret in secrets if secret):
            if len(secret) >= _SHORTEST:
                new.update((secret, json.dumps(secret)[1:-1], html.escape(secret)))
        words = {secret: re.compile(_BEGIN + secret + _END) for secret in new if self._is_ordinary(secret)}
        with self._lock:
            self._words = {**self._words, **words}
            # The longest first: a secret may contain another.
            self._secrets = sorted({*self._secrets, *new}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text with every known secret replaced by ``***``."""
        for secret in self._secrets:
            if secret in text:
                word = self._words.get(secret)
                text = word.sub(MASK, text) if word else text.replace(secret, MASK)
        return _TOKEN.sub(MASK, _USERINFO.sub(MASK + "@", text))

    def _is_ordinary(self, secret: str) -> bool:
        return secret.isascii() and secret.isalpha() and any(secret.lower() in word for word in self._ordinary)


def redact_logging(redact: Redactor) -> Callable[[], None]:
    """Mask the messages of all log records from now on, whatever handler takes them; returns what ends it."""
    original = logging.getLogRecordFactory()

    def factory(*args: Any, **options: Any) -> logging.LogRecord:
        record = original(*args, **options)
        record.msg, record.args = redact(record.getMessage()), None
        return record

    logging.setLogRecordFactory(factory)
    return lambda: logging.setLogRecordFactory(original)
