# SPDX-License-Identifier: Apache-2.0
"""The beginning of a run: markers, session, and reading the subjects once the testcases are known."""

from __future__ import annotations

import functools
import os
import re
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_creatable, check_distinct
from pytest_scs.base.home import ensure_home
from pytest_scs.base.masking import redact_logging
from pytest_scs.base.redact import Redactor
from pytest_scs.base.words import some
from pytest_scs.platforms.registry import platforms
from pytest_scs.run import pytest_files, pytest_internals, pytest_masks, pytest_terminal, short_spellings
from pytest_scs.run.options import all_options
from pytest_scs.run.settings import check_scope_not_forgotten, read_settings, scope_given
from pytest_scs.run.usage import masked_errors

if TYPE_CHECKING:
    from pytest_scs.evidence.progress import Progress
    from pytest_scs.run.session import Session

# So many names stand in the title of a page; an overview has all of them.
_TITLED = 4

#: Registered always, so that a project with its own tests and ``--strict-markers`` can use them. Only what the bundled
#: scopes have testcases for; what another scope file derives is registered when that is selected.
MARKERS = {
    "scs(testcase_id)": "the SCS testcase a test judges, by its id in the scope file",
    "main": "testcases in target main, which decides the certificate",
    "recommended": "testcases in target recommended",
    "preview": "testcases in target preview",
    "light": "testcases that take seconds; some create something small (see creates_resources)",
    "heavy": "testcases that take minutes or create much",
    "creates_resources": "testcases that create something for a while",
    "manual": "testcases a person has to answer",
}


def configure(config: pytest.Config) -> Session | None:
    """Register markers and, with a scope, open the session of this process; raises InputError."""
    short_spellings.apply(config, all_options(), scope=scope_given(config, config.option))
    markers = MARKERS | {platform.marker: platform.marker_words for platform in platforms()}
    if pytest_internals.asks_for_markers(config):
        from pytest_scs.core.selection import known_markers

        markers = {**known_markers(), **markers}
    _register(config, markers)
    if pytest_internals.only_informs(config):
        return None
    if not scope_given(config, config.option):
        if pytest_internals.worker_input(config) is None:
            check_scope_not_forgotten(config)
        return None
    session = _open(config)
    from pytest_scs.run.chosen import check_markers
    from pytest_scs.run.fixtures import fixtures_of_run
    from pytest_scs.run.session import session_key

    derived = {name: text for entry in session.selection.expected.values() for name, text in entry.markers().items()}
    _register(config, {name: text for name, text in derived.items() if name not in markers})
    if not pytest_internals.named_files(config):
        # Files of one's own may have markers that nobody has announced.
        try:
            registered = {re.split(r"\W", line)[0] for line in config.getini("markers")}
            check_markers(pytest_internals.marker_expression(config), registered)
        except InputError:
            session.close()
            raise
    config.stash[session_key] = session
    config.add_cleanup(redact_logging(session.redact))
    config.pluginmanager.register(fixtures_of_run(session), "scs-fixtures")
    if not session.is_worker:
        _join_main_process(config, session)
    return session


def collected(session: Session, pytest_session: pytest.Session) -> None:
    """After collection: read the subjects in the main process; leave word for it in a worker."""
    from pytest_scs.run.item_keys import expected_key, subject_key
    from pytest_scs.run.marking import sections_read

    reads_nothing = session.settings.plan or pytest_internals.only_collects(pytest_session.config)
    if not session.is_worker and (reads_nothing or pytest_internals.collection_failed(pytest_session)):
        return
    items = [item for item in pytest_session.items if expected_key in item.stash]
    found = {item.nodeid: (item.stash[expected_key].id, item.stash[subject_key]) for item in items}
    reads = {item.stash[expected_key].id: [one.name for one in sections_read([item], session)] for item in items}
    with masked_errors(session.redact):
        session.expect(found, reads)


def _open(config: pytest.Config) -> Session:
    from pytest_scs.evidence.progress import Progress
    from pytest_scs.run.opening import open_session, open_worker

    ensure_home()
    settings = read_settings(config)
    others = pytest_files.files_of_others(config)
    for option, path in others.items():
        # What its reporter cannot write would end the run in a traceback.
        check_creatable(path, option)
    check_distinct({**settings.outputs, **others}, settings.inputs)
    base = config.invocation_params.dir
    handed = pytest_internals.worker_input(config)
    if handed is not None:
        return open_worker(settings, base, handed["scs"], handed["workerid"])
    _take_signals(config)
    progress = Progress(settings.language.text)
    reads_nothing = settings.plan or pytest_internals.only_collects(config)
    redact = Redactor()
    with masked_errors(redact):
        session = open_session(settings, base, progress, contact=not reads_nothing, redact=redact)
    _show_progress(config, progress)
    return session


def _join_main_process(config: pytest.Config, session: Session) -> None:
    from pytest_scs.run.main_process import MainProcess

    config.pluginmanager.register(MainProcess(session, config), "scs-main")
    if pytest_files.has_html(config):
        from pytest_scs.reports.html import HtmlHooks

        names = [session.for_files.name(one) for one in session.subjects]
        words = session.settings.language
        title = words.phrase("SCS conformance of {name}", name=words.text(some(names, _TITLED)))
        replace_page = functools.partial(pytest_files.replace_html_page, config)
        html = HtmlHooks(
            title, session.enlisted, lambda: session.for_files.outcome, session.settings.replay, replace_page
        )
        config.pluginmanager.register(html, "scs-html")
        session.shows_times = "--html" in pytest_files.files_of_others(config)
    if target := pytest_files.files_of_others(config).get("--junit-xml"):
        from pytest_scs.reports.junit import JunitHooks

        turn = pytest_files.JunitTurn(config)
        hooks = JunitHooks(target, turn, lambda: session.outcome, session.for_files.redact, session.for_files.shown)
        config.pluginmanager.register(hooks, "scs-junit")
    pytest_masks.mask_trace(config, session.redact)


def _take_signals(config: pytest.Config) -> None:
    """Let what ends a job interrupt it: before anything is opened that would stay behind.

    A CI system sends SIGTERM, a terminal that is closed SIGHUP; the report has to be written and everything removed
    then, too. Who ignores a signal, as nohup does, goes on doing so.
    """
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                previous = signal.signal(number, _interrupt)
                config.add_cleanup(functools.partial(_restore, number, previous))


def _show_progress(config: pytest.Config, progress: Progress) -> None:
    from pytest_scs.run.live_line import LiveLine

    write = functools.partial(pytest_terminal.write_between, config)
    quiet = config.get_verbosity() < 0
    live = LiveLine(config, os.environ).show
    progress.attach(write, at_once=pytest_internals.has_workers(config), quiet=quiet, live=live)


def _restore(number: int, handler: Any) -> None:
    signal.signal(number, handler)


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt(f"terminated ({signal.Signals(number).name})")


def _register(config: pytest.Config, markers: dict[str, str]) -> None:
    for name, text in markers.items():
        config.addinivalue_line("markers", f"{name}: {text}")
