# SPDX-License-Identifier: Apache-2.0
"""The beginning of a run: markers, session, and reading the clouds once the testcases are known."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_scs.errors import InputError
from pytest_scs.files import check_creatable, check_distinct
from pytest_scs.home import ensure_home
from pytest_scs.platforms.registry import platforms
from pytest_scs.redact import redact_logging
from pytest_scs.settings import check_scope_not_forgotten, read_settings, scope_given

if TYPE_CHECKING:
    from pytest_scs.evidence.progress import Progress
    from pytest_scs.run.session import Session

#: Registered always, so that a project with its own tests and ``--strict-markers`` can use them. Only what the bundled
#: scopes have testcases for; what another scope file derives is registered when that is selected.
MARKERS = {
    "scs(testcase_id)": "the SCS testcase a test judges, by its id in the scope file",
    "main": "testcases in target main, which decides the certificate",
    "recommended": "testcases in target recommended",
    "preview": "testcases in target preview",
    "light": "testcases that take seconds; some create something small (see creates_resources)",
    "heavy": "testcases that take minutes or create much",
    "creates_resources": "testcases that create something in the cloud for a while",
    "manual": "testcases a person has to answer",
}

# Options with which pytest tells about itself and runs nothing.
_INFORMATIVE = ("help", "version", "markers", "showfixtures", "show_fixtures_per_test", "cacheshow")


def configure(config: pytest.Config) -> Session | None:
    """Register markers and, with a scope, open the session of this process; raises InputError."""
    markers = MARKERS | {platform.marker: platform.marker_words for platform in platforms()}
    if config.option.markers:
        from pytest_scs.selection import known_markers

        markers = {**known_markers(), **markers}
    _register(config, markers)
    if any(getattr(config.option, name, None) for name in _INFORMATIVE):
        return None
    if not scope_given(config, config.option):
        if not hasattr(config, "workerinput"):
            check_scope_not_forgotten(config)
        return None
    session = _open(config)
    from pytest_scs.chosen import check_markers
    from pytest_scs.run.fixtures import fixtures_of_run
    from pytest_scs.run.session import session_key

    for entry in session.selection.expected.values():
        _register(config, {name: text for name, text in entry.markers().items() if name not in markers})
    if not config.known_args_namespace.file_or_dir:
        # Files of one's own may have markers that nobody has announced.
        try:
            check_markers(config.option.markexpr, {re.split(r"\W", line)[0] for line in config.getini("markers")})
        except InputError:
            session.close()
            raise
    config.stash[session_key] = session
    config.pluginmanager.register(fixtures_of_run(session), "scs-fixtures")
    if not session.is_worker:
        _join_main_process(config, session)
    return session


def collected(session: Session, pytest_session: pytest.Session) -> None:
    """After collection: read the subjects in the main process; leave word for it in a worker."""
    from pytest_scs.marking import sections_read
    from pytest_scs.run.item_keys import expected_key, subject_key

    config = pytest_session.config
    if not session.is_worker and (session.settings.plan or config.option.collectonly or pytest_session.testsfailed):
        return
    items = [item for item in pytest_session.items if expected_key in item.stash]
    found = {item.nodeid: (item.stash[expected_key].id, item.stash[subject_key]) for item in items}
    reads = {item.stash[expected_key].id: [one.name for one in sections_read([item], session)] for item in items}
    session.expect(found, reads)


def _open(config: pytest.Config) -> Session:
    from pytest_scs.evidence.progress import Progress
    from pytest_scs.run.opening import open_session, open_worker

    ensure_home()
    settings = read_settings(config)
    others = _others(config)
    for option, path in others.items():
        # What its reporter cannot write would end the run in a traceback.
        check_creatable(path, option)
    check_distinct({**settings.outputs, **others}, settings.inputs)
    base = config.invocation_params.dir
    handed: dict[str, Any] | None = getattr(config, "workerinput", None)
    if handed is not None:
        return open_worker(settings, base, handed["scs"], handed["workerid"])
    progress = Progress()
    session = open_session(settings, base, progress, contact=not (settings.plan or config.option.collectonly))
    _show_progress(config, progress)
    return session


def _join_main_process(config: pytest.Config, session: Session) -> None:
    from pytest_scs.run.main_process import MainProcess

    config.pluginmanager.register(MainProcess(session), "scs-main")
    if config.pluginmanager.hasplugin("html"):
        from pytest_scs.reports.html import HtmlHooks

        title = f"SCS conformance of {', '.join(subject.name for subject in session.subjects)}"
        config.pluginmanager.register(
            HtmlHooks(title, session.enlisted, lambda: session.outcome, session.redact, session.settings.replay),
            "scs-html",
        )
    if path := getattr(config.option, "xmlpath", None):
        from pytest_scs.reports.junit import JunitHooks, junit_path

        target = junit_path(path, config.invocation_params.dir)
        hooks = JunitHooks(target, lambda: session.outcome)
        config.pluginmanager.register(hooks, "scs-junit")
    config.add_cleanup(redact_logging(session.redact))
    if threading.current_thread() is threading.main_thread():
        # A CI system that ends a job sends SIGTERM; the report has to be written then, too.
        previous = signal.signal(signal.SIGTERM, _interrupt)
        config.add_cleanup(lambda: _restore(previous))


def _show_progress(config: pytest.Config, progress: Progress) -> None:
    if config.get_verbosity() < 0:
        return

    def write(line: str) -> None:
        # Both exist by the time anything runs.
        capture = config.pluginmanager.getplugin("capturemanager")
        terminal = config.pluginmanager.getplugin("terminalreporter")
        if terminal is not None:
            with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
                terminal.ensure_newline()
                terminal.line(line)

    progress.attach(write, at_once=bool(config.getoption("tx", None)))


def _restore(handler: Any) -> None:
    signal.signal(signal.SIGTERM, handler)


def _others(config: pytest.Config) -> dict[str, Path]:
    """The files of other reporters by option, as those find them."""
    given = {"--html": getattr(config.option, "htmlpath", None), "--junit-xml": getattr(config.option, "xmlpath", None)}
    base = config.invocation_params.dir
    return {option: Path(base, os.path.expanduser(os.path.expandvars(path))) for option, path in given.items() if path}


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt("terminated (SIGTERM)")


def _register(config: pytest.Config, markers: dict[str, str]) -> None:
    for name, text in markers.items():
        config.addinivalue_line("markers", f"{name}: {text}")
