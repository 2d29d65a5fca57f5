# SPDX-License-Identifier: Apache-2.0
"""The inventory: what was read from one cloud, as plain data that can be recorded and judged again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pytest_scs.errors import Inconclusive

#: What an OpenStack inventory can hold, and where it is read.
SECTIONS = {
    "catalog": "the token's service catalog",
    "flavors": "compute GET /flavors/detail, extra specs included",
    "images": "image GET /v2/images, public and own community images",
    "volume_types": "block-storage GET /types",
}


@dataclasses.dataclass(slots=True)
class Inventory:
    """What one run knows of one cloud.

    ``fetched_at`` is the UTC instant in ISO format that all dates are judged at. ``sections`` holds what was read,
    ``errors`` why a section could not be read; ``refusal`` is the preflight's message if the cloud must not be judged
    at all. ``requests`` counts HTTP requests by service, retries and authentication included.
    """

    cloud: str
    fetched_at: str
    sections: dict[str, list[dict[str, Any]]] = dataclasses.field(default_factory=dict)
    errors: dict[str, str] = dataclasses.field(default_factory=dict)
    refusal: str = ""
    roles: list[str] = dataclasses.field(default_factory=list)
    region: str = ""
    requests: dict[str, int] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0

    def admit(self) -> None:
        """Raise Inconclusive with the preflight's message if the cloud must not be judged."""
        if self.refusal:
            raise Inconclusive(self.refusal)

    def section(self, name: str) -> list[dict[str, Any]]:
        """The entries of a section; raises Inconclusive with the one cause if they could not be read."""
        self.admit()
        if name in self.errors:
            raise Inconclusive(self.errors[name])
        if name not in self.sections:
            raise Inconclusive(
                f"the evidence does not contain {name}; record it again with this selection of testcases"
            )
        return self.sections[name]

    def to_plain(self) -> dict[str, Any]:
        """Plain types only, for files."""
        return dataclasses.asdict(self)

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Inventory:
        """The inverse of :meth:`to_plain`; raises TypeError or KeyError for anything else."""
        return cls(**data)
