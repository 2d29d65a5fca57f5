# SPDX-License-Identifier: Apache-2.0
"""Values of ``--scs-e2e-results``, which name a testcase and where its result is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import did_you_mean

_OPTION: Final = "--scs-e2e-results"

#: The testcases that a result can be given for.
E2E_TESTCASES: Final = ("cncf-k8s-conformance", "kaas-networking-check")


def parse_given_results(texts: Sequence[str], locate: Callable[[str], Path]) -> Mapping[str, Path]:
    """Testcase -> where its result is, of texts ``TESTCASE=PATH``; ``locate`` makes paths of what the user wrote.

    Raises InputError for another form, another testcase, and one that is named twice.
    """
    found: dict[str, Path] = {}
    for text in texts:
        testcase, equals, path = text.partition("=")
        if not equals or not path.strip():
            raise InputError(f"{_OPTION}: {text!r} is not TESTCASE=PATH; e.g. {_OPTION}={E2E_TESTCASES[0]}=DIR")
        if testcase not in E2E_TESTCASES:
            raise InputError(
                f"{_OPTION}: no result can be given for {testcase!r}{did_you_mean(testcase, E2E_TESTCASES)}; "
                f"possible are {' and '.join(E2E_TESTCASES)}"
            )
        if testcase in found:
            raise InputError(f"{_OPTION}: two results are given for {testcase}; give one of them")
        found[testcase] = locate(path)
    return found
