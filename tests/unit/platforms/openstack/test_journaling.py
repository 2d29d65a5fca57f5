# SPDX-License-Identifier: Apache-2.0
"""Whose the journal of a run is, as OpenStack tells it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.journaling import account_of, own_runs, teller

RUN = "1a2b3c4d"


@pytest.fixture(autouse=True)
def _state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def account(user: str, project: str | None, domain: str | None = None) -> Client:
    """A client that is logged in so."""
    access = SimpleNamespace(user_id=user, project_id=project, domain_id=domain)
    return cast(Client, SimpleNamespace(access=lambda: access))


def test_account_is_told_by_ids_of_which_none_can_pass_for_another() -> None:
    assert account_of(account("u", "p")) == "u/p/"
    assert account_of(account("u", None, "p")) == "u//p"


@pytest.mark.parametrize("other", [account("u2", "p1"), account("u1", "p2"), account("u1", None, "p1")])
def test_own_runs_are_those_of_the_account(other: Client) -> None:
    ours = account("u1", "p1")
    Journal(RUN, "a").sign(teller(ours)).write("intent", name="x")
    Journal(RUN, "a").sign(teller(other)).write("intent", name="y")
    Journal(RUN, "a").write("intent", name="z")
    assert [[line["name"] for line in past.uncertain] for past in own_runs(ours, "a")] == [["x"]]
    assert own_runs(ours, "b") == []


def test_who_cannot_log_in_has_no_runs() -> None:
    def refuse() -> Any:
        raise Inconclusive("wrong password")

    with pytest.raises(Inconclusive, match="wrong password"):
        own_runs(cast(Client, SimpleNamespace(access=refuse)), "a")
