# SPDX-License-Identifier: Apache-2.0
"""Evidence files: the inventories of a run, recorded to be judged again without any network."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import Fields, FormError
from pytest_scs.base.files import read_bytes, why_unreadable, write_atomically
from pytest_scs.base.strict_json import NoStrictJson, read_json
from pytest_scs.base.value_words import value_in_words
from pytest_scs.core.cause import Cause, CauseKind
from pytest_scs.core.scope import Scope
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.section import Section

FORMAT = "pytest-scs evidence"
VERSION = 1

#: Larger than the evidence of any subject; a file like /dev/zero has no end.
MAX_BYTES = 64 * 1024 * 1024

#: The first and the last year that evidence can be of.
YEARS = (2000, 2999)


def write_evidence(
    path: Path,
    inventories: Iterable[Inventory],
    scopes: Iterable[Scope],
    redact: Callable[[Any], Any] | None = None,
) -> None:
    """Record inventories together with the scopes they were read for; ``redact`` masks plain data. Raises OSError."""
    clouds = [_fit_for_json(inventory).to_plain() for inventory in inventories]
    if redact:
        clouds = [redact(entry) for entry in clouds]
    document = {
        "format": FORMAT,
        "version": VERSION,
        "scopes": {scope.uuid: scope.name for scope in scopes},
        "clouds": clouds,
        # Beside them: versions before there were kinds refuse an inventory with an entry that they do not know.
        "cause_kinds": [entry.pop("kinds") for entry in clouds],
    }
    write_atomically(path, json.dumps(document, indent=1, sort_keys=True, allow_nan=False) + "\n")


def _fit_for_json(inventory: Inventory) -> Inventory:
    """The inventory without a section that holds NaN: what is no JSON must not get into a file, whoever read it."""
    problems: dict[str, Cause] = {}
    for name, entries in inventory.sections.items():
        try:
            json.dumps(entries, allow_nan=False)
        except ValueError:
            problems[name] = Cause(
                f"{inventory.subject}: {name}: it holds NaN or an infinite number", CauseKind.MALFORMED
            )
    if not problems:
        return inventory
    sections = {name: entries for name, entries in inventory.sections.items() if name not in problems}
    return dataclasses.replace(inventory, sections=sections, errors=inventory.errors | problems)


def read_evidence(path: Path) -> dict[str, Any]:
    """Load an evidence file as it is; raises InputError if it is none."""
    try:
        document = read_json(read_bytes(path, MAX_BYTES))
    except OSError as error:
        raise InputError(f"--scs-replay: cannot read {path}: {why_unreadable(error)}") from None
    except NoStrictJson as error:
        raise InputError(f"--scs-replay: {path} is not an evidence file: not valid JSON: {error}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError(f"--scs-replay: {path} is not an evidence file (written by --scs-record)")
    version = document.get("version")
    if type(version) is not int or version != VERSION:
        found = "none" if version is None else value_in_words(version).removeprefix("the number ")
        raise InputError(f"--scs-replay: {path} has format version {found}; known: {VERSION}")
    return document


def inventories(path: Path, document: Mapping[str, Any]) -> dict[Subject, Inventory]:
    """The inventories in an evidence file by subject, at least one; raises InputError."""
    try:
        top = Fields("evidence", document)
        clouds = top.each("clouds")
        kinds = [one.content for one in top.each("cause_kinds")] if "cause_kinds" in document else [{}] * len(clouds)
        if len(kinds) != len(clouds):
            raise FormError(f"evidence.cause_kinds: expected one entry for each cloud, got {len(kinds)}")
        pairs = enumerate(zip(clouds, kinds, strict=True))
        found = [_checked({**entry.content, "kinds": one}, f"clouds[{number}]") for number, (entry, one) in pairs]
    except FormError as error:
        raise InputError(f"--scs-replay: {path} is damaged: {error}") from None
    if not found:
        raise InputError(f"--scs-replay: {path} holds no subject")
    by_subject = {inventory.subject: inventory for inventory in found}
    if len(by_subject) != len(found):
        subjects = [inventory.subject for inventory in found]
        twice = next(one for one in subjects if subjects.count(one) > 1)
        raise InputError(f"--scs-replay: {path} is damaged: it holds {twice} more than once")
    return by_subject


def check_sections(path: Path, inventory: Inventory, sections: Mapping[str, Section[Any]]) -> None:
    """Raise InputError if a recorded section does not have the form that its declaration takes."""
    for name, entries in inventory.sections.items():
        if section := sections.get(name):
            try:
                section.loaded(entries)
            except FormError as error:
                raise InputError(
                    f"--scs-replay: {path} is damaged: section {name} of {inventory.subject}: {error}"
                ) from None


def check_scopes(path: Path, document: Mapping[str, Any], scopes: Iterable[Scope]) -> None:
    """Raise InputError unless the evidence was recorded for each of the scopes."""
    try:
        read = Fields("evidence.scopes", {} if document.get("scopes") is None else document["scopes"])
        recorded = {uuid: read.text(uuid) for uuid in read.names()}
    except FormError as error:
        raise InputError(f"--scs-replay: {path} is damaged: {error}") from None
    for scope in scopes:
        if scope.uuid not in recorded:
            names = ", ".join(recorded.values()) or "no scope"
            raise InputError(
                f"--scs-replay: {path} was recorded for {names}, not for {scope.name}; record it with that --scs-scope"
            )


def _checked(plain: Mapping[str, Any], where: str) -> Inventory:
    moment = Fields(where, plain).moment("fetched_at")
    if not YEARS[0] <= moment.year <= YEARS[1]:  # beyond, months and time zones lead out of the calendar
        raise FormError(
            f"{where}.fetched_at: expected an instant in the years {YEARS[0]} to {YEARS[1]}, got {moment.year}"
        )
    return Inventory.from_plain(plain, where)
