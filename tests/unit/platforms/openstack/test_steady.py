# SPDX-License-Identifier: Apache-2.0
"""Requests in a thread, while pytest sets and removes variables of the environment in another one."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest
import requests

from pytest_scs.platforms.openstack import steady


@pytest.fixture
def unrest() -> Iterator[None]:
    """Another thread that adds and removes variables all the time."""
    ended = threading.Event()

    def change() -> None:
        while not ended.is_set():
            for number in range(50):
                os.environ[f"SCS_TEST_UNREST_{number}"] = "x"
            for number in range(50):
                os.environ.pop(f"SCS_TEST_UNREST_{number}", None)

    thread = threading.Thread(target=change)
    thread.start()
    yield
    ended.set()
    thread.join()


def test_a_variable_that_vanishes_keeps_no_request_from_leaving(unrest: None) -> None:
    session = steady.make_steady(requests.Session())
    for _ in range(300):
        session.merge_environment_settings("http://127.0.0.1/", {}, None, None, None)


def test_the_environment_is_read_although_it_changes(unrest: None) -> None:
    for _ in range(300):
        assert "PATH" in steady.environment_now()


def test_a_steady_session_is_like_the_one_it_was_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    session = requests.Session()
    session.headers["X-Test"] = "1"
    made = steady.make_steady(session)
    assert made.adapters is session.adapters
    assert made.headers["X-Test"] == "1"
    assert made.merge_environment_settings("http://a.example/", {}, None, None, None)["proxies"]["http"].endswith(":9")


def test_another_mistake_is_not_hidden() -> None:
    def broken() -> None:
        raise KeyError("for ever")

    with pytest.raises(KeyError, match="for ever"):
        steady._steadily(broken)


def test_a_token_that_another_thread_dropped_is_asked_for_again() -> None:
    class Auth:
        tokens = [None, None, "token"]

        def get_access(self, session: object) -> str:
            token = self.tokens.pop(0)
            assert token is not None
            return token

    auth = Auth()
    steady.share_login(auth)
    assert auth.get_access(None) == "token"
    steady.share_login(object())
