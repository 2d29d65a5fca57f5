# SPDX-License-Identifier: Apache-2.0
"""The end of a run in one account: what it created goes, what may have come into being is looked for, the rest is told.

See docs/standards/framework.md#what-a-probe-creates.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterator

from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.openstack import late, removal, sweep
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.kinds import OWN_KEYS, Kind
from pytest_scs.platforms.openstack.ledger import Ledger
from pytest_scs.platforms.openstack.listed import entries_of_kind, resources_of_runs
from pytest_scs.platforms.openstack.resource import Resource

#: Seconds after which nothing comes of a creation any more whose answer was an error of the server, or none; and the
#: pauses between the looks for it.
LATENESS = 15
PAUSES = (1, 2, 4, 8)

#: Seconds that all removals at the end of a run may take, of all its clouds together.
ALTOGETHER = 300

Lend = Callable[[Resource], removal.Lent]


class Farewell:
    """When the removals at the end of a run have to be over: :data:`ALTOGETHER` seconds after the first has begun."""

    def __init__(self, patience: float = 1) -> None:
        """``patience`` stretches them."""
        self._seconds = ALTOGETHER * patience
        self._until: float | None = None

    def until(self) -> float:
        """The moment, on the monotonic clock."""
        if self._until is None:
            self._until = time.monotonic() + self._seconds
        return self._until


class Closing:
    """Removes what one run has in one account. ``until``, on the monotonic clock, ends all waiting; None: nothing."""

    def __init__(self, client: Client, ledger: Ledger, run: str, lend: Lend, until: float | None = None) -> None:
        """``lend`` makes new EC2 credentials for a bucket whose own are gone."""
        self._client = client
        self._ledger = ledger
        self._run = run
        self._lend = lend
        self._until = until

    @property
    def cloud(self) -> str:
        """The name of the cloud, as the user has it."""
        return self._ledger.journal.subject

    def present(self) -> list[Resource]:
        """What is still there, as far as is known; without id what may be there."""
        return self._ledger.present()

    def tidy(self) -> list[str]:
        """Remove what is there; returns a line for each resource that stays."""
        found, problems = self.find_unproved()
        found += self._under_other_ids()
        known = {(one.kind.name, one.id) for one in found}
        found += [one for one in self._ledger.present() if one.id and (one.kind.name, one.id) not in known]
        before = self._ledger.before_program
        if before is None:
            return problems + self._remove(found)
        try:
            ids = {one.id for one in found}
            found += [one for one in sweep.proved_of_runs(self._client, [self._run], before) if one.id not in ids]
            problems += self._remove(found)
            left = sweep.lines_about_unproved(self._client, before)
        except Inconclusive as error:
            left = [f"what a program left cannot be told: {error}; see: scs cleanup --os-cloud={self.cloud}"]
            problems += self._remove(found)
        return problems + [f"{self.cloud}: {line}" for line in left]

    def look_again(self) -> list[str]:
        """Remove what is made only now although its creation was not answered; the journal keeps what is not there yet.

        The same goes for what earlier runs did not find. Returns a line for each resource that is still there.
        """
        problems: list[str] = []
        for pause in PAUSES:
            waiting = self._ledger.unanswered(LATENESS)
            if not waiting or self._over(pause):
                break
            time.sleep(pause)
            found, doubts = self._find(waiting)
            problems += doubts + self._remove(found)
        self._ledger.note_unfound()
        return problems + late.remove_late(self._client, self.cloud, self._run, self._until)

    def find_unproved(self) -> tuple[list[Resource], list[str]]:
        """What came into being of what was intended, and a line for each thing that may be there unseen."""
        return self._find([one for one in self._ledger.present() if not one.id])

    def lines_about_left(self) -> list[str]:
        """A line for each resource that nobody will remove any more, with what to do."""
        advice = f"remove it with: scs cleanup --os-cloud={self.cloud} --run={self._run} --delete"
        return [
            f"{one} was left behind; {advice}" if one.id else f"{one.kind.name} {one.name} may be there; {advice}"
            for one in self._ledger.present()
        ]

    def _under_other_ids(self) -> list[Resource]:
        """What has the name of something that nobody could look at under the id it was said to have."""
        found: list[Resource] = []
        for one in self._ledger.present():
            if one.id and one.kind.listing and one.kind.named and not one.proved:
                with contextlib.suppress(Inconclusive):  # its own removal says what is wrong
                    found += self._lost(one)
        return found

    def _over(self, pause: float) -> bool:
        return self._until is not None and time.monotonic() + pause >= self._until

    def _find(self, intended: list[Resource]) -> tuple[list[Resource], list[str]]:
        found: list[Resource] = []
        problems: list[str] = []
        for resource in intended:
            try:
                lost = list(self._lost(resource))
            except Inconclusive as error:
                problems.append(f"{resource.kind.name} {resource.name} may be there: {error}")
                self._ledger.give_up(resource)
                continue
            self._ledger.note_found(resource, lost)
            found += lost
        return found, problems

    def _remove(self, resources: list[Resource]) -> list[str]:
        return removal.remove_resources(self._client, resources, self._ledger.forget, self._lend, self._until)

    def _lost(self, intended: Resource) -> Iterator[Resource]:
        """What came into being although the answer to the create request was lost, or named another thing."""
        known = {one.id for one in self._ledger.present()}
        if not intended.kind.named:
            self._require_no_others(intended.kind, known)
            return
        vouched = {(intended.kind.name, intended.name): intended.bare}
        for found in resources_of_runs(self._client, intended.kind, vouched=vouched):
            if found.name == intended.name and found.id not in known:
                yield found

    def _require_no_others(self, kind: Kind, known: Collection[str]) -> None:
        """Raise Inconclusive unless the project has none of a kind without names but those that are known.

        Others are left alone: whether one of them came up during the run would not prove it to be ours.
        """
        project = self._client.access().project_id
        try:
            found = {identity: entry.get("tenant_id") for identity, entry in entries_of_kind(self._client, kind)}
        except Inconclusive as error:
            raise Inconclusive(f"{error}; see {OWN_KEYS}", error.kind) from None
        others = [one for one, owner in found.items() if owner in (None, project) and one not in known]
        if others:
            raise Inconclusive(
                f"the answer to its creation was lost, and nothing tells it from others ({len(others)} in the project "
                f"are not known to be of this run); see {OWN_KEYS}"
            )
