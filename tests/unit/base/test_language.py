# SPDX-License-Identifier: Apache-2.0
"""The choice of a language, and texts that are found by how they read."""

from __future__ import annotations

import re

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.base.language import ENGLISH, chosen, languages
from pytest_scs.base.translating import Translator


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de"}, "de"),
        ({"LANG": "de_AT@euro"}, "de"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "de"}, "en"),
        ({"LANG": "POSIX", "LANGUAGE": "de"}, "en"),
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "de_DE.UTF-8"}, "de"),
        ({"LC_ALL": "de_DE.UTF-8", "LANG": "en_US.UTF-8"}, "de"),
        ({"LC_MESSAGES": "de_DE.UTF-8", "LANG": "en_US.UTF-8"}, "de"),
        ({"LC_ALL": "en_US.UTF-8", "LC_MESSAGES": "de_DE.UTF-8"}, "en"),
        ({"LC_CTYPE": "de_DE.UTF-8"}, "en"),
        ({"LANGUAGE": "de"}, "de"),
        ({"LANGUAGE": "fr:de:en", "LANG": "fr_FR.UTF-8"}, "de"),
        ({"LANGUAGE": "en_GB:de", "LANG": "de_DE.UTF-8"}, "en"),
        ({"LANGUAGE": "fr", "LANG": "de_DE.UTF-8"}, "de"),
    ],
)
def test_the_environment_chooses_as_for_gettext(environ: dict[str, str], code: str) -> None:
    assert chosen(None, environ).code == code


@pytest.mark.parametrize("asked", ["de", "DE", "de_DE.UTF-8", "de-AT", " de "])
def test_a_language_may_be_written_as_a_locale(asked: str) -> None:
    assert chosen(asked, {"LANG": "C"}).code == "de"


def test_what_was_asked_for_wins() -> None:
    assert chosen("en", {"LANG": "de_DE.UTF-8"}).code == "en"


@pytest.mark.parametrize(("code", "said"), [("en", "1 of 10,000"), ("de", "1 von 10.000")])
def test_large_numbers_are_read_in_groups_of_digits(code: str, said: str) -> None:
    words = chosen(code, {})
    assert words.grouped(999) == "999"
    assert f"1 {words.phrase('of {total}', total=10_000)}" == said
    # A name is none, even if it looks like one; and what programs read has digits only.
    assert words.phrase("of {total}", total="10000").endswith(" 10000")
    assert ENGLISH.phrase("of {total}", total=10_000) == "of 10000"
    assert words.number(1_234_567, "{count} finding", "{count} findings").split()[0].replace(".", ",") == "1,234,567"


@pytest.mark.parametrize("asked", ["fr", "dee", "..", "../de", "d", "de/../en", ""])
def test_an_unknown_language_is_an_error_that_names_those_there_are(asked: str) -> None:
    with pytest.raises(InputError, match=re.escape(f"--scs-lang: unknown language {asked!r}") + ".*known: de, en"):
        chosen(asked, {})


def test_languages_are_those_of_the_catalogues() -> None:
    assert languages() == ["de", "en"]


def test_english_fills_in_and_keeps_texts() -> None:
    assert ENGLISH.phrase("{name}: {{}}", name="{x}") == "{x}: {}"
    assert ENGLISH.number(1, "{count} thing", "{count} things") == "1 thing"
    assert ENGLISH.number(2, "{count} thing of {whose}", "{count} things of {whose}", whose="a") == "2 things of a"
    assert ENGLISH.text("not set") == "not set"


def test_german_has_plurals() -> None:
    german = chosen("de", {})
    assert german.number(1, "{count} testcase", "{count} testcases") == "1 Testfall"
    assert german.number(0, "{count} testcase", "{count} testcases") == "0 Testfälle"


def test_brackets_within_a_bracket_at_the_end_are_texts_of_their_own() -> None:
    said = Translator({"not set": "nicht gesetzt", "none": "nichts", "a list": "eine Liste"}).translate
    assert said("not set (none (a list))") == "nicht gesetzt (nichts (eine Liste))"
    assert said("none (not set) (a list)") == "nichts (nicht gesetzt) (eine Liste)"
    assert said("a list)") == "a list)"


