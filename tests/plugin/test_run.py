# SPDX-License-Identifier: Apache-2.0
"""A whole run as its user sees it: verdicts, exit codes, summary, what pytest's own options do."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from pytest_scs.base.paths import SCOPES
from pytest_scs.core.scope_file import load_scope
from pytest_scs.demo.openstack import data
from pytest_scs.demo.openstack.state import CloudState, Fault

#: The testcases of v5.1 that create something.
CREATING = {
    "scs-0101-entropy-avail",
    "scs-0101-fips-test",
    "scs-0115-default-rules",
    "scs-0116-permissions",
    "scs-0117-test-backup",
}


def test_conforming_cloud_passes_everything_that_can_be_read(judge: Any, state: CloudState) -> None:
    run = judge(state)
    main = set(load_scope(SCOPES / "scs-compatible-iaas.yaml").versions["v5.1"].targets()["main"])
    assert set(run.verdicts) == main - CREATING
    assert run.having("PASS") == main - CREATING
    assert run.ret == 0
    run.result.stdout.fnmatch_lines(
        ["scs: SCS-compatible IaaS v5.1 (effective); target main; judge official; cloud testcloud"]
    )
    run.result.stdout.fnmatch_lines(["*main: 49 PASS of 49 chosen; no verdict on the version"])
    run.result.stdout.no_fnmatch_line("*Warning*")
    assert run.result.stderr.str() == ""


def test_conforming_cloud_with_only_attended_testcases_exits_with_zero(judge: Any, state: CloudState) -> None:
    run = judge(state, "-m", "scs_0103 and main")
    assert run.ret == 0
    assert len(run.having("PASS")) == 15
    assert run.having("MISS") == set()
    run.result.stdout.fnmatch_lines(["*main: 15 PASS of 15 chosen; no verdict on the version"])


def test_vanilla_cloud_fails_and_names_offenders_with_hints(judge: Any, now: Any) -> None:
    run = judge(data.vanilla(now))
    assert run.ret == 1
    assert {"scs-0103-flavor-2v-8", "scs-0104-image-ubuntu-2404", "scs-0102-prop-os_distro"} <= run.having("FAIL")
    run.result.stdout.fnmatch_lines(
        [
            "  FAIL scs-0103-flavor-2v-8: *",
            "    flavor SCS-2V-8: the standard flavor exists: expected *, found none",
            "        mend: openstack flavor create *--vcpus 2 --ram 8192 --disk 0 *SCS-2V-8",
        ]
    )
    # pytest's own sections would say the same again.
    run.result.stdout.no_fnmatch_line("*= FAILURES =*")


def test_two_runs_of_the_same_evidence_differ_in_nothing_but_ids(judge: Any, state: CloudState, pytester: Any) -> None:
    first = judge(state, "--scs-record=evidence.json")
    replay = pytester.runpytest_inprocess(
        "-p",
        "no:cacheprovider",
        "--scs-scope=iaas-v5.1",
        "--scs-replay=evidence.json",
        "--scs-report=again.yaml",
        "-m",
        "not creates_resources",
    )
    again = yaml.safe_load((pytester.path / "again.yaml").read_text())
    assert replay.ret == first.ret
    # A later judgement of the same has to count at the monitor.
    later = again["checked_at"] - first.documents[0]["checked_at"]
    assert dt.timedelta(microseconds=1) <= later < dt.timedelta(milliseconds=1)
    replay.stdout.fnmatch_lines(["its checked_at is the time of the recording and some microseconds*"])
    assert again["debug"] == first.documents[0]["debug"]
    assert _streams(again) == _streams(first.documents[0])


def _streams(document: dict[str, Any]) -> list[Any]:
    return [
        {key: value for key, value in invocation.items() if key != "id"}
        for invocation in document["run"]["invocations"].values()
    ]


def test_workers_give_the_same_report_with_no_more_requests(judge: Any, now: Any) -> None:
    vanilla = data.vanilla(now)
    alone = judge(vanilla, "--scs-target=all")
    parallel = judge(vanilla, "--scs-target=all", "-n", "4")
    assert parallel.ret == alone.ret
    assert parallel.verdicts == alone.verdicts
    assert parallel.requests == alone.requests <= 10
    drop = ("checked_at",)
    for ours, theirs in zip(_streams(alone.documents[0]), _streams(parallel.documents[0]), strict=True):
        assert {k: v for k, v in ours.items() if k not in drop} == {k: v for k, v in theirs.items() if k not in drop}
    parallel.result.stdout.fnmatch_lines(["*4 workers*"])


def test_draft_judged_along_with_an_effective_version_does_not_decide(judge: Any, state: CloudState) -> None:
    for image in state.images:
        image.pop("os_purpose", None)
    run = judge(state, "-k", "os_purpose", scope="iaas")
    assert run.having("FAIL") == {"scs-0102-prop-os_purpose"}
    assert run.ret == 0
    assert judge(state, "-k", "os_purpose", scope="iaas-next").ret == 1


def test_violation_outside_main_is_xfailed_and_reported_as_fail(judge: Any, state: CloudState) -> None:
    for kind in state.volume_types:
        kind["description"] = None
    run = judge(state, "--scs-target=recommended", "-m", "scs_0114")
    run.result.assert_outcomes(xfailed=2)
    assert run.ret == 0
    assert run.having("FAIL") == {"scs-0114-encrypted-type", "scs-0114-replicated-type"}


def test_official_scope_file_judges_like_ours(judge: Any, state: CloudState) -> None:
    official = Path(__file__).resolve().parents[3] / "shared/data/upstream/scs-compatible-iaas.yaml"
    if not official.exists():
        pytest.skip("the official data files are not beside the checkout")
    assert judge(state, scope=f"{official}@v5.1").verdicts == judge(state).verdicts


def test_text_judges_where_asked_and_both_verdicts_are_shown(judge: Any, state: CloudState) -> None:
    image = next(image for image in state.images if image["visibility"] == "public")
    del image["hw_disk_bus"]
    official = judge(state, "-k", "hw_disk_bus")
    text = judge(state, "-k", "hw_disk_bus", "--scs-judge=text")
    assert (official.ret, text.ret) == (0, 1)
    assert official.differing == text.differing == {"scs-0102-prop-hw_disk_bus": {"official": "PASS", "text": "FAIL"}}
    official.result.stdout.fnmatch_lines(
        [
            "*by the text of the standards: 1 FAIL",
            "        FAIL instead of PASS: scs-0102-prop-hw_disk_bus",
        ]
    )
    text.result.stdout.fnmatch_lines(
        ["*by the official suite: 1 PASS", "        PASS instead of FAIL: scs-0102-prop-hw_disk_bus"]
    )
    assert any("DEV-0102-2" in line for line in official.messages("scs-0102-prop-hw_disk_bus"))


def test_one_broken_api_is_one_cause_for_all_its_testcases(judge: Any, state: CloudState) -> None:
    state.faults.append(Fault("GET", "/v2/images", status=503))
    run = judge(state)
    aborted = run.having("ABORT")
    assert {testcase[:8] for testcase in aborted} == {"scs-0102", "scs-0104"}
    assert len(aborted) == 14 + 9
    assert run.ret == 6
    text = run.result.stdout.str()
    assert text.count("cannot read images") == 1
    run.result.stdout.fnmatch_lines(["ABORT 23 testcases: cloud testcloud: cannot read images: *503*"])


def test_what_a_probe_could_not_read_first_is_the_same_cause(judge: Any, state: CloudState) -> None:
    state.faults.append(Fault("GET", "/v2/images", status=503))
    run = judge(state, "-m", "iaas", "-k", "scs-0101 or scs-0104")
    text = run.result.stdout.str()
    assert len(run.having("ABORT")) == 2 + 9
    assert text.count("ABORT 11 testcases: cloud testcloud: cannot read images: ") == 1


def test_only_what_is_selected_is_read(judge: Any, state: CloudState) -> None:
    run = judge(state, "-k", "scs-0123-service")
    assert run.requests == 2
    assert all("identity" in request.path for request in state.requests)


def test_plan_contacts_nothing_and_says_why(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--scs-scope=iaas", "--scs-target=all", "--scs-plan", "-n", "2")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "scs-0100 *",
            "  scs-0100-syntax-check: light; reads flavors; iaas-next main through scs-0100-v3.1; iaas-v5.1 main *",
            "  scs-0101-entropy-avail: heavy; reads guest; creates a VM and, if its flavor has no disk, a volume; *",
            "  images: image GET /v2/images*",
        ]
    )


def test_plan_without_a_cloud_names_none_and_lists_what_will_be_created(pytester: pytest.Pytester) -> None:
    plan = ("--scs-scope=beyond-v1", "--scs-plan", "-m", "scs_0302 or scs_0128 or scs_0115")
    result = pytester.runpytest_inprocess(*plan)
    result.stdout.fnmatch_lines(["scs: *; cloud not named"])
    result.stdout.fnmatch_lines(["  a security group"])
    result.stdout.no_fnmatch_line("*--scs-domain-managers")
    result.stdout.no_fnmatch_line("*--scs-tempest-accounts")
    given = pytester.runpytest_inprocess(*plan, "--scs-domain-managers=a,b", "--scs-tempest-accounts=c,d")
    given.stdout.fnmatch_lines(
        ["  users, groups and projects in *", "  servers, volumes, networks, images and more in *"]
    )


def test_single_node_ids_and_keywords_work_from_an_empty_directory(judge: Any, state: CloudState) -> None:
    run = judge(state, "iaas/test_scs_0100_flavor_naming.py::test_scs_0100_syntax_check")
    assert run.verdicts == {"scs-0100-syntax-check": "PASS"}
    assert judge(state, "-k", "scs-0103-flavor-2v-8").verdicts == {"scs-0103-flavor-2v-8": "PASS"}
    assert judge(state, "-k", "scs-0100-syntax-check").verdicts == {"scs-0100-syntax-check": "PASS"}


def test_selecting_nothing_says_nothing_about_the_cloud(judge: Any, state: CloudState) -> None:
    run = judge(state, "-k", "nothing-of-this-name")
    assert run.ret == 5
    assert run.verdicts == {}
    assert state.requests == []


def test_last_failed_judges_only_what_failed(judge: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    state.flavors[:] = [flavor for flavor in state.flavors if flavor["name"] != "SCS-2V-8"]
    judge(state, "-p", "cacheprovider")
    run = judge(state, "-p", "cacheprovider", "--lf")
    assert run.verdicts == {"scs-0103-flavor-2v-8": "FAIL"}


def test_stopping_at_the_first_failure_leaves_the_rest_missing(judge: Any, now: Any) -> None:
    run = judge(data.vanilla(now), "-x")
    assert len(run.having("FAIL")) == 1
    assert len(run.verdicts) == 49
    assert run.ret == 1
    assert run.documents[0]["debug"]["interrupted"] is True
    run.result.stdout.fnmatch_lines(["MISS * testcases: not run: stopping after 1 failures (-x, --maxfail)"])


def test_stopping_at_the_first_failure_among_workers_is_said(judge: Any, now: Any) -> None:
    run = judge(data.vanilla(now), "--maxfail=1", "-n", "1")
    assert len(run.verdicts) == 49
    run.result.stdout.fnmatch_lines(["MISS * testcases: not run: stopping after 1 failures (-x, --maxfail)"])


def test_failure_of_the_last_testcase_leaves_a_complete_run(judge: Any, state: CloudState) -> None:
    state.flavors[:] = [flavor for flavor in state.flavors if flavor["name"] != "SCS-2V-8"]
    run = judge(state, "-x", "-k", "scs-0103-flavor-2v-8")
    assert run.ret == 1
    assert run.documents[0]["debug"]["interrupted"] is False


def junit_properties(case: ElementTree.Element) -> dict[str, str]:
    """What we say of a testcase, which stands in its output."""
    return dict(re.findall(r"\[\[PROPERTY\|(\w+)=(.*)\]\]", case.findtext("system-out", "")))


def test_junit_has_testcase_and_verdict(judge: Any, now: Any, pytester: pytest.Pytester) -> None:
    judge(data.vanilla(now), "-k", "scs-0103-flavor-2v-8 or syntax", "--junit-xml=junit.xml")
    cases = ElementTree.parse(pytester.path / "junit.xml").findall(".//testcase")
    found = {}
    for case in cases:
        properties = junit_properties(case)
        found[properties["scs_testcase"]] = (properties["scs_verdict"], case.find("failure") is not None)
    assert found["scs-0103-flavor-2v-8"] == ("FAIL", True)
    assert found["scs-0100-syntax-check"] == ("PASS", False)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_junit_calls_every_abort_an_error_and_tells_what_fails_outside_main(
    judge: Any, now: Any, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    cloud = data.vanilla(now)
    # The one is noticed by a fixture, the other one by the testcase.
    cloud.faults.append(Fault("GET", "/types", status=503))
    for image in cloud.images:
        image.update(image_build_date="soon", replace_frequency="monthly", created_at="2020-01-01T00:00:00Z")
    run = judge(cloud, "--scs-target=main,recommended", "--junit-xml=junit.xml", *workers)
    suite = ElementTree.parse(pytester.path / "junit.xml").find("testsuite")
    assert suite is not None
    verdicts: dict[str, int] = {}
    outside: list[str] = []
    for case in suite.iter("testcase"):
        properties = junit_properties(case)
        tags = [tag for tag in ("failure", "error", "skipped") if case.find(tag) is not None]
        skipped = case.find("skipped")
        if skipped is not None:
            outside.append(f"{properties['scs_testcase']}: {skipped.text}")
        else:
            assert tags == {"PASS": [], "FAIL": ["failure"], "ABORT": ["error"]}[str(properties["scs_verdict"])]
            verdicts[tags[0] if tags else "passed"] = verdicts.get(tags[0] if tags else "passed", 0) + 1
    assert verdicts["failure"] > 20
    assert {"scs-0114-syntax-check", "scs-0114-encrypted-type"} <= run.having("ABORT")
    counted = [suite.get(name) for name in ("failures", "errors", "skipped", "tests")]
    total = sum(verdicts.values()) + len(outside)
    assert counted == [str(number) for number in (verdicts["failure"], verdicts["error"], len(outside), total)]
    [found] = [text for text in outside if text.startswith("scs-0103-flavor-16v-64: ")]
    assert "flavor SCS-16V-64: the standard flavor exists: expected" in found
    assert "mend: openstack flavor create" in found
    run.result.stdout.no_fnmatch_line("ERROR: *")


def test_ten_offenders_are_shown_and_all_with_double_verbosity(judge: Any, state: CloudState) -> None:
    data.many(state, images=12)
    for image in state.images:
        image["os_distro"] = ""
    public = sum(image["visibility"] == "public" for image in state.images)
    short = judge(state, "-k", "os_distro")
    assert short.result.stdout.str().count(": os_distro") == 10
    short.result.stdout.fnmatch_lines([f"    ... and {public - 10} more"])
    long = judge(state, "-k", "os_distro", "-vv")
    assert long.result.stdout.str().count(": os_distro") == public
    # The report has them all, whatever the terminal shows; what mends them is one loop in each.
    assert sum(": os_distro" in line for line in short.messages("scs-0102-prop-os_distro")) == public
    for run in (short, long):
        assert run.result.stdout.str().count("mend:") == 1
        run.result.stdout.fnmatch_lines(["*mend: for id in *; do openstack image set --property *; done*"])


def test_several_clouds_are_judged_in_one_run(judge: Any, serve: Any, state: CloudState, now: Any) -> None:
    serve(data.vanilla(now), "second")
    run = judge(state, "--os-cloud=second", "-m", "scs_0123 and not heavy", name="first")
    assert [document["subject"] for document in run.documents] == ["first", "second"]
    loads = "scs-0123-service-load-balancer"
    results = [
        {key: value for call in document["run"]["invocations"].values() for key, value in call["results"].items()}
        for document in run.documents
    ]
    assert [result[loads] for result in results] == [1, -1]
    assert run.ret == 1
    run.result.stdout.fnmatch_lines(["*SCS conformance of first*", "*SCS conformance of second*", "first iaas-v5.1*"])


def test_evidence_has_no_secrets_and_no_private_images(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    judge(state, "--scs-record=evidence.json")
    text = (pytester.path / "evidence.json").read_text()
    assert state.password not in text
    document = json.loads(text)
    visibilities = {image["visibility"] for image in document["clouds"][0]["sections"]["images"]}
    assert visibilities == {"public"}
    assert not any("owner" in image for image in document["clouds"][0]["sections"]["images"])


def test_interrupted_run_still_writes_its_report(judge: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        breaker="""
        def pytest_runtest_setup(item):
            if "semantics" in item.name:
                raise KeyboardInterrupt
        """
    )
    pytester.syspathinsert()
    run = judge(state, "-p", "breaker", apart=True)
    assert run.ret == 2
    assert run.having("PASS") == {"scs-0100-syntax-check"}
    assert run.documents[0]["debug"]["interrupted"] is True
    assert len(run.having("MISS")) == 48
    run.result.stdout.fnmatch_lines(["MISS * testcases: not run: the run was interrupted"])


def test_terminated_run_still_writes_its_report(judge: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        breaker="""
        import os, signal

        told = []

        def pytest_runtest_setup(item):
            # Once: what is settled is judged afterwards, this testcase again, and a second signal would end that.
            if "semantics" in item.name and not told:
                told.append(item)
                os.kill(os.getpid(), signal.SIGTERM)
        """
    )
    pytester.syspathinsert()
    run = judge(state, "-p", "breaker", apart=True)
    assert run.ret == 2
    # What is settled is judged all the same.
    assert run.having("PASS") == set(run.verdicts)
    assert len(run.verdicts) == 49


def test_internal_error_still_leaves_a_report(judge: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        breaker="""
        def pytest_runtest_logreport(report):
            if "semantics" in report.nodeid:
                raise RuntimeError("a plugin of somebody else")
        """
    )
    pytester.syspathinsert()
    run = judge(state, "-p", "breaker", apart=True)
    assert run.ret == 3
    assert "scs-0100-syntax-check" in run.having("PASS")
    assert len(run.verdicts) == 49


def test_interruption_while_the_cloud_is_read_leaves_a_report(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        breaker="""
        from pytest_scs.platforms.openstack import reader

        def interrupted(*args, **options):
            raise KeyboardInterrupt

        reader.gather = interrupted
        """
    )
    pytester.syspathinsert()
    run = judge(state, "-p", "breaker", apart=True)
    assert run.ret == 2
    assert set(run.verdicts.values()) == {"MISS"}


def test_dead_worker_aborts_its_testcase_and_leaves_no_one_out(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        breaker="""
        import os

        def pytest_runtest_call(item):
            if "semantics" in item.name:
                os._exit(1)
        """
    )
    run = judge(state, "-n", "2", "-p", "breaker")
    assert run.verdicts["scs-0100-semantics-check"] == "ABORT"
    assert run.verdicts["scs-0100-syntax-check"] == "PASS"
    assert len(run.verdicts) == 49
    assert run.ret == 6


def test_library_assertion_is_abort_and_never_fail(judge: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    path = _testcase(
        pytester,
        """
        def test_scs_0100_syntax_check(scs, flavors):
            scs.examined("flavors", 1)
            assert flavors == []
        """,
    )
    run = judge(state, str(path))
    assert run.verdicts == {"scs-0100-syntax-check": "ABORT"}
    assert any("AssertionError" in line for line in run.messages("scs-0100-syntax-check"))


def test_testcase_without_evidence_is_abort(judge: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    path = _testcase(pytester, "def test_scs_0100_syntax_check(scs, flavors):\n    pass\n")
    run = judge(state, str(path))
    assert run.verdicts == {"scs-0100-syntax-check": "ABORT"}
    run.result.stdout.fnmatch_lines(["ABORT 1 testcase: the testcase recorded no evidence for its verdict"])


def test_violation_seen_before_a_crash_stays_a_violation(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    path = _testcase(
        pytester,
        """
        from pytest_scs.core.findings import Finding

        def test_scs_0100_syntax_check(scs, flavors):
            scs.examined("flavors", 1)
            scs.add([Finding("flavor x", "rule", "this", "that")])
            raise RuntimeError("boom")
        """,
    )
    run = judge(state, str(path))
    assert run.verdicts == {"scs-0100-syntax-check": "FAIL"}
    assert any("not examined to the end: RuntimeError: boom" in line for line in run.messages("scs-0100-syntax-check"))


def test_failing_teardown_keeps_the_verdict_and_fails_the_run(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    path = _testcase(
        pytester,
        """
        @pytest.fixture
        def dirty():
            yield
            raise RuntimeError("still there")

        def test_scs_0100_syntax_check(scs, flavors, dirty):
            scs.examined("flavors", len(flavors))
        """,
    )
    run = judge(state, str(path))
    assert run.verdicts == {"scs-0100-syntax-check": "PASS"}
    assert run.ret == 6
    run.result.stdout.fnmatch_lines(["left incomplete: scs-0100-syntax-check: cleaning up failed: *still there"])


def test_failing_teardown_in_a_worker_is_not_lost(judge: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    path = _testcase(
        pytester,
        """
        @pytest.fixture
        def dirty():
            yield
            raise RuntimeError("still there")

        def test_scs_0100_syntax_check(scs, flavors, dirty):
            scs.examined("flavors", len(flavors))
        """,
    )
    run = judge(state, str(path), "-n", "1")
    assert run.ret == 6
    run.result.stdout.fnmatch_lines(["left incomplete: scs-0100-syntax-check: cleaning up failed: *still there"])


def test_foreign_test_that_fails_fails_the_run(judge: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    path = _testcase(
        pytester,
        """
        def test_scs_0100_syntax_check(scs, flavors):
            scs.examined("flavors", len(flavors))

        @pytest.mark.filterwarnings("ignore")
        def test_of_somebody_else():
            assert 1 == 2
        """,
    )
    run = judge(state, str(path))
    assert run.verdicts == {"scs-0100-syntax-check": "PASS"}
    assert run.ret == 1
    run.result.stdout.fnmatch_lines(["*FAILURES*", "*assert 1 == 2*"])


def test_two_tests_for_one_testcase_are_refused(judge: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    path = _testcase(
        pytester,
        """
        def test_scs_0100_syntax_check(scs, flavors):
            pass

        @pytest.mark.scs("scs-0100-syntax-check")
        def test_again(scs, flavors):
            pass
        """,
    )
    run = judge(state, str(path))
    assert run.ret == 4
    run.result.stderr.fnmatch_lines(["ERROR: testcase scs-0100-syntax-check is claimed by two tests: *"])


def _testcase(pytester: pytest.Pytester, source: str) -> Path:
    import textwrap

    body = textwrap.dedent(source).replace(
        "def test_scs_0100_syntax_check", '@pytest.mark.scs("scs-0100-syntax-check")\ndef test_scs_0100_syntax_check'
    )
    path = pytester.path / "test_own.py"
    path.write_text("import pytest\n" + body)
    return path


def test_names_cannot_give_orders_to_the_terminal(judge: Any, state: CloudState) -> None:
    state.flavors[0] = {**state.flavors[0], "name": "SCS-\x1b[2Jx"}
    run = judge(state, "-m", "scs_0100", "-vv")
    assert run.having("FAIL") == {"scs-0100-syntax-check"}
    assert "\x1b[2J" not in run.result.stdout.str()
    assert "SCS-\\x1b[2Jx" in run.result.stdout.str()


@pytest.mark.parametrize(("args", "code"), [(("-k", "nothing"), 5), (("--collect-only",), 0)])
def test_where_nothing_is_judged_files_of_an_earlier_run_stay(
    judge: Any, state: CloudState, pytester: pytest.Pytester, args: tuple[str, ...], code: int
) -> None:
    for name in ("page.html", "junit.xml"):
        (pytester.path / name).write_text("of an earlier run")
    run = judge(state, *args, "--html=page.html", "--self-contained-html", "--junit-xml=junit.xml")
    assert (run.ret, run.documents) == (code, [])
    assert [(pytester.path / name).read_text() for name in ("page.html", "junit.xml")] == ["of an earlier run"] * 2
    assert not any("generated" in line.lower() for line in run.result.outlines)


def test_a_failing_test_of_ones_own_is_said_to_be_that(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    own = pytester.makepyfile("def test_own(): assert 0")
    bundled = "iaas/test_scs_0100_flavor_naming.py"
    run = judge(state, str(own), bundled)
    assert run.ret == 1
    run.result.stdout.fnmatch_lines(["*main: 2 PASS of 2 chosen; no verdict on the version", "*; no testcase failed"])
