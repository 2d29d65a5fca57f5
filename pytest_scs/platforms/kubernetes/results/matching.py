# SPDX-License-Identifier: Apache-2.0
"""Whether the expressions of a user's list of exceptions come to an end: some take longer than any run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from pytest_scs.base.words import cut, printable
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.standards.kaas.e2e_exceptions import ExcusedTest

#: Seconds that all expressions may take for all names; usual ones take some milliseconds.
SECONDS: Final = 20.0

# An expression cannot be stopped where it is searched, so it is tried where it can. It says which one is next.
_TRY: Final = """
import json, re, sys
regexes, names = json.load(sys.stdin)
for number, regex in enumerate(regexes):
    print(number, flush=True)
    for name in names:
        re.search(regex, name)
"""


def check_time(entries: Sequence[ExcusedTest], names: Sequence[str], seconds: float = SECONDS) -> None:
    """Raise Inconclusive, naming the entry, if searching the names for the expressions takes longer than that."""
    if not entries or not names:
        return
    asked = json.dumps([[entry.regex for entry in entries], names])
    try:
        subprocess.run(  # noqa: S603 - our own program, without a shell
            [sys.executable, "-I", "-S", "-c", _TRY], input=asked.encode(), capture_output=True, timeout=seconds
        )
    except subprocess.TimeoutExpired as error:
        numbers = (error.stdout or b"").split()
        regex = entries[int(numbers[-1])].regex if numbers else entries[0].regex
        raise Inconclusive(
            f"--scs-okfail: the regex {cut(printable(regex), 100)!r} takes more than {seconds:g} s for the names of "
            f"{len(names)} failed tests: write it without repetitions in repetitions",
            CauseKind.NOT_GIVEN,
        ) from None
    except OSError:
        return  # no process to be had: the expressions are searched as they are
