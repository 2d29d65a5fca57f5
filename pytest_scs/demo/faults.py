# SPDX-License-Identifier: Apache-2.0
"""How an embedded server misbehaves on purpose, and the log of what it was asked."""

from __future__ import annotations

import dataclasses
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

Action = Literal["status", "drop", "truncate", "delay", "garbage", "late"]


@dataclasses.dataclass(slots=True)
class Fault:
    """One thing that goes wrong with the requests it applies to.

    ``method`` is an HTTP method or ``*``; ``path`` a regular expression that is searched in the path with its query.
    ``action``: ``status`` answers ``status`` with ``headers`` (for example Retry-After) and ``body``, or, without a
    body, with the error document of the service concerned; ``drop`` closes the connection without an answer;
    ``late`` answers like ``status`` a request that is carried out all the same, at once or ``seconds`` later;
    ``truncate`` sends the first half of the true body and closes; ``delay`` waits ``seconds`` and then goes on as if
    nothing had been (later faults may still apply); ``garbage`` answers 200 with something that is no JSON.
    ``times``: for how many requests; None means for all.
    """

    method: str
    path: str
    action: Action = "status"
    status: int = 500
    times: int | None = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    body: str | None = None
    seconds: float = 0.0

    def concerns(self, method: str, path: str) -> bool:
        """Whether the fault applies to this request and is not used up."""
        return self.times != 0 and self.method in ("*", method) and re.search(self.path, path) is not None


class LoggedRequest(NamedTuple):
    """A request the server has seen: path with query, and the status answered; 0 if there was no answer."""

    method: str
    path: str
    status: int


def strike(faults: Sequence[Fault], lock: threading.RLock, method: str, path: str) -> Iterator[Fault]:
    """The faults that apply to a request, in order, each use counted; the last one decides the answer."""
    for fault in list(faults):
        with lock:
            if not fault.concerns(method, path):
                continue
            if fault.times is not None:
                fault.times -= 1
        yield fault
        if fault.action != "delay":
            return
