# SPDX-License-Identifier: Apache-2.0
"""Groups of subjects in the file of presets: what is in them has to be there (docs/presets.md)."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_scs.base.errors import InputError
from pytest_scs.run.settings import Settings

# Members that are named in the header; a file may serve many runs.
_LISTED = 5


def check_groups(settings: Settings, subjects: Iterable[str]) -> None:
    """Raise InputError for a mistyped member of a group, and for a group of which nobody can ever be judged.

    ``subjects`` are the names in reports of the subjects of the run.
    """
    if not settings.groups:
        return
    from pytest_scs.pipeline.strangers import strangers_in

    for one in strangers_in(settings.config, subjects):
        if one.mistyped:
            raise InputError(f"{one}")


def strange_members(settings: Settings, subjects: Iterable[str]) -> list[str]:
    """A line for each member of a group that neither the file nor the run knows; it may be judged elsewhere."""
    if not settings.groups:
        return []
    from pytest_scs.pipeline.strangers import strangers_in

    found = strangers_in(settings.config, subjects)
    more = f"{settings.config}: {len(found) - _LISTED} more names in groups and certificates are nobody's here"
    return [*map(str, found[:_LISTED]), *([more] if found[_LISTED:] else [])]
