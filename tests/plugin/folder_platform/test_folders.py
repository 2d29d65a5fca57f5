# SPDX-License-Identifier: Apache-2.0
"""The testcases of the tiny platform."""

from __future__ import annotations

import pytest
from folder_platform import File

from pytest_scs.core.collector import Collector
from pytest_scs.core.findings import Finding


@pytest.mark.scs("scs-9901-x-no-empty-file")
def test_no_empty_file(scs: Collector, files: list[File]) -> None:
    """No file is empty."""
    scs.each("files", files, _check)


def _check(file: File):
    if not file.size:
        yield Finding(f"file {file.name}", "scs-9901/empty_file", "a content", "nothing", title="has a content")
