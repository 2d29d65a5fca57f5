# SPDX-License-Identifier: Apache-2.0
"""The file of ``--scs-config``: subjects, accounts at the compliance monitor, groups and presets of options (TOML)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import Fields, FormError
from pytest_scs.base.words import did_you_mean
from pytest_scs.base.yamlfile import read_text

#: The compliance monitor of the SCS project.
OFFICIAL_MONITOR = "https://compliance.sovereignit.cloud/"

_TABLES = ("monitor", "accounts", "groups", "subjects", "options", "certificates")


@dataclasses.dataclass(frozen=True, slots=True)
class Account:
    """An account at the monitor: where its token and its key lie, and for whom it sends beside itself."""

    name: str
    token_file: Path | None = None
    key: Path | None = None
    for_subjects: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Configuration:
    """What the file says; relative paths in it start at its folder. Empty where there is no file.

    ``groups``: name -> subjects. ``subjects``: subject -> option of a platform (``os-cloud``) -> value. ``options``: as
    in the ini file, without ``scs_``. ``certificates``: subject -> name of the scope's file -> day of issue.
    """

    path: Path | None = None
    monitor: str = OFFICIAL_MONITOR
    accounts: Mapping[str, Account] = dataclasses.field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    subjects: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    certificates: Mapping[str, Mapping[str, dt.date]] = dataclasses.field(default_factory=dict)


def read_configuration(path: Path | None) -> Configuration:
    """The configuration in a file; the empty one for None. Raises InputError, which names file, table and key."""
    if path is None:
        return Configuration()
    try:
        # Some editors begin a file with a mark that TOML's reader does not know.
        plain = tomllib.loads(read_text(path, "configuration").removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        cause = "nested too deep" if isinstance(error, RecursionError) else error
        raise InputError(f"{path}: not valid TOML: {cause}") from None
    for name in plain:
        if name not in _TABLES:
            raise InputError(
                f"{path}: unknown table [{name}]{did_you_mean(name, _TABLES)}; known: {', '.join(_TABLES)}"
            )
    try:
        return _configuration(path, plain)
    except FormError as error:
        raise InputError(f"{path}: {error}") from None


def _configuration(path: Path, plain: Mapping[str, Any]) -> Configuration:
    monitor, accounts, groups, subjects, options, certificates = (Fields(name, plain.get(name, {})) for name in _TABLES)
    _check_known(monitor, ("url",))
    for name in groups.names():
        if not name.strip() or not all(one.strip() for one in groups.texts(name)):
            raise FormError(f"groups.{name}: a name is empty; groups and those in them have names")
    return Configuration(
        path,
        monitor.text("url", OFFICIAL_MONITOR),
        {name: _account(path.parent, name, accounts.fields(name)) for name in accounts.names()},
        {name: tuple(dict.fromkeys(groups.texts(name))) for name in groups.names()},
        {name: _texts(subjects.fields(name)) for name in subjects.names()},
        dict(options.content),
        {name: _days(certificates.fields(name)) for name in certificates.names()},
    )


def _account(folder: Path, name: str, fields: Fields) -> Account:
    def place(key: str) -> Path | None:
        text = fields.text(key, "")
        try:
            return folder / Path(text).expanduser() if text else None
        except RuntimeError:
            raise FormError(f"{fields.where}.{key}: there is no home folder {text.split('/')[0][:60]!r}") from None

    _check_known(fields, ("token_file", "key", "for_subjects"))
    return Account(name, place("token_file"), place("key"), fields.texts("for_subjects"))


def _check_known(fields: Fields, known: tuple[str, ...]) -> None:
    for name in fields.names():
        if name not in known:
            raise FormError(
                f"{fields.where}.{name}: is not known{did_you_mean(name, known)}; known: {', '.join(known)}"
            )


def _texts(fields: Fields) -> dict[str, str]:
    return {name: fields.text(name) for name in fields.names()}


def _days(fields: Fields) -> dict[str, dt.date]:
    found = {}
    for name in fields.names():
        day = fields.value(name)
        if type(day) is not dt.date:
            raise FormError(f"{fields.where}.{name}: expected the day of issue, such as 2026-11-20, without quotes")
        found[name] = day
    return found
