# SPDX-License-Identifier: Apache-2.0
"""Waiver files, and what whoever answers for a waiver has to know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.attestations.waivers import about_waivers, beside_selection, load_waivers
from pytest_scs.base.errors import InputError
from pytest_scs.base.pages import load_pages
from pytest_scs.core.results import Times
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes, select
from pytest_scs.core.waiver import Waiver

TODAY = dt.date(2026, 6, 15)
REST = "  reason: r\n  owner: o\n  ticket: t\n"
GOOD = f"waivers:\n- testcase: scs-0103-flavor-*\n{REST}  expires: 2026-12-31\n"


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., tuple[Waiver, ...]]:
    def read(*texts: str) -> tuple[Waiver, ...]:
        paths = []
        for number, text in enumerate(texts):
            paths.append(tmp_path / f"w{number}.yaml")
            paths[-1].write_text(text, "utf-8")
        return load_waivers(paths, (), TODAY)

    return read


def test_several_files_are_numbered_through(load: Any) -> None:
    more = f"waivers:\n- rule: scs-0100/*\n  resource: 'flavor *'\n{REST}  expires: '2026-12-31'\n  approved_by: b\n"
    found = load(GOOD, more + more.removeprefix("waivers:\n"))
    assert [one.number for one in found] == [1, 2, 3]
    assert [one.where for one in found] == ["w0.yaml:2", "w1.yaml:2", "w1.yaml:9"]
    assert found[1].expires == dt.date(2026, 12, 31)
    assert (found[1].rule, found[1].resource, found[1].approved_by, found[1].subject) == (
        "scs-0100/*",
        "flavor *",
        "b",
        "",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "w0.yaml: the waiver file is empty"),
        ("- a\n", "w0.yaml:1: waiver file: must be a mapping, found a list"),
        ("waiver: []\n", "w0.yaml:1: waiver: unknown keyword 'waiver'; did you mean 'waivers'?"),
        ("waivers: x\n", "w0.yaml:1: waivers: must be a list, found 'x'"),
        ("waivers:\n- x\n", "w0.yaml:2: waivers[0]: must be a mapping, found 'x'"),
        (GOOD.replace("owner: o", "owner:"), "keyword 'owner' is missing"),
        (GOOD.replace("  ticket: t\n", ""), "w0.yaml:2: waivers[0]: keyword 'ticket' is missing"),
        (GOOD.replace("reason: r", "reason: ' '"), "w0.yaml:3: waivers[0].reason: is empty"),
        (GOOD.replace("reason: r", "reason: yes"), "w0.yaml:3: waivers[0].reason: must be text; put it in quotes"),
        (GOOD.replace("reason: r", f"reason: {'x' * 501}"), "is longer than 500 characters"),
        (GOOD.replace("reason: r", "reason: [a]"), "must be text, found a list"),
        (GOOD.replace("  expires: 2026-12-31\n", ""), "keyword 'expires' is missing"),
        (GOOD.replace("2026-12-31", "never"), "waivers[0].expires: must be a date YYYY-MM-DD, found 'never'"),
        (
            GOOD.replace("2026-12-31", "2027-06-17"),
            "no waiver counts for more than a year, so 2027-06-16 at the latest",
        ),
        (GOOD.replace("2026-12-31", "2026-12-31 10:00:00"), "must be a date YYYY-MM-DD"),
        (GOOD.replace("testcase: scs-0103-flavor-*", "resource: x"), "needs a testcase, or the rule of a finding"),
        (GOOD.replace("scs-0103-flavor-*", "'*'"), "a waiver for everything is none"),
        (GOOD.replace("testcase: scs-0103-flavor-*", "rule: '*/*'"), "a waiver for everything is none"),
        (GOOD.replace("flavor-*", "flavour-1v-4"), "no scope has a testcase 'scs-0103-flavour-1v-4'; did you mean"),
        (GOOD.replace("testcase: scs-0103-flavor-*", "rule: 'x y'"), "'x y' is no rule of a finding"),
        (GOOD + "  unit: 1\n", "w0.yaml:7: waivers[0].unit: unknown keyword 'unit'"),
        (
            GOOD.replace("testcase: scs-0103-flavor-*", "rule: scs-0102/imge_source"),
            "w0.yaml:2: waivers[0].rule: no standard has a rule 'scs-0102/imge_source'; did you mean "
            "'scs-0102/image_source'?",
        ),
        (
            GOOD.replace("testcase: scs-0103-flavor-*", "rule: scs-0102/zzzzzzzzzzzzzzzzzz*"),
            "no standard has a rule 'scs-0102/zzzzzzzzzzzzzzzzzz*'; allowed: scs-0102/",
        ),
        (GOOD.replace("testcase: scs-0103-flavor-*", "rule: scs-9999/*"), "scs explain lists the standards"),
        (
            GOOD.replace("testcase: scs-0103-flavor-*", "rule: '*/image_sauce'"),
            "no standard has a rule '*/image_sauce'",
        ),
        (
            GOOD.replace("testcase: scs-0103-flavor-*", "rule: key-manager-docs-check/answer_conforms"),
            "no standard has a rule 'key-manager-docs-check/answer_conforms'",
        ),
        (
            GOOD.replace("  reason", "  rule: scs-0102/image_source\n  reason"),
            "w0.yaml:3: waivers[0].rule: 'scs-0102/image_source' is no rule of 'scs-0103-flavor-*', but of scs-0102-",
        ),
        (GOOD + "  subject: prod 1\n", "w0.yaml:7: waivers[0].subject: no subject is named 'prod 1': letters, digits"),
        (GOOD + "  subject: 'prod/*'\n", "no subject is named 'prod/*'"),
        ("waivers: [\n", "w0.yaml"),
        (GOOD + GOOD, "waivers"),
        ("waivers: !!python/object:os.system x\n", "w0.yaml"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(load: Any, text: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        load(text)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("rule", ["scs-0103/*", "*/flavor_*", "*/*"])
def test_a_rule_of_the_testcase_is_none_too_many(load: Any, rule: str) -> None:
    [one] = load(GOOD.replace("  reason", f"  rule: '{rule}'\n  reason"))
    assert one.rule == rule


def test_every_rule_of_every_standard_can_be_waived(load: Any) -> None:
    rules = [rule for page in load_pages().values() for rule in page.rules]
    entry = GOOD.removeprefix("waivers:\n").replace("testcase: scs-0103-flavor-*", "rule: {}")
    assert len(load("waivers:\n" + "".join(entry.format(rule) for rule in rules[:999]))) == len(rules[:999])


def test_testcases_of_ones_own_have_rules_that_no_standard_has(tmp_path: Path) -> None:
    text = bundled_scopes()["kaas"].read_text("utf-8")
    (tmp_path / "own.yaml").write_text(text.replace("version-policy-check", "own-version-check"), "utf-8")
    (tmp_path / "w.yaml").write_text(GOOD.replace("testcase: scs-0103-flavor-*", "rule: own/version"), "utf-8")
    with pytest.raises(InputError, match="no standard has a rule 'own/version'"):
        load_waivers([tmp_path / "w.yaml"], (), TODAY)
    scope = load_scope(tmp_path / "own.yaml")
    assert [one.rule for one in load_waivers([tmp_path / "w.yaml"], [scope], TODAY)] == ["own/version"]


@pytest.mark.parametrize(
    ("rule", "good"),
    [("own/version", True), ("*/version", True), ("scs-0210/version", True), ("scs-0102/image_sauce", False)],
)
def test_beside_testcases_of_ones_own_rules_of_other_standards_are_checked(
    tmp_path: Path, rule: str, good: bool
) -> None:
    """The testcase is of scs-0210 by its module."""
    text = bundled_scopes()["kaas"].read_text("utf-8")
    (tmp_path / "own.yaml").write_text(text.replace("version-policy-check", "own-version-check"), "utf-8")
    (tmp_path / "w.yaml").write_text(GOOD.replace("testcase: scs-0103-flavor-*", f"rule: '{rule}'"), "utf-8")
    scope = load_scope(tmp_path / "own.yaml")
    if good:
        assert load_waivers([tmp_path / "w.yaml"], [scope], TODAY)[0].rule == rule
    else:
        with pytest.raises(InputError, match="no standard has a rule 'scs-0102/image_sauce'; did you mean"):
            load_waivers([tmp_path / "w.yaml"], [scope], TODAY)


def test_a_scope_of_ones_own_with_known_testcases_has_no_other_rules(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(bundled_scopes()["kaas"].read_text("utf-8"), "utf-8")
    (tmp_path / "w.yaml").write_text(GOOD.replace("testcase: scs-0103-flavor-*", "rule: own/version"), "utf-8")
    with pytest.raises(InputError, match="no standard has a rule 'own/version'"):
        load_waivers([tmp_path / "w.yaml"], [load_scope(tmp_path / "own.yaml")], TODAY)


def test_a_process_that_is_told_that_all_is_well_reads_no_pages(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("pytest_scs.attestations.waivers.load_pages", lambda: pytest.fail("read"))
    (tmp_path / "w.yaml").write_text(GOOD.replace("testcase: scs-0103-flavor-*", "rule: scs-0102/x"), "utf-8")
    assert load_waivers([tmp_path / "w.yaml"], (), TODAY, checked=True)[0].rule == "scs-0102/x"


def test_what_is_for_nothing_of_this_run_is_said_before_it(load: Any) -> None:
    selection = select(["iaas-v5.1"], dt.date(2026, 6, 15), ("main",), Path())
    other = GOOD.removeprefix("waivers:\n").replace("scs-0103-flavor-*", "version-policy-check")
    rule = GOOD.removeprefix("waivers:\n").replace("testcase: scs-0103-flavor-*", "rule: scs-0210/*")
    mistyped = GOOD.removeprefix("waivers:\n") + "  subject: prdo1\n"
    elsewhere = GOOD.removeprefix("waivers:\n") + "  subject: staging*\n"
    waivers = load(GOOD + other + rule + mistyped + elsewhere)
    assert beside_selection(waivers, selection, ["prod1", "prod2"]) == [
        "waiver w0.yaml:17 (testcase scs-0103-flavor-*, subject prdo1) is for no subject of this run; did you mean "
        "'prod1'?; it is about: prod1, prod2",
        "waiver w0.yaml:23 (testcase scs-0103-flavor-*, subject staging*) is for no subject of this run; it is about: "
        "prod1, prod2",
        "2 of 5 waivers are for no testcase of this selection: w0.yaml:7 (testcase version-policy-check), w0.yaml:12 "
        "(rule scs-0210/*)",
    ]
    assert beside_selection(waivers[:1], selection, ["prod1"]) == []


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.yaml"):
        load_waivers([tmp_path / "gone.yaml"], (), TODAY)


def test_one_that_has_expired_is_no_error(load: Any) -> None:
    assert not load(GOOD.replace("2026-12-31", "2020-01-01"))[0].counts(TODAY)


@pytest.fixture
def failed(make_run: Any, make_result: Any) -> Any:
    """A run in which one testcase fails, waived by the first waiver if that is wanted."""

    def make(waiver: Waiver, *, waived: bool, **more: Any) -> tuple[list[str], str]:
        run = make_run(**more)
        testcase = next(iter(run.selection.expected))
        result = make_result(testcase, "FAIL")
        result.waived = [waiver.waived] if waived else []
        run.subject_runs[0].results[testcase] = result
        return about_waivers([waiver], run, TODAY), testcase

    return make


def make_waiver(expires: dt.date, **about: str) -> Waiver:
    return Waiver(1, "w.yaml:2", expires, "r", "jane", "OPS-1", **about)


def test_a_waiver_that_was_used_and_holds_says_nothing(failed: Any) -> None:
    assert failed(make_waiver(dt.date(2026, 12, 31), testcase="*"), waived=True)[0] == []


def test_a_waiver_that_ends_soon_says_who_has_to_act(failed: Any) -> None:
    lines, _ = failed(make_waiver(dt.date(2026, 6, 20), testcase="*"), waived=True)
    assert lines == ["waiver w.yaml:2 (testcase *) expires on 2026-06-20; jane has to renew it (OPS-1)"]


def test_an_expired_waiver_says_whether_it_would_be_needed(failed: Any) -> None:
    lines, _ = failed(make_waiver(dt.date(2026, 6, 1), testcase="*"), waived=False)
    assert lines == [
        "waiver w.yaml:2 (testcase *) has expired on 2026-06-01; it would be needed: renew it, or remove it"
    ]
    lines, _ = failed(make_waiver(dt.date(2026, 6, 1), testcase="*", rule="scs-0100/x"), waived=False)
    assert lines[0].endswith("has expired on 2026-06-01: renew it, or remove it")


def test_an_unused_waiver_is_reported_unless_its_testcase_was_not_judged(failed: Any) -> None:
    unused = make_waiver(dt.date(2026, 12, 31), testcase="*", rule="scs-0100/x")
    assert failed(unused, waived=False)[0] == [
        "waiver w.yaml:2 (testcase *, rule scs-0100/x) was not needed: nothing that it covers is violated; remove it"
    ]
    assert failed(unused, waived=False, chosen=[])[0] == []
    assert failed(unused, waived=False, interrupted=True)[0] == []


@pytest.mark.parametrize("verdict", ["ABORT", "MISS"])
def test_a_waiver_is_not_called_idle_for_what_could_not_be_judged(make_run: Any, verdict: str) -> None:
    waiver = make_waiver(dt.date(2026, 12, 31), rule="scs-0102/x")
    assert len(about_waivers([waiver], make_run(), TODAY)) == 1
    assert about_waivers([waiver], make_run({"scs-0102-three": verdict}), TODAY) == []
    assert len(about_waivers([waiver], make_run({"scs-0100-one": verdict}), TODAY)) == 1, "its rule is of another one"


def test_a_waiver_is_not_called_idle_where_its_testcase_is_not_due(make_run: Any) -> None:
    run = make_run()
    left = Times("scs-0102-three", "scs-0102", run.subject_runs[0].subject, None, None, left_out=True)
    del run.subject_runs[0].results["scs-0102-three"]
    run.chosen -= {"scs-0102-three"}
    run.times = (left,)
    for about in ({"rule": "scs-0102/x"}, {"testcase": "scs-010*"}):
        assert about_waivers([make_waiver(dt.date(2026, 12, 31), **about)], run, TODAY) == []
    assert len(about_waivers([make_waiver(dt.date(2026, 12, 31), testcase="scs-0100-*")], run, TODAY)) == 1
