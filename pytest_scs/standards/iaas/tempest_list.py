# SPDX-License-Identifier: Apache-2.0
"""The list of Tempest tests that scs-0128 prescribes, and finding them again in another release of Tempest."""

from __future__ import annotations

import collections
import dataclasses
import functools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from pytest_scs.base import datafiles
from pytest_scs.base.errors import InputError

_ID = re.compile(
    r"(?P<path>[\w.]+)\[id-(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?P<attributes>(?:,\w+)*)\]"
)

_LINE = re.compile(
    r"(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) (?P<path>[\w.]+)(?: (?P<attributes>\w+(?:,\w+)*))?"
)

#: The bundled list.
FILE = Path(__file__).parent / "data" / "tempest_tests.txt"


@dataclasses.dataclass(frozen=True, slots=True)
class ListedTest:
    """One test of the list. ``path`` is the dotted path at the time of the list, ``uuid`` what stays for ever."""

    uuid: str
    path: str
    attributes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id as Tempest writes it, with UUID and attributes in brackets."""
        return f"{self.path}[{','.join((f'id-{self.uuid}', *self.attributes))}]"


@functools.cache
def listed_tests() -> tuple[ListedTest, ...]:
    """The 258 tests of scs-0128-v1 (docs/standards/scs-0128.md#list), in the order of the list.

    Those of the user's newer copy, if there is one; raises InputError for a damaged one.
    """
    return parse_list(datafiles.text_of(FILE, "list of Tempest tests"))


def parse_list(text: str) -> tuple[ListedTest, ...]:
    """The tests in a list of ours, each a line of UUID, path, attributes; raises InputError for another line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            match = _LINE.fullmatch(line.strip())
            if not match:
                raise InputError(f"the list of Tempest tests, line {number}: expected UUID, path and attributes")
            attributes = match["attributes"]
            found.append(ListedTest(match["uuid"], match["path"], tuple(attributes.split(",")) if attributes else ()))
    if not found:
        raise InputError("the list of Tempest tests is empty")
    return tuple(found)


def parse_id(text: str) -> ListedTest | None:
    """What an id of Tempest says; None for a test without a UUID."""
    match = _ID.fullmatch(text.strip())
    if not match:
        return None
    return ListedTest(match["uuid"], match["path"], tuple(match["attributes"].split(",")[1:]))


def resolve(ids: Iterable[str], listed: Iterable[ListedTest] | None = None) -> dict[str, str]:
    """Listed UUID -> the one of ``ids`` that is this test; a test that is not among them is not in the answer.

    Tempest's UUIDs name test methods, and a class that inherits a method inherits its UUID: the same test for IPv6 has
    it, too. So the class decides among several, and where it does not, the test counts as unknown: a guess could judge
    another test than the prescribed one. An id without a UUID is the test if its whole path is the listed one.
    """
    by_uuid: dict[str, set[str]] = collections.defaultdict(set)
    by_path: dict[str, str] = {}
    for text in ids:
        parsed = parse_id(text)
        if parsed:
            by_uuid[parsed.uuid].add(text)
        else:
            by_path[text] = text
    found = {}
    for test in listed_tests() if listed is None else listed:
        candidates = _nearest(test, by_uuid.get(test.uuid, set()))
        if len(candidates) == 1:
            found[test.uuid] = candidates.pop()
        elif not candidates and test.path in by_path:
            found[test.uuid] = by_path[test.path]
    return found


def class_of(text: str) -> str:
    """The dotted path of the class a test id belongs to."""
    return text.partition("[")[0].rpartition(".")[0]


def short(text: str) -> str:
    """Class and method of a test id, for lines that people read."""
    return ".".join(text.partition("[")[0].split(".")[-2:])


def unlisted(resolved: Mapping[str, str]) -> list[ListedTest]:
    """The listed tests that :func:`resolve` did not find."""
    return [test for test in listed_tests() if test.uuid not in resolved]


def _nearest(test: ListedTest, candidates: set[str]) -> set[str]:
    """Of several tests with one UUID those whose path agrees best with the listed one: whole, class, or method."""
    for parts in (len(test.path.split(".")), 2, 1):
        tail = test.path.split(".")[-parts:]
        if near := {text for text in candidates if text.partition("[")[0].split(".")[-parts:] == tail}:
            return near
    return set(candidates)
