# SPDX-License-Identifier: Apache-2.0
"""How long judging a large, slow cluster takes, and how many requests: 1,200 nodes with 50 images, 100 ms each."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pytest_scs.demo.kubernetes import data
from pytest_scs.demo.kubernetes.server import DemoCluster
from pytest_scs.standards.kaas.small_version_data import small_version_data
from pytest_scs.standards.kaas.version_data import to_plain

NODES, IMAGES, LATENCY = 1200, 50, 0.1
SECONDS, REQUESTS = 8.0, 40
RUNS = 3

_ALL = ("--scs-scope=kaas-v1", "--scs-scope=beyond-kaas", "--scs-target=all")
#: Light, and judged by reading; the rest waits for pods and volumes, not for us.
_LIGHT = ("-m", "light and not creates_resources")
#: Each kubelet is asked for its settings: a request a node, whatever else is asked.
_NO_KUBELETS = ("-k", "not kubelet and not read_only_port")
SELECTIONS = {
    "kaas-v1": ("--scs-scope=kaas-v1", "-m", "light"),
    "and beyond-kaas, kubelets left out": (*_ALL, *_LIGHT, *_NO_KUBELETS),
    "with every kubelet": (*_ALL, *_LIGHT),
}


def measure(python: str, folder: Path, *args: str) -> tuple[float, int, int]:
    """Wall time in seconds, number of requests and exit code of a run on a large, slow demo cluster."""
    now = dt.datetime.now(dt.UTC)
    state = data.conformant(now)
    data.many(state, NODES, IMAGES)
    state.latency = LATENCY
    (folder / "versions.json").write_text(json.dumps(to_plain(small_version_data(now))))
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--scs-k8s-data=versions.json"]
    with DemoCluster(state) as cluster:
        cluster.write_kubeconfig(folder / "kubeconfig", "large")
        started = time.perf_counter()
        done = subprocess.run(
            [*command, "--scs-kubeconfig=kubeconfig", *args], cwd=folder, stdout=subprocess.DEVNULL, check=False
        )
        return time.perf_counter() - started, len(state.requests), done.returncode


def main() -> None:
    """Print the fastest of three runs of each selection, and whether it is within the limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="a Python with another client, to judge with")
    python = parser.parse_args().python
    with tempfile.TemporaryDirectory() as name:
        for label, args in SELECTIONS.items():
            seconds, requests, code = min(measure(python, Path(name), *args) for _ in range(RUNS))
            verdict = "within" if seconds <= SECONDS and requests <= REQUESTS else "beyond"
            print(
                f"{label:<36} {seconds:5.1f} s, {requests} requests, "
                f"{verdict} {SECONDS:.0f} s and {REQUESTS} requests, exit {code}",
                flush=True,
            )


if __name__ == "__main__":
    main()
