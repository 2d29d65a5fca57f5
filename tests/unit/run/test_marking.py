# SPDX-License-Identifier: Apache-2.0
"""From collected items to testcases: marks, order, what is left out, what is read and created."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from toy_platform import WEIGHT, Boxes

from pytest_scs.base.errors import InputError
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.section import Section
from pytest_scs.platforms.platform import PlatformSettings
from pytest_scs.run import item_keys, marking
from pytest_scs.run.item_keys import expected_key, subject_key
from pytest_scs.run.session import Session

CLOSED, WEIGHED, LABELLED, ASKED = (
    "scs-9902-x-closed",
    "scs-9902-x-weighed",
    "scs-9903-x-labelled",
    "scs-9903-x-asked",
)
CRATE, TRUNK = Subject("boxes", "crate"), Subject("boxes", "trunk")

MakeRun = Callable[..., Session]
MakeItem = Callable[..., pytest.Item]


class Listener:
    """Hears what pytest is told about items."""

    def __init__(self) -> None:
        self.deselected: list[pytest.Item] = []
        self.collected: list[pytest.Item] = []

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self.deselected += items

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.collected += report.result


@pytest.fixture
def heard(empty_session: pytest.Session) -> Listener:
    listener = Listener()
    empty_session.config.pluginmanager.register(listener)
    return listener


@pytest.fixture
def apply(empty_session: pytest.Session, heard: Listener, make_item: MakeItem) -> Callable[..., list[pytest.Item]]:
    def run(active: Session, *items: pytest.Item, whole: bool = False) -> list[pytest.Item]:
        for entry in active.selection.expected.values():
            for name in ("creates_resources", *entry.markers()):
                empty_session.config.addinivalue_line("markers", name)
        found = list(items)
        marking.apply(empty_session, found, active, whole)
        return found

    return run


Apply = Callable[..., list[pytest.Item]]


def marks(item: pytest.Item) -> set[str]:
    return {mark.name for mark in item.iter_markers()} - {"scs"}


def ids(items: list[pytest.Item]) -> list[str | None]:
    return [item_keys.testcase_id(item) for item in items]


def test_the_id_of_a_testcase_is_that_of_its_nearest_marker(make_item: MakeItem) -> None:
    assert item_keys.testcase_id(make_item(CLOSED)) == CLOSED
    assert item_keys.testcase_id(make_item(None)) is None
    item = make_item(None)
    item.add_marker(pytest.mark.scs)
    assert item_keys.testcase_id(item) is None


def test_a_testcase_gets_all_derived_marks(apply: Apply, make_run_of_boxes: MakeRun, make_item: MakeItem) -> None:
    active = make_run_of_boxes()
    item = make_item(CLOSED, "scs", "lids")
    apply(active, item)
    assert marks(item) == {"scs_9902", "boxes", "scs_9902_v1", "boxes_v1", "main", "light"}
    assert item.stash[expected_key] is active.selection.expected[CLOSED]
    assert item.stash[subject_key] == CRATE
    assert CLOSED in item.extra_keyword_matches


def test_target_and_cost_are_those_of_the_testcase(
    apply: Apply, make_run_of_boxes: MakeRun, make_item: MakeItem
) -> None:
    items = apply(make_run_of_boxes(), make_item(WEIGHED), make_item(LABELLED), make_item(ASKED))
    found = {
        item_keys.testcase_id(item): marks(item) & {"main", "recommended", "preview", "light", "heavy", "manual"}
        for item in items
    }
    assert found == {WEIGHED: {"main", "heavy"}, LABELLED: {"recommended", "light"}, ASKED: {"preview", "manual"}}


@pytest.mark.parametrize(
    ("fixtures", "box", "creates"),
    [
        (("lids",), "crate", False),
        (("shadow",), "crate", False),
        (("lids", "weight"), "crate", True),
        (("inventory",), "crate", True),
        # Where it lacks the means it tries nothing, but -m creates_resources still means what might.
        (("weight",), "no-stone", True),
    ],
)
def test_what_creates_something_is_marked(
    apply: Apply,
    make_run_of_boxes: MakeRun,
    make_item: MakeItem,
    fixtures: tuple[str, ...],
    box: str,
    creates: bool,
) -> None:
    [item] = apply(make_run_of_boxes(box), make_item(CLOSED, *fixtures))
    assert ("creates_resources" in marks(item)) is creates


def test_what_creates_nothing_with_these_settings_is_not_marked(
    apply: Apply, make_run_of_boxes: MakeRun, make_item: MakeItem, boxes: Boxes
) -> None:
    harmless = dataclasses.replace(boxes.sections["weight"], only_reads=lambda settings: "crate" in settings.names)
    boxes.sections["weight"] = harmless  # type: ignore[index]
    assert "creates_resources" not in marks(apply(make_run_of_boxes("crate"), make_item(CLOSED, "weight"))[0])
    assert "creates_resources" in marks(apply(make_run_of_boxes("trunk"), make_item(CLOSED, "weight"))[0])


def test_what_is_not_selected_is_deselected_and_other_tests_stay(
    apply: Apply, heard: Listener, make_run_of_boxes: MakeRun, make_item: MakeItem
) -> None:
    active = make_run_of_boxes(targets=("main",))
    foreign, closed, labelled, unknown = (
        make_item(None),
        make_item(CLOSED),
        make_item(LABELLED),
        make_item("scs-0000-nothing"),
    )
    assert apply(active, closed, labelled, foreign, unknown) == [closed, foreign]
    assert heard.deselected == [labelled, unknown]
    assert marks(foreign) == set()
    assert expected_key not in foreign.stash


def test_where_nothing_is_left_out_nothing_is_said(
    apply: Apply, heard: Listener, make_run_of_boxes: MakeRun, make_item: MakeItem
) -> None:
    apply(make_run_of_boxes(), make_item(CLOSED))
    assert heard.deselected == []
    assert heard.collected == []


def test_testcases_come_in_the_order_of_the_scope_but_probes_last_and_subjects_one_after_the_other(
    apply: Apply, make_run_of_boxes: MakeRun, make_item: MakeItem
) -> None:
    def on(testcase: str, subject: Subject, *fixtures: str) -> pytest.Item:
        item = make_item(testcase, *fixtures)
        item.stash[subject_key] = subject
        return item

    items = apply(
        make_run_of_boxes("crate", "trunk"),
        on(WEIGHED, TRUNK, "weight"),
        on(LABELLED, TRUNK, "lids"),
        on(CLOSED, TRUNK, "lids"),
        make_item(None, name="test_own"),
        on(WEIGHED, CRATE, "weight"),
        on(LABELLED, CRATE, "lids"),
        on(CLOSED, CRATE, "lids"),
    )
    assert [(item_keys.testcase_id(item), item.stash.get(subject_key, None)) for item in items] == [
        (CLOSED, CRATE),
        (LABELLED, CRATE),
        (CLOSED, TRUNK),
        (LABELLED, TRUNK),
        (None, None),
        (WEIGHED, CRATE),
        (WEIGHED, TRUNK),
    ]


def test_two_tests_must_not_claim_one_testcase(apply: Apply, make_run_of_boxes: MakeRun, make_item: MakeItem) -> None:
    with pytest.raises(InputError) as caught:
        apply(make_run_of_boxes(), make_item(CLOSED, name="test_a"), make_item(CLOSED, name="test_b"))
    assert str(caught.value) == (
        f"testcase {CLOSED} is claimed by two tests: test_boxes.py::test_a and test_boxes.py::test_b"
    )


def test_two_tests_may_claim_what_is_not_judged(apply: Apply, make_run_of_boxes: MakeRun, make_item: MakeItem) -> None:
    assert apply(make_run_of_boxes(), make_item("scs-0000-x", name="a"), make_item("scs-0000-x", name="b")) == []


def test_one_test_on_two_subjects_is_no_claim_of_two(
    apply: Apply, make_run_of_boxes: MakeRun, make_item: MakeItem
) -> None:
    items = [make_item(CLOSED, name=f"test[{subject}]") for subject in (CRATE, TRUNK)]
    for item, subject in zip(items, (CRATE, TRUNK), strict=True):
        item.callspec = SimpleNamespace(params={"subject": subject})  # type: ignore[attr-defined]
    apply(make_run_of_boxes("crate", "trunk"), *items)
    assert [item.stash[subject_key] for item in items] == [CRATE, TRUNK]


def test_other_parameters_do_not_say_who_is_judged(
    apply: Apply, make_run_of_boxes: MakeRun, make_item: MakeItem
) -> None:
    item = make_item(CLOSED)
    item.callspec = SimpleNamespace(params={"number": 1})  # type: ignore[attr-defined]
    apply(make_run_of_boxes("crate", "trunk"), item)
    assert item.stash[subject_key] == CRATE


def test_what_has_no_test_function_gets_an_item_of_its_own(
    apply: Apply, heard: Listener, make_run_of_boxes: MakeRun, make_item: MakeItem
) -> None:
    items = apply(make_run_of_boxes(), make_item(CLOSED, "lids"), whole=True)
    assert ids(items) == [WEIGHED, CLOSED, LABELLED, ASKED]
    weighed, _, _, asked = items
    assert weighed.nodeid == f"scopes/boxes.yaml::{WEIGHED}"
    assert weighed.reason == "this version of pytest-scs has no test for it"  # type: ignore[attr-defined]
    assert not hasattr(asked, "reason")
    assert {"main", "heavy"} <= marks(weighed)
    assert set(heard.collected) == set(items) - {items[1]}


def test_who_names_files_gets_these_and_no_more(apply: Apply, make_run_of_boxes: MakeRun, make_item: MakeItem) -> None:
    assert ids(apply(make_run_of_boxes(), make_item(CLOSED))) == [CLOSED]


def test_of_several_subjects_each_gets_what_it_lacks(
    apply: Apply, make_run_of_boxes: MakeRun, make_item: MakeItem
) -> None:
    items = apply(make_run_of_boxes("crate", "trunk", targets=("main",)), make_item(CLOSED), whole=True)
    assert [(item.name, item.stash[subject_key].name) for item in items] == [
        (f"{WEIGHED}[crate]", "crate"),
        (f"test_{CLOSED}", "crate"),
        (f"{WEIGHED}[trunk]", "trunk"),
        (f"{CLOSED}[trunk]", "trunk"),
    ]


def test_a_subject_of_another_platform_gets_nothing(
    apply: Apply, make_run_of_boxes: MakeRun, scope_path: object, mini_path: object
) -> None:
    active = make_run_of_boxes(
        contact=False,
        scopes=(f"{mini_path}@v1", f"{scope_path}@v1"),
        platforms={"openstack": PlatformSettings(("prod",)), "boxes": PlatformSettings(("crate",))},
        targets=("main",),
    )
    items = apply(active, whole=True)
    assert {(item_keys.testcase_id(item), str(item.stash[subject_key])) for item in items} == {
        ("scs-0100-one", "prod"),
        ("scs-0100-two", "prod"),
        (WEIGHED, "crate"),
        (CLOSED, "crate"),
    }


def test_sections_are_told_once_in_the_order_of_plans(make_run_of_boxes: MakeRun, make_item: MakeItem) -> None:
    active = make_run_of_boxes()
    items = [
        make_item(WEIGHED, "scs", "weight", "lids", active=active),
        make_item(CLOSED, "tmp_path", "lid_count", active=active),
    ]
    assert [section.name for section in marking.sections_read(items, active)] == ["lids", "weight"]
    assert [section.name for section in marking.sections_read(items[1:], active)] == ["lids"]
    assert marking.sections_read([], active) == []
    assert not marking.may_create(items[1], active)
    assert marking.may_create(items[0], active)


def test_what_is_created_is_told_in_words(make_run_of_boxes: MakeRun, make_item: MakeItem) -> None:
    active = make_run_of_boxes()
    items = [make_item(one, "weight", active=active) for one in (WEIGHED, CLOSED)]
    assert marking.creates(items, active) == ["a stone"]
    assert marking.creates([make_item(CLOSED, "lids", active=active)], active) == []
    idle = make_run_of_boxes("no-stone")
    assert marking.creates([make_item(WEIGHED, "weight", active=idle)], idle) == []


def test_what_lasts_longer_is_judged_later_on_every_subject(
    apply: Apply, make_run_of_boxes: MakeRun, make_item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    active = make_run_of_boxes("crate", "trunk")
    slow = dataclasses.replace(WEIGHT, lasts=120)
    quick = dataclasses.replace(WEIGHT, name="quick")

    def read(items: Iterable[pytest.Item], session: Session) -> list[Section[Any]]:
        [item] = items
        return [slow if item.stash[expected_key].id == WEIGHED else quick]

    monkeypatch.setattr(marking, "sections_read", read)
    items = []
    for subject in (CRATE, TRUNK):
        for testcase in (WEIGHED, LABELLED):
            item = make_item(testcase)
            item.stash[subject_key] = subject
            items.append(item)
    assert [(item_keys.testcase_id(item), item.stash[subject_key]) for item in apply(active, *items)] == [
        (LABELLED, CRATE),
        (LABELLED, TRUNK),
        (WEIGHED, CRATE),
        (WEIGHED, TRUNK),
    ]
