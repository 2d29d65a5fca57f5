# SPDX-License-Identifier: Apache-2.0
"""docs/api.md says what the docstrings say, and testcases need nothing else."""

from __future__ import annotations

import importlib
import inspect

import api_page
import pytest

from pytest_scs import api


def test_the_page_is_made_from_the_docstrings() -> None:
    assert api_page.PAGE.read_text("utf-8") == api_page.render(), "run: python tests/docs/api_page.py"


@pytest.mark.parametrize("name", api.__all__)
def test_every_class_and_function_is_documented(name: str) -> None:
    thing = getattr(api, name)
    if inspect.isclass(thing) or inspect.isfunction(thing):
        assert inspect.getdoc(thing)


def test_what_is_exported_is_what_the_package_uses() -> None:
    for name in api.__all__:
        thing = getattr(api, name)
        module = getattr(thing, "__module__", "")
        if module.startswith("pytest_scs."):
            assert getattr(importlib.import_module(module), name) is thing


@pytest.mark.parametrize("name", ["Collector", "Finding", "Undecided", "Remark"])
def test_what_the_guides_speak_of_is_there(name: str) -> None:
    assert f"## {name}\n" in api_page.PAGE.read_text("utf-8")
