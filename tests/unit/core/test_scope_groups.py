# SPDX-License-Identifier: Apache-2.0
"""Scope files with groups in place of modules: the same content, and every way to be broken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from second_form import RENAMED, second_form, write_second_form

from pytest_scs.base.errors import InputError
from pytest_scs.base.paths import SCOPES
from pytest_scs.core import scope_groups
from pytest_scs.core.lifetime import PERIODS
from pytest_scs.core.scope import CODES, TARGETS, Scope
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import Selection, mark, select

DATE = dt.date(2026, 11, 20)

NEW = """\
name: SCS-compatible New
uuid: 0f6d2a34-9f5e-4c27-8a53-3c1e4b7d9a01
url: https://docs.example/new
variables:
- os_cloud
scripts:
- executable: ./everything
  args: "{testcases}"
  testcases:
  - id: scs-0100-one
    lifetime: week
    url: https://docs.example/one
  - id: scs-0100-two
  - id: scs-0102-three
  - id: four-check
- testcases:
  - id: five-check
groups:
- id: v1
  name: Everything
  include:
  - scs-0100-v3.1
  - four-check
  - scs-0102-v1
- id: scs-0100-v3.1
  name: Names
  url: https://docs.example/0100
  include:
  - syntax
  - scs-0100-two
- id: syntax
  include:
  - scs-0100-one
- id: scs-0102-v1
  include:
  - scs-0102-three
  - syntax
- id: manual
  include:
  - five-check
- id: opc
- id: v2
  include:
  - v1
  - opc
timeline:
- date: 2025-01-01
  versions:
    v2: draft
    v1: effective
versions:
- version: v2
  test: v2
- version: v1
  attn: 1
  test: v1
