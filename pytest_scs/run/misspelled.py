# SPDX-License-Identifier: Apache-2.0
"""Options that look like ours, and that nobody knows: pytest would only say that they are unrecognized."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.platforms.option import Option

#: What our options begin with.
_OURS = "--scs-"


def check(config: pytest.Config, parser: pytest.Parser, args: Sequence[str], options: Sequence[Option]) -> None:
    """Raise InputError with the nearest option of ours for one that no plugin and no initial conftest has.

    ``config`` is that of the run, whose language the error has.
    """
    end = args.index("--") if "--" in args else len(args)
    known = [option.spelling for option in options]
    typed = {arg.partition("=")[0] for arg in args[:end] if isinstance(arg, str) and arg.startswith(_OURS)}
    if not typed.difference(known):
        return
    try:
        unknown = [arg.partition("=")[0] for arg in parser.parse_known_and_unknown_args(list(args[:end]))[1]]
    except pytest.UsageError:
        return  # pytest says what else is wrong
    for spelling in unknown:
        if spelling.startswith(_OURS):
            from pytest_scs.base.words import did_you_mean

            near = did_you_mean(spelling, known)
            raise InputError(f"unknown option {spelling}{near}; known: pytest --help, group SCS")
