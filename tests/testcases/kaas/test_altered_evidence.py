# SPDX-License-Identifier: Apache-2.0
"""The evidence of a cluster that conforms, altered at every place: no testcase breaks, and none passes without it."""

from __future__ import annotations

import copy
import datetime as dt
import inspect
import json
import runpy
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.base import paths
from pytest_scs.base.fields import FormError
from pytest_scs.core.cause import Cause, Inconclusive
from pytest_scs.core.collector import Collector
from pytest_scs.core.judge import Judge
from pytest_scs.core.verdict import Verdict
from pytest_scs.demo.kubernetes.state import ClusterState
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.platforms.kubernetes.sections import DERIVED_FIXTURES, SECTIONS

LIGHT = ("-m", "not heavy and not manual", "-k", "not policy_probe")

GONE = object()
ODD = (GONE, None, 0, -1, 10**30, 1e308, "", "x", [], {}, True, False, ["x"], [None], {"x": 1})

#: What is a verdict also where there is nothing: no API of the kind is one, and no default storage class.
ABSENCE = {"scs-0219-x-admin-network-policy", "scs-0211-x-default-storage-class"}

#: What passes where nothing is there: no request is left waiting.
NOTHING_IS_FINE = {"scs-0215-x-pending-csrs"}


def _testcases() -> dict[str, Callable[..., None]]:
    found = {}
    for path in sorted((paths.TESTCASES / "kaas").glob("test_*.py")):
        # Installed they are part of the package, in a checkout of none.
        for function in runpy.run_path(str(path)).values():
            marks = [mark for mark in getattr(function, "pytestmark", ()) if mark.name == "scs"]
            if marks and "attestation" not in inspect.signature(function).parameters:
                found[marks[0].args[0]] = function
    return found


TESTCASES = _testcases()


def needs(testcase: str) -> set[str]:
    """The sections that a testcase reads."""
    found: set[str] = set()
    for name in inspect.signature(TESTCASES[testcase]).parameters:
        found |= (
            {name} if name in SECTIONS else set(DERIVED_FIXTURES[name].needs) if name in DERIVED_FIXTURES else set()
        )
    return found


def verdict(testcase: str, inventory: Inventory) -> Verdict:
    """The better one of both judges; whatever else is raised than a reason for ABORT is a fault."""
    scs = Collector(None, Judge.OFFICIAL)  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    given = {"scs": scs, "now": dt.datetime.fromisoformat(inventory.fetched_at)}
    function = TESTCASES[testcase]
    try:
        for name in inspect.signature(function).parameters:
            if name in given:
                values[name] = given[name]
            elif name in SECTIONS:
                values[name] = SECTIONS[name].typed(inventory)
            elif name in DERIVED_FIXTURES:
                values[name] = DERIVED_FIXTURES[name].make(inventory)
        function(**values)
    except Inconclusive as error:
        one_line(error)
        return Verdict.ABORT
    both = {scs.verdict(judge) for judge in Judge}
    return Verdict.PASS if Verdict.PASS in both else both.pop()


def one_line(error: Exception) -> None:
    """A cause is a line."""
    assert len(str(error).splitlines()) == 1


def altered(entries: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The entries of a section with one place changed; of long lists only the first item is looked at."""
    for path in _paths(entries):
        for odd in ODD:
            new: Any = copy.deepcopy(entries)
            place = new
            for step in path[:-1]:
                place = place[step]
            if odd is GONE:
                del place[path[-1]]
            else:
                place[path[-1]] = odd
            if all(isinstance(entry, dict) for entry in new):
                yield new


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for step, part in inner:
        yield from _paths(part, (*path, step))


def without(inventory: Inventory, names: set[str]) -> Inventory:
    """The inventory with sections that could not be read."""
    sections: Mapping[str, Any] = {name: found for name, found in inventory.sections.items() if name not in names}
    errors = inventory.errors | {name: Cause("gone") for name in names}
    return Inventory(inventory.subject, inventory.fetched_at, dict(sections), errors)


def replaced(inventory: Inventory, name: str, entries: list[dict[str, Any]]) -> Inventory:
    """The inventory with other entries of a section."""
    return Inventory(inventory.subject, inventory.fetched_at, inventory.sections | {name: entries}, inventory.errors)


@pytest.fixture
def inventory(judge_cluster: Any, cluster_state: ClusterState, pytester: pytest.Pytester) -> Inventory:
    """What is recorded of a cluster that conforms."""
    judge_cluster(cluster_state, "--scs-record=evidence.json", *LIGHT, scope="beyond-kaas")
    document = json.loads(Path(pytester.path / "evidence.json").read_text())
    return Inventory.from_plain({**document["clouds"][0], "kinds": document["cause_kinds"][0]}, "evidence")


def test_altered_evidence_breaks_no_testcase_and_proves_nothing(inventory: Inventory) -> None:
    fine = {name for name in TESTCASES if verdict(name, inventory) is Verdict.PASS}
    assert len(fine) > 30
    for name in sorted(fine):
        assert verdict(name, without(inventory, needs(name))) is Verdict.ABORT, name
        for section in needs(name):
            empty = replaced(without(inventory, needs(name) - {section}), section, [])
            found = verdict(name, empty)
            allowed = {Verdict.ABORT} | ({Verdict.FAIL} if name in ABSENCE else set())
            assert found in allowed or name in NOTHING_IS_FINE, (name, section)
    tried = 0
    for section, entries in inventory.sections.items():
        readers = [name for name in fine if section in needs(name)]
        for new in altered(entries):
            try:
                SECTIONS[section].loaded(new)
            except FormError as error:
                one_line(error)
                continue
            tried += 1
            for name in readers:
                verdict(name, replaced(inventory, section, new))
    assert tried > 200
