# SPDX-License-Identifier: Apache-2.0
"""The two judges: the official test suite, and the text of the standards (docs/standards/framework.md#judges)."""

from __future__ import annotations

import enum

from pytest_scs.base.language import Language


class Judge(enum.StrEnum):
    """Who gives a verdict. Both always do; ``--scs-judge`` says whose decides."""

    OFFICIAL = "official"
    TEXT = "text"

    @property
    def other(self) -> Judge:
        """The one who does not decide."""
        return Judge.OFFICIAL if self is Judge.TEXT else Judge.TEXT

    @property
    def words(self) -> str:
        """How people call the judge of one testcase."""
        return "the text of the standard" if self is Judge.TEXT else "the official suite"

    def worded(self, language: Language) -> str:
        """The same in a language."""
        return language.text(self.words)

    @property
    def words_for_many(self) -> str:
        """How people call the judge of many testcases, which are of more than one standard."""
        return "the text of the standards" if self is Judge.TEXT else "the official suite"
