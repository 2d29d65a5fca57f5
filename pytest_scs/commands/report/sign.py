# SPDX-License-Identifier: Apache-2.0
"""``scs report sign``: signatures for reports that exist already."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.home import expanded
from pytest_scs.base.words import printable
from pytest_scs.commands.arguments import file_name
from pytest_scs.pipeline.signing.signing import Signer, signed_by
from pytest_scs.reports.scs.reader import read_reports


def add_parser(actions: Any) -> None:
    """Add the action to argparse's ``actions``."""
    sign = actions.add_parser(
        "sign",
        help="sign reports that exist already, as --scs-sign does in a run",
        description="Write a signature beside each report: NAME.yaml.sig beside NAME.yaml. An earlier one is replaced.",
    )
    sign.add_argument("files", nargs="+", type=file_name, metavar="FILE", help="a report")
    sign.add_argument(
        "--key",
        required=True,
        type=file_name,
        metavar="FILE",
        help="the private SSH key to sign with; the public one if the private one is in ssh-agent or on hardware",
    )
    sign.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Sign each file, once all of them have been read; raises InputError."""
    files: list[Path] = arguments.files
    for path in files:
        if path.is_dir():
            raise InputError(f"report sign: {path} is a folder; name the reports: {path}/*.yaml")
        read_reports(path)
    signer = Signer(expanded(arguments.key, "--key"), "--key")
    for path in dict.fromkeys(files):
        earlier = signed_by(path)
        place = signer.sign(path)
        changed = earlier and earlier != signed_by(path)
        instead = f" (in place of that by {earlier})" if changed else ""
        print(printable(f"{path}: signed: {place}{instead}"))
    return 0
