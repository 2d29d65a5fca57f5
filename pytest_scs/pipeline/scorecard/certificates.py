# SPDX-License-Identifier: Apache-2.0
"""Certificates: until when they hold, and when to renew them (scs-0004-v1). Pure: no files, no clock."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import did_you_mean
from pytest_scs.core.scope import Scope

#: So long before its end a certificate is to be renewed.
RENEWAL: Final = dt.timedelta(days=60)


@dataclasses.dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate by the day it was issued on; it holds for a year, whatever becomes of the scope's version.

    ``scope`` is the name of the scope's file, by which the monitor knows it.
    """

    issued: dt.date
    scope: str = ""

    @property
    def last_day(self) -> dt.date:
        """The last day on which it holds."""
        try:
            over = self.issued.replace(year=self.issued.year + 1)
        except ValueError:  # the 29th of February, or the end of the calendar
            over = dt.date(self.issued.year + 1, 3, 1) if self.issued.year < dt.MAXYEAR else dt.date.max
        return over - dt.timedelta(days=1)

    def ended(self, day: dt.date) -> bool:
        """Whether it does not hold any more."""
        return day > self.last_day

    def renewable(self, day: dt.date) -> bool:
        """Whether it is time to renew it."""
        return day > self.last_day - RENEWAL


def certificates_of(
    named: Mapping[str, Mapping[str, dt.date]], scopes: Mapping[str, Scope]
) -> dict[tuple[str, str], Certificate]:
    """Subject and UUID of a scope -> certificate; ``named`` is subject -> name of the scope's file -> day of issue.

    Raises InputError for a name that is no official scope's.
    """
    official = {scope.path.stem: uuid for uuid, scope in scopes.items() if scope.official}
    found = {}
    for subject, of_subject in named.items():
        for name, issued in of_subject.items():
            if name not in official:
                known = ", ".join(sorted(official))
                raise InputError(
                    f"[certificates.{subject}]: there are no certificates for {name!r}"
                    f"{did_you_mean(name, official)}; known: {known}"
                )
            found[subject, official[name]] = Certificate(issued, name)
    return found


def published_at(monitor: str, subject: str, scope: Scope) -> str:
    """The page of a subject at the monitor, to which the logo of a certificate links."""
    return page_at(monitor, subject, scope.path.stem)


def page_at(monitor: str, subject: str, name: str) -> str:
    """The same, by the name of the scope's file."""
    return f"{monitor.rstrip('/')}/page/detail/{quote(subject, safe='')}/{quote(name, safe='')}"
