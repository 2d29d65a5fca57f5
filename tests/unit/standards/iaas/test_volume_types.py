# SPDX-License-Identifier: Apache-2.0
"""Lists of aspects in descriptions of volume types (scs-0114-v1)."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Basis, Finding, Remark
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas import volume_types as standard
from pytest_scs.standards.iaas.model import VolumeType

SORTED = "scs-0114/aspects_sorted"
UNIQUE = "scs-0114/aspects_once"
FILLED = "scs-0114/aspects_filled"
STANDARDIZED = "scs-0114/aspects_standardized"

# description, the aspects read (None: no list), rules broken for the official suite, rules broken for the text,
# rows of the remarks
VECTORS = [
    (None, None, set(), set(), []),
    ("", None, set(), set(), []),
    ("plain text", None, set(), set(), []),
    ("[scs:encrypted]", ("encrypted",), set(), set(), []),
    ("[scs:encrypted] LUKS", ("encrypted",), set(), set(), []),
    ("[scs:encrypted, replicated] x", ("encrypted", "replicated"), set(), set(), []),
    ("[scs:encrypted,replicated]", ("encrypted", "replicated"), set(), set(), ["DEV-0114-3"]),
    ("[scs: encrypted , replicated ]", ("encrypted", "replicated"), set(), set(), ["DEV-0114-3"]),
    ("[scs:replicated, encrypted]", ("replicated", "encrypted"), {SORTED}, {SORTED}, []),
    ("[scs:encrypted, encrypted]", ("encrypted", "encrypted"), {UNIQUE}, {UNIQUE}, []),
    ("[scs:Encrypted]", ("Encrypted",), {STANDARDIZED}, set(), []),
    ("[scs:encrypted, foo]", ("encrypted", "foo"), {STANDARDIZED}, set(), []),
    ("[scs: ]", ("",), {FILLED}, {FILLED}, []),
    ("[scs:encrypted,]", ("encrypted", ""), {SORTED, FILLED}, {SORTED, FILLED}, []),
    ("[scs:]", (), set(), set(), [""]),
    ("[SCS:encrypted]", None, set(), set(), ["DEV-0114-2"]),
    (" [scs:encrypted]", None, set(), set(), ["DEV-0114-2"]),
    ("[scs:encrypted", None, set(), set(), ["DEV-0114-2"]),
    ("foo [scs:encrypted]", None, set(), set(), ["DEV-0114-2"]),
    ("[scs:[encrypted]]", None, set(), set(), ["DEV-0114-2"]),
    ("SCS encrypted volume type [scs:encrypted]", None, set(), set(), ["DEV-0114-2"]),
    ("SCS replicated volume type [scs:replicated]", None, set(), set(), ["DEV-0114-2"]),
    ("SCS default volume type - unencrypted, single zone", None, set(), set(), []),
    ("a very long text about what we do [ SCS : Encrypted, fast ]", None, set(), set(), ["DEV-0114-2"]),
    ("[scs:encrypted] and, for a while already, [scs:replicated]", ("encrypted",), set(), set(), ["DEV-0114-2"]),
    ("[scs:encrypted][scs:replicated]", ("encrypted",), set(), set(), ["DEV-0114-2"]),
]


def volume_type(description: str | None, name: str = "fast", identity: str = "t-1") -> VolumeType:
    return VolumeType(identity, name, description)


def broken(description: str | None, judge: Judge) -> set[str]:
    observations = standard.check_aspect_list(volume_type(description))
    return {entry.rule for entry in observations if isinstance(entry, Finding) and entry.basis.concerns(judge)}


@pytest.mark.parametrize(("description", "aspects", "official", "text", "remarks"), VECTORS)
def test_a_description_is_read_and_judged(
    description: str | None,
    aspects: tuple[str, ...] | None,
    official: set[str],
    text: set[str],
    remarks: list[str],
) -> None:
    found = standard.read_aspects(description)
    assert (found.aspects if found else None) == aspects
    assert broken(description, Judge.OFFICIAL) == official
    assert broken(description, Judge.TEXT) == text
    observations = standard.check_aspect_list(volume_type(description))
    assert [entry.deviation for entry in observations if isinstance(entry, Remark)] == remarks


def test_findings_of_the_official_suite_alone_name_their_row() -> None:
    for description, *_ in VECTORS:
        for entry in standard.check_aspect_list(volume_type(description)):
            if isinstance(entry, Finding):
                assert (entry.basis is not Basis.BOTH) == bool(entry.deviation)


def test_several_broken_rules_are_all_reported() -> None:
    rules = {SORTED, UNIQUE, FILLED, STANDARDIZED}
    assert broken("[scs:replicated, foo, , foo]", Judge.OFFICIAL) == rules
    assert broken("[scs:replicated, foo, , foo]", Judge.TEXT) == rules - {STANDARDIZED}


def test_a_finding_shows_the_list_what_it_should_be_and_a_command() -> None:
    [finding] = standard.check_aspect_list(volume_type("[scs:replicated, encrypted]  it's fast"))
    assert isinstance(finding, Finding)
    assert (finding.resource, finding.resource_id) == ("volume type fast", "t-1")
    assert finding.title == "aspects are in alphabetical order"
    assert finding.observed == "'[scs:replicated, encrypted]'"
    assert finding.expected == "'[scs:encrypted, replicated]'"
    *command, description, identity = shlex.split(finding.hint)
    assert command == ["openstack", "volume", "type", "set"]
    assert description == "--description=[scs:encrypted, replicated] it's fast"
    assert identity == "t-1"


def test_a_foreign_aspect_is_named_and_moved_behind_the_list() -> None:
    [finding] = standard.check_aspect_list(volume_type("[scs:encrypted, foo] bar"))
    assert isinstance(finding, Finding)
    assert finding.observed == "'foo' in '[scs:encrypted, foo]'"
    assert shlex.split(finding.hint)[4] == "--description=[scs:encrypted] foo bar"


def test_a_standardized_aspect_in_capitals_is_mended_to_lower_case() -> None:
    [finding] = standard.check_aspect_list(volume_type("[scs:Encrypted]"))
    assert isinstance(finding, Finding)
    assert finding.expected == "'[scs:encrypted]'"


def test_a_list_without_any_standardized_aspect_should_go() -> None:
    [finding] = standard.check_aspect_list(volume_type("[scs: ] tape"))
    assert isinstance(finding, Finding)
    assert finding.expected == "no list"
    assert shlex.split(finding.hint)[4] == "--description=tape"


@pytest.mark.parametrize(
    "description", ["see the price list of scs: there", "x" * 17 + "scs:", "[aspects:encrypted]", "SCS storage"]
)
def test_only_an_attempt_near_the_start_is_remarked(description: str) -> None:
    assert list(standard.check_aspect_list(volume_type(description))) == []


def test_an_attempt_that_ends_with_the_twentieth_character_is_remarked() -> None:
    assert len(list(standard.check_aspect_list(volume_type("x" * 16 + "scs:")))) == 1


@pytest.mark.parametrize(
    ("description", "faults", "mended"),
    [
        ("[SCS:encrypted]", ["not in lower case"], "[scs:encrypted]"),
        (" [scs:encrypted]", ["not at the beginning"], "[scs:encrypted]"),
        ("[scs:encrypted", ["without a closing bracket"], "[scs:encrypted]"),
        ("[scs:encrypted, replicated LUKS", ["without a closing bracket"], "[scs:encrypted, replicated] LUKS"),
        ("foo [scs:encrypted] bar", ["not at the beginning"], "[scs:encrypted] foo bar"),
        ("[scs:[encrypted]]", ["with a bracket within"], "[scs:encrypted]"),
        ("scs:replicated fast", ["without an opening bracket", "without a closing bracket"], "[scs:replicated] fast"),
        ("[scs :Replicated, tape, encrypted]", ["with blanks before the colon"], "[scs:encrypted, replicated] tape"),
        (
            "SCS encrypted volume type [scs:encrypted]",
            ["not at the beginning"],
            "[scs:encrypted] SCS encrypted volume type",
        ),
        ("on tape [scs:tape]", ["not at the beginning"], ""),
    ],
)
def test_an_attempt_is_quoted_with_its_faults_and_as_it_should_be(
    description: str, faults: list[str], mended: str
) -> None:
    [remark] = standard.check_aspect_list(volume_type(description))
    assert isinstance(remark, Remark)
    assert repr(description) in remark.text
    assert f" is {' and '.join(faults)}; " in remark.text
    assert ("should be" in remark.text) == bool(mended)
    assert repr(mended) in remark.text or not mended
    assert not mended or list(standard.check_aspect_list(volume_type(mended))) == []


def test_a_second_list_is_joined_with_the_first() -> None:
    [remark] = standard.check_aspect_list(volume_type("[scs:replicated] x [SCS:encrypted] y"))
    assert "should be '[scs:encrypted, replicated] x y'" in str(remark)


def test_a_list_behind_the_words_is_no_list_and_is_said_to_be_there() -> None:
    types = [
        volume_type("SCS default volume type - unencrypted, single zone", "scs-default"),
        volume_type("SCS encrypted volume type [scs:encrypted]", "scs-encrypted", "t-2"),
        volume_type("[SCS:replicated]", "scs-replicated", "t-3"),
    ]
    [finding] = standard.check_aspect_offered("encrypted", types)
    assert isinstance(finding, Finding)
    assert finding.observed == (
        "scs-default: no list; scs-encrypted: a list, not at the beginning; scs-replicated: a list, not in lower case"
    )
    first, _, others = finding.hint.partition("; ")
    assert first == (
        "if 'scs-encrypted' is encrypted: openstack volume type set "
        "--description='[scs:encrypted] SCS encrypted volume type' t-2"
    )
    assert "volume type create" in others


@pytest.mark.parametrize("aspect", standard.ASPECTS)
def test_one_type_that_advertises_the_aspect_suffices(aspect: str) -> None:
    types = [volume_type(None), volume_type(f"[scs:{aspect}] x", "good"), volume_type("[scs:]")]
    assert list(standard.check_aspect_offered(aspect, types)) == []


@pytest.mark.parametrize("description", ["[scs:replicated, encrypted]", "[scs:encrypted, foo]", "[scs:encrypted,]"])
def test_an_aspect_in_an_erroneous_list_counts(description: str) -> None:
    assert list(standard.check_aspect_offered("encrypted", [volume_type(description)])) == []


@pytest.mark.parametrize("description", [None, "encrypted", "[SCS:encrypted]", "[scs:Encrypted]", "x [scs:encrypted]"])
def test_an_aspect_outside_a_list_does_not_count(description: str | None) -> None:
    [finding] = standard.check_aspect_offered("encrypted", [volume_type(description)])
    assert isinstance(finding, Finding)
    assert finding.basis is Basis.BOTH


def test_a_missing_aspect_is_reported_with_all_types_and_their_lists() -> None:
    types = [volume_type("text", "slow"), volume_type("[scs:encrypted] x", "fast")]
    [finding] = standard.check_aspect_offered("replicated", types)
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.title) == (
        "scs-0114/replicated_offered",
        "one of them advertises the aspect replicated",
    )
    assert finding.observed == "fast: [scs:encrypted]; slow: no list"
    assert "[scs:replicated]" in finding.expected
    assert "volume type create --description='[scs:replicated]'" in finding.hint


def test_a_cloud_without_volume_types_offers_no_aspect() -> None:
    [finding] = standard.check_aspect_offered("encrypted", [])
    assert isinstance(finding, Finding)
    assert finding.rule == "scs-0114/encrypted_offered"
    assert finding.observed == "no volume type at all"


pieces = st.sampled_from(["[scs:", "[SCS:", "]", "[", ",", ", ", " ", "encrypted", "replicated", "foo", "\n", "İ"])
texts = st.none() | st.text() | st.lists(pieces, max_size=12).map("".join)


@given(texts)
def test_any_text_can_be_read(description: str | None) -> None:
    found = standard.read_aspects(description)
    if found is None:
        return
    assert description is not None
    assert found.text + found.rest == description
    assert all(aspect == aspect.strip() and not set(aspect) & set(",[]") for aspect in found.aspects)


@given(texts)
def test_any_text_can_be_judged_and_the_text_is_never_stricter(description: str | None) -> None:
    official, text = broken(description, Judge.OFFICIAL), broken(description, Judge.TEXT)
    assert text <= official
    assert official - text <= {STANDARDIZED}


@given(st.lists(st.sampled_from(["encrypted", "replicated", "foo", "Encrypted", ""]), min_size=1), st.text())
def test_the_list_of_a_mended_description_breaks_no_rule(aspects: list[str], rest: str) -> None:
    found = standard.read_aspects(standard.render(aspects) + rest)
    assert found is not None
    assert broken(found.mended, Judge.OFFICIAL) == set()
    assert found.mended_description.startswith(found.mended)


words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)  # others: tests/unit/base/test_shell.py


@given(words, words)
def test_a_hint_is_one_command_whatever_the_cloud_calls_things(rest: str, identity: str) -> None:
    finding = next(standard.check_aspect_list(volume_type("[scs:encrypted, foo]" + rest, identity=identity)))
    assert isinstance(finding, Finding)
    command = shlex.split(finding.hint)
    assert command[:4] == ["openstack", "volume", "type", "set"]
    assert command[5:] == (["--", identity] if identity.startswith("-") else [identity])
