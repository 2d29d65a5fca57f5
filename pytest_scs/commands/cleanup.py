# SPDX-License-Identifier: Apache-2.0
"""``scs cleanup``: what crashed runs left in a subject, and its removal."""

from __future__ import annotations

import argparse
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.platforms.registry import platforms


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    sub = commands.add_parser(
        "cleanup",
        help="list or remove what crashed runs left in a cloud",
        description="List what crashed conformance runs left in a cloud, by the run ids in names and metadata. Nothing "
        "is removed without --delete, and nothing that carries no run id is ever touched. Names made by Tempest count "
        "for runs that were started on this machine, or are named with --run.",
    )
    where = sub.add_mutually_exclusive_group(required=True)
    for platform in platforms():
        platform.add_cleanup_option(where)
    sub.add_argument("--delete", action="store_true", help="remove what is listed")
    sub.add_argument("--run", dest="run_id", metavar="ID", help="only what this run made (eight hexadecimal digits)")
    sub.add_argument("--older-than", metavar="AGE", help="only what is older, e.g. 30m, 6h, 2d")
    sub.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List the leftovers and, if asked to, remove them; 1 if something is still there that should not be."""
    for platform in platforms():
        if platform.is_to_be_cleaned_up(arguments):
            return platform.clean_up(arguments)
    raise InputError("nothing is named that could be cleaned up")
