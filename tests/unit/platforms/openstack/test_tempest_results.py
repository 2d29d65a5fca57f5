# SPDX-License-Identifier: Apache-2.0
"""Results of Tempest from files: real samples of both forms, and whatever else may be named by mistake."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.errors import InputError
from pytest_scs.platforms.openstack.tempest import given as given_results
from pytest_scs.platforms.openstack.tempest import junit
from pytest_scs.platforms.openstack.tempest.given import read_results
from pytest_scs.platforms.openstack.tempest.stream import Results
from pytest_scs.standards.iaas.tempest_outcomes import counts

DATA = Path(__file__).resolve().parents[3] / "data"

#: The samples are cut from two runs of Tempest 47 on an OpenStack Zed, and the stream converted by subunit2junitxml.
SAMPLES = ["tempest.subunit", "tempest.xml"]


@pytest.mark.parametrize("name", SAMPLES)
def test_both_forms_of_the_same_result_say_the_same(name: str) -> None:
    seen = read_results(DATA / name)
    tests = {test.id.partition("[")[0].rpartition(".")[2]: test for test in seen.tests if test.status != "not-run"}
    assert counts(seen.tests) == {"passed": 7, "failed": 3, "skipped": 2, "unknown": 0, "not-run": 246}
    assert tests["test_list_flavors"].level == "class"
    assert tests["test_list_flavors"].error == "tempest.lib.exceptions.InvalidCredentials"
    assert tests["test_user_update_own_password"].reason == "Security compliance not available."
    assert tests["test_create_delete_image"].reason.startswith(
        "tempest.lib.exceptions.TimeoutException: Request timed out Details: (ImagesOneServerTestJSON:"
    )
    assert seen.how == "file"
    assert seen.teardowns == ()


def test_stream_tells_when_it_was_made_and_this_xml_does_not() -> None:
    made = read_results(DATA / "tempest.subunit").finished
    assert made
    assert made.date().isoformat() == "2026-11-21"
    assert read_results(DATA / "tempest.xml").finished is None


def test_stream_that_was_cut_off_leaves_the_rest_not_run(tmp_path: Path) -> None:
    content = (DATA / "tempest.subunit").read_bytes()
    path = tmp_path / "half"
    path.write_bytes(content[: len(content) // 2])
    found = counts(read_results(path).tests)
    assert found["passed"] < 7
    assert found["not-run"] > 246


@given(st.integers(0, 9000), st.binary(max_size=20))
def test_damaged_streams_are_read_as_far_as_they_go(place: int, garbage: bytes) -> None:
    content = (DATA / "tempest.subunit").read_bytes()
    results = Results()
    results.read(io.BytesIO(content[:place] + garbage + content[place + len(garbage) :]))
    assert len(results.records()) <= 20


def test_log_lines_in_a_stream_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "mixed"
    path.write_bytes(b"2026-11-21 INFO tempest\n" + (DATA / "tempest.subunit").read_bytes() + b"bye\n")
    assert counts(read_results(path).tests)["passed"] == 7


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_results(path)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith("--scs-tempest-results: ")
    return line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty; name a subunit v2 stream (stestr last --subunit) or JUnit XML"),
        (b" \n", "is empty"),
        (b"PK\x03\x04", "is neither of what is known here: a subunit v2 stream"),
        (b"tempest.api... ok\n", "is neither of what is known here"),
        (b"\xb3garbage", "has no test result in it"),
        (b"<testsuite>", "cannot be read as JUnit XML: it is not well-formed XML: no element found"),
        (b"<html></html>", "its root element is 'html', not testsuites or testsuite"),
        (b"<testsuite></testsuite>", "has no test result in it"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><testsuite>&a;</testsuite>', "it has a document type"),
        (b"<?xml version='1.0' encoding='nonsense'?><testsuite/>", "it is not well-formed XML"),
        (
            b'<testsuite><testcase classname="tests.unit" name="test_x"/></testsuite>',
            "none of the 1 results in",
        ),
    ],
)
def test_what_is_no_result_is_refused_in_one_line(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "results"
    path.write_bytes(content)
    assert words in refused(path)


def test_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "none")
    assert "directory" in refused(tmp_path)


def test_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given_results, "MAX_SIZE", 1 << 20)
    path = tmp_path / "large.xml"
    path.write_bytes(b"<" * ((1 << 20) + 1))
    assert "is larger than 1 MiB" in refused(path)


def test_without_the_extra_streams_are_refused_and_xml_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("subunit", "subunit.v2", "testtools"):
        monkeypatch.setitem(sys.modules, name, None)
    line = refused(DATA / "tempest.subunit")
    assert "install pytest-scs with its extra tempest" in line
    assert "JUnit XML" in line
    assert counts(read_results(DATA / "tempest.xml").tests)["passed"] == 7


@given(st.binary())
def test_no_content_makes_the_xml_reader_stumble(content: bytes) -> None:
    with contextlib.suppress(ValueError):
        junit.parse(b"<" + content)


def test_forms_of_junit_beyond_the_sample() -> None:
    text = b"""<testsuites><testsuite timestamp="2026-01-02T03:04:05Z">
      <testcase classname="a.B" name="c"><error message="x.YError: z"/></testcase>
      <testcase name="a.B.d"><skipped message="why"/></testcase>
      <testcase classname="a.B" name="e"><skipped/></testcase></testsuite>
      <testsuite timestamp="2026-01-02T05:04:05+01:00"/></testsuites>"""
    records, finished = junit.parse(text)
    assert [(one.id, one.status, one.error, one.reason) for one in records] == [
        ("a.B.c", "failed", "x.YError", "x.YError: z"),
        ("a.B.d", "skipped", "", "why"),
        ("a.B.e", "skipped", "", ""),
    ]
    assert finished is not None
    assert finished.isoformat() == "2026-01-02T05:04:05+01:00"


def test_test_that_was_begun_and_not_ended_has_no_result() -> None:
    results = Results()
    for status in ("exists", "inprogress"):
        results.status(test_id="a.B.c", test_status=status)
    (record,) = results.records()
    assert (record.status, record.reason) == ("not-run", "it was begun, and no end of it was recorded")
    assert results.listed() == {"a.B.c"}


@pytest.mark.parametrize("later", ["success", "skip", "inprogress"])
def test_failure_stays_one_whatever_follows(later: str) -> None:
    results = Results()
    events: list[dict[str, Any]] = [{"test_status": "fail"}, {"test_status": later}]
    for event in events:
        results.status(test_id="a.B.c", **event)
    assert [record.status for record in results.records()] == ["failed"]
