# SPDX-License-Identifier: Apache-2.0
"""Reading several listings of a subject at the same time: each ends in its entries, or in why they cannot be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping
from typing import Any, Protocol

from pytest_scs.base.fields import form_problem
from pytest_scs.base.words import lasting
from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.evidence import apart, limit
from pytest_scs.evidence.phase import counted_in
from pytest_scs.evidence.progress import SILENT, Voice
from pytest_scs.evidence.section import Entries, Section


class CountingClient(Protocol):
    """A platform's client, as far as it matters here."""

    def for_section(self, section: str) -> Any:
        """The same, where what is requested is counted for a section."""


def read_listings(
    wanted: Collection[Section[Any]], client: CountingClient, seconds: float, voice: Voice = SILENT
) -> dict[str, Entries | Cause]:
    """What came of each section, by name; all are read at the same time, and none is waited for without end.

    ``seconds`` is for all of them; ``voice`` tells a user who waits how far they are.
    """
    counts: dict[str, int] = {}
    begun = {section: apart.start(_attempt, section, client, counts) for section in wanted}

    def state(passed: float) -> str:
        pending = [section for section, future in begun.items() if not future.done()]
        return f"{_how_far(pending, counts)}, {lasting(passed)} of at most {lasting(seconds)}" if pending else ""

    waiting = voice.waiting(state)
    apart.wait_until(begun.values(), limit.Limit.of(seconds + limit.GRACE), lambda pending: waiting.tick())
    voice.show("")
    late = Cause(f"it did not end within {seconds:g} s", CauseKind.TIMEOUT)
    return {section.name: future.result() if future.done() else late for section, future in begun.items()}


def _how_far(pending: Collection[Section[Any]], counts: Mapping[str, int]) -> str:
    """What is being read, with the number of entries of what comes in pages: ``images: 3,000 read``."""
    counted = [f"{_called(one)}: {counts[one.name]:,} read" for one in pending if counts.get(one.name)]
    others = ", ".join(_called(one) for one in pending if not counts.get(one.name))
    return "; ".join([*counted, f"waiting for {others}"] if others else counted)


def _called(section: Section[Any]) -> str:
    return section.name.replace("_", " ")


def _attempt(section: Section[Any], client: CountingClient, counts: MutableMapping[str, int]) -> Entries | Cause:
    assert section.read is not None  # noqa: S101 - only listings come here
    try:
        with counted_in(counts, section.name):
            entries = section.read(client.for_section(section.name))
        section.accept(entries)
    except Inconclusive as error:
        return error.cause
    except Exception as error:  # a strange answer must not keep the others from being read
        return Cause(f"{section.words}: {form_problem(error)}", CauseKind.MALFORMED)
    return entries
