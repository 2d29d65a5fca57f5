# SPDX-License-Identifier: Apache-2.0
"""Which platform judges what."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from toy_platform import Boxes

from pytest_scs.base.errors import InputError
from pytest_scs.core.scope import Scope
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.subject import Subject
from pytest_scs.platforms import registry


class Crates(Boxes):
    """Another platform, which shares a variable with boxes."""

    name = "crates"
    variables = frozenset(("box", "crate"))


@pytest.fixture(autouse=True)
def _boxes_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_PLATFORMS", [*registry.platforms()])
    registry.register_platform(Boxes())


@pytest.fixture
def scope(mini_path: Path) -> Scope:
    return load_scope(mini_path)


def names() -> list[str]:
    return [platform.name for platform in registry.platforms()]


def test_a_platform_that_is_registered_is_judged_after_the_others() -> None:
    before = names()
    assert before[-1] == "boxes"
    registry.register_platform(Crates())
    assert names() == [*before, "crates"]


def test_a_name_can_be_taken_once() -> None:
    before = names()
    with pytest.raises(ValueError, match="there is a platform boxes already"):
        registry.register_platform(Boxes())
    assert names() == before


def test_names_of_bundled_platforms_variables_and_markers_are_unique() -> None:
    found = registry.platforms()
    assert len({one.name for one in found}) == len({one.marker for one in found}) == len(found)
    variables = [variable for one in found for variable in one.variables]
    assert len(set(variables)) == len(variables)


def test_a_platform_is_found_by_its_name_and_by_its_subjects() -> None:
    assert registry.platform_named("boxes").noun == "box"
    assert registry.platform_named("openstack").noun == "cloud"
    assert registry.platform_of_subject(Subject("boxes", "openstack")).name == "boxes"


def test_an_unknown_platform_is_no_platform() -> None:
    with pytest.raises(KeyError, match="fridges"):
        registry.platform_named("fridges")
    with pytest.raises(KeyError, match="fridges"):
        registry.platform_of_subject(Subject("fridges", "big"))


@pytest.mark.parametrize(
    ("variables", "platform"),
    [((), "openstack"), (("os_cloud",), "openstack"), (("box",), "boxes"), (("colour", "box"), "boxes")],
)
def test_a_scope_says_by_its_variables_who_judges_it(scope: Scope, variables: tuple[str, ...], platform: str) -> None:
    assert registry.platform_of_scope(dataclasses.replace(scope, variables=variables)).name == platform


def test_variables_that_nobody_has_are_refused(scope: Scope) -> None:
    with pytest.raises(InputError) as caught:
        registry.platform_of_scope(dataclasses.replace(scope, variables=("fridge", "door")))
    message = str(caught.value)
    assert message.startswith(f"{scope.path}: variables are fridge, door, which no platform has; known: box")
    assert message.endswith("os_cloud")


def test_variables_of_several_platforms_are_refused(scope: Scope) -> None:
    registry.register_platform(Crates())
    assert registry.platform_of_scope(dataclasses.replace(scope, variables=("crate",))).name == "crates"
    with pytest.raises(InputError, match="are box, which belong to several platforms; known: box, box, crate"):
        registry.platform_of_scope(dataclasses.replace(scope, variables=("box",)))
