# SPDX-License-Identifier: Apache-2.0
"""How long a folder of 500 reports takes to be merged; see README.md in this folder."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from pytest_scs.core.scope import OFFICIAL
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.scs.model import Invocation, ReportDocument, ReportedRun, ScopeReference
from pytest_scs.reports.scs.values import count_lines
from pytest_scs.reports.scs.writer import render

RUNS = 3

#: Testcases of a report, and how many lines about offenders one that fails has.
TESTCASES, LINES = 91, 20


def document(subject: str, checked_at: dt.datetime, number: int) -> ReportDocument:
    """A report of a subject of which a tenth fails, and something else each time."""
    ids = list(load_scope(bundled_scopes()["iaas"]).testcases)[:TESTCASES]
    verdicts = {one: Verdict.FAIL if (place + number) % 10 == 0 else Verdict.PASS for place, one in enumerate(ids)}
    failed = [one for one, verdict in verdicts.items() if verdict is Verdict.FAIL]
    stderr = [
        f"ERROR: {testcase}: image {line} ({uuid.UUID(int=line)}): os_distro: expected a distribution, found not set"
        for testcase in failed
        for line in range(LINES)
    ]
    stdout = [f"{testcase}: {verdict}" for testcase, verdict in verdicts.items()]
    counts = count_lines(stdout, stderr)
    invocation = Invocation("a", "pytest --scs-scope=iaas", verdicts, 1, tuple(stdout), tuple(stderr), **counts)
    run = ReportedRun(str(uuid.uuid4()), invocations={"a": invocation})
    return ReportDocument(ScopeReference(OFFICIAL[0], "SCS-compatible IaaS"), checked_at, subject, run)


def write(folder: Path, reports: int, subjects: int) -> None:
    """So many reports of so many subjects, a day apart."""
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    for number in range(reports):
        subject = f"prod{number % subjects}"
        place = folder / "scs-compatible-iaas" / subject
        place.mkdir(parents=True, exist_ok=True)
        checked_at = now - dt.timedelta(days=number // subjects)
        (place / f"{checked_at:%Y-%m-%dT%H%M%SZ}.yaml").write_text(render([document(subject, checked_at, number)]))


def measure(*arguments: str) -> tuple[float, float, float]:
    """Fastest wall time and CPU time in seconds, and largest memory in MiB, of a command."""
    wall, cpu, memory = [], [], []
    for _ in range(RUNS):
        started = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "pytest_scs.cli", *arguments], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall.append(time.perf_counter() - started)
        cpu.append(usage.ru_utime + usage.ru_stime)
        memory.append(usage.ru_maxrss / 1024)
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            raise SystemExit(f"{' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    return min(wall), min(cpu), max(memory)


def main() -> None:
    """Write the reports, and take the time of each command."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reports", type=int, default=500)
    options.add_argument("--subjects", type=int, default=20)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        folder = here / "reports"
        write(folder, chosen.reports, chosen.subjects)
        size = sum(path.stat().st_size for path in folder.rglob("*.yaml"))
        print(f"{chosen.reports} reports of {TESTCASES} testcases, {chosen.subjects} subjects, {size >> 20} MiB")
        for command in (
            ("scorecard", str(folder)),
            ("scorecard", str(folder), f"--html={here}/card.html", f"--json={here}/card.json", "--write"),
            ("history", str(folder)),
            ("diff", str(folder), str(folder)),
            ("metrics", str(folder)),
            ("site", str(folder), "-o", f"{here}/public"),
        ):
            wall, cpu, memory = measure("report", *command)
            shown = " ".join(word.replace(name, "") for word in command)
            print(f"{wall:6.2f} s wall, {cpu:6.2f} s CPU, {memory:6.0f} MiB: scs report {shown}")


if __name__ == "__main__":
    main()
