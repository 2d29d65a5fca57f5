# SPDX-License-Identifier: Apache-2.0
"""scs-0116: key manager (documents: scs-0116-v1, scs-0116-w1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas import key_manager, services
from pytest_scs.standards.iaas.key_manager import SecretRoundtrip
from pytest_scs.standards.iaas.model import Service


@pytest.mark.scs("scs-0116-presence")
def test_scs_0116_presence(scs: Collector, catalog: list[Service]) -> None:
    """A key manager SHOULD be offered and be found in the catalog.

    Source: scs-0116-v1. Fails when no entry has the type `key-manager`; aborts when there is no catalog.
    """
    scs.whole("catalog entries", catalog, services.check_key_manager)


@pytest.mark.scs("scs-0116-permissions")
def test_scs_0116_permissions(scs: Collector, secret_roundtrip: SecretRoundtrip) -> None:
    """If there is a key manager, the role `member` MUST be able to use it.

    Source: scs-0116-v1. Fails when a member may not store, find, read or delete a secret; aborts when the key manager
    does not answer.
    """
    scs.examined("secrets", int(secret_roundtrip.offered))
    scs.add(key_manager.check_permissions(secret_roundtrip))


@pytest.mark.scs("key-manager-docs-check")
def test_key_manager_docs_check(scs: Collector, catalog: list[Service], attestation: Callable[[], None]) -> None:
    """If there is a key manager, its keys MUST be stored encrypted, and the master key in another place.

    Source: scs-0116-v1 and its supplement, manual tests. Passes without a key manager in the catalog; else a person has
    to answer. Fails when an answer does not conform; aborts when there is no catalog, or when evidence has changed.
    """
    if key_manager.is_offered(catalog):
        attestation()
    else:
        scs.whole("catalog entries", catalog, key_manager.explain_absence)
