# SPDX-License-Identifier: Apache-2.0
"""The home directory, where there is none: usual in containers, whose user ids have no entry in passwd."""

from __future__ import annotations

import os


def ensure_home() -> None:
    """Set ``HOME`` to ``/``, as container runtimes do, if nobody can tell where it is.

    openstacksdk could not be imported without it, and paths below ``~`` would become folders of that name.
    """
    if os.path.expanduser("~") == "~":
        os.environ["HOME"] = "/"
