# SPDX-License-Identifier: Apache-2.0
"""``python -m pytest_scs.demo``: what ``scs demo`` is, where that is not at hand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pytest_scs.base.errors import InputError
from pytest_scs.base.signals import NoTemporaryFile
from pytest_scs.demo import standalone


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until interrupted. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pytest_scs.demo",
        description=standalone.DESCRIPTION,
        epilog=standalone.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    standalone.add_arguments(parser)
    try:
        return standalone.serve(parser.parse_args(argv))
    except (InputError, NoTemporaryFile) as error:
        sys.stderr.write(f"{error}\n")
        return 4


if __name__ == "__main__":
    sys.exit(main())
