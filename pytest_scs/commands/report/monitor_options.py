# SPDX-License-Identifier: Apache-2.0
"""What the actions have in common that ask the compliance monitor: its options, and secrets that never come out."""

from __future__ import annotations

import argparse
import contextlib
import sys
import traceback
from collections.abc import Iterator
from typing import Any, NoReturn, TextIO, cast

from pytest_scs.base.errors import InputError
from pytest_scs.base.masking import MaskedStream, redact_logging
from pytest_scs.base.redact import Redactor
from pytest_scs.base.words import printable
from pytest_scs.commands.arguments import file_name
from pytest_scs.pipeline.configuration import Configuration, read_configuration
from pytest_scs.pipeline.monitor.accounts import Accounts
from pytest_scs.pipeline.monitor.monitor_status import monitor_base

# What people try.
_SECRET_OPTIONS = ("--token", "--password", "--passphrase", "--api-key")


def add_configuration(parser: argparse.ArgumentParser) -> None:
    """Add ``--scs-config``."""
    parser.add_argument(
        "--scs-config", type=file_name, metavar="FILE", help="TOML file with the monitor and the accounts"
    )


def add_account(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose monitor and account."""
    add_configuration(parser)
    parser.add_argument(
        "--monitor", metavar="URL", help="another compliance monitor than the configured or official one"
    )
    parser.add_argument(
        "--token-file",
        type=file_name,
        metavar="FILE",
        help="token of the account (base64 of NAME:PASSPHRASE, mode 0600); also in SCS_TOKEN or the configuration",
    )
    parser.add_argument("--account", type=account_name, metavar="NAME", help="account, if not the one of the subject")
    for option in _SECRET_OPTIONS:
        parser.add_argument(option, nargs="?", action=_Refused, help=argparse.SUPPRESS)


class _Refused(argparse.Action):
    """An option that would hold a secret, which everybody reads in the list of processes; it is not repeated."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: Any) -> NoReturn:
        """End the command."""
        parser.error(
            "everybody on this machine can read a command line, so no secret is taken from one; name a file with "
            "--token-file=FILE, or set SCS_TOKEN"
        )


def account_name(text: str) -> str:
    """The name of an account, for ``type=`` of argparse."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the account's name is empty; name one, or leave the option out")
    return text


def configured(arguments: argparse.Namespace) -> Configuration:
    """The file of ``--scs-config``; raises InputError."""
    return read_configuration(arguments.scs_config)


def monitor_of(configuration: Configuration, url: str | None) -> str:
    """Base URL of the monitor: of the option, else the configuration's; raises InputError."""
    if url is not None:
        return monitor_base(url, "--monitor")
    return monitor_base(
        configuration.monitor, f"{configuration.path}: monitor.url" if configuration.path else "monitor"
    )


def accounts_of(arguments: argparse.Namespace, configuration: Configuration, redactor: Redactor) -> Accounts:
    """The accounts there are; what is secret of them is masked from the moment it is read."""
    return Accounts(configuration, arguments.account or "", arguments.token_file, learn=redactor.add)


@contextlib.contextmanager
def masked() -> Iterator[Redactor]:
    """While it lasts, what is printed and logged has no secret in it that the redactor was told.

    Nor has the traceback of a mistake of ours that ends it: exceptions repeat what they were given.
    """
    redactor = Redactor()
    streams = sys.stdout, sys.stderr
    end = redact_logging(redactor)
    sys.stdout, sys.stderr = (cast("TextIO", MaskedStream(stream, redactor)) for stream in streams)
    try:
        yield redactor
    except Exception as error:
        text = "".join(traceback.format_exception(error))
        if isinstance(error, InputError) or redactor(text) == text:
            raise
        print(text, file=sys.stderr)
        raise SystemExit(3) from None
    finally:
        sys.stdout, sys.stderr = streams
        end()


def say(line: str) -> None:
    """Print a line on standard error, for people who look on."""
    print(f"scs: {printable(line)}", file=sys.stderr, flush=True)
