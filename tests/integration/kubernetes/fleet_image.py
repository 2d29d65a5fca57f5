# SPDX-License-Identifier: Apache-2.0
"""The container as an archive that nodes can load, made without a builder: the Containerfile's steps in a chroot."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import tarfile
from pathlib import Path

from container_steps import Stage, build

ROOT = Path(__file__).resolve().parents[3]


def build_image(name: str, folder: Path) -> Path:
    """Build the container below ``folder``; returns the archive (docker-archive form). It needs root and the network.

    ``SCS_TEST_ROOTFS`` is a Debian to start from; without it one is fetched.
    """
    base = Path(os.environ.get("SCS_TEST_ROOTFS") or folder / "base")
    if not base.exists():
        subprocess.run(["debootstrap", "--variant=minbase", "trixie", str(base)], check=True, capture_output=True)
    stage = build((ROOT / "Containerfile").read_text("utf-8"), ROOT, base, folder, {})
    return archive(stage, name, folder / "pytest-scs-fleet.tar")


def archive(stage: Stage, name: str, path: Path) -> Path:
    """Write what a stage has come to as an image with one layer."""
    layer = path.with_suffix(".layer")
    left_out = [f"--exclude=./{place}/*" for place in ("proc", "sys", "var/cache/apt")]
    command = [
        "tar",
        "--create",
        "--file",
        str(layer),
        "--numeric-owner",
        "--directory",
        str(stage.root),
        *left_out,
        ".",
    ]
    subprocess.run(command, check=True)
    with layer.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "Env": [f"{key}={value}" for key, value in stage.environment.items()],
            "User": stage.user,
            "WorkingDir": stage.folder,
            "Entrypoint": stage.entrypoint,
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    text = json.dumps(config).encode()
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    with tarfile.open(path, "w") as tar:
        for entry, data in (("config.json", text), ("manifest.json", json.dumps(manifest).encode())):
            info = tarfile.TarInfo(entry)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        tar.add(layer, "layer.tar")
    layer.unlink()
    return path
