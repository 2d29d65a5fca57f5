# SPDX-License-Identifier: Apache-2.0
"""What a testcase found: violations, undecided objects, remarks; and the two verdicts that follow from them."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable

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

    def __str__(self) -> str:
        name = f"{self.resource} ({self.resource_id})" if self.resource_id else self.resource
        return f"{name}: {self.title or self.rule}: expected {self.expected}, found {self.observed}"


@dataclasses.dataclass(frozen=True, slots=True)
class Undecided:
    """One resource that could not be judged, and why; without any violation the testcase is ABORT, of this ``kind``."""

    resource: str
    reason: str
    basis: Basis = Basis.BOTH
    resource_id: str = ""
    kind: CauseKind = CauseKind.UNDECIDABLE

    def __str__(self) -> str:
        return f"{self.resource}: cannot be judged: {self.reason}"


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

    def __str__(self) -> str:
        return f"{self.resource}: {self.text}" if self.resource else self.text


#: What the pure check functions in ``standards`` yield.
Observation = Finding | Undecided | Remark


def show(value: object) -> str:
    """A value as findings print it: ``not set`` for None, text in quotes, anything else as it is."""
    if value is None:
        return "not set"
    return repr(value) if isinstance(value, str) else str(value)


def one_of(values: Iterable[object]) -> str:
    """A list of allowed values as findings print it."""
    return "one of " + ", ".join(str(value) for value in values)
