# SPDX-License-Identifier: Apache-2.0
"""What is judged, and its name as the compliance monitor knows it (docs/standards/framework.md#subject)."""

from __future__ import annotations

import dataclasses
import re

from pytest_scs.base.errors import InputError

#: What a subject may look like; the dot is in use although the reference registration refuses it.
SUBJECT = re.compile(r"[A-Za-z0-9_.-]+")


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """One thing that is judged, such as a cloud.

    ``platform`` says which room judges it (``openstack``), ``name`` is what the user calls it (an entry of
    clouds.yaml). Both together are its identity: two platforms may use the same name. ``report_name`` is its name in
    the report.
    """

    platform: str
    name: str
    report_name: str = dataclasses.field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.report_name:
            object.__setattr__(self, "report_name", subject_of(self.name))

    def __str__(self) -> str:
        return self.name


def check_subject(text: str) -> None:
    """Raise InputError if what ``--scs-subject`` says cannot be the name of a subject."""
    if not text:
        raise InputError("--scs-subject: the name is empty; give one of letters, digits, '_', '-' and '.'")
    if not SUBJECT.fullmatch(text):
        raise InputError(f"--scs-subject: {text!r} has characters other than letters, digits, '_', '-' and '.'")


def subject_of(name: str) -> str:
    """A name in the report where the operator gave none: characters that it cannot have become ``-``."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", name)
