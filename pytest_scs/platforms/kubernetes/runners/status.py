# SPDX-License-Identifier: Apache-2.0
"""What ``sonobuoy status --json`` tells."""

from __future__ import annotations

import dataclasses
import json
import re

from pytest_scs.base.fields import Fields, FormError

#: The states of a run; a status outside of them is taken as running on.
COMPLETE = "complete"
FAILED = "failed"
RUNNING = "running"
_STATES = (RUNNING, "post-processing", COMPLETE, FAILED)

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True, slots=True)
class Status:
    """How far a run is.

    ``state`` is that of the whole run, ``plugin`` and ``result`` are those of the suite. ``total`` and ``done`` are
    counts of tests (0 where it does not say), ``failures`` names. ``size`` (bytes) and ``sha256`` are those of the
    archive, 0 and empty before there is one.
    """

    state: str
    plugin: str = ""
    result: str = ""
    total: int = 0
    done: int = 0
    failures: tuple[str, ...] = ()
    size: int = 0
    sha256: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in (COMPLETE, FAILED)


def read_status(text: str) -> Status:
    """Read the output of the command; raises FormError for anything else, also for the prose of a run that starts."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise FormError("it is no JSON") from None
    if content is None:
        raise FormError("there is no status yet")
    fields = Fields("status", content)
    state = fields.name("status")
    if state not in _STATES:
        raise FormError(f"its status is {state[:40]!r}")
    suites = [one for one in fields.each("plugins") if one.text("plugin") == "e2e"]
    suite = suites[0] if suites else Fields("status.plugins[]", {})
    progress = suite.fields("progress") if suite.has("progress") else Fields("status.plugins[].progress", {})
    archive = fields.fields("tar-info") if fields.has("tar-info") else Fields("status.tar-info", {})
    sha256 = archive.text("sha256", "")
    return Status(
        state=state,
        plugin=suite.text("status", ""),
        result=suite.text("result-status", ""),
        total=max(0, progress.whole("total", 0)),
        done=max(0, progress.whole("completed", 0)),
        failures=progress.texts("failures") if progress.has("failures") else (),
        size=max(0, archive.whole("size", 0)),
        sha256=sha256 if _SHA256.fullmatch(sha256) else "",
    )
