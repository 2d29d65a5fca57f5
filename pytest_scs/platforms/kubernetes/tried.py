# SPDX-License-Identifier: Apache-2.0
"""Requests that are tried without effect: what the API server would have done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes.client import Answer, Refused

#: Statuses that say something of the request; with others it was not looked at.
_ANSWERS = (400, 403, 404, 409, 422)


def tried(
    request: Callable[[], Answer], lacking: tuple[str, ...], is_it: Callable[[Mapping[str, Any]], bool]
) -> dict[str, Any]:
    """``status`` and ``message`` of a dry run.

    ``is_it`` tells whether an object of the API is what was sent, with that in it which is to be refused: something in
    between may answer for the API server, or change what it gets.
    ``lacking`` are words of a refusal (403) which say that we have not the right to try it. Raises Inconclusive for
    these, and for whatever keeps the request from being looked at.
    """
    try:
        answer = request()
        if not is_it(answer.mapping):
            raise Inconclusive("what the API server would have stored is not what was sent", CauseKind.MALFORMED)
        return {"status": answer.status, "message": ""}
    except Refused as error:
        if error.status == 403 and any(words in error.message for words in lacking):
            raise Inconclusive(f"it may not be tried: {error.message}", CauseKind.PERMISSION) from None
        if error.status not in _ANSWERS:
            raise
        return {"status": error.status, "message": error.message or error.reason}
