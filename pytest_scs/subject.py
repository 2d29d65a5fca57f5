# SPDX-License-Identifier: Apache-2.0
"""The name of what is judged, as the compliance monitor knows it (certification.md, 2.2)."""

from __future__ import annotations

import re

from pytest_scs.errors import InputError

#: What a subject may look like; the dot is in use although the reference registration refuses it.
SUBJECT = re.compile(r"[A-Za-z0-9_.-]+")


def check_subject(text: str) -> None:
    """Raise InputError if what ``--scs-subject`` says cannot be the name of a subject."""
    if not text:
        raise InputError("--scs-subject: the name is empty; give one of letters, digits, '_', '-' and '.'")
    if not SUBJECT.fullmatch(text):
        raise InputError(f"--scs-subject: {text!r} has characters other than letters, digits, '_', '-' and '.'")


def subject_of(cloud: str) -> str:
    """A subject for a cloud whose operator named none: characters that a subject cannot have become ``-``."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", cloud)
