# SPDX-License-Identifier: Apache-2.0
"""How pages are made: templates with autoescaping, because names and properties come from what is judged."""

from __future__ import annotations

from pathlib import Path

import jinja2

from pytest_scs.base.language import Language
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.html_words import margin, prose, unbroken


def environment(words: Language, *folders: Path) -> jinja2.Environment:
    """The templates of this room, and those of other folders, in a language."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, Path(__file__).parent]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters.update(prose=prose, margin=margin, unbroken=unbroken, grouped=words.grouped)
    made.globals.update(
        phrase=words.phrase,
        number=words.number,
        text=words.text,
        worded=lambda finding: finding.worded(words),
        language=words.code,
        Verdict=Verdict,
    )
    return made
