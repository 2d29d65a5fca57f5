# SPDX-License-Identifier: Apache-2.0
"""An option that looks like ours, and is none, is told with the nearest one that there is."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.run import misspelled
from pytest_scs.run.options import all_options

CONFIG: Any = None


class Parser:
    """Knows our options and one of somebody else."""

    def __init__(self) -> None:
        self._parser = argparse.ArgumentParser(allow_abbrev=False)
        for option in all_options():
            self._parser.add_argument(option.spelling)
        self._parser.add_argument("--scs-of-others")

    def parse_known_and_unknown_args(self, args: list[str]) -> Any:
        return self._parser.parse_known_args(args)


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["--scs-scop=iaas"], "unknown option --scs-scop; did you mean '--scs-scope'?"),
        (["--scs-scope=iaas", "--scs-raport", "r.yaml"], "unknown option --scs-raport; did you mean '--scs-report'?"),
        (["--scs-scope=iaas", "--scs-zzzzzz"], "unknown option --scs-zzzzzz; known: pytest --help, group SCS"),
    ],
)
def test_the_nearest_option_is_named(args: list[str], line: str) -> None:
    parser: Any = Parser()
    with pytest.raises(InputError) as caught:
        misspelled.check(CONFIG, parser, args, all_options())
    assert str(caught.value).startswith(line)


@pytest.mark.parametrize(
    "args", [["--scs-scope=iaas", "-x"], ["--scs-of-others=1"], ["--unknown"], ["--scs-scope=iaas", "--", "--scs-x"]]
)
def test_what_is_known_and_what_is_of_others_is_left_alone(args: list[str]) -> None:
    parser: Any = Parser()
    misspelled.check(CONFIG, parser, args, all_options())
