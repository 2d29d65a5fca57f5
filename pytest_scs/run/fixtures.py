# SPDX-License-Identifier: Apache-2.0
"""The fixtures that testcases of private scopes use; registered only when a scope is selected.

Bundled testcases do not get their data through pytest's fixtures (see bundled.py). There is one fixture for each
section of the platforms that judge, made from its declaration. A testcase names the sections it reads by the fixtures
it asks for: that is what ``--scs-plan`` shows, and nothing else is fetched.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.platforms.platform import Platform
from pytest_scs.run import provide
from pytest_scs.run.session import Session, session_key


def fixtures_of_run(session: Session) -> ModuleType:
    """The fixtures of a run, as a plugin of pytest: the common ones, and one of every section of its platforms."""
    plugin = ModuleType("pytest_scs.run.fixtures_of_run")
    common = {"subject": subject, "scs": scs, "attestation": attestation, "inventory": inventory, "now": now}
    for name, fixture in {**common, "pytest_generate_tests": pytest_generate_tests}.items():
        setattr(plugin, name, fixture)
    for platform in {platform.name: platform for platform in map(session.subjects.platform, session.subjects)}.values():
        for name, summary in summaries(platform).items():
            setattr(plugin, name, _section_fixture(name, summary))
    return plugin


@pytest.fixture(scope="session")
def subject(request: pytest.FixtureRequest) -> Subject:
    """What is judged: its platform, its name, and its name in the report; a parameter where there are several."""
    first: Subject = next(iter(request.config.stash[session_key].subjects))
    return getattr(request, "param", first)


@pytest.fixture
def scs(request: pytest.FixtureRequest, subject: Subject) -> Collector:
    """Collects what the testcase examines and finds; see :class:`pytest_scs.core.collector.Collector`.

    Ends the testcase as ABORT at once if the preflight refused the subject.
    """
    return provide.provide_collector(request.node)


@pytest.fixture
def attestation(request: pytest.FixtureRequest, scs: Collector) -> Callable[[], None]:
    """Judge the testcase by what a person answered (``--scs-attestations``); MISS where there is no answer."""
    return provide.provide_attestation(request.node)


@pytest.fixture(scope="session")
def inventory(request: pytest.FixtureRequest, subject: Subject) -> Inventory:
    """Everything that was read, as plain data. Ask for a section's own fixture where one is enough."""
    found: Inventory = request.config.stash[session_key].fixture_value(subject, "inventory")
    return found


@pytest.fixture(scope="session")
def now(request: pytest.FixtureRequest, subject: Subject) -> dt.datetime:
    """The instant all dates are judged at, in UTC: when the evidence was read."""
    return dt.datetime.fromisoformat(request.config.stash[session_key].inventory(subject).fetched_at)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Judge every subject that a testcase is about, where several are given."""
    session = metafunc.config.stash[session_key]
    if "subject" not in metafunc.fixturenames or len(session.subjects) < 2:
        return
    marker = metafunc.definition.get_closest_marker("scs")
    entry = session.selection.expected.get(marker.args[0]) if marker and marker.args else None
    subjects = session.subjects.of(entry) if entry else tuple(session.subjects)
    metafunc.parametrize("subject", subjects, indirect=True, scope="session", ids=[one.name for one in subjects])


def summaries(platform: Platform) -> dict[str, str]:
    """The fixtures of a platform's evidence by name, with what they give."""
    return {
        **{name: section.summary for name, section in platform.sections.items()},
        **{name: derived.summary for name, derived in platform.derived_fixtures.items()},
    }


def _section_fixture(name: str, summary: str) -> Any:
    @pytest.fixture(scope="session", name=name)
    def section(request: pytest.FixtureRequest, subject: Subject) -> Any:
        return request.config.stash[session_key].fixture_value(subject, name)

    section.__doc__ = summary
    return section
