# SPDX-License-Identifier: Apache-2.0
"""Arguments that several subcommands take."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from pytest_scs.base import language


def file_name(text: str) -> Path:
    """The path of a file, for ``type=`` of argparse; an empty name is refused, which would be the working directory."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the file name is empty; name a file")
    return Path(text)


def add_language(sub: Any, what: str) -> None:
    """Add the option that says in which language something, ``the page``, is."""
    known = " or ".join(language.languages())
    words = f"language of {what}, {known} (default: that of LANG)"
    sub.add_argument("--lang", "--scs-lang", dest="lang", metavar="LANGUAGE", help=words)


def language_of(arguments: argparse.Namespace, command: str) -> language.Language:
    """The language that is asked for, else that of the environment; raises InputError for an unknown one."""
    return language.chosen(arguments.lang, os.environ, f"{command}: --lang")
