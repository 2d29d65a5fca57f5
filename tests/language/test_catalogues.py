# SPDX-License-Identifier: Apache-2.0
"""Every text that people read has a translation, with the same placeholders, in step with source and compiled files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from catalogues import DOMAINS, fields, read, template
from english_left import english_in
from extraction import extract

from pytest_scs.base.language import LOCALE, TEXTS, messages

HOW = "python tests/language/catalogues.py brings the catalogues up to date; translate what is empty then"

CATALOGUES = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))


@pytest.fixture(scope="module", params=CATALOGUES, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def pairs(path: Path) -> list[tuple[str, str]]:
    """Message and translation; of plural forms each."""
    found = []
    for message in read(path):
        if isinstance(message.id, str):
            found.append((message.id, message.string))
        else:
            found += zip(message.id, message.string, strict=True)
    return [pair for pair in found if pair[0]]


def test_there_is_a_catalogue_of_each_domain() -> None:
    assert {path.stem for path in CATALOGUES} == set(DOMAINS)


def test_the_catalogue_has_the_messages_of_the_source(path: Path) -> None:
    ours = {message.id for message in read(path) if message.id}
    source = {message.id for message in template(path.stem) if message.id}
    assert not source - ours, HOW
    assert not ours - source, HOW


def test_every_message_is_translated(path: Path) -> None:
    assert [message for message, translation in pairs(path) if not translation] == [], HOW


def test_translations_have_the_same_placeholders(path: Path) -> None:
    assert [pair for pair in pairs(path) if fields(pair[0]) != fields(pair[1])] == []


def test_translations_begin_and_end_with_the_blanks_of_the_message(path: Path) -> None:
    def edges(text: str) -> tuple[str, str]:
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    assert [pair for pair in pairs(path) if edges(pair[0]) != edges(pair[1])] == []


def test_placeholders_with_nothing_between_them_stay_together(path: Path) -> None:
    """Nobody can tell where the one ends and the other begins, so the text gives both to the second one."""
    together = re.compile(r"\{\w+\}(?=\{\w+\})")
    apart = [
        (message, translation)
        for message, translation in pairs(path)
        for found in together.finditer(message)
        if message[found.start() : message.index("}", found.end()) + 1] not in translation
    ]
    assert apart == []


def test_options_addresses_and_paths_of_a_message_are_in_its_translation(path: Path) -> None:
    kept = re.compile(r"--[a-z][a-z0-9-]+|https?://[^\s;,)]+|\bDEV-[\d-]+|\bscs-\d{4}[\w-]*")
    lost = [pair for pair in pairs(path) if sorted(kept.findall(pair[0])) != sorted(kept.findall(pair[1]))]
    assert lost == []


def test_no_translation_has_english_in_it(path: Path) -> None:
    texts = (re.sub(r"\{\w+\}", " ", translation) for _, translation in pairs(path))
    assert {text: found for text in texts if (found := english_in(text))} == {}


def test_the_compiled_catalogue_is_that_of_the_translations(path: Path) -> None:
    compiled = messages(path.with_suffix(".mo"))
    ours = {
        "\0".join(message.id) if isinstance(message.id, tuple | list) else message.id: "\0".join(message.string)
        if isinstance(message.string, tuple | list)
        else message.string
        for message in read(path)
        if message.id
    }
    assert compiled == ours, HOW


def extracted(source: str, tmp_path: Path) -> list[str]:
    path = tmp_path / "module.py"
    path.write_text(source)
    with path.open("rb") as file:
        return [message for _, _, message, _ in extract(file, (), (), {})]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('Finding(rule="a/b", expected="public", observed=show(x))', ["public"]),
        ("yield Remark(f\"{len(found)} image{'s' if many else ''} of {a.name}\")", ["{count} image of {name}"]),
        ('raise Inconclusive(f"{a.name} and {b.name} differ")', ["{name} and {name2} differ"]),
        ('raise InputError("no such file")', []),
        ('"""A docstring of some words."""', []),
        ('TEXT = "look at {name} first"', ["look at {name} first"]),
        ('x = "openstack image set --public " + name', []),
        ('x = {"not there": 1, "Debian 12": 2}', ["not there"]),
        ('if x == "some words here": pass', []),
        ('x = f"a {{b}} of {c}"', ["a {{b}} of {c}"]),
        ('language.number(n, "{count} thing", "{count} things")', []),
    ],
)
def test_texts_are_found_where_they_arise(source: str, expected: list[Any], tmp_path: Path) -> None:
    found = extracted(source, tmp_path)
    assert [message for message in expected if message not in found] == []
    assert bool(found) is bool(expected)


def by_position(text: str, names: list[str]) -> str:
    """A message with numbers in place of the names of its placeholders."""
    return re.sub(r"\{(\w+)\}", lambda match: f"{{{names.index(match[1])}}}", text)


@pytest.mark.parametrize(
    "path", [path for path in CATALOGUES if path.stem == TEXTS], ids=lambda path: path.parents[1].name
)
def test_texts_that_read_alike_are_translated_alike(path: Path) -> None:
    """A text tells how it reads, not which of two messages it was made from, whose placeholders have other names."""
    found: dict[str, set[str]] = {}
    for message, translation in pairs(path):
        names = re.findall(r"\{(\w+)\}", message)
        found.setdefault(by_position(message, names), set()).add(by_position(translation, names))
    assert {message: said for message, said in found.items() if len(said) > 1} == {}
