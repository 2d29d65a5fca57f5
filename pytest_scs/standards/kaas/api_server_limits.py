# SPDX-License-Identifier: Apache-2.0
"""scs-0215: limits of the API server (document: scs-0215-v1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pytest_scs.core.findings import Finding, Observation, Remark, Undecided, show
from pytest_scs.standards.kaas.component_flags import ComponentFlags
from pytest_scs.standards.kaas.control_plane import SERVER, ControlPlane
from pytest_scs.standards.kaas.unseen import Unseen

#: The flags that limit concurrent requests, with their defaults.
REQUEST_LIMITS: Final = {"max-requests-inflight": 400, "max-mutating-requests-inflight": 200}

#: Seconds after which the API server may end a long-running request, as it is by default.
MIN_REQUEST_TIMEOUT: Final = {"min-request-timeout": 1800}

_NUMBER = re.compile(r"-?[0-9]{1,18}")


def check_request_limits(plane: ControlPlane) -> Iterator[Observation]:
    """Both limits of concurrent requests MUST be set: neither may be 0, which is no limit.

    See docs/standards/scs-0215.md#limits-of-requests.
    """
    yield from plane.unread()
    servers = plane.api_servers
    for server in servers:
        yield from _check_numbers(server, REQUEST_LIMITS, "scs-0215/request_limit_set", "concurrent requests")
    if servers:
        return
    metrics = plane.counted
    if metrics and metrics.seats:
        yield from _check_seats(sum(metrics.seats.values()))
    else:
        more = Unseen("metrics show no seats of priority levels") if metrics else plane.metrics
        yield plane.hidden(*([more] if isinstance(more, Unseen) else []))


def check_min_request_timeout(plane: ControlPlane) -> Iterator[Observation]:
    """``min-request-timeout`` MUST be set. See docs/standards/scs-0215.md#limits-of-requests."""
    yield from plane.unread()
    servers = plane.api_servers
    for server in servers:
        yield from _check_numbers(server, MIN_REQUEST_TIMEOUT, "scs-0215/min_request_timeout_set", "requests that last")
    if not servers:
        yield plane.hidden()


def _check_numbers(server: ComponentFlags, flags: dict[str, int], rule: str, what: str) -> Iterator[Observation]:
    for flag, default in flags.items():
        text = server.text(flag, str(default))
        if not _NUMBER.fullmatch(text):
            yield Undecided(server.name, f"--{flag} is {show(text)}, which is no number")
        elif int(text) <= 0:
            yield Finding(
                resource=server.name,
                rule=rule,
                title=f"--{flag} limits {what}",
                expected="a number above 0",
                observed=text,
                hint=f"start the API server with --{flag}={default}, or another number above 0",
            )
        elif int(text) == default:
            yield Remark(f"--{flag}: default value, {default}", server.name)


def _check_seats(seats: float) -> Iterator[Observation]:
    if seats > 0:
        yield Remark(f"metrics: the seats of all priority levels are {seats:g}, the sum of both limits", SERVER)
        return
    yield Finding(
        resource=SERVER,
        rule="scs-0215/request_limit_set",
        title="concurrent requests are limited",
        expected="seats of priority levels above 0",
        observed=f"{seats:g} (metrics)",
        hint="start the API server with --max-requests-inflight=400 --max-mutating-requests-inflight=200",
    )
