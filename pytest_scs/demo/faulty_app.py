# SPDX-License-Identifier: Apache-2.0
"""What embedded servers have in common as WSGI applications: faults, delays, and the log of requests."""

from __future__ import annotations

import abc
import contextlib
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from pytest_scs.demo.faults import Fault
from pytest_scs.demo.timeline import Timeline

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class FaultyState(Protocol):
    """What a state has that an application answers out of; ``latency`` is seconds."""

    latency: float
    timeline: Timeline

    @property
    def lock(self) -> contextlib.AbstractContextManager[bool]:
        """Held while a request is answered."""

    def now(self) -> datetime:
        """What the clock of the subject shows, in UTC."""

    def log(self, method: str, path: str, status: int) -> None:
        """Note a request."""

    def strike(self, method: str, path: str) -> Iterator[Fault]:
        """The faults that apply to a request."""


S = TypeVar("S", bound=FaultyState)


class NoAnswerError(ConnectionError):
    """The connection is to be closed here, whatever has been sent so far."""


class FaultyApp(abc.ABC, Generic[S]):
    """Answers requests out of a state, which may be changed at any time between two of them."""

    def __init__(self, state: S) -> None:
        self.state = state

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI entry; raises NoAnswerError where a fault wants the connection closed."""
        request = Request(environ)
        request.get_data()  # an unread body would be taken for the next request of the connection
        path = request.full_path.rstrip("?")
        time.sleep(self.state.latency)
        fault = self._strike(request.method, path)
        if fault and fault.action == "drop":
            self.state.log(request.method, path, 0)
            raise NoAnswerError
        if fault and fault.action == "late":
            self._carry_out(request, fault.seconds)
        response = self._of_fault(request, fault) if fault and fault.action != "truncate" else self.answer(request)
        if "Date" not in (fault.headers if fault else ()):
            response.headers["Date"] = http_date(self.state.now())
        self.mark(response, request)
        self.state.log(request.method, path, response.status_code)
        if fault and fault.action == "truncate":
            return _half(response(environ, start_response))
        return response(environ, start_response)

    @abc.abstractmethod
    def answer(self, request: Request) -> Response:
        """The true answer to a request."""

    @abc.abstractmethod
    def refuse(self, request: Request, fault: Fault) -> Response:
        """The answer of a fault that brings no body of its own, in the form of who is asked."""

    @abc.abstractmethod
    def mark(self, response: Response, request: Request) -> None:
        """Add the headers that every answer has."""

    def _of_fault(self, request: Request, fault: Fault) -> Response:
        if fault.action == "garbage":
            return Response(fault.body or "<html>It works!</html", headers=fault.headers, mimetype="text/html")
        if fault.body is not None:
            return Response(fault.body, fault.status, fault.headers)
        return self.refuse(request, fault)

    def _carry_out(self, request: Request, seconds: float) -> None:
        """Do what a request asks for, now or when so much time has passed; nobody sees the answer."""

        def act() -> None:
            self.answer(request)

        if not seconds:
            act()
            return
        with self.state.lock:
            self.state.timeline.later(seconds, act)

    def _strike(self, method: str, path: str) -> Fault | None:
        """Sit through the delays that apply to the request; the other fault that does, if there is one."""
        for fault in self.state.strike(method, path):
            if fault.action != "delay":
                return fault
            time.sleep(fault.seconds)
        return None


def _half(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The first half of an answer, and then no more."""
    data = b"".join(chunks)
    yield data[: len(data) // 2]
    raise NoAnswerError
