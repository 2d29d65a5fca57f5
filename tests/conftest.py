# SPDX-License-Identifier: Apache-2.0
"""Judging a demo cloud in an inner pytest run, and reading back what the run wrote.

pytest loads this file in every conformance run in the checkout as well (it looks into ``test*`` folders before it knows
which files are meant), so what only tests need is imported by fixtures. For the same reason there is no ``testpaths``.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import gc
import importlib
import json
import os
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import yaml

if TYPE_CHECKING:
    from tls_server import Authority

    from pytest_scs.demo.kubernetes.server import DemoCluster
    from pytest_scs.demo.kubernetes.state import ClusterState
    from pytest_scs.demo.openstack.server import DemoCloud
    from pytest_scs.demo.openstack.state import CloudState

#: pytest's settings for the tests here, which a conformance run in the checkout must not have.
SETTINGS = Path(__file__).with_name("pytest.toml")

#: Most inner runs leave out what creates something: it waits for the cloud, and has tests of its own.
READ_ONLY = ("-m", "not creates_resources")

WORDS = {1: "PASS", 0: "ABORT", -1: "FAIL"}


def pytest_pycollect_makemodule(module_path: Path) -> None:
    """Set how hypothesis tries, before the first module of these tests is imported: decorators look at it then.

    It tries few examples, and as many as it wants to with ``SCS_TEST_THOROUGH`` in the environment.
    """
    import hypothesis

    # Inherits what hypothesis itself does in CI. No limits of time: a busy machine is no bug.
    thorough = bool(os.environ.get("SCS_TEST_THOROUGH"))
    hypothesis.settings.register_profile(
        "scs",
        hypothesis.settings.default,
        max_examples=100 if thorough else 25,
        deadline=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("scs")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Say how the tests are started where they would lack their settings, as with a plain ``pytest``."""
    config = session.config
    if SETTINGS.exists() and config.inipath != SETTINGS and not config.getoption("scs_scope"):
        raise pytest.UsageError("the tests of pytest-scs have settings of their own; name their folder: pytest tests")


