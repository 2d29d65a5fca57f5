# SPDX-License-Identifier: Apache-2.0
"""Buckets that runs left and whose EC2 credentials somebody else deleted: removed with new ones, which go again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.cli import main as scs
from pytest_scs.core.cause import Inconclusive
from pytest_scs.demo.openstack.state import CloudState, Container, Fault, StoredObject
from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.openstack import s3
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.config import find_cloud
from pytest_scs.platforms.openstack.janitor import Janitor

CLEANUP = ("cleanup", "--os-cloud=testcloud", "--delete")
OTHERS = {"access": "0" * 32, "secret": "1" * 32, "created_at": "2026-01-01"}

Leave = Callable[[], str]


def journals(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "state").rglob("*.jsonl"))


def noted(path: Path) -> list[tuple[str, str]]:
    """What a journal says about keys, in order: event and the last part of the name."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [(line["event"], line["name"].split("-", 3)[3]) for line in lines if line["kind"] == "ec2-credential"]


@pytest.fixture
def belongings(healthy: CloudState) -> dict[str, set[str]]:
    """What the project had before; somebody else's EC2 credentials and container are among it."""
    healthy.ec2_credentials.append({**OTHERS, "project_id": healthy.project_id})
    healthy.containers["scs-0123-12345678"] = Container(healthy.now())
    return healthy.belongings()


@pytest.fixture
def leave(judge: Any, healthy: CloudState, belongings: Any, capsys: pytest.CaptureFixture[str]) -> Leave:
    """Let a run leave a bucket with an object in it, delete its EC2 credentials, and return the bucket's name."""

    def run() -> str:
        healthy.faults += [Fault("PUT", "/object$", "late"), Fault("DELETE", ".", status=403)]
        judge(healthy, "-m", "main", "-k", "scs-0123-x-s3-roundtrip", scope="beyond-v1")
        healthy.faults.clear()
        (bucket,) = healthy.containers.keys() - belongings["containers"]
        assert list(healthy.containers[bucket].objects) == ["object"]
        healthy.ec2_credentials[:] = [one for one in healthy.ec2_credentials if one["access"] == OTHERS["access"]]
        healthy.requests.clear()
        capsys.readouterr()
        return bucket

    return run


