# SPDX-License-Identifier: Apache-2.0
"""Hints of backups of etcd: which CronJobs are kept, and what is said of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pytest_scs.base.fields import FormError
from pytest_scs.core.findings import Remark
from pytest_scs.demo.kubernetes.control_plane import backups
from pytest_scs.standards.kaas.etcd_backups import BackupJob, slim_backup_job, tell_backups
from pytest_scs.standards.kaas.unseen import Unseen

NOW = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)


def cron_job(name: str, image: str = "x", **changes: Any) -> dict[str, Any]:
    pod = {"template": {"spec": {"containers": [{"image": image}]}}}
    spec = {"schedule": "0 2 * * 0", "jobTemplate": {"spec": pod}}
    return {"metadata": {"name": name, "namespace": "kube-system"}, "spec": spec, "status": {}, **changes}


def told(*entries: dict[str, Any]) -> list[str]:
    jobs = [BackupJob.from_plain(kept) for one in entries for kept in slim_backup_job(one)]
    found = list(tell_backups(jobs, NOW))
    assert not any(isinstance(one, Remark) and one.public for one in found)
    return [str(one) for one in found]


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        (cron_job("etcd-backup"), True),
        (cron_job("nightly", "registry.example/ETCD-Snapshots:v1"), True),
        (cron_job("etcd", "registry.example/back-up:v1"), True),
        (cron_job("etcd-defrag"), False),
        (cron_job("backup", "registry.example/postgres:v1"), False),
        (cron_job("etcd-backup", spec=None, status=None), True),
        ({"metadata": None}, False),
        (
            {"metadata": {"name": "x"}, "spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": 1}}}}}},
            False,
        ),
        (backups(NOW), True),
    ],
)
def test_only_what_speaks_of_backups_of_etcd_is_kept(entry: dict[str, Any], kept: bool) -> None:
    assert bool(list(slim_backup_job(entry))) is kept


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (
            "2026-11-27T02:00:00Z",
            "looks like one, and succeeded last on 2026-11-27 02:00 UTC; the declaration has to say whether it is one",
        ),
        ("2026-11-19T12:00:01Z", "looks like one, and succeeded last on 2026-11-19 12:00 UTC"),
        ("2026-11-19T12:00:00Z", "has not succeeded for 8 days (last on 2026-11-19 12:00 UTC)"),
        (None, "is not known to have succeeded"),
    ],
)
def test_when_it_succeeded_is_said_and_no_more(last: str | None, words: str) -> None:
    [line] = told(cron_job("etcd-backup", status={"lastSuccessfulTime": last}))
    assert line.startswith("backup of etcd: CronJob kube-system/etcd-backup (schedule 0 2 * * 0) ")
    assert words in line


def test_a_suspended_job_and_none_and_what_was_not_seen() -> None:
    suspended = cron_job("etcd-backup")
    suspended["spec"]["suspend"] = True
    assert told(suspended)[0].endswith("(schedule 0 2 * * 0) looks like one, and is suspended")
    assert told() == ["backup of etcd: no CronJob looks like one, which proves nothing"]
    [unseen] = tell_backups(Unseen("403"), NOW)
    assert str(unseen) == "backup of etcd: CronJobs were not seen: 403"
    assert told(*[cron_job(f"etcd-backup-{number}") for number in range(12)])[10:] == [
        "backup of etcd: 2 more CronJobs are not listed"
    ]


@pytest.mark.parametrize("last", ["yesterday", 1, "0001-01-01T00:00:00+12:00", "9999-12-31T23:59:59-12:00"])
def test_another_form_is_refused(last: Any) -> None:
    status = {"lastSuccessfulTime": last}
    with pytest.raises((FormError, OverflowError)):
        told(cron_job("etcd-backup", status=status))
