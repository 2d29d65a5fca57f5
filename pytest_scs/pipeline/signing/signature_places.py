# SPDX-License-Identifier: Apache-2.0
"""Where signatures lie, and that none lies beside a report that it is not of."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pytest_scs.base.signals import undisturbed


def signature_of(path: Path) -> Path:
    """Where the signature of a file lies: ``NAME.yaml.sig`` beside ``NAME.yaml``."""
    return path.with_name(f"{path.name}.sig")


def drop_signature(path: Path) -> None:
    """Remove the signature of a file that there may be; raises OSError if it cannot be removed."""
    for place in _places(path):
        place.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[list[str]]:
    """While a file is replaced: its signature is out of the way, and gone if that comes to its end.

    It lies there again if it does not, with the file it belongs to. Gives a list that has a line at the end for each
    signature that could not be moved: of a file that everybody may write beside, it can be somebody else's.
    """
    aside: list[tuple[str, Path]] = []
    stuck: list[str] = []
    try:
        for place in _places(path):
            try:
                _move(place, aside)
            except OSError as error:
                stuck.append(f"{place} is of an earlier report, and could not be removed: {error.strerror or error}")
        yield stuck
    except BaseException:
        for name, place in aside:
            with contextlib.suppress(OSError), undisturbed():
                os.replace(name, place) if os.path.getsize(name) else os.unlink(name)
        raise
    for name, _ in aside:
        with contextlib.suppress(OSError):
            os.unlink(name)


def _move(place: Path, aside: list[tuple[str, Path]]) -> None:
    if not os.path.lexists(place):
        return
    with undisturbed():
        handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
        os.close(handle)
        aside.append((name, place))
        os.replace(place, name)


def _places(path: Path) -> list[Path]:
    """Beside its name, and, where that is a link, beside what it leads to. What is no file has no signature."""
    if path.exists() and not path.is_file():
        return []
    return [signature_of(one) for one in dict.fromkeys([path, path.resolve()])]
