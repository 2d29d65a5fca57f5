# SPDX-License-Identifier: Apache-2.0
"""Results of tests as JUnit XML, read piece by piece: however long a file is, little of it is in memory.

The parser is the one of Python's library. A document type is refused where it begins, before one of its entities is
known, and that is all that a package such as defusedxml would add.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import IO, Final
from xml.etree import ElementTree

#: What a test ended with, if it did not just pass; the worst one counts where a test has several.
FAILURE: Final = "failure"
ERROR: Final = "error"
SKIPPED: Final = "skipped"
_WORST_FIRST: Final = (FAILURE, ERROR, SKIPPED)

#: Characters of the text of an outcome that are kept of its beginning, and as many of its end.
MOST_TEXT: Final = 512 * 1024

#: Tests in one file; the longest suites have some ten thousand.
MOST_CASES: Final = 200_000

#: Bytes of a file; one of ten thousand tests has some megabytes.
MOST_BYTES: Final = 1024**3

_CHUNK: Final = 64 * 1024
_ROOTS: Final = ("testsuites", "testsuite")
_OUTPUTS: Final = ("system-out", "system-err")


@dataclasses.dataclass(frozen=True, slots=True)
class Suite:
    """The beginning of a suite: its attributes, such as ``timestamp`` and ``time``."""

    attributes: Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Property:
    """A property of a suite."""

    name: str
    value: str


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """One test: its attributes, and what it ended with.

    ``outcome`` is FAILURE, ERROR, SKIPPED or empty; ``message`` and ``text`` belong to it. ``sought`` tells whether the
    output of the test holds the words that were looked for.
    """

    attributes: Mapping[str, str]
    outcome: str = ""
    message: str = ""
    text: str = ""
    sought: bool = False


Event = Suite | Property | Case


def read_junit(stream: IO[bytes], sought: str = "") -> Iterator[Event]:
    """What a JUnit file says, in order; ``sought`` are words to look for in the output of each test.

    Raises ValueError, in words, where the file goes wrong: what was yielded before stood in it. Raises what reading the
    stream raises.
    """
    target = _Target(sought)
    parser = ElementTree.XMLParser(target=target)  # noqa: S314 (the refused document type is the danger)
    size = 0
    try:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > MOST_BYTES:
                raise ValueError(f"it is larger than {MOST_BYTES >> 30} GiB")
            for piece in [chunk] if target.rooted else _declarations(chunk):
                parser.feed(piece)
            yield from target.taken()
        parser.close()
    except (ElementTree.ParseError, LookupError) as error:
        yield from target.taken()
        raise ValueError(f"it is not well-formed XML: {error}") from None
    except ValueError:
        yield from target.taken()
        raise
    yield from target.taken()


def _declarations(chunk: bytes) -> Iterator[bytes]:
    """A piece of a file before its root element, cut behind each ``>``: so a document type is met before its end."""
    *first, last = chunk.split(b">")
    yield from (part + b">" for part in first)
    yield last


class _Target:
    """Gathers events from the parser, which calls its methods."""

    def __init__(self, sought: str) -> None:
        self.rooted = False
        self._events: list[Event] = []
        self._sought = sought
        self._count = 0
        self._case: _OpenCase | None = None

    def taken(self) -> list[Event]:
        """What was gathered since the last call."""
        events, self._events = self._events, []
        return events

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ValueError("it has a document type, which no test result has")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self.rooted and tag not in _ROOTS:
            raise ValueError(f"its root element is {tag[:100]!r}, not testsuites or testsuite")
        self.rooted = True
        if self._case is not None:
            self._case.start(tag, attributes)
        elif tag == "testcase":
            self._count += 1
            if self._count > MOST_CASES:
                raise ValueError(f"it holds more than {MOST_CASES} tests")
            self._case = _OpenCase(attributes, self._sought)
        elif tag == "testsuite":
            self._events.append(Suite(attributes))
        elif tag == "property":
            self._events.append(Property(attributes.get("name", ""), attributes.get("value", "")))

    def data(self, text: str) -> None:
        if self._case is not None:
            self._case.data(text)

    def end(self, tag: str) -> None:
        if self._case is None:
            return
        if tag == "testcase":
            self._events.append(self._case.made())
            self._case = None
        else:
            self._case.end()

    def close(self) -> None:
        """Nothing is built, so there is nothing to hand over."""


class _OpenCase:
    """A test whose element has not ended yet."""

    def __init__(self, attributes: dict[str, str], sought: str) -> None:
        self._attributes = attributes
        self._sought = sought
        self._found = False
        self._inside = ""
        self._outcome, self._message = "", ""
        self._text: list[str] = []
        self._length = 0
        self._before = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "testcase":
            raise ValueError("one of its tests holds another one")
        self._inside, self._before = tag, ""
        if tag in _WORST_FIRST and self._is_worse(tag):
            self._outcome, self._message = tag, attributes.get("message", "")
            self._text, self._length = [], 0
        elif tag in _WORST_FIRST:
            self._inside = ""

    def data(self, text: str) -> None:
        if self._inside in _WORST_FIRST:
            self._keep(text)
        elif self._inside in _OUTPUTS and self._sought and not self._found:
            window = self._before + text
            self._found = self._sought in window
            self._before = window[-len(self._sought) :]

    def end(self) -> None:
        self._inside = ""

    def made(self) -> Case:
        return Case(self._attributes, self._outcome, self._message, "".join(self._text), self._found)

    def _is_worse(self, tag: str) -> bool:
        return not self._outcome or _WORST_FIRST.index(tag) < _WORST_FIRST.index(self._outcome)

    def _keep(self, text: str) -> None:
        self._text.append(text)
        self._length += len(text)
        if self._length > 4 * MOST_TEXT:
            whole = "".join(self._text)
            self._text = [whole[:MOST_TEXT], whole[-MOST_TEXT:]]
            self._length = 2 * MOST_TEXT
