# SPDX-License-Identifier: Apache-2.0
"""The table of a scope on pages: versions that are listed, their state, and what they include."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import yaml

from pytest_scs.base.language import language
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes
from pytest_scs.reports.html_scopes import Parameter, scope_table

DAY = dt.date(2025, 8, 1)
IMAGES = "https://raw.githubusercontent.com/SovereignCloudStack/standards/main/Tests/iaas/scs-0104-v1-images-v5.yaml"


def test_the_table_of_the_official_scope() -> None:
    table = scope_table(load_scope(bundled_scopes()["iaas"]), DAY, language("en"))
    assert table.versions == ["v5.1", "v4", "v3"]
    assert table.states == ["Effective", "Deprecated", "Deprecated"]
    assert table.stable == ["2024-12-19", "2024-02-28", "2024-02-28"]
    [recency] = [module for module in table.modules if module.identity == "scs-0123-v1"]
    assert [cell is not None for cell in recency.cells] == [True, False, False]
    parameters = [one for module in table.modules for cell in module.cells for one in cell or ()]
    assert Parameter("image_spec", IMAGES, IMAGES) in parameters


def test_the_states_of_another_day_and_in_german() -> None:
    table = scope_table(load_scope(bundled_scopes()["iaas"]), dt.date(2026, 11, 27), language("de"))
    assert table.versions == ["next", "v5.1"]
    assert table.states == ["Entwurf", "In Kraft"]
    assert table.stable == ["\N{EN DASH}", "2024-12-19"]


def test_no_folder_and_no_link_but_to_the_web(tmp_path: Path) -> None:
    plain = yaml.safe_load(bundled_scopes()["kaas"].read_text())
    plain["modules"][0]["url"] = "javascript:alert(1)"
    first = plain["versions"][0]["include"][0]
    name = first if isinstance(first, str) else first["ref"]
    plain["versions"][0]["include"][0] = {"ref": name, "parameters": {"list": "images.yaml", "odd": "http://["}}
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(plain, sort_keys=False))
    (tmp_path / "images.yaml").write_text("")
    table = scope_table(load_scope(path), dt.date(2026, 11, 27), language("en"))
    cells = [cell for module in table.modules for cell in module.cells if cell]
    assert cells == [[Parameter("list", "images.yaml", ""), Parameter("odd", "http://[", "")]]
    assert str(tmp_path) not in str(table)
    assert "javascript:alert(1)" not in [module.url for module in table.modules]
