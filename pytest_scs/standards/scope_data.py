# SPDX-License-Identifier: Apache-2.0
"""What scope files demand, item by item, for comparing one with another."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.core.scope import Scope
from pytest_scs.core.scope_file import load_scope
from pytest_scs.standards.datum import Content


def read_scope(text: str, name: str, uuid: str | None = None) -> Content:
    """What a scope file demands: its versions, their states and testcases; ``uuid`` is what it has to have.

    ``name`` is how messages call it. Raises InputError for what is no scope file, or that of another scope.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(text, "utf-8")
        try:
            scope = load_scope(path)
        except InputError as error:
            raise InputError(str(error).replace(str(path), name)) from None
    if uuid is not None and scope.uuid != uuid:
        raise InputError(f"{name}: it is the file of another scope: uuid {scope.uuid}, expected {uuid}")
    return dict(_of_scope(scope))


def _of_scope(scope: Scope) -> Iterator[tuple[str, str]]:
    yield "name", scope.name
    for day, listed in sorted(scope.timeline.items()):
        yield f"states from {day}", ", ".join(f"{version} {code}" for version, code in listed.items())
    for version in scope.versions.values():
        since = f" since {version.stabilized_at}" if version.stabilized_at else ""
        yield f"version {version.name}", f"stable{since}" if version.stable else "draft"
        for target, ids in version.targets().items():
            for identity in ids:
                yield f"version {version.name}, {target}: {identity}", "demanded"
        for inclusion in version.includes:
            for key, value in inclusion.parameters.items():
                yield f"version {version.name}, module {inclusion.module.id}, {key}", value.rpartition("/")[2]


def scope_reader(name: str, uuid: str | None = None) -> Callable[[str], Content]:
    """:func:`read_scope` of a file with this name."""
    return lambda text: read_scope(text, name, uuid)
