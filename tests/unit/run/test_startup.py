# SPDX-License-Identifier: Apache-2.0
"""The beginning of a run: markers, session, what joins the main process and what a worker is spared."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from toy_platform import Boxes

from pytest_scs.base.errors import InputError
from pytest_scs.core.subject import Subject
from pytest_scs.run import startup
from pytest_scs.run.item_keys import expected_key, subject_key
from pytest_scs.run.session import Session, session_key

CLOSED, WEIGHED = "scs-9902-x-closed", "scs-9902-x-weighed"
CRATE = Subject("boxes", "crate")

Configure = Callable[..., pytest.Config]


@pytest.fixture
def parse(pytester: pytest.Pytester, boxes: Boxes) -> Callable[..., pytest.Config]:
    """Options as pytest has them before any plugin is configured."""

    def run(*args: str) -> pytest.Config:
        return pytester.parseconfig("-p", "no:cacheprovider", *args)

    return run


@pytest.fixture
def given(scope_path: Path) -> tuple[str, ...]:
    return f"--scs-scope={scope_path}@v1", "--box=crate", "--scs-date=2026-06-15"


@pytest.fixture
def opened(parse: Configure, given: tuple[str, ...]) -> Any:
    """Configure a run, with further arguments; closed at the end."""
    sessions: list[Session] = []

    def run(*args: str, told: dict[str, Any] | None = None) -> tuple[pytest.Config, Session]:
        config = parse(*given, *args)
        if told is not None:
            config.workerinput = {"scs": told, "workerid": "gw0"}  # type: ignore[attr-defined]
        session = startup.configure(config)
        assert session
        sessions.append(session)
        return config, session

    yield run
    for session in sessions:
        session.close()


def markers(config: pytest.Config) -> dict[str, str]:
    return dict(line.partition(": ")[::2] for line in config.getini("markers"))


def refusal(parse: Configure, *args: str) -> str:
    with pytest.raises(InputError) as caught:
        startup.configure(parse(*args))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_without_a_scope_there_are_markers_and_nothing_else(parse: Configure, boxes: Boxes) -> None:
    config = parse("x.py")
    assert startup.configure(config) is None
    assert markers(config).items() >= startup.MARKERS.items()
    assert markers(config)["baas"] == "testcases about boxes"
    assert markers(config)["iaas"] == "testcases about OpenStack clouds"
    assert not {"scs_0100", "scs_9902"} & markers(config).keys()
    assert session_key not in config.stash
    assert not config.pluginmanager.hasplugin("scs-main")
    assert not config.pluginmanager.hasplugin("scs-fixtures")


def test_an_option_of_ours_without_a_scope_is_a_mistake_but_not_in_a_worker(parse: Configure) -> None:
    assert refusal(parse, "--box=crate").startswith("--box: no scope is given; add --scs-scope=SCOPE")
    config = parse("--box=crate")
    config.workerinput = {}  # type: ignore[attr-defined]
    assert startup.configure(config) is None


@pytest.mark.parametrize("option", ["--markers", "--help", "--version", "--fixtures", "--fixtures-per-test"])
def test_who_asks_pytest_about_itself_runs_nothing(
    parse: Configure, boxes: Boxes, given: tuple[str, ...], option: str
) -> None:
    assert startup.configure(parse(*given, option)) is None
    assert boxes.opened == []


def test_the_list_of_markers_has_all_that_bundled_scopes_derive(parse: Configure) -> None:
    config = parse("--markers")
    startup.configure(config)
    found = markers(config)
    assert {"scs_0100", "iaas_v5_1", "beyond_v1"} <= found.keys()
    assert found["main"] == startup.MARKERS["main"]
    assert found["iaas"] == "testcases about OpenStack clouds"


def test_a_run_has_session_markers_fixtures_and_the_hooks_of_the_main_process(opened: Any, boxes: Boxes) -> None:
    config, session = opened("x.py")
    assert config.stash[session_key] is session
    assert {"scs_9902", "scs_9902_v1", "boxes_v1", "boxes"} <= markers(config).keys()
    lines = [line.partition(":")[0] for line in config.getini("markers")]
    assert [name for name in {"main", "light", "scs_9902"} if lines.count(name) != 1] == []
    plugins = config.pluginmanager
    assert [name for name in ("scs-main", "scs-fixtures", "scs-html") if not plugins.hasplugin(name)] == []
    assert not plugins.hasplugin("scs-junit")
    assert {"lids", "weight", "shadow", "lid_count", "inventory", "now", "scs", "subject", "attestation"} <= set(
        vars(plugins.getplugin("scs-fixtures"))
    )
    assert boxes.told == []


def test_junit_joins_where_it_is_written(opened: Any, tmp_path: Path) -> None:
    config, _ = opened(f"--junit-xml={tmp_path}/junit.xml", "x.py")
    assert config.pluginmanager.hasplugin("scs-junit")


@pytest.mark.parametrize("wanted", [True, False])
def test_only_a_page_that_is_written_says_when_testcases_are_due(opened: Any, tmp_path: Path, wanted: bool) -> None:
    _, active = opened(*([f"--html={tmp_path}/report.html"] if wanted else []), "x.py")
    active.note_filtered()
    active.expect({"x.py::closed": (CLOSED, CRATE)}, {CLOSED: []})
    assert bool(active.run(interrupted=False).times) is wanted


def test_without_pytest_html_there_are_no_hooks_of_it(opened: Any) -> None:
    config, _ = opened("-p", "no:html", "x.py")
    assert not config.pluginmanager.hasplugin("scs-html")


def test_a_marker_that_nobody_knows_is_refused_and_nothing_stays_open(
    parse: Configure, given: tuple[str, ...], boxes: Boxes
) -> None:
    message = refusal(parse, *given, "-m", "creates_ressources")
    assert message == "-m: there is no marker 'creates_ressources'; did you mean 'creates_resources'?"
    assert boxes.told == ["crate close", "boxes close"]


@pytest.mark.parametrize("expression", ["scs_9902 and not creates_resources", "baas", "iaas"])
def test_known_markers_are_taken(opened: Any, expression: str) -> None:
    opened("-m", expression)


def test_files_of_ones_own_may_have_markers_that_nobody_announced(opened: Any) -> None:
    opened("-m", "blue", "x.py")


def test_the_main_process_ends_properly_when_it_is_told_to(
    parse: Configure, given: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = parse(*given, "x.py")
    cleanups: list[Callable[[], object]] = []
    monkeypatch.setattr(config, "add_cleanup", cleanups.append)
    original, factory = signal.getsignal(signal.SIGTERM), logging.getLogRecordFactory()

    def of_the_caller(number: int, frame: object) -> None:
        pass

    signal.signal(signal.SIGTERM, of_the_caller)
    session = startup.configure(config)
    assert session
    try:
        with pytest.raises(KeyboardInterrupt, match="SIGTERM"):
            signal.raise_signal(signal.SIGTERM)
        session.redact.add(["hunter22"])
        record = logging.getLogRecordFactory()("x", 20, "f", 1, "%s!", ("hunter22",), None)
        assert record.getMessage() == "***!"
    finally:
        for cleanup in reversed(cleanups):
            cleanup()
        session.close()
    assert signal.signal(signal.SIGTERM, original) is of_the_caller
    assert logging.getLogRecordFactory() is factory


def test_a_signal_that_was_ignored_stays_so(parse: Configure, given: tuple[str, ...]) -> None:
    original = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        session = startup.configure(parse(*given, "x.py"))
        assert session
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        session.close()
    finally:
        signal.signal(signal.SIGHUP, original)


def test_a_worker_is_told_what_to_judge_and_spared_the_rest(opened: Any, boxes: Boxes) -> None:
    _, main = opened("x.py")
    told = main.for_worker()
    before = signal.getsignal(signal.SIGTERM)
    config, worker = opened("--box=other", "x.py", told=told)
    assert worker.is_worker
    assert list(worker.subjects) == [CRATE]
    assert len(boxes.opened) == 1
    assert config.pluginmanager.hasplugin("scs-fixtures")
    assert not config.pluginmanager.hasplugin("scs-main")
    assert not config.pluginmanager.hasplugin("scs-html")
    assert signal.getsignal(signal.SIGTERM) is before


def test_no_file_is_written_twice(parse: Configure, given: tuple[str, ...], tmp_path: Path, boxes: Boxes) -> None:
    path = tmp_path / "out"
    pairs = (("--scs-report", "--junit-xml"), ("--html", "--junit-xml"), ("--scs-report", "--scs-record"))
    for first, second in pairs:
        message = refusal(parse, *given, f"{first}={path}", f"{second}={path}")
        assert message == f"{second}: {path} is the file of {first} as well; give each its own"
    assert boxes.opened == []


def test_a_file_that_is_read_is_not_written(parse: Configure, given: tuple[str, ...], answers: Path) -> None:
    message = refusal(parse, *given, f"--scs-attestations={answers}", f"--scs-report={answers}")
    assert message == f"--scs-report: {answers} is the file of --scs-attestations as well; give each its own"


@pytest.mark.parametrize("option", ["--html", "--junit-xml"])
def test_what_another_reporter_could_not_write_is_refused_first(
    parse: Configure, given: tuple[str, ...], tmp_path: Path, option: str, boxes: Boxes
) -> None:
    (tmp_path / "file").touch()
    message = refusal(parse, *given, f"{option}={tmp_path}/file/deep/out")
    assert message == f"{option}: {tmp_path}/file is no directory, so {tmp_path}/file/deep/out cannot be written"
    assert boxes.opened == []


@pytest.mark.parametrize("option", ["--scs-plan", "--collect-only"])
def test_a_plan_opens_no_subject(parse: Configure, given: tuple[str, ...], boxes: Boxes, option: str) -> None:
    session = startup.configure(parse(*given, option))
    assert session
    assert boxes.opened == []


@pytest.mark.parametrize(
    ("args", "said"), [((), False), (("--tx=popen",), True), (("--tx=popen", "-q"), False), (("-v",), False)]
)
def test_lines_of_probes_are_written_at_once_only_where_workers_run_the_tests(
    opened: Any, boxes: Boxes, args: tuple[str, ...], said: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, session = opened(*args, "x.py")
    lines: list[str] = []
    terminal = SimpleNamespace(
        ensure_newline=lambda: None, write=lambda text, *, flush: lines.append(text.removesuffix("\n"))
    )
    found = config.pluginmanager.getplugin
    monkeypatch.setattr(
        config.pluginmanager, "getplugin", lambda name: terminal if name == "terminalreporter" else found(name)
    )
    boxes.context.say("a line of a probe")
    assert lines == (["a line of a probe"] if said else [])
    session.note_filtered()
    session.expect({"a": (WEIGHED, CRATE)}, {WEIGHED: ["weight"]})
    session.fixture_value(CRATE, "weight")
    assert lines == ([] if "-q" in args else ["a line of a probe"])


def collect(config: pytest.Config, session: Session, *items: pytest.Item, failed: int = 0) -> None:
    collected: Any = SimpleNamespace(config=config, items=list(items), testsfailed=failed)
    session.note_filtered()
    startup.collected(session, collected)


@pytest.fixture
def items(make_item: Callable[..., pytest.Item]) -> Callable[[Session], list[pytest.Item]]:
    def make(session: Session) -> list[pytest.Item]:
        own = make_item(None, "lids")
        found = [make_item(CLOSED, "lids"), make_item(WEIGHED, "weight")]
        for item, testcase in zip(found, (CLOSED, WEIGHED), strict=True):
            item.stash[expected_key] = session.selection.expected[testcase]
            item.stash[subject_key] = CRATE
        return [own, *found]

    return make


def test_what_was_collected_is_read(opened: Any, boxes: Boxes, items: Callable[[Session], list[pytest.Item]]) -> None:
    config, session = opened("x.py")
    own, closed, _ = found = items(session)
    collect(config, session, *found)
    assert boxes.told == ["check lids weight", "crate read lids weight", "crate start"]
    assert session.enlisted(closed.nodeid)
    assert not session.enlisted(own.nodeid)


@pytest.mark.parametrize(("args", "failed"), [(("--scs-plan",), 0), (("--collect-only",), 0), ((), 1)])
def test_nothing_is_read_where_nothing_will_run(
    opened: Any, boxes: Boxes, items: Callable[[Session], list[pytest.Item]], args: tuple[str, ...], failed: int
) -> None:
    config, session = opened(*args, "x.py")
    collect(config, session, *items(session), failed=failed)
    assert boxes.told == []
    assert not session.has_collected


def test_a_worker_leaves_word_of_what_it_collected(
    opened: Any, boxes: Boxes, items: Callable[[Session], list[pytest.Item]]
) -> None:
    _, main = opened("x.py")
    config, worker = opened("x.py", told=main.for_worker())
    found = items(worker)
    collect(config, worker, *found, failed=1)  # the main process decides
    assert boxes.told == []
    main.expect_of_workers()
    assert main.enlisted(found[1].nodeid)
    assert boxes.told == ["check lids weight", "crate read lids weight", "crate start"]
