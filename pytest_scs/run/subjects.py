# SPDX-License-Identifier: Apache-2.0
"""The subjects of a run: who is judged by which testcases, and what these read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_scs.base.errors import InputError
from pytest_scs.core.selection import Expected, Selection
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


def subjects_of_run(settings: Settings, selection: Selection, *, needed: bool) -> list[Subject]:
    """The subjects that the user named for the platforms of the selected scopes.

    Raises InputError where a platform has none, unless it is not ``needed`` (a plan: then one stands for all), and
    where subjects were typed that no selected scope judges.
    """
    judging = {platform_of_scope(scope).name for scope in selection.scopes}
    found: list[Subject] = []
    for platform in platforms():
        named_by, names = settings.platforms[platform.name].named_by, settings.names_on(platform.name)
        if platform.name not in judging:
            if named_by:
                labels = ", ".join(version.label for version in selection.versions)
                raise InputError(
                    f"{named_by}: {labels} judges no {platform.nouns}; leave it out, or add a scope for it"
                )
            continue
        if not names and needed:
            raise InputError(f"no {platform.noun} to judge: {platform.how_to_name_one()}")
        found += [subject_named(settings, platform.name, name) for name in names or (platform.noun,)]
    return found


def subject_named(settings: Settings, platform: str, name: str) -> Subject:
    """A subject with the name in the report that the user gave, if any."""
    return Subject(platform, name, settings.subject or "")
