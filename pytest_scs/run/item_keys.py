# SPDX-License-Identifier: Apache-2.0
"""What hangs on an item of pytest that judges a testcase."""

from __future__ import annotations

import pytest

from pytest_scs.core.cause import CauseKind
from pytest_scs.core.collector import Collector
from pytest_scs.core.selection import Expected
from pytest_scs.core.subject import Subject

#: What an item judges, and on whom; set for every item of the run.
expected_key = pytest.StashKey[Expected]()
subject_key = pytest.StashKey[Subject]()

#: The fixtures that a bundled testcase asks for, which no hook of a project can change.
asked_key = pytest.StashKey[tuple[str, ...]]()

#: The collector of an item, for the hooks that turn its outcome into a result.
collector_key = pytest.StashKey[Collector]()

#: Set before an item is skipped for another reason than the user's wish. No exception of our own would do: pytest shows
#: the name of its class where it shows the reason.
skip_kind_key = pytest.StashKey[CauseKind]()


def testcase_id(item: pytest.Item) -> str | None:
    """The id in the item's ``scs`` marker, None for tests that judge nothing."""
    marker = item.get_closest_marker("scs")
    return str(marker.args[0]) if marker and marker.args else None
