# SPDX-License-Identifier: Apache-2.0
"""The e2e suite in a real cluster with real runners, a few tests of it at a time: a quarter of an hour in all.

Nothing but the choice of tests differs from what a conformance run does.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from real_cluster import Devcluster, belongings, client_of

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.runners import running
from pytest_scs.platforms.kubernetes.runners.bench import Limits
from pytest_scs.platforms.kubernetes.runners.choice import CONFORMANCE, NETWORKING
from pytest_scs.platforms.kubernetes.runners.neighbours import Neighbours
from pytest_scs.platforms.kubernetes.runners.running import Order, run_suite
from pytest_scs.standards.kaas.e2e_run import E2eRun

#: Two tests of a few seconds; three, one of which is serial; one of network policies; two that last minutes.
QUICK = "Pods should be submitted and removed|Secrets should patch a secret"
ONE_SERIAL = f"{QUICK}|should patch a Namespace"
DENY_INGRESS = "Netpol NetworkPolicy between server and client should support a 'default-deny-ingress' policy"
LASTING = "Pods should cap back-off at MaxContainerBackOff|CronJob should not schedule jobs when suspended"

#: Namespaces of probes.
OF_PROBES = re.compile(r"scs-\d{4}-")

RUNNERS = pytest.mark.parametrize("runner", ["sonobuoy", "hydrophone"])


class Stage:
    """A cluster, and runs of the suite in it."""

    def __init__(self, client: Client, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.cancelled = threading.Event()
        self.said: list[str] = []
        self.left: list[str] = []
        self.expected: set[tuple[str, str]] = set()
        self.kubeconfigs: list[Path] = []

    def expect(self, kind: str, name: str) -> None:
        self.expected.add((kind, name))

    def gone(self, kind: str, name: str) -> None:
        self.expected.discard((kind, name))

    @contextlib.contextmanager
    def kubeconfig(self) -> Iterator[Path]:
        with self.client.access.private_copy() as path:
            self.kubeconfigs.append(path)
            yield path

    def run(self, runner: str, focus: str, tests: Any = CONFORMANCE, **changes: Any) -> E2eRun:
        limits = dataclasses.replace(Limits(), poll=3, **changes.pop("limits", {}))
        return run_suite(
            Order(
                tests=tests.narrow(focus),
                client=self.client,
                kubeconfig=self.kubeconfig,
                context=self.client.access.name,
                folder=self.folder,
                cancelled=self.cancelled,
                say=self.said.append,
                left=self.left.append,
                ledger=self,
                environment=dict(os.environ),
                runner=runner,
                limits=limits,
                labels={"app.kubernetes.io/managed-by": "pytest-scs"},
                **changes,
            )
        )

    def pods(self) -> list[tuple[str, str]]:
        """Namespace and name of the suite's pods of this run; others may run beside it."""
        return [
            (namespace, one["metadata"]["name"])
            for kind, namespace in list(self.expected)
            if kind == "namespace"
            for one in self.client.list("CoreV1Api", "list_namespaced_pod", namespace)
            if "e2e" in one["metadata"]["name"] and one["status"].get("phase") == "Running"
        ]

    def once_running(self, act: Callable[[str, str], None]) -> threading.Thread:
        """Do something to the pod of the suite as soon as it runs."""

        def wait() -> None:
            until = time.monotonic() + 120
            while time.monotonic() < until and not self.pods():
                time.sleep(1)
            act(*self.pods()[0])

        thread = threading.Thread(target=wait)
        thread.start()
        return thread


@pytest.fixture
def stage(kubeconfig: Path, e2e_programs: Path, tmp_path: Path) -> Iterator[Stage]:
    """Runs of the suite; afterwards nothing is in the cluster that was not there before.

    While somebody else runs the suite there, namespaces of tests come and go.
    """
    before = made_by_suites(kubeconfig)
    stage = Stage(client_of(kubeconfig), tmp_path / "e2e")
    alone = not Neighbours(stage.client, "").others
    yield stage
    assert stage.expected == set()
    assert not any(path.exists() for path in stage.kubeconfigs)
    if alone:
        assert stage.left == []
        assert made_by_suites(kubeconfig) == before
    else:
        assert {name for name in made_by_suites(kubeconfig) - before if running.PREFIX in name[1]} == set()
    stage.client.close()


def made_by_suites(kubeconfig: Path) -> set[tuple[str, str]]:
    """Kind and name of what a suite or its runner may have made; what probes have is theirs to remove."""
    found = {(kind, name) for kind, names in belongings(kubeconfig).items() for name in names}
    return {(kind, name) for kind, name in found if kind != "persistent volume" and not OF_PROBES.match(name)}


def is_trial(run: E2eRun) -> bool:
    """Whether nothing is wrong with a result but that it is one of a few tests."""
    return [problem.text.partition(",")[0] for problem in run.problems] == ["this was a trial of the runner"]


@RUNNERS
@pytest.mark.parametrize("mode", ["full", "serial"])
def test_the_tests_that_were_chosen_ran(stage: Stage, runner: str, mode: str) -> None:
    run = stage.run(runner, QUICK, mode=mode)
    assert is_trial(run)
    assert (run.runner, run.mode, run.server_version) == (runner, mode, run.suite_version)
    assert (run.every.passed, run.every.failed, [part.announced for part in run.parts]) == (2, 0, [2])


