# SPDX-License-Identifier: Apache-2.0
"""``scs cleanup``: what it writes is there as soon as it is said."""

from __future__ import annotations

import contextlib
import io
from typing import Any, TextIO, cast

import pytest

from pytest_scs import cli
from pytest_scs.base.language import ENGLISH
from pytest_scs.commands import cleanup
from pytest_scs.platforms.registry import platforms


class Buffered(io.StringIO):
    """Like a file or pipe: only what was flushed has got there."""

    arrived = ""

    def flush(self) -> None:
        self.arrived = self.getvalue()


def test_each_line_is_written_at_once() -> None:
    there = Buffered()
    lines = cleanup._Lines(there, lambda text: text.replace("secret", "***"), ENGLISH)
    with contextlib.redirect_stdout(cast(TextIO, lines)):
        print("removed server a\x1b[2J of secret")  # noqa: T201 - as those do who remove
        assert there.arrived == "removed server a\\x1b[2J of ***\n"


def test_who_interrupts_a_removal_is_told_that_it_is_not_complete(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any) -> int:
        print("removed one")  # noqa: T201
        raise KeyboardInterrupt

    [cloud] = [platform for platform in platforms() if platform.name == "openstack"]
    monkeypatch.setattr(type(cloud), "clean_up", interrupted)
    assert cli.main(["cleanup", "--os-cloud=demo", "--delete"]) == 130
    first, second = capsys.readouterr().out.splitlines()
    assert first == "removed one"
    assert second.startswith("interrupted: what is not said to be removed may still be there")
