# SPDX-License-Identifier: Apache-2.0
"""Control planes that show one thing or another, and what a check makes of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import Any

from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided
from pytest_scs.standards.kaas.component_flags import ComponentFlags
from pytest_scs.standards.kaas.control_plane import SERVER, ComponentPod, ControlPlane, Metrics
from pytest_scs.standards.kaas.unseen import Unseen

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)

NO_RIGHT = Unseen("cannot read api_server_flags: 403", CauseKind.PERMISSION)
NO_ANSWER = Unseen("cannot read api_server_metrics: 503", CauseKind.OUTAGE)

#: The least that tells a command line of an API server from others.
SERVERS = "https://10.0.0.9:2379"


@dataclasses.dataclass
class Told:
    """What a check said, sorted by kind; all of it has to fit on lines."""

    findings: list[Finding]
    undecided: list[Undecided]
    remarks: list[str]

    @classmethod
    def by(cls, observations: Iterable[Observation]) -> Told:
        said = list(observations)
        return cls(
            [one for one in said if isinstance(one, Finding)],
            [one for one in said if isinstance(one, Undecided)],
            [str(one) for one in said if isinstance(one, Remark)],
        )

    @property
    def verdict(self) -> str:
        return "FAIL" if self.findings else "ABORT" if self.undecided else "PASS"

    @property
    def offenders(self) -> list[tuple[str, str, str]]:
        """Resource, rule (without its standard) and what was observed; each of them has to say how to mend it."""
        assert all(one.hint and one.title and one.expected for one in self.findings)
        return [(one.resource, one.rule.partition("/")[2], one.observed) for one in self.findings]

    @property
    def reasons(self) -> list[str]:
        return [str(one) for one in self.undecided]

    @property
    def kinds(self) -> list[CauseKind]:
        return [one.kind for one in self.undecided]


def flags(name: str = SERVER, **values: str) -> ComponentFlags:
    """Flags by their names with underscores."""
    return ComponentFlags(name, {key.replace("_", "-"): (value,) for key, value in values.items()})


def server_pod(name: str, node: str = "", **values: str) -> ComponentPod:
    """A pod of an API server with a command line."""
    return ComponentPod(name, "kube-apiserver", node, flags(f"pod {name}", **{"etcd_servers": SERVERS, **values}))


def etcd_pod(name: str, node: str = "", **values: str) -> ComponentPod:
    """A pod of etcd with a command line."""
    return ComponentPod(name, "etcd", node, flags(f"pod {name}", **values))


def plane(
    *pods: ComponentPod, shown: dict[str, str] | None = None, plugins: Iterable[str] | None = None, **seats: float
) -> ControlPlane:
    """A control plane with pods, with flags that ``/flagz`` shows, and with metrics; without what is not given."""
    found: Any = pods
    metrics = None if plugins is None and not seats else Metrics(frozenset(plugins or ()), seats)
    return ControlPlane(found, NO_RIGHT if shown is None else flags(**shown), metrics or NO_ANSWER)


HIDDEN = plane()
