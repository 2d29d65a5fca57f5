# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema (draft 2020-12) of a tree of dataclasses: what a reader of the JSON report may rely on."""

from __future__ import annotations

import dataclasses
import enum
import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

_SIMPLE: Mapping[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    types.NoneType: "null",
}


def schema_of(root: type, identity: str, title: str) -> dict[str, Any]:
    """The schema of what ``plain`` makes of a ``root``; ``identity`` is its URI.

    Further properties are allowed: a later version may add some.
    """
    definitions: dict[str, Any] = {}
    top = _of_class(root, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": identity,
        "title": title,
        **top,
        "$defs": dict(sorted(definitions.items())),
    }


def _of_class(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    names = [field.name for field in dataclasses.fields(kind)]
    return {
        "description": (kind.__doc__ or "").strip(),
        "type": "object",
        "properties": {name: _of(hints[name], definitions) for name in names},
        "required": names,
    }


def _of(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if get_origin(hint) is Annotated:
        inner, *words = get_args(hint)
        return {"description": "; ".join(words), **_of(inner, definitions)}
    if get_origin(hint) is Literal:
        return {"enum": [*get_args(hint)]}
    if hint in _SIMPLE:
        return {"type": _SIMPLE[hint]}
    if get_origin(hint) in (Union, types.UnionType):
        return {"anyOf": [_of(one, definitions) for one in get_args(hint)]}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _of(get_args(hint)[0], definitions)}
    if get_origin(hint) is Mapping:
        key, value = get_args(hint)
        names = {} if key is str else {"propertyNames": _of(key, definitions)}
        return {"type": "object", **names, "additionalProperties": _of(value, definitions)}
    return _named(hint, definitions)


def _named(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    """A reference to the definition of an enumeration or a dataclass, which is made where there is none yet."""
    if kind.__name__ not in definitions:
        definitions[kind.__name__] = {}
        if issubclass(kind, enum.Enum):
            words = (kind.__doc__ or "").strip().partition("\n")[0]
            definitions[kind.__name__] = {
                "description": words,
                "type": "string",
                "enum": [str(member.value) for member in kind],
            }
        else:
            definitions[kind.__name__] = _of_class(kind, definitions)
    return {"$ref": f"#/$defs/{kind.__name__}"}
