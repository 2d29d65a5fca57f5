# SPDX-License-Identifier: Apache-2.0
"""Why there is no verdict: kinds that stay, and the text beside them."""

from __future__ import annotations

import pytest

from pytest_scs.core.cause import Cause, CauseKind, Inconclusive, common_kind

#: They stand in evidence files and reports that are kept: a kind may be added here, none changed.
WORDS = {
    "authentication",
    "permission",
    "outage",
    "malformed answer",
    "quota",
    "timeout",
    "missing tool",
    "not given",
    "undecidable",
    "other",
    "interrupted",
    "not answered",
    "not selected",
    "no test",
}


def test_no_kind_is_renamed() -> None:
    assert set(CauseKind) == WORDS


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, CauseKind.MALFORMED),
        (401, CauseKind.AUTHENTICATION),
        (403, CauseKind.PERMISSION),
        (404, CauseKind.MALFORMED),
        (406, CauseKind.MALFORMED),
        (408, CauseKind.TIMEOUT),
        (409, CauseKind.MALFORMED),
        (413, CauseKind.MALFORMED),
        (428, CauseKind.MALFORMED),
        (429, CauseKind.OUTAGE),
        (499, CauseKind.MALFORMED),
        (500, CauseKind.OUTAGE),
        (503, CauseKind.OUTAGE),
        (504, CauseKind.TIMEOUT),
        (599, CauseKind.OUTAGE),
    ],
)
def test_a_status_is_of_one_kind(status: int, kind: CauseKind) -> None:
    assert CauseKind.of_status(status) is kind


@pytest.mark.parametrize(
    ("name", "kind"), [("quota", CauseKind.QUOTA), ("x", CauseKind.OTHER), (None, CauseKind.OTHER)]
)
def test_a_name_nobody_knows_is_the_rest(name: str | None, kind: CauseKind) -> None:
    assert CauseKind.named(name) is kind


@pytest.mark.parametrize("kind", CauseKind)
def test_a_foreseen_exception_carries_its_kind(kind: CauseKind) -> None:
    error = Inconclusive("no verdict", kind)
    assert str(error) == "no verdict"
    assert Cause.of(error) == error.cause == Cause("no verdict", kind)


def test_without_a_kind_it_was_undecidable() -> None:
    assert Inconclusive("no date").cause == Cause("no date") == Cause("no date", CauseKind.UNDECIDABLE)


@pytest.mark.parametrize(
    ("error", "text"),
    [(KeyError("name"), "KeyError: 'name'"), (ValueError(), "ValueError"), (OSError("a\n b"), "OSError: a b")],
)
def test_an_exception_nobody_foresaw_is_the_rest(error: Exception, text: str) -> None:
    assert Cause.of(error) == Cause(text, CauseKind.OTHER)


def test_text_is_what_people_read() -> None:
    cause = Cause("the quota of alice is too small", CauseKind.QUOTA)
    assert str(cause) == "the quota of alice is too small"
    assert cause.with_kind == "the quota of alice is too small [quota]"
    assert cause.masked(lambda text: text.replace("alice", "***")) == Cause(
        "the quota of *** is too small", CauseKind.QUOTA
    )


def test_several_causes_are_of_a_kind_only_if_all_are() -> None:
    assert common_kind([CauseKind.QUOTA, CauseKind.QUOTA]) is CauseKind.QUOTA
    assert common_kind([CauseKind.QUOTA, CauseKind.OUTAGE]) is CauseKind.UNDECIDABLE
