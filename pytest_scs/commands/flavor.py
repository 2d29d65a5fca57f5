# SPDX-License-Identifier: Apache-2.0
"""``scs flavor``: whether a name is a valid SCS flavor name, and what it promises."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.core.findings import show
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas.flavor_cursor import FlavorNameError
from pytest_scs.standards.iaas.flavor_english import describe
from pytest_scs.standards.iaas.flavor_grammar import ParsedName, parse
from pytest_scs.standards.iaas.flavor_name import PREFIX, is_scs_name


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    sub = commands.add_parser(
        "flavor",
        help="read SCS flavor names aloud",
        description="Say in plain English what SCS flavor names promise (scs-0100). Exit code 1 for an invalid name. "
        "Names that do not begin with SCS- are free; they are said to be no SCS name, and are no error.",
        epilog="example: openstack flavor list -f value -c Name | scs flavor",
    )
    sub.add_argument(
        "names", nargs="*", metavar="NAME", help="flavor name; without any, one per line on standard input"
    )
    sub.add_argument("--strict", action="store_true", help="exit code 1 also for what is no SCS name")
    sub.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Describe every name; 1 if one of them is not valid, or no SCS name and these are not wanted."""
    names = arguments.names or list(_lines())
    if not names:
        raise InputError("no flavor name given; example: scs flavor SCS-4V-16-100s")
    return max(_show(name, strict=arguments.strict) for name in names)


def _lines() -> Iterator[str]:
    if sys.stdin.isatty():
        raise InputError("no flavor name given; example: scs flavor SCS-4V-16-100s")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    for line in sys.stdin:
        if name := line.rstrip("\r\n"):
            yield name


def _show(name: str, *, strict: bool) -> int:
    named = name if name and name == name.strip() and name.isprintable() else show(name)
    if not is_scs_name(name):
        print(f"{named}: no SCS name{_almost(name)}")
        return int(strict)
    try:
        parsed = parse(name)
    except FlavorNameError as error:
        print(f"{named}: not a valid SCS flavor name: {_why(error)}")
        return 1
    print(f"{named}: {describe(parsed.flavor)}")
    for remark in _remarks(parsed):
        print(f"    {remark}")
    return 0 if parsed.accepted_by() else 1


def _almost(name: str) -> str:
    """What to say of a name that looks like an SCS name, and is none (docs/standards/scs-0100.md#which-flavors)."""
    if is_scs_name(name.lstrip()):
        return f"; it would be one without what stands before {PREFIX!r}"
    if is_scs_name(name.lstrip()[: len(PREFIX)].upper()):
        return f"; one begins with {PREFIX!r} in this spelling"
    return ""


def _why(error: FlavorNameError) -> str:
    after = f" after {show(error.name[: error.position])}" if error.position else ""
    found = show(error.remainder) if error.remainder else "the end of the name"
    return f"expected {error.expected}{after}, found {found}"


def _remarks(parsed: ParsedName) -> Iterator[str]:
    for difference in parsed.differences:
        who = "the text of scs-0100" if difference.rejected_by is Judge.TEXT else "the official suite"
        yield f"not valid for {who} ({difference.deviation}): expected {difference.expected}"
    for remark in parsed.warnings:
        yield f"warning: {remark.text}"
    if parsed.canonical != parsed.text:
        yield f"better written {parsed.canonical}"
