# SPDX-License-Identifier: Apache-2.0
"""The scope files of this repository, beside the official one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_scs.base.paths import SCOPES
from pytest_scs.core.lifetime import PERIODS
from pytest_scs.core.scope import OFFICIAL, TARGETS, Scope
from pytest_scs.core.scope_file import load_scope
from pytest_scs.standards.intervals import answers_end

OURS = load_scope(SCOPES / "scs-compatible-iaas.yaml")
BEYOND = load_scope(SCOPES / "beyond.yaml")
DRAFT = load_scope(SCOPES / "iaas-v6.yaml")

COUNTS = {"next": 55, "v5.1": 54, "v4": 39, "v3": 16}


@pytest.fixture
def official(upstream: Callable[[str], Path]) -> Scope:
    return load_scope(upstream("scs-compatible-iaas.yaml"))


def image_specs(scope: Scope, version: str) -> dict[str, dict[str, str]]:
    """Parameters by the module that has them, of what target ``main`` needs."""
    return {
        entry.module.id: dict(entry.parameters)
        for entry in scope.versions[version].includes
        if entry.parameters and "main" in entry.module.targets
    }


@pytest.mark.parametrize(("version", "count"), COUNTS.items())
def test_main_decides_on_the_same_testcases_as_the_official_file(official: Scope, version: str, count: int) -> None:
    ours = OURS.versions[version].targets()["main"]
    theirs = official.versions[version].targets()["main"]
    assert set(ours) == set(theirs)
    assert len(ours) == len(set(ours)) == count


def test_main_has_the_published_number_of_testcases() -> None:
    assert {name: len(version.targets()["main"]) for name, version in OURS.versions.items()} == COUNTS


def test_the_scope_is_the_official_one(official: Scope) -> None:
    assert (OURS.uuid, OURS.name, OURS.url) == (official.uuid, official.name, official.url)
    assert OURS.uuid == "50393e6f-2ae1-4c5c-a62c-3b75f2abef3f"


def test_the_same_testcases_are_declared_in_the_same_order(official: Scope) -> None:
    assert list(OURS.testcases) == list(official.testcases)
    assert len(OURS.testcases) == 91
    manual = {identity: testcase.manual for identity, testcase in OURS.testcases.items()}
    assert manual == {identity: testcase.manual for identity, testcase in official.testcases.items()}
    urls = {identity: testcase.url for identity, testcase in OURS.testcases.items()}
    assert urls == {identity: testcase.url for identity, testcase in official.testcases.items()}


def test_timeline_and_versions_are_the_official_ones(official: Scope) -> None:
    assert OURS.timeline == official.timeline
    assert list(OURS.versions) == list(official.versions)
    stable = {name: version.stabilized_at for name, version in OURS.versions.items()}
    assert stable == {name: version.stabilized_at for name, version in official.versions.items()}


def test_every_official_module_has_the_official_targets(official: Scope) -> None:
    for identity, module in official.modules.items():
        assert {target: set(ids) for target, ids in OURS.modules[identity].targets.items()} == {
            target: set(ids) for target, ids in module.targets.items()
        }, identity
        assert OURS.modules[identity].url == module.url


def test_modules_of_our_own_stay_out_of_main(official: Scope) -> None:
    own = OURS.modules.keys() - official.modules.keys()
    assert own == {"scs-0101-v1-declared", "scs-0104-v1-2-declared"}
    assert all(set(OURS.modules[identity].targets) == {"preview"} for identity in own)


@pytest.mark.parametrize("version", COUNTS)
def test_versions_include_at_least_the_official_modules(official: Scope, version: str) -> None:
    ours = {entry.module.id for entry in OURS.versions[version].includes}
    theirs = {entry.module.id for entry in official.versions[version].includes}
    assert theirs <= ours
    assert all(identity.endswith(("-rec", "-manual", "-declared")) for identity in ours - theirs)


@pytest.mark.parametrize("version", COUNTS)
def test_main_is_judged_by_the_official_image_lists(official: Scope, version: str) -> None:
    assert image_specs(OURS, version) == image_specs(official, version)


def test_all_image_modules_of_a_version_use_the_same_list() -> None:
    for version in ("next", "v5.1", "v4"):
        includes = [entry for entry in OURS.versions[version].includes if "scs-0104" in entry.module.id]
        assert len(includes) >= 2
        assert len({entry.parameters["image_spec"] for entry in includes}) == 1


def test_every_recommended_and_manual_module_is_in_a_version() -> None:
    included = {entry.module.id for version in OURS.versions.values() for entry in version.includes}
    assert included == set(OURS.modules)
    assert any(identity.endswith("-rec") for identity in included)
    assert any(identity.endswith("-manual") for identity in included)


def test_every_testcase_is_judged_for_some_version() -> None:
    listed = {identity for version in OURS.versions.values() for ids in version.targets().values() for identity in ids}
    assert listed == set(OURS.testcases)


def test_descriptions_and_names_are_words_of_our_own(official: Scope) -> None:
    theirs = {testcase.description.casefold() for testcase in official.testcases.values()}
    assert not [entry.id for entry in OURS.testcases.values() if entry.description.casefold() in theirs]
    names = {module.name.casefold() for module in official.modules.values()}
    assert not [module.id for module in OURS.modules.values() if module.name.casefold() in names]


@pytest.mark.parametrize("scope", [OURS, BEYOND, DRAFT], ids=["iaas", "beyond", "v6"])
def test_every_testcase_is_described_and_has_a_link_and_a_cost(scope: Scope) -> None:
    for testcase in scope.testcases.values():
        assert testcase.description.endswith(".")
        assert testcase.url.startswith("https://docs.scs.community/standards/")
        assert testcase.section in ("light", "heavy", "manual")
        assert (testcase.section == "manual") == testcase.manual
    assert len({testcase.description for testcase in scope.testcases.values()}) == len(scope.testcases)


@pytest.mark.parametrize("scope", [OURS, BEYOND, DRAFT], ids=["iaas", "beyond", "v6"])
def test_every_target_is_one_of_the_three(scope: Scope) -> None:
    assert {target for module in scope.modules.values() for target in module.targets} <= set(TARGETS)
    assert {testcase.lifetime for testcase in scope.testcases.values()} <= {None, *PERIODS}


def test_a_manual_answer_counts_for_a_quarter() -> None:
    # By the rule about answers (scs-0004), not by a lifetime: the official file has none (DEV-0004-1).
    assert {testcase.lifetime for testcase in OURS.testcases.values()} == {None}
    assert answers_end(dt.date(2026, 11, 20)) == dt.date(2027, 4, 1)
    assert {testcase.lifetime for testcase in OURS.testcases.values() if not testcase.manual} == {None}


def test_the_unofficial_scope_has_a_uuid_and_a_name_of_its_own() -> None:
    kaas = "1fffebe6-fd4b-44d3-a36c-fc58b4bb0180"
    assert BEYOND.uuid not in (OURS.uuid, kaas)
    assert "unofficial" in BEYOND.name
    assert BEYOND.path.stem == "beyond"


def test_the_unofficial_scope_holds_the_draft_of_the_image_standard() -> None:
    ids = {
        f"scs-0104-x-v2-{name}"
        for name in (
            "generic-source",
            "capi",
            "ubuntu-lts",
            "ubuntu-prev",
            "debian-stable",
            "debian-prev",
            "capi-present",
        )
    }
    assert {identity for identity in BEYOND.testcases if identity.startswith("scs-0104-")} == ids
    assert ids <= set(BEYOND.versions["v1"].targets()["preview"])
    assert not ids & {identity for target in ("main", "recommended") for identity in _beyond(target)}


def test_every_testcase_of_the_unofficial_scope_is_in_one_target() -> None:
    assert sorted(identity for target in TARGETS for identity in _beyond(target)) == sorted(BEYOND.testcases)


def _beyond(target: str) -> list[str]:
    return BEYOND.versions["v1"].targets()[target]


def test_no_id_of_ours_can_collide_with_an_official_one() -> None:
    assert not BEYOND.testcases.keys() & OURS.testcases.keys()
    assert all("-x-" in identity for identity in BEYOND.testcases)
    assert not any("-x-" in identity for identity in OURS.testcases)


def test_both_scopes_have_versions_in_force() -> None:
    date = dt.date(2026, 11, 21)
    assert OURS.validity(date) == {"next": "draft", "v5.1": "effective"}
    assert BEYOND.validity(date) == {"v1": "effective"}
    assert DRAFT.validity(date) == {"v6": "draft"}


REQUIRED = {f"scs-0104-x-v2-{name}" for name in ("generic-source", "capi", "ubuntu-lts")}
RECOMMENDED = {f"scs-0104-x-v2-{name}" for name in ("ubuntu-prev", "debian-stable", "debian-prev", "capi-present")}


def test_the_draft_of_v6_has_a_uuid_and_a_name_of_its_own() -> None:
    assert DRAFT.uuid not in (OURS.uuid, BEYOND.uuid, *OFFICIAL)
    assert not DRAFT.official
    assert DRAFT.name == "SCS-compatible IaaS v6 (draft, unofficial)"
    assert list(DRAFT.versions) == ["v6"]
    assert DRAFT.versions["v6"].stabilized_at is None


def test_v6_is_next_with_the_second_version_of_the_image_standard() -> None:
    following, draft = OURS.versions["next"].targets(), DRAFT.versions["v6"].targets()
    assert set(draft["main"]) == {one for one in following["main"] if not one.startswith("scs-0104-")} | REQUIRED
    recommended = {one for one in following["recommended"] if not one.startswith("scs-0104-")}
    assert set(draft["recommended"]) == recommended | RECOMMENDED
    assert set(draft["preview"]) == {one for one, testcase in OURS.testcases.items() if testcase.manual}
    assert len(draft["main"]) == 49
    assert set(draft) == set(TARGETS)


def test_the_draft_declares_every_testcase_as_the_other_files_do() -> None:
    known = {**BEYOND.testcases, **OURS.testcases}
    assert {identity: known[identity] for identity in DRAFT.testcases} == dict(DRAFT.testcases)
