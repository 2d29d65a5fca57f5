# SPDX-License-Identifier: Apache-2.0
"""``scs demo``: a subject that comes with the plugin, served for trying clients out, whole or broken."""

from __future__ import annotations

import argparse
from typing import Any

from pytest_scs.demo import standalone


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    sub = commands.add_parser(
        "demo",
        help="serve what comes with the plugin, whole or broken, for trying things out",
        description=standalone.DESCRIPTION,
        epilog=standalone.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    standalone.add_arguments(sub)
    sub.set_defaults(run=standalone.serve)
