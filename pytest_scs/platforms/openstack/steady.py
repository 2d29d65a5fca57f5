# SPDX-License-Identifier: Apache-2.0
"""A login that threads share, made to bear that."""

from __future__ import annotations

import functools
import threading
from typing import Any

from keystoneauth1 import exceptions

#: How often another thread may drop a new token before this one has looked at it.
_TRIES = 100


class _Entered(threading.local):
    """The logins that a thread is in the middle of."""

    def __init__(self) -> None:
        self.logins: set[int] = set()


_entered = _Entered()


class LoginWantsTokenError(exceptions.DiscoveryFailure):
    """Whoever answers at auth_url wants a token before it tells its versions; asking again does not help."""


def share_login(auth: Any) -> None:
    """Let threads renew a token (a plugin of keystoneauth's) at the same time, and let none wait for itself.

    keystoneauth (5.18 and earlier) looks at the new token without its lock: if another thread has found it to be
    refused by then, there is none, which is an AssertionError. Nothing has been sent yet.

    It also asks once more with a token where the versions of the identity service are answered with 401. For that it
    needs the lock that it holds: it would wait for ever.
    """
    get_access = getattr(auth, "get_access", None)
    if get_access is not None and not isinstance(get_access, functools.partial):  # several clients share a login
        auth.get_access = functools.partial(_get_access, auth, get_access)


def _get_access(auth: Any, get_access: Any, *arguments: Any, **options: Any) -> Any:
    inside = _entered.logins
    if id(auth) in inside:
        raise LoginWantsTokenError("it wants a token before it tells its versions (401)")
    inside.add(id(auth))
    try:
        for _ in range(_TRIES):
            try:
                return get_access(*arguments, **options)
            except AssertionError:
                continue
        return get_access(*arguments, **options)
    finally:
        inside.discard(id(auth))
