# SPDX-License-Identifier: Apache-2.0
"""Secrets are found however they are spelled, and in parts."""

from __future__ import annotations

import base64
import html
import json
import pprint
import random
import shlex
import urllib.parse
from collections.abc import Callable

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_scs.base.redact import Redactor

#: What others make of a text.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "repr": repr,
    "repr of repr": lambda text: repr(repr(text)),
    "other quotes": lambda text: "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'",
    "ascii": ascii,
    "bytes": lambda text: repr(text.encode("utf-8", "surrogatepass")),
    "unicode_escape": lambda text: text.encode("unicode_escape").decode(),
    "html": html.escape,
    "html, decimal": lambda text: "".join(char if char.isalnum() else f"&#{ord(char)};" for char in text),
    "html twice": lambda text: html.escape(html.escape(text)),
    "shell": shlex.quote,
    "shell, escaped": lambda text: "'" + text.replace("'", "'\\''") + "'",
    "shell in repr": lambda text: repr(shlex.quote(text)),
    "json": json.dumps,
    "json without escapes": lambda text: json.dumps(text, ensure_ascii=False),
    "json in json": lambda text: json.dumps(json.dumps(text)),
    "json in html": lambda text: html.escape(json.dumps(text)),
    "json in yaml": lambda text: yaml.safe_dump(json.dumps(text)),
    "yaml": yaml.safe_dump,
    "yaml, double quotes": lambda text: yaml.safe_dump(text, default_style='"', width=20),
    "yaml, single quotes": lambda text: yaml.safe_dump(text, default_style="'", width=20),
    "yaml, wrapped": lambda text: yaml.safe_dump("x" * 60 + " " + text, allow_unicode=True),
    "pprint": lambda text: pprint.pformat({"key": "x " * 30 + text}, width=60),
    "percent": lambda text: urllib.parse.quote(text, safe="", errors="replace"),
    "percent, some": lambda text: urllib.parse.quote(text, errors="replace"),
    "percent twice": lambda text: urllib.parse.quote(urllib.parse.quote(text, errors="replace")),
    "form": lambda text: urllib.parse.quote_plus(text, errors="replace"),
    "hex": lambda text: text.encode("utf-8", "surrogatepass").hex(),
    "HEX": lambda text: text.encode("utf-8", "surrogatepass").hex(":").upper(),
    "base64": lambda text: base64.b64encode(text.encode("utf-8", "surrogatepass")).decode(),
    "base64 of a pair": lambda text: base64.b64encode(f"user:{text}".encode("utf-8", "surrogatepass")).decode(),
    "base64 among others": lambda text: base64.b64encode(f"ab{text}, x".encode("utf-8", "surrogatepass")).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(f"a{text}".encode("utf-8", "surrogatepass")).decode(),
    "base64, wrapped": lambda text: base64.encodebytes(f"{'u' * 50}{text}".encode("utf-8", "surrogatepass")).decode(),
}

SECRETS = [
    "kana'rienvogel",
    "kana\\ri'en\"1",
    "pä$$wört €𝄞 x",
    "s3cr3t",
    "a b&c<d>e;f`g`",
    "trailing\\",
    "\\\\x\\y'\"z",
    "per%cent+plus/slash=",
    "Correct-Horse battery staple",
    "''''\"\"\"\"",
    "line\nbreak\tand tab",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQ==\n-----END PRIVATE KEY-----\n",
    "gAAAAABm" + "aB3_-x" * 29,
    "3f6c7e5a9d2b41d8a0c1",
    "\ud800lone",
    "{braces} %s %(name)s {0}",
    "a.b*c(d)[e]?^$|",
]


def hidden(masked: str, secret: str, spelled: str) -> bool:
    """Whether what is left of a spelled secret tells nothing: no four characters of its own in a row."""
    pieces = {spelled[at : at + 4] for at in range(max(1, len(spelled) - 3))}
    own = {secret[at : at + 4] for at in range(max(1, len(secret) - 3))}
    return not any(piece in masked for piece in pieces & own)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_masked_in_every_spelling(spelling: str, secret: str) -> None:
    redact = Redactor()
    redact.add([secret])
    spelled = SPELLINGS[spelling](secret)
    masked = redact(f"before {spelled} after")
    assert "***" in masked
    assert masked.startswith("before")
    assert masked.endswith("after")
    assert hidden(masked, secret, spelled), masked


anything = st.text(st.sampled_from("aZ09'\"\\ü€𝄞<&>% /+-_.:$`\n"), min_size=6, max_size=24)


# One may be taken for white space, quotes or backslashes of another.
@example("00\\:\n 00", "as it is")
@example("__'9.  %0.\n\"\" ''%", "yaml, single quotes")
@example("\"' '\n- > /&9\n\\\n\n>09&/%", "shell")
@example(':\\\\   \t\n1  \t"\'\'" "', "as it is")
@example("'11:'':\t1''\n:\\", "html, decimal")
@given(anything.filter(lambda text: len(set(text)) > 4), st.sampled_from(sorted(SPELLINGS)))
def test_no_text_is_left_in_any_spelling(secret: str, spelling: str) -> None:
    redact = Redactor()
    redact.add([secret])
    spelled = SPELLINGS[spelling](secret)
    masked = redact(f"<<{spelled}>>")
    assert "***" in masked
    assert secret not in masked
    assert spelled not in masked


TOKEN = "gAAAAABm" + base64.urlsafe_b64encode(random.Random(1).randbytes(129)).decode()


@pytest.mark.parametrize(
    ("secret", "text", "masked"),
    [
        (TOKEN, f"token {TOKEN[:100]}...{TOKEN[-100:]}", "token ***...***"),
        ("kana'rienvogel", "found 'kana'rien...", "found '***..."),
        ("kana'rienvogel", "kana'rie", "***"),
        ("kana'rienvogel", "... enough of rienvogel", "... enough of ***"),
        ("Conformance2024!", "SCS Conformance of a cloud", "SCS Conformance of a cloud"),
        ("Conformance2024!", "cut: Conformance...", "cut: ***..."),
        ("Conformance2024!", "cut: Conformance2", "cut: ***"),
        ("hunter2000", "see hunter20 [cut] x", "see *** [cut] x"),
        ("000'9\n 0", "<<'000\\'9\n 0'>>", "<<'***'>>"),
    ],
)
def test_what_a_cut_leaves_of_a_secret_is_masked(secret: str, text: str, masked: str) -> None:
    redact = Redactor()
    redact.add([secret])
    assert redact(text) == masked


@given(st.integers(0, len(TOKEN)), st.integers(0, len(TOKEN)))
def test_no_long_piece_of_a_token_is_left(begin: int, end: int) -> None:
    redact = Redactor()
    redact.add([TOKEN])
    masked = redact(f"x {TOKEN[begin:end]} y")
    if end - begin > len(TOKEN) // 2:
        assert masked == "x *** y"
