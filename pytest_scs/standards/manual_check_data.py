# SPDX-License-Identifier: Apache-2.0
"""The questions of the manual checks that are known, read from data/manual-checks.yaml.

They are listed in docs/attestations.md#questions.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources
from typing import Any

from pytest_scs.base import yamlfile
from pytest_scs.standards.manual_checks import ManualCheck, Question, generic_check

_FILE = "manual-checks.yaml"


def check_for(testcase: str, description: str) -> ManualCheck:
    """The questions of a manual testcase; a single generic one where none are known."""
    return known_checks().get(testcase) or generic_check(testcase, description)


@functools.cache
def known_checks() -> Mapping[str, ManualCheck]:
    """Testcase id -> its questions."""
    text = (resources.files("pytest_scs.standards") / "data" / _FILE).read_text("utf-8")
    (document,) = yamlfile.load_documents(text, _FILE)
    return {
        testcase: ManualCheck(
            tuple(_question(key, entry) for key, entry in check["questions"].items()), check.get("needed", "")
        )
        for testcase, check in document.items()
    }


def _question(key: str, entry: Mapping[str, Any]) -> Question:
    return Question(**{**entry, "key": key, "only_if": tuple((entry.get("only_if") or {}).items())})
