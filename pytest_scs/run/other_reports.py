# SPDX-License-Identifier: Apache-2.0
"""The files of other reporters, which are written at the end of a run, after ours: whole, without secrets, or named."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_scs.base.files import why_unwritable, write_atomically
from pytest_scs.core.results import INCOMPLETE
from pytest_scs.reports.page import mask_page
from pytest_scs.run import pytest_files, pytest_internals, pytest_masks
from pytest_scs.run.session import Session


def survive(active: Session, session: pytest.Session, error: Exception) -> None:
    """Note what another plugin raised at the end: the summary says it."""
    if isinstance(error, OSError) and error.filename is None:
        # One that occurs while a file is written, as on a full disk, does not say which.
        which = " or ".join(reversed(pytest_files.files_asked_for(session.config).values()))
        cause = f"{error.strerror or error} ({which})" if which else str(error)
    else:
        cause = " ".join(str(error).split())
    active.note_problem(f"another report could not be written: {type(error).__name__}: {cause}")


@contextlib.contextmanager
def late_problems(active: Session, session: pytest.Session) -> Iterator[None]:
    """Problems that are noted meanwhile, while others write their files, show in the exit code."""
    before = len(active.outcome.problems)
    try:
        yield
    finally:
        if len(active.outcome.problems) > before and pytest_internals.exit_code(session) == pytest.ExitCode.OK:
            pytest_internals.set_exit_code(session, INCOMPLETE)


def take_over_html(active: Session, session: pytest.Session) -> None:
    """Have the page of pytest-html written whole or not at all, and without secrets."""

    def write(path: Path, page: str) -> bool:
        try:
            write_atomically(path, mask_page(page, active.for_files.redact))
        except OSError as error:
            active.note_problem(f"{path} could not be written: {why_unwritable(error)}")
            return False
        return True

    pytest_files.write_html_whole(session.config, write)


def mask_files_of_others(active: Session, session: pytest.Session) -> None:
    """Mask what came into the files of others by a way that nobody foresaw, such as the table of the environment."""
    pytest_masks.mask_log_file(session.config, active.redact)
    path = pytest_files.files_of_others(session.config).get("--html")
    if path is None or not path.is_file():
        return
    try:
        text = path.read_text("utf-8")
        if (masked := mask_page(text, active.for_files.redact)) != text:
            write_atomically(path, masked)
    except (OSError, ValueError) as error:
        active.note_problem(f"{path} could not be searched for secrets: {error}")
