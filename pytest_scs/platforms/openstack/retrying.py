# SPDX-License-Identifier: Apache-2.0
"""Trying a request again where that may help, and saying what it came to (docs/standards/framework.md#retries)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Generic, TypeVar

import tenacity
from keystoneauth1 import exceptions

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack.explain import explain, kind_of

T = TypeVar("T")

#: Tries per request, with 1, 2, 4 s pause; the deadline may end them earlier.
TRIES = 4

_RETRIED_STATUS = (429, 500, 502, 503, 504)

# What was hardly carried out (see Tried.doubtful). A creation that ended in 500 or a lost connection may have been.
_RETRIED_WRITE = (429, 503)


class Refused(Inconclusive):
    """A service answered with an error status; whether that is a violation, the caller knows.

    ``doubtful``: an earlier try may have been carried out, and be the very reason of the refusal (see :class:`Tried`).
    """

    def __init__(self, text: str, status: int, kind: CauseKind | None = None, *, doubtful: bool = False) -> None:
        super().__init__(text, kind or CauseKind.of_status(status))
        self.status = status
        self.doubtful = doubtful


@dataclasses.dataclass(frozen=True, slots=True)
class Tried(Generic[T]):
    """What a request came to; ``doubtful``: it was repeated after an answer that is no proof of no effect."""

    result: T
    doubtful: bool


def tried(action: Callable[[], T], service: str, deadline: float, *, writes: bool = False) -> Tried[T]:
    """Carry out a request, up to :data:`TRIES` times; not again once ``deadline`` (seconds) is over.

    ``writes``: it must not be carried out twice. Raises Refused for an error status, and Inconclusive if there is no
    answer, both in plain words.
    """
    doubtful = False

    def note_doubt(state: tenacity.RetryCallState) -> None:
        nonlocal doubtful
        error = state.outcome.exception() if state.outcome else None
        doubtful = doubtful or getattr(error, "http_status", None) != 429

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_not_carried_out if writes else _worth_another_try),
        before_sleep=note_doubt,
        wait=pause,
        stop=tenacity.stop_after_attempt(TRIES) | tenacity.stop_before_delay(deadline),
        reraise=True,
    )
    try:
        result = retrying(lambda: _with_new_token(action))
    except exceptions.HttpError as error:
        raise Refused(explain(error, service), error.http_status, kind_of(error), doubtful=doubtful) from error
    except exceptions.ClientException as error:
        raise Inconclusive(explain(error, service), kind_of(error)) from error
    return Tried(result, doubtful)


def _worth_another_try(error: BaseException) -> bool:
    if isinstance(error, exceptions.HttpError):
        return error.http_status in _RETRIED_STATUS
    if isinstance(error, exceptions.SSLError):
        return False
    return isinstance(error, (exceptions.ConnectionError, exceptions.DiscoveryFailure))


def _not_carried_out(error: BaseException) -> bool:
    return isinstance(error, exceptions.HttpError) and error.http_status in _RETRIED_WRITE


def _with_new_token(action: Callable[[], T]) -> T:
    """Try once more what was refused for its token.

    keystoneauth renews a token that has expired, but only for the first of several threads that notice.
    """
    try:
        return action()
    except exceptions.Unauthorized as error:
        if "/auth/tokens" in (error.url or ""):
            raise  # a wrong password does not get better, and may lock the account
        return action()


def pause(state: tenacity.RetryCallState) -> float:
    """Seconds to wait: 1, 2, 4, or what the service asks for with ``Retry-After``."""
    seconds = float(2 ** (state.attempt_number - 1))
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "retry_after", None)
    return max(seconds, float(asked)) if asked else seconds
