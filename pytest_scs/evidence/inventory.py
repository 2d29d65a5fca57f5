# SPDX-License-Identifier: Apache-2.0
"""The inventory: what was read from one subject, as plain data that can be recorded and judged again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pytest_scs.base.fields import Fields, FormError
from pytest_scs.base.words import shown
from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.core.subject import Subject

T = TypeVar("T")

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

    def settled(self, name: str) -> bool:
        """Whether a section is there, or known to fail for another reason than an interruption."""
        if name in self.errors:
            return self.errors[name].kind is not CauseKind.INTERRUPTED
        return name in self.sections

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
    def from_plain(cls, data: Mapping[str, Any], where: str = "inventory") -> Inventory:
        """The inverse of :meth:`to_plain`; raises FormError, which begins with ``where``, for anything else.

        Without ``kinds``, as files of earlier versions are, every cause is of kind OTHER.
        """
        read = Fields(where, data)
        if unknown := sorted(set(read.names()) - _KNOWN):
            raise FormError(f'{where}: unknown key "{shown(unknown[0], 60)}"')
        kinds = read.fields("kinds").content if "kinds" in data else {}
        errors = {
            name: Cause(text, CauseKind.named(kinds.get(name)))
            for name, text in _mapping(read, "errors", Fields.text).items()
        }
        refusal = read.text("refusal", "")
        return cls(
            subject=Subject(read.text("platform", FIRST_PLATFORM), read.name("cloud")),
            fetched_at=read.text("fetched_at"),
            sections=_mapping(read, "sections", _entries),
            errors=errors,
            pending=list(read.texts("pending")),
            refusal=Cause(refusal, CauseKind.named(kinds.get(""))) if refusal else None,
            roles=list(read.texts("roles")),
            region=read.text("region", ""),
            requests=_mapping(read, "requests", Fields.whole),
            section_requests=_mapping(read, "section_requests", Fields.whole),
            seconds=read.number("seconds", 0.0),
            probe_seconds=_mapping(read, "probe_seconds", Fields.number),
        )


#: The keys of the plain form.
_KNOWN = {field.name for field in dataclasses.fields(Inventory)} - {"subject"} | {"cloud", "platform", "kinds"}


def _mapping(read: Fields, key: str, value_of: Callable[[Fields, str], T]) -> dict[str, T]:
    """A mapping whose values ``value_of`` reads; empty where older records lack it."""
    if key not in read.content:
        return {}
    inner = read.fields(key)
    return {name: value_of(inner, name) for name in inner.names()}


def _entries(sections: Fields, name: str) -> list[dict[str, Any]]:
    return [dict(entry.content) for entry in sections.each(name)]
