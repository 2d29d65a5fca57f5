# SPDX-License-Identifier: Apache-2.0
"""The janitor: the only way to create something in a cluster, and the one who sees to it that it goes again.

Everything of ours lies in a namespace whose name and labels carry the run id. It is noted on disk before it is asked
for, deleted by its uid, and the deletion is verified; what could not be removed is reported. See
docs/standards/framework.md#inventory.
"""

from __future__ import annotations

import copy
import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.kubernetes import closing, polling, removal
from pytest_scs.platforms.kubernetes.belongings import MANAGED_BY, RUN_LABEL, Belonging, labels_of
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.journaling import teller
from pytest_scs.platforms.kubernetes.kinds import CONTENTS, KINDS
from pytest_scs.platforms.kubernetes.ledger import Ledger
from pytest_scs.platforms.kubernetes.making import MayBeMade, NotMade, make

__all__ = ["MANAGED_BY", "RUN_LABEL", "Janitor", "new_run_id"]

T = TypeVar("T")

#: Seconds until a new namespace has its service account, without which it takes no pods.
_FURNISHED = 60

_NAMESPACE = KINDS["namespace"]


def new_run_id() -> str:
    """Eight random hexadecimal digits."""
    return secrets.token_hex(4)


class Janitor:
    """Creates and removes what one run has in one cluster; may be used by several threads."""

    def __init__(
        self, client: Client, run: str, journal: Journal, cancelled: threading.Event, cleanup: str = "scs cleanup"
    ) -> None:
        """``cancelled`` ends all waiting, and nothing is created any more once it is set.

        ``cleanup`` is the command that lists what is left in the cluster.
        """
        self.run = run
        self._client = client
        self._cancelled = cancelled
        self._cleanup = cleanup
        self._ledger = Ledger(journal.sign(teller(client)), run)

    @property
    def labels(self) -> dict[str, str]:
        """The labels of everything that this run makes."""
        return labels_of(self.run)

    def for_section(self, section: str) -> Janitor:
        """The janitor, with the same things to see to, whose requests are counted for a section of the inventory."""
        janitor = copy.copy(self)
        janitor._client = self._client.for_section(section)
        return janitor

    def namespace(self, standard: str, labels: Mapping[str, str] | None = None, *, furnished: bool = True) -> str:
        """Create a namespace with our labels and these, named ``scs-STANDARD-RUN-XXXX``; returns its name.

        It has its service account then, unless it need not be ``furnished``. Raises NotMade where the cluster refuses
        it, and Inconclusive; what may have come into being all the same is removed at the end.
        """
        polling.check_cancelled(self._cancelled)
        name = f"scs-{standard}-{self.run}-{secrets.token_hex(2)}"
        intended = self._ledger.intend(Belonging(_NAMESPACE, name, run=self.run))
        body = {"metadata": {"name": name, "labels": {**(labels or {}), **self.labels}}}
        try:
            made, twin = make(self._client, _NAMESPACE, body, "", self.run, self._cancelled)
        except MayBeMade as error:
            self._ledger.doubt(intended, several=error.several)
            raise
        except Inconclusive as error:
            # Something in between may refuse what is carried out all the same; then it goes at the end.
            if not (isinstance(error, NotMade) and self._is_there(intended)):
                self._ledger.forget(intended)
            raise
        self._ledger.note(intended, made["metadata"]["uid"], twin=twin)
        if furnished:
            self._furnished(name)
        return name

    def create(self, kind: str, namespace: str, name: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """Create something in a namespace of ours, with our labels; returns it as it was stored.

        It goes with its namespace. Raises NotMade where the cluster refuses it, and Inconclusive.
        """
        polling.check_cancelled(self._cancelled)
        metadata = content.get("metadata") or {}
        labels = {**(metadata.get("labels") or {}), **self.labels}
        body = {**content, "metadata": {**metadata, "name": name, "labels": labels}}
        return make(self._client, CONTENTS[kind], body, namespace, self.run, self._cancelled)[0]

    def adopt_volume(self, volume: Mapping[str, Any]) -> None:
        """See to it that the volume made for a claim of ours goes with it, also where its class would keep it."""
        metadata = volume["metadata"]
        known = Belonging(KINDS["persistentvolume"], metadata["name"], metadata["uid"], self.run)
        if known not in self._ledger.present():
            self._ledger.note(self._ledger.intend(Belonging(known.kind, known.name, run=self.run)), known.uid)
        removal.let_volume_go(self._client, volume)

    def expect(self, kind: str, name: str) -> None:
        """Note that a program is about to make something of this kind and name; raises OSError and Inconclusive.

        Names are those of the e2e suite's runners: a namespace ``scs-conf-XXXXXX``, or a cluster role or binding with
        that name in its own.
        """
        polling.check_cancelled(self._cancelled)
        self._ledger.intend(Belonging(KINDS[kind], name, run=self.run, claimed=True))

    def gone(self, kind: str, name: str) -> None:
        """Note that something which was expected, or made, is not there any more."""
        if known := self._ledger.named(kind, name):
            self._ledger.forget(known)

    def delete(self, name: str) -> None:
        """Begin to remove a namespace of ours; that it is gone is seen to at the end of the run."""
        known = self._ledger.named("namespace", name)
        if known and removal.begin(self._client, known) is None:
            self._ledger.forget(known)

    def discard(self, name: str) -> None:
        """The same as :meth:`delete`, by somebody to whom it does not matter whether that is possible now."""
        try:
            self.delete(name)
        except Inconclusive:
            return  # it is tried again at the end

    def wait(self, look: Callable[[], T], done: Callable[[T], bool], seconds: float) -> T:
        """What ``look`` sees once it is ``done``, or after so many seconds; raises Inconclusive."""
        return polling.poll(look, done, seconds, self._cancelled)

    def check_cancelled(self) -> None:
        """Raise Inconclusive if the run was interrupted."""
        polling.check_cancelled(self._cancelled)

    def present(self) -> list[str]:
        """What is still to be removed, in words."""
        return [str(one) for one in self._ledger.present()]

    def close(self, until: float | None = None) -> list[str]:
        """Remove everything that is left of this run; returns a line for each thing that is still there.

        ``until``, on the monotonic clock, bounds the waiting.
        """
        problems = closing.tidy(self._client, self._ledger, until)
        if not problems and not self._ledger.unanswered():
            self._ledger.journal.close()
        return problems

    def leave(self) -> list[str]:
        """A line for each thing that is left behind because nobody waits for its removal, with what to do."""
        advice = f"remove it with: {self._cleanup} --run={self.run} --delete"
        return [
            f"{one} was left behind; {advice}" if one.uid else f"{one} may be there; {advice}"
            for one in self._ledger.present()
        ]

    def _is_there(self, intended: Belonging) -> bool:
        """Whether something of ours is there in spite of a refusal; not if that may not be looked at."""
        try:
            return removal.find(self._client, intended) is not None
        except Inconclusive:
            return False

    def _furnished(self, namespace: str) -> None:
        """Wait for the service account of a namespace; raises Inconclusive if it does not come."""

        def look() -> bool:
            found = self._client.list(
                "CoreV1Api", "list_namespaced_service_account", namespace, field_selector="metadata.name=default"
            )
            return bool(found)

        seconds = _FURNISHED * self._client.patience
        if not self.wait(look, bool, seconds):
            raise Inconclusive(f"namespace {namespace} has no service account {seconds:.0f} s after it was created")
