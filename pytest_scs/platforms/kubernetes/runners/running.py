# SPDX-License-Identifier: Apache-2.0
"""A whole run of the e2e suite: which runner, in which rounds, what came of it, and nothing left behind."""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from pytest_scs.base.errors import InputError
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.runners import commands, hydrophone, sonobuoy, state, surroundings
from pytest_scs.platforms.kubernetes.runners.bench import Bench, Limits, RoundEnd
from pytest_scs.platforms.kubernetes.runners.choice import Choice, Round, effective_mode, rounds
from pytest_scs.platforms.kubernetes.runners.neighbours import Neighbours
from pytest_scs.platforms.kubernetes.runners.outcome import judgeable
from pytest_scs.platforms.kubernetes.runners.programs import SONOBUOY, Runner, choose_runner
from pytest_scs.platforms.kubernetes.runners.state import RoundRecord, RunRecord
from pytest_scs.platforms.kubernetes.runners.tidying import (
    cluster_names,
    cluster_wide,
    cluster_wide_lines,
    remove_run,
    remove_test_namespaces,
)
from pytest_scs.standards.kaas.e2e_run import E2eRun

#: What the namespaces of runs begin with.
PREFIX = "scs-conf-"


class Ledger(Protocol):
    """Who remembers what a run makes, on the disk, before the request leaves."""

    def expect(self, kind: str, name: str) -> None:
        """Something of this kind and name may be there from now on; raises OSError and Inconclusive."""

    def gone(self, kind: str, name: str) -> None:
        """It is not there any more; what was not said to be gone is removed, or told, at the end of the test run."""


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """What is to be run, and for whom.

    ``runner``, ``mode``, ``timeout`` (seconds), ``image``, ``repo_config`` and ``resume`` are what the options of
    ``--scs-e2e-...`` say; ``folder`` is that of ``--scs-e2e-dir``. ``kubeconfig`` gives a file for the runner, which is
    gone afterwards, and ``context`` is its current one. ``cancelled`` is set when the run is to stop, ``say`` takes
    lines for a user who waits, ``left`` lines for what could not be removed. ``labels`` are for the namespace.
    """

    tests: Choice
    client: Client
    kubeconfig: Callable[[], contextlib.AbstractContextManager[Path]]
    context: str
    folder: Path
    cancelled: threading.Event
    say: Callable[[str], None]
    left: Callable[[str], None]
    ledger: Ledger
    environment: Mapping[str, str]
    runner: str = "auto"
    mode: str = "full"
    timeout: int = 21600
    image: str = ""
    repo_config: Path | None = None
    resume: bool = False
    limits: Limits = dataclasses.field(default_factory=Limits)
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def options(self) -> dict[str, str]:
        """What the record says of it; raises InputError."""
        return state.options_of(
            mode=self.mode,
            timeout=self.timeout,
            image=self.image,
            repo_config=self.repo_config,
            focus=self.tests.focus,
            skip=self.tests.skip,
        )


def run_suite(order: Order) -> E2eRun:
    """Run the suite, or take up a run, and give its result, with problems where it is not whole.

    Raises Inconclusive where there is no result at all.
    """
    try:
        record = _recorded(order) if order.resume else None
        runner = choose_runner(record.runner if record else order.runner, order.environment)
        scenery = surroundings.look(order.client)
        order.folder.mkdir(parents=True, exist_ok=True)
        with order.kubeconfig() as kubeconfig:
            return _Run(order, runner, scenery, kubeconfig, record).go()
    except InputError as error:
        raise Inconclusive(str(error), CauseKind.NOT_GIVEN) from None
    except OSError as error:
        text = f"cannot write below {order.folder}: {error.strerror or error}"
        raise Inconclusive(text, CauseKind.OTHER) from None


def _recorded(order: Order) -> RunRecord:
    return state.to_resume(order.folder, order.tests.name, order.runner, order.options())


