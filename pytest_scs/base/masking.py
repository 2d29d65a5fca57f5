# SPDX-License-Identifier: Apache-2.0
"""Secrets masked at two exits that everybody uses: log records, and streams."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TextIO

Redact = Callable[[str], str]


def redact_logging(redact: Redact) -> Callable[[], None]:
    """Mask all log records from now on, whatever handler takes them; returns what ends it.

    A record without a secret stays as it is, so that handlers find its ``args``. Nothing raises here that would not
    have raised without it: a record whose message cannot be made goes on to whoever complains about it.
    """
    original = logging.getLogRecordFactory()

    def factory(*args: Any, **options: Any) -> logging.LogRecord:
        record = original(*args, **options)
        _mask_message(record, redact)
        _mask_traceback(record, redact)
        return record

    logging.setLogRecordFactory(factory)

    def end() -> None:
        # Somebody else may have put a factory of theirs around this one.
        if logging.getLogRecordFactory() is factory:
            logging.setLogRecordFactory(original)

    return end


def _mask_message(record: logging.LogRecord, redact: Redact) -> None:
    message = _message(record)
    if message is not None and redact(message) == message and not _hides(record.args, redact):
        return
    record.msg = redact(record.msg) if isinstance(record.msg, str) else _Masked(record.msg, redact)
    record.args = _masked_arguments(record.args, redact)
    if message is not None and _message(record) != redact(message):
        # Put together of parts that are no secrets, or no longer fit for its own format.
        record.msg, record.args = redact(message), ()


def _mask_traceback(record: logging.LogRecord, redact: Redact) -> None:
    if isinstance(record.stack_info, str):
        record.stack_info = redact(record.stack_info)
    if not record.exc_info:
        return
    try:
        text = logging.Formatter().formatException(record.exc_info)
    except Exception:  # exceptions may have texts that raise; the handler will meet the same
        return
    if (masked := redact(text)) != text:
        # A formatter takes this text, and can make no other one without the exception.
        record.exc_text, record.exc_info = masked, None


def _message(record: logging.LogRecord) -> str | None:
    try:
        return record.getMessage()
    except Exception:  # whatever objects in it raise
        return None


def _hides(args: Any, redact: Redact) -> bool:
    """Whether an argument is a secret that the message does not show."""
    values: Iterable[Any] = args.values() if isinstance(args, Mapping) else args if isinstance(args, tuple) else ()
    return any(isinstance(value, str) and redact(value) != value for value in values)


def _masked_arguments(args: Any, redact: Redact) -> Any:
    if isinstance(args, Mapping):
        return {name: _masked_argument(value, redact) for name, value in args.items()}
    if isinstance(args, tuple):
        return tuple(_masked_argument(value, redact) for value in args)
    return args


def _masked_argument(value: Any, redact: Redact) -> Any:
    if isinstance(value, str):
        return redact(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value if redact(str(value)) == str(value) else redact(str(value))
    return _Masked(value, redact)


class _Masked:
    """What an object says about itself, masked."""

    def __init__(self, value: Any, redact: Redact) -> None:
        self._texts = [_said(value, str, redact), _said(value, repr, redact)]

    def __str__(self) -> str:
        return self._texts[0]

    def __repr__(self) -> str:
        return self._texts[1]


def _said(value: Any, how: Callable[[Any], str], redact: Redact) -> str:
    try:
        return redact(how(value))
    except Exception:  # as above
        return f"<{type(value).__name__} that cannot be shown>"


class MaskedStream:
    """A text stream in front of another one, which gets everything masked."""

    def __init__(self, stream: TextIO, redact: Redact) -> None:
        self._stream = stream
        self._redact = redact

    def write(self, text: str) -> int:
        """Write a text; returns its length, whatever is left of it."""
        self._stream.write(self._redact(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
