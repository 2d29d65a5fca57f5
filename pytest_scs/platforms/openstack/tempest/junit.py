# SPDX-License-Identifier: Apache-2.0
"""Results of Tempest as JUnit XML, as subunit2junitxml and its like write it."""

from __future__ import annotations

import datetime as dt
import io

from pytest_scs.evidence.junit_reading import SKIPPED as LEFT_OUT
from pytest_scs.evidence.junit_reading import Case, Suite, read_junit
from pytest_scs.standards.iaas.tempest_outcomes import PASSED, SKIPPED, Record, failure, one_line


def parse(content: bytes) -> tuple[list[Record], dt.datetime | None]:
    """The records in a JUnit file, and when it was written if it says so; raises ValueError for anything else."""
    events = list(read_junit(io.BytesIO(content)))
    moments = (_moment(event) for event in events if isinstance(event, Suite))
    records = [_record(event) for event in events if isinstance(event, Case)]
    return records, max(filter(None, moments), default=None)


def _record(case: Case) -> Record:
    # The writers cut an id at one of its dots, which may be one inside of the parentheses of a set-up.
    identity = ".".join(filter(None, (case.attributes.get("classname"), case.attributes.get("name"))))
    if not case.outcome:
        return Record(identity, PASSED)
    if case.outcome == LEFT_OUT:
        return Record(identity, SKIPPED, one_line(case.text or case.message))
    return failure(identity, case.text if case.text.strip() else case.message)


def _moment(suite: Suite) -> dt.datetime | None:
    """The suite's time stamp, which is taken for UTC where it has no zone."""
    try:
        moment = dt.datetime.fromisoformat(suite.attributes.get("timestamp", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
