# SPDX-License-Identifier: Apache-2.0
"""Trying a request again where that may help, and saying what it came to (docs/standards/framework.md#retries)."""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import requests
import tenacity
import urllib3
from keystoneauth1 import exceptions

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack import bounds
from pytest_scs.platforms.openstack.clock import pause_asked_for
from pytest_scs.platforms.openstack.explain import chain_of, explain, in_discovery, kind_of, unreadable
from pytest_scs.platforms.openstack.receiving import asked, changing, note_asked
from pytest_scs.platforms.openstack.steady import LoginWantsTokenError
from pytest_scs.platforms.openstack.token import at_login

T = TypeVar("T")

#: Tries per request, with 1, 2, 4 s pause; the deadline may end them earlier.
TRIES = 4

_NOT_ASKED = "cannot be asked: its entry in the catalog has an address that is no URL of HTTP; correct the catalog"

_RETRIED_STATUS = (429, 500, 502, 503, 504)

# What libraries raise where nothing can have been sent.
_NO_CONNECTION = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    requests.exceptions.InvalidURL,
)

# What was hardly carried out (see Tried.doubtful). A creation that ended in 500 or a lost connection may have been.
_RETRIED_WRITE = (429, 503)


#: Refusals that do not say that nothing was carried out (docs/standards/framework.md#what-a-probe-creates).
_VAGUE = (408, 409, 423, 425, 429)


# What Keystone answers to a wrong password, and to a token that has expired, in its older and newer releases.
_NO_LOGIN = (400, 401, 404)


def is_definite(status: int) -> bool:
    """Whether an error status, answered to the only attempt, says that nothing came of a request and nothing will."""
    return status == 501 or (400 <= status < 500 and status not in _VAGUE)


class Refused(Inconclusive):
    """A service answered with an error status; whether that is a violation, the caller knows.

    ``doubtful``: an earlier try may have been carried out, and be the very reason of the refusal (see :class:`Tried`).
    """

    def __init__(self, text: str, status: int, kind: CauseKind | None = None, *, doubtful: bool = False) -> None:
        super().__init__(text, kind or CauseKind.of_status(status))
        self.status = status
        self.doubtful = doubtful

    @property
    def definite(self) -> bool:
        """Whether a creation that was refused so has made nothing."""
        return is_definite(self.status) and not self.doubtful


class LoginRefused(Inconclusive):
    """A login, mostly one that renews a token, was answered with an error status.

    That is no answer of the service which was asked: its 404 says of nothing that it is gone, its 403 of no user that
    he lacks a permission there.
    """

    def __init__(self, error: exceptions.HttpError, *, doubtful: bool = False) -> None:
        self.status = error.http_status
        words = ": the login was refused" if self.status in _NO_LOGIN else ""
        kind = CauseKind.AUTHENTICATION if self.status in _NO_LOGIN else kind_of(error)
        super().__init__(f"{explain(error, 'identity')}{words}", kind)
        #: Whether a creation for which it was needed has made nothing.
        self.definite = not doubtful

    @property
    def for_good(self) -> bool:
        """Whether another try would come to the same, and may lock the account."""
        return self.kind in (CauseKind.AUTHENTICATION, CauseKind.PERMISSION)


class NotSent(Inconclusive):
    """A change was never asked for: there was no connection, or what has to be known before it was not.

    What has to be known are the versions of a service, for example.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class Tried(Generic[T]):
    """What a request came to; ``doubtful``: it was repeated after an answer that is no proof of no effect."""

    result: T
    doubtful: bool


_repeated: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("repeated", default=None)


@contextlib.contextmanager
def repeats() -> Iterator[list[str]]:
    """Within it, this thread's requests that are tried again are noted: the list gets a word for each fault."""
    found: list[str] = []
    token = _repeated.set(found)
    try:
        yield found
    finally:
        _repeated.reset(token)


