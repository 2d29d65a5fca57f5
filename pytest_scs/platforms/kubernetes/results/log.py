# SPDX-License-Identifier: Apache-2.0
"""The log of the e2e suite: how many tests were to run, which were repeated, and the versions it names."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import IO, Final

#: Bytes of a line that are looked at; without -v there is one of thousands of characters, one for each test.
MOST_LINE: Final = 4096

#: Tests that are noted as repeated; a suite has fewer.
_MOST_RETRIED: Final = 20_000

_WILL_RUN: Final = re.compile(r"Will run (\d{1,9}) of (\d{1,9}) specs")
_RETRIED: Final = re.compile(r"\[FLAKEY TEST - TOOK \d+ ATTEMPTS TO PASS\]")
_SUITE: Final = re.compile(r"e2e test version: (v[\w.+-]{1,60})")
_SERVER: Final = re.compile(r"kube-apiserver version: (v[\w.+-]{1,60})")
_COLOR: Final = re.compile(r"\x1b\[[0-9;]*m")


@dataclasses.dataclass(slots=True)
class SuiteLog:
    """What a log says: ``announced`` of ``known`` tests were to run (None: it does not say).

    ``retried`` are lines that begin with the name of a test which failed first and passed when it was repeated.
    """

    announced: int | None = None
    known: int | None = None
    retried: list[str] = dataclasses.field(default_factory=list)
    suite_version: str = ""
    server_version: str = ""


def read_log(stream: IO[bytes]) -> SuiteLog:
    """Read a log, line by line; raises what reading the stream raises."""
    log, name_follows = SuiteLog(), False
    for line in _lines(stream):
        if name_follows and len(log.retried) < _MOST_RETRIED:
            log.retried.append(line.strip())
        name_follows = bool(_RETRIED.search(line))
        if match := _WILL_RUN.search(line):
            # A log that was taken up again may say it twice.
            log.announced = max(log.announced or 0, int(match[1]))
            log.known = max(log.known or 0, int(match[2]))
        elif match := _SUITE.search(line):
            log.suite_version = match[1]
        elif match := _SERVER.search(line):
            log.server_version = match[1]
    return log


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """The lines, cut where they are very long."""
    while line := stream.readline(MOST_LINE):
        begun = line
        while line and not line.endswith(b"\n"):
            line = stream.readline(MOST_LINE)
        yield _COLOR.sub("", begun.decode("utf-8", "replace"))
