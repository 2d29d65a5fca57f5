# SPDX-License-Identifier: Apache-2.0
"""The subjects of a run: who is judged by which testcases, and what these read."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import did_you_mean
from pytest_scs.core.scope import TARGETS
from pytest_scs.core.selection import Expected, Selection, select
from pytest_scs.core.subject import Subject
from pytest_scs.platforms.platform import Platform
from pytest_scs.platforms.registry import platform_of_scope, platform_of_subject, platforms
from pytest_scs.run.settings import Settings


class SubjectsOfRun:
    """All subjects of a run, in order; each testcase is about those of its platform."""

    def __init__(self, subjects: Sequence[Subject], selection: Selection) -> None:
        self._subjects = tuple(subjects)
        self._scopes = {scope.uuid: platform_of_scope(scope) for scope in selection.scopes}
        self._platforms = {subject: platform_of_subject(subject) for subject in subjects}

    def __iter__(self) -> Iterator[Subject]:
        return iter(self._subjects)

    def __len__(self) -> int:
        return len(self._subjects)

    def place(self, subject: Subject) -> int:
        """The number of a subject in the order of the run."""
        return self._subjects.index(subject)

    def at(self, place: int) -> Subject:
        """The inverse of :meth:`place`."""
        return self._subjects[place]

    def platform(self, subject: Subject) -> Platform:
        """The platform that judges a subject."""
        return self._platforms[subject]

    def platforms_of(self, entry: Expected) -> list[Platform]:
        """The platforms that a testcase is about, by the scopes that list it."""
        found = {self._scopes[member.version.scope.uuid].name for member in entry.memberships}
        return [platform for platform in platforms() if platform.name in found]

    def of(self, entry: Expected) -> tuple[Subject, ...]:
        """The subjects that a testcase is about."""
        names = {platform.name for platform in self.platforms_of(entry)}
        return tuple(subject for subject in self._subjects if subject.platform in names)

    @staticmethod
    def sections_for(platform: Platform, fixtures: Iterable[str]) -> list[str]:
        """The inventory sections that stand behind fixtures, in the order of plans; ``inventory`` means all."""
        wanted: set[str] = set()
        for name in fixtures:
            if name == "inventory":
                return list(platform.sections)
            if name in platform.derived_fixtures:
                wanted.update(platform.derived_fixtures[name].needs)
            wanted.add(name)
        return [section for section in platform.sections if section in wanted]


def select_for(settings: Settings, date: dt.date, base: Path) -> Selection:
    """What is judged on a day; raises InputError. ``base`` is the folder relative file names start from.

    Who names a subject himself judges that alone, so scopes of presets that are about other kinds are left out.
    """
    named = {platform.name for platform in platforms() if settings.on(platform.name).named_by}
    whole = select(settings.scopes, date, settings.targets, base)
    if not settings.scopes_preset or not named:
        return whole
    fitting = {scope.uuid for scope in whole.scopes if platform_of_scope(scope).name in named}
    kept = [
        spec
        for spec in settings.scopes
        if any(scope.uuid in fitting for scope in select([spec], date, TARGETS, base).scopes)
    ]
    return select(kept, date, settings.targets, base) if kept else whole


def with_names(settings: Settings, selection: Selection, *, needed: bool) -> Settings:
    """The settings with the names of all subjects that the user means; raises InputError.

    Only platforms that the selected scopes need read files for it. Unless it is ``needed``, mistakes in files that the
    user has not named are none: a plan can do without subjects.
    """
    judging = {platform_of_scope(scope).name for scope in selection.scopes}
    found = dict(settings.platforms)
    preset = dict(settings.subject.preset)
    for platform in platforms():
        if platform.name in judging:
            own = settings.on(platform.name)
            try:
                names = platform.find_names(own)
            except InputError:
                if needed or own.named_by:
                    raise
                continue
            found[platform.name] = dataclasses.replace(own, names=names)
            if own.preset and len(names) != len(own.preset):
                nouns, many = platform.nouns, len(own.preset)
                raise InputError(
                    f"{settings.config}: [subjects] names {many} {nouns}, and there are {len(names)}: "
                    f"{', '.join(names) or 'none'}; say of each one how it is found, so that it has the name of its own"
                )
            if own.preset:
                preset |= {(platform.name, name): chosen for name, chosen in zip(names, own.preset, strict=True)}
    named = dataclasses.replace(settings.subject, preset=preset)
    return dataclasses.replace(settings, platforms=found, subject=named)


def subjects_of_run(settings: Settings, selection: Selection, *, needed: bool) -> list[Subject]:
    """The subjects that the user named for the platforms of the selected scopes.

    Raises InputError where a platform has none, unless it is not ``needed`` (a plan: then one stands for all), and
    where subjects were typed that no selected scope judges.
    """
    judging = {platform_of_scope(scope).name for scope in selection.scopes}
    for platform in platforms():  # first of all: who gave the wrong kind of subject also gave none of the right one
        if platform.name not in judging and (named_by := settings.on(platform.name).named_by):
            labels = ", ".join(version.label for version in selection.versions)
            raise InputError(f"{named_by}: {labels} judges no {platform.nouns}; leave it out, or add a scope for it")
    found: list[Subject] = []
    for platform in platforms():
        if platform.name not in judging:
            continue
        names = settings.names_on(platform.name)
        if not names and needed:
            raise InputError(f"no {platform.noun} to judge: {platform.how_to_name_one()}")
        found += [subject_named(settings, platform.name, name) for name in names or (platform.noun,)]
    if any(settings.names_on(subject.platform) for subject in found):
        check_report_names(settings, found)
    return found


def subject_named(settings: Settings, platform: str, name: str) -> Subject:
    """A subject with the name in the report that the user gave, if any."""
    return Subject(platform, name, settings.subject.of(name, platform))


def check_report_names(settings: Settings, subjects: Sequence[Subject]) -> None:
    """Raise InputError if ``--scs-subject`` names nothing of the run, or two subjects have one name in the report.

    Subjects of two platforms may: their reports are about different scopes.
    """
    names = list(dict.fromkeys(subject.name for subject in subjects))
    if settings.subject.only and len(subjects) > 1:
        nouns = list(dict.fromkeys(platform_of_subject(subject).noun for subject in subjects))
        raise InputError(
            f"--scs-subject names one {' or '.join(nouns)}, but several are given: {', '.join(names)}; "
            f"write --scs-subject=NAME=SUBJECT for each"
        )
    for name in settings.subject.by_name:
        if name not in names:
            raise InputError(
                f"--scs-subject: {name!r} is not judged{did_you_mean(name, names)}; it is about: {', '.join(names)}"
            )
    seen: dict[tuple[str, str], Subject] = {}
    for subject in subjects:
        other = seen.setdefault((subject.platform, subject.report_name), subject)
        if other is not subject:
            raise InputError(
                f"{platform_of_subject(subject).nouns} {other.name} and {subject.name} have one name in the report, "
                f"{subject.report_name}; choose another: --scs-subject={subject.name}=SUBJECT"
            )


def unnamed(settings: Settings, subjects: Iterable[Subject]) -> Iterator[str]:
    """A line for each subject whose name in the report is only what is left of its own, with what to do about it."""
    for subject in subjects:
        platform = platform_of_subject(subject)
        given = settings.subject.of(subject.name, platform.name)
        if subject.report_name != subject.name and not given and subject.name not in platform.embedded:
            yield (
                f"{platform.noun} {subject.name} is {subject.report_name} in the report; "
                f"choose its name there: --scs-subject={subject.name}=SUBJECT"
            )
