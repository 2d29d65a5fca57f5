# SPDX-License-Identifier: Apache-2.0
"""Who is judged by which testcases, and what these read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from toy_platform import Boxes

from pytest_scs.base.errors import InputError
from pytest_scs.core.scope import TARGETS
from pytest_scs.core.selection import Selection, select
from pytest_scs.core.subject import Subject
from pytest_scs.platforms.platform import PlatformSettings
from pytest_scs.platforms.registry import platform_named
from pytest_scs.run.settings import Settings
from pytest_scs.run.subjects import SubjectsOfRun, subject_named, subjects_of_run

CLOUD, CRATE, TRUNK = Subject("openstack", "prod"), Subject("boxes", "crate"), Subject("boxes", "trunk")

MakeSettings = Callable[..., Settings]


@pytest.fixture
def both(boxes: Boxes, scope_path: Path, mini_path: Path) -> Selection:
    """A selection of a scope about boxes and of one about clouds."""
    return select([f"{scope_path}@v1", f"{mini_path}@v1"], dt.date(2026, 6, 15), TARGETS, scope_path.parent)


@pytest.fixture
def only_boxes(boxes: Boxes, scope_path: Path) -> Selection:
    return select([f"{scope_path}@v1"], dt.date(2026, 6, 15), TARGETS, scope_path.parent)


def given(settings: Settings, selection: Selection, *, needed: bool = True) -> list[str]:
    return [f"{one.platform}:{one.name}" for one in subjects_of_run(settings, selection, needed=needed)]


def test_subjects_have_an_order(both: Selection) -> None:
    subjects = SubjectsOfRun([TRUNK, CLOUD, CRATE], both)
    assert list(subjects) == [TRUNK, CLOUD, CRATE]
    assert len(subjects) == 3
    assert [subjects.place(subjects.at(place)) for place in range(3)] == [0, 1, 2]
    assert subjects.platform(CLOUD).name == "openstack"
    assert subjects.platform(CRATE).name == "boxes"


def test_a_testcase_is_about_the_subjects_of_its_platform(both: Selection) -> None:
    subjects = SubjectsOfRun([TRUNK, CLOUD, CRATE], both)
    assert subjects.of(both.expected["scs-9902-x-closed"]) == (TRUNK, CRATE)
    assert subjects.of(both.expected["scs-0100-one"]) == (CLOUD,)
    assert [one.name for one in subjects.platforms_of(both.expected["scs-9902-x-closed"])] == ["boxes"]


def test_a_testcase_that_two_platforms_list_is_about_both(
    boxes: Boxes, scope_path: Path, mini_path: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "shared.yaml"
    shared.write_text(mini_path.read_text().replace("0f6d2a34", "1f6d2a34").replace("- os_cloud", "- box"))
    selection = select([f"{mini_path}@v1", f"{shared}@v1"], dt.date(2026, 6, 15), TARGETS, tmp_path)
    subjects = SubjectsOfRun([CRATE, CLOUD], selection)
    entry = selection.expected["scs-0100-one"]
    assert [one.name for one in subjects.platforms_of(entry)] == ["openstack", "boxes"]
    assert subjects.of(entry) == (CRATE, CLOUD)


@pytest.mark.parametrize(
    ("fixtures", "sections"),
    [
        ((), []),
        (("scs", "now", "tmp_path"), []),
        (("weight", "lids"), ["lids", "weight"]),
        (("lid_count",), ["lids"]),
        (("lid_count", "shadow"), ["lids", "shadow"]),
        (("scs", "inventory"), ["lids", "shadow", "weight"]),
    ],
)
def test_fixtures_tell_the_sections_in_the_order_of_plans(
    boxes: Boxes, fixtures: tuple[str, ...], sections: list[str]
) -> None:
    assert SubjectsOfRun.sections_for(boxes, fixtures) == sections


def test_the_catalog_stands_behind_endpoints() -> None:
    assert SubjectsOfRun.sections_for(platform_named("openstack"), ["endpoints"]) == ["catalog"]


def test_the_named_subjects_of_the_platforms_that_judge(make_settings: MakeSettings, both: Selection) -> None:
    platforms = {"openstack": PlatformSettings(("prod",)), "boxes": PlatformSettings(("trunk", "crate"))}
    assert given(make_settings(platforms=platforms), both) == ["openstack:prod", "boxes:trunk", "boxes:crate"]


def test_subjects_that_were_not_typed_do_no_harm(make_settings: MakeSettings, only_boxes: Selection) -> None:
    """As $OS_CLOUD, which is set for other programs."""
    platforms = {"openstack": PlatformSettings(("prod",)), "boxes": PlatformSettings(("crate",))}
    assert given(make_settings(platforms=platforms), only_boxes) == ["boxes:crate"]


def test_subjects_that_were_typed_and_nobody_judges_are_refused(
    make_settings: MakeSettings, only_boxes: Selection
) -> None:
    platforms = {
        "openstack": PlatformSettings(("prod",), named_by="--os-cloud"),
        "boxes": PlatformSettings(("crate",)),
    }
    with pytest.raises(InputError) as caught:
        given(make_settings(platforms=platforms), only_boxes)
    assert str(caught.value) == "--os-cloud: boxes-v1 judges no clouds; leave it out, or add a scope for it"


def test_a_platform_without_subject_is_refused_but_a_plan_needs_none(
    make_settings: MakeSettings, both: Selection
) -> None:
    settings = make_settings(platforms={"openstack": PlatformSettings(("prod",)), "boxes": PlatformSettings()})
    with pytest.raises(InputError, match=r"^no box to judge: name one with --box=NAME$"):
        given(settings, both)
    assert given(settings, both, needed=False) == ["openstack:prod", "boxes:box"]


def test_a_subject_gets_the_name_in_the_report_that_the_user_gave(make_settings: MakeSettings) -> None:
    assert subject_named(make_settings(subject="Big-One"), "boxes", "my crate").report_name == "Big-One"
    assert subject_named(make_settings(), "boxes", "my crate").report_name == "my-crate"
