# SPDX-License-Identifier: Apache-2.0
"""A claim without storage class: bound, written, read again, read on another node.

See docs/standards/scs-0211.md#volumes-that-are-tried-out.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from pytest_scs.base.words import shown
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.phase import doing
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes.belongings import claimed_namespace, metadata_of, part_of
from pytest_scs.platforms.kubernetes.client import Refused
from pytest_scs.platforms.kubernetes.listings import nodes
from pytest_scs.platforms.kubernetes.making import NotMade
from pytest_scs.platforms.kubernetes.probes import pods
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.standards.kaas.model import Node
from pytest_scs.standards.kaas.volumes import VolumeRoundtrip

#: Seconds that a claim has to be bound.
BIND = 300

#: Seconds that a claim without a class waits for one: a default that comes late is still given to it.
CLASSLESS = 20

#: What agnhost writes into a new file.
CONTENT = "mount-tester new file"

CLAIM = "scs-data"

#: Where the scheduler notes for which node a volume is to be made.
_CHOSEN_NODE = "volume.kubernetes.io/selected-node"

#: Events of pods that are about their volumes.
_OF_VOLUMES = ("FailedMount", "FailedAttachVolume", "FailedMapVolume", "VolumeResizeFailed", "VolumePermissionChange")

#: The keys of a volume's spec that are no sources.
_NO_SOURCES = frozenset(
    (
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    )
)

Plain = dict[str, Any]


def probe(probing: Probing) -> Plain:
    """What became of the claim and its data: the keys of :class:`VolumeRoundtrip`. Raises Inconclusive."""
    namespace = probing.janitor.namespace("0211", {"pod-security.kubernetes.io/enforce": "restricted"})
    try:
        found = _Trial(probing, namespace).run()
        probing.tell(found)
        return found
    finally:
        probing.janitor.discard(namespace)


class _Trial:
    """One claim, and the pods that use it."""

    def __init__(self, probing: Probing, namespace: str) -> None:
        self._probing = probing
        self._namespace = namespace
        self._file = f"/data/scs-{secrets.token_hex(4)}"
        self._seen: Plain = {"storageClass": ""}

    def run(self) -> Plain:
        """Go as far as it goes."""
        self._claim()
        pods.start(self._probing, self._namespace, "scs-writer", self._writer())
        self._seen["bound"] = self._bound()
        if self._seen["bound"]["outcome"] == "done":
            volume = self._volume()
            self._seen["volume"] = volume and _plain_volume(volume)
            self._seen["written"] = self._end_of("scs-writer")
            if self._seen["written"]["outcome"] == "done":
                self._read_again()
                self._seen["elsewhere"] = self._elsewhere(volume)
        return self._seen

    def _claim(self) -> None:
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        try:
            self._probing.janitor.create("persistentvolumeclaim", self._namespace, CLAIM, {"spec": spec})
        except NotMade as error:
            raise pods.not_admitted("a claim", error) from None

    def _writer(self) -> Plain:
        return pods.pod(self._probing, ["mounttest", f"--new_file_0644={self._file}"], claim=CLAIM)

    def _reader(self, node: str = "") -> Plain:
        return pods.pod(self._probing, ["mounttest", f"--file_content={self._file}"], claim=CLAIM, node=node)

    def _bound(self) -> Plain:
        """Whether the claim was bound, and if not, whose fault it is."""
        seconds = self._probing.patiently(BIND)
        doing("volume: its claim is to be bound", seconds)
        hopeless = _Hopeless(self._probing.patiently(CLASSLESS))
        claim = self._probing.janitor.wait(
            self._read_claim, lambda seen: _phase(seen) == "Bound" or hopeless(seen), seconds
        )
        self._seen["storageClass"] = str(_spec(claim).get("storageClassName") or "")
        if _phase(claim) == "Bound":
            return _step("done")
        events = pods.last_events(self._probing, self._namespace, CLAIM)
        waited = f"{_phase(claim) or 'no phase'} after {hopeless.passed:.0f} s"
        if self._waits_for_node(claim):
            # Nobody has been asked for a volume yet: a node has to be found for the pod first.
            found = pods.look(self._probing, self._namespace, "scs-writer")
            error = pods.not_running(self._probing, self._namespace, "scs-writer", found)
            return _step("undecided", f"the claim waits for its first pod, and {error}", error.kind)
        if not self._seen["storageClass"]:
            return _step("failed", f"{waited}: no class was given to it; {events}")
        return _step("failed", f"{waited}; {events}")

    def _waits_for_node(self, claim: Mapping[str, Any]) -> bool:
        """Whether a claim waits for a pod to be given to a node, which was not done."""
        if _CHOSEN_NODE in part_of(metadata_of(claim), "annotations"):
            return False
        events = pods.events_about(self._probing, self._namespace, CLAIM)
        reasons = {event.get("reason") for event in events}
        return "WaitForFirstConsumer" in reasons and not reasons & {"ExternalProvisioning", "ProvisioningFailed"}

    def _read_claim(self) -> Plain:
        method = "read_namespaced_persistent_volume_claim"
        answer = self._probing.client.call("CoreV1Api", method, CLAIM, self._namespace)
        return pods.own(answer, "PersistentVolumeClaim", self._namespace, CLAIM)

    def _volume(self) -> Plain | None:
        """The volume of the bound claim, which is to go with it; None if it may not be looked at."""
        name = str(_spec(self._read_claim()).get("volumeName") or "")
        try:
            answer = self._probing.client.call("CoreV1Api", "read_persistent_volume", name)
            volume = pods.own(answer, "PersistentVolume", "", name)
        except Refused as error:
            self._seen["bound"] |= {"said": f"the volume may not be looked at: {error}", "kind": str(error.kind)}
            return None
        if claimed_namespace(volume) != self._namespace:
            raise Inconclusive("the claim names a volume that is not its own", CauseKind.MALFORMED)
        self._probing.janitor.adopt_volume(volume)
        return volume

    def _read_again(self) -> None:
        """Read the data by a new pod, once the one that wrote them is gone."""
        pods.remove(self._probing, self._namespace, "scs-writer")
        pods.start(self._probing, self._namespace, "scs-reader", self._reader())
        self._seen["read"] = self._end_of("scs-reader", reads=True)

    def _elsewhere(self, volume: Plain | None) -> Plain | None:
        """Read the data on another node, if there is any sense in that; what goes wrong decides nothing else."""
        seen = VolumeRoundtrip.from_plain(self._seen)
        if (
            volume is None
            or seen.volume is None
            or seen.volume.ties
            or seen.read is None
            or seen.read.outcome != "done"
        ):
            return None
        try:
            pods.remove(self._probing, self._namespace, "scs-reader")
            return self._read_on_another(volume, self._seen["written"]["node"])
        except Inconclusive as error:
            return _step("undecided", str(error), error.kind)

    def _read_on_another(self, volume: Plain, first: str) -> Plain:
        """Read the data on a node that has not written them."""
        every = nodes.SECTION.typed(self._probing.inventory)
        others = [one for one in every if one.name != first and _takes_pods(one) and _reaches(volume, one)]
        if not others:
            return _step("undecided", _why_no_other(every, volume, first))
        node = others[0].name
        pods.start(self._probing, self._namespace, "scs-elsewhere", self._reader(node))
        return {**self._end_of("scs-elsewhere", reads=True), "node": node}

    def _end_of(self, name: str, *, reads: bool = False) -> Plain:
        """What became of a pod that writes or reads, and of its data."""
        patience = pods.Patience(self._probing)
        seconds = self._probing.patiently(pods.READY)
        doing(f"volume: pod {name} reads" if reads else f"volume: pod {name} writes", seconds)
        found = self._probing.janitor.wait(
            lambda: pods.look(self._probing, self._namespace, name),
            lambda seen: pods.has_run(seen) or patience.is_over(seen),
            seconds,
        )
        node = pods.node_of(found)
        end = pods.ended(found)
        if end.get("exitCode") == 0:
            return {**(self._content(name) if reads else _step("done")), "node": node}
        if end.get("exitCode") == 1 and not pods.trouble(found):
            return {**self._complaint(str(end.get("message") or "")), "node": node}
        problem = pods.trouble(found)
        if problem is None and (failed := self._volume_events(name)):
            return {**_step("failed", f"pod {name} does not run: {failed}"), "node": node}
        error = pods.not_running(self._probing, self._namespace, name, found)
        return {**_step("undecided", str(error), error.kind), "node": node}

    def _content(self, name: str) -> Plain:
        try:
            log = pods.log_of(self._probing, self._namespace, name)
        except Inconclusive as error:
            return _step("undecided", str(error), error.kind)
        if f'content of file "{self._file}"' not in log:
            return _step("undecided", f"the log of pod {name} does not tell what it read", CauseKind.MALFORMED)
        if CONTENT in log:
            return _step("done")
        return _step("failed", f"the file has another content: {shown(log.strip())}")

    def _complaint(self, message: str) -> Plain:
        """What a program says about a file that it could not write or read."""
        said = shown(message.strip() or "it does not say why")
        if "permission denied" in message.lower():
            # The pods are not root, and other pods may be: that is no fault of the volume's.
            return _step("undecided", f"user {pods.USER} may not use the volume: {said}", CauseKind.PERMISSION)
        if "error writing" in message or "error reading" in message:
            return _step("failed", said)
        return _step("undecided", said, CauseKind.MALFORMED)

    def _volume_events(self, name: str) -> str:
        events = pods.events_about(self._probing, self._namespace, name)
        found = [one for one in events if one.get("reason") in _OF_VOLUMES]
        return "; ".join(dict.fromkeys(f"{one.get('reason')}: {shown(str(one.get('message')))}" for one in found[-2:]))


class _Hopeless:
    """Whether a claim has no class for so long that none will come."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began = time.monotonic()

    @property
    def passed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def __call__(self, claim: Mapping[str, Any]) -> bool:
        return not _spec(claim).get("storageClassName") and self.passed >= self._seconds


