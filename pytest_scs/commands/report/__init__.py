# SPDX-License-Identifier: Apache-2.0
"""``scs report ...``: what becomes of reports, one module an action."""

from __future__ import annotations

import importlib
from typing import Any

#: The actions, in the order of the help; each is a module here with ``add_parser``, named as it is typed.
ACTIONS = (
    "validate",
    "show",
    "sign",
    "verify",
    "submit",
    "whoami",
    "register",
    "compare",
    "scorecard",
    "history",
    "diff",
    "metrics",
    "site",
    "dossier",
)


def add_parser(commands: Any, action: str = "") -> None:
    """Add the subcommand to argparse's ``commands``, with one action only if ``action`` is the name of one."""
    sub = commands.add_parser(
        "report",
        help="show, check, sign, send, compare SCS reports; score card, history, pages",
        description="Work on SCS reports, the YAML files of --scs-report.",
        epilog="scs report ACTION --help says more. To begin with: scs report scorecard reports/",
    )
    actions = sub.add_subparsers(metavar="ACTION", required=True)
    # Each imports what it needs, for which no other one should wait.
    for name in [action] if action in ACTIONS else ACTIONS:
        importlib.import_module(f"pytest_scs.commands.report.{name}").add_parser(actions)
