# SPDX-License-Identifier: Apache-2.0
"""Runs that are killed at random moments, and what `scs cleanup --delete` leaves of them: nothing is right.

The embedded cloud outlives the runs. Its user has things of every kind whose names look like those of runs, and so have
the domains of two managers; nothing of that may be touched.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from pytest_scs.demo.openstack import data, guest
from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState, Container
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.config import find_cloud

SCOPES = ("iaas-v5.1", "beyond-v1")
CLOUDS = ("lab", "lab-manager-a", "lab-manager-b")
LOOKALIKES = (
    "precious-db",
    "_scs-",
    "_scs-0117-volume",
    "_scs-0117-1234567-volume",
    "_scs-0117-1234567g-volume",
    "scs-test-volume",
    "x_scs-0117-12345678-volume",
    "_scs-0117-12345678-volume",
    "_scs-0101-12345678-vm",
    "_scs-0128-12345678-Net-1",
)

#: Seconds that things take, so that a kill finds them half done.
DELAYS = {"volume": 0.3, "backup": 0.5, "restore": 0.4, "server": 0.6, "upload": 0.4, "console": 0.5}
DELAYS |= {"volume-deletion": 0.2, "backup-deletion": 0.2, "server-deletion": 0.2}


def main() -> None:
    """Print one line per kill, and what was left, touched and stuck in all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=dt.date.today().toordinal())
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    print(f"seed {arguments.seed}")
    with tempfile.TemporaryDirectory() as folder:
        left, touched, stuck = kill_runs(Path(folder), arguments.kills, chance)
    print(f"left {left}, foreign touched {touched}, stuck journals {stuck}")
    sys.exit(1 if left or touched or stuck else 0)


def kill_runs(folder: Path, kills: int, chance: random.Random) -> tuple[int, int, int]:
    """How many things were left, how many of the user's were touched, and how many journals are still there."""
    state = data.conformant(dt.datetime.now(dt.UTC))
    state.console = guest.console(guest.HEALTHY)
    state.quota.clear()
    with DemoCloud(state) as cloud:
        entries = {"lab": yaml.safe_load(cloud.clouds_yaml("lab"))["clouds"]["lab"]}
        entries |= {name.replace(":", "-"): entry for name, entry in cloud.managers("lab").items()}
        (folder / "clouds.yaml").write_text(yaml.safe_dump({"clouds": entries}))
        os.environ |= {"OS_CLIENT_CONFIG_FILE": str(folder / "clouds.yaml"), "XDG_STATE_HOME": str(folder / "state")}
        fill(state)
        state.delays.update(DELAYS)
        state.latency = 0.01
        foreign = things(state)
        started = time.monotonic()
        run(folder, SCOPES[-1]).wait()
        length = time.monotonic() - started
        found = [left_by_kill(folder, state, foreign, SCOPES[number % 2], length, chance) for number in range(kills)]
    totals = tuple(sum(column) for column in zip(*found, strict=True)) or (0, 0, 0)
    return totals[0], totals[1], totals[2]


def left_by_kill(
    folder: Path, state: CloudState, foreign: dict[str, str], scope: str, length: float, chance: random.Random
) -> tuple[int, int, int]:
    """What one killed run has left after the cleanup, touched, and which journals it has left."""
    process = run(folder, scope)
    moment = chance.uniform(0.1 * length, length)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    journals = folder / "state" / "pytest-scs" / "runs"
    known = len(list(journals.glob("*"))) if journals.is_dir() else 0
    before = len(things(state).keys() - foreign.keys())
    said = [clean_up(name) for name in CLOUDS]
    now = things(state)
    left = sorted(now.keys() - foreign.keys())
    touched = sorted(key for key, content in foreign.items() if now.get(key) != content)
    stuck = list(journals.glob("*")) if journals.is_dir() else []
    print(f"{scope:<10} {moment:5.1f} s: {before:2} things, {known} journals; left {left}, touched {touched}", end="")
    print(f", stuck {[path.name for path in stuck]}", flush=True)
    if left or touched or stuck:
        print("\n".join(said))
    for path in stuck:
        print(path.read_text("utf-8", "replace"))
        path.unlink()
    for key in left:
        foreign[key] = now[key]  # counted once
    return len(left), len(touched), len(stuck)


