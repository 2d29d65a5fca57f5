# SPDX-License-Identifier: Apache-2.0
"""The CronJobs that look like backups of etcd: a hint beside what a person declares."""

from __future__ import annotations

from typing import Any

from pytest_scs.evidence.section import Section, each
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.standards.kaas.etcd_backups import BackupJob, slim_backup_job


def _backup_jobs(client: Client) -> list[dict[str, Any]]:
    found = client.list("BatchV1Api", "list_cron_job_for_all_namespaces")
    return [entry for one in found for entry in slim_backup_job(one)]


SECTION = Section(
    name="backup_jobs",
    words="GET /apis/batch/v1/cronjobs",
    summary="The CronJobs whose name or image speaks of backups of etcd.",
    load=each(BackupJob.from_plain),
    read=_backup_jobs,
)
