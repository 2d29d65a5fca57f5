# SPDX-License-Identifier: Apache-2.0
"""``--scs-sign`` in whole runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ssh_keys import make_key, public

from pytest_scs.cli import main as scs
from pytest_scs.demo.openstack.state import CloudState

PLAIN = ("-p", "no:cacheprovider", "-m", "scs_0103 or scs_0104")
IAAS, BEYOND = "--scs-scope=iaas-v5.1", "--scs-scope=beyond-v1"


@pytest.fixture
def key(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    key = make_key(pytester.path / "key")
    (pytester.path / "signers").write_text(f"ops {public(key)}\n")
    return key


def test_every_report_of_a_run_is_signed(pytester: pytest.Pytester, serve: Any, state: CloudState, key: Path) -> None:
    """Two clouds and an unofficial scope, with workers; the key is in the ini file."""
    serve(state, "second")
    serve(state, "first")
    pytester.makeini("[pytest]\nscs_sign = key\n")
    clouds = ("--os-cloud=first", "--os-cloud=second")
    args = (*PLAIN, IAAS, BEYOND, "--scs-target=all", *clouds, "--scs-report=reports/", "-n", "2")
    run = pytester.runpytest_subprocess(*args)
    assert run.ret == 0
    signatures = sorted(str(path) for path in pytester.path.rglob("*.yaml.sig"))
    assert len(signatures) == 4
    assert sorted(line.removeprefix("signature: ") for line in run.outlines if "signature: " in line) == signatures
    assert scs(["report", "verify", "reports", "--signers=signers"]) == 0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--scs-sign=key", "--scs-report=r.yaml"), "--scs-sign: *key has no newline at its end*"),
        (("--scs-sign=key",), "--scs-sign: there is no report to sign; add --scs-report=FILE, or --scs-report=DIR/"),
        (("--scs-sign=", "--scs-report=r.yaml"), "--scs-sign: the value is empty; write --scs-sign=FILE*"),
        (("--scs-sign=key", "--scs-report=key"), "--scs-report: *key is the file of --scs-sign as well*"),
        (
            ("--scs-sign=key", "--scs-report=r.yaml", "--scs-json=r.yaml.sig"),
            "--scs-json: *r.yaml.sig is the file of the signature beside --scs-report as well*",
        ),
    ],
)
def test_what_cannot_be_signed_is_said_before_the_run(
    pytester: pytest.Pytester, serve: Any, state: CloudState, key: Path, args: tuple[str, ...], words: str
) -> None:
    serve(state, "first")
    key.write_bytes(key.read_bytes().rstrip())
    before = sorted(pytester.path.iterdir())
    run = pytester.runpytest_inprocess(*PLAIN, IAAS, "--os-cloud=first", *args)
    assert run.ret == 4
    run.stderr.fnmatch_lines([f"ERROR: {words}"])
    assert state.requests == []
    assert sorted(pytester.path.iterdir()) == before


def test_an_ini_key_without_a_report_does_nothing(pytester: pytest.Pytester, serve: Any, state: CloudState) -> None:
    serve(state, "first")
    pytester.makeini("[pytest]\nscs_sign = nowhere\n")
    assert pytester.runpytest_inprocess(*PLAIN, IAAS, "--os-cloud=first").ret == 0
