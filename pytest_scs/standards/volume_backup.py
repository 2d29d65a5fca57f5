# SPDX-License-Identifier: Apache-2.0
"""scs-0117: backups of volumes work (document: scs-0117-v1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_scs.findings import Basis, Finding, Observation, Undecided

#: Seconds after which the official suite gives a step up (DEV-0117-3).
OFFICIAL_PATIENCE = 110

_HINT = "openstack volume service list --service cinder-backup"


def check_backup(steps: Sequence[Mapping[str, Any]]) -> Iterator[Observation]:
    """Every step of backing up and restoring a volume MUST succeed (scs-0117-v1, spec 13.2).

    ``steps`` as the probe recorded them: ``step``, ``resource``, ``status``, ``seconds``, ``ok``, ``reason``.
    """
    for entry in steps:
        if not entry["ok"]:
            reason = f" ({entry['reason']})" if entry["reason"] else ""
            absent = "cinder-backup" in str(entry["reason"])
            yield Finding(
                resource=str(entry["resource"]),
                rule=f"{entry['step']}: no backup service runs" if absent else str(entry["step"]),
                expected="'available'",
                observed=f"{entry['status']!r} after {entry['seconds']} s{reason}",
                hint=_HINT,
            )
        elif entry["seconds"] > OFFICIAL_PATIENCE:
            yield Finding(
                resource=str(entry["resource"]),
                rule=f"{entry['step']} in the time the official suite allows",
                expected=f"at most {OFFICIAL_PATIENCE} s",
                observed=f"{entry['seconds']} s",
                hint=_HINT,
                basis=Basis.OFFICIAL,
                deviation="DEV-0117-3",
            )


def check_content(seen: Mapping[str, Any]) -> Iterator[Observation]:
    """A restored volume MUST have the content of the volume that was backed up (scs-0117-v1 "works", spec 13.4).

    ``seen`` as the probe recorded it: ``original`` and ``restored`` with ``resource``, ``algorithm`` and ``hash``.
    """
    original, restored = seen["original"], seen["restored"]
    if not (original["hash"] and restored["hash"]) or original["algorithm"] != restored["algorithm"]:
        yield Undecided(str(restored["resource"]), "the image service gives no comparable hashes of the two volumes")
    elif original["hash"] != restored["hash"]:
        yield Finding(
            resource=str(restored["resource"]),
            rule="has the content of the volume that was backed up",
            expected=f"{original['algorithm']} {_short(original['hash'])}",
            observed=_short(restored["hash"]),
            hint=_HINT,
        )


def _short(value: str) -> str:
    return value if len(value) <= 16 else f"{value[:16]}..."
