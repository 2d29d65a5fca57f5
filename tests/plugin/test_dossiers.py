# SPDX-License-Identifier: Apache-2.0
"""``scs report dossier``, and what ``scs report verify`` makes of one, also of one that somebody has altered."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ssh_keys import make_key, public, sign

from pytest_scs.cli import main as scs
from pytest_scs.pipeline.dossier import archive, rejudging
from pytest_scs.standards.manual_check_data import known_checks

Capture = pytest.CaptureFixture[str]
Files = dict[str, bytes]

DECLARATION = "scs-0214-x-node-distribution-declaration"
SECRETS = ("hunter2-canary", "canary-token-6b1f")


def run(folder: Path, *words: str) -> None:
    """A run that people would do, in a process of its own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "OS_"))}
    command = [sys.executable, "-P", "-m", "pytest_scs.cli", "run", *words]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 6), done.stdout + done.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of signed reports on a cloud and a cluster with recordings and answers, a key, and its signers."""
    folder = tmp_path_factory.mktemp("pipeline")
    (folder / "reports").mkdir()
    make_key(folder / "key")
    (folder / "signers").write_text(f'ops@demo namespaces="report" {public(folder / "key")}\n')
    (folder / "reports" / "plan.pdf").write_bytes(b"three machines\n")
    wanted = {"text": "words", "number": 3}
    questions = {
        question.key: {"answer": wanted.get(question.wants, question.wants), "text": "so it is"}
        for question in known_checks()[DECLARATION].questions
    }
    plan = {"file": "plan.pdf", "sha256": hashlib.sha256(b"three machines\n").hexdigest()}
    entry = {"answered_by": "Jane", "role": "head", "answered_at": dt.datetime.now(dt.UTC).date(), "evidence": [plan]}
    answers = {"subject": "demo", "answers": {DECLARATION: entry | {"questions": questions}}}
    (folder / "reports" / "answers.yaml").write_text(yaml.safe_dump(answers))
    common = ("--report=reports/", "--sign=key")
    run(folder, "iaas-v5.1", "--cloud=demo:vanilla", "-m", "scs_0103", *common, "--record=reports/cloud.json")
    given = ("--attestations=reports/answers.yaml", "--target=all", "-m", "manual or (kaas_v1 and scs_0210)")
    run(folder, "kaas-v1", "beyond-kaas-v1", "--kubeconfig=demo", *common, *given, "--record=reports/cluster.json")
    return folder


@pytest.fixture(scope="module")
def dossier(home: Path) -> Path:
    """A dossier of everything there."""
    assert scs(["report", "dossier", str(home / "reports"), "-o", str(home / "dossier.zip")]) == 0
    return home / "dossier.zip"


@pytest.fixture
def verify(home: Path, capsys: Capture) -> Callable[..., tuple[int, str]]:
    """Verify a dossier; exit code and output."""

    def verified(path: Path, *more: str) -> tuple[int, str]:
        capsys.readouterr()
        code = scs(["report", "verify", str(path), f"--signers={home / 'signers'}", *more])
        said = capsys.readouterr()
        return code, said.out + said.err

    return verified


def content(path: Path) -> Files:
    with zipfile.ZipFile(path) as found:
        return {name: found.read(name) for name in found.namelist()}


@pytest.fixture
def altered(dossier: Path, home: Path, tmp_path: Path) -> Callable[..., Path]:
    """The dossier with other content, and a manifest that fits it."""

    def make(change: Callable[[Files, dict[str, Any]], None], *, fitting: bool = True) -> Path:
        files = content(dossier)
        manifest = json.loads(files.pop("manifest.json"))
        change(files, manifest)
        if fitting:
            manifest["files"] = {name: hashlib.sha256(text).hexdigest() for name, text in files.items()}
        path = tmp_path / "altered.zip"
        path.write_bytes(archive.packed({**files, "manifest.json": json.dumps(manifest).encode()}))
        return path

    return make


def test_everything_in_a_dossier_is_proved_offline(dossier: Path, verify: Any, tmp_path: Path) -> None:
    code, said = verify(dossier)
    assert said.count("good signature of ops@demo") == 3
    assert said.count(" verdicts are those of evidence/") == 3
    assert f"{dossier}: everything in it is proved\n" in said
    assert code == 0
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("scs-")]


def test_what_a_dossier_holds(dossier: Path, home: Path) -> None:
    files = content(dossier)
    kinds = [name.partition("/")[0] for name in files]
    assert kinds.count("reports") == 6
    assert kinds.count("evidence") == 2
    assert kinds.count("scopes") == 3
    assert any(name.endswith("/plan.pdf") for name in files)
    manifest = json.loads(files["manifest.json"])
    assert manifest["files"] == {
        name: hashlib.sha256(text).hexdigest() for name, text in files.items() if name != "manifest.json"
    }
    iaas = next(scope for scope in manifest["scopes"] if scope["name"] == "SCS-compatible IaaS")
    assert {"v5.1": "effective"}.items() <= max(iaas["timeline"].items())[1].items()
    assert {"v5.1"} <= {version["version"] for version in iaas["versions"]}
    assert [row["result"] for row in manifest["results"] if row["testcase"] == DECLARATION] == ["PASS"]
    failed = {row["testcase"] for row in manifest["results"] if row["result"] == "FAIL"}
    assert failed
    assert all("counts_until" in row for row in manifest["results"])
    text = files["README.txt"].decode()
    assert "scs report verify dossier.zip --signers=" in text
    assert "tool: pytest-scs " in text
    assert "data as of: " in text


def test_the_same_input_gives_the_same_bytes(dossier: Path, home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(home / "reports", copy)
    for path in copy.rglob("*"):
        os.utime(path, (1, 1))
    assert scs(["report", "dossier", str(copy), "-o", str(tmp_path / "again.zip")]) == 0
    assert (tmp_path / "again.zip").read_bytes() == dossier.read_bytes()


def test_older_reports_stay_outside_and_what_is_lacking_is_said(home: Path, tmp_path: Path, capsys: Capture) -> None:
    copy = tmp_path / "reports"
    shutil.copytree(home / "reports", copy)
    report = next(copy.glob("scs-compatible-iaas/demo*/*.yaml"))
    older = yaml.safe_load(report.read_text())
    older["checked_at"] -= dt.timedelta(days=1)
    older["run"]["uuid"] = "0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11"
    (report.parent / "older.yaml").write_text(yaml.safe_dump(older))
    report.with_name(f"{report.name}.sig").unlink()
    (copy / "cloud.json").unlink()
    code = scs(["report", "dossier", str(copy), "-o", str(tmp_path / "d.zip")])
    said = capsys.readouterr()
    assert code == 1
    assert sorted(line.partition(f"{report}: ")[2] for line in said.err.splitlines()) == [
        "no recording of it (--scs-record=FILE in the run, --evidence=FILE here)",
        f"not signed (scs report sign {report} --key=KEY)",
    ]
    assert said.out.startswith(f"{tmp_path}/d.zip: 3 reports, ")
    assert not [name for name in content(tmp_path / "d.zip") if "older" in name]
    given = [f"--evidence={home / 'reports' / 'cloud.json'}", str(report)]
    assert scs(["report", "dossier", *given, "-o", str(tmp_path / "d.zip")]) == 1
    assert "no recording" not in capsys.readouterr().err


def test_a_verdict_that_the_recording_does_not_give(altered: Any, home: Path, verify: Any, tmp_path: Path) -> None:
    """Whoever has the key can sign anything; the recording tells."""

    def change(files: Files, manifest: dict[str, Any]) -> None:
        name = next(name for name in files if "/scs-compatible-iaas/" in name and name.endswith(".yaml"))
        files[name] = files[name].replace(b": -1\n", b": 1\n")
        (tmp_path / "r.yaml").write_bytes(files[name])
        files[f"{name}.sig"] = sign(home / "key", tmp_path / "r.yaml").read_bytes()
        mine = [entry for entry in manifest["reports"] if entry["file"] == name]
        uuid = yaml.safe_load(files[name])["run"]["uuid"]
        manifest["reports"] = mine
        manifest["results"] = [
            row | {"result": row["result"].replace("FAIL", "PASS")}
            for row in manifest["results"]
            if row["report"] == uuid
        ]
        for other in [other for other in files if other.startswith("reports/") and not other.startswith(name)]:
            del files[other]

    code, said = verify(altered(change))
    assert code == 1
    assert "good signature of ops@demo" in said
    assert ": PASS in the report, FAIL from the recording" in said
    assert "newest results are not those" not in said


@pytest.fixture
def not_judged_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what shows before anything is judged anew, which takes some seconds."""
    monkeypatch.setattr(rejudging, "_run", lambda words, folder: (4, "not in this test"))


