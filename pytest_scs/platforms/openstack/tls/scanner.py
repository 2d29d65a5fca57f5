# SPDX-License-Identifier: Apache-2.0
"""Scanning a server with sslyze, an optional package, in a process that can be stopped."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.metadata
import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any

from pytest_scs.base.words import install
from pytest_scs.platforms.openstack.tls.connection import Client, Server

#: What a user has to do who has no scanner.
MISSING = f"the TLS scan needs the package sslyze; {install('tls')}"

_PROGRAM = Path(__file__).with_name("scan_program.py")

_POLL = 0.1  # seconds


def describe() -> dict[str, str]:
    """The scanner: its ``name`` with version, or the ``problem`` that there is none."""
    if importlib.util.find_spec("sslyze") is None:
        return {"name": "", "problem": MISSING}
    return {"name": f"sslyze {importlib.metadata.version('sslyze')}", "problem": ""}


@dataclasses.dataclass(slots=True)
class Scan:
    """What a scan found: ``results`` by criterion, ``errors`` for those in doubt, ``problem`` if it did not end."""

    results: dict[str, Any] = dataclasses.field(default_factory=dict)
    errors: dict[str, str] = dataclasses.field(default_factory=dict)
    problem: str = ""


def scan(server: Server, client: Client, until: float, limit: float, cancelled: threading.Event) -> Scan:
    """Scan a server; ended at ``until`` (time.monotonic) or when ``cancelled`` is set, with what is known by then.

    ``limit`` (seconds) is only told in the message. Never raises for what server or scanner do.
    """
    found = Scan()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints, _start(complaints) as process:
        done = _converse(process, server, client, found, until, cancelled)
        if done:
            return found
        if cancelled.is_set():
            found.problem = "the run was interrupted"
        elif time.monotonic() >= until:
            found.problem = f"the time limit of {limit:.0f} s is over"
        elif not found.problem:
            complaints.seek(0)
            said = [line.strip() for line in complaints.read().splitlines() if line.strip()]
            cause = said[-1][:300] if said else f"exit code {process.returncode}"
            found.problem = f"the scanner failed: {cause}"
    return found


@contextlib.contextmanager
def _start(complaints: IO[str]) -> Any:
    # -P: a file in the user's folder must not stand in for a module of the scanner. A session of its own: Ctrl-C is
    # for us to handle.
    process = subprocess.Popen(  # noqa: S603 - a program of ours
        [sys.executable, "-P", str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()


def _converse(
    process: subprocess.Popen[str],
    server: Server,
    client: Client,
    found: Scan,
    until: float,
    cancelled: threading.Event,
) -> bool:
    """Give the order and take the lines; whether the scan came to its end."""
    lines: list[str] = []
    reader = threading.Thread(target=_collect, args=(process, lines), name="scs-tls-scan", daemon=True)
    order = {**dataclasses.asdict(server), "cert": client.cert, "key": client.key}
    with contextlib.suppress(OSError):  # it ended before it was told anything
        if process.stdin:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
    reader.start()
    while reader.is_alive() and time.monotonic() < until and not cancelled.is_set():
        reader.join(_POLL)
    if reader.is_alive():
        process.kill()
    process.wait()
    reader.join()
    done = False
    for line in lines:
        with contextlib.suppress(ValueError):  # the last line of a process that was killed
            entry = json.loads(line)
            found.results.update(entry.get("results", {}))
            found.errors.update(entry.get("errors", {}))
            found.problem = entry.get("problem", found.problem)
            done = done or bool(entry.get("done"))
    return done


def _collect(process: subprocess.Popen[str], lines: list[str]) -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in process.stdout or ():
            lines.append(line)
