# SPDX-License-Identifier: Apache-2.0
"""Log records and streams that mask secrets."""

from __future__ import annotations

import io
import logging
import logging.handlers
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from pytest_scs.base.masking import MaskedStream, redact_logging
from pytest_scs.base.redact import Redactor

SECRET = "kana'rien\\vogel"


class Collecting(logging.Handler):
    """Keeps records, and what a plain formatter makes of them."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self.lines.append(self.format(record))


@pytest.fixture
def collecting() -> Iterator[Collecting]:
    redact = Redactor()
    redact.add([SECRET])
    end = redact_logging(redact)
    logger, handler = logging.getLogger("masking"), Collecting()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.removeHandler(handler)
    end()


class Unprintable:
    """Has no text."""

    def __str__(self) -> str:
        raise LookupError(SECRET)

    __repr__ = __str__


class Holder:
    """Shows what it holds."""

    def __repr__(self) -> str:
        return f"Holder({SECRET!r})"


@pytest.mark.parametrize(
    ("message", "args"),
    [
        (SECRET, ()),
        ("%s", (SECRET,)),
        ("%r and %d", (SECRET, 4711)),
        ("%(user)s %(password)s", ({"user": "me", "password": SECRET},)),
        ("%s", (Holder(),)),
        ("%r", ([SECRET],)),
        ("%s%s", (SECRET[:7], SECRET[7:])),
        ("%-40s|", (SECRET,)),
        (Holder(), ()),
        ("100 % of %s", (SECRET,)),
        ("%d", (SECRET,)),
        ("too many", (SECRET, SECRET)),
        ("%s", (Unprintable(),)),
        (Unprintable(), ()),
        ("%s %s", (SECRET,)),
        (b"%s", (SECRET,)),
        ("%(a)s", (SECRET,)),
    ],
)
def test_no_secret_is_in_a_record_and_nothing_is_raised(
    collecting: Collecting, capfd: pytest.CaptureFixture[str], message: Any, args: tuple[Any, ...]
) -> None:
    factory = logging.getLogRecordFactory()
    record = factory("masking", logging.INFO, __file__, 1, message, args, None)
    shown = [repr(record.args), repr(record.msg)]
    try:
        shown.append(record.getMessage())
    except Exception as error:  # as it would without us
        shown.append(repr(error))
    assert not [text for text in shown if "kana" in text]


def test_what_hides_nothing_stays_as_it_was(collecting: Collecting) -> None:
    given = {"a": 1, "b": "text"}
    logging.getLogger("masking").info("%(a)d %(b)s", given)
    logging.getLogger("masking").info("%s %d", "x", 7)
    first, second = collecting.records
    assert first.args == given
    assert second.args == ("x", 7)
    assert collecting.lines == ["1 text", "x 7"]


def test_arguments_keep_their_number_and_kind(collecting: Collecting) -> None:
    logging.getLogger("masking").info("%s %d %s %.1f", SECRET, 7, None, 1.5)
    assert collecting.records[0].args == ("***", 7, None, 1.5)
    assert collecting.lines == ["*** 7 None 1.5"]


def test_tracebacks_and_stacks_are_masked(collecting: Collecting) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("masking").exception("failed", stack_info=True)
    line = collecting.lines[0]
    assert "ValueError: ***" in line
    assert "kana" not in line
    assert "Traceback" in line
    assert collecting.records[0].exc_info is None


def test_an_exception_without_secrets_is_left_to_the_handler(collecting: Collecting) -> None:
    try:
        raise ValueError("plain")
    except ValueError:
        logging.getLogger("masking").exception("failed")
    assert collecting.records[0].exc_info is not None


def test_masked_records_can_be_queued(collecting: Collecting) -> None:
    logging.getLogger("masking").info("%s %s", SECRET, Holder())
    record = pickle.loads(pickle.dumps(logging.handlers.QueueHandler(None).prepare(collecting.records[0])))
    assert record.getMessage() == "*** Holder(***)" or "kana" not in record.getMessage()


def test_a_factory_of_somebody_else_stays() -> None:
    end = redact_logging(Redactor())
    ours = logging.getLogRecordFactory()

    def theirs(*args: Any, **options: Any) -> logging.LogRecord:
        return ours(*args, **options)

    logging.setLogRecordFactory(theirs)
    try:
        end()
        assert logging.getLogRecordFactory() is theirs
    finally:
        logging.setLogRecordFactory(logging.LogRecord)


def test_a_stream_masks_what_goes_through_it() -> None:
    redact = Redactor()
    redact.add([SECRET])
    inner = io.StringIO()
    stream = MaskedStream(inner, redact)
    assert stream.write(f"a {SECRET}\n") == len(f"a {SECRET}\n")
    stream.writelines(["b ", SECRET])
    stream.flush()
    assert inner.getvalue() == "a ***\nb ***"
