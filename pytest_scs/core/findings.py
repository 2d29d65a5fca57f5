# SPDX-License-Identifier: Apache-2.0
"""What a testcase found: violations, undecided objects, remarks; and the two verdicts that follow from them."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable

from pytest_scs.base.language import ENGLISH, Language
from pytest_scs.base.words import LONGEST, cut, cut_quoted, printable, shown
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.judge import Judge


class Basis(enum.StrEnum):
    """Whose rule a finding breaks.

    BOTH: the official suite and the text of the standard agree. OFFICIAL: only the official suite counts it.
    TEXT: only the wording of the standard counts it.
    """

    BOTH = "both"
    OFFICIAL = "official"
    TEXT = "text"

    def concerns(self, judge: Judge) -> bool:
        """Whether a finding of this basis counts for the given judge."""
        return self is Basis.BOTH or self.value == judge.value

    @classmethod
    def only(cls, judge: Judge) -> Basis:
        """The basis of what this judge counts and the other does not."""
        return cls(judge.value)


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One violation of one rule by one resource.

    ``rule`` is an id such as ``scs-0102/image_source``: stable for ever, listed in the docs, fit for waivers and
    statistics. ``title`` says the same in words, which may get better with time.
    ``expected`` and ``observed`` are ready to print: ``not set`` for an absent value, quoted values otherwise.
    ``hint`` is a command (or a short instruction) that mends it. ``deviation`` names the row ``DEV-...`` of the list of
    differences between the official suite and the text, and is empty for basis BOTH unless there is a note to give.
    """

    resource: str
    rule: str
    expected: str
    observed: str
    hint: str = ""
    basis: Basis = Basis.BOTH
    deviation: str = ""
    resource_id: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        _on_one_line(self, "expected", "observed", "hint", "title", "resource_id")

    def __str__(self) -> str:
        return self.worded(ENGLISH)

    def worded(self, language: Language) -> str:
        """The violation in one line."""
        resource = language.text(self.resource)
        return language.phrase(
            "{resource}: {title}: expected {expected}, found {observed}",
            resource=f"{resource} ({self.resource_id})" if self.resource_id else resource,
            title=language.text(self.title) if self.title else self.rule,
            expected=language.text(self.expected),
            observed=language.text(self.observed),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Undecided:
    """One resource that could not be judged, and why; without any violation the testcase is ABORT, of this ``kind``.

    Without a ``resource`` it is the testcase as a whole, and the reason says all.
    """

    resource: str
    reason: str
    basis: Basis = Basis.BOTH
    resource_id: str = ""
    kind: CauseKind = CauseKind.UNDECIDABLE

    def __post_init__(self) -> None:
        _on_one_line(self, "reason", "resource_id")

    def __str__(self) -> str:
        return self.worded(ENGLISH)

    def worded(self, language: Language) -> str:
        """What could not be judged, and why, in one line."""
        reason = language.text(self.reason)
        if not self.resource:
            return reason
        resource = language.text(self.resource)
        return language.phrase("{resource}: cannot be judged: {reason}", resource=resource, reason=reason)


@dataclasses.dataclass(frozen=True, slots=True)
class Remark:
    """A warning that does not touch the verdict; what is not ``public`` stays out of the SCS report.

    ``about_run``: it is about what the user asked for, not about the subject, and must not be missed: reports also say
    it once for the whole run.
    """

    text: str
    resource: str = ""
    deviation: str = ""
    public: bool = True
    about_run: bool = False

    def __post_init__(self) -> None:
        _on_one_line(self, "text")

    def __str__(self) -> str:
        return self.worded(ENGLISH)

    def worded(self, language: Language) -> str:
        """The warning in one line."""
        text = language.text(self.text)
        return f"{language.text(self.resource)}: {text}" if self.resource else text


#: What the pure check functions in ``standards`` yield.
Observation = Finding | Undecided | Remark


def show(value: object) -> str:
    """A value as findings print it: ``not set`` for None, text in quotes, anything else as it is; long ones cut."""
    if value is None:
        return "not set"
    return repr(cut(value, LONGEST)) if isinstance(value, str) else shown(str(value))


def one_of(values: Iterable[object]) -> str:
    """A list of allowed values as findings print it."""
    return "one of " + ", ".join(str(value) for value in values)


def _on_one_line(observation: Observation, *fields: str) -> None:
    """Let nothing from outside make a line of its own in any report, nor fill a page by its length."""
    for name in fields:
        text = printable(getattr(observation, name))
        # A part of a command is no command.
        object.__setattr__(observation, name, text if name == "hint" else cut_quoted(text))
    object.__setattr__(observation, "resource", shown(observation.resource))
