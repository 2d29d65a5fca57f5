# SPDX-License-Identifier: Apache-2.0
"""Evidence files: the inventories of a run, recorded to be judged again without any network."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import read_bytes, write_atomically
from pytest_scs.core.scope import Scope
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.section import Section

FORMAT = "pytest-scs evidence"
VERSION = 1

#: Larger than the evidence of any subject; a file like /dev/zero has no end.
MAX_BYTES = 256 * 1024 * 1024

#: What the parts of an inventory are; a report made of anything else would break.
_KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    **dict.fromkeys(("fetched_at", "region"), (str, "text")),
    **dict.fromkeys(("sections", "errors", "requests", "section_requests", "probe_seconds"), (dict, "a mapping")),
    **dict.fromkeys(("roles", "pending"), (list, "a list")),
    "seconds": ((int, float), "a number"),
}


def write_evidence(
    path: Path, inventories: Iterable[Inventory], scopes: Iterable[Scope], redact: Callable[[str], str] = str
) -> None:
    """Record inventories together with the scopes they were read for; ``redact`` masks secrets. Raises OSError."""
    clouds = [inventory.to_plain() for inventory in inventories]
    document = {
        "format": FORMAT,
        "version": VERSION,
        "scopes": {scope.uuid: scope.name for scope in scopes},
        "clouds": clouds,
        # Beside them: versions before there were kinds refuse an inventory with an entry that they do not know.
        "cause_kinds": [entry.pop("kinds") for entry in clouds],
    }
    write_atomically(path, redact(json.dumps(document, indent=1, sort_keys=True)) + "\n")


def read_evidence(path: Path) -> dict[str, Any]:
    """Load an evidence file as it is; raises InputError if it is none."""
    try:
        document = json.loads(read_bytes(path, MAX_BYTES))
    except OSError as error:
        raise InputError(f"--scs-replay: cannot read {path}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"--scs-replay: {path} is not an evidence file: not valid JSON ({error})") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError(f"--scs-replay: {path} is not an evidence file (written by --scs-record)")
    if document.get("version") != VERSION:
        raise InputError(f"--scs-replay: {path} has format version {document.get('version')!r}; known: {VERSION}")
    return document


def inventories(path: Path, document: Mapping[str, Any]) -> dict[Subject, Inventory]:
    """The inventories in an evidence file by subject, at least one; raises InputError."""
    try:
        clouds = document["clouds"]
        kinds = document.get("cause_kinds", [{} for _ in clouds])
        pairs = zip(clouds, kinds, strict=True)
        found = [_checked(Inventory.from_plain({**entry, "kinds": one})) for entry, one in pairs]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"--scs-replay: {path} is damaged: {type(error).__name__}: {error}") from None
    if not found:
        raise InputError(f"--scs-replay: {path} holds no cloud")
    return {inventory.subject: inventory for inventory in found}


def check_sections(path: Path, inventory: Inventory, sections: Mapping[str, Section[Any]]) -> None:
    """Raise InputError if a recorded section does not have the shape that its declaration takes."""
    for name, entries in inventory.sections.items():
        if section := sections.get(name):
            try:
                section.load(entries)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise InputError(
                    f"--scs-replay: {path} is damaged: section {name}: {type(error).__name__}: {error}"
                ) from None


def check_scopes(path: Path, document: Mapping[str, Any], scopes: Iterable[Scope]) -> None:
    """Raise InputError unless the evidence was recorded for each of the scopes."""
    recorded = document.get("scopes") or {}
    if not isinstance(recorded, dict):
        raise InputError(f"--scs-replay: {path} is damaged: scopes must be a mapping")
    for scope in scopes:
        if scope.uuid not in recorded:
            names = ", ".join(map(str, recorded.values())) or "no scope"
            raise InputError(
                f"--scs-replay: {path} was recorded for {names}, not for {scope.name}; record it with that --scs-scope"
            )


def _checked(inventory: Inventory) -> Inventory:
    for name, (kind, words) in _KINDS.items():
        if not isinstance(getattr(inventory, name), kind):
            raise TypeError(f"{name} must be {words}")
    if dt.datetime.fromisoformat(inventory.fetched_at).tzinfo is None:
        raise ValueError("fetched_at has no time zone")
    for name in ("requests", "section_requests"):
        if not all(isinstance(number, int) for number in getattr(inventory, name).values()):
            raise TypeError(f"{name} must be numbers")
    for name, entries in inventory.sections.items():
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise TypeError(f"section {name} must be a list of mappings")
    return inventory
