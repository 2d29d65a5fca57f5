# SPDX-License-Identifier: Apache-2.0
"""A demo cloud, clients of it, and the probe of domain managers, without a pytest run around them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.base.redact import Redactor
from pytest_scs.core.subject import Subject
from pytest_scs.demo.openstack import data, launch
from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.platforms.openstack import closing, removal
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.config import find_cloud_in
from pytest_scs.platforms.openstack.extras import Extras
from pytest_scs.platforms.openstack.reader import Reader
from pytest_scs.platforms.platform import RunContext

MANAGERS = ("demo:manager-a", "demo:manager-b")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CloudState:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(closing, "LATENESS", 1)
    monkeypatch.setattr(removal, "ACCEPTANCE", 1)
    monkeypatch.setattr(removal, "DELETION", 1)
    monkeypatch.setattr(removal, "LEAST", 0)
    monkeypatch.setattr(removal, "ASIDE", 1)
    return data.conformant(dt.datetime.now(dt.UTC))


@pytest.fixture
def cloud(state: CloudState) -> Iterator[DemoCloud]:
    with DemoCloud(state) as cloud:
        yield cloud


@pytest.fixture
def client(cloud: DemoCloud) -> Client:
    """A client of the project, which tries nothing again."""
    return Client(find_cloud_in(cloud.clouds_yaml(), "demo"), 0)


@pytest.fixture
def manager(cloud: DemoCloud) -> Client:
    """A client of a domain's manager, which tries nothing again."""
    return Client(find_cloud_in(launch.manager_yaml(cloud, MANAGERS[0]), MANAGERS[0]), 0)


@pytest.fixture
def read(cloud: DemoCloud) -> Callable[..., Reader]:
    """Try it out, tidy up, and give the reader with all it knows; ``managers`` are entries of clouds.yaml."""

    def run(managers: tuple[str, str] = MANAGERS, *, meanwhile: Any = None, **extras: Any) -> Reader:
        region = find_cloud_in(cloud.clouds_yaml(), "demo")
        others = {name: find_cloud_in(launch.manager_yaml(cloud, name), name) for name in managers}
        context = RunContext(0, False, Redactor(), lambda line: None)
        extra = Extras(domain_managers=managers, **extras)
        reader = Reader(Subject("openstack", "demo"), region, context, extras=extra, others=others)
        reader.read(["domain_manager"])
        reader.start(lambda section: None)
        if meanwhile:
            meanwhile(reader)
        else:
            while "domain_manager" not in {*reader.inventory.sections, *reader.inventory.errors}:
                time.sleep(0.01)
        reader.close()
        return reader

    return run
