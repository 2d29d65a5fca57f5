# SPDX-License-Identifier: Apache-2.0
"""openstacksdk is imported without the proxies of all services, and whole for whoever needs it whole."""

from __future__ import annotations

import subprocess
import sys
import types

import pytest

from pytest_scs.platforms.openstack import sdk

PROGRAM = """
import sys
from pytest_scs.platforms.openstack.clouds_files import ask_sdk
from pytest_scs.platforms.openstack.sdk import import_configuration

ask_sdk()
proxies = [name for name in sys.modules if name.startswith("openstack.") and name.endswith("._proxy")]
print(proxies, "openstack.connection" in sys.modules)
import openstack
print(hasattr(openstack, "no_such_thing"), openstack.connection.Connection.__module__)
from openstack import connection
import openstack.connection as same
print(connection is same is openstack.connection, "openstack.compute.v2._proxy" in sys.modules)
import_configuration()
print(openstack.connection is same)
"""


def test_services_are_imported_only_for_who_asks_for_them() -> None:
    shown = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines() == ["[] False", "False openstack.connection", "True True", "True"]


@pytest.fixture
def no_sdk(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As in a process that has not imported openstacksdk yet."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "openstack"]:
        monkeypatch.delitem(sys.modules, name)
    return monkeypatch


def test_an_sdk_that_needs_more_of_it_is_imported_as_ever(no_sdk: pytest.MonkeyPatch) -> None:
    before = list(sys.meta_path)

    def refuse(name: str) -> types.ModuleType:
        sys.modules["openstack"] = sys.modules["openstack.part"] = types.ModuleType("openstack")
        raise AttributeError("Connection.connect")

    no_sdk.setattr(sdk.importlib, "import_module", refuse)
    sdk.import_configuration()
    assert [name for name in sys.modules if name.partition(".")[0] == "openstack"] == []
    assert sys.meta_path == before
