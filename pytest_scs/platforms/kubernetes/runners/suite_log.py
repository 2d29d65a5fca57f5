# SPDX-License-Identifier: Apache-2.0
"""The log of the e2e suite while it grows: which tests are through, and which of them failed.

The suite's own count of what is done never moves, so its log is read: with ``-v`` each test that is through is a line
``• [4.247 seconds]``. Where tests run side by side its name is on the next line; where they run one after the other the
name came before, when the test began, and comes again only after a failure.
"""

from __future__ import annotations

import re

#: ``Will run 446 of 7579 specs``.
_ANNOUNCED = re.compile(r"\s*Will run (\d{1,6}) of \d{1,6} specs\b")

#: ``• [4.247 seconds]``, ``• [FAILED] [4.247 seconds]``; ``↺ [FLAKEY TEST - TOOK 2 ATTEMPTS TO PASS] [...]``.
_THROUGH = re.compile(r"(?:•|\+|↺|R) (?:\[(?P<state>[A-Z][^\]]*)\] )?\[[\d.]+ seconds\]\s*$")

#: ``STEP: Destroying namespace "secrets-712" for this suite.``
_DESTROYED = re.compile(r'.*STEP: Destroying namespace "([a-z0-9-]{1,63})" for this suite')

_DELIMITER = re.compile(r"-{20,}\s*$")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_NAME = re.compile(r"(?:TOP-LEVEL )?(?:\[[A-Z]\w+\] )?\[sig-")

#: The labels that ginkgo writes behind a name, ``[sig-node, Conformance]``; the JUnit file leaves them out.
_LABELS = re.compile(r" (?:\[[^\[\]]*, [^\[\]]*\]|\[sig-[\w-]+\])\s*$")

#: Where in a test it failed, which ginkgo writes into its name.
_NODE = re.compile(r"(?:TOP-LEVEL )?\[(?:It|(?:Just)?(?:Before|After)(?:Each|All)|DeferCleanup \(Each\))\] ?")

#: What a state says of a test that did not fail by itself: somebody ended the suite.
_ENDED = ("INTERRUPTED", "ABORTED", "TIMEDOUT")

#: Characters of a line that are looked at; the names of tests have 250 at most.
_LONGEST = 2000


class SuiteLog:
    """Takes the lines of the log, from one thread, and may be asked by others.

    ``total``: how many tests the suite announced, None until it did. A test that is repeated counts once, with what
    became of it last. ``destroyed`` are the namespaces that tests have removed.
    """

    def __init__(self) -> None:
        self.total: int | None = None
        self.destroyed: set[str] = set()
        self._states: dict[str, str] = {}
        self._begun = ""
        self._fresh = False
        self._state: str | None = None
        self._nameless = 0

    def take(self, line: str) -> None:
        """Take one line, without its end."""
        line = _COLOURS.sub("", line[:_LONGEST])
        if self._state is not None:
            self._settle(line)
        if _DELIMITER.match(line):
            self._fresh = True
            return
        if found := _ANNOUNCED.match(line):
            self.total = int(found[1])
        elif found := _DESTROYED.match(line):
            self.destroyed.add(found[1])
        elif found := _THROUGH.match(line):
            self._state = found["state"] or ""
        elif self._fresh and line.strip():
            self._begun = _plain(line) if _NAME.match(line) else ""
        self._fresh = False

    def _settle(self, line: str) -> None:
        """Give the test that is through its name: that on this line, else that with which it began."""
        name = _plain(line) if _NAME.match(line) else self._begun
        state, self._state, self._begun = self._state or "", None, ""
        if not name:
            self._nameless += 1
            name = f"test {self._nameless} without a name"
        self._states[name] = state

    @property
    def done(self) -> int:
        """How many tests are through."""
        return len(self._states) + (self._state is not None)

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of those that failed, those that were ended from outside left out."""
        return tuple(name for name, state in list(self._states.items()) if _failed(state))


def _failed(state: str) -> bool:
    return bool(state) and not state.startswith(("FLAKEY", "SLOW", *_ENDED))


def _plain(line: str) -> str:
    """The name of a test as the JUnit file has it, without ``[It]``."""
    return _LABELS.sub("", _NODE.sub("", line.strip()))
