# SPDX-License-Identifier: Apache-2.0
"""Runs of the e2e suite with a stand-in of sonobuoy, which plays what the real one was seen to do."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from e2e_stage import GONE, LIMITS, MARGIN, START, Phases, Stage, archive_of, junit_of, log_of, names_of

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.phase import told_in
from pytest_scs.platforms.kubernetes.runners.choice import NETWORKING
from pytest_scs.platforms.kubernetes.runners.running import run_suite
from pytest_scs.standards.kaas.e2e_run import E2eRun

NAMES = names_of(400)
TIMED_OUT = b'{"error":"Plugin timeout while waiting for results so there are no results."}'


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def ready(
    stage: Stage, junit: bytes | None, log: list[str], *, files: dict[str, bytes] | None = None, **play: Any
) -> None:
    """The aggregator has an archive with these at the end."""
    archive = stage.archive(archive_of(junit, log, **(files or {})))
    stage.play(archive=archive, log=log, **play)


def nothing_left(stage: Stage) -> bool:
    return not any(stage.names(kind) for kind in ("namespaces", "clusterroles", "clusterrolebindings", "pods"))


def texts(run: E2eRun) -> list[str]:
    return [problem.text for problem in run.problems]


def test_a_good_run_has_a_result_and_leaves_nothing(stage: Stage) -> None:
    ready(stage, junit_of(NAMES), log_of(NAMES), states=["prose", "running", "running", "post-processing", "complete"])
    phases = Phases()
    with told_in(phases, "conformance_run"):
        run = run_suite(stage.order())
    assert "conformance: 400 of 400 tests done, 0 failed" in phases.told
    assert (run.problems, run.failures, run.runner, run.runner_version, run.mode) == (
        (),
        (),
        "sonobuoy",
        "0.57.3",
        "full",
    )
    assert (run.conformance.passed, run.conformance.serial, run.parts[0].announced) == (400, 40, 400)
    assert not run.given
    assert nothing_left(stage)
    assert stage.left == []
    assert stage.ledger.expected == set()
    (namespace,) = {name.removeprefix("namespace ") for name in stage.ledger.ever if name.startswith("namespace ")}
    assert namespace.startswith("scs-conf-")
    assert len(namespace) == len("scs-conf-") + 6
    assert not any("done" in line for line in stage.said)  # that would be a second kind of line


def test_the_runner_gets_a_private_kubeconfig_that_is_gone_afterwards(stage: Stage) -> None:
    ready(stage, junit_of(NAMES), log_of(NAMES))
    run_suite(stage.order())
    seen = json.loads((stage.folder / "kubeconfig.json").read_text())
    assert seen == {"path": str(stage.kubeconfigs[0]), "mode": "0o600"}
    assert not stage.kubeconfigs[0].exists()


def test_failures_are_named_in_the_result_and_while_it_runs(stage: Stage) -> None:
    failed = {NAMES[3]: "failed", NAMES[7]: "timedout"}
    log = log_of(NAMES, {NAMES[3], NAMES[7]})
    ready(stage, junit_of(NAMES, failed), log, suite={"status": "complete", "result-status": "failed"})
    run = run_suite(stage.order())
    assert [one.name for one in run.failures] == [NAMES[3], NAMES[7]]
    assert run.problems == ()
    assert f"conformance: failed: {NAMES[3]}" in stage.said


@pytest.mark.parametrize("how", ["complains", "cut off"])
def test_an_archive_is_good_by_size_and_checksum_whatever_the_command_says(stage: Stage, how: str) -> None:
    ready(stage, junit_of(NAMES), log_of(NAMES), retrieve=how)
    if how == "complains":
        assert run_suite(stage.order()).conformance.passed == 400
        assert len(stage.calls("retrieve")) == 1
        return
    with pytest.raises(Inconclusive, match=r"archive of the run cannot be fetched: .*unexpected EOF"):
        run_suite(stage.order())
    assert len(stage.calls("retrieve")) == 3
    assert nothing_left(stage)


def test_fetching_that_hangs_is_given_up(stage: Stage) -> None:
    ready(stage, junit_of(NAMES), log_of(NAMES), retrieve="hangs")
    with pytest.raises(Inconclusive, match=r"cannot be fetched") as caught:
        run_suite(stage.order(limits=replace(LIMITS, retrieve=0.3, attempts=1)))
    assert caught.value.kind is CauseKind.TIMEOUT


def test_an_empty_choice_and_a_truncated_junit_file_are_results_with_what_they_lack(stage: Stage) -> None:
    ready(stage, junit_of([]), log_of([]))
    run = run_suite(stage.order())
    assert (run.every.executed, run.parts[0].announced) == (0, 0)
    ready(stage, junit_of(NAMES)[:-2000], log_of(NAMES))
    run = run_suite(stage.order())
    assert run.problems


def test_a_run_that_took_too_long_says_so_first(stage: Stage) -> None:
    log = log_of(NAMES[:100], announced=446)
    files = {"plugins/e2e/errors/global/error.json": TIMED_OUT}
    ready(stage, None, log, files=files, suite={"status": "failed", "result-counts": {"timeout": 1}})
    run = run_suite(stage.order(timeout=0))
    assert texts(run)[0] == "run exceeded 0 h (100 of 446 tests done)"
    assert run.problems[0].kind is CauseKind.TIMEOUT
    assert "Plugin timeout" in texts(run)[1]
    assert run.failures == ()


def test_failures_known_from_the_log_count_when_there_is_no_junit_file(stage: Stage) -> None:
    log = log_of(NAMES[:100], {NAMES[5]}, announced=446)
    files = {"plugins/e2e/errors/global/error.json": TIMED_OUT}
    ready(stage, None, log, files=files, suite={"status": "failed"})
    run = run_suite(stage.order(timeout=0))
    assert [one.name for one in run.failures] == [NAMES[5]]


def test_tests_that_were_running_at_the_time_limit_did_not_fail(stage: Stage) -> None:
    failed = {NAMES[3]: "failed", NAMES[99]: "interrupted"}
    ready(
        stage, junit_of(NAMES[:100], failed), log_of(NAMES[:99], {NAMES[3]}, announced=446), suite={"status": "failed"}
    )
    run = run_suite(stage.order(timeout=0))
    assert [one.name for one in run.failures] == [NAMES[3]]
    assert texts(run)[0].startswith("run exceeded")


def test_an_aggregator_that_never_ends_is_left_at_the_limit(stage: Stage) -> None:
    stage.play(states=["running"], log=log_of(NAMES[:2], announced=446))
    with pytest.raises(Inconclusive, match=r"run exceeded 1 s \(2 of 446 tests done\)"):
        run_suite(stage.order(timeout=1, limits=MARGIN))
    assert nothing_left(stage)


def test_a_plugin_that_broke_down_is_a_problem(stage: Stage) -> None:
    files = {"plugins/e2e/errors/global/error.json": b'{"error":"pod e2e crashed"}'}
    ready(stage, None, [], files=files, suite={"status": "failed"})
    assert "crashed" in texts(run_suite(stage.order()))[0]


def test_an_aggregator_that_failed_without_an_archive(stage: Stage) -> None:
    stage.play(states=["running", "failed"])
    with pytest.raises(Inconclusive, match=r"aggregator failed, there are no results"):
        run_suite(stage.order())


def test_an_aggregator_that_failed_with_an_archive_is_a_problem(stage: Stage) -> None:
    ready(stage, junit_of(NAMES, {NAMES[3]: "failed"}), log_of(NAMES, {NAMES[3]}), states=["running", "failed"])
    run = run_suite(stage.order())
    assert texts(run) == ["sonobuoy's aggregator failed"]
    assert [one.name for one in run.failures] == [NAMES[3]]


def test_an_image_that_is_not_there_is_named_with_the_words_of_the_cluster(stage: Stage) -> None:
    waiting = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "x/conformance:v1"'}
    pod = {"phase": "Pending", "containerStatuses": [{"name": "e2e", "state": {"waiting": waiting}}]}
    event = {"type": "Warning", "reason": "Failed", "message": "pull access denied at 10.98.0.1:6443"}
    stage.play(states=["running"], pod=pod, events=[event])
    with pytest.raises(Inconclusive) as caught:
        run_suite(stage.order(limits=START))
    assert str(caught.value) == (
        'runner did not start: e2e pod pending for 1 s: ImagePullBackOff (Back-off pulling image "x/conformance:v1"); '
        "last events: Failed (pull access denied at the API server)"
    )
    assert nothing_left(stage)


def test_an_aggregator_that_does_not_run_is_named_first(stage: Stage) -> None:
    unfit = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/2 nodes are available"}
    stage.play(states=["prose"], suite_pod=False, aggregator={"phase": "Pending", "conditions": [unfit]})
    with pytest.raises(Inconclusive, match=r"runner pod pending for 1 s: Unschedulable .0/2 nodes are available."):
        run_suite(stage.order(limits=START))


def test_an_aggregator_that_cannot_work_says_why(stage: Stage) -> None:
    log = [
        'time="2026-11-27T10:16:30Z" level=info msg="Scanning plugins in ./plugins.d"',
        'time="2026-11-27T10:16:30Z" level=error msg="error running plugins: Get '
        '\\"https://10.98.0.1:6443\\": refused"',
    ]
    stage.play(states=["prose"], suite_pod=False)
    (stage.folder / "log.txt").write_text("\n".join(log))
    with pytest.raises(Inconclusive) as caught:
        run_suite(stage.order(limits=START))
    assert str(caught.value) == (
        "runner did not start: no e2e pod for 1 s; sonobuoy's aggregator says: "
        'error running plugins: Get "the API server": refused'
    )


def test_a_runner_that_refuses_to_start_says_why_in_its_own_words(stage: Stage) -> None:
    no_dns = "no dns pods found with the labels [k8s-app=kube-dns] in namespace kube-system"
    stage.play(refused=["Preflight checks failed", no_dns])
    with pytest.raises(Inconclusive) as caught:
        run_suite(stage.order())
    assert str(caught.value) == f"runner did not start: Preflight checks failed; {no_dns}"
    assert stage.ledger.expected == set()


def test_a_pod_that_was_deleted_ends_the_run(stage: Stage) -> None:
    event = {"type": "Warning", "reason": "Evicted", "message": "The node was low on resource: memory"}
    stage.play(states=["running", "pod deleted"], log=log_of(NAMES[:2], announced=446), events=[event])
    with pytest.raises(Inconclusive) as caught:
        run_suite(stage.order(limits=GONE))
    assert str(caught.value) == "the pod of the suite is gone: Evicted (The node was low on resource: memory)"
    assert nothing_left(stage)


def test_an_aggregator_that_was_deleted_ends_the_run(stage: Stage) -> None:
    stage.play(states=["running", "aggregator deleted"])
    with pytest.raises(Inconclusive, match=r"^the pod of sonobuoy's aggregator is gone: no events tell why$"):
        run_suite(stage.order(limits=GONE))
    assert nothing_left(stage)


def test_failures_before_the_pod_was_gone_count(stage: Stage) -> None:
    stage.play(states=["running", "pod deleted"], log=log_of(NAMES[:9], {NAMES[4]}, announced=446))
    run = run_suite(stage.order(limits=GONE))
    assert [one.name for one in run.failures] == [NAMES[4]]
    assert texts(run)[0].startswith("the pod of the suite is gone")
    assert (run.conformance.passed, run.conformance.failed, run.conformance.skipped) == (8, 1, 437)
    assert run.parts[0].announced == 446
    assert run.failures[0].message == "failed, as the log of the run says"


def test_an_interrupted_run_is_removed_at_once_and_has_no_result(stage: Stage) -> None:
    stage.play(states=["running"], log=log_of(NAMES[:9], {NAMES[4]}), test_namespaces=["pods-1"])
    stage.interrupt_at = "failed: "
    with pytest.raises(Inconclusive, match=r"^interrupted$") as caught:
        run_suite(stage.order())
    assert caught.value.kind is CauseKind.INTERRUPTED
    assert nothing_left(stage)
    assert stage.calls("delete") == []
    assert not stage.kubeconfigs[0].exists()


def test_test_namespaces_that_were_there_before_are_left_alone(stage: Stage) -> None:
    marks = {"name": "pods-old", "uid": "u", "labels": {"e2e-framework": "pods", "e2e-run": "other"}}
    stage.put("namespaces", "pods-old", metadata=marks)
    ready(stage, junit_of(NAMES), log_of(NAMES), test_namespaces=["pods-1", "pods-2"])
    run_suite(stage.order())
    assert stage.names("namespaces") == ["pods-old"]
    assert stage.left == []


def test_of_two_runs_at_once_only_what_is_known_to_be_ours_is_removed(stage: Stage) -> None:
    metadata = {"name": "sonobuoy-e2e-job-9", "namespace": "sonobuoy", "labels": {"sonobuoy-plugin": "e2e"}}
    stage.put("pods", "sonobuoy.sonobuoy-e2e-job-9", metadata=metadata, status={"phase": "Running"})
    log = [*log_of(NAMES[:2]), '  STEP: Destroying namespace "pods-1" for this suite. @ 11/27/26 01:27:13.196']
    labels = {"e2e-framework": "x", "e2e-run": "theirs"}
    theirs = {"theirs-1": {"metadata": {"name": "theirs-1", "uid": "t", "labels": labels}}}
    ready(stage, junit_of(NAMES), log, test_namespaces=["pods-1", "pods-2"], later={"namespaces": theirs})
    run_suite(stage.order())
    assert stage.names("namespaces") == ["theirs-1"]
    (line,) = stage.left
    assert "namespace theirs-1 is of this run of the e2e suite or of another one (namespace sonobuoy)" in line
    assert "kubectl delete namespace theirs-1" in line
    assert any("runs already in namespace sonobuoy" in one for one in stage.said)


def test_what_a_suite_makes_that_ran_before_is_its_own(stage: Stage) -> None:
    labels = {"e2e-framework": "x", "e2e-run": "theirs"}
    stage.put("namespaces", "theirs-0", metadata={"name": "theirs-0", "uid": "0", "labels": labels})
    metadata = {"name": "sonobuoy-e2e-job-9", "namespace": "sonobuoy", "labels": {"sonobuoy-plugin": "e2e"}}
    stage.put("pods", "sonobuoy.sonobuoy-e2e-job-9", metadata=metadata, status={"phase": "Running"})
    theirs = {"theirs-1": {"metadata": {"name": "theirs-1", "uid": "t", "labels": labels}}}
    ready(stage, junit_of(NAMES), log_of(NAMES), later={"namespaces": theirs})
    run_suite(stage.order())
    assert stage.names("namespaces") == ["theirs-0", "theirs-1"]
    assert stage.left == []


def test_dev_0201_8_what_cannot_be_removed_is_named_and_the_result_stays(stage: Stage) -> None:
    ready(stage, junit_of(NAMES), log_of(NAMES), delete="fails", test_namespaces=["pods-1"])
    stage.client.stuck.add("pods-1")
    run = run_suite(stage.order(limits=replace(LIMITS, delete=1, farewell=1)))
    assert run.conformance.passed == 400
    assert stage.names("clusterroles") == []
    (line,) = stage.left
    assert line == (
        "conformance: namespace pods-1 of a test of the e2e suite is still there: kubectl delete namespace pods-1"
    )


def test_a_namespace_that_hangs_is_named_with_what_keeps_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_scs.platforms.kubernetes.runners import running

    monkeypatch.setattr(running.secrets, "token_hex", lambda count: "abcdef")
    stage.client.stuck.add("scs-conf-abcdef")
    ready(stage, junit_of(NAMES), log_of(NAMES), delete="fails")
    run_suite(stage.order(limits=replace(LIMITS, delete=1, farewell=1)))
    line = next(line for line in stage.said if "still there" in line)
    assert line.startswith("conformance: namespace scs-conf-abcdef is still there: Failed to delete all resource types")
    assert "(sonobuoy: failed to delete sonobuoy resources" in line
    assert stage.left == []
    assert stage.ledger.expected == {"namespace scs-conf-abcdef"}


def test_what_is_left_for_the_whole_cluster_is_named_and_not_deleted(stage: Stage) -> None:
    stage.put("webhooks", "of-others")
    stage.put("crds", "e2e-old.example.com")
    stage.put("nodes", "node1")
    labels = {"name": "node1", "labels": {"kubernetes.io/e2e-123": "42"}}
    later = {
        "webhooks": {"e2e-test-webhook": {"metadata": {"name": "e2e-test-webhook"}}},
        "nodes": {"node1": {"metadata": labels, "spec": {"taints": [{"key": "e2e-evict"}]}}},
    }
    ready(stage, junit_of(NAMES), log_of(NAMES), later=later)
    run_suite(stage.order())
    assert [line.partition(": ")[2] for line in stage.left] == [
        "label on node node1 kubernetes.io/e2e-123 is left of the e2e suite: "
        "kubectl label node node1 kubernetes.io/e2e-123-",
        "taint on node node1 e2e-evict is left of the e2e suite: kubectl taint node node1 e2e-evict-",
        "validatingwebhookconfiguration e2e-test-webhook is left of the e2e suite: "
        "kubectl delete validatingwebhookconfiguration e2e-test-webhook",
    ]


def test_split_runs_two_rounds_and_makes_one_result(stage: Stage) -> None:
    ready(stage, junit_of(NAMES), log_of(NAMES))
    run = run_suite(stage.order(mode="split"))
    assert [call[call.index("--e2e-parallel=true") - 1] for call in stage.calls()[:1]] == [r"\[Serial\]"]
    assert len(stage.calls()) == 2
    assert "--e2e-parallel=false" in stage.calls()[1]
    assert (len(run.parts), run.conformance.passed) == (2, 400)
    assert nothing_left(stage)


def test_failures_of_the_first_round_count_when_the_second_one_cannot_begin(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_scs.platforms.kubernetes.runners import sonobuoy

    ready(stage, junit_of(NAMES, {NAMES[3]: "failed"}), log_of(NAMES, {NAMES[3]}))
    real = sonobuoy.run_round

    def first_only(bench: Any, one: Any, **options: Any) -> Any:
        if not one.parallel:
            raise Inconclusive("runner did not start: quota", CauseKind.OUTAGE)
        return real(bench, one, **options)

    monkeypatch.setattr(sonobuoy, "run_round", first_only)
    run = run_suite(stage.order(mode="split"))
    assert texts(run) == ["runner did not start: quota"]
    assert [one.name for one in run.failures] == [NAMES[3]]
    assert nothing_left(stage)


def test_full_becomes_split_on_an_older_server(stage: Stage) -> None:
    stage.client.version = "v1.28.4"
    ready(stage, junit_of(NAMES), log_of(NAMES))
    run = run_suite(stage.order())
    assert run.mode == "split"
    assert "conformance: Kubernetes 1.28 needs two rounds: mode split" in stage.said
    assert "v1.28.4" in stage.calls()[0]


def test_a_dry_run_is_marked_as_one(stage: Stage) -> None:
    ready(stage, junit_of([], skipped=446), log_of([], announced=446))
    run = run_suite(stage.order(mode="dry"))
    assert (run.dry, run.parts[0].announced) == (True, 446)


def test_a_trial_is_never_a_whole_result(stage: Stage) -> None:
    ready(stage, junit_of(NAMES), log_of(NAMES))
    run = run_suite(stage.order(tests=NETWORKING.narrow("deny all")))
    assert texts(run) == ["this was a trial of the runner, with the focus deny all"]


def test_without_the_rights_nothing_is_started(stage: Stage) -> None:
    stage.client.allowed = False
    stage.play()
    with pytest.raises(Inconclusive, match=r"^conformance needs cluster-admin, which this context has not$") as caught:
        run_suite(stage.order())
    assert caught.value.kind is CauseKind.PERMISSION
    assert stage.calls() == []
    assert stage.ledger.ever == set()


def test_without_a_runner_there_is_no_result(stage: Stage) -> None:
    order = stage.order(environment={"PATH": "/nowhere", "HOME": "/nowhere"})
    with pytest.raises(
        Inconclusive, match=r"^neither sonobuoy nor hydrophone found in PATH; put the program"
    ) as caught:
        run_suite(order)
    assert caught.value.kind is CauseKind.MISSING_TOOL


def test_an_old_sonobuoy_is_refused(stage: Stage) -> None:
    stage.play(version="v0.56.17")
    with pytest.raises(Inconclusive, match=r"sonobuoy 0.56.17 is too old; install sonobuoy 0.57.3 or newer"):
        run_suite(stage.order())


def test_a_run_whose_process_died_is_taken_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_scs.platforms.kubernetes.runners import running

    ready(stage, junit_of(NAMES), log_of(NAMES), states=["running"])

    def die(*arguments: Any, **options: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patch:
        # As if it had been killed: nobody tidied up.
        patch.setattr(running.sonobuoy, "_Round", die)
        patch.setattr(running, "remove_run", lambda *arguments: {})
        patch.setattr(running._Run, "_removed", lambda *arguments: [])
        patch.setattr(running.state, "write_record", once(running.state.write_record))
        with pytest.raises(SystemExit):
            run_suite(stage.order())
    assert len(stage.names("namespaces")) == 1
    ready(stage, junit_of(NAMES), log_of(NAMES), states=["complete"])
    run = run_suite(stage.order(resume=True))
    assert run.conformance.passed == 400
    assert len(stage.calls()) == 1
    assert nothing_left(stage)
    with pytest.raises(Inconclusive, match=r"is over; judge it with --scs-e2e-results=TESTCASE=.*results.tar.gz"):
        run_suite(stage.order(resume=True))


def once(write: Any) -> Any:
    """Only the record that is written before the run starts reaches the disk."""
    written = []

    def guarded(folder: Path, record: Any) -> None:
        if not written:
            written.append(1)
            write(folder, record)

    return guarded


def test_a_recorded_run_that_is_not_in_the_cluster_any_more(stage: Stage) -> None:
    ready(stage, junit_of(NAMES), log_of(NAMES))
    run_suite(stage.order())
    path = stage.results / "conformance.json"
    record = json.loads(path.read_text())
    record["finished"] = record["rounds"][0]["over"] = False
    path.write_text(json.dumps(record))
    with pytest.raises(Inconclusive, match=r"not in the cluster any more"):
        run_suite(stage.order(resume=True))
    path.write_text(json.dumps(record))
    run_suite(stage.order())
    assert any("was not ended; --scs-e2e-resume would have taken it up" in line for line in stage.said)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"mode": "serial"}, "another --scs-e2e-mode .full."),
        ({"timeout": 99}, "another --scs-e2e-timeout .60."),
        ({"image": "x"}, "another --scs-e2e-image .its default."),
        ({"runner": "hydrophone"}, "was started with sonobuoy, not with hydrophone"),
    ],
)
def test_other_options_than_recorded_are_refused(stage: Stage, changes: dict[str, Any], text: str) -> None:
    ready(stage, junit_of(NAMES), log_of(NAMES))
    run_suite(stage.order())
    path = stage.results / "conformance.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"finished": False}))
    with pytest.raises(Inconclusive, match=text):
        run_suite(stage.order(resume=True, **changes))
