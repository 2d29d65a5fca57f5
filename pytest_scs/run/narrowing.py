# SPDX-License-Identifier: Apache-2.0
"""What a run leaves out because it is not due, in one process of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from pytest_scs.core.subject import Subject

if TYPE_CHECKING:
    from pytest_scs.pipeline.due import DueState

#: Testcase and subject.
Pair = tuple[str, Subject]


@dataclasses.dataclass(frozen=True, slots=True)
class DueChoice:
    """What is known of every testcase on every subject that it is about; one state for each scope that has it.

    ``unreadable`` has a line for each file that is no report, ``unanswered`` what is due, and has no answer that counts
    of the people who are asked.
    """

    states: Mapping[Pair, tuple[DueState, ...]]
    unreadable: tuple[str, ...] = ()
    unanswered: frozenset[Pair] = frozenset()

    @property
    def not_due(self) -> frozenset[Pair]:
        """What is left out."""
        return frozenset(pair for pair, states in self.states.items() if not any(state.due for state in states))

    def reasons(self, pair: Pair) -> list[str]:
        """Why a testcase is due on a subject, in words; empty where it is not."""
        due = (state for state in self.states.get(pair, ()) if state.due)
        return list(dict.fromkeys(str(state.reason) for state in due))


class Narrowing:
    """Which testcases of which subjects are not due, and which of them were left out of what the user chose.

    ``unanswered`` is due, but to be left out as well unless it can be judged without people's answers. ``choice`` says
    why others are due; a worker is only told what to leave out.
    """

    def __init__(
        self, not_due: Iterable[Pair], unanswered: Iterable[Pair] = (), choice: DueChoice | None = None
    ) -> None:
        self.not_due = frozenset(not_due)
        self.unanswered = frozenset(unanswered)
        self.choice = choice
        self.left_out: frozenset[Pair] = frozenset()
        self._others_due = False

    def note(self, left_out: Iterable[Pair], *, others_due: bool = False) -> None:
        """Note what was left out, and whether others that the user chose are due."""
        self.left_out = frozenset(left_out)
        self._others_due = others_due

    def note_nothing_left(self) -> None:
        """Note that no testcase is left: if others were due, it was a later filter that emptied the run."""
        if self._others_due:
            self.left_out = frozenset()
