# SPDX-License-Identifier: Apache-2.0
"""A cloud served by itself boots its servers as the embedded one of the same kind does."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_scs.demo import __main__ as command
from pytest_scs.demo.openstack import launch, server


@pytest.mark.parametrize(("arguments", "name"), [([], "demo"), (["--vanilla"], "demo:vanilla")])
def test_guests_are_the_same_embedded_and_standalone(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], name: str
) -> None:
    states: list[Any] = []

    class Served:
        def __init__(self, state: Any, port: int = 0) -> None:
            states.append(state)

        def start(self) -> None:
            raise OSError(1, "enough")

    monkeypatch.setattr(server, "DemoCloud", Served)
    monkeypatch.setattr(launch, "DemoCloud", Served)
    assert command.main(arguments) == 4
    with pytest.raises(OSError, match="enough"):
        launch.launch(name)
    standalone, embedded = states
    assert _console(standalone) == _console(embedded) != ""


def _console(state: Any) -> str:
    server = {"name": "vm", "user_data": ""}
    return str(state.console(server) if callable(state.console) else state.console)
