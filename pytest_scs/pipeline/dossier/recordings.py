# SPDX-License-Identifier: Apache-2.0
"""Which recording a report was judged from, and one subject's part of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import read_bytes
from pytest_scs.base.shapes import mask_shapes
from pytest_scs.evidence.recording import FORMAT, MAX_BYTES, inventories, read_evidence
from pytest_scs.pipeline.report_store import files_below
from pytest_scs.reports.scs.model import ReportDocument

#: What was stored as a secret for a try, and is compared: it is nobody's.
_TRIED_OUT = "payload"


@dataclasses.dataclass(frozen=True, slots=True)
class Recording:
    """An evidence file: when each subject in it was read (UTC, ISO format), and for which scopes (UUIDs)."""

    path: Path
    content: bytes
    read_at: tuple[str, ...]
    scopes: frozenset[str]

    def is_of(self, document: ReportDocument) -> bool:
        """Whether a report was judged from it."""
        return document.spec.uuid in self.scopes and read_at(document) in self.read_at


def read_at(document: ReportDocument) -> str:
    """When the evidence of a report was read; empty where it does not say."""
    found = document.debug.reading.get("evidence_read_at") if document.debug else None
    return found if isinstance(found, str) else ""


def open_recording(path: Path) -> Recording:
    """Read an evidence file; raises InputError."""
    document = read_evidence(path)
    found = inventories(path, document)
    scopes = document.get("scopes")
    return Recording(
        path,
        read_bytes(path, MAX_BYTES),
        tuple(inventory.fetched_at for inventory in found.values()),
        frozenset(scopes) if isinstance(scopes, dict) else frozenset(),
    )


def find_recordings(places: Iterable[Path]) -> list[Recording]:
    """The evidence files below folders; what looks like one and is damaged is passed over, as all else is."""
    found = []
    for place in places:
        for path in sorted(files_below(place, [])) if place.is_dir() else []:
            try:
                if path.suffix == ".json" and FORMAT.encode() in read_bytes(path, MAX_BYTES):
                    found.append(open_recording(path))
            except (InputError, OSError):
                continue
    return found


def part_of(path: Path, document: dict[str, Any], moment: str) -> str | None:
    """The evidence file with nothing but the subject that was read at a moment; None if none was.

    Raises InputError for a file that is damaged.
    """
    numbers = [number for number, one in enumerate(inventories(path, document).values()) if one.fetched_at == moment]
    if len(numbers) != 1:
        return None
    kinds = {"cause_kinds": [document["cause_kinds"][numbers[0]]]} if "cause_kinds" in document else {}
    return json.dumps({**document, "clouds": [document["clouds"][numbers[0]]], **kinds})


def secret_in_json(content: bytes) -> str:
    """Where an evidence file has a text that looks like a secret, by itself or behind its name; empty if nowhere.

    A run masks the texts in its recordings one by one, so they are looked at one by one, names that stand twice too.
    """
    document = json.loads(content, object_pairs_hook=_Pairs)
    return next((where for where, text in _texts(document, "") if mask_shapes(text) != text), "")


class _Pairs(tuple[tuple[str, Any], ...]):
    """The names and values of an object, as they stand in the file."""

    __slots__ = ()


def _texts(data: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, _Pairs):
        for name, value in data:
            place = f"{where}.{mask_shapes(name)}".lstrip(".")
            yield place, name
            if isinstance(value, str) and name != _TRIED_OUT:
                yield place, f'"{name}": "{value}"'
            yield from _texts(value, place)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _texts(value, f"{where}[{number}]")
    elif isinstance(data, str):
        yield where, data