def _step(outcome: str, said: str = "", kind: CauseKind = CauseKind.UNDECIDABLE) -> Plain:
    return {"outcome": outcome, "said": said, "node": "", "kind": str(kind)}


def _phase(claim: Mapping[str, Any]) -> str:
    status = claim.get("status")
    return str(status.get("phase") or "") if isinstance(status, Mapping) else ""


def _spec(found: Mapping[str, Any]) -> Mapping[str, Any]:
    spec = found.get("spec")
    return spec if isinstance(spec, Mapping) else {}


def _terms(volume: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    """The node selector terms of a volume, each with its expressions: one term has to hold, with all of these."""
    affinity = _spec(volume).get("nodeAffinity")
    required = affinity.get("required") if isinstance(affinity, Mapping) else None
    terms = required.get("nodeSelectorTerms") if isinstance(required, Mapping) else None
    return [
        [one for one in term.get("matchExpressions") or () if isinstance(one, Mapping)]
        for term in (terms if isinstance(terms, list) else ())
        if isinstance(term, Mapping)
    ]


def _plain_volume(volume: Mapping[str, Any]) -> Plain:
    spec = _spec(volume)
    sources = sorted(key for key in spec if key not in _NO_SOURCES)
    csi = spec.get("csi")
    affinity = [
        {"key": str(one.get("key")), "values": [str(value) for value in one.get("values") or ()]}
        for term in _terms(volume)
        for one in term
    ]
    return {
        "name": volume["metadata"]["name"],
        "sources": sources,
        "driver": str(csi.get("driver") or "") if isinstance(csi, Mapping) else "",
        "affinity": affinity,
    }


def _takes_pods(node: Node) -> bool:
    """Whether a node is there for pods like ours."""
    closed = any(taint.effect in ("NoSchedule", "NoExecute") for taint in node.taints)
    linux = node.labels.get("kubernetes.io/os", "linux") == "linux"
    return node.ready and not node.unschedulable and not closed and linux


def _reaches(volume: Mapping[str, Any], node: Node) -> bool:
    """Whether a volume can be used on a node, as its node affinity says: volumes of a zone are for the zone's nodes."""
    terms = _terms(volume)
    return not terms or any(all(_fits(one, node.labels) for one in term) for term in terms)


def _fits(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = str(expression.get("key")), expression.get("values") or ()
    match expression.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False


def _why_no_other(every: list[Node], volume: Mapping[str, Any], first: str) -> str:
    others = [one for one in every if one.name != first]
    if not others:
        return "the cluster has only one node"
    usable = [one for one in others if _takes_pods(one)]
    if not usable:
        return "no other node takes pods"
    keys = ", ".join(dict.fromkeys(str(one.get("key")) for term in _terms(volume) for one in term))
    return f"no other node that takes pods can use the volume, whose node affinity asks for {keys}"


SECTION: Section[VolumeRoundtrip] = Section(
    name="volume_roundtrip",
    words="a volume of the default storage class, written and read by pods",
    summary="What became of a claim without storage class, and of its data.",
    load=single(VolumeRoundtrip.from_plain),
    probe=probe,
    needs=("nodes",),
    lasts=60,
    creates="a namespace with a claim of 1 GiB and pods",
)
