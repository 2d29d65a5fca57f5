# SPDX-License-Identifier: Apache-2.0
"""The inventory: what was read from one subject, as plain data that can be recorded and judged again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.core.subject import Subject

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
    errors: dict[str, Cause] = dataclasses.field(default_factory=dict)
    pending: list[str] = dataclasses.field(default_factory=list)
    refusal: Cause | None = None
    roles: list[str] = dataclasses.field(default_factory=list)
    region: str = ""
    requests: dict[str, int] = dataclasses.field(default_factory=dict)
    section_requests: dict[str, int] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    probe_seconds: dict[str, float] = dataclasses.field(default_factory=dict)

    def admit(self) -> None:
        """Raise Inconclusive with the preflight's message if the subject must not be judged."""
        if self.refusal:
            raise Inconclusive(self.refusal.text, self.refusal.kind)

    def section(self, name: str) -> list[dict[str, Any]]:
        """The entries of a section; raises Inconclusive with the one cause if they could not be read."""
        self.admit()
        if name in self.errors:
            raise Inconclusive(self.errors[name].text, self.errors[name].kind)
        if name not in self.sections:
            raise Inconclusive(
                f"the evidence does not contain {name}; record it again with this selection of testcases",
                CauseKind.NOT_GIVEN,
            )
        return self.sections[name]

    def to_plain(self) -> dict[str, Any]:
        """Plain types only, for files, in the form of the first evidence files: the name of a subject is ``cloud``.

        ``kinds`` are those of ``errors``, and of ``refusal`` by an empty name.
        """
        plain = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        subject = plain.pop("subject")
        platform = {} if subject.platform == FIRST_PLATFORM else {"platform": subject.platform}
        errors, refusal = self.errors, self.refusal
        known = {**errors, "": refusal} if refusal else errors
        causes = {
            "errors": {name: cause.text for name, cause in errors.items()},
            "refusal": refusal.text if refusal else "",
            "kinds": {name: str(cause.kind) for name, cause in known.items()},
        }
        return {"cloud": subject.name, **platform, **plain, **causes}

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Inventory:
        """The inverse of :meth:`to_plain`; raises TypeError or KeyError for anything else.

        Without ``kinds``, as files of earlier versions are, every cause is of kind OTHER.
        """
        if not isinstance(data, Mapping):
            raise TypeError("an inventory must be a mapping")
        rest = {key: value for key, value in data.items() if key not in ("cloud", "platform")}
        kinds, texts, refusal = rest.pop("kinds", {}), rest.pop("errors", {}), rest.pop("refusal", "")
        if not isinstance(kinds, dict) or not isinstance(texts, dict):
            raise TypeError("errors and kinds must be mappings")
        if not all(isinstance(text, str) for text in (refusal, *texts.values())):
            raise TypeError("refusal and errors must be text")
        errors = {name: Cause(text, CauseKind.named(kinds.get(name))) for name, text in texts.items()}
        refused = Cause(refusal, CauseKind.named(kinds.get(""))) if refusal else None
        name, platform = data["cloud"], data.get("platform", FIRST_PLATFORM)
        if not isinstance(name, str) or not isinstance(platform, str):
            raise TypeError("cloud and platform must be text")
        return cls(subject=Subject(platform, name), errors=errors, refusal=refused, **rest)
