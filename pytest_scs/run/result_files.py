# SPDX-License-Identifier: Apache-2.0
"""Writing the files of results that programs and administrators read, each on its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pytest_scs.base.files import write_atomically
from pytest_scs.core.results import RunOutcome

_READ_BY_COLLECTORS = "the textfile collector of node_exporter reads *.prom only"


def _remark(name: str, path: Path) -> str:
    """What to say of a file that is written, and not found by those it is for."""
    if name == "metrics" and path.suffix != ".prom":
        return f" ({_READ_BY_COLLECTORS})"
    return ""


def write_result_files(paths: Mapping[str, Path], outcome: RunOutcome) -> tuple[list[str], list[str]]:
    """Write the files, each by the name of its option, on the run of ``outcome``.

    Returns a line for each file that is written, and one for each that could not be.
    """
    # Most runs write none; what makes them is loaded where it is needed.
    from pytest_scs.reports.result_files import FILES

    written: list[str] = []
    problems: list[str] = []
    if outcome.run is None:
        return written, problems
    for name, path in paths.items():
        words, render = FILES[name]
        try:
            write_atomically(path, render(outcome.run, outcome))
            written.append(f"{words}: {path}{_remark(name, path)}")
        except OSError as error:
            problems.append(f"the {words} could not be written to {path}: {error.strerror or error}")
        except Exception as error:  # a mistake of ours in one of them must not cost the others
            problems.append(f"the {words} could not be written to {path}: {type(error).__name__}: {error}")
    return written, problems
