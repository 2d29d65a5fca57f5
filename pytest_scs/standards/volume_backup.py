# SPDX-License-Identifier: Apache-2.0
"""scs-0117: backups of volumes work (document: scs-0117-v1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_scs.findings import Basis, Finding, Observation

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
