# SPDX-License-Identifier: Apache-2.0
"""Answers that are altered in one place: which listing they take down, and the words of the cause."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.base.redact import Redactor
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.subject import Subject
from pytest_scs.demo.openstack import data
from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import Fault
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.recording import check_sections
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.config import find_cloud_in
from pytest_scs.platforms.openstack.gather import gather
from pytest_scs.platforms.openstack.sections import SECTIONS
from pytest_scs.standards.iaas.forms import IMAGE_PROPERTIES

ABSENT: Any = object()
CLOUD = Subject("openstack", "demo")

#: Section -> path of its listing, how causes name the request, its key, and what its entries are.
LISTINGS = {
    "flavors": ("/flavors/detail", "compute GET /flavors/detail", "flavors", "flavor"),
    "images": ("/v2/images", "image GET /v2/images", "images", "image"),
    "volume_types": ("/types", "block-storage GET /types", "volume_types", "volume type"),
    "compute_zones": ("/os-availability-zone", "compute GET /os-availability-zone", "availabilityZoneInfo", "zone"),
}

ROWS: list[Any] = []


def row(section: str, field: str, value: Any, expected: str, got: str = "") -> None:
    """An entry of a listing with one field changed (or absent), and what is said about it; nothing if it is fine."""
    ROWS.append(
        pytest.param(
            section, field, value, expected, got, id=f"{section}-{field}-{'absent' if value is ABSENT else value!s:.20}"
        )
    )


def rows_of_a_kind(section: str, field: str, wanted: str, bad: list[tuple[Any, str]], good: list[Any]) -> None:
    for value, got in bad:
        row(section, field, value, wanted, got)
    for value in good:
        row(section, field, value, "")


NULL, NOTHING = (None, "null"), (ABSENT, "nothing")
NO_INTEGER: list[tuple[Any, str]] = [
    ("4", 'the text "4"'),
    (4.0, "the number 4.0"),
    (True, "true"),
    ([4], "the list [4]"),
    ({}, "the object {}"),
]
OUT_OF_RANGE: list[tuple[Any, str]] = [(-1, "the number -1"), (2**63, f"the number {2**63}")]
NO_TEXT: list[tuple[Any, str]] = [
    (7, "the number 7"),
    (False, "false"),
    ({"a": "b"}, 'the object {"a": "b"}'),
    (["a"], 'the list ["a"]'),
]
NO_FLAG: list[tuple[Any, str]] = [(1, "the number 1"), (0, "the number 0"), ("true", 'the text "true"'), NULL]

for _field in ("vcpus", "ram", "disk"):
    rows_of_a_kind("flavors", _field, "an integer", [NULL, NOTHING, *NO_INTEGER], [0, 2**63 - 1])
    rows_of_a_kind("flavors", _field, "an integer from 0 to 2^63 - 1", OUT_OF_RANGE, [])
rows_of_a_kind("flavors", "name", "a text or null", [NOTHING, *NO_TEXT], ["", None, "a\nb\ud800\0"])
rows_of_a_kind("flavors", "id", "a text that is not empty", [NULL, NOTHING, *NO_TEXT], ["x"])
rows_of_a_kind("flavors", "os-flavor-access:is_public", "true or false", NO_FLAG, [ABSENT, False])
rows_of_a_kind("flavors", "OS-FLV-DISABLED:disabled", "true or false", NO_FLAG, [ABSENT, True])
rows_of_a_kind("flavors", "swap", "an integer or the empty text", [NULL, *NO_INTEGER], [ABSENT, "", 512])
rows_of_a_kind("flavors", "OS-FLV-EXT-DATA:ephemeral", "an integer", [NULL, *NO_INTEGER], [ABSENT, 0])
rows_of_a_kind(
    "flavors", "rxtx_factor", "a number or null", [("1", 'the text "1"'), (True, "true")], [ABSENT, None, 1.5]
)
rows_of_a_kind(
    "flavors",
    "extra_specs",
    "an object of texts",
    [
        NULL,
        ([], "the list []"),
        ({"hw_rng:allowed": True}, 'the object {"hw_rng:allowed": true}'),
        ({"a": None}, 'the object {"a": null}'),
    ],
    [{}, {"a": "b"}],
)
row("flavors", "unheard-of", {"deep": [None, 1.5]}, "")

rows_of_a_kind("images", "id", "a text that is not empty", [NULL, NOTHING, ("", 'the text ""'), *NO_TEXT], ["x"])
rows_of_a_kind("images", "name", "a text or null", [NOTHING, *NO_TEXT], ["", None, "ü\0\ud800"])
rows_of_a_kind(
    "images",
    "visibility",
    "one of public, community, shared, private",
    [NULL, NOTHING, ("PUBLIC", 'the text "PUBLIC"'), ("secret", 'the text "secret"'), (True, "true")],
    ["public", "community", "private", "shared"],
)
rows_of_a_kind(
    "images",
    "status",
    "a text that is not empty",
    [NULL, NOTHING, ("", 'the text ""'), (1, "the number 1")],
    ["queued"],
)
rows_of_a_kind(
    "images",
    "created_at",
    "a time like 2026-06-01T08:00:00Z",
    [
        NULL,
        NOTHING,
        (1780000000, "the number 1780000000"),
        ("2026-06-01", 'the text "2026-06-01"'),
        ("2026-06-31T08:00:00Z", 'the text "2026-06-31T08:00:00Z"'),
        ("2026-06-01T25:00:00Z", 'the text "2026-06-01T25:00:00Z"'),
        ("2026-06-01T08:00:60Z", 'the text "2026-06-01T08:00:60Z"'),
        ("2026-06-01T08:00:00+99:99", 'the text "2026-06-01T08:00:00+99:99"'),
        ("2026-06-01T08:00:00-24:00", 'the text "2026-06-01T08:00:00-24:00"'),
        ("0001-01-01T00:00:00+14:00", 'the text "0001-01-01T00:00:00+14:00"'),
        ("9999-12-31T23:59:59-14:00", 'the text "9999-12-31T23:59:59-14:00"'),
        ("soon", 'the text "soon"'),
    ],
    ["2026-06-01T08:00:00Z", "2026-06-01T08:00:00.123456789Z", "2026-06-01T08:00:00+02:00", "2026-06-01T08:00:00-2359"],
)
for _field in ("min_disk", "min_ram"):
    rows_of_a_kind("images", _field, "an integer or null", [NOTHING, *NO_INTEGER], [None, 0])
for _field in ("size", "virtual_size"):
    rows_of_a_kind("images", _field, "an integer or null", NO_INTEGER, [None, ABSENT, 2**40])
rows_of_a_kind("images", "os_hidden", "true or false", NO_FLAG, [ABSENT, False, True])
for _field in ("os_hash_algo", "os_hash_value"):
    rows_of_a_kind("images", _field, "a text or null", NO_TEXT, [None, ABSENT])
rows_of_a_kind(
    "images", "tags", "a list of texts", [NULL, ("a", 'the text "a"'), ([1], "the list [1]")], [[], ABSENT, ["a"]]
)
for _field in IMAGE_PROPERTIES:
    rows_of_a_kind(
        "images", _field, "a text", [NULL, (7, "the number 7"), (["x"], 'the list ["x"]')], [ABSENT, "", "x"]
    )
row("images", "protected", "what is not read may be anything", "")
row("images", "owner", None, "")

for _field in ("id", "name"):
    rows_of_a_kind(
        "volume_types", _field, "a text that is not empty", [NULL, NOTHING, ("", 'the text ""'), *NO_TEXT], ["x"]
    )
rows_of_a_kind("volume_types", "description", "a text or null", NO_TEXT, [None, ABSENT, ""])
row("volume_types", "is_public", "anything", "")


class Altered:
    """A cloud that runs for all rows, and whose answers are altered one at a time."""

    def __init__(self, cloud: DemoCloud) -> None:
        self.cloud = cloud
        self.faults = cloud.state.faults
        self.logged_in = self.client()
        self.true = {
            section: self.client().get(*self.address(section), **self.options(section)) for section in LISTINGS
        }

    def client(self) -> Client:
        return Client(find_cloud_in(self.cloud.clouds_yaml(), "demo"), 0)

    def address(self, section: str) -> tuple[str, str]:
        service = {"flavors": "compute", "images": "image", "volume_types": "block-storage", "compute_zones": "compute"}
        return service[section], LISTINGS[section][0].removeprefix("/v2")

    def options(self, section: str) -> dict[str, Any]:
        return {"flavors": {"microversion": "2.61"}, "images": {"version": "2"}}.get(section, {})

    def read(self, section: str, body: Any) -> Inventory:
        """What is read, of that listing and of the zones or types beside it."""
        text = body if isinstance(body, str) else json.dumps(body)
        self.faults[:] = [Fault("GET", LISTINGS[section][0], status=200, body=text)]
        beside = "volume_types" if section != "volume_types" else "compute_zones"
        try:
            found = gather(CLOUD, self.logged_in, [section, beside], skip_preflight=False, redact=Redactor())
        finally:
            self.faults.clear()
        assert found.refusal is None
        assert beside in found.sections
        return found


@pytest.fixture(scope="module")
def altered() -> Iterator[Altered]:
    with DemoCloud(data.conformant(dt.datetime.now(dt.UTC))) as cloud:
        yield Altered(cloud)


def cause(found: Inventory, section: str) -> str:
    """The cause for which a listing could not be read, behind what all have in common."""
    assert section not in found.sections
    assert found.errors[section].kind is CauseKind.MALFORMED
    text = found.errors[section].text
    assert text.isprintable()
    beginning = f"cloud demo: cannot read {section}: {LISTINGS[section][1]}: "
    assert text.startswith(beginning)
    return text.removeprefix(beginning)


@pytest.mark.parametrize(("section", "field", "value", "expected", "got"), ROWS)
def test_one_field_of_one_entry(
    altered: Altered, section: str, field: str, value: Any, expected: str, got: str
) -> None:
    body = copy.deepcopy(altered.true[section])
    entry = next(one for one in body[LISTINGS[section][2]] if one.get("visibility", "public") == "public")
    if value is ABSENT:
        entry.pop(field, None)
    else:
        entry[field] = value
    found = altered.read(section, body)
    if not expected:
        assert found.errors == {}
        return
    said = cause(found, section)
    assert said.endswith(f": {field}: expected {expected}, got {got}")
    for key in ("id", "name"):
        if field != key:
            assert entry[key] in said


@pytest.mark.parametrize("section", LISTINGS)
@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (ABSENT, ": expected a list of objects, got nothing"),
        (None, ": expected a list of objects, got null"),
        ({}, ": expected a list of objects, got the object {}"),
        ("", ': expected a list of objects, got the text ""'),
        ("x" * 100, f': expected a list of objects, got the text "{"x" * 59}...'),
        (5, ": expected a list of objects, got the number 5"),
        (False, ": expected a list of objects, got false"),
        ([None], ": entry 1: expected an object, got null"),
        (["a"], ': entry 1: expected an object, got the text "a"'),
        ([[]], ": entry 1: expected an object, got the list []"),
    ],
)
def test_a_listing_of_another_form_is_no_empty_one(altered: Altered, section: str, entries: Any, words: str) -> None:
    key = LISTINGS[section][2]
    assert cause(altered.read(section, {} if entries is ABSENT else {key: entries}), section) == f"{key}{words}"


@pytest.mark.parametrize("section", LISTINGS)
def test_an_empty_listing_is_an_empty_one(altered: Altered, section: str) -> None:
    found = altered.read(section, {LISTINGS[section][2]: []})
    assert (found.sections[section], found.errors) == ([], {})


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ({"zoneName": None, "zoneState": {"available": True}}, "zone.zoneName: expected a text, got null"),
        ({"zoneState": {"available": True}}, "zone.zoneName: expected a text, got nothing"),
        ({"zoneName": "a"}, "zone a.zoneState: expected an object, got nothing"),
        ({"zoneName": "a", "zoneState": None}, "zone a.zoneState: expected an object, got null"),
        ({"zoneName": "a", "zoneState": {}}, "zone a.zoneState.available: expected true or false, got nothing"),
        (
            {"zoneName": "a", "zoneState": {"available": "true"}},
            'zone a.zoneState.available: expected true or false, got the text "true"',
        ),
    ],
)
def test_zones(altered: Altered, zone: Any, words: str) -> None:
    found = altered.read("compute_zones", {"availabilityZoneInfo": [zone]})
    assert cause(found, "compute_zones") == words


def test_an_entry_without_name_and_id_is_counted(altered: Altered) -> None:
    body = copy.deepcopy(altered.true["volume_types"])
    body["volume_types"].append({})
    number = len(body["volume_types"])
    assert cause(altered.read("volume_types", body), "volume_types") == (
        f"volume_types: entry {number}: volume type: id: expected a text that is not empty, got nothing"
    )


@pytest.mark.parametrize("visibility", ["private", "shared"])
def test_of_images_of_the_project_only_id_and_visibility_are_looked_at(altered: Altered, visibility: str) -> None:
    body = copy.deepcopy(altered.true["images"])
    body["images"].append({"id": "mine", "visibility": visibility, "name": {}, "created_at": None, "os_hidden": "x"})
    found = altered.read("images", body)
    assert "mine" not in {image["id"] for image in found.sections["images"]}
    body["images"][-1]["id"] = ""
    assert cause(altered.read("images", body), "images").startswith("images: entry ")


def test_extra_specs_that_no_flavor_has_are_hidden_by_a_policy(altered: Altered) -> None:
    body = copy.deepcopy(altered.true["flavors"])
    for flavor in body["flavors"]:
        del flavor["extra_specs"]
    found = altered.read("flavors", body)
    assert found.errors["flavors"].kind is CauseKind.PERMISSION
    body["flavors"][0]["extra_specs"] = {}
    assert cause(altered.read("flavors", body), "flavors").endswith(
        "extra_specs: expected an object of texts, got nothing"
    )


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_of_json_never_gets_into_the_inventory(altered: Altered, word: str) -> None:
    for section, field in (("flavors", "ram"), ("flavors", "rxtx_factor"), ("images", "unread")):
        body = copy.deepcopy(altered.true[section])
        body[LISTINGS[section][2]][0][field] = "@"
        found = altered.read(section, json.dumps(body).replace('"@"', word))
        assert section not in found.sections
        assert section in found.errors


# -- the same in files -------------------------------------------------------------------------------------------------

#: What the inventory calls otherwise than the services.
RECORDED = {
    "os-flavor-access:is_public": "is_public",
    "OS-FLV-DISABLED:disabled": "disabled",
    "OS-FLV-EXT-DATA:ephemeral": "ephemeral",
    "rxtx_factor": "rxtx",
}


@pytest.fixture(scope="module")
def recorded(altered: Altered) -> Inventory:
    return gather(CLOUD, altered.client(), [*LISTINGS, "catalog"], skip_preflight=False, redact=Redactor())


@pytest.mark.parametrize(("section", "field", "value", "expected", "got"), ROWS)
def test_the_same_field_in_a_file(
    recorded: Inventory, section: str, field: str, value: Any, expected: str, got: str
) -> None:
    entries, key = copy.deepcopy(recorded.sections[section]), RECORDED.get(field, field)
    entry = entries[1]
    if value is ABSENT:
        entry.pop(key, None)
    else:
        entry[key] = value
    damaged = Inventory(CLOUD, recorded.fetched_at, sections={section: entries})
    if not expected:
        check_sections(Path("e.json"), damaged, SECTIONS)
        return
    with pytest.raises(InputError) as caught:
        check_sections(Path("e.json"), damaged, SECTIONS)
    text = str(caught.value)
    assert text.isprintable()
    assert text.startswith(f"--scs-replay: e.json is damaged: section {section} of demo: entry 2: ")
    assert text.endswith(f": {key}: expected {expected}, got {got}")


# -- token and catalog -------------------------------------------------------------------------------------------------

Change = Callable[[dict[str, Any]], Any]


def put(value: Any, *path: Any) -> Change:
    def change(token: dict[str, Any]) -> None:
        *way, last = path
        for key in way:
            token = token[key]
        token[last] = value

    return change


def drop(*path: Any) -> Change:
    def change(token: dict[str, Any]) -> None:
        *way, last = path
        for key in way:
            token = token[key]
        del token[last]

    return change


def nothing(token: dict[str, Any]) -> None:
    """As it is."""


TOKENS: dict[str, tuple[Change, str]] = {
    "as it is": (nothing, ""),
    "empty": (dict.clear, "token.user: expected an object, got nothing"),
    "no user": (drop("user"), "token.user: expected an object, got nothing"),
    "user null": (put(None, "user"), "token.user: expected an object, got null"),
    "user a text": (put("me", "user"), 'token.user: expected an object, got the text "me"'),
    "user without id": (drop("user", "id"), "token.user.id: expected a text, got nothing"),
    "user's id a number": (put(7, "user", "id"), "token.user.id: expected a text, got the number 7"),
    "no end": (drop("expires_at"), "token.expires_at: expected a time like 2026-06-01T08:00:00Z, got nothing"),
    "end null": (put(None, "expires_at"), "token.expires_at: expected a time like 2026-06-01T08:00:00Z, got null"),
    "end a word": (
        put("soon", "expires_at"),
        'token.expires_at: expected a time like 2026-06-01T08:00:00Z, got the text "soon"',
    ),
    "no project": (drop("project"), "token.project: expected an object, got nothing"),
    "project null": (put(None, "project"), "token.project: expected an object, got null"),
    "project without id": (drop("project", "id"), "token.project.id: expected a text that is not empty, got nothing"),
    "no roles": (drop("roles"), "token.roles: expected a list of objects, got nothing"),
    "roles null": (put(None, "roles"), "token.roles: expected a list of objects, got null"),
    "roles a mapping": (put({}, "roles"), "token.roles: expected a list of objects, got the object {}"),
    "roles a text": (put("member", "roles"), 'token.roles: expected a list of objects, got the text "member"'),
    "roles texts": (put(["member"], "roles"), 'token.roles[0]: expected an object, got the text "member"'),
    "roles empty": (put([], "roles"), "token.roles: expected at least one role, got an empty list"),
    "role without name": (drop("roles", 0, "name"), "token.roles[0].name: expected a text, got nothing"),
    "role's name null": (put(None, "roles", 0, "name"), "token.roles[0].name: expected a text, got null"),
    "no catalog": (drop("catalog"), "token.catalog: expected a list of objects, got nothing"),
    "catalog null": (put(None, "catalog"), "token.catalog: expected a list of objects, got null"),
    "catalog a mapping": (put({}, "catalog"), "token.catalog: expected a list of objects, got the object {}"),
    "catalog a text": (put("", "catalog"), 'token.catalog: expected a list of objects, got the text ""'),
    "catalog of null": (put([None], "catalog"), "token.catalog[0]: expected an object, got null"),
    "service without type": (drop("catalog", 0, "type"), "type: expected a text that is not empty, got nothing"),
    "service's type empty": (put("", "catalog", 0, "type"), 'type: expected a text that is not empty, got the text ""'),
    "service's name a list": (put([], "catalog", 0, "name"), "name: expected a text or null, got the list []"),
    "service's name null": (put(None, "catalog", 0, "name"), ""),
    "service without name": (drop("catalog", 0, "name"), ""),
    "no endpoints": (drop("catalog", 0, "endpoints"), "endpoints: expected a list of objects, got nothing"),
    "endpoints null": (put(None, "catalog", 0, "endpoints"), "endpoints: expected a list of objects, got null"),
    "endpoints a mapping": (
        put({}, "catalog", 0, "endpoints"),
        "endpoints: expected a list of objects, got the object {}",
    ),
    "endpoints of texts": (
        put(["x"], "catalog", 0, "endpoints"),
        'endpoints: entry 1: expected an object, got the text "x"',
    ),
    "endpoints of another service empty": (put([], "catalog", -1, "endpoints"), ""),
    "interface of version 2": (
        put("publicURL", "catalog", 0, "endpoints", 0, "interface"),
        'interface: expected one of public, internal, admin, got the text "publicURL"',
    ),
    "no interface": (
        drop("catalog", 0, "endpoints", 0, "interface"),
        "interface: expected one of public, internal, admin, got nothing",
    ),
    "no URL": (drop("catalog", 0, "endpoints", 0, "url"), "url: expected a text or null, got nothing"),
    "URL null": (put(None, "catalog", -1, "endpoints", 0, "url"), ""),
    "URL a list": (put([], "catalog", 0, "endpoints", 0, "url"), "url: expected a text or null, got the list []"),
    "region a number": (
        put(1, "catalog", 0, "endpoints", 0, "region_id"),
        "region_id: expected a text or null, got the number 1",
    ),
}


@pytest.mark.parametrize("name", TOKENS)
def test_token_and_catalog(altered: Altered, name: str) -> None:
    change, words = TOKENS[name]
    token = copy.deepcopy(altered.client().access()._data["token"])
    change(token)
    headers = {"X-Subject-Token": "t-0815", "Content-Type": "application/json"}
    altered.faults[:] = [Fault("POST", "/auth/tokens", status=201, body=json.dumps({"token": token}), headers=headers)]
    try:
        found = gather(CLOUD, altered.client(), ["catalog"], skip_preflight=False, redact=Redactor())
    finally:
        altered.faults.clear()
    if not words:
        assert found.refusal is None
        assert len(found.sections["catalog"]) == len(token["catalog"])
        return
    assert found.refusal
    assert found.refusal.kind is CauseKind.MALFORMED
    assert found.refusal.text.startswith("cloud demo: identity POST /v3/auth/tokens: token.")
    assert found.refusal.text.endswith(words)
    assert "role add" not in found.refusal.text


@pytest.mark.parametrize(
    ("body", "headers", "words"),
    [
        ('{"token": {}}', {}, "X-Subject-Token: expected a header with a token, got nothing"),
        ('{"token": {}}', {"X-Subject-Token": ""}, "X-Subject-Token: expected a header with a token, got an empty one"),
        ('{"token": null}', {"X-Subject-Token": "t"}, "token: expected an object, got null"),
        ('{"token": []}', {"X-Subject-Token": "t"}, "token: expected an object, got the list []"),
        ("{}", {"X-Subject-Token": "t"}, "token: expected an object, got nothing of the kind"),
        ("7", {"X-Subject-Token": "t"}, "token: expected an object, got nothing of the kind"),
        ("<html>", {"X-Subject-Token": "t"}, "token: expected an object, got nothing of the kind"),
    ],
)
def test_answer_to_a_login(altered: Altered, body: str, headers: dict[str, str], words: str) -> None:
    headers = {"Content-Type": "application/json", **headers}
    altered.faults[:] = [Fault("POST", "/auth/tokens", status=201, body=body, headers=headers)]
    try:
        found = gather(CLOUD, altered.client(), ["catalog"], skip_preflight=False, redact=Redactor())
    finally:
        altered.faults.clear()
    assert found.refusal
    assert found.refusal.text == f"cloud demo: identity POST /v3/auth/tokens: {words}"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put(None, 0, "endpoints"), "endpoints: expected a list of objects, got null"),
        (drop(0, "endpoints"), "endpoints: expected a list of objects, got nothing"),
        (put(7, 0, "type"), "type: expected a text that is not empty, got the number 7"),
        (put("PUBLIC", 0, "endpoints", 0, "interface"), 'public, internal, admin, got the text "PUBLIC"'),
        (put({}, 0, "endpoints", 0, "url"), "url: expected a text or null, got the object {}"),
    ],
)
def test_the_catalog_in_a_file(recorded: Inventory, change: Any, words: str) -> None:
    entries = copy.deepcopy(recorded.sections["catalog"])
    change(entries)
    with pytest.raises(InputError, match="is damaged: section catalog of demo: entry 1: ") as caught:
        check_sections(Path("e.json"), Inventory(CLOUD, recorded.fetched_at, sections={"catalog": entries}), SECTIONS)
    assert str(caught.value).endswith(words)


def test_ten_thousand_images_are_looked_at_one_by_one(recorded: Inventory) -> None:
    entry = recorded.sections["images"][0]
    entries = [{**entry, "id": str(number)} for number in range(10_000)]
    assert len(SECTIONS["images"].load(entries)) == len(entries)
