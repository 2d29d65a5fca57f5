# SPDX-License-Identifier: Apache-2.0
"""``scs report whoami``: whether the compliance monitor takes the tokens of accounts."""

from __future__ import annotations

import argparse
import uuid
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import shown
from pytest_scs.commands.report.monitor_options import accounts_of, add_account, configured, masked, monitor_of, say
from pytest_scs.pipeline.configuration import Account
from pytest_scs.pipeline.monitor.accounts import Accounts
from pytest_scs.pipeline.monitor.monitor_client import Client, Sent, detail
from pytest_scs.pipeline.monitor.monitor_http import Unreachable


def add_parser(actions: Any) -> None:
    """Add the action to argparse's ``actions``."""
    whoami = actions.add_parser(
        "whoami",
        allow_abbrev=False,
        help="ask the compliance monitor whether it takes the token of each account",
        description="Ask the compliance monitor whether it takes the token of each account of --scs-config (or of the "
        "one that is named). It asks for a report that does not exist, which has no effect. "
        "Exit codes: 0 all are taken, 1 one is not, 4 wrong usage (file, token, configuration), 6 the monitor "
        "was not reached. Of several accounts, the first of 4, 1, 6, 0 that occurred.",
    )
    add_account(whoami)
    whoami.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask about each account; returns the exit code."""
    with masked() as redactor:
        configuration = configured(arguments)
        accounts = accounts_of(arguments, configuration, redactor)
        client = Client(monitor_of(configuration, arguments.monitor), say, patient=False)
        asked = accounts.all()
        try:
            _check_monitor(client)
        except Unreachable as error:
            say(str(error))
            return 6
        codes = {_ask(client, accounts, account) for account in asked}
        return next(code for code in (4, 1, 6, 0) if code in codes)


def _check_monitor(client: Client) -> None:
    """Raise Unreachable if what answers is no monitor: of any page that does not exist, others say 404 as well."""
    answer = client.report(None, str(uuid.uuid4()))
    if answer.status != 401:
        raise Unreachable(
            f"{client.base} answers {answer.status} to who does not say his name, where a compliance monitor says 401; "
            "is it the right URL?"
        )


def _ask(client: Client, accounts: Accounts, account: Account) -> int:
    """Print what the monitor says of one account; its exit code."""
    name = shown(account.name)
    try:
        credentials = accounts.credentials(account)
        answer = client.report(credentials, str(uuid.uuid4()))
    except InputError as error:
        say(f"{name}: {error}")
        return 4
    except Unreachable as error:
        say(f"{name}: {error}")
        return 6
    if answer.status == 404 and detail(answer):
        sends = ", ".join(map(shown, account.for_subjects))
        print(f"{name}: {client.base} takes its token{f'; it sends for {sends}, too' if sends else ''}")
        return 0
    say(f"{name}: {Sent(answer, again=False).refusal() if answer.status != 404 else 'this is no compliance monitor'}")
    return 6 if answer.status >= 500 or answer.status in (200, 404) else 1
