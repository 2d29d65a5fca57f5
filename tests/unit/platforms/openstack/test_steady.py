# SPDX-License-Identifier: Apache-2.0
"""What threads share: a login, and an environment that is read once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from keystoneauth1 import exceptions

from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.platforms.openstack import steady
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.surroundings import Surroundings
from pytest_scs.platforms.openstack.transport import guarded


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The threads that look anything up in the environment."""
    found: list[str] = []
    kind = type(os.environ)
    real, walk = kind.__getitem__, kind.__iter__

    def look(self: Any, key: str) -> str:
        # urllib3 looks for one variable of its own where TLS is used; one look-up of one key is safe.
        found.append(threading.current_thread().name)
        return str(real(self, key))

    def walk_through(self: Any) -> Iterator[str]:
        found.append(threading.current_thread().name)
        return iter(walk(self))

    monkeypatch.setattr(kind, "__getitem__", look)
    monkeypatch.setattr(kind, "__iter__", walk_through)
    return found


def in_thread(function: Callable[[], Any]) -> None:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            function()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="probe")
    thread.start()
    thread.join()
    assert failed == []


def test_no_thread_looks_anything_up_in_the_environment(
    client: Client, state: CloudState, looked_up: list[str]
) -> None:
    def probe() -> None:
        client.access()
        client.get("compute", "/os-availability-zone")
        client.post("block-storage", "/volumes", {"volume": {"size": 1}})
        client.another(client.region.get_auth(), "RegionOne").get("block-storage", "/types")
        client.anonymous(client.endpoint("object-store"))

    in_thread(probe)
    assert "probe" not in looked_up
    assert len(state.volumes) == 1


def test_the_environment_is_asked_when_a_client_is_made(monkeypatch: pytest.MonkeyPatch, looked_up: list[str]) -> None:
    Surroundings.now()
    assert "MainThread" in looked_up


@pytest.mark.parametrize(
    ("direct", "url", "proxied"),
    [
        ("", "http://a.example/x", True),
        ("a.example", "http://a.example/x", False),
        ("a.example", "http://A.Example:8774/x", False),
        ("a.example", "http://b.a.example/x", False),
        (".a.example", "http://b.a.example/x", False),
        ("a.example", "http://ba.example/x", True),
        ("a.example:8774", "http://a.example:8774/x", False),
        ("a.example:8774", "http://a.example/x", True),
        ("b.example, a.example", "http://a.example/x", False),
        ("*", "http://a.example/x", False),
        ("10.0.0.0/8", "http://10.1.2.3:5000/", False),
        ("10.0.0.0/8", "http://11.1.2.3:5000/", True),
        ("10.1.2.3", "http://10.1.2.3/", False),
        ("::1", "http://[::1]:5000/", False),
        ("fd00::/8", "http://[fd00::1]/", False),
        ("10.0.0.0/99", "http://10.1.2.3/", True),
    ],
)
def test_proxies_are_those_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, direct: str, url: str, proxied: bool
) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", direct)
    around = Surroundings.now()
    monkeypatch.delenv("http_proxy")
    session = guarded(requests.Session(), around)
    proxies = session.merge_environment_settings(url, {}, None, None, None)["proxies"]
    assert dict(proxies) == ({"http": "http://127.0.0.1:9"} if proxied else {})


@pytest.mark.parametrize(
    ("given", "used"), [(True, "/ca.pem"), (None, "/ca.pem"), (False, False), ("/own.pem", "/own.pem")]
)
def test_certificates_are_those_of_the_environment_where_clouds_yaml_has_none(
    monkeypatch: pytest.MonkeyPatch, given: Any, used: Any
) -> None:
    monkeypatch.setenv("CURL_CA_BUNDLE", "/ca.pem")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    session = guarded(requests.Session(), Surroundings.now())
    assert session.merge_environment_settings("https://a.example/", {}, None, given, None)["verify"] == used


def test_no_password_is_taken_from_netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    path = tmp_path / "netrc"
    path.write_text("machine a.example login somebody password secret\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))
    session = guarded(requests.Session(), Surroundings.now())
    assert "Authorization" not in session.prepare_request(requests.Request("GET", "http://a.example/")).headers


def test_a_guarded_session_is_like_the_one_it_was_made_of() -> None:
    session = requests.Session()
    session.headers["X-Test"] = "1"
    made = guarded(session, Surroundings())
    assert made.adapters is session.adapters
    assert made.headers["X-Test"] == "1"


def test_another_mistake_is_not_hidden() -> None:
    class Auth:
        def get_access(self, session: object) -> str:
            raise KeyError("for ever")

    auth = Auth()
    steady.share_login(auth)
    with pytest.raises(KeyError, match="for ever"):
        auth.get_access(None)


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


def test_a_login_does_not_wait_for_itself() -> None:
    class Auth:
        def get_access(self, session: object) -> str:
            return self.get_access(session)

    auth = Auth()
    steady.share_login(auth)
    for _ in range(2):
        with pytest.raises(exceptions.DiscoveryFailure, match="before it tells its versions"):
            auth.get_access(None)
