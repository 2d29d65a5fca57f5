# SPDX-License-Identifier: Apache-2.0
"""The fixtures that testcases of private scopes use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_scs.core.verdict import Verdict
from pytest_scs.platforms.platform import PlatformSettings
from pytest_scs.platforms.registry import platforms
from pytest_scs.run import fixtures
from pytest_scs.run.fixtures import fixtures_of_run, summaries
from pytest_scs.run.item_keys import subject_key
from pytest_scs.run.session import Session, session_key

CLOSED, WEIGHED, LABELLED, ASKED = (
    "scs-9902-x-closed",
    "scs-9902-x-weighed",
    "scs-9903-x-labelled",
    "scs-9903-x-asked",
)

SOURCE = f"""
import pytest

SEEN = []


@pytest.mark.scs("{CLOSED}")
def test_closed(scs, lids, lid_count, subject, now, inventory):
    SEEN.append((subject.name, now.isoformat(), lid_count, [lid.name for lid in lids], inventory.subject == subject))
    scs.examined("lids", len(lids))


@pytest.mark.scs("{WEIGHED}")
def test_weighed(scs, weight):
    assert weight < 0


@pytest.mark.scs("{LABELLED}")
def test_labelled(lids):
    pass


@pytest.mark.scs("{ASKED}")
def test_asked(attestation):
    attestation()


def test_of_the_project(tmp_path):
    assert tmp_path
"""

Collect = Callable[..., tuple[pytest.Session, Session]]
COMMON = {"subject", "scs", "attestation", "inventory", "now"}


def names(plugin: Any) -> set[str]:
    return {name for name in vars(plugin) if not name.startswith("_")} - {"pytest_generate_tests"}


def test_there_is_a_fixture_of_every_section_of_the_platforms_that_judge(
    make_run_of_boxes: Callable[..., Session],
) -> None:
    active = make_run_of_boxes("crate", "trunk")
    assert names(fixtures_of_run(active)) == {*COMMON, "lids", "shadow", "weight", "lid_count"}


def test_a_platform_that_judges_nothing_has_no_fixtures(
    make_run_of_boxes: Callable[..., Session], mini_path: Path, scope_path: Path
) -> None:
    clouds = {"openstack": PlatformSettings(("prod",)), "boxes": PlatformSettings()}
    found = names(fixtures_of_run(make_run_of_boxes(contact=False, scopes=(f"{mini_path}@v1",), platforms=clouds)))
    assert {"flavors", "endpoints"} <= found
    assert not {"lids", "lid_count"} & found
    both = {**clouds, "boxes": PlatformSettings(("crate",))}
    scopes = (f"{mini_path}@v1", f"{scope_path}@v1")
    assert {"flavors", "lids"} <= names(
        fixtures_of_run(make_run_of_boxes(contact=False, scopes=scopes, platforms=both))
    )


def test_every_fixture_says_what_it_gives_and_no_two_have_one_name() -> None:
    for platform in platforms():
        found = summaries(platform)
        assert all(found.values())
        assert len(found) == len(platform.sections) + len(platform.derived_fixtures)
        assert not found.keys() & COMMON


@pytest.fixture
def project(collect_project: Collect, run_items: Callable[[pytest.Session], None]) -> Collect:
    def run(*args: str) -> tuple[pytest.Session, Session]:
        session, active = collect_project(SOURCE, *args)
        run_items(session)
        return session, active

    return run


def test_testcases_of_a_project_get_data_and_verdicts(project: Collect) -> None:
    session, active = project("--box=crate")
    [closed] = [item for item in session.items if item.name == "test_closed"]
    assert closed.module.SEEN == [("crate", "2026-06-15T12:00:00+00:00", 1, ["top"], True)]  # type: ignore[attr-defined]
    results = active.run(interrupted=False).subject_runs[0].results
    assert {name: (str(one.official), str(one.cause or "")) for name, one in results.items()} == {
        CLOSED: ("PASS", ""),
        WEIGHED: ("ABORT", "AssertionError: assert 70 < 0"),
        LABELLED: ("ABORT", "the testcase did not use the fixture scs, so there is no evidence"),
        ASKED: ("MISS", "manual check: answer it with --scs-attestations"),
    }
    assert not active.foreign_failure


def test_answers_of_people_are_asked_for_by_a_fixture(project: Collect, answers: Path) -> None:
    _, active = project("--box=crate", f"--scs-attestations={answers}")
    assert active.run(interrupted=False).subject_runs[0].results[ASKED].official is Verdict.PASS


def test_of_several_subjects_each_is_judged(project: Collect) -> None:
    session, active = project("--box=crate", "--box=trunk")
    # pytest itself puts what shares a parameter side by side.
    assert {(item.name, item.stash[subject_key].name) for item in session.items if subject_key in item.stash} == {
        (f"test_{name}[{box}]", box)
        for name in ("closed", "weighed", "labelled", "asked")
        for box in ("crate", "trunk")
    }
    assert len(session.items) == 9
    assert {str(one.subject): str(one.results[CLOSED].official) for one in active.run(False).subject_runs} == {
        "crate": "PASS",
        "trunk": "PASS",
    }


def metafunc(active: Session, marker: Any, fixturenames: list[str]) -> tuple[Any, list[Any]]:
    calls: list[Any] = []
    definition = SimpleNamespace(get_closest_marker=lambda name: marker)
    config = SimpleNamespace(stash={session_key: active})
    found = SimpleNamespace(
        config=config,
        fixturenames=fixturenames,
        definition=definition,
        parametrize=lambda name, values, **options: calls.append((name, list(values), options)),
    )
    return found, calls


@pytest.mark.parametrize(
    ("boxes_named", "asked", "marker", "expected"),
    [
        (("crate",), ["subject"], None, None),
        (("crate", "trunk"), ["lids"], None, None),
        (("crate", "trunk"), ["subject"], None, ["crate", "trunk"]),
        (("crate", "trunk"), ["subject"], CLOSED, ["crate", "trunk"]),
        (("crate", "trunk"), ["subject"], "scs-0000-x", ["crate", "trunk"]),
    ],
)
def test_a_test_that_asks_about_a_subject_is_made_for_each(
    make_run_of_boxes: Callable[..., Session],
    boxes_named: tuple[str, ...],
    asked: list[str],
    marker: str | None,
    expected: list[str] | None,
) -> None:
    mark = SimpleNamespace(args=(marker,)) if marker else None
    found, calls = metafunc(make_run_of_boxes(*boxes_named), mark, asked)
    fixtures.pytest_generate_tests(found)
    assert [[one.name for one in values] for _, values, _ in calls] == ([expected] if expected else [])
    assert [options["ids"] for _, _, options in calls] == ([expected] if expected else [])
    assert all(name == "subject" and options["indirect"] for name, _, options in calls)


def test_a_testcase_is_made_for_the_subjects_of_its_platform(
    make_run_of_boxes: Callable[..., Session], mini_path: Path, scope_path: Path
) -> None:
    active = make_run_of_boxes(
        contact=False,
        scopes=(f"{mini_path}@v1", f"{scope_path}@v1"),
        platforms={"openstack": PlatformSettings(("prod",)), "boxes": PlatformSettings(("crate",))},
    )
    found, calls = metafunc(active, SimpleNamespace(args=(CLOSED,)), ["subject"])
    fixtures.pytest_generate_tests(found)
    assert [values for _, values, _ in calls] == [list(active.subjects)[1:]]
