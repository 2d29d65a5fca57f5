# SPDX-License-Identifier: Apache-2.0
"""Metrics of a folder of reports, in the form of those of a run (docs/reference/metrics.md).

They have the label ``scope``, and none for the platform, of which reports do not speak: so a collector may read them
beside those of runs, and no series is there twice. Gauges only, no timestamps; see reports/machines/metrics.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_scs.core.scope import standard_of
from pytest_scs.core.verdict import MONITOR_ORDER
from pytest_scs.pipeline.scorecard.scorecard import CardEntry, Fleet, ScoreCard
from pytest_scs.reports.machines.metrics import TOLD_BY_BOTH, Family, text_of, unix_time, verdict_states


def render(fleet: Fleet) -> str:
    """The metrics of all score cards as text."""
    cards = [card for card in fleet.cards.values() if card.scope]
    families = [*_of_cards(fleet, cards), *_of_versions(cards), *_of_testcases(fleet, cards)]
    return text_of(families)


def _labels(card: ScoreCard) -> dict[str, str]:
    return {"subject": card.subject, "scope": card.name}


def _of_cards(fleet: Fleet, cards: Iterable[ScoreCard]) -> Iterator[Family]:
    known = [(_labels(card), card) for card in cards]
    yield Family(
        "scs_scope_verdict",
        "Result of a subject in a scope by the rule of the compliance monitor: 1 for the one it has, 0 for the others; "
        "all 0 where no result counts.",
        [sample for labels, card in known for sample in verdict_states(labels, card.state.result)],
    )
    yield Family(
        "scs_scope_newest_report_timestamp_seconds",
        "When the newest report on the subject and scope was made, in Unix time.",
        [(labels, unix_time(max(one.document.checked_at for one in card.reports))) for labels, card in known],
    )
    yield Family(
        "scs_scope_reports",
        "Number of reports on the subject and scope in the folder.",
        [(labels, len(card.reports)) for labels, card in known],
    )
    yield Family(
        "scs_scope_due_testcases",
        "Number of testcases that have to be performed now.",
        [(labels, sum(_is_due(one) for one in card.known if one.awaited)) for labels, card in known],
    )
    yield Family(
        "scs_scope_overdue_testcases",
        "Number of testcases that should have been performed already.",
        [(labels, sum(one.overdue for one in card.known)) for labels, card in known],
    )
    yield Family(
        "scs_scorecard_timestamp_seconds",
        "When the reports of the folder were merged, in Unix time.",
        [(labels, unix_time(fleet.now)) for labels, _ in known],
    )


def _of_versions(cards: Iterable[ScoreCard]) -> Iterator[Family]:
    known = [
        (_labels(card) | {"version": one.name, "target": "main"}, one, card)
        for card in cards
        for one in card.state.listed
    ]
    yield Family(
        "scs_version_verdict",
        TOLD_BY_BOTH["scs_version_verdict"],
        [sample for labels, one, _ in known for sample in verdict_states(labels, one.verdict)],
    )
    yield Family(
        "scs_version_testcases",
        TOLD_BY_BOTH["scs_version_testcases"],
        [
            (labels | {"verdict": str(verdict)}, one.numbers[verdict])
            for labels, one, _ in known
            for verdict in MONITOR_ORDER
        ],
    )
    yield Family(
        "scs_version_ready_to_certify",
        TOLD_BY_BOTH["scs_version_ready_to_certify"],
        [
            (labels, float(one in card.state.ready))
            for labels, one, card in known
            if card.state.official and one.code in ("effective", "warn")
        ],
    )


def _of_testcases(fleet: Fleet, cards: Iterable[ScoreCard]) -> Iterator[Family]:
    known = [
        (_labels(card) | {"standard": _standard(entry), "testcase": entry.testcase}, entry)
        for card in cards
        for entry in card.known
        if entry.awaited or entry.newest
    ]
    yield Family(
        "scs_testcase_verdict",
        TOLD_BY_BOTH["scs_testcase_verdict"],
        [sample for labels, entry in known for sample in verdict_states(labels, entry.verdict)],
    )
    yield Family(
        "scs_testcase_expiry_timestamp_seconds",
        TOLD_BY_BOTH["scs_testcase_expiry_timestamp_seconds"],
        [(labels, unix_time(entry.expires_at)) for labels, entry in known if entry.expires_at],
    )
    yield Family(
        "scs_testcase_due",
        "Whether a testcase has to be performed now (1) or not (0).",
        [(labels, float(_is_due(entry))) for labels, entry in known if entry.due],
    )
    yield Family(
        "scs_testcase_due_timestamp_seconds",
        TOLD_BY_BOTH["scs_testcase_due_timestamp_seconds"],
        [(labels, unix_time(entry.due.due_at or fleet.now)) for labels, entry in known if entry.due],
    )


def _standard(entry: CardEntry) -> str:
    number = standard_of(entry.declared, ()) if entry.declared else None
    return f"scs-{number}" if number else "other"


def _is_due(entry: CardEntry) -> bool:
    return entry.due is not None and entry.due.due
