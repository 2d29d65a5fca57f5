# SPDX-License-Identifier: Apache-2.0
"""The user's patience, from the option to what waits."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.platforms.openstack.client import PATIENCE_KEY, Client
from pytest_scs.platforms.openstack.config import find_cloud_in
from pytest_scs.platforms.openstack.probes import backup
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.run import setting_values
from pytest_scs.run.settings import read_settings

CLOUD = """
clouds:
  somewhere:
    auth: {auth_url: "http://127.0.0.1:9/v3", username: u, password: p, project_name: p}
"""


def patience(pytester: pytest.Pytester, *args: str) -> float:
    return read_settings(pytester.parseconfigure("--scs-scope=iaas-v5.1", *args, "--help"), {}).patience


def test_the_factor_comes_from_the_command_line_or_the_ini_file(pytester: pytest.Pytester) -> None:
    assert patience(pytester) == 1
    pytester.makeini("[pytest]\nscs_patience = 3")
    assert patience(pytester) == 3
    assert patience(pytester, "--scs-patience=2") == 2


@pytest.mark.parametrize(("text", "factor"), [(None, 1.0), ("2", 2.0), ("0.5", 0.5), ("1e1", 10.0), ("100", 100.0)])
def test_a_factor_is_a_number_above_zero(text: str | None, factor: float) -> None:
    assert setting_values.read_patience(text) == factor


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "-inf", "1e400", "101", "much", "2,5", "1/2", "2x"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no number above 0 and up to 100"):
        setting_values.read_patience(text)


def probing(factor: float | None) -> Probing:
    region = find_cloud_in(CLOUD, "somewhere")
    if factor is not None:
        region.config[PATIENCE_KEY] = factor
    nothing: Any = None
    return Probing(Client(region, 0), nothing, nothing, nothing, threading.Event())


@pytest.mark.parametrize(("factor", "seconds"), [(None, 300), (1.0, 300), (2.0, 600), (0.5, 150)])
def test_it_stretches_what_a_probe_waits_for(factor: float | None, seconds: float) -> None:
    one = probing(factor)
    assert one.patiently(300) == seconds
    assert one.client.for_section("guest").patience == one.client.patience


@pytest.mark.parametrize(("factor", "seconds"), [(1.0, 600), (2.0, 1200), (0.5, 300), (0.1, 110), (0.001, 110)])
def test_no_step_of_a_backup_gets_less_than_the_official_suite_gives_it(factor: float, seconds: float) -> None:
    assert backup._patience(probing(factor)) == seconds
