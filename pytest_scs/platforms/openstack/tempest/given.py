# SPDX-License-Identifier: Apache-2.0
"""A result of Tempest that was produced elsewhere: recognised by its content, checked when the run begins."""

from __future__ import annotations

import io
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_file
from pytest_scs.base.words import install
from pytest_scs.platforms.openstack.tempest import junit
from pytest_scs.platforms.openstack.tempest.stream import Results
from pytest_scs.standards.iaas.tempest_list import listed_tests, resolve
from pytest_scs.standards.iaas.tempest_outcomes import Record, TempestRun, outcomes, teardowns

#: Bytes; the prescribed list makes one or two million, a whole run of Tempest with logs some fifty.
MAX_SIZE = 256 * 1024 * 1024

_OPTION = "--scs-tempest-results"
_SUBUNIT = b"\xb3"
_WHAT = "a subunit v2 stream (stestr last --subunit) or JUnit XML"

INSTALL = install("tempest")


def read_results(path: Path) -> TempestRun:
    """The results in a file; raises InputError with one line for whatever is wrong with it."""
    content = _content(path)
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<":
        try:
            records, finished = junit.parse(content)
        except ValueError as error:
            raise InputError(f"{_OPTION}: {path} cannot be read as JUnit XML: {error}") from None
    elif _SUBUNIT in content[:65536]:
        results = _stream(path, content)
        records, finished = results.records(), results.finished
    else:
        raise InputError(f"{_OPTION}: {path} is neither of what is known here: {_WHAT}")
    _check(path, records)
    return TempestRun(True, "file", finished=finished, tests=outcomes(records), teardowns=teardowns(records))


def _content(path: Path) -> bytes:
    try:
        check_file(path)
        with path.open("rb") as file:
            content = file.read(MAX_SIZE + 1)
    except OSError as error:
        raise InputError(f"{_OPTION}: cannot read {path}: {error.strerror or error}; name {_WHAT}") from None
    if len(content) > MAX_SIZE:
        raise InputError(f"{_OPTION}: {path} is larger than {MAX_SIZE >> 20} MiB; run the listed tests only")
    if not content.strip():
        raise InputError(f"{_OPTION}: {path} is empty; name {_WHAT}")
    return content


def _stream(path: Path, content: bytes) -> Results:
    results = Results()
    try:
        results.read(io.BytesIO(content))
    except ModuleNotFoundError as error:
        raise InputError(
            f"{_OPTION}: {path} is a subunit stream, and reading it needs {error.name}: {INSTALL}; "
            "or convert it to JUnit XML"
        ) from None
    if not results.packets:
        raise InputError(f"{_OPTION}: {path} has no test result in it; name {_WHAT}")
    return results


def _check(path: Path, records: list[Record]) -> None:
    """Refuse what cannot be a result of the prescribed list, so that a wrong file is not taken for a bad cloud."""
    if not records:
        raise InputError(f"{_OPTION}: {path} has no test result in it; name {_WHAT}")
    if not resolve(record.id for record in records) and not any("tempest.api." in record.id for record in records):
        raise InputError(
            f"{_OPTION}: none of the {len(records)} results in {path} is about one of the {len(listed_tests())} tests "
            "that scs-0128 prescribes; run those with --scs-tempest-accounts=A,B"
        )
