# SPDX-License-Identifier: Apache-2.0
"""A running demo cloud, a connection of the real openstacksdk to it, and bare HTTP beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openstack
import pytest
import requests
from openstack.connection import Connection

from pytest_scs.demo.openstack import data
from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState

Connect = Callable[..., Connection]


@pytest.fixture
def state() -> CloudState:
    return data.conformant(datetime.now(UTC))


@pytest.fixture
def cloud(state: CloudState) -> Iterator[DemoCloud]:
    with DemoCloud(state) as cloud:
        yield cloud


@pytest.fixture
def connect(cloud: DemoCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Connects as a user would: a clouds.yaml, the environment, and the name of the cloud."""
    path = tmp_path / "clouds.yaml"
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
    for variable in ("OS_CLOUD", "OS_REGION_NAME", "OS_AUTH_URL"):
        monkeypatch.delenv(variable, raising=False)
    with ExitStack() as stack:

        def connect(**options: Any) -> Connection:
            cloud.write_clouds_yaml(path, **options)
            connection = openstack.connect(cloud="demo")
            stack.callback(connection.session.session.close)
            stack.callback(connection.close)
            return connection

        yield connect


@pytest.fixture
def connection(connect: Connect) -> Connection:
    return connect()


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def authenticated(http: requests.Session, cloud: DemoCloud) -> requests.Session:
    """Bare HTTP with a token of the project."""
    http.headers["X-Auth-Token"] = token(http, cloud)
    return http


def token(http: requests.Session, cloud: DemoCloud) -> str:
    """A token by password, without the SDK."""
    user = {"name": cloud.state.username, "domain": {"id": "default"}, "password": cloud.state.password}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
    answer = http.post(f"{cloud.auth_url}/auth/tokens", json=body)
    assert answer.status_code == 201
    return answer.headers["X-Subject-Token"]
