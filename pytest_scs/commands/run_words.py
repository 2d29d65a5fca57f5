# SPDX-License-Identifier: Apache-2.0
"""The user's mistakes in a run of ``scs run``, told with the spellings that ``scs run`` has."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from typing import Any

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.platforms.option import Option
from pytest_scs.run.options import all_options

#: Of pytest's own options, those that ``scs run`` spells differently.
_OTHERS = {"--junit-xml": "--junit", "--junitxml": "--junit"}

#: An option, as far as it is one of those of a command that is quoted there.
_OPTION = re.compile(r"(?<![\w-])--[a-z0-9][a-z0-9-]*")

#: Commands that have options of their own, up to the end of what they are about.
_COMMAND = re.compile(r"\bscs [a-z]+ --?[^;,]*")


def in_words_of_run() -> object:
    """A plugin that hands mistakes on as InputError, before pytest prints them in its own words."""
    return _Words()


def reworded(text: str) -> str:
    """A message about options of the plugin, with those of ``scs run``; commands that it quotes stay as they are."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\0{len(kept) - 1}\0"

    text = _COMMAND.sub(keep, text)
    text = text.replace("--scs-scope=", "").replace("--scs-scope", "SCOPE")
    text = _OPTION.sub(lambda found: _spellings().get(found[0], found[0]), text)
    return re.sub("\0(\\d+)\0", lambda found: kept[int(found[1])], text)


def _spellings() -> Mapping[str, str]:
    options: tuple[Option, ...] = all_options()
    plain = {option.spelling: option.run_spelling for option in options}
    return {**_OTHERS, **plain, **{option.short: option.run_spelling for option in options if option.short}}


class _Words:
    """Stands between pytest and its hooks: what they raise as UsageError leaves as InputError."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_parse(self) -> Generator[None, Any, Any]:
        """Options behind ``--`` that nobody knows."""
        try:
            return (yield)
        except pytest.UsageError as error:
            raise InputError(f"run: {_told_by_parser(str(error))}") from None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_main(self) -> Generator[None, Any, Any]:
        """Everything that is found out about options later."""
        try:
            return (yield)
        except pytest.UsageError as error:
            raise InputError(f"run: {reworded(' '.join(map(str, error.args)))}") from None


def _told_by_parser(text: str) -> str:
    """The line of pytest's parser that says what is wrong, without its usage; anything else as it is."""
    found = re.search(r"error: (.*)", text)
    if found is None:
        return reworded(text)
    return f"{reworded(found[1])} (behind -- stand options of pytest: pytest --help, or {_HELP})"


_HELP = "scs run -- --help"
