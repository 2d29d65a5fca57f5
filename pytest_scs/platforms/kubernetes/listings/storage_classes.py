# SPDX-License-Identifier: Apache-2.0
"""The storage classes."""

from __future__ import annotations

from typing import Any

from pytest_scs.evidence.section import Section, each
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.standards.kaas.model import StorageClass, slim_storage_class


def _storage_classes(client: Client) -> list[dict[str, Any]]:
    return [slim_storage_class(one) for one in client.list("StorageV1Api", "list_storage_class")]


SECTION = Section(
    name="storage_classes",
    words="GET /apis/storage.k8s.io/v1/storageclasses",
    summary="All storage classes of the cluster.",
    load=each(StorageClass.from_plain),
    read=_storage_classes,
)
