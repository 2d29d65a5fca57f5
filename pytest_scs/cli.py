# SPDX-License-Identifier: Apache-2.0
"""``scs ...``: what is no test run. Exit codes: 0 fine, 1 something is wrong with what was looked at, 4 bad usage."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import pytest_scs
from pytest_scs.base.errors import InputError
from pytest_scs.base.home import ensure_home
from pytest_scs.commands import attest, cleanup, explain, flavor, report


class _Parser(argparse.ArgumentParser):
    """Exit code 4 for bad usage, as pytest has it."""

    def error(self, message: str) -> NoReturn:
        self.exit(4, f"{self.prog}: {message} (try {self.prog} --help)\n")


def parser() -> argparse.ArgumentParser:
    """The command line of ``scs``."""
    top = _Parser(
        prog="scs", description="Tools around SCS conformance; the conformance run itself is pytest --scs-scope=..."
    )
    top.add_argument("--version", action="version", version=f"pytest-scs {pytest_scs.__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    explain.add_parser(commands)
    flavor.add_parser(commands)
    report.add_parser(commands)
    attest.add_parser(commands)
    cleanup.add_parser(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = parser().parse_args(argv)
    ensure_home()
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except InputError as error:
        print(f"scs: {error}", file=sys.stderr)
        return 4
    except BrokenPipeError:
        # Whoever read the output has seen enough; Python must not complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
