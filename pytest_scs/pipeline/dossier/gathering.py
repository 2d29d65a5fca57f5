# SPDX-License-Identifier: Apache-2.0
"""What goes into a dossier: of each subject, scope and testcase the newest report, and what proves it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest_scs
from pytest_scs.base.errors import InputError
from pytest_scs.base.files import read_bytes, why_unreadable
from pytest_scs.base.shapes import mask_shapes
from pytest_scs.core.scope import Scope
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes
from pytest_scs.pipeline.dossier.answers import Answers, gather_answers
from pytest_scs.pipeline.dossier.archive import MANIFEST, MANIFEST_SIGNATURE, MAX_MEMBER, sha256
from pytest_scs.pipeline.dossier.manifest import Manifest, ReportEntry, scope_table, table
from pytest_scs.pipeline.dossier.readme import README, readme
from pytest_scs.pipeline.dossier.recordings import Recording, find_recordings, open_recording, secret_in_json
from pytest_scs.pipeline.dossier.rejudging import labels_of
from pytest_scs.pipeline.merging import newest_results
from pytest_scs.pipeline.report_store import StoredReport, read_store
from pytest_scs.pipeline.signing.signatures import MAX_SIGNATURE
from pytest_scs.pipeline.signing.signing import Signer
from pytest_scs.reports.scs.model import ReportDocument, made_elsewhere

_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]")


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What the user named: reports, recordings, answers and scope files; folders are looked through for the first."""

    places: Sequence[Path]
    evidence: Sequence[Path] = ()
    attestations: Sequence[Path] = ()
    scopes: Sequence[Path] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Contents:
    """The members of a dossier by name, its manifest among them; ``lacking`` has a line for what is not proved."""

    files: Mapping[str, bytes]
    manifest: Manifest
    lacking: tuple[str, ...]


def known_scopes(named: Iterable[Path] = ()) -> list[Scope]:
    """The scopes that come with this package, and those of files; raises InputError."""
    return [load_scope(path) for path in [*bundled_scopes().values(), *named]]


def gather(wanted: Wanted) -> Contents:
    """Read all that goes into a dossier; raises InputError, also where something in it looks like a secret."""
    store = read_store(wanted.places)
    chosen = newest(store.reports)
    if not chosen:
        raise InputError(f"report dossier: there is no report in {', '.join(map(str, wanted.places))}")
    scopes = known_scopes(wanted.scopes)
    uuids = {report.document.spec.uuid for report in chosen}
    answers = gather_answers(wanted.attestations, wanted.places, scopes, {report.document.subject for report in chosen})
    recordings = [*map(open_recording, wanted.evidence), *find_recordings(wanted.places)]
    files: dict[str, bytes] = dict(answers.files)
    known = tuple(f"{recording.path}:" for recording in recordings)
    lacking = [line for line in store.unreadable if not line.startswith(known)] + list(answers.left_out)
    entries = _entries(chosen, recordings, answers, scopes, files, lacking)
    tables = []
    for scope in scopes:
        if scope.uuid in uuids and _is_used(scope, chosen, scopes):
            name = f"scopes/{_NO_NAME.sub('_', scope.path.name)}"
            files[name] = _content(scope.path)
            tables.append(scope_table(scope, name))
    _refuse_secrets(files)
    made_by = f"pytest-scs {pytest_scs.__version__}"
    rows = table(chosen, {scope.uuid: scope for scope in reversed(scopes)})
    manifest = Manifest(made_by, {}, entries, rows, tables)
    files[README] = readme(manifest, chosen).encode()
    manifest = dataclasses.replace(manifest, files={name: sha256(files[name]) for name in sorted(files)})
    return Contents({**files, MANIFEST: manifest.text().encode()}, manifest, tuple(lacking))


def signed(contents: Contents, signer: Signer, now: dt.datetime) -> Contents:
    """The same, signed as a whole: a signature of the manifest, which has the SHA-256 of every other file.

    ``now`` is UTC without zone. Raises InputError.
    """
    manifest = dataclasses.replace(contents.manifest, signed_at=now)
    text = manifest.text().encode()
    files = {**contents.files, MANIFEST: text, MANIFEST_SIGNATURE: signer.signature(text)}
    return dataclasses.replace(contents, files=files, manifest=manifest)


