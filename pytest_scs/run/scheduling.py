# SPDX-License-Identifier: Apache-2.0
"""How workers get their tests: a file goes to one worker, but what waits long does not hold up what comes after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def by_file(config: pytest.Config, log: Any, waits_long: Callable[[str], bool]) -> Any:
    """A scheduler of xdist like ``--dist loadfile``, where the tests of a file that wait long are a file of their own.

    ``waits_long`` tells that by a node id. Without the reordering of xdist they come last, as they were collected.
    """
    from xdist.scheduler import LoadFileScheduling

    class ByFileAndWaiting(LoadFileScheduling):
        """``loadfile`` with one more cut."""

        def _split_scope(self, nodeid: str) -> str:
            scope = str(super()._split_scope(nodeid))
            return f"{scope} (waits)" if waits_long(nodeid) else scope

    return ByFileAndWaiting(config, log)