@pytest.fixture(scope="session", autouse=True)
def _everything_loaded() -> None:
    """Load what inner runs in this process use.

    pytester forgets modules that appear meanwhile: half of a package imported anew has two kinds of Verdict, and
    reloading the others would cost every inner run a second.
    """
    import pytest_scs

    for name in ("hypothesis", "openstack.config", "keystoneauth1.fixture", "kubernetes.client", "kubernetes.config"):
        importlib.import_module(name)
    for module in pkgutil.walk_packages(pytest_scs.__path__, "pytest_scs."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    _forget_what_is_loaded()


def _forget_what_is_loaded() -> None:
    """Take what is loaded out of the search for lost objects.

    pytest searches at the end of every inner run, which costs a third of a second among all tests collected here.
    """
    import hypothesis
    from hypothesis import strategies as st

    # Before its first example hypothesis looks for who holds its source of random numbers: its own module, which is not
    # found any more once it is frozen. The lowest version does so only where CI is set in the environment.
    @hypothesis.settings(max_examples=1, derandomize=True, database=None)
    @hypothesis.given(st.none())
    def first_example(_: None) -> None:
        pass

    first_example()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _in_english() -> Iterator[None]:
    """Whatever language the person has who runs these tests: they look at the words of reports."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANGUAGE", "en")
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not tested for want of something beside the checkout; in a conformance run there is none of it."""
    skips = Counter(
        str(report.longrepr[2]).partition("NOT TESTED: ")[2]
        for report in terminalreporter.stats.get("skipped", ())
        if isinstance(report.longrepr, tuple)
    )
    if left_out := {what: number for what, number in skips.items() if what}:
        terminalreporter.section("NOT TESTED", sep="!", red=True, bold=True)
        for what, number in left_out.items():
            terminalreporter.line(f"{number} test{'' if number == 1 else 's'}: {what}", red=True)
        terminalreporter.line("SCS_TEST_REQUIRE makes them fail instead; see CONTRIBUTING.md", red=True)


@dataclasses.dataclass
class Judged:
    """An inner run: pytest's outcome and the report documents it wrote."""

    result: pytest.RunResult
    documents: list[dict[str, Any]]

    @property
    def ret(self) -> int:
        return int(self.result.ret)

    @property
    def verdicts(self) -> dict[str, str]:
        """Testcase -> verdict, MISS included."""
        found: dict[str, str] = {}
        for document in self.documents:
            for invocation in document["run"]["invocations"].values():
                found.update({testcase: WORDS[number] for testcase, number in invocation["results"].items()})
            found.update(dict.fromkeys(document["debug"]["missing"], "MISS"))
        return found

    @property
    def differing(self) -> dict[str, dict[str, str]]:
        """Testcase -> the two verdicts, where official suite and text differ."""
        return {key: value for document in self.documents for key, value in document["debug"]["differing"].items()}

    def having(self, verdict: str) -> set[str]:
        """The testcases with a verdict."""
        return {testcase for testcase, found in self.verdicts.items() if found == verdict}

    def messages(self, testcase: str) -> list[str]:
        """The lines about a testcase on standard error of its invocation, without the id."""
        return [
            line.replace(f" {testcase}:", "", 1)
            for document in self.documents
            for invocation in document["run"]["invocations"].values()
            for line in invocation["stderr"]
            if f": {testcase}:" in line
        ]

    @property
    def requests(self) -> int:
        return int(self.documents[0]["debug"]["requests_total"])


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs certificates of test servers; nobody trusts it who was not told to."""
    from tls_server import Authority

    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def tls_server() -> Iterator[Callable[..., Any]]:
    """Start servers on the loopback interface, with the arguments of tls_server.Server."""
    from tls_server import Server

    running: list[Any] = []

    def start(*args: Any, **options: Any) -> Any:
        running.append(Server(*args, **options).start())
        return running[-1]

    yield start
    for server in running:
        server.stop()


class Judge(Protocol):
    def __call__(
        self, state: CloudState, *args: str, scope: str = "iaas-v5.1", name: str = "testcloud", apart: bool = False
    ) -> Judged: ...


class JudgeCluster(Protocol):
    def __call__(
        self,
        state: ClusterState,
        *args: str,
        scope: str = "beyond-kaas",
        context: str = "testcluster",
        account: str = "admin",
        token: bool = False,
        apart: bool = False,
    ) -> Judged: ...


@pytest.fixture
def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture
def state(now: dt.datetime) -> CloudState:
    """A cloud that conforms; a test breaks it as it needs."""
    from pytest_scs.demo.openstack import data

    return data.conformant(now)


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Start demo clouds by name; all of them are in the clouds.yaml that openstacksdk finds."""
    from pytest_scs.demo.openstack.server import DemoCloud

    running: list[DemoCloud] = []
    entries: dict[str, Any] = {}
    path = tmp_path / "clouds.yaml"
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))

    def start(state: CloudState, name: str = "testcloud") -> DemoCloud:
        cloud = DemoCloud(state)
        cloud.start()
        running.append(cloud)
        entries.update(yaml.safe_load(cloud.clouds_yaml(name))["clouds"] | cloud.managers(name))
        path.write_text(yaml.safe_dump({"clouds": entries}))
        return cloud

    yield start
    for cloud in running:
        cloud.stop()


@pytest.fixture
def judge(pytester: pytest.Pytester, serve: Any) -> Judge:
    """Judge a cloud with the bundled testcases that only read, in this process unless ``-n`` is among the arguments.

    A ``-m`` among the arguments replaces that selection.
    """

    def run(
        state: CloudState, *args: str, scope: str = "iaas-v5.1", name: str = "testcloud", apart: bool = False
    ) -> Judged:
        serve(state, name)
        options = (
            "-p",
            "no:cacheprovider",
            f"--scs-scope={scope}",
            f"--os-cloud={name}",
            "--scs-deadline=0",
            *READ_ONLY,
        )
        return read_back(pytester, *options, *args, apart=apart)

    return run


