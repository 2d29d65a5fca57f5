# SPDX-License-Identifier: Apache-2.0
"""The options of the platform Kubernetes, and what they are checked for without reading a file."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.platforms.kubernetes.e2e_options import parse_given_results
from pytest_scs.platforms.option import GivenOptions, Option
from pytest_scs.platforms.platform import PlatformSettings

#: Clusters that come with the plugin.
DEMO_CLUSTERS = ("demo", "demo:vanilla")

#: Seconds that one run of the e2e suite may take.
E2E_TIMEOUT = 21600

_NAME = "kubernetes"

RUNNERS = ("auto", "sonobuoy", "hydrophone")
MODES = ("full", "serial", "split", "parallel", "dry")


def _known_contexts(files: Sequence[str]) -> list[str]:
    from pytest_scs.platforms.kubernetes.kubeconfig_files import default_files, read_kubeconfig

    named = [Path(os.path.expanduser(name)) for name in files if name not in DEMO_CLUSTERS]
    return list(read_kubeconfig(named or default_files(os.environ.get("KUBECONFIG", ""))).contexts)


OPTIONS = (
    Option(
        "kubeconfig",
        "Kubeconfig file, or demo, demo:vanilla (default: $KUBECONFIG, else ~/.kube/config); repeatable",
        "FILE",
        short="--kubeconfig",
        many=True,
        recorded=True,
        everyday=True,
    ),
    Option(
        "kube_context",
        "Context of the kubeconfig file (default: its current-context); repeatable, one cluster each",
        "NAME",
        short="--kube-context",
        many=True,
        plain="--context",
        everyday=True,
        known=lambda given: _known_contexts(given.get("kubeconfig", ())),
    ),
    Option(
        "e2e_runner",
        "Who runs the e2e suite: auto (default), sonobuoy or hydrophone",
        "RUNNER",
        recorded=True,
        known=lambda given: RUNNERS,
    ),
    Option(
        "e2e_mode",
        "How: full (default), serial, split, parallel or dry",
        "MODE",
        recorded=True,
        known=lambda given: MODES,
    ),
    Option(
        "e2e_timeout",
        f"Seconds that one run of the e2e suite may take (default: {E2E_TIMEOUT})",
        "SECONDS",
        recorded=True,
    ),
    Option("e2e_dir", "Folder for archives, logs and the state of runs of the e2e suite", "DIR", recorded=True),
    Option(
        "e2e_resume", "Take up the run of the e2e suite that is recorded there", switch=True, ini=False, recorded=True
    ),
    Option(
        "e2e_results",
        "Judge a result made elsewhere (archive, folder or junit_01.xml) instead of running the suite; repeatable",
        "TESTCASE=PATH",
        many=True,
        recorded=True,
    ),
    Option("e2e_image", "Image of the e2e suite instead of registry.k8s.io/conformance", "IMAGE", recorded=True),
    Option("e2e_repo_config", "Registry map of the e2e suite, for clusters without internet", "FILE", recorded=True),
    Option("okfail", "List of e2e tests that may fail, instead of the bundled one", "FILE", recorded=True),
    Option("k8s_data", "Kubernetes versions and CVEs (JSON), instead of the bundled data", "FILE", recorded=True),
    Option(
        "allow_stale_data",
        "Judge by version data that are older than 31 days, with a warning",
        switch=True,
        ini=False,
        recorded=True,
    ),
    Option(
        "offered_versions", "Kubernetes versions that the provider offers (YAML, or one a line)", "FILE", recorded=True
    ),
    Option("probe_image", "Image of the pods that probes create", "IMAGE", recorded=True),
)


@dataclasses.dataclass(frozen=True, slots=True)
class KubernetesSettings(PlatformSettings):
    """What the user asked for on this platform.

    ``names`` are contexts or embedded clusters, as far as they were typed, else what :mod:`kubeconfig` finds. ``files``
    are the kubeconfig files in the user's order, none if he gave none; ``kubeconfig`` is what ``$KUBECONFIG`` says.
    ``pairs``, of file and context, are clusters out of a file of presets; in each of them one may be empty.
    """

    files: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    contexts: tuple[str, ...] = ()
    kubeconfig: str = ""
    e2e_runner: str = "auto"
    e2e_mode: str = "full"
    e2e_timeout: float = E2E_TIMEOUT
    e2e_dir: Path | None = None
    report_folder: Path = Path()
    e2e_resume: bool = False
    e2e_results: Mapping[str, Path] = dataclasses.field(default_factory=dict)
    e2e_image: str = ""
    e2e_repo_config: Path | None = None
    okfail: Path | None = None
    k8s_data: Path | None = None
    allow_stale_data: bool = False
    offered_versions: Path | None = None
    probe_image: str = ""


def read_kubernetes_settings(given: GivenOptions) -> KubernetesSettings:
    """Check what the user gave, without reading a file; raises InputError."""
    files = tuple(dict.fromkeys(given.texts("kubeconfig")))
    contexts = tuple(dict.fromkeys(given.texts("kube_context")))
    typed = "--scs-kubeconfig" if files else "--scs-kube-context" if contexts else ""
    if not files and contexts and all(map(_is_demo, contexts)):
        # No cluster of a kubeconfig may have such a name.
        files, contexts = contexts, ()
    if len(files) > 1 and contexts:
        raise InputError(
            "--scs-kube-context: several files are given, each stands for its current-context; leave it out"
        )
    pairs = tuple(
        _pair(one.values.get("kubeconfig", ""), one.values.get("kube_context", "")) for one in given.presets(_NAME)
    )
    results = {} if given.replaying else parse_given_results(given.texts("e2e_results"), given.located)
    if results and max(len(files), len(contexts), len(pairs)) > 1:
        raise InputError("--scs-e2e-results: a result belongs to one cluster, but several are given")
    embedded = tuple(filter(_is_demo, files))
    demos = ("", *embedded, *DEMO_CLUSTERS)
    return KubernetesSettings(
        names=contexts or embedded,
        inputs=_inputs(given, [name for name in (*files, *(pair[0] for pair in pairs)) if name not in demos], results),
        named_by=typed,
        files=files,
        contexts=contexts,
        pairs=pairs,
        kubeconfig=given.environ.get("KUBECONFIG", ""),
        e2e_runner=_one_of("--scs-e2e-runner", given.text("e2e_runner"), RUNNERS, "auto"),
        e2e_mode=_one_of("--scs-e2e-mode", given.text("e2e_mode"), MODES, "full"),
        e2e_timeout=_seconds(given.text("e2e_timeout")),
        e2e_dir=given.path("e2e_dir"),
        report_folder=_report_folder(given),
        e2e_resume=given.switched_on("e2e_resume"),
        e2e_results=results,
        e2e_image=given.text("e2e_image") or "",
        e2e_repo_config=given.path("e2e_repo_config"),
        okfail=given.path("okfail"),
        k8s_data=given.path("k8s_data"),
        allow_stale_data=given.switched_on("allow_stale_data"),
        offered_versions=given.path("offered_versions"),
        probe_image=given.text("probe_image") or "",
    )


def _is_demo(name: str) -> bool:
    return name.partition(":")[0] == DEMO_CLUSTERS[0]


def _pair(file: str, context: str) -> tuple[str, str]:
    """Where a cluster of presets is found; an embedded one may be named as a context, too."""
    return (context, "") if not file and _is_demo(context) else (file, context)


def _inputs(given: GivenOptions, files: Sequence[str], results: Mapping[str, Path]) -> dict[str, Path]:
    """The files that are read, by option: no report may be written over one."""
    named = {
        "--scs-okfail": given.path("okfail"),
        "--scs-k8s-data": given.path("k8s_data"),
        "--scs-offered-versions": given.path("offered_versions"),
        "--scs-e2e-repo-config": given.path("e2e_repo_config"),
    }
    inputs = {option: path for option, path in named.items() if path}
    inputs |= {f"--scs-e2e-results={testcase}": path for testcase, path in results.items()}
    for number, name in enumerate(dict.fromkeys(files), 1):
        inputs["--scs-kubeconfig" + (f" ({number})" if number > 1 else "")] = Path(os.path.expanduser(name))
    return inputs


def _one_of(option: str, text: str | None, known: tuple[str, ...], default: str) -> str:
    if text is not None and text not in known:
        raise InputError(f"{option}: unknown value {text!r}; known: {', '.join(known)}")
    return text or default


def _seconds(text: str | None) -> float:
    try:
        seconds = float(text or E2E_TIMEOUT)
    except ValueError:
        seconds = -1
    if not 1 <= seconds <= 7 * 86400:
        raise InputError(f"--scs-e2e-timeout: {text!r} is no number of seconds from 1 to {7 * 86400}")
    return seconds


def _report_folder(given: GivenOptions) -> Path:
    """The folder of ``--scs-report``, a file or a folder there; the one the run was started in without a report."""
    text = given.text("report") or ""
    path = given.located(text)
    return path if not text or text.endswith("/") or path.is_dir() else path.parent
