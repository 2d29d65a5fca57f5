# SPDX-License-Identifier: Apache-2.0
"""A volume backed up and restored (docs/standards/scs-0117.md#steps)."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.phase import doing
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.openstack.client import Refused
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.removal import Resource
from pytest_scs.standards.iaas.volume_backup import LAST_STEP, OFFICIAL_PATIENCE, BackupStep, VolumeBackup

#: Seconds that a step may take; the official suite gives up earlier (DEV-0117-3), which the judgement knows.
PATIENCE = 600

#: Statuses of outages, exhausted quota and lost authentication.
_UNDECIDED = (401, 406, 413, 429, 502, 503, 504)

#: What to add to a cause.
OFFICIAL_FAILS = "the official suite gives FAIL for whatever goes wrong, DEV-0117-2"

NEEDS = {"volumes": 2, "gigabytes": 2, "backups": 1, "backup_gigabytes": 1}


def probe(probing: Probing) -> dict[str, Any]:
    """The steps in order, each with ``step``, ``resource``, ``status``, ``seconds``, ``ok`` and ``reason``.

    The last one is the step that did not succeed, if one did not. Raises Inconclusive where nothing is known about
    backups; the official suite gives FAIL there, which the text says.
    """
    steps: list[BackupStep] = []
    try:
        with probing.quota.claim(NEEDS), contextlib.suppress(_Failed):
            volume = _create(probing, steps, "create a volume", "volume", "volume", {"size": 1})
            backup = _create(probing, steps, "back the volume up", "backup", "backup", {"volume_id": volume.id})
            restored = _restore(probing, steps, backup)
            probing.tell(_told(steps))
            probing.janitor.dismiss(backup, restored, volume)
    except Inconclusive as error:
        raise Inconclusive(f"{error} ({OFFICIAL_FAILS})", error.kind) from error
    return _told(steps)


def _told(steps: list[BackupStep]) -> dict[str, Any]:
    return {"steps": [dataclasses.asdict(step) for step in steps]}


class _Failed(Exception):
    """A step did not succeed; it is the last one in the list."""


def _create(
    probing: Probing, steps: list[BackupStep], step: str, kind: str, what: str, body: dict[str, Any]
) -> Resource:
    started = time.monotonic()
    doing(f"volume backup: {step}", _patience(probing))
    try:
        resource, _ = probing.janitor.create(kind, "0117", what, body)
    except Refused as error:
        _judge_refusal(error)
        _record(steps, step, kind, "refused", started, ok=False, reason=str(error))
        raise _Failed from None
    _await(probing, steps, step, resource, started)
    return resource


def _restore(probing: Probing, steps: list[BackupStep], backup: Resource) -> Resource:
    started = time.monotonic()
    step = LAST_STEP
    doing(f"volume backup: {step}", _patience(probing))
    try:
        volume = probing.janitor.restore(backup, "0117", "restored")
    except Refused as error:
        _judge_refusal(error)
        _record(steps, step, str(backup), "refused", started, ok=False, reason=str(error))
        raise _Failed from None
    _await(probing, steps, step, volume, started)
    return volume


def _judge_refusal(error: Refused) -> None:
    """Let through what says nothing about backups: quota, outage, authentication (DEV-0117-2)."""
    if error.kind is CauseKind.QUOTA or (error.status in _UNDECIDED and "cinder-backup" not in str(error)):
        raise error


def _await(probing: Probing, steps: list[BackupStep], step: str, resource: Resource, started: float) -> None:
    current = probing.janitor.wait(
        resource, lambda status: status == "available" or status.startswith("error"), _patience(probing)
    )
    status = str(current.get("status"))
    ok = status == "available"
    reason = "" if ok else str(current.get("fail_reason") or "")
    _record(steps, step, str(resource), status, started, ok=ok, reason=reason)
    if not ok:
        raise _Failed


def _patience(probing: Probing) -> float:
    """Never less than the official suite gives a step, whose verdict it would be otherwise."""
    return max(probing.patiently(PATIENCE), min(PATIENCE, OFFICIAL_PATIENCE))


def _record(
    steps: list[BackupStep], step: str, resource: str, status: str, started: float, *, ok: bool, reason: str
) -> None:
    seconds = round(time.monotonic() - started, 1)
    steps.append(BackupStep(step, resource, status, seconds, ok=ok, reason=reason))


SECTION: Section[VolumeBackup] = Section(
    name="volume_backup",
    words="a volume backed up and restored",
    summary="What became of a volume, its backup and the restored volume.",
    load=single(VolumeBackup.from_plain),
    probe=probe,
    lasts=60,
    creates="two volumes of 1 GiB and a backup",
)
