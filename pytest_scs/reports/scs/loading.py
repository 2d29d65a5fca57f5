# SPDX-License-Identifier: Apache-2.0
"""Reading a report as the compliance monitor does: YAML 1.2, or JSON; and what of it its database cannot hold."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.base.words import cut
from pytest_scs.reports.scs.quick import read_plain_yaml
from pytest_scs.reports.scs.values import found_value

_TAG = "tag:yaml.org,2002:"
# By the first characters of a plain word: what it may be besides text (YAML 1.2; 1.1 has more, such as yes and 1:30).
_WORDS_12 = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9_]+(?:[eE][-+][0-9]+)?"
        r"|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN)",
        "-+0123456789.",
    ),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
    # Nothing is made of it: the monitor refuses it, too.
    ("value", r"=", "="),
)


class _Loader12(yamlfile.Loader):
    """Plain words mean what they mean in YAML 1.2: ``yes`` is text, ``010`` is ten."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def construct_int(self, node: yaml.ScalarNode) -> int:
        """An integer; a zero in front means nothing."""
        digits = node.value.replace("_", "").lower()
        base = next((base for mark, base in (("0b", 2), ("0o", 8), ("0x", 16)) if mark in digits), 10)
        return int(digits, base)


def _teach() -> None:
    timestamps = yaml.SafeLoader.yaml_implicit_resolvers
    for kind, pattern, first in _WORDS_12:
        _Loader12.add_implicit_resolver(f"{_TAG}{kind}", re.compile(rf"^(?:{pattern})$"), list(first))
    for char in "0123456789":
        known = [one for one in timestamps[char] if one[0].endswith(":timestamp")]
        _Loader12.yaml_implicit_resolvers.setdefault(char, []).extend(known)
    _Loader12.add_constructor(f"{_TAG}int", _Loader12.construct_int)


_teach()


@dataclasses.dataclass(frozen=True, slots=True)
class Loaded:
    """The documents in a report file, and what is wrong with the file as such.

    ``broken``: why it is no YAML or JSON, for the monitor neither; ``refused_here``: why we do not read it, although
    the monitor may; each with the place before it. ``twice`` are keys that JSON has twice.
    """

    documents: list[Any] = dataclasses.field(default_factory=list)
    broken: tuple[str, str] | None = None
    refused_here: tuple[str, str] | None = None
    twice: tuple[str, ...] = ()


def load(text: str, *, is_json: bool) -> Loaded:
    """Read the text of a report file; raises nothing."""
    text = text.removeprefix("\ufeff")
    if is_json:
        return _from_json(text)
    old = re.match(r"(?:\s*#.*\n)*%YAML 1\.1\s", text)
    try:
        documents = yamlfile.load_documents(text, "report", loader=None if old else _Loader12)
    except InputError as error:
        place, _, cause = str(error).partition(": ")
        ours = not cause.startswith("not valid YAML") or f"than {yamlfile.MAX_NUMBER} characters" in cause
        cause = cause.removeprefix("not valid YAML: ") if ours else cause
        return Loaded(refused_here=(place, cause)) if ours else Loaded(broken=(place, cause))
    return Loaded(documents)


def load_quickly(text: str, *, is_json: bool) -> Loaded:
    """The same; what is written as our own reports are is read by lines, in a fraction of the time."""
    documents = None if is_json else read_plain_yaml(text, _Loader12.yaml_implicit_resolvers)
    return load(text, is_json=is_json) if documents is None else Loaded(documents)


def _from_json(text: str) -> Loaded:
    if not text.strip():
        return Loaded(broken=("report", "is empty, which is no JSON"))
    twice: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in found]
        twice.extend(dict.fromkeys(key for key in keys if keys.count(key) > 1) if len(set(keys)) < len(keys) else ())
        return dict(found)

    try:
        document = json.loads(text, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        return Loaded(broken=(f"report:{error.lineno}", f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"))
    except RecursionError:
        return Loaded(refused_here=("report", f"nested deeper than {yamlfile.MAX_DEPTH} levels"))
    except ValueError:  # Python's own limit of digits, which is the monitor's as well
        return Loaded(broken=("report", "has a number with more digits than can be read"))
    if _depth(document) > yamlfile.MAX_DEPTH:
        return Loaded(refused_here=("report", f"nested deeper than {yamlfile.MAX_DEPTH} levels"))
    return Loaded([document], twice=tuple(dict.fromkeys(twice)))


def _depth(value: Any) -> int:
    level, values = 0, [value]
    while values := [one for one in values if isinstance(one, (dict, list))]:
        level += 1
        values = [part for one in values for part in (one.values() if isinstance(one, dict) else one)]
    return level


def unstorable(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Place and words for whatever PostgreSQL's jsonb cannot hold, or cannot be made JSON at all."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key is not None and not isinstance(key, (str, int, float)):
                yield place, f"has {_named(key)} as a key"
            if isinstance(key, float) and not math.isfinite(key):
                yield place, f"has {'no number (.nan)' if math.isnan(key) else 'an infinite number'} as a key"
            for words in _of_text(key) if isinstance(key, str) else ():
                yield place, f"has a key that {words}"
            yield from unstorable(part, f"{place}.{cut(str(key), 60)}")
    elif isinstance(value, (list, tuple)):
        for number, part in enumerate(value):
            yield from unstorable(part, f"{place}[{number}]")
    elif isinstance(value, str):
        yield from ((place, words) for words in _of_text(value))
    elif isinstance(value, float) and not math.isfinite(value):
        yield place, f"is {'no number (.nan)' if math.isnan(value) else 'infinite'}"
    elif not isinstance(value, (int, float, dt.date, type(None))):
        kinds: dict[type, str] = {bytes: "binary data (!!binary)", set: "a set (!!set)"}
        kind = kinds.get(type(value), "nothing that JSON has")
        yield place, f"is {kind}"


def _named(key: object) -> str:
    return f"the date {key}" if isinstance(key, dt.date) else found_value(key)


def _of_text(text: str) -> Iterator[str]:
    if "\0" in text:
        yield "contains the character NUL"
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        yield "contains half a character (a lone surrogate)"
