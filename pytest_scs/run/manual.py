# SPDX-License-Identifier: Apache-2.0
"""Judging manual testcases within a run, with or without a test function."""

from __future__ import annotations

import datetime as dt

import pytest

from pytest_scs.attestations.judging import Attested
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.collector import Collector
from pytest_scs.run.item_keys import collector_key, expected_key, skip_kind_key, subject_key
from pytest_scs.run.session import session_key


def judge_attestation(item: pytest.Item, scs: Collector) -> None:
    """Judge a manual testcase by what a person answered; skips it, which is MISS, where there is no answer."""
    session = item.config.stash[session_key]
    subject = item.stash[subject_key]
    now = dt.datetime.fromisoformat(session.inventory(subject).fetched_at)
    entry = item.stash[expected_key]
    scopes = [member.version.scope for member in entry.memberships]
    answers = Attested(entry.testcase, subject.report_name, session.attestations, now, scopes)
    if reason := answers.hand_over(scs):
        item.stash[skip_kind_key] = CauseKind.NOT_ANSWERED
        pytest.skip(reason)


def run_manual(item: pytest.Item) -> None:
    """Judge a manual testcase that has no test function, from its answers alone."""
    session = item.config.stash[session_key]
    collector = Collector(item.stash[expected_key], session.settings.judge)
    judge_attestation(item, collector)
    session.inventory(item.stash[subject_key]).admit()
    item.stash[collector_key] = collector
    collector.conclude()
