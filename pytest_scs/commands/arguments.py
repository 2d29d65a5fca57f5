# SPDX-License-Identifier: Apache-2.0
"""Types of arguments that several subcommands take."""

from __future__ import annotations

import argparse
from pathlib import Path


def file_name(text: str) -> Path:
    """The path of a file, for ``type=`` of argparse; an empty name is refused, which would be the working directory."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the file name is empty; name a file")
    return Path(text)
