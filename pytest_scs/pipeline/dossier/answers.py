# SPDX-License-Identifier: Apache-2.0
"""The answers of people in a dossier: attestation files with the documents that they name as evidence."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from pytest_scs.attestations.file import AttestationFile, load_attestations
from pytest_scs.base.errors import InputError
from pytest_scs.base.files import read_bytes, why_unreadable
from pytest_scs.core.scope import Scope
from pytest_scs.pipeline.dossier.archive import MAX_MEMBER, fits_name, sha256
from pytest_scs.pipeline.report_store import files_below
from pytest_scs.standards.manual_checks import Evidence

#: An attestation file has these keys, whatever else.
_MARKS = tuple(re.compile(rb"(?:^|[{,]\s*)[\"']?%s[\"']?\s*:" % key, re.MULTILINE) for key in (b"subject", b"answers"))
_MAX_BYTES = 1 << 20

#: What an attestation file is called in a dossier.
ANSWERS = "attestations.yaml"


@dataclasses.dataclass(frozen=True, slots=True)
class Answers:
    """Attestation files by subject (names of members), the members, and a line for each document that is left out."""

    by_subject: Mapping[str, str]
    files: Mapping[str, bytes]
    left_out: tuple[str, ...] = ()


def gather_answers(
    named: Iterable[Path], folders: Iterable[Path], scopes: Collection[Scope], subjects: Collection[str]
) -> Answers:
    """The answers on some subjects in the attestation files that are named, else in those below folders.

    Raises InputError for a named file that is none, and where two files have answers on one subject.
    """
    now = dt.datetime.now(dt.UTC)
    left_out: list[str] = []
    chosen = [load_attestations(path, scopes, now) for path in named] or list(_found(folders, scopes, now, left_out))
    by_subject: dict[str, str] = {}
    origin: dict[str, Path] = {}
    files: dict[str, bytes] = {}
    for file in chosen:
        mine = [subject for subject in file.subjects if subject in subjects]
        if not mine:
            continue
        content = _read(file.path)
        folder = f"attestations/{sha256(content)[:16]}"
        for subject in mine:
            if origin.setdefault(subject, file.path) != file.path:
                raise InputError(
                    f"report dossier: {origin[subject]} and {file.path} both have answers on {subject}; "
                    "name the one that counts: --attestations=FILE"
                )
            by_subject[subject] = f"{folder}/{ANSWERS}"
        files[f"{folder}/{ANSWERS}"] = content
        documents, missing = _documents(file, mine)
        files |= {f"{folder}/{name}": document for name, document in documents.items()}
        left_out += missing
    return Answers(by_subject, files, tuple(left_out))


def _found(
    folders: Iterable[Path], scopes: Collection[Scope], now: dt.datetime, left_out: list[str]
) -> Iterable[AttestationFile]:
    """The attestation files below folders; ``left_out`` gets a line for what should be one."""
    for folder in folders:
        for path in sorted(files_below(folder, [])) if folder.is_dir() else []:
            try:
                content = read_bytes(path, _MAX_BYTES)
                if path.suffix != ".yaml" or not all(mark.search(content) for mark in _MARKS):
                    continue  # a report, or what else may lie there
                yield load_attestations(path, scopes, now)
            except OSError:
                continue
            except InputError as error:
                left_out.append(f"{error}; the answers in it are left out")


def _documents(file: AttestationFile, subjects: Iterable[str]) -> tuple[dict[str, bytes], list[str]]:
    """The files that answers name as evidence, as they were then, by name; and a line for each that is not there."""
    found: dict[str, bytes] = {}
    missing: list[str] = []
    pieces: dict[Evidence, None] = {}
    for subject in subjects:
        for attestation in file.subjects[subject].values():
            pieces |= dict.fromkeys(piece for piece in attestation.all_evidence if piece.kind == "file")
    for piece in pieces:
        try:
            if not fits_name(piece.name) or piece.name == ANSWERS:
                raise OSError(0, "its name leads out of the folder of the answers")
            content = read_bytes(file.path.parent / piece.name, MAX_MEMBER)
            if sha256(content) != piece.sha256:
                raise OSError(0, "it has changed since it was named")
            found[piece.name] = content
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            missing.append(f"{file.path}: the document {piece.name!r} is left out: {why}")
    return found, missing


def _read(path: Path) -> bytes:
    try:
        return read_bytes(path, MAX_MEMBER)
    except OSError as error:
        raise InputError(f"cannot read {path}: {why_unreadable(error)}") from None
