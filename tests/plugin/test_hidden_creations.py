# SPDX-License-Identifier: Apache-2.0
"""Creations that took place although the answer said otherwise: they are found again, or at least named."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.cli import main as scs
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.evidence.journal import Journal, past_runs
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.config import find_cloud
from pytest_scs.platforms.openstack.janitor import Janitor
from pytest_scs.platforms.openstack.journaling import teller

RUN = "0badcafe"
CLEANUP = ("cleanup", "--os-cloud=testcloud", "--delete")


def hidden(path: str) -> Fault:
    """The first creation is carried out, and the answer to it says that it was not."""
    return Fault("POST", path, "late", status=503, times=1)


def journals(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "state").rglob("*.jsonl"))


# -- what is refused at the second try, often because the first one had its effect -----------------------------------


@pytest.mark.parametrize(
    ("path", "refusal", "selection"),
    [
        ("/security-groups$", None, "main and scs_0115"),
        ("/volumes$", 413, "main and scs_0117 and iaas"),
        ("/secrets$", 403, "main and scs_0116"),
    ],
    ids=["quota that it used up", "quota", "permission"],
)
def test_creation_that_a_refusal_followed_is_removed(
    judge: Any, clean: CloudState, tmp_path: Path, path: str, refusal: int | None, selection: str
) -> None:
    clean.faults.append(hidden(path))
    if refusal:
        clean.faults.append(Fault("POST", path, status=refusal, times=1))
    else:
        clean.quota["security_groups"] = 2
    run = judge(clean, "-m", selection, "--scs-scope=beyond-v1", "--scs-deadline=40")
    assert [one.status for one in clean.requests if one.method == "POST" and one.path.endswith(path[:-1])][:2] == [
        503,
        refusal or 409,
    ]
    run.result.stdout.no_fnmatch_line("left incomplete*")
    assert journals(tmp_path) == []


def test_user_whose_creation_was_hidden_is_removed(serve: Any, clean: CloudState) -> None:
    """Also where another client than the janitor's own asks for it."""
    serve(clean)
    before = clean.directory.snapshot()
    client, by = (Client(find_cloud("testcloud:manager-a"), deadline=5) for _ in range(2))
    janitor = Janitor(client, RUN, Journal(RUN, "testcloud:manager-a"), threading.Event())
    body = {"domain_id": client.access().domain_id, "password": "Aa1!Aa1!Aa1!"}
    clean.faults.append(hidden("/v3/users$"))
    with pytest.raises(Refused, match="409"):
        janitor.create("user", "0302", "user-1", body, by=by)
    assert clean.directory.snapshot() != before
    assert janitor.close() == []
    assert clean.directory.snapshot() == before


def test_twin_that_another_client_made_is_removed(serve: Any, clean: CloudState) -> None:
    serve(clean)
    client, by = (Client(find_cloud("testcloud"), deadline=5) for _ in range(2))
    janitor = Janitor(client, RUN, Journal(RUN, "testcloud"), threading.Event())
    clean.faults.append(hidden("/secrets$"))
    janitor.create("secret", "0116", "secret", {"secret_type": "opaque"}, by=by)
    assert len(clean.secrets) == 2
    assert janitor.close() == []


def test_refusal_without_a_repetition_is_believed(judge: Any, clean: CloudState, tmp_path: Path) -> None:
    clean.faults.append(Fault("POST", "/volumes$", status=413))
    judge(clean, "-m", "scs_0117", "--scs-deadline=40")
    assert not [one for one in clean.requests if one.path.endswith("/volumes/detail")]
    assert journals(tmp_path) == []


# -- journals of two of one name -------------------------------------------------------------------------------------


def events(*lines: tuple[str, str], client: Client | None = None) -> None:
    """Write a journal: events and ids of volumes of one name; ``twin`` is a creation that may have made two."""
    journal = Journal(RUN, "testcloud")
    if client:
        journal.sign(teller(client))
    for event, identity in lines:
        twin = {"twin": True} if event == "twin" else {}
        event = "created" if twin else event
        journal.write(event, kind="volume", name=f"_scs-0117-{RUN}-volume", id=identity, bare=True, **twin)


