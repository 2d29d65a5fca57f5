# SPDX-License-Identifier: Apache-2.0
"""Accounts at the compliance monitor: whose token sends a report, and what a token file may look like.

Nearly every subject has an account of its own name; another may send for it if the configuration says so
(docs/standards/framework.md#subject).
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import why_unreadable
from pytest_scs.base.private_files import read_private
from pytest_scs.base.words import shown
from pytest_scs.pipeline.configuration import Account, Configuration

#: The variable that holds a token, in the form of a token file.
VARIABLE = "SCS_TOKEN"

# Larger than any token.
_MAX_TOKEN = 1 << 14

_HOW = "base64 of NAME:PASSPHRASE, as in: printf %s NAME:PASSPHRASE | base64 -w0"


@dataclasses.dataclass(frozen=True, slots=True)
class Credentials:
    """Account name and passphrase; ``source`` says where they are from. Only the name may be shown."""

    name: str
    secret: str = dataclasses.field(repr=False)
    source: str = ""

    @property
    def authorization(self) -> str:
        """The header of that name."""
        return f"Basic {self.token}"

    @property
    def token(self) -> str:
        """What a token file holds."""
        return base64.b64encode(f"{self.name}:{self.secret}".encode()).decode("ascii")

    def secrets(self) -> tuple[str, ...]:
        """What is masked wherever it might come out."""
        return (self.secret, self.token)


def read_token(text: str, source: str) -> Credentials:
    """Read a token; raises InputError, which names ``source`` and never says what it holds."""
    token = "".join(text.split())
    if not token:
        raise InputError(f"{source} is empty; it has to hold {_HOW}")
    if re.match(r"\s*(?:Authorization:\s*)?Basic\s", text, re.IGNORECASE):
        raise InputError(f"{source} begins with the word Basic; leave it out, it has to hold {_HOW}")
    try:
        name, colon, secret = base64.b64decode(token, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        raise InputError(f"{source} is no token; it has to hold {_HOW}") from None
    # Whoever pipes through echo has a line end in it, which no account has.
    if secret != secret.rstrip("\r\n"):
        raise InputError(f"{source} has a line end behind the passphrase (made with echo?); it has to hold {_HOW}")
    if not (name and colon and secret):
        raise InputError(f"{source} has no name and passphrase in it; it has to hold {_HOW}")
    return Credentials(name, secret, source)


def read_token_file(path: Path) -> Credentials:
    """Read a token file; raises InputError, also for one that others can read."""
    source = f"token file {path}"
    try:
        content, mode = read_private(path, _MAX_TOKEN)
    except OSError as error:
        raise InputError(f"cannot read {source}: {why_unreadable(error)}") from None
    except ValueError:
        raise InputError(f"{str(path)!r} is no name of a token file") from None
    if mode:
        raise InputError(
            f"{source} can be read by others (mode {mode:04o}), and whoever has it sends in your name; chmod 600 {path}"
        )
    try:
        return read_token(content.decode("ascii"), source)
    except UnicodeDecodeError:
        raise InputError(f"{source} is no token; it has to hold {_HOW}") from None


@dataclasses.dataclass(frozen=True, slots=True)
class Accounts:
    """Chooses the account for a subject, and finds its token.

    ``wanted`` is the account of ``--account``, ``token_file`` the file of ``--token-file``; empty where not given.
    ``environ`` is where SCS_TOKEN may stand. ``learn`` is told every secret that is read.
    """

    configuration: Configuration
    wanted: str = ""
    token_file: Path | None = None
    environ: Mapping[str, str] = dataclasses.field(default_factory=lambda: os.environ)
    learn: Callable[[tuple[str, ...]], None] = lambda secrets: None

    def for_subject(self, subject: str) -> Account:
        """The account that sends the reports of a subject: ``--account``, its own, or one that may send for it.

        Raises InputError where none may, or several, which have to be chosen from.
        """
        known = self.configuration.accounts
        if self.wanted:
            account = known.get(self.wanted, Account(self.wanted))
            if subject not in (account.name, *account.for_subjects):
                raise InputError(
                    f"account {shown(account.name)} may not send for {shown(subject)} by the configuration; leave out "
                    f"--account, or add it to for_subjects of [accounts.{shown(account.name)}]"
                )
            return account
        if subject in known:
            return known[subject]
        delegates = [account for account in known.values() if subject in account.for_subjects]
        if len(delegates) > 1:
            names = ", ".join(shown(account.name) for account in delegates)
            raise InputError(f"several accounts may send for {shown(subject)}: {names}; choose one with --account=NAME")
        return delegates[0] if delegates else Account(subject)

    def credentials(self, account: Account) -> Credentials:
        """The token of an account: of ``--token-file``, else of SCS_TOKEN if it is this account's, else configured.

        Raises InputError if there is none, or if it is another account's.
        """
        found = self._found(account)
        self.learn(found.secrets())
        if found.name != account.name:
            raise InputError(
                f"{found.source} is of account {shown(found.name)}, not of {shown(account.name)}; name the right one, "
                f"or say whom it may send for in the configuration: for_subjects of [accounts.{shown(found.name, 60)}]"
            )
        return found

    def _found(self, account: Account) -> Credentials:
        if self.token_file:
            return read_token_file(self.token_file)
        named = self.environ.get(VARIABLE, "")
        if named.strip():
            found = read_token(named, VARIABLE)
            self.learn(found.secrets())
            if found.name == account.name or not account.token_file:
                return found
        if account.token_file:
            return read_token_file(account.token_file)
        raise InputError(
            f"there is no token for account {shown(account.name)}; name its file with --token-file=FILE or as "
            f"token_file of [accounts.{shown(account.name)}] in --scs-config=FILE, or set {VARIABLE}"
        )

    def all(self) -> list[Account]:
        """Every account that can be asked about: the one named, or whose token is given, else all configured ones.

        Raises InputError where there is none.
        """
        known = self.configuration.accounts
        if self.wanted:
            return [known.get(self.wanted, Account(self.wanted))]
        if self.token_file or (not known and self.environ.get(VARIABLE, "").strip()):
            found = (
                read_token_file(self.token_file) if self.token_file else read_token(self.environ[VARIABLE], VARIABLE)
            )
            self.learn(found.secrets())
            return [known.get(found.name, Account(found.name))]
        if not known:
            raise InputError(
                f"there is no account; name one with --token-file=FILE, {VARIABLE}, or as [accounts.NAME] in "
                "--scs-config=FILE"
            )
        return list(known.values())
