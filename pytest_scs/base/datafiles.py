# SPDX-License-Identifier: Apache-2.0
"""Data files of this package, which age, and the newer copies that a user keeps of them (``scs data refresh``).

A copy has the name of the bundled file and lies in the user's data folder; while it is there, it is read instead.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path
from typing import Final

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError

#: Names another folder for the copies; for containers, and for tests.
VARIABLE: Final = "PYTEST_SCS_DATA"

_FIRST_LINE: Final = re.compile(r"# pytest-scs data, as of (?P<day>\d{4}-\d{2}-\d{2}), from (?P<source>[^\n]*)\n")


def user_folder() -> Path:
    """The folder of the user's copies, which need not be there: ``~/.local/share/pytest-scs`` unless told otherwise."""
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser().absolute()
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return Path(data, "pytest-scs")


def current(bundled: Path) -> Path:
    """The user's copy of a bundled file if there is one, else the file itself."""
    copy = user_folder() / bundled.name
    return copy if copy.exists() else bundled


def text_of(bundled: Path, what: str) -> str:
    """What a data file says, in the user's copy if there is one; raises InputError if that cannot be read."""
    return yamlfile.read_text(current(bundled), what)


def stamped(text: str, day: dt.date, source: str) -> str:
    """The text of a copy: a comment in front says of which day it is (UTC), and where it came from."""
    return f"# pytest-scs data, as of {day}, from {' '.join(source.split())}\n{unstamped(text)}"


def unstamped(text: str) -> str:
    """A text without the comment that `stamped` puts in front."""
    match = _FIRST_LINE.match(text)
    return text[match.end() :] if match else text


def stamp_of(text: str) -> dt.date | None:
    """The day in the comment that `stamped` puts in front; None without one. Raises InputError for no day."""
    match = _FIRST_LINE.match(text)
    if match is None:
        return None
    try:
        return dt.date.fromisoformat(match["day"])
    except ValueError:
        raise InputError(f"the first line of the data file names no day: {match['day']}") from None
