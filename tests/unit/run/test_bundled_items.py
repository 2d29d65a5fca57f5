# SPDX-License-Identifier: Apache-2.0
"""Bundled testcases as items, and how they are collected whatever a project's configuration says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.base.paths import TESTCASES
from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.core.collector import NonConformance
from pytest_scs.core.findings import Finding
from pytest_scs.core.subject import Subject
from pytest_scs.run import bundle, item_keys
from pytest_scs.run.bundled import bundled_testcases
from pytest_scs.run.item_keys import expected_key, skip_kind_key, subject_key
from pytest_scs.run.marking import sections_read
from pytest_scs.run.session import Session, session_key

CLOSED, WEIGHED, LABELLED = "scs-9902-x-closed", "scs-9902-x-weighed", "scs-9903-x-labelled"
CRATE, TRUNK = Subject("boxes", "crate"), Subject("boxes", "trunk")

Items = Callable[..., list[Any]]


@pytest.fixture
def items(empty_session: pytest.Session, tmp_path: Path) -> Items:
    """The items of a test function in a run."""

    def make(function: Callable[..., object], active: Session) -> list[Any]:
        empty_session.config.stash[session_key] = active
        module = bundle.BundledModule.from_parent(empty_session, path=tmp_path / "test_boxes.py", nodeid="iaas/t.py")
        return list(bundled_testcases(module, function, active))

    return make


@pytest.fixture
def begun(make_run_of_boxes: Callable[..., Session], begin: Callable[..., Session]) -> Callable[..., Session]:
    def make(*names: str, **changes: Any) -> Session:
        return begin(make_run_of_boxes(*names, **changes), [CLOSED], {CLOSED: ["lids"]})

    return make


def names(found: list[Any]) -> list[tuple[str, str, str]]:
    return [(item.nodeid, str(item_keys.testcase_id(item)), item.stash[subject_key].name) for item in found]


@pytest.mark.scs(CLOSED)
def closed(scs: Any, lids: Any) -> None:
    """The box is closed."""
    scs.examined("lids", len(lids))


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(1, id="one", marks=pytest.mark.scs(CLOSED)),
        pytest.param(2, id="two", marks=[pytest.mark.scs(LABELLED), pytest.mark.light(7)]),
        pytest.param(3, id="three", marks=pytest.mark.scs("scs-0000-x")),
    ],
)
def several(number: int, scs: Any) -> None:
    """Several testcases of one function."""
    scs.examined("numbers", number)


def test_a_function_is_an_item_without_brackets(items: Items, begun: Callable[..., Session]) -> None:
    found = items(closed, begun("crate"))
    assert names(found) == [("iaas/t.py::closed", CLOSED, "crate")]
    assert found[0].fixturenames == ["scs", "lids"]
    assert found[0].obj is closed
    path, line, name = found[0].reportinfo()
    assert (path.name, name) == ("test_boxes.py", "closed")
    assert line == closed.__code__.co_firstlineno - 1


def test_it_is_an_item_for_each_subject(items: Items, begun: Callable[..., Session]) -> None:
    assert names(items(closed, begun("crate", "trunk"))) == [
        ("iaas/t.py::closed[crate]", CLOSED, "crate"),
        ("iaas/t.py::closed[trunk]", CLOSED, "trunk"),
    ]


def test_parameters_make_items_and_what_is_not_selected_is_one_item(
    items: Items, begun: Callable[..., Session], empty_session: pytest.Session
) -> None:
    found = items(several, begun("crate", "trunk"))
    assert names(found) == [
        ("iaas/t.py::several[one-crate]", CLOSED, "crate"),
        ("iaas/t.py::several[one-trunk]", CLOSED, "trunk"),
        ("iaas/t.py::several[two-crate]", LABELLED, "crate"),
        ("iaas/t.py::several[two-trunk]", LABELLED, "trunk"),
        ("iaas/t.py::several[three]", "scs-0000-x", "crate"),
    ]
    assert {tuple(item.fixturenames) for item in found} == {("scs",)}
    assert [mark.args for mark in found[2].iter_markers("light")] == [(7,)]
    assert not list(found[0].iter_markers("light"))
    [mark] = found[0].iter_markers("scs")
    assert mark.args == (CLOSED,)
    assert not [item.name for item in found if item.get_closest_marker("parametrize")]


def test_a_function_without_testcase_is_an_item_that_nobody_selects(
    items: Items, begun: Callable[..., Session]
) -> None:
    def nothing() -> None:
        """No testcase."""

    [item] = items(nothing, begun("crate", "trunk"))
    assert item.name == "nothing"
    assert item_keys.testcase_id(item) is None


def test_it_gets_its_arguments_and_the_collector_decides(items: Items, begun: Callable[..., Session]) -> None:
    seen: list[Any] = []

    @pytest.mark.parametrize("number", [pytest.param(5, id="five", marks=pytest.mark.scs(CLOSED))])
    def judged(number: int, lids: Any, scs: Any) -> None:
        seen.append((number, lids))
        scs.examined("lids", 1)
        if len(seen) > 1:
            scs.add([Finding("box", "scs-9902/closed", "a lid", "none")])

    active = begun("crate")
    for violation in (False, True):
        [item] = items(judged, active)
        item.stash[expected_key] = active.selection.expected[CLOSED]
        item.setup()
        if not violation:
            item.runtest()
        else:
            with pytest.raises(NonConformance):
                item.runtest()
    assert seen == [(5, active.fixture_value(CRATE, "lids"))] * 2


@pytest.mark.parametrize("change", [list.clear, lambda names: names.append("database")])
def test_hooks_that_change_the_names_of_fixtures_change_nothing(
    items: Items, begun: Callable[..., Session], change: Callable[[list[str]], object]
) -> None:
    active = begun("crate")
    [item] = items(closed, active)
    item.stash[expected_key] = active.selection.expected[CLOSED]
    change(item.fixturenames)
    assert [section.name for section in sections_read([item], active)] == ["lids"]
    item.setup()
    item.runtest()


def test_a_function_without_collector_ends_by_itself(items: Items, begun: Callable[..., Session]) -> None:
    @pytest.mark.scs(CLOSED)
    def bare(lids: Any) -> None:
        assert lids

    active = begun("crate")
    [item] = items(bare, active)
    item.stash[expected_key] = active.selection.expected[CLOSED]
    item.setup()
    item.runtest()
    assert item_keys.collector_key not in item.stash


def test_evidence_comes_first_so_that_a_testcase_without_it_has_no_collector(
    items: Items, begun: Callable[..., Session]
) -> None:
    active = begun("crate")
    active.inventory(CRATE).errors["lids"] = Cause("no light", CauseKind.OUTAGE)
    [item] = items(closed, active)
    item.stash[expected_key] = active.selection.expected[CLOSED]
    with pytest.raises(Inconclusive, match="no light"):
        item.setup()
    assert item_keys.collector_key not in item.stash


@pytest.mark.parametrize("reason", [None, "there is no test for it"])
def test_what_has_no_function_has_an_item_named_after_the_scope(
    empty_session: pytest.Session, tmp_path: Path, reason: str | None
) -> None:
    item: Any = bundle.unattended(empty_session, tmp_path / "deep" / "boxes.yaml", CLOSED, "[crate]", reason)
    assert item.nodeid == f"scopes/boxes.yaml::{CLOSED}[crate]"
    assert item.location[0] == "scopes/boxes.yaml"
    assert item_keys.testcase_id(item) == CLOSED
    assert item.reportinfo() == (tmp_path / "deep" / "boxes.yaml", None, f"{CLOSED}[crate]")
    assert list(item.parent.collect()) == []
    assert isinstance(item, bundle.ManualTestcase if reason is None else bundle.UnattendedTestcase)


def test_what_has_no_function_is_no_verdict(empty_session: pytest.Session, tmp_path: Path) -> None:
    item = bundle.unattended(empty_session, tmp_path / "boxes.yaml", CLOSED, "", "there is no test for it")
    with pytest.raises(pytest.skip.Exception, match="there is no test for it"):
        item.runtest()
    assert item.stash[skip_kind_key] is CauseKind.NO_TEST


def test_a_manual_testcase_without_function_is_judged_by_its_answers(
    begun: Callable[..., Session], answers: Path, empty_session: pytest.Session
) -> None:
    active = begun("crate", attestations=answers)
    item = bundle.unattended(empty_session, active.selection.scopes[0].path, "scs-9903-x-asked", "", None)
    empty_session.config.stash[session_key] = active
    item.stash[expected_key] = active.selection.expected["scs-9903-x-asked"]
    item.stash[subject_key] = CRATE
    try:
        item.runtest()
    except pytest.skip.Exception as reason:
        pytest.fail(f"skipped: {reason}")
    assert item.stash[item_keys.collector_key].evidence == {"answers": 1}


def test_the_bundled_folder_is_judged_where_nothing_is_named() -> None:
    args = ["--scs-scope=iaas"]
    bundle.inject(args, [])
    assert args == ["--scs-scope=iaas", str(TESTCASES)]


def test_node_ids_of_the_bundled_folder_are_taken_back_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").touch()
    file = "iaas/test_scs_0114_volume_types.py"
    named = [f"{file}::test_x[a::b]", file, "mine.py", "gone.py::test_y"]
    args = ["-k", file, *named]
    bundle.inject(args, named)
    assert args[2:] == [f"{TESTCASES}/{file}::test_x[a::b]", f"{TESTCASES}/{file}", "mine.py", "gone.py::test_y"]
    other = ["-k", "iaas", file]
    bundle.inject(other, [file])
    assert other[:2] == ["-k", "iaas"]


def test_node_ids_as_pytest_prints_them_below_its_root_are_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs" / "en").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "docs" / "en")
    args = ["../../iaas/test_scs_0114_volume_types.py::test_x", "../../gone.py::test_y"]
    bundle.inject(args, list(args), tmp_path)
    assert args == [f"{TESTCASES}/iaas/test_scs_0114_volume_types.py::test_x", "../../gone.py::test_y"]


def test_bundled_files_are_named_as_seen_from_the_bundle(empty_session: pytest.Session) -> None:
    bundled = bundle.collect_directory(TESTCASES, empty_session)
    assert bundled is not None
    iaas = next(one for one in bundled.collect() if one.path.name == "iaas")
    module = next(iter(iaas.collect()))  # type: ignore[attr-defined]
    assert [bundled.nodeid, iaas.nodeid] == ["", "iaas"]
    assert module.nodeid == f"iaas/{module.path.name}"


def test_a_file_of_ones_own_goes_before_a_bundled_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "iaas").mkdir()
    args = ["iaas"]
    bundle.inject(args, ["iaas"])
    assert args == ["iaas"]


def test_only_bundled_folders_have_our_collector(empty_session: pytest.Session, tmp_path: Path) -> None:
    assert bundle.collect_directory(tmp_path, empty_session) is None
    assert bundle.collect_directory(TESTCASES.parent, empty_session) is None
    for path in (TESTCASES, TESTCASES / "iaas"):
        collector = bundle.collect_directory(path, empty_session)
        assert isinstance(collector, bundle.BundledDirectory)
        assert collector.path == path


def test_nothing_beside_the_bundled_folders_is_looked_at(empty_session: pytest.Session) -> None:
    empty_session.config.args = [str(TESTCASES), f"{TESTCASES}/iaas/test_x.py::test_y"]
    node: Any = bundle.collect_directory(TESTCASES.parent.parent, empty_session)
    for expected in (TESTCASES.parent, TESTCASES):
        assert isinstance(node, bundle.WayToBundle)
        (node,) = node.collect()
        assert node.path == expected
    assert isinstance(node, bundle.BundledDirectory)


def test_where_other_tests_are_named_pytest_looks_for_them_as_ever(
    empty_session: pytest.Session, tmp_path: Path
) -> None:
    for other in (str(TESTCASES.parent), f"{TESTCASES.parent}/test_mine.py::test_x", str(tmp_path), "mine", "a.tests"):
        empty_session.config.args = [str(TESTCASES), other]
        assert bundle.collect_directory(TESTCASES.parent, empty_session) is None
    empty_session.config.args = [str(TESTCASES)]
    assert bundle.collect_directory(tmp_path, empty_session) is None


def test_folders_and_modules_are_collected_by_alphabet_and_nothing_else(
    empty_session: pytest.Session, tmp_path: Path, begun: Callable[..., Session]
) -> None:
    folder = tmp_path / "bundle"
    for name in ("b", "__pycache__"):
        (folder / name).mkdir(parents=True)
    for name in ("test_toy_z.py", "test_toy_a.py", "check_toy.py", "test_toy.txt", "conftest.py"):
        (folder / name).write_text("def test_b(scs): pass\ndef test_a(): pass\ndef check(): pass\ntest_c = 3\n")
    collector = bundle.BundledDirectory.from_parent(empty_session, path=folder)
    found = list(collector.collect())
    assert [(type(one).__name__, one.path.name) for one in found] == [
        ("BundledDirectory", "b"),
        ("BundledModule", "test_toy_a.py"),
        ("BundledModule", "test_toy_z.py"),
    ]
    empty_session.config.stash[session_key] = begun("crate")
    assert [item.name for item in found[1].collect()] == ["test_b", "test_a"]
