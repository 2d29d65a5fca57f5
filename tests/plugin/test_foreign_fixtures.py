# SPDX-License-Identifier: Apache-2.0
"""What a user's project defines never reaches a bundled testcase: fixtures of our names, autouse ones, hooks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.demo.openstack import data
from pytest_scs.platforms.registry import platforms
from pytest_scs.run.fixtures import summaries
from pytest_scs.run.provide import OWN_FIXTURES

PUBLIC = sorted({"inventory", *OWN_FIXTURES, *(name for platform in platforms() for name in summaries(platform))})


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evidence of a cloud that violates a lot, recorded once."""
    import os
    import subprocess
    import sys

    path = tmp_path_factory.mktemp("evidence") / "evidence.json"
    command = [sys.executable, "-m", "pytest", "-q", "--scs-scope=iaas-v5.1", "--os-cloud=demo:vanilla"]
    options = ["-p", "no:cacheprovider", "-m", "not creates_resources", f"--scs-record={path}"]
    subprocess.run([*command, *options], cwd=path.parent, env=os.environ, check=False, stdout=subprocess.DEVNULL)
    return path


@pytest.fixture
def judged(pytester: pytest.Pytester, evidence: Path, launch: Any) -> Any:
    """Judge the evidence from a folder with a conftest.py; gives testcase -> verdict."""

    def run(conftest: str = "", *args: str) -> dict[str, str]:
        if conftest:
            pytester.makeconftest(conftest)
        options = ("-p", "no:cacheprovider", "-m", "not creates_resources", *args)
        run = launch("--scs-scope=iaas-v5.1", f"--scs-replay={evidence}", *options)
        verdicts: dict[str, str] = run.verdicts
        return verdicts

    return run


def test_no_fixture_of_a_project_replaces_one_of_ours(judged: Any) -> None:
    before = judged()
    assert list(before.values()).count("FAIL") > 10
    lying = "\n".join(
        f"@pytest.fixture(scope='session')\ndef {name}():\n    raise RuntimeError('{name} was asked')\n"
        for name in PUBLIC
    )
    assert judged(f"import pytest\n{lying}") == before


def test_images_of_a_project_are_not_the_images_of_the_cloud(judged: Any) -> None:
    assert judged("import pytest\n@pytest.fixture\ndef images():\n    return []\n") == judged()


@pytest.mark.parametrize("scope", ["function", "module", "session"])
def test_autouse_fixtures_of_a_project_do_not_run_around_our_testcases(judged: Any, scope: str) -> None:
    before = judged()
    conftest = f"""
        import pytest
        @pytest.fixture(autouse=True, scope="{scope}")
        def broken():
            raise RuntimeError("mine")
    """
    assert judged(conftest) == before


def test_a_project_that_reorders_items_changes_no_verdict(judged: Any) -> None:
    before = judged()
    conftest = """
        def pytest_collection_modifyitems(items):
            items.reverse()
    """
    after = judged(conftest)
    assert after == before


def test_every_public_fixture_can_be_asked_for_by_a_private_scope(
    pytester: pytest.Pytester, judge: Any, now: Any
) -> None:
    state = data.conformant(now)
    body = ", ".join(name for name in PUBLIC if name not in ("attestation", "inventory"))
    names = [name for name in PUBLIC if name not in ("attestation", "inventory")]
    asked = "scs, subject, now, flavors, images, volume_types, catalog, compute_zones, endpoints"
    assert set(asked.split(", ")) <= set(names), body
    pytester.makepyfile(
        test_mine=f"""
        import json, pathlib, pytest

        @pytest.mark.scs("scs-0114-syntax-check")
        def test_mine({asked}):
            scs.examined("things", 1)
            pathlib.Path("seen.json").write_text(json.dumps([subject.name, len(flavors), len(endpoints("public"))]))
        """
    )
    run = judge(state, "-k", "test_mine", "test_mine.py")
    seen = json.loads((pytester.path / "seen.json").read_text())
    assert seen[:2] == ["testcloud", len(state.flavors)], run.result.outlines


#: What other plugins do: another order, each test run twice as after a failure, reports and properties of their own.
HABITS = """
import pytest
from _pytest.runner import runtestprotocol

@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    items.reverse()

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    for report in runtestprotocol(item, nextitem=nextitem, log=False):
        report.outcome = "rerun"
        item.ihook.pytest_runtest_logreport(report=report)
    getattr(item, "_initrequest", lambda: None)()

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    report.sections.append(("Captured by a neighbour", "something"))
    report.neighbour = "said"
    item.user_properties.append(("neighbour", "said"))
    return report
"""


def test_habits_of_other_plugins_change_neither_verdicts_nor_findings(judged: Any, pytester: pytest.Pytester) -> None:
    def results(conftest: str) -> tuple[dict[str, str], list[Any]]:
        verdicts = judged(conftest, "--scs-json=results.json")
        found = json.loads((pytester.path / "results.json").read_text())["subjects"][0]["results"]
        return verdicts, [(one["testcase"], one["verdict"], one["findings"]) for one in found]

    assert results(HABITS) == results("# none\n")
