# SPDX-License-Identifier: Apache-2.0
"""How long what has been asked for takes, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_scs.demo.openstack.state import CloudState


def delay(state: CloudState, task: str) -> float:
    """The seconds a task takes; a restore or deletion without a delay of its own takes as long as the creation."""
    creation = "backup" if task == "restore" else task.removesuffix("-deletion")
    return state.delays.get(task, state.delays.get(creation, 0.0))


def finish(
    state: CloudState, task: str, done: Callable[[], None], failed: Callable[[], None], *, broken: bool = False
) -> None:
    """Have a task end well or, if it is broken, badly, when its time has come; never if it is stuck."""
    if task in state.stuck:
        return
    state.timeline.later(delay(state, task), failed if broken or task in state.broken else done)


def forget(state: CloudState, kind: str, item: dict[str, Any]) -> Callable[[], None]:
    """An action that takes an item out of its list in the state, if it is still in it."""

    def act() -> None:
        items = getattr(state, kind)
        items[:] = [other for other in items if other is not item]

    return act
