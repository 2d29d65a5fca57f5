# SPDX-License-Identifier: Apache-2.0
"""What tests need beside the checkout: where it is missing, they are skipped loudly, or fail where that was forbidden.

``SCS_TEST_REQUIRE`` forbids it: words of :data:`NEEDS`, as ``.ci/run`` has them.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

#: What tests may need: the official files in ../shared, a browser, a real cloud, one with real virtual machines, a real
#: cluster, time for runs of the e2e suite there, the programs shellcheck and ssh-keygen, and time for building
#: the container, and for a fleet of them on the real cluster; other plugins of pytest; systemd.
NEEDS = (
    "official",
    "browser",
    "cloud",
    "guests",
    "cluster",
    "e2e",
    "shellcheck",
    "ssh",
    "container",
    "fleet",
    "neighbours",
    "systemd",
)

#: Begins the reason of such a skip; tests/conftest.py looks for it at the end of a run.
NOT_TESTED = "NOT TESTED: "


def lacking(need: str, what: str) -> NoReturn:
    """Skip the test with a reason that the summary repeats; fail if ``SCS_TEST_REQUIRE`` names what it needs."""
    required = os.environ.get("SCS_TEST_REQUIRE", "").split()
    if unknown := {need, *required} - set(NEEDS):
        raise ValueError(f"SCS_TEST_REQUIRE: {', '.join(sorted(unknown))} is none of {', '.join(NEEDS)}")
    if need in required:
        pytest.fail(f"{what} (SCS_TEST_REQUIRE has {need!r}, so this may not be left out)", pytrace=False)
    pytest.skip(f"{NOT_TESTED}{what}")