@pytest.mark.parametrize(
    ("lines", "present", "uncertain"),
    [
        ([("intent", ""), ("created", "a")], ["a"], 0),
        ([("intent", ""), ("created", "a"), ("gone", "a")], [], 0),
        ([("intent", ""), ("gone", "")], [], 0),
        ([("intent", ""), ("gone", "a")], [], 1),
        ([("intent", ""), ("twin", "a")], ["a"], 1),
        ([("intent", ""), ("twin", "a"), ("gone", "a")], [], 1),
        ([("intent", ""), ("created", "a"), ("created", "b"), ("gone", "a")], ["b"], 0),
    ],
)
def test_journal_knows_two_of_one_name_apart(lines: list[tuple[str, str]], present: list[str], uncertain: int) -> None:
    events(*lines)
    (past,) = past_runs("testcloud")
    assert [line["id"] for line in past.present] == present
    assert len(past.uncertain) == uncertain


def test_twin_is_found_after_a_crash(serve: Any, healthy: CloudState, capsys: pytest.CaptureFixture[str]) -> None:
    """Without metadata, as while it is being restored, only the journal proves it."""
    serve(healthy)
    before = healthy.belongings()
    client = Client(find_cloud("testcloud"), 0)
    body = {"volume": {"size": 1, "name": f"_scs-0117-{RUN}-volume"}}
    ids = [client.post("block-storage", "/volumes", body)["volume"]["id"] for _ in range(2)]
    client.delete("block-storage", f"/volumes/{ids[0]}")
    events(("intent", ""), ("twin", ids[0]), ("gone", ids[0]), client=client)
    assert scs(CLEANUP) == 0
    assert f"removed volume _scs-0117-{RUN}-volume ({ids[1]})" in capsys.readouterr().out
    assert healthy.belongings() == before


# -- EC2 credentials, which have no names ----------------------------------------------------------------------------

S3_ROUNDTRIP = ("-m", "main", "-k", "scs-0123-x-s3-roundtrip", "--scs-deadline=40")
OTHERS = {"access": "0" * 32, "secret": "1" * 32, "created_at": "2026-01-01"}