def tried(action: Callable[[], T], service: str, deadline: float, *, writes: bool = False) -> Tried[T]:
    """Carry out a request, up to :data:`TRIES` times; not again once ``deadline`` (seconds) is over.

    ``writes``: it must not be carried out twice. Raises Refused for an error status, LoginRefused for one of a login
    that it takes, and Inconclusive if there is no answer that can be used, whatever is wrong with it, in plain words.
    """
    doubtful = False
    limit = bounds.current()
    note_asked("")  # what fails before anything is sent has nothing to do with the request before

    def note_doubt(state: tenacity.RetryCallState) -> None:
        nonlocal doubtful
        error = state.outcome.exception() if state.outcome else None
        doubtful = doubtful or getattr(error, "http_status", None) != 429
        if (noted := _repeated.get()) is not None:
            noted.append(str(getattr(error, "http_status", None) or "no answer"))

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_not_carried_out if writes else _worth_another_try),
        before_sleep=note_doubt,
        wait=pause,
        stop=tenacity.stop_after_attempt(TRIES) | tenacity.stop_before_delay(max(0.0, min(deadline, limit.left))),
        reraise=True,
    )
    try:
        result = retrying(lambda: _with_new_token(action))
    except exceptions.HttpError as error:
        if at_login(error):
            raise LoginRefused(error, doubtful=doubtful) from error
        raise Refused(explain(error, service), error.http_status, kind_of(error), doubtful=doubtful) from error
    except exceptions.ClientException as error:
        unsent = writes and not doubtful and not _connected(error)
        raise (NotSent if unsent else _unanswered(writes))(explain(error, service), kind_of(error)) from error
    except Inconclusive:
        raise
    except Exception as error:  # what libraries raise where an answer, or an address, is like none they know
        raise _unanswered(writes)(f"the {service} service {_unforeseen(error)}", kind_of(error)) from error
    return Tried(result, doubtful)


def _unanswered(writes: bool) -> type[Inconclusive]:
    """What it is that there is no answer: to a change that has left, or before it could."""
    return NotSent if writes and not changing() else Inconclusive


def _connected(error: BaseException) -> bool:
    """Whether there was a connection by which a request can have left: its name was resolved, and somebody answered."""
    return not any(isinstance(one, _NO_CONNECTION) for one in chain_of(error))


def _unforeseen(error: Exception) -> str:
    """What a service did that libraries do not foresee, in words that go on after its name."""
    if in_discovery(error):
        return f"gives no usable list of its versions{f' (GET {path})' if (path := asked().partition(' ')[2]) else ''}"
    return f"answered {asked()} {unreadable(error)}" if asked() else _NOT_ASKED


def _worth_another_try(error: BaseException) -> bool:
    if isinstance(error, exceptions.HttpError):
        return error.http_status in _RETRIED_STATUS
    if isinstance(error.__context__, LoginWantsTokenError):
        return False
    if isinstance(error, exceptions.DiscoveryFailure):
        # It says nothing by itself: TLS that is not trusted, or an address of something else, stays so.
        behind = [one for one in chain_of(error) if isinstance(one, exceptions.ClientException)]
        return bool(behind) and _worth_another_try(behind[0])
    return isinstance(error, exceptions.ConnectionError) and not isinstance(error, exceptions.SSLError)


def _not_carried_out(error: BaseException) -> bool:
    return isinstance(error, exceptions.HttpError) and error.http_status in _RETRIED_WRITE


def _with_new_token(action: Callable[[], T]) -> T:
    """Try once more what was refused for its token.

    keystoneauth renews a token that has expired, but only for the first of several threads that notice.
    """
    try:
        return action()
    except exceptions.Unauthorized as error:
        if at_login(error):
            raise  # a wrong password does not get better, and may lock the account
        return action()


def pause(state: tenacity.RetryCallState) -> float:
    """Seconds to wait: 1, 2, 4, or what the service asks for with ``Retry-After``."""
    seconds = float(2 ** (state.attempt_number - 1))
    error = state.outcome.exception() if state.outcome else None
    response = getattr(error, "response", None)
    return max(seconds, pause_asked_for(response.headers.get("Retry-After"))) if response is not None else seconds