def _report(files: Files) -> str:
    return next(name for name in files if "/scs-compatible-iaas/" in name and name.endswith(".yaml"))


def _other_result(files: Files, manifest: dict[str, Any]) -> None:
    name = _report(files)
    files[name] = files[name].replace(b": -1\n", b": 1\n", 1)


def _other_table(files: Files, manifest: dict[str, Any]) -> None:
    manifest["results"][0]["result"] = "ABORT"


def _other_recording(files: Files, manifest: dict[str, Any]) -> None:
    entry = next(entry for entry in manifest["reports"] if entry["file"] == _report(files))
    entry["evidence"] = next(name for name in files if name.startswith("evidence/") and name != entry["evidence"])


def _no_recording(files: Files, manifest: dict[str, Any]) -> None:
    entry = next(entry for entry in manifest["reports"] if entry["file"] == _report(files))
    del files[entry["evidence"]]
    entry["evidence"] = ""


def _no_signature(files: Files, manifest: dict[str, Any]) -> None:
    entry = next(entry for entry in manifest["reports"] if entry["file"] == _report(files))
    del files[entry["signature"]]
    entry["signature"] = ""


def _no_evidence_file(files: Files, manifest: dict[str, Any]) -> None:
    entry = next(entry for entry in manifest["reports"] if entry["file"] == _report(files))
    files[entry["evidence"]] = b'{"format": "pytest-scs evidence", "version": 1, "clouds": [7]}'


