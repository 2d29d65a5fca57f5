# SPDX-License-Identifier: Apache-2.0
"""``--scs-hook``: a command of the user's that is told of verdicts that differ from the newest ones in the folder.

The compliance monitor notifies nobody, although scs-0004 promises it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest_scs
from pytest_scs.base.signals import temporary_folder
from pytest_scs.base.words import printable
from pytest_scs.core.results import Run, SubjectRun
from pytest_scs.core.scope import Scope
from pytest_scs.core.verdict import Verdict
from pytest_scs.evidence.external import tail_of
from pytest_scs.pipeline.merging import KnownResult, SubjectAndScope, newest_results
from pytest_scs.pipeline.report_store import read_store

#: Form of what the command is told. It grows when an entry gets another meaning, not with new ones.
FORM = 1

#: Seconds that the command may take.
PATIENCE = 30.0

#: Bytes that it may write to its standard error, which is kept on the disk, and seconds between two looks at that.
MOST_ERRORS = 16 << 20
_LOOK = 0.1

Known = Mapping[SubjectAndScope, Mapping[str, KnownResult]]


def newest_in(folder: Path, without: Collection[Path] = ()) -> Known:
    """The newest results in a folder of reports, but for those in some files; what is no report is passed over.

    Raises OSError.
    """
    if not folder.is_dir():
        return {}
    return newest_results(one for one in read_store([folder]).reports if one.path not in without)


def changes_in(run: Run, before: Known) -> list[dict[str, Any]]:
    """Every verdict that differs from the newest one before, as plain data; a testcase without one tells nothing.

    A MISS is no verdict, and in no report.
    """
    return [
        change
        for subject_run in run.subject_runs
        for scope in run.scopes_of(subject_run)
        for change in _changes(run, subject_run, scope, before)
    ]


def tell(command: Sequence[str], run: Run, changes: Sequence[Mapping[str, Any]], reports: Sequence[Path]) -> str:
    """Run a command, without a shell, with JSON about changes on its standard input.

    Returns why that failed, in one line; empty if it did not. It is ended with all it started when its time is over.
    """
    told = {
        "form": FORM,
        "tool": f"pytest-scs {pytest_scs.__version__}",
        "judged_at": run.now,
        "judge": str(run.judge),
        "changes": list(changes),
        "reports": [str(path) for path in reports],
    }
    with temporary_folder("scs-hook-") as folder:
        errors = folder / "stderr"
        try:
            code = _run(command, json.dumps(told).encode(), errors)
        except OSError as error:
            return f"--scs-hook: {command[0]} could not be started: {error.strerror or error}"
        except subprocess.TimeoutExpired:
            return f"--scs-hook: {command[0]} was ended: it took longer than {PATIENCE:g} s"
        except _Flood:
            return f"--scs-hook: {command[0]} was ended: it wrote more than {MOST_ERRORS >> 20} MiB to standard error"
        if code == 0:
            return ""
        last = tail_of(errors).strip().splitlines()[-1:]
        how = f"exit code {code}" if code > 0 else f"signal {-code}"
        return printable(f"--scs-hook: {command[0]} failed ({how})" + (f": {last[0][:300]}" if last else ""))


def _changes(run: Run, subject_run: SubjectRun, scope: Scope, before: Known) -> Iterator[dict[str, Any]]:
    known = before.get((subject_run.subject.report_name, scope.uuid), {})
    for entry in run.expected(subject_run):
        result, old = subject_run.results[entry.id], known.get(entry.id)
        verdict = result.verdict(run.judge)
        here = any(member.version.scope.uuid == scope.uuid for member in entry.memberships)
        if old is None or not here or verdict in (Verdict.MISS, old.verdict):
            continue
        yield {
            "subject": subject_run.subject.report_name,
            "platform": subject_run.subject.platform,
            "scope": scope.name,
            "scope_uuid": scope.uuid,
            "standard": entry.standard,
            "testcase": entry.id,
            "description": entry.testcase.description,
            "url": entry.testcase.url,
            "decisive": entry.decisive,
            "before": {
                "verdict": str(old.verdict),
                "checked_at": f"{old.checked_at.isoformat(' ', 'seconds')}",
                "report": old.report,
            },
            "verdict": str(verdict),
            "violations": len(result.violations(run.judge)) if verdict is Verdict.FAIL else 0,
            "cause": run.redact(result.cause.with_kind) if result.cause and verdict is Verdict.ABORT else "",
            "waived_until": min((one.expires for one in result.waived), default=""),
        }


class _Flood(Exception):
    """A command writes without end."""


def _run(command: Sequence[str], text: bytes, errors: Path) -> int:
    with errors.open("wb") as stderr:
        process = subprocess.Popen(  # noqa: S603 (it is the user's own command)
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
        )
    until = time.monotonic() + PATIENCE
    given: bytes | None = text
    try:
        while True:
            try:
                process.communicate(given, timeout=_LOOK)
            except subprocess.TimeoutExpired:
                given = None  # it is on its way, and must not be given twice
                if errors.stat().st_size > MOST_ERRORS:
                    raise _Flood from None
                if time.monotonic() > until:
                    raise
            else:
                return process.returncode
    except BaseException:  # also after Ctrl-C
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
