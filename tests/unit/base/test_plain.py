# SPDX-License-Identifier: Apache-2.0
"""What is written where the locale has few characters."""

from __future__ import annotations

import io

import pytest

from pytest_scs.base.plain import SPELLED, speak_plainly


def written(encoding: str, text: str) -> bytes:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict")
    speak_plainly(stream)
    stream.write(text)
    stream.flush()
    return raw.getvalue()


@pytest.mark.parametrize(
    ("encoding", "text", "seen"),
    [
        ("ascii", "Flavors of every\u2026", b"Flavors of every..."),
        ("ascii", "a \u2192 b \u2265 3, \u201eGr\u00f6\u00dfe\u201c", b'a -> b >= 3, "Gr\\xf6\\xdfe"'),
        ("iso-8859-1", "Gr\u00f6\u00dfe\u2026", b"Gr\xf6\xdfe..."),
        ("ascii", "\U0001f4a9", b"\\U0001f4a9"),
        ("ascii", "no text: \udcff", b"no text: \xff"),
        ("utf-8", "Gr\u00f6\u00dfe\u2026", "Gr\u00f6\u00dfe\u2026".encode()),
    ],
)
def test_signs_are_spelled_and_letters_stay_recognizable(encoding: str, text: str, seen: bytes) -> None:
    assert written(encoding, text) == seen


def test_what_is_spelled_is_ascii() -> None:
    assert all(text.isascii() for text in SPELLED.values())


def test_streams_of_others_stay_as_they_are() -> None:
    stream = io.StringIO()
    speak_plainly(stream, None, object())
    stream.write("\u2026")
    assert stream.getvalue() == "\u2026"
