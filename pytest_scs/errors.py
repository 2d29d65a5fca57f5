# SPDX-License-Identifier: Apache-2.0
"""The two ways in which something can go wrong that is not the cloud's non-conformance."""

from __future__ import annotations


class InputError(Exception):
    """Bad input by the user: one line that says what is wrong, where, what is allowed and what to do (exit 4)."""


class Inconclusive(Exception):
    """Something that keeps a testcase from being decided: ABORT, with this text as its cause."""
