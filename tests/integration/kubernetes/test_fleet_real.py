# SPDX-License-Identifier: Apache-2.0
"""examples/kubernetes on a real cluster: twenty clouds, one of them broken, and one run that is killed in between.

The container is built and put on the nodes first, all in all some six minutes; so it happens only with SCS_TEST_FLEET
in the environment. The clouds are embedded ones, each in its own pod.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from fleet_image import build_image
from needs import lacking
from real_cluster import STATE, Devcluster

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "kubernetes"

IMAGE = "localhost/pytest-scs:fleet"
RUNS = 20

#: Numbers of the runs, from 0, that do not go well: a cloud that does not answer, and one that violates standards.
BROKEN, VIOLATING = 6, 12
#: The run that is killed once.
KILLED = 9

CLOUDS = """\
clouds:
  broken:
    auth: {auth_url: "http://127.0.0.1:1/v3", username: u, password: never-shown, project_name: p,
           user_domain_name: Default, project_domain_name: Default}
"""


class Kubectl:
    """kubectl in the namespace of the examples."""

    def __init__(self, kubeconfig: Path) -> None:
        self._start = [str(STATE / "bin" / "kubectl"), f"--kubeconfig={kubeconfig}"]

    def __call__(self, *args: str, given: str | None = None, check: bool = True) -> str:
        done = subprocess.run([*self._start, *args], input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or not check, f"{args}: {done.stderr}"
        return done.stdout

    def apply(self, documents: list[dict[str, Any]]) -> None:
        text = yaml.safe_dump_all(documents).replace("registry.example/pytest-scs:1", IMAGE)
        self("apply", "--validate=strict", "-f", "-", given=text)

    def finished(self, job: str, seconds: int) -> dict[str, Any]:
        """The status of a job, once it is at its end."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            status: dict[str, Any] = json.loads(self("-n", "scs", "get", "job", job, "-o", "json"))["status"]
            if any(one["type"] in ("Complete", "Failed") for one in status.get("conditions", ())):
                return status
            time.sleep(1)
        raise AssertionError(f"{job} is not at its end after {seconds} s: {self('-n', 'scs', 'get', 'pods')}")


@pytest.fixture(scope="module")
def kubectl(devcluster: Devcluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """The cluster with the container on its nodes, and the namespace, which goes at the end."""
    if not os.environ.get("SCS_TEST_FLEET"):
        lacking("fleet", "a fleet on a real cluster, which takes six minutes: SCS_TEST_FLEET=1")
    if devcluster is None:
        lacking("fleet", "a fleet on a real cluster: only the devcluster takes images without a registry")
    if not shutil.which("debootstrap"):
        lacking("fleet", "a fleet on a real cluster: there is no debootstrap for its container")
    image = build_image(IMAGE, tmp_path_factory.mktemp("image"))
    devcluster("load", str(image))
    run = Kubectl(STATE / "kubeconfig")
    run("delete", "namespace", "scs", "--ignore-not-found", "--timeout=120s")
    run.apply([*yaml.safe_load_all((EXAMPLES / "namespace.yaml").read_text("utf-8"))])
    yield run
    run("delete", "namespace", "scs", "--timeout=180s")
    # The devcluster keeps what it was given, and would load it whenever it comes up.
    (STATE / "images" / image.name).unlink()


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((EXAMPLES / name).read_text("utf-8")))


def test_the_cluster_takes_every_example_without_a_warning(kubectl: Kubectl) -> None:
    for path in sorted(EXAMPLES.glob("*.yaml")):
        done = kubectl("apply", "--dry-run=server", "--validate=strict", "--warnings-as-errors", "-f", str(path))
        assert "(server dry run)" in done