class _Run:
    """A run of the suite in one cluster."""

    def __init__(
        self,
        order: Order,
        runner: Runner,
        scenery: surroundings.Surroundings,
        kubeconfig: Path,
        record: RunRecord | None,
    ) -> None:
        self._order = order
        self._runner = runner
        self._scenery = scenery
        self._kubeconfig = kubeconfig
        self._mode = effective_mode(order.mode, order.tests, scenery.minor)
        if record and record.cluster != scenery.cluster:
            raise InputError(f"{state.RESUME}: the run recorded in {order.folder} is one of another cluster")
        self._record = record or RunRecord(
            tests=order.tests.name,
            cluster=scenery.cluster,
            runner=runner.name,
            runner_version=runner.version,
            options=order.options(),
            began=state.now(),
        )

    def go(self) -> E2eRun:
        """All rounds, one after the other, until one does not come to its end."""
        order = self._order
        if self._mode != order.mode:
            order.say(f"{order.tests.name}: Kubernetes 1.{self._scenery.minor} needs two rounds: mode {self._mode}")
        ends: list[RoundEnd] = []
        todo = rounds(order.tests, self._mode)
        earlier = list(self._record.rounds)
        try:
            for number, one in enumerate(todo):
                known = earlier[number] if number < len(earlier) else None
                if known and known.over:
                    ends.append(RoundEnd(order.folder / known.results if known.results else None))
                    continue
                ends.append(self._ended(number, one, known, len(todo), after_others=bool(ends)))
                if ends[-1].problem:
                    break
        finally:
            self._record.finished = True
            self._note()
        return judgeable(order.tests, self._mode, self._runner, ends, dry=order.mode == "dry")

    def _ended(self, number: int, one: Round, known: RoundRecord | None, count: int, *, after_others: bool) -> RoundEnd:
        """How a round ended; where it could not begin, what is known from the rounds before it still counts."""
        try:
            return self._round(number, one, known, count)
        except Inconclusive as error:
            if not after_others:
                raise
            return RoundEnd(None, str(error), error.kind)

    def _note(self) -> None:
        """Write down how far it is; if that fails, the run can only not be taken up any more."""
        with contextlib.suppress(OSError):
            state.write_record(self._order.folder, self._record)

    def _round(self, number: int, one: Round, known: RoundRecord | None, count: int) -> RoundEnd:
        """One round, from its namespace to the removal of that; ``known`` is the record of one that was begun."""
        order, record = self._order, self._record
        if order.cancelled.is_set():
            raise Inconclusive("interrupted", CauseKind.INTERRUPTED)
        resume = known is not None
        if known and not surroundings.namespace_exists(order.client, known.namespace):
            raise Inconclusive(
                f"the recorded run is not in the cluster any more (namespace {known.namespace}); "
                f"start a new one without {state.RESUME}",
                CauseKind.OUTAGE,
            )
        now = known or RoundRecord(self._new_namespace(), state.now())
        neighbours = Neighbours(order.client, now.namespace)
        if record.rounds:
            neighbours.remember(record.before)
        else:
            record.before = neighbours.before
            record.wide = [list(pair) for pair in sorted(cluster_wide(order.client))]
        if not resume:
            record.rounds.append(now)
        self._announce(now, neighbours, number, count, resume=resume)
        bench = self._bench(now, number, neighbours, resume=resume)
        with self._tidied(bench, neighbours) as ended:
            drive = sonobuoy.run_round if self._runner.name == SONOBUOY else hydrophone.run_round
            ended.append(drive(bench, one, resume=resume))
            if results := ended[0].results:
                now.results = str(results.relative_to(order.folder.absolute()))
            now.over = True
            self._note()
        return ended[0]

    def _announce(self, known: RoundRecord, neighbours: Neighbours, number: int, count: int, *, resume: bool) -> None:
        """Note on the disk what the round is about to make, and tell the user."""
        order = self._order
        if not resume and number == 0:
            self._tell_of_another()
        state.write_record(order.folder, self._record)
        for kind, name in [("namespace", known.namespace), *cluster_names(self._runner.name, known.namespace)]:
            order.ledger.expect(kind, name)
        for other in sorted(neighbours.others):
            order.say(f"{order.tests.name}: the e2e suite runs already in namespace {other}; that one is left alone")
        which = f" round {number + 1} of {count}" if count > 1 else ""
        version = f" {self._runner.version}" if self._runner.version else ""
        order.say(
            f"{order.tests.name}:{which} {'is taken up' if resume else 'begins'} with "
            f"{self._runner.name}{version}, mode {self._mode}, "
            f"in namespace {known.namespace}"
        )

    def _tell_of_another(self) -> None:
        """Say that a run which nobody ended is about to be forgotten in this folder."""
        order = self._order
        try:
            other = state.read_record(order.folder, order.tests.name)
        except InputError:
            return
        if other and not other.finished and other.rounds:
            order.say(
                f"{order.tests.name}: the run of {other.began} in namespace {other.rounds[-1].namespace} was not "
                f"ended; {state.RESUME} would have taken it up, scs cleanup removes it"
            )

    def _bench(self, known: RoundRecord, number: int, neighbours: Neighbours, *, resume: bool) -> Bench:
        order, scenery = self._order, self._scenery
        folder = order.folder / f"{order.tests.name}-{known.namespace.removeprefix(PREFIX)}-{number + 1}"
        folder.mkdir(parents=True, exist_ok=True)
        mark = surroundings.Marking(order.client, known.namespace, order.labels)

        def glance() -> None:
            neighbours.look()
            mark()

        return Bench(
            name=order.tests.name,
            client=order.client,
            call=commands.Call(self._runner.path, self._kubeconfig, order.context, known.namespace),
            extras=commands.Extras(
                seconds=order.timeout,
                version=scenery.version,
                image=order.image,
                repo_config=order.repo_config.absolute() if order.repo_config else None,
                busybox=surroundings.busybox(order.repo_config),
                processes=scenery.processes,
                no_dns_check=scenery.unusual_dns,
                options=self._runner.options,
            ),
            folder=folder.absolute(),
            cancelled=order.cancelled,
            say=order.say,
            environment=order.environment,
            limits=order.limits,
            elapsed=state.seconds_since(known.began) if resume else 0,
            glance=glance,
        )

    @contextlib.contextmanager
    def _tidied(self, bench: Bench, neighbours: Neighbours) -> Iterator[list[RoundEnd]]:
        """Remove what a round made, however it ends; what is left is told."""
        ended: list[RoundEnd] = []
        try:
            yield ended
        finally:
            destroyed = set(ended[0].destroyed) if ended else set()
            for line in self._removed(bench, neighbours, destroyed):
                self._order.left(f"{self._order.tests.name}: {line}")

    def _removed(self, bench: Bench, neighbours: Neighbours, destroyed: set[str]) -> Iterator[str]:
        call, name = bench.call, self._runner.name
        minutes = max(1, round(bench.limits.delete / 60))
        command = commands.sonobuoy_delete(call, minutes) if name == SONOBUOY else commands.hydrophone_cleanup(call)
        kept = remove_run(bench, name, command)
        for kind, thing in [("namespace", call.namespace), *cluster_names(name, call.namespace)]:
            if reason := kept.get((kind, thing)):
                self._order.say(f"{self._order.tests.name}: {kind} {thing} is still there: {reason}")
            else:
                self._order.ledger.gone(kind, thing)
        yield from remove_test_namespaces(bench, neighbours, destroyed)
        before = {(pair[0], pair[1]) for pair in self._record.wide}
        yield from cluster_wide_lines(before, cluster_wide(bench.client))

    def _new_namespace(self) -> str:
        """A name that nobody has; the namespace is removed with all that is in it, so it has to be our own."""
        while True:
            name = PREFIX + secrets.token_hex(3)
            if not surroundings.namespace_exists(self._order.client, name):
                return name
