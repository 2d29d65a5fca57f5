# SPDX-License-Identifier: Apache-2.0
"""Probes in the background: what is tried out in one subject, each until it has filled its section or failed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

from pytest_scs.base.fields import form_problem
from pytest_scs.base.redact import Redactor
from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.evidence import apart
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.limit import Limit
from pytest_scs.evidence.phase import Phase, told_in
from pytest_scs.evidence.progress import Waiting, waiting_for
from pytest_scs.evidence.section import Section

#: What a probe calls with all that there is to know, when it may be far from through.
Tell = Callable[[Mapping[str, Any]], None]

P = TypeVar("P")


class Probes:
    """The probes of one subject.

    ``phases`` says of each what it is doing; ``pending`` has each by its section, those that are done too.
    """

    def __init__(
        self,
        sections: Mapping[str, Section[Any]],
        redact: Redactor,
        about: str,
    ) -> None:
        """``sections`` are those of the platform; ``about`` names the subject in words, as ``cloud demo``."""
        self.phases: dict[str, Phase] = {}
        self.pending: dict[str, Future[None]] = {}
        self._sections = sections
        self._redact = redact
        self._about = about
        # A probe may have told all there is to know before it is through.
        self._told: dict[str, threading.Event] = {}
        self._section_done: Callable[[str], None] = lambda section: None

    def start(
        self, inventory: Inventory, probing_for: Callable[[str, Tell], P], section_done: Callable[[str], None]
    ) -> None:
        """Start those whose sections are pending in ``inventory``, which changes in the background from now on.

        ``probing_for`` gives what a platform's probe of a section works with, and tells by; ``section_done`` is called
        with a section's name whenever all is known that it will hold.
        """
        self._section_done = section_done
        probed = {name: probe for name in inventory.pending if (probe := self._sections[name].probe)}
        self._told = {name: threading.Event() for name in probed}
        for name, probe in probed.items():
            self.pending[name] = apart.start(self._run, inventory, name, probe, probing_for, name=f"scs-probe-{name}")

    def wait_for(self, section: str, meanwhile: Callable[[], None]) -> None:
        """Wait until a section is there or known to fail; ``meanwhile`` is called now and then."""
        while (told := self._told.get(section)) and not told.wait(timeout=1):
            meanwhile()
        meanwhile()

    def awaited(self) -> list[str]:
        """The sections of which nothing is known yet."""
        return [section for section, told in list(self._told.items()) if not told.is_set()]

    def running(self) -> list[str]:
        """The sections whose probes are not through."""
        return [section for section, probe in self.pending.items() if not probe.done()]

    def end(self, until: Limit, say: Callable[[str], None], see: str) -> list[str]:
        """Wait until those that were told to stop have stopped; one whose request hangs is not waited for.

        Every half minute ``say`` gets what is waited for. Returns a line for each that has not stopped by ``until``,
        with ``see`` as the command that lists what it may have made.
        """

        def state(passed: float) -> str:
            names = ", ".join(sorted(self.running()))
            return waiting_for(f"what was begun in {self._about}: {names}", passed)

        waiting = Waiting(state, lambda line: say(self._redact(line)))
        apart.wait_until([*self.pending.values()], until, lambda pending: waiting.tick())
        return [
            f"{self._about}: {self._sections[section].words} did not stop within the time for removals; "
            f"what it has made since may be there, see: {see}"
            for section in self.running()
        ]

    def abandon(self) -> None:
        """Wait for none of them any more."""
        self.pending = {}
        for told in self._told.values():
            told.set()

    def _run(
        self,
        inventory: Inventory,
        name: str,
        probe: Callable[[P], Mapping[str, Any]],
        probing_for: Callable[[str, Tell], P],
    ) -> None:
        began = time.monotonic()
        try:
            probing = probing_for(name, lambda found: self._take(inventory, name, began, found))
            with told_in(self.phases, name):
                self._take(inventory, name, began, probe(probing))
        except Exception as error:  # whatever a probe meets is ABORT for its testcases, and for no others
            if not self._told[name].is_set():
                inventory.errors[name] = self._cause_of(name, error)
                self._settle(inventory, name, began)
        finally:
            self._told[name].set()

    def _cause_of(self, name: str, error: Exception) -> Cause:
        """Why a probe has found nothing."""
        if isinstance(error, Inconclusive):
            # It may be the error of a section that the probe needs, and name the subject already.
            about = f"{self._about}: "
            return Cause(self._redact(about + str(error).removeprefix(about)), error.kind)
        return Cause(self._redact(f"{self._about}: {name} cannot be read: {form_problem(error)}"), CauseKind.OTHER)

    def _take(self, inventory: Inventory, name: str, began: float, found: Mapping[str, Any]) -> None:
        """Keep what a probe has found; what it tells later changes nothing, for it may have been judged."""
        if self._told[name].is_set():
            return
        entries = [dict(found)]
        self._sections[name].accept(entries)
        inventory.sections[name] = self._redact.plain(entries)
        self._settle(inventory, name, began)

    def _settle(self, inventory: Inventory, name: str, began: float) -> None:
        inventory.probe_seconds[name] = round(time.monotonic() - began, 1)
        self._section_done(name)
        self._told[name].set()
