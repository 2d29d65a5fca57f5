# SPDX-License-Identifier: Apache-2.0
"""The command lines of the runners, word by word, in every mode."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_scs.platforms.kubernetes.runners import commands
from pytest_scs.platforms.kubernetes.runners.choice import (
    CONFORMANCE,
    MODES,
    NETWORKING,
    NOTHING,
    Choice,
    effective_mode,
    rounds,
)
from pytest_scs.platforms.kubernetes.runners.commands import Call, Extras, plain_version

SONOBUOY = Call(Path("/bin/sonobuoy"), Path("/k"), "prod", "scs-conf-abc123")
HYDROPHONE = replace(SONOBUOY, program=Path("/bin/hydrophone"))
EXTRAS = Extras(seconds=21600, version="v1.36.3")

FIRST = "/bin/sonobuoy run --kubeconfig /k --context prod -n scs-conf-abc123 --plugin e2e"
LAST = (
    '--plugin-env "e2e.E2E_EXTRA_ARGS=--progress-report-url=http://localhost:8099/progress --ginkgo.flake-attempts=2" '
    '--plugin-env "e2e.E2E_EXTRA_GINKGO_ARGS=-v" --timeout 21600 --kubernetes-version v1.36.3'
)
SERIAL = r"'\[Serial\].*\[Conformance\]|\[Conformance\].*\[Serial\]'"

SONOBUOY_LINES = {
    (CONFORMANCE, "full"): [r"--e2e-focus '\[Conformance\]' --e2e-skip 'no test has this name' --e2e-parallel=true"],
    (CONFORMANCE, "serial"): ["--mode certified-conformance"],
    (CONFORMANCE, "split"): [
        r"--e2e-focus '\[Conformance\]' --e2e-skip '\[Serial\]' --e2e-parallel=true",
        f"--e2e-focus {SERIAL} --e2e-skip 'no test has this name' --e2e-parallel=false",
    ],
    (CONFORMANCE, "parallel"): [r"--e2e-focus '\[Conformance\]' --e2e-skip '\[Serial\]' --e2e-parallel=true"],
    (NETWORKING, "full"): [r"--e2e-focus NetworkPolicy --e2e-skip '\[Disruptive\]' --e2e-parallel=true"],
    (NETWORKING, "serial"): [r"--e2e-focus NetworkPolicy --e2e-skip '\[Disruptive\]' --e2e-parallel=false"],
    (NETWORKING, "split"): [r"--e2e-focus NetworkPolicy --e2e-skip '\[Disruptive\]' --e2e-parallel=true"],
    (NETWORKING, "parallel"): [r"--e2e-focus NetworkPolicy --e2e-skip '\[Disruptive\]' --e2e-parallel=true"],
}

HYDROPHONE_LINES = {
    (CONFORMANCE, "full"): ["--conformance -p 4"],
    (CONFORMANCE, "serial"): ["--conformance -p 1"],
    (CONFORMANCE, "split"): [r"--focus '\[Conformance\]' --skip '\[Serial\]' -p 4", f"--focus {SERIAL} -p 1"],
    (CONFORMANCE, "parallel"): [r"--focus '\[Conformance\]' --skip '\[Serial\]' -p 4"],
    (NETWORKING, "full"): [r"--focus NetworkPolicy --skip '\[Disruptive\]' -p 4"],
    (NETWORKING, "serial"): [r"--focus NetworkPolicy --skip '\[Disruptive\]' -p 1"],
}


@pytest.mark.parametrize(("key", "lines"), SONOBUOY_LINES.items(), ids=lambda one: "-".join(map(str, one))[-12:])
def test_sonobuoy_in_each_mode(key: tuple[Choice, str], lines: list[str]) -> None:
    built = [commands.sonobuoy_run(SONOBUOY, one, EXTRAS) for one in rounds(*key)]
    assert built == [shlex.split(f"{FIRST} {line} {LAST}") for line in lines]


@pytest.mark.parametrize(("key", "lines"), HYDROPHONE_LINES.items(), ids=lambda one: "-".join(map(str, one))[-12:])
def test_hydrophone_in_each_mode(key: tuple[Choice, str], lines: list[str]) -> None:
    first = "/bin/hydrophone --kubeconfig /k -n scs-conf-abc123 -o /out --startup-timeout 10m"
    last = "--extra-ginkgo-args --v=true,--flake-attempts=2,--timeout=6h"
    built = [
        commands.hydrophone_run(HYDROPHONE, one, replace(EXTRAS, processes=4), Path("/out")) for one in rounds(*key)
    ]
    assert built == [shlex.split(f"{first} {line} {last}") for line in lines]


def test_a_dry_run_runs_nothing_and_is_never_parallel() -> None:
    (one,) = rounds(CONFORMANCE, "dry")
    line = commands.sonobuoy_run(SONOBUOY, one, EXTRAS)
    assert "e2e.E2E_DRYRUN=true" in line
    assert "--e2e-parallel=false" in line
    line = commands.hydrophone_run(HYDROPHONE, one, EXTRAS, Path("/out"))
    assert line[line.index("-p") + 1] == "1"
    assert "--dry-run" in line


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tests", [CONFORMANCE, NETWORKING])
def test_the_skip_pattern_of_a_parallel_round_is_never_empty(tests: Choice, mode: str) -> None:
    for one in rounds(tests, mode):
        assert one.skip
        line = commands.sonobuoy_run(SONOBUOY, one, EXTRAS)
        # sonobuoy 0.57.3 refuses a mode beside a focus, and takes another mode's skip pattern where one is missing.
        assert ("--mode" in line) != ("--e2e-focus" in line)
        assert ("--e2e-focus" in line) == ("--e2e-skip" in line)


@pytest.mark.parametrize("mode", ["full", "serial", "split"])
def test_a_complete_mode_leaves_no_conformance_test_out(mode: str) -> None:
    names = ["[sig-a] x [Conformance]", "[sig-a] x [Serial] [Conformance]", "[sig-a] x [Conformance] [Serial] y"]
    chosen = [
        name
        for one in rounds(CONFORMANCE, mode)
        for name in names
        if re.search(one.focus, name) and not re.search(one.skip, name)
    ]
    assert sorted(chosen) == sorted(names)


def test_the_mode_parallel_leaves_serial_tests_out() -> None:
    (one,) = rounds(CONFORMANCE, "parallel")
    assert re.search(one.skip, "[sig-a] x [Serial] [Conformance]")
    assert not re.search(NOTHING, "[sig-a] x [Serial] [Conformance]")


@pytest.mark.parametrize(
    ("mode", "tests", "minor", "effective"),
    [
        ("full", CONFORMANCE, 29, "full"),
        ("full", CONFORMANCE, 28, "split"),
        ("full", NETWORKING, 28, "full"),
        ("serial", CONFORMANCE, 28, "serial"),
        ("parallel", CONFORMANCE, 28, "parallel"),
    ],
)
def test_old_servers_need_two_rounds_to_be_complete(mode: str, tests: Choice, minor: int, effective: str) -> None:
    assert effective_mode(mode, tests, minor) == effective


def test_the_other_commands() -> None:
    where = "--kubeconfig /k --context prod -n scs-conf-abc123"
    assert commands.sonobuoy_status(SONOBUOY) == shlex.split(f"/bin/sonobuoy status {where} --json")
    assert commands.sonobuoy_delete(SONOBUOY, 15) == shlex.split(f"/bin/sonobuoy delete {where} --wait=15")
    line = commands.sonobuoy_retrieve(SONOBUOY, Path("/out"), "run.tar.gz")
    assert line == shlex.split(f"/bin/sonobuoy retrieve {where} -f run.tar.gz /out")
    line = commands.hydrophone_cleanup(HYDROPHONE)
    assert line == shlex.split("/bin/hydrophone --kubeconfig /k -n scs-conf-abc123 --cleanup")


def test_options_for_clusters_without_internet() -> None:
    (one,) = rounds(NETWORKING, "full")
    extras = replace(EXTRAS, image="r/conformance:v1.36.3", repo_config=Path("/m.yaml"), busybox="r/busybox:1")
    line = shlex.join(commands.sonobuoy_run(SONOBUOY, one, extras))
    assert "--plugin-image e2e:r/conformance:v1.36.3" in line
    assert "--kubernetes-version" not in line
    assert "--e2e-repo-config /m.yaml" in line
    line = shlex.join(commands.hydrophone_run(HYDROPHONE, one, extras, Path("/out")))
    assert "--conformance-image r/conformance:v1.36.3 --busybox-image r/busybox:1 --test-repo-list /m.yaml" in line


def test_what_only_some_clusters_and_programs_need() -> None:
    (one,) = rounds(NETWORKING, "full")
    assert "--skip-preflight=dnscheck" in commands.sonobuoy_run(SONOBUOY, one, replace(EXTRAS, no_dns_check=True))
    newer = replace(EXTRAS, options=frozenset({"--disable-progress-status"}), seconds=90)
    line = commands.hydrophone_run(HYDROPHONE, one, newer, Path("/out"), resume=True)
    assert line[-1] == "--disable-progress-status"
    assert "--continue" in line
    assert "--v=true,--flake-attempts=2,--timeout=90s" in line


@pytest.mark.parametrize(
    ("given", "plain"),
    [("v1.36.3", "v1.36.3"), ("v1.35.2-eks-1-35.4", "v1.35.2"), ("v1.34.1+k3s1", "v1.34.1"), ("1.36", ""), ("", "")],
)
def test_images_are_tagged_without_a_vendors_suffix(given: str, plain: str) -> None:
    assert plain_version(given) == plain
