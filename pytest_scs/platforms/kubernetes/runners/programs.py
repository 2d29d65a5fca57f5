# SPDX-License-Identifier: Apache-2.0
"""Which of sonobuoy and hydrophone runs the e2e suite, and whether it is new enough."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from pytest_scs.core.cause import CauseKind, Inconclusive

SONOBUOY = "sonobuoy"
HYDROPHONE = "hydrophone"

#: The version that the official jobs use, and the first one that --continue can be relied on of.
MINIMUM = {SONOBUOY: (0, 57, 3), HYDROPHONE: (0, 7, 0)}

#: Seconds for a program to tell its version.
_PATIENCE = 30

_VERSION = re.compile(r"\bv?(\d{1,4})\.(\d{1,4})\.(\d{1,4})\b")
_OPTION = re.compile(r"--[a-z][a-z0-9-]+")

_INSTALL = "put the program of its latest release into PATH, or give results of a run with --scs-e2e-results=FILE"
MISSING = f"neither sonobuoy nor hydrophone found in PATH; {_INSTALL}"


@dataclasses.dataclass(frozen=True, slots=True)
class Runner:
    """A program that runs the suite: ``name`` is what it is called, ``version`` is ``0.57.3``, empty if it has none.

    ``options`` are the long options that its help names.
    """

    name: str
    path: Path
    version: str = ""
    options: frozenset[str] = frozenset()


def choose_runner(wanted: str, environment: Mapping[str, str]) -> Runner:
    """The program for ``--scs-e2e-runner=auto|sonobuoy|hydrophone``.

    It is looked for in PATH and ``~/.local/bin``. Raises Inconclusive where it is not there, does not run or is too
    old.
    """
    names = (SONOBUOY, HYDROPHONE) if wanted == "auto" else (wanted,)
    for name in names:
        if path := _find(name, environment):
            return _checked(name, path, environment)
    text = MISSING if wanted == "auto" else f"{wanted} not found in PATH; {_INSTALL}"
    raise Inconclusive(text, CauseKind.MISSING_TOOL)


def _find(name: str, environment: Mapping[str, str]) -> Path | None:
    own = Path(environment.get("HOME") or os.path.expanduser("~"), ".local", "bin")
    found = shutil.which(name, path=os.pathsep.join([environment.get("PATH", ""), str(own)]))
    return Path(found).absolute() if found else None


def _checked(name: str, path: Path, environment: Mapping[str, str]) -> Runner:
    # Only hydrophone's versions differ in their options, and up to 0.7.0 it does not tell its version.
    options = frozenset(_OPTION.findall(_said(path, ["--help"], environment)) if name == HYDROPHONE else ())
    version = None
    if name == SONOBUOY:
        version = _numbers(_said(path, ["version", "--short"], environment))
    elif "--version" in options:
        version = _numbers(_said(path, ["--version"], environment))
    least = MINIMUM[name]
    if version is None and name == SONOBUOY:
        raise Inconclusive(f"{name} does not tell its version; {_demand(name)}", CauseKind.MISSING_TOOL)
    if version is not None and version < least:
        raise Inconclusive(f"{name} {_text(version)} is too old; {_demand(name)}", CauseKind.MISSING_TOOL)
    if version is None and not {"--skip-preflight", "--startup-timeout", "--continue"} <= options:
        raise Inconclusive(f"this {name} lacks options that it needs; {_demand(name)}", CauseKind.MISSING_TOOL)
    return Runner(name, path, _text(version) if version else "", options)


def _demand(name: str) -> str:
    return f"install {name} {_text(MINIMUM[name])} or newer"


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _numbers(text: str) -> tuple[int, ...] | None:
    found = next((match for line in text.splitlines() if "go:" not in line and (match := _VERSION.search(line))), None)
    return tuple(map(int, found.groups())) if found else None


def _said(path: Path, arguments: list[str], environment: Mapping[str, str]) -> str:
    try:
        answer = subprocess.run(  # noqa: S603 (the user's own program)
            [str(path), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
            env=dict(environment),
        )
    except subprocess.TimeoutExpired:
        raise Inconclusive(f"{path.name} does not answer", CauseKind.MISSING_TOOL) from None
    except OSError as error:
        raise Inconclusive(
            f"{path.name} cannot be run: {error.strerror or 'it is no program'}", CauseKind.MISSING_TOOL
        ) from None
    return (answer.stdout + answer.stderr)[:65536].decode("utf-8", "replace")
