# SPDX-License-Identifier: Apache-2.0
"""What ``-m`` and ``-k`` choose: markers that do not exist, and why nothing was chosen at all."""

from __future__ import annotations

import re
from collections.abc import Collection

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import did_you_mean
from pytest_scs.core.selection import Selection, known_markers, mark, outside_targets

# A name as pytest's expressions have it; what stands in parentheses behind it are a marker's arguments.
_NAME = re.compile(r"[\w:+\-.\[\]\\/]+")
_ARGUMENTS = re.compile(r"(?<=\w)\([^()]*\)")
_WORDS = frozenset(("and", "or", "not", "True", "False", "None"))


def names_in(expression: str) -> list[str]:
    """The marker names in an expression for ``-m``, each once."""
    names = _NAME.findall(_ARGUMENTS.sub("", expression))
    return list(dict.fromkeys(name for name in names if name not in _WORDS))


def check_markers(expression: str, registered: Collection[str]) -> None:
    """Raise InputError if an expression for ``-m`` names a marker that nobody knows.

    pytest takes it for one that no test has: ``not creates_ressources`` would choose everything.
    """
    if unknown := [name for name in names_in(expression) if name not in registered]:
        known = sorted({*registered, *known_markers()})
        for name in unknown:
            if name not in known:
                near = f"; did you mean {mark(name)}?" if mark(name) in known else did_you_mean(name, known)
                raise InputError(f"-m: there is no marker {name!r}{near or '; pytest --markers lists them'}")


def why_nothing(selection: Selection, expression: str, named: bool) -> str:
    """Why no testcase was chosen, and what to do, in one line.

    ``expression`` is that of ``-m``; ``named``: the user named files or tests.
    """
    labels = ", ".join(version.label for version in selection.versions)
    here = {name for entry in selection.expected.values() for name in entry.markers()}
    outside = outside_targets(selection)
    for name in names_in(expression):
        if name not in here and name in outside:
            what = "manual checks are" if name == "manual" else f"the testcases with marker {name} are"
            return f"{what} outside target {', '.join(selection.targets)}; add --scs-target=all"
    if expression:
        return f"no testcase of {labels} was chosen by -m {expression!r} and the other filters; see --scs-plan"
    if named:
        return f"the named files have no testcase of {labels}; leave them out, and the bundled testcases are judged"
    return f"no testcase of {labels} was chosen; see the options -k, --lf and --deselect"
