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
# Shorter ones would mask ordinary words and tell more than they hide.
_SHORTEST = 4


class Redactor:
    """Knows the secrets of a run and masks them, as well as Fernet tokens and user information in URLs."""

    def __init__(self) -> None:
        self._secrets: list[str] = []
        self._lock = threading.Lock()

    def add(self, secrets: Iterable[object]) -> None:
        """Learn secrets (passwords, tokens, keys), also as JSON and HTML spell them."""
        new: set[str] = set()
        for secret in (str(secret) for secret in secrets if secret):
            if len(secret) >= _SHORTEST:
                new.update((secret, json.dumps(secret)[1:-1], html.escape(secret)))
        with self._lock:
            # The longest first: a secret may contain another.
            self._secrets = sorted({*self._secrets, *new}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text with every known secret replaced by ``***``."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return _TOKEN.sub(MASK, _USERINFO.sub(MASK + "@", text))


def redact_logging(redact: Redactor) -> Callable[[], None]:
    """Mask the messages of all log records from now on, whatever handler takes them; returns what ends it."""
    original = logging.getLogRecordFactory()

    def factory(*args: Any, **options: Any) -> logging.LogRecord:
        record = original(*args, **options)
        record.msg, record.args = redact(record.getMessage()), None
        return record

    logging.setLogRecordFactory(factory)
    return lambda: logging.setLogRecordFactory(original)
