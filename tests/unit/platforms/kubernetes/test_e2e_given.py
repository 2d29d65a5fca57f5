# SPDX-License-Identifier: Apache-2.0
"""``--scs-e2e-results`` and ``--scs-okfail``: what is typed, what is read of it, and when it needs its own report."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import e2e_results as made
import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.core.cause import Inconclusive
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.platforms.kubernetes.e2e_options import E2E_TESTCASES, parse_given_results
from pytest_scs.platforms.kubernetes.platform import Kubernetes
from pytest_scs.platforms.kubernetes.results.given import check_given, given_run, needs_own_report, with_exceptions
from pytest_scs.platforms.kubernetes.results.matching import check_time
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings, read_kubernetes_settings
from pytest_scs.platforms.option import PresetSubject
from pytest_scs.standards.kaas.e2e_exceptions import ExcusedTest
from pytest_scs.standards.kaas.e2e_run import E2eRun

CONFORMANCE, NETWORKING = E2E_TESTCASES
ENDED = dt.datetime(2026, 11, 27, 2, tzinfo=dt.UTC)


class Given:
    """What a user typed: GivenOptions."""

    environ: dict[str, str] = {}

    def __init__(self, replaying: bool = False, **options: Any) -> None:
        self.replaying = replaying
        self.options = options

    def text(self, name: str) -> str | None:
        return self.options.get(name)

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(self.options.get(name, ()))

    def path(self, name: str) -> Path | None:
        return self.options.get(name)

    def located(self, text: str) -> Path:
        return Path("/base", text)

    def switched_on(self, name: str) -> bool:
        return False

    def presets(self, platform: str) -> tuple[PresetSubject, ...]:
        return ()


class Probing:
    """What a probe works with, as far as it is needed here."""

    def __init__(self, settings: KubernetesSettings, version: str | None = "v1.36.3") -> None:
        self.settings = settings
        self.inventory = Inventory(Subject("kubernetes", "a"), ENDED.isoformat())
        if version:
            self.inventory.sections["server_version"] = [{"gitVersion": version, "platform": "linux/amd64"}]


def test_results_are_typed_with_their_testcases() -> None:
    given = Given(e2e_results=[f"{CONFORMANCE}=a=b.tar.gz", f"{NETWORKING}=/c"])
    settings = read_kubernetes_settings(given)
    assert settings.e2e_results == {CONFORMANCE: Path("/base/a=b.tar.gz"), NETWORKING: Path("/c")}
    # No report is written over them.
    assert settings.inputs == {
        f"--scs-e2e-results={CONFORMANCE}": Path("/base/a=b.tar.gz"),
        f"--scs-e2e-results={NETWORKING}": Path("/c"),
    }


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["a.tar.gz"], "'a.tar.gz' is not TESTCASE=PATH; e.g. --scs-e2e-results=cncf-k8s-conformance=DIR"),
        ([f"{CONFORMANCE}="], "is not TESTCASE=PATH"),
        (["=a"], "no result can be given for ''"),
        (["cncf-k8s-conformnce=a"], "for 'cncf-k8s-conformnce'; did you mean 'cncf-k8s-conformance'?; possible are"),
        (["version-policy-check=a"], "possible are cncf-k8s-conformance and kaas-networking-check"),
        ([f"{CONFORMANCE}=a", f"{CONFORMANCE}=b"], f"two results are given for {CONFORMANCE}; give one of them"),
    ],
)
def test_what_is_typed_wrongly_is_refused_in_one_line(texts: list[str], words: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_given_results(texts, Path)
    assert str(caught.value).startswith("--scs-e2e-results: ")
    assert words in str(caught.value)


@pytest.mark.parametrize("several", [{"kubeconfig": ["a", "b"]}, {"kube_context": ["a", "b"]}])
def test_a_result_belongs_to_one_cluster(several: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="a result belongs to one cluster, but several are given"):
        read_kubernetes_settings(Given(e2e_results=[f"{CONFORMANCE}=a"], **several))


def _settings(testcase: str, path: Path, **others: Any) -> KubernetesSettings:
    return KubernetesSettings(e2e_results={testcase: path}, **others)


def test_a_given_result_is_read_with_the_version_of_the_cluster(tmp_path: Path) -> None:
    path = made.archive(tmp_path / "a.tar.gz", made.sonobuoy(made.conformance()))
    probing: Any = Probing(_settings(CONFORMANCE, path), "v1.36.9")
    run = given_run(CONFORMANCE, probing)
    assert run is not None
    assert (run.given, run.server_version, run.cluster_version) == (True, "v1.36.3", "v1.36.9")
    assert run.conformance.executed == made.CONFORMANCE
    assert given_run(NETWORKING, probing) is None


def test_without_the_version_of_the_cluster_nothing_is_judged(tmp_path: Path) -> None:
    path = made.archive(tmp_path / "a.tar.gz", made.sonobuoy(made.conformance()))
    probing: Any = Probing(_settings(CONFORMANCE, path), None)
    with pytest.raises(Inconclusive):
        given_run(CONFORMANCE, probing)


def test_what_is_gone_since_the_run_began_is_no_result(tmp_path: Path) -> None:
    probing: Any = Probing(_settings(CONFORMANCE, tmp_path / "gone"))
    with pytest.raises(Inconclusive, match="No such file"):
        given_run(CONFORMANCE, probing)
    with pytest.raises(Inconclusive, match="No such file"):
        with_exceptions(E2eRun(), KubernetesSettings(okfail=tmp_path / "gone"))


def test_a_result_that_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "junit_01.xml"
    probing: Any = Probing(_settings(CONFORMANCE, path))
    for tests, second in ((made.conformance(), 1), (made.networking(), 2)):
        path.write_text(made.junit(tests))
        os.utime(path, (second, second))
        run = given_run(CONFORMANCE, probing)
        assert run is not None
    assert run.network_policy.executed == made.NETWORK_POLICY


@pytest.mark.parametrize("content", [None, "hello"])
def test_what_cannot_be_read_is_refused_when_the_run_begins(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a"
    if content:
        path.write_text(content)
    with pytest.raises(InputError) as caught:
        check_given(_settings(NETWORKING, path))
    assert str(caught.value).startswith(f"--scs-e2e-results={NETWORKING}: ")
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot read registry map .*: No such file or directory"),
        ("a: [", "not valid YAML"),
        ("- a", "must be a mapping of registries"),
        ("", "must be one YAML document"),
        ("a: {b: c}", "must be a mapping of registries"),
    ],
)
def test_a_registry_map_is_looked_at_before_a_run_of_hours(content: str | None, why: str, tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=f"^--scs-e2e-repo-config: .*{why}"):
        check_given(KubernetesSettings(e2e_repo_config=path))
    path.write_text("promoterE2eRegistry: registry.example.org/e2e\n")
    check_given(KubernetesSettings(e2e_repo_config=path))


def test_a_file_is_no_folder_for_archives(tmp_path: Path) -> None:
    check_given(KubernetesSettings(e2e_dir=tmp_path))
    check_given(KubernetesSettings(e2e_dir=tmp_path / "new"))
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"^--scs-e2e-dir: .*file is no folder"):
        check_given(KubernetesSettings(e2e_dir=tmp_path / "file"))


def test_the_given_exceptions_go_with_the_result(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("okToFail:\n- {regex: a, reason: b}\n")
    assert with_exceptions(E2eRun(), KubernetesSettings(okfail=path)).exceptions == (ExcusedTest("a", "b"),)
    assert with_exceptions(E2eRun(), KubernetesSettings()).exceptions is None
    path.write_text("okToFail: 7")
    with pytest.raises(InputError, match=r"^--scs-okfail: .*mine\.yaml: okToFail must be a list"):
        check_given(KubernetesSettings(okfail=path))


@pytest.mark.parametrize(
    ("minutes", "selected", "needed"),
    [(61, [CONFORMANCE], True), (59, [CONFORMANCE], False), (61, ["version-policy-check"], False), (61, [], False)],
)
def test_an_old_result_needs_a_report_of_its_own(
    minutes: int, selected: list[str], needed: bool, tmp_path: Path
) -> None:
    path = tmp_path / "junit_01.xml"
    path.write_text(made.junit(made.conformance(), seconds="3600"))
    now = ENDED + dt.timedelta(minutes=minutes)
    words = needs_own_report(_settings(CONFORMANCE, path), selected, now)
    assert words == (f"--scs-e2e-results={CONFORMANCE}: the result is of 2026-11-27 02:00 UTC" if needed else "")
    assert Kubernetes().needs_own_report(_settings(CONFORMANCE, path), selected, now) == words


def test_an_expression_that_does_not_come_to_an_end_is_named() -> None:
    entries = [ExcusedTest("harmless", "it is"), ExcusedTest(r"(\w+\s?)+!", "never ends")]
    with pytest.raises(Inconclusive, match=r"--scs-okfail: the regex .*\(.*w\+.* takes more than 0.5 s"):
        check_time(entries, ["[It] [sig-node] Pods should do this and that and more than that and yet more"], 0.5)


def test_usual_expressions_are_searched_in_time() -> None:
    check_time([], ["a"])
    check_time([ExcusedTest(".*", "all")], [])
    check_time([ExcusedTest("Netpol.*CIDR", "some")], [f"[It] [sig-network] Netpol {number}" for number in range(2000)])
