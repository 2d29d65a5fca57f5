# SPDX-License-Identifier: Apache-2.0
"""Scope versions: validity by date, targets, attention."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.paths import SCOPES
from pytest_scs.core.scope import Module, Scope, Testcase, Version, standard_of
from pytest_scs.core.scope_file import load_scope

IAAS = load_scope(SCOPES / "scs-compatible-iaas.yaml")

# validity of next, v5.1, v4, v3 from a date on; - is not listed
TIMELINE = """
2024-12-19  -      effective  effective   deprecated
2025-02-01  -      effective  warn        deprecated
2025-07-01  -      effective  deprecated  deprecated
2025-09-09  draft  effective  deprecated  deprecated
2026-06-11  draft  effective  -           -
"""

ROWS = [
    (dt.date.fromisoformat(day), {name: code for name, code in zip(IAAS.versions, codes, strict=True) if code != "-"})
    for day, *codes in map(str.split, TIMELINE.strip().splitlines())
]
LAST_DAYS = [day - dt.timedelta(days=1) for day, _ in ROWS[1:]] + [dt.date(2099, 12, 31)]

# attn, beginning of the ids, and their ends: the official matrix; ids that are not here have 0
MATRIX = """
3  scs-0100-          syntax-check semantics-check
3  scs-0102-prop-     architecture min_disk min_ram os_version os_distro hw_disk_bus image_build_date
3  scs-0102-prop-     image_original_user image_source image_description replace_frequency provided_until uuid_validity
3  scs-0102-          image-recency
2  scs-0101-          entropy-avail fips-test
2  scs-0103-flavor-   1v-4 2v-8 4v-16 8v-32 1v-2 2v-4 4v-8 8v-16 16v-32 1v-8 2v-16 4v-32 1l-1 2v-4-20s 4v-16-100s
2  scs-0104-source-   capi-1 ubuntu-2204 ubuntu-2004 debian-12 debian-11
1  scs-0104-source-   capi-2 ubuntu-2404 debian-13
1  scs-0104-image-    ubuntu-2404 ubuntu-2204
1  scs-01             14-syntax-check 15-default-rules 16-permissions 17-test-backup
1  scs-0123-service-  compute identity image network load-balancer placement
1  scs-0123-          storage-apis swift-s3
"""

ATTENTION = {
    prefix + end: int(number) for number, prefix, *ends in map(str.split, MATRIX.strip().splitlines()) for end in ends
}


@pytest.mark.parametrize(("date", "codes"), [*ROWS, *zip(LAST_DAYS, [codes for _, codes in ROWS], strict=True)])
def test_the_versions_in_force_follow_the_timeline(date: dt.date, codes: dict[str, str]) -> None:
    assert IAAS.validity(date) == codes
    assert {name: IAAS.code(name, date) for name in IAAS.versions} == {
        name: codes.get(name, "not yet in force" if name == "next" else "deprecated") for name in IAAS.versions
    }


@pytest.mark.parametrize(
    ("date", "codes"),
    [
        # v3 and v4 are stable since 2024-02-28, v5.1 since 2024-12-19.
        (dt.date(2020, 1, 1), ["not yet in force"] * 4),
        (dt.date(2024, 12, 18), ["not yet in force", "not yet in force", "deprecated", "deprecated"]),
    ],
)
def test_before_the_first_entry_no_version_is_in_force(date: dt.date, codes: list[str]) -> None:
    assert IAAS.validity(date) == {}
    assert [IAAS.code(name, date) for name in IAAS.versions] == codes


def test_an_unknown_version_is_in_force_never() -> None:
    assert IAAS.code("v99", dt.date(2026, 6, 15)) == "deprecated"


@pytest.mark.parametrize(
    ("stable", "timeline", "date", "code"),
    [
        # Nobody has listed it: only the day on which it gets stable tells that it is to come.
        (dt.date(2027, 1, 1), {}, dt.date(2026, 12, 31), "not yet in force"),
        (dt.date(2027, 1, 1), {}, dt.date(2027, 1, 1), "deprecated"),
        (dt.date(2027, 1, 1), {dt.date(2026, 1, 1): {"other": "effective"}}, dt.date(2026, 6, 1), "not yet in force"),
        # Stable long ago and listed later, or listed once and stable later: it has been there before.
        (dt.date(2025, 1, 1), {dt.date(2027, 1, 1): {"v1": "effective"}}, dt.date(2026, 6, 1), "deprecated"),
        (
            dt.date(2027, 1, 1),
            {dt.date(2025, 1, 1): {"v1": "draft"}, dt.date(2026, 1, 1): {"other": "effective"}},
            dt.date(2026, 6, 1),
            "deprecated",
        ),
        # Neither listed nor stable, ever.
        (None, {}, dt.date(2026, 6, 1), "deprecated"),
    ],
)
def test_a_version_is_to_come_if_it_is_listed_or_stable_later_only(
    stable: dt.date | None, timeline: dict[dt.date, dict[str, str]], date: dt.date, code: str
) -> None:
    versions = {name: Version(name, stable if name == "v1" else None, ()) for name in ("v1", "other")}
    scope = Scope(Path("x.yaml"), "uuid", "name", "url", {}, {}, versions, timeline)
    assert scope.code("v1", date) == code


def test_versions_in_force_are_listed_in_the_order_of_the_file_not_of_the_timeline(mini: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(mini.replace("    next: draft\n    v1: effective\n", "    v1: effective\n    next: draft\n"))
    assert list(load_scope(path).validity(dt.date(2026, 1, 1))) == ["next", "v1"]


@given(date=st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)), order=st.permutations(list(IAAS.timeline.items())))
def test_the_order_of_the_timeline_does_not_matter(date: dt.date, order: list[tuple[dt.date, dict[str, str]]]) -> None:
    shuffled = Scope(
        IAAS.path, IAAS.uuid, IAAS.name, IAAS.url, IAAS.testcases, IAAS.modules, IAAS.versions, dict(order)
    )
    assert shuffled.validity(date) == IAAS.validity(date)


@pytest.mark.parametrize("official", [False, True], ids=["ours", "official"])
def test_attention_counts_the_stable_versions_with_the_testcase_in_main(
    upstream: Callable[[str], Path], official: bool
) -> None:
    scope = load_scope(upstream("scs-compatible-iaas.yaml")) if official else IAAS
    assert len(scope.testcases) == 91
    assert ATTENTION.keys() <= scope.testcases.keys()
    assert {identity: scope.attention(identity) for identity in scope.testcases} == {
        identity: ATTENTION.get(identity, 0) for identity in scope.testcases
    }


def test_only_main_of_stable_versions_counts_for_attention(mini_path: Path) -> None:
    scope = load_scope(mini_path)
    attention = {identity: scope.attention(identity) for identity in scope.testcases}
    assert attention == {"scs-0100-one": 1, "scs-0100-two": 1, "scs-0102-three": 0, "four-check": 0, "five-check": 0}


def test_the_targets_of_a_version_are_the_union_over_its_modules_each_id_once(mini: str, tmp_path: Path) -> None:
    more = "- id: more\n  targets:\n    main:\n    - scs-0102-three\n    - scs-0100-one\n    preview: [scs-0100-one]\n"
    path = tmp_path / "x.yaml"
    path.write_text(
        mini.replace("modules:\n", f"modules:\n{more}").replace("  include:\n", "  include:\n  - more\n", 1)
    )
    version = load_scope(path).versions["next"]
    assert version.targets() == {
        "main": ["scs-0102-three", "scs-0100-one", "scs-0100-two"],
        "recommended": ["four-check"],
        "preview": ["scs-0100-one", "five-check"],
    }


def test_a_version_without_testcases_has_no_targets(mini: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(mini + "- version: v0\n  include: []\n")
    assert load_scope(path).versions["v0"].targets() == {}


@pytest.mark.parametrize(
    ("testcase", "standard", "cost"),
    [
        ("scs-0103-flavor-1v-4", "0103", "light"),
        ("scs-0117-test-backup", "0117", "heavy"),
        ("domain-manager-check", "0302", "manual"),
    ],
)
def test_a_testcase_knows_its_standard_and_its_cost(testcase: str, standard: str | None, cost: str) -> None:
    entry = IAAS.testcases[testcase]
    assert (standard_of(entry, []), entry.cost) == (standard, cost)


def test_a_testcase_without_section_is_light_or_manual(mini_path: Path) -> None:
    testcases = load_scope(mini_path).testcases
    assert (testcases["scs-0102-three"].cost, testcases["five-check"].cost) == ("light", "manual")


def _place(number: int, text: str) -> tuple[Testcase, Module]:
    """A testcase and its module with a text in one of the places where a standard is looked for, in their order."""
    places = ["my-check", "my-module", "A name", "https://x.example/scs-9999/a", "https://x.example/b#scs-8888-v1"]
    places[number] = places[number].rpartition("/")[0] + "/" + text if number > 2 else text
    testcase = Testcase(places[0], "", places[4], None, None, manual=False)
    return testcase, Module(places[1], places[2], places[3], {})


@pytest.mark.parametrize("number", range(5))
def test_a_standard_is_found_in_five_places(number: int) -> None:
    testcase, module = _place(number, "scs-0201-v1")
    assert standard_of(testcase, [module]) == "0201"
    testcase, module = _place(number, "xscs-0201")
    assert standard_of(testcase, [module]) is None
    testcase, module = _place(number, "scs-02015")
    assert standard_of(testcase, [module]) is None


def test_the_first_of_the_places_decides() -> None:
    testcase = Testcase("scs-0001-x", "", "https://x.example/scs-0005", None, None, manual=False)
    module = Module("scs-0002", "scs-0003", "https://x.example/scs-0004", {})
    assert standard_of(testcase, [module]) == "0001"
    testcase = dataclasses.replace(testcase, id="x")
    assert standard_of(testcase, [dataclasses.replace(module, id="x"), module]) == "0002"
    assert standard_of(testcase, [dataclasses.replace(module, id="x")]) == "0003"
    assert standard_of(testcase, [dataclasses.replace(module, id="x", name="x")]) == "0004"
    assert standard_of(testcase, []) == "0005"


@pytest.mark.parametrize(
    ("identity", "standard"),
    [
        ("cncf-k8s-conformance", "0201"),
        ("version-policy-check", "0210"),
        ("kaas-networking-check", "0219"),
        ("node-distribution-check", "0214"),
    ],
)
def test_the_official_ids_on_clusters_have_standards(identity: str, standard: str) -> None:
    scope = load_scope(SCOPES / "scs-compatible-kaas.yaml")
    modules = [module for module in scope.modules.values() if any(identity in ids for ids in module.targets.values())]
    assert standard_of(scope.testcases[identity], modules) == standard


def test_a_module_of_another_organisation_may_be_about_a_standard() -> None:
    testcase = Testcase("tempest", "", "", None, None, manual=False)
    assert standard_of(testcase, [IAAS.modules["opc-v2022.11"]]) == "0128"
