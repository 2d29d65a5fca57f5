# SPDX-License-Identifier: Apache-2.0
"""``--scs-sign``: whether the reports of a run can be signed, before it spends time, and signing them at its end."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_writable
from pytest_scs.pipeline.signing.signing import KeyFailed, Signer
from pytest_scs.run.report_place import ReportPlace

_OPTION = "--scs-sign"


@dataclasses.dataclass(slots=True)
class Signed:
    """What became of signing: a line for each signature, one for each problem, and whether it was interrupted."""

    written: list[str] = dataclasses.field(default_factory=list)
    problems: list[str] = dataclasses.field(default_factory=list)
    interrupted: bool = False


def check_signing(key: Path, place: ReportPlace, *, writing: bool) -> None:
    """Raise InputError if reports cannot be signed with a key; with ``writing`` it is tried out.

    A security key is not: it would want to be touched when the run begins.
    """
    signer = Signer(key, _OPTION)
    if not place.folder and place.path.exists() and not place.path.is_file():
        raise InputError(
            f"{_OPTION}: no signature can lie beside {place.path}, which is no file; "
            "give --scs-report=FILE, or --scs-report=DIR/"
        )
    if writing:
        for path in place.signatures.values():
            check_writable(path, _OPTION)
        signer.try_out()


def sign_reports(key: Path, paths: Sequence[Path], at_once: Callable[[], AbstractContextManager[None]]) -> Signed:
    """Sign files. What cannot be signed has a line and costs no other file; ``at_once`` lets signals interrupt it."""
    signed = Signed()
    left = list(paths)
    if not left:
        return signed
    try:
        with at_once():
            signer = Signer(key, _OPTION)
            for path in paths:
                try:
                    signed.written.append(f"signature: {signer.sign(path)}")
                except KeyFailed:
                    raise
                except InputError as error:
                    signed.problems.append(_not_signed([path], key, str(error)))
                left.remove(path)
    except InputError as error:
        signed.problems.append(_not_signed(left, key, str(error)))
    except KeyboardInterrupt:
        signed.interrupted = True
        signed.problems.append(_not_signed(left, key, "it was interrupted"))
    return signed


def _not_signed(paths: Sequence[Path], key: Path, why: str) -> str:
    files = " ".join(map(str, paths))
    if len(paths) > 1:
        return f"{len(paths)} reports are not signed: {why} (later: scs report sign {files} --key={key})"
    return f"{files} is not signed: {why} (later: scs report sign {files} --key={key})"
