# SPDX-License-Identifier: Apache-2.0
"""Whether waiting overlaps: the whole scope on a cloud whose VM takes 60 s, its backup 45 s, each request 100 ms."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pytest_scs.demo.openstack import data, guest
from pytest_scs.demo.openstack.server import DemoCloud

SLOWEST = 60.0
LIMIT = 1.2 * SLOWEST + 10


def measure(folder: Path, *args: str) -> tuple[float, int]:
    """Wall time in seconds and exit code of a complete run on a slow demo cloud."""
    state = data.conformant(dt.datetime.now(dt.UTC))
    state.console = guest.console(guest.HEALTHY)
    state.latency = 0.1
    state.delays.update(
        {"server": SLOWEST, "backup": 45.0, "restore": 0.0, "server-deletion": 0.0, "backup-deletion": 0.0}
    )
    clouds = folder / "clouds.yaml"
    with DemoCloud(state) as cloud:
        clouds.write_text(cloud.clouds_yaml("slow"))
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--scs-scope=iaas-v5.1", "--os-cloud=slow", *args],
            cwd=folder,
            env={**os.environ, "OS_CLIENT_CONFIG_FILE": str(clouds)},
            stdout=subprocess.DEVNULL,
            check=False,
        )
        return time.perf_counter() - started, done.returncode


def main() -> None:
    """Print wall time, its ratio to the slowest operation, and whether it is within the limit."""
    with tempfile.TemporaryDirectory() as name:
        for args in ((), ("-n", "4")):
            seconds, code = measure(Path(name), *args)
            label = " ".join(args) or "one process"
            verdict = "within" if seconds <= LIMIT else "beyond"
            print(
                f"{label:<12} {seconds:5.1f} s, {seconds / SLOWEST:.2f} x the VM, {verdict} {LIMIT:.0f} s, exit {code}"
            )


if __name__ == "__main__":
    main()
