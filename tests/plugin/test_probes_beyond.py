# SPDX-License-Identifier: Apache-2.0
"""Testcases beyond the official suite that create something, and what of it stays or is recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.cli import main as scs
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.platforms.openstack import opened

CONTENT = "scs-0117-x-content"
S3 = "scs-0123-x-s3-roundtrip"
EMPTY = "<ListBucketResult></ListBucketResult>"
GROUP, TEMPLATE = "scs-0115-x-custom-group", "scs-0115-default-rules"


def judged(judge: Any, state: CloudState, testcase: str, *args: str) -> Any:
    run = judge(state, "-m", "main", "-k", testcase, *args, scope="beyond-v1")
    assert set(run.verdicts) == {testcase}
    return run


def test_restored_content_is_compared_without_a_vm(judge: Any, clean: CloudState) -> None:
    assert judged(judge, clean, CONTENT).verdicts == {CONTENT: "PASS"}
    assert clean.servers == []


def test_nobody_is_certified_for_an_unofficial_scope(judge: Any, clean: CloudState) -> None:
    run = judge(clean, "-m", "scs_0117", "--scs-target=main", scope="beyond-v1")
    run.result.stdout.fnmatch_lines(["beyond-v1 (effective) main: 1 PASS of 1 chosen; no verdict on the version"])
    run = judge(clean, "-m", "beyond", "--scs-target=main", scope="beyond-v1")
    run.result.stdout.fnmatch_lines(["beyond-v1 (effective) main: ABORT (*); unofficial, there is no certificate"])


def test_filter_on_one_scope_leaves_the_verdict_on_the_other(judge: Any, clean: CloudState) -> None:
    clean.services[:] = [entry for entry in clean.services if entry["type"] != "load-balancer"]
    run = judge(clean, "--scs-scope=beyond-v1", "-m", "iaas or scs_0123")
    run.result.stdout.fnmatch_lines(
        [
            "iaas-v5.1 (effective) main: FAIL (1 FAIL, 53 PASS); ready to certify: no",
            "beyond-v1 (effective) main: 1 PASS of 1 chosen; no verdict on the version",
        ]
    )


def test_other_content_is_a_violation_of_the_restored_volume(judge: Any, clean: CloudState) -> None:
    clean.backup_garbles = True
    run = judged(judge, clean, CONTENT)
    assert run.verdicts == {CONTENT: "FAIL"}
    (line,) = [line for line in run.messages(CONTENT) if "-content-restored (" in line]
    assert "has the content of the volume that was backed up: expected sha512 " in line


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"stuck": {"upload"}}, "the copy of a volume did not become active"),
        ({"broken": {"backup"}}, "the backup did not become available"),
        ({"faults": [Fault("PUT", "/file$", status=403)]}, "answered PUT /image/v2/images/"),
        ({"quota": {"backups": 0}}, "backups 1 needed, 0 of 0 used"),
    ],
    ids=["upload", "backup", "image", "quota"],
)
def test_content_that_cannot_be_compared_is_undecided(
    judge: Any, clean: CloudState, change: dict[str, Any], words: str
) -> None:
    for key, value in change.items():
        setattr(clean, key, value)
    # Only Cinder knows whether the copy of a stuck upload is still needed.
    before = clean.stuck.copy()
    run = judged(judge, clean, CONTENT)
    assert run.verdicts == {CONTENT: "ABORT"}
    assert words in run.result.stdout.str()
    if before:
        _release(clean)


def _release(state: CloudState) -> None:
    """What never ends would keep its volumes for ever."""
    state.stuck.clear()
    for volume in state.volumes:
        volume["status"] = "available"
    assert scs(["cleanup", "--os-cloud=testcloud", "--delete"]) == 0


def test_probes_take_turns_where_the_quota_holds_only_one(judge: Any, clean: CloudState) -> None:
    clean.quota |= {"volumes": 2, "backups": 1}
    scopes = ("--scs-scope=beyond-v1", "-m", "main and scs_0117")
    assert judge(clean, *scopes).having("PASS") == {"scs-0117-test-backup", CONTENT}


def test_object_goes_through_s3_and_nothing_of_it_stays(judge: Any, clean: CloudState, tmp_path: Path) -> None:
    run = judged(judge, clean, S3, "--scs-record=evidence.json")
    assert run.verdicts == {S3: "PASS"}
    assert run.ret == 0
    assert list((tmp_path / "state").rglob("*.jsonl")) == []


def test_cloud_without_any_object_store_is_a_violation(judge: Any, clean: CloudState) -> None:
    clean.services[:] = [entry for entry in clean.services if not entry["type"].startswith("object-store")]
    run = judged(judge, clean, S3)
    assert run.verdicts == {S3: "FAIL"}
    assert any("service catalog: offers S3: expected a service of type" in line for line in run.messages(S3))


def test_nothing_can_be_left_of_what_a_cloud_does_not_offer(
    serve: Any, clean: CloudState, capsys: pytest.CaptureFixture[str]
) -> None:
    clean.services[:] = [entry for entry in clean.services if entry["type"] != "key-manager"]
    serve(clean, "testcloud")
    assert scs(["cleanup", "--os-cloud=testcloud"]) == 0
    assert capsys.readouterr().out == "cloud testcloud: nothing is left of any run\n"


@pytest.mark.parametrize(
    ("fault", "verdict", "words"),
    [
        (Fault("PUT", r"^/scs-0123-\w+$", status=403), "FAIL", "a member can create a bucket: expected success"),
        (Fault("PUT", "/object$", status=501), "FAIL", "a member can store an object"),
        (Fault("GET", "list-type=2", status=200, body=EMPTY, times=5), "FAIL", "the object is not in the listing"),
        (Fault("GET", "/object$", action="garbage"), "FAIL", "the content is not what was stored"),
        (Fault("GET", "/object$", status=500), "ABORT", "trying to read the object: HTTP 500"),
        (Fault("PUT", "/object$", action="drop"), "ABORT", "no connection to "),
        (Fault("POST", "/OS-EC2$", status=403), "ABORT", "no EC2 credentials can be had"),
        (
            Fault("PUT", "/object$", status=403, body="<Error><Code>QuotaExceeded</Code></Error>"),
            "ABORT",
            "trying to store an object: HTTP 403 (QuotaExceeded)",
        ),
    ],
    ids=["bucket", "object", "listing", "content", "down", "drop", "credentials", "quota"],
)
def test_s3_that_does_not_work(judge: Any, clean: CloudState, fault: Fault, verdict: str, words: str) -> None:
    clean.faults.append(fault)
    run = judged(judge, clean, S3)
    assert run.verdicts == {S3: verdict}
    assert any(words in line for line in run.messages(S3)), run.messages(S3)


def s3_error(status: int, code: str) -> Fault:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>" if code else ""
    return Fault("*", "^/scs-0123", status=status, body=body, headers={"Content-Type": "application/xml"})


@pytest.mark.parametrize(
    ("status", "code", "verdict", "mend"),
    [
        (403, "SignatureDoesNotMatch", "FAIL", "a proxy before the object store changes the Host header"),
        (403, "InvalidAccessKeyId", "FAIL", "does not know Keystone's EC2 credentials"),
        (501, "NotImplemented", "FAIL", "switched off in the object store"),
        (400, "InvalidRequest", "ABORT", ""),
        (403, "", "FAIL", "rgw_enable_apis"),
    ],
)
def test_bucket_that_is_refused_for_good_was_never_there(
    judge: Any, clean: CloudState, tmp_path: Path, status: int, code: str, verdict: str, mend: str
) -> None:
    clean.faults.append(s3_error(status, code))
    run = judged(judge, clean, S3)
    assert run.verdicts == {S3: verdict}
    run.result.stdout.no_fnmatch_line("left incomplete*")
    assert [one.method for one in clean.requests if one.path.startswith("/scs-0123")] == ["PUT"]
    assert clean.ec2_credentials == []
    assert list((tmp_path / "state").rglob("*.jsonl")) == []
    if mend:
        run.result.stdout.fnmatch_lines([f"*mend: *{mend}*"])


@pytest.mark.parametrize(
    "fault",
    [
        Fault("GET", "list-type=2", status=200, body=EMPTY, times=2),
        Fault("PUT", r"^/scs-0123-\w+$", action="late", status=503, times=1),
    ],
    ids=["listing that lags", "creation that is repeated"],
)
def test_s3_that_stumbles_is_asked_again(judge: Any, clean: CloudState, fault: Fault) -> None:
    clean.faults.append(fault)
    assert judged(judge, clean, S3).verdicts == {S3: "PASS"}


def test_bucket_and_credentials_that_stay_are_found_by_the_journal(
    judge: Any, healthy: CloudState, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    own = {"access": "0" * 32, "secret": "1" * 32, "project_id": healthy.project_id, "created_at": "2026-01-01"}
    healthy.ec2_credentials.append(own)
    before = healthy.belongings()
    healthy.faults.append(Fault("DELETE", ".", status=403))
    run = judged(judge, healthy, S3)
    assert run.ret == 1
    run.result.stdout.fnmatch_lines(["left incomplete: bucket *", "left incomplete: ec2-credential *"])
    healthy.faults.clear()
    again = judged(judge, healthy, S3)
    again.result.stdout.fnmatch_lines(["scs: a run of * UTC left something in testcloud; *--run=????????"])
    capsys.readouterr()
    assert scs(["cleanup", "--os-cloud=testcloud", "--delete"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("removed bucket _scs-0123-") == shown.count("removed ec2-credential _scs-0123-") == 1
    assert healthy.belongings() == before
    assert list((tmp_path / "state").rglob("*.jsonl")) == []


def test_key_of_a_bucket_that_stays_is_kept(
    judge: Any, healthy: CloudState, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before = healthy.belongings()
    healthy.faults += [Fault("PUT", "/object$", status=500), Fault("GET", "^/scs-0123-", "drop")]
    run = judged(judge, healthy, S3)
    run.result.stdout.fnmatch_lines(["left incomplete: bucket *", "left incomplete: ec2-credential * is kept: *"])
    healthy.faults.clear()
    assert scs(["cleanup", "--os-cloud=testcloud", "--delete"]) == 0
    assert healthy.belongings() == before
    assert list((tmp_path / "state").rglob("*.jsonl")) == []


def test_bucket_that_is_never_empty_is_given_up(judge: Any, healthy: CloudState) -> None:
    listing = "<ListBucketResult><Contents><Key>object</Key></Contents></ListBucketResult>"
    healthy.faults.append(Fault("GET", "list-type=2", status=200, body=listing))
    run = judged(judge, healthy, S3)
    assert run.verdicts == {S3: "PASS"}
    run.result.stdout.fnmatch_lines(["left incomplete: bucket *: its objects are still listed after their deletion"])


@pytest.mark.parametrize(
    ("fault", "testcase"),
    [
        (Fault("POST", "/volumes/[^/]+/action$", "late", times=1), CONTENT),
        (Fault("POST", "/restore$", "late", times=1), CONTENT),
        (Fault("POST", "/v2/images$", "late", times=1), CONTENT),
    ],
    ids=["copy", "restore", "image"],
)
def test_what_came_of_a_request_without_answer_is_found_by_its_name(
    judge: Any, clean: CloudState, fault: Fault, testcase: str
) -> None:
    clean.faults.append(fault)
    assert judged(judge, clean, testcase).verdicts == {testcase: "ABORT"}


def test_repeated_deletion_that_finds_nothing_is_a_deletion(judge: Any, clean: CloudState) -> None:
    clean.faults.append(Fault("DELETE", "^/scs-0123-[0-9a-f]+$", "late", status=503, times=1))
    assert judged(judge, clean, S3).verdicts == {S3: "PASS"}


def test_lost_answer_about_credentials_is_told(
    judge: Any, healthy: CloudState, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy.faults.append(Fault("POST", "/OS-EC2$", action="truncate", times=1))
    run = judged(judge, healthy, S3)
    assert run.verdicts == {S3: "ABORT"}
    assert run.ret == 6
    run.result.stdout.fnmatch_lines(["left incomplete: ec2-credential * may be there: *openstack ec2 credentials list"])
    capsys.readouterr()
    assert scs(["cleanup", "--os-cloud=testcloud", "--delete"]) == 0
    assert "may have made an ec2-credential at " in capsys.readouterr().out
    assert len(healthy.ec2_credentials) == 1


def _replayed(launch: Any, path: Path, change: Any) -> Any:
    """The run on evidence whose section about security groups was changed."""
    document = json.loads(path.read_text())
    (section,) = document["clouds"][0]["sections"]["default_group_rules"]
    change(section)
    path.write_text(json.dumps(document))
    scopes = ("--scs-scope=iaas-v5.1", "--scs-scope=beyond-v1", "-m", "scs_0115")
    return launch("-p", "no:cacheprovider", *scopes, f"--scs-replay={path}")


def test_group_beside_a_template_is_recorded_and_older_evidence_keeps_its_verdict(
    judge: Any, launch: Any, clean: CloudState, tmp_path: Path
) -> None:
    path = tmp_path / "evidence.json"
    run = judge(clean, "--scs-scope=beyond-v1", "-m", "scs_0115", f"--scs-record={path}")
    assert run.verdicts == {TEMPLATE: "PASS", GROUP: "PASS"}
    assert _replayed(launch, path, lambda section: None).verdicts == run.verdicts

    def as_before(section: dict[str, Any]) -> None:
        assert section.pop("custom_problem") == ""
        section["custom"] = None

    run = _replayed(launch, path, as_before)
    assert run.verdicts == {TEMPLATE: "PASS", GROUP: "ABORT"}
    run.result.stdout.fnmatch_lines(["*new security group: cannot be judged: *earlier version*; record it again"])


def test_older_evidence_of_a_neutron_without_template_has_a_group(
    judge: Any, launch: Any, clean: CloudState, tmp_path: Path
) -> None:
    path = tmp_path / "evidence.json"
    clean.default_security_group_rules = None
    judge(clean, "--scs-scope=beyond-v1", "-m", "scs_0115", f"--scs-record={path}")
    run = _replayed(launch, path, lambda section: section.pop("custom_problem"))
    assert run.verdicts == {TEMPLATE: "PASS", GROUP: "PASS"}


def test_group_that_stays_is_told_and_found_again(
    judge: Any, healthy: CloudState, capsys: pytest.CaptureFixture[str]
) -> None:
    before = healthy.belongings()
    healthy.faults.append(Fault("DELETE", "/security-groups/", status=403))
    run = judge(healthy, "--scs-scope=beyond-v1", "-m", "scs_0115")
    assert run.verdicts == {TEMPLATE: "PASS", GROUP: "PASS"}
    assert run.ret == 6
    run.result.stdout.fnmatch_lines(["left incomplete: security-group _scs-0115-*-sg (*) could not be removed: *403*"])
    healthy.faults.clear()
    capsys.readouterr()
    assert scs(["cleanup", "--os-cloud=testcloud", "--delete"]) == 0
    assert healthy.belongings() == before


def test_group_whose_creation_is_not_answered_does_not_stay(judge: Any, clean: CloudState) -> None:
    clean.faults.append(Fault("POST", "/security-groups$", action="late", times=1))
    run = judge(clean, "--scs-scope=beyond-v1", "-m", "scs_0115")
    assert run.verdicts == {TEMPLATE: "PASS", GROUP: "ABORT"}


def test_journal_that_cannot_be_written_any_more_leaves_the_template_its_verdict(
    judge: Any, clean: CloudState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "check_journal", lambda folder: None)
    (tmp_path / "state").write_text("no folder")
    run = judge(clean, "--scs-scope=beyond-v1", "-m", "scs_0115")
    assert run.verdicts == {TEMPLATE: "PASS", GROUP: "ABORT"}
    assert not any(one.method == "POST" and "/security-groups" in one.path for one in clean.requests)
    (tmp_path / "state").unlink()


def test_run_in_progress_is_left_alone(
    judge: Any, healthy: CloudState, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    healthy.faults.append(Fault("DELETE", "/volumes/", status=403))
    judge(healthy, "-m", "scs_0117")
    healthy.faults.clear()
    (path,) = (tmp_path / "state").rglob("*.jsonl")
    # Process 1 is always there, and is not this one.
    path.write_text(path.read_text().replace(f'"process": {_process(path)}', '"process": 1'))
    before = healthy.belongings()
    capsys.readouterr()
    assert scs(["cleanup", "--os-cloud=testcloud", "--delete"]) == 0
    assert f"run {path.stem} is still in progress on this machine and left alone" in capsys.readouterr().out
    assert healthy.belongings() == before
    assert scs(["cleanup", "--os-cloud=testcloud", "--delete", f"--run={path.stem}"]) == 0
    assert healthy.volumes == []


def _process(path: Path) -> int:
    return int(json.loads(path.read_text().splitlines()[0])["process"])
