# SPDX-License-Identifier: Apache-2.0
"""scs-0211: what volumes of the default storage class can do (document: scs-0211-v1)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_scs.base.fields import Fields, FormError
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided

#: The label by which a volume is bound to one node.
HOSTNAME = "kubernetes.io/hostname"

#: Sources of volumes that lie on one node.
NODE_SOURCES = ("hostPath", "local")

_RESOURCE = "default storage class"
_PROVISIONER = "look at the provisioner of the class: kubectl describe storageclass {name}; kubectl get events -A"
_NETWORK = (
    "make a class of networked storage the default: kubectl patch storageclass NAME -p "
    '\'{{"metadata":{{"annotations":{{"storageclass.kubernetes.io/is-default-class":"true"}}}}}}\', and take that '
    "annotation off {name}"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """What became of a step: ``outcome`` is ``done``, ``failed`` (by the storage) or ``undecided``; ``said`` tells why.

    ``node`` is where it was tried, ``kind`` that of the cause why it is undecided.
    """

    outcome: str
    said: str
    node: str
    kind: CauseKind

    @classmethod
    def from_plain(cls, fields: Fields) -> Step:
        """Raises FormError."""
        outcome = fields.text("outcome")
        if outcome not in ("done", "failed", "undecided"):
            raise FormError(f"{fields.where}.outcome: expected done, failed or undecided")
        kind = CauseKind.named(fields.text("kind", "") or CauseKind.UNDECIDABLE)
        return cls(outcome, fields.text("said", ""), fields.text("node", ""), kind)


@dataclasses.dataclass(frozen=True, slots=True)
class Volume:
    """A bound volume: ``sources`` are the keys of its spec that say where it lies, ``affinity`` labels with values."""

    name: str
    sources: tuple[str, ...]
    driver: str
    affinity: tuple[tuple[str, tuple[str, ...]], ...]

    @classmethod
    def from_plain(cls, fields: Fields) -> Volume:
        """Raises FormError."""
        affinity = tuple((one.text("key"), one.texts("values")) for one in fields.each("affinity"))
        return cls(fields.name("name"), fields.texts("sources"), fields.text("driver", ""), affinity)

    @property
    def ties(self) -> list[str]:
        """What binds it to one node, in words."""
        found = [f"its source is {source}" for source in self.sources if source in NODE_SOURCES]
        for key, values in self.affinity:
            if key == HOSTNAME:
                found.append(f"its node affinity is {HOSTNAME}={','.join(values)}")
        return found


@dataclasses.dataclass(frozen=True, slots=True)
class VolumeRoundtrip:
    """The section ``volume_roundtrip``: what became of a claim without storage class, and of its data.

    ``storage_class`` is what the claim got, empty if nothing. ``bound``: the claim was bound; ``written``, ``read``
    (by the same pod made anew) and ``elsewhere`` (read on another node) are None where it did not come to that.
    """

    storage_class: str
    bound: Step
    volume: Volume | None
    written: Step | None
    read: Step | None
    elsewhere: Step | None

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> VolumeRoundtrip:
        """Raises FormError."""
        fields = Fields("volume_roundtrip", data)

        def step(key: str) -> Step | None:
            return Step.from_plain(fields.fields(key)) if fields.has(key) else None

        return cls(
            storage_class=fields.text("storageClass"),
            bound=Step.from_plain(fields.fields("bound")),
            volume=Volume.from_plain(fields.fields("volume")) if fields.has("volume") else None,
            written=step("written"),
            read=step("read"),
            elsewhere=step("elsewhere"),
        )

    @property
    def resource(self) -> str:
        """What findings are about."""
        return f"storage class {self.storage_class}" if self.storage_class else _RESOURCE


def check_read_write_once(seen: VolumeRoundtrip) -> Iterator[Observation]:
    """Claims of the default class MUST be bound with ReadWriteOnce, and keep what a pod wrote.

    Source: scs-0211-v1, "Default storage class" (docs/standards/scs-0211.md#volumes-that-are-tried-out).
    """
    steps = (
        (seen.bound, "scs-0211/claim_is_bound", "a claim without a storage class is bound", "Bound"),
        (seen.written, "scs-0211/pod_writes", "a pod can write to the volume", "a file is written"),
        (seen.read, "scs-0211/pod_reads_again", "a new pod reads what was written", "the file that was written"),
    )
    for step, rule, title, expected in steps:
        if step is None:
            yield Undecided(seen.resource, "it did not come to that", kind=CauseKind.UNDECIDABLE)
            return
        if step.outcome == "done":
            continue
        yield _problem(seen, step, rule, title, expected, _PROVISIONER.format(name=seen.storage_class or "NAME"))
        return


def check_not_node_bound(seen: VolumeRoundtrip) -> Iterator[Observation]:
    """Volumes of the default class MUST NOT be bound to the lifecycle of a node.

    Source: scs-0211-v1, "Default storage class" (docs/standards/scs-0211.md#volumes-that-are-tried-out).
    """
    hint = _NETWORK.format(name=seen.storage_class or "the present one")
    if seen.volume is None:
        yield Undecided(seen.resource, f"there is no volume to look at: {seen.bound.said}", kind=seen.bound.kind)
        return
    if ties := seen.volume.ties:
        yield Finding(
            resource=seen.resource,
            rule="scs-0211/not_bound_to_node",
            title="volumes are not bound to a node",
            expected="a volume that other nodes can use",
            observed="; ".join(ties),
            hint=hint,
        )
        return
    step = seen.elsewhere
    if step is None:
        broken = next((one for one in (seen.read, seen.written) if one and one.outcome != "done"), None)
        reason = broken.said if broken else "it was not tried"
        yield Undecided(
            seen.resource, f"no data on another node: {reason}", kind=broken.kind if broken else CauseKind.UNDECIDABLE
        )
    elif step.outcome == "done":
        yield Remark(f"the data were read on another node ({step.node})", seen.resource, public=False)
    else:
        title = "another node reads what was written"
        yield _problem(seen, step, "scs-0211/other_node_reads", title, "the file that was written", hint)


def _problem(seen: VolumeRoundtrip, step: Step, rule: str, title: str, expected: str, hint: str) -> Observation:
    where = f" (on {step.node})" if step.node else ""
    if step.outcome == "undecided":
        return Undecided(seen.resource, f"{title}{where}: {step.said}", kind=step.kind)
    return Finding(
        resource=seen.resource,
        rule=rule,
        title=title,
        expected=expected,
        observed=f"{step.said}{where}",
        hint=hint,
    )
