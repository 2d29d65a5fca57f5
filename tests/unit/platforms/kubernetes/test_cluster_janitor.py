# SPDX-License-Identifier: Apache-2.0
"""What runs make in clusters: noted before it is asked for, never lost, never taken from anybody else."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from memory_cluster import MemoryCluster, lost, refused

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.journal import Journal, past_runs
from pytest_scs.platforms.kubernetes import closing, polling
from pytest_scs.platforms.kubernetes.belongings import MANAGED_BY, RUN_LABEL
from pytest_scs.platforms.kubernetes.janitor import Janitor
from pytest_scs.platforms.kubernetes.making import MayBeMade, NotMade

RUN, OTHER = "1a2b3c4d", "9f8e7d6c"
OURS = {**MANAGED_BY, RUN_LABEL: RUN}


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(polling, "FIRST", 0.001)
    monkeypatch.setattr(polling, "LONGEST", 0.01)
    monkeypatch.setattr(closing, "PAUSES", (0, 0))


@pytest.fixture
def cluster() -> MemoryCluster:
    return MemoryCluster()


@pytest.fixture
def cancelled() -> threading.Event:
    return threading.Event()


@pytest.fixture
def journal() -> Journal:
    return Journal(RUN, "testcluster")


@pytest.fixture
def janitor(cluster: Any, journal: Journal, cancelled: threading.Event) -> Janitor:
    return Janitor(cluster, RUN, journal, cancelled, "scs cleanup --kubeconfig=f")


def soon() -> float:
    """For what does not go."""
    return time.monotonic() + 0.3


def patiently() -> float:
    """For what goes, however slow the machine is: nobody waits for it longer than it takes."""
    return time.monotonic() + 60


def events(journal: Journal) -> list[tuple[str, str, str]]:
    lines = [json.loads(line) for line in journal.path.read_text().splitlines()]
    return [(line["event"], line["kind"], line["name"]) for line in lines]


def test_namespace_carries_the_run_in_name_and_labels_and_goes_again(
    cluster: MemoryCluster, janitor: Janitor, journal: Journal
) -> None:
    name = janitor.namespace("0211", {"pod-security.kubernetes.io/enforce": "restricted"})
    assert name.startswith(f"scs-0211-{RUN}-")
    labels = cluster.objects["namespace", "", name]["metadata"]["labels"]
    assert labels == {**OURS, "pod-security.kubernetes.io/enforce": "restricted"}
    assert janitor.present() == [f"namespace {name}"]
    assert janitor.close(patiently()) == []
    assert cluster.names("namespace") == set()
    assert cluster.bodies[-1]["preconditions"]["uid"]
    assert not journal.path.exists()


def test_intent_and_account_are_on_disk_before_the_request_leaves(
    cluster: MemoryCluster, janitor: Janitor, journal: Journal
) -> None:
    seen: list[str] = []
    cluster.at = lambda method: seen.append(journal.path.read_text()) if method == "create_namespace" else None
    name = janitor.namespace("0211")
    (line,) = [json.loads(text) for text in seen[0].splitlines()]
    assert (line["event"], line["kind"], line["name"]) == ("intent", "namespace", name)
    assert line["account"] == "https://cluster.example:6443 admin"


def test_server_that_does_not_know_who_we_are_leaves_the_user_of_the_kubeconfig(
    cluster: MemoryCluster, janitor: Janitor, journal: Journal
) -> None:
    cluster.before["create_self_subject_review"] = [refused(404, "NotFound")]
    janitor.namespace("0211")
    assert json.loads(journal.path.read_text().splitlines()[0])["account"].endswith(" kubeconfig:somebody")


def test_journal_that_cannot_be_written_lets_nothing_be_created(
    cluster: MemoryCluster, janitor: Janitor, journal: Journal
) -> None:
    journal.path.parent.parent.mkdir(parents=True)
    journal.path.parent.write_text("no folder")
    with pytest.raises(OSError, match=r".*"):
        janitor.namespace("0211")
    assert "create_namespace" not in cluster.asked


def test_things_in_a_namespace_carry_our_labels_and_their_own(cluster: MemoryCluster, janitor: Janitor) -> None:
    name = janitor.namespace("0219")
    janitor.create("pod", name, "scs-server", {"metadata": {"labels": {"role": "server"}}, "spec": {"a": 1}})
    made = cluster.objects["pod", name, "scs-server"]
    assert made["metadata"]["labels"] == {**OURS, "role": "server"}
    assert made["spec"] == {"a": 1}


@pytest.mark.parametrize("error", [refused(403, "Forbidden"), refused(422, "Invalid")])
def test_refused_namespace_is_certainly_not_there(
    cluster: MemoryCluster, janitor: Janitor, journal: Journal, error: Exception
) -> None:
    cluster.before["create_namespace"] = [error]
    with pytest.raises(NotMade):
        janitor.namespace("0211")
    assert janitor.present() == []
    assert janitor.close(patiently()) == []
    assert not journal.path.exists()


def test_refusal_of_what_was_made_all_the_same_is_not_believed(
    cluster: MemoryCluster, janitor: Janitor, journal: Journal
) -> None:
    cluster.after["create_namespace"] = [refused(403, "Forbidden")]
    with pytest.raises(NotMade):
        janitor.namespace("0211")
    (name,) = cluster.names("namespace")
    assert janitor.present() == [f"namespace {name}"]
    assert janitor.close(patiently()) == []
    assert cluster.names("namespace") == set()
    assert not journal.path.exists()


def test_several_requests_that_were_not_answered_may_make_it_again(cluster: MemoryCluster, janitor: Janitor) -> None:
    cluster.deadline = 0.2
    cluster.before["create_namespace"] = [lost() for _ in range(1000)]
    with pytest.raises(MayBeMade):
        janitor.namespace("0211")
    (name,) = (words.split()[1] for words in janitor.present())
    cluster.add("namespace", name, labels=OURS)
    came: list[str] = []

    def late(method: str) -> None:
        if method == "read_namespace" and name not in cluster.names("namespace") and not came:
            came.append(name)
            cluster.at = again

    def again(method: str) -> None:
        cluster.at = lambda _: None
        cluster.add("namespace", name, labels=OURS)

    cluster.at = late
    assert janitor.close(time.monotonic() + 1) == []
    assert came == [name]
    assert cluster.names("namespace") == set()


def test_webhook_that_is_away_lets_nothing_be_made_and_is_not_asked_again(
    cluster: MemoryCluster, janitor: Janitor
) -> None:
    words = 'Internal error occurred: failed calling webhook "denies.example.com": connection refused'
    cluster.before["create_namespace"] = [refused(500, "InternalError", words)]
    with pytest.raises(NotMade):
        janitor.namespace("0211")
    assert cluster.asked.count("create_namespace") == 1
    assert janitor.present() == []


@pytest.mark.parametrize("error", [lost(), refused(504), refused(500), refused(429)])
def test_request_is_repeated_under_the_same_name(cluster: MemoryCluster, janitor: Janitor, error: Exception) -> None:
    cluster.before["create_namespace"] = [error]
    name = janitor.namespace("0211")
    assert cluster.names("namespace") == {name}
    assert cluster.asked.count("create_namespace") == 2


@pytest.mark.parametrize("error", [lost(), refused(504), refused(500)])
def test_lost_answer_is_found_out_by_the_name_that_is_taken(
    cluster: MemoryCluster, janitor: Janitor, error: Exception
) -> None:
    cluster.after["create_namespace"] = [error]
    name = janitor.namespace("0211")
    assert cluster.names("namespace") == {name}
    assert janitor.close(patiently()) == []
    assert cluster.names("namespace") == set()


def test_name_that_somebody_else_has_taken_is_left_alone(cluster: MemoryCluster, janitor: Janitor) -> None:
    space = janitor.namespace("0219")
    cluster.add("pod", "scs-server", space, labels={RUN_LABEL: OTHER})
    with pytest.raises(NotMade, match="is there already, and not of this run"):
        janitor.create("pod", space, "scs-server", {"spec": {}})


def test_answers_that_are_lost_to_the_end_are_looked_for_and_removed(
    cluster: MemoryCluster, janitor: Janitor, journal: Journal
) -> None:
    cluster.deadline = 0
    cluster.after["create_namespace"] = [lost()]
    with pytest.raises(MayBeMade, match="the connection was closed"):
        janitor.namespace("0211")
    (name,) = cluster.names("namespace")
    assert janitor.present() == [f"namespace {name}"]
    assert janitor.close(patiently()) == []
    assert cluster.names("namespace") == set()
    assert not journal.path.exists()


def test_what_comes_after_the_end_is_removed_by_a_later_run(
    cluster: MemoryCluster, janitor: Janitor, journal: Journal
) -> None:
    cluster.deadline = 0
    cluster.before["create_namespace"] = [lost()]
    with pytest.raises(MayBeMade):
        janitor.namespace("0211")
    (intended,) = (name for _, _, name in events(journal))
    assert janitor.close(patiently()) == []
    (past,) = past_runs("testcluster")
    assert (past.untidy, [line["name"] for line in past.unfound]) == (False, [intended])
    cluster.add("namespace", intended, labels=OURS)
    later = Janitor(cluster, OTHER, Journal(OTHER, "testcluster"), threading.Event())  # type: ignore[arg-type]
    assert later.close(patiently()) == []
    assert cluster.names("namespace") == set()
    assert list(past_runs("testcluster")) == []


def test_request_that_is_carried_out_after_the_removal_leaves_nothing(
    cluster: MemoryCluster, janitor: Janitor, journal: Journal
) -> None:
    cluster.before["create_namespace"] = [lost()]
    name = janitor.namespace("0211")
    deletions: list[str] = []

    def late(method: str) -> None:
        if method == "read_namespace" and "delete_namespace" in cluster.asked and not deletions:
            deletions.append(name)
            cluster.at = again

    def again(method: str) -> None:
        cluster.at = lambda _: None
        cluster.add("namespace", name, labels=OURS)

    cluster.at = late
    assert janitor.close(time.monotonic() + 1) == []
    assert cluster.names("namespace") == set()
    assert cluster.asked.count("delete_namespace") == 2


def test_namespace_of_that_name_without_our_label_is_never_removed(cluster: MemoryCluster, janitor: Janitor) -> None:
    cluster.deadline = 0
    cluster.before["create_namespace"] = [lost()]
    with pytest.raises(MayBeMade):
        janitor.namespace("0211")
    (intended,) = (one.split()[1] for one in janitor.present())
    cluster.add("namespace", intended, labels={RUN_LABEL: OTHER, **MANAGED_BY})
    (problem,) = janitor.close(soon())
    assert "is not what a run made, or nothing says so: it is left alone" in problem
    assert cluster.names("namespace") == {intended}
    assert "delete_namespace" not in cluster.asked


OTHERS = pytest.mark.parametrize("labels", [{}, MANAGED_BY, {**MANAGED_BY, RUN_LABEL: OTHER}])


@OTHERS
def test_another_namespace_that_has_taken_the_name_is_never_removed(
    cluster: MemoryCluster, janitor: Janitor, labels: dict[str, str]
) -> None:
    name = janitor.namespace("0211")
    cluster.add("namespace", name, labels=labels)
    assert janitor.close(patiently()) == []
    assert cluster.names("namespace") == {name}


@pytest.mark.parametrize("said", [{}, {"metadata": {}}, {"metadata": {"name": "other", "uid": "1"}}, {"metadata": 7}])
@pytest.mark.parametrize("when", [0, 1])
def test_an_answer_about_something_else_does_not_show_that_it_is_gone(
    cluster: MemoryCluster, janitor: Janitor, monkeypatch: pytest.MonkeyPatch, said: dict[str, Any], when: int
) -> None:
    name = janitor.namespace("0211")
    cluster.holding[name] = "held"
    done, looks = cluster._done, iter(range(1000))

    def odd(method: str, arguments: list[Any], options: Any) -> Any:
        wrong = method == "read_namespace" and next(looks) >= when
        return said if wrong else done(method, arguments, options)

    monkeypatch.setattr(cluster, "_done", odd)
    [line] = janitor.close(soon())
    assert line.startswith(f"namespace {name} ")
    assert "the API server answered with another namespace than" in line
    assert janitor.present() == [f"namespace {name}"]


def test_a_volume_without_a_name_is_nothing_to_change(cluster: MemoryCluster, janitor: Janitor) -> None:
    name = janitor.namespace("0211")
    kept = {"claimRef": {"namespace": name}, "persistentVolumeReclaimPolicy": "Retain"}
    cluster.objects["persistent_volume", "", "x"] = {"metadata": {}, "spec": kept}
    janitor.delete(name)
    assert "patch_persistent_volume" not in cluster.asked
    assert janitor.close(patiently()) == []


@OTHERS
def test_uid_guards_what_was_replaced_between_look_and_deletion(
    cluster: MemoryCluster, janitor: Janitor, labels: dict[str, str]
) -> None:
    name = janitor.namespace("0211")

    def replace(method: str) -> None:
        if method == "delete_namespace":
            cluster.add("namespace", name, labels=labels)

    cluster.at = replace
    assert janitor.close(patiently()) == []
    assert cluster.names("namespace") == {name}


@pytest.mark.parametrize("when", ["read_namespace", "delete_namespace"])
def test_namespace_that_a_lost_request_has_made_again_goes_as_well(
    cluster: MemoryCluster, janitor: Janitor, when: str
) -> None:
    name = janitor.namespace("0211")

    def replace(method: str) -> None:
        if method == when:
            cluster.at = lambda _: None
            cluster.add("namespace", name, labels=OURS)

    cluster.at = replace
    assert janitor.close(patiently()) == []
    assert cluster.names("namespace") == set()


def test_namespace_that_hangs_is_named_with_what_holds_it(
    cluster: MemoryCluster, janitor: Janitor, journal: Journal
) -> None:
    name = janitor.namespace("0211")
    cluster.holding[name] = "discovery failed for metrics.k8s.io"
    (problem,) = janitor.close(soon())
    assert problem.startswith(f"namespace {name} is still there ")
    assert "Held: discovery failed for metrics.k8s.io" in problem
    assert f"kubectl get namespace {name} -o yaml" in problem
    assert "kubectl get apiservices" in problem
    assert journal.path.exists()
    (past,) = past_runs("testcluster")
    assert past.untidy


def test_finalizers_are_named_where_no_condition_is(cluster: MemoryCluster, janitor: Janitor) -> None:
    name = janitor.namespace("0211")
    cluster.holding[name] = ""
    cluster.objects["namespace", "", name]["metadata"]["finalizers"] = ["example.com/hold"]
    original = cluster._delete

    def without_condition(key: Any, body: Any) -> Any:
        entry = original(key, body)
        entry.pop("status", None)
        return entry

    cluster._delete = without_condition  # type: ignore[method-assign]
    (problem,) = janitor.close(soon())
    assert "held by example.com/hold" in problem


def test_deletion_that_is_refused_is_told_with_the_command(cluster: MemoryCluster, janitor: Janitor) -> None:
    name = janitor.namespace("0211")
    cluster.before["delete_namespace"] = [refused(403, "Forbidden", "no")]
    (problem,) = janitor.close(soon())
    assert problem.startswith(f"namespace {name} could not be removed: ")
    assert f"kubectl delete namespace {name}" in problem


def test_deletion_of_something_unknown_is_verified(cluster: MemoryCluster, janitor: Janitor) -> None:
    name = janitor.namespace("0211")
    cluster.before["delete_namespace"] = [refused(404, "NotFound")]
    (line,) = janitor.close(soon())
    assert f"namespace {name} is still there" in line
    assert f"kubectl delete namespace {name}" in line


def test_time_for_removals_is_over(cluster: MemoryCluster, janitor: Janitor) -> None:
    name = janitor.namespace("0211")
    (problem,) = janitor.close(time.monotonic() - 1)
    assert problem.startswith(f"namespace {name} is left: the time for removals is over")
    assert "delete_namespace" not in cluster.asked


def test_who_waits_no_longer_is_told_the_command(janitor: Janitor) -> None:
    name = janitor.namespace("0211")
    assert janitor.leave() == [
        f"namespace {name} was left behind; remove it with: scs cleanup --kubeconfig=f --run={RUN} --delete"
    ]


def test_nothing_is_created_once_the_run_is_interrupted(
    cluster: MemoryCluster, janitor: Janitor, cancelled: threading.Event
) -> None:
    name = janitor.namespace("0211")
    cancelled.set()
    for action in (
        lambda: janitor.namespace("0211"),
        lambda: janitor.create("pod", name, "scs-p", {"spec": {}}),
        lambda: janitor.expect("namespace", "scs-conf-123abc"),
        lambda: janitor.wait(lambda: 1, lambda seen: True, 1),
    ):
        with pytest.raises(Inconclusive) as caught:
            action()
        assert caught.value.kind is CauseKind.INTERRUPTED
    assert janitor.close(patiently()) == []
    assert cluster.names("namespace") == set()


def test_namespace_without_service_account_is_no_place_for_pods(cluster: MemoryCluster, janitor: Janitor) -> None:
    cluster.at = lambda method: cluster.objects.clear() if method == "list_namespaced_service_account" else None
    with pytest.raises(Inconclusive, match="has no service account"):
        janitor.namespace("0211")
    assert janitor.namespace("0211", furnished=False)


def test_begun_removal_is_verified_at_the_end(cluster: MemoryCluster, janitor: Janitor, journal: Journal) -> None:
    name = janitor.namespace("0211")
    janitor.delete(name)
    assert cluster.names("namespace") == set()
    assert janitor.close(patiently()) == []
    assert not journal.path.exists()


def test_discarding_waits_for_the_end_where_it_is_not_possible_now(cluster: MemoryCluster, janitor: Janitor) -> None:
    name = janitor.namespace("0211")
    cluster.before["delete_namespace"] = [lost()]
    janitor.discard(name)
    assert cluster.names("namespace") == {name}
    assert janitor.close(patiently()) == []
    assert cluster.names("namespace") == set()


def volume_of(cluster: MemoryCluster, namespace: str, policy: str = "Delete") -> dict[str, Any]:
    spec = {"claimRef": {"namespace": namespace, "name": "scs-data"}, "persistentVolumeReclaimPolicy": policy}
    return cluster.add("persistent_volume", "pvc-1", spec=spec)


def test_volume_that_its_class_would_keep_goes_with_its_claim(cluster: MemoryCluster, janitor: Janitor) -> None:
    name = janitor.namespace("0211")
    volume = volume_of(cluster, name, "Retain")
    janitor.adopt_volume(volume)
    assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
    assert cluster.bodies[-1]["metadata"] == {"uid": volume["metadata"]["uid"]}
    assert janitor.present() == [f"namespace {name}", "persistentvolume pvc-1"]


def test_volume_that_stays_is_told_and_not_deleted_by_us(cluster: MemoryCluster, janitor: Janitor) -> None:
    name = janitor.namespace("0211")
    volume = volume_of(cluster, name)
    volume["status"] = {"phase": "Failed", "message": "the backend is away"}
    janitor.adopt_volume(volume)
    (problem,) = janitor.close(soon())
    assert problem.startswith("persistentvolume pvc-1 is still there ")
    assert "Failed: the backend is away" in problem
    assert "kubectl describe persistentvolume pvc-1" in problem
    assert not any(method.startswith("delete_persistent") for method in cluster.asked)


def test_volumes_of_others_are_not_changed(cluster: MemoryCluster, janitor: Janitor) -> None:
    name = janitor.namespace("0211")
    other = volume_of(cluster, "production", "Retain")
    assert janitor.close(patiently()) == []
    assert other["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    assert name not in cluster.names("namespace")


ROLE = "sonobuoy-serviceaccount-scs-conf-123abc"


def expect_suite(janitor: Janitor) -> None:
    janitor.expect("namespace", "scs-conf-123abc")
    janitor.expect("clusterrolebinding", ROLE)
    janitor.expect("clusterrole", ROLE)


def test_what_programs_make_is_removed_by_the_names_that_were_expected(
    cluster: MemoryCluster, janitor: Janitor, journal: Journal
) -> None:
    expect_suite(janitor)
    for noun, name in (("namespace", "scs-conf-123abc"), ("cluster_role", ROLE), ("cluster_role_binding", ROLE)):
        cluster.add(noun, name)
    assert len(janitor.present()) == 3
    assert janitor.close(patiently()) == []
    assert not cluster.names("namespace") | cluster.names("cluster_role") | cluster.names("cluster_role_binding")
    assert not journal.path.exists()


def test_what_programs_have_removed_is_asked_for_no_more(cluster: MemoryCluster, janitor: Janitor) -> None:
    expect_suite(janitor)
    janitor.gone("clusterrole", ROLE)
    janitor.gone("clusterrolebinding", ROLE)
    assert janitor.present() == ["namespace scs-conf-123abc"]
    janitor.gone("namespace", "scs-conf-123abc")
    assert janitor.close(patiently()) == []
    assert "read_namespace" not in cluster.asked


def test_journal_tells_kinds_of_one_name_apart(janitor: Janitor) -> None:
    expect_suite(janitor)
    janitor.gone("clusterrole", ROLE)
    (past,) = past_runs("testcluster")
    assert {(line["kind"], line["name"]) for line in past.uncertain} == {
        ("namespace", "scs-conf-123abc"),
        ("clusterrolebinding", ROLE),
    }


def test_namespace_of_a_suite_that_another_run_has_labelled_stays(cluster: MemoryCluster, janitor: Janitor) -> None:
    expect_suite(janitor)
    cluster.add("namespace", "scs-conf-123abc", labels={**MANAGED_BY, RUN_LABEL: OTHER})
    (problem,) = janitor.close(soon())
    assert "left alone" in problem
    assert cluster.names("namespace") == {"scs-conf-123abc"}


def test_name_that_no_run_gives_is_never_removed_whatever_was_expected(
    cluster: MemoryCluster, janitor: Janitor
) -> None:
    janitor.expect("namespace", "kube-system")
    janitor.expect("clusterrole", "cluster-admin")
    cluster.add("namespace", "kube-system", labels=OURS)
    cluster.add("cluster_role", "cluster-admin", labels=OURS)
    assert len(janitor.close(soon())) == 2
    assert cluster.names("namespace") == {"kube-system"}
    assert cluster.names("cluster_role") == {"cluster-admin"}


def test_cluster_that_is_away_at_the_end_leaves_the_journal(
    cluster: MemoryCluster, janitor: Janitor, journal: Journal
) -> None:
    name = janitor.namespace("0211")

    def away(method: str) -> None:
        raise lost()

    cluster.at = away
    cluster.deadline = 0.01
    (problem,) = janitor.close(soon())
    assert problem.startswith(f"namespace {name} could not be removed: the connection was closed")
    assert journal.path.exists()
