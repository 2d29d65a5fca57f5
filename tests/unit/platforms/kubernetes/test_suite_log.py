# SPDX-License-Identifier: Apache-2.0
"""The log of the e2e suite, read while it grows."""

from __future__ import annotations

from pathlib import Path

from e2e_stage import log_of
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.platforms.kubernetes.runners.suite_log import SuiteLog

DATA = Path(__file__).parents[3] / "data" / "e2e"


def read(lines: list[str]) -> SuiteLog:
    log = SuiteLog()
    for line in lines:
        log.take(line)
    return log


def test_a_real_log_of_tests_side_by_side() -> None:
    log = read((DATA / "two-passed-verbose.log").read_text().splitlines())
    assert (log.total, log.done, log.failed) == (2, 2, ())
    assert log.destroyed == {"secrets-712", "pods-4081"}


def test_a_real_log_without_lines_for_tests_tells_the_total_only() -> None:
    log = read((DATA / "five-passed-terse.log").read_text().splitlines())
    assert (log.total, log.done) == (5, 0)


def test_failures_are_named_as_in_the_junit_file() -> None:
    log = read(log_of(["[sig-node] Pods a [Conformance]", "[sig-node] Pods b"], {"[sig-node] Pods b"}))
    assert log.failed == ("[sig-node] Pods b",)
    assert log.done == 2


def test_the_place_of_a_failure_is_no_part_of_the_name() -> None:
    lines = [
        "-" * 30,
        "• [FAILED] [12.345 seconds]",
        "[sig-apps] Deployment [BeforeEach] should run [It] twice [Conformance] [sig-apps, Conformance]",
        "-" * 30,
        "• [PANICKED] [1.0 seconds]",
        "TOP-LEVEL [AfterEach] [sig-apps] Deployment should run thrice [sig-apps]",
    ]
    assert read(lines).failed == (
        "[sig-apps] Deployment should run twice [Conformance]",
        "[sig-apps] Deployment should run thrice",
    )


def test_names_come_first_where_tests_run_one_after_the_other() -> None:
    lines = [
        "Will run 3 of 7579 specs",
        "-" * 30,
        "[sig-node] Pods a [Conformance] [sig-node, Conformance]",
        "k8s.io/kubernetes/test/e2e/x.go:1",
        "  STEP: something @ 11/27/26 01:27:13.042",
        "• [0.164 seconds]",
        "-" * 30,
        "[sig-node] Pods b [Conformance] [sig-node, Conformance]",
        "• [FAILED] [0.164 seconds]",
        "[sig-node] Pods [It] b [Conformance] [sig-node, Conformance]",
        "-" * 30,
        "[SynchronizedAfterSuite] PASSED [0.001 seconds]",
    ]
    log = read(lines)
    assert (log.total, log.done, log.failed) == (3, 2, ("[sig-node] Pods b [Conformance]",))


def test_a_test_that_is_repeated_counts_once_with_its_end() -> None:
    name = "[sig-node] Pods a [Conformance] [sig-node, Conformance]"
    dashes = "-" * 30
    lines = [dashes, "• [FAILED] [1 seconds]", name, dashes, "• [1.0 seconds]", name, dashes]
    assert (read(lines).done, read(lines).failed) == (1, ())
    flaky = [dashes, "↺ [FLAKEY TEST - TOOK 2 ATTEMPTS TO PASS] [3.200 seconds]", name, dashes]
    assert (read(flaky).done, read(flaky).failed) == (1, ())


def test_a_log_that_begins_anew_changes_nothing() -> None:
    lines = log_of(["[sig-node] Pods a", "[sig-node] Pods b"], {"[sig-node] Pods b"})
    log = read([*lines, *lines])
    assert (log.total, log.done, log.failed) == (2, 2, ("[sig-node] Pods b",))


def test_tests_that_were_ended_from_outside_did_not_fail() -> None:
    states = ("INTERRUPTED", "ABORTED", "TIMEDOUT")
    lines = [line for state in states for line in ("-" * 30, f"• [{state}] [1.0 seconds]", f"[sig-x] {state} test")]
    assert (read(lines).done, read(lines).failed) == (3, ())


def test_a_test_whose_name_did_not_come_counts_as_well() -> None:
    log = read(["-" * 30, "• [FAILED] [1.5 seconds]", "something else"])
    assert (log.done, log.failed) == (1, ("test 1 without a name",))


def test_colours_and_endless_lines_do_no_harm() -> None:
    log = read(["S" * 10_000_000, "\x1b[38;5;10m• [0.164 seconds]\x1b[0m", "[sig-x] y", "\x1b[1mWill run 7 of 9 specs"])
    assert (log.total, log.done) == (7, 1)


@given(
    st.lists(
        st.one_of(st.text(), st.sampled_from(["-" * 30, "• [1.0 seconds]", "• [FAILED] [1 seconds]", "[sig-x] y"]))
    )
)
def test_nothing_in_a_log_breaks_the_reading(lines: list[str]) -> None:
    log = read(lines)
    assert log.done >= len(log.failed)
