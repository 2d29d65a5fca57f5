# SPDX-License-Identifier: Apache-2.0
"""Bundled testcases as items of pytest that get their data from the run and from nowhere else.

They are no ``pytest.Function``: a fixture of a user's conftest.py that has the name of ours would replace it, an
autouse one would run around them. What a parameter of a bundled test function means is decided here alone.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from pytest_scs.core.subject import Subject
from pytest_scs.run.foreign_warnings import ignore_around
from pytest_scs.run.item_keys import asked_key, collector_key, subject_key
from pytest_scs.run.provide import ABOUT_TESTCASE, fixture_for
from pytest_scs.run.pytest_internals import marks_of_function, node_named, parts_of_set
from pytest_scs.run.session import Session


@dataclasses.dataclass(frozen=True, slots=True)
class _Variant:
    """A test function with one set of parameters: ``label`` tells it from the others, ``marks`` are its own."""

    label: str
    arguments: Mapping[str, Any]
    marks: tuple[pytest.Mark, ...]


class BundledItem(pytest.Item):
    """What belongs to the run itself; wherever it was installed, people read its node id."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        ignore_around(self)

    @functools.cached_property
    def location(self) -> tuple[str, int | None, str]:
        """File, line and name, the file as in the node id: for any other one ``-vv`` adds `` <- PATH`` to each line."""
        _, line, name = self.reportinfo()
        return self.nodeid.partition("::")[0], line, name


class BundledTestcase(BundledItem):
    """One bundled testcase on one subject."""

    def __init__(self, *, function: FunctionType, variant: _Variant, subject: Subject, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.obj = self.function = function
        names = [name for name in inspect.signature(function).parameters if name not in variant.arguments]
        self.stash[asked_key] = tuple(names)
        # For hooks of others, which may add names to it or take some away: nothing of ours looks there.
        self.fixturenames = names
        self.stash[subject_key] = subject
        self._arguments = dict(variant.arguments)
        for mark in variant.marks:
            self.add_marker(getattr(pytest.mark, mark.name)(*mark.args, **mark.kwargs))

    def setup(self) -> None:
        """Get what the function asks for: what rests on the inventory first, so that it is ABORT without it."""
        asked = self.stash[asked_key]
        for name in sorted(asked, key=lambda name: name in ABOUT_TESTCASE):
            self._arguments[name] = fixture_for(self, name)

    def runtest(self) -> None:
        """Judge, and let the collector decide."""
        self.function(**self._arguments)
        if collector := self.stash.get(collector_key, None):
            collector.conclude()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """What was raised, in a line: our own words replace it, and a traceback with its source takes long to make."""
        return excinfo.exconly()

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the function stands."""
        return self.path, self.function.__code__.co_firstlineno - 1, self.name


def bundled_testcases(module: pytest.Module, function: FunctionType, session: Session) -> Iterator[pytest.Item]:
    """The items of one test function: one for each of its testcases and subjects."""
    for variant in _variants(function):
        entry = next(
            (
                session.selection.expected[mark.args[0]]
                for mark in variant.marks
                if mark.name == "scs" and mark.args[0] in session.selection.expected
            ),
            None,
        )
        # What is not selected is an item all the same: pytest counts it as deselected.
        subjects = session.subjects.of(entry) if entry else tuple(session.subjects)[:1]
        for subject in subjects:
            labels = [variant.label, subject.name if len(session.subjects) > 1 and entry else ""]
            label = "-".join(filter(None, labels))
            name = f"{function.__name__}[{label}]" if label else function.__name__
            yield node_named(
                BundledTestcase,
                module,
                # As text: pytest tells the brackets apart only there, and compares ids it has remembered (--lf).
                f"{module.nodeid}::{name}",
                name=name,
                function=function,
                variant=variant,
                subject=subject,
            )


def _variants(function: FunctionType) -> Iterator[_Variant]:
    """One variant for each set that ``pytest.mark.parametrize`` of one argument gives, or a single one."""
    marks: list[pytest.Mark] = marks_of_function(function)
    own = tuple(mark for mark in marks if mark.name != "parametrize")
    tables = [mark for mark in marks if mark.name == "parametrize"]
    if not tables:
        yield _Variant("", {}, own)
    for table in tables:
        name, sets = table.args
        for one in sets:
            label, value, marks_of_set = parts_of_set(one)
            yield _Variant(label, {name: value}, (*own, *marks_of_set))
