# SPDX-License-Identifier: Apache-2.0
"""``scs report verify``: whether reports are what was signed, and by whom; and whether a dossier holds what it says."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import read_bytes, why_unreadable
from pytest_scs.base.home import expanded
from pytest_scs.base.words import printable
from pytest_scs.commands.arguments import file_name
from pytest_scs.pipeline.report_store import read_files
from pytest_scs.pipeline.signing.signature_places import signature_of
from pytest_scs.pipeline.signing.signatures import MAX_SIGNATURE
from pytest_scs.pipeline.signing.verifying import Checked, Verifier
from pytest_scs.reports.scs.reader import MAX_BYTES


def add_parser(actions: Any) -> None:
    """Add the action to argparse's ``actions``."""
    verify = actions.add_parser(
        "verify",
        help="check the signatures of reports, and judge anew what is in a dossier",
        description="Check who signed a report, and that it is what was signed. A key counts if it was valid at the "
        "time of the check. A dossier (*.zip) is judged anew from its recordings. Exit code 1 if something is not "
        "proved.",
    )
    verify.add_argument(
        "places", nargs="+", type=file_name, metavar="FILE|DIR", help="a report, a folder of reports, or a dossier"
    )
    verify.add_argument(
        "--signers",
        type=file_name,
        metavar="FILE",
        help='whose signatures count; a line of it: NAME namespaces="report" ssh-ed25519 AAAA... (ssh-keygen(1), '
        "ALLOWED SIGNERS)",
    )
    verify.add_argument("--any-signer", action="store_true", help="an intact signature of an unknown key is enough")
    verify.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Say of each report what its signature proves; 1 if one proves nothing. Raises InputError."""
    signers = expanded(arguments.signers, "--signers") if arguments.signers else None
    verifier = Verifier(signers, arguments.any_signer)
    good = [_verified(place, verifier) for place in arguments.places]
    return 0 if all(good) else 1


def _verified(place: Path, verifier: Verifier) -> bool:
    if place.suffix.lower() == ".zip":
        # What judges anew needs more than what checks a signature.
        from pytest_scs.pipeline.dossier.checking import check_dossier

        failed = sum(not _said(place, checked) for checked in check_dossier(place, verifier))
        said = f"{failed} things in it are not proved" if failed else "everything in it is proved"
        print(printable(f"{place}: {said}"))
        return not failed
    reports, unreadable = read_files([place])
    for line in unreadable:
        print(line)
    if not reports and not unreadable:
        raise InputError(f"{place}: there is no report (*.yaml, *.json) in this folder")
    times: dict[Path, set[dt.datetime]] = {}
    for report in reports:
        times.setdefault(report.path, set()).add(report.document.checked_at)
    good = [_said(path, _checked(path, times[path], verifier)) for path in times]
    return all(good) and not unreadable


def _checked(path: Path, times: Collection[dt.datetime], verifier: Verifier) -> Checked:
    """What the signature of a report proves; raises InputError if the report cannot be read any more."""
    place = signature_of(path)
    try:
        content = read_bytes(path, MAX_BYTES)
    except OSError as error:
        raise InputError(f"cannot read report {path}: {why_unreadable(error)}") from None
    try:
        signature = read_bytes(place, MAX_SIGNATURE)
    except FileNotFoundError:
        return Checked(False, f"not signed: there is no {place.name} beside it (scs report sign {path} --key=KEY)")
    except OSError as error:
        return Checked(False, f"its signature {place} cannot be read: {why_unreadable(error)}")
    return verifier.check(content, signature, times)


def _said(path: Path, checked: Checked) -> bool:
    print(printable(f"{path}: {checked.words}"))
    return checked.good
