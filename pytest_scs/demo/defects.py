# SPDX-License-Identifier: Apache-2.0
"""What can be broken in a subject that comes with the plugin, so that people see what becomes of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import did_you_mean

State = TypeVar("State")


@dataclasses.dataclass(frozen=True, slots=True)
class Defect(Generic[State]):
    """One thing to break: its name, what is wrong then, and ``apply``, which breaks it.

    ``fails`` are the testcases that find it; none where it is the access to the subject that suffers, so that
    verdicts get lost.
    """

    name: str
    words: str
    fails: tuple[str, ...]
    apply: Callable[[State], None]


def apply_defects(state: State, names: Sequence[str], known: Sequence[Defect[State]], noun: str) -> list[Defect[State]]:
    """Break what is named; returns the defects, each once. Raises InputError for a name that nobody knows."""
    by_name = {defect.name: defect for defect in known}
    for name in names:
        if name not in by_name:
            raise InputError(
                f"demo: --break: nothing of a {noun} is called {name!r}{did_you_mean(name, by_name)}; "
                f"known: {', '.join(by_name)}"
            )
    chosen = [by_name[name] for name in dict.fromkeys(names)]
    for defect in chosen:
        try:
            defect.apply(state)
        except LookupError:
            raise InputError(
                f"demo: --break={defect.name}: this {noun} has nothing of that kind; leave it or --vanilla out"
            ) from None
    return chosen


def listing(known: Sequence[Defect[State]]) -> str:
    """The defects, one below the other, with what finds them."""
    width = max(len(defect.name) for defect in known)
    lines = []
    for defect in known:
        lines.append(f"  {defect.name:{width}}  {defect.words}")
        found = f"{', '.join(defect.fails[:1])}{', ...' if defect.fails[1:] else ''}"
        lines += [f"  {'':{width}}  {found}"] if found else []
    return "\n".join(lines)
