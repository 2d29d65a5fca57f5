# SPDX-License-Identifier: Apache-2.0
"""The end of the probes of a subject."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from pytest_scs.base.redact import Redactor
from pytest_scs.core.subject import Subject
from pytest_scs.evidence import progress
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.limit import Limit
from pytest_scs.evidence.probes import Probes
from pytest_scs.evidence.section import Section, single


def test_who_waits_for_the_end_hears_of_probes_that_are_judged_but_not_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "PERIOD", 0)
    through = threading.Event()

    def probe(tell: Any) -> dict[str, Any]:
        tell({"found": 1})
        through.wait()
        return {}

    section: Section[Any] = Section(name="disk", words="a disk", summary="A disk.", load=single(dict), probe=probe)
    redact = Redactor()
    redact.add(["hunter2-of-the-cloud"])
    probes = Probes({"disk": section}, redact, "cloud hunter2-of-the-cloud")
    inventory = Inventory(Subject("openstack", "demo"), "")
    inventory.pending = ["disk"]
    probes.start(inventory, lambda name, tell: tell, lambda name: None)
    probes.wait_for("disk", lambda: None)
    said: list[str] = []
    (line,) = probes.end(Limit.of(1.2), said.append, "scs cleanup")
    through.set()
    assert "a disk did not stop" in line
    assert line.endswith("see: scs cleanup")
    assert said
    assert all(": disk: " in one and "hunter2" not in one for one in said)
