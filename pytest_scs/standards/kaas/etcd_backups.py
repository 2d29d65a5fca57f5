# SPDX-License-Identifier: Apache-2.0
"""What in a cluster looks like a backup of etcd: hints beside the declaration on scs-0215-v1, and never a proof.

See docs/standards/scs-0215.md#hints-of-backups.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pytest_scs.base.fields import Fields
from pytest_scs.base.words import shown
from pytest_scs.core.findings import Observation, Remark
from pytest_scs.standards.kaas.model import part
from pytest_scs.standards.kaas.unseen import Unseen

#: Backups are taken at least once a week; a job that succeeded within so many days may be one.
MOST_AGE: Final = dt.timedelta(days=8)

_ETCD: Final = re.compile(r"etcd", re.IGNORECASE)
_BACKUP: Final = re.compile(r"back-?up|snapshot", re.IGNORECASE)
_ABOUT: Final = "backup of etcd"
#: Jobs that are told one by one.
_SHOWN: Final = 10


@dataclasses.dataclass(frozen=True, slots=True)
class BackupJob:
    """A CronJob that looks like a backup of etcd; ``succeeded`` is when it did so last (None: never, or not told)."""

    namespace: str
    name: str
    schedule: str
    suspended: bool
    succeeded: dt.datetime | None

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> BackupJob:
        """Of what :func:`slim_backup_job` keeps; raises FormError."""
        fields = Fields("CronJob", data)
        return cls(
            namespace=fields.name("namespace"),
            name=fields.name("name"),
            schedule=fields.text("schedule", ""),
            suspended=fields.truth("suspend", False),
            succeeded=fields.moment("lastSuccessfulTime").astimezone(dt.UTC)
            if fields.has("lastSuccessfulTime")
            else None,
        )

    def __str__(self) -> str:
        return f"CronJob {shown(f'{self.namespace}/{self.name}')} (schedule {shown(self.schedule)})"


def slim_backup_job(entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is kept of a CronJob of the API: one entry if name or images speak of backups of etcd; raises FormError."""
    metadata, spec, status = (part(entry, key) for key in ("metadata", "spec", "status"))
    texts = [str(metadata.get("name") or ""), *_images(spec)]
    if not (any(map(_ETCD.search, texts)) and any(map(_BACKUP.search, texts))):
        return
    kept = {key: metadata.get(key) for key in ("namespace", "name")}
    kept |= {key: spec.get(key) for key in ("schedule", "suspend")}
    kept["lastSuccessfulTime"] = status.get("lastSuccessfulTime")
    yield {key: value for key, value in kept.items() if value is not None}


def tell_backups(jobs: Sequence[BackupJob] | Unseen, now: dt.datetime) -> Iterator[Observation]:
    """Remarks for whoever answers the question ``etcd-backup``, or reads the answer; no verdict rests on them."""
    if isinstance(jobs, Unseen):
        yield Remark(f"CronJobs were not seen: {jobs.text}", _ABOUT, public=False)
        return
    if not jobs:
        yield Remark("no CronJob looks like one, which proves nothing", _ABOUT, public=False)
    for job in jobs[:_SHOWN]:
        yield Remark(_told(job, now), _ABOUT, public=False)
    if len(jobs) > _SHOWN:
        yield Remark(f"{len(jobs) - _SHOWN} more CronJobs are not listed", _ABOUT, public=False)


def _told(job: BackupJob, now: dt.datetime) -> str:
    if job.suspended:
        return f"{job} looks like one, and is suspended"
    if job.succeeded is None:
        return f"{job} looks like one, and is not known to have succeeded"
    when = f"{job.succeeded:%Y-%m-%d %H:%M} UTC"
    if now - job.succeeded < MOST_AGE:
        return f"{job} looks like one, and succeeded last on {when}; the declaration has to say whether it is one"
    return f"{job} looks like one, and has not succeeded for {MOST_AGE.days} days (last on {when})"


def _images(spec: Mapping[str, Any]) -> list[str]:
    """The images of all containers of a job."""
    pod = part(part(part(part(spec, "jobTemplate"), "spec"), "template"), "spec")
    found = []
    for key in ("initContainers", "containers"):
        containers = pod.get(key)
        for one in containers if isinstance(containers, list) else ():
            if isinstance(one, Mapping) and isinstance(one.get("image"), str):
                found.append(one["image"])
    return found
