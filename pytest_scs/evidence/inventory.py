# SPDX-License-Identifier: Apache-2.0
"""The inventory: what was read from one subject, as plain data that can be recorded and judged again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pytest_scs.core.subject import Subject
from pytest_scs.errors import Inconclusive

#: The platform of evidence that names none: when there was only one.
FIRST_PLATFORM = "openstack"


@dataclasses.dataclass(slots=True)
class Inventory:
    """What one run knows of one subject.

    ``fetched_at`` is the UTC instant in ISO format that all dates are judged at. ``sections`` holds what was read,
    ``errors`` why a section could not be read, ``pending`` which ones a probe is still reading; ``refusal`` is the
    preflight's message if the subject must not be judged at all. ``requests`` counts HTTP requests by service, retries
    and authentication included, ``section_requests`` those that were made for a section. ``seconds`` is the time the
    listings took, ``probe_seconds`` that of each probe.
    """

    subject: Subject
    fetched_at: str
    sections: dict[str, list[dict[str, Any]]] = dataclasses.field(default_factory=dict)
    errors: dict[str, str] = dataclasses.field(default_factory=dict)
    pending: list[str] = dataclasses.field(default_factory=list)
    refusal: str = ""
    roles: list[str] = dataclasses.field(default_factory=list)
    region: str = ""
    requests: dict[str, int] = dataclasses.field(default_factory=dict)
    section_requests: dict[str, int] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    probe_seconds: dict[str, float] = dataclasses.field(default_factory=dict)

    def admit(self) -> None:
        """Raise Inconclusive with the preflight's message if the subject must not be judged."""
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
        """Plain types only, for files, in the form of the first evidence files: the name of a subject is ``cloud``."""
        plain = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        subject = plain.pop("subject")
        platform = {} if subject.platform == FIRST_PLATFORM else {"platform": subject.platform}
        return {"cloud": subject.name, **platform, **plain}

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Inventory:
        """The inverse of :meth:`to_plain`; raises TypeError or KeyError for anything else."""
        if not isinstance(data, Mapping):
            raise TypeError("an inventory must be a mapping")
        rest = {key: value for key, value in data.items() if key not in ("cloud", "platform")}
        name, platform = data["cloud"], data.get("platform", FIRST_PLATFORM)
        if not isinstance(name, str) or not isinstance(platform, str):
            raise TypeError("cloud and platform must be text")
        return cls(subject=Subject(platform, name), **rest)