def run(folder: Path, scope: str) -> subprocess.Popen[bytes]:
    """Start a run."""
    managers = f"--scs-domain-managers={','.join(CLOUDS[1:])}"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--scs-scope={scope}", "--os-cloud=lab"]
    return subprocess.Popen([*command, "--scs-target=all", managers], cwd=folder, stdout=subprocess.DEVNULL)


def clean_up(name: str) -> str:
    """Remove what is left in a cloud; what the command said."""
    code = "import sys; from pytest_scs.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "cleanup", f"--os-cloud={name}", "--delete"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"--- {name}: exit {done.returncode}\n{done.stdout}{done.stderr}"


def things(state: CloudState) -> dict[str, str]:
    """What the project and the domains have, by kind and id: what of it must not change, as text."""
    state.catch_up()
    kinds = ("networks", "subnets", "ports", "routers", "security_groups", "secrets", "volumes", "backups", "servers")
    found: dict[str, str] = {}
    with state.lock:
        for kind in kinds:
            found |= {f"{kind} {one['id']}": _content(one) for one in getattr(state, kind) if state.owns(one)}
        found |= {f"images {one['id']}": _content(one) for one in state.images if one["owner"] == state.project_id}
        found |= {f"ec2 {one['access']}": one["secret"] for one in state.ec2_credentials}
        found |= {f"bucket {name}": repr(sorted(one.objects)) for name, one in state.containers.items()}
        for kind in ("users", "groups", "projects"):
            found |= {f"{kind} {one['id']}": str(one["name"]) for one in getattr(state.directory, kind)}
    return found


def _content(one: dict[str, Any]) -> str:
    keys = ("name", "metadata", "description", "tags", "scs_conformance_run")
    return json.dumps({key: one.get(key) for key in keys}, default=str)


def fill(state: CloudState) -> None:
    """Give the user and the domains things of every kind with such names."""
    client = Client(find_cloud("lab"), 0)
    flavor = next(one["id"] for one in state.flavors if one["name"] == "SCS-1L-1")
    for name in LOOKALIKES:
        for service, path, body, options in bodies(name):
            client.post(service, path, body, **options)
        network = client.post("network", "/networks", {"network": {"name": name}}, version="2")["network"]["id"]
        subnet = {"name": name, "network_id": network, "cidr": "10.9.8.0/24", "ip_version": 4}
        client.post("network", "/subnets", {"subnet": subnet}, version="2")
        client.post("network", "/ports", {"port": {"name": name, "network_id": network}}, version="2")
        volume = client.post("block-storage", "/volumes", {"volume": {"size": 1, "name": name}})["volume"]["id"]
        state.catch_up()
        client.post("block-storage", "/backups", {"backup": {"volume_id": volume, "name": name}})
        state.catch_up()
        mapping = {"boot_index": 0, "uuid": volume, "source_type": "volume", "destination_type": "volume"}
        server = {"name": name, "flavorRef": flavor, "imageRef": "", "networks": "none"}
        wish = {"server": {**server, "block_device_mapping_v2": [mapping]}}
        client.post("compute", "/servers", wish, microversion="2.61")
    client.post("identity", "/users/{user}/credentials/OS-EC2", {"tenant_id": state.project_id}, version="3")
    for name in ("scs-0123-12345678", "_scs-0123-12345678-bucket"):
        state.containers[name] = Container(state.now())
    for cloud in CLOUDS[1:]:
        manager = Client(find_cloud(cloud), 0)
        for kind in ("user", "group", "project"):
            for name in LOOKALIKES:
                body = {kind: {"name": name, "domain_id": manager.access().domain_id}}
                manager.post("identity", f"/{kind}s", body, version="3", log=False)


def bodies(name: str) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Requests for what needs nothing else: service, path, body, options."""
    yield "network", "/security-groups", {"security_group": {"name": name}}, {"version": "2"}
    yield "network", "/routers", {"router": {"name": name}}, {"version": "2"}
    yield "key-manager", "/secrets", {"name": name, "secret_type": "opaque"}, {"version": "1"}
    yield "image", "/images", {"name": name}, {"version": "2"}


if __name__ == "__main__":
    main()
