# SPDX-License-Identifier: Apache-2.0
"""JSON as its standard has it; what comes out of the network as a whole is in platforms/openstack/test_transport.py."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base import strict_json
from pytest_scs.base.strict_json import NoStrictJson, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_what_is_json_comes_back(value: Any, readable: bool) -> None:
    text = json.dumps(value, ensure_ascii=not readable)
    assert read_json(text) == value
    assert read_json(text.encode("utf-8", "surrogatepass") if not readable else json.dumps(value).encode()) == value


@given(st.binary())
def test_bytes_are_json_or_refused(data: bytes) -> None:
    told = ""
    try:
        value = read_json(data)
    except NoStrictJson as error:
        told = str(error)
    else:
        assert json.loads(data.decode("utf-8-sig"), strict=False) == value
    assert not told or told.startswith("it ")
    assert "\n" not in told


@given(VALUES, st.text(max_size=100))
def test_a_key_twice_is_never_json(value: Any, key: str) -> None:
    quoted = json.dumps(key)
    text = f"[{{{quoted}: {json.dumps(value)}, {quoted}: 1}}]"
    with pytest.raises(NoStrictJson, match="twice in one object"):
        read_json(text)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("around", ["{}", "[{}]", '{{"a": [1, {{"b": {}}}]}}'])
def test_what_is_no_number_is_no_json(number: float, around: str) -> None:
    with pytest.raises(NoStrictJson, match="which JSON does not know"):
        read_json(around.format(json.dumps(number)))


@pytest.mark.parametrize(("levels", "fine"), [(1, True), (63, True), (64, True), (65, False), (900, False)])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_levels_are_counted(levels: int, fine: bool, opening: str, closing: str) -> None:
    within = levels // (2 if opening.startswith("[{") else 1)
    odd = levels - within * (2 if opening.startswith("[{") else 1)
    text = "[" * odd + opening * within + "1" + closing * within + "]" * odd
    if fine:
        read_json(text)
    else:
        with pytest.raises(NoStrictJson, match="more than 64 levels"):
            read_json(text)


@pytest.mark.parametrize("limit", ["MOST_BYTES", "MOST_BYTES_BEYOND_ASCII"])
def test_large_documents_are_refused_without_blanks(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    text = '"xxx"' if limit == "MOST_BYTES" else '"x\u00fc"'
    monkeypatch.setattr(strict_json, limit, 5)
    assert read_json(b" " * 100 + text.encode() + b"\n" * 100) == text.strip('"')
    with pytest.raises(NoStrictJson, match="too large"):
        read_json(text.replace("x", "xx").encode())
