# SPDX-License-Identifier: Apache-2.0
"""Mistakes of the user in the form that pytest shows as one line (exit 4)."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_scs.base.errors import InputError


def usage_errors(function: Any, *args: Any, **options: Any) -> Any:
    """What ``function(*args, **options)`` returns; raises pytest.UsageError in place of InputError."""
    try:
        return function(*args, **options)
    except InputError as error:
        raise pytest.UsageError(str(error)) from None
