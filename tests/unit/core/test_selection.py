# SPDX-License-Identifier: Apache-2.0
"""From ``--scs-scope`` values to the expected testcases."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.core.scope import TARGETS
from pytest_scs.core.selection import Selection, bundled_scopes, known_markers, mark, select, short_name

TODAY = dt.date(2026, 6, 15)
V4_LIST = "https://raw.githubusercontent.com/SovereignCloudStack/standards/main/Tests/iaas/scs-0104-v1-images.yaml"
V5_LIST = "https://raw.githubusercontent.com/SovereignCloudStack/standards/main/Tests/iaas/scs-0104-v1-images-v5.yaml"


def chosen(*specs: str, date: dt.date = TODAY, targets: tuple[str, ...] = ("main",), base: Path = Path()) -> Selection:
    return select(specs, date, targets, base)


def refusal(*specs: str, date: dt.date = TODAY, targets: tuple[str, ...] = ("main",), base: Path = Path()) -> str:
    with pytest.raises(InputError) as caught:
        select(specs, date, targets, base)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def versions(selection: Selection) -> list[tuple[str, str, bool]]:
    return [(version.label, version.code, version.decisive) for version in selection.versions]


def test_a_version_by_name() -> None:
    selection = chosen("iaas-v5.1")
    assert versions(selection) == [("iaas-v5.1", "effective", True)]
    assert len(selection.expected) == 54
    assert (selection.date, selection.targets) == (TODAY, ("main",))
    assert selection.versions[0].title == "SCS-compatible IaaS v5.1"


@pytest.mark.parametrize(("version", "count"), [("v3", 16), ("v4", 39), ("v5.1", 54), ("next", 55)])
def test_every_version_can_be_judged_by_name_whatever_its_state(version: str, count: int) -> None:
    selection = chosen(f"iaas-{version}")
    assert len(selection.expected) == count
    assert all(entry.decisive for entry in selection.expected.values())


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2024-12-19", ["v5.1 effective", "v4 effective", "v3 deprecated -"]),
        ("2025-02-01", ["v5.1 effective", "v4 warn", "v3 deprecated -"]),
        ("2025-08-01", ["v5.1 effective", "v4 deprecated -", "v3 deprecated -"]),
        ("2025-10-01", ["next draft -", "v5.1 effective", "v4 deprecated -", "v3 deprecated -"]),
        ("2026-06-15", ["next draft -", "v5.1 effective"]),
    ],
)
def test_a_scope_means_every_version_listed_on_the_date_and_those_in_force_decide(
    date: str, expected: list[str]
) -> None:
    found = chosen("iaas", date=dt.date.fromisoformat(date)).versions
    assert [f"{version.name} {version.code}{'' if version.decisive else ' -'}" for version in found] == expected


def test_a_draft_judged_along_does_not_decide_but_what_the_version_in_force_demands_does() -> None:
    expected = chosen("iaas").expected
    assert not expected["scs-0123-service-s3"].decisive  # only in the draft
    assert not expected["scs-0102-prop-os_purpose"].decisive
    assert expected["scs-0123-swift-s3"].decisive  # only in v5.1
    assert expected["scs-0100-syntax-check"].decisive  # in both


def test_where_no_listed_version_can_be_certified_all_of_them_decide(mini: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(mini.replace("v1: effective", "v1: deprecated"))
    selection = chosen("x.yaml", base=tmp_path)
    assert versions(selection) == [("x-next", "draft", True), ("x-v1", "deprecated", True)]


def test_a_draft_asked_for_by_name_decides() -> None:
    for specs in (("iaas", "iaas-next"), ("iaas-next", "iaas")):
        selection = chosen(*specs)
        assert {version.name: version.decisive for version in selection.versions} == {"next": True, "v5.1": True}
        assert selection.expected["scs-0123-service-s3"].decisive


def test_before_the_first_date_a_version_must_be_named() -> None:
    message = refusal("iaas", date=dt.date(2024, 1, 1))
    assert message == (
        "--scs-scope: no version of SCS-compatible IaaS is in force on 2024-01-01; name one, e.g. iaas-next"
    )
    assert versions(chosen("iaas-v4", date=dt.date(2024, 1, 1))) == [("iaas-v4", "not yet in force", True)]


def test_a_file_with_version_is_found_from_the_given_folder(mini_path: Path) -> None:
    selection = chosen(f"{mini_path.name}@v1", base=mini_path.parent)
    assert versions(selection) == [("mini-v1", "effective", True)]
    assert list(selection.expected) == ["scs-0100-one", "scs-0100-two"]
    assert selection.scopes[0].path == mini_path


def test_a_file_without_version_means_every_version_in_force(mini_path: Path) -> None:
    expected = [("mini-next", "draft", False), ("mini-v1", "effective", True)]
    assert versions(chosen(str(mini_path))) == expected
    assert versions(chosen(f"{mini_path}@")) == expected


@pytest.mark.parametrize("name", ["./scs.yaml@v1", "sub/../scs.yaml@v1", "scs.yml@v1", "./scope@v1"])
def test_a_file_can_be_named_in_several_ways(mini: str, tmp_path: Path, name: str) -> None:
    (tmp_path / "sub").mkdir()
    for file in ("scs.yaml", "scs.yml", "scope"):
        (tmp_path / file).write_text(mini)
    assert len(chosen(name, base=tmp_path).expected) == 2


@pytest.mark.parametrize("version", ["@v1", ""])
def test_a_folder_may_have_an_at_sign_in_its_name(mini: str, tmp_path: Path, version: str) -> None:
    folder = tmp_path / "job@2"
    folder.mkdir()
    (folder / "x.yaml").write_text(mini)
    for spec, base in ((f"{folder}/x.yaml{version}", tmp_path), (f"job@2/x.yaml{version}", tmp_path)):
        assert "scs-0100-one" in chosen(spec, base=base).expected


def test_the_home_folder_can_be_abbreviated(mini_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(mini_path.parent))
    assert len(chosen(f"~/{mini_path.name}@v1").expected) == 2
    assert "cannot read scope file" in refusal("~nobody-of-this-name/x.yaml@v1")


def test_a_file_that_is_missing_or_broken_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("- 1")
    assert "cannot read scope file" in refusal("gone.yaml@v1", base=tmp_path)
    assert refusal("x.yaml@v1", base=tmp_path).startswith(f"{tmp_path}/x.yaml:1: scope file: must be a mapping")


@pytest.mark.parametrize(
    ("spec", "suggestion"),
    [
        ("iass-v5.1", "did you mean 'iaas-v5.1'"),
        ("ias", "did you mean 'iaas'"),
        ("iaas@v5.1", "did you mean 'iaas-v5.1'"),
    ],
)
def test_an_unknown_scope_gets_a_suggestion_and_the_list(spec: str, suggestion: str) -> None:
    message = refusal(spec)
    assert message.startswith(f"--scs-scope: unknown scope {spec!r}; {suggestion}")
    known = (
        *("beyond-kaas", "beyond-kaas-v1", "beyond", "beyond-v1"),
        *("iaas-v6", "iaas", "iaas-next", "iaas-v5.1", "iaas-v4", "iaas-v3", "kaas", "kaas-v1"),
    )
    assert f"known: {', '.join(known)}, or a FILE.yaml@VERSION" in message


@pytest.mark.parametrize("spec", ["", "@v5.1", "xyzzy", "IAAS-v5.1x"])
def test_what_resembles_nothing_still_gets_the_list(spec: str) -> None:
    assert "known: beyond" in refusal(spec)


@pytest.mark.parametrize(
    ("spec", "suggestion"), [("iaas-v5", "iaas-v5.1"), ("iaas-v51", "iaas-v5.1"), ("iaas-nxt", "iaas-next")]
)
def test_an_unknown_version_gets_a_suggestion_and_the_list(spec: str, suggestion: str) -> None:
    message = refusal(spec)
    assert "SCS-compatible IaaS has no version" in message
    assert f"did you mean '{suggestion}'?" in message
    assert message.endswith("? Known: iaas-next, iaas-v5.1, iaas-v4, iaas-v3")


def test_a_version_like_no_other_gets_no_suggestion() -> None:
    assert refusal("iaas-v9") == (
        "--scs-scope: 'iaas-v9': SCS-compatible IaaS has no version 'v9'; known: iaas-next, iaas-v5.1, iaas-v4, iaas-v3"
    )


def test_a_standard_is_named_after_the_version_that_decides() -> None:
    def names(*specs: str) -> dict[str, str]:
        selection = chosen(*specs, date=dt.date(2026, 6, 15))
        return {standard: name for standard, name, _ in selection.groups()}

    assert names("iaas") | names("iaas-v5.1") == names("iaas")
    assert names("iaas")["scs-0102"] != names("iaas-next")["scs-0102"]


def test_an_unknown_version_of_a_file_is_refused(mini_path: Path) -> None:
    message = refusal(f"{mini_path}@v2")
    assert "SCS-compatible Mini has no version 'v2'" in message
    assert message.endswith(f"known: {mini_path}@next, {mini_path}@v1")


@pytest.mark.parametrize(
    ("targets", "count"),
    [(("main",), 54), (("recommended",), 30), (("preview",), 7), (("main", "preview"), 61), (TARGETS, 91)],
)
def test_targets_choose_among_the_testcases_of_a_version(targets: tuple[str, ...], count: int) -> None:
    selection = chosen("iaas-v5.1", targets=targets)
    union = {
        identity
        for target, ids in selection.versions[0].scope.versions["v5.1"].targets().items()
        if target in targets
        for identity in ids
    }
    assert set(selection.expected) == union
    assert {member.target for entry in selection.expected.values() for member in entry.memberships} <= set(targets)


def test_a_violation_outside_main_never_fails_the_run() -> None:
    expected = chosen("iaas-v5.1", targets=TARGETS).expected
    in_main = chosen("iaas-v5.1").expected
    assert {identity for identity, entry in expected.items() if entry.decisive} == set(in_main)


def test_a_selection_without_any_testcase_is_refused() -> None:
    assert refusal("iaas-v3", targets=("preview",)) == (
        "no testcase in target preview of iaas-v3; try --scs-target=all"
    )


def test_testcases_come_in_the_order_of_the_scope_file() -> None:
    selection = chosen("iaas-v4", "iaas-next", targets=TARGETS)
    declared = list(selection.scopes[0].testcases)
    assert list(selection.expected) == [identity for identity in declared if identity in selection.expected]


def test_two_scopes_merge(mini_path: Path) -> None:
    selection = chosen(f"{mini_path}@v1", "iaas-v5.1", "beyond-v1", targets=TARGETS)
    assert [version.label for version in selection.versions] == ["mini-v1", "iaas-v5.1", "beyond-v1"]
    assert [scope.name for scope in selection.scopes] == [
        "SCS-compatible Mini",
        "SCS-compatible IaaS",
        "SCS IaaS beyond the official suite (unofficial)",
    ]
    assert {"scs-0100-one", "scs-0100-syntax-check", "scs-0104-x-v2-capi"} <= set(selection.expected)


def test_a_testcase_in_two_scopes_is_one_with_two_reasons(mini: str, tmp_path: Path) -> None:
    other = mini.replace("uuid: 0f6d2a34", "uuid: 1f6d2a34").replace("name: SCS-compatible Mini", "name: Other")
    (tmp_path / "a.yaml").write_text(mini)
    (tmp_path / "b.yaml").write_text(other)
    selection = chosen("a.yaml@v1", "b.yaml@next", base=tmp_path)
    entry = selection.expected["scs-0100-one"]
    assert [member.version.label for member in entry.memberships] == ["a-v1", "b-next"]
    assert [scope.name for scope in selection.scopes] == ["SCS-compatible Mini", "Other"]


def test_the_same_version_twice_is_one() -> None:
    assert versions(chosen("iaas-v5.1", "iaas-v5.1")) == [("iaas-v5.1", "effective", True)]


def test_members_are_those_of_one_target_of_one_version() -> None:
    selection = chosen("iaas", targets=TARGETS)
    found = {
        (version.name, target): len(selection.members(version, target))
        for version in selection.versions
        for target in TARGETS
    }
    assert (found["next", "main"], found["v5.1", "main"]) == (55, 54)
    assert found["v5.1", "recommended"] == found["next", "recommended"] + 2


def test_the_markers_of_a_testcase_name_everything_it_belongs_to() -> None:
    entry = chosen("iaas").expected["scs-0100-syntax-check"]
    assert set(entry.markers()) == {"scs_0100", "iaas", "scs_0100_v3_1", "iaas_next", "iaas_v5_1", "main", "light"}
    assert all(entry.markers().values())
    backup = chosen("iaas-v5.1").expected["scs-0117-test-backup"]
    assert "heavy" in backup.markers()
    assert "light" not in backup.markers()


@pytest.mark.parametrize(
    ("name", "marker"),
    [
        ("scs-0100-v3.1", "scs_0100_v3_1"),
        ("iaas-v5.1", "iaas_v5_1"),
        ("main", "main"),
        ("opc-v2022.11", "opc_v2022_11"),
        ("a b/c", "a_b_c"),
    ],
)
def test_a_marker_is_the_name_in_letters_and_digits(name: str, marker: str) -> None:
    assert mark(name) == marker


def test_known_markers_are_all_that_any_selection_derives() -> None:
    known = known_markers()
    assert list(known) == sorted(known)
    for spec in ("iaas", "iaas-v3", "iaas-v4", "beyond-v1"):
        for entry in chosen(spec, targets=TARGETS).expected.values():
            assert entry.markers().keys() <= known.keys()
    assert {"iaas_v5_1", "scs_0123_v2", "beyond_v1", "heavy", "manual", "preview"} <= known.keys()
    assert all(name.isidentifier() for name in known)


def test_groups_are_the_standards_by_number() -> None:
    groups = chosen("iaas-v5.1").groups()
    assert [(standard, len(entries)) for standard, _, entries in groups] == [
        ("scs-0100", 2),
        ("scs-0101", 2),
        ("scs-0102", 14),
        ("scs-0103", 15),
        ("scs-0104", 9),
        ("scs-0114", 1),
        ("scs-0115", 1),
        ("scs-0116", 1),
        ("scs-0117", 1),
        ("scs-0123", 8),
    ]
    assert groups[0][1] == "Flavor names"
    several = [standard for standard, _, _ in chosen("beyond-v1", "iaas-v5.1", targets=TARGETS).groups()]
    assert several == sorted(several)


def test_a_testcase_without_number_belongs_to_the_standard_of_its_module() -> None:
    selection = chosen("iaas-v5.1", targets=("preview",))
    assert selection.expected["key-manager-docs-check"].standard == "scs-0116"
    assert selection.expected["domain-manager-check"].standard == "scs-0302"


def test_a_testcase_of_another_organisation_belongs_to_no_standard(mini: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(mini.replace("scs-0116-v1-manual", "keys-v1"))
    selection = chosen("x.yaml@next", base=tmp_path, targets=("preview",))
    assert selection.expected["five-check"].standard == "other"


def test_parameters_are_those_of_the_chosen_versions_each_once() -> None:
    testcase = "scs-0104-source-capi-1"
    assert chosen("iaas-v4").expected[testcase].parameters("image_spec") == (V4_LIST,)
    assert chosen("iaas").expected[testcase].parameters("image_spec") == (V5_LIST,)
    assert chosen("iaas-v5.1", "iaas-v4").expected[testcase].parameters("image_spec") == (V5_LIST, V4_LIST)
    assert chosen("iaas").expected[testcase].parameters("colour") == ()
    assert chosen("iaas").expected["scs-0100-syntax-check"].parameters("image_spec") == ()


def test_modules_tell_through_which_version_of_a_standard_a_testcase_came() -> None:
    assert chosen("iaas").expected["scs-0102-image-recency"].modules == {"scs-0102-v1", "scs-0102-v2"}
    assert chosen("iaas-v5.1", targets=TARGETS).expected["scs-0102-prop-os_purpose"].modules == {"scs-0102-v1-rec"}


def test_the_bundled_scopes_have_short_names() -> None:
    assert {name: path.name for name, path in bundled_scopes().items()} == {
        "iaas": "scs-compatible-iaas.yaml",
        "beyond": "beyond.yaml",
        "iaas-v6": "iaas-v6.yaml",
        "kaas": "scs-compatible-kaas.yaml",
        "beyond-kaas": "beyond-kaas.yaml",
    }
    assert short_name(Path("/x/scs-compatible-kaas.yaml")) == "kaas"
    assert short_name(Path("/x/my.yaml")) == "my"


def test_the_draft_of_v6_is_judged_by_name_only() -> None:
    for date in (dt.date(2026, 8, 1), TODAY, dt.date(2026, 12, 1)):
        assert versions(chosen("iaas-v6", date=date))[0][0] == "iaas-v6"
        assert "iaas-v6" not in [label for label, *_ in versions(chosen("iaas", date=date))]
    assert versions(chosen("iaas-v6", date=dt.date(2026, 12, 1))) == [("iaas-v6", "draft", True)]
    [version] = chosen("iaas-v6").versions
    assert (version.title, version.certifiable) == ("SCS-compatible IaaS v6 (draft, unofficial)", False)
    assert "iaas_v6" in chosen("iaas-v6").expected["scs-0100-syntax-check"].markers()
    assert "did you mean 'iaas-v6'" in refusal("ias-v6")
    assert "has no version 'v7'" in refusal("iaas-v7")
