# SPDX-License-Identifier: Apache-2.0
"""A round of the e2e suite with sonobuoy: started, watched, and its archive fetched.

sonobuoy only starts it: an aggregator in the cluster makes the pod of the suite, waits for its results and packs them.
What its own ``--wait`` says is of no use: it ends well whenever the aggregator does, also after a time-out.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

from pytest_scs.base.fields import FormError
from pytest_scs.base.words import shown
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes.runners import commands
from pytest_scs.platforms.kubernetes.runners.bench import Bench, RoundEnd, ask, complaint
from pytest_scs.platforms.kubernetes.runners.choice import Round
from pytest_scs.platforms.kubernetes.runners.scene import AGGREGATOR, SONOBUOY, Scene, is_alive, pod_log
from pytest_scs.platforms.kubernetes.runners.status import FAILED, Status, read_status
from pytest_scs.platforms.kubernetes.runners.watch import Problem, Watch

#: The archive of a round, in its folder.
ARCHIVE = "results.tar.gz"


def run_round(bench: Bench, one: Round, *, resume: bool = False) -> RoundEnd:
    """Run a round; ``resume``: it is in the cluster already. Raises Inconclusive where it cannot even be started."""
    if not resume:
        said = ask(bench, commands.sonobuoy_run(bench.call, one, bench.extras), bench.limits.answer)
        if said.early or said.code:
            text = complaint(bench, said.errors) or said.early or f"sonobuoy ended with exit code {said.code}"
            raise Inconclusive(f"runner did not start: {text}", _kind(bench))
    return _Round(bench).watch()


class _Round:
    """A round that is in the cluster."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._scene = Scene(bench.client, bench.call.namespace)
        self._watch = Watch(bench, self._scene, SONOBUOY)
        self._status: Status | None = None
        self._answered_at = time.monotonic()

    def watch(self) -> RoundEnd:
        """Look at it until it is over, one way or the other."""
        bench, watch = self._bench, self._watch
        while not bench.cancelled.wait(0):
            self._look()
            status = self._status
            if status and status.over:
                return self._over(status)
            running = status is None or status.state == "running"
            if problem := watch.problem(self._aggregator, gone_counts=running) or self._deserted():
                return watch.end(None, problem if watch.begun else self._explained(problem))
            bench.cancelled.wait(bench.limits.poll)
        return watch.end(None, ("the run was interrupted", CauseKind.INTERRUPTED))

    def _look(self) -> None:
        said = ask(self._bench, commands.sonobuoy_status(self._bench.call), self._bench.limits.answer)
        try:
            self._status = read_status(said.output)
        except FormError:
            # It is starting, or the API server does not answer for a while: the limits see to it.
            self._status = None
        if self._status:
            self._answered_at = time.monotonic()
        status = self._status or Status("running")
        self._watch.look(status.done, status.total, status.failures)

    def _deserted(self) -> Problem | None:
        """Whether the aggregator, which had been there, is gone: nobody takes the results of the suite any more."""
        if not self._watch.begun or time.monotonic() - self._answered_at < self._bench.limits.gone:
            return None
        try:
            if any(map(is_alive, self._aggregator())):
                return None
        except Inconclusive:
            return None
        events = self._bench.clean(self._scene.events()) or "no events tell why"
        return f"the pod of sonobuoy's aggregator is gone: {events}", CauseKind.OUTAGE

    def _explained(self, problem: Problem) -> Problem:
        """Why a round did not start, with what the aggregator complained of."""
        text, kind = problem
        try:
            said = [pod_log(self._scene, pod, AGGREGATOR, lines=50) for pod in self._aggregator()]
        except Inconclusive:
            said = []
        words = complaint(self._bench, "\n".join(said), last=False)
        return (f"{text}; sonobuoy's aggregator says: {words}" if words else text), kind

    def _aggregator(self) -> list[dict[str, Any]]:
        return self._scene.pods(AGGREGATOR)

    def _over(self, status: Status) -> RoundEnd:
        """Fetch the archive of a round that is over."""
        bench, watch = self._bench, self._watch
        if not status.size:
            text = "sonobuoy's aggregator failed" if status.state == FAILED else "sonobuoy made no archive"
            return watch.end(None, (f"{text}, there are no results", CauseKind.OUTAGE))
        archive = self._retrieve(status)
        if archive is None:
            interrupted = bench.cancelled.is_set()
            kind = CauseKind.INTERRUPTED if interrupted else CauseKind.TIMEOUT
            text = "the run was interrupted" if interrupted else self._unfetched
            return watch.end(None, (text, kind))
        if status.plugin == FAILED and watch.seconds >= bench.extras.seconds:
            return watch.end(archive, watch.exceeded())
        broken = ("sonobuoy's aggregator failed", CauseKind.OUTAGE) if status.state == FAILED else None
        return watch.end(archive, broken)

    _unfetched = ""

    def _retrieve(self, status: Status) -> Path | None:
        """The archive, if it is the one that the status tells of; the command fails on complete ones, too."""
        bench = self._bench
        archive = bench.folder / ARCHIVE
        for attempt in range(bench.limits.attempts):
            if attempt and bench.cancelled.wait(min(bench.limits.poll, 5)):
                break
            command = commands.sonobuoy_retrieve(bench.call, bench.folder, ARCHIVE)
            said = ask(bench, command, bench.limits.retrieve)
            if _is_whole(archive, status):
                return archive
            why = complaint(bench, said.errors) or said.early or "it has another size or checksum than it should have"
            self._unfetched = f"the archive of the run cannot be fetched: {shown(why)}"
        return None


def _is_whole(archive: Path, status: Status) -> bool:
    try:
        if archive.stat().st_size != status.size:
            return False
        with archive.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == status.sha256
    except OSError:
        return False


def _kind(bench: Bench) -> CauseKind:
    return CauseKind.INTERRUPTED if bench.cancelled.is_set() else CauseKind.OUTAGE
