# SPDX-License-Identifier: Apache-2.0
"""The manifests of examples/kubernetes: Kubernetes knows every word in them, and they do what they say.

A real cluster takes them in tests/integration/kubernetes/test_fleet_real.py.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import example_files
import pytest
import yaml
from kubernetes import client

from pytest_scs import cli

FOLDER = example_files.FOLDER / "kubernetes"
FILES = sorted(path.name for path in FOLDER.glob("*.yaml"))

#: Whom to look up for each kind; the client has a class for each type that the API knows.
KINDS = {
    "Namespace": client.V1Namespace,
    "PersistentVolumeClaim": client.V1PersistentVolumeClaim,
    "ConfigMap": client.V1ConfigMap,
    "Job": client.V1Job,
    "CronJob": client.V1CronJob,
}


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text("utf-8")))


def workloads() -> Iterator[tuple[str, dict[str, Any]]]:
    """File -> specification of each job."""
    for name in FILES:
        for document in documents(name):
            spec = document.get("spec", {})
            if document["kind"] == "CronJob":
                yield name, spec["jobTemplate"]["spec"]
            elif document["kind"] == "Job":
                yield name, spec


def problems(value: Any, kind: Any, place: str) -> Iterator[str]:
    """What the API would not know, or not take, in a value of a type of its client."""
    if isinstance(kind, str):
        if found := re.fullmatch(r"(?i)(list|dict)[\[(](?:str, ?)?(\w+)[\])]", kind):
            if not isinstance(value, {"list": list, "dict": dict}[found[1].lower()]):
                yield f"{place}: expected a {found[1]}"
                return
            entries = value.items() if isinstance(value, dict) else enumerate(value)
            for key, entry in entries:
                yield from problems(entry, found[2], f"{place}.{key}")
            return
        plain: dict[str, Any] = {"str": str, "int": int, "bool": bool, "object": (str, int)}
        if kind in plain:
            if not isinstance(value, plain[kind]) or (kind == "int" and isinstance(value, bool)):
                yield f"{place}: {value!r} is no {kind}"
            return
        kind = getattr(client, kind)
    if not isinstance(value, dict):
        yield f"{place}: expected a mapping"
        return
    attributes = {json: name for name, json in kind.attribute_map.items()}
    for key, entry in value.items():
        if key not in attributes:
            yield f"{place}.{key}: unknown"
        else:
            yield from problems(entry, kind.openapi_types[attributes[key]], f"{place}.{key}")
    try:
        # The client itself knows what is required.
        kind(**{attributes[key]: entry for key, entry in value.items() if key in attributes})
    except ValueError as error:
        yield f"{place}: {error}"


@pytest.mark.parametrize("name", FILES)
def test_kubernetes_knows_every_word_of_the_manifests(name: str) -> None:
    found = [one for document in documents(name) for one in problems(document, KINDS[document["kind"]], name)]
    assert found == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("backoffLimitPerIndex", "backoffLimitPerIndx", "fleet.yaml.spec.backoffLimitPerIndx: unknown"),
        ("completions: 3", "completions: three", "fleet.yaml.spec.completions: 'three' is no int"),
        ("operator: In", "operators: In", "onExitCodes.operators: unknown"),
        ("claimName: scs-reports", "claim: scs-reports", "persistentVolumeClaim.claim: unknown"),
        ("claimName: scs-reports", "readOnly: true", "persistentVolumeClaim: "),
    ],
)
def test_mistakes_in_manifests_are_found(old: str, new: str, problem: str) -> None:
    text = (FOLDER / "fleet.yaml").read_text("utf-8")
    damaged = yaml.safe_load_all(text.replace(old, new))
    found = [one for document in damaged for one in problems(document, KINDS[document["kind"]], "fleet.yaml")]
    assert any(problem in one for one in found)


@pytest.mark.parametrize(("name", "job"), [*workloads()])
def test_pods_have_no_rights_they_do_not_need(name: str, job: dict[str, Any]) -> None:
    pod = job["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert job["activeDeadlineSeconds"] > 0
    assert job["ttlSecondsAfterFinished"] > 0
    mounted = {volume["name"]: volume for volume in pod["volumes"]}
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(container["resources"]["limits"]) == {"cpu", "memory"}
        assert not container["image"].endswith(":latest")
        for mount in container["volumeMounts"]:
            if "secret" in mounted[mount["name"]]:
                assert mount["readOnly"] is True
                assert mounted[mount["name"]]["secret"]["defaultMode"] == 0o400
            # A copy of a secret is in memory only.
            if "emptyDir" in mounted[mount["name"]]:
                assert mounted[mount["name"]]["emptyDir"]["medium"] == "Memory"


@pytest.mark.parametrize("name", ["cronjob.yaml", "fleet.yaml"])
def test_violations_are_not_tried_again_and_everything_else_is(name: str) -> None:
    [job] = [job for file, job in workloads() if file == name]
    ignore, give_up = job["podFailurePolicy"]["rules"]
    assert ignore == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
    assert give_up["action"] == ("FailIndex" if name == "fleet.yaml" else "FailJob")
    codes = give_up["onExitCodes"]
    assert (codes["operator"], codes["containerName"]) == ("In", job["template"]["spec"]["containers"][0]["name"])
    # Not 6 (no verdict), not 2 (interrupted), not 137 and 143 (killed).
    assert codes["values"] == [1, 4, 5]
    assert job.get("backoffLimitPerIndex", job.get("backoffLimit")) == 2
    assert "maxFailedIndexes" not in job


def script(name: str) -> str:
    [job] = [job for file, job in workloads() if file == name]
    [text] = job["template"]["spec"]["containers"][0]["args"]
    return str(text)


@pytest.mark.parametrize("name", ["cronjob.yaml", "fleet.yaml"])
def test_the_runs_are_started_with_options_that_scs_knows(name: str) -> None:
    command = re.search(r"scs (run [^|&\n]*)", script(name))
    assert command is not None
    arguments, unknown = cli.parser("run").parse_known_args(command[1].strip().split())
    assert (arguments.scopes, arguments.scs_report, unknown) == (["iaas"], "/reports/", [])
    assert arguments.scs_sign == "/secrets/signing/key"


def test_score_card_and_site_are_made_with_options_that_scs_knows() -> None:
    commands = re.findall(r"^ *scs (report [^|;\n]*)", script("scorecard.yaml"), re.MULTILINE)
    assert [command.split()[1] for command in commands] == ["scorecard", "site"]
    for command in commands:
        assert cli.parser("report").parse_args(command.split())


@pytest.mark.parametrize(("card", "site", "code"), [(0, 0, 0), (1, 0, 1), (0, 1, 1), (1, 4, 4)])
def test_the_job_of_the_score_card_fails_where_a_report_cannot_be_read(
    tmp_path: Path, card: int, site: int, code: int
) -> None:
    environment = stand_in(tmp_path, f'echo "$2"; [ "$2" = site ] && exit {site}; exit {card}')
    command = ["sh", "-c", script("scorecard.yaml")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("scorecard\nsite\n", code)


def stand_in(folder: Path, text: str) -> dict[str, str]:
    """An environment in which ``scs`` is a script."""
    (folder / "bin").mkdir()
    path = folder / "bin" / "scs"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}


@pytest.mark.parametrize(
    ("index", "code", "said"),
    [
        ("0", 0, "run iaas --cloud prod1 --subject prod1 "),
        ("1", 0, "--cloud other --subject two "),
        ("2", 4, ""),
        ("3", 4, ""),
    ],
)
def test_each_run_takes_its_line_of_the_list(tmp_path: Path, index: str, code: int, said: str) -> None:
    (tmp_path / "subjects.txt").write_text("prod1 prod1\ntwo other\nthree\n")
    text = script("fleet.yaml").replace("/etc/scs", str(tmp_path))
    environment = {**stand_in(tmp_path, 'echo "$@"'), "JOB_COMPLETION_INDEX": index}
    done = subprocess.run(["sh", "-c", text], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stdout
    line = int(index) + 1
    assert done.stderr == (f"line {line} of subjects.txt: expected SUBJECT CLOUD\n" if code else "")


def of_the_cron_job(folder: Path) -> str:
    """Its script, with all places below a folder."""
    (folder / "monitor").mkdir()
    (folder / "monitor" / "token").write_text("secret")
    return script("cronjob.yaml").replace("/secrets", str(folder)).replace("/tmp/token", str(folder / "token"))


@pytest.mark.parametrize(
    ("run", "submit", "code"), [(0, 0, 0), (1, 0, 1), (6, 0, 6), (1, 1, 1), (6, 4, 6), (0, 1, 6), (0, 4, 6)]
)
def test_reports_are_sent_whatever_the_verdict_which_is_the_exit_code(
    tmp_path: Path, run: int, submit: int, code: int
) -> None:
    text = of_the_cron_job(tmp_path)
    environment = stand_in(tmp_path, f'echo "$@"; [ "$1" = run ] && exit {run}; exit {submit}')
    done = subprocess.run(["sh", "-c", text], env=environment, capture_output=True, text=True, check=False)
    first, second = done.stdout.splitlines()
    assert first.startswith("run iaas --cloud mycloud --subject mycloud --due --report /reports/ --sign ")
    assert second == f"report submit --new /reports --token-file {tmp_path}/token"
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
    assert (done.returncode, done.stderr) == (code, "")


def test_a_run_that_is_ended_ends_by_itself(tmp_path: Path) -> None:
    text = of_the_cron_job(tmp_path)
    environment = stand_in(
        tmp_path,
        f'[ "$1" = report ] && exit 0\ntrap "echo cleaned; exit 2" TERM\ntouch {tmp_path}/started\n'
        "while :; do sleep 0.05; done",
    )
    with subprocess.Popen(["sh", "-c", text], env=environment, stdout=subprocess.PIPE, text=True) as process:
        while not (tmp_path / "started").exists() and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert (out, process.returncode) == ("cleaned\n", 2)


def sidecar() -> dict[str, Any]:
    """The part of a pod that the page has for buckets."""
    [block] = re.findall(r"(?m)^    spec:\n(?:(?:     .*)?\n)+", (FOLDER / "README.md").read_text("utf-8"))
    found: dict[str, Any] = yaml.safe_load(block)["spec"]
    return found


def test_kubernetes_knows_every_word_of_the_sidecar() -> None:
    spec = {"containers": [{"name": "scs"}], **sidecar()}
    assert [*problems(spec, client.V1PodSpec, "README.md")] == []


def test_the_sidecar_copies_when_it_is_ended_and_again_where_that_failed(tmp_path: Path) -> None:
    [container] = sidecar()["initContainers"]
    stand_in(tmp_path, "")
    rclone = tmp_path / "bin" / "rclone"
    rclone.write_text(f'#!/bin/sh\necho "$@"\n[ -e {tmp_path}/failed ] || {{ touch {tmp_path}/failed; exit 1; }}\n')
    rclone.chmod(0o755)
    text = container["args"][0].replace("sleep 5", "sleep 0.05")
    text = text.replace("sleep 1 &", f"touch {tmp_path}/up; sleep 0.1 &")
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    with subprocess.Popen(["sh", "-c", text], env=environment, stdout=subprocess.PIPE, text=True) as process:
        while not (tmp_path / "up").exists() and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert (out, process.returncode) == ("copy --immutable /reports bucket:scs-reports\n" * 2, 0)
