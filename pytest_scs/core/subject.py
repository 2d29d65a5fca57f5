# SPDX-License-Identifier: Apache-2.0
"""What is judged, and its name as the compliance monitor knows it (docs/standards/framework.md#subject)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping

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


@dataclasses.dataclass(frozen=True, slots=True)
class ReportNames:
    """What ``--scs-subject`` says: one name for all there is, or one for each ``name`` of a subject.

    ``preset`` are those of a file of presets, which may name more than is judged: platform and name -> name in reports.
    """

    only: str = ""
    by_name: Mapping[str, str] = dataclasses.field(default_factory=dict)
    preset: Mapping[tuple[str, str], str] = dataclasses.field(default_factory=dict)

    def of(self, name: str, platform: str = "") -> str:
        """The name in the report of what the user calls ``name``; empty where he chose none."""
        return self.only or self.by_name.get(name, "") or self.preset.get((platform, name), "")


def read_report_names(texts: Iterable[str]) -> ReportNames:
    """``SUBJECT``, or ``NAME=SUBJECT`` for each of several, split at the last ``=``; raises InputError."""
    only: list[str] = []
    by_name: dict[str, str] = {}
    for text in texts:
        name, equals, subject = text.rpartition("=")
        check_subject(subject)
        if not equals:
            only.append(subject)
        elif not name:
            raise InputError(f"--scs-subject: {text!r} has no name before the '='; write NAME=SUBJECT")
        elif by_name.setdefault(name, subject) != subject:
            raise InputError(f"--scs-subject: {name!r} has two names, {by_name[name]} and {subject}; leave one out")
    if len(set(only)) > 1 or (only and by_name):
        raise InputError(
            f"--scs-subject: {only[0]} is the one name of everything; with several, write NAME=SUBJECT for each"
        )
    return ReportNames(only[0] if only else "", by_name)


def check_subject(text: str) -> None:
    """Raise InputError if what ``--scs-subject`` says cannot be the name of a subject."""
    if not text:
        raise InputError("--scs-subject: the name is empty; give one of letters, digits, '_', '-' and '.'")
    if not SUBJECT.fullmatch(text):
        raise InputError(f"--scs-subject: {text!r} has characters other than letters, digits, '_', '-' and '.'")


def subject_of(name: str) -> str:
    """A name in the report where the operator gave none: characters that it cannot have become ``-``."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", name)
