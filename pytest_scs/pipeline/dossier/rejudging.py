# SPDX-License-Identifier: Apache-2.0
"""Judging a report anew from its recording: the run of a process of its own, in an empty folder, without network."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import shown
from pytest_scs.core.scope import TARGETS, Scope
from pytest_scs.core.selection import version_label
from pytest_scs.core.subject import SUBJECT
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.report_store import read_store
from pytest_scs.reports.scs.model import ReportDocument

#: Seconds for one recording; it takes some.
PATIENCE = 900


@dataclasses.dataclass(frozen=True, slots=True)
class Rejudged:
    """The verdicts of a recording by testcase; or, in words, why there are none."""

    verdicts: Mapping[str, Verdict]
    problem: str = ""


def labels_of(document: ReportDocument, scopes: Sequence[Scope]) -> dict[str, Path]:
    """The versions that a report was judged by, as users write them, with the file of each; only known ones."""
    known = {
        f"--scs-scope={version_label(scope.path, name)}": (version_label(scope.path, name), scope.path)
        for scope in scopes
        if scope.uuid == document.spec.uuid
        for name in scope.versions
    }
    if found := dict(known[word] for word in document.run.argv if word in known):
        return found
    if document.run.argv or document.reference_date is None:
        return {}
    # The announced form does not say it: then all that were in force.
    day = document.reference_date
    return {
        version_label(scope.path, name): scope.path
        for scope in scopes
        if scope.uuid == document.spec.uuid
        for name in scope.validity(day)
    }


def rejudge(
    document: ReportDocument,
    scopes: Sequence[Scope],
    private: frozenset[str],
    evidence: Path,
    attestations: Path | None,
) -> Rejudged:
    """Judge the one subject in an evidence file as a report says that it was judged.

    ``private`` are UUIDs of scopes that are named by their files. The folder of ``evidence`` is used for files.
    """
    labels = labels_of(document, scopes)
    if not labels:
        return Rejudged({}, f"it does not say by which version of a known scope it was judged ({document.spec.uuid})")
    if not SUBJECT.fullmatch(document.subject):
        return Rejudged({}, f"the subject {shown(document.subject)!r} is none that can be judged")
    out = evidence.parent / "reports"
    words = [_scope(label, path, document.spec.uuid in private) for label, path in labels.items()]
    words += [f"--scs-replay={evidence}", f"--scs-report={out}{os.sep}", f"--scs-subject={document.subject}"]
    words += [f"--scs-date={document.reference_date}"] if document.reference_date else []
    words += [f"--scs-attestations={attestations}"] if attestations else []
    words += [word for word in _further(document) if word in _FURTHER]
    code, said = _run(words, evidence.parent)
    if code not in (0, 1, 6):
        return Rejudged({}, f"judging anew failed: {said}")
    verdicts: dict[str, Verdict] = {}
    for report in read_store([out]).reports if out.is_dir() else ():
        if report.document.spec.uuid == document.spec.uuid:
            verdicts |= report.document.results
    return Rejudged(verdicts, "" if verdicts else f"judging anew gave no verdict: {said}")


def _further(document: ReportDocument) -> Sequence[str]:
    """What a report says about judge and targets."""
    if document.run.argv or document.debug is None:
        return document.run.argv
    targets = "all" if len(document.debug.targets) == len(TARGETS) else ",".join(document.debug.targets)
    return [f"--scs-judge={document.debug.judge}", f"--scs-target={targets}"]


#: What of the arguments in a report says how it was judged; everything else there is nobody's to run.
_FURTHER = frozenset([
    *(f"--scs-judge={judge}" for judge in ("official", "text")),
    "--scs-target=all",
    *(f"--scs-target={','.join(TARGETS[start:end])}" for start in range(3) for end in range(start + 1, 4)),
    f"--scs-target={TARGETS[0]},{TARGETS[2]}",
])  # fmt: skip


def _scope(label: str, path: Path, private: bool) -> str:
    """A version as a run is told it; ``label`` ends with its name."""
    if not private:
        return f"--scs-scope={label}"
    from pytest_scs.core.scope_file import load_scope

    version = next(name for name in load_scope(path).versions if version_label(path, name) == label)
    return f"--scs-scope={path}@{version}"


def _run(words: Sequence[str], folder: Path) -> tuple[int, str]:
    """Exit code and last words of a run."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "OS_"))}
    command = [
        sys.executable,
        "-P",
        "-m",
        "pytest_scs.cli",
        "run",
        *words,
        "-q",
        "--",
        "--color=no",
        "-pno:cacheprovider",
    ]
    try:
        done = subprocess.run(  # noqa: S603 (words of ours, and of a report only those that are known)
            command,
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1, f"it took longer than {PATIENCE} seconds"
    except OSError as error:
        raise InputError(f"report verify: cannot run {sys.executable}: {error.strerror or error}") from None
    lines = [line for line in (done.stdout + done.stderr).decode("utf-8", "replace").splitlines() if line.strip()]
    return done.returncode, shown(lines[-1]) if lines else f"it ended with code {done.returncode}"
