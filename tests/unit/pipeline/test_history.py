# SPDX-License-Identifier: Apache-2.0
"""What each report changed, with the lifetimes and scope versions of its day."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from pathlib import Path

from stored_reports import CHECKED, IAAS, stored

from pytest_scs.core.selection import known_scopes
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.changes.history import Moment, changes_told, histories, numbers_told, state_told
from pytest_scs.pipeline.report_store import StoredReport

SCOPES = known_scopes()
MAIN = SCOPES[IAAS].versions["v5.1"].targets()["main"]
SYNTAX = "scs-0100-syntax-check"


def of(*reports: StoredReport) -> list[Moment]:
    return histories(reports, SCOPES)["prod1", IAAS]


def test_each_report_with_the_result_of_its_day() -> None:
    reports = [
        stored(dict.fromkeys(MAIN, "PASS")),
        stored({SYNTAX: "FAIL"}, checked_at=CHECKED + dt.timedelta(days=1)),
        stored({SYNTAX: "PASS"}, checked_at=CHECKED + dt.timedelta(days=2)),
        # All but this one have expired by then.
        stored({SYNTAX: "PASS"}, checked_at=CHECKED + dt.timedelta(days=40)),
    ]
    random.Random(1).shuffle(reports)
    moments = of(*reports)
    assert [state_told(one) for one in moments] == [
        "✅ v5.1 PASS", "🛑 \N{EN DASH} FAIL", "✅ v5.1 PASS", "🟧 v5.1 MISS",
    ]  # fmt: skip
    assert [numbers_told(one) for one in moments] == [f"{len(MAIN)} PASS", "1 FAIL", "1 PASS", "1 PASS"]
    assert changes_told(moments[0]) == []
    assert changes_told(moments[1]) == [f"PASS -> FAIL: {SYNTAX}"]
    assert changes_told(moments[2]) == [f"FAIL -> PASS: {SYNTAX}"]
    assert len(moments[3].changes) == len(MAIN) - 1
    assert set(moments[3].changes.values()) == {(Verdict.PASS, Verdict.MISS)}
    assert changes_told(moments[3])[0].endswith(f"and {len(MAIN) - 1 - 5} more")


def test_the_versions_of_then_are_looked_at() -> None:
    v4 = SCOPES[IAAS].versions["v4"].targets()["main"]
    [moment] = of(stored(dict.fromkeys(v4, "PASS"), checked_at=dt.datetime(2025, 3, 1)))
    assert moment.state is not None
    assert next((one.name, one.code) for one in moment.state.relevant) == ("v5.1", "effective")
    assert "v4" in [one.name for one in moment.state.listed]
    [early] = of(stored(dict.fromkeys(v4, "PASS"), checked_at=dt.datetime(2024, 1, 1)))
    assert early.state is not None
    assert early.state.listed == ()


def test_signatures_are_told_apart(tmp_path: Path) -> None:
    report = dataclasses.replace(stored({SYNTAX: "PASS"}), path=tmp_path / "r.yaml")
    [moment] = of(report)
    assert moment.signed == "not signed"
    report.signature.write_text("-----BEGIN SSH SIGNATURE-----\nx\n-----END SSH SIGNATURE-----\n")
    assert moment.signed.startswith("signature unreadable")


def test_an_unknown_scope_has_a_history_without_a_result() -> None:
    moments = histories(
        [stored({"a": "PASS"}, scope="x"), stored({"a": "FAIL"}, scope="x", checked_at=CHECKED.max)], {}
    )
    assert [state_told(one) for one in moments["prod1", "x"]] == ["unknown scope", "unknown scope"]
    assert changes_told(moments["prod1", "x"][1]) == ["PASS -> FAIL: a"]
