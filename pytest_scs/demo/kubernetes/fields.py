# SPDX-License-Identifier: Apache-2.0
"""The fields of Kubernetes' objects: their numbers on the wire, their names in JSON, what they hold."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Field(NamedTuple):
    """One field of a message: its name in JSON and the form of its values.

    ``kind`` is a plain form (``string``, ``int``, ``bool``, ``bytes``, ``double``, ``time``, ``duration``,
    ``quantity``, ``int-or-string``, ``raw``), the name of a message, or ``items:`` and the form of what a list holds.
    ``marks`` are letters: ``p`` may be missing, so that its zero says something; ``r`` a list; ``m`` a map by string;
    ``i`` its fields are those of the message around it.
    """

    name: str
    kind: str
    marks: str


@functools.cache
def _known() -> dict[str, Any]:
    path = Path(__file__).with_name("fields.json")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def message_of(kind: str) -> str | None:
    """The name of the message that objects of a kind are; None for one whose fields are not known."""
    found: str | None = _known()["kinds"].get(kind)
    return found


@functools.cache
def fields_of(message: str) -> Mapping[int, Field]:
    """The fields of a message by number."""
    return {int(number): Field(*row) for number, row in _known()["messages"][message].items()}


def is_message(kind: str) -> bool:
    """Whether a form of values is a message."""
    return kind in _known()["messages"]