"""


def scope_of(text: str, folder: Path) -> Scope:
    path = folder / "scs-compatible-new.yaml"
    path.write_text(text, "utf-8")
    return load_scope(path)


def test_groups_become_modules_and_all_that_is_reached_is_main(tmp_path: Path) -> None:
    scope = scope_of(NEW, tmp_path)
    [names, own, images] = [entry.module for entry in scope.versions["v1"].includes]
    assert (names.id, names.name, names.url) == ("scs-0100-v3.1", "Names", "https://docs.example/0100")
    assert names.targets == {"main": ("scs-0100-one", "scs-0100-two")}
    # What the group of a version includes itself is a module of the group's own id and name.
    assert (own.id, own.name, own.targets) == ("v1", "Everything", {"main": ("four-check",)})
    assert (images.id, images.name) == ("scs-0102-v1", "scs-0102-v1")
    assert images.targets == {"main": ("scs-0102-three", "scs-0100-one")}
    everything = ["scs-0100-one", "scs-0100-two", "four-check", "scs-0102-three"]
    assert scope.versions["v1"].targets() == {"main": everything}
    assert scope.versions["v2"].targets() == {"main": everything}
    assert [entry.module.id for entry in scope.versions["v2"].includes] == ["v1", "opc"]
    # The whole of a group is what is known by its id.
    assert scope.modules["v1"].targets == {"main": tuple(everything)}
    # Groups that are no part of any version are in no target, and no modules.
    assert "five-check" not in scope.included
    assert list(scope.modules) == ["v1", "scs-0100-v3.1", "scs-0102-v1", "opc"]


def test_a_version_with_attention_is_stable(tmp_path: Path) -> None:
    scope = scope_of(NEW, tmp_path)
    assert {name: (version.stable, version.stabilized_at) for name, version in scope.versions.items()} == {
        "v2": (False, None),
        "v1": (True, None),
    }
    assert scope.attention("scs-0100-one") == 1
    assert scope.attention("five-check") == 0
    for value in ("0", "~", ""):
        assert not scope_of(NEW.replace("attn: 1", f"attn: {value}"), tmp_path).versions["v1"].stable


def described(selection: Selection, renamed: dict[str, str] | None = None) -> dict[str, Any]:
    """All that a selection says of each testcase but the parameters, which the second form has not."""
    names = renamed or {}
    return {
        identity: (
            [(one.version.label, one.version.code, names.get(one.module.id, one.module.id), one.module.name, one.target)
             for one in entry.memberships],
            entry.decisive, entry.standard, entry.standard_name, entry.testcase,
            {mark(names.get(key, key)) for key in entry.markers()},
        )
        for identity, entry in selection.expected.items()
    }  # fmt: skip


@pytest.mark.parametrize("nested", [False, True], ids=["flat", "nested"])
@pytest.mark.parametrize("name", ["scs-compatible-iaas.yaml", "scs-compatible-kaas.yaml"])
@pytest.mark.parametrize("official", [True, False], ids=["official", "ours"])
def test_both_forms_of_the_official_files_give_the_same_selection(
    upstream: Callable[[str], Path], tmp_path: Path, name: str, nested: bool, official: bool
) -> None:
    first = upstream(name) if official else SCOPES / name
    second = write_second_form(first, tmp_path / "second", nested=nested)
    version = "v5.1" if "iaas" in name else "v1"
    # The names that were taken by testcases are the one thing that differs.
    renamed = {**RENAMED, **{mark(old): mark(new) for old, new in RENAMED.items()}}
    for spec in (f"@{version}", ""):
        # The second form has no other target than main.
        one = select([f"{first}{spec}"], DATE, ["main"], tmp_path)
        other = select([f"{second}{spec}"], DATE, TARGETS, tmp_path)
        assert len(one.expected) >= (54 if "iaas" in name else 3)
        assert described(other) == described(one, renamed)
    scopes = load_scope(first), load_scope(second)
    attention = [{identity: scope.attention(identity) for identity in scope.testcases} for scope in scopes]
    assert attention[0] == attention[1]


def test_markers_are_those_of_the_first_form(upstream: Callable[[str], Path], tmp_path: Path) -> None:
    second = write_second_form(upstream("scs-compatible-iaas.yaml"), tmp_path / "second")
    chosen = select([f"{second}@v5.1"], DATE, ["main"], tmp_path)
    assert set(chosen.expected["scs-0100-syntax-check"].markers()) == {
        "scs_0100", "iaas", "scs_0100_v3_1", "iaas_v5_1", "main", "light",
    }  # fmt: skip


#: Name of the damage: what to replace in the file above, by what, how many lines below the replaced text the message
#: must point, and place and cause in it.
BROKEN = {
    "both forms": ("groups:\n", "modules: []\ngroups:\n", 1, "groups: a scope file has modules or groups, not both"),
    "top keyword": ("timeline:\n", "group: []\ntimeline:\n", 0, "unknown keyword 'group'; did you mean 'groups'?"),
    "env": ("  args:", "  env: {}\n  args:", 0, "scripts[0].env: unknown keyword 'env'; allowed: executable, args"),
    "targets": (
        "- id: syntax\n  include:", "- id: syntax\n  targets:", 1,
        "groups[2].targets: unknown keyword 'targets'; allowed: id, name, url, include",
    ),
    "parameters": ("- id: opc\n", "- id: opc\n  parameters: {}\n", 1, "unknown keyword 'parameters'"),
    "include of a version": (
        "  attn: 1\n", "  include: []\n", 0, "versions[1].include: unknown keyword 'include'; allowed: version, attn"
    ),
    "stabilized_at": ("  attn: 1\n", "  stabilized_at: 2025-01-01\n", 0, "unknown keyword 'stabilized_at'"),
    "no test": ("  attn: 1\n  test: v1\n", "  attn: 1\n", -1, "versions[1]: keyword 'test' is missing"),
    "no id": ("- id: opc\n", "- name: opc\n", 0, "groups[5]: keyword 'id' is missing"),
    "groups as mapping": ("groups:\n", "groups: {a: 1}\nprerequisite:\n", 0, "groups: must be a list, found a mapping"),
    "group as text": ("- id: opc\n", "- opc\n", 0, "groups[5]: must be a mapping, found 'opc'"),
    "include as text": (
        "- id: opc\n", "- id: opc\n  include: five-check\n", 1, "groups[5].include: must be a list, found 'five-check'"
    ),
    "inclusion as mapping": (
        "  - v1\n  - opc\n", "  - ref: v1\n  - opc\n", 0, "groups[6].include[0]: must be text, found a mapping"
    ),
    "group twice": ("- id: opc\n", "- id: syntax\n", 0, "groups[5].id: group 'syntax' is declared twice"),
    "group and testcase": (
        "- id: opc\n", "- id: five-check\n", 0,
        "groups[5].id: 'five-check' is a testcase under scripts already; a group needs another id",
    ),
    "dangling": (
        "  - syntax\n  - scs-0100-two\n", "  - syntax\n  - scs-0100-to\n", 1,
        "groups[1].include[1]: 'scs-0100-to' is neither a group nor a testcase under scripts; did you mean",
    ),
    "dangling where no version looks": (
        "- id: manual\n  include:\n  - five-check\n",
        "- id: manual\n  include:\n  - six\n", 2,
        "groups[4].include[0]: 'six' is neither a group nor a testcase",
    ),
    "dangling test": ("  test: v2\n", "  test: v3\n", 0, "versions[0].test: group 'v3' is not declared"),
    "testcase as test": (
        "  test: v2\n", "  test: four-check\n", 0, "versions[0].test: 'four-check' is a testcase; a version names"
    ),
    "test as list": ("  test: v2\n", "  test: [v2]\n", 0, "versions[0].test: must be text, found a list"),
    "version twice": ("- version: v2\n", "- version: v1\n", 2, "versions[1].version: version 'v1' is declared twice"),
    "attention as truth": ("attn: 1", "attn: true", 0, "versions[1].attn: must be a whole number from 0, found True"),
    "attention below nothing": ("attn: 1", "attn: -1", 0, "versions[1].attn: must be a whole number from 0, found -1"),
    "half attention": ("attn: 1", "attn: 0.5", 0, "must be a whole number from 0, found 0.5"),
    "attention as text": ("attn: 1", "attn: '1'", 0, "must be a whole number from 0, found '1'"),
    "itself": (
        "- id: opc\n", "- id: opc\n  include:\n  - opc\n", 2,
        "groups[5].include[0]: groups include each other in a circle: opc > opc",
    ),
    "circle": (
        "- id: syntax\n  include:\n", "- id: syntax\n  include:\n  - v1\n", 2,
        "groups[2].include[0]: groups include each other in a circle: v1 > scs-0100-v3.1 > syntax > v1",
    ),
    "circle where no version looks": (
        "- id: manual\n  include:\n", "- id: manual\n  include:\n  - manual\n", 2, "circle: manual > manual"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "below", "cause"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_with_groups_is_one_line_with_file_line_place_and_cause(
    tmp_path: Path, old: str, new: str, below: int, cause: str
) -> None:
    assert NEW.count(old) == 1
    line = NEW[: NEW.index(old)].count("\n") + 1 + below
    with pytest.raises(InputError) as caught:
        scope_of(NEW.replace(old, new), tmp_path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{tmp_path}/scs-compatible-new.yaml:{line}: ")
    assert cause in message


@pytest.mark.parametrize("missing", ["groups", "versions", "timeline", "scripts", "name", "url", "uuid"])
def test_keywords_that_a_file_with_groups_needs(tmp_path: Path, missing: str) -> None:
    document = yaml.safe_load(NEW)
    document[missing] = None
    with pytest.raises(InputError, match=f"keyword '{missing}' is missing"):
        scope_of(yaml.safe_dump(document), tmp_path)


def test_a_file_with_groups_and_no_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="versions: must list at least one version"):
        scope_of(NEW[: NEW.index("timeline:")] + "timeline: []\nversions: []\n", tmp_path)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("levels", [40, 41, 5000])
def test_groups_are_nested_so_deep_and_no_deeper(tmp_path: Path, levels: int, backwards: bool) -> None:
    document = yaml.safe_load(NEW)
    chain = [{"id": f"g{number}", "include": [f"g{number + 1}"]} for number in range(1, levels)]
    chain.append({"id": f"g{levels}", "include": ["five-check"]})
    document["groups"] += chain[::-1] if backwards else chain
    document["versions"][0]["test"] = "g1"
    text = yaml.safe_dump(document)
    if levels > 40:
        with pytest.raises(InputError, match="nested deeper than 40 levels"):
            scope_of(text, tmp_path)
    else:
        assert scope_of(text, tmp_path).versions["v2"].targets() == {"main": ["five-check"]}


def test_a_small_file_cannot_make_a_large_scope(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = yaml.safe_load(NEW)
    document["groups"] += [{"id": f"g{number}", "include": ["v1"]} for number in range(30)]
    assert len(scope_of(yaml.safe_dump(document), tmp_path).testcases) == 5
    document["groups"].append({"id": "another", "include": ["v1"]})
    monkeypatch.setattr(scope_groups, "MAX_REACHED", 100)
    with pytest.raises(InputError, match="more than 100 testcases are reached from groups, all in all"):
        scope_of(yaml.safe_dump(document), tmp_path)


@st.composite
def first_forms(draw: st.DrawFn) -> dict[str, Any]:
    """A random scope file of the first form which knows no other target than main."""
    words = st.text("abcxyz-0123", min_size=1, max_size=6)
    ids = draw(st.lists(words.map("scs-{}".format), min_size=1, max_size=8, unique=True))
    testcases = [
        {"id": one, **draw(st.sampled_from([{}, *({"lifetime": period} for period in PERIODS)]))} for one in ids
    ]
    half = draw(st.integers(0, len(testcases)))
    scripts = [{"executable": "x", "testcases": testcases[:half]}, {"testcases": testcases[half:]}]
    names = draw(st.lists(words.map("m-{}".format), min_size=1, max_size=5, unique=True))
    parts = st.lists(st.sampled_from(ids), unique=True)
    modules = [{"id": name, "name": f"Name of {name}", "targets": {"main": draw(parts)}} for name in names]
    versions = []
    for number in range(draw(st.integers(1, 3))):
        stable = draw(st.sampled_from([{}, {"stabilized_at": dt.date(2025, 1, 1)}]))
        included = draw(st.lists(st.sampled_from(names), unique=True))
        versions.append({"version": f"v{number}", "include": included, **stable})
    listed = {version["version"]: draw(st.sampled_from(CODES)) for version in versions}
    return {
        "name": "Random", "uuid": "0f6d2a34-9f5e-4c27-8a53-3c1e4b7d9a01", "url": "x", "variables": ["os_cloud"],
        "scripts": scripts, "modules": modules, "versions": versions,
        "timeline": [{"date": dt.date(2025, 1, 1), "versions": listed}],
    }  # fmt: skip


def content(scope: Scope) -> dict[str, Any]:
    """What both forms can say, in the words of the model."""
    return {
        "testcases": dict(scope.testcases),
        "versions": [
            (
                version.name,
                version.stable,
                version.targets().get("main", []),
                [
                    (one.module.id, one.module.name, one.module.url, list(one.module.targets.get("main", ())))
                    for one in version.includes
                ],
            )
            for version in scope.versions.values()
        ],
        "timeline": dict(scope.timeline),
        "attention": {identity: scope.attention(identity) for identity in scope.testcases},
        "rest": (scope.uuid, scope.name, scope.url, scope.variables),
    }


@given(first=first_forms(), nested=st.booleans())
def test_any_scope_says_the_same_in_both_forms(
    tmp_path_factory: pytest.TempPathFactory, first: dict[str, Any], nested: bool
) -> None:
    folder = tmp_path_factory.getbasetemp()
    scopes = [
        scope_of(yaml.safe_dump(document, sort_keys=False), folder)
        for document in (first, second_form(first, nested=nested))
    ]
    assert content(scopes[1]) == content(scopes[0])
