# SPDX-License-Identifier: Apache-2.0
"""A session of requests for threads that run beside pytest."""

from __future__ import annotations

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


def _steadily(function: Callable[..., T], *args: Any, **options: Any) -> T:
    for _ in range(_TRIES):
        try:
            return function(*args, **options)
        except KeyError:
            continue
    return function(*args, **options)
