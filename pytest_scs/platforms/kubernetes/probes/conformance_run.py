# SPDX-License-Identifier: Apache-2.0
"""The conformance tests of the Kubernetes e2e suite: run by sonobuoy or hydrophone, or read from what they left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes.runners.ordering import probe_with
from pytest_scs.standards.kaas.e2e_run import E2eRun

if TYPE_CHECKING:
    from pytest_scs.platforms.kubernetes.probing import Probing


def probe(probing: Probing) -> dict[str, Any]:
    """What became of each test: see :class:`E2eRun`."""
    return probe_with("conformance_run", probing)


SECTION: Section[E2eRun] = Section(
    name="conformance_run",
    words="the conformance tests of the Kubernetes e2e suite",
    summary="The results of the conformance tests of the Kubernetes e2e suite.",
    load=single(E2eRun.from_plain),
    probe=probe,
    lasts=4800,
    needs=("server_version",),
    aborts_when_interrupted=True,
    creates="a namespace for sonobuoy or hydrophone, and namespaces and cluster-wide things of the tests",
    only_reads=lambda settings: "cncf-k8s-conformance" in settings.e2e_results,
)
