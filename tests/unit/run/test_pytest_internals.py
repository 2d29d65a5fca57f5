# SPDX-License-Identifier: Apache-2.0
"""What pytest, pytest-xdist and pytest-html have without promising it, is still there and still does the same.

If a test fails here after one of them was updated, mend the module of ``pytest_scs/run/`` that names it, then
the upper bound.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import sys
import types
from pathlib import Path
from typing import Any

import pytest
import pytest_html.hooks
import xdist.dsession
import xdist.newhooks

import pytest_scs
from pytest_scs.run import pytest_files, pytest_internals

PACKAGE = Path(pytest_scs.__file__).parent
INTERNALS = PACKAGE / "run" / "pytest_internals.py"
PLACES = [INTERNALS, *(PACKAGE / "run" / f"pytest_{name}.py" for name in ("files", "masks", "terminal"))]


@pytest.fixture
def configured(pytester: pytest.Pytester) -> Any:
    """Make the configuration of a run with these arguments."""

    def configure(*args: str) -> pytest.Config:
        return pytester.parseconfigure("-p", "no:scs", *args)

    return configure


def test_no_other_module_names_private_things() -> None:
    private = re.compile(
        r"""_pytest\b|\bgetplugin\(|\bget_plugin\(|\bhasplugin\(|\.known_args_namespace|\.workerinput\b(?![\[(`])|"workerinput"
        |\.wasxfail|"wasxfail"|\.shouldstop|\.shouldfail|\.testsfailed|\.exitstatus|reportchars|tbstyle|callspec
        |\bCollectReport\(|funcnamefilter|\bnumprocesses\b|maxworkerrestart|(?<!"req-",.)"tx"|"\?\?\?"|xmlpath|htmlpath|markexpr
        |collectonly|config\.option\.(?!scs_)|getattr\(config\.option|"fixturenames"|__dict__|nodeid=""",
        re.VERBOSE,
    )
    found = [
        f"{path.relative_to(PACKAGE)}:{number}: {line.strip()}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path not in PLACES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if private.search(line) and not line.lstrip().startswith("#")
    ]
    assert found == []


@pytest.mark.parametrize("place", PLACES, ids=lambda place: str(place.stem))
def test_nothing_is_there_that_nobody_uses(place: Path) -> None:
    inner = place.read_text("utf-8")
    offered = {node.name for node in ast.parse(inner).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    others = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py") if path != place)
    assert {name for name in offered if name not in others and len(re.findall(rf"\b{name}\b", inner)) < 2} == set()


def test_early_options_are_there_before_any_conftest(pytester: pytest.Pytester) -> None:
    seen: list[Any] = []

    class Early:
        @pytest.hookimpl(tryfirst=True)
        def pytest_load_initial_conftests(self, early_config: pytest.Config) -> None:
            seen.append(pytest_internals.early_options(early_config).scs_os_cloud)
            seen.append(pytest_internals.named_files(early_config))

    path = pytester.makepyfile("def test_one(): pass")
    pytester.inline_run("--os-cloud=x", f"{path}::test_one", plugins=[Early()])
    assert seen == [["x"], [f"{path}::test_one"]]


def test_named_files_are_those_that_were_typed(configured: Any) -> None:
    assert pytest_internals.named_files(configured()) == []
    assert pytest_internals.named_files(configured("a.py::test_x", "b")) == ["a.py::test_x", "b"]


@pytest.mark.parametrize(
    "option", ["--help", "--version", "--markers", "--fixtures", "--fixtures-per-test", "--cache-show"]
)
def test_options_that_only_inform_are_known(pytester: pytest.Pytester, option: str) -> None:
    config = pytester.parseconfig("-p", "no:scs", option)
    assert pytest_internals.only_informs(config)
    assert pytest_internals.asks_for_markers(config) == (option == "--markers")


def test_options_of_selection_and_files_are_found(configured: Any, pytester: pytest.Pytester) -> None:
    config = configured()
    assert not pytest_internals.only_informs(config)
    assert not pytest_internals.only_collects(config)
    assert pytest_internals.marker_expression(config) == ""
    assert pytest_files.files_asked_for(config) == {}
    config = pytester.parseconfig(
        "-p", "no:scs", "--collect-only", "-m", "a or b", "--html=~/x.html", "--junit-xml=x.xml"
    )
    assert pytest_internals.only_collects(config)
    assert pytest_internals.marker_expression(config) == "a or b"
    assert pytest_files.files_asked_for(config) == {"--html": "~/x.html", "--junit-xml": "x.xml"}
    home = Path("~/x.html").expanduser()
    assert pytest_files.files_of_others(config) == {"--html": home, "--junit-xml": pytester.path / "x.xml"}


def test_files_are_written_where_they_are_expected(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERE", "folder")
    pytester.makepyfile("def test_one(): pass")
    pytester.mkdir("folder")
    arguments = ("--html=$HERE/x.html", "--self-contained-html", "--junit-xml=$HERE/x.xml", "-p", "no:scs")
    expected = pytest_files.files_of_others(pytester.parseconfig(*arguments))
    pytester.runpytest_inprocess(*arguments)
    assert expected.keys() == {"--html", "--junit-xml"}
    assert all(path.is_file() for path in expected.values())


def test_html_is_found_by_its_name(configured: Any, pytester: pytest.Pytester) -> None:
    assert pytest_files.has_html(configured())
    assert not pytest_files.has_html(pytester.parseconfig("-p", "no:scs", "-p", "no:html"))


def test_hooks_of_html_and_xdist_have_the_arguments_that_are_used() -> None:
    names = {
        pytest_html.hooks.pytest_html_report_title: {"report"},
        pytest_html.hooks.pytest_html_results_table_row: {"report", "cells"},
        xdist.newhooks.pytest_xdist_auto_num_workers: {"config"},
        xdist.newhooks.pytest_configure_node: {"node"},
        xdist.newhooks.pytest_xdist_node_collection_finished: {"node", "ids"},
    }
    for hook, arguments in names.items():
        assert arguments <= set(inspect.signature(hook).parameters), hook


def test_the_page_of_html_can_be_replaced(pytester: pytest.Pytester) -> None:
    seen: dict[str, Any] = {}

    class Ours:
        wanted: str | None = "ours"

        def page(self, given: Any, script: Any) -> str | None:
            seen.update(given, script=script())
            return self.wanted

        @pytest.hookimpl(tryfirst=True)
        def pytest_sessionstart(self, session: pytest.Session) -> None:
            pytest_files.replace_html_page(session.config, self.page)

    ours = Ours()
    path = pytester.makepyfile("def test_one(): pass")
    pytester.inline_run("-p", "no:scs", "--html=x.html", "--self-contained-html", str(path), plugins=[ours])
    assert (pytester.path / "x.html").read_text() == "ours"
    # All that our page takes from it.
    wanted = {"title", "date", "time", "version", "styles", "self_contained", "test_data", "table_head"}
    assert wanted | {"run_count", "outcomes", "additional_summary", "script"} <= set(seen)
    assert {"prefix", "summary", "postfix"} <= set(seen["additional_summary"])
    assert "environment" in json.loads(seen["test_data"])
    # What it says of lists is mended; its own lists would be one in another.
    assert "<ul>`" not in seen["script"].replace("`<ul>$", "")
    ours.wanted = None
    pytester.inline_run("-p", "no:scs", "--html=x.html", "--self-contained-html", str(path), plugins=[ours])
    assert "Report generated on" in (pytester.path / "x.html").read_text()


def test_workers_are_counted_and_left_out(pytester: pytest.Pytester) -> None:
    config = pytester.parseconfig("-p", "no:scs", "-n", "2")
    pytest_internals.set_no_workers(config)
    assert (config.option.numprocesses, config.option.dist, config.option.tx) == (None, "no", [])
    assert not pytest_internals.has_workers(config)
    pytester.makepyfile("def test_one(): pass")
    pytester.makeconftest(
        """
        import pytest
        from pytest_scs.run import pytest_internals, pytest_terminal

        @pytest.hookimpl(wrapper=True)
        def pytest_cmdline_main(config):
            pytest_internals.set_no_workers(config)
            return (yield)

        def pytest_collection_finish(session):
            assert not pytest_internals.has_workers(session.config)
            assert pytest_internals.worker_input(session.config) is None
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:scs", "-n", "2")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*2 workers*")


def test_defaults_for_workers_stay_behind_what_the_user_says(pytester: pytest.Pytester) -> None:
    def options(*args: str) -> tuple[object, object]:
        config = pytester.parseconfig("-p", "no:scs", *args)
        pytest_internals.set_worker_defaults(config, "loadfile", 0)
        return config.option.dist, config.option.maxworkerrestart

    assert options() == ("no", None)
    assert options("-n", "2") == ("loadfile", "0")
    assert options("-n", "2", "--dist=load", "--max-worker-restart=3") == ("load", "3")


WORKERS = """
import os
import pytest
from pytest_scs.run import pytest_files, pytest_internals, pytest_terminal

seen = []

@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config):
    pytest_internals.set_worker_defaults(config, "loadfile", 0)
    return (yield)

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call":
        pytest_internals.attach(report, "scs_test", f"from {os.environ.get('PYTEST_XDIST_WORKER')}")
    return report

def pytest_runtest_logreport(report):
    text = pytest_internals.detach(report, "scs_test")
    if text and not seen:
        seen.append(text)
        assert pytest_internals.detach(report, "scs_test") is None
    if pytest_internals.crashed(report):
        seen.append(f"crashed: {report.longrepr}")

@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    if pytest_internals.worker_input(session.config) is None:
        seen.append(f"workers: {pytest_internals.has_workers(session.config)}")
        seen.append(f"stopped: {pytest_internals.why_stopped(session)}")
        seen.append(f"code: {pytest_internals.exit_code(session)}")
        pytest_internals.set_exit_code(session, 6)

def pytest_unconfigure(config):
    if pytest_internals.worker_input(config) is None:
        print("SEEN", seen)
"""


def test_reports_of_workers_bring_what_was_attached(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(WORKERS)
    pytester.makepyfile("def test_one(): pass")
    result = pytester.runpytest_subprocess("-p", "no:scs", "-n", "1")
    result.stdout.fnmatch_lines(["SEEN*'from gw0', 'workers: True', 'stopped: ', 'code: 0'*"])
    assert result.ret == 6


def test_report_on_a_dead_worker_is_told_apart(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(WORKERS)
    pytester.makepyfile("def test_one():\n    import os\n    os._exit(3)\n")
    result = pytester.runpytest_subprocess("-p", "no:scs", "-n", "1")
    result.stdout.fnmatch_lines(["SEEN*crashed: worker 'gw0' crashed while running*test_one*"])


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "workers"])
def test_end_after_failures_is_told_apart(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    pytester.makeconftest(WORKERS)
    pytester.makepyfile("def test_one():\n    assert 0\n\ndef test_two():\n    assert 0\n")
    run = pytester.runpytest_subprocess if workers else pytester.runpytest_inprocess
    run("-p", "no:scs", "-x", *workers).stdout.fnmatch_lines(["SEEN*stopped: stopping after 1 failures*"])
    run("-p", "no:scs", *workers).stdout.fnmatch_lines(["SEEN*stopped: ', 'code: 1'*"])


def test_broken_module_is_noticed_after_collection(pytester: pytest.Pytester) -> None:
    seen: list[bool] = []

    class Hooks:
        def pytest_collection_finish(self, session: pytest.Session) -> None:
            seen.append(pytest_internals.collection_failed(session))

    pytester.makepyfile("raise OSError")
    pytester.inline_run("-p", "no:scs", plugins=[Hooks()])
    pytester.makepyfile("def test_one(): pass")
    pytester.inline_run("-p", "no:scs", plugins=[Hooks()])
    assert seen == [True, False]


def test_lines_are_written_in_the_middle_of_a_captured_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from pytest_scs.run import pytest_internals, pytest_terminal

        def test_one(request):
            print("swallowed")
            pytest_terminal.write_between(request.config, "shown at once")
            assert pytest_terminal.terminal_of(request.config) is not None
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:scs")
    result.assert_outcomes(passed=1)
    assert "shown at once" in result.outlines
    result.stdout.no_fnmatch_line("*swallowed*")
    pytester.makepyfile(
        """
        from pytest_scs.run import pytest_internals, pytest_terminal

        def test_one(request):
            assert pytest_terminal.terminal_of(request.config) is None
            pytest_terminal.write_between(request.config, "nowhere")
            with pytest_terminal.without_tracebacks(request.config, True):
                assert request.config.option.tbstyle == "no"
        """
    )
    assert pytester.runpytest_inprocess("-p", "no:scs", "-p", "no:terminal").ret == 0


def test_whoever_follows_a_file_sees_the_line_at_once(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    pytester.makepyfile(
        """
        from pathlib import Path

        from pytest_scs.run import pytest_internals, pytest_terminal

        def test_one(request):
            pytest_terminal.write_between(request.config, "shown at once")
            assert "shown at once" in Path("output").read_text()
        """
    )
    with (pytester.path / "output").open("w") as output:
        done = pytester.popen([sys.executable, "-m", "pytest", "-p", "no:scs"], stdout=output, stderr=output)
        assert done.wait() == 0


@pytest.mark.parametrize(
    ("arguments", "failures", "summary"),
    [((), False, False), (("--tb=short",), True, False), (("-rf",), False, True)],
    ids=["neither", "tb", "chars"],
)
def test_failures_are_left_out_unless_the_user_wants_them(
    pytester: pytest.Pytester, arguments: tuple[str, ...], failures: bool, summary: bool
) -> None:
    pytester.makeconftest(
        """
        import pytest
        from pytest_scs.run import pytest_internals, pytest_terminal

        @pytest.hookimpl(wrapper=True, tryfirst=True)
        def pytest_terminal_summary(terminalreporter):
            pytest_terminal.leave_out_failures(terminalreporter)
            return (yield)
        """
    )
    pytester.makeini("[pytest]\nfilterwarnings = default\n")
    pytester.makepyfile("import warnings\n\ndef test_one():\n    warnings.warn('kept')\n    assert 0\n")
    result = pytester.runpytest_inprocess("-p", "no:scs", *arguments)
    text = result.stdout.str()
    assert ("= FAILURES =" in text) is failures
    assert ("FAILED test_failures" in text) is summary
    assert "UserWarning: kept" in text


@pytest.mark.parametrize("phase", ["setup", "call"])
def test_reports_on_failures_can_be_made_without_tracebacks(pytester: pytest.Pytester, phase: str) -> None:
    pytester.makeconftest(
        """
        import pytest
        from pytest_scs.run import pytest_internals, pytest_terminal

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_makereport(item, call):
            with pytest_terminal.without_tracebacks(item.config, "test_one" in item.name):
                return (yield)
        """
    )
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def broken(request):
            if "setup" in PHASE:
                raise OSError("why")

        def test_one(broken):
            raise OSError("why")

        def test_two(broken):
            raise OSError("why")
        """.replace("PHASE", repr(phase))
    )
    text = pytester.runpytest_inprocess("-p", "no:scs", "--tb=long").stdout.str()
    first, _, second = text.partition("test_two _")
    assert 'raise OSError("why")' not in first
    assert "OSError: why" in first
    assert 'raise OSError("why")' in second


def test_terminal_has_the_methods_that_our_summary_writes_with(configured: Any) -> None:
    terminal = configured().pluginmanager.getplugin("terminalreporter")
    assert isinstance(terminal, pytest.TerminalReporter)
    for name in ("section", "line", "write", "write_line", "ensure_newline", "write_sep"):
        assert callable(getattr(terminal, name)), name


@pytest.fixture
def items(pytester: pytest.Pytester) -> list[pytest.Item]:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def outer(inner): pass

        @pytest.fixture
        def inner(): pass

        @pytest.mark.parametrize("scs_cloud", ["a"])
        def test_one(scs_cloud, outer): pass

        def test_two(): pass
        """
    )
    found, _ = pytester.inline_genitems("-p", "no:scs")
    return found


def test_fixtures_and_parameters_of_a_test_are_known(items: list[pytest.Item]) -> None:
    one, two = items
    assert {"scs_cloud", "outer", "inner"} <= set(pytest_internals.fixtures_of(one))
    assert "outer" not in pytest_internals.fixtures_of(two)
    assert pytest_internals.parameter(one, "scs_cloud") == "a"
    assert pytest_internals.parameter(one, "another") is None
    assert pytest_internals.parameter(two, "scs_cloud") is None


def test_items_of_nobody_are_counted_and_named(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pathlib
        import pytest
        from pytest_scs.run import pytest_internals, pytest_terminal

        class Nothing(pytest.File):
            def collect(self):
                return []

        class Passing(pytest.Item):
            def runtest(self):
                pass

        def pytest_collection_modifyitems(session, items):
            path = pathlib.Path(__file__)
            parent = pytest_internals.node_named(Nothing, session, "scopes/x.yaml", path=path)
            items.append(Passing.from_parent(parent, name="made"))
            pytest_internals.count_as_collected(session, items[-1:])
        """
    )
    pytester.makepyfile("def test_one(): pass")
    result = pytester.runpytest_inprocess("-p", "no:scs", "-v")
    result.stdout.fnmatch_lines(["*collected 2 items", "*::test_one PASSED*", "scopes/x.yaml::made PASSED*"])


def test_marks_and_parameters_of_a_function_are_read_off() -> None:
    @pytest.mark.heavy
    @pytest.mark.parametrize(
        "one", [pytest.param(1, id="first", marks=pytest.mark.light), pytest.param(2, id="second")]
    )
    def function() -> None: ...

    table, heavy = pytest_internals.marks_of_function(function)
    assert (heavy.name, table.name, table.args[0]) == ("heavy", "parametrize", "one")
    first, second = (pytest_internals.parts_of_set(one) for one in table.args[1])
    assert first[:2] == ("first", 1)
    assert [mark.name for mark in first[2]] == ["light"]
    assert second == ("second", 2, ())
    assert pytest_internals.marks_of_function(len) == []


def test_report_that_is_made_xfailed_is_counted_as_that(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        from pytest_scs.run import pytest_internals, pytest_terminal

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_makereport(item, call):
            report = yield
            if call.when == "call":
                assert not pytest_internals.shown_as_xfailed(report)
                pytest_internals.show_as_xfailed(report, "does not decide")
                assert pytest_internals.shown_as_xfailed(report)
            return report
        """
    )
    pytester.makepyfile("def test_one():\n    assert 0\n")
    result = pytester.runpytest_inprocess("-p", "no:scs", "-rx", "--junit-xml=x.xml")
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(["XFAIL*test_one - does not decide*"])
    assert 'type="pytest.xfail" message="does not decide"' in (pytester.path / "x.xml").read_text()
    assert result.ret == 0


def test_workers_have_an_id_and_get_what_was_put_in(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("def pytest_configure_node(node):\n    node.workerinput['scs'] = {'a': [1]}\n")
    pytester.makepyfile(
        """
        from pytest_scs.run import pytest_internals, pytest_terminal

        def test_one(request):
            handed = pytest_internals.worker_input(request.config)
            assert (handed["scs"], handed["workerid"]) == ({"a": [1]}, "gw0")
        """
    )
    pytester.runpytest_subprocess("-p", "no:scs", "-n", "1").assert_outcomes(passed=1)


def test_main_process_of_xdist_can_say_why_it_stops() -> None:
    assert "shouldstop" in inspect.get_annotations(xdist.dsession.DSession)
    assert 'self.shouldstop = f"stopping after' in inspect.getsource(xdist.dsession.DSession)


def _rewritten(name: str) -> bool:
    return type(importlib.import_module(name).__loader__).__module__.startswith("_pytest.")


def test_modules_of_a_package_can_be_left_as_written(configured: Any, pytester: pytest.Pytester) -> None:
    for package in ("marked_one", "marked_two"):
        pytester.mkpydir(package).joinpath("inner.py").write_text("")
    pytester.syspathinsert()
    configured()
    for finder in sys.meta_path:
        if hasattr(finder, "mark_rewrite"):
            finder.mark_rewrite("marked_one", "marked_two")
    assert _rewritten("marked_one")
    pytest_internals.never_rewrite("marked_one")
    assert (_rewritten("marked_one.inner"), _rewritten("marked_two.inner")) == (False, True)


def test_meanwhile_even_a_test_file_is_imported_as_written(configured: Any, pytester: pytest.Pytester) -> None:
    for name in ("test_plainly", "test_usually"):
        pytester.makepyfile(**{name: ""})
    pytester.syspathinsert()
    configured()
    before = list(sys.meta_path)
    with pytest_internals.imported_as_written():
        assert not _rewritten("test_plainly")
    assert sys.meta_path == before
    assert _rewritten("test_usually")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="before 3.11 each step of a traceback has a line")
def test_traceback_of_an_interruption_between_two_lines_can_be_told() -> None:
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt as error:
        step = error.__traceback__
        assert step
        tracebacks = (types.TracebackType(None, step.tb_frame, place, -1) for place in range(0, 4000, 2))
        nowhere = next((one for one in tracebacks if one.tb_lineno is None), None)
        if nowhere is None:
            pytest.skip("this Python gives each step a line")
        step.tb_next = nowhere
        found = pytest.ExceptionInfo.from_exc_info((KeyboardInterrupt, error, step))
    with pytest.raises(TypeError):
        found.getrepr(funcargs=True)
    pytest_internals.leave_out_unplaced(found)
    assert "KeyboardInterrupt" in str(found.getrepr(funcargs=True))
