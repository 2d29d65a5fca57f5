# SPDX-License-Identifier: Apache-2.0
"""From what the user asked for to a run of the e2e suite in one cluster."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.phase import doing
from pytest_scs.platforms.kubernetes.results.given import given_run, with_exceptions
from pytest_scs.platforms.kubernetes.runners import state
from pytest_scs.platforms.kubernetes.runners.bench import Limits
from pytest_scs.platforms.kubernetes.runners.choice import CONFORMANCE, NETWORKING, Choice
from pytest_scs.platforms.kubernetes.runners.running import Order, run_suite
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings
from pytest_scs.standards.kaas.e2e_run import E2eRun

if TYPE_CHECKING:
    from pytest_scs.core.subject import Subject
    from pytest_scs.platforms.kubernetes.probing import Probing

#: The sections that a run of the suite makes, with the testcase for which a result can be given instead.
SUITES = {
    "conformance_run": (CONFORMANCE, "cncf-k8s-conformance"),
    "networking_run": (NETWORKING, "kaas-networking-check"),
}


def probe_with(section: str, probing: Probing) -> dict[str, Any]:
    """The entry of one of :data:`SUITES`: a result that the user gave, else that of a run. Raises Inconclusive."""
    tests, testcase = SUITES[section]
    try:
        run = given_run(testcase, probing) or _run(probing, tests)
    except Inconclusive as error:
        if error.kind is not CauseKind.MISSING_TOOL:
            raise
        # A result all the same: what the official suite does without its program is a difference worth a remark.
        run = E2eRun().with_problem(str(error), error.kind)
    return with_exceptions(run, probing.settings).to_plain()


def _run(probing: Probing, tests: Choice) -> E2eRun:
    """Run the suite, when no other run of it is under way in this cluster."""
    doing(f"{tests.name}: another run of the suite in this cluster is to end first")
    while not probing.heavy.acquire(timeout=0.5):
        if probing.cancelled.is_set():
            raise Inconclusive("interrupted", CauseKind.INTERRUPTED)
    doing(f"{tests.name}: getting ready")
    try:
        return run_suite(order_of(probing, tests))
    finally:
        probing.heavy.release()


def order_of(probing: Probing, tests: Choice) -> Order:
    """What is to be run, for whom, and with what limits."""
    settings = probing.settings
    return Order(
        tests=tests,
        client=probing.client,
        kubeconfig=probing.access.private_copy,
        context=str(probing.access.config.get("current-context") or ""),
        folder=folder_of(settings, probing.inventory.subject),
        cancelled=probing.cancelled,
        say=probing.progress,
        left=probing.left,
        ledger=probing.janitor,
        environment=dict(os.environ),
        runner=settings.e2e_runner,
        mode=settings.e2e_mode,
        timeout=round(settings.e2e_timeout),
        image=settings.e2e_image,
        repo_config=settings.e2e_repo_config,
        resume=settings.e2e_resume,
        limits=Limits().stretched(probing.client.patience),
        labels=probing.janitor.labels,
    )


def folder_of(settings: KubernetesSettings, subject: Subject) -> Path:
    """Where the results and the record of a cluster's runs are: of several clusters each has a folder of its own."""
    name = subject.report_name
    if settings.e2e_dir is None:
        return settings.report_folder / f"e2e-{name}"
    several = max(len(settings.files), len(settings.contexts)) > 1
    return settings.e2e_dir / name if several else settings.e2e_dir


def check_resumed(settings: KubernetesSettings, subject: Subject, sections: Collection[str]) -> None:
    """Raise InputError if a run is to be taken up and is not there, or was started with other options."""
    for section, (tests, testcase) in SUITES.items():
        if settings.e2e_resume and section in sections and testcase not in settings.e2e_results:
            options = state.options_of(
                mode=settings.e2e_mode,
                timeout=round(settings.e2e_timeout),
                image=settings.e2e_image,
                repo_config=settings.e2e_repo_config,
                focus=tests.focus,
                skip=tests.skip,
            )
            state.to_resume(folder_of(settings, subject), tests.name, settings.e2e_runner, options)
