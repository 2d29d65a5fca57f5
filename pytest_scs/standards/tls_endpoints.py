# SPDX-License-Identifier: Apache-2.0
"""The endpoints that the probe `tls` looked at: which ones are judged, and how they are named (scs-0125, spec 17.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_scs.base.words import did_you_mean
from pytest_scs.findings import Observation, Remark, Undecided
from pytest_scs.standards.endpoints import bracketed

#: Endpoints named where an entry of the ignore list names none.
SHOWN = 5


def label(endpoint: Mapping[str, Any]) -> str:
    """How findings name what is scanned: its address, and the services that share it."""
    services = list(endpoint["services"])
    shown = ", ".join(services[:3]) + (f" and {len(services) - 3} more" if len(services) > 3 else "")
    return f"{endpoint['address']} ({shown})"


def preliminaries(seen: Mapping[str, Any]) -> Iterator[Observation]:
    """What concerns all that rests on the probe: what was ignored, what has no usable address, and if nothing is left.

    Ignored endpoints are remarks (spec 17.3, step 2).
    """
    for endpoint in judged(seen):
        if len(endpoint["addresses"]) > 1:
            others = ", ".join(endpoint["addresses"][1:])
            yield Remark(f"examined at {endpoint['addresses'][0]}, but not at {others}", label(endpoint))
    for endpoint in seen["endpoints"]:
        if endpoint["ignored"]:
            yield Remark(f"not judged, because of --scs-tls-ignore={endpoint['ignored']}", label(endpoint))
    for entry in seen["unmatched"]:
        yield Remark(_unmatched(entry, seen["endpoints"]), about_run=True)
    for entry in seen["unusable"]:
        yield Undecided(f"public endpoint of {entry['service']}", str(entry["problem"]))
    if not judged(seen) and not seen["unusable"]:
        yield Undecided("service catalog", "it has no public endpoint to be judged in the judged region")


def _unmatched(entry: str, endpoints: Sequence[Mapping[str, Any]]) -> str:
    """That nothing is left out for an entry of the ignore list, and what there is."""
    authorities = list(dict.fromkeys(f"{bracketed(one['host'])}:{one['port']}" for one in endpoints))
    hosts = list(dict.fromkeys(bracketed(one["host"]) for one in endpoints))
    hint = did_you_mean(entry.lower(), [*hosts, *authorities])
    shown = ", ".join(authorities[:SHOWN]) + (" ..." if len(authorities) > SHOWN else "")
    known = "" if hint else f"; known: {shown or 'none'}"
    return f"--scs-tls-ignore={entry} names no public endpoint in the judged region, so it ignores nothing{hint}{known}"


def judged(seen: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The endpoints that are not ignored."""
    return [endpoint for endpoint in seen["endpoints"] if not endpoint["ignored"]]
