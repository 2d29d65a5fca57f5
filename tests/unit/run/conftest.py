# SPDX-License-Identifier: Apache-2.0
"""A run that judges boxes (toy_platform.py), as far as a test needs it, without pytest running anything inside."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_scs.core.judge import Judge
from pytest_scs.core.scope import TARGETS
from pytest_scs.core.subject import ReportNames, Subject
from pytest_scs.evidence.progress import Progress
from pytest_scs.platforms import registry
from pytest_scs.platforms.platform import PlatformSettings
from pytest_scs.run.item_keys import expected_key, subject_key
from pytest_scs.run.opening import open_session
from pytest_scs.run.report_place import ReportPlace
from pytest_scs.run.session import Session, session_key
from pytest_scs.run.settings import Settings

if TYPE_CHECKING:
    from toy_platform import Boxes

_ANSWERS = """\
subject: crate
answers:
  scs-9903-x-asked:
    answered_by: Jane Doe
    role: Head of operations
    answered_at: 2026-06-01
    evidence:
    - https://example.org/manual
    questions:
      conforms:
        answer: "yes"
"""


@pytest.fixture
def boxes(monkeypatch: pytest.MonkeyPatch) -> Boxes:
    """The platform, known for the time of a test, besides the others."""
    from toy_platform import Boxes

    platform = Boxes()
    monkeypatch.setattr(registry, "_PLATFORMS", [*registry.platforms(), platform])
    return platform


@pytest.fixture
def scope_path(tmp_path: Path) -> Path:
    """The scope file of boxes; its short name is ``boxes``."""
    from toy_platform import SCOPE

    path = tmp_path / "boxes.yaml"
    path.write_text(SCOPE, "utf-8")
    return path


@pytest.fixture
def make_settings(boxes: Boxes, scope_path: Path) -> Callable[..., Settings]:
    """Settings of a run about the named boxes; keywords change them."""

    def make(*names: str, **changes: Any) -> Settings:
        settings = Settings(
            scopes=(f"{scope_path}@v1",),
            date=dt.date(2026, 6, 15),
            targets=TARGETS,
            judge=Judge.OFFICIAL,
            platforms={
                **{one.name: PlatformSettings() for one in registry.platforms()},
                "boxes": PlatformSettings(names, named_by="--box" if names else ""),
            },
            subject=ReportNames(),
            report=None,
            record=None,
            replay=None,
            attestations=None,
            plan=False,
            skip_preflight=False,
            deadline=0,
        )
        if isinstance(changes.get("report"), Path):
            changes["report"] = ReportPlace.given(str(changes["report"]), Path())
        return dataclasses.replace(settings, **changes)

    return make


@pytest.fixture
def make_run_of_boxes(make_settings: Callable[..., Settings], scope_path: Path) -> Iterator[Callable[..., Session]]:
    """Open a run in the main process; keywords change the settings."""
    opened: list[Session] = []

    def make(*names: str, contact: bool = True, **changes: Any) -> Session:
        settings = make_settings(*(names or ("crate",)), **changes)
        opened.append(open_session(settings, scope_path.parent, Progress(), contact=contact))
        return opened[-1]

    yield make
    for session in opened:
        session.close()


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """A file in which somebody answered the manual testcase about the box ``crate``."""
    path = tmp_path / "answers.yaml"
    path.write_text(_ANSWERS)
    return path


@pytest.fixture
def begin() -> Callable[..., Session]:
    """Choose testcases of a run (all, if none are named) on every subject, and read what they need."""

    def run(active: Session, testcases: Iterable[str] = (), reads: Mapping[str, list[str]] | None = None) -> Session:
        chosen = list(testcases) or list(active.selection.expected)
        collected = {
            f"{testcase}-{subject.name}": (testcase, subject) for testcase in chosen for subject in active.subjects
        }
        active.note_filtered()
        active.expect(collected, {testcase: (reads or {}).get(testcase, []) for testcase in chosen})
        return active

    return run


class ToyItem(pytest.Item):
    """An item that asks for fixtures and does nothing."""

    fixturenames: tuple[str, ...] = ()

    def runtest(self) -> None:
        """Nothing."""


@pytest.fixture
def empty_session(pytester: pytest.Pytester) -> pytest.Session:
    """A session of pytest in which nothing was collected, as plugins get it."""
    config = pytester.parseconfigure("-p", "no:cacheprovider")
    session = pytest.Session.from_config(config)
    # pytest's own plugins learn of it; so far the terminal refuses to take anything.
    config.hook.pytest_sessionstart(session=session)
    return session


@pytest.fixture
def make_item(empty_session: pytest.Session) -> Callable[..., pytest.Item]:
    """An item that claims a testcase (None: an ordinary test) and asks for fixtures; judged, if there is a run."""

    def make(
        testcase: str | None,
        *fixtures: str,
        active: Session | None = None,
        subject: Subject | None = None,
        name: str = "",
    ) -> pytest.Item:
        name = name or f"test_{testcase}"
        item: ToyItem = ToyItem.from_parent(empty_session, name=name, nodeid=f"test_boxes.py::{name}")
        item.fixturenames = fixtures
        if testcase:
            item.add_marker(pytest.mark.scs(testcase))
        if active and testcase:
            item.config.stash[session_key] = active
            item.stash[expected_key] = active.selection.expected[testcase]
            item.stash[subject_key] = subject or next(iter(active.subjects))
        return item

    return make


@pytest.fixture
def collect_project(
    pytester: pytest.Pytester, boxes: Boxes, scope_path: Path
) -> Callable[..., tuple[pytest.Session, Session]]:
    """Collect a file of a project in this process, and read what its testcases need; nothing runs."""

    def run(source: str, *args: str) -> tuple[pytest.Session, Session]:
        path = pytester.makepyfile(test_project_of_boxes=source)
        config = pytester.parseconfigure(
            "-p",
            "no:cacheprovider",
            f"--scs-scope={scope_path}@v1",
            "--scs-date=2026-06-15",
            "--scs-target=all",
            *args,
            str(path),
        )
        session = pytest.Session.from_config(config)
        config.hook.pytest_sessionstart(session=session)
        session.perform_collect()
        return session, config.stash[session_key]

    return run


@pytest.fixture
def run_items() -> Callable[[pytest.Session], None]:
    """Run what was collected, item by item, in this process."""

    def run(session: pytest.Session) -> None:
        for number, item in enumerate(session.items):
            following = session.items[number + 1] if number + 1 < len(session.items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    return run
