# SPDX-License-Identifier: Apache-2.0
"""What is known of Kubernetes' releases, as far as verdicts on this cluster rest on it; asks the cluster nothing.

It is evidence, so that a replay judges by the same data (docs/standards/scs-0210.md#data).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes.kubeconfig import is_embedded
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings
from pytest_scs.standards.kaas.bundled_data import current_versions, load_versions
from pytest_scs.standards.kaas.small_version_data import small_version_data
from pytest_scs.standards.kaas.version_data import BUNDLED, REFRESHED, VersionData, from_plain, part_for, to_plain
from pytest_scs.standards.kaas.versions import Branch, read_git_version

#: A kubelet may be three branches behind its API server; one that is further behind fails for that.
_BRANCHES_BEHIND = 4


def check_given(settings: KubernetesSettings) -> None:
    """Raise InputError for a file of version data that cannot be used."""
    if settings.k8s_data:
        _given(settings)


def _given(settings: KubernetesSettings) -> VersionData:
    assert settings.k8s_data is not None  # noqa: S101 - for mypy: both callers have looked
    try:
        data = load_versions(settings.k8s_data)
    except InputError as error:
        raise InputError(f"--scs-k8s-data: {error}") from None
    # Such a file would never be old. Clocks may differ by a day.
    if data.generated_at > dt.datetime.now(dt.UTC) + dt.timedelta(days=1):
        raise InputError(
            f"--scs-k8s-data: {settings.k8s_data}: it.generated_at: expected an instant that is over, got {data.day}"
        )
    return data


def _chosen(settings: KubernetesSettings, cluster: str, now: dt.datetime) -> VersionData:
    """The data to judge by; raises InputError."""
    if settings.k8s_data:
        return dataclasses.replace(_given(settings), origin="the file that --scs-k8s-data names")
    if is_embedded(cluster):
        return small_version_data(now)
    data, copied = current_versions()
    return dataclasses.replace(data, origin=REFRESHED if copied else BUNDLED)


def _version_data(probing: Probing) -> Mapping[str, Any]:
    now = dt.datetime.fromisoformat(probing.inventory.fetched_at)
    try:
        data = _chosen(probing.settings, probing.access.name, now)
    except InputError as error:
        raise Inconclusive(str(error), CauseKind.NOT_GIVEN) from None
    trusted = probing.settings.allow_stale_data
    entries = probing.inventory.sections.get("server_version") or [{}]
    running = read_git_version(str(entries[0].get("gitVersion")))
    if running is not None:
        major, minor = running.version.branch
        data = part_for(data, [Branch(major, minor - behind) for behind in range(_BRANCHES_BEHIND + 1)])
    return to_plain(dataclasses.replace(data, trusted_when_old=trusted))


SECTION = Section(
    name="version_data",
    words="version data of Kubernetes",
    summary="What is known of Kubernetes' releases, for the cluster's branch and those before it.",
    load=single(from_plain),
    probe=_version_data,
    needs=("server_version",),
)
