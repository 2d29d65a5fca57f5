# SPDX-License-Identifier: Apache-2.0
"""The two ways in which something can go wrong that is not the cloud's non-conformance."""

from __future__ import annotations

from pytest_scs.core.cause import Inconclusive as Inconclusive


class InputError(Exception):
    """Bad input by the user: one line that says what is wrong, where, what is allowed and what to do (exit 4)."""
