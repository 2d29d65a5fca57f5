# SPDX-License-Identifier: Apache-2.0
"""Reports damaged at random, in YAML and JSON: nothing is accepted that the monitor answers with 500.

The stand-in reads reports apart from the package, and judges what that says.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from monitor_standin import KINDS, HttpError, documents_in, report_text, stored

from pytest_scs.core.selection import known_scopes
from pytest_scs.pipeline.monitor.checking import check_content

NOW = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
SCOPES = known_scopes()
GOOD: dict[str, Any] = yaml.safe_load(
    report_text({"scs-0100-syntax-check": 1, "scs-0100-semantics-check": -1}, checked_at=str(NOW))
)
GONE = object()

TEXT = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=6),
    st.sampled_from(
        [
            "infinity",
            "yesterday",
            "1",
            "1.5",
            "0x1",
            "null",
            "\0",
            "\x07",
            "\x85",
            "\u2028",
            "\ud800",
            "a/b",
            "<b>",
            "2026-W48-4",
            "2026-11-27",
        ]
    ),
)
SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**31, -(2**31) - 1, 2**63, 10**30]),
    st.floats(),
    TEXT,
    st.dates(),
    st.datetimes(),
    st.binary(max_size=3),
)
KEY = st.one_of(TEXT, st.integers(), st.booleans(), st.none(), st.floats(), st.dates())
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEY, inner, max_size=2),
    max_leaves=4,
)


def places(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All places in a document, those of keys that could be there included."""
    if not isinstance(value, dict):
        return [above]
    below = [place for key, part in value.items() for place in places(part, (*above, key))]
    return [*([above] if above else []), *below, (*above, "more")]


def damaged(place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    found = copy.deepcopy(GOOD)
    part: Any = found
    for key in place[:-1]:
        part = part[key]
    if value is GONE:
        part.pop(place[-1], None)
    else:
        part[place[-1]] = value
    return found


DAMAGED = st.builds(damaged, st.sampled_from(places(GOOD)), st.just(GONE) | VALUE)


def answer(content: str, form: str) -> int:
    """The status of the monitor's answer."""
    try:
        for document in documents_in(content, KINDS[form == "json"]):
            stored(document, 0)
    except HttpError as error:
        return error.status
    return 200


def check(content: str, form: str) -> None:
    found = check_content(content.encode("utf-8", "surrogatepass"), SCOPES, is_json=form == "json")
    fatal = [problem for problem in found if problem.fatal]
    if answer(content, form) == 500:
        assert fatal, content


@settings(max_examples=60, deadline=None)
@given(DAMAGED)
def test_no_damaged_yaml_is_accepted_that_is_answered_with_500(document: dict[str, Any]) -> None:
    check(yaml.dump(document, Dumper=yaml.SafeDumper, allow_unicode=False), "yaml")


@settings(max_examples=60, deadline=None)
@given(DAMAGED, st.booleans())
def test_no_damaged_json_is_accepted_that_is_answered_with_500(document: dict[str, Any], ascii_only: bool) -> None:
    try:
        content = json.dumps(document, default=str, ensure_ascii=ascii_only, skipkeys=True)
    except ValueError:
        return
    check(content, "json")


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(["yaml", "json"]))
def test_no_cut_or_changed_text_is_accepted_that_is_answered_with_500(data: st.DataObject, form: str) -> None:
    text = yaml.safe_dump(GOOD, explicit_start=True) if form == "yaml" else json.dumps(GOOD, default=str)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    pieces = [
        "---\n",
        "\n",
        " ",
        ": ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        "&a ",
        "*a",
        "!!set ",
        "!x ",
        "<<: ",
        "? ",
        "#",
        ",",
        "\t",
        ".nan",
        "1e999",
    ]
    put = data.draw(st.text(max_size=3) | st.lists(st.sampled_from(pieces), max_size=3).map("".join))
    check(text[:start] + put + text[end:], form)
