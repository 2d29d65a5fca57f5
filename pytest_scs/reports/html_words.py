# SPDX-License-Identifier: Apache-2.0
"""How the HTML page says things: whole phrases, which a language can say in its own way (base/language.py)."""

from __future__ import annotations

import re

import markupsafe

from pytest_scs.base.words import shown

#: What to say about a version of a scope, by its validity code.
VALIDITY = {
    "effective": "in force, certificates are given for this version.",
    "warn": "still in force, but about to expire: plan for the next version.",
    "draft": "it can be tried out, and nobody can be certified for it yet.",
    "deprecated": "not in force any more: nobody can be certified for it.",
    "not yet in force": "nobody can be certified for it yet.",
}

#: What to say about a target of a version.
TARGETS = {
    "main": "what a certificate demands.",
    "recommended": "what the standards recommend; it does not decide about a certificate.",
    "preview": "what is to come, and what only people can tell; it does not decide about a certificate.",
}


def prose(text: str) -> markupsafe.Markup:
    """Text in which `words in backticks` are code, as scope files have it."""
    parts = text.split("`")
    code = markupsafe.Markup("<code>{}</code>")
    return markupsafe.Markup().join(code.format(part) if number % 2 else part for number, part in enumerate(parts))


def unbroken(script: str) -> markupsafe.Markup:
    """Commands, in which lines are broken between words only: browsers would do it after every hyphen as well."""
    word = markupsafe.Markup("<i>{}</i>")

    def marked(line: str) -> markupsafe.Markup:
        parts = re.split(r"(\s+)", line) if " " in line and not line.startswith("#") else [line]
        return markupsafe.Markup().join(word.format(part) if "-" in part and len(parts) > 1 else part for part in parts)

    return markupsafe.Markup("\n").join(map(marked, script.split("\n")))


#: Of a text on the margin of paper so many characters stand there, lest it push out what is beside it.
_ON_MARGIN = 55


def margin(text: str) -> markupsafe.Markup:
    """A text on the margin of paper, as a string of a style sheet."""
    return css_string(shown(text, _ON_MARGIN))


def css_string(text: str) -> markupsafe.Markup:
    """The text as a string of a style sheet, in which nothing can end the string or the sheet."""
    return markupsafe.Markup('"' + re.sub(r"[^A-Za-z0-9 ]", lambda match: f"\\{ord(match[0]):x} ", text) + '"')  # noqa: S704
