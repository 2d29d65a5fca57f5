# SPDX-License-Identifier: Apache-2.0
"""All data files of this package that age, whatever they are about; ``scs data`` lists and refreshes them.

Another kind of data is one more entry of `DATA`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from pytest_scs.core.scope import Scope
from pytest_scs.standards.datum import Datum
from pytest_scs.standards.iaas.bundled_data import DATA as IAAS
from pytest_scs.standards.kaas import e2e_exceptions
from pytest_scs.standards.kaas.bundled_data import DATA as KAAS

#: Every data file, in the order in which they are shown.
DATA: Final[Sequence[Datum]] = (*IAAS, *KAAS, e2e_exceptions.DATUM)

#: A scope file older than this many days on the day of a run is worth a remark.
OLD: Final = 90

#: By the name of a scope: version that was announced -> since when it is to be in force; no remark once a file has it.
_ANNOUNCED: Final = {"SCS-compatible IaaS": {"v6": "October 2026"}}


def days() -> dict[str, str]:
    """Name -> day of every data file, in ISO format, as they are read now; raises InputError for a damaged copy."""
    return {datum.name: datum.day.isoformat() for datum in DATA}


def check_copies() -> None:
    """Raise InputError for a damaged copy of the user's, before a run spends time."""
    for datum in DATA:
        if datum.copied:
            datum.day  # noqa: B018 - reading it is the check


def notices(scope: Scope, date: dt.date) -> list[str]:
    """What a run of this day has to say of a scope file of ours: that it is old, that it is not official.

    Source: docs/standards/framework.md#age-of-data. No verdict depends on it.
    """
    datum = next((one for one in DATA if one.path == scope.path), None)
    if datum is None:
        return []
    found = [f"{scope.name}: {datum.note}"] if datum.note else []
    age = (date - datum.day).days
    if scope.official and age > OLD:
        announced = [
            f"{version} was announced for {since}"
            for version, since in _ANNOUNCED.get(scope.name, {}).items()
            if version not in scope.versions
        ]
        words = [f"official scope file as of {datum.day}, {age} days old", *announced]
        found.append("; ".join([*words, "--scs-scope=FILE takes a newer one, scs data refresh fetches it"]))
    return found


def copies() -> list[str]:
    """The user's copies that are read instead of bundled files: file and day."""
    return [f"{datum.path} (as of {datum.day})" for datum in DATA if datum.copied]
