# SPDX-License-Identifier: Apache-2.0
"""The forms in which a report can be written (docs/standards/framework.md#report)."""

from __future__ import annotations

import enum


class ReportFormat(enum.StrEnum):
    """``current``: what today's compliance monitor takes; ``next``: what is announced; ``both``: one document as both.

    A document in the form ``next`` has the key ``creator``. The announced monitor goes by that, and today's answers
    500 to one that has nothing but the announced keys.
    """

    CURRENT = "current"
    NEXT = "next"
    BOTH = "both"

    @property
    def announced(self) -> bool:
        """Whether the keys of the announced form are in such a document."""
        return self is not ReportFormat.CURRENT
