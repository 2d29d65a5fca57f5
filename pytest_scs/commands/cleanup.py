# SPDX-License-Identifier: Apache-2.0
"""``scs cleanup``: what crashed runs left in a subject, and its removal."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable
from typing import Any, TextIO, cast

from pytest_scs.base.errors import InputError
from pytest_scs.base.language import Language
from pytest_scs.base.masking import MaskedStream
from pytest_scs.base.redact import Redactor
from pytest_scs.base.words import printable
from pytest_scs.commands.arguments import add_language, language_of
from pytest_scs.platforms.registry import platforms


class _Lines(MaskedStream):
    """Gets a line at a time from ``print``: nothing from outside makes another one of it, or shows a secret."""

    def __init__(self, stream: TextIO, redact: Callable[[str], str], spoken: Language) -> None:
        super().__init__(stream, redact)
        self._spoken = spoken

    def write(self, text: str) -> int:
        """Write a line, in the language of who reads it, or its end."""
        written = super().write(text if text == "\n" else printable(self._spoken.text(text)))
        self.flush()  # a removal takes minutes: a file or pipe has each line while it matters
        return written


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    sub = commands.add_parser(
        "cleanup",
        help="list or remove what crashed runs left in a subject",
        description="List what crashed conformance runs left in a subject, by the run ids in names and metadata. "
        "Nothing is removed without --delete, and nothing that carries no run id is ever touched. Names made by "
        "programs that a run starts count for runs that were started on this machine, or are named with --run.",
    )
    where = sub.add_mutually_exclusive_group()
    for platform in platforms():
        platform.add_cleanup_option(where)
        platform.add_cleanup_details(sub)
    sub.add_argument("--delete", action="store_true", help="remove what is listed")
    sub.add_argument("--run", dest="run_id", metavar="ID", help="only what this run made (eight hexadecimal digits)")
    sub.add_argument("--older-than", metavar="AGE", help="only what is older, e.g. 30m, 6h, 2d")
    add_language(sub, "what is said")
    sub.set_defaults(run=run, redact=Redactor(), usage=lambda: " ".join(sub.format_usage().split()))


def run(arguments: argparse.Namespace) -> int:
    """List the leftovers and, if asked to, remove them; 1 if something is still there that should not be."""
    spoken = language_of(arguments, "cleanup")
    named = [platform for platform in platforms() if platform.is_to_be_cleaned_up(arguments)]
    for platform in platforms():
        if named and platform not in named[:1] and (option := platform.misplaced_cleanup_detail(arguments)):
            raise InputError(f"{option} is about {platform.nouns}; leave it out for a {named[0].noun}")
    if not named:
        raise InputError(f"nothing is named that could be cleaned up: {arguments.usage()}")
    with contextlib.redirect_stdout(cast(TextIO, _Lines(sys.stdout, arguments.redact, spoken))):
        try:
            return named[0].clean_up(arguments)
        except KeyboardInterrupt:
            if arguments.delete:
                print(spoken.phrase("interrupted: what is not said to be removed may still be there; run it once more"))
            raise
