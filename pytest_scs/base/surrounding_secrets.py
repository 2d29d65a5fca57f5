# SPDX-License-Identifier: Apache-2.0
"""Secrets that stand in the environment of a run, whether it uses them or not: a test may print all of it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

# The token of an account at the compliance monitor; of the variables of others nobody knows what is a secret in them.
_TOKEN = "SCS_TOKEN"  # noqa: S105 (it is the name of the variable)
_PROXY = re.compile(r"\w+_proxy", re.IGNORECASE)


def secrets_around(environ: Mapping[str, str]) -> set[str]:
    """The secrets in the variables of an environment: the token, and the passwords in the addresses of proxies."""
    found: set[str] = set()
    for name, value in environ.items():
        if name == _TOKEN and value.strip():
            found |= {value.strip(), *_passphrase_in(value)}
        elif _PROXY.fullmatch(name):
            found |= {*passwords_in(value)}
    return found


def passwords_in(url: str) -> Iterator[str]:
    """The password in an address, as it stands there and as it is sent; nothing where there is none."""
    try:
        password = urlsplit(url).password
    except ValueError:
        return
    if password:
        yield password
        yield unquote(password)


def _passphrase_in(token: str) -> Iterator[str]:
    """That of a token in the form NAME:PASSPHRASE in base64."""
    try:
        text = base64.b64decode("".join(token.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return
    if passphrase := text.partition(":")[2].strip():
        yield passphrase
