# SPDX-License-Identifier: Apache-2.0
"""The folder examples/: what ``scs init`` writes for a cloud called mycloud.

``python tests/docs/example_files.py`` writes it anew; a test says when that is due.
"""

from __future__ import annotations

from pathlib import Path

from pytest_scs.commands.init_answers import SYSTEMS, TIMERS, Answers
from pytest_scs.commands.init_texts import files_for

FOLDER = Path(__file__).resolve().parents[2] / "examples"


def render() -> dict[str, str]:
    """File -> text, as it should be."""
    found = {}
    for name in (*SYSTEMS, *TIMERS):
        answers = Answers(
            ("iaas-v5.1",),
            {"os_cloud": ["mycloud"], "report": ["report.yaml"]},
            "report.html",
            "" if name in TIMERS else "junit.xml",
            systems=[name] if name in SYSTEMS else [],
            timers=[name] if name in TIMERS else [],
        )
        for path, text in files_for(answers, program="/usr/local/bin/scs", folder="/var/lib/scs").items():
            found[f"{name}/{path}"] = text
    return found


if __name__ == "__main__":
    for path, text in render().items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(text, "utf-8")
