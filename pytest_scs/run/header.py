# SPDX-License-Identifier: Apache-2.0
"""What pytest's header says of the run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pytest_scs.base.words import printable
from pytest_scs.platforms.platform import Platform
from pytest_scs.platforms.registry import platforms
from pytest_scs.run.groups import strange_members
from pytest_scs.run.session import Session
from pytest_scs.run.subjects import unnamed
from pytest_scs.standards import bundled_data


def header_lines(session: Session, notes: Iterable[str] = ()) -> list[str]:
    """Scope, versions with state, targets, judge, subjects: one line.

    Others say where the subjects come from, what there is to know of the data, and which runs left something. ``notes``
    are more of them.
    """
    selection, settings = session.selection, session.settings
    language = settings.language
    phrase = language.phrase
    parts = [
        ", ".join(with_state(version.titled(language), language.text(version.code)) for version in selection.versions),
        phrase("target {targets}", targets=", ".join(selection.targets)),
        phrase("judge {judge}", judge=settings.judge),
        *(said for platform in platforms() if (said := _subjects(session, platform))),
        phrase("patience {factor}", factor=f"{settings.patience:g}") if settings.patience != 1 else "",
        phrase("replayed from {file}", file=settings.replay.name) if settings.replay else "",
    ]
    line = "scs: " + "; ".join(part for part in parts if part)
    left = (one for platform in platforms() for one in platform.left_by_earlier_runs(settings.on(platform.name)))
    others = (*_origins(session), *_unnamed(session), *_about_data(session), *_about_files(session), *left, *notes)
    return [printable(text) for text in (line, *(f"scs: {language.text(one)}" for one in others))]


def with_state(title: str, state: str) -> str:
    """A version with its state, unless its name says that already: ``... v6 (draft, unofficial)``."""
    return title if re.search(rf"\([^)]*\b{re.escape(state)}\b", title) else f"{title} ({state})"


def _origins(session: Session) -> Iterator[str]:
    """Where each subject comes from that the user named; evidence has been read somewhere else."""
    if session.settings.replay:
        return
    for subject in session.subjects:
        platform = session.subjects.platform(subject)
        named = subject.name in session.settings.names_on(platform.name)
        if named and (origin := platform.origin_of(subject.name, session.settings.platforms[platform.name])):
            noun, origin = (session.settings.language.text(text) for text in (platform.noun, origin))
            yield f"{noun} {subject.name}: {origin}"


def _unnamed(session: Session) -> Iterable[str]:
    """What to do about names in the report that nobody would choose."""
    return unnamed(session.settings, session.subjects)


def _about_data(session: Session) -> list[str]:
    """What is to be said of the data behind the verdicts: drafts, old files, and copies of the user's."""
    selection = session.selection
    said = [notice for scope in selection.scopes for notice in bundled_data.notices(scope, selection.date)]
    copies = bundled_data.copies()
    return [*said, *([f"data of your own: {', '.join(copies)}"] if copies else [])]


def _about_files(session: Session) -> list[str]:
    """What of the user's own files has nothing to do with this run, because it is about others or mistyped."""
    names = [subject.report_name for subject in session.subjects]
    said = strange_members(session.settings, names)
    if session.waivers:
        from pytest_scs.attestations.waivers import beside_selection

        said += beside_selection(session.waivers, session.selection, names)
    return said


def _subjects(session: Session, platform: Platform) -> str:
    """Which subjects of a platform are judged; empty if none are."""
    language = session.settings.language
    names = [subject.name for subject in session.subjects if subject.platform == platform.name]
    if not names:
        return ""
    if not (session.settings.names_on(platform.name) or session.settings.replay):
        return language.text(f"{platform.noun} not named")  # a plan needs none
    embedded = language.phrase("embedded")
    said = (f"{name} ({embedded})" if name in platform.embedded else name for name in names)
    return f"{language.text(platform.noun)} {', '.join(said)}"