MESSAGES = {
    "not set": "nicht gesetzt",
    "none": "nichts",
    "a list": "eine Liste",
    "image {name}": "Image {name}",
    "at least {size} GiB": "mindestens {size} GiB",
    "{what} is missing": "{what} fehlt",
    "{count} of {count2}": "{count} von {count2}",
    "{resource}: cannot be judged: {reason}": "{resource}: nicht zu beurteilen: {reason}",
    "the service {service} answered {status}": "der Dienst {service} antwortete {status}",
    "{words} or {words2}": "{words} oder {words2}",
    " and {count} more": " und {count} weitere",
    "; see {url}": "; siehe {url}",
    "install it; then: {command}": "es installieren; dann: {command}",
    "{expected} after {name}": "{expected} nach {name}",
    "the number of CPUs": "die Zahl der CPUs",
    "what comes after {this}": "was nach {this} kommt",
    "keep the {{braces}} of {x}": "die {{braces}} von {x} behalten",
    "wood {name}: {line}": "Wald {name}: {line}",
    "{first}; then {second}": "{first}; dann {second}",
}


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("not set", "nicht gesetzt"),
        ("'not set'", "'not set'"),
        ("image none", "Image none"),
        ("at least 5 GiB", "mindestens 5 GiB"),
        ("at least  GiB", "mindestens  GiB"),
        ("a list is missing", "eine Liste fehlt"),
        ("2 of 3", "2 von 3"),
        ("b: cannot be judged: a list is missing; see U", "b: nicht zu beurteilen: eine Liste fehlt; siehe U"),
        ("a: cannot be judged: none; b: not set", "a: nicht zu beurteilen: nichts; b: nicht gesetzt"),
        ("the service x answered 503", "der Dienst x antwortete 503"),
        ("a1, a2 and 3 more", "a1, a2 und 3 weitere"),
        ("a list (not set)", "eine Liste (nicht gesetzt)"),
        ("a list, not set", "eine Liste, nicht gesetzt"),
        ("'a; b': not set", "'a; b': nicht gesetzt"),
        ("install it; then: openstack image set x", "es installieren; dann: openstack image set x"),
        ("openstack image set --property 'x=a or b' 1", "openstack image set --property 'x=a or b' 1"),
        ("openstack image set --property x=URL or text", "openstack image set --property x=URL or text"),
        ("openstack x --y  # not set", "openstack x --y  # nicht gesetzt"),
        ("what comes after 'SCS' after 'x'", "was nach 'SCS' nach 'x' kommt"),
        ("the number of CPUs after 'x'", "die Zahl der CPUs nach 'x'"),
        ("keep the {braces} of {y}", "die {braces} von {y} behalten"),
        (
            "dial tcp 10.0.0.1:443: no route to the host",
            "dial tcp 10.0.0.1:443: no route to the host",
        ),
        (
            "wood ash:elm beech: a list is missing; then not set; none",
            "Wald ash:elm beech: eine Liste fehlt; dann nicht gesetzt; nichts",
        ),
        ("", ""),
        ("; ", "; "),
    ],
)
def test_texts_are_translated_by_how_they_read(english: str, german: str) -> None:
    assert Translator(MESSAGES).translate(english) == german


def test_a_notice_of_several_sentences_is_said_one_by_one() -> None:
    sentences = (
        "official scope file as of 2026-08-21, 98 days old",
        "v6 was announced for October 2026",
        "--scs-scope=FILE takes a newer one, scs data refresh fetches it",
    )
    notice = chosen("de", {}).text("; ".join(sentences))
    assert "; v6 war für Oktober 2026 angekündigt; " in notice
    assert notice.endswith(" angekündigt; --scs-scope=FILE nimmt eine neuere, scs data refresh holt sie")


@pytest.mark.parametrize("name", ["prod", "demo:vanilla", "of-the-house"])
def test_what_goes_wrong_in_a_cloud_is_said_of_it_whatever_its_name(name: str) -> None:
    failed = "the sample VM (m1.small, cirros-0.6.3, zone nova) failed: the image has no Python 3"
    said = chosen("de", {}).text(f"cloud {name}: {failed}; then {failed}; offer a public image with cloud-init")
    assert said.startswith(f"Cloud {name}: die Test-VM (m1.small, cirros-0.6.3, Zone nova) scheiterte: ")


@pytest.mark.parametrize("part", ["a; ", "a: ", "a or ", "not set, ", "image ", "(", "x is missing is missing; "])
def test_a_text_without_end_is_translated_within_bounds(part: str) -> None:
    translator = Translator(MESSAGES)
    translator.translate(part * 5000)
    assert translator._tried < 6000


def test_what_was_asked_before_does_not_change_the_answer() -> None:
    translator = Translator(MESSAGES)
    text = "b: cannot be judged: a list is missing; see https://x"
    for _ in range(3):
        translator.translate("; ".join(["x or y"] * 300))
        assert translator.translate(text) == Translator(MESSAGES).translate(text)
