# SPDX-License-Identifier: Apache-2.0
"""Objects as kubectl sends many of them: Kubernetes' envelope around a protobuf message."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_scs.demo.kubernetes.fields import Field, fields_of, is_message, message_of

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZEROS = ("", 0, False, 0.0)


def decode(data: bytes) -> dict[str, Any]:
    """The object in the body of a request, as it would be in JSON.

    Raises ValueError for what is no such envelope, LookupError for a kind whose fields are not known.
    """
    if not data.startswith(_MAGIC):
        raise ValueError("it does not begin with k8s")
    envelope = dict(_parts(data[len(_MAGIC) :]))
    meta = {number: _text(value) for number, value in _parts(_bytes(envelope.get(1, b"")))}
    version, kind = meta.get(1, ""), meta.get(2, "")
    message = message_of(kind)
    if message is None:
        raise LookupError(kind)
    return {"apiVersion": version, "kind": kind, **_object(message, _bytes(envelope.get(2, b"")))}


# -- the wire -------------------------------------------------------------------------------------------------------


def _parts(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message: their numbers, and numbers or bytes."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, form = tag >> 3, tag & 7
        value: int | bytes
        if form == _VARINT:
            value, at = _varint(data, at)
        elif form in (_FIXED64, _FIXED32, _BYTES):
            size = {_FIXED64: 8, _FIXED32: 4}.get(form)
            if size is None:
                size, at = _varint(data, at)
            if at + size > len(data):
                raise ValueError("it ends too early")
            value, at = data[at : at + size], at + size
        else:
            raise ValueError(f"there is no wire type {form}")
        yield number, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("it ends too early")
        value |= (data[at] & 0x7F) << shift
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
    raise ValueError("a number is too long")


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number stands where a text or message belongs")
    return value


def _text(value: int | bytes) -> str:
    return _bytes(value).decode()


def _number(value: int | bytes) -> int:
    """A number; negative ones are written as those of 64 bits."""
    if not isinstance(value, int):
        raise ValueError("a text or message stands where a number belongs")
    return value - (1 << 64) if value >= 1 << 63 else value


# -- what it means --------------------------------------------------------------------------------------------------


def _object(message: str, data: bytes) -> dict[str, Any]:
    """A message as JSON has it: what is zero and might as well be missing is left out."""
    found: dict[str, Any] = {}
    known = fields_of(message)
    for number, raw in _parts(data):
        field = known.get(number)
        if field is None:  # of a newer Kubernetes
            continue
        if "m" in field.marks:
            entry = dict(_parts(_bytes(raw)))
            found.setdefault(field.name, {})[_text(entry.get(1, b""))] = _value(field.kind, entry.get(2, b""))
            continue
        value = _value(field.kind, raw)
        if "r" in field.marks:
            found.setdefault(field.name, []).append(value)
        elif "i" in field.marks:
            found |= value
        elif not _void(field, value):
            found[field.name] = value
    return found


def _void(field: Field, value: Any) -> bool:
    """Whether a value says no more than its absence."""
    return "p" not in field.marks and (value is None or value == {} or value in _ZEROS)


def _value(kind: str, raw: int | bytes) -> Any:
    """One value of a field in this form."""
    if kind.startswith("items:"):
        return [_value(kind.removeprefix("items:"), item) for _, item in _parts(_bytes(raw))]
    if is_message(kind):
        return _object(kind, _bytes(raw))
    return FORMS[kind](raw)


def _time(raw: int | bytes) -> str | None:
    """A time in UTC; None is the one nobody set."""
    found = {number: _number(value) for number, value in _parts(_bytes(raw))}
    if not found.get(1):
        return None
    try:
        moment = _EPOCH + timedelta(seconds=found[1])
    except OverflowError:
        raise ValueError("there is no such time") from None
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _int_or_string(raw: int | bytes) -> int | str:
    found = dict(_parts(_bytes(raw)))
    return _text(found.get(3, b"")) if found.get(1) else _number(found.get(2, 0))


def _first_text(raw: int | bytes) -> str:
    """The text in the first field of a message: a quantity."""
    return _text(dict(_parts(_bytes(raw))).get(1, b""))


#: Form of values -> how they are read.
FORMS: dict[str, Callable[[int | bytes], Any]] = {
    "string": _text,
    "bool": lambda raw: bool(_number(raw)),
    "int": _number,
    "double": lambda raw: struct.unpack("<d", _bytes(raw))[0],
    "bytes": lambda raw: base64.b64encode(_bytes(raw)).decode(),
    "time": _time,
    "duration": lambda raw: f"{_number(dict(_parts(_bytes(raw))).get(1, 0)) / 1e9:g}s",
    "quantity": _first_text,
    "int-or-string": _int_or_string,
    "raw": lambda raw: None,  # written by servers, never by clients
}
