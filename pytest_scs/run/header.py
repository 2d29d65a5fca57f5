# SPDX-License-Identifier: Apache-2.0
"""What pytest's header says of the run."""

from __future__ import annotations

from pytest_scs.platforms.platform import Platform
from pytest_scs.platforms.registry import platforms
from pytest_scs.run.session import Session


def header_lines(session: Session) -> list[str]:
    """Scope, versions with state, targets, judge, subjects: one line, and one for each run that left something."""
    selection, settings = session.selection, session.settings
    versions = ", ".join(f"{version.title} ({version.code})" for version in selection.versions)
    parts = [
        versions,
        f"target {', '.join(selection.targets)}",
        f"judge {settings.judge}",
        *(said for platform in platforms() if (said := _subjects(session, platform))),
        f"replayed from {settings.replay.name}" if settings.replay else "",
    ]
    line = "scs: " + "; ".join(part for part in parts if part)
    left = (
        f"scs: {left}"
        for platform in platforms()
        for left in platform.left_by_earlier_runs(settings.platforms[platform.name])
    )
    return [line, *left]


def _subjects(session: Session, platform: Platform) -> str:
    """Which subjects of a platform are judged; empty if none are."""
    names = [subject.name for subject in session.subjects if subject.platform == platform.name]
    if not names:
        return ""
    if not (session.settings.names_on(platform.name) or session.settings.replay):
        return f"{platform.noun} not named"  # a plan needs none
    said = (f"{name} (embedded)" if name in platform.embedded else name for name in names)
    return f"{platform.noun} {', '.join(said)}"
