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
from pytest_scs.core.subject import ReportNames, Subject
from pytest_scs.platforms.platform import PlatformSettings
from pytest_scs.platforms.registry import platform_named
from pytest_scs.run.settings import Settings
from pytest_scs.run.subjects import SubjectsOfRun, subject_named, subjects_of_run, unnamed

CLOUD, CRATE, TRUNK = Subject("openstack", "prod"), Subject("boxes", "crate"), Subject("boxes", "trunk")

NONE = PlatformSettings()

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


@pytest.mark.parametrize("crates", [("crate",), ()])
def test_subjects_that_were_typed_and_nobody_judges_are_refused(
    make_settings: MakeSettings, only_boxes: Selection, crates: tuple[str, ...]
) -> None:
    """Also where there is none of the right kind: the wrong one says more about the mistake."""
    platforms = {
        "boxes": PlatformSettings(crates),
        "openstack": PlatformSettings(("prod",), named_by="--os-cloud"),
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
    assert subject_named(make_settings(subject=ReportNames("Big-One")), "boxes", "my crate").report_name == "Big-One"
    assert subject_named(make_settings(), "boxes", "my crate").report_name == "my-crate"


def test_each_of_several_gets_its_own_name_in_the_report(make_settings: MakeSettings, both: Selection) -> None:
    names = ReportNames(by_name={"trunk": "Big-One", "prod": "acme"})
    platforms = {"openstack": PlatformSettings(("prod",)), "boxes": PlatformSettings(("trunk", "crate"))}
    found = subjects_of_run(make_settings(platforms=platforms, subject=names), both, needed=True)
    assert [subject.report_name for subject in found] == ["acme", "Big-One", "crate"]


def test_one_name_may_be_that_of_subjects_of_two_platforms(make_settings: MakeSettings, both: Selection) -> None:
    platforms = {"openstack": PlatformSettings(("same",)), "boxes": PlatformSettings(("same",))}
    names = ReportNames(by_name={"same": "acme"})
    found = subjects_of_run(make_settings(platforms=platforms, subject=names), both, needed=True)
    assert [subject.report_name for subject in found] == ["acme", "acme"]


@pytest.mark.parametrize(
    ("boxes_named", "names", "message"),
    [
        (
            ("trunk", "crate"),
            ReportNames("one"),
            "--scs-subject names one box, but several are given: trunk, crate; write --scs-subject=NAME=SUBJECT "
            "for each",
        ),
        (
            ("trunk", "crate"),
            ReportNames(by_name={"crat": "one"}),
            "--scs-subject: 'crat' is not judged; did you mean 'crate'?; it is about: trunk, crate",
        ),
        (
            ("a@x", "a-x"),
            ReportNames(),
            "boxes a@x and a-x have one name in the report, a-x; choose another: --scs-subject=a-x=SUBJECT",
        ),
        (
            ("trunk", "crate"),
            ReportNames(by_name={"crate": "trunk"}),
            "boxes trunk and crate have one name in the report, trunk; choose another: --scs-subject=crate=SUBJECT",
        ),
    ],
)
def test_names_in_the_report_that_cannot_be(
    make_settings: MakeSettings,
    only_boxes: Selection,
    boxes_named: tuple[str, ...],
    names: ReportNames,
    message: str,
) -> None:
    settings = make_settings(platforms={"openstack": NONE, "boxes": PlatformSettings(boxes_named)}, subject=names)
    with pytest.raises(InputError) as caught:
        subjects_of_run(settings, only_boxes, needed=True)
    assert str(caught.value) == message


def test_a_name_in_the_report_that_nobody_would_choose_is_said(
    make_settings: MakeSettings, only_boxes: Selection
) -> None:
    names = ReportNames(by_name={"c@d": "chosen"})
    settings = make_settings(
        platforms={"openstack": NONE, "boxes": PlatformSettings(("a@b", "c@d", "crate"))}, subject=names
    )
    assert [*unnamed(settings, subjects_of_run(settings, only_boxes, needed=True))] == [
        "box a@b is a-b in the report; choose its name there: --scs-subject=a@b=SUBJECT"
    ]
