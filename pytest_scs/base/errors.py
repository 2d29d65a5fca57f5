# SPDX-License-Identifier: Apache-2.0
"""The mistakes of a user; for what keeps a testcase from being decided see core/cause.py."""

from __future__ import annotations


class InputError(Exception):
    """Bad input by the user: one line that says what is wrong, where, what is allowed and what to do (exit 4)."""
