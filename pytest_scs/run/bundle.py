# SPDX-License-Identifier: Apache-2.0
"""Collecting the bundled testcases from any directory, whatever the user's pytest configuration says.

The folder is appended to pytest's arguments; node ids printed for it are accepted back.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from pytest_scs.base.paths import TESTCASES
from pytest_scs.core.cause import CauseKind
from pytest_scs.run.bundled import BundledItem, bundled_testcases
from pytest_scs.run.item_keys import skip_kind_key
from pytest_scs.run.manual import run_manual
from pytest_scs.run.pytest_internals import imported_as_written, node_named
from pytest_scs.run.session import session_key

_Kind = TypeVar("_Kind", bound=pytest.Collector)


def inject(args: list[str], file_or_dir: list[str], root: Path | None = None) -> None:
    """Extend the command line in place: the bundled folder if the user named nothing, else resolve node ids in it.

    Node ids of bundled tests start at the folder (``iaas/test_scs_0100...py::test_x``); below its ``root`` pytest
    prints them as seen from there (``../iaas/...``).
    """
    if not file_or_dir:
        args.append(str(TESTCASES))
        return
    for number, arg in enumerate(args):
        if arg in file_or_dir:
            path, colons, rest = arg.partition("::")
            if not Path(path).exists() and (bundled := _bundled(path, root or Path.cwd())):
                args[number] = f"{bundled}{colons}{rest}"


def _bundled(path: str, root: Path) -> Path | None:
    """The bundled file or folder of a node id, as it is or as pytest prints it in a folder below ``root``."""
    for name in (path, os.path.relpath(path, root)):
        if (TESTCASES / name).exists():
            return TESTCASES / name
    return None


def collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Our own collector for the bundled folders: a user's ``python_files = check_*.py`` must not empty the run."""
    if path == TESTCASES or TESTCASES in path.parents:
        return _node(BundledDirectory, parent, path)
    if path in TESTCASES.parents and _nothing_else_is_collected(parent.config):
        return WayToBundle.from_parent(parent, path=path)
    return None


def _nothing_else_is_collected(config: pytest.Config) -> bool:
    paths = (Path(arg.partition("::")[0]) for arg in config.args)
    return all(path == TESTCASES or TESTCASES in path.parents for path in paths)


def _node(kind: type[_Kind], parent: pytest.Collector, path: Path) -> _Kind:
    """A collector for a bundled file or folder, named as seen from the bundle, wherever that was installed."""
    name = path.relative_to(TESTCASES).as_posix() if path.is_relative_to(TESTCASES) else path.name
    return node_named(kind, parent, "" if name == "." else name, path=path)


class WayToBundle(pytest.Directory):
    """A folder above the bundled ones, of which there is nothing else to collect.

    pytest would look at whatever lies in it, which in site-packages is much.
    """

    def collect(self) -> Iterator[pytest.Collector]:
        """The next folder on the way."""
        depth = len(self.path.parts)
        following = Path(*TESTCASES.parts[: depth + 1])
        if found := collect_directory(following, self):
            yield found


class BundledDirectory(pytest.Directory):
    """A folder of testcases; independent of ``python_files`` and ``norecursedirs``."""

    def collect(self) -> Iterator[pytest.Collector]:
        """Folders and test modules in alphabetical order."""
        for entry in sorted(self.path.iterdir()):
            if entry.is_dir() and entry.name != "__pycache__":
                yield _node(BundledDirectory, self, entry)
            elif entry.suffix == ".py" and entry.name.startswith("test_"):
                yield _node(BundledModule, self, entry)


class BundledModule(pytest.Module):
    """A module of testcases; independent of ``python_functions`` and ``python_classes``."""

    def collect(self) -> Iterator[pytest.Item]:
        """Functions named ``test_...``, in the order of the file, once for each subject."""
        session = self.config.stash[session_key]
        with imported_as_written():  # there is no assertion in it
            found = vars(self.obj)
        for name, function in found.items():
            if name.startswith("test_") and inspect.isfunction(function):
                yield from bundled_testcases(self, function, session)


class UnattendedScope(pytest.File):
    """Holds the testcases of a scope that no test function judges, so that they are collected, selected and shown."""

    def collect(self) -> list[pytest.Item]:
        """Nothing by itself; items are made by :func:`unattended`."""
        return []


class UnattendedTestcase(BundledItem):
    """An expected testcase without a test function: MISS, with the reason."""

    def __init__(self, *, reason: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reason = reason

    def runtest(self) -> None:
        """Skip, which is the verdict MISS."""
        self.stash[skip_kind_key] = CauseKind.NO_TEST
        pytest.skip(self.reason)

    def reportinfo(self) -> tuple[Path, None, str]:
        """The scope file stands for the missing test file."""
        return self.path, None, self.name


class ManualTestcase(BundledItem):
    """A manual testcase without a test function: judged by a person's answers."""

    def runtest(self) -> None:
        """Judge the answers."""
        run_manual(self)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """What was raised, in a line: our own words replace it, and a traceback with its source takes long to make."""
        return excinfo.exconly()

    def reportinfo(self) -> tuple[Path, None, str]:
        """The scope file stands for the missing test file."""
        return self.path, None, self.name


def unattended(session: pytest.Session, scope: Path, testcase: str, suffix: str, reason: str | None) -> pytest.Item:
    """Make the item for a testcase without test function; ``suffix`` keeps several subjects apart.

    ``reason``: why nothing judges it; None for a manual testcase, which a person's answers judge.
    """
    # Named as in the repository: the path of an installed scope file says nothing to a reader.
    parent = node_named(UnattendedScope, session, f"scopes/{scope.name}", path=scope)
    item: pytest.Item
    name = testcase + suffix
    nodeid = f"{parent.nodeid}::{name}"
    if reason is None:
        item = node_named(ManualTestcase, parent, nodeid, name=name)
    else:
        item = node_named(UnattendedTestcase, parent, nodeid, name=name, reason=reason)
    item.add_marker(pytest.mark.scs(testcase))
    return item
