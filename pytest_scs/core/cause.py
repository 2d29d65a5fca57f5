# SPDX-License-Identifier: Apache-2.0
"""Why a testcase has no verdict: a kind to count by, a text to read (docs/standards/framework.md#causes)."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable

from pytest_scs.base.language import Language
from pytest_scs.base.words import printable


class CauseKind(enum.StrEnum):
    """What kept a testcase from PASS and FAIL: ABORT first, what only MISS can have after it.

    The words stand in reports and evidence files: a kind may be added, none renamed.
    """

    #: Who asks was not accepted, or there are no credentials.
    AUTHENTICATION = "authentication"
    #: Who asks may not see or do what it takes, or may do more than conformance has to be shown with.
    PERMISSION = "permission"
    #: Something is not there, gives up or says that it is broken or overloaded: no connection, 5xx, a status ``error``.
    OUTAGE = "outage"
    #: There is an answer, but not of the form that its API promises.
    MALFORMED = "malformed answer"
    #: The quota does not hold what has to be created.
    QUOTA = "quota"
    #: It was begun, and not finished in the time it was given.
    TIMEOUT = "timeout"
    #: A program or package is not installed where the run takes place.
    MISSING_TOOL = "missing tool"
    #: What the user has to give (option, entry of a configuration file) is not given, or is not what it has to be.
    NOT_GIVEN = "not given"
    #: What was seen leaves the question open.
    UNDECIDABLE = "undecidable"
    #: None of these: an exception nobody foresaw; also evidence from before there were kinds.
    OTHER = "other"
    #: The run, or the process that the testcase ran in, came to its end early.
    INTERRUPTED = "interrupted"
    #: A manual check that nobody answered, or whose answers do not count.
    NOT_ANSWERED = "not answered"
    #: Left out by the user: filters, skips.
    NOT_SELECTED = "not selected"
    #: This version has nothing that judges it.
    NO_TEST = "no test"

    @classmethod
    def named(cls, name: str | None) -> CauseKind:
        """The kind with this name; OTHER for what no version up to this one knows."""
        return next((kind for kind in cls if kind == name), cls.OTHER)

    @classmethod
    def of_status(cls, status: int) -> CauseKind:
        """What an HTTP status that is an error is a case of."""
        if status in (408, 504):
            return cls.TIMEOUT
        if status == 429 or status >= 500:
            return cls.OUTAGE
        return {401: cls.AUTHENTICATION, 403: cls.PERMISSION}.get(status, cls.MALFORMED)


@dataclasses.dataclass(frozen=True, slots=True)
class Cause:
    """Why there is no verdict: ``text`` is one line for people, ``kind`` is for whoever counts or reacts."""

    text: str
    kind: CauseKind = CauseKind.UNDECIDABLE

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", printable(self.text))

    def __str__(self) -> str:
        return self.text

    @property
    def with_kind(self) -> str:
        """The text with its kind, for readers who see nothing else."""
        return f"{self.text} [{self.kind}]"

    def worded(self, language: Language) -> str:
        """The text as people read it."""
        return language.text(self.text)

    def masked(self, redact: Callable[[str], str]) -> Cause:
        """The same without the secrets that ``redact`` knows."""
        return Cause(redact(self.text), self.kind)

    @classmethod
    def of(cls, error: BaseException) -> Cause:
        """What an exception means for the testcase it ended."""
        if isinstance(error, Inconclusive):
            return error.cause
        text = " ".join(str(error).split())
        return cls(f"{type(error).__name__}: {text}" if text else type(error).__name__, CauseKind.OTHER)


class Inconclusive(Exception):
    """Something that keeps a testcase from being decided: ABORT, with this text as its cause."""

    def __init__(self, text: str, kind: CauseKind = CauseKind.UNDECIDABLE) -> None:
        super().__init__(text)
        self.kind = kind

    @property
    def cause(self) -> Cause:
        """Text and kind."""
        return Cause(str(self), self.kind)


def common_kind(kinds: list[CauseKind]) -> CauseKind:
    """The kind of several causes together: theirs, if it is one."""
    return kinds[0] if len(set(kinds)) == 1 else CauseKind.UNDECIDABLE
