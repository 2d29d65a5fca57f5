# SPDX-License-Identifier: Apache-2.0
"""How an option is spelt, and what a platform is given of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from toy_platform import Boxes

from pytest_scs.platforms import registry
from pytest_scs.platforms.option import GivenOptions, Option
from pytest_scs.platforms.platform import Platform, PlatformSettings
from pytest_scs.run.options import all_options
from pytest_scs.run.settings import read_settings


class AskingBoxes(Boxes):
    """Keeps what it was given."""

    options = (
        Option("box", "Box to judge", "NAME", "--box", many=True),
        Option("wall_plan", "Plan of the wall", "FILE"),
        Option("colour", "Colour", "NAME", ini=False),
    )

    def read_settings(self, given: GivenOptions) -> PlatformSettings:
        self.given = given
        return super().read_settings(given)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> AskingBoxes:
    found = AskingBoxes()
    monkeypatch.setattr(registry, "_PLATFORMS", [*registry.platforms(), found])
    return found


def ask(pytester: pytest.Pytester, platform: AskingBoxes, *args: str) -> GivenOptions:
    # The last argument: pytest reads no further. With it a scope is not missed.
    read_settings(pytester.parseconfigure(*args, "--help"), {"COLOUR": "red"})
    return platform.given


def test_an_option_is_spelt_like_the_others_unless_it_has_a_name_of_its_own() -> None:
    assert Option("wall_plan", "").spelling == "--scs-wall-plan"
    assert Option("box", "", flag="--box").spelling == "--box"
    assert Option("box", "", flag="--box").dest == "scs_box"
    assert Option("wall_plan", "").dest == "scs_wall_plan"


def test_an_option_has_an_ini_key_and_is_not_recorded_unless_it_says_so() -> None:
    option = Option("colour", "Colour")
    assert (option.ini, option.many, option.switch, option.recorded) == (True, False, False, False)
    with pytest.raises(dataclasses.FrozenInstanceError):
        option.name = "size"  # type: ignore[misc]


def test_no_two_options_are_spelt_alike() -> None:
    found = all_options()
    assert len({option.spelling for option in found}) == len({option.dest for option in found}) == len(found)


def test_what_was_not_given_is_nothing(pytester: pytest.Pytester, platform: AskingBoxes) -> None:
    given = ask(pytester, platform)
    assert given.text("colour") is None
    assert given.texts("box") == ()
    assert given.path("wall_plan") is None
    assert given.environ == {"COLOUR": "red"}
    assert not given.replaying


def test_what_was_given_is_told_by_the_names_of_options(pytester: pytest.Pytester, platform: AskingBoxes) -> None:
    given = ask(pytester, platform, "--box=b", "--box=a", "--scs-wall-plan=x/y.txt", "--scs-colour=blue")
    assert given.texts("box") == ("b", "a")
    assert given.path("wall_plan") == Path(pytester.path, "x/y.txt")
    assert given.text("colour") == "blue"


def test_a_replay_is_told(pytester: pytest.Pytester, platform: AskingBoxes) -> None:
    assert ask(pytester, platform, "--scs-replay=evidence.json").replaying


def test_the_ini_file_counts_where_the_command_line_says_nothing(
    pytester: pytest.Pytester, platform: AskingBoxes
) -> None:
    pytester.makeini("[pytest]\nscs_box =\n    c\n    d\nscs_wall_plan = ~/plan\n")
    given = ask(pytester, platform)
    assert given.texts("box") == ("c", "d")
    assert given.path("wall_plan") == Path("~/plan").expanduser()
    assert ask(pytester, platform, "--box=e").texts("box") == ("e",)


def test_a_platform_derives_no_fixtures_and_leaves_nothing_unless_it_says_so() -> None:
    boxes = Boxes()
    assert Platform.derived_fixtures.fget(boxes) == {}  # type: ignore[attr-defined]
    assert list(Platform.left_by_earlier_runs(boxes, PlatformSettings(("attic",)))) == []
