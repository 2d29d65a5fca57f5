# SPDX-License-Identifier: Apache-2.0
"""Masking of secrets."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.redact import Redactor
from pytest_scs.base.shapes import mask_shapes
from pytest_scs.base.spellings import MASK

FERNET = "gAAAAABmX" + "aB3_-" * 30 + "=="


def redactor(*secrets: object) -> Redactor:
    redact = Redactor()
    redact.add(secrets)
    return redact


def test_every_occurrence_of_a_secret_is_masked() -> None:
    assert redactor("s3cr3t")("s3cr3t, again s3cr3t: xs3cr3tx") == "***, again ***: x***x"


def test_a_secret_that_contains_another_is_masked_whole() -> None:
    assert redactor("hunter", "hunter2000")("password hunter2000, user hunter") == "password ***, user ***"


def test_secrets_of_several_calls_add_up() -> None:
    redact = redactor("first-one")
    redact.add(["second-one"])
    assert redact("first-one second-one") == "*** ***"


@pytest.mark.parametrize("secret", [None, "", "abc", 0, 1, False])
def test_what_is_no_secret_or_too_short_masks_nothing(secret: object) -> None:
    text = "abc None 0 1 False nothing happens"
    assert redactor(secret)(text) == text


def test_a_number_can_be_a_secret() -> None:
    assert redactor(12345678)("pin 12345678") == "pin ***"


@pytest.mark.parametrize("secret", ["a.b*c(", "\\d+\\", "pass word", "$HOME[0]", "äöü€"])
def test_a_secret_is_taken_literally(secret: str) -> None:
    assert redactor(secret)(f"<{secret}> aXbbc( 11") == "<***> aXbbc( 11"


def test_tokens_are_masked_although_nobody_knows_them() -> None:
    assert Redactor()(f"X-Auth-Token: {FERNET} next") == "X-Auth-Token: *** next"


def test_words_that_only_begin_like_a_token_stay() -> None:
    assert Redactor()("gAAAA is a prefix, gAAAAshort too") == "gAAAA is a prefix, gAAAAshort too"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("https://user:secret@cloud.example/v3", "https://***@cloud.example/v3"),
        ("https://token@cloud.example", "https://***@cloud.example"),
        ("http://user:p@ss@cloud.example:5000/v3", "http://***@cloud.example:5000/v3"),
        (
            "see https://a:b@one.example and https://c:d@two.example",
            "see https://***@one.example and https://***@two.example",
        ),
    ],
)
def test_user_information_in_urls_is_masked(text: str, masked: str) -> None:
    assert Redactor()(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "https://cloud.example/v3?mail=a@b.example",
        "https://cloud.example/users/a@b.example",
        "see https://cloud.example, or write to a@b.example",
        '{"url":"https://cloud.example","mail":"a@b.example"}',
        "a@b.example",
    ],
)
def test_an_at_sign_elsewhere_stays(text: str) -> None:
    assert Redactor()(text) == text


words = st.text("abcXYZ019$(\\.", min_size=4, max_size=8)


@given(st.lists(words, max_size=4), st.text("abcXYZ019$(\\. \n", max_size=40))
def test_no_secret_survives(secrets: list[str], text: str) -> None:
    masked = redactor(*secrets)(text.join(["", *secrets, ""]))
    assert not [secret for secret in secrets if secret in masked]


@given(st.text())
def test_text_without_secrets_stays_as_it_is(text: str) -> None:
    if "://" not in text and "gAAAA" not in text:
        assert redactor("a secret of mine")(text) == text


def test_ids_stay_where_they_are_sent_back_and_go_where_data_leaves() -> None:
    redact = redactor("kana'rien")
    data = {
        "id": "img-kana'rien",
        "tenant_id": ["kana'rien"],
        "deep": {"uuid": {"x": "kana'rien"}},
        "name": "kana'rien",
    }
    assert redact.plain(data) == {**data, "deep": {"uuid": {"x": MASK}}, "name": MASK}
    masked = redact.plain(data, ids=True)
    assert masked == {"id": f"img-{MASK}", "tenant_id": [MASK], "deep": {"uuid": {"x": MASK}}, "name": MASK}


@pytest.mark.parametrize("secret", ["wrong", "demo", "kanarienvogel", "kana'rien <x>", "pa\u00e4\U0001f426ss"])
@pytest.mark.parametrize(
    "spell",
    [
        lambda secret: "".join(f"&#{ord(char)};" for char in secret),
        lambda secret: "".join(f"&#x{ord(char):X};" for char in secret),
        lambda secret: "".join(f"%{byte:02X}" for byte in secret.encode()),
        lambda secret: secret.encode().hex(),
        lambda secret: secret.encode("utf-16-be").hex(" ", 2).replace(" ", "\\u").join(("\\u", "")),
        lambda secret: base64.b64encode(secret.encode()).decode(),
        lambda secret: base64.b64encode(f"user:{secret}".encode()).decode(),
    ],
)
def test_no_letter_of_a_secret_is_left_in_an_encoding(secret: str, spell: Callable[[str], str]) -> None:
    spelled = spell(secret)
    masked = redactor(secret)(f"before {spelled} after")
    assert MASK in masked
    assert spelled not in masked
    assert redactor(secret)("before and after").count(MASK) == 0


@pytest.mark.parametrize("text", ["service_account_token: 10.3", "tokens: 1.4", "secret: 812", "token: 9999.123456"])
def test_a_number_of_seconds_behind_such_a_word_stays(text: str) -> None:
    assert mask_shapes(text) == text


@pytest.mark.parametrize("text", ["token: 10.3.7.1", "secret: 12345678", "token: 1.4e5xyz", "password: 1234.5678901"])
def test_what_is_no_such_number_is_masked(text: str) -> None:
    assert mask_shapes(text).endswith(": ***")
