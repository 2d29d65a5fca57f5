# SPDX-License-Identifier: Apache-2.0
"""Names in ``[groups]`` and ``[certificates]`` of a configuration that nothing else knows, most of them mistyped."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pytest_scs.base.words import cut, did_you_mean
from pytest_scs.base.yamlfile import read_text
from pytest_scs.pipeline.configuration import Configuration, read_configuration

_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?")
_KEY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*=""")
_LONGEST = 200
_MOST = 50


@dataclasses.dataclass(frozen=True, slots=True)
class Stranger:
    """A subject that a table names, and that is unknown; ``near`` is what may be meant.

    ``mistyped``: nothing else than that it is a mistake makes sense.
    """

    place: str
    name: str
    near: str
    known: tuple[str, ...]
    mistyped: bool

    def __str__(self) -> str:
        hint = did_you_mean(self.near, [self.near]) if self.near else ""
        known = f"; known: {cut(', '.join(self.known), _LONGEST)}" if self.known else ""
        return f"{self.place}: no subject is named {self.name!r}{hint}{known}"


def strangers_in(
    path: Path | None, subjects: Iterable[str], typed: Mapping[str, Sequence[str]] | None = None
) -> list[Stranger]:
    """The members of groups, and those with certificates, that neither the file at a path nor ``subjects`` know.

    ``subjects`` are names in reports, ``typed`` are groups out of ``--group``. A file without ``[subjects]`` says
    nothing of who there is. Raises InputError.
    """
    configuration = read_configuration(path)
    known = _named(configuration) | set(subjects)
    found: list[Stranger] = []
    given = [("", name, members) for name, members in (typed or {}).items()]
    for table, name, members in [*_tables(configuration), *given]:
        unknown = [one for one in members if one not in known]
        # Looked for only where somebody hears of it: there may be very many groups.
        place = (_place(configuration.path, table, name) if table else f"--group {name}") if unknown else ""
        for one in unknown:
            # Looking for what is near takes long where many are unknown, and then nothing is mistyped.
            looked = len(found) < _MOST
            near = difflib.get_close_matches(one, sorted(known - set(members)), n=1) if looked else []
            nobody = table == "groups" and len(unknown) == len(members)
            mistyped = bool(configuration.subjects) and (bool(near) or nobody)
            found.append(Stranger(place, one, near[0] if near else "", tuple(sorted(known)), mistyped))
    return found


def _named(configuration: Configuration) -> set[str]:
    """Who else in the file is a subject, or sends for one."""
    accounts = configuration.accounts.values()
    return {
        *configuration.subjects,
        *configuration.accounts,
        *(one for account in accounts for one in account.for_subjects),
    }


def _tables(configuration: Configuration) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Table, key in it, subjects that are named there."""
    for name, members in configuration.groups.items():
        yield "groups", name, members
    for name in configuration.certificates:
        yield "certificates", name, [name]


def _place(path: Path | None, table: str, name: str) -> str:
    """``scs.toml:12: groups.acme``; without the line where it is written in a way that is not looked for."""
    lines = read_text(path, "configuration").splitlines() if path else []
    within = ""
    for number, line in enumerate(lines, 1):
        if found := _TABLE.fullmatch(line):
            within = found[1].replace('"', "").replace("'", "").replace(" ", "")
            if within == f"{table}.{name}":
                return f"{path}:{number}: {table}.{name}"
        elif within == table and (key := _KEY.match(line)) and name in key.groups():
            return f"{path}:{number}: {table}.{name}"
    return f"{path}: {table}.{name}"