def test_second_pair_of_keys_is_named_and_left_alone(
    judge: Any, healthy: CloudState, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy.ec2_credentials.append({**OTHERS, "project_id": healthy.project_id})
    healthy.faults.append(hidden("/OS-EC2$"))
    run = judge(healthy, *S3_ROUNDTRIP, scope="beyond-v1")
    assert run.verdicts == {"scs-0123-x-s3-roundtrip": "PASS"}
    assert run.ret == 6
    run.result.stdout.fnmatch_lines(
        ["left incomplete: ec2-credential _scs-0123-*-key may be there: *(2 in the project *openstack ec2 cred*"]
    )
    assert len(healthy.ec2_credentials) == 2
    assert len(journals(tmp_path)) == 1
    capsys.readouterr()
    assert scs(CLEANUP) == 0
    assert "may have made an ec2-credential at " in capsys.readouterr().out
    assert len(healthy.ec2_credentials) == 2


def test_hidden_pair_whose_listing_is_refused_is_named(judge: Any, healthy: CloudState) -> None:
    healthy.faults += [hidden("/OS-EC2$"), Fault("GET", "/OS-EC2$", status=403)]
    run = judge(healthy, *S3_ROUNDTRIP, scope="beyond-v1")
    assert run.ret == 6
    run.result.stdout.fnmatch_lines(["left incomplete: ec2-credential * may be there: *with 403*"])


def test_without_other_keys_there_is_no_second_pair(judge: Any, clean: CloudState, tmp_path: Path) -> None:
    clean.faults.append(Fault("POST", "/OS-EC2$", status=503, times=1))
    run = judge(clean, *S3_ROUNDTRIP, scope="beyond-v1")
    assert run.verdicts == {"scs-0123-x-s3-roundtrip": "PASS"}
    assert run.ret == 0
    assert journals(tmp_path) == []


def test_second_pair_made_for_the_removal_of_a_bucket_is_named(
    judge: Any, healthy: CloudState, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy.faults += [Fault("PUT", "/object$", "late"), Fault("DELETE", ".", status=403)]
    judge(healthy, *S3_ROUNDTRIP, scope="beyond-v1")
    healthy.faults[:] = [hidden("/OS-EC2$")]
    healthy.ec2_credentials.clear()
    capsys.readouterr()
    assert scs(CLEANUP) == 1
    assert "ERROR: ec2-credential _scs-0123-" in capsys.readouterr().out
    assert (len(healthy.containers), len(healthy.ec2_credentials)) == (0, 1)


# -- creations that are not answered, and carried out later ----------------------------------------------------------


def late(seconds: float) -> Fault:
    """A volume that a gateway does not wait for, made some time later."""
    return Fault("POST", "/volumes$", "late", status=504, times=1, seconds=seconds)


def judge_backup(judge: Any, state: CloudState) -> Any:
    run = judge(state, "-m", "main and scs_0117 and iaas")
    run.result.stdout.no_fnmatch_line("left incomplete*")
    run.result.stdout.no_fnmatch_line("scs: a run of * left something*")
    return run


def test_volume_that_is_made_a_moment_later_is_removed(judge: Any, clean: CloudState, tmp_path: Path) -> None:
    clean.faults.append(late(1))
    assert judge_backup(judge, clean).having("ABORT")
    assert [one.status for one in clean.requests if one.method == "DELETE" and "/volumes/" in one.path] == [202]
    assert journals(tmp_path) == []


@pytest.mark.parametrize("by", ["command", "run"])
def test_volume_that_is_made_much_later_is_removed_the_next_time(
    judge: Any, clean: CloudState, tmp_path: Path, capsys: pytest.CaptureFixture[str], by: str
) -> None:
    clean.faults.append(late(3600))
    judge_backup(judge, clean)
    assert len(journals(tmp_path)) == 1
    clean.timeline.skip(3600)
    clean.catch_up()
    assert len(clean.volumes) == 1
    if by == "command":
        capsys.readouterr()
        assert scs(CLEANUP) == 0
        assert "removed volume _scs-0117-" in capsys.readouterr().out
    else:
        assert judge_backup(judge, clean).having("PASS")
    assert journals(tmp_path) == []


def test_volume_that_never_comes_is_forgotten_in_the_end(judge: Any, clean: CloudState, tmp_path: Path) -> None:
    clean.faults.append(Fault("POST", "/volumes$", status=504, times=1))
    judge_backup(judge, clean)
    assert len(journals(tmp_path)) == 1
    run = judge_backup(judge, clean)
    assert run.ret == 0
    assert journals(tmp_path) == []
    listed = sum("/volumes/detail" in one.path for one in clean.requests)
    judge_backup(judge, clean)
    assert sum("/volumes/detail" in one.path for one in clean.requests) == listed


def test_late_volume_that_stays_is_named(judge: Any, clean: CloudState, tmp_path: Path) -> None:
    clean.faults.append(late(3600))
    judge_backup(judge, clean)
    clean.timeline.skip(3600)
    clean.catch_up()
    (volume,) = clean.volumes
    clean.faults.append(Fault("DELETE", f"/volumes/{volume['id']}", status=403))
    run = judge(clean, "-m", "main and scs_0117 and iaas")
    assert run.ret == 6
    run.result.stdout.fnmatch_lines(
        [f"left incomplete: volume {volume['name']} ({volume['id']}) could not be removed*"]
    )
    clean.faults.clear()
    assert [line["id"] for past in past_runs("testcloud") for line in past.present] == [volume["id"]]
    assert scs(CLEANUP) == 0
    assert journals(tmp_path) == []


def test_journal_is_kept_while_nobody_can_look(judge: Any, clean: CloudState, tmp_path: Path) -> None:
    clean.faults.append(late(3600))
    judge_backup(judge, clean)
    (path,) = journals(tmp_path)
    clean.faults.append(Fault("GET", "/volumes/detail", status=403))
    judge_backup(judge, clean)
    assert journals(tmp_path) == [path]


def test_keys_that_were_not_made_need_no_look(judge: Any, clean: CloudState, tmp_path: Path) -> None:
    clean.faults.append(Fault("POST", "/OS-EC2$", status=504, times=1))
    run = judge(clean, *S3_ROUNDTRIP, scope="beyond-v1")
    run.result.stdout.no_fnmatch_line("left incomplete*")
    assert len(journals(tmp_path)) == 1
    (past,) = past_runs("testcloud")
    assert not past.untidy


def test_refused_restore_leaves_no_intent(judge: Any, clean: CloudState, tmp_path: Path) -> None:
    clean.faults.append(Fault("POST", "/restore$", status=413))
    judge_backup(judge, clean)
    assert not [one for one in clean.requests if one.path.endswith("/volumes/detail")]
    assert journals(tmp_path) == []
