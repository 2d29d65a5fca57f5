# SPDX-License-Identifier: Apache-2.0
"""The home directory, where there is none: usual in containers, whose user ids have no entry in passwd."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_scs.base.errors import InputError


def ensure_home() -> None:
    """Set ``HOME`` to ``/``, as container runtimes do, if nobody can tell where it is.

    openstacksdk could not be imported without it, and paths below ``~`` would become folders of that name.
    """
    if os.path.expanduser("~") == "~":
        os.environ["HOME"] = "/"


def expanded(path: Path, option: str) -> Path:
    """A path that may begin with ``~`` or ``~USER``; raises InputError, which names the option, if nobody is that."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise InputError(f"{option}: {path}: there is no home folder {path.parts[0]!r}; write the whole path") from None