def newest(reports: Sequence[StoredReport]) -> list[StoredReport]:
    """The reports that have the newest result of a testcase."""
    counted = {known.report for results in newest_results(reports).values() for known in results.values()}
    return [report for report in reports if report.document.uuid in counted]


def _entries(
    chosen: Sequence[StoredReport],
    recordings: Sequence[Recording],
    answers: Answers,
    scopes: Sequence[Scope],
    files: dict[str, bytes],
    lacking: list[str],
) -> list[ReportEntry]:
    """The reports with what belongs to them, which goes into ``files``; what is missing has a line in ``lacking``."""
    entries: dict[Path, ReportEntry] = {}
    for report in chosen:
        document, path = report.document, report.path
        if path in entries:
            continue  # several documents in one file, which is signed as a whole
        name = _member(report, scopes)
        files[name] = _content(path)
        signature = evidence = ""
        if report.signature.is_file():
            signature = f"{name}.sig"
            files[signature] = _content(report.signature, MAX_SIGNATURE)
        else:
            lacking.append(f"{path}: not signed (scs report sign {path} --key=KEY)")
        recording = next((one for one in recordings if one.is_of(document)), None)
        if recording:
            evidence = f"evidence/{sha256(recording.content)[:16]}.json"
            files[evidence] = recording.content
        lacking += (f"{path}: {words}" for words in _not_rejudged(document, scopes, recorded=recording is not None))
        sent = report.sent_at()
        answered = answers.by_subject.get(document.subject, "")
        entries[path] = ReportEntry(name, signature, evidence, answered, sent.isoformat() if sent else "")
    return sorted(entries.values(), key=lambda entry: entry.file)


def _not_rejudged(document: ReportDocument, scopes: Sequence[Scope], *, recorded: bool) -> Iterator[str]:
    """Why the verdicts of a report will not be judged anew."""
    elsewhere = made_elsewhere(document)
    if elsewhere and not recorded:
        yield f"{elsewhere}: its verdicts will not be judged anew"
    elif not recorded:
        yield "no recording of it (--scs-record=FILE in the run, --evidence=FILE here)"
    known = any(scope.uuid == document.spec.uuid for scope in scopes)
    if not known or not (elsewhere or labels_of(document, scopes)):
        yield f"its scope {document.spec.name or document.spec.uuid} is not known (--scope=FILE)"


def _member(report: StoredReport, scopes: Sequence[Scope]) -> str:
    """Where a report lies in the dossier: by scope, subject and time, and beside others of that time."""
    document = report.document
    stem = next((scope.path.stem for scope in scopes if scope.uuid == document.spec.uuid), document.spec.uuid)
    subject = _NO_NAME.sub("_", document.subject)[:100].lstrip(".-") or "subject"
    time = document.checked_at.strftime("%Y-%m-%dT%H%M%SZ")
    suffix = ".json" if report.path.suffix == ".json" else ".yaml"
    return f"reports/{_NO_NAME.sub('_', stem)}/{subject}/{time}-{sha256(document.uuid.encode())[:8]}{suffix}"


def _is_used(scope: Scope, chosen: Iterable[StoredReport], scopes: Sequence[Scope]) -> bool:
    """Whether a report was judged by it: several files may be about one scope."""
    same = [one for one in scopes if one.uuid == scope.uuid]
    mine = [report.document for report in chosen if report.document.spec.uuid == scope.uuid]
    return len(same) == 1 or scope is same[0] or any(scope.path in labels_of(one, [scope]).values() for one in mine)


def _content(path: Path, most: int = MAX_MEMBER) -> bytes:
    try:
        return read_bytes(path, most)
    except OSError as error:
        raise InputError(f"cannot read {path}: {why_unreadable(error)}") from None


def _refuse_secrets(files: Mapping[str, bytes]) -> None:
    """What a run writes has none; what others have edited, or written elsewhere, may."""
    for name, content in files.items():
        if not name.startswith(("reports/", "evidence/")) or name.endswith(".sig"):
            continue
        where = secret_in_json(content) if name.startswith("evidence/") else _secret_in_lines(content)
        if where:
            raise InputError(
                f"report dossier: {where} of what would be {name} looks like a secret; nothing is written: "
                "take a report and a recording as a run has written them"
            )


def _secret_in_lines(content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    if mask_shapes(text) == text:
        return ""
    lines = text.split("\n")
    return f"line {next((at for at, line in enumerate(lines, 1) if mask_shapes(line) != line), 1)}"
