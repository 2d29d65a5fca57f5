# SPDX-License-Identifier: Apache-2.0
"""What ``scs init`` was told: what is to be judged, what is written about it, and where it runs."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_scs.base import language
from pytest_scs.base.errors import InputError
from pytest_scs.core.selection import select
from pytest_scs.core.subject import read_report_names
from pytest_scs.platforms.option import Option
from pytest_scs.platforms.platform import Access, Platform
from pytest_scs.platforms.registry import platform_of_scope, platforms
from pytest_scs.run.options import all_options
from pytest_scs.run.report_place import ReportPlace
from pytest_scs.run.setting_values import read_targets

#: CI systems and timers for which there are files.
SYSTEMS = ("gitlab", "github", "zuul")
TIMERS = ("cron", "systemd")


@dataclasses.dataclass(slots=True)
class Answers:
    """What the user wants; ``values`` are those of options of the plugin by name, as ini files have them.

    ``html`` and ``junit`` are files, empty for none; ``systems`` and ``timers`` those that files are made for.
    """

    scopes: Sequence[str] = ()
    values: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    html: str = ""
    junit: str = ""
    read_only: bool = False
    systems: Sequence[str] = ()
    timers: Sequence[str] = ()

    @property
    def chosen(self) -> Mapping[Option, Sequence[str]]:
        """The options that have a value, in the order of their definition."""
        return {option: self.values[option.name] for option in init_options() if self.values.get(option.name)}

    def words(self) -> list[str]:
        """The command line of ``scs run``."""
        words = [*self.scopes]
        for option, values in self.chosen.items():
            for value in values:
                words += [option.run_spelling, value]
        words += ["--html", self.html] if self.html else []
        words += ["--junit", self.junit] if self.junit else []
        return [*words, *(["--read-only"] if self.read_only else [])]

    def judged(self) -> list[Platform]:
        """The platforms of the scopes; raises InputError for a scope that nobody knows."""
        selection = select(self.scopes, dt.datetime.now(dt.UTC).date(), ("main", "recommended", "preview"), Path.cwd())
        return list(dict.fromkeys(map(platform_of_scope, selection.scopes)))

    def embedded(self, platform: Platform) -> bool:
        """Whether it is subjects that come with the plugin which are judged on a platform."""
        named = [name for option in platform.options for name in self.values.get(option.name, ())]
        return any(name in platform.embedded for name in named)

    def accesses(self) -> list[Access]:
        """The credentials that a job needs."""
        return [one.access for one in self.judged() if one.access and not self.embedded(one)]

    def files(self) -> list[str]:
        """What a run writes, relative to where it is started: files, and folders with a slash at their end."""
        selection = select(self.scopes, dt.datetime.now(dt.UTC).date(), ("main", "recommended", "preview"), Path.cwd())
        written: list[str] = []
        for text in self.values.get("report", ()):
            place = ReportPlace.given(text, Path())
            official = {scope.official for scope in selection.scopes}
            if place.folder:
                written.append(text)
            else:
                written += [str(place.path)] * (True in official) + [str(place.sibling)] * (False in official)
        return [*written, *(name for name in (self.html, self.junit) if name)]

    def check(self) -> None:
        """Raise InputError for what a run would refuse, as far as that can be told without one."""
        for platform in platforms():
            if platform not in self.judged():
                for option in platform.options:
                    if self.values.get(option.name):
                        raise InputError(
                            f"init: {option.run_spelling}: no scope here judges {platform.nouns}; leave it out, or "
                            f"name a scope about {platform.nouns}"
                        )
        for name in (
            *self.scopes,
            *(value for values in self.values.values() for value in values),
            self.html,
            self.junit,
        ):
            if not name.isprintable():
                raise InputError(f"init: {name!r} has characters that no configuration file can hold")
        for text in self.values.get("lang", ()):
            language.chosen(text, {})
        for text in self.values.get("target", ()):
            read_targets(text)
        read_report_names(self.values.get("subject", ()))


def init_options() -> list[Option]:
    """The options that ``scs init`` takes: what somebody sets once, and leaves so."""
    return [one for one in all_options() if one.everyday and one.ini and not one.switch]
