# SPDX-License-Identifier: Apache-2.0
"""scs-0302: what a person answers about domain managers (documents: scs-0302-v1, scs-0302-w1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.scs("domain-manager-check")
def test_domain_manager_check(attestation: Callable[[], None]) -> None:
    """Domain managers MUST be able to manage their own domain, and MUST NOT be able to do anything beyond.

    Source: scs-0302-v1, conformance tests. A person has to answer. Fails when an answer does not conform; aborts when
    evidence has changed.
    """
    attestation()