def test_nothing_of_a_fleet_is_lost(kubectl: Kubectl, tmp_path: Path) -> None:
    make_secrets(kubectl, tmp_path)
    subjects, job = documents("fleet.yaml")
    names = {BROKEN: "broken", VIOLATING: "demo:vanilla"}
    subjects["data"]["subjects.txt"] = "".join(f"{subject(run)} {names.get(run, 'demo')}\n" for run in range(RUNS))
    job["spec"]["completions"] = RUNS
    kubectl.apply([subjects, job])
    kill_one(kubectl)
    status = kubectl.finished("scs-fleet", 1200)
    # All were judged. What violates is not tried again, what is broken is, twice; so is what was killed.
    assert status["failedIndexes"] == f"{BROKEN},{VIOLATING}"
    assert (status["succeeded"], status["conditions"][-1]["reason"]) == (RUNS - 2, "FailedIndexes")
    assert status["failed"] in (4, 5)  # 3 + 1, and the pod that was killed where it was seen at its end
    assert len(pods(kubectl, BROKEN)) == 3
    assert len(pods(kubectl, VIOLATING)) == 1
    said = kubectl("-n", "scs", "logs", pods(kubectl, BROKEN)[-1])
    assert "Connection refused" in said
    assert "never-shown" not in said
    check_the_score_card(kubectl)


def make_secrets(kubectl: Kubectl, folder: Path) -> None:
    (folder / "clouds.yaml").write_text(CLOUDS)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
    for name, file in (("scs-clouds", "clouds.yaml"), ("scs-signing", "key")):
        kubectl("-n", "scs", "create", "secret", "generic", name, f"--from-file={folder / file}")


def subject(run: int) -> str:
    return f"fleet{run + 1:02}"


def pods(kubectl: Kubectl, run: int, *more: str) -> list[str]:
    label = f"batch.kubernetes.io/job-completion-index={run},job-name=scs-fleet"
    return kubectl("-n", "scs", "get", "pods", "-l", label, "-o", "name", *more).split()


def kill_one(kubectl: Kubectl) -> None:
    """Delete the pod of a run while it works, by force."""
    limit = time.monotonic() + 600
    while not (running := pods(kubectl, KILLED, "--field-selector=status.phase=Running")):
        assert time.monotonic() < limit, kubectl("-n", "scs", "get", "pods")
        assert not pods(kubectl, KILLED, "--field-selector=status.phase=Succeeded"), "it was too fast to be killed"
        time.sleep(0.2)
    kubectl("-n", "scs", "delete", running[0], "--force", "--grace-period=0")


def check_the_score_card(kubectl: Kubectl) -> None:
    """As the example has it, and again, now that score cards and a site lie between the reports."""
    [job] = documents("scorecard.yaml")
    kubectl.apply([job])
    assert kubectl.finished("scs-scorecard", 180)["succeeded"] == 1
    said = kubectl("-n", "scs", "logs", "job/scs-scorecard")
    lines = {line.split()[0]: line for line in said.splitlines() if line.startswith("fleet") and "; ready" in line}
    assert sorted(lines) == [subject(run) for run in range(RUNS)]
    for run in range(RUNS):
        assert ("ready to certify: yes (v5.1)" in lines[subject(run)]) == (run not in (BROKEN, VIOLATING))
    assert "no (54 ABORT)" in lines[subject(BROKEN)]
    assert " FAIL, " in lines[subject(VIOLATING)]
    # Three reports of the broken one, and what a killed run may have written is one more.
    signed = "find /reports/scs-compatible-iaas -name '*.yaml.sig'"
    text = f"test -s /reports/.site/index.html && scs report scorecard /reports >/tmp/said && {signed} | wc -l"
    job["metadata"]["name"] = "again"
    job["spec"]["template"]["spec"]["containers"][0]["args"] = [text]
    kubectl.apply([job])
    assert kubectl.finished("again", 180).get("succeeded") == 1, kubectl("-n", "scs", "logs", "job/again")
    assert int(kubectl("-n", "scs", "logs", "job/again")) in (RUNS + 2, RUNS + 3)
