# SPDX-License-Identifier: Apache-2.0
"""What is completed in pytest's JUnit file."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema

from pytest_scs.core.findings import Finding
from pytest_scs.core.results import Result, Run, RunOutcome
from pytest_scs.core.subject import Subject
from pytest_scs.reports.junit import MOST_BYTES, JunitHooks, complete, conform, cut_lines
from pytest_scs.reports.public import public_view

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]

READERS = Path(__file__).parents[2] / "data" / "junit-readers.xsd"

SUITE = '<testsuites><testsuite name="pytest" errors="{errors}" failures="{failures}">{cases}</testsuite></testsuites>'
CASE = (
    '<testcase name="test_{testcase}"><properties><property name="scs_testcase" value="{testcase}"/>'
    '<property name="scs_verdict" value="?"/><property name="scs_cloud" value="{cloud}"/></properties>{child}'
    "</testcase>"
)


def case(testcase: str, child: str, cloud: str = "testcloud") -> str:
    return CASE.format(testcase=testcase, child=child, cloud=cloud)


def completed(run: Run, *cases: str, errors: int = 0, failures: int = 0) -> ElementTree.Element:
    root = ElementTree.fromstring(SUITE.format(cases="".join(cases), errors=errors, failures=failures))
    complete(root, run)
    return root


def counts(root: ElementTree.Element) -> tuple[str | None, str | None]:
    suite = root.find("testsuite")
    assert suite is not None
    return suite.get("errors"), suite.get("failures")


def test_an_abort_is_an_error_wherever_it_came_from(make_run: MakeRun) -> None:
    run = make_run({"scs-0100-one": "ABORT", "scs-0100-two": "FAIL"})
    root = completed(
        run,
        case("scs-0100-one", '<failure message="m">text</failure>'),
        case("scs-0100-two", "<failure/>"),
        failures=2,
    )
    one, two = root.iter("testcase")
    assert (one.find("failure"), two.find("error")) == (None, None)
    error = one.find("error")
    assert error is not None
    assert error.get("message") == "ABORT scs-0100-one: compute answers 503 [outage]"
    assert "cause: compute answers 503 [outage]" in (error.text or "")
    assert counts(root) == ("1", "1")


@pytest.mark.parametrize("verdict", ["FAIL", "ABORT"])
def test_what_does_not_decide_is_skipped_with_all_that_was_found(make_run: MakeRun, verdict: str) -> None:
    run = make_run({"four-check": verdict})
    run.redact = lambda text: text.replace("4711", "***")
    [found] = completed(run, case("four-check", '<skipped type="pytest.xfail"/>')).iter("testcase")
    text = found.findtext("skipped") or ""
    assert text.startswith(f"{verdict} four-check: ")
    assert "4711" not in text
    assert ("flavor SCS-1V-4 (***)" in text) is (verdict == "FAIL")


def test_a_skipped_miss_keeps_its_reason(make_run: MakeRun) -> None:
    run = make_run({"four-check": "MISS", "scs-0100-one": "MISS"})
    root = completed(run, *(case(one, "<skipped>why</skipped>") for one in ("four-check", "scs-0100-one")))
    assert [one.findtext("skipped") for one in root.iter("testcase")] == ["why", "why"]


def test_tests_that_judge_nothing_are_left_alone(make_run: MakeRun) -> None:
    run = make_run({"scs-0100-one": "ABORT"})
    foreign = '<testcase name="test_mine"><failure>mine</failure></testcase>'
    others = [case("scs-0999-x", "<failure/>"), case("scs-0100-one", "<failure/>", cloud="elsewhere")]
    root = completed(run, foreign, *others, failures=3)
    assert len(list(root.iter("failure"))) == 3
    assert counts(root) == ("0", "3")


def test_a_suite_without_counts_gets_none(make_run: MakeRun) -> None:
    root = ElementTree.fromstring("<testsuites><testsuite/></testsuites>")
    complete(root, make_run())
    suite = root.find("testsuite")
    assert suite is not None
    assert suite.attrib == {}


@pytest.mark.parametrize("verdict", ["PASS", "FAIL", "ABORT", "MISS"])
def test_a_subject_has_the_name_that_is_in_the_report(make_run: MakeRun, verdict: str) -> None:
    run = make_run({"scs-0100-one": verdict}, clouds=("admin@prod:1",))
    run.subject_runs[0].subject = Subject("openstack", "admin@prod:1", "acme")
    one = case("scs-0100-one", "", "admin@prod:1").replace("test_scs-0100-one", "test_one[admin@prod:1]")
    root = completed(run, one)
    assert "admin@prod" not in ElementTree.tostring(root, "unicode")
    [found] = root.iter("testcase")
    assert found.get("name") == "test_one[acme]"
    assert [entry.get("value") for entry in found.iter("property")][-1] == "acme"


def test_subjects_of_two_platforms_may_have_one_name(make_run: MakeRun) -> None:
    run = make_run({"scs-0100-one": "ABORT"}, clouds=("twin", "twin"))
    run.subject_runs[1].subject = Subject("kubernetes", "twin")
    run.subject_runs[1].results = {}
    [found] = completed(run, case("scs-0100-one", "<failure>x</failure>", "twin")).iter("testcase")
    assert found.find("error") is not None


def test_what_goes_wrong_afterwards_is_kept(make_run: MakeRun) -> None:
    run = make_run({"scs-0100-one": "FAIL"})
    children = '<failure>x</failure><error message="failed on teardown with &quot;x&quot;">why</error>'
    [found] = completed(run, case("scs-0100-one", children)).iter("testcase")
    assert found.findtext("error") == "why"


@pytest.mark.parametrize(
    "name",
    [
        "iaas.test_x",
        "testcases.iaas.test_x",
        ".venv.lib.python3.11.site-packages.pytest_scs.testcases.iaas.test_x",
    ],
)
def test_a_class_is_called_the_same_wherever_it_lies(make_run: MakeRun, name: str) -> None:
    one = case("scs-0100-one", "").replace("<testcase ", f'<testcase classname="{name}" ')
    [found] = completed(make_run(), one).iter("testcase")
    assert found.get("classname") == "iaas.test_x"


def test_for_the_public_it_says_what_the_public_may_know(make_run: MakeRun) -> None:
    run = make_run({"scs-0100-one": "ABORT"}, clouds=("private",))
    run.subject_runs[0].subject = Subject("openstack", "private", "acme")
    result = run.subject_runs[0].results["scs-0100-one"]
    result.details = "Traceback: /home/me"
    root = ElementTree.fromstring(
        SUITE.format(cases=case("scs-0100-one", "<failure>x</failure>", "private"), errors=0, failures=1)
    )
    complete(root, run, public_view(run))
    text = ElementTree.tostring(root, "unicode")
    assert "/home/me" not in text
    assert 'name="scs_verdict acme mini-next main"' in text


def valid(root: ElementTree.Element) -> None:
    """The document as it is written, by the rules of those who read it."""
    xmlschema.validate(ElementTree.tostring(root, "unicode"), READERS)


PYTEST = (
    '<testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="1" skipped="1" tests="{tests}" '
    'time="1.250" timestamp="2026-06-15T12:03:44.120934+00:00" hostname="box">{cases}</testsuite></testsuites>'
)


def written(run: Run, *cases: str) -> ElementTree.Element:
    timed = "".join(cases).replace("<testcase ", '<testcase time="0.001" classname="iaas.test_x" ')
    root = ElementTree.fromstring(PYTEST.format(cases=timed, tests=len(cases)))
    complete(root, run)
    conform(root)
    valid(root)
    return root


def test_it_is_valid_for_its_readers(make_run: MakeRun) -> None:
    run = make_run({"scs-0100-one": "FAIL", "four-check": "FAIL", "scs-0100-two": "ABORT", "five-check": "MISS"})
    root = written(
        run,
        case("scs-0100-one", "<failure>text</failure>"),
        case("scs-0100-two", "<error>text</error>").replace(
            "</testcase>", "<system-out>printed</system-out></testcase>"
        ),
        case("four-check", '<skipped type="pytest.xfail" message="m"/>'),
        case("five-check", '<skipped type="pytest.skip" message="m">why</skipped>'),
        '<testcase name="test_mine"><properties><property name="mine" value="1"/></properties></testcase>',
    )
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("time")) == ("5", "1", "1", "1.250")
    first, second, *_, mine = root.iter("testcase")
    assert first.findtext("system-out", "").splitlines() == [
        "[[PROPERTY|scs_testcase=scs-0100-one]]",
        "[[PROPERTY|scs_verdict=?]]",
        "[[PROPERTY|scs_cloud=testcloud]]",
    ]
    assert second.findtext("system-out", "").splitlines()[-1] == "printed"
    assert mine.findtext("system-out") == "[[PROPERTY|mine=1]]"
    facts = {one.get("name"): one.get("value") for one in root.iter("property")}
    assert facts["scs_verdict testcloud mini-next main"] == "FAIL"


def test_what_pytest_writes_alone_is_not_valid() -> None:
    root = ElementTree.fromstring(PYTEST.format(cases=case("a", ""), tests=1))
    with pytest.raises(xmlschema.XMLSchemaException):
        valid(root)


def test_what_a_reader_refuses_is_cut_and_counted(make_run: MakeRun, make_result: MakeResult) -> None:
    result = make_result("scs-0100-one", "FAIL")
    result.findings = [
        Finding(f"flavor \u00e4 {number:05}\0\x1b\ufffe", "scs-0100/x", "1", "2") for number in range(5000)
    ]
    root = written(make_run({"scs-0100-one": result}), case("scs-0100-one", "<failure>text</failure>"))
    [failure] = root.iter("failure")
    text = failure.text or ""
    assert MOST_BYTES * 0.7 < len(text.encode()) <= MOST_BYTES
    shown = text.count("expected 1, found 2")
    assert f"... and {5000 - shown} more\n" in text
    assert failure.get("message") == "FAIL scs-0100-one: 5000 of 3 flavors violate the rule"
    assert not set(text) & {"\0", "\x1b", "\ufffe"}


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("short", 100, "short"),
        ("\n".join(["x" * 10] * 20), 150, "\n".join([*["x" * 10] * 10, "... and 10 more lines"])),
    ],
)
def test_a_text_of_others_is_cut_by_lines(text: str, most: int, cut: str) -> None:
    assert cut_lines(text, most) == cut


def test_one_long_line_loses_its_middle() -> None:
    shown = cut_lines("x" * 10_000, 2000)
    assert len(shown) <= 2000
    assert "[cut]" in shown


class FakeTurn:
    """Pytest's own reporter."""

    def __init__(self, error: OSError | None = None) -> None:
        self.error = error
        self.steps: list[str] = []

    def skip(self) -> None:
        self.steps.append("skip")

    def write(self, path: Path) -> None:
        path.write_text(SUITE.format(cases="<testcase name='of mine'/>", errors=0, failures=0)[:-3])
        if self.error:
            raise self.error
        path.write_text(SUITE.format(cases="<testcase name='of mine'/>", errors=0, failures=0))

    def end(self, *, written: bool) -> None:
        self.steps.append(f"written: {written}")


