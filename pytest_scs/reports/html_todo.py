# SPDX-License-Identifier: Apache-2.0
"""What to do, on the HTML page: the commands of a standard as one text to copy, and what no command can do."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from pytest_scs.base.language import Language
from pytest_scs.base.shell import common_script_loop, has_comment
from pytest_scs.base.words import printable, some
from pytest_scs.reports.mending import Mend, StandardMends

#: Up to so many offenders a loop is on one line; more of them have a line each.
ON_ONE_LINE = 5

#: A block of more lines than this is scrolled.
LONG = 40

#: So many commands stand on the page: who has more of them takes a file.
MOST = 1000

#: So many offenders may be listed more than once.
REPEATED = 1000

#: Offenders named along with a mend.
NAMED = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Todo:
    """What is to be done for a standard: ``commands`` as they are typed, each with what it is about ahead of it.

    ``words`` are instructions for people, each with what it is about.
    """

    standard: str
    name: str
    count: int
    commands: list[str]
    words: list[tuple[str, str, list[str]]]

    @property
    def long(self) -> bool:
        """Whether there are more commands than one can see at once."""
        return sum(command.count("\n") + 1 for command in self.commands) > LONG


def todo(mends: StandardMends, words: Language) -> Todo:
    """The mends of a standard as they stand on the page."""
    return Todo(
        standard=mends.standard,
        name=words.text(mends.name),
        count=len(mends.mends),
        commands=list(_commands(mends.commands, words)),
        words=[(words.text(mend.line), _about(mend, words), list(mend.testcases)) for mend in mends.words],
    )


def _commands(mends: Sequence[Mend], words: Language) -> Iterator[str]:
    """What decides comes first, and what is done to the same offenders together."""
    first = True
    groups = _grouped(sorted(mends, key=lambda mend: not mend.decisive))
    for alike in groups[:MOST]:
        lines: list[str] = []
        for mend in alike:
            testcases, resources = words.text(some(mend.testcases, NAMED)), _about(mend, words)
            about = words.phrase("{testcases}: {resources}", testcases=testcases, resources=resources)
            lines.append(printable(f"# {about}"))
        lines.append(
            _script(alike[0], words)
            if len(alike) == 1
            else common_script_loop([mend.body for mend in alike], alike[0].ids)
        )
        if not alike[0].decisive and first:
            first = False
            lines.insert(0, f"# {words.phrase('What follows does not decide about a certificate.')}")
        yield "\n".join(lines)
    if (more := len(groups) - MOST) > 0:
        yield f"# {words.phrase('and {number} more: --scs-remediation=FILE writes all of them', number=more)}"


def _grouped(mends: Sequence[Mend]) -> list[list[Mend]]:
    """Mends, those together that do something to the same offenders, where these are many: a list is long."""
    groups: dict[object, list[Mend]] = {}
    for mend in (*_apart([one for one in mends if one.decisive]), *_apart([one for one in mends if not one.decisive])):
        groups.setdefault((mend.ids, mend.decisive) if _shares(mend) else id(mend), []).append(mend)
    return list(groups.values())


def _shares(mend: Mend) -> bool:
    return len(mend.ids) > ON_ONE_LINE and not has_comment(mend.body)


def _apart(mends: Sequence[Mend]) -> list[Mend]:
    """The mends, divided where thousands of offenders would be listed again and again because a few differ.

    Offenders of the same mends come together then. Where they would fall into many parts, all stays as it is.
    """
    sharing = [mend for mend in mends if _shares(mend)]
    mended_by: dict[str, tuple[int, ...]] = {}
    for number, mend in enumerate(sharing):
        for identity in mend.ids:
            mended_by[identity] = (*mended_by.get(identity, ()), number)
    parts = dict.fromkeys(mended_by.values())
    if sum(len(mend.ids) for mend in sharing) - len(mended_by) < REPEATED or len(parts) > 2 * len(sharing):
        return list(mends)
    divided = [_part(sharing[number], numbers, mended_by) for numbers in parts for number in numbers]
    return [*divided, *(mend for mend in mends if not _shares(mend))]


def _part(mend: Mend, numbers: tuple[int, ...], mended_by: Mapping[str, tuple[int, ...]]) -> Mend:
    """A mend for those of its offenders that these mends have in common."""
    findings = tuple(one for one in mend.findings if mended_by[one.resource_id] == numbers)
    return dataclasses.replace(mend, ids=tuple(dict.fromkeys(one.resource_id for one in findings)), findings=findings)


def _script(mend: Mend, words: Language) -> str:
    if len(mend.ids) <= ON_ONE_LINE:
        return words.text(mend.line)
    # What is for people in it is a comment behind its first line.
    first, end, rest = mend.script.partition("\n")
    return f"{words.text(first)}{end}{rest}"


def _about(mend: Mend, words: Language) -> str:
    return words.text(some(list(dict.fromkeys(finding.resource for finding in mend.findings)), NAMED))
