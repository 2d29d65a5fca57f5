# SPDX-License-Identifier: Apache-2.0
"""The name of what is judged, as the compliance monitor knows it (certification.md, 2.2)."""

from __future__ import annotations

import re

#: What a subject may look like; the dot is in use although the reference registration refuses it.
SUBJECT = re.compile(r"[A-Za-z0-9_.-]+")


def subject_of(cloud: str) -> str:
    """A subject for a cloud whose operator named none: characters that a subject cannot have become ``-``."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", cloud)
