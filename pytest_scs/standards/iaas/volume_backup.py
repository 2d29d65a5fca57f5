# SPDX-License-Identifier: Apache-2.0
"""scs-0117: backups of volumes work (document: scs-0117-v1)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_scs.base.fields import Fields
from pytest_scs.core.findings import Basis, Finding, Observation, Undecided

#: Seconds after which the official suite gives a step up (DEV-0117-3).
OFFICIAL_PATIENCE = 110

#: The last of the steps: without it, and without one that failed, nothing was shown.
LAST_STEP = "restore the backup"

_HINT = "openstack volume service list --service cinder-backup"


@dataclasses.dataclass(frozen=True, slots=True)
class BackupStep:
    """One step on the way from a volume to the restored one.

    ``resource`` is what it made, ``status`` the last one seen (``refused`` where nothing was made), ``reason`` what the
    cloud said where it did not succeed, ``seconds`` how long it took.
    """

    step: str
    resource: str
    status: str
    seconds: float
    ok: bool
    reason: str

    @property
    def without_service(self) -> bool:
        """Whether it failed because the cloud runs no service for backups."""
        return "cinder-backup" in self.reason


@dataclasses.dataclass(frozen=True, slots=True)
class VolumeBackup:
    """The section ``volume_backup``: the steps in order; the last one is the first that did not succeed."""

    steps: tuple[BackupStep, ...]

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> VolumeBackup:
        """Read the section; raises ValueError, naming the key and what was found, for another shape."""
        steps = Fields("volume_backup", data).each("steps")
        return cls(tuple(map(_step, steps)))


def _step(fields: Fields) -> BackupStep:
    return BackupStep(
        step=fields.text("step"),
        resource=fields.text("resource"),
        status=fields.text("status"),
        seconds=fields.number("seconds"),
        ok=fields.truth("ok"),
        reason=fields.text("reason"),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class VolumeHash:
    """The hash of a volume's content, as the image service computed it of a copy; empty where it gives none."""

    resource: str
    algorithm: str
    hash: str

    def comparable(self, other: VolumeHash) -> bool:
        """Whether equal hashes mean equal contents."""
        return bool(self.hash and other.hash) and self.algorithm == other.algorithm


@dataclasses.dataclass(frozen=True, slots=True)
class BackupContent:
    """The section ``backup_content``: a volume, and what its backup was restored to, by their contents.

    ``seconds`` is the time that all of it took.
    """

    original: VolumeHash
    restored: VolumeHash
    seconds: float

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> BackupContent:
        """Read the section; raises ValueError, naming the key and what was found, for another shape."""
        fields = Fields("backup_content", data)
        return cls(_hash(fields.fields("original")), _hash(fields.fields("restored")), fields.number("seconds"))


def _hash(fields: Fields) -> VolumeHash:
    algorithm, value = ("" if fields.value(key) is None else fields.text(key) for key in ("algorithm", "hash"))
    return VolumeHash(fields.text("resource"), algorithm, value)


def check_backup(steps: Sequence[BackupStep]) -> Iterator[Observation]:
    """Every step of backing up and restoring a volume MUST succeed.

    Source: scs-0117-v1, "Standard" (docs/standards/scs-0117.md#steps).
    """
    for step in steps:
        if not step.ok:
            reason = f" ({step.reason})" if step.reason else ""
            yield Finding(
                resource=step.resource,
                rule="scs-0117/backup_offered" if step.without_service else "scs-0117/backup_works",
                title=f"{step.step}: no backup service runs" if step.without_service else step.step,
                expected="'available'",
                observed=f"{step.status!r} after {step.seconds} s{reason}",
                hint=_HINT,
            )
        elif step.seconds > OFFICIAL_PATIENCE:
            yield Finding(
                resource=step.resource,
                rule="scs-0117/backup_in_time",
                title=f"{step.step} in the time the official suite allows",
                expected=f"at most {OFFICIAL_PATIENCE} s",
                observed=f"{step.seconds} s",
                hint=_HINT,
                basis=Basis.OFFICIAL,
                deviation="DEV-0117-3",
            )
    if all(step.ok for step in steps) and LAST_STEP not in [step.step for step in steps]:
        yield Undecided("", f"what was seen ends before the last step: {LAST_STEP}")


def check_content(seen: BackupContent) -> Iterator[Observation]:
    """A restored volume MUST have the content of the volume that was backed up.

    Source: scs-0117-v1, "Standard" ("configured properly"; docs/standards/scs-0117.md#content).
    """
    original, restored = seen.original, seen.restored
    if not original.comparable(restored):
        yield Undecided(restored.resource, "the image service gives no comparable hashes of the two volumes")
    elif original.hash != restored.hash:
        yield Finding(
            resource=restored.resource,
            rule="scs-0117/content_restored",
            title="has the content of the volume that was backed up",
            expected=f"{original.algorithm} {_short(original.hash)}",
            observed=_short(restored.hash),
            hint=_HINT,
        )


def _short(value: str) -> str:
    return value if len(value) <= 16 else f"{value[:16]}..."
