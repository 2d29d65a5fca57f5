# SPDX-License-Identifier: Apache-2.0
"""Phrases that several messages share: suggestions, cut texts, how to install what is missing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from pytest_scs.base.errors import InputError


def install(extra: str) -> str:
    """How to install what one of the extras of this package brings, wherever the package itself came from."""
    return f"install pytest-scs with its extra {extra} (in a checkout: pip install '.[{extra}]')"


def cut(text: str, most: int) -> str:
    """A text of more than ``most`` characters without its middle: what was found stands at the end."""
    if len(text) <= most:
        return text
    mark = " [cut] "
    tail = most // 3
    return text[: most - tail - len(mark)] + mark + text[-tail:]


def check_single(option: str, text: str, *, known: Iterable[str] = ()) -> None:
    """Raise InputError for several values in one, which only commas tell; not for a text in ``known``."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > 1 and text not in known:
        each = " ".join(f"{option}={part}" for part in parts)
        raise InputError(f"{option}: {text!r} is several values; give the option once for each: {each}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A suggestion ``; did you mean 'x'?`` for a mistyped word, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
