# SPDX-License-Identifier: Apache-2.0
"""Evidence files: written, read back, and damaged in many ways."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.core.cause import Cause, CauseKind
from pytest_scs.core.judge import Judge
from pytest_scs.core.scope import TARGETS, Scope
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.subject import ReportNames, Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.progress import Progress
from pytest_scs.evidence.recording import check_scopes, read_evidence, write_evidence
from pytest_scs.platforms.openstack.settings import OpenStackSettings
from pytest_scs.run.opening import open_session
from pytest_scs.run.settings import Settings

REFUSED = Cause("admin role", CauseKind.PERMISSION)

FLAVOR = {
    "id": "1",
    "name": "SCS-1V-4 ü",
    "vcpus": 1,
    "ram": 4096,
    "disk": 0,
    "is_public": True,
    "disabled": False,
    "extra_specs": {},
}


def inventory(cloud: str = "mycloud") -> Inventory:
    return Inventory(
        Subject("openstack", cloud),
        "2026-06-15T12:00:00+00:00",
        sections={"flavors": [FLAVOR], "images": []},
        errors={"volume_types": Cause("block storage answers 503", CauseKind.OUTAGE)},
        roles=["member", "reader"],
        region="RegionOne",
        requests={"compute": 2},
        seconds=1.25,
    )


@pytest.fixture
def scope(mini_path: Path) -> Scope:
    return load_scope(mini_path)


@pytest.fixture
def path(tmp_path: Path, scope: Scope) -> Path:
    path = tmp_path / "evidence.json"
    write_evidence(path, [inventory(), inventory("other")], [scope])
    return path


def load(path: Path, scope: Scope, *clouds: str) -> dict[str, Inventory]:
    """What a replay does."""
    none = dict.fromkeys(("date", "report", "record", "attestations"))
    settings = Settings(
        scopes=(f"{scope.path}@next",),
        subject=ReportNames(),
        targets=TARGETS,
        judge=Judge.OFFICIAL,
        platforms={"openstack": OpenStackSettings(clouds)},
        replay=path,
        plan=False,
        skip_preflight=False,
        deadline=60,
        **none,
    )
    session = open_session(settings, path.parent, Progress(), contact=False)
    return {subject.name: session.inventory(subject) for subject in session.subjects}


def refusal(path: Path, scope: Scope, *clouds: str) -> str:
    with pytest.raises(InputError) as caught:
        load(path, scope, *clouds)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("--scs-replay: ")
    assert str(path) in message
    return message


def test_what_was_recorded_is_read_back(path: Path, scope: Scope) -> None:
    assert load(path, scope) == {"mycloud": inventory(), "other": inventory("other")}


def test_only_the_named_clouds_are_read_back_in_the_order_given(path: Path, scope: Scope) -> None:
    assert list(load(path, scope, "other")) == ["other"]
    assert list(load(path, scope, "other", "mycloud")) == ["other", "mycloud"]


def test_the_same_evidence_is_the_same_file(path: Path, tmp_path: Path, scope: Scope) -> None:
    again = tmp_path / "again.json"
    write_evidence(again, [inventory(), inventory("other")], [scope])
    assert again.read_bytes() == path.read_bytes()
    assert again.read_bytes().isascii()


def test_a_cloud_that_was_refused_stays_so(tmp_path: Path, scope: Scope) -> None:
    path = tmp_path / "x.json"
    write_evidence(path, [Inventory(Subject("openstack", "c"), "2026-06-15T12:00:00+00:00", refusal=REFUSED)], [scope])
    assert load(path, scope)["c"].refusal == REFUSED


def test_evidence_from_before_there_were_kinds_is_read(path: Path, scope: Scope) -> None:
    document = json.loads(path.read_bytes())
    del document["cause_kinds"]
    path.write_text(json.dumps(document))
    found = load(path, scope)["mycloud"]
    assert found.errors == {"volume_types": Cause("block storage answers 503", CauseKind.OTHER)}
    assert found.refusal is None


def test_evidence_can_be_read_by_versions_before_there_were_kinds(path: Path) -> None:
    """They refuse a cloud with an entry that they do not know, and take text only."""
    [cloud, _] = json.loads(path.read_bytes())["clouds"]
    fields = {field.name for field in dataclasses.fields(Inventory)}
    assert set(cloud) == fields - {"subject"} | {"cloud"}
    assert (cloud["errors"], cloud["refusal"]) == ({"volume_types": "block storage answers 503"}, "")


def test_a_kind_of_a_later_version_is_no_mistake(path: Path, scope: Scope) -> None:
    path.write_text(path.read_text().replace('"volume_types": "outage"', '"volume_types": "moonquake"'))
    assert load(path, scope)["mycloud"].errors["volume_types"].kind is CauseKind.OTHER


def test_a_cloud_that_was_not_recorded_gets_a_suggestion(path: Path, scope: Scope) -> None:
    message = refusal(path, scope, "mycluod")
    assert message.endswith("has no evidence of cloud 'mycluod'; did you mean 'mycloud'?; known: mycloud, other")


def test_evidence_for_another_scope_is_refused(path: Path, tmp_path: Path, mini: str) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(mini.replace("uuid: 0f6d2a34", "uuid: 1f6d2a34").replace("name: SCS-compatible Mini", "name: Big"))
    message = refusal(path, load_scope(other))
    assert message.endswith("was recorded for SCS-compatible Mini, not for Big; record it with that --scs-scope")


def test_each_of_several_scopes_must_have_been_recorded(path: Path, tmp_path: Path, mini: str, scope: Scope) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(mini.replace("uuid: 0f6d2a34", "uuid: 1f6d2a34"))
    document = read_evidence(path)
    check_scopes(path, document, [scope])
    with pytest.raises(InputError, match="was recorded for"):
        check_scopes(path, document, [scope, load_scope(other)])


def test_evidence_that_cannot_be_written_leaves_the_old_file(
    path: Path, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="No space left"):
        write_evidence(path, [inventory("third")], [scope])
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"spec: {uuid: 1}\n", "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (b"[" * 200_000, "not valid JSON"),
        (b"9" * 10_000, "not valid JSON"),
        (b"null", "is not an evidence file (written by --scs-record)"),
        (b"[]", "is not an evidence file"),
        (b'"text"', "is not an evidence file"),
        (b"{}", "is not an evidence file"),
        (b'{"format": "pytest-scs evidence"}', "has format version none; known: 1"),
        (b'{"format": "pytest-scs evidence", "version": true, "clouds": []}', "has format version true; known: 1"),
        (b'{"format": "pytest-scs evidence", "version": 1.0, "clouds": []}', "has format version 1.0; known: 1"),
        (
            b'{"format": "pytest-scs evidence", "version": "1", "clouds": []}',
            'has format version the text "1"; known: 1',
        ),
        (b'{"format": "pytest-scs evidence", "version": 1, "clouds": [NaN]}', "it has the number NaN"),
        (b'{"format": "x", "format": "pytest-scs evidence", "version": 1}', "it has the key 'format' twice"),
        (b'{"a": ' + b"[" * 70 + b"]" * 70 + b"}", "it is nested more than 64 levels deep"),
        (b'{"format": "pytest-scs evidence", "version": 2, "clouds": []}', "has format version 2; known: 1"),
    ],
    ids=[
        "empty",
        "cut",
        "yaml",
        "binary",
        "bomb",
        "number",
        "null",
        "list",
        "text",
        "object",
        "no version",
        "true",
        "float",
        "text version",
        "NaN",
        "twice",
        "deep",
        "newer",
    ],
)
def test_what_is_no_evidence_file_is_refused_in_one_line(
    tmp_path: Path, scope: Scope, content: bytes, cause: str
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    assert cause in refusal(path, scope)


def test_a_missing_file_and_a_folder_are_named_with_their_cause(tmp_path: Path, scope: Scope) -> None:
    assert refusal(tmp_path / "gone.json", scope).endswith(
        "gone.json: No such file or directory; name a file that exists"
    )
    assert refusal(tmp_path, scope).endswith("it is a directory, not a file; name a file in it")


def test_what_has_no_end_is_not_read_to_the_end(tmp_path: Path, scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe", scope).endswith("it is a pipe, not a file")
    monkeypatch.setattr("pytest_scs.evidence.recording.MAX_BYTES", 1 << 20)
    assert refusal(Path("/dev/zero"), scope) == "--scs-replay: cannot read /dev/zero: it is larger than 1 MiB"


def _set(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def damage(document: dict[str, Any]) -> None:
        document["clouds"][0][key] = value

    return damage


def _top(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def damage(document: dict[str, Any]) -> None:
        document[key] = value

    return damage


DAMAGE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no clouds": lambda document: document.pop("clouds"),
    "clouds is nothing": _top("clouds", None),
    "clouds is a number": _top("clouds", 3),
    "clouds is a mapping": _top("clouds", {"a": 1}),
    "clouds is empty": _top("clouds", []),
    "cloud is text": _top("clouds", ["mycloud"]),
    "cloud is nothing": _top("clouds", [None]),
    "no name": lambda document: document["clouds"][0].pop("cloud"),
    "name is a list": _set("cloud", ["mycloud"]),
    "name is a number": _set("cloud", 7),
    "no time": lambda document: document["clouds"][0].pop("fetched_at"),
    "time is a number": _set("fetched_at", 1234567890),
    "time is a word": _set("fetched_at", "yesterday"),
    "time without zone": _set("fetched_at", "2026-06-15T12:00:00"),
    "time before the calendar": _set("fetched_at", "0001-01-01T00:00:00+14:00"),
    "time after the calendar": _set("fetched_at", "9999-12-31T23:59:59-14:00"),
    "time in another age": _set("fetched_at", "3000-01-01T00:00:00+00:00"),
    "one cloud twice": lambda document: document.update(clouds=2 * document["clouds"]),
    "unknown key": _set("colour", "red"),
    "sections is a list": _set("sections", []),
    "section is a mapping": _set("sections", {"flavors": {}}),
    "section holds text": _set("sections", {"flavors": ["SCS-1V-4"]}),
    "flavor has no name": _set("sections", {"flavors": [{key: FLAVOR[key] for key in FLAVOR if key != "name"}]}),
    "errors is a list": _set("errors", []),
    "roles is a number": _set("roles", 3),
    "requests is a list": _set("requests", []),
    "section requests are nothing": _set("section_requests", None),
    "section requests hold text": _set("section_requests", {"flavors": "two"}),
    "probe seconds are text": _set("probe_seconds", "two"),
    "seconds are text": _set("seconds", "two"),
    "region is nothing": _set("region", None),
    "refusal is a list": _set("refusal", []),
    "pending is nothing": _set("pending", None),
    "requests holds text": _set("requests", {"compute": "two"}),
    "scopes is a list": _top("scopes", ["0f6d2a34"]),
    "scopes is text": _top("scopes", "0f6d2a34"),
    "scopes is nothing": _top("scopes", None),
    "scopes is empty": _top("scopes", {}),
    "scope without name": _top("scopes", {"1f6d2a34": None}),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_refused_in_one_line(
    path: Path, scope: Scope, damage: Callable[[dict[str, Any]], Any]
) -> None:
    document = json.loads(path.read_bytes())
    before = copy.deepcopy(document)
    damage(document)
    assert document != before
    path.write_text(json.dumps(document))
    message = refusal(path, scope)
    assert not re.search(r"Error|None|True|NoneType|object is", message)
    refusal(path, scope, "nowhere")
