# SPDX-License-Identifier: Apache-2.0
"""Whether a dossier holds what it says: files, signatures, newest results, and verdicts that are judged anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest_scs
from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import FormError
from pytest_scs.base.signals import NoTemporaryFile, temporary_folder
from pytest_scs.base.strict_json import NoStrictJson, read_json
from pytest_scs.base.words import shown
from pytest_scs.core.scope import Scope
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.verdict import Verdict
from pytest_scs.evidence.recording import read_evidence
from pytest_scs.pipeline.dossier.answers import ANSWERS
from pytest_scs.pipeline.dossier.archive import MANIFEST, MANIFEST_SIGNATURE, Archive, sha256
from pytest_scs.pipeline.dossier.gathering import known_scopes
from pytest_scs.pipeline.dossier.manifest import Manifest, ReportEntry, table
from pytest_scs.pipeline.dossier.recordings import part_of, read_at
from pytest_scs.pipeline.dossier.rejudging import rejudge
from pytest_scs.pipeline.report_store import StoredReport, read_store
from pytest_scs.pipeline.signing.verifying import Checked, Verifier
from pytest_scs.reports.scs.model import ReportDocument, made_elsewhere


def check_dossier(path: Path, verifier: Verifier) -> Iterator[Checked]:
    """What a dossier proves, one by one; raises InputError for what is none."""
    with Archive(path) as archive, temporary_folder("scs-dossier-") as folder:
        try:
            yield from _checked(archive, folder, verifier)
        except InputError as error:
            raise InputError(str(error).replace(f"{folder}/", "in it: ")) from None
        except OSError as error:
            raise error if isinstance(error, NoTemporaryFile) else NoTemporaryFile(error) from None


def _checked(archive: Archive, folder: Path, verifier: Verifier) -> Iterator[Checked]:
    manifest = _manifest(archive)
    altered = [name for name in manifest.files if sha256(archive.read(name)) != manifest.files[name]]
    for name in altered:
        yield Checked(False, f"{name}: altered: its SHA-256 is not that of the manifest")
    yield Checked(
        True,
        f"{manifest.summary}, by {shown(manifest.made_by)}; judged anew by pytest-scs {pytest_scs.__version__}",
    )
    yield _whole(archive, manifest, verifier)
    yield from _Check(archive, manifest, folder, verifier).all()


def _whole(archive: Archive, manifest: Manifest, verifier: Verifier) -> Checked:
    """What the signature of the manifest proves, and so of everything that the manifest lists."""
    if MANIFEST_SIGNATURE not in archive.names:
        if manifest.signed_at:
            return Checked(False, f"{MANIFEST}: signed at {manifest.signed_at} UTC by what it says, and not signed")
        return Checked(True, "not signed as a whole (scs report dossier --sign=KEY): what is in it stands for itself")
    if manifest.signed_at is None:
        return Checked(False, f"{MANIFEST_SIGNATURE}: the manifest does not say when it was signed")
    signature = archive.read(MANIFEST_SIGNATURE)
    checked = verifier.check(archive.read(MANIFEST), signature, {manifest.signed_at})
    return Checked(checked.good, f"the dossier as a whole, signed at {manifest.signed_at} UTC: {checked.words}")


class _Check:
    """Checks one dossier; ``folder`` takes what programs have to read, under names of ours."""

    def __init__(self, archive: Archive, manifest: Manifest, folder: Path, verifier: Verifier) -> None:
        self._archive = archive
        self._manifest = manifest
        self._folder = folder
        self._verifier = verifier
        self._number = 0
        self._scopes = known_scopes()
        self._private = self._private_scopes()

    def all(self) -> Iterator[Checked]:
        """Reports one by one, then what they say together."""
        for scope in self._private.values():
            yield Checked(True, f"scopes/{scope.path.name}: not known here, so reports on it are judged by this file")
        read: list[StoredReport] = []
        for entry in self._manifest.reports:
            place = self._place("report" + Path(entry.file).suffix, self._archive.read(entry.file))
            try:
                reports = read_store([place]).reports
            except InputError as error:
                yield Checked(False, f"{entry.file}: {str(error).removeprefix(f'{place}: ')}")
                continue
            read += reports
            documents = [report.document for report in reports]
            if entry.sent:
                # As the monitor got them, whatever the order is in which they are read here.
                keys = "".join(f"- {document.uuid}\n" for document in documents)
                place.with_name(f"{place.name}.sent").write_text(f"time: {entry.sent}\n{keys}", "utf-8", "replace")
            yield self._signature(entry, documents)
            for document in documents:
                yield from self._verdicts(entry, document)
        scopes = {scope.uuid: scope for scope in reversed([*self._scopes, *self._private.values()])}
        said = [
            {name: value for name, value in row.items() if name != "counts_until"} for row in self._manifest.results
        ]
        found = [{name: value for name, value in row.items() if name != "counts_until"} for row in table(read, scopes)]
        if said != found:
            yield Checked(False, f"{MANIFEST}: its newest results are not those of the reports in the dossier")

    def _signature(self, entry: ReportEntry, documents: list[ReportDocument]) -> Checked:
        if not entry.signature:
            return Checked(False, f"{entry.file}: not signed")
        times = {document.checked_at for document in documents}
        checked = self._verifier.check(self._archive.read(entry.file), self._archive.read(entry.signature), times)
        return Checked(checked.good, f"{entry.file}: {checked.words}")

    def _verdicts(self, entry: ReportEntry, document: ReportDocument) -> Iterator[Checked]:
        """Whether the verdicts of a report are those of its recording."""
        said = document.results
        if not entry.evidence:
            why = made_elsewhere(document) or "there is no recording of it"
            yield Checked(False, f"{entry.file}: {len(said)} verdicts not judged anew: {why}")
            return
        found, problem = self._judged_anew(entry, document)
        if problem:
            yield Checked(False, f"{entry.file}: {len(said)} verdicts not judged anew: {problem}")
            return
        differing = {testcase: verdict for testcase, verdict in said.items() if found.get(testcase) is not verdict}
        for testcase, verdict in differing.items():
            now = found.get(testcase)
            words = f"{now} from the recording" if now else "no verdict from the recording"
            yield Checked(False, f"{entry.file}: {shown(testcase)}: {verdict} in the report, {words}")
        same = len(said) - len(differing)
        yield Checked(not differing, f"{entry.file}: {same} of {len(said)} verdicts are those of {entry.evidence}")

    def _judged_anew(self, entry: ReportEntry, document: ReportDocument) -> tuple[Mapping[str, Verdict], str]:
        """The verdicts of the recording; or why there are none."""
        whole = self._place("evidence.json", self._archive.read(entry.evidence))
        try:
            part = part_of(whole, read_evidence(whole), read_at(document))
        except InputError as error:
            return {}, str(error).replace(str(whole), entry.evidence)
        if part is None:
            return {}, f"{entry.evidence} has nothing that was read at {read_at(document) or 'a time it says'}"
        evidence = self._place("evidence.json", part.encode())
        attestations = self._answers(entry.attestations) if entry.attestations else None
        private = frozenset(self._private)
        judged = rejudge(document, [*self._scopes, *self._private.values()], private, evidence, attestations)
        return judged.verdicts, judged.problem.replace(f"{self._folder}/", "")

    def _answers(self, name: str) -> Path:
        """An attestation file in a folder of its own, with the documents beside it as there."""
        beside = name.rpartition("/")[0]
        place = self._place(ANSWERS, self._archive.read(name))
        for member in self._archive.names:
            if member != name and member.startswith(f"{beside}/"):
                document = place.parent / member.removeprefix(f"{beside}/")
                document.parent.mkdir(parents=True, exist_ok=True)
                document.write_bytes(self._archive.read(member))
        return place

    def _private_scopes(self) -> dict[str, Scope]:
        """The scopes in the dossier that this installation does not know, by UUID."""
        known = {scope.uuid for scope in self._scopes}
        found = {}
        for name in self._archive.names:
            if name.startswith("scopes/"):
                place = self._place(name.rpartition("/")[2], self._archive.read(name))
                scope = load_scope(place)
                if scope.uuid not in known:
                    found[scope.uuid] = scope
        return found

    def _place(self, name: str, content: bytes) -> Path:
        """A file in a new folder."""
        self._number += 1
        folder = self._folder / str(self._number)
        folder.mkdir()
        (folder / name).write_bytes(content)
        return folder / name


def _manifest(archive: Archive) -> Manifest:
    """The manifest, which must be about exactly the files that are there; raises InputError."""
    try:
        manifest = Manifest.from_plain(read_json(archive.read(MANIFEST)))
    except (NoStrictJson, FormError) as error:
        raise archive.refusal(f"{MANIFEST}: {error}") from None
    there = set(archive.names) - {MANIFEST, MANIFEST_SIGNATURE}
    if missing := sorted(manifest.files.keys() - there):
        raise archive.refusal(f"{shown(missing[0])} of the manifest is missing in it")
    if unknown := sorted(there - manifest.files.keys()):
        raise archive.refusal(f"{unknown[0]} is not in the manifest")
    for entry in manifest.reports:
        for name in (entry.file, entry.signature, entry.evidence, entry.attestations):
            if name and name not in there:
                raise archive.refusal(f"{shown(name)} of the manifest is missing in it")
        if entry.attestations and not entry.attestations.endswith(f"/{ANSWERS}"):
            # Documents lie beside it under their names, and none may take its place.
            raise archive.refusal(f"{shown(entry.attestations)} of the manifest is not called {ANSWERS}")
    listed = {entry.file for entry in manifest.reports}
    if len(listed) < len(manifest.reports):
        raise archive.refusal(f"{MANIFEST} names a report twice")
    unlisted = [name for name in there if name.startswith("reports/") and name.removesuffix(".sig") not in listed]
    if not listed or unlisted:
        raise archive.refusal(f"{unlisted[0]} is no report of the manifest" if unlisted else "it holds no report")
    return manifest
