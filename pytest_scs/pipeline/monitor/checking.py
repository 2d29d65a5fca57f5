# SPDX-License-Identifier: Apache-2.0
"""Checking report files as ``scs report validate`` and ``scs report submit`` do, against the bundled scopes."""

from __future__ import annotations

import datetime as dt
import errno
from collections.abc import Mapping
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import read_bytes, why_unreadable
from pytest_scs.core.scope import Scope
from pytest_scs.reports.scs.consequences import CODE_500, NOT_READ_HERE
from pytest_scs.reports.scs.reader import MAX_BYTES
from pytest_scs.reports.scs.validate import Problem, validate


def check_report(path: Path, scopes: Mapping[str, Scope], account: str | None = None) -> list[Problem]:
    """Every problem of a report file; raises InputError for one that cannot be read. ``account`` is the uploader."""
    try:
        data = read_bytes(path, MAX_BYTES)
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise InputError(f"cannot read report {path}: {why_unreadable(error)}") from None
        return [Problem("report", f"is larger than {MAX_BYTES >> 20} MiB", NOT_READ_HERE)]
    return check_content(data, scopes, is_json=is_json(path), account=account)


def check_content(
    data: bytes, scopes: Mapping[str, Scope], *, is_json: bool, account: str | None = None
) -> list[Problem]:
    """The same for the content of a file."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return [Problem("report", f"is not UTF-8 text (byte {error.start})", CODE_500)]
    return validate(text, scopes, now=dt.datetime.now(dt.UTC), account=account, is_json=is_json)


def is_json(path: Path) -> bool:
    """Whether a file says by its name that it is JSON, and is sent as such."""
    return path.suffix.lower() == ".json"