@pytest.fixture
def cluster_state(now: dt.datetime) -> ClusterState:
    """A cluster that conforms; a test breaks it as it needs."""
    from pytest_scs.demo.kubernetes import data

    return data.conformant(now)


@pytest.fixture
def serve_cluster(tmp_path: Path) -> Iterator[Callable[..., DemoCluster]]:
    """Start demo clusters, a context each; all of them are in the file ``kubeconfig``, the first one is current.

    ``account`` is one of the state's, ``token`` gives it a token instead of a certificate.
    """
    from pytest_scs.demo.kubernetes.server import DemoCluster

    running: list[DemoCluster] = []
    merged: dict[str, Any] = {}

    def start(
        state: ClusterState, context: str = "testcluster", *, account: str = "admin", token: bool = False
    ) -> DemoCluster:
        cluster = DemoCluster(state)
        cluster.start()
        running.append(cluster)
        config = cluster.kubeconfig(context, account, token=token)
        for key in ("clusters", "users", "contexts"):
            merged[key] = merged.get(key, []) + config[key]
        (tmp_path / "kubeconfig").write_text(yaml.safe_dump(config | merged | {"current-context": first(context)}))
        return cluster

    def first(context: str) -> str:
        return str(merged["contexts"][0]["name"]) if merged else context

    yield start
    for cluster in running:
        cluster.stop()


@pytest.fixture
def version_data_file(tmp_path: Path, now: dt.datetime) -> Path:
    """A file of version data in which the conforming cluster is up to date."""
    from pytest_scs.standards.kaas.small_version_data import small_version_data
    from pytest_scs.standards.kaas.version_data import to_plain

    path = tmp_path / "k8s-versions.json"
    path.write_text(json.dumps(to_plain(small_version_data(now))))
    return path


@pytest.fixture
def judge_cluster(
    pytester: pytest.Pytester, serve_cluster: Any, tmp_path: Path, version_data_file: Path
) -> JudgeCluster:
    """Judge a cluster with the bundled testcases that only read, in this process unless ``-n`` is among the arguments.

    A ``-m`` among the arguments replaces that selection, a ``--scs-k8s-data=...`` the version data.
    """

    def run(
        state: ClusterState,
        *args: str,
        scope: str = "beyond-kaas",
        context: str = "testcluster",
        account: str = "admin",
        token: bool = False,
        apart: bool = False,
    ) -> Judged:
        serve_cluster(state, context, account=account, token=token)
        options = (
            "-p",
            "no:cacheprovider",
            f"--scs-scope={scope}",
            f"--scs-kubeconfig={tmp_path / 'kubeconfig'}",
            f"--scs-kube-context={context}",
            *(
                []
                if any(arg.startswith("--scs-k8s-data=") for arg in args)
                else [f"--scs-k8s-data={version_data_file}"]
            ),
            "--scs-deadline=0",
            *READ_ONLY,
        )
        return read_back(pytester, *options, *args, apart=apart)

    return run


@pytest.fixture
def launch(pytester: pytest.Pytester) -> Callable[..., Judged]:
    """Run pytest with a report, on a cloud that is served already."""
    return functools.partial(read_back, pytester)


def read_back(pytester: pytest.Pytester, *args: str, apart: bool = False) -> Judged:
    """Run pytest with a report and load it; in a process of its own if ``apart`` or if there are workers.

    Several clouds have reports of their own, below a folder.
    """
    several = sum(arg.startswith(("--os-cloud=", "--scs-kube-context=")) for arg in args) > 1
    path = pytester.path / ("reports" if several else "report.yaml")
    paths = [path, path.with_name("report.unofficial.yaml")]
    for earlier in (*paths[1:], *(path.rglob("*.yaml") if several else paths[:1])):
        earlier.unlink(missing_ok=True)
    start = pytester.runpytest_subprocess if apart or "-n" in args else pytester.runpytest_inprocess
    result = start(f"--scs-report={path}{'/' if several else ''}", *args)
    written = sorted(path.rglob("*.yaml")) if several else [one for one in paths if one.exists()]
    documents = [document for one in written for document in yaml.safe_load_all(one.read_text())]
    return Judged(result, documents)
