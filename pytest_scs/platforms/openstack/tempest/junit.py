# SPDX-License-Identifier: Apache-2.0
"""Results of Tempest as JUnit XML, as subunit2junitxml and its like write it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from xml.etree import ElementTree

from pytest_scs.standards.iaas.tempest_outcomes import PASSED, SKIPPED, Record, failure, one_line


class _NoDoctype(ElementTree.TreeBuilder):
    """Refuses document types: no result has one, and entities can be made to fill the memory."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ValueError("it has a document type, which no test result has")


def parse(content: bytes) -> tuple[list[Record], dt.datetime | None]:
    """The records in a JUnit file, and when it was written if it says so; raises ValueError for anything else."""
    parser = ElementTree.XMLParser(target=_NoDoctype())  # noqa: S314 (the refused document type is the danger)
    try:
        parser.feed(content)
        root = parser.close()
    except (ElementTree.ParseError, LookupError) as error:
        raise ValueError(f"it is not well-formed XML: {error}") from None
    if root.tag not in ("testsuite", "testsuites"):
        raise ValueError(f"its root element is <{root.tag}>, not <testsuites> or <testsuite>")
    return list(_records(root)), max(filter(None, map(_moment, root.iter("testsuite"))), default=None)


def _records(root: ElementTree.Element) -> Iterator[Record]:
    for case in root.iter("testcase"):
        # The writers cut an id at one of its dots, which may be one inside of the parentheses of a set-up.
        identity = ".".join(filter(None, (case.get("classname"), case.get("name"))))
        failed = case.find("failure") if case.find("failure") is not None else case.find("error")
        skipped = case.find("skipped")
        if failed is not None:
            text = failed.text or ""
            yield failure(identity, text if text.strip() else failed.get("message") or "")
        elif skipped is not None:
            yield Record(identity, SKIPPED, one_line(skipped.text or skipped.get("message") or ""))
        else:
            yield Record(identity, PASSED)


def _moment(suite: ElementTree.Element) -> dt.datetime | None:
    """The suite's time stamp, which is taken for UTC where it has no zone."""
    try:
        moment = dt.datetime.fromisoformat(suite.get("timestamp", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
