# SPDX-License-Identifier: Apache-2.0
"""Keys and reports to sign."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from report_text import render
from ssh_keys import make_key

from pytest_scs.core.results import Run


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the keys ``one``, ``two`` and ``locked``, which has a passphrase."""
    from ssh_keys import PASSPHRASE

    folder = tmp_path_factory.mktemp("keys")
    make_key(folder / "one")
    make_key(folder / "two")
    make_key(folder / "locked", PASSPHRASE)
    return folder


@pytest.fixture
def report(tmp_path: Path, make_run: Callable[..., Run]) -> Path:
    """A report, checked on 2026-06-15."""
    path = tmp_path / "reports" / "report.yaml"
    path.parent.mkdir()
    path.write_text(render(make_run(specs=["iaas-v5.1"])))
    return path


@pytest.fixture(autouse=True)
def _no_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key that the person who runs these tests happens to have loaded."""
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
