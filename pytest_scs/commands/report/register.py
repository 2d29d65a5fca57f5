# SPDX-License-Identifier: Apache-2.0
"""``scs report register``: what an account at the compliance monitor needs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.home import expanded
from pytest_scs.commands.arguments import file_name
from pytest_scs.core.subject import SUBJECT
from pytest_scs.pipeline.signing.registering import Registration, register

#: Longer than any name that the monitor shows.
_LONGEST = 200


def add_parser(actions: Any) -> None:
    """Add the action to argparse's ``actions``."""
    sub = actions.add_parser(
        "register",
        help="make key and passphrase for an account at the compliance monitor",
        description="Make a key pair and a passphrase, or take those there are, and print what the operators of the "
        "compliance monitor need, and what stays secret. Nothing is overwritten; no secret is printed.",
    )
    sub.add_argument("--scs-subject", required=True, metavar="SUBJECT", help="name of the cloud or cluster in reports")
    sub.add_argument("--group", default="", metavar="NAME", help="the group, where several subjects make one cloud")
    sub.add_argument(
        "--key-name", default="primary", metavar="NAME", help="name of the key at the monitor (default: primary)"
    )
    sub.add_argument(
        "--key", type=file_name, metavar="FILE", help="SSH key to take, or to make there (default: FOLDER/SUBJECT)"
    )
    sub.add_argument(
        "--folder",
        type=file_name,
        default=Path("secrets"),
        metavar="FOLDER",
        help="where key and passphrase lie (default: secrets)",
    )
    sub.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print account, row, and what stays secret; raises InputError."""
    subject, group, key_name = arguments.scs_subject, arguments.group, arguments.key_name
    for option, name in (("--scs-subject", subject), ("--group", group), ("--key-name", key_name)):
        _check_name(option, name)
    if arguments.group.startswith("group-"):
        raise InputError(f"--group: the monitor puts 'group-' before the name itself; write --group={group[6:]}")
    folder = expanded(arguments.folder, "--folder")
    key = expanded(arguments.key, "--key") if arguments.key else None
    _print(register(subject, group, key_name, key, folder))
    return 0


def _check_name(option: str, name: str) -> None:
    if option != "--group" and not name.strip():
        raise InputError(f"{option}: the name is empty; write {option}=NAME")
    if len(name) > _LONGEST or not name.isprintable() or name != name.strip():
        raise InputError(f"{option}: {name[:_LONGEST]!r} is no name; take letters, digits, '_', '-' and '.'")
    if option == "--scs-subject" and ":" in name:
        raise InputError(f"{option}: an account with ':' in its name cannot log in; take letters, digits, '_', '-'")


def _print(made: Registration) -> None:
    said = (
        "not advisable: an account may have such a name, but what people and programs do with it mostly expects "
        "letters, digits, '_', '-' and '.'; take these for a subject\n\n"
    )
    print("" if SUBJECT.fullmatch(made.subject) else said, end="")
    print("1. The account, for the accounts in the monitor's bootstrap file (people merge it, which takes days):\n")
    print(_indented(made.account))
    print(f"2. A row for {made.row} in the template of the monitor's overview, which is a fixed list:\n")
    what = "group" if made.group else "subject"
    print(f"    {what}: {made.row}; name, description, operator, and the scope: SCS-compatible IaaS or KaaS\n")
    print("3. What stays secret, and is read by its owner alone:\n")
    for words, path in (("private key", made.key), ("passphrase", made.token_file)):
        state = "made now" if path in made.made else "was there"
        print(f"    {words}: {path} ({state})")
    print("\n   The lines for scs.toml (--scs-config=scs.toml), with which reports are sent:\n")
    print(_indented(made.configuration), end="")


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())
