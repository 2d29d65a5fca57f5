# SPDX-License-Identifier: Apache-2.0
"""What threads share with pytest, and with each other, made to bear that: the environment, and a login."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any, TypeVar

import requests

T = TypeVar("T")

#: As often as the environment may change under our eyes; each time takes microseconds.
_TRIES = 100


class SteadySession(requests.Session):
    """Finds proxies in the environment although another thread changes it.

    Python up to 3.11 walks through the whole environment for that, and fails with KeyError when a variable vanishes
    meanwhile. pytest removes PYTEST_CURRENT_TEST after every test, while probes read in the background.
    """

    def merge_environment_settings(self, *args: Any, **options: Any) -> Any:
        """Proxies, certificates and the like for a request."""
        return _steadily(super().merge_environment_settings, *args, **options)

    def rebuild_proxies(self, *args: Any, **options: Any) -> Any:
        """Proxies for a request that was redirected."""
        return _steadily(super().rebuild_proxies, *args, **options)


def make_steady(session: requests.Session) -> SteadySession:
    """A session with the connections, headers and settings of another one."""
    steady = SteadySession()
    vars(steady).update(vars(session))
    return steady


def environment_now() -> dict[str, str]:
    """The environment of this process, although another thread changes it."""
    return _steadily(lambda: dict(os.environ))


def share_login(auth: Any) -> None:
    """Let threads renew a token (a plugin of keystoneauth's) at the same time.

    keystoneauth (5.18 and earlier) looks at the new token without its lock: if another thread has found it to be
    refused by then, there is none, which is an AssertionError. Nothing has been sent yet.
    """
    get_access = getattr(auth, "get_access", None)
    if get_access is not None and not isinstance(get_access, functools.partial):  # several clients share a login
        auth.get_access = functools.partial(_steadily, get_access, passing=AssertionError)


def _steadily(function: Callable[..., T], *args: Any, passing: type[Exception] = KeyError, **options: Any) -> T:
    """What a function returns, called again as long as it raises what will pass."""
    for _ in range(_TRIES):
        try:
            return function(*args, **options)
        except passing:
            continue
    return function(*args, **options)
