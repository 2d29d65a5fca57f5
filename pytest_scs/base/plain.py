# SPDX-License-Identifier: Apache-2.0
"""Output where the locale has no other characters than ASCII, or few: signs of ours are spelled, others escaped."""

from __future__ import annotations

import codecs
from typing import Any

#: What is written in place of signs; anything else, such as a letter in a name, stays recognizable as an escape.
SPELLED = {
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{MINUS SIGN}": "-",
    "\N{MIDDLE DOT}": "-",
    "\N{BULLET}": "*",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{LEFTWARDS ARROW}": "<-",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{CHECK MARK}": "ok",
    "\N{HEAVY CHECK MARK}": "ok",
    "\N{BALLOT X}": "x",
    "\N{HEAVY BALLOT X}": "x",
    "\N{WHITE HEAVY CHECK MARK}": "[pass]",
    "\N{LARGE ORANGE SQUARE}": "[open]",
    "\N{OCTAGONAL SIGN}": "[stop]",
    "\N{DAGGER}": "+",
    "\N{SECTION SIGN}": "section ",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{DOUBLE LOW-9 QUOTATION MARK}": '"',
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{NO-BREAK SPACE}": " ",
    "\N{NARROW NO-BREAK SPACE}": " ",
}

_HANDLER = "scs-plain"


def speak_plainly(*streams: Any) -> None:
    """From now on what these streams cannot encode is spelled or escaped, and never an error.

    A stream that can encode everything, or is none of Python's own, stays as it is.
    """
    codecs.register_error(_HANDLER, _spell)
    for stream in streams:
        encoding = str(getattr(stream, "encoding", None) or "utf-8").lower().replace("_", "-")
        if not encoding.startswith("utf") and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_HANDLER)


def _spell(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    char = error.object[error.start]
    if char in SPELLED:
        return SPELLED[char], error.start + 1
    if "\udc80" <= char <= "\udcff":  # a byte of a file name that is no text
        return bytes([ord(char) - 0xDC00]), error.start + 1
    text, _ = codecs.backslashreplace_errors(
        UnicodeEncodeError(error.encoding, error.object, error.start, error.start + 1, error.reason)
    )
    return text, error.start + 1
