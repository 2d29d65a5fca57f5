# SPDX-License-Identifier: Apache-2.0
"""Options whose value may be left out (``alone`` of platforms/option.py).

To argparse the next word of the command line would be the value, also where it is a file with tests or a scope. So such
an option has the value only that is written behind a ``=``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from pytest_scs.platforms.option import Option
from pytest_scs.run import pytest_internals


def with_values(args: Sequence[str], spellings: Iterable[tuple[str, str]]) -> list[str]:
    """A command line in which each option of ``spellings`` (spelling, value) that stands alone has that value."""
    alone = dict(spellings)
    end = args.index("--") if "--" in args else len(args)
    return [f"{arg}={alone[arg]}" if arg in alone and place < end else arg for place, arg in enumerate(args)]


def before_conftests(config: pytest.Config, args: list[str], options: Sequence[Option]) -> None:
    """Give options that stand alone their value, in place; the word behind one is a test file again."""
    alone = {option.spelling: option for option in options if option.alone}
    end = args.index("--") if "--" in args else len(args)
    for place, arg in enumerate(args[:end]):
        if option := alone.get(arg):
            following = args[place + 1] if place + 1 < end else "-"
            if not following.startswith("-"):
                pytest_internals.add_named_file(config, following)
            setattr(pytest_internals.early_options(config), option.dest, option.alone)
    args[:] = with_values(args, [(spelling, option.alone) for spelling, option in alone.items()])
