# SPDX-License-Identifier: Apache-2.0
"""A canary: no secret of a run reaches anything it writes, whatever goes wrong and however much is logged."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_scs.demo.openstack.state import CloudState, Fault

EVERYTHING = (
    "--scs-record=evidence.json",
    "--html=report.html",
    "--self-contained-html",
    "--junit-xml=junit.xml",
    "-vv",
    "--log-level=DEBUG",
    "--log-file=log.txt",
    "-o",
    "log_cli=true",
    "-o",
    "junit_logging=all",
)


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_no_secret_is_written(
    judge: Any, state: CloudState, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    # Services that echo what they were sent: the password as a flavor's name, the token in an error.
    state.flavors[0]["name"] = f"SCS-{state.password}"
    state.faults.append(Fault("GET", "/types", status=403, body=f'{{"forbidden": {{"message": "{state.password}"}}}}'))
    run = judge(state, *EVERYTHING, *workers)
    assert run.ret == 1
    secrets = {state.password, *state.tokens}
    written = {path: path.read_text(errors="replace") for path in pytester.path.rglob("*") if path.is_file()}
    written["stdout"] = run.result.stdout.str()
    written["stderr"] = run.result.stderr.str()
    assert {"report.yaml", "evidence.json", "report.html", "junit.xml"} <= {getattr(p, "name", p) for p in written}
    for secret in secrets:
        leaks = [str(name) for name, text in written.items() if secret in text]
        assert leaks == [], secret


def test_command_line_and_paths_stay_out_of_the_report(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    run = judge(state, "-o", "console_output_style=classic", "--scs-subject=my-cloud")
    document = run.documents[0]
    assert document["run"]["argv"] == ["--scs-scope=iaas-v5.1"]
    assert document["run"]["assignment"] == {"os_cloud": "my-cloud"}
    text = (pytester.path / "report.yaml").read_text()
    for word in ("testcloud", "127.0.0.1", str(pytester.path), "console_output_style"):
        assert word not in text
