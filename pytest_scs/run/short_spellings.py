# SPDX-License-Identifier: Apache-2.0
"""Short spellings of options that other plugins and conftests may have as well (``short`` of platforms/option.py).

Of two that register an option with the same name, pytest ends the second one, and nobody can choose to be first. So
these are never registered: what was typed is read off the command line, and taken off it where nobody else knows it.
Who else has the name gets the value as if we were not there, also a conftest.py that is met during collection only.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from pytest_scs.platforms.option import Option
from pytest_scs.run import pytest_internals

_typed_key = pytest.StashKey["Typed"]()


@dataclasses.dataclass(slots=True)
class Typed:
    """The values that were typed, by short spelling; ``unowned`` are spellings that nobody else knows so far.

    ``args`` is the whole command line as it was.
    """

    values: Mapping[str, list[str]]
    unowned: set[str] = dataclasses.field(default_factory=set)
    args: Sequence[str] = ()


def before_conftests(
    config: pytest.Config, parser: pytest.Parser, args: list[str], options: Sequence[Option]
) -> dict[str, list[str]]:
    """The values typed for short spellings, those of ini files and environment included.

    ``--NAME VALUE`` becomes ``--NAME=VALUE``: nobody has told pytest so far that VALUE is none of the tests to run.
    """
    found: dict[str, list[str]] = {}
    for spelling in (option.short for option in options if option.short):
        if any(_is_typed(arg, spelling) for arg in args):
            if not _is_owned(parser, args, spelling):
                _join(config, args, spelling)
            found[spelling] = _values(args, spelling)
    return found


def after_conftests(
    config: pytest.Config,
    parser: pytest.Parser,
    args: list[str],
    options: Sequence[Option],
    values: Mapping[str, list[str]],
) -> None:
    """When all plugins and initial conftests are there: take off the command line what none of them knows.

    Raises pytest.UsageError where such a one has no value.
    """
    if pytest_internals.early_options(config).help:
        _show(parser, options)
    if not values:
        return
    typed = Typed(values, {spelling for spelling in values if not _is_owned(parser, args, spelling)})
    for spelling in sorted(typed.unowned.intersection(args)):
        raise pytest.UsageError(f"{spelling}: the value is missing; write {spelling}=VALUE")
    typed.args = list(args)
    args[:] = [arg for arg in args if not any(_is_typed(arg, spelling) for spelling in typed.unowned)]
    config.stash[_typed_key] = typed
    if typed.unowned:
        config.pluginmanager.register(_LateOwners(config, parser, typed), "scs-short-spellings")


def apply(config: pytest.Config, options: Sequence[Option], *, scope: bool) -> None:
    """Enter what was typed as values of the long spellings, which win where both are given.

    Without a ``scope`` only what nobody else knows: the rest was not meant for us.
    """
    typed = config.stash.get(_typed_key, Typed({}))
    meant = typed.values if scope else typed.unowned
    for option in options:
        if option.short in meant and config.getoption(option.dest) in (None, []):
            values = typed.values[option.short]
            pytest_internals.set_option(config, option.dest, list(values) if option.many else values[-1])


class _LateOwners:
    """Gives a conftest.py that is met during collection, and has an option of that name, the value that was typed."""

    def __init__(self, config: pytest.Config, parser: pytest.Parser, typed: Typed) -> None:
        self._config = config
        self._parser = parser
        self._typed = typed

    def pytest_plugin_registered(self, plugin: object) -> None:
        """Look at whoever has options."""
        if not self._typed.unowned or not hasattr(plugin, "pytest_addoption"):
            return
        for spelling in sorted(self._typed.unowned):
            if _is_owned(self._parser, self._typed.args, spelling):
                self._typed.unowned.discard(spelling)
                self._hand_over(spelling)

    def _hand_over(self, spelling: str) -> None:
        known = pytest_internals.options_of(self._config)
        tokens = [f"{spelling}={value}" for value in self._typed.values[spelling]]
        parsed = self._parser.parse_known_args(tokens, namespace=copy.copy(known))
        for name, value in vars(parsed).items():
            if name != "file_or_dir" and value != getattr(known, name, None):
                pytest_internals.set_option(self._config, name, value)


def _show(parser: pytest.Parser, options: Sequence[Option]) -> None:
    """Have ``--help`` show the short spellings, as far as nobody else has them."""
    group = parser.getgroup("scs")
    for option in options:
        if option.short:
            words: dict[str, Any] = {"metavar": option.metavar, "help": f"The same as {option.spelling}"}
            try:
                group.addoption(option.short, dest=f"{option.dest}_short", action="append", **words)
            except (ValueError, argparse.ArgumentError):
                continue


def _is_typed(arg: str, spelling: str) -> bool:
    return arg == spelling or arg.startswith(f"{spelling}=")


def _is_owned(parser: pytest.Parser, args: Sequence[str], spelling: str) -> bool:
    """Whether a plugin or conftest that is known by now has an option with this name."""
    # With all the rest: others may demand options of their own.
    rest = [arg for arg in args if not _is_typed(arg, spelling)]
    token = f"{spelling}={next(iter(_values(args, spelling)), 'x')}"
    try:
        return token not in parser.parse_known_and_unknown_args([*rest, token])[1]
    except pytest.UsageError:
        return True  # it wants another value, or none; or something else is wrong, which pytest will say


def _join(config: pytest.Config, args: list[str], spelling: str) -> None:
    for number in reversed([number for number, arg in enumerate(args) if arg == spelling]):
        value = args[number + 1] if number + 1 < len(args) else "-"
        if not value.startswith("-"):
            args[number : number + 2] = [f"{spelling}={value}"]
            pytest_internals.forget_named_file(config, value)


def _values(args: Sequence[str], spelling: str) -> list[str]:
    """The values in a command line; of an option that somebody else has, they may stand on their own."""
    found = []
    for number, arg in enumerate(args):
        if arg == spelling and number + 1 < len(args):
            found.append(args[number + 1])
        elif arg.startswith(f"{spelling}="):
            found.append(arg.partition("=")[2])
    return found