def finish_session(hooks: JunitHooks, error: Exception | None = None) -> None:
    turns = hooks.pytest_sessionfinish()
    next(turns)
    with contextlib.suppress(StopIteration):
        turns.throw(error) if error else turns.send(None)


def test_a_file_that_cannot_be_written_leaves_the_earlier_one(tmp_path: Path) -> None:
    path, outcome = tmp_path / "junit.xml", RunOutcome()
    path.write_text("of an earlier run")
    turn = FakeTurn(OSError(errno.ENOSPC, "No space left on device"))
    finish_session(JunitHooks(path, turn, lambda: outcome, str))
    assert path.read_text() == "of an earlier run"
    assert outcome.problems == [
        f"{path} could not be written: No space left on device; free some space, or name another place"
    ]
    assert turn.steps == ["skip", "written: False"]
    assert [one.name for one in tmp_path.iterdir()] == ["junit.xml"]


def test_what_others_raise_at_the_end_does_not_cost_the_file(tmp_path: Path) -> None:
    path, turn, outcome = tmp_path / "junit.xml", FakeTurn(), RunOutcome()
    with pytest.raises(ZeroDivisionError):
        finish_session(JunitHooks(path, turn, lambda: outcome, str), ZeroDivisionError())
    assert ElementTree.parse(path).getroot().find("testsuite/testcase") is not None
    assert (turn.steps, outcome.problems) == (["skip", "written: True"], [])
