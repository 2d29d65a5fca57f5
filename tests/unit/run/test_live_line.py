# SPDX-License-Identifier: Apache-2.0
"""The line at the end of a terminal that leaves no trace."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_scs.run.live_line import LiveLine, LiveStream

_CODES = re.compile(r"(?:\x1b\][^\x07\x1b]*(?:\x07|\x1b\\))?(?:\x1b\[(\d*)([AGKm])|([\r\n])|([^\x1b]))")

#: What ``-p terminalprogress`` tells a terminal in the middle of a line.
_TOLD = "\x1b]9;4;1;50\x1b\\"


class Terminal(io.StringIO):
    """Shows what a terminal would: knows as many control codes as are used."""

    def __init__(self, columns: int = 40) -> None:
        super().__init__()
        self.columns = columns

    def screen(self) -> list[str]:
        lines, row, column = [""], 0, 0
        for number, code, move, char in _CODES.findall(self.getvalue()):
            if char and column == self.columns:  # it wraps when the next character comes
                row, column = row + 1, 0
            if move == "\r":
                column = 0
            elif move == "\n":
                row, column = row + 1, 0
            elif code == "A":
                row -= int(number)
            elif code == "G":
                column = int(number) - 1
            elif code == "K":
                lines[row] = ""
            lines += [""] * (row + 1 - len(lines))
            if char:
                lines[row] = lines[row].ljust(column)[:column] + char + lines[row][column + 1 :]
                column += 1
        return lines


@pytest.fixture(autouse=True)
def _size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "24")


@pytest.mark.parametrize(
    "before", ["", "t.py ..", "line\nt.py .", "t.py::a \x1b[32mPASS\x1b[0m", "x" * 45, f"t.py .{_TOLD}"]
)
def test_who_writes_goes_on_where_he_was(before: str) -> None:
    terminal, plain = Terminal(), Terminal()
    stream = LiveStream(terminal)
    for text in (before, ".", " [ 50%]\n", "t.py F"):
        stream.write(text)
        plain.write(text)
        stream.show("sample VM: booting, 1 s")
        stream.show("sample VM: booting, 2 s")
        assert [line for line in terminal.screen() if line][-1] == "sample VM: booting, 2 s"
    stream.show("")
    assert [line for line in terminal.screen() if line] == [line for line in plain.screen() if line]


def test_a_line_that_is_full_is_ended_as_ever() -> None:
    terminal = Terminal()
    stream = LiveStream(terminal)
    for text in ("x" * 40, "\n", "y"):
        stream.write(text)
        stream.show("a VM")
    stream.show("")
    assert terminal.screen()[:2] == ["x" * 40, "y"]


def test_what_was_written_before_is_known() -> None:
    terminal = Terminal()
    terminal.write("t.py ..")
    stream = LiveStream(terminal, "collecting\rt.py ..")
    stream.show("a VM")
    assert terminal.screen() == ["t.py ..", "a VM"]
    stream.writelines([".", "."])
    assert terminal.screen() == ["t.py ....", ""]


def test_a_long_text_is_cut_and_a_narrow_terminal_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    LiveStream(terminal).show("sample VM: booting, 40 s of at most 8 min 20 s")
    assert terminal.screen() == ["sample VM: booting, 40 s of at most ..."]
    monkeypatch.setenv("COLUMNS", "10")
    narrow = Terminal(10)
    LiveStream(narrow).show("sample VM: booting")
    assert narrow.screen() == [""]


def test_wide_characters_take_two_columns() -> None:
    terminal = Terminal()
    LiveStream(terminal).show("\u96f2" * 30)
    assert terminal.screen() == ["\u96f2" * 18 + "..."]


def config_of(terminal: io.StringIO, *, isatty: bool = True, capture: str = "fd") -> Any:
    writer = SimpleNamespace(_file=terminal, _current_line="")
    reporter = SimpleNamespace(isatty=lambda: isatty, _tw=writer)
    plugins = {"terminalreporter": reporter}
    return SimpleNamespace(
        pluginmanager=SimpleNamespace(getplugin=plugins.get), getoption=lambda name, default=None: capture
    )


@pytest.mark.parametrize(
    ("environment", "options", "possible"),
    [
        ({"TERM": "xterm"}, {}, True),
        ({"TERM": "dumb"}, {}, False),
        ({}, {}, False),
        ({"TERM": "xterm", "CI": "true"}, {}, False),
        ({"TERM": "xterm"}, {"isatty": False}, False),
        ({"TERM": "xterm"}, {"capture": "no"}, False),
        ({"TERM": "xterm"}, {"capture": "tee-sys"}, False),
    ],
)
def test_only_a_terminal_of_our_own_has_a_live_line(
    environment: dict[str, str], options: dict[str, Any], possible: bool
) -> None:
    terminal = Terminal()
    line = LiveLine(config_of(terminal, **options), environment)
    assert [line.show("a\nVM"), line.show("a\nVM")] == [possible] * 2
    assert terminal.screen() == (["a\\nVM"] if possible else [""])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("waiting for the login at cloud demo: 1 s of at most 5 min", "waiting for th...: 1 s of at most 5 min"),
        ("waiting for network GET /v2.0/ports?fields=id: 32 s", "waiting for network GET /v2.0/...: 32 s"),
        ("sample: " + "word " * 12, "sample: word word word word word wor..."),
    ],
)
def test_what_is_too_long_still_says_how_far_it_is(text: str, shown: str) -> None:
    terminal = Terminal()
    LiveStream(terminal).show(text)
    assert terminal.screen() == [shown]
