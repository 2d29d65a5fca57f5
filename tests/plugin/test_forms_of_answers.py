# SPDX-License-Identifier: Apache-2.0
"""Whole runs on a cloud with one answer of another form: what is ABORT, what is judged all the same, and the cause."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.demo.openstack.state import CloudState, Fault

Prefixes = tuple[str, ...]


def answer(path: str, content: Any, method: str = "GET", status: int = 200) -> Fault:
    body = content if isinstance(content, str) else json.dumps(content)
    return Fault(method, path, status=status, body=body, headers={"Content-Type": "application/json"})


RUNS: dict[str, tuple[Fault, Prefixes, str]] = {
    "flavors a mapping": (
        answer("/flavors/detail", {"flavors": {}}),
        ("scs-0100", "scs-0103"),
        "compute GET /flavors/detail: flavors: expected a list of objects, got the object {}",
    ),
    "images a text": (
        answer("/v2/images", {"images": ""}),
        ("scs-0102", "scs-0104"),
        'image GET /v2/images: images: expected a list of objects, got the text ""',
    ),
    "types a mapping": (
        answer("/types", {"volume_types": {}}),
        ("scs-0114",),
        "block-storage GET /types: volume_types: expected a list of objects, got the object {}",
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_one_listing_takes_down_its_own_testcases_only(judge: Any, state: CloudState, name: str) -> None:
    fault, taken_down, cause = RUNS[name]
    state.faults.append(fault)
    run = judge(state)
    assert run.having("ABORT") == {one for one in run.verdicts if one.startswith(taken_down)}
    assert run.having("FAIL") == set()
    run.result.stdout.fnmatch_lines([f"ABORT * testcase*: cloud testcloud: cannot read *: {cause}".replace("[", "[[]")])
    assert run.ret == 6


def test_digits_are_no_number_and_nothing_of_them_is_recorded(judge: Any, launch: Any, state: CloudState) -> None:
    for flavor in state.flavors:
        flavor["ram"] = str(flavor["ram"])
    run = judge(state, "--scs-record=evidence.json")
    assert {one[:8] for one in run.having("ABORT")} == {"scs-0100", "scs-0103"}
    document = json.loads(Path("evidence.json").read_text())
    assert "flavors" not in document["clouds"][0]["sections"]
    again = launch("-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "--scs-replay=evidence.json", "-m", "scs_0100")
    assert set(again.verdicts.values()) == {"ABORT"}


def test_altered_evidence_is_a_usage_error_with_file_and_place(judge: Any, launch: Any, state: CloudState) -> None:
    judge(state, "--scs-record=evidence.json", "-m", "scs_0100")
    path = Path("evidence.json")
    document = json.loads(path.read_text())
    flavors = document["clouds"][0]["sections"]["flavors"]
    options = ("-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "--scs-replay=evidence.json", "-m", "scs_0100")
    for value, words in (("4", '*: vcpus: expected an integer, got the text "4"'), ("@", "*it has the number NaN, *")):
        flavors[0]["vcpus"] = value
        path.write_text(json.dumps(document).replace('"@"', "NaN"))
        run = launch(*options)
        assert run.ret == 4
        run.result.stderr.fnmatch_lines([f"ERROR: --scs-replay: *evidence.json {words}"])
    document["clouds"][0]["sections"] = {"flavors": []}
    path.write_text(json.dumps(document))
    run = launch(*options)
    assert run.ret == 4
    run.result.stderr.fnmatch_lines(["ERROR: --scs-replay: *evidence.json is damaged: all sections of * are empty*"])


@pytest.mark.parametrize(
    ("fault", "testcase", "cause"),
    [
        (
            answer("/v1/secrets[?]name", {}),
            "scs-0116-permissions",
            "key-manager GET /v1/secrets: secrets: expected a list",
        ),
        (
            answer("/v1/secrets[?]name", {"secrets": [{"secret_ref": "garbage", "name": None}]}),
            "scs-0116-permissions",
            'secret_ref: expected a URL that ends in a UUID, got the text "garbage"',
        ),
        (
            answer("/default-security-group-rules", {"default_security_group_rules": {}}),
            "scs-0115-default-rules",
            "network GET /v2.0/default-security-group-rules: default_security_group_rules: expected a list of objects",
        ),
        (
            answer("/default-security-group-rules", {"default_security_group_rules": [{"id": "a", "direction": None}]}),
            "scs-0115-default-rules",
            "rule (id a): direction: expected a text, got null",
        ),
    ],
)
def test_what_a_probe_is_answered(judge: Any, clean: CloudState, fault: Fault, testcase: str, cause: str) -> None:
    clean.faults.append(fault)
    run = judge(clean, "-m", "main and (scs_0115 or scs_0116)")
    assert run.verdicts[testcase] == "ABORT"
    assert run.having("ABORT") == {testcase}
    assert any(cause in line for line in run.messages(testcase)), run.result.stdout.str()


def test_links_in_a_circle_are_no_scope_file(pytester: pytest.Pytester) -> None:
    Path("a.yaml").symlink_to("b.yaml")
    Path("b.yaml").symlink_to("a.yaml")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--scs-scope=a.yaml@v5.1", "--os-cloud=demo")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: cannot read scope file *a.yaml: Too many levels of symbolic links; name *"])
