# SPDX-License-Identifier: Apache-2.0
"""Doing what a Containerfile says in a folder, where there is no builder: its steps run by chroot.

It knows what the project's own Containerfile has: FROM (every stage starts from a copy of one root file system), ARG,
ENV, RUN, COPY, USER, WORKDIR, ENTRYPOINT, CMD, LABEL. Raises ValueError for anything else.
"""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

#: Whom this machine trusts besides, as its builder would have been told.
_TRUSTED = Path("/usr/local/share/ca-certificates")

#: Of the environment outside, what tells programs how to get at packages.
_PASSED = ("PIP_", "SSL_CERT", "http_proxy", "https_proxy", "no_proxy")


@dataclasses.dataclass(slots=True)
class Stage:
    """What a stage has come to: its root file system, and with what its programs start."""

    root: Path
    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    arguments: dict[str, str] = dataclasses.field(default_factory=dict)
    user: str = "0"
    folder: str = "/"
    entrypoint: list[str] = dataclasses.field(default_factory=list)

    def start(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program in the stage as its user, in its folder; raises CalledProcessError."""
        passed = {name: value for name, value in os.environ.items() if name.startswith(_PASSED)}
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        usual = {"PATH": path, "DEBIAN_FRONTEND": "noninteractive"}
        inside = ["sh", "-c", f'cd {shlex.quote(self.folder)} && exec "$@"', "sh", *command]
        return subprocess.run(
            [shutil.which("chroot") or "/usr/sbin/chroot", f"--userspec={self.user}:0", str(self.root), *inside],
            env={**usual, **passed, **self.environment, **self.arguments},
            capture_output=True,
            text=True,
            check=check,
        )


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """The instructions of a Containerfile and their arguments, each on one line."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), rest.strip()


def build(text: str, context: Path, base: Path, folder: Path, given: Mapping[str, str]) -> Stage:
    """Do what the text says; ``base`` is the root file system for every FROM, ``given`` are build arguments.

    Returns the last stage, which lies below ``folder``.
    """
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for word, rest in instructions(text):
        if word == "FROM":
            name = rest.split()[-1] if " AS " in rest else str(len(stages))
            root = folder / name
            subprocess.run(["cp", "--archive", str(base), str(root)], check=True)
            if _TRUSTED.is_dir():
                shutil.copytree(_TRUSTED, root / _TRUSTED.relative_to("/"), dirs_exist_ok=True)
            stage = stages[name] = Stage(root)
        elif stage is not None:
            _do(word, rest, stage, stages, context, given)
        elif word != "ARG":
            raise ValueError(f"{word} stands before the first FROM")
    if stage is None:
        raise ValueError("there is no FROM")
    return stage


def _do(
    word: str, rest: str, stage: Stage, stages: Mapping[str, Stage], context: Path, given: Mapping[str, str]
) -> None:
    if word == "ARG":
        name, _, default = rest.partition("=")
        stage.arguments[name] = given.get(name, default)
    elif word == "ENV":
        pairs = [pair.partition("=") for pair in shlex.split(rest)]
        stage.environment |= {name: value for name, _, value in pairs}
    elif word == "RUN":
        stage.start("sh", "-c", rest)
    elif word == "COPY":
        _copy(rest.split(), stage, stages, context)
    elif word == "USER":
        stage.user = rest
    elif word == "WORKDIR":
        stage.folder = rest
    elif word == "ENTRYPOINT":
        stage.entrypoint = [part.strip(' "') for part in rest.strip("[]").split(",")]
    elif word not in ("LABEL", "CMD"):
        raise ValueError(f"{word} is not known here")


def _copy(words: list[str], stage: Stage, stages: Mapping[str, Stage], context: Path) -> None:
    origin = context
    if words[0].startswith("--from="):
        origin = stages[words.pop(0).partition("=")[2]].root
    source, target = words
    left_out = shutil.ignore_patterns(".git", ".venv", ".tox", "__pycache__", "build", "dist", "tests", ".mypy_cache")
    shutil.copytree(
        origin / source.strip("/"),
        stage.root / target.strip("/"),
        symlinks=True,
        ignore=left_out if origin is context else None,
        dirs_exist_ok=True,
    )
