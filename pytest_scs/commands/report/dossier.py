# SPDX-License-Identifier: Apache-2.0
"""``scs report dossier``: everything an auditor needs, in one file."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_distinct, check_writable, why_unwritable, write_atomically
from pytest_scs.base.home import expanded
from pytest_scs.base.words import printable
from pytest_scs.commands.arguments import file_name
from pytest_scs.pipeline.dossier.archive import MANIFEST_SIGNATURE, MAX_FILE, packed
from pytest_scs.pipeline.dossier.gathering import Wanted, gather, signed
from pytest_scs.pipeline.signing.signatures import read_signature
from pytest_scs.pipeline.signing.signing import Signer


def add_parser(actions: Any) -> None:
    """Add the action to argparse's ``actions``."""
    sub = actions.add_parser(
        "dossier",
        help="put reports, signatures and recordings into one file for auditors",
        description="Put the newest report of each testcase into a zip, with its signature, the recording it rests "
        "on, the answers of people, the scopes with their versions, and the SHA-256 of all: scs report verify judges "
        "it anew without network. Exit code 1 if something in it will not be proved.",
    )
    sub.add_argument("places", nargs="+", type=file_name, metavar="DIR|FILE", help="folders of reports, or reports")
    sub.add_argument("-o", "--output", required=True, type=file_name, metavar="FILE.zip", help="the dossier to write")
    for option, words in (
        ("--evidence", "a recording of --scs-record (default: those in the folders)"),
        ("--attestations", "answers to manual checks (default: those in the folders)"),
        ("--scope", "a scope file of your own that reports are about"),
    ):
        sub.add_argument(
            option, action="append", default=[], type=file_name, metavar="FILE", help=f"{words}; repeatable"
        )
    sub.add_argument(
        "--sign",
        type=file_name,
        metavar="KEY",
        help="sign it as a whole with this SSH key, so that nobody can add to it or leave something out",
    )
    sub.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the dossier; 1 if something in it is not proved. Raises InputError."""
    output: Path = arguments.output
    if output.suffix.lower() != ".zip":
        raise InputError(f"-o: {output} is no name of a zip file; write -o {output}.zip")
    check_writable(output, "-o")
    inputs = [*arguments.places, *arguments.evidence, *arguments.attestations, *arguments.scope]
    check_distinct({"-o": output}, {f"input {number}": path for number, path in enumerate(inputs)})
    signer = Signer(expanded(arguments.sign, "--sign"), "--sign") if arguments.sign else None
    if signer:
        signer.try_out()
    contents = gather(Wanted(arguments.places, arguments.evidence, arguments.attestations, arguments.scope))
    if signer:
        contents = signed(contents, signer, dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0))
    content = packed(contents.files)
    if len(content) > MAX_FILE:
        raise InputError(f"report dossier: it would be larger than {MAX_FILE >> 20} MiB; make one for each subject")
    try:
        write_atomically(output, content)
    except OSError as error:
        raise InputError(f"-o: cannot write {output}: {why_unwritable(error)}") from None
    for line in contents.lacking:
        print(printable(f"not proved: {line}"), file=sys.stderr)
    whole = f", signed as a whole by {read_signature(contents.files[MANIFEST_SIGNATURE]).fingerprint}" if signer else ""
    print(printable(f"{output}: {contents.manifest.summary}, {len(content)} bytes{whole}"))
    return 1 if contents.lacking else 0
