# SPDX-License-Identifier: Apache-2.0
"""python tests/lowest.py FILE: the lowest versions that pyproject.toml allows, as constraints for pip."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def declared(pyproject: Path = PYPROJECT) -> Iterator[tuple[str, str]]:
    """All requirements as they stand there, each with where it stands: "", the name of an extra or ``group NAME``."""
    content = tomllib.loads(pyproject.read_text("utf-8"))
    project = content["project"]
    yield from ((line, "") for line in project["dependencies"])
    yield from ((line, extra) for extra, lines in project["optional-dependencies"].items() for line in lines)
    yield from ((line, f"group {name}") for name, lines in content["dependency-groups"].items() for line in lines)


def lowest(requirement: str) -> tuple[str, str]:
    """Name and lowest version of a requirement; raises ValueError if it has no lower bound."""
    match = re.match(r"([\w.-]+)(?:\[[\w, -]*\])?\s*>=\s*([\w.]+)", requirement)
    if match is None:
        raise ValueError(f"pyproject.toml: {requirement!r} has no lower bound; write NAME>=VERSION")
    return match[1], match[2]


def constraints() -> str:
    """One line NAME==VERSION for each requirement of the package, its extras and its tests."""
    wanted = [line for line, where in declared() if where == "group test" or not where.startswith("group ")]
    return "".join(f"{name}=={version}\n" for name, version in map(lowest, wanted))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(constraints(), "utf-8")
