# SPDX-License-Identifier: Apache-2.0
"""Masking in a whole HTML page: the texts and values in it, and nothing that holds it together."""

from __future__ import annotations

import re
from collections.abc import Callable

# Style sheets and programs are constant; what they are given stands in attributes.
_PARTS = re.compile(r"(?P<constant><(?P<kind>style|script)\b.*?</(?P=kind)\s*>)|(?P<tag><[^<>]*>)|[^<]+|<", re.DOTALL)
_VALUE = re.compile(
    r"""(?P<name>\s(?:(?:data|aria)-[\w-]+|href|src|title|alt|value|content|id)\s*=\s*)(?P<quote>["'])(?P<value>.*?)(?P=quote)""",
    re.DOTALL,
)


def mask_page(page: str, redact: Callable[[str], str]) -> str:
    """The page with texts and the values of attributes masked by ``redact``, each on its own."""

    def part(match: re.Match[str]) -> str:
        if match["constant"]:
            return match[0]
        return _VALUE.sub(value, match[0]) if match["tag"] else redact(match[0])

    def value(match: re.Match[str]) -> str:
        return f"{match['name']}{match['quote']}{redact(match['value'])}{match['quote']}"

    return _PARTS.sub(part, page)
