# SPDX-License-Identifier: Apache-2.0
"""What sonobuoy's status says, as it was seen, and as nobody should write it."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.fields import FormError
from pytest_scs.platforms.kubernetes.runners.status import Status, read_status

NO_ARCHIVE = '"tar-info":{"name":"","created":"0001-01-01T00:00:00Z","sha256":"","size":0}}'
RUNNING = (
    '{"plugins":[{"plugin":"e2e","node":"global","status":"running","result-status":"","result-counts":null,'
    '"progress":{"name":"e2e","node":"global","timestamp":"2026-11-27T01:21:45.170794726Z","msg":"Test Suite starting",'
    f'"total":5,"completed":0}}}}],"status":"running",{NO_ARCHIVE}'
)
SHA = "1c2cbfaab4f51ebdf206eac177fee9f32811cadf437f53e94dd625bf825a1e50"
DONE = (
    '{"plugins":[{"plugin":"e2e","node":"global","status":"complete","result-status":"passed","result-counts":'
    '{"passed":13,"skipped":7575},"progress":{"name":"e2e","node":"global","msg":"Test Suite completed","total":4,'
    '"completed":0}}],"status":"complete","tar-info":{"name":"202611270031_sonobuoy_bdd18e73.tar.gz",'
    f'"created":"2026-11-27T00:32:11.964137943Z","sha256":"{SHA}","size":246648}}}}'
)
TIMED_OUT = (
    '{"plugins":[{"plugin":"e2e","node":"global","status":"failed","result-status":"failed","result-counts":'
    f'{{"timeout":1}}}}],"status":"complete","tar-info":{{"name":"x","sha256":"{SHA}","size":7}}}}'
)
POD_DELETED = (
    '{"plugins":[{"plugin":"e2e","node":"global","status":"running","result-status":"","result-counts":null}],'
    f'"status":"running",{NO_ARCHIVE}'
)


def test_what_was_seen() -> None:
    assert read_status(RUNNING) == Status("running", "running", total=5)
    assert read_status(DONE) == Status("complete", "complete", "passed", 4, 0, (), 246648, SHA)
    assert read_status(TIMED_OUT) == Status("complete", "failed", "failed", size=7, sha256=SHA)
    assert read_status(POD_DELETED) == Status("running", "running")
    assert [read_status(text).over for text in (RUNNING, DONE, TIMED_OUT, POD_DELETED)] == [False, True, True, False]


def test_names_of_failures_while_it_runs() -> None:
    content = json.loads(RUNNING)
    content["plugins"][0]["progress"] |= {"completed": 3, "failures": ["[sig-x] y"]}
    status = read_status(json.dumps(content))
    assert (status.done, status.failures) == (3, ("[sig-x] y",))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("The Sonobuoy aggregator is in the 'Pending' state.", "no JSON"),
        ("", "no JSON"),
        ("null", "no status yet"),
        ("[]", "expected an object"),
        ('{"status":"sleeping","plugins":[]}', "its status is 'sleeping'"),
        ('{"plugins":[]}', "expected a text that is not empty"),
        ('{"status":"running","plugins":[{}]}', "expected a text"),
        ('{"status":"running","plugins":{}}', "expected a list"),
        ('{"status":"complete","plugins":[],"tar-info":{"size":"7"}}', "expected an integer"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_another_form(text: str, problem: str) -> None:
    with pytest.raises(FormError, match=problem):
        read_status(text)


def test_a_checksum_that_is_none_fits_no_archive() -> None:
    assert read_status(DONE.replace(SHA, "1234")).sha256 == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["plugins", "status", "plugin", "tar-info"]), inner)
    ),
)


@given(JSON)
def test_any_other_json_is_refused_or_read(content: Any) -> None:
    with contextlib.suppress(FormError):
        assert read_status(json.dumps(content)).state in ("running", "post-processing", "complete", "failed")
