# SPDX-License-Identifier: Apache-2.0
"""How long judging takes, and how much memory; see README.md in this folder."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from pytest_scs.demo.openstack import data
from pytest_scs.demo.openstack.server import DemoCloud

RUNS = 3

#: What can be judged by reading; the rest waits for the cloud, not for us.
READ_ONLY = ("-m", "not creates_resources")
SCOPE = ("--scs-scope=iaas-v5.1", *READ_ONLY)


def measure(folder: Path, *args: str) -> tuple[float, float]:
    """Fastest wall time in seconds and largest memory in MiB of a pytest command."""
    times, memory = [], []
    for _ in range(RUNS):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *args]
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        times.append(time.perf_counter() - started)
        memory.append(usage.ru_maxrss / 1024)
        if os.waitstatus_to_exitcode(status) not in (0, 1, 5, 6):
            raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return min(times), max(memory)


def record(folder: Path, name: str, *, images: int = 0, flavors: int = 0, broken: bool = False) -> Path:
    """Record the evidence of a demo cloud with so many more images and flavors."""
    state = data.conformant(dt.datetime.now(dt.UTC))
    data.many(state, images=images, flavors=flavors)
    if broken:
        for image in state.images:
            image.pop("os_distro", None)
            image["architecture"] = "unknown"
    path = folder / f"{name}.json"
    with DemoCloud(state) as cloud:
        clouds = folder / f"{name}.yaml"
        clouds.write_text(cloud.clouds_yaml(name))
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *SCOPE, f"--os-cloud={name}", f"--scs-record={path}"],
            cwd=folder,
            env={**os.environ, "OS_CLIENT_CONFIG_FILE": str(clouds)},
            stdout=subprocess.DEVNULL,
            check=False,
        )
    return path


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--os-cloud", help="also read and judge this cloud")
    cloud = parser.parse_args().os_cloud
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = {"empty pytest run": ("-p", "no:scs", name)}
        small = record(folder, "small")
        large = record(folder, "large", images=10_000, flavors=1_000)
        bad = record(folder, "bad", images=10_000, flavors=1_000, broken=True)
        outputs = ("--scs-report=r.yaml", "--html=r.html", "--self-contained-html")
        rows["replay, small cloud"] = (*SCOPE, f"--scs-replay={small}")
        rows["replay, 10,000 images and 1,000 flavors"] = (*SCOPE, f"--scs-replay={large}")
        rows["the same with YAML and HTML reports"] = (*SCOPE, f"--scs-replay={large}", *outputs)
        rows["the same, 20,000 violations"] = (*SCOPE, f"--scs-replay={bad}", *outputs)
        if cloud:
            rows[f"cloud {cloud}, read and judged"] = (*SCOPE, f"--os-cloud={cloud}")
            rows[f"cloud {cloud} with YAML and HTML reports"] = (*SCOPE, f"--os-cloud={cloud}", *outputs)
        base = None
        for label, args in rows.items():
            seconds, mebibytes = measure(folder, *args)
            base = base or seconds
            print(f"{label:<46} {seconds:6.2f} s {seconds / base:6.1f} x {mebibytes:7.0f} MiB", flush=True)
        report = folder / "r.yaml"
        if cloud and report.exists():
            print(f"requests: {yaml.safe_load(report.read_text())['debug']['requests_total']}")


if __name__ == "__main__":
    main()