def test_bucket_goes_with_new_keys_which_go_as_well(
    leave: Leave, healthy: CloudState, belongings: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bucket = leave()
    assert scs(CLEANUP) == 0
    shown = capsys.readouterr().out
    run = bucket.removeprefix("scs-0123-")
    assert f"removed bucket _scs-0123-{run}-bucket ({bucket})" in shown
    assert f"removed ec2-credential _scs-0123-{run}-key-" in shown
    assert healthy.belongings() == belongings
    assert journals(tmp_path) == []
    assert [one.method for one in healthy.requests if "OS-EC2" in one.path].count("POST") == 1
    # Nobody else's were looked at, let alone used.
    assert not [one for one in healthy.requests if OTHERS["access"] in one.path]


def test_bucket_that_is_gone_as_well_counts_as_removed(
    leave: Leave, healthy: CloudState, belongings: Any, tmp_path: Path
) -> None:
    del healthy.containers[leave()]
    assert scs(CLEANUP) == 0
    assert healthy.belongings() == belongings
    assert journals(tmp_path) == []


def test_without_delete_nothing_is_made(
    leave: Leave, healthy: CloudState, belongings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket = leave()
    assert scs(CLEANUP[:2]) == 0
    assert f"bucket _{bucket}-bucket ({bucket})" in capsys.readouterr().out
    assert healthy.belongings()["ec2_credentials"] == belongings["ec2_credentials"]
    assert not [one for one in healthy.requests if one.method == "POST" and "OS-EC2" in one.path]


def test_new_keys_go_also_if_the_bucket_stays(
    leave: Leave, healthy: CloudState, belongings: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bucket = leave()
    healthy.faults.append(Fault("DELETE", f"^/{bucket}$", status=403))
    assert scs(CLEANUP) == 1
    shown = capsys.readouterr().out
    assert f"ERROR: bucket _{bucket}-bucket ({bucket}) could not be removed: S3 answered DELETE with 403" in shown
    assert healthy.belongings()["ec2_credentials"] == belongings["ec2_credentials"]
    (path,) = journals(tmp_path)
    events = noted(path)[-3:]
    assert [event for event, _ in events] == ["intent", "created", "gone"]
    assert len({name for _, name in events}) == 1
    healthy.faults.clear()
    assert scs(CLEANUP) == 0
    assert healthy.belongings() == belongings
    assert journals(tmp_path) == []


def test_new_keys_that_stay_are_in_the_journal_for_the_next_time(
    leave: Leave, healthy: CloudState, belongings: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    leave()
    healthy.faults.append(Fault("DELETE", "/OS-EC2/", status=403))
    assert scs(CLEANUP) == 1
    assert capsys.readouterr().out.count("ERROR: ec2-credential _scs-0123-") == 1
    assert len(healthy.ec2_credentials) == 2
    healthy.faults.clear()
    assert scs(CLEANUP) == 0
    shown = capsys.readouterr().out
    # The bucket is known to be gone: it needs no third pair.
    assert shown.count("removed ec2-credential _scs-0123-") == 1
    assert "bucket" not in shown
    assert healthy.belongings() == belongings
    assert journals(tmp_path) == []


@pytest.mark.parametrize(
    ("fault", "words", "left"),
    [
        (Fault("POST", "/OS-EC2$", status=403), "and no new ones can be had: ", 0),
        (Fault("POST", "/OS-EC2$", "late"), "; they may be there, see openstack ec2 credentials list", 1),
    ],
    ids=["refused", "no answer"],
)
def test_bucket_stays_named_where_no_new_keys_are_to_be_had(
    leave: Leave,
    healthy: CloudState,
    belongings: Any,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    fault: Fault,
    words: str,
    left: int,
) -> None:
    bucket = leave()
    healthy.faults.append(fault)
    assert scs(CLEANUP) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("ERROR: ")]
    assert line.startswith(
        f"ERROR: bucket _{bucket}-bucket ({bucket}) could not be removed: "
        "the EC2 credentials it was created with are gone"
    )
    assert words in line
    # Tried once: every attempt could leave another pair.
    assert [one.method for one in healthy.requests if one.path.endswith("/OS-EC2")].count("POST") == 1
    assert len(healthy.ec2_credentials) == 1 + left
    healthy.faults.clear()
    assert scs(CLEANUP) == 0
    assert ("may have made an ec2-credential at " in capsys.readouterr().out) is bool(left)
    assert bucket not in healthy.containers
    assert len(healthy.ec2_credentials) == 1 + left
    assert journals(tmp_path) == []


def test_bucket_of_no_journal_is_left_alone_whatever_its_name(
    leave: Leave, healthy: CloudState, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bucket = leave()
    (path,) = journals(tmp_path)
    path.unlink()
    before = healthy.belongings()
    run = bucket.removeprefix("scs-0123-")
    assert scs([*CLEANUP, f"--run={run}"]) == 0
    assert "nothing is left of any run" in capsys.readouterr().out
    assert healthy.belongings() == before


@pytest.mark.parametrize("interrupted", [False, True])
def test_run_itself_replaces_keys_that_went_meanwhile(
    serve: Any, healthy: CloudState, belongings: Any, tmp_path: Path, interrupted: bool
) -> None:
    serve(healthy, "testcloud")
    client = Client(find_cloud("testcloud"), 0)
    cancelled = threading.Event()
    janitor = Janitor(client, "0badcafe", Journal("0badcafe", "testcloud"), cancelled)
    credential, content = janitor.create("ec2-credential", "0123", "key", {"tenant_id": healthy.project_id})
    bucket = janitor.bucket("0123", credential)
    url = s3.base_url(client)
    assert url
    assert s3.S3(client, url, credential.id, content["secret"]).send("PUT", f"/{bucket.id}").ok
    client.delete("identity", credential.kind.one(credential.id), version="3")
    if interrupted:
        cancelled.set()
    assert janitor.close() == []
    assert healthy.belongings() == belongings
    assert journals(tmp_path) == []


# -- what no run stored ---------------------------------------------------------------------------------------------


def stored(healthy: CloudState) -> StoredObject:
    return StoredObject(b"precious", "text/plain", "0" * 32, healthy.now())


@pytest.mark.parametrize("name", ["../victim/precious", "./object", "object/../../victim/precious", "mine", "a&b"])
def test_bucket_with_what_no_run_stored_is_named_and_not_emptied(
    leave: Leave,
    healthy: CloudState,
    belongings: Any,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    name: str,
) -> None:
    bucket = leave()
    victim = healthy.containers["victim"] = Container(healthy.now())
    victim.objects["precious"] = stored(healthy)
    healthy.containers[bucket].objects[name] = stored(healthy)
    before = healthy.belongings()
    assert scs(CLEANUP) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("ERROR: ")]
    assert line == (
        f"ERROR: bucket _{bucket}-bucket ({bucket}) could not be removed: it holds {name!r}, which no run stored; "
        "look at it, and empty it yourself"
    )
    assert list(victim.objects) == ["precious"]
    assert set(healthy.containers[bucket].objects) == {"object", name}
    assert healthy.belongings() == before
    assert not [one for one in healthy.requests if one.method == "DELETE" and "OS-EC2" not in one.path]
    # Waiting does not help, so it is not tried again.
    assert len([one for one in healthy.requests if one.method == "GET" and one.path == f"/{bucket}?list-type=2"]) == 1
    assert len(journals(tmp_path)) == 1
    del healthy.containers["victim"], healthy.containers[bucket].objects[name]
    assert scs(CLEANUP) == 0
    assert healthy.belongings() == belongings
    assert journals(tmp_path) == []


def test_run_itself_leaves_alone_what_it_did_not_store(judge: Any, healthy: CloudState) -> None:
    listing = "<ListBucketResult>{}</ListBucketResult>".format(
        "".join(f"<Contents><Key>{name}</Key></Contents>" for name in ("object", "../victim/1", "2", "3", "4" * 999))
    )
    healthy.faults += [
        Fault("DELETE", "^/scs-0123", status=403, times=1),
        Fault("GET", "list-type=2", status=200, body=listing),
    ]
    victim = healthy.containers["victim"] = Container(healthy.now())
    victim.objects["1"] = stored(healthy)
    run = judge(healthy, "-m", "main", "-k", "scs-0123-x-s3-roundtrip", scope="beyond-v1")
    run.result.stdout.fnmatch_lines(["left incomplete: bucket * it holds '../victim/1', '2', '3' and more, *"])
    assert list(victim.objects) == ["1"]
    assert {one.path for one in healthy.requests if one.method == "DELETE" and one.path.startswith("/scs-")} == {
        f"/{bucket}/object" for bucket in healthy.containers if bucket.startswith("scs-0123-") and "1234" not in bucket
    }


@pytest.mark.parametrize("path", ["/ours/../theirs/object", "/ours/./object", "/..", "/ours/a b"])
def test_request_goes_to_the_path_it_names_or_not_at_all(serve: Any, healthy: CloudState, path: str) -> None:
    serve(healthy, "testcloud")
    client = Client(find_cloud("testcloud"), 0)
    for base in (f"{client.endpoint('identity').partition('/identity')[0]}", "http://127.0.0.1:1/some/Place/../s3"):
        with pytest.raises(Inconclusive, match="was not requested, because it would be sent as '/"):
            s3.S3(client, base, "a", "b").send("DELETE", path)
    assert not [one for one in healthy.requests if one.method == "DELETE"]
