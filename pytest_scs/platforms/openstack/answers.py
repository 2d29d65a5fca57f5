# SPDX-License-Identifier: Apache-2.0
"""Words for answers that do not have their form: which one, and what about it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pytest_scs.base.fields import UNREADABLE, form_problem
from pytest_scs.core.cause import CauseKind, Inconclusive


@contextlib.contextmanager
def reading(request: str) -> Iterator[None]:
    """Raise Inconclusive for whatever is wrong with an answer; ``request`` names service, method and path."""
    try:
        yield
    except Inconclusive:
        raise
    except UNREADABLE as error:
        raise Inconclusive(f"{request}: {form_problem(error)}", CauseKind.MALFORMED) from None
