# SPDX-License-Identifier: Apache-2.0
"""What a server of the demo cloud reports when its user data asks it to measure its entropy (scs-0101).

User data is never executed. Only the token is taken from it, and the framing of the report is the guest program's own.
"""

from __future__ import annotations

import base64
import functools
import re
import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest_scs.standards.iaas
from pytest_scs.demo.openstack import bootlog

_PROGRAM = Path(pytest_scs.standards.iaas.__file__).parent / "data" / "guest_program.py"
_CALL = re.compile(r'exec "\$python" \S+ ([0-9A-Za-z]+)')

#: The report of a guest with good entropy.
HEALTHY: dict[str, Any] = {
    "entropy_avail": "256",
    "fips": [
        {
            "blocks": 1000,
            "failures": 1,
            "tests": {"monobit": 0, "poker": 0, "runs": 1, "long_run": 0, "continuous_run": 0},
        }
    ],
    "rngd": {"unit": "rngd.service", "loaded": True, "active": True},
    "processors": {"count": 1, "with_instructions": 1, "instructions": ["rdrand", "rdseed"], "model": "Demo CPU"},
    "machine": "x86_64",
    "kernel": "6.12.48",
    "distro": "debian 13",
    "hwrng": "virtio_rng.0",
    "seconds": 8.1,
    "problems": {},
}


def console(report: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], str]:
    """What makes the console text of a server that reports ``report``, for ``CloudState.console``."""
    return lambda server: bootlog.boot_log(server["name"], "".join(_copies(report, server)))


def disk(report: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], str]:
    """What makes the text that such a server writes to a labelled disk, for ``CloudState.disk``."""
    return lambda server: next(iter(_copies(report, server)), "")


def _copies(report: Mapping[str, Any], server: Mapping[str, Any]) -> list[str]:
    """The copies of the report that the guest program writes to a console; none if the server is not asked for one."""
    call = _CALL.search(base64.b64decode(server.get("user_data") or "").decode())
    if not call:
        return []
    program = _program()
    copies: list[str] = program["copies"](program["frames"](call[1], dict(report)))
    return copies


@functools.cache
def _program() -> dict[str, Any]:
    return runpy.run_path(str(_PROGRAM), run_name="guest_program")
