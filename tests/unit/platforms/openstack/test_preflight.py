# SPDX-License-Identifier: Apache-2.0
"""Whether a cloud may be judged with the credentials at hand."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.cause import CauseKind
from pytest_scs.platforms.openstack.preflight import MAX_SKEW, refusal, region_of

SECOND = dt.timedelta(seconds=1)


def refused(roles: list[str], skew: dt.timedelta | None = None, kind: CauseKind = CauseKind.PERMISSION) -> str:
    """Why the cloud is not judged, in words; asserts of which kind that is."""
    cause = refusal("mycloud", roles, skew)
    assert cause is not None
    assert cause.kind is kind
    return cause.text


@pytest.mark.parametrize("roles", [["member"], ["Member"], ["reader", "member"], ["member", "load-balancer_member"]])
def test_ordinary_members_may(roles: list[str]) -> None:
    assert refusal("mycloud", roles, None) is None


@pytest.mark.parametrize(
    ("roles", "elevated"),
    [
        (["admin"], "admin"),
        (["member", "Admin"], "admin"),
        (["MANAGER", "member"], "manager"),
        (["manager", "member", "admin"], "admin and manager"),
    ],
)
def test_elevated_rights_are_refused_whatever_else_is_there(roles: list[str], elevated: str) -> None:
    text = refused(roles)
    assert text.startswith(f"cloud mycloud: the user has the role {elevated} (roles found: {', '.join(sorted(roles))})")
    assert text.endswith("use an ordinary user with role member")


@pytest.mark.parametrize(
    ("roles", "found"), [([], "none"), (["reader"], "reader"), (["members", "administrator"], "a")]
)
def test_whoever_is_no_member_is_told_how_to_become_one(roles: list[str], found: str) -> None:
    text = refused(roles)
    assert text.startswith(
        f"cloud mycloud: the user does not have the role member in its project (roles found: {found}"
    )
    assert text.endswith("openstack role add --user USER --project PROJECT member")


@pytest.mark.parametrize("skew", [None, dt.timedelta(0), MAX_SKEW, -MAX_SKEW])
def test_clocks_may_differ_by_five_minutes(skew: dt.timedelta | None) -> None:
    assert dt.timedelta(minutes=5) == MAX_SKEW
    assert refusal("mycloud", ["member"], skew) is None


@pytest.mark.parametrize(
    ("skew", "words"),
    [
        (MAX_SKEW + SECOND, "its clock is 5 minutes ahead of this machine's"),
        (-MAX_SKEW - SECOND, "its clock is 5 minutes behind this machine's"),
        (dt.timedelta(days=-1), "its clock is 1440 minutes behind this machine's"),
    ],
)
def test_clocks_further_apart_make_dates_a_guess(skew: dt.timedelta, words: str) -> None:
    text = refused(["member"], skew, CauseKind.UNDECIDABLE)
    assert words in text
    assert text.endswith("synchronize both with NTP")


@given(st.lists(st.sampled_from(["admin", "Member", "reader", "manager"])), st.timedeltas())
def test_a_refusal_is_one_line(roles: list[str], skew: dt.timedelta) -> None:
    cause = refusal("mycloud", roles, skew)
    assert cause is None or len(cause.text.splitlines()) == 1


@pytest.mark.parametrize(
    ("configured", "regions", "chosen"),
    [
        (None, [], ""),
        (None, ["one"], "one"),
        (None, ["one", "one"], "one"),
        ("", ["one"], "one"),
        ("two", ["one", "two"], "two"),
        ("two", [], "two"),
    ],
)
def test_there_is_one_region(configured: str | None, regions: list[str], chosen: str) -> None:
    assert region_of("mycloud", configured, regions) == (chosen, "")


def test_several_regions_are_listed_if_none_is_chosen() -> None:
    assert region_of("mycloud", None, ["b", "a", "b"]) == (
        "",
        "cloud mycloud: the catalog has several regions and clouds.yaml chooses none; set region_name to one of a, b",
    )


def test_a_region_that_the_catalog_does_not_have_is_refused() -> None:
    assert region_of("mycloud", "c", ["b", "a"]) == (
        "",
        "cloud mycloud: region 'c' of clouds.yaml is not in the catalog; known: a, b",
    )