@pytest.mark.parametrize(
    ("change", "fitting", "words"),
    [
        (_other_result, True, ".yaml: altered: it is not what ssh-ed25519 SHA256:"),
        (_other_result, False, ".yaml: altered: its SHA-256 is not that of the manifest"),
        (_other_table, True, "manifest.json: its newest results are not those of the reports in the dossier"),
        (_other_recording, True, "has nothing that was read at "),
        (_no_recording, True, "verdicts not judged anew: there is no recording of it"),
        (_no_signature, True, ".yaml: not signed"),
        (_no_evidence_file, True, "verdicts not judged anew: --scs-replay: evidence/"),
    ],
)
def test_what_is_altered_is_said(
    altered: Any, verify: Any, not_judged_anew: None, change: Any, fitting: bool, words: str
) -> None:
    code, said = verify(altered(change, fitting=fitting))
    assert code == 1
    assert words in said


def _missing(files: Files, manifest: dict[str, Any]) -> None:
    del files[_report(files)]


def _unknown(files: Files, manifest: dict[str, Any]) -> None:
    files["more.txt"] = b"x"


def _no_reports(files: Files, manifest: dict[str, Any]) -> None:
    manifest["reports"] = []


def _a_report_twice(files: Files, manifest: dict[str, Any]) -> None:
    manifest["reports"].append(manifest["reports"][0])


def _bad_scope(files: Files, manifest: dict[str, Any]) -> None:
    files["scopes/own.yaml"] = b"uuid: 7"


def _newer(files: Files, manifest: dict[str, Any]) -> None:
    manifest["version"] = 2


def _no_manifest(files: Files, manifest: dict[str, Any]) -> None:
    manifest.clear()


def _odd(files: Files, manifest: dict[str, Any]) -> None:
    manifest["reports"] = [7]


def test_a_scope_file_that_is_none(altered: Any, verify: Any, not_judged_anew: None) -> None:
    code, said = verify(altered(_bad_scope))
    assert code == 4
    assert "in it: " in said
    assert "own.yaml" in said
    assert "scs-dossier-" not in said


@pytest.mark.parametrize(
    ("change", "fitting", "words"),
    [
        (_missing, False, "of the manifest is missing in it"),
        (_missing, True, "of the manifest is missing in it"),
        (_unknown, False, "more.txt is not in the manifest"),
        (_no_reports, True, "is no report of the manifest"),
        (_a_report_twice, True, "manifest.json names a report twice"),
        (_newer, True, "manifest.version: expected 1, got 2; take a newer pytest-scs"),
        (_no_manifest, False, "manifest.json: manifest.format: expected 'pytest-scs dossier'"),
        (_odd, True, "manifest.reports[0]: expected an object"),
    ],
)
def test_what_is_no_dossier_is_refused_in_one_line(
    altered: Any, verify: Any, not_judged_anew: None, change: Any, fitting: bool, words: str
) -> None:
    code, said = verify(altered(change, fitting=fitting))
    assert code == 4
    assert words in said
    assert said.count("\n") == 1


def test_a_damaged_file(dossier: Path, tmp_path: Path, verify: Any) -> None:
    data = bytearray(dossier.read_bytes())
    data[200:400] = bytes(200)
    (tmp_path / "d.zip").write_bytes(data)
    code, said = verify(tmp_path / "d.zip")
    assert (code, said.count("\n")) == (4, 1)


