# SPDX-License-Identifier: Apache-2.0
"""Loading scope files: good ones, and every way to be broken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.core.scope_file import load_scope


def test_the_official_iaas_file_loads_unchanged(upstream: Callable[[str], Path]) -> None:
    scope = load_scope(upstream("scs-compatible-iaas.yaml"))
    assert (scope.uuid, scope.name) == ("50393e6f-2ae1-4c5c-a62c-3b75f2abef3f", "SCS-compatible IaaS")
    assert len(scope.testcases) == 91
    assert [identity for identity, testcase in scope.testcases.items() if testcase.manual] == [
        "key-manager-docs-check",
        "availability-zones-check",
        "domain-manager-check",
    ]
    assert list(scope.versions) == ["next", "v5.1", "v4", "v3"]
    assert scope.versions["v5.1"].stabilized_at == dt.date(2024, 12, 19)
    assert {testcase.lifetime for testcase in scope.testcases.values()} == {None}
    [images] = [entry for entry in scope.versions["v4"].includes if entry.module.id == "scs-0104-v1-1"]
    assert images.parameters["image_spec"].endswith("/scs-0104-v1-images.yaml")


def test_the_official_kaas_file_loads_unchanged(upstream: Callable[[str], Path]) -> None:
    scope = load_scope(upstream("scs-compatible-kaas.yaml"))
    assert (scope.uuid, scope.name) == ("1fffebe6-fd4b-44d3-a36c-fc58b4bb0180", "SCS-compatible KaaS")
    assert {identity: (testcase.lifetime, testcase.cost) for identity, testcase in scope.testcases.items()} == {
        "cncf-k8s-conformance": ("year", "heavy"),
        "version-policy-check": (None, "light"),
        "node-distribution-check": (None, "manual"),
        "kaas-networking-check": ("month", "heavy"),
    }
    assert scope.versions["v1"].targets() == {
        "main": ["cncf-k8s-conformance", "version-policy-check", "kaas-networking-check"]
    }
    assert scope.code("v1", dt.date(2024, 3, 1)) == "draft"
    assert scope.code("v1", dt.date(2026, 6, 15)) == "effective"


def test_all_that_a_file_says_is_loaded(mini_path: Path) -> None:
    scope = load_scope(mini_path)
    assert scope.path == mini_path
    assert scope.url == "https://scs.example/mini.yaml"
    one = scope.testcases["scs-0100-one"]
    assert (one.description, one.url) == ("The first rule holds.", "https://scs.example/one")
    assert (one.section, one.lifetime, one.manual) == ("light", "week", False)
    three = scope.testcases["scs-0102-three"]
    assert (three.description, three.url, three.lifetime, three.section) == ("", "", None, None)
    assert scope.testcases["five-check"].manual
    assert scope.modules["scs-0102-v1"].targets == {"main": ["scs-0102-three"], "recommended": ["four-check"]}
    includes = scope.versions["next"].includes
    assert [(entry.module.id, dict(entry.parameters)) for entry in includes] == [
        ("scs-0100-v3.1", {}),
        ("scs-0102-v1", {"spec": "https://scs.example/list"}),
        ("scs-0116-v1-manual", {}),
    ]
    assert scope.versions["next"].stabilized_at is None
    assert scope.timeline[dt.date(2026, 1, 1)] == {"next": "draft", "v1": "effective"}


def test_a_module_may_have_no_targets_and_no_name(mini: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(mini.replace("modules:\n", "modules:\n- id: opc-v1\n- id: empty\n  targets: {}\n"))
    scope = load_scope(path)
    assert (scope.modules["opc-v1"].targets, scope.modules["opc-v1"].name) == ({}, "opc-v1")
    assert scope.modules["empty"].targets == {}


def test_a_version_may_be_written_like_a_number(mini: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(mini.replace("v1: effective", "5.1: effective").replace("version: v1", "version: 5.1"))
    scope = load_scope(path)
    assert scope.code("5.1", dt.date(2026, 6, 15)) == "effective"


@pytest.mark.parametrize("key", ["prerequisite: {name: x, url: y}", "variables: [a, {b: c}]"])
def test_every_official_keyword_is_accepted(mini: str, tmp_path: Path, key: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(mini.replace("variables:\n- os_cloud\n", f"{key}\n"))
    assert load_scope(path).name == "SCS-compatible Mini"


#: Name of the damage: what to replace in the small file, by what, how many lines below the replaced text the message
#: must point, and place and cause in it.
BROKEN = {
    # unknown keywords at each level
    "top keyword": ("timeline:\n", "timelines: {}\ntimeline:\n", 0, "timelines: unknown keyword 'timelines'"),
    "top keyword with suggestion": (
        "url: https://scs.example/mini",
        "urls: https://scs.example/mini",
        0,
        "did you mean 'url'?",
    ),
    "script keyword": (
        "- executable: pytest\n",
        "- executable: pytest\n  shell:\n    a: 1\n",
        1,
        "scripts[0].shell: unknown keyword 'shell'; allowed: executable, env",
    ),
    "testcase keyword": (
        "    lifetime: week\n",
        "    lifetimes: week\n",
        0,
        "scripts[0].testcases[0].lifetimes: unknown keyword 'lifetimes'; did you mean 'lifetime'?",
    ),
    "module keyword": ("  name: Images\n", "  title: Images\n", 0, "modules[1].title: unknown keyword 'title'"),
    # a target nobody would judge
    "target": (
        "  targets:\n    preview:",
        "  targets:\n    prewiev:",
        1,
        "targets.prewiev: unknown target 'prewiev'; did you mean 'preview'?",
    ),
    "timeline keyword": (
        "- date: 2025-01-01\n",
        "- date: 2025-01-01\n  note: x\n",
        1,
        "timeline[1].note: unknown keyword 'note'; allowed: date, versions",
    ),
    "version keyword": (
        "  stabilized_at:",
        "  stabilised_at:",
        0,
        "versions[1].stabilised_at: unknown keyword 'stabilised_at'; did you mean 'stabilized_at'?",
    ),
    "inclusion keyword": (
        "  - ref: scs-0102-v1\n",
        "  - ref: scs-0102-v1\n    target: main\n",
        1,
        "versions[0].include[1].target: unknown keyword 'target'; allowed: ref, parameters",
    ),
    "keyword that is no text": ("variables:\n", "1: 2\nvariables:\n", 0, "unknown keyword 1"),
    # ids given twice
    "testcase twice": (
        "  - id: scs-0100-two\n",
        "  - id: scs-0100-one\n",
        0,
        "scripts[0].testcases[1].id: testcase 'scs-0100-one' is declared twice",
    ),
    "testcase twice in two scripts": (
        "  - id: five-check\n",
        "  - id: four-check\n",
        0,
        "scripts[1].testcases[0].id: testcase 'four-check' is declared twice",
    ),
    "module twice": (
        "- id: scs-0102-v1\n",
        "- id: scs-0100-v3.1\n",
        0,
        "modules[1].id: module 'scs-0100-v3.1' is declared twice",
    ),
    "version twice": (
        "- version: v1\n",
        "- version: next\n",
        0,
        "versions[1].version: version 'next' is declared twice",
    ),
    "date twice": ("- date: 2025-01-01", "- date: 2026-01-01", 0, "timeline[1].date: date 2026-01-01 occurs twice"),
    # references to nothing
    "dangling testcase": (
        "    - scs-0100-two\n",
        "    - scs-0100-to\n",
        0,
        "modules[0].targets.main[1]: testcase 'scs-0100-to' is not declared under scripts; did you mean",
    ),
    "dangling module": (
        "  - scs-0116-v1-manual\n- version",
        "  - scs-0116-v1\n- version",
        0,
        "versions[0].include[2]: module 'scs-0116-v1' is not declared; did you mean",
    ),
    "dangling reference": (
        "  - ref: scs-0102-v1\n",
        "  - ref: nothing\n",
        0,
        "versions[0].include[1]: module 'nothing' is not declared",
    ),
    "dangling version": (
        "    next: draft\n",
        "    nxt: draft\n",
        0,
        "timeline[0].versions.nxt: version 'nxt' is not declared; did you mean 'next'?",
    ),
    # bad values
    "date that is no date": (
        "- date: 2025-01-01",
        "- date: 2025",
        0,
        "timeline[1].date: must be a date YYYY-MM-DD, found 2025",
    ),
    "date in quotes": (
        "- date: 2025-01-01",
        "- date: '2025-01-01'",
        0,
        "timeline[1].date: must be a date YYYY-MM-DD, found '2025-01-01'",
    ),
    "date with time": ("- date: 2025-01-01", "- date: 2025-01-01 10:00:00", 0, "must be a date YYYY-MM-DD"),
    "day that does not exist": ("- date: 2025-01-01", "- date: 2025-02-30", 0, "day is out of range"),
    "stabilized at no date": (
        "stabilized_at: 2025-01-01",
        "stabilized_at: soon",
        0,
        "versions[1].stabilized_at: must be a date YYYY-MM-DD, found 'soon'",
    ),
    "code": (
        "    next: draft\n",
        "    next: drafty\n",
        0,
        "timeline[0].versions.next: unknown validity 'drafty'; allowed: effective, warn, draft, deprecated",
    ),
    "code missing": ("    next: draft\n", "    next:\n", 0, "unknown validity None"),
    "lifetime": (
        "lifetime: week",
        "lifetime: weekly",
        0,
        "scripts[0].testcases[0].lifetime: unknown lifetime 'weekly'; allowed: day, week",
    ),
    "uuid": ("uuid: 0f6d2a34-", "uuid: 0f6d2a3-", 0, "uuid: must be a UUID in lower case, found '0f6d2a3-9f5e"),
    "uuid in capitals": ("uuid: 0f6d2a34-", "uuid: 0F6D2A34-", 0, "must be a UUID in lower case"),
    "alias instead of uuid": (
        "uuid: 0f6d2a34-9f5e-4c27-8a53-3c1e4b7d9a01",
        "uuid: scs-compatible-mini",
        0,
        "must be a UUID",
    ),
    # keys that are missing
    "no uuid": ("uuid: 0f6d2a34-9f5e-4c27-8a53-3c1e4b7d9a01\n", "", -1, "scope file: keyword 'uuid' is missing"),
    "no name": ("name: SCS-compatible Mini\n", "", 0, "keyword 'name' is missing"),
    "empty url": ("url: https://scs.example/mini.yaml", "url:", -2, "keyword 'url' is missing"),
    "no testcases": (
        "- testcases:\n  - id: five-check\n    lifetime: quarter\n",
        "- executable: x\n",
        0,
        "scripts[1]: keyword 'testcases' is missing",
    ),
    "no testcase id": (
        "  - id: scs-0100-two\n    description: T",
        "  - description: T",
        0,
        "scripts[0].testcases[1]: keyword 'id' is missing",
    ),
    "no module id": (
        "- id: scs-0116-v1-manual\n  name: Keys",
        "- name: Keys",
        0,
        "modules[2]: keyword 'id' is missing",
    ),
    "no date": ("- date: 2025-01-01\n  versions:", "- versions:", 0, "timeline[1]: keyword 'date' is missing"),
    "no versions in an entry": (
        "- date: 2025-01-01\n  versions:\n    v1: effective\n",
        "- date: 2025-01-01\n",
        0,
        "timeline[1]: keyword 'versions' is missing",
    ),
    "no version name": (
        "- version: v1\n  stabilized_at: 2025-01-01",
        "- stabilized_at: 2025-01-01",
        0,
        "versions[1]: keyword 'version' is missing",
    ),
    "no include": (
        "  stabilized_at: 2025-01-01\n  include:\n  - scs-0100-v3.1\n",
        "  stabilized_at: 2025-01-01\n",
        -1,
        "versions[1]: keyword 'include' is missing",
    ),
    "no ref": (
        "  - ref: scs-0102-v1\n    parameters:",
        "  - parameters:",
        0,
        "versions[0].include[1]: keyword 'ref' is missing",
    ),
    # wrong types
    "scripts as mapping": (
        "scripts:\n",
        "scripts: {a: 1}\nprerequisite:\n",
        0,
        "scripts: must be a list, found a mapping",
    ),
    "script as text": (
        "- executable: pytest\n  args: --os-cloud={os_cloud}\n  testcases:",
        "- pytest\n- testcases:",
        0,
        "scripts[0]: must be a mapping, found 'pytest'",
    ),
    "testcase id as list": (
        "  - id: five-check\n",
        "  - id: [five-check]\n",
        0,
        "scripts[1].testcases[0].id: must be text, found a list",
    ),
    "module as text": (
        "- id: scs-0116-v1-manual\n  name: Keys\n  targets:\n    preview:\n    - five-check\n",
        "- opc\n",
        0,
        "modules[2]: must be a mapping, found 'opc'",
    ),
    "targets as list": (
        "    preview:\n    - five-check\n",
        "  - five-check\n",
        -1,
        "modules[2].targets: must be a mapping, found a list",
    ),
    "target as text": (
        "    preview:\n    - five-check\n",
        "    preview: five-check\n",
        0,
        "modules[2].targets.preview: must be a list, found 'five-check'",
    ),
    "include as text": (
        "  stabilized_at: 2025-01-01\n  include:\n  - scs-0100-v3.1\n",
        "  include: scs-0100-v3.1\n",
        0,
        "versions[1].include: must be a list, found 'scs-0100-v3.1'",
    ),
    "inclusion as list": (
        "  - scs-0116-v1-manual\n- version",
        "  - [scs-0116-v1-manual]\n- version",
        0,
        "versions[0].include[2]: must be text, found a list",
    ),
    "parameters as text": (
        "    parameters:\n      spec: https://scs.example/list\n",
        "    parameters: spec\n",
        0,
        "versions[0].include[1].parameters: must be a mapping, found 'spec'",
    ),
    "validities as list": (
        "- date: 2025-01-01\n  versions:\n    v1: effective\n",
        "- date: 2025-01-01\n  versions: [v1]\n",
        1,
        "timeline[1].versions: must be a mapping, found a list",
    ),
    # no YAML at all
    "not YAML": ("modules:\n", "modules: ]\n", 0, "not valid YAML"),
    "tab": ("  targets:\n    preview:", "  targets:\n	preview:", 1, "not valid YAML"),
    "key twice": ("  name: Keys\n", "  name: Keys\n  name: Locks\n", 1, "key 'name' occurs twice"),
    "alias": (
        "variables:\n- os_cloud\n",
        "variables: &a [x]\nprerequisite: *a\n",
        1,
        "YAML alias *a is not allowed here",
    ),
}


@pytest.mark.parametrize(("old", "new", "below", "cause"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_is_one_line_with_file_line_place_and_cause(
    mini: str, tmp_path: Path, old: str, new: str, below: int, cause: str
) -> None:
    assert mini.count(old) == 1
    line = mini[: mini.index(old)].count("\n") + 1 + below
    path = tmp_path / "x.yaml"
    path.write_text(mini.replace(old, new))
    with pytest.raises(InputError) as caught:
        load_scope(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}:{line}: ")
    assert cause in message


def test_a_file_without_any_version_is_refused(mini: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(mini[: mini.index("timeline:")] + "timeline: []\nversions: []\n")
    with pytest.raises(InputError, match="versions: must list at least one version"):
        load_scope(path)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("just text\n", ":1: scope file: must be a mapping, found 'just text'"),
        ("- a\n- b\n", ":1: scope file: must be a mapping, found a list"),
        ("~\n", ":1: scope file: must be a mapping, found nothing"),
        ("", "must be one YAML document, found 0"),
        ("a: 1\n---\nb: 1\n", "must be one YAML document, found 2"),
        ("<html>\n<p>404: Not Found</p>\n", ":2: not valid YAML"),
        ("{" * 100_000, "nested deeper than 40 levels"),
    ],
    ids=["text", "list", "nothing", "empty", "two", "html", "bomb"],
)
def test_what_is_no_scope_file_is_refused_in_one_line(tmp_path: Path, text: str, cause: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_scope(path)
    assert "\n" not in str(caught.value)
    assert cause in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read scope file .*gone\.yaml: No such file or directory"):
        load_scope(tmp_path / "gone.yaml")


def test_a_key_that_would_break_the_line_is_quoted(mini: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(mini.replace("name: SCS-compatible Mini", 'name: SCS-compatible Mini\n"a\\nb": 1', 1))
    with pytest.raises(InputError) as caught:
        load_scope(path)
    assert ": 'a\\nb': unknown keyword 'a\\nb'" in str(caught.value)
    assert "\n" not in str(caught.value)
