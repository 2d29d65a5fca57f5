# SPDX-License-Identifier: Apache-2.0
"""scs-0116: key manager (documents: scs-0116-v1, scs-0116-w1)."""

from __future__ import annotations

import pytest

from pytest_scs.collector import Collector
from pytest_scs.standards import services
from pytest_scs.standards.model import Service


@pytest.mark.scs("scs-0116-presence")
def test_scs_0116_presence(scs: Collector, catalog: list[Service]) -> None:
    """A key manager SHOULD be offered and be found in the catalog.

    Source: scs-0116-v1. Fails when no entry has the type `key-manager`; aborts when there is no catalog.
    """
    scs.whole("catalog entries", catalog, services.check_key_manager)