@RUNNERS
def test_two_rounds_make_one_result(stage: Stage, runner: str) -> None:
    run = stage.run(runner, ONE_SERIAL, mode="split")
    assert is_trial(run)
    assert [part.executed for part in run.parts] == [2, 1]
    assert (run.every.passed, run.every.serial) == (3, 1)


@RUNNERS
def test_the_mode_parallel_leaves_serial_tests_out(stage: Stage, runner: str) -> None:
    run = stage.run(runner, ONE_SERIAL, mode="parallel")
    assert (run.every.passed, run.every.serial) == (2, 0)


@RUNNERS
def test_a_dry_run_counts_the_tests(stage: Stage, runner: str) -> None:
    run = stage.run(runner, r"\[Conformance\]", mode="dry")
    assert run.dry
    assert (run.parts[0].announced or 0) > 300


def test_a_network_policy_is_tested(stage: Stage) -> None:
    run = stage.run("auto", DENY_INGRESS, NETWORKING)
    assert is_trial(run)
    assert run.network_policy.passed >= 1


@RUNNERS
def test_an_interrupted_run_is_gone_in_a_minute(stage: Stage, runner: str) -> None:
    thread = stage.once_running(lambda namespace, name: stage.cancelled.set())
    began = time.monotonic()
    with pytest.raises(Inconclusive, match=r"^interrupted$"):
        stage.run(runner, LASTING)
    thread.join()
    assert time.monotonic() - began < 240


@RUNNERS
def test_an_image_that_is_not_there(stage: Stage, runner: str) -> None:
    with pytest.raises(Inconclusive, match=r"^runner did not start: .*(ErrImagePull|ImagePullBackOff)") as caught:
        stage.run(runner, QUICK, image="localhost/not-there:1", limits={"start": 30})
    assert caught.value.kind in (CauseKind.TIMEOUT, CauseKind.OUTAGE)


def await_dns(client: Client, there: bool) -> None:
    """Wait until there are pods of the cluster's DNS, or none."""
    until = time.monotonic() + 60
    labels = "k8s-app=kube-dns"
    while bool(client.list("CoreV1Api", "list_namespaced_pod", "kube-system", label_selector=labels)) != there:
        assert time.monotonic() < until
        time.sleep(1)


@pytest.mark.parametrize(
    ("runner", "fault", "words"),
    [
        ("sonobuoy", "dns-down", "no dns pods found"),
        ("sonobuoy", "pods-denied", "denies.devcluster.local"),
        ("hydrophone", "pods-denied", "denies.devcluster.local"),
    ],
)
def test_a_cluster_that_lets_nobody_start(
    stage: Stage, devcluster: Devcluster, runner: str, fault: str, words: str
) -> None:
    if devcluster is None:
        pytest.skip("this cluster is not ours to break")
    devcluster("break", fault)
    try:
        await_dns(stage.client, fault != "dns-down")
        with pytest.raises(Inconclusive, match=rf"^runner did not start: .*{words}"):
            stage.run(runner, QUICK, limits={"start": 30})
    finally:
        devcluster("unbreak", fault)
        await_dns(stage.client, True)


@RUNNERS
def test_a_run_that_takes_too_long(stage: Stage, runner: str) -> None:
    try:
        problem = stage.run(runner, r"\[Conformance\]", timeout=45).problems[0].text
    except Inconclusive as error:
        problem = str(error)
    assert problem.startswith("run exceeded 45 s (")


@RUNNERS
def test_a_pod_that_is_deleted(stage: Stage, runner: str) -> None:
    def delete(namespace: str, name: str) -> None:
        time.sleep(5)
        stage.client.call("CoreV1Api", "delete_namespaced_pod", name, namespace, grace_period_seconds=0)

    thread = stage.once_running(delete)
    try:
        problem = stage.run(runner, r"\[Conformance\]", limits={"gone": 20}).problems[0].text
    except Inconclusive as error:
        problem = str(error)
    thread.join()
    assert problem.startswith("the pod of the suite is gone: ")


@RUNNERS
def test_a_run_is_taken_up_by_another_process(stage: Stage, runner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """As if this process had been killed: nobody tidies up, and the record stays as it was."""

    def die(*arguments: Any, **options: Any) -> None:
        if stage.pods():
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("pytest_scs.platforms.kubernetes.runners.watch.Watch.look", die)
        patch.setattr(running._Run, "_removed", lambda *arguments: ())
        patch.setattr(running.state, "write_record", _only_unfinished(running.state.write_record))
        with pytest.raises(Killed):
            stage.run(runner, QUICK)
    run = stage.run(runner, QUICK, resume=True)
    assert is_trial(run)
    assert run.every.passed == 2
    assert any("is taken up" in line for line in stage.said)


def _only_unfinished(write: Any) -> Any:
    def guarded(folder: Path, record: Any) -> None:
        if not record.finished:
            write(folder, record)

    return guarded
