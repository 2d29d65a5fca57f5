# SPDX-License-Identifier: Apache-2.0
"""From the verdicts of testcases to the result of a scope, as the compliance monitor has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_scs.core.scope import OFFICIAL, Inclusion, Module, Scope, Testcase, Version
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.scorecard.aggregation import ScopeState, scope_state, worst

DAY = dt.date(2026, 11, 23)
PASS, FAIL, ABORT, MISS = Verdict.PASS, Verdict.FAIL, Verdict.ABORT, Verdict.MISS


def scope(codes: Mapping[str, str], *, targets: tuple[str, ...] = ("main",), uuid: str = OFFICIAL[0]) -> Scope:
    """A scope in which version ``v2`` demands ``v2-a`` and so on; ``codes`` in the order of the file."""
    ids = [f"{version}-{letter}" for version in codes for letter in "abc"]
    versions = {
        version: Version(
            version,
            DAY,
            [Inclusion(Module(version, version, "", {one: [f"{version}-{x}" for x in "abc"] for one in targets}), {})],
        )
        for version in codes
    }
    testcases = {one: Testcase(one, "", "", None, None, False) for one in ids}
    return Scope(Path("x.yaml"), uuid, "X", "", testcases, {}, versions, {DAY: codes})


def verdicts(**versions: str) -> dict[str, Verdict]:
    """``v2="PASS FAIL -"``: the verdicts of its three testcases."""
    return {
        f"{version}-{letter}": Verdict(word)
        for version, words in versions.items()
        for letter, word in zip("abc", words.split(), strict=True)
        if word != "-"
    }


@pytest.mark.parametrize(
    ("words", "result", "symbol"),
    [
        ("PASS PASS PASS", PASS, "✅ v2"),
        ("PASS ABORT PASS", ABORT, "✅* v2"),
        ("PASS - PASS", MISS, "🟧 v2"),
        ("PASS - ABORT", MISS, "🟧 v2"),
        ("PASS FAIL -", FAIL, "🛑 \N{EN DASH}"),
    ],
)
def test_verdict_of_a_version(words: str, result: Verdict, symbol: str) -> None:
    found = scope_state(scope({"v2": "effective"}), verdicts(v2=words), DAY)
    assert found.result is result
    assert found.text == symbol
    assert bool(found.ready) is (result is PASS)


@pytest.mark.parametrize(
    ("codes", "given", "text", "relevant"),
    [
        # Older versions are looked at only where the newer one fails.
        ({"v3": "effective", "v2": "warn"}, {"v3": "FAIL PASS PASS", "v2": "PASS PASS PASS"}, "🟧 v2†", "v3 v2"),
        ({"v3": "effective", "v2": "warn"}, {"v3": "- PASS PASS", "v2": "PASS PASS PASS"}, "🟧 v3", "v3"),
        ({"v3": "effective", "v2": "deprecated"}, {"v3": "FAIL PASS PASS", "v2": "PASS PASS PASS"}, "🛑 v2††", "v3 v2"),
        ({"v3": "draft", "v2": "effective"}, {"v3": "PASS PASS PASS", "v2": "PASS PASS PASS"}, "✅ v2", "v2"),
        ({"v3": "draft"}, {"v3": "PASS PASS PASS"}, "🛑 \N{EN DASH}", ""),
        ({"v2": "warn"}, {"v2": "PASS PASS PASS"}, "🟧 v2†", "v2"),
        ({"v3": "effective", "v2": "warn"}, {"v3": "FAIL - -", "v2": "FAIL - -"}, "🛑 \N{EN DASH}", "v3 v2"),
        ({"v3": "effective"}, {}, "🛑 \N{EN DASH}", ""),
        ({"v3": "effective"}, {"v9": "PASS PASS PASS"}, "🛑 \N{EN DASH}", ""),
    ],
)
def test_result_of_a_scope(codes: Mapping[str, str], given: Mapping[str, str], text: str, relevant: str) -> None:
    found = scope_state(scope(codes), verdicts(**given), DAY)
    assert found.text == text
    assert " ".join(one.name for one in found.relevant) == relevant


def test_with_drafts_they_are_looked_at_and_do_not_win() -> None:
    found = scope_state(
        scope({"v3": "draft", "v2": "effective"}), verdicts(v3="PASS PASS PASS", v2="PASS - PASS"), DAY, drafts=True
    )
    assert found.text == "🟧 v3*, v2"
    assert found.validity == "effective"


def test_a_target_other_than_main_does_not_decide() -> None:
    found = scope_state(scope({"v2": "effective"}, targets=("preview",)), verdicts(v2="FAIL FAIL FAIL"), DAY)
    assert found.result is PASS
    assert found.relevant[0].targets == {"preview": FAIL}


def test_an_unofficial_scope_is_never_ready_and_the_past_has_other_versions() -> None:
    uuid = "0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11"
    assert scope_state(scope({"v2": "effective"}, uuid=uuid), verdicts(v2="PASS PASS PASS"), DAY).ready == ()
    before = scope_state(scope({"v2": "effective"}), verdicts(v2="PASS PASS PASS"), DAY - dt.timedelta(1))
    assert before.result is None


def test_the_worst_member_stands_for_its_group() -> None:
    order = [ScopeState(result=one) for one in (FAIL, MISS, None, ABORT, PASS)]
    for place, state in enumerate(order):
        assert worst(list(enumerate(order))[place:][::-1]) == (place, state)
    ending = ScopeState(result=PASS, validity="warn")
    assert worst([("a", ScopeState(result=PASS, validity="effective")), ("b", ending)]) == ("b", ending)
