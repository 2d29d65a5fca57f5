# SPDX-License-Identifier: Apache-2.0
"""Which versions the provider offers: by his list, else those of all clusters of the run; asks the cluster nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings
from pytest_scs.standards.kaas.offered_versions import Offer, offer_of_clusters, read_offer


def check_given(settings: KubernetesSettings) -> None:
    """Raise InputError for a list of versions that cannot be used."""
    if settings.offered_versions:
        read_offer(settings.offered_versions)


def _offered_versions(probing: Probing) -> Mapping[str, Any]:
    if path := probing.settings.offered_versions:
        try:
            return read_offer(path).to_plain()
        except InputError as error:
            raise Inconclusive(str(error), CauseKind.NOT_GIVEN) from None
    found = [inventory.sections.get("server_version") for inventory in probing.clusters()]
    return offer_of_clusters([str(entries[0].get("gitVersion")) if entries else None for entries in found]).to_plain()


SECTION = Section(
    name="offered_versions",
    words="list of offered versions",
    summary="Which versions of Kubernetes the provider offers.",
    load=single(Offer.from_plain),
    probe=_offered_versions,
    needs=("server_version",),
)