def test_no_secret_of_the_neighbourhood_gets_in(home: Path, tmp_path: Path, capsys: Capture) -> None:
    """Keys, tokens and configuration may lie in the folder of the reports."""
    copy = tmp_path / "reports"
    shutil.copytree(home / "reports", copy)
    shutil.copy(home / "key", copy / "key")
    (copy / "prod1.token").write_text(SECRETS[0])
    (copy / "scs.toml").write_text(f"[monitor]\nurl = 'https://u:{SECRETS[0]}@x/'\n")
    (copy / "clouds.yaml").write_text(f"clouds: {{a: {{auth: {{password: {SECRETS[0]}}}}}}}\n")
    (copy / "other.json").write_text(json.dumps({"token": SECRETS[1]}))
    assert scs(["report", "dossier", str(copy), "-o", str(tmp_path / "d.zip")]) == 0
    inside = b"\n".join([*content(tmp_path / "d.zip").values()])
    for secret in (*SECRETS, (home / "key").read_text().split("\n")[1]):
        assert secret.encode() not in inside
    assert not [name for name in content(tmp_path / "d.zip") if "token" in name or "clouds" in name]


def test_a_text_of_ours_that_a_service_gave_back_is_no_secret(home: Path, tmp_path: Path) -> None:
    recording = json.loads((home / "reports" / "cloud.json").read_text())
    recording["clouds"][0]["sections"]["secret_roundtrip"] = [
        {"offered": True, "refused": None, "listed": True, "stored": "foo", "payload": "foo"}
    ]
    copy = tmp_path / "reports"
    shutil.copytree(home / "reports", copy)
    (copy / "cloud.json").write_text(json.dumps(recording))
    assert scs(["report", "dossier", str(copy), "-o", str(tmp_path / "d.zip")]) != 4
    assert (tmp_path / "d.zip").exists()


def test_a_recording_with_a_secret_in_it_is_refused(home: Path, tmp_path: Path, capsys: Capture) -> None:
    """No run writes one; somebody has edited it."""
    recording = json.loads((home / "reports" / "cloud.json").read_text())
    recording["clouds"][0]["region"] = f"password={SECRETS[0]}"
    copy = tmp_path / "reports"
    shutil.copytree(home / "reports", copy)
    (copy / "cloud.json").write_text(json.dumps(recording))
    code = scs(["report", "dossier", str(copy), "-o", str(tmp_path / "d.zip")])
    said = capsys.readouterr()
    assert code == 4
    assert "looks like a secret; nothing is written" in said.err
    assert SECRETS[0] not in said.err + said.out
    assert not (tmp_path / "d.zip").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{home}/empty", "-o", "{home}/d.zip"], "there is no report in "),
        (["{home}/reports", "-o", "{home}/d.tar"], "d.tar is no name of a zip file"),
        (["{home}/reports", "-o", "{home}/none/d.zip"], "there is no directory"),
        (["{home}/none", "-o", "{home}/d.zip"], "No such file or directory"),
        (["{home}/reports", "--evidence={home}/signers", "-o", "{home}/d.zip"], "is not an evidence file"),
        (["{home}/reports", "--scope={home}/signers", "-o", "{home}/d.zip"], "signers"),
        (["{home}/reports", "--attestations={home}/signers", "-o", "{home}/d.zip"], "signers"),
    ],
)
def test_what_no_dossier_can_be_made_of(home: Path, capsys: Capture, words: list[str], said: str) -> None:
    (home / "empty").mkdir(exist_ok=True)
    code = scs(["report", "dossier", *(word.format(home=home) for word in words)])
    errors = capsys.readouterr().err
    assert (code, said in errors, errors.count("\n")) == (4, True, 1)
    assert not (home / "d.zip").exists()


def test_two_files_of_answers_on_one_subject(home: Path, tmp_path: Path, capsys: Capture) -> None:
    other = tmp_path / "answers.yaml"
    other.write_bytes((home / "reports" / "answers.yaml").read_bytes())
    words = ["report", "dossier", str(home / "reports"), str(tmp_path), "-o", str(tmp_path / "d.zip")]
    assert scs(words) == 4
    assert "both have answers on demo; name the one that counts: --attestations=FILE" in capsys.readouterr().err
    assert scs([*words, f"--attestations={other}"]) == 1
    assert "the document 'plan.pdf' is left out: No such file or directory" in capsys.readouterr().err
