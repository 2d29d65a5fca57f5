# SPDX-License-Identifier: Apache-2.0
"""Warnings of libraries and of other plugins, of which a project may have made errors (``filterwarnings = error``).

That is about the project's own code. A library that warns while we import or use it must neither end the run nor cost
a verdict. Imported by every run of pytest: nothing but the standard library and pytest here.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

import pytest

from pytest_scs.run import pytest_internals


@contextlib.contextmanager
def ignored() -> Iterator[None]:
    """Meanwhile nothing is made of warnings. Filters are of the whole process, so it holds for all its threads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def ignore_around(item: pytest.Item) -> None:
    """Have nothing made of warnings while an item of ours is set up, run and taken down."""
    if pytest_internals.filters_warnings(item.config):
        item.add_marker(pytest.mark.filterwarnings("ignore"))
